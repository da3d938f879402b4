"""Chunks: every piece of work is done once, and workers that die cost no more than what killed them."""

import contextlib
import faulthandler
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import dask
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng
from neurograph.files.locking import is_running
from neurograph.learning.chunks import Chunk, divide, missing
from neurograph.learning.workers import run_chunks, worker_count

sys.path.insert(0, str(Path(__file__).parent))  # of workers, too: they import what they are sent
from doomed import ENDS, Doomed, Failing, Refusing, Slow

COUNT = 640
WATCHDOG = 60.0  # seconds


@pytest.fixture(autouse=True)
def no_hang():
    """End the whole test run with a traceback where a test hangs."""
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def pool_of(workers=2):
    context = get_context("forkserver")
    context.set_forkserver_preload(["neurograph", "doomed"])
    return ProcessPoolExecutor(workers, mp_context=context)


def losses(parts):
    return np.concatenate([part.losses for part in parts])


EXPECTED = np.arange(COUNT) * 1.5


# Dividing


@given(
    st.integers(1, 5000),
    st.lists(st.integers(0, 5000), max_size=8, unique=True),
    st.integers(1, 70),
    st.sampled_from([64, 512, 2**18]),
)
def test_chunks_fill_what_is_missing_and_nothing_else(count, ends, workers, largest):
    ends = sorted(end for end in ends if end <= count)
    done = [Chunk(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    chunks = divide(missing(count, done), workers, largest)
    covered = [i for chunk in [*chunks, *done] for i in chunk.restarts]
    assert sorted(covered) == list(range(count))
    assert all(0 < len(chunk) <= largest for chunk in chunks)


def test_each_worker_has_a_few_chunks_and_none_is_small():
    assert len(divide([Chunk(0, 10_000)], workers=4)) >= 8
    assert [len(chunk) for chunk in divide([Chunk(0, 100)], workers=16)] == [64, 36]


def test_the_number_of_workers_is_what_the_executor_says():
    with ThreadPoolExecutor(3) as threads:
        assert worker_count(threads) == 3
    assert worker_count(None) == os.cpu_count()


# Workers that die


@pytest.mark.parametrize("end", ENDS)
def test_a_chunk_that_kills_its_worker_once_is_done_all_the_same(end, tmp_path):
    marker = tmp_path / "marker"
    with pool_of() as pool:
        parts = run_chunks(Doomed(end, marker=str(marker)), COUNT, executor=pool, largest=64)
    assert marker.exists()
    assert np.array_equal(losses(parts), EXPECTED)


@pytest.mark.parametrize("end", ENDS)
def test_a_chunk_that_always_kills_its_worker_is_named_and_left_out(end):
    with pool_of() as pool, pytest.warns(RuntimeWarning, match="twice: restarts 64 to 127$"):
        parts = run_chunks(Doomed(end), COUNT, executor=pool, largest=64)
    assert np.array_equal(losses(parts), np.delete(EXPECTED, range(64, 128)))


def test_when_every_chunk_kills_its_worker_that_is_an_error():
    with pool_of(1) as pool, pytest.raises(ng.WorkerError, match="every chunk killed") as caught:
        run_chunks(Doomed("leave", doomed=0), 64, executor=pool)
    assert caught.value.fix


def test_the_next_call_works_on_a_fresh_pool():
    with pool_of(1) as pool, pytest.raises(ng.WorkerError):
        run_chunks(Doomed("segfault", doomed=0), 64, executor=pool)
    with pool_of(1) as pool:
        assert len(losses(run_chunks(Doomed("leave", doomed=-1), 64, executor=pool))) == 64


def test_a_pool_that_is_broken_before_it_begins_is_replaced(tmp_path):
    with pool_of(1) as pool:
        with pytest.raises(Exception, match="terminated"):
            pool.submit(ENDS["leave"]).result()
        parts = run_chunks(Doomed("leave", doomed=-1), COUNT, executor=pool, largest=320)
    assert np.array_equal(losses(parts), EXPECTED)


def killed_at_a_random_time(seed, diary):
    """Run with a pool of which a random worker is killed at a random time; return the losses."""
    generator = random.Random(seed)

    def kill():
        while not diary.exists():
            time.sleep(0.005)
        time.sleep(generator.uniform(0.0, 0.25))
        workers = list(pool._processes or ())  # none is left once the pool is broken
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(generator.choice(workers), signal.SIGKILL)

    with pool_of() as pool:
        killer = threading.Thread(target=kill)
        killer.start()
        work = Slow(Doomed("leave", doomed=-1), str(diary), 0.05)
        parts = run_chunks(work, COUNT, executor=pool, largest=64)
        killer.join()
    return losses(parts)


@pytest.mark.parametrize("seed", range(5))
def test_a_worker_that_is_killed_at_a_random_time_costs_nothing(seed, tmp_path):
    assert np.array_equal(killed_at_a_random_time(seed, tmp_path / "diary"), EXPECTED)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(5, 105))
def test_neither_do_a_hundred_more(seed, tmp_path):
    assert np.array_equal(killed_at_a_random_time(seed, tmp_path / "diary"), EXPECTED)


def test_dask_s_killed_workers_cost_nothing(tmp_path):
    marker = tmp_path / "marker"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Dask's own, when a worker of its is killed
        from dask.distributed import Client, LocalCluster

        options = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": 50}
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            LocalCluster(n_workers=2, threads_per_worker=1, **options) as local,
            Client(local) as client,
        ):
            client.run(sys.path.insert, 0, str(Path(__file__).parent))
            parts = run_chunks(
                Doomed("be_killed", marker=str(marker)), COUNT, executor=client.get_executor(), largest=64
            )
    assert marker.exists()
    assert np.array_equal(losses(parts), EXPECTED)


