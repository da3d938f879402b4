"""Changes to a network that keep its trained weights: split an edge, freeze weights, add relays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, cast

import networkx as nx

from neurograph.errors import InvalidNetworkError
from neurograph.network.layering import level_of_each, topological_order
from neurograph.network.schema import (
    HIDDEN,
    Edge,
    Net,
    Neuron,
    add_hidden,
    arrow,
    connect,
    own_key,
    require_digraph,
)
from neurograph.options import bad_option


def split_edge(
    net: Net, source: Neuron, target: Neuron, neuron: int | str, *, activation: str = "identity"
) -> None:
    """Put a new hidden neuron into an edge: source → neuron → target.

    The edge into the new neuron has weight 1, the edge out of it takes over the old edge's weight and
    attributes (Stanley and Miikkulainen 2002). With the identity, the function of the network stays
    what it was, up to the rounding of sums whose order changes.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    source, target : int or str
        The edge to split.
    neuron : int or str
        The key of the new neuron.
    activation : str
        The function of the new neuron.

    Raises
    ------
    InvalidNetworkError
        If there is no such edge, the key is taken or unsound, or the activation is unknown.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.split_edge(net, 4, 6, 10)
    >>> ng.weights(net)[4, 10], ng.weights(net)[10, 6]
    (1.0, -0.25)
    """
    attributes = dict(require_edge(net, source, target))
    add_hidden(net, neuron, activation=activation)
    new = own_key(net, neuron)
    net.remove_edge(source, target)
    connect(net, source, new, weight=1.0)
    connect(net, new, target)
    net.edges[new, target].update(attributes)


def freeze(net: Net, edges: Edge | Iterable[Edge] | None = None) -> None:
    """Freeze edges: training leaves their weights alone.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    edges : edge or iterable of edges, optional
        One edge ``(source, target)``, several, or, if left out, all.

    Raises
    ------
    InvalidNetworkError
        If one of them is not in the network; then none is changed.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.freeze(net, (4, 6))
    >>> net.edges[4, 6]["trainable"]
    False
    """
    for attributes in _attributes(net, edges):
        attributes["trainable"] = False


def unfreeze(net: Net, edges: Edge | Iterable[Edge] | None = None) -> None:
    """Let training change the weights of edges again; parameters and errors as for :func:`freeze`.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.freeze(net)
    >>> ng.unfreeze(net, [(4, 6), (4, 7)])
    >>> [edge for edge, frozen in net.edges.items() if "trainable" not in frozen]
    [(4, 6), (4, 7)]
    """
    for attributes in _attributes(net, edges):
        attributes.pop("trainable", None)


def add_relays(net: Net) -> Net:
    """Return a layered copy of a feed-forward network, with the same function, exactly.

    An edge that skips levels is led through relays, one in each level between: hidden neurons with the
    identity function and a frozen weight of 1. All edges out of one neuron share its relays. Each relay
    stands right after its source in the order of the nodes, so that every sum runs as before.

    Parameters
    ----------
    net : networkx.DiGraph
        A feed-forward network, which is only read.

    Returns
    -------
    networkx.DiGraph
        A new network; the weights of the edges that skipped stand on the last edge of their way.

    Raises
    ------
    InvalidNetworkError
        If the graph has a cycle.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.connect(net, 1, 9, weight=0.5)
    >>> layered = ng.add_relays(net)
    >>> ng.is_layered(layered), layered.number_of_nodes()
    (True, 11)
    """
    level = level_of_each(topological_order(net), dict(net.nodes(data="kind")), dict(net.adjacency()))
    keys = _new_keys(net)
    relays: dict[Neuron, list[Neuron]] = {}
    layered: Net = nx.DiGraph()
    layered.graph.update(net.graph)
    for neuron, attributes in net.nodes(data=True):
        longest = max((level[target] - level[neuron] for target in net[neuron]), default=1)
        relays[neuron] = [neuron] + [next(keys) for _ in range(longest - 1)]
        layered.add_node(neuron)
        layered.nodes[neuron].update(attributes)
        layered.add_nodes_from(relays[neuron][1:], kind=HIDDEN, activation="identity")
    for way in relays.values():
        layered.add_edges_from(pairwise(way), weight=1.0, trainable=False)
    for source, target, attributes in net.edges(data=True):
        last = relays[source][level[target] - level[source] - 1]
        layered.add_edge(last, target)
        layered.edges[last, target].update(attributes)
    return layered


def read_edge(net: Net, edge: Any) -> Edge:
    """Return an edge with the keys that the network itself has, or raise where there is none."""
    if not isinstance(edge, tuple | list) or len(edge) != 2:
        raise bad_option("edge", edge, "an edge (source, target)")
    require_edge(net, *edge)
    return own_key(net, edge[0]), own_key(net, edge[1])


def require_edge(net: Net, source: Neuron, target: Neuron) -> dict[str, Any]:
    """Return the attributes of an edge, or raise where there is none."""
    require_digraph(net)
    try:
        return cast("dict[str, Any]", net.edges[source, target])
    except (KeyError, TypeError):
        raise InvalidNetworkError(
            f"there is no edge {arrow(source, target)}",
            code="undeclared-edge",
            where=f"edge {arrow(source, target)}",
            expected="an edge of the network, as (source, target)",
            fix="choose one of net.edges",
        ) from None


def _attributes(net: Net, edges: object) -> list[dict[str, Any]]:
    """Find all edges before any is changed."""
    require_digraph(net)
    if edges is None:
        return [attributes for _, _, attributes in net.edges(data=True)]
    is_one = isinstance(edges, tuple) and len(edges) == 2 and not all(isinstance(end, tuple) for end in edges)
    several = [edges] if is_one or not isinstance(edges, Iterable) else edges
    pairs = [edge if isinstance(edge, tuple | list) and len(edge) == 2 else (edge, None) for edge in several]
    return [require_edge(net, source, target) for source, target in pairs]


def _new_keys(net: Net) -> Iterator[Neuron]:
    """Yield keys that the network does not have: numbers, or names where a key is a string."""
    named = any(isinstance(neuron, str) for neuron in net)
    number = 0 if named else max((key for key in net if isinstance(key, int)), default=0)
    while True:
        number += 1
        key: Neuron = f"relay {number}" if named else number
        if key not in net:
            yield key
