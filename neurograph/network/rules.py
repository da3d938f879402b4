"""The rules of a sound network, one small function a code, and the table that orders them.

A rule looks at a :class:`Survey`, the graph read once, and yields what it finds. No rule raises,
whatever stands on the graph: nothing of the user's is compared, hashed or printed unguarded. What one
code says of a neuron, no other repeats: an output that feeds on is not also early.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from neurograph.errors import did_you_mean, shown, shown_list
from neurograph.functions import ACTIVATIONS
from neurograph.network.findings import ERROR, WARNING, Finding
from neurograph.network.layering import (
    Witness,
    cycle_text,
    cycles,
    follows_edges,
    layer_of_each,
    order_as_far_as_possible,
)
from neurograph.network.schema import (
    BIAS,
    HIDDEN,
    INPUT,
    KINDS,
    OUTPUT,
    Edge,
    Net,
    Neuron,
    arrow,
    as_text,
    incoming,
    source_adjacency,
    weight_problem,
)

Found = tuple[Sequence[Neuron], Sequence[Edge], str, str]  # neurons, edges, message, fix


class Survey:
    """A graph read once for all rules: kinds, sources, order, layers, what reaches what."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.attributes: dict[Neuron, Mapping[str, Any]] = dict(net.nodes(data=True))
        self.targets = dict(net.adjacency())
        self.sources = dict(source_adjacency(net))  # in no order to rely on
        self.kind = {neuron: _kind(attributes) for neuron, attributes in self.attributes.items()}
        self.of_kind: dict[str, list[Neuron]] = {kind: [] for kind in (*KINDS, "")}
        for neuron, kind in self.kind.items():
            self.of_kind[kind].append(neuron)
        self.computing = [neuron for neuron, kind in self.kind.items() if kind in (HIDDEN, OUTPUT)]

    @cached_property
    def order(self) -> list[Neuron]:
        """A topological order, without cycles and what they feed."""
        return order_as_far_as_possible(self.net)

    @cached_property
    def feed_forward(self) -> bool:
        return len(self.order) == len(self.net)

    @cached_property
    def layering(self) -> dict[Neuron, int] | Witness | None:
        """The layer of each neuron, or why there are none; None where there is a cycle."""
        if not self.feed_forward:
            return None
        found = layer_of_each(self.order, self.sources, self.targets)
        if isinstance(found, Witness) and not follows_edges(found, self.targets):
            # once more, so that the witness does not depend on how the graph was stored
            found = layer_of_each(self.order, incoming(self.net), self.targets)
        return found

    @cached_property
    def depth(self) -> int:
        """The number of layers; 0 where there are none."""
        return max(self.layering.values(), default=-1) + 1 if isinstance(self.layering, dict) else 0

    @cached_property
    def activation(self) -> dict[Neuron, str]:
        """The activation of each neuron that has one of the table."""
        names = ((neuron, as_text(self.attributes[neuron].get("activation"))) for neuron in self.computing)
        return {neuron: name for neuron, name in names if name in ACTIVATIONS}

    def by_layer(self, neurons: Iterable[Neuron]) -> list[tuple[int, list[Neuron]]]:
        """Group some neurons by their layer, numbered from 1; nothing where there are no layers."""
        if not isinstance(self.layering, dict):
            return []
        groups: dict[int, list[Neuron]] = {}
        for neuron in neurons:
            groups.setdefault(self.layering[neuron] + 1, []).append(neuron)
        return sorted(groups.items())

    @cached_property
    def weight_problems(self) -> list[tuple[Edge, str, str]]:
        """The edges whose weight is unsound, each with the code and what it is."""
        weights = [data.get("weight") for targets in self.targets.values() for data in targets.values()]
        if set(map(type, weights)) <= {float} and all(map(math.isfinite, weights)):
            return []
        problems = zip(self.net.edges, map(weight_problem, weights), strict=True)
        return [(edge, *problem) for edge, problem in problems if problem is not None]

    @cached_property
    def flags(self) -> list[tuple[Edge, object]]:
        """The edges that carry the attribute ``trainable``, and what stands there."""
        return [
            ((source, target), data["trainable"])
            for source, targets in self.targets.items()
            for target, data in targets.items()
            if "trainable" in data
        ]

    def fed(self, neuron: Neuron) -> bool:
        """Whether an edge of another neuron leads to it."""
        return len(self.sources[neuron]) > (neuron in self.targets[neuron])


