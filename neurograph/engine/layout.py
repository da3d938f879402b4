"""A network as flat arrays: neurons renumbered level by level, edges grouped by target.

This is all that a backend sees. ``engine.door`` makes it once, and it never follows later edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.grouping import Ints, stable_order, starts_of
from neurograph.functions import Activation
from neurograph.network.schema import Edge, Neuron

Floats = NDArray[np.float64]
SMALLEST_DENSE_BLOCK = 256  # edges; below that a matrix product costs more than the loop


@dataclass(frozen=True)
class Block:
    """Consecutive neurons of one level that take the same consecutive sources: a matrix product."""

    first: int
    last: int
    first_source: int
    last_source: int
    first_edge: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.last - self.first, self.last_source - self.first_source

    @property
    def last_edge(self) -> int:
        return self.first_edge + self.shape[0] * self.shape[1]

    def matrix(self, numbers: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """See the block's part of the weights, or of a gradient, as a matrix: a view, not a copy."""
        return numbers[self.first_edge : self.last_edge].reshape(self.shape)


@dataclass(frozen=True)
class Layout:
    """The arrays of one network.

    Parameters
    ----------
    neurons : list
        The keys, level by level, inside a level in the order of ``net.nodes``.
    activation : array of int, one for each neuron
        An index into ``functions``; −1 for inputs and bias neurons.
    functions : tuple of Activation
        The activations that occur.
    offsets : array of int, one more than neurons
        The edges into neuron j are those from ``offsets[j]`` up to ``offsets[j + 1]``.
    sources, targets : array of int, one for each edge
        Both ends as indices of ``neurons``; the sources of a target stand in the order of ``net.nodes``.
    weights : array of float
        One for each edge.
    trainable : array of bool
        One for each edge.
    level_starts : array of int
        The first neuron of each level, and the number of neurons at the end.
    inputs, outputs, biases : array of int
        Indices, in the order of ``net.nodes``.
    """

    neurons: list[Neuron]
    activation: Ints
    functions: tuple[Activation, ...]
    offsets: NDArray[np.int64]
    sources: Ints
    targets: Ints
    weights: Floats
    trainable: NDArray[np.bool_]
    level_starts: Ints
    inputs: Ints
    outputs: Ints
    biases: Ints

    @cached_property
    def all_trainable(self) -> bool:
        """Whether no edge is frozen."""
        return bool(self.trainable.all())

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The dense blocks, in the order of the neurons."""
        return tuple(_dense_blocks(self))

    @property
    def edges(self) -> EdgeView:
        """The edges as pairs of keys, made one by one when asked for."""
        return EdgeView(self)


class EdgeView(Sequence[Edge]):
    """The edges of a layout as pairs of keys; it holds no pairs, so it costs nothing for a large network."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def __len__(self) -> int:
        return len(self._layout.sources)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        layout = self._layout
        return layout.neurons[layout.sources[i]], layout.neurons[layout.targets[i]]

    def __iter__(self) -> Iterator[Edge]:
        layout, key = self._layout, self._layout.neurons.__getitem__
        return zip(map(key, layout.sources.tolist()), map(key, layout.targets.tolist()), strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a list, which has none

    def __repr__(self) -> str:
        return repr(list(self[:10]))[:-1] + (f", … {len(self)} edges]" if len(self) > 10 else "]")


def _dense_blocks(layout: Layout) -> Iterator[Block]:
    """Find runs of neurons with the same consecutive sources, all in one level."""
    counts = np.diff(layout.offsets)
    starts = layout.offsets[:-1]
    first = np.where(counts > 0, layout.sources[np.minimum(starts, len(layout.sources) - 1)], -1)
    gaps = np.concatenate([[0], np.cumsum(np.diff(layout.sources.astype(np.int64)) != 1)])
    ends = np.maximum(layout.offsets[1:] - 1, 0)
    consecutive = (counts > 0) & (gaps[ends] == gaps[np.minimum(starts, len(gaps) - 1)])
    level = np.searchsorted(layout.level_starts, np.arange(len(counts)), side="right")
    same = (
        consecutive[1:] & consecutive[:-1] & (first[1:] == first[:-1]) & (counts[1:] == counts[:-1])
        & (level[1:] == level[:-1])
    )  # fmt: skip
    bounds = np.flatnonzero(np.concatenate([[True], ~same, [True]]))
    for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        width = int(counts[a])
        if consecutive[a] and b - a > 1 and (b - a) * width >= SMALLEST_DENSE_BLOCK:
            yield Block(a, b, int(first[a]), int(first[a]) + width, int(layout.offsets[a]))


def names_of(layout: Layout, indices: Iterable[int]) -> list[Neuron]:
    """Return the keys of some neurons."""
    return [layout.neurons[i] for i in indices]


@dataclass(frozen=True)
class Fan:
    """The edges out of each neuron that no dense block holds, grouped by source.

    ``edges[starts[i] : starts[i + 1]]`` are those out of neuron i, by rising target.
    """

    starts: NDArray[np.int64]
    edges: Ints


def fan_out(layout: Layout) -> Fan:
    """Group the edges outside dense blocks by source."""
    loose = np.ones(len(layout.sources), dtype=bool)
    for block in layout.blocks:
        loose[block.first_edge : block.last_edge] = False
    edges = np.flatnonzero(loose)
    sources = layout.sources[edges]
    return Fan(starts_of(sources, len(layout.neurons)), edges[stable_order(sources)].astype(np.int32))
