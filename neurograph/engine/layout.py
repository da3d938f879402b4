"""A network as flat arrays: neurons renumbered level by level, edges grouped by target.

This is all that a backend sees. It is made once, at the door, and never follows later edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neurograph.functions import ACTIVATIONS, Activation
from neurograph.network.layering import level_of_each, order_as_far_as_possible
from neurograph.network.schema import BIAS, INPUT, KINDS, OUTPUT, Edge, Net, Neuron
from neurograph.network.validation import validate

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
_DEEPEST_BY_FRONTIER = 2000  # levels; the walk over single neurons is faster beyond
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


def read_layout(net: Net) -> Layout:
    """Check a network and lay it out.

    Raises
    ------
    InvalidNetworkError
        If the network has errors; every one is listed.
    """
    if _is_plain(net) and (columns := _Columns(net)).obviously_sound:
        level = columns.levels()
        if level is not None:
            return columns.layout(level)
    validate(net)  # raises, or finds nothing worse than a weight that is an integer
    columns = _Columns(net)
    level = columns.levels()
    assert level is not None  # there is no cycle
    return columns.layout(level)


def _is_plain(net: object) -> bool:
    """Whether reading columns cannot fail; anything else goes to ``validate`` first."""
    return isinstance(net, nx.DiGraph) and not net.is_multigraph() and len(net) > 0


class _Columns:
    """A graph read column by column, in the order of ``net.nodes`` and ``net.edges``."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.keys = list(net)
        rank = {neuron: i for i, neuron in enumerate(self.keys)}
        self.kinds = [attributes.get("kind") for _, attributes in net.nodes(data=True)]
        self.names = [attributes.get("activation") for _, attributes in net.nodes(data=True)]
        targets = [edges for _, edges in net.adjacency()]
        counts = np.fromiter(map(len, targets), dtype=np.int64, count=len(targets))
        total = int(counts.sum())
        self.source = np.repeat(np.arange(len(self.keys)), counts)
        self.target = np.fromiter(
            map(rank.__getitem__, chain.from_iterable(targets)), dtype=np.int64, count=total
        )
        attributes = [data for edges in targets for data in edges.values()]
        try:
            self.raw_weights = [data["weight"] for data in attributes]
        except KeyError:
            self.raw_weights = [data.get("weight") for data in attributes]
        weights_only = sum(map(len, attributes)) == total  # a weight on each edge, then, and no flag
        self.flags = [True] if weights_only else [data.get("trainable", True) for data in attributes]

    @property
    def obviously_sound(self) -> bool:
        """Whether no rule can find an error; False only means that ``validate`` must look."""
        return (
            set(map(type, self.kinds)) == {str}
            and set(self.kinds) <= set(KINDS)
            and {INPUT, OUTPUT} <= set(self.kinds)
            and self._functions_are_sound()
            and set(map(type, self.raw_weights)) <= {float}
            and bool(np.isfinite(self.weights).all())
            and set(map(type, self.flags)) <= {bool}
            and bool((self.source != self.target).all())
            and bool((self._is_source == (self._fan_in == 0)).all())
        )

    @cached_property
    def weights(self) -> Floats:
        """The weights as an array, once all of them are known to be numbers."""
        return np.array(self.raw_weights, dtype=np.float64)

    def _functions_are_sound(self) -> bool:
        computing = [
            name for name, kind in zip(self.names, self.kinds, strict=True) if kind not in (INPUT, BIAS)
        ]
        others = [name for name, kind in zip(self.names, self.kinds, strict=True) if kind in (INPUT, BIAS)]
        return (
            set(map(type, computing)) == {str}
            and set(computing) <= set(ACTIVATIONS)
            and set(map(type, others)) <= {type(None)}
        )

    @property
    def _is_source(self) -> NDArray[np.bool_]:
        return np.array([kind in (INPUT, BIAS) for kind in self.kinds], dtype=bool)

    @property
    def _fan_in(self) -> NDArray[np.int64]:
        return np.bincount(self.target, minlength=len(self.keys))

    def layout(self, level: NDArray[np.int64]) -> Layout:
        """Renumber and group, given the level of each neuron."""
        order = np.argsort(level, kind="stable")  # new number → rank
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        by_target = np.argsort(number[self.target], kind="stable")  # sources stay in the order of net.nodes
        targets = number[self.target][by_target]
        names = [self.names[i] if self.kinds[i] not in (INPUT, BIAS) else None for i in order]
        functions = tuple(dict.fromkeys(name for name in names if name is not None))
        index = {name: i for i, name in enumerate(functions)} | {None: -1}
        return Layout(
            neurons=[self.keys[i] for i in order],
            activation=np.array([index[name] for name in names], dtype=np.int32),
            functions=tuple(ACTIVATIONS[name] for name in functions),
            offsets=np.searchsorted(targets, np.arange(len(order) + 1)),
            sources=number[self.source][by_target].astype(np.int32),
            targets=targets.astype(np.int32),
            weights=self.weights[by_target],
            trainable=np.broadcast_to(np.array(self.flags, dtype=bool), len(by_target))[by_target],
            level_starts=np.searchsorted(level[order], np.arange(level.max() + 2)).astype(np.int32),
            inputs=self._of_kind(INPUT, number),
            outputs=self._of_kind(OUTPUT, number),
            biases=self._of_kind(BIAS, number),
        )

    def _of_kind(self, kind: str, number: NDArray[np.int64]) -> Ints:
        ranks = [i for i, found in enumerate(self.kinds) if found == kind]
        return number[ranks].astype(np.int32)

    def levels(self) -> NDArray[np.int64] | None:
        """Number the level of each neuron as ``neurograph.levels`` does; None where there is a cycle."""
        level = self._levels_by_frontier()
        return self._levels_one_by_one() if level is None else level

    def _levels_one_by_one(self) -> NDArray[np.int64] | None:
        """Go through the neurons in their topological order, which has no limit of depth."""
        order = order_as_far_as_possible(self.net)
        if len(order) < len(self.keys):
            return None
        found = level_of_each(order, dict(self.net.nodes(data="kind")), dict(self.net.adjacency()))
        return np.fromiter((found[key] for key in self.keys), dtype=np.int64, count=len(self.keys))

    def _levels_by_frontier(self) -> NDArray[np.int64] | None:
        """Peel off all neurons that wait for nothing, level after level, with whole arrays.

        None where that is not the way: a very deep network, a cycle, or a hidden neuron that no input
        reaches.
        """
        count = len(self.keys)
        starts = np.searchsorted(self.source, np.arange(count + 1))
        waiting, fed = self._fan_in, np.array([kind == INPUT for kind in self.kinds])
        level = np.full(count, -1, dtype=np.int64)
        frontier = np.flatnonzero(waiting == 0)
        for depth in range(_DEEPEST_BY_FRONTIER):
            level[frontier] = depth
            edges = _ranges(starts[frontier], starts[frontier + 1] - starts[frontier])
            targets = self.target[edges]
            fed[targets[fed[self.source[edges]]]] = True
            np.subtract.at(waiting, targets, 1)
            frontier = np.unique(targets[waiting[targets] == 0])
            if not frontier.size:
                break
        biases = np.array([kind == BIAS for kind in self.kinds])
        if (level < 0).any() or not (fed | biases).all():
            return None
        earliest = np.full(count, count, dtype=np.int64)
        np.minimum.at(earliest, self.source, level[self.target])
        level[biases] = np.where(earliest < count, earliest - 1, 0)[biases]
        return level


def _ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the ranges that begin at ``starts``, each as long as its length."""
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - ends + lengths, lengths)
    return np.arange(len(shift)) + shift


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


def weights_by_edge(layout: Layout, weights: Floats) -> Mapping[Edge, float]:
    """Map each edge to its weight, for the walk."""
    return dict(zip(layout.edges, weights.tolist(), strict=True))


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
    edges = edges[np.argsort(layout.sources[edges], kind="stable")]
    starts = np.searchsorted(layout.sources[edges], np.arange(len(layout.neurons) + 1))
    return Fan(starts, edges.astype(np.int32))
