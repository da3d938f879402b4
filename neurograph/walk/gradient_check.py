"""Is the gradient right? An independent check by the complex step, or by differences where that cannot go.

Perturbing a weight by i·h with a tiny h makes the imaginary part of the loss h times the derivative,
with no rounding from a difference (Squire and Trapp 1998). It needs the functions for complex numbers,
which are written in another way than those of the walk.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.functions import Loss
from neurograph.network.editing import require_edge
from neurograph.network.schema import BIAS, INPUT, Edge, Net, Neuron, arrow
from neurograph.walk.notation import number
from neurograph.walk.passes import (
    as_values,
    check_targets,
    input_slot,
    run_backward,
    target_slot,
)
from neurograph.walk.route import Route, read_loss, read_route
from neurograph.walk.samples import check_not_empty, check_same_length, read_samples
from neurograph.walk.tables import Table

COMPLEX_STEP, DIFFERENCES = "complex step", "central differences"
TOLERANCE = {COMPLEX_STEP: 1e-9, DIFFERENCES: 1e-5}
FLOOR = {COMPLEX_STEP: 1e-4, DIFFERENCES: 1e-3}  # beside the largest; what cancels has the largest's rounding
_H = 1e-100
_MOST_ROWS = 30


@dataclass(frozen=True)
class GradientRow:
    """One edge of a gradient check; ``expected`` is None where a kink lies in the way: it is left out."""

    edge: Edge
    gradient: float
    expected: float | None
    error: float


@dataclass(frozen=True)
class GradientCheck:
    """The gradient of the walk beside an independent one, edge by edge.

    Parameters
    ----------
    rows : tuple of GradientRow
        ``edge``, ``gradient`` (the walk's), ``expected`` (the check's), ``error`` (relative).
    method : str
        ``"complex step"`` or ``"central differences"``.
    tolerance : float
        The largest relative error that passes.
    """

    rows: tuple[GradientRow, ...]
    method: str
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether every edge that could be checked agrees; False where none could."""
        return any(row.expected is not None for row in self.rows) and self.worst <= self.tolerance

    @property
    def worst(self) -> float:
        """The largest relative error."""
        return max((row.error for row in self.rows if row.expected is not None), default=0.0)

    @property
    def left_out(self) -> tuple[Edge, ...]:
        """The edges that a kink keeps from being checked."""
        return tuple(row.edge for row in self.rows if row.expected is None)

    def __str__(self) -> str:
        checked = len(self.rows) - len(self.left_out)
        verdict = "agrees" if self.ok else "DISAGREES" if checked else "could not be compared"
        head = f"gradient {verdict} with {self.method} on {checked} of {len(self.rows)} edges"
        lines = [f"{head}, worst relative error {number(self.worst)}" if checked else head]
        for row in self.rows[:_MOST_ROWS]:
            expected = "left out: at a kink" if row.expected is None else number(row.expected)
            lines.append(f"  {arrow(*row.edge):<12} {number(row.gradient):>12}  {expected:>12}")
        if len(self.rows) > _MOST_ROWS:
            lines.append(f"  … and {len(self.rows) - _MOST_ROWS} more")
        return "\n".join(lines)


def check_gradients(
    net: Net, X: Any, Y: Any, *, loss: str = "squared", edges: Iterable[Edge] | None = None
) -> GradientCheck:
    """Compare the walk's gradient of every edge with an independent one.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    X, Y : as for :func:`backward`
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    edges : iterable of edges, optional
        The edges to check; all if left out. Each costs a walk over all samples, or two.

    Returns
    -------
    GradientCheck
        ``.ok`` says whether all agree, ``.rows`` holds the numbers. An edge whose perturbation would
        cross a kink (relu at 0, say) is left out and listed.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, DivergedError
        As for :func:`backward`.

    Examples
    --------
    >>> import neurograph as ng
    >>> check = ng.check_gradients(ng.example_network(), [0.5], [1.0])
    >>> check.ok, check.method, len(check.rows)
    (True, 'complex step', 12)
    """
    route = read_route(net)
    row = read_loss(loss, route)
    inputs, _ = read_samples(X, input_slot(route))
    targets, _ = read_samples(Y, target_slot(route))
    check_same_length(inputs, targets)
    check_not_empty(inputs)
    check_targets(targets, row, route.outputs)
    chosen = list(route.weight) if edges is None else _sound_edges(net, edges)
    trace = run_backward(
        route,
        row,
        as_values(inputs, route.inputs, single=False),
        as_values(targets, route.outputs, single=False),
    )
    checked = _Recomputation(route, row, inputs, targets)
    method = COMPLEX_STEP if checked.takes_complex else DIFFERENCES
    expected = [checked.complex_step(edge) for edge in chosen] if method == COMPLEX_STEP else []
    if not expected or any(e is not None and not math.isfinite(e) for e in expected):
        method = DIFFERENCES
        expected = [checked.difference(edge) for edge in chosen]
    gradients = [trace.gradient[edge] for edge in chosen]
    return GradientCheck(tuple(_rows(chosen, gradients, expected, method)), method, TOLERANCE[method])


