"""Universal approximation by brute force: a cell for each small piece of the domain, and what that costs."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from neurograph.engine.program import compile_network
from neurograph.errors import OptionError, WeightError, shown
from neurograph.functions import ACTIVATIONS
from neurograph.network.schema import Net
from neurograph.options import bad_option, is_real, require_count, require_number, require_numbers
from neurograph.theory.cells import Box, build_network
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable, require_exponent
from neurograph.theory.gates import Plan, read_plan
from neurograph.walk.notation import number

Values = NDArray[np.float64]
MOST_POINTS = 4_000_000
_AT_ONCE = 2**14
_NARROWEST = 2.0**-40  # of a cell, beside the numbers at its sides
_ROUNDING = 2.0**-50  # of a product of a few numbers near 1


@dataclass(frozen=True)
class Approximation:
    """A network that approximates a function, and how well; made by :func:`approximate`.

    Parameters
    ----------
    net : networkx.DiGraph
        The network.
    cells : int
        The number of cells along each axis.
    error, mean_error : float
        The largest and the mean distance between network and function, on a grid finer than the cells.
    bound : float
        What the largest error cannot exceed there: by how much the function varies within the width of a cell
        (its modulus of continuity, measured on the same grid), and a little for steps and gates that are
        not perfect.
    points : int
        How many points the grid has.
    """

    net: Net
    cells: int
    error: float
    mean_error: float
    bound: float
    points: int

    @property
    def cost(self) -> Cost:
        """What the network costs."""
        return Cost(len(self.net), self.net.number_of_edges())

    def __str__(self) -> str:
        errors = f"error {number(self.error)}, on average {number(self.mean_error)}"
        return f"{self.cells} cells an axis, {self.cost}: {errors}, bound {number(self.bound)}"


def approximation_cost(cells: int, dimensions: int = 1) -> Cost:
    """Tell the cost of :func:`approximate`: neurons in proportion to cells^dimensions.

    Parameters
    ----------
    cells : int
        The number of cells along each axis.
    dimensions : int
        The number of inputs.

    Returns
    -------
    Cost
        In one dimension cells − 1 hidden neurons. In d dimensions d·(cells − 1) steps and, for each of the
        cells^d cells, 2^d neurons that multiply: the brute force.

    Raises
    ------
    OptionError
        If a number is below 1.

    Examples
    --------
    >>> import neurograph as ng
    >>> [ng.theory.approximation_cost(16, dimensions).neurons for dimensions in (1, 2, 3, 4)]
    [19, 1060, 32820, 1048644]
    """
    cells, d = require_count("cells", cells), require_exponent("dimensions", dimensions)
    if cells == 1:
        return Cost(neurons=d + 2, edges=1)
    steps = d * (cells - 1)
    if d == 1:
        return Cost(neurons=cells + 3, edges=3 * steps + 1)
    sides = 2 * steps * cells ** (d - 1)  # of all cells, how many are a step
    products = (2 * cells) ** d
    return Cost(neurons=d + steps + products + 4, edges=2 * steps + 2 * products + 2**d * sides + 1)


def approximate(
    f: Callable[[Any], float],
    lower: Any,
    upper: Any,
    cells: int,
    *,
    steepness: float = 100.0,
    points: int = 5,
    limit: int = MOST_EDGES,
) -> Approximation:
    r"""Build a network that approximates a function on a box, as the universal approximation theorem does.

    In one dimension, with cells of width h and midpoints c_i, one hidden layer of steep logistic steps at
    the sides t_i of the cells computes

        f(c_0) + Σ_i (f(c_i) − f(c_{i−1}))·logistic(k·(x − t_i)),   k = steepness/h.

    The difference of two neighbouring steps is near 1 in one cell and near 0 elsewhere, never negative,
    and all of them sum to 1: so the value is a mean of values f(c_i) of cells nearby, and the error at most
    the modulus of continuity ``ω(h) = max |f(x) − f(y)|`` over ``|x − y| ≤ h``, and what steps leak. In d
    dimensions such differences, one for each axis, are multiplied by :func:`flat_product`, in a second hidden
    layer. The error halves when the cells double, if f is smooth; the number of neurons grows as
    cells^d, which is the text's verdict on the theorem (Cybenko 1989; Hornik, Stinchcombe and White 1989).
    A function with a jump keeps an error of up to the jump in the cell where it jumps; there the mean error
    halves.

    Parameters
    ----------
    f : callable
        The function: of a float, or of a tuple of floats where ``lower`` is a sequence.
    lower, upper : float, or sequences of float
        The corners of the box.
    cells : int
        The number of cells along each axis.
    steepness : float
        How steep the steps are: they rise within about 10/steepness of a cell.
    points : int
        How many points of a cell, along each axis, the mean error is measured at; an odd number,
        1 for the middle alone. The largest is measured between them, too, and at the sides of the cells.
    limit : int
        The most edges that are built; :func:`approximation_cost` tells how many there would be.

    Returns
    -------
    Approximation
        ``.net`` with ``.error``, ``.mean_error`` and the ``.bound`` beside them. ``check`` finds nothing in
        the network, but with one cell, a constant: ``dead-end`` and ``unreachable``.

    Raises
    ------
    OptionError
        If the box is empty, cells are fewer than 1, f gives anything but finite numbers, there would
        be more edges than ``limit``, or an argument is out of its range.

    Examples
    --------
    >>> import math, neurograph as ng
    >>> for cells in (10, 20, 40):
    ...     print(ng.theory.approximate(math.sin, 0.0, 2 * math.pi, cells))
    10 cells an axis, 13 neurons and 28 edges: error 0.309, on average 0.0952, bound 0.618
    20 cells an axis, 23 neurons and 58 edges: error 0.156, on average 0.0481, bound 0.313
    40 cells an axis, 43 neurons and 118 edges: error 0.0785, on average 0.024, bound 0.157
    """
    box = _read_box(lower, upper, require_count("cells", cells))
    steep = require_number("steepness", steepness, low=0.0, above=True)
    points = require_count("points", points)
    if points % 2 == 0:
        raise bad_option("points", points, "an odd number: the middle of a cell is one of its points")
    per_cell = 2 * points
    _require_affordable(box, per_cell, limit)
    d = box.dimensions
    plan = read_plan(d, d, 1, "sine", None, None, 1.0) if d > 1 else None
    values = _sampled(f, box, per_cell, alone=np.ndim(lower) == 0)
    middles = values[(slice(per_cell // 2, None, per_cell),) * d]
    try:
        net = build_network(box, middles, steep, plan)
    except WeightError:
        raise bad_option("steepness", steepness, "a number with which every weight is a float64") from None
    return _measured(net, box, values, per_cell, _bound(values, per_cell, steep, plan))


def _read_box(lower: Any, upper: Any, cells: int) -> Box:
    """Read two corners: numbers for one dimension, or sequences of the same length."""
    both = [[corner] if np.ndim(corner) == 0 else corner for corner in (lower, upper)]
    low, high = (require_numbers(name, given) for name, given in zip(("lower", "upper"), both, strict=True))
    if np.ndim(lower) != np.ndim(upper) or len(low) != len(high):
        raise bad_option("upper", upper, f"as many numbers as lower has: {len(low)}")
    if not (low < high).all():
        raise bad_option("upper", upper, "numbers above those of lower")
    with np.errstate(over="ignore"):
        width = (high - low) / cells
    if not np.isfinite(width).all() or (width < _NARROWEST * np.maximum(abs(low), abs(high))).any():
        raise bad_option("cells", cells, "cells whose width is a float64 that tells their sides apart")
    return Box(tuple(low.tolist()), tuple(high.tolist()), cells)


def _require_affordable(box: Box, per_cell: int, limit: int) -> None:
    """Refuse what has too many edges, or too many points to be measured at."""
    cost = approximation_cost(box.cells, box.dimensions)
    what = f"an approximation with {box.cells} cells along each of {box.dimensions} axes"
    require_affordable(cost, limit, where="cells", what=what)
    points = (box.cells * per_cell + 1) ** box.dimensions
    if points > MOST_POINTS:
        raise OptionError(
            f"the error would be measured at {points:,} points",
            code="too-large",
            where="points",
            expected=f"at most {MOST_POINTS:,} points",
            fix="give fewer points a cell, or fewer cells",
        )


def _sampled(f: Callable[[Any], float], box: Box, per_cell: int, *, alone: bool) -> Values:
    """Compute the function on the grid, an axis of the array for each dimension."""
    if not callable(f):
        raise bad_option("f", f, "a function")
    axes = [axis.tolist() for axis in box.grid(per_cell)]
    places = axes[0] if alone else itertools.product(*axes)
    numbers = [_value(f, place) for place in places]
    low, high = min(numbers), max(numbers)
    if high - low > sys.float_info.max:
        raise _bad_values(f"runs from {low} to {high}")
    return np.array(numbers).reshape([len(axis) for axis in axes])


def _value(f: Callable[[Any], float], place: Any) -> float:
    value = f(place)
    if is_real(value) and abs(value) <= sys.float_info.max:
        return float(value)
    raise _bad_values(f"f({shown(place)}) is {shown(value)}")


def _bad_values(what: str) -> OptionError:
    return OptionError(
        what,
        code="not-finite",
        where="f",
        expected="a finite number everywhere in the box, and finite differences",
        fix="mend f, or choose a box in which it is finite",
    )


def _bound(values: Values, per_cell: int, steepness: float, plan: Plan | None) -> float:
    """Bound the error on the grid: the modulus of continuity, what steps leak, what products are off by."""
    d, largest = values.ndim, float(np.abs(values).max())
    leak = 2.0 * d * float(ACTIVATIONS["logistic"](-steepness / 2.0)) * float(np.ptp(values))
    off = 0.0
    if plan is not None:
        off = largest * (1.01 * d * abs(plan.row.error) * plan.scale**2 + _ROUNDING * (3.0 / plan.scale) ** d)
    return modulus_of_continuity(values, per_cell) + leak + off


def modulus_of_continuity(values: Values, reach: int) -> float:
    """Return by how much an array varies between places that are at most ``reach`` apart along each axis.

    >>> modulus_of_continuity(np.array([0.0, 1.0, 3.0, 3.5]), 1), modulus_of_continuity(np.eye(3), 2)
    (2.0, 1.0)
    """
    highest, lowest = values, values
    for axis in range(values.ndim):
        window = min(reach + 1, values.shape[axis])
        highest = sliding_window_view(highest, window, axis=axis).max(axis=-1)
        lowest = sliding_window_view(lowest, window, axis=axis).min(axis=-1)
    return float((highest - lowest).max())


def _measured(net: Net, box: Box, values: Values, per_cell: int, bound: float) -> Approximation:
    """Compare network and function on the grid."""
    program = compile_network(net)
    axes = np.meshgrid(*box.grid(per_cell), indexing="ij")
    X = np.stack(axes, axis=-1).reshape(-1, box.dimensions)
    parts = [program.forward(X[i : i + _AT_ONCE])[:, 0] for i in range(0, len(X), _AT_ONCE)]
    off = np.abs(np.concatenate(parts).reshape(values.shape) - values)
    inside = off[(slice(1, None, 2),) * box.dimensions]  # at the sides of cells two values meet
    return Approximation(net, box.cells, float(off.max()), float(inside.mean()), bound, values.size)
