"""The loss as a function of one weight, or of two, all others fixed: the text's loss function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.populations import make_population, population_width
from neurograph.engine.program import Program, compile_network
from neurograph.functions import Loss
from neurograph.learning.history import sparkline
from neurograph.network.editing import read_edge
from neurograph.network.schema import Edge, Net, arrow
from neurograph.options import bad_option, require_count, require_number, require_numbers
from neurograph.walk.notation import number
from neurograph.walk.tables import Samples

_LANES = 4096
_WIDEST = 1e300


@dataclass(frozen=True)
class LossCurve:
    """The loss as a function of the weight of one edge; made by :func:`loss_curve`.

    Parameters
    ----------
    edge : (source, target)
        The edge.
    weights, losses : arrays of shape (points,)
        The curve; a loss that is not finite is NaN.
    weight, loss : float
        Where the network stands.
    slope : float
        The gradient of that weight there: the slope of the tangent; NaN where it is not finite.
    """

    edge: Edge
    weights: Array
    losses: Array
    weight: float
    loss: float
    slope: float = math.nan

    def __str__(self) -> str:
        order = np.argsort(self.weights, kind="stable")
        low, high = (number(float(self.weights[k])) for k in order[[0, -1]])
        title = f"loss by w({arrow(*self.edge)}) from {low} to {high}"
        if np.isnan(self.losses).all():
            return f"{title}: nowhere finite"
        best = int(np.nanargmin(self.losses))
        return (
            f"{title}: lowest {number(float(self.losses[best]))} "
            f"at {number(float(self.weights[best]))}, now {number(self.loss)} at {number(self.weight)}  "
            f"{sparkline([loss for loss in self.losses[order].tolist() if math.isfinite(loss)])}"
        )


@dataclass(frozen=True)
class LossSurface:
    """The loss as a function of the weights of two edges; made by :func:`loss_surface`.

    Parameters
    ----------
    edges : two pairs (source, target)
        The edges.
    weights : two arrays
        The values of the first and of the second weight.
    losses : array of shape (first, second)
        The loss of each pair; NaN where it is not finite.
    weight : two floats
        Where the network stands.
    loss : float
        The loss there.
    """

    edges: tuple[Edge, Edge]
    weights: tuple[Array, Array]
    losses: Array
    weight: tuple[float, float] = (math.nan, math.nan)
    loss: float = math.nan

    def __str__(self) -> str:
        size = " × ".join(str(len(axis)) for axis in self.weights)
        title = f"loss by {' and '.join(f'w({arrow(*edge)})' for edge in self.edges)}, {size}"
        if np.isnan(self.losses).all():
            return f"{title}: nowhere finite"
        i, j = np.unravel_index(int(np.nanargmin(self.losses)), self.losses.shape)
        lowest, first, second = (
            float(x) for x in (self.losses[i, j], self.weights[0][i], self.weights[1][j])
        )
        return f"{title}: lowest {number(lowest)} at {number(first)}, {number(second)}"


def loss_curve(
    net: Net,
    X: Any,
    Y: Any,
    edge: Edge,
    *,
    weights: Sequence[float] | None = None,
    span: float = 5.0,
    points: int = 201,
    loss: str = "squared",
    backend: str = "auto",
) -> LossCurve:
    """Measure the loss as a function of the weight of one edge, all other weights fixed.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    X, Y : arrays of shape (samples, inputs) and (samples, outputs)
        The points, in any form that :func:`fit` takes.
    edge : (source, target)
        The edge whose weight varies.
    weights : sequence of float, optional
        The weights to try; without them ``points`` weights up to ``span`` on both sides of today's.
    loss, backend
        As for :func:`fit`.

    Returns
    -------
    LossCurve

    Raises
    ------
    InvalidNetworkError, DataError, OptionError
        At the door.

    Examples
    --------
    >>> import neurograph as ng
    >>> curve = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6), points=5)
    >>> curve.weights.tolist()
    [-5.25, -2.75, -0.25, 2.25, 4.75]
    """
    program, table, targets, row = _compiled(net, X, Y, loss, backend)
    place, now = _find(net, program, edge)
    axis = _axis(weights, now, span, points)
    losses = _measure(program, table, targets, row, {place: axis})
    here = _measure_here(program, table, targets, row, place)
    slope = _slope(program, table, targets, row, place)
    return LossCurve((edge[0], edge[1]), axis, losses, now, here, slope)


def loss_surface(
    net: Net,
    X: Any,
    Y: Any,
    first: Edge,
    second: Edge,
    *,
    weights: tuple[Sequence[float], Sequence[float]] | None = None,
    span: float = 5.0,
    points: int = 61,
    loss: str = "squared",
    backend: str = "auto",
) -> LossSurface:
    """Measure the loss as a function of the weights of two edges, all others fixed.

    Parameters
    ----------
    net, X, Y, loss, backend
        As for :func:`loss_curve`.
    first, second : pairs (source, target)
        The edges, two different ones.
    weights : pair of sequences of float, optional
        The values of the first and of the second weight. Without it, ``points`` for each of them.
    span : float
        How far these reach to both sides of the weight that the network has.
    points : int
        How many there are for each of the two: ``points²`` losses are measured.

    Returns
    -------
    LossSurface
        Its ``losses`` have a row for each value of the first weight.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError
        As :func:`loss_curve`; also if both edges are the same.

    Examples
    --------
    >>> import neurograph as ng
    >>> surface = ng.loss_surface(ng.example_network(), [[0.5]], [[1.0]], (4, 6), (6, 9), points=3)
    >>> surface.losses.shape
    (3, 3)
    """
    program, table, targets, row = _compiled(net, X, Y, loss, backend)
    (place, now), (other, other_now) = _find(net, program, first), _find(net, program, second)
    if place == other:
        raise bad_option("second", second, "another edge than the first")
    given = (None, None) if weights is None else _pair(weights)
    axes = _axis(given[0], now, span, points), _axis(given[1], other_now, span, points)
    grid = np.meshgrid(*axes, indexing="ij")
    losses = _measure(program, table, targets, row, {place: grid[0].ravel(), other: grid[1].ravel()})
    edges = (first[0], first[1]), (second[0], second[1])
    here = _measure_here(program, table, targets, row, place)
    return LossSurface(edges, axes, losses.reshape(grid[0].shape), (now, other_now), here)


def _compiled(net: Net, X: Any, Y: Any, loss: str, backend: str) -> tuple[Program, Samples, Samples, Loss]:
    program = compile_network(net, backend=backend)
    return program, *program.data(X, Y, loss)


def _find(net: Net, program: Program, edge: Any) -> tuple[int, float]:
    """Return an edge's place in the program, and its weight."""
    place = list(program.edges).index(read_edge(net, edge))
    return place, float(program.weights[place])


