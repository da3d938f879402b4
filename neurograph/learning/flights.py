"""Chunks on somebody's executor: a bounded number in flight, none of them waited for beyond its time."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from typing import Any

from neurograph.errors import WorkerError, shown
from neurograph.learning.chunks import Chunk, Failed, Lost, Work
from neurograph.learning.processes import GLANCE, deadline_after, time_to_begin, until
from neurograph.learning.workers import Terms, require_known, run_in_thread, run_sent, unknown_activations

_DEATHS = ("KilledWorker", "CommClosedError")  # what Dask calls a dead worker


def fly(work: Work, waiting: deque[Chunk], executor: Executor, terms: Terms) -> Generator[Any, None, None]:
    """Run chunks on an executor and yield what they leave, or Lost, or Failed, in any order.

    What is still ``waiting`` at the end, a broken executor did not take.
    """
    flights = _Flights(work, executor, terms)
    try:
        while flights.flying or (waiting and flights.room):
            while waiting and len(flights.flying) < flights.room:
                flights.launch(waiting)
            for chunk, outcome in flights.landings():
                if outcome is None:
                    flights.send_whole()
                    waiting.appendleft(chunk)
                else:
                    yield outcome
    finally:
        flights.call_back()


class _Flights:
    """What is in flight on an executor: the work goes to each worker once, then chunks go alone."""

    def __init__(self, work: Work, executor: Executor, terms: Terms) -> None:
        self._work, self._executor, self._timeout = work, executor, terms.timeout
        self._key = secrets.token_hex(16)
        self._whole = terms.workers
        # With a time-out no chunk waits behind another: its time runs.
        self.room = terms.workers if terms.timeout else 2 * terms.workers
        self.flying: dict[Future[Any], tuple[Chunk, float]] = {}
        self._given_up = threading.Event()

    def send_whole(self) -> None:
        """Send the work, too, with the next chunk."""
        self._whole = max(self._whole, 1)

    def launch(self, waiting: deque[Chunk]) -> None:
        """Submit the first waiting chunk, or see that the executor is broken."""
        future = _submitted(self._executor, *self._call(waiting[0]))
        if future is None:
            self.room = 0
        else:
            self.flying[future] = waiting.popleft(), deadline_after(self._timeout)

    def _call(self, chunk: Chunk) -> tuple[Any, ...]:
        if isinstance(self._executor, ThreadPoolExecutor):
            return run_in_thread, self._given_up, self._work, chunk
        self._whole -= 1
        return run_sent, self._key, self._work if self._whole >= 0 else None, chunk

    def landings(self) -> Iterator[tuple[Chunk, Any]]:
        """Wait for the next chunks that end, or whose time is over, and say how.

        The outcome None is that of a chunk that came alone to a worker which has not been sent the work.
        """
        first = min((deadline for _, deadline in self.flying.values()), default=0.0)
        for future in wait(self.flying, min(GLANCE, until(first)), return_when=FIRST_COMPLETED).done:
            chunk, _ = self.flying.pop(future)
            yield chunk, _outcome(future, chunk)
        now = time.monotonic()
        for future, (chunk, deadline) in list(self.flying.items()):
            if self._is_broken() and not future.done():
                del self.flying[future]
                self.room = 0
                yield chunk, Lost(chunk, "died")
            elif deadline <= now and not future.done():
                del self.flying[future]
                self._give_up(future)
                yield chunk, Lost(chunk, f"timed out after {self._timeout:g} s")

    def _is_broken(self) -> bool:
        """Whether a pool says so; a future that it was given at that very moment may never be done."""
        return bool(getattr(self._executor, "_broken", False))

    def call_back(self) -> None:
        """Cancel what is in flight, and end what is left of a broken pool: its shutdown may wait for that."""
        self._given_up.set()
        for future in self.flying:
            future.cancel()
        if self._is_broken() and isinstance(self._executor, ProcessPoolExecutor):
            _end(self._executor)

    def _give_up(self, future: Future[Any]) -> None:
        """Wait no more for a worker: end the processes of a pool, and count with one less elsewhere."""
        future.cancel()
        if isinstance(self._executor, ProcessPoolExecutor):
            _end(self._executor)
            self.room = 0
        else:
            self.room = max(self.room - 1, 0)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool, whose shutdown would wait for one that hangs."""
    for process in list((pool._processes or {}).values()):
        process.kill()


def _submitted(executor: Executor, function: Any, *arguments: Any) -> Future[Any] | None:
    """Submit a call; return None where the executor is broken."""
    try:
        return executor.submit(function, *arguments)
    except BrokenExecutor:
        return None
    except RuntimeError as error:
        raise WorkerError(
            f"it takes no work: {shown(' '.join(str(error).split()), 200)}",
            code="worker-failed",
            where="executor",
            expected="an executor that is open",
            fix="call this before its shutdown and, in a script, under if __name__ == '__main__':",
        ) from error


def _outcome(future: Future[Any], chunk: Chunk) -> Any:
    try:
        return future.result()
    except BrokenExecutor:
        return Lost(chunk, "died")
    except Exception as error:
        return Lost(chunk, "died") if type(error).__name__ in _DEATHS else Failed(chunk, error)


def greet(executor: Executor, terms: Terms) -> None:
    """Let a worker begin before any time runs, and ask whether it knows the user's own activations.

    Raises
    ------
    OptionError
        If it does not.
    """
    if not (terms.activations or terms.timeout):
        return
    future = _submitted(executor, unknown_activations, terms.activations)
    if future is not None and wait([future], time_to_begin(terms.timeout)).done:
        answer = _outcome(future, Chunk(0, 0))
        require_known(answer if isinstance(answer, list) else [])
