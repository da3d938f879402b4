"""The faults of a parsed JSON file: its head, its nodes and its edges against what the format says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

from neurograph.errors import (
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    VersionError,
    did_you_mean,
    shown,
)
from neurograph.files.json_format import FORMAT, LINKS, MEMBERS, VERSION, Path, place_order, pointer
from neurograph.files.json_parsing import Flaw
from neurograph.files.problems import Problems, beyond_limit, one_problem
from neurograph.network.schema import LONGEST_KEY, arrow, key_problem

Key: TypeAlias = int | str
Item: TypeAlias = dict[str, Any]


def check_head(document: Any, problems: Problems) -> None:
    """Check all that stands beside the nodes and edges; raise at once where the rest cannot be judged."""
    if not isinstance(document, dict):
        _add(problems, (), f"is {_described(document)}", "an object", "put the network in braces, { and }")
        problems.raise_if_any()
    version = document.get("version")
    if document.get("format") == FORMAT and type(version) is int and version > VERSION:
        raise one_problem(
            VersionError,
            f"was written in version {version} of the format",
            code="newer-version",
            where=f"{problems.name}, /version",
            expected=f"version {VERSION}",
            fix="upgrade neurograph",
        )
    for member, right in (
        ("format", FORMAT),
        ("version", VERSION),
        ("directed", True),
        ("multigraph", False),
    ):
        value = document.get(member)
        if type(value) is not type(right) or value != right:
            what = f"is {_described(value)}" if member in document else "is missing"
            _add(problems, (member,), what, _literal(right), f'write "{member}": {_literal(right)}')
    if not isinstance(document.get("graph", {}), dict):
        _add(problems, ("graph",), f"is {_described(document['graph'])}", "an object", 'write "graph": {}')
    for member in document:
        if member not in (*MEMBERS, LINKS):
            fix = did_you_mean(member, MEMBERS) or 'remove it, or keep it inside "graph"'
            _add(problems, (member,), "is not part of the format", f"one of {', '.join(MEMBERS)}", fix)


def edges_name(document: Item, problems: Problems) -> str:
    """Return the name under which the edges stand; the older one, ``links``, is taken with a note."""
    if LINKS not in document:
        return "edges"
    if "edges" in document:
        _add(problems, (LINKS,), 'stands beside "edges"', "one list of edges", "remove one of them")
        return "edges"
    warnings.warn(f'{problems.name}: "links" is read as "edges", the name in this format', stacklevel=4)
    return LINKS


def items(document: Item, member: str, argument: str, most: int, problems: Problems) -> list[Item]:
    """Return the nodes or the edges; one that is no object is reported, and empty in the answer."""
    items = document.get(member)
    if not isinstance(items, list):
        what = f"is {_described(items)}" if member in document else "is missing"
        _add(problems, (member,), what, "a list of objects", f'write "{member}": [ … ]')
        return []
    if len(items) > most:
        where = f"{problems.name}, /{member}"
        raise beyond_limit(f"has {len(items)} items", where=where, argument=argument, most=most)
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            _add(problems, (member, i), f"is {_described(item)}", "an object", "write it in braces, { and }")
    return [item if isinstance(item, dict) else {} for item in items]


def keys(nodes: list[Item], problems: Problems) -> dict[Key, int] | None:
    """Map every key to the place of its node; None where a node has none, so that edges cannot be judged."""
    places: dict[Key, int] = {}
    by_look: dict[str, tuple[Key, int]] = {}
    complete = True
    for i, item in enumerate(nodes):
        key = item.get("id")
        if not _is_key(key):
            complete = False
            what = f"is {_described(key)}" if "id" in item else "is missing"
            _add(problems, ("nodes", i, "id"), what, "an integer or a string", "give the node an id")
            continue
        _check_key(key, i, problems)
        places.setdefault(key, i)
        twin, place = by_look.setdefault(str(key), (key, i))
        if place != i:
            _add_twin(problems, key, twin, place, i)
    return places if complete else None


def _check_key(key: Key, i: int, problems: Problems) -> None:
    problem = key_problem(key)
    if problem:
        too_long = isinstance(key, str) and len(key) > LONGEST_KEY
        expected = f"a key without control characters, {LONGEST_KEY} characters at most"
        error = LimitError if too_long else InvalidNetworkError
        _add(problems, ("nodes", i, "id"), f"{shown(key)} {problem}", expected, "choose another key", error)


def _add_twin(problems: Problems, key: Key, twin: Key, place: int, i: int) -> None:
    same = type(key) is type(twin)
    what = f"id {shown(key)} at /nodes/{place} and /nodes/{i}"
    if not same:
        what = f"id {shown(key)} looks like id {shown(twin)} at /nodes/{place}"
    fix = "remove one of them" if same else "use integers only, or strings only"
    _add(problems, ("nodes", i, "id"), what, "every id once", fix, InvalidNetworkError)


def check_edges(edges: list[Item], member: str, keys: dict[Key, int] | None, problems: Problems) -> None:
    """Check that every edge has two ends, both of them nodes, and stands there once."""
    places: dict[tuple[Key, Key], int] = {}
    for i, item in enumerate(edges):
        source, target = (_end(item, (member, i, end), keys, problems) for end in ("source", "target"))
        if source is None or target is None:
            continue
        place = places.setdefault((source, target), i)
        if place != i:
            what = f"edge {arrow(source, target)} at /{member}/{place} and /{member}/{i}"
            _add(problems, (member, i), what, "every edge once", "remove one of them", InvalidNetworkError)


def _end(item: Item, path: Path, keys: dict[Key, int] | None, problems: Problems) -> Any:
    """Return the key at one end of an edge; None, and a problem, where there is no sound one."""
    end = str(path[-1])
    key = item.get(end)
    if not _is_key(key):
        what = f"is {_described(key)}" if end in item else "is missing"
        _add(problems, path, what, "the id of a node", f"give the edge a {end}")
        return None
    if keys is not None and key not in keys:
        near = did_you_mean(key, keys) if problems.count < 10 else ""
        fix = near or "add the node, or remove the edge"
        _add(problems, path, f"{shown(key)} is not a node", "the id of a node", fix, InvalidNetworkError)
    return key


def _is_key(value: object) -> TypeGuard[Key]:
    return type(value) in (int, str)


_NOUNS: Mapping[type, str] = {dict: "an object", list: "a list", type(None): "null", Flaw: "unreadable"}


def _described(value: object) -> str:
    """Say what a value is, as JSON calls it.

    >>> _described(True), _described([1]), _described("a")
    ('true', 'a list', "the text 'a'")
    """
    if isinstance(value, bool | float | int):
        return _literal(value)
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return next(noun for kind, noun in _NOUNS.items() if isinstance(value, kind))


def _literal(value: object) -> str:
    words = {True: "true", False: "false"}
    return words[value] if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _add(
    problems: Problems,
    path: Path,
    what: str,
    expected: str,
    fix: str,
    error: type[NeurographError] = FileFormatError,
) -> None:
    problems.add(
        pointer(path),
        what,
        expected=expected,
        fix=fix,
        code="bad-file" if error is FileFormatError else "bad-network",
        error=error,
        order=place_order(path),
    )
