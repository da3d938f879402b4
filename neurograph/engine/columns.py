"""A graph read once, neuron by neuron and edge by edge, into columns.

What a large graph costs is cold memory. So the attributes of an edge are visited once, those of some
edges at a time, and edges go by source or by target, whichever way neighbours lie close together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from operator import countOf, index, methodcaller
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.grouping import Ints, stable_order
from neurograph.functions import ACTIVATIONS
from neurograph.network.schema import BIAS, INPUT, KINDS, OUTPUT, Net, Neuron, as_text, source_adjacency

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Attributes = Mapping[str, Any]
Groups = Sequence[Mapping[Any, Attributes]]  # for each neuron its neighbours, with the edges' attributes
COMPUTE_NOTHING = (INPUT, BIAS)
_CHUNK = 1024  # edges whose attributes stay in the cache while they are looked at again
_attributes_of: Callable[[Any], Iterable[Attributes]] = methodcaller("values")


class Doubtful(Exception):  # noqa: N818 - a signal between reader and door, never the user's
    """Something is not obviously sound; the rules must say whether it is an error."""


@dataclass(frozen=True)
class NeuronColumns:
    """The neurons in the order of ``net.nodes``.

    ``kinds`` are places in ``KINDS``; ``names`` those of the activations, None where nothing is computed.
    """

    keys: list[Neuron]
    kinds: NDArray[np.int8]
    names: list[str | None]

    def are(self, kind: str) -> Bools:
        """Say of each neuron whether it is of a kind."""
        return np.equal(self.kinds, KINDS.index(kind))


@dataclass(frozen=True)
class EdgeColumns:
    """The edges grouped by source, sources in the order of ``net.nodes``, targets of one source in any.

    ``source`` and ``target`` are places in the column of keys.
    """

    source: Ints
    target: Ints
    weights: Floats
    trainable: Bools


def read_neurons(net: Net, *, validated: bool) -> NeuronColumns:
    """Read kinds and activations; before the network is validated, they must be obviously sound."""
    attributes = [attributes for _, attributes in net.nodes(data=True)]
    kinds = [found.get("kind") for found in attributes]
    names = [found.get("activation") for found in attributes]
    if validated:
        kinds = list(map(as_text, kinds))
        names = [
            None if kind in COMPUTE_NOTHING else as_text(name)
            for kind, name in zip(kinds, names, strict=True)
        ]
    elif not _obviously_sound(kinds, names):
        raise Doubtful
    code = {kind: i for i, kind in enumerate(KINDS)}
    return NeuronColumns(
        list(net), np.fromiter(map(code.__getitem__, kinds), dtype=np.int8, count=len(kinds)), names
    )


def _obviously_sound(kinds: list[Any], names: list[Any]) -> bool:
    """Say whether all kinds and names are plain texts of the tables, and there is an input and an output."""
    if set(map(type, kinds)) != {str} or not set(map(type, names)) <= {str, type(None)}:
        return False
    found = set(zip(kinds, names, strict=True))
    return {INPUT, OUTPUT} <= {kind for kind, _ in found} and all(
        name is None if kind in COMPUTE_NOTHING else kind in KINDS and name in ACTIVATIONS
        for kind, name in found
    )


def read_edges(net: Net, keys: list[Neuron], *, validated: bool) -> EdgeColumns:
    """Read the edges; before the network is validated, weights and flags must be obviously sound."""
    outgoing = [edges for _, edges in net.adjacency()]
    incoming = _if_closer_together(outgoing, net)
    if incoming is None:
        return EdgeColumns(*_read_groups(keys, outgoing, validated))
    target, source, weights, trainable = _read_groups(keys, incoming, validated)
    order = stable_order(source)
    return EdgeColumns(source[order], target[order], weights[order], trainable[order])


def _if_closer_together(outgoing: Groups, net: Net) -> Groups | None:
    """Return the edges by target where their attributes lie closer together in memory than by source.

    They do in a graph that was built so, neuron by neuron. Nothing but the speed depends on this.
    """
    if sum(map(len, outgoing)) <= _CHUNK:
        return None
    incoming = [edges for _, edges in source_adjacency(net)]
    return incoming if _stride(incoming) < _stride(outgoing) else None


def _stride(groups: Groups) -> float:
    """Estimate how far apart in memory the attributes of neighbouring edges lie."""
    starts = range(0, len(groups), 1 + len(groups) // 20)
    runs = (chain.from_iterable(map(_attributes_of, groups[i : i + 20])) for i in starts)
    places = [[id(attributes) for attributes in islice(run, 20)] for run in runs]
    return median([abs(there - here) for run in places for here, there in pairwise(run)] or [0])


def _read_groups(keys: list[Neuron], groups: Groups, validated: bool) -> tuple[Ints, Ints, Floats, Bools]:
    """Read this end and the other end of each edge, its weight, and whether it is trainable."""
    counts = np.fromiter(map(len, groups), dtype=np.int64, count=len(groups))
    total = int(counts.sum())
    this = np.repeat(np.arange(len(groups), dtype=np.int32), counts)
    weights, trainable = np.empty(total), np.ones(total, dtype=bool)
    edges = chain.from_iterable(map(_attributes_of, groups))
    for first in range(0, total, _CHUNK):
        some = list(islice(edges, _CHUNK))
        weights[first : first + _CHUNK] = _weights(some, validated)
        if sum(map(len, some)) > len(some):  # more than a weight each
            trainable[first : first + _CHUNK] = _flags(some, validated)
    if not np.isfinite(weights).all():
        raise Doubtful
    return this, _places(keys, groups, total), weights, trainable


def _weights(edges: list[Attributes], validated: bool) -> list[float]:
    weights = [attributes.get("weight") for attributes in edges]
    if countOf(map(type, weights), float) == len(weights):
        return weights  # type: ignore[return-value]  # none of them is None
    if not validated:
        raise Doubtful
    return list(map(float, weights))  # type: ignore[arg-type]


def _flags(edges: list[Attributes], validated: bool) -> list[bool]:
    flags = [attributes.get("trainable", True) for attributes in edges]
    if not validated and set(map(type, flags)) != {bool}:
        raise Doubtful
    return flags


def _places(keys: list[Neuron], groups: Groups, total: int) -> Ints:
    """Find the place among the keys of the other end of each edge."""
    places = _places_of_integers(keys, groups, total) if set(map(type, keys)) == {int} else None
    if places is not None:
        return places
    place = {key: i for i, key in enumerate(keys)}
    return np.fromiter(map(place.__getitem__, chain.from_iterable(groups)), dtype=np.int32, count=total)


def _places_of_integers(keys: Any, groups: Groups, total: int) -> Ints | None:
    """Do the same by a table, where the keys are integers close together; None where that does not go."""
    first, last = min(keys), max(keys)
    if last - first > 4 * len(keys):
        return None
    try:
        ends = np.fromiter(map(index, chain.from_iterable(groups)), dtype=np.int64, count=total)
        numbers = np.array(keys, dtype=np.int64)
    except (TypeError, OverflowError):  # an end that only equals its key, such as 3.0; or beyond 64 bits
        return None
    place = np.zeros(last - first + 1, dtype=np.int32)
    place[numbers - first] = np.arange(len(keys))
    places: Ints = place[ends - first]
    return places
