"""The terms of workers are checked at the door, and workers end with their parent."""

import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import doomed
import pytest
from pools import has_life, kill_all, pids_in, wait_until

import neurograph as ng
from neurograph.files.arrays import PackedArrays
from neurograph.learning.chunks import Chunk
from neurograph.learning.workers import Terms, require_wanted, run_in_thread, worker_count

pytestmark = pytest.mark.usefixtures("no_hang")


def test_the_number_of_workers_is_what_the_executor_says():
    with ThreadPoolExecutor(3) as threads:
        assert worker_count(threads) == 3
    assert 1 <= worker_count(None) <= os.cpu_count()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a choice of cores")
def test_without_an_executor_it_is_the_number_of_cores_that_we_may_use():
    code = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "from neurograph.learning.workers import worker_count; print(worker_count(None))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan"), float("inf"), "2", True, 1e7])
def test_a_time_out_is_a_number_of_seconds(timeout):
    net = ng.mlp([1, 1], seed=0)
    for ask in (
        lambda: ng.restarts(net, [[0.0]], [[1.0]], n=2, timeout=timeout),
        lambda: ng.exhaustive_search(net, [[0.0]], [[1.0]], values=[0.0], timeout=timeout),
    ):
        with pytest.raises(ng.OptionError) as caught:
            ask()
        assert (caught.value.where, bool(caught.value.fix)) == ("timeout", True)


def test_threads_cannot_be_ended_and_a_time_out_for_them_is_refused():
    with ThreadPoolExecutor(1) as threads, pytest.raises(ng.OptionError, match=r"thread .* cannot be ended"):
        Terms.of(threads, 2.0, [])
    assert Terms.of(None, None, []).in_threads
    assert not Terms.of(None, 2.0, []).in_threads


# Parents that are killed


def bits(runs):
    return runs.losses.tobytes(), runs.kept.tobytes(), repr(ng.weights(runs.best))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    return bits(doomed.run_restarts(folder / "restarts", folder / "diary", 0.0))


def chunks_in(path):
    if not path.exists():
        return []
    return PackedArrays(path.read_bytes(), name="it").read("chunks")[:, 0].tolist()


def parent_is_killed(folder, seed, where):
    """Kill a process that runs restarts in processes; return what is done then, and what is run after."""
    path, diary = folder / "restarts", folder / "diary"
    command = [sys.executable, str(Path(doomed.__file__)), str(path), str(diary), "0.15", where]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: chunks_in(path) or parent.poll() is not None)
    time.sleep(random.Random(seed).uniform(0.0, 0.3))
    parent.kill()
    parent.wait()
    workers = pids_in(diary)
    assert 1 <= len(workers) <= 2
    wait_until(lambda: not any(has_life(pid) for pid in workers), seconds=2.0)
    assert not kill_all(workers)
    done = chunks_in(path)
    diary.unlink()
    again = bits(doomed.run_restarts(path, diary, 0.0))
    ran = [int(line.split()[1]) for line in diary.read_text().splitlines()] if diary.exists() else []
    assert sorted([*done, *ran]) == list(range(0, doomed.N, doomed.CHUNK))
    assert 1 <= len(done) < 10
    return again


PLACES = ("processes", "forkserver", "spawn", "fork")
posix_only = pytest.mark.skipif(os.name != "posix", reason="asks the system for processes by their numbers")


@posix_only
@pytest.mark.parametrize(("seed", "where"), list(enumerate([*PLACES, "processes"])))
def test_workers_end_with_a_parent_that_is_killed_and_only_what_is_missing_is_run(
    seed, where, tmp_path, undisturbed
):
    assert parent_is_killed(tmp_path, seed, where) == undisturbed


@posix_only
@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(5, 200))
def test_so_do_those_of_hundreds_of_parents(seed, tmp_path, undisturbed):
    assert parent_is_killed(tmp_path, seed, PLACES[seed % 4]) == undisturbed


def test_a_thread_whose_chunk_was_given_up_works_for_others_afterwards():
    given_up = threading.Event()
    given_up.set()

    class Asking:
        def run(self, chunk):
            require_wanted()

    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(CancelledError):
            threads.submit(run_in_thread, given_up, Asking(), Chunk(0, 1)).result(30)
        assert threads.submit(require_wanted).result(30) is None
