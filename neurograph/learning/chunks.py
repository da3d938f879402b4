"""Work in pieces that anyone can do in any order: chunks of consecutive numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

SMALLEST, LARGEST = 64, 512  # pieces in one chunk; a multiple of the lanes that advance together


@dataclass(frozen=True)
class Chunk:
    """Consecutive pieces of work."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

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


@dataclass(frozen=True)
class Lost:
    """A chunk whose worker did not live to finish it, and how that ended."""

    chunk: Chunk
    how: str


@dataclass(frozen=True)
class Failed:
    """A chunk whose work raised an error."""

    chunk: Chunk
    error: BaseException


class Store(Protocol):
    """Where finished chunks are kept."""

    def read(self) -> list[Any]:
        """Return what is finished."""

    def write(self, finished: Iterable[Any]) -> None:
        """Keep these."""


class Work(Protocol):
    """Something that can be sent to a worker and run there, chunk by chunk."""

    def run(self, chunk: Chunk) -> Any:
        """Do the work of one chunk; what is returned knows its ``chunk`` and its ``losses``."""


def missing(count: int, done: list[Chunk]) -> list[Chunk]:
    """Return the ranges of pieces that no finished chunk holds.

    >>> missing(10, [Chunk(2, 4), Chunk(6, 10)])
    [Chunk(first=0, last=2), Chunk(first=4, last=6)]
    """
    gaps, begin = [], 0
    for chunk in sorted(done, key=lambda chunk: chunk.first):
        if chunk.first > begin:
            gaps.append(Chunk(begin, chunk.first))
        begin = chunk.last
    return [*gaps, Chunk(begin, count)] if begin < count else gaps


def divide(gaps: list[Chunk], workers: int, largest: int = LARGEST) -> list[Chunk]:
    """Divide what is missing into chunks, a few for each worker.

    >>> divide([Chunk(0, 100)], workers=1)
    [Chunk(first=0, last=64), Chunk(first=64, last=100)]
    """
    size = -(-sum(map(len, gaps)) // (2 * workers))
    size = min(largest, max(SMALLEST, -(-size // SMALLEST) * SMALLEST))
    return [
        Chunk(first, min(first + size, gap.last))
        for gap in gaps
        for first in range(gap.first, gap.last, size)
    ]
