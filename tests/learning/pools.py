"""Pools, and what the tests of work that goes wrong in them share."""

import contextlib
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from neurograph.files.locking import is_running
from neurograph.learning.chunk_runs import Pieces, run_chunks
from neurograph.learning.workers import Terms

sys.path.insert(0, str(Path(__file__).parent))  # of workers, too: they import what they are sent

COUNT = 640
EXPECTED = np.arange(COUNT) * 1.5


def pool_of(workers=2, method="forkserver"):
    context = get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["neurograph", "doomed"])
    return ProcessPoolExecutor(workers, mp_context=context)


def run(work, count=COUNT, *, executor=None, timeout=None, largest=64, **options):
    """Run the chunks of a work; return the losses that they leave, and what they left them with."""
    pieces = Pieces(count, origin=" of seed 5", largest=largest)
    parts = run_chunks(work, pieces, Terms(executor, timeout), **options)
    return np.concatenate([part.losses for part in parts])


def pids_in(diary):
    """The processes that a diary of :class:`doomed.Slow` names in its whole lines."""
    text = diary.read_text() if diary.exists() else ""
    return sorted({int(line.split()[0]) for line in text[: text.rfind("\n") + 1].splitlines()})


def wait_until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def kill_all(pids):
    """Kill what is left of some processes, and say which those were."""
    left = [pid for pid in pids if has_life(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def has_life(pid):
    """Whether a process is there and is not just waiting to be collected by its parent."""
    status = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self").exists():
        return is_running(str(pid))
    with contextlib.suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return False
