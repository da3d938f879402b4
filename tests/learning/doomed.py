"""Work that goes wrong in every way, for the tests of what is left then; workers import it by its name."""

import ctypes
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import neurograph as ng
from neurograph.learning import restart_job, starting_points
from neurograph.learning.chunks import Chunk, Finished


def leave():
    os._exit(3)


def leave_quietly():
    os._exit(0)


def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def segfault():
    ctypes.string_at(0)


def hang():
    time.sleep(600)


def fail():
    raise LookupError("nothing is there")


def leave_an_heir():
    """Die, but leave a process of the same group that holds all that was open."""
    os.setpgid(0, 0)
    if os.fork() == 0:
        time.sleep(600)
    os._exit(3)


DEATHS = {end.__name__: end for end in (leave, leave_quietly, be_killed, segfault)}
ENDS = DEATHS | {end.__name__: end for end in (hang, fail, leave_an_heir)}


def finished(chunk):
    """What a chunk of these works leaves, without training anything."""
    numbers = np.arange(chunk.first, chunk.last) * 1.5
    return Finished(chunk, numbers, np.arange(chunk.first, chunk.first + 1), numbers[:1, None])


@dataclass(frozen=True)
class Doomed:
    """Does its work, but for one chunk, which comes to a bad end: once, or always without a marker file."""

    end: str
    doomed: int = 64
    marker: str = ""
    seconds: float = 0.0

    def run(self, chunk: Chunk) -> Finished:
        time.sleep(self.seconds)
        if chunk.first == self.doomed and not (self.marker and Path(self.marker).exists()):
            if self.marker:
                Path(self.marker).touch()
            ENDS[self.end]()
        return finished(chunk)


@dataclass(frozen=True)
class DoomedOnArrival:
    """Work that comes to its end where a worker unpacks it."""

    end: str

    def __reduce__(self):
        return arrive, (self.end,)


def arrive(end):
    ENDS[end]()


@dataclass(frozen=True)
class DoomedOnReturn:
    """Work of which the result of one chunk comes to its end where the worker packs it."""

    end: str

    def run(self, chunk: Chunk) -> Finished:
        result = finished(chunk)
        return replace(result, best=Bomb(self.end)) if chunk.first == 64 else result


@dataclass(frozen=True)
class Bomb:
    end: str

    def __reduce__(self):
        ENDS[self.end]()
        raise AssertionError


STAGES = {"on arrival": DoomedOnArrival, "at work": Doomed, "on return": DoomedOnReturn}


@dataclass(frozen=True)
class Slow:
    """The work of another, which writes down who does which chunk, and takes its time."""

    work: object
    diary: str
    seconds: float = 0.05

    def run(self, chunk: Chunk) -> object:
        with open(self.diary, "a", encoding="utf-8") as stream:
            stream.write(f"{os.getpid()} {chunk.first}\n")
        time.sleep(self.seconds)
        return self.work.run(chunk)


@dataclass(frozen=True)
class Refusing:
    """Work that raises an error of the library."""

    def run(self, chunk: Chunk) -> Finished:
        raise ng.OptionError(
            "there is no such loss", code="unknown-loss", where="loss", expected="one", fix="choose one"
        )


X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
CHUNK, N = 64, 640


def run_restarts(path, diary, seconds, executor=None, timeout=None):
    """Run ten chunks of restarts, slowly, and keep them in a file."""
    restart_job.LARGEST = CHUNK
    run_chunks = starting_points.run_chunks

    def slowly(work, *given, **options):
        return run_chunks(Slow(work, str(diary), seconds), *given, **options)

    starting_points.run_chunks = slowly
    try:
        net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
        return ng.restarts(
            net, X, Y, n=N, epochs=3, learning_rate=1.5, seed=5, backend="numpy", checkpoint=path,
            executor=executor, timeout=timeout,
        )  # fmt: skip
    finally:
        starting_points.run_chunks = run_chunks


def main(path, diary, seconds, where="threads"):
    """Run them in a process that the test kills."""
    options = {}
    if where == "processes":
        options["timeout"] = 600.0
    elif where != "threads":
        options["executor"] = ProcessPoolExecutor(2, mp_context=get_context(where))
    runs = run_restarts(path, diary, float(seconds), **options)
    print(runs.losses.tobytes().hex(), repr(ng.weights(runs.best)))


if __name__ == "__main__":
    main(*sys.argv[1:])
