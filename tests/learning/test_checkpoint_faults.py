"""Whatever the disk does, and whenever the process is killed: the old checkpoint is there, or the new one."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import textwrap
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from trainings import (
    EPOCHS,
    OPTIMIZERS,
    X,
    Y,
    copies_of_every_epoch,
    names,
    network,
    points,
    same,
    trained,
    unix_only,
)

import neurograph as ng
from neurograph.errors import (
    CheckpointError,
)
from neurograph.learning.checkpoints import read_newest

LOOP = Path(__file__).with_name("checkpoint_loop.py")


class Stop(BaseException):
    """Like the end of the process: no Exception."""


# ── faults ───────────────────────────────────────────────────────────────────────────────────────

CALLS = ("open", "write", "fsync", "close", "link", "replace", "unlink", "lstat", "scandir")


class Faults:
    """Counts the calls to the system, and lets one fail: alone, or as the first of all that follow."""

    def __init__(self, monkeypatch, at, dead):
        self.at, self.dead, self.count, self.real = at, dead, 0, {name: getattr(os, name) for name in CALLS}
        self.opened = set()
        for name in CALLS:
            monkeypatch.setattr(os, name, lambda *args, name=name, **more: self.call(name, *args, **more))

    def call(self, name, *args, **more):
        self.count += 1
        if self.count == self.at or (self.dead and self.count > self.at):
            raise Stop if self.dead else OSError(errno.ENOSPC, "no space")
        found = self.real[name](*args, **more)
        if name == "open":
            self.opened.add(found)
        elif name == "close":
            self.opened.discard(args[0])
        return found

    def close_all(self):
        for descriptor in self.opened:
            with contextlib.suppress(OSError):
                self.real["close"](descriptor)


WAYS = (
    {},
    {"optimizer": "adam"},
    {"optimizer": OPTIMIZERS["nesterov"], "batch_size": 3},
    {"validation": points(3, seed=5), "patience": 9},
    {"dtype": np.float32, "shuffle": False, "optimizer": "rprop"},
)
both_faults = pytest.mark.parametrize("dead", [False, True], ids=["one call fails", "the process ends"])


@unix_only
@both_faults
def test_a_fault_at_any_call_to_the_system_leaves_the_old_state_or_the_new_one(dead, file):
    survives_every_fault(dead, file)


@unix_only
@pytest.mark.campaign
@pytest.mark.parametrize("options", WAYS[1:], ids=lambda options: ",".join(options))
@both_faults
def test_so_it_does_whatever_is_trained(dead, options, file):
    survives_every_fault(dead, file, **options)


def survives_every_fault(dead, file, **options):
    copies, straight, _ = copies_of_every_epoch(file, **options)
    older, done, at = file.with_name("run.checkpoint.previous"), False, 0
    while not done:
        at += 1
        older.unlink()  # it may be the same file under another name
        file.write_bytes(copies[5])
        older.write_bytes(copies[4])
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, at, dead)
            with contextlib.suppress(CheckpointError, OSError, Stop), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ng.resume(file, epochs=7)
        faults.close_all()
        done = faults.count < at
        saved, is_newest = read_newest(file)
        assert is_newest
        assert saved.state.history.epochs in (5, 6, 7)
        for litter in file.parent.glob(".run.checkpoint.*.tmp"):
            assert dead or faults.count == at
            litter.unlink()
    assert at > 40
    assert same(ng.resume(file, epochs=EPOCHS)[0], straight)


def test_where_a_file_cannot_have_two_names_the_old_one_is_renamed(file, monkeypatch):
    def refuse(*args):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    trained(file)
    assert read_newest(file)[0].state.history.epochs == EPOCHS
    assert read_newest(f"{file}.previous")[0].state.history.epochs == EPOCHS - 1
    monkeypatch.setattr(
        os, "replace", lambda *args, real=os.replace: real(*args) if "previous" in args[1] else refuse()
    )
    with pytest.raises(CheckpointError):
        ng.resume(file, epochs=EPOCHS + 1)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="is missing"):
        assert ng.resume(file)[1].epochs == EPOCHS


def test_a_disk_that_gives_back_something_else_is_noticed_before_the_old_file_goes(file, monkeypatch):
    trained(file, epochs=3)
    before, real = file.read_bytes(), os.write
    spoil = lambda descriptor, content: real(descriptor, bytes(len(content)))  # noqa: E731
    monkeypatch.setattr(os, "write", spoil)
    with pytest.raises(CheckpointError, match="not what was written"):
        ng.resume(file, epochs=4)
    monkeypatch.undo()
    assert file.read_bytes() == before
    assert names(file.parent) == ["run.checkpoint", "run.checkpoint.previous"]


def test_a_full_disk_in_the_midst_of_training_leaves_the_weights_and_the_older_checkpoint(file, monkeypatch):
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 8:  # two for each checkpoint
            raise OSError(errno.ENOSPC, "no space left")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    net = network()
    with pytest.raises(CheckpointError, match="no space left") as caught:
        ng.fit(net, X, Y, learning_rate=0.01, epochs=EPOCHS, seed=3, backend="numpy", checkpoint=file)
    monkeypatch.undo()
    assert isinstance(caught.value.__cause__, OSError)
    assert "resume" in caught.value.fix
    assert same(net, trained(epochs=4)[0])  # the epoch whose checkpoint could not be written
    assert read_newest(file)[0].state.history.epochs == 3
    assert same(ng.resume(file)[0], trained()[0])


@unix_only
def test_a_disk_that_is_full_at_any_byte_leaves_the_older_checkpoint(file):
    code = """
        import resource, sys
        from pathlib import Path
        import neurograph as ng
        file = Path(sys.argv[1])
        net = ng.mlp([20, 20, 20], seed=0)
        ng.fit(net, [[0.1] * 20], [[0.2] * 20], backend="numpy", checkpoint=file)
        before, hard = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        for size in range(0, len(before), 4096):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            try:
                ng.resume(file, epochs=2)
            except ng.CheckpointError as error:
                print(size, file.read_bytes() == before, type(error.__cause__).__name__)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(sorted(entry.name for entry in file.parent.iterdir()), ng.resume(file, epochs=2)[1].epochs)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    *rows, last = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(rows) > 5
    assert {row.split(" ", 1)[1] for row in rows} == {"True OSError"}
    assert last == "['run.checkpoint', 'run.checkpoint.previous'] 2"


