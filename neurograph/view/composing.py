"""The picture of a network, neuron by neuron and edge by edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from neurograph.network.schema import BIAS, INPUT, OUTPUT
from neurograph.view.captions import captions
from neurograph.view.labelling import FONT, Label, labels
from neurograph.view.lettering import fitted, width
from neurograph.view.marking import DASH, Lit, Numbers, written
from neurograph.view.placing import Placement, place
from neurograph.view.reading import Reading
from neurograph.view.routing import Route, routes
from neurograph.view.shapes import Group, Outline, Part, Picture, Words, box, ellipse, polygon
from neurograph.walk.notation import number

MARGIN = 26.0
LONGEST_NAME = 150.0  # pixels


@dataclass(frozen=True)
class Scene:
    """A network, the numbers on it, and where all of it stands."""

    reading: Reading
    numbers: Numbers | None
    lit: Lit
    placement: Placement
    live: bool

    def neuron_classes(self, i: int) -> tuple[str, ...]:
        """What a neuron is, and in which state."""
        mark = self.reading.neuron_marks.get(i)
        states = [f"ng-{mark}"] if mark else []
        states += ["ng-lit"] if i == self.lit.neuron else []
        return ("ng-neuron", f"ng-kind-{self.reading.kinds[i]}", *states)

    def edge_states(self, k: int) -> tuple[str, ...]:
        """The sign of an edge's weight, and its states."""
        weight, mark = self.reading.weights[k], self.reading.edge_marks.get(k)
        sign = [] if not weight else ["ng-positive"] if weight > 0 else ["ng-negative"]
        states = ["ng-frozen"] if self.reading.frozen[k] else []
        states += [f"ng-{mark}"] if mark else []
        states += ["ng-lit"] if k in self.lit.edges else []
        return (*sign, *states)


def compose(reading: Reading, numbers: Numbers | None, lit: Lit, *, live: bool = False) -> Picture:
    """Draw every neuron and edge of a network."""
    scene = Scene(reading, numbers, lit, place(reading), live)
    left, right = _side_room(scene)
    ways_from = _moved(
        scene.placement, left, MARGIN + 18 - scene.placement.top + scene.placement.sizes.radius
    )
    scene = Scene(reading, numbers, lit, ways_from, live)
    ways = routes(reading, scene.placement)
    placed = labels(reading, scene.placement, ways, [_lines(scene, k) for k in range(len(ways))])
    neurons = [_neuron(scene, i) for i in range(len(reading.neurons))]
    inner = (scene.placement.column_x[-1] if reading.columns else 0.0) + right
    low = scene.placement.bottom + _below(scene) if reading.columns else MARGIN
    foot, picture_width, height = captions(reading, numbers, lit, inner, low)
    shift = (picture_width - inner) / 2
    if shift > 0:
        return _centred(scene, left + shift, right + shift)
    return _picture(scene, ways, placed, neurons, foot, picture_width, height)


def _centred(scene: Scene, left: float, right: float) -> Picture:
    """Draw once more, between margins as wide as the captions need."""
    moved = _moved(
        scene.placement, left - scene.placement.column_x[0] if scene.placement.column_x else 0.0, 0.0
    )
    scene = Scene(scene.reading, scene.numbers, scene.lit, moved, scene.live)
    ways = routes(scene.reading, moved)
    placed = labels(scene.reading, moved, ways, [_lines(scene, k) for k in range(len(ways))])
    neurons = [_neuron(scene, i) for i in range(len(scene.reading.neurons))]
    inner = (moved.column_x[-1] if scene.reading.columns else 0.0) + right
    low = moved.bottom + _below(scene) if scene.reading.columns else MARGIN
    foot, picture_width, height = captions(scene.reading, scene.numbers, scene.lit, inner, low)
    return _picture(scene, ways, placed, neurons, foot, picture_width, height)


