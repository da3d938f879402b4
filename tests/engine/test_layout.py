"""The layout: the graph's own levels, edges, orders and weights, as flat arrays; and the door before it."""

import decimal
import fractions

import networkx as nx
import numpy as np
import pytest
from comparing import mixed_network
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import EVERY, fingerprint, networks, of_kind, random_graphs

import neurograph as ng
from neurograph.engine import layout as module
from neurograph.engine.layout import fan_out, read_layout

GRAPHS = 200


def graphs(**options):
    return random_graphs(21, GRAPHS, activations=EVERY, frozen=True, **options)


# What stands in the arrays


def test_the_neurons_are_the_levels_one_after_another():
    for net in graphs():
        layout = read_layout(net)
        levels = ng.levels(net)
        assert layout.neurons == [neuron for level in levels for neuron in level]
        assert np.diff(layout.level_starts).tolist() == [len(level) for level in levels]
        assert layout.level_starts[0] == 0


def test_the_levels_are_the_same_by_whole_frontiers_and_one_by_one(monkeypatch):
    one_by_one = 0
    for net in [*graphs(), *(mixed_network(seed) for seed in range(5))]:
        before = read_layout(net)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_DEEPEST_BY_FRONTIER", 0)
            after = read_layout(net)
        assert after.neurons == before.neurons
        assert after.level_starts.tolist() == before.level_starts.tolist()
        one_by_one += module._Columns(net)._levels_by_frontier() is None
    assert 0 < one_by_one < GRAPHS / 2


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


def test_a_bias_neuron_stands_just_before_the_first_neuron_that_it_feeds():
    net = ng.example_network()
    assert read_layout(net).level_starts.tolist() == [0, 2, 5, 8, 9]


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


# The door


def broken(net, name, draw):
    """Spoil one thing of a graph, or nothing; which, is drawn."""
    neurons, edges = list(net), list(net.edges)
    neuron = draw(st.sampled_from(neurons))
    edge = draw(st.sampled_from(edges))
    other = draw(st.sampled_from(neurons))
    values = [
        None, "", "tanh", "relux", "input", "output", "hidden", "bias", 1, 0.5, np.float32(0.5), "0.5", True,
        False, np.True_, 1.5j, float("nan"), float("inf"), -(10**400), 2**53 + 1, 7, [1], {}, b"tanh",
        np.str_("tanh"), np.str_("hidden"), decimal.Decimal("0.25"), fractions.Fraction(1, 3), np.int64(3),
        decimal.Decimal("NaN"), np.array(1.0), np.array([1.0]), object(), 0, 1e308,
    ]  # fmt: skip
    value = draw(st.sampled_from(values))
    match name:
        case "node attribute":
            net.nodes[neuron][draw(st.sampled_from(["kind", "activation", "label"]))] = value
        case "edge attribute":
            net.edges[edge][draw(st.sampled_from(["weight", "trainable", "label"]))] = value
        case "lost attribute":
            net.nodes[neuron].pop(draw(st.sampled_from(["kind", "activation"])), None)
            net.edges[edge].pop("weight", None)
        case "more edges":
            net.add_edge(neuron, other, weight=0.5)
        case "fewer edges":
            net.remove_edge(*edge)
        case "fewer neurons":
            net.remove_node(neuron)
        case "stray neuron":
            net.add_node("stray", **draw(st.sampled_from([{}, {"kind": "hidden", "activation": "tanh"}])))


SPOILED = ["node attribute", "edge attribute", "lost attribute", "more edges", "fewer edges", "fewer neurons",
           "stray neuron"]  # fmt: skip


@settings(max_examples=200)
@given(st.data())
def test_the_engine_refuses_exactly_what_check_calls_an_error(data):
    net = data.draw(networks(activations=EVERY, hidden=3))
    for name in data.draw(st.lists(st.sampled_from(SPOILED), min_size=1, max_size=2)):
        if net.number_of_edges():
            broken(net, name, data.draw)
    before = fingerprint(net)
    errors = ng.check(net).errors
    if errors:
        with pytest.raises(ng.InvalidNetworkError) as expected:
            ng.validate(net)
        with pytest.raises(ng.InvalidNetworkError) as error:
            ng.compile_network(net, backend="numpy")
        assert type(error.value) is type(expected.value)
        assert str(error.value) == str(expected.value)
        assert error.value.report.findings == expected.value.report.findings
    else:
        program = ng.compile_network(net, backend="numpy")
        assert program.weights.tolist() == [float(net.edges[edge]["weight"]) for edge in program.edges]
    assert fingerprint(net) == before


@pytest.mark.parametrize("cut", [0, 2000])
def test_all_cycles_are_named_and_all_else_that_is_wrong(cut, monkeypatch):
    monkeypatch.setattr(module, "_DEEPEST_BY_FRONTIER", cut)
    net = ng.mlp([2, 3, 3, 1], seed=0)
    hidden = of_kind(net, "hidden")
    net.add_edge(hidden[3], hidden[0], weight=0.5)
    with pytest.raises(ng.InvalidNetworkError) as error:
        ng.compile_network(net)
    assert [finding.code for finding in error.value.report.errors] == ["cycle"]
    net.nodes[hidden[1]]["activation"] = "relux"
    with pytest.raises(ng.InvalidNetworkError) as error:
        ng.compile_network(net)
    assert [finding.code for finding in error.value.report.errors] == ["cycle", "unknown-activation"]


@pytest.mark.parametrize(
    "thing",
    [None, 5, "net", nx.Graph(), nx.MultiDiGraph(), nx.DiGraph, {}, [], nx.DiGraph()],
    ids=["None", "5", "text", "Graph", "MultiDiGraph", "a class", "dict", "list", "empty"],
)
def test_what_is_no_network_is_refused_as_by_validate(thing):
    with pytest.raises(ng.InvalidNetworkError) as expected:
        ng.validate(thing)
    with pytest.raises(ng.InvalidNetworkError) as error:
        ng.compile_network(thing)
    assert str(error.value) == str(expected.value)


def test_views_copies_and_frozen_graphs_are_networks_like_any_other():
    net = ng.example_network(seed=3)
    expected = ng.compile_network(net).forward([[0.5], [-1.0]])
    whole = nx.subgraph_view(net)
    forms = [
        nx.freeze(net.copy()),
        whole,
        net.subgraph(list(net)),
        net.copy(as_view=True),
        net.reverse().reverse(),
    ]
    for form in forms:
        assert (ng.compile_network(form).forward([[0.5], [-1.0]]) == expected).all()


@pytest.mark.parametrize(
    "weight",
    [2, np.float32(0.1), np.int8(-3), fractions.Fraction(1, 3), decimal.Decimal("0.1"), np.float64(0.1)],
)
def test_any_real_number_is_a_weight(weight):
    net = ng.example_network()
    net.edges[4, 6]["weight"] = weight
    program = ng.compile_network(net)
    assert program.weights[list(program.edges).index((4, 6))] == float(weight)
    assert program.forward([[0.5]])[0, 0] == pytest.approx(ng.forward(net, [0.5]).outputs[0], rel=1e-14)
