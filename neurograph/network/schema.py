"""The schema of a network: what stands on the nodes and edges of a plain ``networkx.DiGraph``."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeAlias

import networkx as nx
from networkx.classes.graphviews import generic_graph_view

from neurograph.errors import InvalidNetworkError, did_you_mean, shown, shown_list
from neurograph.network.attributes import (
    LONGEST_KEY,
    arrow,
    as_text,
    as_trainable,
    as_weight,
    key_problem,
    require_activation,
    twin_key,
    weight_problem,
)

__all__ = [
    "BIAS", "HIDDEN", "INPUT", "KINDS", "LONGEST_KEY", "OUTPUT", "Edge", "Net", "Neuron",
    "add_bias", "add_hidden", "add_input", "add_output", "connect",
    "biases", "incoming", "inputs", "kind", "outputs", "weights",
    "arrow", "as_text", "as_trainable", "as_weight", "key_problem", "require_activation", "require_digraph",
    "require_neuron", "twin_key", "weight_problem",
]  # fmt: skip

Neuron: TypeAlias = Hashable
Edge: TypeAlias = tuple[Neuron, Neuron]
Net: TypeAlias = "nx.DiGraph[Any]"

INPUT, BIAS, HIDDEN, OUTPUT = "input", "bias", "hidden", "output"
KINDS = (INPUT, BIAS, HIDDEN, OUTPUT)


def add_input(net: Net, neuron: int | str) -> None:
    """Add an input neuron: it hands on the value that it is given and computes nothing.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    neuron : int or str
        The key of the new neuron. The order of the inputs is the order in which they are added.

    Raises
    ------
    InvalidNetworkError
        If the key is taken or is not a sound integer or string.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_input(net, "width")
    >>> net.nodes["width"]
    {'kind': 'input'}
    """
    _add(net, neuron, INPUT)


def add_bias(net: Net, neuron: int | str) -> None:
    """Add a bias neuron: it has no incoming edges and its value is always 1.

    Parameters and errors are those of :func:`add_input`.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_bias(net, 2)
    >>> ng.biases(net)
    [2]
    """
    _add(net, neuron, BIAS)


def add_hidden(net: Net, neuron: int | str, *, activation: str = "tanh") -> None:
    """Add a hidden neuron: it sums its weighted inputs and applies its function to the sum.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    neuron : int or str
        The key of the new neuron.
    activation : str
        A name of the table :data:`neurograph.ACTIVATIONS`.

    Raises
    ------
    InvalidNetworkError
        If the key is taken or unsound, or the activation is unknown.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_hidden(net, 3, activation="logistic")
    >>> net.nodes[3]
    {'kind': 'hidden', 'activation': 'logistic'}
    """
    _add(net, neuron, HIDDEN, activation)


def add_output(net: Net, neuron: int | str, *, activation: str = "tanh") -> None:
    """Add an output neuron: it computes as a hidden one does, and its value is an output of the network.

    Parameters and errors are those of :func:`add_hidden`. The order of the outputs is the order in
    which they are added.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_output(net, 9, activation="identity")
    >>> ng.outputs(net)
    [9]
    """
    _add(net, neuron, OUTPUT, activation)


def connect(net: Net, source: Neuron, target: Neuron, *, weight: float = 0.0, trainable: bool = True) -> None:
    """Add the edge from source to target.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    source, target : int or str
        Two neurons of the network.
    weight : float
        A finite number; other real numbers are converted to float.
    trainable : bool
        False freezes the edge: training leaves its weight alone.

    Raises
    ------
    InvalidNetworkError
        If a neuron is not in the network, or the edge is there already.
    WeightError
        If the weight is not a finite number.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_input(net, 1)
    >>> ng.add_output(net, 2, activation="identity")
    >>> ng.connect(net, 1, 2, weight=0.5)
    >>> ng.weights(net)
    {(1, 2): 0.5}
    """
    require_digraph(net)
    source, target = own_key(net, source), own_key(net, target)
    if net.has_edge(source, target):
        raise InvalidNetworkError(
            f"the edge {arrow(source, target)} is there already",
            code="duplicate-edge",
            where=f"edge {arrow(source, target)}",
            expected="one edge at most between two neurons",
            fix="change its weight with net.edges[source, target]['weight'] = …",
        )
    number = as_weight(weight, where=f"edge {arrow(source, target)}")
    frozen = {} if as_trainable(trainable, where=f"edge {arrow(source, target)}") else {"trainable": False}
    net.add_edge(source, target, weight=number, **frozen)


def kind(net: Net, neuron: Neuron) -> str:
    """Return what a neuron is: ``"input"``, ``"bias"``, ``"hidden"`` or ``"output"``.

    Raises
    ------
    InvalidNetworkError
        If it is not in the network, or carries no such kind.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.kind(ng.example_network(), 2)
    'bias'
    """
    require_digraph(net)
    require_neuron(net, neuron)
    answer = net.nodes[neuron].get("kind")
    if as_text(answer) in KINDS:
        return as_text(answer)
    raise InvalidNetworkError(
        f"its kind is {shown(answer)}",
        code="missing-kind" if answer is None else "unknown-kind",
        where=f"neuron {shown(neuron)}",
        expected=f"one of {shown_list(KINDS)}",
        fix="set net.nodes[neuron]['kind'] to one of these",
    )


def inputs(net: Net) -> list[Neuron]:
    """Return the input neurons, in the order in which inputs are given: the order of the nodes.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.inputs(ng.example_network())
    [1]
    """
    return _of_kind(net, INPUT)


def outputs(net: Net) -> list[Neuron]:
    """Return the output neurons, in the order in which outputs come back: the order of the nodes.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.outputs(ng.example_network())
    [9]
    """
    return _of_kind(net, OUTPUT)


def biases(net: Net) -> list[Neuron]:
    """Return the bias neurons, in the order of the nodes.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.biases(ng.example_network())
    [2, 5, 8]
    """
    return _of_kind(net, BIAS)


def weights(net: Net) -> dict[Edge, float]:
    """Return a new dictionary from every edge to its weight, in the order of ``net.edges``.

    Raises
    ------
    WeightError
        If an edge has no weight, or one that is not a finite number.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.weights(ng.example_network())[4, 6]
    -0.25
    """
    require_digraph(net)
    return {
        (source, target): as_weight(attributes.get("weight"), where=f"edge {arrow(source, target)}")
        for source, target, attributes in net.edges(data=True)
    }


def incoming(net: Net) -> dict[Neuron, list[Neuron]]:
    """Map every neuron to its sources, in the order of ``net.nodes``: the order in which sums run.

    ``net.pred`` has no order to rely on: a copy, a renaming, a save and a load all change it.
    """
    sources: dict[Neuron, list[Neuron]] = {neuron: [] for neuron in net}
    for source, targets in net.adjacency():  # in the order of net.nodes
        for target in targets:
            sources[target].append(source)
    return sources


def source_adjacency(net: Net) -> Iterator[tuple[Neuron, Mapping[Neuron, dict[str, Any]]]]:
    """Yield each neuron with its sources, in no order to rely on, and the attributes of these edges.

    It is ``net.adjacency()`` from the other end.
    """
    plain = generic_graph_view(net, create_using=nx.DiGraph)  # a class of the user's may need arguments
    yield from nx.reverse_view(plain).adjacency()


def require_digraph(net: object) -> None:
    """Raise unless the argument is a ``networkx.DiGraph`` with one edge at most between two nodes."""
    if isinstance(net, nx.DiGraph) and not net.is_multigraph():
        return
    raise InvalidNetworkError(
        f"got a {type(net).__name__}",
        code="not-a-digraph",
        where="net",
        expected="a networkx.DiGraph",
        fix="build the network as a networkx.DiGraph()",
    )


def require_neuron(net: Net, neuron: object) -> None:
    """Raise unless the neuron is in the network; the nearest key is suggested."""
    try:
        known = neuron in net
    except TypeError:
        known = False
    if known:
        return
    raise InvalidNetworkError(
        f"{shown(neuron)} is not in the network",
        code="undeclared-neuron",
        where=f"neuron {shown(neuron)}",
        expected="a neuron that was added before",
        fix=did_you_mean(neuron, net) or "add it first, with add_input, add_bias, add_hidden or add_output",
    )


def own_key(net: Net, neuron: Neuron) -> Neuron:
    """Return the key of a neuron as the network has it: 6 for 6.0, or raise where there is none."""
    require_neuron(net, neuron)
    return neuron if type(neuron) in (int, str) else next(key for key in net if key == neuron)


def _add(net: Net, neuron: Any, new_kind: str, activation: object = None) -> None:
    require_digraph(net)
    key = _sound_key(net, neuron)
    if new_kind in (HIDDEN, OUTPUT):
        require_activation(activation, where=f"neuron {shown(key)}")
        net.add_node(key, kind=new_kind, activation=activation)
    else:
        net.add_node(key, kind=new_kind)


def _sound_key(net: Net, neuron: Any) -> int | str:
    problem = key_problem(neuron)
    code = "bad-key"
    if not problem and neuron in net:
        problem, code = "is there already", "duplicate-neuron"
    twin = None if problem else twin_key(neuron, net)
    if twin is not None:
        problem, code = f"looks like {shown(twin)}, which is there already", "ambiguous-key"
    if not problem:
        return neuron if isinstance(neuron, str) else int(neuron)
    raise InvalidNetworkError(
        f"the key {shown(neuron)} {problem}",
        code=code,
        where=f"neuron {shown(neuron)}",
        expected=f"a new integer or string without control characters, {LONGEST_KEY} characters at most",
        fix="choose another key",
    )


def _of_kind(net: Net, wanted: str) -> list[Neuron]:
    require_digraph(net)
    return [neuron for neuron, found in net.nodes(data="kind") if as_text(found) == wanted]
