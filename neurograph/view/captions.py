"""What stands under a drawing: the legend, the findings, and the arithmetic of a step."""

from __future__ import annotations

from collections.abc import Sequence

from neurograph.view.lettering import width, wrapped
from neurograph.view.marking import Lit, Numbers
from neurograph.view.reading import Reading
from neurograph.view.shapes import Group, Words
from neurograph.walk.notation import number

SIZE = 11.0
CODE_SIZE = 11.5
CODE_WIDTH = 0.61 * CODE_SIZE
LEAST_WIDTH = 380.0
MOST_FINDINGS = 6


def captions(
    reading: Reading, numbers: Numbers | None, lit: Lit, inner: float, low: float
) -> tuple[list[Group], float, float]:
    """Write the lines under a drawing; return them with the width and height of the whole picture."""
    longest = max((len(line) for line in lit.lines), default=0)
    wide = max(inner, min(longest * CODE_WIDTH + 40, 760.0), LEAST_WIDTH)
    groups: list[Group] = []
    y = low + 6
    for classes, look, lines, size in _blocks(reading, numbers, lit, wide):
        for line in lines:
            y += 1.45 * size
            groups.append(Group(classes, (Words(look, 20, y, line, size, "start"),)))
        y += 6
    return groups, wide, y + 14


def _blocks(
    reading: Reading, numbers: Numbers | None, lit: Lit, wide: float
) -> list[tuple[tuple[str, ...], str, list[str], float]]:
    blocks: list[tuple[tuple[str, ...], str, list[str], float]] = []
    notes = _notes(numbers)
    if notes:
        blocks.append((("ng-note",), "caption", [notes], SIZE))
    for mark, finding in reading.told[:MOST_FINDINGS]:
        most = int((wide - 40) / width("n", SIZE))
        lines = wrapped(f"{finding.code}: {finding.message}", most, "    ")[:2]
        blocks.append((("ng-finding-line", f"ng-{mark}"), "finding", lines, SIZE))
    if len(reading.told) > MOST_FINDINGS:
        more = [f"… and {len(reading.told) - MOST_FINDINGS} more findings: neurograph.check lists them"]
        blocks.append((("ng-note",), "caption", more, SIZE))
    if lit.lines:
        most = int((wide - 40) / CODE_WIDTH)
        code = [part for line in lit.lines for part in wrapped(line, most, "         ")]
        blocks.append((("ng-step",), "arithmetic", code, CODE_SIZE))
    return blocks


def _notes(numbers: Numbers | None) -> str:
    if numbers is None:
        return ""
    parts: Sequence[str] = (f"loss {number(numbers.loss)}" if numbers.loss is not None else "", numbers.note)
    return ", ".join(part for part in parts if part)
