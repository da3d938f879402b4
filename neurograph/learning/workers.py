"""Many pieces of work on any executor: bounded in flight, and tried again when a worker dies."""

from __future__ import annotations

import os
import secrets
import threading
import warnings
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, closing
from multiprocessing import connection, get_context, parent_process
from typing import Any

import numpy as np

from neurograph.errors import NeurographError, OptionError, WorkerError, shown, shown_list
from neurograph.functions import ACTIVATIONS, Activation
from neurograph.functions.activations import BUILT_IN
from neurograph.learning.chunks import LARGEST, Chunk, Store, Work, divide, missing
from neurograph.learning.progress import Progress
from neurograph.options import bad_option

_DEATHS = ("KilledWorker", "CommClosedError")  # what Dask calls a dead worker


def run_chunks(
    work: Work,
    count: int,
    *,
    executor: Executor | None = None,
    store: Store | None = None,
    progress: bool = False,
    noun: str = "restart",
    largest: int = LARGEST,
) -> list[Any]:
    """Run all pieces and return what finished, in the order of the chunks.

    A chunk whose worker dies is tried again alone, in a fresh process; one that kills its worker
    twice is named in a warning and left out.

    Raises
    ------
    WorkerError
        If not one chunk could be finished, or a worker fails otherwise than by dying.
    """
    workers = worker_count(executor)
    done: dict[int, Any] = {part.chunk.first: part for part in (store.read() if store else [])}
    chunks = divide(missing(count, [part.chunk for part in done.values()]), workers, largest)
    pieces = sum(len(part.chunk) for part in done.values())
    best = min((_lowest(part) for part in done.values()), default=np.inf)
    with (
        Progress(count, shown=progress, noun=noun) as display,
        closing(_finish_all(work, chunks, executor, workers)) as parts,
    ):
        for finished in parts:
            done[finished.chunk.first] = finished
            if store is not None:
                store.write(done[first] for first in sorted(done))
            pieces, best = pieces + len(finished.chunk), min(best, _lowest(finished))
            display.advance(pieces, best)
    left_out = missing(count, [part.chunk for part in done.values()])
    if not done:
        raise _all_died()
    if left_out:
        spans = ", ".join(f"{gap.first} to {gap.last - 1}" for gap in left_out)
        text = f"left out, since they killed their worker twice: {noun}s {spans}"
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    return [done[first] for first in sorted(done)]


def _lowest(part: Any) -> float:
    return float(np.nanmin(part.losses, initial=np.inf))


def _all_died() -> WorkerError:
    return WorkerError(
        "every chunk killed its worker twice",
        code="workers-died",
        where="executor",
        expected="workers that live until their work is done",
        fix="look at the workers' memory and logs, or run without an executor",
    )


# Where a chunk runs: on the given executor; after a death alone, and the rest in a fresh pool.


def _finish_all(
    work: Work, chunks: Iterable[Chunk], executor: Executor | None, workers: int
) -> Generator[Any, None, None]:
    """Yield whatever can be finished, in any order."""
    waiting = deque(chunks)
    with ExitStack() as pools:
        if executor is None:
            executor = pools.enter_context(ThreadPoolExecutor(workers))
        while waiting:
            lost = yield from _fly(_Ship(work, executor, workers), waiting)
            yield from _alone(work, lost)
            if waiting:
                executor = pools.enter_context(own_pool(workers))


def _alone(work: Work, chunks: list[Chunk]) -> Generator[Any, None, None]:
    """Run chunks one after the other, in a process that is replaced where one kills it."""
    rest = deque(chunks)
    while rest:
        with own_pool(1) as pool:
            found = [None]
            while rest and found:
                found = _result(pool.submit(work.run, rest.popleft()))
                yield from found


def _fly(ship: _Ship, waiting: deque[Chunk]) -> Generator[Any, None, list[Chunk]]:
    """Keep a bounded number of chunks in flight; return those whose worker died.

    What is still ``waiting`` then, a broken pool did not take.
    """
    flying: dict[Future[Any], Chunk] = {}
    lost: list[Chunk] = []

    def launch(chunk: Chunk, *, whole: bool = False) -> None:
        future = ship.send(chunk, whole=whole)
        if future is None:
            lost.append(chunk)
        else:
            flying[future] = chunk

    try:
        while flying or (waiting and not ship.is_broken):
            while waiting and not ship.is_broken and len(flying) < 2 * ship.workers:
                launch(waiting.popleft())
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                chunk, found = flying.pop(future), _result(future)
                if not found:
                    lost.append(chunk)
                elif found[0] is None:
                    launch(chunk, whole=True)
                else:
                    yield found[0]
    finally:
        for future in flying:
            future.cancel()
    return sorted(lost, key=lambda chunk: chunk.first)


