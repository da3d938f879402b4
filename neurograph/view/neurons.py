"""A neuron as it is drawn: its shape, and its words inside, beside or below it."""

from __future__ import annotations

import math

from neurograph.network.schema import BIAS, INPUT, OUTPUT
from neurograph.view.lettering import fitted, halved, width
from neurograph.view.marking import DASH, written
from neurograph.view.placing import Sizes
from neurograph.view.reading import Reading
from neurograph.view.scene import Scene
from neurograph.view.shapes import Group, Outline, Part, Words, bounds, box, ellipse, polygon

LONGEST_NAME = 150.0  # pixels
NAME_BELOW = 11.0
LEAST_FONT = 8.0  # below it a neuron has no words
LINE = 12.5


def place_of_name(reading: Reading, i: int, sizes: Sizes) -> str:
    """Where a neuron's name stands: inside it, or on one side where it does not fit."""
    if width(reading.label(i), sizes.font) <= 1.6 * sizes.radius:
        return "inside"
    if reading.column[i] == 0 and reading.kinds[i] in (INPUT, BIAS):
        return "left"
    return "right" if reading.column[i] == len(reading.columns) - 1 else "below"


def name_below(label: str, sizes: Sizes) -> tuple[str, str]:
    """Break a name that stands below a neuron into two lines where it is long."""
    return halved(label, min(sizes.font, NAME_BELOW), max(0.5 * sizes.gap, 2 * sizes.radius))


def lines_below(reading: Reading, sizes: Sizes, *, deltas: bool) -> int:
    """How many lines of text stand below a neuron at most."""
    if sizes.font < 10:
        return 0
    names = max((_lines_of_name(reading, i, sizes) for i in range(len(reading.neurons))), default=0)
    return names + any(reading.functions) + deltas


def _lines_of_name(reading: Reading, i: int, sizes: Sizes) -> int:
    if place_of_name(reading, i, sizes) != "below":
        return 0
    return 2 if name_below(reading.label(i), sizes)[1] else 1


def neuron(scene: Scene, i: int) -> Group:
    """Draw one neuron."""
    reading, x, y = scene.reading, scene.placement.x[i], scene.placement.y[i]
    sizes = scene.placement.sizes
    halo = Outline("halo", ellipse(x, y, sizes.radius + 4, sizes.radius + 4))
    words = _words(scene, i) if sizes.font >= LEAST_FONT else []
    parts: list[Part] = [
        halo,
        *_plate(words, y + sizes.radius),
        *shape(reading.kinds[i], x, y, sizes.radius),
        *words,
    ]
    data: dict[str, int | str] = {"data-neuron": i, "data-name": reading.label(i)}
    return Group(scene.neuron_classes(i), tuple(parts), data, tuple(_title(scene, i)))


def shape(kind: str, x: float, y: float, r: float) -> list[Part]:
    """Inputs are squares, bias neurons hexagons, hidden neurons circles, outputs double circles."""
    if kind == INPUT:
        return [Outline("shape", box(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r, 0.3 * r))]
    if kind == BIAS:
        corners = [(x + r * math.cos(a * math.pi / 3), y + r * math.sin(a * math.pi / 3)) for a in range(6)]
        return [Outline("shape", polygon(*corners))]
    if kind == OUTPUT:
        inner = 0.83 * r
        return [Outline("shape", ellipse(x, y, r, r)), Outline("ring", ellipse(x, y, inner, inner))]
    return [Outline("shape", ellipse(x, y, r, r))]


def _plate(words: list[Words], low: float) -> list[Part]:
    """Pieces of paper behind the words below a neuron, so that edges do not run through them."""
    below = [
        line for each in words if each.y > low and each.anchor == "middle" for line in each.single_lines()
    ]
    boxes = [bounds([line]) or (0.0, 0.0, 0.0, 0.0) for line in below]
    return [
        Outline("plate", box(left - 1, top, right - left + 2, bottom - top, 4))
        for left, top, right, bottom in boxes
    ]


def _words(scene: Scene, i: int) -> list[Words]:
    """The name, the function, the value and the delta of a neuron."""
    name = _name(scene, i)
    if scene.placement.sizes.font < 10 and place_of_name(scene.reading, i, scene.placement.sizes) == "below":
        return []
    words = [name, *_value(scene, i)]
    lines = _lines_of_name(scene.reading, i, scene.placement.sizes)
    low = scene.placement.y[i] + scene.placement.sizes.radius + 12.5 + LINE * lines
    for line in (_function(scene, i, low), _delta(scene, i, low + LINE)):
        words += line
    return words


def _name(scene: Scene, i: int) -> Words:
    sizes, x, y = scene.placement.sizes, scene.placement.x[i], scene.placement.y[i]
    text = fitted(scene.reading.label(i), sizes.font, LONGEST_NAME)
    centre, far = y + 0.36 * sizes.font, sizes.radius + 8
    side = place_of_name(scene.reading, i, sizes)
    if side == "left":
        return Words("name", x - far, centre, text, sizes.font, "end")
    if side == "right":
        return Words("name", x + far, centre, text, sizes.font, "start")
    if side == "below":
        size = min(sizes.font, NAME_BELOW)
        first, second = name_below(scene.reading.label(i), sizes)
        return Words("name", x, y + sizes.radius + 13, first + second, size, cut=len(first) if second else 0)
    return Words("name", x, y - 0.12 * sizes.radius if scene.values else centre, text, sizes.font)


def _value(scene: Scene, i: int) -> list[Words]:
    if not scene.values:
        return []
    sizes, numbers = scene.placement.sizes, scene.numbers
    text = DASH if numbers is None else written(numbers.value, i)
    inside = place_of_name(scene.reading, i, sizes) == "inside"
    down = 0.25 * sizes.radius if inside else 0.0  # the middle of the line
    room = 1.9 * math.sqrt(sizes.radius**2 - down**2) - 5
    size = min(10.5, room / max(width(text, 1.0), 0.1))
    y = scene.placement.y[i] + down + (0.62 if inside else 0.36) * size
    return [Words("value", scene.placement.x[i], y, text, size, empty=text == DASH)]


def _function(scene: Scene, i: int, y: float) -> list[Words]:
    sizes, name = scene.placement.sizes, scene.reading.functions[i]
    if not name or sizes.font < 10:
        return []
    size = min(sizes.font - 2, 10.5)
    return [Words("function", scene.placement.x[i], y, fitted(name, size, 0.72 * sizes.gap), size)]


def _delta(scene: Scene, i: int, y: float) -> list[Words]:
    if not scene.deltas or scene.reading.kinds[i] in (INPUT, BIAS):
        return []
    text = DASH if scene.numbers is None else written(scene.numbers.delta, i)
    return [Words("delta", scene.placement.x[i], y, f"δ {text}", 10.5, empty=text == DASH)]


def _title(scene: Scene, i: int) -> list[str]:
    """What is shown where the pointer rests."""
    reading, numbers = scene.reading, scene.numbers
    what = [reading.kinds[i], reading.functions[i], f"{reading.word} {reading.column[i] + 1}"]
    lines = [reading.label(i), ", ".join(word for word in what if word)]
    if numbers is not None:
        lines.append(f"value {written(numbers.value, i)}")
        lines += [f"delta {written(numbers.delta, i)}"] if numbers.delta else []
    return lines
