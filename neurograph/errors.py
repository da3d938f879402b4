"""The exception tree: every error says what is wrong, where, what was expected and how to fix it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from neurograph.network.findings import Report

MOST_SHOWN = 100
MOST_COMPARED = 1000


def shown(key: object, most: int = 80) -> str:
    """Write any object on one line that is safe for a terminal: its repr, escaped and cut.

    >>> shown("a\\x1b]0;b")
    "'a\\\\x1b]0;b'"
    """
    try:
        text = repr(key)
    except Exception:
        text = f"<{type(key).__name__}>"
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"


def shown_list(keys: Iterable[object], most: int = 10) -> str:
    """Write the first of many objects, separated by commas, and how many are left out.

    >>> shown_list(range(12), most=3)
    '0, 1, 2, … (12 in all)'
    """
    everything = list(keys)
    left_out = f", … ({len(everything)} in all)" if len(everything) > most else ""
    return ", ".join(shown(key) for key in everything[:most]) + left_out


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Suggest the nearest known name, as a clause to add to a fix; empty where none is near.

    >>> did_you_mean("relux", ["relu", "tanh"])
    "did you mean 'relu'?"
    """
    try:
        names = {str(key): key for key in islice(known, MOST_COMPARED)}
        near = difflib.get_close_matches(str(name)[:100], names, n=1) if isinstance(name, str | int) else []
    except Exception:  # an object that cannot be written: then there is no name to suggest
        return ""
    return f"did you mean {shown(names[near[0]])}?" if near else ""


class NeurographError(Exception):
    """The root of all errors of this library.

    Parameters
    ----------
    what : str
        What is wrong.
    code : str
        A stable short name of the problem, for programs.
    where : str
        The place: an argument, a neuron, a row and column, a JSON pointer, a line.
    expected : str
        What would have been right.
    fix : str
        What to do about it.

    Examples
    --------
    >>> raise NeurographError("2 values", code="width", where="X", expected="1", fix="leave one out")
    Traceback (most recent call last):
    neurograph.errors.NeurographError: X: 2 values; expected 1. Fix: leave one out.
    """

    def __init__(self, what: str, *, code: str, where: str, expected: str, fix: str) -> None:
        end = "" if fix.endswith(("?", ".")) else "."
        super().__init__(f"{where}: {what}; expected {expected}. Fix: {fix}{end}")
        self.code = code
        self.where = where
        self.expected = expected
        self.fix = fix

    def inside(self, place: str) -> Self:
        """Say that the place of this error lies inside a larger one.

        >>> error = NeurographError("nan", code="x", where="Y, row 2", expected="1", fix="mend it")
        >>> error.inside("validation").where
        'validation, Y, row 2'
        """
        self.args = (f"{place}, {self}",)
        self.where = f"{place}, {self.where}"
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(cls: type[NeurographError], args: tuple[Any, ...]) -> NeurographError:
    """Make an error anew from its pickle, as worker processes send it, without its keyword arguments."""
    return cls.__new__(cls, *args)


class OptionError(NeurographError, ValueError):
    """An argument has a value that it cannot have: an unknown name, a learning rate of −1."""


class MissingExtraError(NeurographError, ImportError):
    """A feature needs an optional package that is not installed."""


class InvalidNetworkError(NeurographError, ValueError):
    """A graph is not a network that can run; ``.report`` holds every finding where the graph was checked."""

    report: Report | None = None

    @classmethod
    def from_report(cls, report: Report, problems: int, lines: Iterable[str]) -> InvalidNetworkError:
        """Make the error that lists these lines, one a finding, and carries the report."""
        first = (report.errors or report.warnings)[0]
        error = cls(
            first.message, code=first.code, where="the network", expected="a sound network", fix=first.fix
        )
        noun = "problem" if problems == 1 else "problems"
        error.args = ("\n  ".join([f"{problems} {noun} in this network", *lines]),)
        error.report = report
        return error


class NotLayeredError(InvalidNetworkError):
    """The neurons cannot be divided into layers; ``.witness`` says why."""

    witness: Any = None


class WeightError(InvalidNetworkError):
    """A weight is not a finite number that a float64 can hold."""


class DataError(NeurographError, ValueError):
    """Inputs or targets are not numbers of the shape that the network takes."""


class FileFormatError(NeurographError, ValueError):
    """A file is not what its format says; ``.problems`` lists every place, each ``(where, what)``."""

    problems: tuple[tuple[str, str], ...] = ()


class UnsafeFileError(FileFormatError):
    """A file is of a kind that is never opened: a pickle, an archive."""


class LimitError(FileFormatError):
    """A file is larger or deeper than the limit."""


class ChecksumError(FileFormatError):
    """A file's content does not match its checksum."""


class VersionError(FileFormatError):
    """A file was written in a newer version of the format."""


class CheckpointError(NeurographError, RuntimeError):
    """A checkpoint cannot be written, or does not belong to this run."""


class DivergedError(NeurographError, ArithmeticError):
    """A number stopped being finite; ``.neuron`` or ``.edge``, ``.sample`` and ``.epoch`` say where first.

    ``.history`` holds the epochs before, where training raised it.
    """

    neuron: object = None
    edge: tuple[Any, Any] | None = None
    sample: int | None = None
    epoch: int | None = None
    history: Any = None

    def located(self, sample: int, epoch: int | None = None, *, advice: str = "") -> DivergedError:
        """Return the same error with the sample and the epoch in which it happened, and advice added."""
        place = self.where.partition(", sample ")[0]
        found = DivergedError(
            str(self).removeprefix(f"{self.where}: ").partition("; expected ")[0],
            code=self.code,
            where=f"{place}, sample {sample}" + ("" if epoch is None else f", epoch {epoch}"),
            expected=self.expected,
            fix=f"{self.fix}; {advice}" if advice else self.fix,
        )
        found.neuron, found.edge, found.sample, found.epoch = self.neuron, self.edge, sample, epoch
        return found


class WorkerError(NeurographError, RuntimeError):
    """A worker process ended before its work was done."""
