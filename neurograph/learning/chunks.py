"""Many pieces of work on any executor: bounded in flight, and tried again when a worker dies."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import NeurographError, WorkerError, shown_list
from neurograph.learning.progress import Progress

SMALLEST, LARGEST = 64, 512  # pieces in one chunk; a multiple of the lanes that advance together
_DEATHS = ("KilledWorker", "CommClosedError")  # what Dask calls a dead worker


@dataclass(frozen=True)
class Chunk:
    """Consecutive pieces of work."""

    first: int
    last: int

    @property
    def restarts(self) -> range:
        return range(self.first, self.last)

    @property
    def slice(self) -> slice:
        return slice(self.first, self.last)


@dataclass(frozen=True)
class Finished:
    """What a chunk leaves: every loss, and the weights of its best."""

    chunk: Chunk
    losses: NDArray[np.float64]
    best: NDArray[np.int64]
    weights: NDArray[np.float64]


class Store(Protocol):
    """Where finished chunks are kept."""

    def read(self) -> list[Any]:
        """Return what is finished."""

    def write(self, finished: Iterable[Any]) -> None:
        """Keep these."""


class Work(Protocol):
    """Something that can be sent to a worker and run there, chunk by chunk."""

    def run(self, chunk: Chunk) -> Finished:
        """Do the work of one chunk."""


def run_chunks(
    work: Any,
    count: int,
    *,
    executor: Executor | None = None,
    store: Store | None = None,
    shown: bool = False,
    noun: str = "restart",
    largest: int = LARGEST,
) -> list[Any]:
    """Run all pieces and return what finished, in the order of the chunks.

    A chunk whose worker dies is tried again alone, in a fresh process; one that kills its worker
    twice is named in a warning and left out.

    Raises
    ------
    WorkerError
        If not one chunk could be finished.
    """
    workers = worker_count(executor)
    done: dict[int, Any] = {part.chunk.first: part for part in (store.read() if store else [])}
    chunks = divide(missing(count, [part.chunk for part in done.values()]), workers, largest)
    with Progress(count, shown=shown, noun=noun) as display:
        own = ThreadPoolExecutor(workers) if executor is None else None
        try:
            for finished in _run_all(work, chunks, own or executor, workers):
                done[finished.chunk.first] = finished
                if store is not None:
                    store.write(done[first] for first in sorted(done))
                best = min(float(np.nanmin(f.losses, initial=np.inf)) for f in done.values())
                display.advance(sum(f.chunk.last - f.chunk.first for f in done.values()), best)
        finally:
            if own is not None:
                own.shutdown(cancel_futures=True)
    if not done:
        raise WorkerError(
            "every chunk killed its worker twice",
            code="workers-died",
            where="executor",
            expected="workers that live until their work is done",
            fix="look at the workers' memory and logs, or run without an executor",
        )
    return [done[first] for first in sorted(done)]


def _run_all(work: Work, chunks: list[Chunk], executor: Any, workers: int) -> Iterator[Finished]:
    """Keep a bounded number of chunks in flight; collect those whose worker died, and try them alone."""
    waiting = iter(chunks)
    flying: dict[Future[Finished], Chunk] = {}
    lost: list[Chunk] = []
    broken = False
    while True:
        while not broken and len(flying) < 2 * workers:
            chunk = next(waiting, None)
            if chunk is None:
                break
            try:
                flying[executor.submit(work.run, chunk)] = chunk
            except BrokenExecutor:
                broken = True
                lost.append(chunk)
        if not flying:
            break
        ended, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in ended:
            chunk = flying.pop(future)
            finished = _result(future)
            if finished is not None:
                yield finished
            else:
                lost.append(chunk)
    yield from _rescue(work, sorted([*lost, *waiting], key=lambda chunk: chunk.first))


def _result(future: Future[Finished]) -> Finished | None:
    """Return what a future holds, or None where its worker died; errors of the work itself are raised."""
    try:
        return future.result()
    except NeurographError:
        raise
    except BrokenExecutor:
        return None
    except Exception as error:
        if type(error).__name__ in _DEATHS:
            return None
        raise


def _rescue(work: Work, chunks: list[Chunk]) -> Iterator[Finished]:
    """Run chunks one by one, each in a process of its own; warn of those that kill it once more."""
    left_out = []
    for chunk in chunks:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            finished = _result(alone.submit(work.run, chunk))
        if finished is None:
            left_out.append(f"{chunk.first} to {chunk.last - 1}")
        else:
            yield finished
    if left_out:
        text = f"left out, since they killed their worker twice: restarts {shown_list(left_out)}"
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def worker_count(executor: Any) -> int:
    """Say how many workers an executor has, as far as it tells."""
    known = getattr(executor, "_max_workers", None)
    return int(known) if isinstance(known, int) and known > 0 else os.cpu_count() or 1


def missing(count: int, done: list[Chunk]) -> list[Chunk]:
    """Return the ranges of pieces that no finished chunk holds.

    >>> missing(10, [Chunk(2, 4), Chunk(6, 10)])
    [Chunk(first=0, last=2), Chunk(first=4, last=6)]
    """
    gaps, begin = [], 0
    for chunk in sorted(done, key=lambda chunk: chunk.first):
        if chunk.first > begin:
            gaps.append(Chunk(begin, min(chunk.first, count)))
        begin = max(begin, chunk.last)
    return [*gaps, Chunk(begin, count)] if begin < count else gaps


def divide(gaps: list[Chunk], workers: int, largest: int = LARGEST) -> list[Chunk]:
    """Divide what is missing into chunks, a few for each worker.

    >>> divide([Chunk(0, 100)], workers=1)
    [Chunk(first=0, last=64), Chunk(first=64, last=100)]
    """
    total = sum(gap.last - gap.first for gap in gaps)
    size = -(-total // (2 * workers))
    size = min(largest, max(SMALLEST, -(-size // SMALLEST) * SMALLEST))
    return [
        Chunk(first, min(first + size, gap.last))
        for gap in gaps
        for first in range(gap.first, gap.last, size)
    ]
