"""Every code of a finding by a minimal graph, all problems at once, and a check that never raises."""

import math
import pickle
from decimal import Decimal
from unittest.mock import Mock

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import EVERY, fingerprint, networks

import neurograph as ng


def network(text, **attributes):
    """Build a network from edges such as "x→h b→h h→y": x inputs, b biases, y outputs, the others hidden."""
    kinds = {"x": "input", "b": "bias", "y": "output"}
    net = nx.DiGraph()
    for edge in text.split():
        ends = edge.split("→")
        for neuron in ends:
            kind = kinds.get(neuron[0], "hidden")
            computes = {} if kind in ("input", "bias") else {"activation": "identity"}
            net.add_node(neuron, kind=kind, **computes)
        if len(ends) == 2:
            net.add_edge(*ends, weight=0.5)
    for neuron, more in attributes.items():
        net.nodes[neuron].update(more)
    return net


def with_edge(**attributes):
    net = network("x→y b→y")
    net.edges["x", "y"].update(attributes)
    return net


def without(attribute):
    net = network("x→y b→y")
    del (net.edges["x", "y"] if attribute == "weight" else net.nodes["y"])[attribute]
    return net


MINIMAL = {
    "not-a-digraph": nx.Graph(),
    "no-input": network("b→y"),
    "no-output": network("x"),
    "cycle": network("x→h h→i i→h h→y b→h b→i b→y"),
    "self-loop": network("x→y b→y y→y"),
    "missing-kind": network("x→y b→y h", h={"kind": None}),
    "unknown-kind": network("x→y b→y h", h={"kind": "hiden"}),
    "missing-activation": without("activation"),
    "unknown-activation": network("x→y b→y", y={"activation": "relux"}),
    "input-has-incoming": network("x2→x x→y b→y"),
    "bias-has-incoming": network("x→h b1→h x→b h→y b→y"),
    "source-has-activation": network("x→y b→y", x={"activation": "tanh"}),
    "unfed": network("x→y b→y h→y"),
    "missing-weight": without("weight"),
    "weight-not-a-number": with_edge(weight="0.5"),
    "weight-not-finite": with_edge(weight=math.nan),
    "trainable-not-boolean": with_edge(trainable="no"),
    "not-layered": network("x→h h→y x→y b→h b→y"),
    "dead-end": network("x→y b→y x→h b→h"),
    "unreachable": network("x→h b→h b→i h→y i→y b2→y"),
    "missing-bias": network("x→y"),
    "extra-bias": network("x→y b→y b2→y"),
    "late-input": network("x→h b→h h→y b2→y x2→y"),
    "early-output": network("x→y b→y x→h b→h h→y2 b2→y2"),
    "output-feeds-on": network("x→y b→y y→y2 b2→y2"),
    "mixed-activations": network("x→y b→y x→y2 b→y2", y={"activation": "tanh"}),
    "not-differentiable": network("x→y b→y", y={"activation": "step"}),
}


def codes(net):
    return [finding.code for finding in ng.check(net).findings]


def test_the_table_of_minimal_graphs_is_complete():
    assert list(MINIMAL) == list(ng.CODES)
    assert set(ng.CODES.values()) == {"error", "warning"}


@pytest.mark.parametrize("code", ng.CODES)
def test_every_code_has_a_graph_that_shows_it_alone(code):
    report = ng.check(MINIMAL[code])
    (finding,) = report.findings
    assert (finding.code, finding.severity) == (code, ng.CODES[code])
    assert finding.message
    assert finding.fix
    assert "\n" not in finding.message + finding.fix
    assert str(finding).startswith(code)
    assert report.ok == (finding.severity == "warning")
    assert (len(report.errors), len(report.warnings)) == ((0, 1) if report.ok else (1, 0))
    if report.feed_forward:
        assert all(neuron in MINIMAL[code] for neuron in finding.neurons)
        assert all(MINIMAL[code].has_edge(*edge) for edge in finding.edges)


def test_a_sound_minimal_network_has_no_finding():
    assert codes(network("x→y b→y")) == []


@pytest.mark.parametrize("code", ng.CODES)
def test_errors_are_refused_everywhere_and_warnings_where_they_matter(code):
    accepted = {
        require: not raises(MINIMAL[code], require) for require in ("feed-forward", "layered", "textbook")
    }
    is_warning = ng.CODES[code] == "warning"
    assert accepted == {
        "feed-forward": is_warning,
        "layered": is_warning and code != "not-layered",
        "textbook": False,
    }


