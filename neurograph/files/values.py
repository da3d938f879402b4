"""Which attributes a file can hold exactly, and their plain form."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from neurograph.errors import shown
from neurograph.files.json_format import MOST_DEEP, MOST_DIGITS, text_problem
from neurograph.files.problems import Problems

Place: TypeAlias = tuple[object, ...]


def _integer_problem(value: int) -> str:
    return "" if abs(value) < 10**MOST_DIGITS else f"has more than {MOST_DIGITS} digits"


def _real_problem(value: float) -> str:
    return "" if math.isfinite(value) else f"is {value}"


SCALARS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        type(None): lambda value: "",
        bool: lambda value: "",
        int: _integer_problem,
        float: _real_problem,
        str: text_problem,
    }
)
"""The types of single values that a file holds, each with what can be wrong with a value of it."""

_FIXES: Mapping[type, str] = MappingProxyType(
    {
        tuple: "make it a list",
        set: "make it a sorted list",
        frozenset: "make it a sorted list",
        np.ndarray: "store its tolist()",
        bytes: "decode it to a string",
        complex: "store its real and imaginary parts as a list",
    }
)
_EXPECTED = "None, a bool, an int, a finite float, a string, or lists and dictionaries of these"


def plain(value: object, path: Place, problems: Problems, around: tuple[object, ...] = ()) -> Any:
    """Return a value as a file holds it: numpy scalars as Python's; what cannot be held is collected.

    Parameters
    ----------
    value : object
        An attribute, or something inside one.
    path : tuple
        Its place: what to index, and the keys to index it with, one after the other.
    problems : Problems
        Where problems go.
    around : tuple
        The lists and dictionaries that it is in, the innermost last.

    Returns
    -------
    None, bool, int, float, str, list or dict

    Examples
    --------
    >>> import numpy as np
    >>> plain([np.float32(0.5), "a"], ("net.nodes", 1, "x"), Problems("the network"))
    [0.5, 'a']
    """
    if isinstance(value, np.generic):
        value = value.item()
    find_problem = SCALARS.get(type(value))
    problem = find_problem(value) if find_problem else _container_problem(value, around)
    if problem:
        fix = _FIXES.get(type(value), "change or remove it")
        problems.add(place_text(path), problem, expected=_EXPECTED, fix=fix, code="bad-attribute")
        return None
    if isinstance(value, list):
        inside = (*around, value)
        return [plain(item, (*path, i), problems, inside) for i, item in enumerate(value)]
    return plain_members(value, path, problems, around) if isinstance(value, dict) else value


def plain_members(
    members: dict[Any, object], path: Place, problems: Problems, around: tuple[object, ...] = ()
) -> dict[str, Any]:
    """Return a dictionary in plain form, its keys checked: strings that a file can hold.

    >>> plain_members({1: "a"}, ("net.graph",), problems := Problems("the network")), problems.count
    ({}, 1)
    """
    inside = (*around, members)
    found = {}
    for key, value in members.items():
        problem = text_problem(key) if isinstance(key, str) else f"is named {shown(key)}, a {_type(key)}"
        here = (*path, key)
        if problem:
            problems.add(
                place_text(here), problem, expected="a string", fix="rename it", code="bad-attribute"
            )
        else:
            found[str.__str__(key)] = plain(value, here, problems, inside)
    return found


def place_text(path: Place) -> str:
    """Write the place of a value as Python finds it.

    >>> place_text(("net.nodes", 3, "position", 0))
    "net.nodes[3]['position'][0]"
    """
    return str(path[0]) + "".join(f"[{shown(key)}]" for key in path[1:])


def _container_problem(value: object, around: tuple[object, ...]) -> str:
    if type(value) not in (list, dict):
        return f"is a {_type(value)}"
    if any(value is outer for outer in around):
        return "contains itself"
    # The document, its list of nodes and the node itself are three levels.
    return f"is nested more than {MOST_DEEP} deep" if len(around) + 3 > MOST_DEEP else ""


def _type(value: object) -> str:
    return type(value).__name__
