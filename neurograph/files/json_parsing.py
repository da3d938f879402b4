"""From JSON text to plain objects, with everything that the format forbids found, and named by its place."""

from __future__ import annotations

import json
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.errors import FileFormatError, LimitError, NeurographError, WeightError, shown
from neurograph.files.json_format import (
    LINKS,
    MOST_DEEP,
    MOST_DIGITS,
    Path,
    place_order,
    pointer,
    text_problem,
)
from neurograph.files.problems import Problems, one_problem

_BAD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_DIGIT = re.compile(r"[1-9]")


@dataclass(frozen=True, eq=False)
class Flaw:
    """What stands in the place of a value that JSON or a float64 cannot hold, until its place is known."""

    what: str
    expected: str
    fix: str
    error: type[NeurographError] = FileFormatError
    weight_error: type[NeurographError] = FileFormatError


class Repeating(dict[str, Any]):
    """An object of the file in which a key stands twice; the last value is kept until the place is known."""

    twice: tuple[str, ...] = ()


def parse(text: str, problems: Problems) -> Any:
    """Parse JSON text; flaws are collected, and stay in the document as :class:`Flaw` objects.

    Parameters
    ----------
    text : str
        The content of the file.
    problems : Problems
        Where the flaws go.

    Returns
    -------
    object
        Dictionaries, lists, strings, ints, floats, bools, None.

    Raises
    ------
    FileFormatError
        If it is not JSON at all; the message names line and column.
    LimitError
        If it is nested too deep.

    Examples
    --------
    >>> parse('{"a": [1, 2.5]}', Problems("the text"))
    {'a': [1, 2.5]}
    """
    depth = nesting(text)
    if depth > MOST_DEEP:
        raise one_problem(
            LimitError,
            f"arrays and objects are nested {depth} deep",
            code="too-deep",
            where=problems.name,
            expected=f"{MOST_DEEP} levels at most",
            fix="store less inside one attribute",
        )
    hooks = _Hooks()
    try:
        document = json.loads(
            text,
            object_pairs_hook=hooks.pairs,
            parse_float=hooks.real,
            parse_int=hooks.integer,
            parse_constant=hooks.constant,
        )
    except json.JSONDecodeError as wrong:
        raise _syntax_error(text, wrong, problems.name) from wrong
    if hooks.vanished:
        message = f"{problems.name}: {shown(hooks.vanished[0])} is too small for a float64 and becomes 0"
        warnings.warn(f"{message} ({len(hooks.vanished)} in all)", stacklevel=4)
    if hooks.flawed or _BAD_ESCAPE.search(text):
        _collect_flaws(document, problems)
    return document


_MARKS = np.zeros(256, dtype=bool)
_MARKS[list(b'"[]{}')] = True
_STEP = np.zeros(256, dtype=np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1


def nesting(text: str, chunk: int = 2**20) -> int:
    """Return how deep the arrays and objects of JSON text are nested; brackets in strings do not count.

    It reads a few characters at a time and builds nothing, so that no depth can do harm.

    >>> nesting('[{"a[[": "\\\\"[["}]')
    2
    """
    data = text.encode()
    if b"\\" in data:
        data = re.sub(rb"\\.", b"", data, flags=re.DOTALL)
    codes = np.frombuffer(data, dtype=np.uint8)
    deepest = depth = quotes = 0
    for start in range(0, len(codes), chunk):
        marks = codes[start : start + chunk]
        marks = marks[_MARKS[marks]]
        if not len(marks):
            continue
        quotes_until = quotes + np.cumsum(marks == ord('"'), dtype=np.int64)
        depths = depth + np.cumsum(np.where(quotes_until % 2 == 1, 0, _STEP[marks]), dtype=np.int64)
        deepest = max(deepest, int(depths.max()))
        depth, quotes = int(depths[-1]), int(quotes_until[-1])
    return deepest


class _Hooks:
    """The four hooks of ``json.loads``."""

    def __init__(self) -> None:
        self.flawed = False
        self.vanished: list[str] = []

    def constant(self, name: str) -> Flaw:
        return self._flaw(Flaw(f"{name} is not JSON", "a finite number", "write a finite number"))

    def integer(self, text: str) -> int | Flaw:
        digits = len(text.lstrip("-"))
        if digits <= MOST_DIGITS:
            return int(text)
        what, expected = f"integer of {digits} digits", f"{MOST_DIGITS} digits at most"
        return self._flaw(Flaw(what, expected, "write a smaller number", LimitError, WeightError))

    def real(self, text: str) -> float | Flaw:
        number = float(text)
        if math.isinf(number):
            what = f"{shown(text)[1:-1]} does not fit a float64"
            fix = "write a number below 1.8e308 in size"
            return self._flaw(Flaw(what, "a finite number", fix, FileFormatError, WeightError))
        if number == 0.0 and _DIGIT.search(re.split("[eE]", text)[0]):
            self.vanished.append(text)
        return number

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self.flawed = True
        repeating = Repeating(members)
        counts = Counter(key for key, _ in pairs)
        repeating.twice = tuple(key for key, count in counts.items() if count > 1)
        return repeating

    def _flaw(self, flaw: Flaw) -> Flaw:
        self.flawed = True
        return flaw


def _collect_flaws(document: Any, problems: Problems) -> None:
    for path, value in _places(document):
        for key in value.twice if isinstance(value, Repeating) else ():
            _add(problems, (*path, key), Flaw(f"key {shown(key)} twice", "every key once", "remove one"))
        if isinstance(value, Flaw):
            _add(problems, path, value)
        for text in (value, path[-1] if path else None):
            if isinstance(text, str) and text_problem(text):
                _add(problems, path, Flaw(text_problem(text), "text without it", "remove the character"))


def _add(problems: Problems, path: Path, flaw: Flaw) -> None:
    is_weight = len(path) == 3 and path[0] in ("edges", LINKS) and path[2] == "weight"
    error = flaw.weight_error if is_weight else flaw.error
    if problems.only_counts(error):
        return
    problems.add(
        pointer(path),
        flaw.what,
        expected=flaw.expected,
        fix=flaw.fix,
        code="bad-value",
        error=error,
        order=place_order(path),
    )


def _places(document: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value with its path, as it stands in the document, without recursion."""
    yield (), document
    stack: list[tuple[Path, Iterator[tuple[str | int, Any]]]] = [((), iter(_members(document)))]
    while stack:
        path, rest = stack[-1]
        for key, value in rest:
            yield (*path, key), value
            if isinstance(value, dict | list):
                stack.append(((*path, key), iter(_members(value))))
                break
        else:
            stack.pop()


def _members(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _syntax_error(text: str, wrong: json.JSONDecodeError, name: str) -> NeurographError:
    empty = not text.strip()
    return one_problem(
        FileFormatError,
        "is empty" if empty else f"is not JSON: {wrong.msg[0].lower()}{wrong.msg[1:]}",
        code="bad-json",
        where=name if empty else f"{name}, line {wrong.lineno}, column {wrong.colno}",
        expected="one JSON object",
        fix="mend it there; comments, trailing commas and text after the end are not JSON",
    )
