"""The order in which edges are stored: added one by one, they give every neuron its neighbours in order."""

from __future__ import annotations

import heapq
from itertools import pairwise

from neurograph.network.schema import Edge, Net


def storage_order(net: Net) -> list[Edge]:
    """Order the edges so that adding them one by one rebuilds ``net.succ`` and ``net.pred`` in order.

    The edges out of a neuron stand in one order in ``net.succ``, the edges into a neuron in another in
    ``net.pred``. Both came from one order of insertion, so they agree: an edge must come after the one
    before it in either list, and this is the topological order of these constraints that stays nearest
    to the front of ``net.edges``.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, which is only read.

    Returns
    -------
    list of edges
        The order of ``net.edges`` itself where the two orders contradict each other, as they can in a
        view that hides neurons.

    Examples
    --------
    >>> import networkx as nx
    >>> net = nx.DiGraph()
    >>> net.add_nodes_from("abc")
    >>> net.add_edges_from([("b", "c"), ("a", "c")])
    >>> list(net.edges), storage_order(net)
    ([('a', 'c'), ('b', 'c')], [('b', 'c'), ('a', 'c')])
    """
    edges = list(net.edges)
    following, waiting = _constraints(net, edges)
    ready = [i for i, count in enumerate(waiting) if count == 0]  # ascending, so a heap
    order = []
    while ready:
        i = heapq.heappop(ready)
        order.append(edges[i])
        for k in following[i]:
            waiting[k] -= 1
            if waiting[k] == 0:
                heapq.heappush(ready, k)
    return order if len(order) == len(edges) else edges


def _constraints(net: Net, edges: list[Edge]) -> tuple[list[list[int]], list[int]]:
    """Number the edges; say which ones come right after each, and how many come right before it."""
    number = {edge: i for i, edge in enumerate(edges)}
    following: list[list[int]] = [[] for _ in edges]
    waiting = [0] * len(edges)
    into = ([number[source, target] for source in net.pred[target]] for target in net)
    out_of = ([number[source, target] for target in net.succ[source]] for source in net)
    for numbers in (*into, *out_of):
        for before, after in pairwise(numbers):
            following[before].append(after)
            waiting[after] += 1
    return following, waiting
