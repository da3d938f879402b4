"""Training point by point on plain Python numbers: faster than arrays while a network is small."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurograph.engine import scalars
from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.layout import Layout
from neurograph.engine.updates import Memory, Rule, update
from neurograph.functions import Loss
from neurograph.walk.tables import Samples

_POINTS_AT_ONCE = 1024


def function_codes(layout: Layout) -> NDArray[np.int32] | None:
    """Number the function of each neuron as ``scalars`` does; None where one is the user's own."""
    names = [row.name for row in layout.functions]
    if not set(names) <= set(scalars.FUNCTIONS):
        return None
    codes = np.array([scalars.FUNCTIONS.index(name) for name in names] + [-1], dtype=np.int32)
    return codes[layout.activation]


@dataclass
class PointTrainer:
    """A layout as tuples, and the lists of numbers that one point needs.

    ``neurons`` holds, for each computing neuron in order: its index, its function, its place among the
    outputs (−1 for a hidden one), and its edges as pairs of edge and source.
    """

    layout: Layout
    neurons: list[tuple[int, int, int, list[tuple[int, int]]]]
    values: list[float]  # 1 at every bias neuron; each training fills a copy

    @classmethod
    def of(cls, layout: Layout) -> PointTrainer | None:
        """Make one, or None where a function is the user's own."""
        codes = function_codes(layout)
        if codes is None:
            return None
        place = {j: k for k, j in enumerate(layout.outputs.tolist())}
        bounds = list(zip(layout.offsets[:-1].tolist(), layout.offsets[1:].tolist(), strict=True))
        sources = layout.sources.tolist()
        neurons = [
            (j, code, place.get(j, -1), [(edge, sources[edge]) for edge in range(*bounds[j])])
            for j, code in enumerate(codes.tolist())
            if code >= 0
        ]
        values = [0.0] * len(layout.neurons)
        for j in layout.biases.tolist():
            values[j] = 1.0
        return cls(layout, neurons, values)

    def train(
        self, weights: Array, X: Samples, Y: Samples, rows: NDArray[np.int64],
        loss: Loss, rule: Rule, memory: Memory, rates: Array, total: float = 0.0,
    ) -> float:  # fmt: skip
        """Go through some rows once, changing ``weights``; return the summed loss, those before included."""
        numbers, values = weights.tolist(), self.values.copy()
        code = scalars.LOSS_NAMES.index(loss.name)
        try:
            for count, (x, t, rate) in enumerate(_points(X, Y, rows, rates)):
                part, gradient = self._differentiate(numbers, values, x, t, code)
                if not abs(part) <= scalars.LARGEST:
                    raise Diverged(count)
                total += part
                self._change(numbers, gradient, rule, memory, rate)
        except (OverflowError, ValueError, ZeroDivisionError):  # where numpy gives inf or nan
            raise Diverged(count) from None
        finally:
            weights[:] = numbers
        return total

    def _change(
        self, weights: list[float], gradient: list[float], rule: Rule, memory: Memory, rate: float
    ) -> None:
        if rule.is_plain and self.layout.all_trainable:
            weights[:] = [w - rate * g for w, g in zip(weights, gradient, strict=True)]
        else:
            changed = np.array(weights)
            update(rule, changed, np.array(gradient), self.layout.trainable, memory, rate)
            weights[:] = changed.tolist()

    def _differentiate(
        self, weights: list[float], values: list[float], x: list[float], target: list[float], loss: int
    ) -> tuple[float, list[float]]:
        """Walk one point forward and backward: its loss, and the gradient of every edge."""
        total = 0.0
        for j, number in zip(self.layout.inputs.tolist(), x, strict=True):
            values[j] = number
        slopes, adjoints, owns = ([0.0] * len(values) for _ in range(3))
        for j, function, place, pairs in self.neurons:
            z = 0.0
            for edge, source in pairs:
                z += weights[edge] * values[source]
            if not abs(z) <= scalars.LARGEST:
                return math.nan, []
            values[j], slopes[j] = scalars.activate(function, z)
            if place >= 0:
                part, adjoints[j], owns[j] = scalars.loss_and_derivatives(
                    loss, function, z, values[j], target[place]
                )
                total += part
        gradient = [0.0] * len(weights)
        for j, _, _, pairs in reversed(self.neurons):
            delta = adjoints[j] * slopes[j] + owns[j]
            for edge, source in pairs:
                adjoints[source] += weights[edge] * delta
                gradient[edge] = values[source] * delta
        return total, gradient


def _points(
    X: Samples, Y: Samples, rows: NDArray[np.int64], rates: Array
) -> Iterator[tuple[list[float], list[float], float]]:
    """Turn samples into plain numbers; some at a time, as these take many times the memory."""
    for start in range(0, len(rows), _POINTS_AT_ONCE):
        part = rows[start : start + _POINTS_AT_ONCE]
        its_rates = rates[start : start + len(part)]
        yield from zip(X[part].tolist(), Y[part].tolist(), its_rates.tolist(), strict=True)
