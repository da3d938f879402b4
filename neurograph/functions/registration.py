"""The user's own activations: checked at the door, then a row of the table like the others."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.functions.activations import BUILT_IN, Activation, Function, add_row
from neurograph.functions.interval import Interval

# Irregular points, so that a kink that a user has chosen (0, ±1, a half) is not among them.
_SAMPLE = np.array(
    [-3.719, -2.233, -1.371, -0.743, -0.2917, -0.0613, 0.0417, 0.3391, 0.6133, 1.279, 2.161, 3.837]
)


def register_activation(
    name: str,
    f: Function,
    df: Function,
    *,
    range: tuple[float, float] = (-np.inf, np.inf),  # noqa: A002 - the field's word
    latex: str | None = None,
    derivative_latex: str | None = None,
    kinks: tuple[float, ...] = (),
    check_derivative: bool = True,
) -> Activation:
    """Add an activation of your own to the table, for this process; files name it and never define it.

    Parameters
    ----------
    name : str
        The name that neurons will carry: letters, digits and underscores. A name of yours may be used
        again and replaces the earlier one; a built-in name may not.
    f, df : callable
        The function and its derivative. Both take a float or an array of any length and return the
        same shape: write them with numpy's functions, or wrap them in ``numpy.vectorize``.
    range : (float, float)
        The open interval of values that ``f`` takes; a loss such as cross entropy needs to know it.
    latex, derivative_latex : str, optional
        Both as formulas of z, for the arithmetic in notebooks.
    kinks : tuple of float
        Points where the derivative jumps; :func:`check_gradients` leaves them out.
    check_derivative : bool
        Whether ``df`` must agree with the differences of ``f``. Switch it off only for a derivative
        that is meant to be another one, such as a surrogate for a step.

    Returns
    -------
    Activation
        The new row.

    Raises
    ------
    OptionError
        If the name is taken or unfit, if a function cannot take arrays, if it gives numbers that are
        not finite or out of ``range``, or if ``df`` is not the derivative of ``f``; the message names
        the point.

    Examples
    --------
    >>> import numpy as np, neurograph as ng
    >>> row = ng.register_activation("bent", lambda z: (np.sqrt(z * z + 1) - 1) / 2 + z,
    ...                              lambda z: z / (2 * np.sqrt(z * z + 1)) + 1)
    >>> row(0.0), row.derivative(0.0)
    (0.0, 1.0)
    """
    _check_name(name)
    low, high = _numbers("range", range, count=2)
    values = _sample(name, "f", f)
    slopes = _sample(name, "df", df)
    _check_range(name, low, high, values)
    if check_derivative:
        _check_slopes(name, f, values, slopes)
    row = Activation(
        name,
        f,
        df,
        Interval(low, high),
        latex or rf"\operatorname{{{name.replace('_', ' ')}}}(z)",
        derivative_latex or rf"\operatorname{{{name.replace('_', ' ')}}}'(z)",
        kinks=_numbers("kinks", kinks),
    )
    add_row(row)
    return row


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,99}", name):
        raise OptionError(
            f"{shown(name)} cannot be the name of an activation",
            code="bad-name",
            where="name",
            expected="a letter, then letters, digits and underscores, 100 at most",
            fix="choose such a name",
        )
    if name in BUILT_IN:
        raise OptionError(
            f"{shown(name)} is built in",
            code="name-taken",
            where="name",
            expected="a name of your own",
            fix=f"call it {shown('my_' + name)}, say",
        )


def _numbers(where: str, given: Iterable[float], count: int | None = None) -> tuple[float, ...]:
    try:
        numbers = tuple(float(number) for number in given)
    except (TypeError, ValueError, OverflowError):
        numbers = (np.nan,)
    if np.isnan(numbers).any() or (count is not None and len(numbers) != count):
        raise OptionError(
            f"got {shown(given)}",
            code="not-numbers",
            where=where,
            expected="some numbers" if count is None else f"{count} numbers",
            fix="give a tuple of floats",
        )
    return numbers


def _check_range(name: str, low: float, high: float, values: np.ndarray) -> None:
    outside = np.flatnonzero((values < low) | (values > high))
    if outside.size:
        i = int(outside[0])
        raise OptionError(
            f"f of {shown(name)} gives {values[i]:.6g} at z = {_SAMPLE[i]}",
            code="wrong-range",
            where="range",
            expected=f"values between {low:g} and {high:g}",
            fix="give the range that f has",
        )


def _sample(name: str, part: str, function: Function) -> np.ndarray:
    """Call the user's function on an array and on each of its points, and want the same finite numbers."""
    try:
        with np.errstate(all="ignore"):
            given = _SAMPLE.copy()
            together = np.array(function(given), dtype=float)
            alone = np.array([float(function(float(z))) for z in _SAMPLE])
    except Exception as error:
        raise _unfit(name, part, f"raises {shown(error)}") from error
    if not np.array_equal(given, _SAMPLE):
        raise _unfit(name, part, "changes the array that it is given")
    if together.shape != _SAMPLE.shape:
        raise _unfit(name, part, f"returns shape {together.shape} for an array of shape {_SAMPLE.shape}")
    bad = np.flatnonzero(~np.isfinite(together))
    if bad.size:
        raise _unfit(name, part, f"gives {together[bad[0]]} at z = {_SAMPLE[bad[0]]}")
    if not np.allclose(together, alone, rtol=1e-12, atol=1e-300):
        raise _unfit(name, part, "gives other numbers for an array than for its elements one by one")
    return together


def _unfit(name: str, part: str, what: str) -> OptionError:
    return OptionError(
        f"{part} of {shown(name)} {what}",
        code="bad-activation",
        where=part,
        expected="a finite function from a float to a float, and from an array to one of the same shape",
        fix="write it with numpy's functions, or wrap it in numpy.vectorize",
    )


def _check_slopes(name: str, f: Function, values: np.ndarray, slopes: np.ndarray) -> None:
    h = 1e-6
    differences = (np.asarray(f(_SAMPLE + h), dtype=float) - np.asarray(f(_SAMPLE - h), dtype=float)) / (
        2 * h
    )
    wrong = np.abs(differences - slopes) > 1e-6 * (1.0 + np.abs(slopes) + np.abs(values))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise OptionError(
            f"df of {shown(name)} is {slopes[i]:.6g} at z = {_SAMPLE[i]}, "
            f"where the slope of f is {differences[i]:.6g}",
            code="wrong-derivative",
            where="df",
            expected="the derivative of f",
            fix="mend df, or pass check_derivative=False if it is meant to be another function",
        )
