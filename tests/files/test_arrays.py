"""Arrays in a file come back bit for bit; whatever else such a file could hold is refused by name."""

import hashlib
import io
import random
import struct
import zipfile

import numpy as np
import pytest

from neurograph.errors import (
    ChecksumError,
    FileFormatError,
    LimitError,
    NeurographError,
    OptionError,
    UnsafeFileError,
)
from neurograph.files.arrays import CHECKSUM, DTYPES, MOST_MEMBERS, PackedArrays, pack_arrays

ARRAYS = {
    "about": np.frombuffer(b"a text", dtype=np.uint8),
    "X": np.arange(6.0).reshape(2, 3),
    "small": np.array([0.1, -0.0, 3e-45], dtype=np.float32),
    "counts": np.array([-1, 2**62], dtype=np.int64),
    "nothing": np.zeros(0),
    "odd": np.array([5e-324, -0.0, np.inf, np.nan, 1.797e308]),
}
DATA = pack_arrays(ARRAYS)


def opened(data, **options):
    return PackedArrays(data, name="the file", **options)


def npy(array, **header):
    """An .npy member as numpy writes it, with parts of its header replaced."""
    buffer = io.BytesIO()
    array = np.asarray(array)
    fields = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | header
    np.lib.format.write_array_header_1_0(buffer, fields)
    return buffer.getvalue() + array.tobytes()


def checksum(members):
    digest = hashlib.sha256()
    for name, content in members:
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return npy(np.frombuffer(digest.digest(), dtype=np.uint8))


def archive(members, *, method=zipfile.ZIP_STORED, comment=b"", sealed=True, change=None):
    """A zip archive of some members; the checksum is right, so that nothing but the rules refuses it."""
    members = list(members)
    if sealed:
        members.append((f"{CHECKSUM}.npy", checksum([(name.removesuffix(".npy"), c) for name, c in members])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.comment = comment
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            if change:
                change(info)
            file.writestr(info, content)
    return buffer.getvalue()


def refusal(data, **options):
    with pytest.raises(NeurographError) as caught:
        opened(data, **options)
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))
    assert "the file" in caught.value.where
    return caught.value


PLAIN = ("X.npy", npy(np.arange(3.0)))


def test_arrays_come_back_bit_for_bit_with_their_dtypes_shapes_and_order():
    packed = opened(DATA)
    assert packed.names == list(ARRAYS)
    for name, array in ARRAYS.items():
        found = packed.read(name)
        assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())
        assert (packed.dtype(name), packed.shape(name)) == (array.dtype.str, array.shape)
        assert found.flags.writeable


def test_the_same_arrays_give_the_same_bytes_at_any_time():
    assert pack_arrays(ARRAYS) == DATA


def test_arrays_in_any_layout_of_memory_are_written_alike():
    matrix = np.arange(12.0).reshape(3, 4)
    plain = pack_arrays({"X": matrix})
    assert pack_arrays({"X": np.asfortranarray(matrix)}) == plain
    assert pack_arrays({"X": matrix[::-1][::-1]}) == plain
    assert pack_arrays({"X": matrix.astype(">f8")}) == plain


def test_numpy_opens_such_a_file():
    with np.load(io.BytesIO(DATA), allow_pickle=False) as loaded:
        assert sorted(loaded.files) == sorted([*ARRAYS, CHECKSUM])
        assert loaded["X"].tobytes() == ARRAYS["X"].tobytes()


def test_a_file_that_numpy_packed_by_the_same_rules_is_read():
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert opened(archive([PLAIN], method=method)).read("X").tolist() == [0.0, 1.0, 2.0]


