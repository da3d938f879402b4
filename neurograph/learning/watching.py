"""Whether somebody changed a network meanwhile: what it looked like, and what is different now."""

from __future__ import annotations

from typing import Any, NamedTuple

import networkx as nx

from neurograph.errors import InvalidNetworkError, shown
from neurograph.files.fingerprint import first_difference
from neurograph.network.schema import Edge, Net, Neuron, arrow


class Look(NamedTuple):
    """What training goes by: neurons and edges in their order, with the attributes that count."""

    neurons: list[tuple[Neuron, Any, Any]]
    edges: list[Edge]
    weights: list[Any]
    flags: list[Any]

    @classmethod
    def at(cls, net: Net) -> Look:
        """Look at a network."""
        return cls(
            [(neuron, data.get("kind"), data.get("activation")) for neuron, data in net.nodes(data=True)],
            list(net.edges),
            [weight for _, _, weight in net.edges(data="weight")],
            [flag for _, _, flag in net.edges(data="trainable", default=True)],
        )


def require_same(net: Net, before: Look) -> None:
    """Raise where a callback has changed a network: the program would never know.

    Raises
    ------
    InvalidNetworkError
        It names the first difference.
    """
    try:
        if Look.at(net) == before:
            return
    except Exception:  # an attribute that cannot even be compared
        pass
    raise InvalidNetworkError(
        f"a callback has changed it: {_difference(net, before)}",
        code="changed-while-training",
        where="net",
        expected="the same network in every epoch",
        fix="let the callback change a copy, or return True to end the training, and change it then",
    )


def _difference(net: Net, before: Look) -> str:
    old = nx.DiGraph()
    for neuron, kind, activation in before.neurons:
        old.add_node(neuron, kind=kind, activation=activation)
    for (source, target), weight, flag in zip(before.edges, before.weights, before.flags, strict=True):
        old.add_edge(source, target, weight=weight, trainable=flag)
    return first_difference(net, old) or next(
        (
            f"edge {arrow(*edge)} was given the weight {shown(net.edges[edge].get('weight'))}"
            for edge, weight in zip(before.edges, before.weights, strict=True)
            if net.edges[edge].get("weight") is not weight
        ),
        "its edges stand in another order",
    )
