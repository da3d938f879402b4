"""All problems of a file in one error: each is collected with its place, and raised at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from neurograph.errors import (
    MOST_SHOWN,
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    OptionError,
    shown,
)

MOST_KEPT = 1000


class Problem(NamedTuple):
    """One thing that is wrong, at one place; ``order`` sorts places."""

    where: str
    what: str
    expected: str
    fix: str
    code: str
    error: type[NeurographError]
    order: tuple[tuple[int, str], ...]


class Problems:
    """The problems of one file or network, of which each place has one at most.

    The first thousand are kept, so that a hostile file cannot fill the memory with its faults; all are
    counted. A class of error is given with each. The error that is raised is of that class where all
    agree, else of the class that ``mixed`` names.

    Parameters
    ----------
    name : str
        The file, as messages name it.
    mixed : type
        The class of the error for problems of several classes.
    most_shown : int
        How many the message lists.

    Examples
    --------
    >>> problems = Problems("the text")
    >>> problems.add("/version", "is missing", expected="1", fix="add it", code="missing-field")
    >>> problems.raise_if_any()
    Traceback (most recent call last):
    neurograph.errors.FileFormatError: the text, /version: is missing; expected 1. Fix: add it.
    """

    def __init__(
        self, name: str, *, mixed: type[NeurographError] = FileFormatError, most_shown: int = MOST_SHOWN
    ) -> None:
        self.name = name
        self.count = 0
        self._mixed = mixed
        self._most_shown = most_shown
        self._kept: dict[str, Problem] = {}
        self._errors: dict[type[NeurographError], None] = {}

    def add(
        self,
        where: str,
        what: str,
        *,
        expected: str,
        fix: str,
        code: str,
        error: type[NeurographError] = FileFormatError,
        order: tuple[tuple[int, str], ...] = (),
    ) -> None:
        """Collect one problem, unless there is one at this place already."""
        if where in self._kept or self.only_counts(error):
            return
        self.count += 1
        self._errors[error] = None
        self._kept[where] = Problem(where, what, expected, fix, code, error, order)

    def only_counts(self, error: type[NeurographError] = FileFormatError) -> bool:
        """Count a problem and return True, once a thousand are kept, so that its text need not be made."""
        full = len(self._kept) >= MOST_KEPT
        if full:
            self.count += 1
            self._errors[error] = None
        return full

    def raise_if_any(self) -> None:
        """Raise one error that lists what was collected, in the order of the places."""
        if not self.count:
            return
        problems = sorted(self._kept.values(), key=lambda problem: problem.order)
        first = problems[0]
        error = self._class()(
            first.what,
            code=first.code,
            where=f"{self.name}, {first.where}",
            expected=first.expected,
            fix=first.fix,
        )
        if self.count > 1:
            error.args = ("\n  ".join([f"{self.count} problems in {self.name}", *self._lines(problems)]),)
        if isinstance(error, FileFormatError):
            error.problems = tuple((problem.where, problem.what) for problem in problems)
        raise error

    def _class(self) -> type[NeurographError]:
        errors = list(self._errors)
        if len(errors) == 1:
            return errors[0]
        about_network = all(issubclass(error, InvalidNetworkError) for error in errors)
        return InvalidNetworkError if about_network else self._mixed

    def _lines(self, problems: list[Problem]) -> list[str]:
        lines = [
            f"{problem.where:<20} {problem.what}: {problem.fix}" for problem in problems[: self._most_shown]
        ]
        left_out = self.count - len(lines)
        return [*lines, f"… and {left_out} more"] if left_out else lines


def one_problem(
    error: type[NeurographError], what: str, *, code: str, where: str, expected: str, fix: str
) -> NeurographError:
    """Make the error for a single problem, after which nothing else can be judged."""
    made = error(what, code=code, where=where, expected=expected, fix=fix)
    if isinstance(made, FileFormatError):
        made.problems = ((where, what),)
    return made


def check_limit(argument: str, most: object) -> None:
    """Raise unless a limit is a positive integer.

    >>> check_limit("most_bytes", 1000)
    """
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        raise OptionError(
            f"got {shown(most)}",
            code="bad-limit",
            where=argument,
            expected="a positive integer",
            fix="leave it out for the usual limit",
        )


def beyond_limit(what: str, *, where: str, argument: str, most: int) -> NeurographError:
    """Make the error for a file that is larger than an argument allows."""
    return one_problem(
        LimitError,
        what,
        code="too-large",
        where=where,
        expected=f"{most} at most",
        fix=f"give {argument}=… if you trust the file",
    )


@contextmanager
def within_means(name: str) -> Iterator[None]:
    """Turn running out of stack or memory in a block into a :class:`~neurograph.errors.LimitError`."""
    try:
        yield
    except (RecursionError, MemoryError) as error:
        what = "the stack" if isinstance(error, RecursionError) else "memory"
        raise one_problem(
            LimitError,
            f"reading it takes more of {what} than there is",
            code="too-large",
            where=name,
            expected="a smaller file",
            fix="nest less, or store less in one file",
        ) from error
