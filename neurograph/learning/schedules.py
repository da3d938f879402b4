"""How the step size decreases over the epochs: a row for each of the usual rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import OptionError, shown
from neurograph.options import require_count, require_name, require_number

Schedule = Callable[[int], float]
PERIODS = ("epoch", "step")
"""What a schedule counts, from 0: epochs, or the steps (updates of the weights) of the whole training."""


@dataclass(frozen=True)
class Constant:
    """The same learning rate in every epoch.

    Parameters
    ----------
    rate : float
        The learning rate, at least 0.

    >>> Constant(0.1)(7)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        require_number("rate", self.rate, low=0.0)

    def __call__(self, epoch: int) -> float:
        """Return the learning rate of an epoch (or step), counted from 0."""
        return self.rate


@dataclass(frozen=True)
class StepDecay:
    """Every so many epochs, multiply the learning rate by a factor: rate · factor^⌊epoch / every⌋.

    Parameters
    ----------
    rate : float
        The learning rate to begin with, at least 0.
    factor : float
        From 0 to 1.
    every : int
        After how many epochs.
    per : str
        ``"epoch"``, or ``"step"`` to count updates of the weights instead.

    >>> [StepDecay(0.8, factor=0.5, every=10)(epoch) for epoch in (0, 9, 10, 20)]
    [0.8, 0.8, 0.4, 0.2]
    """

    rate: float
    factor: float = 0.5
    every: int = 10
    per: str = "epoch"

    def __post_init__(self) -> None:
        require_number("rate", self.rate, low=0.0)
        require_number("factor", self.factor, low=0.0, high=1.0)
        require_name("per", self.per, PERIODS, "unknown-period")
        require_count("every", self.every)

    def __call__(self, epoch: int) -> float:
        """Return the learning rate of an epoch (or step), counted from 0."""
        return float(self.rate * self.factor ** (epoch // self.every))


@dataclass(frozen=True)
class ExponentialDecay:
    """Multiply the learning rate by a factor after every epoch: rate · factor^epoch.

    Parameters
    ----------
    rate : float
        The learning rate to begin with, at least 0.
    factor : float
        From 0 to 1.
    per : str
        ``"epoch"``, or ``"step"`` to count updates of the weights instead.

    >>> ExponentialDecay(0.8, factor=0.5)(2)
    0.2
    """

    rate: float
    factor: float = 0.99
    per: str = "epoch"

    def __post_init__(self) -> None:
        require_number("rate", self.rate, low=0.0)
        require_number("factor", self.factor, low=0.0, high=1.0)
        require_name("per", self.per, PERIODS, "unknown-period")

    def __call__(self, epoch: int) -> float:
        """Return the learning rate of an epoch (or step), counted from 0."""
        return float(self.rate * self.factor**epoch)


@dataclass(frozen=True)
class InverseTimeDecay:
    """Let the learning rate fall as one over time: rate / (1 + decay · epoch). Robbins and Monro 1951.

    Parameters
    ----------
    rate : float
        The learning rate to begin with, at least 0.
    decay : float
        At least 0; after 1/decay epochs the rate is half of what it was.
    per : str
        ``"epoch"``, or ``"step"`` to count updates of the weights instead.

    >>> InverseTimeDecay(0.8, decay=1.0)(3)
    0.2
    """

    rate: float
    decay: float = 0.01
    per: str = "epoch"

    def __post_init__(self) -> None:
        require_number("rate", self.rate, low=0.0)
        require_number("decay", self.decay, low=0.0)
        require_name("per", self.per, PERIODS, "unknown-period")

    def __call__(self, epoch: int) -> float:
        """Return the learning rate of an epoch (or step), counted from 0."""
        return float(self.rate / (1.0 + self.decay * epoch))


def read_schedule(learning_rate: Any) -> Schedule:
    """Return the schedule that ``learning_rate=`` stands for: a number, or a function of the epoch.

    Raises
    ------
    OptionError
        If it is neither, or a number that is negative or not finite.
    """
    if callable(learning_rate):
        schedule: Schedule = learning_rate
        return schedule
    return Constant(require_number("learning_rate", learning_rate, low=0.0))


def rates_of_epoch(schedule: Schedule, epoch: int, first_step: int, steps: int) -> NDArray[np.float64]:
    """Return the learning rate of each step of one epoch, only to be read.

    Raises
    ------
    OptionError
        If a schedule of the user's own gives something else than a finite number of at least 0.
    """
    if getattr(schedule, "per", "epoch") == "step":
        return np.array([_checked(schedule(i), "step", i) for i in range(first_step, first_step + steps)])
    return np.broadcast_to(_checked(schedule(epoch), "epoch", epoch), steps)


def _checked(rate: Any, noun: str, count: int) -> float:
    try:
        return require_number("learning_rate", rate, low=0.0)
    except OptionError as error:
        raise OptionError(
            f"the schedule gives {shown(rate)} for {noun} {count}",
            code="bad-schedule",
            where="learning_rate",
            expected=error.expected,
            fix="mend the schedule",
        ) from None
