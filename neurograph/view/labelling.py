"""Where the weights stand: on their edges, away from neurons and from each other, while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neurograph.view.lettering import width
from neurograph.view.placing import Placement
from neurograph.view.reading import Reading
from neurograph.view.routing import Route
from neurograph.view.shapes import Point

MOST_LABELS = 120
FONT = 10.5
_SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)


@dataclass(frozen=True)
class Label:
    """The middle of a label, and its size."""

    x: float
    y: float
    width: float
    height: float


def labels(
    reading: Reading, placement: Placement, ways: Sequence[Route], lines: Sequence[Sequence[str]]
) -> dict[int, Label]:
    """Place the lines of text of each edge that has room for them.

    The edges between two columns get their labels all or none, so that none is taken for the other's.
    """
    if len(reading.edges) > MOST_LABELS or placement.sizes.font < 10:
        return {}
    taken = [
        (x, y, 2.1 * placement.sizes.radius, 2.1 * placement.sizes.radius)
        for x, y in zip(placement.x, placement.y, strict=True)
    ]
    found: dict[int, Label] = {}
    for group in _groups(reading):
        placed = _placed(group, ways, lines, taken)
        if len(placed) == len(group) or len(group) == 1:
            found |= placed
            taken += [(each.x, each.y, each.width, each.height) for each in placed.values()]
    return found


def _groups(reading: Reading) -> list[list[int]]:
    """The edges from each column to the next one together, each longer one by itself."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for k, (source, target) in enumerate(reading.edges):
        here, there = reading.column[source], reading.column[target]
        groups.setdefault((here,) if there == here + 1 else (here, there, k), []).append(k)
    return list(groups.values())


def _placed(
    group: Sequence[int],
    ways: Sequence[Route],
    lines: Sequence[Sequence[str]],
    taken: Sequence[tuple[float, ...]],
) -> dict[int, Label]:
    """Give each edge of a group the place on it that hides the least of the others."""
    here: list[tuple[float, ...]] = []
    found: dict[int, Label] = {}
    others = [(k, point) for k in group for point in _spread(ways[k].points)]
    for k in group:
        wide = max(width(line, FONT) for line in lines[k]) + 8
        high = 13.0 * len(lines[k]) + 2
        best: tuple[float, Label] | None = None
        for rank, share in enumerate(_SHARES):
            x, y = _along(ways[k].points, share)
            if any(_overlap((x, y, wide, high), other) for other in (*taken, *here)):
                continue
            hidden = sum(
                j != k and abs(px - x) < wide / 2 and abs(py - y) < high / 2 for j, (px, py) in others
            )
            if best is None or hidden + 0.5 * rank < best[0]:
                best = (hidden + 0.5 * rank, Label(x, y, wide, high))
        if best is not None:
            found[k] = best[1]
            here.append((best[1].x, best[1].y, wide, high))
    return found


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return (
        abs(one[0] - other[0]) < (one[2] + other[2]) / 2 and abs(one[1] - other[1]) < (one[3] + other[3]) / 2
    )


def _along(points: Sequence[Point], share: float) -> Point:
    """The point after a share of the length of a sampled line."""
    lengths = [0.0]
    for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
        lengths.append(lengths[-1] + ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
    wanted = share * lengths[-1]
    i = next((i for i in range(1, len(lengths)) if lengths[i] >= wanted), len(lengths) - 1)
    part = (wanted - lengths[i - 1]) / ((lengths[i] - lengths[i - 1]) or 1.0)
    (ax, ay), (bx, by) = points[i - 1], points[i]
    return ax + part * (bx - ax), ay + part * (by - ay)


def _spread(points: Sequence[Point]) -> list[Point]:
    return [_along(points, i / 20) for i in range(1, 20)]
