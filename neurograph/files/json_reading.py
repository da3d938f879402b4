"""JSON text as a network: every fault of the file is found before a graph is built."""

from __future__ import annotations

import networkx as nx

from neurograph.errors import InvalidNetworkError
from neurograph.files.json_checking import (
    Item,
    check_edges,
    check_head,
    find_edges_name,
    find_items,
    find_keys,
)
from neurograph.files.json_format import MOST_EDGES, MOST_NODES
from neurograph.files.json_parsing import parse
from neurograph.files.problems import Problems, check_limit, within_means
from neurograph.files.reading import MOST_BYTES, decode
from neurograph.network.schema import Net
from neurograph.network.validation import validate


def loads(
    text: str | bytes,
    *,
    strict: bool = True,
    name: str = "the text",
    most_bytes: int = MOST_BYTES,
    most_nodes: int = MOST_NODES,
    most_edges: int = MOST_EDGES,
) -> Net:
    """Read a network from text in the JSON format.

    Parameters
    ----------
    text : str or bytes
        The content of a file.
    strict : bool
        Whether the network must be without errors too. If False, a sound file's network comes back as
        it is, for :func:`neurograph.check` to report on.
    name : str
        How messages name the text.
    most_bytes, most_nodes, most_edges : int
        How large it may be.

    Returns
    -------
    networkx.DiGraph

    Raises
    ------
    FileFormatError
        If the text is not what the format says; every place is named by a JSON pointer. It is an
        ``UnsafeFileError`` for a pickle or an archive, a ``VersionError`` for a newer format, a
        ``LimitError`` where a limit is passed.
    InvalidNetworkError
        If a neuron or an edge stands there twice, an edge leads to a neuron that does not, or, where
        ``strict``, the network has errors. It is a ``WeightError`` where all are about weights.

    Examples
    --------
    >>> import neurograph as ng
    >>> from neurograph.files import dumps
    >>> net = loads(dumps(ng.example_network()))
    >>> ng.weights(net) == ng.weights(ng.example_network())
    True
    >>> loads('{"format": "neurograph", "version": 2}')
    Traceback (most recent call last):
    neurograph.errors.VersionError: the text, /version: was written in version 2 of the format; \
expected version 1. Fix: upgrade neurograph.
    """
    return read_network(
        text,
        strict=strict,
        name=name,
        most_bytes=most_bytes,
        most_nodes=most_nodes,
        most_edges=most_edges,
    )


def read_network(
    data: str | bytes, *, strict: bool, name: str, most_bytes: int, most_nodes: int, most_edges: int
) -> Net:
    """Read a network, as :func:`loads` and :func:`neurograph.load` do; warnings point at their callers."""
    check_limit("most_nodes", most_nodes)
    check_limit("most_edges", most_edges)
    problems = Problems(name)
    with within_means(name):
        document = parse(decode(data, name=name, most_bytes=most_bytes), problems)
        check_head(document, problems)
        nodes = find_items(document, "nodes", "most_nodes", most_nodes, problems)
        member = find_edges_name(document, problems)
        edges = find_items(document, member, "most_edges", most_edges, problems)
        check_edges(edges or [], member, None if nodes is None else find_keys(nodes, problems), problems)
        problems.raise_if_any()
        net = _build(document.get("graph", {}), nodes or [], edges or [])
        if strict:
            _require_sound(net, name)
    return net


def _build(graph: Item, nodes: list[Item], edges: list[Item]) -> Net:
    """Build the graph; attributes are set one by one, as data that names nothing but themselves."""
    net: Net = nx.DiGraph()
    for name, value in graph.items():
        net.graph[name] = value
    for item in nodes:
        net.add_node(item["id"])
        _set(net.nodes[item["id"]], item, ("id",))
    for item in edges:
        net.add_edge(item["source"], item["target"])
        attributes = net.succ[item["source"]][item["target"]]
        _set(attributes, item, ("source", "target"))
        weight = attributes.get("weight")
        if type(weight) is int and float(weight) == weight:
            attributes["weight"] = float(weight)
    return net


def _set(attributes: Item, item: Item, own: tuple[str, ...]) -> None:
    for name, value in item.items():
        if name not in own:
            attributes[name] = value


def _require_sound(net: Net, name: str) -> None:
    """Raise where the network has errors, with all findings and the name of the file."""
    try:
        validate(net)
    except InvalidNetworkError as error:
        error.args = (f"{name}: {error}",)
        raise
