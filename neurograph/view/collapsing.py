"""The picture of a network too large to show each neuron: a box for each column, bands for the edges."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from neurograph.network.schema import BIAS, HIDDEN, INPUT, KINDS, OUTPUT
from neurograph.view.composing import count, framed
from neurograph.view.labelling import Label
from neurograph.view.lettering import fitted, width
from neurograph.view.reading import Reading
from neurograph.view.shapes import Command, Group, Outline, Part, Picture, Words, bounds, box

MOST_BOXES = 12
MOST_BANDS = 40
WIDE, GAP = 132.0, 96.0
FONT = 12.0


@dataclass(frozen=True)
class Stack:
    """Some neighbouring columns drawn as one box."""

    first: int
    last: int
    neurons: int
    kinds: Counter[str]
    functions: Counter[str]
    x: float

    @property
    def half(self) -> float:
        """Half of the box's height: it grows with the number of neurons, slowly."""
        return 44.0 + 13.0 * math.log10(max(self.neurons, 1))

    @property
    def kind(self) -> str:
        """The kind that gives the box its colour: what it is there for."""
        return next((kind for kind in (OUTPUT, INPUT, HIDDEN, BIAS) if self.kinds[kind]), HIDDEN)


def why_collapsed(reading: Reading, most_neurons: int, most_edges: int) -> str:
    """Say why a network is too large to show each neuron; empty where it is not."""
    for number, most, noun in (
        (len(reading.neurons), most_neurons, "neurons"),
        (len(reading.edges), most_edges, "edges"),
    ):
        if number > most:
            return f"{number:,} {noun} are more than most_{noun}={most:,}"
    return ""


def collapse(reading: Reading, why: str) -> Picture:
    """Draw each column as one box; many columns in a row share one."""
    stacks = _stacks(reading)
    counts = _edges_between(reading, len(stacks))
    bands = [(pair, n) for pair, n in counts.most_common() if pair[0] != pair[1]][:MOST_BANDS]
    boxes = [_box(reading, i, stack) for i, stack in enumerate(stacks)]
    lines = [_band(stacks, *pair, n) for pair, n in sorted(bands)]
    marks = _labels(stacks, bands)
    inner = bounds(part for group in (*boxes, *lines, *marks) for part in group.parts)
    layers = (("ng-bands", lines), ("ng-labels", marks), ("ng-layers", boxes))
    what = f"a {reading.word}" if len(stacks) == len(reading.columns) else f"some {reading.word}s"
    note = f"Collapsed: {why}. A box is {what}, a band the edges between two boxes."
    inside = sum(n for (one, other), n in counts.items() if one == other)
    hidden = sum(counts.values()) - inside - sum(n for _, n in bands)
    note += f" {count(inside, 'edge')} inside boxes." if inside else ""
    note += f" {count(hidden, 'edge')} of thinner bands left out." if hidden else ""
    return framed(reading, inner or (0.0, 0.0, 0.0, 0.0), layers, note=note, legend_of_edges=False)


