"""The numbers of a walk and the edges of a step, as a drawing shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.network.schema import OUTPUT, arrow
from neurograph.options import bad_option, require_count
from neurograph.view.reading import Reading
from neurograph.walk import Step, Trace
from neurograph.walk.notation import number
from neurograph.walk.steps import DeltaStep, GradientStep

DASH = "—"


@dataclass(frozen=True)
class Numbers:
    """The numbers of a trace by neuron and edge number, of one sample where there are many."""

    value: dict[int, float]
    delta: dict[int, float]
    gradient: dict[int, float]
    loss: float | None
    note: str


def numbers_of(reading: Reading, trace: Trace | None, sample: int | None) -> Numbers | None:
    """Look the numbers of a trace up; None without a trace.

    Raises
    ------
    OptionError
        If it is no trace, or one of another network, or has no such sample.
    """
    if trace is None:
        if sample is not None:
            raise bad_option("sample", sample, "a trace, too")
        return None
    if not isinstance(trace, Trace):
        raise bad_option("trace", trace, "a Trace, as forward and backward return")
    samples = max((len(v) for v in trace.value.values() if np.ndim(v)), default=1)
    chosen = _sample(sample, samples)
    note = f"sample {chosen + 1} of {samples}" if samples > 1 else ""
    numbers = Numbers(
        {reading.place[_known(reading, n)]: _one(v, chosen) for n, v in trace.value.items()},
        {reading.place[_known(reading, n)]: _one(v, chosen) for n, v in trace.delta.items()},
        {_edge(reading, edge): float(g) for edge, g in trace.gradient.items()},
        trace.loss,
        note,
    )
    for place, kind in enumerate(reading.kinds):
        if trace.outputs and kind == OUTPUT and place not in numbers.value:
            neuron = shown(reading.neurons[place])
            raise _other_network("trace", f"it has outputs, and none of neuron {neuron}")
    return numbers


def _sample(sample: int | None, samples: int) -> int:
    chosen = require_count("sample", 0 if sample is None else sample, least=0)
    if chosen >= samples:
        raise bad_option("sample", sample, f"an integer from 0 to {samples - 1}")
    return chosen


def _one(value: Any, sample: int) -> float:
    return float(value[sample]) if np.ndim(value) else float(value)


def _known(reading: Reading, neuron: Any, where: str = "trace") -> Any:
    if neuron not in reading.place:
        raise _other_network(where, f"it has the neuron {shown(neuron)}, which is not in the network")
    return neuron


def _edge(reading: Reading, edge: Any, where: str = "trace") -> int:
    if edge not in reading.edge_place:
        raise _other_network(where, f"it has the edge {arrow(*edge)}, which is not in the network")
    return reading.edge_place[edge]


def _other_network(where: str, what: str) -> OptionError:
    return OptionError(
        what,
        code="other-network",
        where=where,
        expected=f"a {where} of this network",
        fix="walk through the network that is drawn",
    )


@dataclass(frozen=True)
class Lit:
    """What a step is about: its neuron, its edges, its arithmetic."""

    neuron: int | None = None
    edges: frozenset[int] = frozenset()
    lines: tuple[str, ...] = ()


def lit_by(reading: Reading, step: Step | None) -> Lit:
    """Find the neuron and the edges of a step: what it sums, or what it is the gradient of.

    Raises
    ------
    OptionError
        If it is no step, or one of another network.
    """
    if step is None:
        return Lit()
    if not isinstance(step, Step):
        raise bad_option("step", step, "a Step, as forward_steps and backward_steps yield")
    neuron = _known(reading, step.neuron, "step")
    ends = [other for other, _, _ in step.terms]
    if isinstance(step, GradientStep):
        edges = [step.edge]
    elif isinstance(step, DeltaStep):
        edges = [(neuron, other) for other in ends]
    else:
        edges = [(other, neuron) for other in ends]
    found = frozenset(_edge(reading, edge, "step") for edge in edges)
    return Lit(
        None if isinstance(step, GradientStep) else reading.place[neuron], found, tuple(str(step).split("\n"))
    )


def written(numbers: dict[int, float], i: int) -> str:
    """Write a number; what is not computed is a dash, never 0."""
    return number(numbers[i]) if i in numbers else DASH
