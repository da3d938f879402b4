"""The way of an edge between two neurons: straight where it can be, else through its lanes as one curve."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from neurograph.network.schema import BIAS, INPUT
from neurograph.view.placing import Placement
from neurograph.view.reading import Reading
from neurograph.view.shapes import Command, Point

ARROW = 8.0
CLEARANCE = 2.5


@dataclass(frozen=True)
class Route:
    """The way of one edge: its line, and the outline of its arrowhead."""

    line: tuple[Command, ...]
    arrow: tuple[Command, ...]

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Points along the line, for whoever puts a label there."""
        return sampled(self.line)

    @cached_property
    def lengths(self) -> tuple[float, ...]:
        """How long the way is up to each of its points."""
        return tuple(accumulate((math.dist(*pair) for pair in pairwise(self.points)), initial=0.0))

    def at(self, share: float) -> Point:
        """The point after a share of the length."""
        wanted = share * self.lengths[-1]
        i = min(max(bisect_left(self.lengths, wanted), 1), len(self.lengths) - 1)
        part = (wanted - self.lengths[i - 1]) / ((self.lengths[i] - self.lengths[i - 1]) or 1.0)
        (ax, ay), (bx, by) = self.points[i - 1], self.points[i]
        return ax + part * (bx - ax), ay + part * (by - ay)


def reach(kind: str, angle: float, radius: float) -> float:
    """How far from its centre the outline of a neuron is in one direction."""
    across, up = abs(math.cos(angle)), abs(math.sin(angle))
    if kind == INPUT:
        return min(0.88 * radius / max(across, up), 1.04 * radius)
    if kind == BIAS:
        return radius * math.cos(math.pi / 6) / math.cos((angle % (math.pi / 3)) - math.pi / 6)
    return radius


def routes(reading: Reading, placement: Placement) -> list[Route]:
    """Find the way of every edge, in the order of the edges."""
    return [_route(reading, placement, k) for k in range(len(reading.edges))]


def _route(reading: Reading, placement: Placement, k: int) -> Route:
    source, target = reading.edges[k]
    if source == target:
        return _loop(reading, placement, source)
    ends = _End(reading, placement, source), _End(reading, placement, target)
    if k in placement.lanes:
        backward = reading.column[target] < reading.column[source]
        return (_backward if backward else _through)(*ends, placement.lanes[k], placement)
    if reading.column[source] == reading.column[target]:
        return _beside(*ends, placement)
    near = reading.column[target] == reading.column[source] + 1
    return _straight(*ends) if placement.straight and near else _bent(*ends)


class _End:
    """A neuron as an end of an edge."""

    def __init__(self, reading: Reading, placement: Placement, i: int) -> None:
        self.x, self.y = placement.x[i], placement.y[i]
        self.kind, self.radius = reading.kinds[i], placement.sizes.radius

    def at(self, angle: float, clearance: float = 0.0) -> Point:
        """The point of the outline in one direction."""
        r = reach(self.kind, angle, self.radius) + clearance
        return self.x + r * math.cos(angle), self.y + r * math.sin(angle)


def _straight(source: _End, target: _End) -> Route:
    angle = math.atan2(target.y - source.y, target.x - source.x)
    return _finished(source.at(angle), [], target.at(angle + math.pi, CLEARANCE), angle, source.radius)


def _bent(source: _End, target: _End) -> Route:
    start, tip = source.at(0.0), target.at(math.pi, CLEARANCE)
    bow = max(abs(tip[0] - start[0]) / 2, 2 * source.radius)
    curve = ((start[0] + bow, start[1]), (tip[0] - bow, tip[1]))
    return _finished(start, [("C", curve)], tip, 0.0, source.radius)


def _through(source: _End, target: _End, lane: Sequence[Point], placement: Placement) -> Route:
    """Leave towards the first lane, swing through the others, arrive from the last one."""
    out = _damped(lane[0][1] - source.y, lane[0][0] - source.x)
    into = _damped(target.y - lane[-1][1], target.x - lane[-1][0])
    points = [source.at(out), *lane, target.at(into + math.pi, CLEARANCE)]
    flattest = 0.35 * min(1.0, 24 / placement.sizes.radius)
    inner = [_slope(*three, flattest) for three in zip(points, points[1:], points[2:], strict=False)]
    slopes = [math.tan(out), *inner, math.tan(into)]
    steps: list[tuple[str, tuple[Point, ...]]] = []
    for i, ((ax, ay), (bx, by)) in enumerate(pairwise(points)):
        third = (bx - ax) * 0.4
        handles = ((ax + third, ay + third * slopes[i]), (bx - third, by - third * slopes[i + 1]))
        steps.append(("C", (*handles, (bx, by))))
    *before, (_, last) = steps
    return _finished(points[0], [*before, ("C", last[:2])], points[-1], into, source.radius)


