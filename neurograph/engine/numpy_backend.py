"""The backend that always works: whole levels as array operations; a single point on plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array, Backend, Scratch
from neurograph.engine.layout import Block, Layout, fan_out
from neurograph.engine.points import PointTrainer
from neurograph.engine.updates import Memory, Rule
from neurograph.functions import Activation, Loss

Index = Any  # a slice where the rows stand together, an array of indices otherwise
MOST_EDGES_BY_POINT = 600  # plain numbers are faster up to here


@dataclass(frozen=True)
class _Gather:
    """Some neurons, and the edges whose products they sum; ``starts`` is where each neuron's begin."""

    neurons: Index
    edges: Index
    others: NDArray[np.integer[Any]]
    starts: NDArray[np.integer[Any]]


@dataclass(frozen=True)
class _Level:
    """What happens in one level: sums over loose edges, matrix products, then the functions."""

    loose: _Gather | None
    blocks: tuple[Block, ...]
    functions: tuple[tuple[Index, Activation], ...]
    fan: _Gather | None
    computing: Index


class NumpyBackend(Backend):
    """Goes forward level by level, and backward with the neurons of a level as sources."""

    name = "numpy"

    def __init__(self, layout: Layout, dtype: type[np.floating[Any]]) -> None:
        super().__init__(layout, dtype)
        self._levels = _plan_levels(layout)
        self._is_output = np.isin(np.arange(len(layout.neurons)), layout.outputs)
        self._points: PointTrainer | None = None

    def forward(self, weights: Array, rows: Scratch) -> None:
        values, z = rows.values, rows.blames
        with np.errstate(all="ignore"):
            for level in self._levels:
                if level.loose is not None:
                    z[level.loose.neurons] = _gathered_sum(weights, values, level.loose)
                for block in level.blocks:
                    z[block.first : block.last] = block.matrix(weights) @ values[_sources(block)]
                for neurons, function in level.functions:
                    there = z[neurons]
                    values[neurons] = function.f(there)
                    rows.slopes[neurons] = function.df(there)

    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array) -> None:
        deltas = rows.blames
        deltas[~self._is_output] = 0.0
        with np.errstate(all="ignore"):
            for level in reversed(self._levels):
                if level.fan is not None:
                    self._hand_back(weights, rows, level.fan, gradient)
                deltas[level.computing] *= rows.slopes[level.computing]
                self._add_owns(deltas, owns, level)
                for block in level.blocks:
                    there = deltas[block.first : block.last]
                    deltas[_sources(block)] += block.matrix(weights).T @ there
                    block.matrix(gradient)[:] += there @ rows.values[_sources(block)].T

    def train(
        self, weights: Array, X: Array, Y: Array, rows: NDArray[np.int64], batch_size: int,
        loss: Loss, rule: Rule, memory: Memory, rates: Array,
    ) -> float:  # fmt: skip
        """Go through some rows once; points one by one go on plain numbers while the network is small."""
        points = self._point_trainer() if batch_size == 1 and self.dtype is np.float64 else None
        if points is None:
            return super().train(weights, X, Y, rows, batch_size, loss, rule, memory, rates)
        return points.train(weights, X, Y, rows, loss, rule, memory, rates)

    def _point_trainer(self) -> PointTrainer | None:
        if self._points is None and len(self.layout.sources) <= MOST_EDGES_BY_POINT:
            self._points = PointTrainer.of(self.layout)
        return self._points

    def _hand_back(self, weights: Array, rows: Scratch, fan: _Gather, gradient: Array) -> None:
        """Let the sources of a level take what their targets hand back, and each edge its gradient."""
        there = rows.blames[fan.others]
        counts = np.diff(np.append(fan.starts, len(fan.others)))
        values = np.repeat(rows.values[fan.neurons], counts, axis=0)
        gradient[fan.edges] += np.einsum("el,el->e", values, there)
        rows.blames[fan.neurons] += np.add.reduceat(weights[fan.edges][:, None] * there, fan.starts, axis=0)

    def _add_owns(self, deltas: Array, owns: Array, level: _Level) -> None:
        for k, j in enumerate(self.layout.outputs):
            if _contains(level.computing, int(j)):
                deltas[j] += owns[k]


def _gathered_sum(weights: Array, values: Array, gather: _Gather) -> Array:
    products = weights[gather.edges][:, None] * values[gather.others]
    sums: Array = np.add.reduceat(products, gather.starts, axis=0)
    return sums


def _sources(block: Block) -> slice:
    return slice(block.first_source, block.last_source)


def _plan_levels(layout: Layout) -> list[_Level]:
    fan = fan_out(layout)
    in_block = np.zeros(len(layout.neurons), dtype=bool)
    for block in layout.blocks:
        in_block[block.first : block.last] = True
    levels = []
    for first, last in zip(layout.level_starts[:-1].tolist(), layout.level_starts[1:].tolist(), strict=True):
        here = np.arange(first, last)
        computing = here[layout.activation[first:last] >= 0]
        loose = computing[~in_block[computing]]
        sending = here[fan.starts[here + 1] > fan.starts[here]]
        levels.append(
            _Level(
                loose=_gather_in(layout, loose) if loose.size else None,
                blocks=tuple(block for block in layout.blocks if first <= block.first < last),
                functions=tuple(_by_function(layout, computing)),
                fan=_gather_out(layout, fan.starts, fan.edges, sending) if sending.size else None,
                computing=_compact(computing),
            )
        )
    return levels


def _gather_in(layout: Layout, neurons: NDArray[np.int64]) -> _Gather:
    lengths = layout.offsets[neurons + 1] - layout.offsets[neurons]
    edges = np.concatenate([np.arange(layout.offsets[j], layout.offsets[j + 1]) for j in neurons.tolist()])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return _Gather(_compact(neurons), _compact(edges), layout.sources[edges], starts)


def _gather_out(
    layout: Layout, starts: NDArray[np.int64], edges: NDArray[np.int32], neurons: NDArray[np.int64]
) -> _Gather:
    chosen = np.concatenate([edges[starts[i] : starts[i + 1]] for i in neurons.tolist()])
    lengths = starts[neurons + 1] - starts[neurons]
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return _Gather(_compact(neurons), _compact(chosen), layout.targets[chosen], begins)


def _by_function(layout: Layout, computing: NDArray[np.int64]) -> list[tuple[Index, Activation]]:
    found = layout.activation[computing]
    return [(_compact(computing[found == f]), layout.functions[f]) for f in np.unique(found).tolist()]


def _compact(indices: NDArray[np.integer[Any]]) -> Index:
    """Turn indices that stand together into a slice, which needs no copy."""
    if indices.size and (np.diff(indices) == 1).all():
        return slice(int(indices[0]), int(indices[-1]) + 1)
    return indices


def _contains(index: Index, j: int) -> bool:
    return index.start <= j < index.stop if isinstance(index, slice) else bool((index == j).any())