# ── kill -9 ──────────────────────────────────────────────────────────────────────────────────────


def killed(tmp_path, kills, seed):
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(LOOP), str(tmp_path), str(kills), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=3000, check=True)
    found = json.loads(done.stdout)
    assert len(found["rows"]) >= kills - 3
    assert all(held >= announced for announced, held in found["rows"])
    assert found["rows"] == sorted(found["rows"], key=lambda row: row[1])
    assert found["rows"][-1][1] > kills / 2
    assert found["left"] == ["run.checkpoint", "run.checkpoint.previous", "unrelated.tmp"]
    assert found["same_losses"]
    assert found["same_weights"]
    return found


@unix_only
def test_sixty_kills_at_random_times_lose_nothing_that_was_announced(tmp_path):
    killed(tmp_path, kills=60, seed=0)


@unix_only
@pytest.mark.campaign
def test_two_thousand_kills_lose_nothing_either_and_their_litter_is_swept(tmp_path):
    assert killed(tmp_path, kills=2000, seed=1)["litter"] > 0


def test_only_old_litter_of_processes_that_are_gone_is_swept(file):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    )
    gone = dead.stdout.strip()
    word = "0123456789abcdef"
    swept = f".run.checkpoint.{gone}.{word}.tmp"
    kept = [
        f".run.checkpoint.{os.getpid()}.{word}.tmp",  # of a process that is there
        f".run.checkpoint.{gone}.{word}0.tmp",  # of no name that we give
        f".another.checkpoint.{gone}.{word}.tmp",
        f"run.checkpoint.{gone}.{word}.tmp",
    ]
    young = f".run.checkpoint.{gone}.{word[::-1]}.tmp"
    for name in [swept, young, *kept]:
        (file.parent / name).write_bytes(b"")
        if name != young:
            os.utime(file.parent / name, (0, 0))
    trained(file, epochs=1)
    assert names(file.parent) == sorted([young, *kept, "run.checkpoint", "run.checkpoint.previous"])


def test_a_reader_at_any_time_sees_a_whole_checkpoint(file):
    trained(file, epochs=1)
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seen.append(read_newest(file)[0].state.history.epochs)

    reader = threading.Thread(target=read)
    reader.start()
    ng.resume(file, epochs=40)
    stop.set()
    reader.join()
    assert seen == sorted(seen)
    assert len(seen) > 3
