"""What both fast backends share: samples as lanes, the loss at the outputs, an epoch of batches."""

from __future__ import annotations

import abc
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.layout import Layout
from neurograph.engine.updates import Memory, Rule, update
from neurograph.functions import Loss
from neurograph.functions.activations import BUILT_IN
from neurograph.walk.tables import Samples

Array = NDArray[Any]  # float64 or float32
LANES = 64  # samples that go through the network together; their rows stay in the cache


@dataclass
class Scratch:
    """The rows of one block of samples: one row for each neuron, one lane for each sample."""

    values: Array
    slopes: Array
    blames: Array  # z after the forward walk, ∂L/∂y during the backward one, then ∂L/∂z

    @classmethod
    def of(cls, layout: Layout, lanes: int, dtype: Any) -> Scratch:
        values, slopes, blames = (np.zeros((len(layout.neurons), lanes), dtype) for _ in range(3))
        values[layout.biases] = 1.0
        return cls(values, slopes, blames)

    def narrowed(self, lanes: int) -> Scratch:
        """The same for the last block, which may have fewer samples."""
        if self.values.shape[1] == lanes:
            return self
        values, slopes, blames = (
            np.ascontiguousarray(rows[:, :lanes]) for rows in (self.values, self.slopes, self.blames)
        )
        return Scratch(values, slopes, blames)


