"""The faults of a parsed JSON file: its head, its nodes and its edges against what the format says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
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


_HEAD: tuple[tuple[str, str | int], ...] = (
    ("format", FORMAT),
    ("version", VERSION),
    ("directed", True),
    ("multigraph", False),
)
_MOST_COMPARED = 10  # problems for which the nearest name is looked for


def check_head(document: Any, problems: Problems) -> None:
    """Check all that stands beside the nodes and edges; raise at once where the rest cannot be judged."""
    if not isinstance(document, dict):
        _add(problems, (), f"is {_described(document)}", "an object", "put the network in braces, { and }")
        problems.raise_if_any()
    _refuse_newer(document, problems.name)
    for member, right in _HEAD:
        value = document.get(member)
        if type(value) is not type(right) or value != right:
            what = f"is {_described(value)}" if member in document else "is missing"
            _add(problems, (member,), what, _literal(right), f'write "{member}": {_literal(right)}')
    if not isinstance(document.get("graph", {}), dict):
        _add(problems, ("graph",), f"is {_described(document['graph'])}", "an object", 'write "graph": {}')
    for member in document:
        if member not in (*MEMBERS, LINKS):
            near = did_you_mean(member, MEMBERS) if problems.count < _MOST_COMPARED else ""
            fix = near or 'remove it, or keep it inside "graph"'
            _add(problems, (member,), "is not part of the format", f"one of {', '.join(MEMBERS)}", fix)


def _refuse_newer(document: Item, name: str) -> None:
    version = document.get("version")
    if document.get("format") == FORMAT and type(version) is int and version > VERSION:
        raise one_problem(
            VersionError,
            f"was written in version {version} of the format",
            code="newer-version",
            where=f"{name}, /version",
            expected=f"version {VERSION}",
            fix="upgrade neurograph",
        )


def find_edges_name(document: Item, problems: Problems) -> str:
    """Return the name under which the edges stand; the older one, ``links``, is taken with a note."""
    if LINKS not in document:
        return "edges"
    if "edges" in document:
        _add(problems, (LINKS,), 'stands beside "edges"', "one list of edges", "remove one of them")
        return "edges"
    warnings.warn(f'{problems.name}: "links" is read as "edges", the name in this format', stacklevel=4)
    return LINKS


def find_items(document: Item, member: str, argument: str, most: int, problems: Problems) -> list[Any] | None:
    """Return the nodes or the edges, after a look that all are objects; None where there is no list."""
    found = document.get(member)
    if not isinstance(found, list):
        what = f"is {_described(found)}" if member in document else "is missing"
        _add(problems, (member,), what, "a list of objects", f'write "{member}": [ … ]')
        return None
    if len(found) > most:
        where = f"{problems.name}, /{member}"
        raise beyond_limit(f"has {len(found)} items", where=where, argument=argument, most=most)
    for i, item in enumerate(found):
        if not isinstance(item, dict | Flaw):  # a flaw has been reported
            _add(problems, (member, i), f"is {_described(item)}", "an object", "write it in braces, { and }")
    return found


def find_keys(nodes: list[Any], problems: Problems) -> dict[Key, int] | None:
    """Map every key to the place of its node; None where a node has none, so that edges cannot be judged."""
    places: dict[Key, int] = {}
    by_look: dict[str, tuple[Key, int]] = {}
    for i, key in _ids(nodes, problems):
        _check_key(key, i, problems)
        places.setdefault(key, i)
        twin, place = by_look.setdefault(str(key), (key, i))
        if place != i:
            _add_twin(problems, key, twin, place, i)
    readable = sum(isinstance(item, dict) and _is_key(item.get("id")) for item in nodes)
    return places if readable == len(nodes) else None


def _ids(nodes: list[Any], problems: Problems) -> Iterator[tuple[int, Key]]:
    """Yield the place and the id of every node that has one."""
    for i, item in enumerate(nodes):
        if not isinstance(item, dict):
            continue
        key = item.get("id")
        if _is_key(key):
            yield i, key
        else:
            what = f"is {_described(key)}" if "id" in item else "is missing"
            _add(problems, ("nodes", i, "id"), what, "an integer or a string", "give the node an id")


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


def check_edges(edges: list[Any], member: str, keys: dict[Key, int] | None, problems: Problems) -> None:
    """Check that every edge has two ends, both of them nodes, and stands there once."""
    places: dict[tuple[Key, Key], int] = {}
    for i, item in enumerate(edges):
        if not isinstance(item, dict):
            continue
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
        near = did_you_mean(key, keys) if problems.count < _MOST_COMPARED else ""
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
    if problems.only_counts(error):
        return
    problems.add(
        pointer(path),
        what,
        expected=expected,
        fix=fix,
        code="bad-file" if error is FileFormatError else "bad-network",
        error=error,
        order=place_order(path),
    )
