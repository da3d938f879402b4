"""A network of identity functions is one matrix: collapse it, or only the linear runs inside a larger one."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import InvalidNetworkError, shown
from neurograph.network.layering import topological_order
from neurograph.network.schema import BIAS, HIDDEN, INPUT, Net, Neuron, arrow, as_weight
from neurograph.network.schema import biases as biases_of
from neurograph.network.validation import validate
from neurograph.options import require_flag
from neurograph.theory.assembly import assemble, edges_of
from neurograph.theory.matrices import Decomposition
from neurograph.walk.passes import require_finite, weighted_sum
from neurograph.walk.route import Route, read_route

_LANES = 256  # so many columns of the matrix are computed together


class LinearMap(NamedTuple):
    """What a network of identity functions computes: matrix·x + offset; made by :func:`linear_map`.

    Parameters
    ----------
    matrix : array of shape (outputs, inputs)
    offset : array of shape (outputs,)

    Examples
    --------
    >>> import neurograph as ng
    >>> matrix, offset = ng.theory.linear_map(ng.theory.from_matrices([[[2, 1]], [[3, -1]]], "identity"))
    >>> matrix.tolist(), offset.tolist()
    ([[6.0]], [2.0])
    """

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]


def linear_map(net: Net) -> LinearMap:
    """Return the matrix and the offset of a network of identity functions.

    Concatenating linear functions yields a linear function, says the text: a network whose neurons do
    nothing applies a single matrix, A_L·…·A_2. Layers are not needed.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors whose neurons all apply the identity; it is only read.

    Returns
    -------
    LinearMap
        ``matrix`` of shape (outputs, inputs) and ``offset`` of shape (outputs,), which the bias neurons
        bring: the outputs are matrix·x + offset.

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or a neuron applies another function.
    DivergedError
        If an entry grows beyond a float64.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 5, 5, 1], activation="identity", seed=0)
    >>> matrix, offset = ng.theory.linear_map(net)
    >>> bool(abs(matrix @ [1, 2] + offset - ng.forward(net, [1, 2]).outputs) < 1e-15)
    True
    """
    route = read_route(net)
    _require_linear(route)
    columns = len(route.inputs) + 1  # one for each input, at 1 while others are at 0; the last for the biases
    parts = [
        _propagate(route, range(first, min(first + _LANES, columns))) for first in range(0, columns, _LANES)
    ]
    whole = np.concatenate(parts, axis=1)
    return LinearMap(np.ascontiguousarray(whole[:, :-1]), whole[:, -1].copy())


def collapse(net: Net, *, partial: bool = False) -> Net:
    """Merge linear neurons: a network of identity functions becomes one with inputs and outputs alone.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    partial : bool
        False asks for a network of identity functions throughout, and gives the one with just an input
        and an output layer: an edge for each entry of its :func:`linear_map` that is not 0, and from a
        bias neuron to all, if there was one. True takes any network and merges every run of linear
        neurons: each hidden identity neuron is left out, its sources feeding its targets with the products
        of the weights. So it undoes :func:`neurograph.add_relays`. A run may have fewer edges than what
        replaces it: that is why depth pays, even for linear networks (:func:`strassen_network`).

    Returns
    -------
    networkx.DiGraph
        A new network of the same function, up to rounding. With ``partial``, a merged edge is frozen where
        all that it stands for is frozen; without, every edge is new and trainable.

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or, without ``partial``, a neuron that is not linear; that is named.
    WeightError, DivergedError
        If a product of weights grows beyond a float64.

    Examples
    --------
    >>> import neurograph as ng
    >>> flat = ng.theory.collapse(ng.mlp([2, 5, 5, 1], activation="identity", seed=0))
    >>> ng.layers(flat)
    [[1, 2, 3], [16]]
    >>> net = ng.random_network(seed=0)
    >>> ng.weights(ng.theory.collapse(ng.add_relays(net), partial=True)) == ng.weights(net)
    True
    """
    return _merge_runs(net) if require_flag("partial", partial) else _flatten(net)


def _require_linear(route: Route) -> None:
    for neuron, activation in route.activation.items():
        if activation.name != "identity":
            raise InvalidNetworkError(
                f"it applies {activation.name}",
                code="not-linear",
                where=f"neuron {shown(neuron)}",
                expected="the identity in every neuron",
                fix="give it the identity, or merge linear neurons alone, by collapse(net, partial=True)",
            )


def _propagate(route: Route, columns: range) -> NDArray[np.float64]:
    """Walk forward with several columns at once; return the outputs, of shape (outputs, columns)."""
    place = {neuron: i for i, neuron in enumerate(route.inputs)}
    value: dict[Neuron, NDArray[np.float64]] = {}
    for neuron in route.order:
        if route.kind[neuron] in (INPUT, BIAS):
            value[neuron] = np.array([float(place.get(neuron, len(place)) == column) for column in columns])
            continue
        with np.errstate(all="ignore"):
            value[neuron] = weighted_sum(
                (source, route.weight[source, neuron], value[source]) for source in route.sources[neuron]
            )
        require_finite(value[neuron], "an entry of the matrix", neuron)
    return np.array([value[neuron] for neuron in route.outputs])


def _flatten(net: Net) -> Net:
    """Build the network with inputs and outputs alone; its bias neuron is the first of the old ones."""
    matrix, offset = linear_map(net)
    route = read_route(net)
    bias = biases_of(net)[:1]
    whole = np.column_stack([matrix, offset])[:, : matrix.shape[1] + len(bias)]
    layers = ((*route.inputs, *bias), tuple(route.outputs))
    edges = edges_of(whole)
    edges[:, matrix.shape[1] :] = True
    flat = assemble(Decomposition(layers, frozenset(bias), (whole,), ("identity",), (edges,)))
    for neuron in flat:
        flat.nodes[neuron].update(net.nodes[neuron])
    return flat


def _merge_runs(net: Net) -> Net:
    """Leave out every hidden identity neuron, from the first to the last."""
    validate(net)
    merged: Net = net.copy()
    for neuron in topological_order(net):
        attributes = net.nodes[neuron]
        if attributes["kind"] == HIDDEN and attributes["activation"] == "identity":
            _leave_out(merged, neuron)
    return merged


def _leave_out(net: Net, neuron: Neuron) -> None:
    """Let the sources of a linear neuron feed its targets: w(s→t) grows by w(s→neuron)·w(neuron→t)."""
    sources, targets = list(net.pred[neuron].items()), list(net.succ[neuron].items())
    net.remove_node(neuron)
    for (source, into), (target, out) in product(sources, targets):
        if not net.has_edge(source, target):
            net.add_edge(source, target, weight=0.0, trainable=False)
        edge = net.edges[source, target]
        weight = float(edge["weight"]) + float(into["weight"]) * float(out["weight"])
        edge["weight"] = as_weight(weight, where=f"edge {arrow(source, target)}")
        if any(part.get("trainable", True) for part in (edge, into, out)):
            edge.pop("trainable", None)
