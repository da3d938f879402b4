"""Workers that die, hang or fail cost no more than the chunk that did it, and that chunk is named."""

import contextlib
import os
import random
import re
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path

import dask
import numpy as np
import pytest
from doomed import DEATHS, STAGES, Doomed, Refusing, Slow
from pools import EXPECTED, pids_in, pool_of, run, wait_until

import neurograph as ng
from neurograph.learning import chunk_runs

pytestmark = pytest.mark.usefixtures("no_hang")
SOUND = Doomed("fail", doomed=-1)


def executor_of(where, workers=2):
    """An executor of this kind, or none, as a context."""
    return contextlib.nullcontext() if where == "own" else pool_of(workers, where)


# Whatever happens


TOLD = {
    "fail": "nothing is there",
    "leave_quietly": "ended with exit code 0",
    "segfault": "killed by signal 11",
    "hang": "timed out after 1 s",
}


def fate(work, executor, timeout):
    """What is told of a work of two chunks, in an error or in a warning."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            losses = run(work, 128, executor=executor, timeout=timeout)
        except ng.WorkerError as error:
            return str(error)
    assert np.array_equal(losses, EXPECTED[:64])
    (warning,) = told
    return str(warning.message)


def comes_to_its_end(stage, end, where, workers):
    with executor_of(where, workers) as executor:
        text = fate(STAGES[stage](end), executor, 1.0 if end == "hang" else 30.0)
        whose = "(0 to 63|64 to 127)" if stage == "on arrival" else "64 to 127"
        assert re.search(f"restarts {whose}.* of seed 5", text)
        assert TOLD[end] in text
        assert np.array_equal(run(SOUND, 128, executor=executor), EXPECTED[:128])


@pytest.mark.parametrize("where", ["own", "forkserver"])
@pytest.mark.parametrize("end", TOLD)
@pytest.mark.parametrize("stage", STAGES)
def test_whatever_happens_to_a_chunk_is_told_with_its_restarts_and_the_next_call_works(stage, end, where):
    comes_to_its_end(stage, end, where, workers=2)


@pytest.mark.campaign
@pytest.mark.parametrize("workers", [1, 2, 5, 13])
@pytest.mark.parametrize("where", ["spawn", "forkserver"])
@pytest.mark.parametrize("end", TOLD)
@pytest.mark.parametrize("stage", STAGES)
def test_so_it_is_with_any_number_of_workers(stage, end, where, workers):
    comes_to_its_end(stage, end, where, workers)


@pytest.mark.parametrize("end", DEATHS)
def test_a_chunk_that_kills_its_worker_once_is_done_all_the_same(end, tmp_path):
    marker = tmp_path / "marker"
    with pool_of() as pool:
        losses = run(Doomed(end, marker=str(marker)), executor=pool)
    assert marker.exists()
    assert np.array_equal(losses, EXPECTED)


@pytest.mark.parametrize("where", ["own", "forkserver"])
def test_a_chunk_that_hangs_once_is_done_all_the_same(where, tmp_path):
    marker = tmp_path / "marker"
    with executor_of(where) as executor:
        losses = run(Doomed("hang", marker=str(marker)), executor=executor, timeout=2.0)
    assert marker.exists()
    assert np.array_equal(losses, EXPECTED)


@pytest.mark.parametrize(
    ("end", "how"), [("leave", "ended with exit code 3"), ("be_killed", "killed by signal 9")]
)
def test_a_chunk_that_always_kills_its_worker_is_named_and_left_out(end, how):
    named = rf"twice: restarts 64 to 127 of seed 5 \({how}\)$"
    with pool_of() as pool, pytest.warns(RuntimeWarning, match=named):
        losses = run(Doomed(end), executor=pool)
    assert np.array_equal(losses, np.delete(EXPECTED, range(64, 128)))


def test_work_that_must_be_whole_ends_with_its_first_gap():
    with pytest.raises(ng.WorkerError, match=r"restarts 64 to 127 .*exit code 3") as caught:
        run(Doomed("leave"), timeout=30.0, with_gaps=False)
    assert caught.value.code == "workers-died"


def test_where_every_chunk_takes_too_long_the_error_is_about_the_time():
    with pytest.raises(ng.WorkerError, match=r"timed out after 0\.5 s") as caught:
        run(Doomed("hang", doomed=0), 64, timeout=0.5)
    assert (caught.value.code, caught.value.where) == ("timed-out", "timeout")


def test_a_pool_that_is_broken_before_it_begins_is_replaced():
    with pool_of(1) as pool:
        with pytest.raises(Exception, match="terminated"):
            pool.submit(DEATHS["leave"]).result()
        assert np.array_equal(run(SOUND, executor=pool, largest=320), EXPECTED)


def test_a_worker_that_fails_says_where_in_the_worker():
    with pytest.raises(ng.WorkerError, match="failed: LookupError") as caught:
        run(Doomed("fail", doomed=0), timeout=30.0)
    assert isinstance(caught.value.__cause__, LookupError)
    assert "doomed.py" in "".join(caught.value.__cause__.__notes__)


@pytest.mark.parametrize("where", ["own", "forkserver"])
def test_errors_of_this_library_come_through_a_process_as_they_are(where):
    with (
        executor_of(where, 1) as executor,
        pytest.raises(ng.OptionError, match="there is no such loss") as caught,
    ):
        run(Refusing(), executor=executor, timeout=30.0)
    assert (caught.value.code, caught.value.where) == ("unknown-loss", "loss")


# Workers that are killed


def killed_at_a_random_time(seed, diary, where, workers):
    """Run where a random worker is killed at a random time; return the losses."""
    generator = random.Random(seed)

    def kill():
        wait_until(lambda: pids_in(diary))
        time.sleep(generator.uniform(0.0, 0.25))
        with contextlib.suppress(ProcessLookupError):
            os.kill(generator.choice(pids_in(diary)), signal.SIGKILL)

    with executor_of(where, workers) as executor:
        killer = threading.Thread(target=kill)
        killer.start()
        losses = run(Slow(SOUND, str(diary)), executor=executor, timeout=30.0)
        killer.join()
    return losses


@pytest.mark.parametrize("seed", range(20))
def test_a_worker_that_is_killed_at_a_random_time_costs_nothing(seed, tmp_path):
    where = ("own", "forkserver")[seed % 2]
    assert np.array_equal(killed_at_a_random_time(seed, tmp_path / "diary", where, 2), EXPECTED)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20, 500))
def test_neither_do_hundreds_more_of_up_to_eight(seed, tmp_path):
    where = ("own", "forkserver", "spawn")[seed % 3]
    assert np.array_equal(killed_at_a_random_time(seed, tmp_path / "diary", where, 1 + seed % 8), EXPECTED)


# Dask


@pytest.fixture
def cluster():
    """A Dask cluster of two worker processes that gives a task up when its first worker dies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Dask's own, when a worker of its is killed
        from dask.distributed import Client, LocalCluster

        options = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            LocalCluster(n_workers=2, threads_per_worker=1, **options) as local,
            Client(local) as client,
        ):
            client.run(sys.path.insert, 0, str(Path(__file__).parent))
            yield client


