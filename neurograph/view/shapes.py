"""What a picture is made of: outlines, words and groups of them, to be turned into SVG or into pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from neurograph.view.lettering import width

LEADING = 1.1  # from one line of a text to the next one, in sizes of the font

Point: TypeAlias = tuple[float, float]
Command: TypeAlias = tuple[str, tuple[Point, ...]]  # M, L, C or Z with its points, as in SVG


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or a shape. Its look is a row of :data:`neurograph.view.looks.LOOKS`."""

    look: str
    commands: tuple[Command, ...]
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text; y is its base line. From the character ``cut`` on it stands in a second line."""

    look: str
    x: float
    y: float
    text: str
    size: float
    anchor: str = "middle"
    data: Mapping[str, int] = field(default_factory=dict)
    empty: bool = False
    cut: int = 0

    @property
    def lines(self) -> list[str]:
        """The text line by line."""
        return [self.text[: self.cut], self.text[self.cut :]] if self.cut else [self.text]

    def single_lines(self) -> list[Words]:
        """The same text as words of one line each."""
        return [
            replace(self, text=line, cut=0, y=self.y + i * LEADING * self.size)
            for i, line in enumerate(self.lines)
        ]


Part: TypeAlias = Outline | Words
Bounds: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that belong to one neuron or edge; its classes say what it is and in which state."""

    classes: tuple[str, ...]
    parts: tuple[Part, ...]
    data: Mapping[str, int | str] = field(default_factory=dict)
    title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole picture: named layers of groups, the first one at the bottom."""

    frame: Bounds
    title: str
    description: str
    layers: tuple[tuple[str, tuple[Group, ...]], ...]

    @property
    def width(self) -> float:
        return self.frame[2] - self.frame[0]

    @property
    def height(self) -> float:
        return self.frame[3] - self.frame[1]


def bounds(parts: Iterable[Part]) -> Bounds | None:
    """The smallest upright rectangle around some parts, as far as it can be known; None around nothing."""
    every = [_bounds(part) for part in parts]
    if not every:
        return None
    left, top, right, bottom = zip(*every, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _bounds(part: Part) -> Bounds:
    if isinstance(part, Words):
        wide = max(width(line, part.size) for line in part.lines)
        left = part.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[part.anchor]
        more = LEADING * part.size * (len(part.lines) - 1)
        return left, part.y - 0.8 * part.size, left + wide, part.y + more + 0.25 * part.size
    points = [point for _, points in part.commands for point in points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def polygon(*points: Point) -> tuple[Command, ...]:
    """A closed shape with straight sides."""
    return (("M", (points[0],)), *(("L", (point,)) for point in points[1:]), ("Z", ()))


_ROUND = 0.5523  # how far the handles of a quarter of a circle reach


def ellipse(x: float, y: float, rx: float, ry: float) -> tuple[Command, ...]:
    """An ellipse as four curves."""
    a, b = rx * _ROUND, ry * _ROUND
    return (
        ("M", ((x + rx, y),)),
        ("C", ((x + rx, y + b), (x + a, y + ry), (x, y + ry))),
        ("C", ((x - a, y + ry), (x - rx, y + b), (x - rx, y))),
        ("C", ((x - rx, y - b), (x - a, y - ry), (x, y - ry))),
        ("C", ((x + a, y - ry), (x + rx, y - b), (x + rx, y))),
        ("Z", ()),
    )


def box(x: float, y: float, width: float, height: float, corner: float = 0.0) -> tuple[Command, ...]:
    """A rectangle with round corners; x and y are its upper left corner."""
    right, low, k = x + width, y + height, corner * (1 - _ROUND)
    if not corner:
        return polygon((x, y), (right, y), (right, low), (x, low))
    return (
        ("M", ((x + corner, y),)),
        ("L", ((right - corner, y),)),
        ("C", ((right - k, y), (right, y + k), (right, y + corner))),
        ("L", ((right, low - corner),)),
        ("C", ((right, low - k), (right - k, low), (right - corner, low))),
        ("L", ((x + corner, low),)),
        ("C", ((x + k, low), (x, low - k), (x, low - corner))),
        ("L", ((x, y + corner),)),
        ("C", ((x, y + k), (x + k, y), (x + corner, y))),
        ("Z", ()),
    )
