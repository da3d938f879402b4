"""Two pieces of work at once: one in this thread, one in a thread that waits for such work."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


class Helper:
    """One thread beside all others. It is lent to one caller at a time, and made when first needed."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked process has no such thread, nor anybody to give it back."""
        self._lent = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def both(self, here: Callable[[], T], there: Callable[[], T]) -> tuple[T, T]:
        """Call two functions and return what they return; one after the other where the helper is busy.

        >>> Helper().both(lambda: 1, lambda: 2)
        (1, 2)
        """
        if cores() < 2 or not self._lent.acquire(blocking=False):
            return here(), there()
        try:
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="neurograph")
            other = self._pool.submit(there)
            try:
                return here(), other.result()
            finally:
                wait([other])
        finally:
            self._lent.release()


def cores() -> int:
    """Count the cores that this process may use, where the system tells."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


helper = Helper()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=helper.forget)
