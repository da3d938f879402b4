"""Taylor series of activations, by recurrences that lose no digits: multiplication needs high derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from neurograph.errors import OptionError, shown, shown_list
from neurograph.functions import ACTIVATIONS
from neurograph.network.schema import require_activation

Series = list[float]  # c_0 … c_order, where f(at + t) = Σ c_k·t^k


def taylor(activation: str, at: float, order: int) -> Series:
    """Return the Taylor coefficients of an activation at a point, up to an order.

    Raises
    ------
    InvalidNetworkError
        If the activation is unknown.
    OptionError
        If no series of it is known, or it has none there: a derivative jumps.

    Examples
    --------
    >>> taylor("tanh", 0.0, 5)  # t − t³/3 + 2t⁵/15
    [0.0, 1.0, 0.0, -0.3333333333333333, 0.0, 0.13333333333333333]
    """
    require_activation(activation, where="activation")
    if activation not in _SERIES:
        raise OptionError(
            f"no series of {shown(activation)} is known",
            code="no-series",
            where="activation",
            expected=f"one of {shown_list(_SERIES, most=30)}",
            fix="choose one of these",
        )
    if at in BREAKS.get(activation, ()):
        raise OptionError(
            f"{activation} has no series at {at:g}, where a derivative of it jumps",
            code="no-series",
            where="bias",
            expected="a point where all derivatives exist",
            fix="choose another bias, or another activation",
        )
    return _SERIES[activation](at, order)


def derivative(activation: str, at: float, order: int) -> float:
    """Return one derivative at a point; errors are those of :func:`taylor`.

    >>> derivative("sine", 0.0, 7)
    -1.0
    """
    return taylor(activation, at, order)[order] * math.factorial(order)


def _logistic(at: float, order: int) -> Series:
    """Solve y′ = y − y²; for positive z by logistic(z) = 1 − logistic(−z), where y − y² would cancel."""
    if at > 0:
        mirrored = _logistic(-at, order)
        return [1.0 - mirrored[0], *(-c * (-1.0) ** k for k, c in enumerate(mirrored[1:], start=1))]
    y = [float(ACTIVATIONS["logistic"](at))]
    for k in range(order):
        y.append((y[k] - math.fsum(y[i] * y[k - i] for i in range(k + 1))) / (k + 1))
    return y


def _tanh(at: float, order: int) -> Series:
    """Use tanh(z) = 2·logistic(2z) − 1."""
    half = _logistic(2.0 * at, order)
    return [math.tanh(at), *(2.0 * c * 2.0**k for k, c in enumerate(half[1:], start=1))]


def _softplus(at: float, order: int) -> Series:
    """Integrate logistic."""
    return _integrated(float(ACTIVATIONS["softplus"](at)), _logistic(at, order))


def _silu(at: float, order: int) -> Series:
    return _times_z(at, _logistic(at, order))


def _gaussian(at: float, order: int, factor: float = 1.0, scale: float = 1.0) -> Series:
    """Solve y′ = −2·factor·z·y for y = scale·exp(−factor·z²)."""
    y = [scale * math.exp(-factor * at * at)]
    for k in range(order):
        y.append(-2.0 * factor * (at * y[k] + (y[k - 1] if k else 0.0)) / (k + 1))
    return y


def _gelu(at: float, order: int) -> Series:
    """Multiply z by the integral of the normal density."""
    density = _gaussian(at, order, factor=0.5, scale=1.0 / math.sqrt(2.0 * math.pi))
    return _times_z(at, _integrated(math.erfc(-at / math.sqrt(2.0)) / 2.0, density))


def _sine(at: float, order: int) -> Series:
    cycle = (math.sin(at), math.cos(at), -math.sin(at), -math.cos(at))
    return [cycle[k % 4] / math.factorial(k) for k in range(order + 1)]


def _elu(at: float, order: int) -> Series:
    if at > 0:
        return _straight("elu", at, order)
    return [math.expm1(at), *(math.exp(at) / math.factorial(k) for k in range(1, order + 1))]


def _softsign(at: float, order: int) -> Series:
    """Expand 1 − 1/(1 + z) for positive z, and use that the function is odd."""
    side = math.copysign(1.0, at)
    size = 1.0 + abs(at)
    return [at / size, *(-((-side) ** k) * side * size ** -(k + 1) for k in range(1, order + 1))]


def _straight(activation: str, at: float, order: int) -> Series:
    """Expand a piece that is a straight line."""
    row = ACTIVATIONS[activation]
    return [float(row(at)), float(row.derivative(at)), *[0.0] * order][: order + 1]


def _line(activation: str) -> Callable[[float, int], Series]:
    return lambda at, order: _straight(activation, at, order)


def _integrated(start: float, series: Series) -> Series:
    return [start, *(c / (k + 1) for k, c in enumerate(series[:-1]))]


def _times_z(at: float, series: Series) -> Series:
    """Multiply a series by z = at + t."""
    return [at * c + before for c, before in zip(series, [0.0, *series], strict=False)]


_STRAIGHT = ("identity", "relu", "leaky_relu", "hard_tanh", "step", "sign")
_SERIES: Mapping[str, Callable[[float, int], Series]] = MappingProxyType(
    {
        "logistic": _logistic,
        "tanh": _tanh,
        "softplus": _softplus,
        "silu": _silu,
        "gelu": _gelu,
        "sine": _sine,
        "gaussian": _gaussian,
        "elu": _elu,
        "softsign": _softsign,
    }
    | {name: _line(name) for name in _STRAIGHT}
)

BREAKS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {name: ACTIVATIONS[name].kinks for name in _STRAIGHT} | {"elu": (0.0,), "softsign": (0.0,)}
)
"""Where a derivative of some order jumps, so that there is no series."""