class Diverged(Exception):  # noqa: N818 - a signal between backend and trainer, never the user's
    """A number stopped being finite; ``position`` is the place in ``rows`` of the first such batch."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Backend(abc.ABC):
    """Computes with a layout; abstract. A backend says how to go forward and backward over lanes.

    Weights are arguments, never state, so that one backend can serve several threads.
    """

    name: str

    def __init__(self, layout: Layout, dtype: type[np.floating[Any]]) -> None:
        self.layout = layout
        self.dtype = dtype
        self._of_thread = threading.local()
        found = layout.activation[layout.outputs]
        self._outputs_by_function = [
            (layout.functions[f], np.flatnonzero(found == f), layout.outputs[found == f])
            for f in np.unique(found).tolist()
        ]
        self._own_functions = not {row.name for row in layout.functions} <= BUILT_IN

    @abc.abstractmethod
    def forward(self, weights: Array, rows: Scratch) -> None:
        """Fill values, slopes and, in ``blames``, z from the inputs; a z that is not finite stays so."""

    @abc.abstractmethod
    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array) -> None:
        """Add to ``gradient``, from ∂L/∂y of the outputs in ``blames`` or their ∂L/∂z in ``owns``."""

    def values(self, weights: Array, X: Samples) -> Array:
        """Return the values of all neurons, shape (neurons, samples)."""
        found = np.empty((len(self.layout.neurons), len(X)), self.dtype)
        scratch = self._scratch(min(LANES, max(1, len(X))))
        for start in range(0, len(X), LANES):
            rows = self._filled(scratch, X[start : start + LANES])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            found[:, start : start + LANES] = rows.values
        return found

    def outputs(self, weights: Array, X: Samples) -> Array:
        """Return the values of the output neurons, shape (samples, outputs)."""
        found = np.empty((len(X), len(self.layout.outputs)), self.dtype)
        scratch = self._scratch(min(LANES, max(1, len(X))))
        for start in range(0, len(X), LANES):
            rows = self._filled(scratch, X[start : start + LANES])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            found[start : start + LANES] = rows.values[self.layout.outputs].T
        return found

    def loss(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> float:
        """Return the mean over the samples of the loss, summed over the outputs."""
        total = 0.0
        scratch = self._scratch(min(LANES, len(X)))
        for start in range(0, len(X), LANES):
            rows = self._filled(scratch, X[start : start + LANES])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            total += self._lose(rows, Y[start : start + LANES], loss, None)
        if not np.isfinite(total):
            raise Diverged(0)
        return total / len(X)

    def differentiate(
        self, weights: Array, X: Samples, Y: Samples, loss: Loss,
        scratch: Scratch | None = None, chosen: NDArray[np.int64] | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        """Return the mean loss of all samples, or of the chosen ones, and its gradient by each edge."""
        gradient = np.zeros(len(weights), self.dtype)
        total, samples = 0.0, len(X if chosen is None else chosen)
        scratch = scratch or self._scratch(min(LANES, samples))
        for start in range(0, samples, LANES):
            block = slice(start, start + LANES) if chosen is None else chosen[start : start + LANES]
            rows = self._filled(scratch, X[block])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            owns = np.zeros((len(self.layout.outputs), rows.values.shape[1]), self.dtype)
            total += self._lose(rows, Y[block], loss, owns)
            self.backward(weights, rows, owns, gradient)
        if not (np.isfinite(total) and np.isfinite(gradient).all()):
            raise Diverged(0)
        return total / samples, gradient / self.dtype(samples)

    def train(
        self, weights: Array, X: Samples, Y: Samples, rows: NDArray[np.int64], batch_size: int,
        loss: Loss, rule: Rule, memory: Memory, rates: Array, total: float = 0.0,
    ) -> float:  # fmt: skip
        """Go through some rows once, batch by batch, changing ``weights``; return the summed loss.

        An epoch may be cut into several calls: ``total`` is the loss of those before.

        Raises
        ------
        Diverged
            At the first batch with a number that is not finite.
        """
        scratch = self._scratch(min(LANES, batch_size, len(rows)))
        for i, start in enumerate(range(0, len(rows), batch_size)):
            batch = rows[start : start + batch_size]
            try:
                part, gradient = self.differentiate(weights, X, Y, loss, scratch, batch)
            except Diverged:
                raise Diverged(start) from None
            update(rule, weights, gradient, self.layout.trainable, memory, float(rates[i]))
            total += part * len(batch)
        return total

    def _scratch(self, lanes: int) -> Scratch:
        """Return this thread's rows, the ones from the last call where they have as many lanes."""
        kept: Scratch | None = getattr(self._of_thread, "scratch", None)
        if kept is None or kept.values.shape[1] != lanes:
            kept = self._of_thread.scratch = Scratch.of(self.layout, lanes, self.dtype)
        return kept

    def _filled(self, scratch: Scratch, X: Array) -> Scratch:
        """Put the inputs in their rows; ``blames`` of what computes nothing must be 0 for the next check."""
        rows = scratch.narrowed(len(X))
        with np.errstate(over="ignore"):  # a float64 beyond float32 becomes inf, and z shows it
            rows.values[self.layout.inputs] = X.T
        rows.blames[self.layout.inputs] = 0.0
        rows.blames[self.layout.biases] = 0.0
        return rows

    def _require_finite(self, rows: Scratch, start: int) -> None:
        """Look at every z, which ``blames`` holds here; a user's own function may also leave a value."""
        for numbers in (rows.blames, rows.values) if self._own_functions else (rows.blames,):
            finite = np.isfinite(numbers)
            if not finite.all():
                raise Diverged(start + int(np.flatnonzero(~finite.all(axis=0))[0]))

    def _lose(self, rows: Scratch, Y: Array, loss: Loss, owns: Array | None) -> float:
        """Sum the loss of one block; with ``owns``, leave the derivatives where ``backward`` looks."""
        total = 0.0
        with np.errstate(all="ignore"):
            for row, places, neurons in self._outputs_by_function:
                z, y = (numbers[neurons].astype(np.float64) for numbers in (rows.blames, rows.values))
                t = Y[:, places].T
                total += float(np.sum(loss.of_neuron(row, z, y, t)))
                if owns is None:
                    continue
                if row.name in loss.pairs:
                    owns[places], rows.blames[neurons] = loss.pairs[row.name].df(z, t), 0.0
                else:
                    rows.blames[neurons] = loss.derivative(y, t)
        return total
