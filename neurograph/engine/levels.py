"""The level of each neuron, from columns: the same as ``neurograph.levels`` says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.columns import Bools, EdgeColumns, NeuronColumns
from neurograph.engine.grouping import Ints, joined_ranges, starts_of
from neurograph.network.schema import INPUT

Numbers = NDArray[np.int64]  # one for each neuron
EDGES_WORTH_A_LEVEL = 300  # array operations on one level cost as much as a walk over so many edges


def level_of_each(neurons: NeuronColumns, edges: EdgeColumns) -> Numbers | None:
    """Number the level of each neuron: the longest path to it; None where there is a cycle.

    A neuron that no input reaches, such as a bias neuron, stands just before the first that it feeds.
    """
    starts = starts_of(edges.source, len(neurons.keys))
    waiting = np.bincount(edges.target, minlength=len(neurons.keys))
    fed = neurons.are(INPUT)
    level = _by_frontier(starts, edges.target, waiting.copy(), fed)
    if level is None:
        level = _one_by_one(starts, edges.target, waiting, fed)
    if level is not None:
        _move_unfed(level, starts, edges.target, fed)
    return level


def _by_frontier(starts: Numbers, target: Ints, waiting: Numbers, fed: Bools) -> Numbers | None:
    """Peel off all neurons that wait for nothing, level after level, with whole arrays.

    None where there is a cycle, or where too few edges leave a level for that to pay. What an input
    reaches is marked in ``fed``.
    """
    level = np.full(len(waiting), -1, dtype=np.int64)
    frontier: NDArray[np.integer[Any]] = np.flatnonzero(waiting == 0)
    depth = 0
    surplus = min(len(target) - EDGES_WORTH_A_LEVEL, 20 * EDGES_WORTH_A_LEVEL)
    while frontier.size and surplus >= 0:
        level[frontier] = depth
        counts = starts[frontier + 1] - starts[frontier]
        targets = target[joined_ranges(starts[frontier], counts)]
        fed[targets[np.repeat(fed[frontier], counts)]] = True
        np.subtract.at(waiting, targets, 1)
        frontier, depth = np.unique(targets[waiting[targets] == 0]), depth + 1
        surplus += len(targets) - EDGES_WORTH_A_LEVEL
    return level if (level >= 0).all() else None


def _one_by_one(starts: Numbers, target: Ints, waiting: Numbers, fed: Bools) -> Numbers | None:
    """Do the same neuron by neuron; None where there is a cycle."""
    bounds, left, reached = starts.tolist(), waiting.tolist(), fed.tolist()
    level = [0] * len(left)
    order = [i for i, count in enumerate(left) if not count]
    for i in order:  # grows while it is walked
        after, fed_on = level[i] + 1, reached[i]
        for j in target[bounds[i] : bounds[i + 1]].tolist():
            if level[j] < after:
                level[j] = after
            if fed_on:
                reached[j] = True
            left[j] -= 1
            if not left[j]:
                order.append(j)
    fed[:] = reached
    return np.array(level) if len(order) == len(level) else None


def _move_unfed(level: Numbers, starts: Numbers, target: Ints, fed: Bools) -> None:
    """Let each neuron that no input reaches stand just before the first that it feeds."""
    moved = np.flatnonzero(~fed & (np.diff(starts) > 0))
    moved = moved[np.argsort(-level[moved])]  # what it feeds moves before it
    found, bounds = level.tolist(), starts.tolist()
    for i in moved.tolist():
        found[i] = min(map(found.__getitem__, target[bounds[i] : bounds[i + 1]].tolist())) - 1
    level[:] = found
