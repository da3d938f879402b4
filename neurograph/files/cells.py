"""The cells of a table: how the text of one becomes a number, and what is said of one that cannot."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from neurograph.errors import did_you_mean, shown, shown_list


def parse_number(cell: str) -> float | None:
    """Return the number in a cell; None where there is no finite one.

    >>> parse_number(" -1e3 "), parse_number("1_000"), parse_number("nan")
    (-1000.0, None, None)
    """
    try:
        number = float(cell)
    except ValueError:
        return None
    if not math.isfinite(number) or "_" in cell or not cell.isascii() or _loses_digits(cell, number):
        return None
    return number


def _loses_digits(cell: str, number: float) -> bool:
    """Tell whether a cell holds an integer that no float64 is."""
    return abs(number) >= 2**53 and cell.strip().lstrip("+-").isdecimal() and int(cell) != int(number)


def _explain_number(cell: str) -> tuple[str, str]:
    """Say what is wrong with a cell that holds no number, and what to do."""
    try:
        number = float(cell)
    except ValueError:
        number = 0.0
    if not cell.strip():
        return "is empty", "fill it in, or leave out the row"
    if math.isnan(number):
        return "is nan", "fill it in, or leave out the row"
    if math.isinf(number):
        return f"is {shown(cell.strip())[1:-1]}, which does not fit a float64", "write a finite number"
    if _loses_digits(cell, number):
        return f"is {cell.strip()}, an integer that no float64 is", "scale the data, or write it as 9e15, say"
    if cell.strip().startswith("="):
        return f"is the formula {shown(cell)}", "write its value; formulas are never computed"
    return f"is the text {shown(cell)}", "write a number such as 0.5"


class Kind(NamedTuple):
    """What the cells of a column hold: how they become numbers, and what is said of one that cannot."""

    convert: Callable[[str], float | None]
    explain: Callable[[str], tuple[str, str]]
    expected: str


NUMBERS = Kind(parse_number, _explain_number, "a finite number")


def one_of(classes: list[str]) -> Kind:
    """Make the kind of a column that names one output neuron a row."""
    index = {name: float(i) for i, name in enumerate(classes)}

    def explain(cell: str) -> tuple[str, str]:
        what = f"{shown(cell.strip())} is no output neuron" if cell.strip() else "is empty"
        return what, did_you_mean(cell.strip(), classes) or f"name one of {shown_list(classes)}"

    return Kind(lambda cell: index.get(cell.strip()), explain, "the name of an output neuron")