def _kind(attributes: Mapping[str, Any]) -> str:
    """Return the kind that a node carries; empty where that is none of the four."""
    kind = as_text(attributes.get("kind"))
    return kind if kind in KINDS else ""


def no_input(survey: Survey) -> Iterator[Found]:
    if not survey.of_kind[INPUT]:
        yield (), (), "no neuron is of kind 'input'", "add one with add_input"


def no_output(survey: Survey) -> Iterator[Found]:
    if not survey.of_kind[OUTPUT]:
        yield (), (), "no neuron is of kind 'output'", "add one with add_output"


def cycle(survey: Survey) -> Iterator[Found]:
    if not survey.feed_forward:
        for path in cycles(survey.net, survey.order):
            edges = tuple(pairwise(path))
            yield path[:-1], edges, cycle_text(path), "remove one of these edges"


def self_loop(survey: Survey) -> Iterator[Found]:
    for neuron, targets in survey.targets.items():
        if neuron in targets:
            yield (neuron,), ((neuron, neuron),), f"neuron {shown(neuron)} feeds itself", "remove that edge"


def missing_kind(survey: Survey) -> Iterator[Found]:
    for neuron, attributes in survey.attributes.items():
        if attributes.get("kind") is None:
            yield (neuron,), (), f"neuron {shown(neuron)} has no kind", f"give it one of {shown_list(KINDS)}"


def unknown_kind(survey: Survey) -> Iterator[Found]:
    for neuron, attributes in survey.attributes.items():
        kind = attributes.get("kind")
        if kind is not None and not survey.kind[neuron]:
            fix = did_you_mean(kind, KINDS) or f"give it one of {shown_list(KINDS)}"
            yield (neuron,), (), f"neuron {shown(neuron)} is of unknown kind {shown(kind)}", fix


def missing_activation(survey: Survey) -> Iterator[Found]:
    for neuron in survey.computing:
        if survey.attributes[neuron].get("activation") is None:
            yield (neuron,), (), f"{_named(survey, neuron)} has no activation", "give it one, such as 'tanh'"


def unknown_activation(survey: Survey) -> Iterator[Found]:
    for neuron in survey.computing:
        name = survey.attributes[neuron].get("activation")
        if name is not None and neuron not in survey.activation:
            fix = did_you_mean(name, ACTIVATIONS) or f"choose one of {shown_list(ACTIVATIONS, most=30)}"
            yield (neuron,), (), f"{_named(survey, neuron)} has the unknown activation {shown(name)}", fix


def input_has_incoming(survey: Survey) -> Iterator[Found]:
    yield from _source_has_incoming(survey, INPUT, "make it a hidden neuron, or remove these edges")


def bias_has_incoming(survey: Survey) -> Iterator[Found]:
    yield from _source_has_incoming(survey, BIAS, "its value is always 1: remove these edges")


def _source_has_incoming(survey: Survey, kind: str, fix: str) -> Iterator[Found]:
    for neuron in survey.of_kind[kind]:
        edges = tuple((source, neuron) for source in survey.sources[neuron])
        if edges:
            names = shown_list(survey.sources[neuron])
            yield (neuron,), edges, f"{_named(survey, neuron)} has incoming edges, from {names}", fix


def source_has_activation(survey: Survey) -> Iterator[Found]:
    for neuron in [*survey.of_kind[INPUT], *survey.of_kind[BIAS]]:
        name = survey.attributes[neuron].get("activation")
        if name is not None:
            message = f"{_named(survey, neuron)} has the activation {shown(name)}, and applies none"
            yield (neuron,), (), message, "remove its attribute 'activation'"


def unfed(survey: Survey) -> Iterator[Found]:
    for neuron in survey.computing:
        if not survey.sources[neuron]:
            fix = "connect a neuron of an earlier layer or a bias neuron to it"
            yield (neuron,), (), f"{_named(survey, neuron)} has no incoming edge", fix


