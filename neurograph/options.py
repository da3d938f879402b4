"""Checks of plain arguments at the door: numbers, counts, names from a table."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import OptionError, did_you_mean, shown, shown_list


def require_count(name: str, value: Any, *, least: int = 1) -> int:
    """Return an integer that is at least ``least``, or raise OptionError.

    >>> require_count("epochs", 3)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise bad_option(name, value, f"an integer of at least {least}")
    return int(value)


def require_number(
    name: str, value: Any, *, low: float = -math.inf, high: float = math.inf, above: bool = False
) -> float:
    """Return a finite number from ``low`` (``above``: not ``low`` itself) to ``high``, or raise OptionError.

    >>> require_number("learning_rate", 0.1, low=0.0)
    0.1
    """
    number = _as_float(value)
    if math.isfinite(number) and low <= number <= high and not (above and number == low):
        return number
    bounds = []
    if low > -math.inf:
        bounds.append(f"above {low:g}" if above else f"of at least {low:g}")
    if high < math.inf:
        bounds.append(f"of at most {high:g}")
    raise bad_option(name, value, " ".join(["a finite number", " and ".join(bounds)]).strip())


def require_numbers(name: str, values: Any) -> NDArray[np.float64]:
    """Return finite numbers as an array, at least one, or raise OptionError.

    >>> require_numbers("values", [0, 0.5])
    array([0. , 0.5])
    """
    try:
        numbers = [_as_float(value) for value in values]
    except TypeError:
        numbers = []
    if not numbers or not np.isfinite(numbers).all():
        raise bad_option(name, values, "a list of finite numbers")
    return np.array(numbers, dtype=np.float64)


def _as_float(value: Any) -> float:
    """Return a plain real number as a float; anything else is not a number."""
    if not is_real(value):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def is_real(value: Any) -> bool:
    """Tell whether something is a plain real number; True and False are none.

    >>> [is_real(value) for value in (1, 0.5, np.float32(2), True, "1", 1j)]
    [True, True, True, False, False, False]
    """
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def as_array(value: Any) -> NDArray[Any] | None:
    """See anything as an array; None where its rows differ in length, or where entries may be masked.

    >>> as_array([[1, 2], [3]]) is None, as_array(np.ma.masked_array([1], mask=[True])) is None
    (True, True)
    """
    rows = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(row, np.ma.MaskedArray) for row in rows):
        return None
    try:
        return np.asarray(value)
    except ValueError:
        return None


def require_flag(name: str, value: Any) -> bool:
    """Return True or False, or raise OptionError.

    >>> require_flag("shuffle", False)
    False
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise bad_option(name, value, "True or False")


def require_name(name: str, value: Any, known: Collection[str], code: str) -> str:
    """Return a name of a table, or raise OptionError suggesting the nearest.

    >>> require_name("optimizer", "sgd", ["sgd", "adam"], "unknown-optimizer")
    'sgd'
    """
    if isinstance(value, str) and value in known:
        return value
    raise OptionError(
        f"unknown {name} {shown(value)}",
        code=code,
        where=name,
        expected=f"one of {shown_list(known, most=30)}",
        fix=did_you_mean(value, known) or "choose one of these",
    )


def require_generator(seed: Any) -> np.random.Generator:
    """Return the generator that a seed stands for, or raise OptionError.

    >>> require_generator(0).integers(10) == np.random.default_rng(0).integers(10)
    np.True_
    """
    if isinstance(seed, bool) or not (
        seed is None or isinstance(seed, int | np.integer | np.random.Generator)
    ):
        raise bad_option("seed", seed, "an integer of at least 0, a numpy.random.Generator, or None")
    if isinstance(seed, int | np.integer) and seed < 0:
        raise bad_option("seed", seed, "an integer of at least 0, a numpy.random.Generator, or None")
    return np.random.default_rng(seed)


def bad_option(name: str, value: Any, expected: str) -> OptionError:
    """Make the error of an argument that has a value it cannot have."""
    return OptionError(
        f"got {shown(value)}", code="bad-option", where=name, expected=expected, fix=f"give {expected}"
    )
