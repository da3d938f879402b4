"""Edits that keep a network's function: relays, split edges, frozen weights."""

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from strategies import fingerprint, networks, of_kind, random_graphs

import neurograph as ng

# A tiny evaluator with nothing of neurograph in it: a topological order of networkx and the math module.

FUNCTIONS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "sine": math.sin,
    "step": lambda z: float(z >= 0),
}


def outputs(net, values):
    """Compute the outputs; every sum runs from left to right in the order of the nodes."""
    position = {neuron: i for i, neuron in enumerate(net)}
    value = dict(zip(of_kind(net, "input"), values, strict=True)) | dict.fromkeys(of_kind(net, "bias"), 1.0)
    for neuron in nx.topological_sort(net):
        if neuron not in value:
            z = 0.0
            for source in sorted(net.predecessors(neuron), key=position.get):
                z = z + net.edges[source, neuron]["weight"] * value[source]
            value[neuron] = FUNCTIONS[net.nodes[neuron]["activation"]](z)
    return [value[neuron] for neuron in of_kind(net, "output")]


def with_data(seed, count, **options):
    generator = np.random.default_rng(seed)
    for net in random_graphs(seed, count, activations=tuple(FUNCTIONS), **options):
        yield net, generator.uniform(-2, 2, len(of_kind(net, "input"))).tolist()


# Relays.


def test_relays_make_any_network_layered_and_leave_its_outputs_the_same_bit_for_bit():
    skipping = 0
    values = set()
    for net, x in with_data(201, 400, frozen=True):
        before = fingerprint(net)
        layered = ng.add_relays(net)
        assert fingerprint(net) == before
        assert ng.is_layered(layered)
        assert ng.check(layered).errors == ()
        expected = outputs(net, x)
        assert all(map(math.isfinite, expected))
        assert outputs(layered, x) == expected
        values.update(expected)
        skipping += len(layered) > len(net)
    assert skipping > 250
    assert len(values) > 200


def test_relays_stand_right_after_their_source_in_the_order_of_the_nodes():
    for net in random_graphs(202, 100):
        layered = ng.add_relays(net)
        position = {neuron: i for i, neuron in enumerate(layered)}
        new = [neuron for neuron in layered if neuron not in net]
        assert [neuron for neuron in layered if neuron in net] == list(net)
        for relay in new:
            (source,) = layered.predecessors(relay)
            assert position[relay] == position[source] + 1
            assert layered.nodes[relay] == {"kind": "hidden", "activation": "identity"}
            assert layered.edges[source, relay] == {"weight": 1.0, "trainable": False}


def test_all_edges_out_of_one_neuron_share_its_relays():
    """So a neuron has as many relays as its longest edge skips levels, and no more."""
    for net in random_graphs(203, 200):
        layered = ng.add_relays(net)
        level = {neuron: i for i, group in enumerate(ng.levels(net)) for neuron in group}
        needed = sum(max((level[t] - level[n] for t in net[n]), default=1) - 1 for n in net)
        assert len(layered) - len(net) == needed
        assert layered.number_of_edges() - net.number_of_edges() == needed


def test_a_network_that_needs_no_relays_comes_back_equal_and_apart():
    net = ng.example_network()
    net.nodes[6]["label"] = "kept"
    net.edges[4, 6]["note"] = "kept"
    net.graph["title"] = "kept"
    layered = ng.add_relays(net)
    assert fingerprint(layered) == fingerprint(net)
    layered.edges[4, 6]["weight"] = 9.0
    assert net.edges[4, 6]["weight"] == -0.25


def test_the_weight_of_a_skipping_edge_stands_on_its_last_part():
    net = ng.example_network()
    ng.connect(net, 1, 9, weight=0.5, trainable=False)
    layered = ng.add_relays(net)
    assert [n for n in layered if n not in net] == [10, 11]
    assert layered.edges[11, 9] == {"weight": 0.5, "trainable": False}
    assert not layered.has_edge(1, 9)


@given(networks(named=True))
def test_relays_of_a_network_with_names_have_names(net):
    net.add_node("relay 1", kind="input")
    layered = ng.add_relays(net)
    new = [neuron for neuron in layered if neuron not in net]
    assert all(isinstance(neuron, str) and neuron.startswith("relay ") for neuron in new)