def raises(net, require):
    try:
        return ng.validate(net, require=require) is None
    except ng.InvalidNetworkError as error:
        return error.report == ng.check(net)


WHERE = {
    "cycle": (("h", "i"), (("h", "i"), ("i", "h"))),
    "self-loop": (("y",), (("y", "y"),)),
    "input-has-incoming": (("x",), (("x2", "x"),)),
    "missing-weight": ((), (("x", "y"),)),
    "unreachable": (("i",), ()),
    "extra-bias": (("b", "b2"), ()),
    "output-feeds-on": (("y",), (("y", "y2"),)),
    "not-layered": (("y",), (("x", "y"), ("x", "h"), ("h", "y"))),
}


@pytest.mark.parametrize("code", WHERE)
def test_a_finding_names_its_neurons_and_edges(code):
    (finding,) = ng.check(MINIMAL[code]).findings
    assert (finding.neurons, finding.edges) == WHERE[code]


def test_five_faults_are_five_findings():
    net = ng.example_network()
    net.add_edge(6, 3, weight=0.5)
    net.nodes[7]["activation"] = "relux"
    net.nodes[1]["kind"] = "imput"
    net.edges[4, 6]["weight"] = "0.5"
    del net.edges[8, 9]["weight"]
    net.add_node("new", kind="hidden", activation="tanh")
    errors = {finding.code for finding in ng.check(net).errors}
    assert errors == {
        "cycle", "unknown-activation", "unknown-kind", "weight-not-a-number", "missing-weight", "unfed",
        "no-input",
    }  # fmt: skip
    with pytest.raises(ng.InvalidNetworkError) as caught:
        ng.validate(net)
    lines = str(caught.value).splitlines()
    assert lines[0] == "7 problems in this network"
    assert len(lines) == 8
    assert "3 → 6 → 3: remove one of these edges" in str(caught.value)
    assert "did you mean 'relu'?" in str(caught.value)
    assert "did you mean 'input'?" in str(caught.value)


def test_every_separate_cycle_is_found():
    net = network("x→h h→i i→h x→j j→k k→j i→y k→y b→h b→i b→j b→k b→y")
    assert codes(net) == ["cycle", "cycle"]
    assert [finding.neurons for finding in ng.check(net).findings] == [("h", "i"), ("j", "k")]


@pytest.mark.parametrize(
    "net", [ng.example_network(), ng.example_network(seed=3), ng.mlp([3, 4, 2], seed=0), ng.mlp([1, 1])]
)
def test_the_texts_network_and_dense_layers_have_no_finding(net):
    report = ng.check(net)
    assert report.findings == ()
    assert (report.ok, report.feed_forward, report.layered) == (True, True, True)
    assert report.layers == ng.layers(net)
    assert ng.validate(net, require="textbook") == report


@given(networks(activations=EVERY, frozen=True))
def test_a_random_network_has_no_error_and_the_report_agrees_with_the_questions(net):
    report = ng.check(net)
    assert report.errors == ()
    assert report.feed_forward
    assert report.layered == ng.is_layered(net) == ("not-layered" not in codes(net))
    dead = {n for f in report.findings if f.code == "dead-end" for n in f.neurons}
    assert dead == {n for n in net if not {n, *nx.descendants(net, n)} & set(ng.outputs(net))}
    lost = {n for f in report.findings if f.code == "unreachable" for n in f.neurons}
    reached = set().union(*({n, *nx.descendants(net, n)} for n in ng.inputs(net)))
    assert lost == set(net) - reached - set(ng.biases(net))
    bare = {n for f in report.findings if f.code == "missing-bias" for n in f.neurons}
    fed = {t for n in ng.biases(net) for t in net[n]}
    assert bare == set(net) - fed - set(ng.biases(net)) - set(ng.inputs(net))


def test_errors_come_before_warnings():
    net = network("x→y x→h h→i i→h")
    severities = [finding.severity for finding in ng.check(net).findings]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}


def test_a_report_is_read_as_a_sentence_and_a_list():
    assert str(ng.check(ng.example_network())) == "no problems: feed-forward, 4 layers"
    lines = str(ng.check(network("x→h h→y x→y"))).splitlines()
    assert lines[0] == "2 warnings: feed-forward, not layered"
    assert [line.split()[0] for line in lines[1:]] == ["not-layered", "missing-bias"]


