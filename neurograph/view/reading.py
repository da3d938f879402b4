"""A graph as a drawing sees it: neurons and edges by number, in columns, whatever stands on them.

Nothing here raises on a ``DiGraph``: what :func:`neurograph.check` can report on can be drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from neurograph.errors import shown
from neurograph.markup import readable
from neurograph.network.findings import ERROR, Finding, Report
from neurograph.network.layering import level_of_each, order_as_far_as_possible
from neurograph.network.schema import (
    BIAS,
    HIDDEN,
    INPUT,
    KINDS,
    Edge,
    Net,
    Neuron,
    as_text,
    require_digraph,
    weight_problem,
)
from neurograph.network.validation import check

CYCLE, SKIP, DEAD, PROBLEM = "cycle", "skip", "dead", "problem"
_MARKS = {"cycle": CYCLE, "self-loop": CYCLE, "not-layered": SKIP, "dead-end": DEAD, "unreachable": DEAD}

Targets = Mapping[Neuron, Iterable[Neuron]]


@dataclass(frozen=True)
class Reading:
    """What a drawing needs of a graph. Neuron i is the i-th of ``net.nodes``, edge k of ``net.edges``."""

    neurons: list[Neuron]
    attributes: list[Mapping[str, Any]]
    edges: list[tuple[int, int]]
    edge_attributes: list[Mapping[str, Any]]
    column: list[int]
    word: str
    report: Report

    @cached_property
    def place(self) -> dict[Neuron, int]:
        """The number of each neuron."""
        return {neuron: i for i, neuron in enumerate(self.neurons)}

    @cached_property
    def edge_place(self) -> dict[Edge, int]:
        """The number of each edge."""
        return {(self.neurons[s], self.neurons[t]): k for k, (s, t) in enumerate(self.edges)}

    @cached_property
    def kinds(self) -> list[str]:
        """The kind of each neuron; one that has none of the four is drawn as a hidden one."""
        found = (as_text(attributes.get("kind")) for attributes in self.attributes)
        return [kind if kind in KINDS else HIDDEN for kind in found]

    @cached_property
    def functions(self) -> list[str]:
        """The name of each neuron's activation as it stands there; empty where there is none."""
        names = (attributes.get("activation") for attributes in self.attributes)
        return ["" if name is None else readable(as_text(name) or shown(name)) for name in names]

    @cached_property
    def weights(self) -> list[float | None]:
        """The weight of each edge; None where it is no finite number."""
        found = (attributes.get("weight") for attributes in self.edge_attributes)
        return [None if weight_problem(weight) else float(weight) for weight in found]  # type: ignore[arg-type]

    @cached_property
    def frozen(self) -> list[bool]:
        """Whether each edge is kept from training."""
        flags = (attributes.get("trainable", True) for attributes in self.edge_attributes)
        return [isinstance(flag, bool | np.bool_) and not flag for flag in flags]

    @cached_property
    def columns(self) -> list[list[int]]:
        """The neurons of each column, in the order of the nodes."""
        groups: list[list[int]] = [[] for _ in range(max(self.column, default=-1) + 1)]
        for i, column in enumerate(self.column):
            groups[column].append(i)
        return groups

    def label(self, i: int) -> str:
        """The text of a neuron's key, made readable: a string as it is, anything else as its repr."""
        return readable(as_text(self.neurons[i]) or shown(self.neurons[i]))

    @cached_property
    def told(self) -> list[tuple[str, Finding]]:
        """The findings that a drawing shows, each with its mark: errors, and what the eye can see."""
        marked = (
            (_MARKS.get(f.code, PROBLEM if f.severity == ERROR else ""), f) for f in self.report.findings
        )
        return [(mark, finding) for mark, finding in marked if mark]

    @cached_property
    def neuron_marks(self) -> dict[int, str]:
        """The mark of each neuron that a finding is about; the first finding decides."""
        marks: dict[int, str] = {}
        for mark, finding in self.told:
            for neuron in finding.neurons if mark != SKIP else ():
                marks.setdefault(self.place[neuron], mark)
        return marks

    @cached_property
    def edge_marks(self) -> dict[int, str]:
        """The mark of each edge that a finding is about, or that skips a column."""
        marks: dict[int, str] = {}
        for mark, finding in self.told:
            for edge in finding.edges if mark != SKIP else ():
                marks.setdefault(self.edge_place[edge], mark)
        dead = {i for i, mark in self.neuron_marks.items() if mark == DEAD}
        for k, (source, target) in enumerate(self.edges):
            if source in dead or target in dead:
                marks.setdefault(k, DEAD)
            elif self.column[target] > self.column[source] + 1:
                marks.setdefault(k, SKIP)
        return marks


def read(net: Net) -> Reading:
    """Read a graph for a drawing.

    Raises
    ------
    InvalidNetworkError
        If it is no ``networkx.DiGraph``.
    """
    require_digraph(net)
    neurons = list(net)
    place = {neuron: i for i, neuron in enumerate(neurons)}
    edges = [(place[s], place[t]) for s, targets in net.adjacency() for t in targets]
    report = check(net)
    number, word = _columns(net, report)
    return Reading(
        neurons,
        [attributes for _, attributes in net.nodes(data=True)],
        edges,
        [attributes for targets in dict(net.adjacency()).values() for attributes in targets.values()],
        [number[neuron] for neuron in neurons],
        word,
        report,
    )


def _columns(net: Net, report: Report) -> tuple[Mapping[Neuron, int], str]:
    """Give each neuron a column: its layer, else its level, else its level without what closes cycles."""
    if report.layering is not None:
        return report.layering, "layer"
    kinds = dict(net.nodes(data="kind"))
    if report.feed_forward:
        return level_of_each(order_as_far_as_possible(net), kinds, dict(net.adjacency())), "level"
    targets, order = _without_cycles(dict(net.adjacency()), kinds)
    return level_of_each(order, kinds, targets), "column"


def _without_cycles(
    targets: Targets, kinds: Mapping[Neuron, object]
) -> tuple[dict[Neuron, list[Neuron]], list[Neuron]]:
    """Leave out what closes cycles and what leads into sources; also a topological order of the rest.

    A walk depth first, from the inputs and bias neurons on: an edge to a neuron of the way that leads
    here closes a cycle.
    """
    sources = {neuron for neuron, kind in kinds.items() if as_text(kind) in (INPUT, BIAS)}
    kept: dict[Neuron, list[Neuron]] = {neuron: [] for neuron in targets}
    seen, on_way, finished = set[Neuron](), set[Neuron](), list[Neuron]()
    for root in sorted(targets, key=lambda neuron: neuron not in sources):
        way = [] if root in seen else [(root, iter(targets[root]))]
        seen.add(root)
        on_way.add(root)
        while way:
            neuron, rest = way[-1]
            target = next(rest, None)  # None is never a neuron in networkx
            if target is None:
                way.pop()
                on_way.discard(neuron)
                finished.append(neuron)
            elif target not in on_way and target not in sources:
                kept[neuron].append(target)
                if target not in seen:
                    seen.add(target)
                    on_way.add(target)
                    way.append((target, iter(targets[target])))
        on_way.discard(root)
    return kept, finished[::-1]