# ── what is no such file ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", FileFormatError, "empty"),
        (b"PK", FileFormatError, "cut off"),
        (b"\x80\x04\x95", UnsafeFileError, "a pickle"),
        (b"\x1f\x8b\x08\x00", UnsafeFileError, "a gzip archive"),
        (b"\x93NUMPY\x01\x00", UnsafeFileError, "no such file"),
        (b"{}", UnsafeFileError, "no such file"),
        (b"<html>" + DATA, UnsafeFileError, "no such file"),
        (DATA + b"<html>", FileFormatError, "stands after it"),
        (DATA + b"\0", FileFormatError, "stands after it"),
        (DATA + DATA, FileFormatError, "its end is missing"),
        (b"PK\x03\x04" * 20, FileFormatError, "its end is missing"),
        (archive([PLAIN], comment=b"<script>"), FileFormatError, "stands after it"),
    ],
)
def test_other_files_and_files_that_are_two_things_at_once_are_refused(data, error, message):
    found = refusal(data)
    assert type(found) is error
    assert message in str(found)


def test_a_file_cut_off_at_any_byte_is_refused():
    for length in range(len(DATA)):
        assert isinstance(refusal(DATA[:length]), FileFormatError)


def test_a_bit_flip_is_refused_or_changes_nothing():
    dice = random.Random(0)
    refused = 0
    for _ in range(3000):
        place = dice.randrange(len(DATA))
        data = bytearray(DATA)
        data[place] ^= 1 << dice.randrange(8)
        try:
            packed = opened(bytes(data))
        except NeurographError:
            refused += 1
            continue
        assert packed.names == list(ARRAYS)
        assert all(packed.read(name).tobytes() == ARRAYS[name].tobytes() for name in ARRAYS)
    assert refused > 2500


def test_two_changes_that_keep_the_archive_s_own_checksum_meet_ours():
    members = [PLAIN]
    forged = archive([*members, (f"{CHECKSUM}.npy", checksum([("X", b"other")]))], sealed=False)
    assert type(refusal(forged)) is ChecksumError
    assert type(refusal(archive(members, sealed=False))) is ChecksumError
    flipped = bytearray(DATA)
    flipped[DATA.index(b"a text")] ^= 1
    assert type(refusal(bytes(flipped))) is ChecksumError


# ── members ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["../../etc/x.npy", "/etc/x.npy", "a\\b.npy", "C:x.npy", "a/b.npy", "..npy", "x..npy"]
)
def test_names_of_files_elsewhere_are_unsafe(name):
    assert type(refusal(archive([(name, PLAIN[1])]))) is UnsafeFileError


@pytest.mark.parametrize(
    "name", ["evil.py", "X", "é.npy", "a b.npy", "1.npy", ".npy", "x\x1b[2J.npy", "x.NPY"]
)
def test_names_that_are_no_plain_words_are_refused(name):
    assert "has a member" in str(refusal(archive([(name, PLAIN[1])])))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused():
    assert "twice" in str(refusal(archive([PLAIN, PLAIN])))


def test_more_members_than_the_limit_are_refused():
    members = [(f"a{i}.npy", npy(np.zeros(1))) for i in range(MOST_MEMBERS + 1)]
    assert type(refusal(archive(members))) is LimitError


def test_other_ways_of_packing_and_encryption_are_refused():
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "encrypted, or packed" in str(refusal(archive([PLAIN], method=method)))
    encrypted = bytearray(archive([PLAIN]))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted, or packed" in str(refusal(bytes(encrypted)))


def test_extra_fields_and_comments_of_members_are_refused():
    for part in ("extra", "comment"):
        data = archive([PLAIN], change=lambda info, part=part: setattr(info, part, b"\x99\x99\x00\x00"))
        assert isinstance(refusal(data), FileFormatError)


def test_bytes_hidden_between_members_are_refused():
    data = archive([PLAIN])
    directory = data.index(b"PK\x01\x02")
    moved = bytearray(data[:directory] + b"<script>" + data[directory:])
    moved[-6:-2] = struct.pack("<I", directory + 8)
    assert "between" in str(refusal(bytes(moved)))


