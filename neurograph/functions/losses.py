"""How wrong one output is: a table of losses, each in one row with its derivative by the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from neurograph.functions.activations import Activation, Value, _like, _logistic, _softplus
from neurograph.functions.interval import REAL, Interval
from neurograph.options import require_name

LossFunction = Callable[[Value, Value], Value]


@dataclass(frozen=True)
class Pair:
    """A loss and an activation taken together as functions of (z, t), where taken apart they lose digits."""

    f: LossFunction
    df: LossFunction
    latex: str
    text: str
    complex_f: LossFunction | None = None


@dataclass(frozen=True)
class Loss:
    """One row of the table: the loss of one output y against its target t, and its derivative by y.

    Parameters
    ----------
    name : str
        The name that ``loss=`` takes.
    f, df : callable
        The loss and its derivative by y, from (y, t) as floats or arrays.
    latex, derivative_latex : str
        Both as formulas of y and t.
    outputs : Interval
        The outputs that it can take; an activation whose range goes beyond is refused.
    targets : Interval, optional
        The targets that it can take.
    two_targets : bool
        True where a target must be one of the two ends of ``targets``.
    kink : callable, optional
        A function of (y, t) that is 0 where the derivative jumps; None for a smooth loss.
    text : str
        The derivative as plain text, with ``{y}`` and ``{t}`` where symbols or numbers go.
    complex_f : callable, optional
        The loss for one complex y, in the textbook's form: the independent check of ``df``.
    pairs : mapping
        By name of an activation, the two as one function of z: exact where the output saturates.
    """

    name: str
    f: LossFunction
    df: LossFunction
    latex: str
    derivative_latex: str
    outputs: Interval = REAL
    targets: Interval = REAL
    two_targets: bool = False
    kink: LossFunction | None = None
    text: str = ""
    complex_f: LossFunction | None = None
    pairs: Mapping[str, Pair] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return find_loss, (self.name,)

    def __call__(self, y: Value, t: Value) -> Value:
        """Compute the loss of one output; the derivative by y is :meth:`derivative`."""
        return _like(self.f(y, t))

    def derivative(self, y: Value, t: Value) -> Value:
        """Compute ∂L/∂y."""
        return _like(self.df(y, t))

    def of_neuron(self, activation: Activation, z: Value, y: Value, t: Value) -> Value:
        """Compute the loss of one output neuron from its z, or from y where no pair is known."""
        pair = self.pairs.get(activation.name)
        return _like(pair.f(z, t)) if pair else self(y, t)

    def delta(self, activation: Activation, z: Value, y: Value, t: Value) -> Value:
        """Compute ∂L/∂z of one output neuron: ∂L/∂y times the activation's derivative."""
        pair = self.pairs.get(activation.name)
        return _like(pair.df(z, t)) if pair else self.derivative(y, t) * activation.derivative(z)

    def misfit(self, activation: Activation) -> str:
        """Say why this loss cannot be used on outputs of this activation; empty where it can."""
        if activation.range.is_inside(self.outputs):
            return ""
        return f"{self.name} takes outputs in {self.outputs}, and {activation.name} gives {activation.range}"


def _squared(y: Value, t: Value) -> Value:
    return (y - t) * (y - t)  # a float's ** 2 raises where it overflows


def _d_squared(y: Value, t: Value) -> Value:
    return 2.0 * (y - t)


def _absolute(y: Value, t: Value) -> Value:
    return np.abs(y - t)


def _d_absolute(y: Value, t: Value) -> Value:
    return np.sign(y - t)


def _huber(y: Value, t: Value) -> Value:
    distance = np.abs(y - t)
    near = np.minimum(distance, 1.0)
    return near * (distance - 0.5 * near)


def _d_huber(y: Value, t: Value) -> Value:
    return np.clip(y - t, -1.0, 1.0)


def _cross_entropy(y: Value, t: Value) -> Value:
    return -(t * np.log(y) + (1.0 - t) * np.log1p(-y))


def _d_cross_entropy(y: Value, t: Value) -> Value:
    return (1.0 - t) / (1.0 - y) - t / y


def _cross_entropy_of_logistic(z: Value, t: Value) -> Value:
    return t * _softplus(-z) + (1.0 - t) * _softplus(z)


def _d_cross_entropy_of_logistic(z: Value, t: Value) -> Value:
    return (1.0 - t) * _logistic(z) - t * _logistic(-z)


def _complex_cross_entropy_of_logistic(z: Value, t: Value) -> Value:
    return t * np.log(1.0 + np.exp(-z)) + (1.0 - t) * np.log(1.0 + np.exp(z))


def _hinge(y: Value, t: Value) -> Value:
    return np.maximum(0.0, 1.0 - t * y)


def _d_hinge(y: Value, t: Value) -> Value:
    return np.where(np.less(t * y, 1.0), -1.0, 0.0) * t


def _complex_huber(y: Value, t: Value) -> Value:
    distance = y - t if y.real > t else t - y
    return distance * distance / 2.0 if distance.real <= 1.0 else distance - 0.5


_UNIT = Interval(0.0, 1.0)

_BUILT_IN = (
    Loss(
        "squared", _squared, _d_squared, r"(y-t)^2", r"2(y-t)",
        text="2·({y} − {t})",
        complex_f=lambda y, t: (y - t) * (y - t),
    ),
    Loss(
        "absolute", _absolute, _d_absolute, r"|y-t|", r"\operatorname{sign}(y-t)",
        kink=lambda y, t: y - t,
        text="sign({y} − {t})",
        complex_f=lambda y, t: y - t if y.real > t else t - y,
    ),
    Loss(
        "huber", _huber, _d_huber,
        r"\begin{cases}\frac12(y-t)^2&|y-t|\le 1\\|y-t|-\frac12&|y-t|>1\end{cases}",
        r"\max(-1,\min(1, y-t))",
        text="clip({y} − {t}, −1, 1)",
        complex_f=_complex_huber,
    ),
    Loss(
        "cross_entropy", _cross_entropy, _d_cross_entropy,
        r"-t\ln y-(1-t)\ln(1-y)", r"\frac{1-t}{1-y}-\frac{t}{y}",
        outputs=_UNIT, targets=Interval(0.0, 1.0, closed_low=True, closed_high=True),
        text="(1 − {t})/(1 − {y}) − {t}/{y}",
        complex_f=lambda y, t: -t * np.log(y) - (1.0 - t) * np.log(1.0 - y),
        pairs={
            "logistic": Pair(
                _cross_entropy_of_logistic, _d_cross_entropy_of_logistic, "y-t", "{y} − {t}",
                complex_f=_complex_cross_entropy_of_logistic,
            )
        },
    ),
    Loss(
        "hinge", _hinge, _d_hinge, r"\max(0, 1-t\,y)",
        r"\begin{cases}-t&t\,y<1\\0&t\,y\ge 1\end{cases}",
        targets=Interval(-1.0, 1.0, closed_low=True, closed_high=True), two_targets=True,
        kink=lambda y, t: 1.0 - t * y,
        text="(−{t} if {t}·{y} < 1, else 0)",
        complex_f=lambda y, t: 1.0 - t * y if t * y.real < 1.0 else 0.0 * y,
    ),
)  # fmt: skip

LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _BUILT_IN})
"""Every loss by its name; a read-only view."""


def find_loss(name: object) -> Loss:
    """Look a loss up by its name.

    Raises
    ------
    OptionError
        If there is none of that name; the nearest name is suggested.
    """
    return LOSSES[require_name("loss", name, LOSSES, "unknown-loss")]
