"""Numbers inside a network, and how the neurons of one product are fed: one for each pattern of signs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from neurograph.errors import OptionError
from neurograph.options import require_number
from neurograph.theory.drafting import Combination, Draft
from neurograph.theory.multiplication import Multiplication, default_scale, read_multiplication

LARGEST_POWER = 140  # of ten: weights are products of up to two numbers of this size


@dataclass(frozen=True)
class Plan:
    """One way of multiplying, its scale, and how large the inputs may be."""

    row: Multiplication
    scale: float
    bound: float

    def scale_of(self, leaves: int) -> float:
        """Return the scale for a number that is itself a product of so many inputs."""
        return self.scale / self.bound ** (leaves - 1)


@dataclass(frozen=True)
class Signal:
    """A number inside the network: a combination of neurons, and of how many inputs it is the product."""

    combination: Combination
    leaves: int


def read_plan(
    factors: int,
    leaves: int,
    gates: int,
    activation: str,
    scale: float | None,
    bias: float | None,
    bound: float,
) -> Plan:
    """Choose bias and scale of a product of so many factors, made of so many inputs by so many gates."""
    row = read_multiplication(factors, activation, bias)
    largest = require_number("bound", bound, low=0.0, above=True)
    if leaves * abs(math.log10(largest)) > LARGEST_POWER:
        raise _beyond_floats(leaves, largest)
    if scale is None:
        return Plan(row, default_scale(row, bound=largest, leaves=leaves, gates=gates), largest)
    number = require_number("scale", scale, low=0.0, above=True)
    if factors * abs(math.log10(number)) > LARGEST_POWER:
        raise _beyond_floats(factors, number)
    return Plan(row, number, largest)


def multiply(draft: Draft, plan: Plan, signals: Sequence[Signal], bias: int, neurons: list[int]) -> Signal:
    """Feed one neuron for each pattern of signs; return their combination that is the product."""
    row, scales = plan.row, [plan.scale_of(signal.leaves) for signal in signals]
    whole = 2.0**row.factors * row.derivative * math.prod(scales)  # 2ⁿ·λⁿ·σ⁽ⁿ⁾(b)
    product: dict[int, float] = {}
    patterns = itertools.product((1.0, -1.0), repeat=row.factors)
    for neuron, signs in zip(neurons, patterns, strict=True):
        total = {bias: row.bias}
        for sign, scale, signal in zip(signs, scales, signals, strict=True):
            for source, weight in signal.combination.items():
                total[source] = total.get(source, 0.0) + sign * scale * weight
        draft.feed(neuron, total)
        product[neuron] = math.prod(signs) / whole
    return Signal(product, sum(signal.leaves for signal in signals))


def _beyond_floats(factors: int, number: float) -> OptionError:
    """Make the error of weights that no float64 holds."""
    return OptionError(
        f"{number:g} to the power of {factors} makes weights beyond a float64",
        code="too-large",
        where="n",
        expected=f"powers of at most 10^±{LARGEST_POWER}",
        fix="multiply fewer numbers, or give a bound or a scale nearer to 1",
    )
