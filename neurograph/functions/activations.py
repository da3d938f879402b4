"""What one neuron computes: a table of functions, each in one row with its derivative.

Every derivative is computed from the weighted sum z in a form that stays accurate where the function
saturates. The textbook's y(1 − y) and 1 − y² lose every digit there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.functions.interval import REAL, Interval

Value = Any  # a float, or an array of floats: one number per sample
Function = Callable[[Value], Value]


@dataclass(frozen=True)
class Activation:
    """One row of the table: a function of the weighted sum z and everything that is known of it.

    Parameters
    ----------
    name : str
        The name that neurons carry in their attribute ``activation``.
    f, df : callable
        The function and its derivative, from a float or an array to the same.
    range : Interval
        The values that it takes.
    latex, derivative_latex : str
        Both as formulas of z.
    kinks : tuple of float
        The points where the derivative jumps; by convention it is then the one from the left, or 0.
    differentiable : bool
        False for steps: their derivative is 0 wherever it exists, and training cannot move what feeds them.
    complex_f : callable, optional
        The same function for complex z, written in another way than ``f``: the independent check of ``df``.
    """

    name: str
    f: Function
    df: Function
    range: Interval
    latex: str
    derivative_latex: str
    kinks: tuple[float, ...] = ()
    differentiable: bool = True
    complex_f: Function | None = None

    @property
    def smooth(self) -> bool:
        """True where the derivative exists everywhere."""
        return self.differentiable and not self.kinks

    def __call__(self, z: Value) -> Value:
        """Compute the function: a float of a float, an array of an array."""
        return _like(self.f(z))

    def derivative(self, z: Value) -> Value:
        """Compute the derivative at z: a float of a float, an array of an array."""
        return _like(self.df(z))

    def __reduce__(self) -> tuple[Any, ...]:
        return find_activation, (self.name,)


def _like(y: Value) -> Value:
    return float(y) if np.ndim(y) == 0 else y


def _square(x: Value) -> Value:
    """Multiply x by itself: x ** 2 rounds a float in another way than an array."""
    return x * x


# The rows, function above derivative. Where e appears it is exp(−|z|), which never overflows.


def _identity(z: Value) -> Value:
    return z


def _d_identity(z: Value) -> Value:
    return np.ones_like(z, dtype=float)


def _logistic(z: Value) -> Value:
    e = np.exp(-np.abs(z))
    return np.where(np.greater_equal(z, 0.0), 1.0, e) / (1.0 + e)


def _d_logistic(z: Value) -> Value:
    return _bend(np.exp(-np.abs(z)))


def _bend(e: Value) -> Value:
    """Compute e / (1 + e)², with the rounding of 1 + e made good."""
    one = 1.0 + e
    slope = e / _square(one)
    return slope - 2.0 * slope * (e - (one - 1.0)) / one


def _tanh(z: Value) -> Value:
    return np.tanh(z)


def _d_tanh(z: Value) -> Value:
    return 4.0 * _bend(np.exp(-2.0 * np.minimum(np.abs(z), 400.0)))


def _relu(z: Value) -> Value:
    return np.maximum(z, 0.0)


def _d_relu(z: Value) -> Value:
    return np.where(np.greater(z, 0.0), 1.0, 0.0)


LEAK = 0.01


def _leaky_relu(z: Value) -> Value:
    return np.where(np.greater(z, 0.0), 1.0, LEAK) * z


def _d_leaky_relu(z: Value) -> Value:
    return np.where(np.greater(z, 0.0), 1.0, LEAK)


def _elu(z: Value) -> Value:
    return np.where(np.greater(z, 0.0), z, np.expm1(np.minimum(z, 0.0)))


def _d_elu(z: Value) -> Value:
    return np.exp(np.minimum(z, 0.0))


def _softplus(z: Value) -> Value:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _silu(z: Value) -> Value:
    return z * _logistic(z)


def _d_silu(z: Value) -> Value:
    e = np.exp(-np.abs(z))
    numerator = np.where(np.greater_equal(z, 0.0), 1.0 + e * (1.0 + z), e * ((1.0 + z) + e))
    return numerator / _square(1.0 + e)


def _softsign(z: Value) -> Value:
    return z / (1.0 + np.abs(z))


def _d_softsign(z: Value) -> Value:
    return _square(1.0 / (1.0 + np.abs(z)))


def _hard_tanh(z: Value) -> Value:
    return np.clip(z, -1.0, 1.0)


def _d_hard_tanh(z: Value) -> Value:
    return np.where(np.less(np.abs(z), 1.0), 1.0, 0.0)


def _product(a: Value, b: Value) -> tuple[Value, Value]:
    """Multiply exactly: the rounded product and what rounding left out (Dekker 1971)."""
    a_high, b_high = (x * 134217729.0 - (x * 134217729.0 - x) for x in (a, b))
    a_low, b_low = a - a_high, b - b_high
    product = a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _bell(z: Value, factor: float) -> Value:
    """Compute exp(−factor·z²), accurate in the tails: the rounding of z² would cost 2·z² units there."""
    square, rest = _product(np.clip(z, -40.0, 40.0), np.clip(z, -40.0, 40.0))
    return np.exp(-factor * square) * (1.0 - factor * rest)


def _gaussian(z: Value) -> Value:
    return _bell(z, 1.0)


def _d_gaussian(z: Value) -> Value:
    return -2.0 * (z * _bell(z, 1.0))


_erfc = np.frompyfunc(math.erfc, 1, 1)
_ROOT_HALF, _ROOT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17


def _normal_cdf(z: Value) -> Value:
    """Compute Φ(z) = erfc(−z/√2)/2, corrected to first order for the rounding of z/√2."""
    z = np.clip(z, -40.0, 40.0)
    x, rest = _product(z, _ROOT_HALF)
    correction = (rest + z * _ROOT_HALF_REST) * _bell(z, 0.5) / math.sqrt(math.pi)
    return np.asarray(_erfc(-x), dtype=float) / 2.0 + correction


def _gelu(z: Value) -> Value:
    return z * _normal_cdf(z)


def _d_gelu(z: Value) -> Value:
    return _normal_cdf(z) + z * _bell(z, 0.5) / math.sqrt(2.0 * math.pi)


def _step(z: Value) -> Value:
    return np.where(np.greater_equal(z, 0.0), 1.0, 0.0)


def _d_step(z: Value) -> Value:
    return np.zeros_like(z, dtype=float)


# The same functions for complex z, piece by piece along the real axis: they serve the complex-step check.


def _pieces(*pieces: tuple[float, Function]) -> Function:
    """Join analytic pieces: each holds from its bound of the real part upwards."""

    def joined(z: Value) -> Value:
        piece = next((f for bound, f in reversed(pieces) if z.real > bound), pieces[0][1])
        return piece(z)

    return joined


_POSITIVE = Interval(0.0, math.inf)
_UNIT = Interval(0.0, 1.0)
_SIGNED_UNIT = Interval(-1.0, 1.0)
_CLOSED_SIGNED_UNIT = Interval(-1.0, 1.0, closed_low=True, closed_high=True)
_LOW = -math.inf


_BUILT_IN = (
    Activation("identity", _identity, _d_identity, REAL, "z", "1", complex_f=lambda z: z),
    Activation(
        "logistic", _logistic, _d_logistic, _UNIT,
        r"\frac{1}{1+e^{-z}}", r"\frac{e^{-z}}{(1+e^{-z})^2}",
        complex_f=lambda z: 1.0 / (1.0 + np.exp(-z)),
    ),
    Activation(
        "tanh", _tanh, _d_tanh, _SIGNED_UNIT,
        r"\tanh z", r"\frac{4e^{-2z}}{(1+e^{-2z})^2}",
        complex_f=_pieces(
            (_LOW, lambda z: (np.exp(2.0 * z) - 1.0) / (np.exp(2.0 * z) + 1.0)),
            (0.0, lambda z: (1.0 - np.exp(-2.0 * z)) / (1.0 + np.exp(-2.0 * z))),
        ),
    ),
    Activation(
        "relu", _relu, _d_relu, Interval(0.0, math.inf, closed_low=True),
        r"\max(0, z)", r"\begin{cases}1&z>0\\0&z\le 0\end{cases}", kinks=(0.0,),
        complex_f=_pieces((_LOW, lambda z: 0.0 * z), (0.0, lambda z: z)),
    ),
    Activation(
        "leaky_relu", _leaky_relu, _d_leaky_relu, REAL,
        r"\begin{cases}z&z>0\\0.01\,z&z\le 0\end{cases}",
        r"\begin{cases}1&z>0\\0.01&z\le 0\end{cases}", kinks=(0.0,),
        complex_f=_pieces((_LOW, lambda z: z * LEAK), (0.0, lambda z: z)),
    ),
    Activation(
        "elu", _elu, _d_elu, Interval(-1.0, math.inf),
        r"\begin{cases}z&z>0\\e^{z}-1&z\le 0\end{cases}",
        r"\begin{cases}1&z>0\\e^{z}&z\le 0\end{cases}",
        complex_f=_pieces((_LOW, lambda z: np.exp(z) - 1.0), (0.0, lambda z: z)),
    ),
    Activation(
        "softplus", _softplus, _logistic, _POSITIVE,
        r"\ln(1+e^{z})", r"\frac{1}{1+e^{-z}}",
        complex_f=lambda z: np.log(1.0 + np.exp(z)),
    ),
    Activation(
        "silu", _silu, _d_silu, Interval(-0.2784645427610738, math.inf, closed_low=True),
        r"\frac{z}{1+e^{-z}}", r"\frac{1+e^{-z}(1+z)}{(1+e^{-z})^2}",
        complex_f=lambda z: z / (1.0 + np.exp(-z)),
    ),
    Activation(
        "gelu", _gelu, _d_gelu, Interval(-0.16997120747990369, math.inf, closed_low=True),
        r"z\,\Phi(z)", r"\Phi(z)+z\,\varphi(z)",
    ),
    Activation(
        "softsign", _softsign, _d_softsign, _SIGNED_UNIT,
        r"\frac{z}{1+|z|}", r"\frac{1}{(1+|z|)^2}",
        complex_f=_pieces((_LOW, lambda z: z / (1.0 - z)), (0.0, lambda z: z / (1.0 + z))),
    ),
    Activation(
        "hard_tanh", _hard_tanh, _d_hard_tanh, _CLOSED_SIGNED_UNIT,
        r"\max(-1,\min(1, z))", r"\begin{cases}1&|z|<1\\0&|z|\ge 1\end{cases}", kinks=(-1.0, 1.0),
        complex_f=_pieces(
            (_LOW, lambda z: 0.0 * z - 1.0), (-1.0, lambda z: z), (1.0, lambda z: 0.0 * z + 1.0)
        ),
    ),
    Activation(
        "sine", np.sin, np.cos, _CLOSED_SIGNED_UNIT,
        r"\sin z", r"\cos z",
        complex_f=lambda z: -1j * np.sinh(1j * z),
    ),
    Activation(
        "gaussian", _gaussian, _d_gaussian, Interval(0.0, 1.0, closed_high=True),
        r"e^{-z^2}", r"-2z\,e^{-z^2}",
        complex_f=lambda z: np.exp(-z * z),
    ),
    Activation(
        "step", _step, _d_step, Interval(0.0, 1.0, closed_low=True, closed_high=True),
        r"\begin{cases}1&z\ge 0\\0&z<0\end{cases}", "0", kinks=(0.0,), differentiable=False,
    ),
    Activation(
        "sign", np.sign, _d_step, _CLOSED_SIGNED_UNIT,
        r"\operatorname{sign} z", "0", kinks=(0.0,), differentiable=False,
    ),
)  # fmt: skip

_TABLE: dict[str, Activation] = {row.name: row for row in _BUILT_IN}
BUILT_IN = frozenset(_TABLE)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(_TABLE)
"""Every activation by its name, the built-in ones first; a read-only view."""


def find_activation(name: str) -> Activation:
    """Look an activation up; so a row reaches a worker process, by its name.

    Raises
    ------
    OptionError
        If this process has none of that name.
    """
    if name in _TABLE:
        return _TABLE[name]
    raise OptionError(
        f"this process has no activation {shown(name)}",
        code="unknown-activation",
        where="activation",
        expected="a built-in activation, or one that was registered in this process too",
        fix="register it when a worker starts: in a module that workers import, or in an initializer",
    )


def add_row(row: Activation) -> None:
    """Add the user's own row to the table, in place of an earlier one of that name."""
    _TABLE[row.name] = row