def test_one_layer_is_not_called_layers_and_none_is_called_so():
    net = nx.DiGraph()
    assert str(ng.check(net)).splitlines()[0].endswith("feed-forward, no layers")
    ng.add_input(net, 1)
    assert str(ng.check(net)).splitlines()[0].endswith("feed-forward, 1 layer")


def test_more_than_a_hundred_findings_are_counted_not_listed():
    net = network("x→y b→y")
    net.add_nodes_from(range(250))
    assert len(ng.check(net).findings) == 250
    with pytest.raises(ng.InvalidNetworkError) as caught:
        ng.validate(net)
    for text in (str(ng.check(net)), str(caught.value)):
        assert text.count("\n") == 101
        assert text.endswith("… and 150 more")


def test_an_error_about_weights_alone_is_a_weight_error():
    net = network("x→y b→y")
    net.edges["x", "y"]["weight"] = None
    net.edges["b", "y"]["weight"] = math.inf
    with pytest.raises(ng.WeightError, match="2 problems"):
        ng.validate(net)
    net.nodes["y"]["activation"] = None
    with pytest.raises(ng.InvalidNetworkError, match="3 problems") as caught:
        ng.validate(net)
    assert not isinstance(caught.value, ng.WeightError)


def test_an_error_survives_the_way_to_another_process():
    net = network("x→h h→i i→h")
    with pytest.raises(ng.InvalidNetworkError) as caught:
        ng.validate(net)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert str(again) == str(caught.value)
    assert again.report == ng.check(net)
    assert vars(again) == vars(caught.value)


@pytest.mark.parametrize("require", ["layerd", "", None, 3, [], {}, "not-layered"])
def test_an_unknown_requirement_is_refused(require):
    with pytest.raises(ng.OptionError, match="one of 'feed-forward', 'layered', 'textbook'") as caught:
        ng.validate(ng.example_network(), require=require)
    assert caught.value.code == "unknown-requirement"


def test_a_misspelt_requirement_is_answered_with_the_nearest():
    with pytest.raises(ng.OptionError, match="did you mean 'layered'"):
        ng.validate(ng.example_network(), require="layerd")


# Whatever it is given.


def test_parallel_edges_are_shown_with_their_weights():
    net = nx.MultiDiGraph()
    net.add_edge("a", "b", weight=1)
    net.add_edge("a", "b", weight=2)
    (finding,) = ng.check(net).findings
    assert finding.code == "not-a-digraph"
    assert finding.edges == (("a", "b"),)
    assert "2 edges 'a' → 'b' of weights 1, 2" in finding.message
    assert "merge" in finding.fix


@pytest.mark.parametrize(
    "net",
    [None, 7, "net", {}, {1: {2: {}}}, [], object(), nx.Graph([(1, 2)]), nx.MultiGraph([(1, 2)]),
     nx.MultiDiGraph(), nx.DiGraph, np.eye(3), Mock()],
)  # fmt: skip
def test_what_is_no_digraph_is_one_finding(net):
    report = ng.check(net)
    assert [finding.code for finding in report.findings] == ["not-a-digraph"]
    assert not report.ok
    assert not report.feed_forward
    assert report.layers is None
    assert isinstance(str(report), str)
    with pytest.raises(ng.InvalidNetworkError, match="DiGraph"):
        ng.validate(net)


def test_an_empty_graph_lacks_inputs_and_outputs():
    report = ng.check(nx.DiGraph())
    assert [finding.code for finding in report.findings] == ["no-input", "no-output"]
    assert (report.feed_forward, report.layers) == (True, [])


@pytest.mark.parametrize(
    "view",
    [
        nx.freeze(ng.example_network()),
        ng.example_network().subgraph(range(1, 10)),
        nx.subgraph_view(ng.example_network(), filter_edge=lambda s, t: True),
        ng.example_network().copy(as_view=True),
        nx.reverse_view(nx.reverse(ng.example_network())),
    ],
    ids=["frozen", "subgraph", "filtered", "copy", "reversed"],
)
def test_frozen_graphs_and_views_are_checked_like_others(view):
    report = ng.check(view)
    assert report.findings == ()
    assert report.layers == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]


class Labelled(nx.DiGraph):
    """A graph that is not made without an argument."""

    def __init__(self, label, *arguments, **attributes):
        super().__init__(*arguments, **attributes)


def test_a_graph_of_a_class_that_needs_arguments_is_checked_like_others():
    assert ng.check(Labelled("mine", ng.example_network())).layers == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]


