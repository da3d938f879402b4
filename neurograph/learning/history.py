"""What training leaves behind besides the weights: a loss for every epoch, and why it stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neurograph.markup import Markup, curve, display, figure
from neurograph.walk.notation import number

_BARS = "▁▂▃▄▅▆▇█"


@dataclass
class History:
    """The course of one training.

    Parameters
    ----------
    losses : list of float
        One for each epoch: the mean over its points of the loss that was differentiated, each with the
        weights that were there when it was its turn.
    learning_rates : list of float
        The learning rate of each epoch.
    stopped : str
        Why it ended: ``"finished"``, ``"interrupted"`` by Ctrl-C, ``"stopped early"`` by ``patience``,
        ``"stopped by a callback"``.
    validation_losses : list of float
        The loss of the validation points after each epoch, where there are any.

    Examples
    --------
    >>> print(History([0.4, 0.2, 0.1], [0.1, 0.1, 0.1]))
    3 epochs, loss 0.4 → 0.1  █▃▁
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    stopped: str = "finished"
    validation_losses: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """How many epochs ran to their end."""
        return len(self.losses)

    def forget_after(self, epochs: int) -> None:
        """Keep this many epochs and drop what came after them."""
        for numbers in (self.losses, self.learning_rates, self.validation_losses):
            del numbers[epochs:]

    def __str__(self) -> str:
        return f"{self._summary()}  {sparkline(self.losses)}" if self.losses else self._summary()

    def _summary(self) -> str:
        if not self.losses:
            return f"no epoch {self.stopped}"
        noun = "epoch" if self.epochs == 1 else "epochs"
        why = "" if self.stopped == "finished" else f", {self.stopped}"
        return f"{self.epochs} {noun}, loss {number(self.losses[0])} → {number(self.losses[-1])}{why}"

    @display
    def _repr_html_(self) -> Markup:
        """Show the losses as a curve, and those of the validation points below it."""
        parts = figure(self._summary(), curve(self.losses, title="loss by epoch")) if self.losses else None
        if not self.validation_losses:
            return parts or figure(self._summary())
        last = f"validation loss {number(self.validation_losses[-1])}"
        below = figure(last, curve(self.validation_losses, title="validation loss by epoch"))
        return Markup((parts or "") + below)


def sparkline(numbers: list[float], width: int = 40) -> str:
    """Draw numbers as a row of bars, each the mean of its share of them.

    >>> sparkline([0.0, 1.0, 2.0, 3.0])
    '▁▃▆█'
    """
    shares = min(width, len(numbers))
    cuts = [round(i * len(numbers) / shares) for i in range(shares + 1)]
    means = [math.fsum(numbers[a:b]) / (b - a) for a, b in pairwise(cuts)]
    low, high = min(means), max(means)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((mean - low) * scale)] for mean in means)


def histogram(numbers: NDArray[np.float64], bins: int = 12, width: int = 40) -> str:
    """Draw a distribution as text: a line for each bin, its lower end, a bar and the count.

    Numbers that are equal but for their last digits share one line.

    >>> print(histogram(np.array([0.0, 0.1, 0.1, 1.0]), bins=2, width=6))
    0    ██████ 3
    0.5  ██ 1
    """
    counts, ends = distribution(numbers, bins)
    labels = [number(float(end)) for end in ends[:-1]]
    space = max(len(label) for label in labels)
    longest = max(int(counts.max()), 1)
    rows = zip(labels, counts.tolist(), strict=True)
    return "\n".join(
        f"{label.ljust(space)}  {'█' * -(-width * c // longest)} {c}".rstrip() for label, c in rows
    )


def distribution(numbers: NDArray[np.float64], bins: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count numbers in bins of one width, and return the ends of the bins, too; equal numbers share one."""
    low, high = float(numbers.min()), float(numbers.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return np.array([len(numbers)]), np.array([low, high])
    counts, ends = np.histogram(numbers, bins)
    return counts, ends
