"""What stands under a drawing: the legend, notes, findings, and the arithmetic of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from neurograph.network.schema import KINDS
from neurograph.view.lettering import width, wrapped
from neurograph.view.marking import Lit, Numbers
from neurograph.view.neurons import shape
from neurograph.view.reading import Reading
from neurograph.view.shapes import Group, Outline, Words, polygon
from neurograph.walk.notation import number

SIZE = 11.0
CODE_SIZE = 11.5
CODE_WIDTH = 0.61 * CODE_SIZE
LEAST_WIDTH, LEAST_CODE_WIDTH = 380.0, 760.0
MARGIN = 24.0
MOST_FINDINGS = 6
MOST_LINES = 3  # of one finding


@dataclass(frozen=True)
class Block:
    """Some lines of text that belong together."""

    lines: Sequence[str]
    look: str = "caption"
    classes: tuple[str, ...] = ("ng-note",)
    size: float = SIZE


def wanted_width(lit: Lit) -> float:
    """How wide a picture should be for its captions."""
    longest = max((len(line) for line in lit.lines), default=0)
    return max(LEAST_WIDTH, min(longest * CODE_WIDTH + 2 * MARGIN, LEAST_CODE_WIDTH))


def blocks(
    reading: Reading, numbers: Numbers | None, lit: Lit, wide: float, note: str = ""
) -> Iterator[Block]:
    """The captions of a drawing of some width."""
    room = wide - 2 * MARGIN
    if note:
        yield Block(wrapped(note, int(room / width("n", SIZE))))
    if numbers is not None:
        loss = f"loss {number(numbers.loss)}" if numbers.loss is not None else ""
        notes = [note for note in (loss, numbers.note) if note]
        yield from [Block([", ".join(notes)])] if notes else []
    most = int(room / width("n", SIZE))
    for mark, finding in reading.told[:MOST_FINDINGS]:
        lines = _first(wrapped(f"{finding.code}: {finding.message}", most, "    "))
        yield Block(lines, "finding", ("ng-finding-line", f"ng-{mark}"))
    if len(reading.told) > MOST_FINDINGS:
        yield Block([f"… and {len(reading.told) - MOST_FINDINGS} more findings: neurograph.check lists them"])
    if lit.lines:
        code = [part for line in lit.lines for part in wrapped(line, int(room / CODE_WIDTH), " " * 9)]
        yield Block(code, "arithmetic", ("ng-step",), CODE_SIZE)


def _first(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]


def set_below(written: Iterable[Block], left: float, y: float) -> tuple[list[Group], float]:
    """Set blocks of text one below the other; also return the height at which they end."""
    groups = []
    for block in written:
        y += 5
        for line in block.lines:
            y += 1.42 * block.size
            groups.append(Group(block.classes, (Words(block.look, left, y, line, block.size, "start"),)))
    return groups, y


def legend(
    reading: Reading, left: float, right: float, y: float, *, edges: bool = True
) -> tuple[list[Group], float]:
    """Explain the shapes and colours that are there; also return the height at which that ends."""
    x, groups = left, []
    for classes, name in [*_neuron_entries(reading), *(_edge_entries(reading) if edges else ())]:
        wide = 24 + width(name, SIZE - 1) + 12
        if x + wide > right and x > left:
            x, y = left, y + 17
        groups.append(_entry(classes, name, x, y))
        x += wide
    return groups, y + 6


def _neuron_entries(reading: Reading) -> Iterator[tuple[tuple[str, ...], str]]:
    kinds = set(reading.kinds)
    yield from ((("ng-legend-neuron", f"ng-kind-{kind}"), kind) for kind in KINDS if kind in kinds)


def _edge_entries(reading: Reading) -> Iterator[tuple[tuple[str, ...], str]]:
    weights = [weight for weight in reading.weights if weight]
    if any(weight > 0 for weight in weights):
        yield ("ng-legend-edge", "ng-positive"), "weight > 0"
    if any(weight < 0 for weight in weights):
        yield ("ng-legend-edge", "ng-negative"), "weight < 0"
    if any(reading.frozen):
        yield ("ng-legend-edge", "ng-frozen"), "frozen"
    marks = set(reading.edge_marks.values()) | set(reading.neuron_marks.values())
    for mark, name in (("skip", "skips a column"), ("cycle", "cycle"), ("dead", "without effect")):
        if mark in marks:
            yield ("ng-legend-edge", f"ng-{mark}"), name


def _entry(classes: tuple[str, ...], name: str, x: float, y: float) -> Group:
    text = Words("legend", x + 22, y, name, SIZE - 1, "start")
    if classes[0] == "ng-legend-neuron":
        return Group(classes, (*shape(classes[1].removeprefix("ng-kind-"), x + 8, y - 4, 7), text))
    line = (("M", ((x - 2, y - 4),)), ("L", ((x + 12, y - 4),)))
    arrow = polygon((x + 17, y - 4), (x + 10, y - 7), (x + 10, y - 1))
    return Group(classes, (Outline("touch", line), Outline("line", line, 2.0), Outline("arrow", arrow), text))
