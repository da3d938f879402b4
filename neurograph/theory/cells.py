"""The network of a universal approximation: steps at the sides of cells, multiplied in several dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neurograph.network.schema import Net
from neurograph.theory.drafting import Combination, Draft
from neurograph.theory.gates import Plan, Signal, multiply

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """A box cut into as many cells along each axis."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    cells: int

    @property
    def dimensions(self) -> int:
        return len(self.lower)

    def grid(self, per_cell: int) -> list[Values]:
        """Return, for each axis, the sides of the cells, each cell divided into so many equal parts."""
        count = self.cells * per_cell + 1
        return [np.linspace(low, high, count) for low, high in zip(self.lower, self.upper, strict=True)]


def build_network(box: Box, middles: Values, steepness: float, plan: Plan | None) -> Net:
    """Build the network whose value is near ``middles``, the function at the middle of each cell.

    ``plan`` says how values are multiplied, where there are several dimensions.
    """
    draft = Draft()
    inputs = draft.inputs(box.dimensions)
    if box.cells == 1:
        return _constant(draft, float(middles.item()))
    steps = _steps(draft, box, inputs, steepness)
    bias = draft.bias()
    if plan is None:
        return _sum(draft, _increments(steps[0], bias, middles))
    inside = [_inside(row, bias) for row in steps]
    return _sum(draft, _cell_by_cell(draft, plan, inside, bias, middles), draft.bias())


def _constant(draft: Draft, value: float) -> Net:
    return _sum(draft, {draft.bias(): value})


def _sum(draft: Draft, combination: Combination, bias: int | None = None) -> Net:
    """Add the output: a combination of neurons, and a bias neuron whose weight is 0."""
    (output,) = draft.outputs(1, "identity")
    draft.feed(output, combination)
    if bias is not None:
        draft.feed(output, {bias: 0.0})
    return draft.net


def _steps(draft: Draft, box: Box, inputs: list[int], steepness: float) -> list[list[int]]:
    """Add a logistic step at each side between two cells, for each axis: logistic(k·x − k·t)."""
    bias = draft.bias()
    rows = []
    for neuron, sides in zip(inputs, box.grid(1), strict=True):
        k = steepness / float(sides[1] - sides[0])
        rows.append(draft.hidden(box.cells - 1, "logistic"))
        for step, side in zip(rows[-1], sides[1:-1].tolist(), strict=True):
            draft.feed(step, {neuron: k, bias: -k * side})
    return rows


def _increments(steps: list[int], bias: int, middles: Values) -> Combination:
    """Begin with the first cell's value, and add at each step what the value grows by."""
    return {bias: float(middles[0])} | dict(zip(steps, np.diff(middles).tolist(), strict=True))


def _inside(steps: list[int], bias: int) -> list[Signal]:
    """For each cell of an axis, the step at its left less the step at its right: 1 inside, 0 outside.

    The first cell has the constant 1 instead of a step at its left, the last one no step at its right.
    """
    first = Signal({bias: 1.0, steps[0]: -1.0}, 1)
    between = [Signal({left: 1.0, right: -1.0}, 1) for left, right in pairwise(steps)]
    return [first, *between, Signal({steps[-1]: 1.0}, 1)]


def _cell_by_cell(
    draft: Draft, plan: Plan, inside: list[list[Signal]], bias: int, middles: Values
) -> Combination:
    """Sum over all cells the value there times the product, over the axes, of being inside."""
    total: dict[int, float] = {}
    for place in np.ndindex(middles.shape):
        factors = [signals[i] for signals, i in zip(inside, place, strict=True)]
        neurons = draft.hidden(2 ** len(factors), plan.row.activation)
        product = multiply(draft, plan, factors, bias, neurons).combination
        total |= {neuron: float(middles[place]) * w for neuron, w in product.items()}
    return total