@pytest.mark.parametrize("keys", [(-3, -2, -1), (0, 1, 2), ((0,), (1,), (2,)), (7.5, 8.5, 9.5)])
def test_relays_never_take_a_key_that_is_there(keys):
    net = nx.DiGraph()
    net.add_nodes_from(keys)
    net.add_edges_from([*pairwise(keys), (keys[0], keys[2])], weight=1.0)
    layered = ng.add_relays(net)
    assert len(layered) == 4
    assert set(keys) < set(layered)


def test_relays_need_a_feed_forward_network():
    net = ng.example_network()
    net.add_edge(6, 3, weight=1.0)
    with pytest.raises(ng.InvalidNetworkError, match="3 → 6 → 3"):
        ng.add_relays(net)


# Split edges.


def test_a_split_edge_leaves_the_function_up_to_rounding():
    generator = np.random.default_rng(204)
    for net, x in with_data(204, 200, saturating=False):
        expected = outputs(net, x)
        source, target = list(net.edges)[generator.integers(net.number_of_edges())]
        steps = any(net.nodes[n].get("activation") == "step" for n in net)
        ng.split_edge(net, source, target, "new" if isinstance(source, str) else 99)
        assert ng.check(net).ok
        if not steps:
            assert outputs(net, x) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_new_neuron_takes_the_edge_over():
    net = ng.example_network()
    net.edges[4, 6].update(trainable=False, note="kept")
    ng.split_edge(net, 4, 6, "new", activation="tanh")
    assert not net.has_edge(4, 6)
    assert net.nodes["new"] == {"kind": "hidden", "activation": "tanh"}
    assert net.edges[4, "new"] == {"weight": 1.0}
    assert net.edges["new", 6] == {"weight": -0.25, "trainable": False, "note": "kept"}
    assert len(net) == 10
    assert net.number_of_edges() == 13


@pytest.mark.parametrize(
    ("arguments", "options", "code"),
    [
        ((3, 7, 10), {}, "undeclared-edge"),
        ((3, 99, 10), {}, "undeclared-edge"),
        (([], 6, 10), {}, "undeclared-edge"),
        ((4, 6, 9), {}, "duplicate-neuron"),
        ((4, 6, "9"), {}, "ambiguous-key"),
        ((4, 6, True), {}, "bad-key"),
        ((4, 6, ""), {}, "bad-key"),
        ((4, 6, 10), {"activation": "relux"}, "unknown-activation"),
        ((4, 6, 10), {"activation": None}, "unknown-activation"),
    ],
)
def test_a_refused_split_changes_nothing(arguments, options, code):
    net = ng.example_network()
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError) as caught:
        ng.split_edge(net, *arguments, **options)
    assert caught.value.code == code
    assert fingerprint(net) == before


# Frozen edges.


def frozen(net):
    return {edge for edge in net.edges if net.edges[edge].get("trainable", True) is False}


def test_one_edge_several_or_all_can_be_frozen_and_freed():
    net = ng.example_network()
    ng.freeze(net, (4, 6))
    assert frozen(net) == {(4, 6)}
    ng.freeze(net, [(1, 3), [1, 4]])
    assert frozen(net) == {(4, 6), (1, 3), (1, 4)}
    ng.unfreeze(net, ((1, 3), (4, 6)))
    assert frozen(net) == {(1, 4)}
    ng.freeze(net)
    assert frozen(net) == set(net.edges)
    ng.unfreeze(net, (edge for edge in net.edges))
    assert fingerprint(net) == fingerprint(ng.example_network())


@pytest.mark.parametrize("change", [ng.freeze, ng.unfreeze])
@pytest.mark.parametrize(
    "edges",
    [(3, 7), [(4, 6), (3, 7)], 4, "46", [4, 6], (4, 6, 7), [(4, 6), None], [[]], [([], 6)], {(4, 6), "x"}],
)
def test_a_refused_freeze_changes_no_edge(change, edges):
    net = ng.example_network()
    ng.freeze(net, (1, 3))
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError) as caught:
        change(net, edges)
    assert caught.value.code == "undeclared-edge"
    assert fingerprint(net) == before


def test_no_edges_are_no_edges():
    net = ng.example_network()
    for edges in ([], (), iter([])):
        ng.freeze(net, edges)
    assert frozen(net) == set()