def _picture(
    scene: Scene,
    ways: Sequence[Route],
    placed: dict[int, Label],
    neurons: list[Group],
    foot: Sequence[Group],
    picture_width: float,
    height: float,
) -> Picture:
    reading = scene.reading
    paper = Group(("ng-background",), (Outline("paper", box(0, 0, picture_width, height)),))
    return Picture(
        picture_width,
        height,
        f"Network of {_count(len(reading.neurons), 'neuron')} and {_count(len(reading.edges), 'edge')}",
        _description(reading),
        (
            ("ng-paper-layer", (paper,)),
            ("ng-columns", tuple(_column_names(scene))),
            ("ng-edges", tuple(_edge(scene, k, way) for k, way in enumerate(ways))),
            ("ng-labels", tuple(_label(scene, k, label) for k, label in placed.items())),
            ("ng-neurons", tuple(neurons)),
            ("ng-captions", tuple(foot)),
        ),
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _description(reading: Reading) -> str:
    kinds = {kind: reading.kinds.count(kind) for kind in dict.fromkeys(reading.kinds)}
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{_count(len(reading.columns), reading.word)} from left to right; {parts or 'no neuron'}."


def _moved(placement: Placement, across: float, down: float) -> Placement:
    return Placement(
        [x + across for x in placement.x],
        [y + down for y in placement.y],
        [x + across for x in placement.column_x],
        placement.sizes,
        placement.straight,
        {k: [(x + across, y + down) for x, y in lane] for k, lane in placement.lanes.items()},
    )


# ── neurons ──────────────────────────────────────────────────────────────────────────────────────


def _inside(scene: Scene, i: int) -> bool:
    """Whether a neuron's name fits into its shape."""
    sizes = scene.placement.sizes
    return width(scene.reading.label(i), sizes.font) <= 1.62 * sizes.radius


def _beside(scene: Scene, i: int) -> str:
    """On which side of a neuron its name stands, where it does not fit inside."""
    reading = scene.reading
    if _inside(scene, i):
        return ""
    if reading.column[i] == 0 and reading.kinds[i] in (INPUT, BIAS):
        return "left"
    return "right" if reading.column[i] == len(reading.columns) - 1 else "below"


def _side_room(scene: Scene) -> tuple[float, float]:
    """How much room the first and the last column need to their sides."""
    sizes, reading = scene.placement.sizes, scene.reading
    room = {"left": 0.0, "right": 0.0}
    for i in range(len(reading.neurons)):
        side = _beside(scene, i)
        if side in room:
            text = fitted(reading.label(i), sizes.font, LONGEST_NAME)
            room[side] = max(room[side], width(text, sizes.font) + 10)
    return MARGIN + sizes.radius + room["left"], MARGIN + sizes.radius + room["right"]


def _below(scene: Scene) -> float:
    """How much room the lowest neuron needs below its centre."""
    return scene.placement.sizes.radius + 14 * _most_lines(scene) + 12


def _most_lines(scene: Scene) -> int:
    small = scene.placement.sizes.font < 10
    names = any(_beside(scene, i) == "below" for i in range(len(scene.reading.neurons)))
    return 0 if small else 1 + names + bool(scene.live or (scene.numbers and scene.numbers.delta))


def _neuron(scene: Scene, i: int) -> Group:
    reading, x, y = scene.reading, scene.placement.x[i], scene.placement.y[i]
    radius = scene.placement.sizes.radius
    parts: list[Part] = [
        Outline("halo", ellipse(x, y, radius + 5, radius + 5)),
        *_shape(reading.kinds[i], x, y, radius),
    ]
    if scene.placement.sizes.font >= 8:
        parts += _words(scene, i)
    data = {"data-neuron": i, "data-name": reading.label(i)}
    return Group(scene.neuron_classes(i), tuple(parts), data, tuple(_neuron_title(scene, i)))


def _shape(kind: str, x: float, y: float, r: float) -> list[Part]:
    """Inputs are squares, bias neurons hexagons, hidden neurons circles, outputs double circles."""
    if kind == INPUT:
        return [Outline("shape", box(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r, 0.3 * r))]
    if kind == BIAS:
        corners = [(x + r * math.cos(a * math.pi / 3), y + r * math.sin(a * math.pi / 3)) for a in range(6)]
        return [Outline("shape", polygon(*corners))]
    if kind == OUTPUT:
        return [Outline("shape", ellipse(x, y, r, r)), Outline("ring", ellipse(x, y, r - 4, r - 4))]
    return [Outline("shape", ellipse(x, y, r, r))]


def _words(scene: Scene, i: int) -> list[Part]:
    """The name, the function, the value and the delta of a neuron."""
    reading, sizes = scene.reading, scene.placement.sizes
    x, y, r = scene.placement.x[i], scene.placement.y[i], sizes.radius
    numbers = scene.numbers
    has_value = sizes.font >= 12 and (scene.live or numbers is not None)
    name = fitted(reading.label(i), sizes.font, LONGEST_NAME)
    side = _beside(scene, i)
    small, base = sizes.font - 3.5, y + r + 2
    words: list[Part] = []
    if side == "":
        words.append(Words("name", x, y + (-3 if has_value else 0.36 * sizes.font), name, sizes.font))
    elif side == "below":
        base += 13
        words.append(
            Words("name", x, base - 1, fitted(name, sizes.font - 2, 0.8 * sizes.gap), sizes.font - 2)
        )
    else:
        far = r + 8 if side == "right" else -r - 8
        anchor = "start" if side == "right" else "end"
        words.append(Words("name", x + far, y + 0.36 * sizes.font, name, sizes.font, anchor))
    if has_value:
        value = DASH if numbers is None else written(numbers.value, i)
        words.append(Words("value", x, y + (12 if side == "" else 4), value, 10.5))
    if reading.functions[i] and sizes.font >= 10:
        words.append(
            Words("function", x, base + 11, fitted(reading.functions[i], small, 0.8 * sizes.gap), small)
        )
        base += 12
    if (
        has_value
        and (scene.live or (numbers is not None and numbers.delta))
        and reading.kinds[i] not in (INPUT, BIAS)
    ):
        delta = DASH if numbers is None else written(numbers.delta, i)
        words.append(Words("delta", x, base + 12, f"δ {delta}", small + 0.5))
    return words


def _neuron_title(scene: Scene, i: int) -> list[str]:
    reading = scene.reading
    what = [reading.kinds[i], reading.functions[i], f"{reading.word} {reading.column[i] + 1}"]
    lines = [reading.label(i), ", ".join(word for word in what if word)]
    if scene.numbers is not None:
        lines.append(f"value {written(scene.numbers.value, i)}")
        if scene.numbers.delta:
            lines.append(f"delta {written(scene.numbers.delta, i)}")
    return lines


# ── edges ────────────────────────────────────────────────────────────────────────────────────────


def _edge(scene: Scene, k: int, way: Route) -> Group:
    parts = (
        Outline("touch", way.line),
        Outline("line", way.line, _line_width(scene, k)),
        Outline("arrow", way.arrow),
    )
    return Group(("ng-edge", *scene.edge_states(k)), parts, {"data-edge": k}, tuple(_edge_title(scene, k)))


def _line_width(scene: Scene, k: int) -> float:
    """Between one and four pixels: the size of the weight, large ones growing more slowly."""
    weight = abs(scene.reading.weights[k] or 0.0)
    return min(1.0, scene.placement.sizes.radius / 16) * (0.9 + 1.5 * math.log1p(min(weight, 1e6)))


def _lines(scene: Scene, k: int) -> list[str]:
    """What stands on an edge: its weight, and its gradient where there is one."""
    weight = scene.reading.weights[k]
    lines = ["?" if weight is None else number(weight)]
    if scene.numbers is not None and scene.numbers.gradient:
        lines.append(f"∇ {written(scene.numbers.gradient, k)}")
    return lines


def _edge_title(scene: Scene, k: int) -> list[str]:
    source, target = (scene.reading.label(i) for i in scene.reading.edges[k])
    weight, *gradient = _lines(scene, k)
    frozen = ", frozen" if scene.reading.frozen[k] else ""
    lines = [f"{source} → {target}", f"weight {weight}{frozen}"]
    return lines + [f"gradient {each.removeprefix('∇ ')}" for each in gradient]


def _label(scene: Scene, k: int, label: Label) -> Group:
    weight, *gradient = _lines(scene, k)
    x, y = label.x, label.y
    pill = box(x - label.width / 2, y - label.height / 2, label.width, label.height, 5)
    first = y + 3.8 - 6.5 * len(gradient)
    parts: list[Part] = [
        Outline("pill", pill),
        Words("weight", x, first, weight, FONT, data={"data-edge": k}),
    ]
    parts += [Words("gradient", x, first + 13, each, FONT - 1, data={"data-edge": k}) for each in gradient]
    return Group(("ng-label", *scene.edge_states(k)), tuple(parts), {"data-edge": k})


def _column_names(scene: Scene) -> list[Group]:
    reading = scene.reading
    size = 11 if scene.placement.sizes.font >= 10 else 10
    return [
        Group(
            ("ng-column",),
            (Words("column-name", x, MARGIN, f"{reading.word} {i + 1}", size),),
            {"data-column": i},
        )
        for i, x in enumerate(scene.placement.column_x[: len(reading.columns)])
    ]