def _sound_edges(net: Net, edges: Any) -> list[Edge]:
    pairs = list(edges) if isinstance(edges, Iterable) else [edges]
    return [_sound_edge(net, edge) for edge in pairs]


def _sound_edge(net: Net, edge: Any) -> Edge:
    if not isinstance(edge, tuple | list) or len(edge) != 2:
        raise OptionError(
            f"{shown(edge)} is no edge",
            code="bad-edge",
            where="edges",
            expected="pairs (source, target)",
            fix="pass a list of edges, such as [(4, 6)]",
        )
    source, target = edge
    require_edge(net, source, target)
    return source, target


def _rows(
    edges: list[Edge], gradients: list[float], expected: list[float | None], method: str
) -> Iterator[GradientRow]:
    largest = max((abs(e) for e in [*gradients, *expected] if e is not None), default=0.0)
    for edge, gradient, other in zip(edges, gradients, expected, strict=True):
        if other is None or gradient == other:
            yield GradientRow(edge, gradient, other, 0.0)
        else:
            scale = max(abs(gradient), abs(other), FLOOR[method] * largest)
            error = abs(gradient - other) / scale
            yield GradientRow(edge, gradient, other, error if math.isfinite(error) else math.inf)


class _Recomputation:
    """The loss computed anew, sample by sample, with one weight changed."""

    def __init__(self, route: Route, loss: Loss, X: Table, Y: Table) -> None:
        self.route, self.loss, self.X, self.Y = route, loss, X, Y
        rows = route.activation.values()
        self.takes_complex = loss.complex_f is not None and all(row.complex_f is not None for row in rows)

    def complex_step(self, edge: Edge) -> float | None:
        """Return the derivative by one weight, or None where a kink is touched."""
        total, touched = 0.0, False
        for x, t in zip(self.X, self.Y, strict=True):
            loss, distances = self._loss(x, t, edge, 1j * _H)
            touched = touched or any(d.real == 0.0 and d.imag != 0.0 for d in distances)
            total += loss.imag / _H
        return None if touched else total / len(self.X)

    def difference(self, edge: Edge) -> float | None:
        """Return the central difference by one weight, or None where a kink is crossed."""
        h = float(np.finfo(float).eps ** (1 / 3)) * max(1.0, abs(self.route.weight[edge]))
        total, crossed = 0.0, False
        for x, t in zip(self.X, self.Y, strict=True):
            above, above_kinks = self._loss(x, t, edge, h)
            below, below_kinks = self._loss(x, t, edge, -h)
            sides = zip(above_kinks, below_kinks, strict=True)
            crossed = crossed or any(a != b and a * b <= 0.0 for a, b in sides)
            total += (above - below) / (2.0 * h)
        return None if crossed else total / len(self.X)

    def _loss(self, x: Table, t: Table, edge: Edge, change: Any) -> tuple[Any, list[Any]]:
        """Compute the loss of one sample, and the distances to every kink on the way."""
        is_complex = isinstance(change, complex)
        value: dict[Neuron, Any] = dict(zip(self.route.inputs, (float(i) for i in x), strict=True))
        z: dict[Neuron, Any] = {}
        distances: list[Any] = []
        with np.errstate(all="ignore"):
            for neuron in self.route.order:
                if self.route.kind[neuron] == BIAS:
                    value[neuron] = 1.0
                elif self.route.kind[neuron] != INPUT:
                    z[neuron] = self._sum(neuron, value, edge, change)
                    row = self.route.activation[neuron]
                    f = row.complex_f if is_complex and row.complex_f else row
                    value[neuron] = f(complex(z[neuron]) if is_complex else z[neuron])
                    distances += [z[neuron] - kink for kink in row.kinks]
            return self._outputs(z, value, t, is_complex, distances), distances

    def _sum(self, neuron: Neuron, value: dict[Neuron, Any], edge: Edge, change: Any) -> Any:
        z = 0.0
        for source in self.route.sources[neuron]:
            weight = self.route.weight[source, neuron]
            z = z + (weight + change if (source, neuron) == edge else weight) * value[source]
        return z

    def _outputs(
        self,
        z: dict[Neuron, Any],
        value: dict[Neuron, Any],
        t: Table,
        is_complex: bool,
        distances: list[Any],
    ) -> Any:
        total: Any = 0.0
        for neuron, target in zip(self.route.outputs, (float(i) for i in t), strict=True):
            y, activation = value[neuron], self.route.activation[neuron]
            pair = self.loss.pairs.get(activation.name)
            if is_complex and pair and pair.complex_f:
                total = total + pair.complex_f(complex(z[neuron]), target)
            elif is_complex and self.loss.complex_f:
                total = total + self.loss.complex_f(complex(y), target)
            else:
                total = total + self.loss.of_neuron(activation, z[neuron], y, target)
            if self.loss.kink is not None:
                distances.append(self.loss.kink(y, target))
        return total