def _slope(before: Point, here: Point, after: Point, flattest: float) -> float:
    """The slope of a curve in a lane: level at a summit, else towards what follows, and never steep."""
    up, down = here[1] - before[1], after[1] - here[1]
    if up * down <= 0:
        return 0.0
    mean = (after[1] - before[1]) / (after[0] - before[0])
    least = min(abs(up / (here[0] - before[0])), abs(down / (after[0] - here[0])))
    return math.copysign(min(abs(mean), 2 * least, flattest), mean)


def _damped(up: float, across: float) -> float:
    """The angle at which a curve leaves or arrives: towards the other end, but never steep."""
    return max(-0.7, min(0.7, math.atan2(up, max(across, 1.0))))


def _backward(source: _End, target: _End, lane: Sequence[Point], placement: Placement) -> Route:
    """Leave to the right, turn below the neuron, run back through the lanes, and turn up into the target."""
    half, r = placement.sizes.radius, source.radius
    start, tip = source.at(0.5), target.at(math.pi - 0.5, CLEARANCE)
    (x, y), bow = lane[0], 1.5 * r
    turn = (x + half * 0.6, y)
    steps: list[tuple[str, tuple[Point, ...]]] = [
        ("C", ((start[0] + bow, start[1] + bow * 0.55), (turn[0] + bow, y), turn))
    ]
    here = turn
    for x, y in lane:
        reachable = (here[0] - x - half) * 0.45
        if reachable > 0:
            steps.append(("C", ((here[0] - reachable, here[1]), (x + half + reachable, y), (x + half, y))))
        here = (x - half * 0.6, y)
        steps.append(("L", (here,)))
    angle = -0.5
    curve = ((here[0] - bow, here[1]), (tip[0] - bow * math.cos(angle), tip[1] - bow * math.sin(angle)))
    return _finished(start, [*steps, ("C", curve)], tip, angle, r)


def _beside(source: _End, target: _End, placement: Placement) -> Route:
    """Bow to the right between two neurons of one column."""
    side = 0.5 if target.y > source.y else -0.5
    start, tip = source.at(side), target.at(-side, CLEARANCE)
    bow = 1.2 * source.radius + 0.15 * abs(target.y - source.y)
    curve = ((start[0] + bow, start[1] + bow * side), (tip[0] + bow, tip[1] - bow * side))
    return _finished(start, [("C", curve)], tip, math.pi - math.atan2(-bow * side, bow), source.radius)


def _loop(reading: Reading, placement: Placement, i: int) -> Route:
    """Leave to the upper right and come back from the upper left."""
    end = _End(reading, placement, i)
    start, tip = end.at(-0.9), end.at(-math.pi + 0.9, CLEARANCE)
    bow = 1.9 * end.radius
    angle = math.pi / 2 - 0.55
    curve = (
        (start[0] + bow * 0.55, start[1] - bow),
        (tip[0] - bow * math.cos(angle), tip[1] - bow * math.sin(angle)),
    )
    return _finished(start, [("C", curve)], tip, angle, end.radius)


def _finished(
    start: Point, steps: list[tuple[str, tuple[Point, ...]]], tip: Point, angle: float, radius: float
) -> Route:
    """End a way short of its tip and put the arrowhead there. The last curve still lacks its end."""
    size = min(ARROW, 0.55 * radius)
    back = (tip[0] - size * 0.8 * math.cos(angle), tip[1] - size * 0.8 * math.sin(angle))
    if steps:
        *before, (_, last) = steps
        line = (("M", (start,)), *before, ("C", (*last, back)))
    else:
        line = (("M", (start,)), ("L", (back,)))
    sides = [
        (tip[0] - size * math.cos(angle) + turn * size * 0.42 * math.sin(angle),
         tip[1] - size * math.sin(angle) - turn * size * 0.42 * math.cos(angle))
        for turn in (1, -1)
    ]  # fmt: skip
    arrow: tuple[Command, ...] = (("M", (tip,)), ("L", (sides[0],)), ("L", (sides[1],)), ("Z", ()))
    return Route(line, arrow)


def sampled(line: Sequence[Command], each: int = 12) -> tuple[Point, ...]:
    """Points along a line, close enough to see what it touches."""
    here = line[0][1][0]
    points = [here]
    for letter, ends in line[1:]:
        two, three, end = (here, ends[0], ends[0]) if letter == "L" else ends
        points += [_bezier((here, two, three, end), i / each) for i in range(1, each + 1)]
        here = end
    return tuple(points)


def _bezier(handles: Sequence[Point], t: float) -> Point:
    s = 1 - t
    shares = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
    x = sum(share * point[0] for share, point in zip(shares, handles, strict=True))
    return x, sum(share * point[1] for share, point in zip(shares, handles, strict=True))