def test_dask_s_killed_workers_cost_nothing(cluster, tmp_path):
    marker = tmp_path / "marker"
    losses = run(Doomed("be_killed", marker=str(marker)), executor=cluster.get_executor())
    assert marker.exists()
    assert np.array_equal(losses, EXPECTED)


def test_a_worker_of_dask_s_that_hangs_is_given_up(cluster, tmp_path):
    marker = tmp_path / "marker"
    losses = run(Doomed("hang", marker=str(marker)), executor=cluster.get_executor(), timeout=2.0)
    assert marker.exists()
    assert np.array_equal(losses, EXPECTED)


# Executors of any kind


class Sleepers(Executor):
    """Nothing ever ends here; Ctrl-C comes with the last that will be sent, where one is due."""

    _max_workers = 2

    def __init__(self, interrupted_at=0):
        self.futures, self._interrupted_at = [], interrupted_at

    def submit(self, function, *arguments):
        self.futures.append(Future())
        if len(self.futures) == self._interrupted_at:
            self.futures[0].set_exception(KeyboardInterrupt())
        if not isinstance(arguments[-1], tuple):
            return self.futures[-1]
        self.futures.pop().cancel()
        answer = Future()
        answer.set_result([])  # its workers know all activations
        return answer


def test_what_is_in_flight_is_called_back_when_the_run_is_interrupted():
    executor = Sleepers(interrupted_at=4)
    with pytest.raises(KeyboardInterrupt):
        run(SOUND, executor=executor)
    assert len(executor.futures) == 4
    assert all(future.cancelled() for future in executor.futures[1:])


class Breaking(Sleepers):
    """Says that it is broken, as a pool does, but the futures that it gave are never done."""

    _broken = False

    def submit(self, function, *arguments):
        self._broken = len(self.futures) > 1
        return super().submit(function, *arguments)


def test_what_a_pool_loses_while_it_breaks_is_run_all_the_same():
    executor = Breaking()
    assert np.array_equal(run(SOUND, executor=executor), EXPECTED)
    assert len(executor.futures) == 4


class Lost(Executor):
    """Hundreds of workers, all of them gone."""

    _max_workers = 300

    def submit(self, *_):
        raise BrokenExecutor


def test_in_place_of_a_lost_cluster_no_more_processes_are_started_than_there_are_cores(monkeypatch):
    asked = []

    def run_in_processes(work, chunks, terms, processes):
        asked.append(processes)
        return map(work.run, chunks)

    monkeypatch.setattr(chunk_runs, "run_in_processes", run_in_processes)
    assert np.array_equal(run(SOUND, executor=Lost()), EXPECTED)
    assert 1 <= asked[0] <= os.cpu_count()


def test_an_executor_all_of_whose_workers_hang_is_left_for_processes():
    executor = Sleepers()
    assert np.array_equal(run(SOUND, executor=executor, timeout=0.2), EXPECTED)
    assert len(executor.futures) == 2
    assert all(future.cancelled() for future in executor.futures)
