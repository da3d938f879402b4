"""All chunks of a piece of work: each is run once, and tried once more, alone, where its worker dies."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.errors import NeurographError, WorkerError, shown
from neurograph.learning.chunks import LARGEST, Chunk, Failed, Lost, Store, Work, divide, missing
from neurograph.learning.flights import fly, greet
from neurograph.learning.processes import run_in_processes
from neurograph.learning.progress import Progress
from neurograph.learning.workers import Terms, worker_count

_MOST_NAMED = 10


@dataclass(frozen=True)
class Pieces:
    """The pieces of a work: how many there are, what they are called, and how many a chunk has at most."""

    count: int
    noun: str = "restart"
    origin: str = ""
    largest: int = LARGEST

    def named(self, chunks: Sequence[Chunk]) -> str:
        """Name the pieces of some chunks.

        >>> Pieces(100, origin=" of seed 5").named([Chunk(0, 64), Chunk(70, 71)])
        'restarts 0 to 63, 70 of seed 5'
        """
        spans = [f"{c.first} to {c.last - 1}" if len(c) > 1 else f"{c.first}" for c in chunks]
        if len(spans) > _MOST_NAMED:
            spans[_MOST_NAMED:] = [f"… ({sum(map(len, chunks))} in all)"]
        plural = "" if sum(map(len, chunks)) == 1 else "s"
        return f"{self.noun}{plural} {', '.join(spans)}{self.origin}"


def run_chunks(
    work: Work,
    pieces: Pieces,
    terms: Terms,
    *,
    store: Store | None = None,
    progress: bool = False,
    with_gaps: bool = True,
) -> list[Any]:
    """Run all pieces and return what finished, in the order of the chunks.

    A chunk whose worker dies or takes longer than the time-out is tried again alone, in a fresh process;
    one that loses its worker twice is named in a warning and left out.

    Raises
    ------
    OptionError
        If the workers do not know an activation.
    WorkerError
        If the work of a chunk raises an error, no worker can begin, or not one chunk could be finished;
        without ``with_gaps``, if any could not.
    """
    done: dict[int, Any] = {part.chunk.first: part for part in (store.read() if store else [])}
    gaps = missing(pieces.count, [part.chunk for part in done.values()])
    finished = sum(len(part.chunk) for part in done.values())
    best = min((_lowest(part) for part in done.values()), default=np.inf)
    lost: list[Lost] = []
    with (
        Progress(pieces.count, shown=progress, noun=pieces.noun) as display,
        closing(_run_all(work, divide(gaps, terms.workers, pieces.largest), terms)) as parts,
    ):
        for part in parts:
            if isinstance(part, Failed):
                raise _failed(part, pieces)
            if isinstance(part, Lost):
                lost.append(part)
                if not with_gaps:
                    break
                continue
            done[part.chunk.first] = part
            if store is not None:
                store.write(done[first] for first in sorted(done))
            finished, best = finished + len(part.chunk), min(best, _lowest(part))
            display.advance(finished, best)
    if lost and not (done and with_gaps):
        raise _unfinished(lost, pieces, terms)
    if lost:
        text = f"left out, since their worker was lost twice: {_fates(lost, pieces)}"
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    return [done[first] for first in sorted(done)]


def _lowest(part: Any) -> float:
    return float(np.nanmin(part.losses, initial=np.inf))


def _run_all(work: Work, chunks: Iterable[Chunk], terms: Terms) -> Generator[Any, None, None]:
    """Yield what each chunk leaves, in any order; Lost where it was lost twice, the second time alone."""
    again = []
    with closing(_run_first(work, deque(chunks), terms)) as parts:
        for part in parts:
            if isinstance(part, Lost):
                again.append(part.chunk)
            else:
                yield part
    yield from run_in_processes(work, sorted(again, key=lambda chunk: chunk.first), terms, 1)


def _run_first(work: Work, waiting: deque[Chunk], terms: Terms) -> Generator[Any, None, None]:
    """Run each chunk once: in threads, on the given executor, or in processes where that one breaks."""
    if terms.executor is not None:
        if not terms.in_threads:
            greet(terms.executor, terms)
        yield from fly(work, waiting, terms.executor, terms)
    elif terms.in_threads:
        with ThreadPoolExecutor(terms.workers) as threads:
            yield from fly(work, waiting, threads, terms)
    yield from run_in_processes(work, waiting, terms, min(terms.workers, worker_count(None)))


def _fates(lost: list[Lost], pieces: Pieces) -> str:
    """Say of all lost chunks how they ended."""
    by_fate: dict[str, list[Chunk]] = {}
    for each in sorted(lost, key=lambda each: each.chunk.first):
        by_fate.setdefault(each.how, []).append(each.chunk)
    return "; ".join(f"{pieces.named(chunks)} ({how})" for how, chunks in by_fate.items())


def _unfinished(lost: list[Lost], pieces: Pieces, terms: Terms) -> WorkerError:
    late = terms.timeout is not None and all(each.how.startswith("timed out") for each in lost)
    return WorkerError(
        f"their worker was lost twice: {_fates(lost, pieces)}",
        code="timed-out" if late else "workers-died",
        where="timeout" if late else "executor",
        expected="workers that live until their work is done",
        fix="allow more seconds" if late else "look at the workers' memory and logs",
    )


def _failed(part: Failed, pieces: Pieces) -> NeurographError:
    if isinstance(part.error, NeurographError):
        return part.error
    error = WorkerError(
        f"{pieces.named([part.chunk])} failed: {shown(part.error, 1000)}",
        code="worker-failed",
        where="executor",
        expected="workers that can do what they are sent",
        fix="look at the cause of this error; workers need neurograph, and numba where it is used here",
    )
    error.__cause__ = part.error
    return error