def missing_weight(survey: Survey) -> Iterator[Found]:
    yield from _weights(survey, "missing-weight", "set its attribute 'weight'")


def weight_not_a_number(survey: Survey) -> Iterator[Found]:
    yield from _weights(survey, "weight-not-a-number", "give a float, such as 0.5")


def weight_not_finite(survey: Survey) -> Iterator[Found]:
    yield from _weights(survey, "weight-not-finite", "give a finite number")


def _weights(survey: Survey, code: str, fix: str) -> Iterator[Found]:
    for edge, found, what in survey.weight_problems:
        if found == code:
            what = what if code == "missing-weight" else f"has a weight that {what}"
            yield (), (edge,), f"edge {arrow(*edge)} {what}", fix


def trainable_not_boolean(survey: Survey) -> Iterator[Found]:
    for edge, flag in survey.flags:
        if not isinstance(flag, bool | np.bool_):
            yield (), (edge,), f"edge {arrow(*edge)} has trainable = {shown(flag)}", "set it to True or False"


def not_layered(survey: Survey) -> Iterator[Found]:
    if isinstance(survey.layering, Witness):
        witness = survey.layering
        edges = tuple(
            (here, there) if there in survey.targets[here] else (there, here)
            for chain in witness.chains
            for here, there in pairwise(chain)
        )
        fix = "nothing to do unless you want layers; add_relays(net) gives them"
        yield (witness.neuron,), edges, witness.text, fix


def dead_end(survey: Survey) -> Iterator[Found]:
    reaching = _reach(survey.of_kind[OUTPUT], survey.sources)
    lost = [neuron for neuron, kind in survey.kind.items() if kind and neuron not in reaching]
    if lost and survey.of_kind[OUTPUT]:
        fix = "connect what should count, or remove it; the gradients there are 0"
        yield lost, (), f"no output is reached from {_all_named(survey, lost)}", fix


def unreachable(survey: Survey) -> Iterator[Found]:
    reached = _reach(survey.of_kind[INPUT], survey.targets)
    lost = [neuron for neuron in survey.computing if neuron not in reached and survey.fed(neuron)]
    if lost and survey.of_kind[INPUT]:
        fix = "feed in what depends on an input; the values there are constant"
        yield lost, (), f"no input reaches {_all_named(survey, lost)}", fix


def _reach(starts: Iterable[Neuron], neighbours: Mapping[Neuron, Iterable[Neuron]]) -> set[Neuron]:
    """Collect all that can be reached from the starts, without recursion."""
    reached = set(starts)
    stack = list(reached)
    while stack:
        for neighbour in neighbours[stack.pop()]:
            if neighbour not in reached:
                reached.add(neighbour)
                stack.append(neighbour)
    return reached


def missing_bias(survey: Survey) -> Iterator[Found]:
    fed_by_bias = {target for neuron in survey.of_kind[BIAS] for target in survey.targets[neuron]}
    bare = [neuron for neuron in survey.computing if neuron not in fed_by_bias and survey.fed(neuron)]
    if bare:
        fix = "connect one, if you want the weighted sum to have a constant part"
        yield bare, (), f"no bias neuron feeds {_all_named(survey, bare)}", fix


def extra_bias(survey: Survey) -> Iterator[Found]:
    for i, found in survey.by_layer(survey.of_kind[BIAS]):
        if len(found) > 1:
            message = f"layer {i} has {len(found)} bias neurons, {shown_list(found)}"
            yield found, (), message, "one is enough: let it feed the whole next layer"


def late_input(survey: Survey) -> Iterator[Found]:
    unfed_inputs = (neuron for neuron in survey.of_kind[INPUT] if not survey.sources[neuron])
    for i, found in survey.by_layer(unfed_inputs):
        for neuron in found if i > 1 else ():
            message = f"{_named(survey, neuron)} is in layer {i}, not in the first"
            yield (neuron,), (), message, "feed it in through a relay (an identity neuron), if you want"


