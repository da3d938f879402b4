"""How a gradient changes the weights: the rules of the optimizers over flat arrays, and their memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]  # float64 or float32

PLAIN, MOMENTUM, NESTEROV, RMSPROP, ADAM, RPROP = range(6)


@dataclass(frozen=True)
class Rule:
    """One rule with its numbers; what they mean depends on the rule.

    Parameters
    ----------
    kind : int
        PLAIN, MOMENTUM, NESTEROV, RMSPROP, ADAM or RPROP.
    numbers : tuple of four floats
        MOMENTUM, NESTEROV: the momentum. RMSPROP: decay, epsilon. ADAM: beta1, beta2, epsilon.
        RPROP: increase, decrease, smallest and largest step.
    weight_decay : float
        This times the weight is added to its gradient.
    clip_norm : float
        A gradient whose Euclidean norm is larger is scaled down to it; 0 switches that off.
    """

    kind: int = PLAIN
    numbers: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    weight_decay: float = 0.0
    clip_norm: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether a weight's change depends on its own gradient alone."""
        return self.kind == PLAIN and self.weight_decay == 0.0 and self.clip_norm == 0.0


@dataclass
class Memory:
    """What a rule remembers from step to step: two numbers for each edge, and how many steps it made."""

    first: Numbers
    second: Numbers
    steps: int = field(default=0)

    @classmethod
    def empty(cls, rule: Rule, edges: int, dtype: Any) -> Memory:
        """Make the memory that a rule begins with; a plain rule has none."""
        size = 0 if rule.kind == PLAIN else edges
        return cls(np.zeros(size, dtype), np.zeros(size, dtype))

    def overflowed(self) -> NDArray[np.intp]:
        """List the edges of which a number is remembered that is not finite: they would never learn again."""
        return np.flatnonzero(~(np.isfinite(self.first) & np.isfinite(self.second)))


def update(
    rule: Rule,
    weights: Numbers,
    gradient: Numbers,
    trainable: NDArray[np.bool_],
    memory: Memory,
    rate: float,
) -> None:
    """Change the trainable weights in place, all by gradients from before the change."""
    with np.errstate(all="ignore"):  # what is not finite then is found, and named, after the epoch
        if rule.is_plain and trainable.all():
            memory.steps += 1
            weights -= rate * gradient
            return
        gradient = np.where(trainable, gradient, 0.0).astype(weights.dtype, copy=False)
        if rule.weight_decay:
            gradient = np.where(trainable, gradient + rule.weight_decay * weights, gradient)
        if rule.clip_norm:
            norm = float(np.sqrt(np.cumsum(gradient * gradient, dtype=np.float64)[-1]))  # left to right
            if norm > rule.clip_norm:  # an infinite one has no direction left
                gradient = gradient * (rule.clip_norm / norm if np.isfinite(norm) else np.nan)
        memory.steps += 1
        weights -= np.where(trainable, STEPS[rule.kind](rule, gradient, memory, rate), 0.0).astype(
            weights.dtype, copy=False
        )


def _plain(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    return rate * g


def _momentum(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    """Polyak 1964."""
    memory.first[:] = rule.numbers[0] * memory.first + g
    return rate * memory.first


def _nesterov(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    """Nesterov 1983, in the form of Sutskever et al. 2013."""
    memory.first[:] = rule.numbers[0] * memory.first + g
    return rate * (g + rule.numbers[0] * memory.first)


def _rmsprop(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    """Tieleman and Hinton 2012."""
    decay, epsilon, _, _ = rule.numbers
    memory.first[:] = decay * memory.first + (1.0 - decay) * (g * g)
    return rate * g / (np.sqrt(memory.first) + epsilon)


def _adam(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    """Kingma and Ba 2015."""
    beta1, beta2, epsilon, _ = rule.numbers
    memory.first[:] = beta1 * memory.first + (1.0 - beta1) * g
    memory.second[:] = beta2 * memory.second + (1.0 - beta2) * (g * g)
    first = memory.first / (1.0 - beta1**memory.steps)
    second = memory.second / (1.0 - beta2**memory.steps)
    return rate * first / (np.sqrt(second) + epsilon)


def _rprop(rule: Rule, g: Numbers, memory: Memory, rate: float) -> Numbers:
    """Riedmiller and Braun 1993, without weight backtracking; the rate is the first step."""
    increase, decrease, smallest, largest = rule.numbers
    if memory.steps == 1:
        memory.second[:] = min(max(rate, smallest), largest)
    agreement = g * memory.first
    size = memory.second
    size = np.where(agreement > 0.0, np.minimum(size * increase, largest), size)
    size = np.where(agreement < 0.0, np.maximum(size * decrease, smallest), size)
    g = np.where(agreement < 0.0, 0.0, g)
    memory.first[:], memory.second[:] = g, size
    return np.sign(g) * size


STEPS = (_plain, _momentum, _nesterov, _rmsprop, _adam, _rprop)
