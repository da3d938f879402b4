"""Why a smooth neuron can multiply, and how well: the bias, the scale and the error of a product.

For numbers x_1 … x_n, a scale λ, a bias b and all 2ⁿ patterns of signs s, Taylor's formula gives

    Σ_s (s_1·…·s_n)·σ(b + λ·⟨s, x⟩) = 2ⁿ·λⁿ·σ⁽ⁿ⁾(b)·x_1·…·x_n·(1 + c·λ²·Σ x_i² + O(λ⁴)),
    c = σ⁽ⁿ⁺²⁾(b) / (6·σ⁽ⁿ⁾(b)),

as the sum over the signs keeps only the powers that are odd in every x_i: the first is their product,
of degree n, and the next are x_i² times that, of degree n + 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from neurograph.errors import OptionError
from neurograph.network.schema import require_activation
from neurograph.options import bad_option, require_number
from neurograph.theory.series import BREAKS, derivative, taylor

BOUND = 2.0  # inputs are taken to be at most so large, and a quarter of that where they are small
MOST_FACTORS = 168  # derivative n + 2 has a factor (n + 2)!, which a float64 holds
_CANDIDATES = (*(i / 16 for i in range(-64, 65)), math.pi / 2)
_FROM_BREAKS = 0.25
_NEARLY_ZERO = 1e-6
_TYPICAL_ROUNDING = 0.3 * 2.0**-53  # of a number just below 1


@dataclass(frozen=True)
class Multiplication:
    """How the neurons of one product of ``factors`` numbers are set: all have this activation and bias.

    ``derivative`` is σ⁽ⁿ⁾(b), and ``error`` is c: the product is off by c·λ²·Σ x_i², relatively.
    """

    factors: int
    activation: str
    bias: float
    derivative: float
    error: float


def read_multiplication(factors: int, activation: Any, bias: Any) -> Multiplication:
    """Choose the bias where none is given, and refuse one at which the derivative that is needed vanishes.

    Raises
    ------
    InvalidNetworkError
        If the activation is unknown.
    OptionError
        If the derivative vanishes, or no series of the activation is known there.
    """
    require_activation(activation, where="activation")
    if factors > MOST_FACTORS:
        raise bad_option("n", factors, f"an integer of at most {MOST_FACTORS}")
    at = _best_bias(activation, factors) if bias is None else require_number("bias", bias)
    needed = derivative(activation, at, factors)
    largest = abs(derivative(activation, _best_bias(activation, factors), factors))
    if abs(needed) <= _NEARLY_ZERO * largest:
        raise _vanishing(factors, activation, at, needed, largest)
    beyond = derivative(activation, at, factors + 2)
    return Multiplication(factors, activation, at, needed, beyond / (6.0 * needed))


def default_scale(row: Multiplication, *, bound: float, leaves: int, gates: int = 1) -> float:
    """Return the power of two at which truncation and cancellation together are least.

    Truncation grows with λ²; cancellation, the rounding of 2ⁿ values of which λⁿ is left, with λ⁻ⁿ. Both
    are estimated relative to a product of ``leaves`` inputs, truncation where they are as large as
    ``bound``, once for each of the gates, cancellation where they are a quarter of that. A power of
    two makes the products of weights and values exact where σ⁽ⁿ⁾(b) is one, too.
    """
    scales = [2.0**-k for k in range(60)]
    return min(scales, key=lambda scale: _estimate(row, scale, bound, leaves, gates))


def _estimate(row: Multiplication, scale: float, bound: float, leaves: int, gates: int) -> float:
    n, reach = row.factors, scale * bound
    if any(abs(row.bias - at) <= n * reach for at in BREAKS.get(row.activation, ())):
        return math.inf
    value, slope = taylor(row.activation, row.bias, 1)
    truncation = gates * abs(row.error) * n * reach**2
    noise = _TYPICAL_ROUNDING * (abs(value) + abs(slope) * (abs(row.bias) + reach * math.sqrt(n)))
    left = abs(row.derivative) * math.sqrt(2.0**n) * reach**n * 0.25**leaves
    return truncation + (noise / left if left else math.inf)


@lru_cache(maxsize=256)
def _best_bias(activation: str, order: int) -> float:
    """Return the candidate at which a derivative is largest; of equal ones that with the smallest value."""
    breaks = BREAKS.get(activation, ())
    free = [at for at in _CANDIDATES if all(abs(at - point) >= _FROM_BREAKS for point in breaks)]
    sizes = {at: abs(derivative(activation, at, order)) for at in free}
    largest = max(sizes.values())
    best = [at for at, size in sizes.items() if size >= largest * (1.0 - 1e-12)]
    return min(best, key=lambda at: (abs(taylor(activation, at, 0)[0]), abs(at)))


def _vanishing(factors: int, activation: str, at: float, needed: float, largest: float) -> OptionError:
    other = f"give another bias, such as {_best_bias(activation, factors):g}" if largest else ""
    return OptionError(
        f"derivative {factors} of {activation} is {needed:.3g} at {at:g}",
        code="vanishing-derivative",
        where="bias" if largest else "activation",
        expected=f"an activation and a bias where derivative {factors} does not vanish",
        fix=other or "choose a smooth activation, such as 'sine', 'tanh' or 'softplus'",
    )