class _Ship:
    """The way to an executor: the work goes to each worker once, then chunks go alone."""

    def __init__(self, work: Work, executor: Executor, workers: int) -> None:
        self._work, self._executor, self.workers = work, executor, workers
        self._key = secrets.token_hex(16)
        self._sent = 0
        self.is_broken = False

    def send(self, chunk: Chunk, *, whole: bool = False) -> Future[Any] | None:
        """Submit a chunk; None where the executor is broken."""
        whole = whole or self._sent < self.workers
        self._sent += 1
        try:
            if isinstance(self._executor, ThreadPoolExecutor):
                return self._executor.submit(self._work.run, chunk)
            return self._executor.submit(run_sent, self._key, self._work if whole else None, chunk)
        except BrokenExecutor:
            self.is_broken = True
            return None
        except RuntimeError as error:  # it is shut down
            raise _failed(error) from error


_held: dict[str, Work] = {}  # in a worker: the work that it was sent last


def run_sent(key: str, work: Work | None, chunk: Chunk) -> Any:
    """Run a chunk in a worker; return None where the work of this key has not been sent there yet."""
    if work is not None:
        _held.clear()
        _held[key] = work
    work = work or _held.get(key)
    return None if work is None else work.run(chunk)


def _result(future: Future[Any]) -> list[Any]:
    """Return what a future holds, as the one thing in a list that is empty where its worker died."""
    try:
        return [future.result()]
    except NeurographError:
        raise
    except BrokenExecutor:
        return []
    except Exception as error:
        if type(error).__name__ in _DEATHS:
            return []
        raise _failed(error) from error


def _failed(error: BaseException) -> WorkerError:
    return WorkerError(
        f"a worker failed: {shown(error)}",
        code="worker-failed",
        where="executor",
        expected="an executor that takes work, and workers that can do it",
        fix="look at the cause of this error; workers need neurograph, and numba where it is used here",
    )


def own_pool(workers: int) -> ProcessPoolExecutor:
    """Make a pool of fresh processes that end with this one, however it ends."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Watch the parent from a thread: a worker that waits for work would outlive a parent that is killed."""
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


# What is asked of an executor.


def require_executor(executor: Any) -> Executor | None:
    """Return an executor, or None; raise OptionError for anything else."""
    if executor is None or isinstance(executor, Executor):
        return executor
    expected = "a concurrent.futures.Executor, such as a pool or a Dask client's client.get_executor()"
    raise bad_option("executor", executor, expected)


def require_known(functions: Iterable[Activation], executor: Executor | None) -> None:
    """Ask a worker whether it knows the user's own activations, since only their names are sent.

    Raises
    ------
    OptionError
        If it does not.
    """
    own = [row.name for row in functions if row.name not in BUILT_IN]
    if not own or executor is None or isinstance(executor, ThreadPoolExecutor):
        return
    unknown = _result(executor.submit(unknown_activations, own))
    if unknown and unknown[0]:
        raise OptionError(
            f"its workers do not know the activation {shown_list(unknown[0])}",
            code="unknown-activation",
            where="executor",
            expected="workers that have registered it, too",
            fix="register it in a module that every worker imports, or run without an executor",
        )


def unknown_activations(names: list[str]) -> list[str]:
    """Return those names that no activation has in this process.

    >>> unknown_activations(["tanh", "of_nobody"])
    ['of_nobody']
    """
    return [name for name in names if name not in ACTIVATIONS]


def worker_count(executor: Any) -> int:
    """Say how many workers an executor has, as far as it tells."""
    known = getattr(executor, "_max_workers", None)
    if isinstance(known, int) and known > 0:
        return known
    threads = getattr(getattr(executor, "_client", None), "nthreads", None)  # a Dask client's
    total = sum(threads().values()) if callable(threads) else 0
    return total or os.cpu_count() or 1
