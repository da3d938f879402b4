"""Backpropagation as a sum over paths, and why nobody computes it so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from neurograph.errors import OptionError
from neurograph.functions import Loss
from neurograph.functions.activations import Value
from neurograph.network.editing import read_edge
from neurograph.network.schema import BIAS, Edge, Net, Neuron
from neurograph.options import require_count
from neurograph.theory.counting import Count
from neurograph.walk.notation import TEXT, Notation, factor, name
from neurograph.walk.passes import read_all, run_forward
from neurograph.walk.route import Route, read_route
from neurograph.walk.trace import Trace

MOST_PATHS = 10_000


@dataclass(frozen=True)
class GradientPath:
    """One term of a gradient: one path from an edge's target to an output; made by :func:`gradient_paths`.

    Parameters
    ----------
    edge : (source, target)
        The edge whose weight the gradient is for.
    neurons : tuple
        The path: from the edge's target to an output neuron.
    symbols : tuple of str
        The factors, as symbols: the value of the edge's source, then a slope for each neuron and a weight for
        each edge of the path, then the slope of the loss at its output.
    factors : tuple of float or array
        Their numbers: one each, or one for each sample.
    contribution : float
        Their product; of many samples, its mean.
    """

    edge: Edge
    neurons: tuple[Neuron, ...]
    symbols: tuple[str, ...]
    factors: tuple[Value, ...]
    contribution: float

    def __str__(self) -> str:
        way = " → ".join(name(neuron) for neuron in (self.edge[0], *self.neurons))
        numbers = "·".join(factor(value, TEXT) for value in self.factors)
        return f"{way}: {'·'.join(self.symbols)} = {numbers} = {TEXT.number(self.contribution)}"


def gradient_paths(
    net: Net, X: Any, Y: Any, edge: Edge, *, loss: str = "squared", limit: int = MOST_PATHS
) -> list[GradientPath]:
    """Write the gradient of one weight as a sum over paths, each with its factors and its contribution.

    The chain rule, followed to its end: a small change of the weight of the edge i → j changes z_j by y_i
    times as much, and travels along every path from j to an output, through the slope of each neuron and
    the weight of each edge. So ∂L/∂w_ij is the sum, over all paths j → k → … → m that end in an output, of

        y_i · σ′(z_j) · w_jk · σ′(z_k) · … · σ′(z_m) · ∂L/∂y_m.

    Backpropagation computes the same and shares what the paths share: each delta once. There can be
    exponentially many paths: :func:`count_paths` tells how many, :func:`count_steps` how few steps the
    walk takes.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    X, Y
        One sample or many, as for :func:`neurograph.backward`.
    edge : (source, target)
        The edge.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    limit : int
        The most paths that are listed.

    Returns
    -------
    list of GradientPath
        Their contributions sum to the gradient that the walk computes. Where an output neuron feeds on, a
        path ends there and others go on. The list is empty where the edge leads to no output.

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or there is no such edge.
    DataError, DivergedError
        As for :func:`neurograph.backward`.
    OptionError
        If the loss does not fit, or there are more paths than ``limit``; the message tells how many.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> print(*ng.theory.gradient_paths(net, [0.5], [1.0], (3, 6)))
    3 → 6 → 9: y3·logistic′(z6)·w(6→9)·logistic′(z9)·∂L/∂y9 = 0.622·0.244·0.8·0.239·(−0.794) = −0.0231
    >>> paths = ng.theory.gradient_paths(net, [0.5], [1.0], (1, 4))
    >>> [path.neurons for path in paths]
    [(4, 6, 9), (4, 7, 9)]
    >>> gradient = ng.backward(net, [0.5], [1.0]).gradient[1, 4]
    >>> abs(sum(path.contribution for path in paths) - gradient) < 1e-15
    True
    """
    edge = read_edge(net, edge)
    route, row, given, targets = read_all(net, X, Y, loss)
    paths = paths_to_outputs(route, edge, limit)
    walk = _Walk(route, run_forward(route, given), row, targets)
    return [walk.path(edge, neurons) for neurons in paths]


def count_paths(net: Net, edge: Edge | None = None) -> Count:
    """Count the terms of a gradient written as a sum over paths, without listing them.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    edge : (source, target), optional
        The edge whose gradient it is; without it the terms of all edges' gradients are counted.

    Returns
    -------
    Count
        Paths from the target of the edge to an output, exactly; beside it :func:`count_steps`.

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or there is no such edge.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([10] * 10 + [1])
    >>> ng.theory.count_paths(net), ng.theory.count_steps(net)
    (12,222,222,221, 1092)
    """
    route = read_route(net)
    counts = _paths_from(route)
    if edge is None:
        return Count(sum(counts[target] for _, target in route.weight))
    return Count(counts[read_edge(net, edge)[1]])


def count_steps(net: Net) -> int:
    """Count the steps of the backward walk: one for each hidden and output neuron, one for each edge.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.

    Returns
    -------
    int

    Raises
    ------
    InvalidNetworkError
        If the network has errors.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.count_steps(ng.example_network())
    17
    >>> len(list(ng.backward_steps(ng.example_network(), [0.5], [1.0])))
    17
    """
    return _steps(read_route(net))


def paths_to_outputs(route: Route, edge: Edge, limit: int) -> list[tuple[Neuron, ...]]:
    """List every path from the target of an edge to an output, or raise where there are too many."""
    counts = _paths_from(route)
    count = counts[edge[1]]
    if count > require_count("limit", limit):
        raise _too_many(edge, count, limit, _steps(route))
    return list(_paths(route, edge[1], counts))


def path_symbols(route: Route, source: Neuron, path: Sequence[Neuron], notation: Notation) -> list[str]:
    """Write the factors of a path without its end: the value it begins with, slopes, weights."""
    symbols = ["1" if route.kind[source] == BIAS else notation.symbol("y", source)]
    for neuron, target in pairwise(path):
        symbols += [slope_symbol(route, neuron, notation), notation.weight(neuron, target)]
    return symbols


def slope_symbol(route: Route, neuron: Neuron, notation: Notation) -> str:
    """Write the slope of a neuron's function at its weighted sum."""
    return notation.derivative(route.activation[neuron].name, notation.symbol("z", neuron))


