"""The picture of a network: its neurons, its edges, and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence

from neurograph.view.captions import MARGIN, blocks, legend, set_below, wanted_width
from neurograph.view.edges import edge, label, painting_order, room
from neurograph.view.labelling import Label, labels
from neurograph.view.marking import Lit, Numbers
from neurograph.view.neurons import lines_below, neuron
from neurograph.view.placing import place
from neurograph.view.reading import Reading
from neurograph.view.routing import Route, routes
from neurograph.view.scene import Scene
from neurograph.view.shapes import Bounds, Group, Outline, Part, Picture, Words, bounds, box

HEAD = 34.0  # room for the names of the columns


def compose(reading: Reading, numbers: Numbers | None, lit: Lit, *, live: bool = False) -> Picture:
    """Draw every neuron and edge of a network."""
    scene = set_out(reading, numbers, lit, live=live)
    neurons = [neuron(scene, i) for i in range(len(reading.neurons))]
    ways = routes(reading, scene.placement)
    placed = set_labels(scene, ways, neurons)
    edges = [edge(scene, k, ways[k]) for k in painting_order(scene)]
    weights = [label(scene, k, at) for k, at in placed.items()]
    inner = _inner(scene, neurons, weights, ways)
    heads = _column_names(scene, inner[1])
    layers = (("ng-columns", heads), ("ng-edges", edges), ("ng-labels", weights), ("ng-neurons", neurons))
    return framed(reading, inner, layers, numbers=numbers, lit=lit, live=live)


def set_out(reading: Reading, numbers: Numbers | None, lit: Lit, *, live: bool = False) -> Scene:
    """Find a place for every neuron."""
    deltas = live or bool(numbers and numbers.delta)
    gradients = bool(numbers and numbers.gradient)
    placement = place(reading, lambda sizes: lines_below(reading, sizes, deltas=deltas), gradients=gradients)
    return Scene(reading, numbers, lit, placement, live)


def framed(
    reading: Reading,
    inner: Bounds,
    layers: Sequence[tuple[str, Sequence[Group]]],
    *,
    numbers: Numbers | None = None,
    lit: Lit | None = None,
    live: bool = False,
    note: str = "",
    legend_of_edges: bool = True,
) -> Picture:
    """Put paper behind a drawing and captions below it."""
    lit = lit or Lit()
    left, top, right, bottom = inner[0] - MARGIN, inner[1] - HEAD, inner[2] + MARGIN, inner[3] + MARGIN
    wide = right - left if live else max(right - left, wanted_width(lit))
    left -= (wide - (right - left)) / 2
    right = left + wide
    foot: list[Group] = []
    if not live:
        foot, low = legend(reading, left + MARGIN, right - MARGIN, bottom + 4, edges=legend_of_edges)
        texts, bottom = set_below(blocks(reading, numbers, lit, wide, note), left + MARGIN, low)
        foot, bottom = [*foot, *texts], bottom + 16
    paper = Outline("paper", box(left, top, wide, bottom - top))
    every = (("ng-background", [Group(("ng-sheet",), (paper,))]), *layers, ("ng-captions", foot))
    return Picture(
        (left, top, right, bottom),
        f"Network of {count(len(reading.neurons), 'neuron')} and {count(len(reading.edges), 'edge')}",
        description(reading),
        tuple((name, tuple(groups)) for name, groups in every),
    )


def set_labels(scene: Scene, ways: Sequence[Route], neurons: Sequence[Group]) -> dict[int, Label]:
    """Find a place for the weight of every edge that has room for it."""
    if scene.placement.sizes.font < 10:
        return {}
    return labels(scene.reading, ways, [room(scene, k) for k in range(len(ways))], neurons)


def _inner(scene: Scene, neurons: Sequence[Group], weights: Sequence[Group], ways: Sequence[Route]) -> Bounds:
    """The rectangle around all that is drawn; straight edges stay between their neurons."""
    parts: list[Part] = [part for group in (*neurons, *weights) for part in group.parts]
    column = scene.reading.column
    for (source, target), way in zip(scene.reading.edges, ways, strict=True):
        if column[target] != column[source] + 1:
            parts.append(Outline("line", way.line))
    return bounds(parts) or (0.0, 0.0, 0.0, 0.0)


def count(number: int, noun: str) -> str:
    """Write how many there are of something."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def description(reading: Reading) -> str:
    """Say in words what a picture shows."""
    kinds = {kind: reading.kinds.count(kind) for kind in dict.fromkeys(reading.kinds)}
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{count(len(reading.columns), reading.word)} from left to right; {parts or 'no neuron'}."


def _column_names(scene: Scene, top: float) -> list[Group]:
    """Name the columns, each with its function where the neurons are too small to show theirs."""
    groups = []
    for i, x in enumerate(scene.placement.column_x[: len(scene.reading.columns)]):
        names = {scene.reading.functions[j] for j in scene.reading.columns[i]} - {""}
        function = f", {names.pop()}" if len(names) == 1 and scene.placement.sizes.font < 10 else ""
        words = Words("column-name", x, top - 14, f"{scene.reading.word} {i + 1}{function}", 11)
        groups.append(Group(("ng-column",), (words,), {"data-column": i}))
    return groups
