"""What reaches a terminal: text with every control character escaped, on any encoding."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import TextIO

from neurograph.errors import shown

# How the signs of the arithmetic are written where the terminal's encoding lacks them.
_PLAIN_SIGNS = {
    "−": "-", "·": "*", "→": "->", "…": "...", "′": "'", "∂": "d", "δ": "delta", "—": "-", "─": "-",
    "█": "#", "░": ".",
}  # fmt: skip


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
    """Print an error or a note on standard error, escaped."""
    if sys.stderr is not None:
        say(f"neurograph: {text}", stream=sys.stderr)


def explain(error: Exception) -> str:
    """Say in one line, or a short list, what an error is about.

    >>> explain(FileNotFoundError(2, "No such file or directory", "net.json"))
    "'net.json': no such file or directory"
    """
    if not isinstance(error, OSError) or not error.strerror:
        return str(error) or type(error).__name__
    what = error.strerror[:1].lower() + error.strerror[1:]
    return what if error.filename is None else f"{shown(error.filename, 1000)}: {what}"


def prepare_streams() -> None:
    """Let streams whose encoding lacks a character print something plain, and keep both streams in step."""
    codecs.register_error("neurograph", _in_plain_signs)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="neurograph", line_buffering=True)


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks in the signs that it has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN_SIGNS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end


@contextlib.contextmanager
def notes() -> Iterator[None]:
    """Show the library's warnings as notes of one line, without the place in the code."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *place, **named: complain(f"note: {message}")
        yield


def leave_closed_pipe() -> None:
    """After the reader of our output went away: keep the interpreter from complaining at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except AttributeError:  # there is no such stream at all
            continue
