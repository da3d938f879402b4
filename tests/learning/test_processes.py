"""Processes of our own begin or say why not, and none is left, however the run ends."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest
from doomed import Doomed, Slow
from pools import kill_all, pids_in, wait_until

import neurograph as ng
from neurograph.learning import processes
from neurograph.learning.chunks import Chunk, Lost
from neurograph.learning.processes import run_in_processes
from neurograph.learning.workers import Terms

pytestmark = pytest.mark.usefixtures("no_hang")
HERE = Path(__file__).parent


def script(folder, text, *arguments, **options):
    """Start a program of its own that may import what stands beside these tests."""
    program = folder / "program.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(HERE)!r})\n{text}")
    command = [sys.executable, str(program), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


UNGUARDED = """
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import neurograph as ng
with open("begun", "a") as stream:
    stream.write("x")
net = ng.mlp([1, 1], seed=0)
options = {OPTIONS}
try:
    ng.restarts(net, [[0.0]], [[1.0]], n=200, epochs=1, backend="numpy", **options)
except ng.WorkerError as error:
    print(os.getpid(), error.code, error.fix, flush=True)
    raise SystemExit(1)
"""
EXECUTORS = {
    "own": '{"timeout": 60}',
    "spawn": '{"executor": ProcessPoolExecutor(2, mp_context=get_context("spawn"))}',
}


@pytest.mark.parametrize("where", EXECUTORS)
def test_a_script_that_starts_processes_whenever_it_is_imported_is_told_what_to_write(where, tmp_path):
    process = script(tmp_path, UNGUARDED.replace("{OPTIONS}", EXECUTORS[where]), cwd=tmp_path)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    fix = "in a script, put the call under if __name__ == '__main__':"
    assert out.splitlines()[-1] == f"{process.pid} worker-not-begun {fix}"
    assert len((tmp_path / "begun").read_text()) < 10  # no bomb


INTERRUPTED = """
import sys, time
from doomed import Doomed, Slow
from neurograph.learning.chunks import Chunk, Lost
from neurograph.learning.processes import run_in_processes
from neurograph.learning.workers import Terms
if __name__ == "__main__":
    work = Slow(Doomed("hang", doomed=0), sys.argv[1], 0.0)
    chunks = [Chunk(0, 64), Chunk(64, 128)]
    for part in run_in_processes(work, chunks, Terms(timeout=600.0), 2):
        print("one is done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals to a group of processes")
def test_ctrl_c_is_heard_by_the_parent_alone_and_ends_processes_that_hang(tmp_path):
    diary = tmp_path / "diary"
    process = script(tmp_path, INTERRUPTED, diary, start_new_session=True)
    assert process.stdout.readline() == "one is done\n"
    assert wait_until(lambda: len(pids_in(diary)) == 2)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert err.count("Traceback") == err.count("KeyboardInterrupt\n") == 1
    assert not kill_all(pids_in(diary))


def test_an_activation_that_processes_do_not_know_is_refused():
    terms = Terms(timeout=30.0, activations=("tanh", "of_nobody"))
    with pytest.raises(ng.OptionError, match="'of_nobody'"):
        list(run_in_processes(Doomed("fail"), [Chunk(0, 64)], terms, 1))


def test_a_process_that_does_not_begin_in_time_is_an_error(monkeypatch):
    monkeypatch.setattr(processes, "START", 0.01)
    with pytest.raises(ng.WorkerError, match="did not begin") as caught:
        list(run_in_processes(Doomed("fail"), [Chunk(0, 64)], Terms(timeout=0.01), 1))
    assert caught.value.code == "worker-not-begun"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_process_whose_pipe_somebody_holds_open_is_seen_to_be_dead(tmp_path):
    work = Slow(Doomed("leave_an_heir", doomed=0), str(tmp_path / "diary"), 0.0)
    (part,) = run_in_processes(work, [Chunk(0, 64)], Terms(), 1)
    assert part == Lost(Chunk(0, 64), "ended with exit code 3")
    (dead,) = pids_in(tmp_path / "diary")
    os.killpg(dead, signal.SIGKILL)  # what it left is there


def test_a_time_is_an_hour_at_most_and_never_less_than_nothing():
    assert processes.until(time.monotonic() - 5) == 0.0
    assert 8.0 < processes.until(processes.deadline_after(9.0)) <= 9.0
    assert processes.until(processes.deadline_after(None)) == 3600.0


def test_processes_that_are_left_in_the_midst_are_ended():
    before = set(active_children())
    parts = run_in_processes(Doomed("hang"), [Chunk(0, 64), Chunk(64, 128)], Terms(timeout=60.0), 2)
    assert next(parts).chunk == Chunk(0, 64)
    assert set(active_children()) - before
    parts.close()
    assert not set(active_children()) - before


KILLED = """
import os, signal, threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import numpy as np
import neurograph as ng

def slope(z):
    return 3 * np.tanh(z) ** 2 * (1 - np.tanh(z) ** 2)

def begin():
    ng.register_activation("cubed", lambda z: np.tanh(z) ** 3, slope)

if __name__ == "__main__":
    method = sys.argv[1]
    begin()
    net = ng.mlp([2, 2, 1], seed=0, activation="cubed", output_activation="logistic")
    work = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    options = {"n": 300, "epochs": 300}
    started = {} if method == "fork" else {"initializer": begin}
    with ProcessPoolExecutor(2, mp_context=get_context(method), **started) as pool:
        list(pool.map(abs, range(8)))
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        runs = ng.restarts(net, *work, **options, executor=pool)
    print(runs.losses.tobytes() == ng.restarts(net, *work, **options).losses.tobytes(), len(runs.left_out))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_where_a_pool_dies_its_successors_know_what_the_pool_knew(method, tmp_path):
    out, err = script(tmp_path, KILLED, method).communicate(timeout=100)
    assert (out, err) == ("True 0\n", "")


LONG = """
import neurograph as ng
net, work = ng.mlp([2, 2, 1], seed=0), ([[0, 0], [1, 1]], [[0], [1]])
ng.restarts(net, *work, n=2, epochs=2, optimizer="adam")
print("begun", flush=True)
try:
    ng.restarts(net, *work, n=64, epochs=300_000, optimizer="adam")
except KeyboardInterrupt:
    print("ended", flush=True)
"""


def test_ctrl_c_ends_threads_in_the_midst_of_a_chunk_that_takes_minutes(tmp_path):
    process = script(tmp_path, LONG)
    assert process.stdout.readline() == "begun\n"
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("ended\n", "")
