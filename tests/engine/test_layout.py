"""The layout: the graph's own levels, edges, orders and weights, as flat arrays."""

import numpy as np
import pytest
from comparing import mixed_network
from strategies import EVERY, of_kind, random_graphs

import neurograph as ng
from neurograph.engine import layout as module
from neurograph.engine.door import read_layout
from neurograph.engine.layout import fan_out

GRAPHS = 200


def graphs(**options):
    return random_graphs(21, GRAPHS, activations=EVERY, frozen=True, **options)


def test_the_neurons_are_the_levels_one_after_another():
    for net in graphs():
        layout = read_layout(net)
        levels = ng.levels(net)
        assert layout.neurons == [neuron for level in levels for neuron in level]
        assert np.diff(layout.level_starts).tolist() == [len(level) for level in levels]
        assert layout.level_starts[0] == 0


def test_the_edges_are_grouped_by_target_with_sources_in_the_order_of_the_nodes():
    reordered = 0
    for net in graphs():
        layout = read_layout(net)
        rank = {neuron: i for i, neuron in enumerate(net)}
        expected = [
            (source, target) for target in layout.neurons for source in sorted(net.pred[target], key=rank.get)
        ]
        assert list(layout.edges) == expected
        assert layout.edges == expected
        assert len(layout.edges) == net.number_of_edges()
        assert [layout.edges[i] for i in range(-1, len(expected) - 1)] == [expected[-1], *expected[:-1]]
        assert layout.edges[1:3] == expected[1:3]
        for j, neuron in enumerate(layout.neurons):
            mine = expected[layout.offsets[j] : layout.offsets[j + 1]]
            assert [target for _, target in mine] == [neuron] * net.in_degree(neuron)
        reordered += expected != list(net.edges)
    assert reordered > GRAPHS / 2


def test_weights_frozen_flags_functions_and_kinds_are_those_of_the_graph():
    frozen = 0
    for net in graphs():
        layout = read_layout(net)
        for i, edge in enumerate(layout.edges):
            assert layout.weights[i] == net.edges[edge]["weight"]
            assert layout.trainable[i] == net.edges[edge].get("trainable", True)
        frozen += not layout.all_trainable
        for neuron, f in zip(layout.neurons, layout.activation, strict=True):
            found = layout.functions[f].name if f >= 0 else None
            assert found == net.nodes[neuron].get("activation")
        for kind, indices in (("input", layout.inputs), ("output", layout.outputs), ("bias", layout.biases)):
            assert [layout.neurons[j] for j in indices] == of_kind(net, kind)
    assert frozen > GRAPHS / 2


@pytest.mark.parametrize("smallest", [1, 12, 60])
def test_dense_blocks_are_what_they_claim(smallest, monkeypatch):
    monkeypatch.setattr(module, "SMALLEST_DENSE_BLOCK", smallest)
    found = 0
    nets = [ng.mlp([4, 6, 3], seed=0), *(mixed_network(seed, width=9) for seed in range(8)), *graphs()]
    for net in nets:
        layout = read_layout(net)
        levels = {neuron: i for i, level in enumerate(ng.levels(net)) for neuron in level}
        done = 0
        for block in layout.blocks:
            targets = layout.neurons[block.first : block.last]
            sources = layout.neurons[block.first_source : block.last_source]
            assert len({levels[target] for target in targets}) == 1
            assert block.first >= done
            assert block.shape == (len(targets), len(sources))
            assert len(targets) * len(sources) >= smallest
            matrix = block.matrix(layout.weights)
            assert np.shares_memory(matrix, layout.weights)
            for j, target in enumerate(targets):
                assert set(net.pred[target]) == set(sources)
                assert matrix[j].tolist() == [net.edges[source, target]["weight"] for source in sources]
            assert block.last_edge == layout.offsets[block.last]
            done = block.last
        found += len(layout.blocks)
    assert found >= 5


def test_a_fully_connected_network_is_nothing_but_blocks():
    layout = read_layout(ng.mlp([30, 20, 40, 10], seed=0))
    assert [block.shape for block in layout.blocks] == [(20, 31), (40, 21), (10, 41)]
    assert fan_out(layout).edges.size == 0


@pytest.mark.parametrize("smallest", [1, 10**9])
def test_the_fan_out_has_every_edge_outside_the_blocks_once(smallest, monkeypatch):
    monkeypatch.setattr(module, "SMALLEST_DENSE_BLOCK", smallest)
    for net in [*graphs(), mixed_network(0, width=9)]:
        layout = read_layout(net)
        fan = fan_out(layout)
        inside = {e for block in layout.blocks for e in range(block.first_edge, block.last_edge)}
        assert sorted(fan.edges.tolist()) == sorted(set(range(len(layout.sources))) - inside)
        for i in range(len(layout.neurons)):
            mine = fan.edges[fan.starts[i] : fan.starts[i + 1]]
            assert (layout.sources[mine] == i).all()
            assert (np.diff(layout.targets[mine]) > 0).all()


def test_the_edges_print_shortly_and_equal_a_list():
    edges = read_layout(ng.mlp([5, 5, 1], seed=0)).edges
    assert repr(edges).endswith(", … 36 edges]")
    assert repr(read_layout(ng.mlp([1, 1], bias=False, seed=0)).edges).count("→") == 0
    assert edges == list(edges)
    assert edges != list(edges)[1:]
    assert edges != 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(edges)
    with pytest.raises(IndexError):
        edges[36]
