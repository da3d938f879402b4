"""A network as JSON text, one neuron a line and one edge a line; nothing is lost, or nothing is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from neurograph.errors import InvalidNetworkError, shown
from neurograph.files.edge_order import storage_order
from neurograph.files.json_format import FORMAT, VERSION
from neurograph.files.problems import Problems
from neurograph.files.values import Place, place_text, plain_members
from neurograph.network.schema import Net, Neuron, key_problem
from neurograph.network.validation import validate

# Characters that show nothing, or that turn the reading direction around, are written as \uXXXX.
_HIDDEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]")


def dumps(net: Net) -> str:
    """Write a network as text in the JSON format.

    Everything comes back from :func:`loads`: keys, attributes, weights bit for bit, and the orders of
    nodes, of edges, and of every neuron's targets and sources.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read. Its own attributes and those of neurons and edges
        may be None, bools, ints, finite floats, strings, and lists and dictionaries of these; numpy's
        scalars become Python's.

    Returns
    -------
    str

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or two keys that look the same, such as 1 and "1".
    FileFormatError
        If an attribute cannot be stored exactly; every such place is listed.

    Examples
    --------
    >>> import networkx as nx, neurograph as ng
    >>> net = nx.DiGraph()
    >>> ng.add_input(net, 1)
    >>> ng.add_output(net, 2, activation="tanh")
    >>> ng.connect(net, 1, 2, weight=0.5)
    >>> print(dumps(net), end="")
    {
      "format": "neurograph",
      "version": 1,
      "directed": true,
      "multigraph": false,
      "graph": {},
      "nodes": [
        {"id": 1, "kind": "input"},
        {"id": 2, "kind": "output", "activation": "tanh"}
      ],
      "edges": [
        {"source": 1, "target": 2, "weight": 0.5}
      ]
    }
    """
    validate(net)
    problems = Problems("this network")
    keys = _keys(net, problems)
    graph = plain_members(net.graph, ("net.graph",), problems)
    nodes = [_node(net, neuron, key, problems) for neuron, key in keys.items()]
    edges = [_edge(net, source, target, keys, problems) for source, target in storage_order(net)]
    problems.raise_if_any()
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", _document(graph, nodes, edges))


def _keys(net: Net, problems: Problems) -> dict[Neuron, int | str]:
    """Map every neuron to its key in the file, an exact int or str; no two may look the same."""
    keys: dict[Neuron, int | str] = {}
    by_look: dict[str, Neuron] = {}
    for neuron in net:
        problem = key_problem(neuron)
        if problem:
            _add_key_problem(problems, neuron, f"the key {problem}", "bad-key")
            continue
        keys[neuron] = str.__str__(neuron) if isinstance(neuron, str) else int(neuron)
        twin = by_look.setdefault(str(keys[neuron]), neuron)
        if twin is not neuron:
            _add_key_problem(problems, neuron, f"the key looks like {shown(twin)}", "ambiguous-key")
    return keys


def _node(net: Net, neuron: Neuron, key: int | str, problems: Problems) -> dict[str, Any]:
    return _item({"id": key}, net.nodes[neuron], ("net.nodes", neuron), problems)


def _edge(
    net: Net, source: Neuron, target: Neuron, keys: dict[Neuron, int | str], problems: Problems
) -> dict[str, Any]:
    attributes = dict(net.succ[source][target])
    attributes["weight"] = float(attributes["weight"])
    ends = {"source": keys.get(source), "target": keys.get(target)}
    return _item(ends, attributes, ("net.edges", (source, target)), problems)


def _item(
    own: dict[str, Any], attributes: dict[Any, object], path: Place, problems: Problems
) -> dict[str, Any]:
    """Put a node or an edge together: what the format says of it, and its attributes under other names."""
    for name in [name for name in own if name in attributes]:
        problems.add(
            place_text((*path, name)),
            "is an attribute with a name that the format uses",
            expected=f"a name other than {' and '.join(own)}",
            fix="rename the attribute",
            code="reserved-attribute",
        )
    return own | plain_members(attributes, path, problems)


def _document(graph: dict[str, Any], nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> str:
    head = {"format": FORMAT, "version": VERSION, "directed": True, "multigraph": False, "graph": graph}
    members = [f"  {_text(name)}: {_text(value)}" for name, value in head.items()]
    members += [f'  "nodes": {_lines(nodes)}', f'  "edges": {_lines(edges)}']
    return "{\n" + ",\n".join(members) + "\n}\n"


def _lines(items: Iterable[dict[str, Any]]) -> str:
    lines = ",\n".join("    " + _text(item) for item in items)
    return f"[\n{lines}\n  ]" if lines else "[]"


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _add_key_problem(problems: Problems, neuron: Neuron, what: str, code: str) -> None:
    problems.add(
        f"neuron {shown(neuron)}",
        what,
        expected="integers and strings, of which no two look the same",
        fix="rename it with networkx.relabel_nodes",
        code=code,
        error=InvalidNetworkError,
    )