@dataclass(frozen=True)
class _Walk:
    """A forward walk that is done, and what the slopes at the outputs need."""

    route: Route
    trace: Trace
    loss: Loss
    target: Mapping[Neuron, Value]

    def path(self, edge: Edge, path: tuple[Neuron, ...]) -> GradientPath:
        """Multiply the factors along one path."""
        values = [self.trace.value[edge[0]]]
        for neuron, target in pairwise(path):
            values += [self._slope(neuron), self.route.weight[neuron, target]]
        symbols, ends = self._end(path[-1])
        values += ends
        with np.errstate(all="ignore"):
            contribution = float(np.mean(_product(values)))
        symbols = path_symbols(self.route, edge[0], path, TEXT) + symbols
        return GradientPath(edge, path, tuple(symbols), tuple(values), contribution)

    def _slope(self, neuron: Neuron) -> Value:
        return self.route.activation[neuron].derivative(self.trace.z[neuron])

    def _end(self, neuron: Neuron) -> tuple[list[str], list[Value]]:
        """Return the slopes of an output neuron and of its loss: one where the two are taken as a pair."""
        activation, z, y = self.route.activation[neuron], self.trace.z[neuron], self.trace.value[neuron]
        with np.errstate(all="ignore"):
            if activation.name in self.loss.pairs:
                delta = self.loss.delta(activation, z, y, self.target[neuron])
                return [TEXT.slope_of_loss(TEXT.symbol("z", neuron))], [delta]
            slopes = [self._slope(neuron), self.loss.derivative(y, self.target[neuron])]
        by_y = TEXT.slope_of_loss(TEXT.symbol("y", neuron))
        return [slope_symbol(self.route, neuron, TEXT), by_y], slopes


def _product(factors: Sequence[Value]) -> Value:
    """Multiply from left to right, with an exponent as large as it takes: only the result may overflow."""
    mantissa: Value = 1.0
    exponent: Any = 0
    for number in factors:
        part, places = np.frexp(number)
        mantissa, carry = np.frexp(mantissa * part)
        exponent = exponent + places + carry
    return np.ldexp(mantissa, exponent)


def _paths_from(route: Route) -> dict[Neuron, int]:
    """Count, for each neuron, the paths from it to an output; the one that ends at once among them."""
    ends = set(route.outputs)
    counts: dict[Neuron, int] = {}
    for neuron in reversed(route.order):
        counts[neuron] = (neuron in ends) + sum(counts[target] for target in route.targets[neuron])
    return counts


def _paths(route: Route, start: Neuron, counts: dict[Neuron, int]) -> Iterator[tuple[Neuron, ...]]:
    """Yield every path from a neuron to an output, without recursion and without dead ends."""
    ends = set(route.outputs)
    waiting: list[tuple[Neuron, ...]] = [(start,)] if counts[start] else []
    while waiting:
        path = waiting.pop()
        if path[-1] in ends:
            yield path
        waiting += [(*path, target) for target in reversed(route.targets[path[-1]]) if counts[target]]


def _steps(route: Route) -> int:
    return len(route.activation) + len(route.weight)


def _too_many(edge: Edge, paths: int, limit: int, steps: int) -> OptionError:
    return OptionError(
        f"there are {Count(paths)} paths from neuron {name(edge[1])} to the outputs",
        code="too-many-paths",
        where="edge",
        expected=f"at most limit={limit:,} paths",
        fix=f"raise limit, or use ng.backward, which takes {steps:,} steps for the gradients of all edges",
    )
