"""How matrices are written: as text tables with their neurons, and as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from neurograph.network.schema import Neuron
from neurograph.walk.notation import LATEX, name, number

MOST_SHOWN = 10  # rows or columns; of more, the first and the last are written
_ENDS = 4
_T = TypeVar("_T")


def text_matrix(
    title: str, rows: Sequence[Neuron], columns: Sequence[Neuron], matrix: NDArray[np.float64]
) -> list[str]:
    """Write a matrix as lines, its title in the corner, a neuron beside each row and above each column.

    >>> print("\\n".join(text_matrix("A", [3], [1, 2], np.array([[0.5, -1]]))))
    A    1   2
    3  0.5  −1
    """
    table = [[title, *_cut([name(neuron) for neuron in columns], "…")]]
    body = [
        [name(neuron), *_cut([number(x) for x in row], "…")] for neuron, row in zip(rows, matrix, strict=True)
    ]
    table += _cut(body, ["…"] * len(table[0]))
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in table
    ]


def latex_matrix(matrix: NDArray[np.float64]) -> str:
    r"""Write a matrix as a LaTeX ``pmatrix``.

    >>> latex_matrix(np.array([[0.5, -1]]))
    '\\begin{pmatrix}0.5 & -1\\end{pmatrix}'
    """
    rows = [_cut([LATEX.number(x) for x in row], r"\cdots") for row in matrix]
    rows = _cut(rows, [r"\vdots"] * (len(rows[0]) if rows else 0))
    return r"\begin{pmatrix}" + r" \\ ".join(" & ".join(row) for row in rows) + r"\end{pmatrix}"


def _cut(items: list[_T], gap: _T) -> list[_T]:
    """Leave out the middle of many."""
    return items if len(items) <= MOST_SHOWN else [*items[:_ENDS], gap, *items[-_ENDS:]]