def _axis(weights: Any, now: float, span: Any, points: Any) -> Array:
    if weights is not None:
        return require_numbers("weights", weights)
    width = require_number("span", span, low=0.0, high=_WIDEST, above=True)
    return now + np.linspace(-width, width, require_count("points", points, least=2))


def _pair(weights: Any) -> tuple[Any, Any]:
    if not isinstance(weights, tuple | list) or len(weights) != 2:
        raise bad_option("weights", weights, "a pair of lists of numbers")
    return weights[0], weights[1]


def _measure(
    program: Program, X: Samples, Y: Samples, loss: Loss, changed: dict[int, NDArray[np.float64]]
) -> Array:
    """Measure the loss for each setting of the changed weights."""
    population = make_population(program.layout, program.backend)
    count = len(next(iter(changed.values())))
    losses = np.empty(count)
    lanes = population_width(program.layout, _LANES)
    for first in range(0, count, lanes):
        part = slice(first, min(first + lanes, count))
        weights = np.repeat(program.weights[:, None], part.stop - first, axis=1)
        for place, numbers in changed.items():
            weights[place] = numbers[part]
        losses[part] = population.losses(weights, X, Y, loss)
    return losses


def _measure_here(program: Program, X: Samples, Y: Samples, loss: Loss, place: int) -> float:
    """Measure the loss with the weights as they are, as each point of a curve is measured."""
    return float(_measure(program, X, Y, loss, {place: program.weights[place : place + 1]})[0])


def _slope(program: Program, X: Samples, Y: Samples, loss: Loss, place: int) -> float:
    """Return the gradient of one weight, NaN where a number on the way to it is not finite."""
    try:
        return float(program.engine.differentiate(program.weights, X, Y, loss)[1][place])
    except Diverged:
        return math.nan
