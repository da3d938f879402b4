"""Named arrays in one file: an npz archive of the plainest kind, with a checksum inside.

Such a file is a zip archive of ``.npy`` members, which ``numpy.load`` opens too. The reader takes only
what the writer could have meant: flat names, plain dtypes, no objects, no compression beyond reason,
nothing before, between or after the members. All sizes are checked before an array is made. The
checksum finds accidents; who can write the file can write a checksum, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import (
    ChecksumError,
    FileFormatError,
    LimitError,
    NeurographError,
    UnsafeFileError,
    shown,
    shown_list,
)
from neurograph.files.problems import beyond_limit, check_limit, one_problem
from neurograph.files.reading import unsafe_kind

DTYPES: Mapping[str, Any] = MappingProxyType(
    {"<f8": np.float64, "<f4": np.float32, "<i8": np.int64, "|u1": np.uint8}
)
"""The dtypes that a file may hold, as their ``.npy`` header writes them."""

MOST_BYTES = 2 * 2**30
MOST_MEMBERS = 64
MOST_RATIO = 200  # unpacked to packed, for members above a mebibyte
CHECKSUM = "sha256"

_SMALL = 2**20
_ANY_DATE = (1980, 1, 1, 0, 0, 0)  # of every member: a file tells nothing of the clock
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"
_END = struct.Struct("<4s4H2IH")  # the end record of a zip archive, without comment
_LOCAL_HEADER, _LIST_ENTRY = 30, 128  # bytes: before a member; at most, of its entry in the list
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,60})\.npy")
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    r"\{'descr': '([^'\\]{1,20})', 'fortran_order': False, "
    r"'shape': \(((?:[0-9]{1,19}, ?){0,4}(?:[0-9]{1,19})?)\), \} *\n"
)


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write named arrays as the content of a file, with a checksum over all of them.

    Parameters
    ----------
    arrays : mapping of str to array
        In the order in which they are to stand. Names are plain words; dtypes are those of ``DTYPES``.

    Returns
    -------
    bytes

    Raises
    ------
    LimitError
        If they take more than ``MOST_BYTES``.

    Examples
    --------
    >>> data = pack_arrays({"weights": np.array([0.5, -0.25])})
    >>> PackedArrays(data, name="the file").read("weights")
    array([ 0.5 , -0.25])
    """
    members = {name: _npy(array) for name, array in arrays.items()}
    members[CHECKSUM] = _npy(_digest(members))
    size = sum(map(len, members.values()))
    if size > MOST_BYTES:
        raise beyond_limit(f"takes {size} bytes", where="the file", argument="most_bytes", most=MOST_BYTES)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _ANY_DATE), content)
    return buffer.getvalue()


class Member(NamedTuple):
    """One array of a file that is not made yet: its content as bytes, and what its header says."""

    content: bytes
    start: int
    dtype: str
    shape: tuple[int, ...]