def early_output(survey: Survey) -> Iterator[Found]:
    last_outputs = (neuron for neuron in survey.of_kind[OUTPUT] if not survey.targets[neuron])
    for i, found in survey.by_layer(last_outputs):
        for neuron in found if i < survey.depth else ():
            message = f"{_named(survey, neuron)} is in layer {i}, not in the last"
            yield (neuron,), (), message, "let identity neurons carry it to the last layer, if you want"


def output_feeds_on(survey: Survey) -> Iterator[Found]:
    for neuron in survey.of_kind[OUTPUT]:
        targets = [target for target in survey.targets[neuron] if target not in {neuron}]
        if targets:
            edges = tuple((neuron, target) for target in targets)
            message = f"{_named(survey, neuron)} feeds {shown_list(targets)}"
            fix = "make it hidden and add an output neuron after it, if you want"
            yield (neuron,), edges, message, fix


def mixed_activations(survey: Survey) -> Iterator[Found]:
    if not isinstance(survey.layering, dict):
        return
    first: dict[int, str] = {}
    mixed = {
        survey.layering[neuron] + 1
        for neuron, name in survey.activation.items()
        if first.setdefault(survey.layering[neuron], name) != name
    }
    for i, neurons in survey.by_layer(survey.activation) if mixed else ():
        names = dict.fromkeys(survey.activation[neuron] for neuron in neurons)
        if i in mixed:
            message = f"layer {i} mixes {shown_list(names)}"
            yield neurons, (), message, "nothing to do unless you want its matrix form"


def not_differentiable(survey: Survey) -> Iterator[Found]:
    for neuron, name in survey.activation.items():
        if not ACTIVATIONS[name].differentiable:
            message = f"{_named(survey, neuron)} applies {name}, whose derivative is 0"
            yield (neuron,), (), message, "gradient training cannot move what feeds it; use tanh to train"


def _named(survey: Survey, neuron: Neuron) -> str:
    return f"{survey.kind[neuron]} neuron {shown(neuron)}"


def _all_named(survey: Survey, neurons: Sequence[Neuron]) -> str:
    return _named(survey, neurons[0]) if len(neurons) == 1 else f"neurons {shown_list(neurons)}"


RULES: tuple[tuple[str, str, Callable[[Survey], Iterator[Found]]], ...] = (
    ("no-input", ERROR, no_input),
    ("no-output", ERROR, no_output),
    ("cycle", ERROR, cycle),
    ("self-loop", ERROR, self_loop),
    ("missing-kind", ERROR, missing_kind),
    ("unknown-kind", ERROR, unknown_kind),
    ("missing-activation", ERROR, missing_activation),
    ("unknown-activation", ERROR, unknown_activation),
    ("input-has-incoming", ERROR, input_has_incoming),
    ("bias-has-incoming", ERROR, bias_has_incoming),
    ("source-has-activation", ERROR, source_has_activation),
    ("unfed", ERROR, unfed),
    ("missing-weight", ERROR, missing_weight),
    ("weight-not-a-number", ERROR, weight_not_a_number),
    ("weight-not-finite", ERROR, weight_not_finite),
    ("trainable-not-boolean", ERROR, trainable_not_boolean),
    ("not-layered", WARNING, not_layered),
    ("dead-end", WARNING, dead_end),
    ("unreachable", WARNING, unreachable),
    ("missing-bias", WARNING, missing_bias),
    ("extra-bias", WARNING, extra_bias),
    ("late-input", WARNING, late_input),
    ("early-output", WARNING, early_output),
    ("output-feeds-on", WARNING, output_feeds_on),
    ("mixed-activations", WARNING, mixed_activations),
    ("not-differentiable", WARNING, not_differentiable),
)

CODES: Mapping[str, str] = MappingProxyType(
    {"not-a-digraph": ERROR} | {code: severity for code, severity, _ in RULES}
)
"""Every code of a finding, with its severity."""


def apply_rules(survey: Survey) -> Iterator[Finding]:
    """Yield all findings, in the order of the table and then of the graph."""
    for code, severity, rule in RULES:
        for neurons, edges, message, fix in rule(survey):
            yield Finding(code, severity, message, fix, tuple(neurons), tuple(edges))
