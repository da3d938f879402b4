"""How a gradient becomes a change of the weights: a row for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from neurograph.options import require_name


class Optimizer(Protocol):
    """A rule that turns all gradients of a point into the change of all weights."""

    def change(self, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
        """Return what to add to the weights, one number for each of them."""


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent as the text has it: every weight moves against its own derivative.

    >>> SGD().change(np.array([2.0, -4.0]), 0.5)
    array([-1.,  2.])
    """

    def change(self, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
        """Return −learning_rate · gradient."""
        return -learning_rate * gradient


OPTIMIZERS: Mapping[str, Callable[[], Optimizer]] = MappingProxyType({"sgd": SGD})
"""Every optimizer by its name, with its defaults; a read-only view."""


def read_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer that ``optimizer=`` stands for: a name, or an optimizer.

    Raises
    ------
    OptionError
        If there is none of that name; the nearest is suggested.
    """
    if callable(getattr(optimizer, "change", None)) and not isinstance(optimizer, type):
        chosen: Optimizer = optimizer
        return chosen
    return OPTIMIZERS[require_name("optimizer", optimizer, OPTIMIZERS, "unknown-optimizer")]()
