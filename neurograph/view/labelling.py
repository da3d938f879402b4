"""Where the weights stand: on their edges, away from neurons and from each other, while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurograph.view.lettering import width
from neurograph.view.placing import MOST_LABELS
from neurograph.view.reading import Reading
from neurograph.view.routing import Route
from neurograph.view.shapes import Group, Part, bounds

FONT = 10.5
LINE = 13.0
_SHARES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8, 0.15, 0.85)
_PASSES = 3  # labels that stand in the way of others move in the next one


@dataclass(frozen=True)
class Label:
    """The middle of a label, and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Label, room: float = 0.0) -> bool:
        """Whether two labels would touch."""
        across = abs(self.x - other.x) < (self.width + other.width) / 2 + room
        return across and abs(self.y - other.y) < (self.height + other.height) / 2 + room


def labels(
    reading: Reading, ways: Sequence[Route], lines: Sequence[Sequence[str]], neurons: Sequence[Group]
) -> dict[int, Label]:
    """Place the lines of text of each edge that has room for them.

    The edges from one column to the next get their labels all or none, so that no edge is taken for
    another.
    """
    if len(ways) > MOST_LABELS:
        return {}
    room = _Room(ways, lines, neurons)
    for group in _groups(reading):
        room.fill(group)
    return room.found


def _groups(reading: Reading) -> list[list[int]]:
    """The edges from each column to the next one together, each longer one by itself."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for k, (source, target) in enumerate(reading.edges):
        here, there = reading.column[source], reading.column[target]
        groups.setdefault((here,) if there == here + 1 else (here, there, k), []).append(k)
    return list(groups.values())


class _Room:
    """What is taken already, and the lines that a label should not hide."""

    def __init__(
        self, ways: Sequence[Route], lines: Sequence[Sequence[str]], neurons: Sequence[Group]
    ) -> None:
        self.ways, self.lines = ways, lines
        self.found: dict[int, Label] = {}
        self.taken = [_around(part) for group in neurons for part in group.parts if part.look != "halo"]
        spread = [[way.at(i / 24) for i in range(1, 24)] for way in ways]
        self.points: NDArray[np.float64] = np.array(spread, dtype=float).reshape(-1, 2)
        self.owner = np.repeat(np.arange(len(ways)), 23)

    def fill(self, group: Sequence[int]) -> None:
        """Give every edge of a group its label, or none of them."""
        for _ in range(_PASSES if len(group) > 1 else 1):
            for k in group:
                self.found.pop(k, None)
                best = min(self._candidates(k), default=None)
                if best is not None:
                    self.found[k] = best[2]
        if not all(k in self.found for k in group):
            for k in group:
                self.found.pop(k, None)

    def _candidates(self, k: int) -> list[tuple[float, int, Label]]:
        """The places along an edge that are free, each with what speaks against it."""
        wide = max(width(line, FONT) for line in self.lines[k]) + 8
        high = LINE * len(self.lines[k]) + 2
        free = []
        for rank, share in enumerate(_SHARES):
            label = Label(*self.ways[k].at(share), wide, high)
            others = self.found.values()
            if not any(label.overlaps(other) for other in (*self.taken, *others)):
                near = sum(label.overlaps(other, 7) for other in others)
                tip = label.overlaps(Label(*self.ways[k].arrow[0][1][0], 22, 16))
                free.append((self._hidden(k, label) + 1.5 * near + 5 * tip + 0.4 * rank, rank, label))
        return free

    def _hidden(self, k: int, label: Label) -> float:
        """How much of other edges a label would hide."""
        away = np.abs(self.points - (label.x, label.y))
        hidden = (away[:, 0] < label.width / 2 + 2) & (away[:, 1] < label.height / 2 + 1) & (self.owner != k)
        return float(np.count_nonzero(hidden))


def _around(part: Part) -> Label:
    left, top, right, bottom = bounds([part]) or (0.0, 0.0, 0.0, 0.0)
    return Label((left + right) / 2, (top + bottom) / 2, right - left + 4, bottom - top + 2)