# ── headers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("array", "header", "error", "message"),
    [
        (np.zeros(3), {"descr": "|O"}, UnsafeFileError, "Python objects"),
        (np.zeros(3), {"shape": (2**40,)}, LimitError, "declares 8796093022208 bytes"),
        (np.zeros(0), {"shape": (0, 2**60)}, LimitError, "declares"),
        (np.zeros(3), {"shape": (4,)}, FileFormatError, "declares 32 and holds 24"),
        (np.zeros(4), {"shape": (3,)}, FileFormatError, "declares 24 and holds 32"),
        (np.zeros(3), {"shape": (-3,)}, FileFormatError, "plain array"),
        (np.zeros(1), {"shape": (True,)}, FileFormatError, "plain array"),
        (np.zeros(3), {"shape": (10**30,)}, FileFormatError, "plain array"),
        (np.zeros(1), {"shape": (1,) * 9}, FileFormatError, "plain array"),
        (np.zeros(3), {"fortran_order": True}, FileFormatError, "plain array"),
        (np.zeros(3), {"descr": ">f8"}, FileFormatError, "its dtype is '>f8'"),
        (np.zeros(3, "<f2"), {}, FileFormatError, "its dtype is '<f2'"),
        (np.zeros(3, "<c16"), {}, FileFormatError, "its dtype is '<c16'"),
        (np.zeros(3, "<U4"), {}, FileFormatError, "its dtype is '<U4'"),
        (np.zeros(3, "|S4"), {}, FileFormatError, "its dtype is '|S4'"),
        (np.zeros(3, "|b1"), {}, FileFormatError, "its dtype is '|b1'"),
        (np.zeros(3, "<M8[s]"), {}, FileFormatError, "its dtype is '<M8[s]'"),
        (np.zeros(3), {"descr": [("a", "<f8")]}, FileFormatError, "plain array"),
    ],
)  # fmt: skip
def test_headers_that_do_not_speak_of_plain_numbers_of_this_size_are_refused(array, header, error, message):
    found = refusal(archive([("X.npy", npy(array, **header))]))
    assert type(found) is error
    assert message in str(found).replace(" bytes and", " and") or message in str(found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04]",
        b"\x93NUMPY\x02\x00" + PLAIN[1][8:],
        PLAIN[1][:9],
        PLAIN[1][:40],
        b"\x93NUMPY\x01\x00\xff\xff" + PLAIN[1][10:],
        PLAIN[1].replace(b"False", b"eval("),
    ],
)
def test_members_that_are_no_arrays_are_refused(content):
    assert isinstance(refusal(archive([("X.npy", content)])), FileFormatError)


# ── bombs ────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_that_unpacks_to_hundreds_of_times_its_size_is_refused_before_it_is_unpacked():
    bomb = archive([("X.npy", npy(np.zeros(2**18)))], method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10_000
    found = refusal(bomb)
    assert type(found) is LimitError
    assert ":1" in str(found)


def test_a_bomb_that_lies_about_its_size_is_never_unpacked_beyond_it():
    data = bytearray(archive([("X.npy", npy(np.zeros(2**18)))], method=zipfile.ZIP_DEFLATED))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + offset
        data[place : place + 4] = struct.pack("<I", 1000)
    assert isinstance(refusal(bytes(data)), FileFormatError)


def test_more_bytes_than_allowed_are_refused_by_the_name_of_the_argument():
    assert "most_bytes" in str(refusal(DATA, most_bytes=1000))
    with pytest.raises(OptionError, match="most_bytes"):
        opened(DATA, most_bytes=0)


def test_too_much_for_one_file_is_refused_when_it_is_packed(monkeypatch):
    monkeypatch.setattr("neurograph.files.arrays.MOST_BYTES", 1000)
    with pytest.raises(LimitError):
        pack_arrays(ARRAYS)


def test_random_bytes_behind_a_good_beginning_give_no_other_errors():
    dice = random.Random(1)
    for _ in range(2000):
        data = bytearray(DATA)
        for _ in range(dice.randrange(1, 8)):
            start = dice.randrange(len(data))
            data[start : start + dice.randrange(4)] = dice.randbytes(dice.randrange(4))
        try:
            packed = opened(bytes(data))
        except NeurographError:
            continue
        assert all(packed.read(name).tobytes() == ARRAYS[name].tobytes() for name in ARRAYS)


def test_the_table_of_dtypes_is_closed():
    assert set(DTYPES) == {"<f8", "<f4", "<i8", "|u1"}
