"""Processes of our own: each does one chunk at a time, can be ended at any time, and ends with its parent."""

from __future__ import annotations

import contextlib
import math
import signal
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from multiprocessing import connection, get_context, resource_tracker
from typing import Any

from neurograph.errors import WorkerError, shown
from neurograph.learning.chunks import Chunk, Failed, Lost, Work
from neurograph.learning.workers import Terms, end_with_parent, require_known, unknown_activations

START = 60.0  # seconds that a process may take to begin, where chunks have a time-out
GLANCE = 1.0  # seconds between two looks at workers from which nothing comes
_LONGEST_WAIT = 3600.0


def deadline_after(seconds: float | None) -> float:
    """Return the time at which so many seconds are over; never, without a number."""
    return math.inf if seconds is None else time.monotonic() + seconds


def until(deadline: float) -> float:
    """Return how many seconds to wait for a deadline, an hour at most.

    >>> until(math.inf)
    3600.0
    """
    return min(_LONGEST_WAIT, max(0.0, deadline - time.monotonic()))


def time_to_begin(timeout: float | None) -> float | None:
    """Return how many seconds a worker has to begin, where a chunk has so many.

    >>> time_to_begin(2.0), time_to_begin(None)
    (60.0, None)
    """
    return None if timeout is None else max(timeout, START)


def run_in_processes(
    work: Work, chunks: Iterable[Chunk], terms: Terms, processes: int
) -> Generator[Any, None, None]:
    """Run chunks in fresh processes and yield what they leave, or Lost, or Failed, in any order.

    Raises
    ------
    OptionError
        If the processes do not know an activation.
    WorkerError
        If no process can begin.
    """
    waiting, crew = deque(chunks), _Crew(work, terms)
    try:
        while waiting or crew.busy:
            while waiting and len(crew.busy) < processes:
                crew.begin(waiting.popleft())
            yield from crew.news(waiting)
    finally:
        for process in crew.busy.values():
            process.end()


class _Crew:
    """The processes that are at work, by the pipes on which they answer."""

    def __init__(self, work: Work, terms: Terms) -> None:
        self._work, self._terms = work, terms
        self.busy: dict[Any, _Process] = {}

    def begin(self, chunk: Chunk) -> None:
        """Start a process for a chunk."""
        process = _Process(self._terms, chunk)
        process.deadline = deadline_after(time_to_begin(self._terms.timeout))
        self.busy[process.pipe] = process

    def news(self, waiting: deque[Chunk]) -> Iterator[Any]:
        """Wait until a process answers, dies or has taken too long."""
        first = min(process.deadline for process in self.busy.values())
        for pipe in connection.wait(list(self.busy), min(GLANCE, until(first))):
            yield from self._hear(self.busy[pipe], waiting)
        now = time.monotonic()
        for process in [process for process in self.busy.values() if not process.has_news]:
            if process.deadline <= now:
                yield self._late(process)
            elif not process.is_alive:  # and its pipe is still open in a process that somebody forked
                yield self._lost(process)

    def _hear(self, process: _Process, waiting: deque[Chunk]) -> Iterator[Any]:
        try:
            answer = process.pipe.recv()
        except (EOFError, OSError):
            yield self._lost(process)
            return
        except Exception as error:  # what it sent cannot be read
            self._end(process)
            yield Failed(process.chunk, error)
            return
        if not process.has_begun:
            require_known(answer)
            process.has_begun = True
            yield from self._give(process, process.chunk, self._work)
            return
        good, found = answer
        yield found if good else Failed(process.chunk, found)
        if waiting:
            yield from self._give(process, waiting.popleft())
        else:
            self._end(process)

    def _give(self, process: _Process, chunk: Chunk, work: Work | None = None) -> Iterator[Failed]:
        process.chunk, process.deadline = chunk, deadline_after(self._terms.timeout)
        try:
            process.pipe.send((work, chunk))
        except OSError:  # it is dead, and its pipe will say so
            return
        except Exception as error:  # the work cannot be sent
            self._end(process)
            yield Failed(chunk, error)

    def _late(self, process: _Process) -> Lost:
        self._end(process)
        if not process.has_begun:
            raise _did_not_begin(f"within {time_to_begin(self._terms.timeout):g} s")
        return Lost(process.chunk, f"timed out after {self._terms.timeout:g} s")

    def _lost(self, process: _Process) -> Lost:
        code = self._end(process, patience=1.0)
        how = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if code > 0 and not process.has_begun:
            raise _did_not_begin(f"it {how}")
        return Lost(process.chunk, how)

    def _end(self, process: _Process, patience: float = 0.0) -> int:
        del self.busy[process.pipe]
        return process.end(patience)


class _Process:
    """One process, the chunk it is at, and when it must have answered."""

    def __init__(self, terms: Terms, chunk: Chunk) -> None:
        self.chunk, self.deadline, self.has_begun = chunk, math.inf, False
        context: Any = get_context(terms.method)
        self.pipe, theirs = context.Pipe()
        given = theirs, terms.activations, terms.initializer
        self._process = context.Process(target=_serve, args=given, daemon=True)
        try:
            with _no_keyboard():
                self._process.start()
        except RuntimeError as error:  # it imports the main program, which calls us again
            raise _did_not_begin("this one has only begun itself") from error
        except (AssertionError, OSError) as error:
            raise _did_not_begin(shown(error)) from error
        finally:
            theirs.close()

    @property
    def is_alive(self) -> bool:
        return bool(self._process.is_alive())

    @property
    def has_news(self) -> bool:
        """Whether there is an answer to read, or the end."""
        try:
            return bool(self.pipe.poll())
        except OSError:
            return True

    def end(self, patience: float = 0.0) -> int:
        """End it, unless it ends by itself within so many seconds, and return its exit code."""
        self.pipe.close()
        self._process.join(patience)
        self._process.kill()
        self._process.join()
        return self._process.exitcode or 0


@contextlib.contextmanager
def _no_keyboard() -> Iterator[None]:
    """Start processes to which a Ctrl-C says nothing: the parent hears it and ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # to start it would undo what comes next
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _did_not_begin(how: str) -> WorkerError:
    return WorkerError(
        f"a new process did not begin: {how}",
        code="worker-not-begun",
        where="executor",
        expected="processes that can be started and can import the main program",
        fix="in a script, put the call under if __name__ == '__main__':",
    )


def _serve(pipe: Any, activations: tuple[str, ...], initializer: Any) -> None:
    """Run chunks in a process until the parent is gone; the first of them comes with the work."""
    end_with_parent()
    if initializer is not None:
        function, arguments = initializer
        function(*arguments)
    pipe.send(unknown_activations(activations))
    work: Any = None
    while True:
        try:
            given, chunk = pipe.recv()
        except EOFError:
            return
        except Exception as error:
            answer = False, _noted(error)
        else:
            work = given or work
            answer = _attempt(work, chunk)
        _send(pipe, answer)


def _attempt(work: Any, chunk: Chunk) -> tuple[bool, Any]:
    try:
        return True, work.run(chunk)
    except Exception as error:
        return False, _noted(error)


def _noted(error: Exception) -> Exception:
    """Note on an error where in the worker it was raised."""
    error.add_note(f"In the worker:\n{traceback.format_exc()}")
    return error


def _send(pipe: Any, answer: tuple[bool, Any]) -> None:
    """Send an answer, or else why it cannot be sent."""
    try:
        pipe.send(answer)
    except OSError:
        raise
    except Exception as error:
        pipe.send((False, TypeError(f"its result cannot be sent: {shown(error)}")))
