"""Version 1 of the JSON format: what its parts are called, how a place in it is named, what text it holds.

A file is one JSON object in UTF-8::

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

Nodes stand in the order of the network. Edges stand in an order that, added one by one, gives every
neuron its targets and its sources in the network's order. All other members of a node or an edge are its
attributes.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from neurograph.errors import shown

FORMAT = "neurograph"
VERSION = 1
MEMBERS = ("format", "version", "directed", "multigraph", "graph", "nodes", "edges")
LINKS = "links"  # networkx's older name for the edges

MOST_DEEP = 64
MOST_DIGITS = 20
MOST_NODES = 5_000_000
MOST_EDGES = 50_000_000

Path: TypeAlias = tuple[str | int, ...]

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def text_problem(text: str) -> str:
    """Say why a string cannot stand in a file; empty where it can.

    >>> text_problem("a\\0b")
    "contains the character '\\\\x00'"
    """
    bad = _NOT_TEXT.search(text)
    return f"contains the character {bad.group()!a}" if bad else ""


def pointer(path: Path) -> str:
    """Write a place in a file as a JSON pointer (RFC 6901), safe for a terminal.

    >>> pointer(("nodes", 3, "a/b"))
    '/nodes/3/a~1b'
    """
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{shown(part)[1:-1] if not part.isdigit() else part}" for part in parts) or "top level"


def place_order(path: Path) -> tuple[tuple[int, str], ...]:
    """Return what sorts places as they stand in a file: head, nodes and edges, each by number.

    >>> place_order(("nodes", 3)) < place_order(("nodes", 12)) < place_order(("edges", 0))
    True
    """
    top = [(MEMBERS.index(part) if part in MEMBERS else len(MEMBERS), str(part)) for part in path[:1]]
    return (*top, *((part, "") if isinstance(part, int) else (0, part) for part in path[1:]))
