"""An edge as it is drawn: its line, its arrowhead, and the numbers on it."""

from __future__ import annotations

import math

from neurograph.view.labelling import FONT, Label
from neurograph.view.marking import DASH, written
from neurograph.view.routing import Route
from neurograph.view.scene import Scene
from neurograph.view.shapes import Group, Outline, Part, Words, box
from neurograph.walk.notation import number

_LIVE = ("−0.0444",)


def edge(scene: Scene, k: int, way: Route) -> Group:
    """Draw one edge: a wide line to grab and to light up, the line itself, its arrowhead."""
    parts = (
        Outline("touch", way.line),
        Outline("line", way.line, _line_width(scene, k)),
        Outline("arrow", way.arrow),
    )
    return Group(("ng-edge", *scene.edge_states(k)), parts, {"data-edge": k}, tuple(_title(scene, k)))


def painting_order(scene: Scene) -> list[int]:
    """The edges with small weights first, so that large ones are seen; what is lit last."""
    weights = scene.reading.weights
    return sorted(range(len(weights)), key=lambda k: (k in scene.lit.edges, abs(weights[k] or 0.0)))


def _line_width(scene: Scene, k: int) -> float:
    """From one pixel to a few: the size of the weight, large ones growing more slowly."""
    weight = abs(scene.reading.weights[k] or 0.0)
    return min(1.0, scene.placement.sizes.radius / 16) * (0.9 + 1.5 * math.log1p(min(weight, 20.0)))


def lines(scene: Scene, k: int) -> list[str]:
    """What stands on an edge: its weight, and its gradient where there is one."""
    weight = scene.reading.weights[k]
    written_weight = ["?" if weight is None else number(weight)]
    numbers = scene.numbers
    return written_weight + ([f"∇ {written(numbers.gradient, k)}"] if numbers and numbers.gradient else [])


def room(scene: Scene, k: int) -> list[str]:
    """What a label must have room for: what stands on it, and what the player may come to write."""
    now = lines(scene, k)
    return [max(text, wide, key=len) for text, wide in zip(now, _LIVE, strict=False)] if scene.live else now


def label(scene: Scene, k: int, at: Label) -> Group:
    """Write the numbers of an edge on a piece of paper."""
    weight, *gradient = lines(scene, k)
    pill = box(at.x - at.width / 2, at.y - at.height / 2, at.width, at.height, 5)
    first = at.y + 3.8 - 6.5 * len(gradient)
    edge_number = {"data-edge": k}
    parts: list[Part] = [Outline("pill", pill), Words("weight", at.x, first, weight, FONT, data=edge_number)]
    parts += [Words("gradient", at.x, first + 13, text, FONT - 1, data=edge_number) for text in gradient]
    return Group(("ng-label", *scene.edge_states(k)), tuple(parts), edge_number)


def _title(scene: Scene, k: int) -> list[str]:
    """What is shown where the pointer rests."""
    reading, numbers = scene.reading, scene.numbers
    source, target = (reading.label(i) for i in reading.edges[k])
    weight = lines(scene, k)[0] if reading.weights[k] is not None else DASH
    titles = [f"{source} → {target}", f"weight {weight}{', frozen' if reading.frozen[k] else ''}"]
    return titles + ([f"gradient {written(numbers.gradient, k)}"] if numbers and numbers.gradient else [])
