"""What both fast backends share: samples as lanes, the loss at the outputs, an epoch of batches."""

from __future__ import annotations

import abc
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.layout import Layout
from neurograph.engine.side_by_side import helper
from neurograph.engine.updates import Memory, Rule, update
from neurograph.functions import Loss
from neurograph.functions.activations import BUILT_IN
from neurograph.walk.tables import Samples

Array = NDArray[Any]  # float64 or float32
Index = Any  # a slice where the rows stand together, an array of indices otherwise
LANES = 64  # samples that go through the network together; their rows stay in the cache
WIDE = 256  # the same where that is better: matrix products want many columns, and small networks few calls
MOSTLY = 0.9  # the share of the edges in dense blocks from which on products count
SMALL, LARGE = 200, 10_000  # neurons: up to these, wide rows stay in the cache, or take no memory to speak of


@dataclass
class Scratch:
    """The rows of one block of samples: one row for each neuron, one lane for each sample."""

    values: Array
    slopes: Array
    adjoints: Array  # z after the forward walk, ∂L/∂y during the backward one, then ∂L/∂z

    @classmethod
    def of(cls, layout: Layout, lanes: int, dtype: Any) -> Scratch:
        values, slopes, adjoints = (np.zeros((len(layout.neurons), lanes), dtype) for _ in range(3))
        values[layout.biases] = 1.0
        return cls(values, slopes, adjoints)


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
        self._computing = compact(np.flatnonzero(layout.activation >= 0))
        self._inputs = compact(layout.inputs)
        self.lanes = _lanes_of(layout)
        self._two_teams = False  # whether blocks go in two teams, which can run side by side

    @abc.abstractmethod
    def forward(self, weights: Array, rows: Scratch) -> None:
        """Fill values, slopes and, in ``adjoints``, z from the inputs; a z that is not finite stays so."""

    @abc.abstractmethod
    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array, *, empty: bool) -> None:
        """Add to ``gradient``, from ∂L/∂y of the outputs in ``adjoints`` or their ∂L/∂z in ``owns``.

        ``empty`` says that all of it is 0 so far. The adjoints of inputs and bias neurons mean nothing.
        """

    @np.errstate(all="ignore")  # every number that matters is looked at
    def values(self, weights: Array, X: Samples) -> Array:
        """Return the values of all neurons, shape (neurons, samples)."""
        found = np.empty((len(self.layout.neurons), len(X)), self.dtype)
        for start in range(0, len(X), self.lanes):
            rows = self._filled(X[start : start + self.lanes])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            found[:, start : start + self.lanes] = rows.values
        return found

    @np.errstate(all="ignore")  # every number that matters is looked at
    def outputs(self, weights: Array, X: Samples) -> Array:
        """Return the values of the output neurons, shape (samples, outputs)."""
        found = np.empty((len(X), len(self.layout.outputs)), self.dtype)
        for start in range(0, len(X), self.lanes):
            rows = self._filled(X[start : start + self.lanes])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            found[start : start + self.lanes] = rows.values[self.layout.outputs].T
        return found

    @np.errstate(all="ignore")  # every number that matters is looked at
    def loss(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> float:
        """Return the mean over the samples of the loss, summed over the outputs."""
        total = 0.0
        for start in range(0, len(X), self.lanes):
            rows = self._filled(X[start : start + self.lanes])
            self.forward(weights, rows)
            self._require_finite(rows, start)
            total += self._measure_loss(rows, Y[start : start + self.lanes], loss)
        if not np.isfinite(total):
            raise Diverged(0)
        return total / len(X)

    def differentiate(
        self, weights: Array, X: Samples, Y: Samples, loss: Loss,
        chosen: NDArray[np.int64] | None = None, room: Array | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        """Return the mean loss of all samples, or of the chosen ones, and its gradient by each edge.

        The gradient may be put into ``room``.
        """
        samples = len(X if chosen is None else chosen)
        starts = range(0, samples, self.lanes)
        gradient = np.empty(len(weights), self.dtype) if room is None else room
        if self._two_teams and len(starts) > 1:
            other = np.empty_like(gradient)
            parts: tuple[float | Diverged, ...] = helper.both(
                lambda: self._go_over(starts[0::2], weights, X, Y, loss, chosen, gradient),
                lambda: self._go_over(starts[1::2], weights, X, Y, loss, chosen, other),
            )
            gradient += other
        else:
            parts = (self._go_over(starts, weights, X, Y, loss, chosen, gradient),)
        stops = [part for part in parts if isinstance(part, Diverged)]
        if stops:
            raise min(stops, key=lambda stop: stop.position)
        total = sum(part for part in parts if not isinstance(part, Diverged))
        if not (np.isfinite(total) and self._all_finite(gradient)):
            raise Diverged(0)
        return total / samples, gradient

    @np.errstate(all="ignore")  # every number that matters is looked at
    def _go_over(
        self, starts: range, weights: Array, X: Samples, Y: Samples, loss: Loss,
        chosen: NDArray[np.int64] | None, gradient: Array,
    ) -> float | Diverged:  # fmt: skip
        """Fill a gradient from the blocks that begin at ``starts``; return the sum of their losses."""
        gradient[:] = 0.0
        total, samples = 0.0, len(X if chosen is None else chosen)
        for start in starts:
            block = slice(start, start + self.lanes)
            places = block if chosen is None else chosen[block]
            rows = self._filled(X[places])
            self.forward(weights, rows)
            try:
                self._require_finite(rows, start)
            except Diverged as stop:
                return stop
            owns = np.zeros((len(self.layout.outputs), rows.values.shape[1]), self.dtype)
            total += self._measure_loss(rows, Y[places], loss, owns, samples)
            self.backward(weights, rows, owns, gradient, empty=start == starts[0])
        return total

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
        room = np.empty_like(weights)
        for i, start in enumerate(range(0, len(rows), batch_size)):
            batch = rows[start : start + batch_size]
            try:
                part, gradient = self.differentiate(weights, X, Y, loss, batch, room)
            except Diverged:
                raise Diverged(start) from None
            self.change(rule, weights, gradient, memory, float(rates[i]))
            total += part * len(batch)
        return total

    def change(self, rule: Rule, weights: Array, gradient: Array, memory: Memory, rate: float) -> None:
        """Change the trainable weights in place."""
        update(rule, weights, gradient, self.layout.trainable, memory, rate)

    def _filled(self, X: Array) -> Scratch:
        """Put the inputs in their rows; a float64 beyond float32 becomes inf, and z shows it."""
        rows = self._scratch(len(X))
        rows.values[self._inputs] = X.T
        return rows

    def _scratch(self, lanes: int) -> Scratch:
        """Return this thread's rows for so many samples: those of the last blocks, a full one and a rest."""
        kept: dict[int, Scratch] = self._of_thread.__dict__.setdefault("scratch", {})
        if lanes not in kept:
            if len(kept) > 1:
                del kept[min(kept)]
            kept[lanes] = Scratch.of(self.layout, lanes, self.dtype)
        return kept[lanes]

    def _require_finite(self, rows: Scratch, start: int) -> None:
        """Look at every z, which ``adjoints`` holds here; a user's own function may also leave a value."""
        for numbers in (rows.adjoints, rows.values) if self._own_functions else (rows.adjoints,):
            finite = np.isfinite(numbers[self._computing])
            if not finite.all():
                raise Diverged(start + int(np.flatnonzero(~finite.all(axis=0))[0]))

    def _all_finite(self, numbers: Array) -> bool:
        return bool(np.isfinite(numbers).all())

    def _measure_loss(
        self, rows: Scratch, Y: Array, loss: Loss, owns: Array | None = None, samples: int = 1
    ) -> float:
        """Sum the loss of one block; with ``owns``, leave the mean's derivatives where ``backward`` looks."""
        total = 0.0
        for row, places, neurons in self._outputs_by_function:
            z, y = (numbers[neurons].astype(np.float64) for numbers in (rows.adjoints, rows.values))
            t = Y[:, places].T
            total += float(np.sum(loss.of_neuron(row, z, y, t)))
            if owns is None:
                continue
            if row.name in loss.pairs:
                owns[places], rows.adjoints[neurons] = loss.pairs[row.name].df(z, t) / samples, 0.0
            else:
                rows.adjoints[neurons] = loss.derivative(y, t) / samples
        return total


def compact(indices: NDArray[np.integer[Any]]) -> Index:
    """Turn indices that stand together into a slice, which needs no copy."""
    if not indices.size:
        return indices
    first, last = int(indices[0]), int(indices[-1])
    together = last - first + 1 == indices.size and bool((indices[1:] - indices[:-1] == 1).all())
    return slice(first, last + 1) if together else indices


def _lanes_of(layout: Layout) -> int:
    neurons, edges = len(layout.neurons), len(layout.sources)
    dense = sum(block.last_edge - block.first_edge for block in layout.blocks) > MOSTLY * edges
    return WIDE if neurons <= SMALL or (dense and neurons <= LARGE) else LANES
