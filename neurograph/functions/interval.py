"""Intervals of numbers: the range of an activation, the outputs that a loss can take."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """All numbers between ``low`` and ``high``; an end belongs to it where it is said to be closed.

    Examples
    --------
    >>> print(Interval(0.0, 1.0), Interval(0.0, math.inf, closed_low=True))
    (0, 1) [0, ∞)
    >>> Interval(0.0, 1.0).is_inside(Interval(0.0, 1.0, closed_high=True))
    True
    """

    low: float = -math.inf
    high: float = math.inf
    closed_low: bool = False
    closed_high: bool = False

    def is_inside(self, other: Interval) -> bool:
        """Say whether every number of this interval belongs to the other one too."""
        low_fits = self.low > other.low or (
            self.low == other.low and (other.closed_low or not self.closed_low)
        )
        high_fits = self.high < other.high or (
            self.high == other.high and (other.closed_high or not self.closed_high)
        )
        return low_fits and high_fits

    def __str__(self) -> str:
        left, right = "[" if self.closed_low else "(", "]" if self.closed_high else ")"
        return f"{left}{_end(self.low)}, {_end(self.high)}{right}"


REAL = Interval()
"""All real numbers."""


def _end(number: float) -> str:
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:.4g}".replace("-", "−")
