"""What reaches a terminal: text with every control character escaped, on any encoding."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO


def safe(text: str) -> str:
    """Escape every character but the newline that could control a terminal or turn its text around.

    >>> safe("a\\x1b[31m\\nb")
    'a\\\\x1b[31m\\nb'
    """
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def say(text: object = "", *, stream: TextIO | None = None) -> None:
    """Print a text, escaped."""
    print(safe(str(text)), file=stream or sys.stdout)


def complain(text: object) -> None:
    """Print an error on standard error, escaped."""
    say(f"neurograph: {text}", stream=sys.stderr)


def prepare_streams() -> None:
    """Let streams whose encoding lacks a character print its escape, and keep both streams in step."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace", line_buffering=True)


def leave_closed_pipe() -> None:
    """After the reader of standard output went away: keep the interpreter from complaining at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
