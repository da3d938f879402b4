"""The conveniences and questions: what they put on the graph, what they refuse, leaving it as it was."""

import math
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import fingerprint, networks

import neurograph as ng
from neurograph.network.schema import incoming


def small():
    net = nx.DiGraph(name="kept")
    ng.add_input(net, "x")
    ng.add_bias(net, "b")
    ng.add_hidden(net, "hidden one")
    ng.add_output(net, 1)
    ng.connect(net, "x", "hidden one", weight=0.5)
    return net


def refused(error, function, net, *arguments, **options):
    """Return the error of a call, having seen that the graph stayed as it was."""
    before = fingerprint(net)
    with pytest.raises(error) as caught:
        function(net, *arguments, **options)
    assert fingerprint(net) == before
    return caught.value


def test_each_convenience_puts_its_attributes_on_a_node_and_nothing_else():
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_bias(net, "b")
    ng.add_hidden(net, "h")
    ng.add_hidden(net, "r", activation="relu")
    ng.add_output(net, "y", activation="identity")
    assert dict(net.nodes(data=True)) == {
        "x": {"kind": "input"},
        "b": {"kind": "bias"},
        "h": {"kind": "hidden", "activation": "tanh"},
        "r": {"kind": "hidden", "activation": "relu"},
        "y": {"kind": "output", "activation": "identity"},
    }
    assert net.graph == {}


def test_connect_puts_a_weight_on_an_edge_and_a_flag_where_it_is_frozen():
    net = small()
    ng.connect(net, "b", "hidden one")
    ng.connect(net, "hidden one", 1, weight=-2, trainable=False)
    assert net.edges["b", "hidden one"] == {"weight": 0.0}
    assert net.edges["hidden one", 1] == {"weight": -2.0, "trainable": False}


def test_a_graph_made_with_networkx_alone_is_as_good():
    net = nx.DiGraph()
    net.add_node("x", kind="input")
    net.add_node("y", kind="output", activation="logistic")
    net.add_edge("x", "y", weight=0.5)
    assert ng.check(net).ok
    assert (ng.inputs(net), ng.outputs(net), ng.weights(net)) == (["x"], ["y"], {("x", "y"): 0.5})


ADD = [ng.add_input, ng.add_bias, ng.add_hidden, ng.add_output]
BAD_KEYS = [
    True, False, np.True_, 1.0, math.nan, np.float64(2), None, (), (1, 2), [], {}, set(), b"x", 1j, object(),
    "", " ", "\t", "a\x00", "a\nb", "\x1b[0m", "\x7f", "\x85", "\ud800", "x" * 1001,
    10**20, -(10**20), 10**5000, Fraction(1, 1),
]  # fmt: skip


@pytest.mark.parametrize("add", ADD)
@pytest.mark.parametrize("key", BAD_KEYS, ids=lambda key: type(key).__name__)
def test_a_key_that_is_no_sound_integer_or_string_is_refused(add, key):
    assert refused(ng.InvalidNetworkError, add, small(), key).code == "bad-key"


@pytest.mark.parametrize(
    "key", [0, -1, 10**20 - 1, "a", "é", "e\u0301", " a ", "x" * 1000, "\u202eevil", "1.0"]
)
@pytest.mark.parametrize("add", ADD)
def test_any_other_integer_or_string_is_a_key(add, key):
    net = small()
    add(net, key)
    assert list(net)[-1] == key
    assert type(list(net)[-1]) is type(key)


def test_a_numpy_integer_becomes_a_plain_one_in_nodes_and_edges():
    net = nx.DiGraph()
    ng.add_input(net, np.int64(1))
    ng.add_output(net, np.uint8(2))
    ng.connect(net, np.int32(1), np.int64(2))
    assert all(type(key) is int for key in [*net, *next(iter(net.edges)), *net.adj[1], *net.pred[2]])


@pytest.mark.parametrize("add", ADD)
def test_a_key_twice_is_refused(add):
    assert refused(ng.InvalidNetworkError, add, small(), "x").code == "duplicate-neuron"
    assert refused(ng.InvalidNetworkError, add, small(), 1).code == "duplicate-neuron"


@pytest.mark.parametrize(("there", "new"), [(1, "1"), ("1", 1), (-7, "-7"), ("-7", -7), (0, "0"), ("0", 0)])
def test_a_number_and_its_own_text_are_refused_beside_each_other(there, new):
    net = nx.DiGraph()
    ng.add_input(net, there)
    error = refused(ng.InvalidNetworkError, ng.add_output, net, new)
    assert error.code == "ambiguous-key"
    assert repr(there) in str(error)