def test_a_view_is_checked_as_what_it_shows():
    view = ng.example_network().subgraph([1, 2, 3, 4])
    assert codes(view) == ["no-output"]


class Hostile:
    """An object that lets nothing be done with it."""

    def refuse(self, *arguments):
        raise RuntimeError("\x1b[31mhostile")

    __eq__ = __ne__ = __lt__ = __hash__ = __repr__ = __str__ = __bool__ = __len__ = __iter__ = refuse
    __float__ = __int__ = __index__ = __getitem__ = __contains__ = __call__ = __format__ = __getattr__ = (
        refuse
    )


class HostileText(str):
    __slots__ = ()
    __eq__ = __ne__ = __hash__ = __repr__ = __str__ = Hostile.refuse


class HostileFloat(float):
    __eq__ = __ne__ = __float__ = __repr__ = __hash__ = Hostile.refuse


class HostileInt(int):
    __eq__ = __ne__ = __float__ = __int__ = __repr__ = __str__ = __hash__ = Hostile.refuse


class HostileKey:
    """A neuron that will not be compared or written."""

    __eq__ = __ne__ = __repr__ = __str__ = Hostile.refuse
    __hash__ = object.__hash__


HOSTILE = [
    Hostile(), HostileText("hidden"), HostileText("relu"), HostileFloat(1.0), HostileInt(1), Mock(spec=float),
    Mock(spec=str), Mock(spec=bool), [], {}, set(), (), [[]], np.array([1.0, 2.0]), np.array("hidden"),
    np.array([]), np.str_("hidden"), np.nan, np.datetime64("NaT", "s"), Decimal("sNaN"), 10**5000, -(10**400),
    1j, b"hidden", "", "\x1b", "x" * 100_000, "\ud800", lambda: None, type, NotImplemented, ..., float("nan"),
    True, 0, object(),
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=[type(value).__name__ for value in HOSTILE])
def test_no_attribute_makes_the_check_raise_or_change_the_graph(value):
    for neuron in (1, 2, 6, 9):
        for name in ("kind", "activation", "label"):
            net = ng.example_network()
            net.nodes[neuron][name] = value
            assert_unmoved(net)
    for edge in ((1, 3), (8, 9)):
        for name in ("weight", "trainable", "label"):
            net = ng.example_network()
            net.edges[edge][name] = value
            assert_unmoved(net)


def assert_unmoved(net):
    """Check a graph, write the report, and see that nothing was raised, changed or written raw."""
    before = fingerprint(net)
    report = ng.check(net)
    assert "\x1b" not in str(report)
    assert all(len(line) < 700 for line in str(report).splitlines())
    if not report.ok:
        with pytest.raises(ng.InvalidNetworkError):
            ng.validate(net)
    assert fingerprint(net) == before


def test_no_key_makes_the_check_raise():
    for keys in (
        [HostileKey() for _ in range(4)],
        [math.nan, -0.0, (1, "a"), frozenset()],
        [b"a", 1j, type, ...],
    ):
        a, b, c, d = keys
        net = nx.DiGraph([(a, b), (b, c), (a, c), (c, d)])
        net.add_node(a, kind="input")
        net.add_node(d, kind="output", activation="tanh")
        assert "not-layered" in codes(net)
        assert_unmoved(net)
        net.add_edge(d, b)
        net.add_edge(c, c)
        assert {"cycle", "self-loop"} <= set(codes(net))
        assert_unmoved(net)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4)
    | st.sampled_from(["input", "bias", "hidden", "output", "tanh", "step", "relux"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@given(st.data())
def test_no_graph_makes_the_check_raise_or_is_changed_by_it(data):
    net = nx.DiGraph()
    keys = data.draw(st.lists(st.integers(0, 9) | st.text(max_size=2), min_size=1, max_size=7, unique=True))
    for key in keys:
        net.add_node(key)
        net.nodes[key].update(
            data.draw(st.dictionaries(st.sampled_from(["kind", "activation", "x"]), anything, max_size=3))
        )
    ends = st.sampled_from(keys)
    for source, target in data.draw(st.lists(st.tuples(ends, ends), max_size=12)):
        net.add_edge(source, target)
        net.edges[source, target].update(
            data.draw(st.dictionaries(st.sampled_from(["weight", "trainable", "x"]), anything, max_size=3))
        )
    assert_unmoved(net)
    report = ng.check(net)
    assert report.feed_forward == nx.is_directed_acyclic_graph(net)
