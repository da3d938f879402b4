"""The backend that always works: whole levels as array operations; a single point on plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.grouping import Ints
from neurograph.engine.lanes import Array, Backend, Index, Scratch, compact
from neurograph.engine.layout import Layout, fan_out
from neurograph.engine.points import PointTrainer
from neurograph.engine.products import Product, plan_products
from neurograph.engine.updates import Memory, Rule
from neurograph.functions import Activation, Loss
from neurograph.walk.tables import Samples

MOST_EDGES_BY_POINT = 600  # plain numbers are faster up to here
MANY_RUNS, FEW_EDGES = 4, 1000  # of the sums of a level: one go over all edges is faster than run by run


@dataclass(frozen=True)
class _Sums:
    """The loose edges of some neurons of one level, the neurons with most edges first.

    ``edges`` has the first edge of each neuron, then the second of each that has two, and so on;
    ``others`` are the neurons at their other ends. A run ``(start, end, width)`` is a part of them that
    is a matrix: one row after another for the same first ``width`` neurons. ``owners`` says for each edge
    which of the neurons it is, where there are so many short runs that one go over all edges is faster.
    """

    neurons: Index
    edges: NDArray[np.integer[Any]]
    others: Ints
    runs: tuple[tuple[int, int, int], ...]
    owners: NDArray[np.intp] | None


@dataclass(frozen=True)
class _Level:
    """What happens in one level: sums over loose edges, matrix products, then the functions."""

    incoming: _Sums | None
    products: tuple[Product, ...]
    functions: tuple[tuple[Index, Activation], ...]
    outgoing: _Sums | None
    computing: Index
    outputs: tuple[NDArray[np.intp], NDArray[np.int32]]  # their numbers, and their neurons


class NumpyBackend(Backend):
    """Goes forward level by level, and backward with the neurons of a level as sources."""

    name = "numpy"

    def __init__(self, layout: Layout, dtype: type[np.floating[Any]]) -> None:
        super().__init__(layout, dtype)
        products = plan_products(layout)
        self._levels = _plan_levels(layout, products.steps)
        self._cleared = products.cleared
        self._points: PointTrainer | None = None

    def forward(self, weights: Array, rows: Scratch) -> None:
        values, z = rows.values, rows.adjoints
        for level in self._levels:
            if sums := level.incoming:  # z_j = Σ_i w_ij · y_i
                z[sums.neurons] = _weighted_sums(weights, values[sums.others], sums)
            for product in level.products:
                product.forward(weights, rows)
            for neurons, function in level.functions:
                there = z[neurons]
                values[neurons] = function.f(there)
                rows.slopes[neurons] = function.df(there)

    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array, *, empty: bool) -> None:
        deltas = rows.adjoints
        deltas[self._cleared] = 0.0
        for level in reversed(self._levels):
            if sums := level.outgoing:
                there = deltas[sums.others]
                gradient[sums.edges] += _products(rows.values[sums.neurons], there, sums)
                deltas[sums.neurons] += _weighted_sums(weights, there, sums)
            deltas[level.computing] *= rows.slopes[level.computing]
            numbers, neurons = level.outputs
            if numbers.size:
                deltas[neurons] += owns[numbers]
            for product in reversed(level.products):
                product.backward(weights, rows, gradient, empty=empty)

    def train(
        self, weights: Array, X: Samples, Y: Samples, rows: NDArray[np.int64], batch_size: int,
        loss: Loss, rule: Rule, memory: Memory, rates: Array, total: float = 0.0,
    ) -> float:  # fmt: skip
        """Go through some rows once; points one by one go on plain numbers while the network is small."""
        points = self._point_trainer() if batch_size == 1 and self.dtype is np.float64 else None
        if points is None:
            return super().train(weights, X, Y, rows, batch_size, loss, rule, memory, rates, total)
        return points.train(weights, X, Y, rows, loss, rule, memory, rates, total)

    def _point_trainer(self) -> PointTrainer | None:
        if self._points is None and len(self.layout.sources) <= MOST_EDGES_BY_POINT:
            self._points = PointTrainer.of(self.layout)
        return self._points


def _weighted_sums(weights: Array, others: Array, sums: _Sums) -> Array:
    """Add weight times row for each neuron, its edges from left to right; ``others`` is used up."""
    others *= weights[sums.edges][:, None]
    total = _sum_of_rows(others, *sums.runs[0])
    for start, end, width in sums.runs[1:]:
        if end - start == width:
            total[:width] += others[start:end]
        else:
            others[start : start + width] += total[:width]
            total[:width] = _sum_of_rows(others, start, end, width)
    return total


def _sum_of_rows(others: Array, start: int, end: int, width: int) -> Array:
    """Add the rows of a run from left to right."""
    rows = others[start:end].reshape(-1, width, others.shape[1])
    total: Array = rows[0]
    if len(rows) > 1:  # reduce goes from left to right as long as there is another axis
        total = np.add.accumulate(rows)[-1] if total.size == 1 else np.add.reduce(rows)
    return total


def _products(values: Array, others: Array, sums: _Sums) -> Array:
    """Sum value times other over the lanes, for each edge."""
    if sums.owners is not None:
        found: Array = np.einsum("el,el->e", values[sums.owners], others)
        return found
    found = np.empty(len(others), others.dtype)
    for start, end, width in sums.runs:
        rows = others[start:end].reshape(-1, width, others.shape[1])
        np.einsum("nl,enl->en", values[:width], rows, out=found[start:end].reshape(-1, width))
    return found


def _plan_levels(layout: Layout, products: tuple[Product, ...]) -> list[_Level]:
    fan = fan_out(layout)
    loose = layout.activation >= 0
    of_level: dict[int, list[Product]] = {}
    level_of = np.searchsorted(layout.level_starts, np.arange(len(layout.neurons)), side="right") - 1
    for product in products:
        loose[product.neurons] = False
        of_level.setdefault(int(level_of[product.block.first]), []).append(product)
    by_level = np.argsort(level_of[layout.outputs], kind="stable")
    bounds = np.searchsorted(level_of[layout.outputs][by_level], np.arange(len(layout.level_starts)))
    levels = []
    for i, (first, last) in enumerate(pairwise(layout.level_starts.tolist())):
        here = np.arange(first, last)
        computing = here[layout.activation[first:last] >= 0]
        its_outputs = by_level[bounds[i] : bounds[i + 1]]
        levels.append(
            _Level(
                incoming=_sums(here[loose[first:last]], layout.offsets, None, layout.sources),
                products=tuple(of_level.get(i, ())),
                functions=tuple(_by_function(layout, computing)),
                outgoing=_sums(here, fan.starts, fan.edges, layout.targets),
                computing=compact(computing),
                outputs=(its_outputs, layout.outputs[its_outputs]),
            )
        )
    return levels


def _sums(
    neurons: NDArray[np.int64], starts: NDArray[np.int64], edges: Ints | None, ends: Ints
) -> _Sums | None:
    """Plan the sums over the edges that ``starts`` gives each neuron: places, or places in ``edges``."""
    counts = starts[neurons + 1] - starts[neurons]
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    neurons, counts = neurons[order], counts[order]
    places, runs, done, depth = [], [], 0, 0
    for count in sorted(set(counts.tolist())):
        width = int(np.count_nonzero(counts >= count))
        places.append((starts[neurons[:width]] + np.arange(depth, count)[:, None]).ravel())
        runs.append((done, done + places[-1].size, width))
        done, depth = runs[-1][1], count
    if not runs:
        return None
    chosen: NDArray[np.integer[Any]] = np.concatenate(places)
    if edges is not None:
        chosen = edges[chosen]
    owners = None
    if len(runs) >= MANY_RUNS and len(chosen) <= FEW_EDGES:
        owners = np.concatenate([np.tile(np.arange(w), (end - start) // w) for start, end, w in runs])
    return _Sums(compact(neurons), chosen, ends[chosen], tuple(runs), owners)


def _by_function(layout: Layout, computing: NDArray[np.int64]) -> list[tuple[Index, Activation]]:
    found = layout.activation[computing]
    names = sorted(set(found.tolist()))
    if len(names) == 1:
        return [(compact(computing), layout.functions[names[0]])]
    return [(compact(computing[found == f]), layout.functions[f]) for f in names]
