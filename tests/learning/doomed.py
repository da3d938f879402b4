"""Work that kills its workers, for the tests of what is left then; workers import it by its name."""

import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass
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


ENDS = {end.__name__: end for end in (leave, leave_quietly, be_killed, segfault)}


@dataclass(frozen=True)
class Doomed:
    """Does its work, but for one chunk, which ends its process: once, or always without a marker file."""

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
        numbers = np.arange(chunk.first, chunk.last) * 1.5
        return Finished(chunk, numbers, np.arange(chunk.first, chunk.first + 1), numbers[:1, None])


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
class Failing:
    """Work that raises."""

    def run(self, chunk: Chunk) -> Finished:
        raise LookupError(f"nothing for {chunk.first}")


@dataclass(frozen=True)
class Refusing:
    """Work that raises an error of the library."""

    def run(self, chunk: Chunk) -> Finished:
        raise ng.OptionError(
            "there is no such loss", code="unknown-loss", where="loss", expected="one", fix="choose one"
        )


def main(arguments):
    """Run restarts with a checkpoint, chunk by chunk slowly, in own processes; killed by the test."""
    path, diary, seconds = arguments[0], arguments[1], float(arguments[2])
    restart_job.LARGEST = 64
    run_chunks = starting_points.run_chunks

    def slowly(work, count, **options):
        return run_chunks(Slow(work, diary, seconds), count, **options)

    starting_points.run_chunks = slowly
    net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    runs = ng.restarts(
        net, X, Y, n=640, epochs=3, learning_rate=1.5, seed=5, backend="numpy", checkpoint=path
    )
    print(runs.losses.tobytes().hex(), repr(ng.weights(runs.best)))


if __name__ == "__main__":
    main(sys.argv[1:])
