"""The door of the engine: what it refuses, and what it takes for a network."""

import decimal
import fractions
from collections import defaultdict

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import EVERY, fingerprint, networks, of_kind

import neurograph as ng
from neurograph.engine import levels


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


def without(kind):
    """Remove the neurons of one kind; bias neurons feed all others, so that nothing else is wrong."""
    net = ng.mlp([2, 2, 2], seed=0)
    net.remove_nodes_from(of_kind(net, kind))
    return net


def changed(**attributes):
    """Change the attributes of one edge of a large network, the last that is read."""
    net = ng.mlp([40, 40, 3], seed=0)
    list(net.edges.values())[-1].update(attributes)
    return net


@pytest.mark.parametrize(
    ("net", "code"),
    [
        (without("input"), "no-input"),
        (without("output"), "no-output"),
        (changed(weight=float("nan")), "weight-not-finite"),
        (changed(weight=-float("inf")), "weight-not-finite"),
        (changed(weight=True), "weight-not-a-number"),
        (changed(weight="0.5"), "weight-not-a-number"),
        (changed(weight=None), "missing-weight"),
        (changed(trainable=0), "trainable-not-boolean"),
        (changed(trainable=None), "trainable-not-boolean"),
        (nx.compose(ng.mlp([1, 1], seed=0), nx.DiGraph([(3, 3, {"weight": 0.5})])), "self-loop"),
    ],
)
def test_a_single_error_is_named(net, code):
    with pytest.raises(ng.InvalidNetworkError) as error:
        ng.compile_network(net)
    assert [finding.code for finding in error.value.report.errors] == [code]


@pytest.mark.parametrize("worth", [0, 10**9], ids=["by frontier", "one by one"])
def test_all_cycles_are_named_and_all_else_that_is_wrong(worth, monkeypatch):
    monkeypatch.setattr(levels, "EDGES_WORTH_A_LEVEL", worth)
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


class Labelled(nx.DiGraph):
    """A graph that is not made without an argument."""

    def __init__(self, label, *arguments, **attributes):
        super().__init__(*arguments, **attributes)
        self.label = label


class Defaulting(nx.DiGraph):
    """A graph whose edges make up what they are asked for."""

    edge_attr_dict_factory = staticmethod(lambda: defaultdict(float))


class Weighted(nx.DiGraph):
    """A graph whose edges are born with a weight."""

    edge_attr_dict_factory = staticmethod({"weight": 0.25}.copy)


def test_graphs_of_the_users_own_classes_are_networks_like_any_other():
    net = ng.example_network(seed=3)
    expected = ng.compile_network(net).forward([[0.5], [-1.0]])
    for form in (Labelled("mine", net), Defaulting(net)):
        assert ng.check(form).ok
        assert (ng.compile_network(form).forward([[0.5], [-1.0]]) == expected).all()
    form = Weighted()
    form.add_nodes_from(net.nodes(data=True))
    form.add_edges_from(net.edges)
    assert ng.compile_network(form).weights.tolist() == [0.25] * net.number_of_edges()


def test_a_weight_that_is_missing_is_not_made_up():
    net = Defaulting(ng.example_network(seed=3))
    del net.edges[4, 6]["weight"]
    before = fingerprint(net)
    with pytest.raises(ng.WeightError, match="4 → 6"):
        ng.compile_network(net)
    assert fingerprint(net) == before