@pytest.mark.parametrize("text", ["01", "1.0", "+1", " 1", "1_0", "²", "١", "--1"])
def test_a_text_that_only_resembles_a_number_is_a_key_beside_it(text):
    net = nx.DiGraph()
    ng.add_input(net, 1)
    ng.add_input(net, 10)
    ng.add_input(net, text)
    assert ng.inputs(net) == [1, 10, text]


@pytest.mark.parametrize("add", [ng.add_hidden, ng.add_output])
@pytest.mark.parametrize("activation", ["relux", "", None, 3, [], "os.system", "builtins.eval", b"tanh"])
def test_an_unknown_activation_is_refused(add, activation):
    error = refused(ng.InvalidNetworkError, add, small(), "new", activation=activation)
    assert error.code == "unknown-activation"
    assert "'logistic'" in error.expected


def test_a_misspelt_activation_is_answered_with_the_nearest():
    error = refused(ng.InvalidNetworkError, ng.add_hidden, small(), "new", activation="relux")
    assert error.fix == "did you mean 'relu'?"


@pytest.mark.parametrize("ends", [("hiden one", 1), ("x", "hiden one")])
def test_an_undeclared_neuron_is_refused_with_the_nearest_key(ends):
    error = refused(ng.InvalidNetworkError, ng.connect, small(), *ends)
    assert error.code == "undeclared-neuron"
    assert error.fix == "did you mean 'hidden one'?"


@pytest.mark.parametrize("end", [None, [], {}, object(), 5, "", math.nan, "qqq"])
def test_what_is_no_neuron_is_refused_and_no_ghost_is_made(end):
    assert refused(ng.InvalidNetworkError, ng.connect, small(), "x", end).code == "undeclared-neuron"
    assert refused(ng.InvalidNetworkError, ng.connect, small(), end, 1).code == "undeclared-neuron"
    assert refused(ng.InvalidNetworkError, ng.kind, small(), end).code == "undeclared-neuron"


def test_an_edge_twice_is_refused():
    error = refused(ng.InvalidNetworkError, ng.connect, small(), "x", "hidden one", weight=7.0)
    assert error.code == "duplicate-edge"
    assert "'x' → 'hidden one'" in str(error)


BAD_WEIGHTS = [
    (math.nan, "weight-not-finite"), (math.inf, "weight-not-finite"), (-math.inf, "weight-not-finite"),
    (np.float32("nan"), "weight-not-finite"), (np.float64("inf"), "weight-not-finite"),
    (10**400, "weight-not-finite"), (Decimal("1e400"), "weight-not-finite"),
    (Fraction(10**400), "weight-not-finite"),
    (Decimal("nan"), "weight-not-finite"), (Decimal("sNaN"), "weight-not-a-number"),
    ("0.5", "weight-not-a-number"), (b"0.5", "weight-not-a-number"), ("", "weight-not-a-number"),
    (True, "weight-not-a-number"), (np.False_, "weight-not-a-number"), (1j, "weight-not-a-number"),
    (np.complex128(1), "weight-not-a-number"), (np.array(0.5), "weight-not-a-number"),
    (np.array([0.5]), "weight-not-a-number"), ([0.5], "weight-not-a-number"), ({}, "weight-not-a-number"),
    (2**53 + 1, "weight-not-a-number"), (-(2**53) - 1, "weight-not-a-number"),
    (np.int64(2**53 + 1), "weight-not-a-number"), (np.uint64(2**64 - 1), "weight-not-a-number"),
    (None, "missing-weight"),
]  # fmt: skip


@pytest.mark.parametrize(("weight", "code"), BAD_WEIGHTS, ids=lambda x: f"{type(x).__name__}")
def test_a_weight_that_is_no_finite_number_is_refused(weight, code):
    error = refused(ng.WeightError, ng.connect, small(), "hidden one", 1, weight=weight)
    assert error.code == code
    assert error.where == "edge 'hidden one' → 1"


def test_a_weight_given_as_text_is_told_apart_from_a_number():
    error = refused(ng.WeightError, ng.connect, small(), "hidden one", 1, weight="0.5")
    assert "the text '0.5'" in str(error)


@pytest.mark.parametrize(
    ("weight", "number"),
    [
        (np.float32(0.1), 0.10000000149011612),
        (np.float64(0.1), 0.1),
        (np.float16(0.5), 0.5),
        (Fraction(1, 3), 1 / 3),
        (Decimal("0.1"), 0.1),
        (7, 7.0),
        (np.int8(-7), -7.0),
        (2**53, 2.0**53),
        (2**60, 2.0**60),
        (5e-324, 5e-324),
        (1.797e308, 1.797e308),
    ],
)
def test_other_real_numbers_become_floats(weight, number):
    net = small()
    ng.connect(net, "hidden one", 1, weight=weight)
    stored = net.edges["hidden one", 1]["weight"]
    assert type(stored) is float
    assert stored == number


