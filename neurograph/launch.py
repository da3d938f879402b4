"""A Ctrl-C while the command is still being imported ends it without a word, with exit code 130.

The package imports this first. In any program but the command ``neurograph`` it does nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

INTERRUPTED = 130


def is_command(script: str, words: Sequence[str]) -> bool:
    """Whether these, the first of ``sys.argv`` and all of ``sys.orig_argv``, are those of the command.

    >>> is_command("/usr/bin/neurograph", ["/usr/bin/python", "/usr/bin/neurograph", "check"])
    True
    >>> is_command("-m", ["/usr/bin/python", "-m", "neurograph", "check"])
    True
    >>> is_command("learn.py", ["/usr/bin/python", "learn.py", "neurograph"])
    False
    """
    if script == "-m":  # as long as Python looks for the module
        return any(word.partition(".")[0] in ("neurograph", "-mneurograph") for word in words)
    return os.path.splitext(os.path.basename(script))[0] == "neurograph"


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if is_command((sys.argv or [""])[0], sys.orig_argv) and (
    signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, _leave)
