"""Whatever happens while a file is written, there is the old file or the new one, and nothing beside it."""

import errno
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
from privileges import without_privileges

import neurograph as ng
from neurograph.files import load, save
from neurograph.files.atomic import sweep, write_bytes
from neurograph.files.reading import read_bytes

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs modes and links of Unix")


class Interrupted(BaseException):
    """Like Ctrl-C: no Exception."""


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def failing(function, calls_before, error):
    """Return the function, but raising after some calls."""
    left = [calls_before]

    def fail(*args, **kwargs):
        if left[0] == 0:
            raise error
        left[0] -= 1
        return function(*args, **kwargs)

    return fail


FAULTS = [
    (name, OSError(errno.ENOSPC, "no space")) for name in ("open", "write", "fsync", "close", "replace")
]
FAULTS += [(name, Interrupted()) for name in ("write", "fsync", "replace")]
FAULTS += [("chmod", PermissionError(errno.EPERM, "not yours"))]


@pytest.mark.parametrize(("name", "error"), FAULTS)
def test_a_fault_at_any_step_leaves_the_old_file_and_nothing_else(name, error, tmp_path, monkeypatch):
    file = tmp_path / "net.json"
    file.write_bytes(b"old")
    real = getattr(os, name)
    monkeypatch.setattr(os, name, failing(real, 0, error))
    with pytest.raises(type(error)):
        write_bytes(file, b"new" * 1000)
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["net.json"]


@pytest.mark.parametrize(("name", "error"), FAULTS[:-1])
def test_a_fault_while_a_new_file_is_written_leaves_nothing(name, error, tmp_path, monkeypatch):
    monkeypatch.setattr(os, name, failing(getattr(os, name), 0, error))
    with pytest.raises(type(error)):
        write_bytes(tmp_path / "net.json", b"new")
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_a_fault_after_some_bytes_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "net.json"
    file.write_bytes(b"old")
    real = os.write
    slow = lambda descriptor, data: real(descriptor, data[:3])  # noqa: E731 - a disk that takes a little at a time
    monkeypatch.setattr(os, "write", failing(slow, 5, OSError(errno.ENOSPC, "no space")))
    with pytest.raises(OSError, match="no space"):
        write_bytes(file, b"0123456789" * 10)
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["net.json"]
    monkeypatch.setattr(os, "write", slow)
    write_bytes(file, b"0123456789" * 10)
    assert file.read_bytes() == b"0123456789" * 10


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_where_folders_cannot_be_synced_that_step_is_skipped(number, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(os.fsync, 1, OSError(number, "not for folders")))
    write_bytes(tmp_path / "net.json", b"new")
    assert (tmp_path / "net.json").read_bytes() == b"new"


def test_a_failure_to_sync_the_folder_is_told_and_the_new_file_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(os.fsync, 1, OSError(errno.EIO, "broken disk")))
    with pytest.raises(OSError, match="broken disk"):
        write_bytes(tmp_path / "net.json", b"new")
    assert (tmp_path / "net.json").read_bytes() == b"new"
    assert names(tmp_path) == ["net.json"]


def test_the_bytes_reach_the_disk_before_the_name_changes(tmp_path, monkeypatch):
    steps = []
    for name in ("write", "fsync", "close", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, real=real, name=name: (steps.append(name), real(*args))[1]
        )
    write_bytes(tmp_path / "net.json", b"new")
    assert steps[:4] == ["write", "fsync", "close", "replace"]


def test_the_temporary_file_lies_in_the_same_folder_under_a_name_of_its_own(tmp_path, monkeypatch):
    seen = []
    real = os.replace
    monkeypatch.setattr(os, "replace", lambda old, new: (seen.append(old), real(old, new)))
    for _ in range(2):
        write_bytes(tmp_path / "net.json", b"new")
    assert {os.path.dirname(old) for old in seen} == {str(tmp_path.resolve())}
    first, second = (os.path.basename(old) for old in seen)
    assert first != second
    assert first.startswith(f".net.json.{os.getpid()}.")
    assert first.endswith(".tmp")


@unix_only
def test_the_mode_of_an_old_file_is_kept_and_a_new_one_has_the_usual_mode(tmp_path):
    (tmp_path / "plain.txt").write_text("as open makes it")
    write_bytes(tmp_path / "new.txt", b"new")
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
    for mode in (0o600, 0o640, 0o664, 0o777):
        (tmp_path / "new.txt").chmod(mode)
        write_bytes(tmp_path / "new.txt", b"newer")
        assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == mode


@unix_only
def test_the_content_of_a_private_file_is_never_readable_by_others(tmp_path, monkeypatch):
    (tmp_path / "net.json").write_bytes(b"old")
    (tmp_path / "net.json").chmod(0o600)
    modes = []
    real = os.write
    monkeypatch.setattr(
        os,
        "write",
        lambda descriptor, data: (modes.append(os.fstat(descriptor).st_mode), real(descriptor, data))[1],
    )
    write_bytes(tmp_path / "net.json", b"new")
    assert {stat.S_IMODE(mode) for mode in modes} == {0o600}