class PackedArrays:
    """The arrays of a file, every one of them checked against its header, all against their checksum.

    Parameters
    ----------
    data : bytes
        The content of the file.
    name : str
        How messages name it.
    most_bytes : int
        How much its members may take, unpacked.

    Raises
    ------
    UnsafeFileError
        If it is no such file at all, or has members that no reader of arrays should touch: objects,
        names of files elsewhere.
    LimitError
        If it is larger than the limits, or says it is.
    ChecksumError
        If its content is not what was written.
    FileFormatError
        If it breaks any other rule.

    Examples
    --------
    >>> PackedArrays(pack_arrays({"losses": np.zeros(3)}), name="the file").shape("losses")
    (3,)
    """

    def __init__(self, data: bytes, *, name: str, most_bytes: int = MOST_BYTES) -> None:
        check_limit("most_bytes", most_bytes)
        self.name = name
        with _translated(name):
            self._members = dict(_read_members(data, name, most_bytes))
        content = {member: self._members[member].content for member in self._members}
        stored = self.read(CHECKSUM) if content.pop(CHECKSUM, None) is not None else None
        if stored is None or stored.tobytes() != _digest(content).tobytes():
            raise _damaged(name, "its content does not match its checksum", ChecksumError)

    @property
    def names(self) -> list[str]:
        """The arrays, in the order of the file."""
        return [name for name in self._members if name != CHECKSUM]

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array."""
        return self._members[name].shape

    def dtype(self, name: str) -> str:
        """The dtype of an array, as in ``DTYPES``."""
        return self._members[name].dtype

    def read(self, name: str) -> NDArray[Any]:
        """Make an array."""
        member = self._members[name]
        flat = np.frombuffer(member.content, dtype=member.dtype, offset=member.start)
        return flat.reshape(member.shape).astype(DTYPES[member.dtype])  # a copy, in the machine's byte order


def _npy(array: NDArray[Any]) -> bytes:
    """Write an array as the content of an ``.npy`` file, version 1.0."""
    dtype = np.dtype(array.dtype).newbyteorder("<")
    header = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {array.shape}, }}"
    header += " " * (-(len(_MAGIC) + 2 + len(header) + 1) % 64) + "\n"
    content = np.ascontiguousarray(array, dtype=dtype).tobytes()
    return _MAGIC + struct.pack("<H", len(header)) + header.encode("ascii") + content


def _digest(members: Mapping[str, bytes]) -> NDArray[np.uint8]:
    """The SHA-256 of all names and contents, each with its length."""
    checksum = hashlib.sha256()
    for name, content in members.items():
        checksum.update(f"{name} {len(content)}\n".encode())
        checksum.update(content)
    return np.frombuffer(checksum.digest(), dtype=np.uint8)


def _read_members(data: bytes, name: str, most_bytes: int) -> Iterator[tuple[str, Member]]:
    end = _check_ends(data, name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        _check_infos(infos, end, name, most_bytes)
        for info in infos:
            member = info.filename.removesuffix(".npy")
            with archive.open(info) as stream:
                content = stream.read(info.file_size)  # never more, whatever is packed in there
            yield member, _read_header(content, f"{name}, {info.filename}", most_bytes)


def _check_ends(data: bytes, name: str) -> int:
    """Check that an archive begins at the first byte and ends at the last; return where its list begins."""
    if not data.startswith(_FIRST):
        _refuse_other_files(data, name)
    if len(data) >= _END.size:
        mark, disk, first_disk, here, count, size, start, comment = _END.unpack(data[-_END.size :])
        whole = (mark, disk, first_disk, comment) == (_LAST, 0, 0, 0) and here == count
        if whole and start + size == len(data) - _END.size:
            if max(count, size // _LIST_ENTRY) > MOST_MEMBERS:
                raise _too_many(f"has {count} members or more", name, MOST_MEMBERS)
            return int(start)
    raise _damaged(name, "its end is missing, or something stands after it")


def _refuse_other_files(data: bytes, name: str) -> None:
    if not data:
        raise _damaged(name, "it is empty")
    if data == _FIRST[: len(data)]:
        raise _damaged(name, "it is cut off")
    raise one_problem(
        UnsafeFileError,
        f"this is {unsafe_kind(data) or f'no such file: it begins with {shown(data[:8])[1:]}'}",
        code="unsafe-file",
        where=name,
        expected="a file that neurograph wrote, which begins with 'PK'",
        fix="name such a file",
    )


def _check_infos(infos: list[zipfile.ZipInfo], end: int, name: str, most_bytes: int) -> None:
    """Check the list of members before anything is unpacked."""
    place, size = 0, 0
    for info in infos:
        _check_name(info.filename, name)
        where = f"{name}, {info.filename}"
        plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if info.flag_bits or not plain or info.extra or info.comment:
            raise _damaged(where, "it is encrypted, or packed in another way than zip's usual one")
        if info.header_offset != place:
            raise _damaged(where, "it does not follow the member before it")
        place += _LOCAL_HEADER + len(info.filename) + info.compress_size
        size += info.file_size
        ratio = info.file_size / max(1, info.compress_size)
        if info.file_size > _SMALL and ratio > MOST_RATIO:
            raise _too_many(f"unpacks {ratio:.0f}:1", where, MOST_RATIO)
    if size > most_bytes:
        raise beyond_limit(f"unpacks to {size} bytes", where=name, argument="most_bytes", most=most_bytes)
    if place != end:
        raise _damaged(name, "something stands between its members and their list")
    twice = {info.filename for info in infos if [other.filename for other in infos].count(info.filename) > 1}
    if twice:
        raise _damaged(name, f"has {shown_list(sorted(twice))} twice")


def _check_name(filename: str, name: str) -> None:
    if _NAME.fullmatch(filename):
        return
    elsewhere = any(sign in filename for sign in ("/", "\\", ":", ".."))
    raise one_problem(
        UnsafeFileError if elsewhere else FileFormatError,
        f"has a member {shown(filename)}",
        code="unsafe-file" if elsewhere else "unknown-member",
        where=name,
        expected="members with plain names that end in .npy",
        fix="use a file that neurograph wrote",
    )


def _read_header(content: bytes, where: str, most_bytes: int) -> Member:
    """Read the header of an ``.npy`` member, and check that it speaks of the bytes that follow it."""
    if not content.startswith(_MAGIC) or len(content) < len(_MAGIC) + 2:
        raise _damaged(where, "it is no array of .npy version 1.0")
    (length,) = struct.unpack_from("<H", content, len(_MAGIC))
    start = len(_MAGIC) + 2 + length
    found = _HEADER.fullmatch(content[len(_MAGIC) + 2 : start].decode("latin-1"))
    if not found:
        raise _damaged(where, "its header is not that of a plain array")
    dtype, shape = found[1], tuple(int(side) for side in found[2].split(",") if side.strip())
    if dtype == "|O":
        raise _objects(where)
    if dtype not in DTYPES:
        raise _damaged(where, f"its dtype is {shown(dtype)}, none of {shown_list(DTYPES)}")
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if max((size, *shape)) > most_bytes:
        raise beyond_limit(f"declares {size} bytes", where=where, argument="most_bytes", most=most_bytes)
    if start + size != len(content):
        raise _damaged(where, f"declares {size} bytes and holds {len(content) - start}")
    return Member(content, start, dtype, shape)


def _objects(where: str) -> NeurographError:
    return one_problem(
        UnsafeFileError,
        "holds Python objects, which only a pickle could bring back",
        code="unsafe-file",
        where=where,
        expected="numbers",
        fix="use a file that neurograph wrote",
    )


def _too_many(what: str, where: str, most: int) -> NeurographError:
    return one_problem(
        LimitError, what, code="too-large", where=where, expected=f"{most} at most", fix="use another file"
    )


def _damaged(where: str, what: str, error: type[NeurographError] = FileFormatError) -> NeurographError:
    return one_problem(
        error,
        what,
        code="checksum" if error is ChecksumError else "damaged-file",
        where=where,
        expected="a file as neurograph wrote it",
        fix="use another copy of the file",
    )


_REFUSALS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, NotImplementedError,
    EOFError, ValueError, RuntimeError, KeyError, OverflowError, OSError,
)  # fmt: skip
"""All that zipfile was seen to raise over a broken archive that is in memory."""


@contextlib.contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except NeurographError:
        raise
    except _REFUSALS as error:
        checksum = "CRC-32" in str(error)
        what = f"is no sound archive: {shown(str(error))[1:-1]}"
        raise _damaged(name, what, ChecksumError if checksum else FileFormatError) from error
