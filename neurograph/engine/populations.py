"""Many weightings of one network side by side: each lane is a network of its own, all see the same points.

Restarts, exhaustive search and loss surfaces are all this. A population is an array of shape
(edges, lanes). Lanes never mix, so the numbers of one do not depend on which others run beside it.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.backends import BACKENDS
from neurograph.engine.lanes import Array
from neurograph.engine.layout import Layout
from neurograph.engine.points import function_codes
from neurograph.functions import Loss
from neurograph.walk.tables import Samples, blocks

LANES = 64  # networks that advance together
_MOST_NUMBERS = 2**23  # weights of a population: 64 MiB


class Population(abc.ABC):
    """Computes with many weightings at once; abstract."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @abc.abstractmethod
    def train(
        self, weights: Array, X: Array, Y: Array, order: NDArray[np.int64], loss: Loss, rates: Array
    ) -> None:
        """Train all lanes point by point by plain descent, changing ``weights`` of shape (edges, lanes).

        ``order`` has a row of point numbers for each epoch, ``rates`` a row of learning rates: one for
        each point, or one for them all. A lane whose z or loss stops being finite ends as NaN.
        """

    @abc.abstractmethod
    def losses(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> Array:
        """Return the mean loss of each lane; NaN where a number is not finite."""


class NumpyPopulation(Population):
    """Array operations over the lanes, neuron by neuron."""

    def train(
        self, weights: Array, X: Array, Y: Array, order: NDArray[np.int64], loss: Loss, rates: Array
    ) -> None:
        with np.errstate(all="ignore"):
            for rows, some in zip(order, rates, strict=True):
                total = np.zeros(weights.shape[1])
                for row, rate in zip(rows.tolist(), np.broadcast_to(some, rows.shape).tolist(), strict=True):
                    total += self._step(weights, X[row], Y[row], loss, rate)
                weights[:, ~np.isfinite(total)] = np.nan

    def losses(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> Array:
        total = np.zeros(weights.shape[1])
        with np.errstate(all="ignore"):
            for some, targets in _blocks(X, Y):
                for x, t in zip(some, targets, strict=True):
                    values, z = self._forward(weights, x)
                    total += self._measure_loss(values, z, t, loss)
        total = total / len(X)
        total[~np.isfinite(total)] = np.nan
        return total

    def _forward(self, weights: Array, x: Array) -> tuple[Array, Array]:
        layout = self.layout
        values = np.zeros((len(layout.neurons), weights.shape[1]))
        z = np.zeros_like(values)
        values[layout.biases] = 1.0
        values[layout.inputs] = x[:, None]
        for j in np.flatnonzero(layout.activation >= 0).tolist():
            for edge in range(layout.offsets[j], layout.offsets[j + 1]):
                z[j] += weights[edge] * values[layout.sources[edge]]
            values[j] = layout.functions[layout.activation[j]].f(z[j])
        return values, z

    def _measure_loss(self, values: Array, z: Array, t: Array, loss: Loss) -> Array:
        """Sum the loss of one point in each lane; NaN where a z or a value is not finite."""
        total = np.where((np.isfinite(z) & np.isfinite(values)).all(axis=0), 0.0, np.nan)
        for k, j in enumerate(self.layout.outputs.tolist()):
            row = self.layout.functions[self.layout.activation[j]]
            total += loss.of_neuron(row, z[j], values[j], np.full(len(total), t[k]))
        return total

    def _step(self, weights: Array, x: Array, t: Array, loss: Loss, rate: float) -> Array:
        """Take one point: forward, loss, backward, update; return the loss of each lane."""
        layout = self.layout
        values, z = self._forward(weights, x)
        total = self._measure_loss(values, z, t, loss)
        adjoints, owns = np.zeros_like(values), np.zeros_like(values)
        for k, j in enumerate(layout.outputs.tolist()):
            row, target = layout.functions[layout.activation[j]], np.full(weights.shape[1], t[k])
            if row.name in loss.pairs:
                owns[j] = loss.pairs[row.name].df(z[j], target)
            else:
                adjoints[j] = loss.df(values[j], target)
        for j in np.flatnonzero(layout.activation >= 0).tolist()[::-1]:
            delta = adjoints[j] * layout.functions[layout.activation[j]].df(z[j]) + owns[j]
            for edge in range(layout.offsets[j], layout.offsets[j + 1]):
                source = layout.sources[edge]
                adjoints[source] += weights[edge] * delta
                if layout.trainable[edge]:
                    weights[edge] -= rate * (values[source] * delta)
        return total


class NumbaPopulation(Population):
    """Compiled loops, the lanes innermost; they release the interpreter's lock."""

    def __init__(self, layout: Layout) -> None:
        from neurograph.engine import population_kernels

        super().__init__(layout)
        self._kernels = population_kernels
        self._function = _codes(layout)
        self._computing = np.flatnonzero(layout.activation >= 0).astype(np.uint32)
        self._arrays = (
            layout.inputs.astype(np.uint32),
            layout.outputs.astype(np.uint32),
            self._computing,
            self._function,
            np.append(layout.offsets[self._computing], len(layout.sources)).astype(np.uint64),
            layout.sources.view(np.uint32),
        )

    def train(
        self, weights: Array, X: Array, Y: Array, order: NDArray[np.int64], loss: Loss, rates: Array
    ) -> None:
        scratch = self._scratch(weights.shape[1])
        is_output = np.isin(np.arange(len(self.layout.neurons)), self.layout.outputs)
        self._kernels.train_population(
            order,
            X,
            Y,
            *self._arrays,
            is_output,
            self.layout.trainable,
            weights,
            *scratch,
            _number(loss),
            rates,
        )

    def losses(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> Array:
        *scratch, sums = self._scratch(weights.shape[1])
        for some, targets in _blocks(X, Y):
            self._kernels.population_losses(
                some, targets, *self._arrays, weights, *scratch, sums, _number(loss)
            )
        found: Array = sums / len(X)
        found[~np.isfinite(found)] = np.nan
        return found

    def _scratch(self, lanes: int) -> tuple[Array, ...]:
        neurons = len(self.layout.neurons)
        values, slopes, adjoints, owns = (np.zeros((neurons, lanes)) for _ in range(4))
        values[self.layout.biases] = 1.0
        return values, slopes, adjoints, owns, np.zeros(lanes)


def _blocks(X: Samples, Y: Samples) -> Iterator[tuple[Array, Array]]:
    for first, some in blocks(X):
        yield some, Y[first : first + len(some)]


def make_population(layout: Layout, backend: str = "auto") -> Population:
    """Make the population of a backend; ``"auto"`` takes the compiled one where it can serve the network."""
    compiled = BACKENDS["numba"].installed and function_codes(layout) is not None
    if backend == "numba" or (backend == "auto" and compiled):
        return NumbaPopulation(layout)
    return NumpyPopulation(layout)


def _codes(layout: Layout) -> NDArray[np.int32]:
    codes = function_codes(layout)
    assert codes is not None, "choose_backend has refused activations of the user's own"
    return codes


def _number(loss: Loss) -> int:
    from neurograph.engine import scalars

    return scalars.LOSS_NAMES.index(loss.name)


def population_width(layout: Layout, most: int, *, least: int = 1) -> int:
    """Say how many lanes to compute at once, ``most`` or fewer, so that a large network fits into memory."""
    return min(most, max(least, _MOST_NUMBERS // max(1, len(layout.weights))))


def padded(weights: Array, lanes: int = LANES) -> Array:
    """Widen a population to a multiple of ``lanes`` by repeating its first lane."""
    missing = -weights.shape[1] % lanes
    return (
        np.concatenate([weights, np.repeat(weights[:, :1], missing, axis=1)], axis=1) if missing else weights
    )