def test_a_negative_zero_keeps_its_sign():
    net = small()
    ng.connect(net, "hidden one", 1, weight=-0.0)
    assert math.copysign(1.0, net.edges["hidden one", 1]["weight"]) == -1.0


@pytest.mark.parametrize("flag", [None, 0, 1, "no", "False", [], np.array([True]), 0.0])
def test_trainable_is_true_or_false_and_nothing_like_them(flag):
    error = refused(ng.InvalidNetworkError, ng.connect, small(), "hidden one", 1, trainable=flag)
    assert error.code == "trainable-not-boolean"


@given(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.complex_numbers()
    )
)
def test_connect_takes_exactly_the_finite_numbers(weight):
    net = small()
    is_number = type(weight) in (int, float) and abs(weight) < 1e300 and float(weight) == weight
    if is_number:
        ng.connect(net, "hidden one", 1, weight=weight)
        assert net.edges["hidden one", 1] == {"weight": weight}
    elif not (isinstance(weight, float) and math.isfinite(weight)):
        refused(ng.WeightError, ng.connect, net, "hidden one", 1, weight=weight)


CALLS = [
    lambda net: ng.add_input(net, 5),
    lambda net: ng.add_hidden(net, 5),
    lambda net: ng.connect(net, 1, 2),
    lambda net: ng.kind(net, 1),
    ng.inputs,
    ng.outputs,
    ng.biases,
    ng.weights,
    ng.layers,
    ng.levels,
    ng.is_layered,
    ng.is_feed_forward,
    ng.topological_order,
    ng.add_relays,
    ng.freeze,
    ng.unfreeze,
    ng.randomize_weights,
    lambda net: ng.split_edge(net, 1, 2, 3),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "net",
    [
        nx.Graph([(1, 2)]),
        nx.MultiDiGraph([(1, 2)]),
        nx.MultiGraph(),
        None,
        "net",
        {1: {2: {}}},
        7,
        nx.DiGraph,
    ],
)
def test_everything_wants_a_digraph_and_says_so(call, net):
    with pytest.raises(ng.InvalidNetworkError, match=r"expected a networkx\.DiGraph") as caught:
        call(net)
    assert caught.value.code == "not-a-digraph"


def test_inputs_outputs_and_biases_come_in_the_order_of_the_nodes():
    net = nx.DiGraph()
    for key in (7, "z", 2):
        ng.add_output(net, key)
    for key in (30, "a", -1):
        ng.add_input(net, key)
    for key in (5, 4):
        ng.add_bias(net, key)
    assert (ng.outputs(net), ng.inputs(net), ng.biases(net)) == ([7, "z", 2], [30, "a", -1], [5, 4])


def test_kind_answers_for_each_neuron_of_the_texts_network():
    net = ng.example_network()
    assert [ng.kind(net, n) for n in net] == [
        "input", "bias", "hidden", "hidden", "bias", "hidden", "hidden", "bias", "output",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"), [(None, "missing-kind"), ("neuron", "unknown-kind"), ([], "unknown-kind")]
)
def test_a_kind_that_is_none_of_the_four_is_an_error(wrong, code):
    net = small()
    net.nodes["x"]["kind"] = wrong
    assert refused(ng.InvalidNetworkError, ng.kind, net, "x").code == code


@given(networks())
def test_weights_answers_with_a_new_dictionary_in_the_order_of_the_edges(net):
    answer = ng.weights(net)
    assert list(answer) == list(net.edges)
    assert all(net.edges[edge]["weight"] == weight for edge, weight in answer.items())
    before = fingerprint(net)
    answer.clear()
    assert fingerprint(net) == before


@pytest.mark.parametrize("weight", [None, "0.5", math.nan, True])
def test_weights_refuses_an_edge_without_a_sound_one_naming_it(weight):
    net = small()
    net.edges["x", "hidden one"]["weight"] = weight
    assert refused(ng.WeightError, ng.weights, net).where == "edge 'x' → 'hidden one'"


@given(networks())
def test_sources_come_in_the_order_of_the_nodes_whatever_a_copy_does_to_net_pred(net):
    position = {neuron: i for i, neuron in enumerate(net)}
    expected = {neuron: sorted(net.predecessors(neuron), key=position.get) for neuron in net}
    assert incoming(net) == expected
    reordered = nx.DiGraph()
    reordered.add_nodes_from(net.nodes(data=True))
    reordered.add_edges_from(reversed(list(net.edges(data=True))))
    assert incoming(reordered) == incoming(net.copy()) == expected
    assert list(incoming(net)) == list(net)
