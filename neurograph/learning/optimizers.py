"""How a gradient becomes a change of the weights: a class for each rule, and the table of their names."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from neurograph.engine.updates import ADAM, MOMENTUM, NESTEROV, PLAIN, RMSPROP, RPROP, Rule
from neurograph.errors import OptionError
from neurograph.options import bad_option, require_flag, require_name, require_number


class Optimizer(abc.ABC):
    """A rule that turns all gradients of a point into the change of all weights; abstract."""

    @abc.abstractmethod
    def rule(self, *, weight_decay: float = 0.0, clip_norm: float = 0.0) -> Rule:
        """Return the rule as the engine takes it."""


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent; without momentum the text's own rule.

    Parameters
    ----------
    momentum : float
        How much of the last change is kept, from 0 to below 1 (Polyak 1964): v ← momentum·v + g,
        w ← w − rate·v.
    nesterov : bool
        Whether to look ahead: w ← w − rate·(g + momentum·v) (Nesterov 1983, Sutskever et al. 2013).

    Examples
    --------
    >>> SGD(momentum=0.9)
    SGD(momentum=0.9, nesterov=False)
    """

    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        _below_one("momentum", self.momentum)
        if require_flag("nesterov", self.nesterov) and not self.momentum:
            raise OptionError(
                "there is no momentum to look ahead with",
                code="needless-option",
                where="nesterov",
                expected="a momentum above 0",
                fix="give momentum=0.9, say",
            )

    def rule(self, *, weight_decay: float = 0.0, clip_norm: float = 0.0) -> Rule:
        """Return the rule as the engine takes it."""
        kind = PLAIN if not self.momentum else NESTEROV if self.nesterov else MOMENTUM
        return Rule(kind, (self.momentum, 0.0, 0.0, 0.0), weight_decay, clip_norm)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Divide each gradient by a running root mean square of its past (Tieleman and Hinton 2012).

    s ← decay·s + (1 − decay)·g², w ← w − rate·g / (√s + epsilon).

    Parameters
    ----------
    decay : float
        How much of the past is kept, from 0 to below 1.
    epsilon : float
        What keeps the division finite, above 0.

    Examples
    --------
    >>> RMSprop(decay=0.99)
    RMSprop(decay=0.99, epsilon=1e-08)
    """

    decay: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _below_one("decay", self.decay)
        require_number("epsilon", self.epsilon, low=0.0, above=True)

    def rule(self, *, weight_decay: float = 0.0, clip_norm: float = 0.0) -> Rule:
        """Return the rule as the engine takes it."""
        return Rule(RMSPROP, (self.decay, self.epsilon, 0.0, 0.0), weight_decay, clip_norm)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam, with running means of the gradient and of its square (Kingma and Ba 2015).

    m ← beta1·m + (1 − beta1)·g, v ← beta2·v + (1 − beta2)·g²; after step t,
    w ← w − rate·(m / (1 − beta1ᵗ)) / (√(v / (1 − beta2ᵗ)) + epsilon).

    Parameters
    ----------
    beta1, beta2 : float
        How much of the past is kept of the gradient and of its square, from 0 to below 1.
    epsilon : float
        What keeps the division finite, above 0.

    Examples
    --------
    >>> Adam(beta1=0.8)
    Adam(beta1=0.8, beta2=0.999, epsilon=1e-08)
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _below_one("beta1", self.beta1)
        _below_one("beta2", self.beta2)
        require_number("epsilon", self.epsilon, low=0.0, above=True)

    def rule(self, *, weight_decay: float = 0.0, clip_norm: float = 0.0) -> Rule:
        """Return the rule as the engine takes it."""
        return Rule(ADAM, (self.beta1, self.beta2, self.epsilon, 0.0), weight_decay, clip_norm)


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Resilient backpropagation: every weight has a step size of its own, which only signs change.

    The step grows while a gradient keeps its sign and shrinks when it turns (Riedmiller and Braun 1993,
    without weight backtracking). The learning rate is the first step, within the bounds. Meant for whole
    batches.

    Parameters
    ----------
    increase, decrease : float
        What a step is multiplied by when the gradient kept its sign, and when it turned.
    smallest, largest : float
        The bounds of every step.

    Examples
    --------
    >>> Rprop(largest=1.0)
    Rprop(increase=1.2, decrease=0.5, smallest=1e-06, largest=1.0)
    """

    increase: float = 1.2
    decrease: float = 0.5
    smallest: float = 1e-6
    largest: float = 50.0

    def __post_init__(self) -> None:
        require_number("increase", self.increase, low=1.0, above=True)
        require_number("decrease", self.decrease, low=0.0, high=1.0, above=True)
        require_number("smallest", self.smallest, low=0.0)
        require_number("largest", self.largest, low=self.smallest)

    def rule(self, *, weight_decay: float = 0.0, clip_norm: float = 0.0) -> Rule:
        """Return the rule as the engine takes it."""
        numbers = (self.increase, self.decrease, self.smallest, self.largest)
        return Rule(RPROP, numbers, weight_decay, clip_norm)


OPTIMIZERS: Mapping[str, Callable[[], Optimizer]] = MappingProxyType(
    {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "rprop": Rprop}
)
"""Every optimizer by its name, with its defaults; a read-only view."""


def read_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer that ``optimizer=`` stands for: a name, or an optimizer.

    Raises
    ------
    OptionError
        If there is none of that name; the nearest is suggested.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    return OPTIMIZERS[require_name("optimizer", optimizer, OPTIMIZERS, "unknown-optimizer")]()


def _below_one(name: str, value: Any) -> None:
    if require_number(name, value, low=0.0) >= 1.0:
        raise bad_option(name, value, "a number of at least 0 and below 1")
