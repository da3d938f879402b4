"""Where everything stands in a drawing: columns from left to right, neurons in them, lanes for long edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from neurograph.network.schema import BIAS
from neurograph.view.heights import centred, relaxed
from neurograph.view.ordering import Columns, untangle
from neurograph.view.reading import Reading

MOST_LABELS = 120  # with more edges their weights are not written on them
MOST_LANES = 5_000  # with more of them long edges run straight across: nothing could be told apart
GRADIENT_ROOM = 50.0  # a gradient is wider than a weight: so many pixels more between two columns
STEEPEST = 2.4  # a straight edge that is steeper may touch a neighbour of the neuron it leaves


@dataclass(frozen=True)
class Sizes:
    """How large things are drawn, in pixels; smaller where a column holds many neurons."""

    radius: float
    space: float  # between a neuron, with the words below it, and the next one
    lane: float
    gap: float
    most_gap: float
    font: float


SIZES = (
    (7, Sizes(24, 22, 30, 176, 340, 14)),
    (12, Sizes(20, 16, 24, 176, 380, 12)),
    (20, Sizes(15, 12, 16, 180, 420, 10)),
    (40, Sizes(11, 10, 12, 200, 480, 8)),
    (10**9, Sizes(7, 5, 8, 240, 560, 6)),
)
"""The sizes of a drawing whose fullest column holds at most so many neurons."""


@dataclass(frozen=True)
class Placement:
    """The place of every neuron, and the points through which edges pass that are not straight.

    ``lanes`` maps an edge to the columns it passes and the height in each. An edge against the columns
    begins with the one of its source and ends with the one of its target.
    """

    x: list[float]
    y: list[float]
    column_x: list[float]
    sizes: Sizes
    straight: bool
    lanes: dict[int, list[tuple[float, float]]] = field(default_factory=dict)


class _Grid:
    """The neurons and, after them, the lanes of long edges as nodes; links join neighbouring columns."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.neurons = len(reading.neurons)
        self.left: list[list[int]] = [[] for _ in reading.neurons]
        self.right: list[list[int]] = [[] for _ in reading.neurons]
        self.strands: dict[int, list[int]] = {}
        self.columns: Columns = [_biases_last(column, reading.kinds) for column in reading.columns]
        spans = [abs(reading.column[t] - reading.column[s]) for s, t in reading.edges]
        self.has_lanes = sum(span - 1 for span in spans if span > 1) <= MOST_LANES
        for k, (source, target) in enumerate(reading.edges):
            span = reading.column[target] - reading.column[source]
            if span == 1 or (span > 1 and self.has_lanes):
                self._add_forward(k, source, target)

    def _add_forward(self, k: int, source: int, target: int) -> None:
        column = self.reading.column
        strand = []
        for i in range(column[source] + 1, column[target]):
            strand.append(self._lane())
            self.columns[i].append(strand[-1])
        for here, there in pairwise([source, *strand, target]):
            self._link(here, there)
        if strand:
            self.strands[k] = strand

    def _lane(self) -> int:
        self.left.append([])
        self.right.append([])
        return len(self.left) - 1

    def _link(self, here: int, there: int) -> None:
        self.right[here].append(there)
        self.left[there].append(here)

    def add_backward(self) -> None:
        """Add lanes for the edges against the columns, below their source and their target."""
        column = self.reading.column
        for k, (source, target) in enumerate(self.reading.edges):
            if column[target] < column[source] and self.has_lanes:
                strand = [
                    self._lane_below(i, source, target) for i in range(column[source], column[target] - 1, -1)
                ]
                for here, there in pairwise(strand):
                    self._link(there, here)
                self.strands[k] = strand

    def _lane_below(self, i: int, source: int, target: int) -> int:
        column = self.reading.column
        lane, nodes = self._lane(), self.columns[i]
        beside = [node for node in (source, target) if column[node] == i]
        nodes.insert(nodes.index(beside[0]) + 1 if beside else len(nodes), lane)
        return lane

    def ranks(self) -> list[int | None]:
        """The wish of each neuron to stand in the order of the nodes, bias neurons last; lanes have none."""
        n = self.neurons
        own: list[int | None] = [i + n * (kind == BIAS) for i, kind in enumerate(self.reading.kinds)]
        return own + [None] * (len(self.left) - n)


def place(reading: Reading, lines_below: Callable[[Sizes], int], *, gradients: bool = False) -> Placement:
    """Place the neurons and long edges of a network.

    There is room for so many lines of text below a neuron, and for gradients on the edges where they are
    shown.
    """
    grid = _Grid(reading)
    grid.columns = untangle(grid.columns, grid.left, grid.right, grid.ranks())
    grid.add_backward()
    sizes = next(sizes for most, sizes in SIZES if max(map(len, reading.columns), default=0) <= most)
    y = _heights(grid, sizes, 12.5 * lines_below(sizes))
    column_x, straight = _widths(reading, y, sizes, room=GRADIENT_ROOM if gradients else 0.0)
    x = [column_x[i] for i in reading.column]
    lanes = {
        k: [(column_x[_column_of(reading, k, i)], y[node]) for i, node in enumerate(strand)]
        for k, strand in grid.strands.items()
    }
    return Placement(x, y[: grid.neurons], column_x, sizes, straight, lanes)


def _column_of(reading: Reading, k: int, i: int) -> int:
    """The column of the i-th lane of an edge."""
    source, target = (reading.column[node] for node in reading.edges[k])
    return source + 1 + i if target > source else source - i


def _biases_last(column: Sequence[int], kinds: Sequence[str]) -> list[int]:
    return sorted(column, key=lambda i: kinds[i] == BIAS)


def _heights(grid: _Grid, sizes: Sizes, below: float) -> list[float]:
    n, radius = grid.neurons, sizes.radius
    most_lanes = max((sum(node >= n for node in column) for column in grid.columns), default=0)
    least = 17.0 if len(grid.reading.edges) <= MOST_LABELS else 7.0
    lane = max(least, min(sizes.lane, 14 * sizes.lane / max(most_lanes, 1)))
    loops = {source for source, target in grid.reading.edges if source == target}

    def apart(upper: int, lower: int) -> float:
        down = radius + below if upper < n else 0.0
        up = radius + (1.3 * radius if lower in loops else 0.0) if lower < n else 0.0
        return down + up + (lane if upper >= n and lower >= n else sizes.space)

    def pull(one: int, other: int) -> float:
        return 8.0 if one >= n and other >= n else 2.0 if one >= n or other >= n else 1.0

    if not grid.strands:
        return centred(grid.columns, apart, len(grid.left))
    return relaxed(grid.columns, grid.left, grid.right, apart, pull)


def _widths(reading: Reading, y: Sequence[float], sizes: Sizes, *, room: float) -> tuple[list[float], bool]:
    """Set the columns so far apart that straight edges do not touch neurons, or not straight at all."""
    steps = [0.0] * max(len(reading.columns) - 1, 0)
    crowd = [0] * len(steps)
    straight = True
    for source, target in reading.edges:
        i = reading.column[source]
        if reading.column[target] == i + 1:
            crowd[i] += 1
            steps[i] = max(steps[i], abs(y[target] - y[source]) / STEEPEST)
    for i, step in enumerate(steps):
        straight = straight and step <= sizes.most_gap
        own = sizes.gap * (0.8 if crowd[i] <= 2 else 1.0) + 3 * min(crowd[i], 40) + room
        steps[i] = min(max(step, own), sizes.most_gap)
    column_x = [0.0]
    for step in steps:
        column_x.append(column_x[-1] + step)
    return column_x, straight