@unix_only
def test_saving_over_a_symbolic_link_writes_what_it_points_to(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "real.json").write_bytes(b"old")
    (tmp_path / "link.json").symlink_to(tmp_path / "far" / "real.json")
    save(ng.example_network(), tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert len(load(tmp_path / "far" / "real.json")) == 9
    assert names(tmp_path / "far") == ["real.json"]
    (tmp_path / "far" / "real.json").unlink()
    save(ng.example_network(), tmp_path / "link.json")
    assert len(load(tmp_path / "far" / "real.json")) == 9


@unix_only
def test_links_in_a_circle_directories_and_pipes_are_refused_and_stay(tmp_path):
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    before = names(tmp_path)
    for name in before:
        with pytest.raises(OSError, match=name.replace(".", r"\.")):
            save(ng.example_network(), tmp_path / name)
    assert names(tmp_path) == before
    assert (tmp_path / "loop.json").is_symlink()


@unix_only
def test_a_device_is_never_replaced_by_a_file():
    with pytest.raises(OSError, match="not a regular file"):
        write_bytes(os.devnull, b"new")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_folder_that_is_not_there_is_an_ordinary_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(ng.example_network(), tmp_path / "absent" / "net.json")
    assert names(tmp_path) == []


@unix_only
def test_a_read_only_file_or_folder_is_an_ordinary_os_error():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "net.json").write_bytes(b"old")
        folder.chmod(0o777)
        (folder / "net.json").chmod(0o444)
        with without_privileges(), pytest.raises(PermissionError):
            save(ng.example_network(), folder / "net.json")
        (folder / "net.json").chmod(0o666)
        folder.chmod(0o555)
        with without_privileges(), pytest.raises(PermissionError):
            save(ng.example_network(), folder / "net.json")
        folder.chmod(0o755)
        assert (folder / "net.json").read_bytes() == b"old"
        assert names(folder) == ["net.json"]


def test_a_file_that_says_it_is_read_only_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "net.json").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"net\.json"):
        write_bytes(tmp_path / "net.json", b"new")
    assert names(tmp_path) == ["net.json"]


@pytest.mark.parametrize(
    "name", ["x" * 250 + ".json", "数" * 80 + ".json", ".json", "--help.json", "a\nb.json"]
)
def test_a_name_of_any_kind_is_written(name, tmp_path):
    write_bytes(tmp_path / name, b"new")
    assert names(tmp_path) == [name]


@unix_only
def test_a_name_that_is_not_utf8_is_written_and_read(tmp_path):
    name = os.fsdecode(b"net-\xff.json")
    save(ng.example_network(), tmp_path / name)
    assert len(load(tmp_path / name)) == 9


@unix_only
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    code = """
        import errno, resource, sys
        import neurograph as ng
        from neurograph.files import save
        save(ng.example_network(), sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            save(ng.mlp([20, 20, 20], seed=0), sys.argv[1])
        except OSError as error:
            print(errno.errorcode[error.errno])
    """
    file = tmp_path / "net.json"
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["EFBIG"]
    assert list(load(file)) == list(ng.example_network())
    assert names(tmp_path) == ["net.json"]


def test_readers_and_writers_at_once_see_whole_files_only(tmp_path):
    file = tmp_path / "net.json"
    contents = [bytes([65 + i]) * 200_000 for i in range(4)]
    write_bytes(file, contents[0])
    threads = [
        threading.Thread(target=lambda data=data: [write_bytes(file, data) for _ in range(10)])
        for data in contents
    ]
    for thread in threads:
        thread.start()
    seen = set()
    while any(thread.is_alive() for thread in threads):
        seen.add(read_bytes(file))
    assert seen <= set(contents)
    assert names(tmp_path) == ["net.json"]


def test_what_is_read_back_must_be_what_was_written_where_that_is_asked_for(tmp_path, monkeypatch):
    file = tmp_path / "net.json"
    for data in (b"", b"x", b"ab" * 2**20):
        write_bytes(file, data, verify=True)
        assert file.read_bytes() == data
    real = os.write
    for spoiled in (lambda data: bytes(len(data)), lambda data: bytes(data) + b"!"):
        monkeypatch.setattr(
            os, "write", lambda fd, data, spoiled=spoiled: min(real(fd, spoiled(data)), len(data))
        )
        with pytest.raises(OSError, match="not what was written"):
            write_bytes(file, b"new", verify=True)
        monkeypatch.undo()
        assert file.read_bytes() == b"ab" * 2**20
        assert names(tmp_path) == ["net.json"]


def test_the_old_file_is_kept_under_another_name_where_that_is_asked_for(tmp_path):
    file, older = tmp_path / "net.json", tmp_path / "older.json"
    for data in (b"1", b"2", b"3"):
        write_bytes(file, data, keep_old_as=str(older))
    assert (file.read_bytes(), older.read_bytes()) == (b"3", b"2")
    assert names(tmp_path) == ["net.json", "older.json"]


def test_a_fault_while_the_old_file_is_kept_leaves_both(tmp_path, monkeypatch):
    file, older = tmp_path / "net.json", tmp_path / "older.json"
    for data in (b"1", b"2"):
        write_bytes(file, data, keep_old_as=str(older))
    for calls in (0, 1):
        monkeypatch.setattr(os, "replace", failing(os.replace, calls, OSError(errno.EIO, "broken disk")))
        with pytest.raises(OSError, match="broken disk"):
            write_bytes(file, b"3", keep_old_as=str(older))
        monkeypatch.undo()
        assert file.read_bytes() == b"2"
        assert older.read_bytes() == (b"1", b"2")[calls]
        assert names(tmp_path) == ["net.json", "older.json"]


def test_litter_goes_when_its_writer_is_gone_and_it_is_an_hour_old(tmp_path):
    litter = tmp_path / f".net.json.{2**22 + 1}.0123456789abcdef.tmp"
    litter.write_bytes(b"")
    assert sweep(tmp_path / "net.json") == []
    os.utime(litter, (0, 0))
    assert sweep(tmp_path / "other.json") == []
    assert sweep(tmp_path / "net.json") == [litter.name]
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_is_named_with_the_file_that_was_wanted(tmp_path):
    wanted = tmp_path / "nowhere" / "net.json"
    with pytest.raises(FileNotFoundError) as caught:
        write_bytes(wanted, b"new")
    assert caught.value.filename == str(wanted)
