"""Workers: on what terms work is given to them, and what happens inside one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from typing import Any

from neurograph.engine.side_by_side import cores
from neurograph.errors import OptionError, shown_list
from neurograph.functions import ACTIVATIONS, Activation
from neurograph.functions.activations import BUILT_IN
from neurograph.learning.chunks import Chunk, Work
from neurograph.options import bad_option, require_number

_LONGEST_TIMEOUT = 1e6  # seconds


@dataclass(frozen=True)
class Terms:
    """Where chunks run, how long each may take, and which of the user's activations a worker must know."""

    executor: Executor | None = None
    timeout: float | None = None
    activations: tuple[str, ...] = ()

    @classmethod
    def of(cls, executor: Any, timeout: Any, functions: Iterable[Activation]) -> Terms:
        """Check them at the door; raise OptionError."""
        if not (executor is None or isinstance(executor, Executor)):
            expected = "a concurrent.futures.Executor: a pool, or a Dask client's client.get_executor()"
            raise bad_option("executor", executor, expected)
        if timeout is not None:
            timeout = require_number("timeout", timeout, low=0.0, high=_LONGEST_TIMEOUT, above=True)
            if isinstance(executor, ThreadPoolExecutor):
                raise _no_end_of_threads()
        return cls(executor, timeout, tuple(row.name for row in functions if row.name not in BUILT_IN))

    @property
    def workers(self) -> int:
        """How many workers there are, as far as the executor tells."""
        return worker_count(self.executor)

    @property
    def method(self) -> str | None:
        """How processes of our own begin: where they must know an activation, as those of the user's pool."""
        context = getattr(self.executor, "_mp_context", None)
        return context.get_start_method() if self.activations and context is not None else "spawn"

    @property
    def initializer(self) -> tuple[Callable[..., object], tuple[Any, ...]] | None:
        """What the user's pool calls in each process that begins, and with what."""
        function = getattr(self.executor, "_initializer", None)
        return (function, getattr(self.executor, "_initargs", ())) if self.activations and function else None

    @property
    def in_threads(self) -> bool:
        """Whether chunks run in threads of this process."""
        return isinstance(self.executor, ThreadPoolExecutor) or (self.executor is None and not self.timeout)


def _no_end_of_threads() -> OptionError:
    return OptionError(
        "a thread that takes too long cannot be ended",
        code="needless-option",
        where="timeout",
        expected="workers that are processes",
        fix="leave executor out or give a ProcessPoolExecutor, or leave timeout out",
    )


def worker_count(executor: Any) -> int:
    """Say how many workers an executor has, as far as it tells; without one, how many cores there are."""
    known = getattr(executor, "_max_workers", None)
    if isinstance(known, int) and known > 0:
        return known
    threads = getattr(getattr(executor, "_client", None), "nthreads", None)  # a Dask client's
    total = sum(threads().values()) if callable(threads) else 0
    return total or cores()


def require_known(unknown: list[str]) -> None:
    """Raise OptionError where a worker has answered that it does not know all activations."""
    if unknown:
        raise OptionError(
            f"its workers do not know the activation {shown_list(unknown)}",
            code="unknown-activation",
            where="executor",
            expected="workers that have registered it, too",
            fix="register it in a module that every worker imports, or run in threads",
        )


# Inside a worker.

_this_thread = threading.local()


def run_in_thread(given_up: threading.Event, work: Work, chunk: Chunk) -> Any:
    """Run a chunk in a thread of this process, until it is done or given up."""
    _this_thread.given_up = given_up
    try:
        return work.run(chunk)
    finally:
        _this_thread.given_up = None  # the thread may be the user's, and go on with other things


def require_wanted() -> None:
    """Raise CancelledError in a thread whose chunk is given up: nobody can end it from outside."""
    given_up: threading.Event | None = getattr(_this_thread, "given_up", None)
    if given_up is not None and given_up.is_set():
        raise CancelledError


def unknown_activations(names: Iterable[str]) -> list[str]:
    """Return those names that no activation has in this process.

    >>> unknown_activations(["tanh", "of_nobody"])
    ['of_nobody']
    """
    return [name for name in names if name not in ACTIVATIONS]


_held: dict[str, Work] = {}  # the work that this process was sent last


def run_sent(key: str, work: Work | None, chunk: Chunk) -> Any:
    """Run a chunk in a worker; return None where the work of this key has not been sent there yet."""
    end_with_parent()
    if work is not None:
        _held.clear()
        _held[key] = work
    work = work or _held.get(key)
    return None if work is None else work.run(chunk)


_watched: set[int] = set()  # this process, once a thread watches its parent


def end_with_parent() -> None:
    """Let a process that another one started end with it, even if that one is killed.

    The processes of a pool would otherwise wait for work for ever.
    """
    parent = parent_process()
    if parent is not None and os.getpid() not in _watched:
        _watched.add(os.getpid())
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