def _stacks(reading: Reading) -> list[Stack]:
    shared = -(-len(reading.columns) // MOST_BOXES)
    stacks: list[Stack] = []
    for first in range(0, len(reading.columns), shared or 1):
        columns = reading.columns[first : first + shared]
        neurons = [i for column in columns for i in column]
        kinds = Counter(reading.kinds[i] for i in neurons)
        functions = Counter(reading.functions[i] for i in neurons if reading.functions[i])
        x = len(stacks) * (WIDE + GAP)
        stacks.append(Stack(first, first + len(columns) - 1, len(neurons), kinds, functions, x))
    return stacks


def _edges_between(reading: Reading, stacks: int) -> Counter[tuple[int, int]]:
    shared = -(-len(reading.columns) // MOST_BOXES) or 1
    place = [column // shared for column in reading.column]
    return Counter((place[source], place[target]) for source, target in reading.edges)


def _box(reading: Reading, i: int, stack: Stack) -> Group:
    """Draw a box with the number of its neurons, their functions and kinds."""
    one = stack.first == stack.last
    name = (
        f"{reading.word} {stack.first + 1}"
        if one
        else f"{reading.word}s {stack.first + 1} to {stack.last + 1}"
    )
    lines = [("column-name", name), ("name", count(stack.neurons, "neuron"))]
    lines += [("function", _most(stack.functions))] if stack.functions else []
    kinds = Counter({kind: n for kind, n in stack.kinds.items() if kind != HIDDEN})
    lines += [("function", _most(kinds))] if kinds else []
    top = -15.0 * (len(lines) - 1) / 2 + 4
    shape = Outline("shape", box(stack.x, -stack.half, WIDE, 2 * stack.half, 12))
    words: list[Part] = [
        Words(look, stack.x + WIDE / 2, top + 15 * j, fitted(text, size, WIDE - 12), size)
        for j, (look, text) in enumerate(lines)
        for size in [FONT if look == "name" else FONT - 1.5]
    ]
    title = (name, *(text for _, text in lines[1:]))
    return Group(("ng-layer", f"ng-kind-{stack.kind}"), (shape, *words), {"data-column": i}, title)


def _most(names: Counter[str]) -> str:
    """Name the most frequent ones, with their numbers where there are several."""
    if len(names) == 1 and next(iter(names)) not in KINDS:
        return next(iter(names))
    parts = [f"{n:,} {name}" for name, n in names.most_common(3)]
    return ", ".join(parts) + (", …" if len(names) > 3 else "")


def _band(stacks: Sequence[Stack], i: int, j: int, edges: int) -> Group:
    classes = ("ng-band-group", *(("ng-cycle",) if j < i else ("ng-skip",) if j > i + 1 else ()))
    part = (
        Outline("band", _trapezoid(stacks[i], stacks[j], edges))
        if j == i + 1
        else Outline("arc", _arc(stacks, i, j), _thickness(edges))
    )
    title = (f"{_span(stacks[i])} → {_span(stacks[j])}", count(edges, "edge"))
    return Group(classes, (part,), {}, title)


def _span(stack: Stack) -> str:
    return f"{stack.first + 1}" if stack.first == stack.last else f"{stack.first + 1} to {stack.last + 1}"


def _thickness(edges: int) -> float:
    return 1.5 + 2.5 * math.log10(edges)


def _trapezoid(here: Stack, there: Stack, edges: int) -> tuple[Command, ...]:
    """A band from one box to the next one, thicker for more edges."""
    share = min(1.0, 0.12 + 0.16 * math.log10(edges))
    up, down = share * (here.half - 8), share * (there.half - 8)
    a, d = here.x + WIDE, there.x
    middle = (a + d) / 2
    return (
        ("M", ((a, -up),)),
        ("C", ((middle, -up), (middle, -down), (d, -down))),
        ("L", ((d, down),)),
        ("C", ((middle, down), (middle, up), (a, up))),
        ("Z", ()),
    )


def _rise(stacks: Sequence[Stack], i: int, j: int) -> float:
    """How far above (or, backwards, below) the boxes an arc has its summit."""
    between = stacks[min(i, j) : max(i, j) + 1]
    height = max(stack.half for stack in between) + 14 + 13 * (len(between) - 2)
    return -height if j > i else height


def _arc(stacks: Sequence[Stack], i: int, j: int) -> tuple[Command, ...]:
    """A bow over the boxes between two that are not neighbours."""
    side = -1 if j > i else 1
    a = (stacks[i].x + WIDE * (0.62 if j > i else 0.38), side * stacks[i].half)
    d = (stacks[j].x + WIDE * (0.38 if j > i else 0.62), side * stacks[j].half)
    summit = _rise(stacks, i, j)
    reach = (d[0] - a[0]) * 0.18
    middle = ((a[0] + d[0]) / 2, summit)
    return (
        ("M", (a,)),
        ("C", ((a[0] + reach * 0.4, summit), (middle[0] - 2 * reach, summit), middle)),
        ("C", ((middle[0] + 2 * reach, summit), (d[0] - reach * 0.4, summit), d)),
    )


def _labels(stacks: Sequence[Stack], bands: Sequence[tuple[tuple[int, int], int]]) -> list[Group]:
    """Write on each band how many edges it holds, where no other number stands."""
    taken: list[Label] = []
    groups = []
    for (i, j), edges in bands:
        text = count(edges, "edge")
        x = (stacks[i].x + stacks[j].x + WIDE) / 2
        y = 0.0 if j == i + 1 else _rise(stacks, i, j)
        label = Label(x, y, width(text, FONT - 1.5) + 10, 17.0)
        if not any(label.overlaps(other, 2) for other in taken):
            taken.append(label)
            pill = box(x - label.width / 2, y - 8.5, label.width, 17, 6)
            words = Words("weight", x, y + 3.8, text, FONT - 1.5)
            groups.append(Group(("ng-label",), (Outline("pill", pill), words)))
    return groups
