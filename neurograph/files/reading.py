"""From a path to text without surprises: regular files only, size first, no pickles, no archives, UTF-8."""

from __future__ import annotations

import os
import re
import stat
from typing import BinaryIO

from neurograph.errors import FileFormatError, NeurographError, OptionError, UnsafeFileError, shown
from neurograph.files.problems import beyond_limit, check_limit, one_problem

MOST_BYTES = 256 * 2**20
_CHUNK = 2**20

# Where a name can lead to a device or a pipe, opening it must neither wait nor take over a terminal.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)

_FILE_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)

_UNSAFE = (
    ("a pickle", re.compile(rb"\x80")),
    ("a pickle", re.compile(rb"(?:\([dl]p?\d*\n|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n)(?=.*\.\Z)", re.DOTALL)),
    ("a gzip archive", re.compile(rb"\x1f\x8b")),
    ("a bzip2 archive", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")),
    ("a zstd archive", re.compile(rb"\x28\xb5\x2f\xfd")),
    ("an xz archive", re.compile(rb"\xfd7zXZ\x00")),
    ("a zip archive", re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")),
)
"""What is never opened, by its first bytes; a text pickle also by its last."""


def path_text(path: str | os.PathLike[str]) -> str:
    """Return a path as text, or raise where no file can have such a name.

    >>> path_text("net.json")
    'net.json'
    """
    try:
        text = os.fspath(path)
        if isinstance(text, str) and text and b"\0" not in os.fsencode(text):
            return text
    except (TypeError, ValueError):
        pass
    raise OptionError(
        f"got {shown(path)}",
        code="bad-path",
        where="path",
        expected="the name of a file, as a string or a path",
        fix="give a name such as 'net.json'",
    )


def path_shown(path: str | os.PathLike[str]) -> str:
    """Write a path for a message, on one line; the name of the file is at its end, so it is not cut at 80.

    >>> path_shown("net.json")
    "'net.json'"
    """
    return shown(path_text(path), most=1000)


def read_bytes(path: str | os.PathLike[str], *, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a regular file whole, its size checked before the first byte is read.

    Parameters
    ----------
    path : str or path
        The file.
    most_bytes : int
        How large it may be.

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        If it is not there or may not be read.
    FileFormatError
        If it is a directory, a pipe, a device or a socket.
    LimitError
        If it is larger than ``most_bytes``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "note.txt")
    ...     _ = file.write_text("abc")
    ...     read_bytes(file, most_bytes=3)
    b'abc'
    """
    check_limit("most_bytes", most_bytes)
    name = path_shown(path)
    descriptor = os.open(path_text(path), _FLAGS)
    try:
        found = os.fstat(descriptor)
        _require_regular(found.st_mode, name)
        if found.st_size > most_bytes:
            raise _too_many_bytes(name, found.st_size, most_bytes)
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as stream:
            return read_stream(stream, name=name, most_bytes=most_bytes)
    finally:
        os.close(descriptor)


def read_stream(stream: BinaryIO, *, name: str, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a stream of bytes to its end, such as the standard input, and stop where it is too long.

    Parameters
    ----------
    stream : binary file
        Where to read.
    name : str
        How messages name it.
    most_bytes : int
        How long it may be.

    Returns
    -------
    bytes

    Raises
    ------
    LimitError
        If it is longer than ``most_bytes``.

    Examples
    --------
    >>> import io
    >>> read_stream(io.BytesIO(b"{}"), name="standard input")
    b'{}'
    """
    check_limit("most_bytes", most_bytes)
    pieces = []
    left = most_bytes + 1
    while left and (piece := stream.read(min(left, _CHUNK))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise _too_many_bytes(name, most_bytes + 1, most_bytes)
    return b"".join(pieces)


def decode(
    data: str | bytes,
    *,
    name: str,
    most_bytes: int = MOST_BYTES,
    error: type[NeurographError] = FileFormatError,
) -> str:
    """Return what a file holds as text: strict UTF-8, with or without a byte order mark, without NUL.

    Parameters
    ----------
    data : bytes or str
        The content. Text goes through the same checks.
    name : str
        How messages name it.
    most_bytes : int
        How long it may be.
    error : type
        The class of the error for bytes that are no such text.

    Returns
    -------
    str

    Raises
    ------
    UnsafeFileError
        If it is a pickle or an archive, whatever the name of the file says.
    LimitError
        If it is longer than ``most_bytes``.
    FileFormatError
        If it is no such text; the message names the byte, counted from 0.

    Examples
    --------
    >>> decode(b"gr\\xfc\\xdfe", name="the file")
    Traceback (most recent call last):
    neurograph.errors.FileFormatError: the file, byte 2: is not UTF-8; expected text in UTF-8. \
Fix: save the file again, as UTF-8.
    """
    check_limit("most_bytes", most_bytes)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if not isinstance(data, bytes):
        raise OptionError(
            f"got a {type(data).__name__}",
            code="bad-text",
            where="text",
            expected="a string or bytes",
            fix="give the content of the file",
        )
    if len(data) > most_bytes:
        raise _too_many_bytes(name, len(data), most_bytes)
    _refuse_unsafe(data, name)
    return _as_utf8(data, name, error)


def _as_utf8(data: bytes, name: str, error: type[NeurographError]) -> str:
    at, what = data.find(b"\0"), "is NUL"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        at, what, text = wrong.start, "is not UTF-8", ""
    if at < 0:
        return text.removeprefix("\ufeff")
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2].count(0) == 1
    raise one_problem(
        error,
        f"{what}; the file looks like UTF-16" if utf16 else what,
        code="bad-encoding",
        where=f"{name}, byte {at}",
        expected="text in UTF-8",
        fix="save the file again, as UTF-8",
    )


def unsafe_kind(data: bytes) -> str:
    """Say which kind of file that is never opened some bytes are; empty for all others.

    >>> unsafe_kind(bytes([0x1F, 0x8B, 8]))
    'a gzip archive'
    """
    return next((what for what, start in _UNSAFE if start.match(data)), "")


def _refuse_unsafe(data: bytes, name: str) -> None:
    what = unsafe_kind(data)
    if what:
        raise one_problem(
            UnsafeFileError,
            f"this is {what}; neurograph never opens {what.split()[-1]}s",
            code="unsafe-file",
            where=name,
            expected="plain text",
            fix="save the network with neurograph.save, or unpack the file yourself if you trust it",
        )


def _require_regular(mode: int, name: str) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((kind for is_kind, kind in _FILE_KINDS if is_kind(mode)), "no file")
    raise one_problem(
        FileFormatError,
        f"is {kind}",
        code="not-a-file",
        where=name,
        expected="a regular file",
        fix="name a file",
    )


def _too_many_bytes(name: str, size: int, most: int) -> NeurographError:
    return beyond_limit(f"has {size} bytes or more", where=name, argument="most_bytes", most=most)
