"""The fast backend: loops over edges compiled by numba, dense blocks as matrix products."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine import kernels, scalars
from neurograph.engine.lanes import Array, Backend, Diverged, Scratch
from neurograph.engine.layout import Layout, fan_out
from neurograph.engine.points import function_codes
from neurograph.engine.products import Product, plan_products
from neurograph.engine.stack import TILE
from neurograph.engine.updates import Memory, Rule
from neurograph.errors import OptionError, shown
from neurograph.functions import Loss
from neurograph.walk.tables import Samples

MANY_EDGES = 100_000  # from here on a tile of samples is work enough for a thread
MOST_EDGES_BY_POINT = 20_000  # beyond that, one point goes as a batch of one, dense blocks as products


class NumbaBackend(Backend):
    """Compiled loops; they release the interpreter's lock, so that threads run side by side."""

    name = "numba"

    def __init__(self, layout: Layout, dtype: type[np.floating[Any]]) -> None:
        super().__init__(layout, dtype)
        codes = function_codes(layout)
        if codes is None:
            own = next(row.name for row in layout.functions if row.name not in scalars.FUNCTIONS)
            raise OptionError(
                f"the activation {shown(own)} is your own",
                code="unknown-to-backend",
                where="backend",
                expected="built-in activations for the backend 'numba'",
                fix="use the backend 'numpy', or 'auto'",
            )
        self._function = codes
        self._fan = fan_out(layout)
        self._fan_starts = self._fan.starts.astype(np.uint64)
        self._offsets = layout.offsets.astype(np.uint64)
        self._fan_edges = self._fan.edges.view(np.uint32)
        self._fan_targets = layout.targets[self._fan.edges].view(np.uint32)
        self._output_number = np.full(len(layout.neurons), -1, dtype=np.int32)
        self._output_number[layout.outputs] = np.arange(len(layout.outputs))
        self._outputs = layout.outputs.astype(np.uint32)
        self._no_room = np.empty((0, 0), dtype)
        computing = np.flatnonzero(codes >= 0)
        self._computing_rows = computing.astype(np.uint32)
        self._starts = np.append(layout.offsets[computing], len(layout.sources)).astype(np.uint64)
        self._sources = layout.sources.view(np.uint32)
        products = plan_products(layout)
        self._segments = tuple(_segments(layout, products.steps))
        self._cleared = products.cleared
        if len(layout.sources) >= MANY_EDGES and not layout.blocks:
            self.lanes, self._two_teams = TILE, True

    def forward(self, weights: Array, rows: Scratch) -> None:
        for first, last, product in self._segments:
            if product is None:
                kernels.forward_lanes(
                    first, last, self._function, self._offsets, self._sources, weights,
                    rows.values, rows.slopes, rows.adjoints,
                )  # fmt: skip
            else:
                product.forward(weights, rows)
                kernels.apply_functions(first, last, self._function, rows.adjoints, rows.values, rows.slopes)

    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array, *, empty: bool) -> None:
        fresh = not self.layout.blocks
        if not fresh:  # blocks write to rows of several segments
            rows.adjoints[self._cleared] = 0.0
        for first, last, product in reversed(self._segments):
            kernels.backward_lanes(
                first, last, self._function, self._output_number, self._fan_starts, self._fan_edges,
                self._fan_targets, weights, rows.values, rows.slopes, rows.adjoints, owns, gradient, fresh,
            )  # fmt: skip
            if product is not None:
                product.backward(weights, rows, gradient, empty=empty)

    def train(
        self, weights: Array, X: Samples, Y: Samples, rows: NDArray[np.int64], batch_size: int,
        loss: Loss, rule: Rule, memory: Memory, rates: Array, total: float = 0.0,
    ) -> float:  # fmt: skip
        """Go through some rows once; points one by one, as a whole epoch inside the compiled loop."""
        small = len(weights) <= MOST_EDGES_BY_POINT or not self.layout.blocks
        if batch_size > 1 or not small:
            return super().train(weights, X, Y, rows, batch_size, loss, rule, memory, rates, total)
        layout, neurons = self.layout, len(self.layout.neurons)
        values, slopes, adjoints, owns = (np.zeros(neurons, self.dtype) for _ in range(4))
        values[layout.biases] = 1.0
        point = (
            rows, np.asarray(X), np.asarray(Y),
            layout.inputs, self._outputs, self._output_number >= 0,
            self._computing_rows, self._function, self._starts, self._sources,
            layout.trainable, weights, values, slopes, adjoints, owns,
            scalars.LOSS_NAMES.index(loss.name), np.asarray(rates, np.float64), float(total),
        )  # fmt: skip
        gradient = weights[:0] if rule.is_plain else np.zeros_like(weights)
        numbers = (rule.kind, *rule.numbers, rule.weight_decay, rule.clip_norm)
        total, done = kernels.train_points(
            *point, numbers, gradient, memory.first, memory.second, memory.steps
        )
        memory.steps += 0 if rule.is_plain else done
        if done < len(rows):
            raise Diverged(int(done))
        return float(total)

    def change(self, rule: Rule, weights: Array, gradient: Array, memory: Memory, rate: float) -> None:
        """Do it in one pass, without arrays in between."""
        memory.steps += 1
        if rule.is_plain and self.layout.all_trainable:
            kernels.descend(weights, gradient, self.dtype(rate))
        else:
            numbers = (rule.kind, *rule.numbers, rule.weight_decay, rule.clip_norm)
            kernels.change_weights(
                numbers, weights, gradient, self.layout.trainable, memory.first, memory.second,
                memory.steps, rate,
            )  # fmt: skip

    def _require_finite(self, rows: Scratch, start: int) -> None:
        if not math.isfinite(kernels.sum_of_rows(self._computing_rows, rows.adjoints)):
            super()._require_finite(rows, start)

    def _measure_loss(
        self, rows: Scratch, Y: Array, loss: Loss, owns: Array | None = None, samples: int = 1
    ) -> float:
        return float(
            kernels.loss_of_lanes(
                scalars.LOSS_NAMES.index(loss.name), self._outputs, self._function, Y, samples,
                rows.values, rows.adjoints, self._no_room if owns is None else owns,
            )
        )  # fmt: skip

    def _all_finite(self, numbers: Array) -> bool:
        return math.isfinite(kernels.sum_of(numbers)) or super()._all_finite(numbers)


def _segments(layout: Layout, products: tuple[Product, ...]) -> Iterator[tuple[int, int, Product | None]]:
    """Divide all neurons into dense blocks and the ranges between them."""
    done = 0
    for product in products:
        first, last = product.block.first, product.block.last
        if first > done:
            yield done, first, None
        yield first, last, product
        done = last
    if done < len(layout.neurons):
        yield done, len(layout.neurons), None
