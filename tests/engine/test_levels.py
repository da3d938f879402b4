"""Levels from columns: what ``neurograph.levels`` says, by whole frontiers and one by one."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from comparing import mixed_network
from strategies import EVERY, of_kind, random_graphs

import neurograph as ng
from neurograph.engine import levels
from neurograph.engine.columns import read_edges, read_neurons
from neurograph.engine.door import read_layout

WAYS = {"by frontier": 0, "one by one": 10**9}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Number levels in one way only."""
    monkeypatch.setattr(levels, "EDGES_WORTH_A_LEVEL", WAYS[request.param])
    return request.param


def test_one_way_is_taken_at_once_or_never(way, monkeypatch):
    monkeypatch.setattr(levels, "_one_by_one", lambda *columns: None)
    assert (levels.level_of_each(*columns_of(ng.mlp([3, 4, 2], seed=0))) is None) == (way == "one by one")


def test_a_cycle_has_no_levels(way):
    net = ng.mlp([2, 2, 2, 1], seed=0)
    hidden = of_kind(net, "hidden")
    net.add_edge(hidden[-1], hidden[0], weight=0.5)
    assert levels.level_of_each(*columns_of(net)) is None


def columns_of(net):
    neurons = read_neurons(net, validated=False)
    return neurons, read_edges(net, neurons.keys, validated=False)


def test_they_are_those_of_the_walk(way):
    moved = 0
    for net in [*random_graphs(21, 200, activations=EVERY), *(mixed_network(seed) for seed in range(5))]:
        layout, expected = read_layout(net), ng.levels(net)
        assert layout.neurons == [neuron for level in expected for neuron in level]
        assert np.diff(layout.level_starts).tolist() == [len(level) for level in expected]
        moved += any(net.nodes[neuron]["kind"] == "bias" for level in expected[1:] for neuron in level)
    assert moved > 20


def test_a_bias_neuron_stands_just_before_the_first_neuron_that_it_feeds(way):
    assert read_layout(ng.example_network()).level_starts.tolist() == [0, 2, 5, 8, 9]


def chain(neurons):
    """Make a chain of hidden neurons from the input to the output, which a bias neuron feeds as well."""
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_bias(net, "b")
    names = [f"h{i}" for i in range(neurons)]
    for name in names:
        ng.add_hidden(net, name)
    ng.add_output(net, "y")
    for source, target in pairwise(["x", *names, "y"]):
        ng.connect(net, source, target, weight=0.5)
    ng.connect(net, "b", "y", weight=0.5)
    return net


@pytest.mark.parametrize("neurons", [1, 10, 5000])
def test_there_is_no_limit_of_depth(neurons, way):
    layout = read_layout(chain(neurons))
    assert layout.neurons == ["x", *(f"h{i}" for i in range(neurons - 1)), "b", f"h{neurons - 1}", "y"]
    assert np.diff(layout.level_starts).tolist() == [1] * neurons + [2, 1]


def test_what_no_input_reaches_stands_just_before_what_it_feeds(way):
    net = chain(5)
    for name in ("u0", "u1"):
        ng.add_hidden(net, name)
    ng.add_bias(net, "idle")
    for source, target in pairwise(["b", "u0", "u1", "y"]):
        ng.connect(net, source, target, weight=0.5)
    layout = read_layout(net)
    starts = layout.level_starts.tolist()
    assert [set(layout.neurons[a:b]) for a, b in pairwise(starts)] == [
        {"x", "idle"}, {"h0"}, {"h1"}, {"h2", "b"}, {"h3", "u0"}, {"h4", "u1"}, {"y"},
    ]  # fmt: skip