# Workers that fail, and Ctrl-C


@pytest.mark.parametrize("own", [True, False], ids=["threads", "processes"])
def test_work_that_raises_is_named_with_its_cause(own):
    with pool_of(1) as pool, pytest.raises(ng.WorkerError, match=r"LookupError.*nothing for [0-9]") as caught:
        run_chunks(Failing(), COUNT, executor=None if own else pool)
    assert isinstance(caught.value.__cause__, LookupError)


def test_errors_of_this_library_come_through_a_process_as_they_are():
    with pool_of(1) as pool, pytest.raises(ng.OptionError, match="there is no such loss") as caught:
        run_chunks(Refusing(), COUNT, executor=pool)
    assert (caught.value.code, caught.value.where) == ("unknown-loss", "loss")


class Waiting(Executor):
    """Nothing ever ends here."""

    _max_workers = 2

    def __init__(self):
        self.futures = []

    def submit(self, function, *args):
        self.futures.append(Future())
        if len(self.futures) == 4:  # all that will be sent
            self.futures[0].set_exception(KeyboardInterrupt())
        return self.futures[-1]


def test_what_is_in_flight_is_called_back_when_the_run_is_interrupted():
    executor = Waiting()
    with pytest.raises(KeyboardInterrupt):
        run_chunks(Doomed("leave", doomed=-1), COUNT, executor=executor, largest=64)
    assert len(executor.futures) == 4
    assert all(future.cancelled() for future in executor.futures[1:])


# Processes of our own


ORPHANS = """
import os, signal, sys, time
from neurograph.learning.workers import own_pool
if __name__ == "__main__":
    pool = own_pool(2)
    pids = {pool.submit(os.getpid).result() for _ in range(20)}
    waiting = pool.submit(time.sleep, 600)
    print(*pool._processes, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="asks the system for processes by their numbers")
def test_processes_of_our_own_end_with_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert children
    assert all(is_running(str(pid)) for pid in children)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while any(has_life(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in children if has_life(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left


def has_life(pid):
    """Whether a process is there and is not just waiting to be collected by its parent."""
    status = Path(f"/proc/{pid}/stat")
    if not status.parent.parent.joinpath("self").exists():
        return is_running(str(pid))
    with contextlib.suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return False
