"""What makes two networks the same but for their weights: a fingerprint, and the first difference."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from neurograph.errors import shown
from neurograph.network.schema import Net, arrow


def fingerprint(net: Net) -> str:
    """Return the SHA-256 of a network's structure, as 64 hexadecimal digits.

    It covers the neurons in their order, each with kind and activation, and the edges, each with whether it
    is trainable. It does not cover weights and other attributes, nor the order of the edges, by
    neither of which sums or learning go.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.

    Returns
    -------
    str

    Examples
    --------
    >>> import neurograph as ng
    >>> net, other = ng.example_network(seed=1), ng.example_network(seed=2)
    >>> fingerprint(net) == fingerprint(other)
    True
    >>> ng.freeze(other, [(4, 6)])
    >>> fingerprint(net) == fingerprint(other)
    False
    """
    checksum = hashlib.sha256()
    for line in _neuron_lines(net):
        checksum.update(line.encode("utf-8", "surrogatepass"))
    rank = {neuron: i for i, neuron in enumerate(net)}
    edges = [
        (rank[source], rank[target], _trains(attributes))
        for source, target, attributes in net.edges(data=True)
    ]
    rows = np.array(edges, dtype="<i8").reshape(-1, 3)
    checksum.update(rows[np.lexsort((rows[:, 1], rows[:, 0]))].tobytes())
    return checksum.hexdigest()


def first_difference(net: Net, other: Net) -> str:
    """Say in which way a network differs from another one in structure or frozen weights; empty if in none.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> net.remove_edge(4, 6)
    >>> first_difference(net, ng.example_network())
    'it has no edge 4 → 6'
    """
    return next(_differences(net, other), "")


def _differences(net: Net, other: Net) -> Iterator[str]:
    yield from (f"it has no neuron {shown(neuron)}" for neuron in other if neuron not in net)
    yield from (f"it has a neuron {shown(neuron)} more" for neuron in net if neuron not in other)
    for neuron in other:
        for name in ("kind", "activation"):
            here, there = net.nodes[neuron].get(name), other.nodes[neuron].get(name)
            if here != there:
                yield f"the {name} of neuron {shown(neuron)} is {shown(here)}, not {shown(there)}"
    if list(net) != list(other):
        yield "its neurons stand in another order"
    yield from (f"it has no edge {arrow(*edge)}" for edge in other.edges if not net.has_edge(*edge))
    yield from (f"it has an edge {arrow(*edge)} more" for edge in net.edges if not other.has_edge(*edge))
    for source, target, there in other.edges(data=True):
        here, edge = net.edges[source, target], arrow(source, target)
        if _trains(here) != _trains(there):
            yield f"edge {edge} is {'not ' if _trains(here) else ''}frozen in it"
        weight = here.get("weight")
        if not _trains(here) and _as_float(weight) != float(there["weight"]):
            yield f"its frozen edge {edge} has the weight {shown(weight)}, not {there['weight']!r}"


def _neuron_lines(net: Net) -> Iterable[str]:
    for neuron, attributes in net.nodes(data=True):
        key = str.__str__(neuron) if isinstance(neuron, str) else int(neuron)
        yield json.dumps([key, attributes["kind"], attributes.get("activation")]) + "\n"


def _as_float(weight: Any) -> float:
    """Round a weight of any real type as a program does; NaN where it is no number."""
    try:
        return float(weight)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _trains(attributes: dict[str, Any]) -> bool:
    return bool(attributes.get("trainable", True))
