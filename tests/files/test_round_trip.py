"""What is saved comes back: keys, attributes, orders, and every bit of every weight."""

import json
import math
import struct

import networkx as nx
import numpy as np
import pytest
from strategies import fingerprint

import neurograph as ng
from neurograph.files import dumps, load, loads, save
from neurograph.files.edge_order import storage_order
from neurograph.files.json_format import VERSION

GRAPHS = 320
LABELS = (
    "plain",
    "größe",
    "\x1b[31m",
    "a\u202eb",
    "\u2028",
    'quote " and \\',
    "",
    "数",
    "\U0001f600",
    "a\nb",
)


def bits(number):
    return struct.pack("<d", number)


def any_finite_float(generator):
    """Draw a float64 by its bits: subnormal, huge and −0.0 all come up."""
    while True:
        number = struct.unpack("<d", generator.bytes(8))[0]
        if math.isfinite(number):
            return number


def any_attribute(generator, depth=0):
    """Draw a value that a file can hold."""
    scalars = (
        None,
        True,
        False,
        0,
        -(10**20 - 1),
        10**20 - 1,
        -0.0,
        any_finite_float(generator),
        "text",
        "数",
    )
    choice = int(generator.integers(len(scalars) + 2))
    if choice < len(scalars) or depth > 3:
        return scalars[choice % len(scalars)]
    values = [any_attribute(generator, depth + 1) for _ in range(int(generator.integers(4)))]
    return values if choice == len(scalars) else {f"{LABELS[i]}{i}": value for i, value in enumerate(values)}


def shuffled_network(seed):
    """Build a sound network whose nodes, edges and keys come in an order of chance, with attributes."""
    generator = np.random.default_rng(seed)
    sizes = {name: int(generator.integers(1, 5)) for name in ("inputs", "outputs", "biases")}
    model = ng.random_network(**sizes, hidden=int(generator.integers(0, 15)), fan_in=2.5, seed=generator)
    named = seed % 2 == 0
    key = {n: f"{LABELS[1]} {n}" if named else int(n * 7 - 40) for n in model}
    net = nx.DiGraph(about=any_attribute(generator), title=LABELS[seed % len(LABELS)])
    for n in generator.permutation(list(model)).tolist():
        net.add_node(key[n])
        attributes = list(model.nodes[n].items())
        for name, value in attributes if generator.random() < 0.5 else reversed(attributes):
            net.nodes[key[n]][name] = value
        net.nodes[key[n]]["note"] = any_attribute(generator)
    edges = list(model.edges)
    for i in generator.permutation(len(edges)).tolist():
        source, target = edges[i]
        net.add_edge(key[source], key[target], weight=any_finite_float(generator))
        if generator.random() < 0.3:
            net.edges[key[source], key[target]].update(trainable=bool(generator.random() < 0.5), tag="t")
    return net


def assert_same(net, other):
    """Compare with networkx's own questions, and the weights by their bits."""
    assert type(other) is nx.DiGraph
    assert other.graph == net.graph
    assert [(type(n), n) for n in other] == [(type(n), n) for n in net]
    assert list(other.edges) == list(net.edges)
    for n in net:
        assert list(other.succ[n]) == list(net.succ[n])
        assert list(other.pred[n]) == list(net.pred[n])
        assert repr(dict(other.nodes[n])) == repr(dict(net.nodes[n]))
    for edge in net.edges:
        assert repr(other.edges[edge]) == repr(net.edges[edge])
        assert bits(other.edges[edge]["weight"]) == bits(net.edges[edge]["weight"])


@pytest.mark.parametrize("first", range(0, GRAPHS, 40))
def test_a_network_comes_back_with_its_keys_orders_attributes_and_bits(first):
    for seed in range(first, first + 40):
        net = shuffled_network(seed)
        before = fingerprint(net)
        text = dumps(net)
        assert_same(net, loads(text))
        assert fingerprint(net) == before, "writing changed the network"
        assert dumps(loads(text)) == text


def test_the_random_networks_are_not_trivial():
    nets = [shuffled_network(seed) for seed in range(GRAPHS)]
    assert sum(list(net.edges) != storage_order(net) for net in nets) > GRAPHS / 2
    assert sum(net.number_of_edges() for net in nets) > 10 * GRAPHS


def test_a_file_comes_back_like_the_text(tmp_path):
    net = shuffled_network(1)
    save(net, tmp_path / "net.json")
    assert_same(net, load(tmp_path / "net.json"))
    assert (tmp_path / "net.json").read_bytes() == dumps(net).encode()


def test_the_path_may_be_a_string_and_the_ending_in_capitals(tmp_path):
    save(ng.example_network(), str(tmp_path / "net.JSON"))
    assert_same(ng.example_network(), load(str(tmp_path / "net.JSON")))


@pytest.mark.parametrize(
    "weight",
    [-0.0, 0.0, 5e-324, -2.2250738585072011e-308, 1.7976931348623157e308, 0.1, 1 / 3, 2.0**53 + 2, 1e22],
)
def test_weights_at_the_edge_of_float64_come_back_bit_for_bit(weight):
    net = ng.example_network()
    net.edges[4, 6]["weight"] = weight
    assert bits(loads(dumps(net)).edges[4, 6]["weight"]) == bits(weight)


@pytest.mark.parametrize(
    "weight", [3, np.float32(0.1), np.float16(0.1), np.int64(-7), np.uint8(255), np.float64(0.1)]
)
def test_other_real_numbers_are_written_as_the_floats_they_equal(weight):
    net = ng.example_network()
    net.edges[4, 6]["weight"] = weight
    loaded = loads(dumps(net)).edges[4, 6]["weight"]
    assert type(loaded) is float
    assert loaded == weight


def test_scalars_of_numpy_become_those_of_python():
    net = ng.example_network()
    net = nx.relabel_nodes(net, {n: np.int64(n) for n in net})
    net.nodes[3]["x"] = [np.float32(0.1), np.bool_(True), np.str_("a"), np.int8(-3)]
    net.edges[1, 3]["trainable"] = np.bool_(False)
    loaded = loads(dumps(net))
    assert repr(loaded.nodes[3]["x"]) == repr([float(np.float32(0.1)), True, "a", -3])
    assert {type(n) for n in loaded} == {int}
    assert loaded.edges[1, 3]["trainable"] is False


def test_an_integer_weight_in_a_file_becomes_a_float():
    text = dumps(ng.example_network()).replace('"weight": 0.5}', '"weight": 9007199254740992}')
    loaded = loads(text).edges[3, 6]["weight"]
    assert type(loaded) is float
    assert loaded == 2**53


def test_sums_run_as_before_after_a_load():
    """The order of sums is that of net.nodes, so a pass over a loaded network gives the same bits."""
    for seed in range(20):
        net = ng.random_network(inputs=3, hidden=12, outputs=2, seed=seed)
        loaded = loads(dumps(net))
        assert [list(net.pred[n]) for n in net] == [list(loaded.pred[n]) for n in loaded]


def test_one_neuron_a_line_and_one_edge_a_line():
    net = ng.example_network()
    lines = dumps(net).splitlines()
    neurons = [json.loads(line.rstrip(",")) for line in lines if line.startswith('    {"id"')]
    edges = [json.loads(line.rstrip(",")) for line in lines if line.startswith('    {"source"')]
    assert [neuron["id"] for neuron in neurons] == list(net)
    assert [(edge["source"], edge["target"]) for edge in edges] == list(net.edges)


def test_the_text_is_json_that_another_reader_takes_for_the_same_graph():
    net = shuffled_network(7)
    read = nx.node_link_graph(json.loads(dumps(net)), edges="edges")
    assert list(read) == list(net)
    assert {edge: bits(read.edges[edge]["weight"]) for edge in read.edges} == {
        edge: bits(net.edges[edge]["weight"]) for edge in net.edges
    }


def test_the_head_says_what_the_file_is():
    head = json.loads(dumps(ng.example_network()))
    assert list(head) == ["format", "version", "directed", "multigraph", "graph", "nodes", "edges"]
    assert (head["format"], head["version"]) == ("neurograph", VERSION)
    assert (head["directed"], head["multigraph"], head["graph"]) == (True, False, {})


def test_no_control_or_hidden_character_reaches_the_file():
    net = ng.example_network()
    net.nodes[3]["label"] = "\x1b]0;title\x07 \x9b31m \u202e \u2066 \ufeff \x7f größe"
    text = dumps(net)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "größe" in text
    assert loads(text).nodes[3]["label"] == net.nodes[3]["label"]


def test_the_order_of_edges_contradicts_no_list_of_neighbours():
    net = nx.DiGraph()
    net.add_nodes_from("abcd")
    net.add_edges_from([("b", "d"), ("a", "d"), ("b", "c"), ("a", "c")])
    order = storage_order(net)
    for n in net:
        assert [edge for edge in order if edge[0] == n] == [(n, t) for t in net.succ[n]]
        assert [edge for edge in order if edge[1] == n] == [(s, n) for s in net.pred[n]]


def test_edges_that_are_in_order_already_stay_so():
    net = ng.mlp([3, 4, 2], seed=0)
    assert storage_order(net) == list(net.edges)


def test_lists_of_neighbours_that_contradict_each_other_fall_back_to_the_order_of_the_edges():
    net = nx.DiGraph()
    net.add_nodes_from("abcd")
    net.add_edges_from([("a", "c"), ("a", "d"), ("b", "d"), ("b", "c")])
    sources = net._pred["c"]
    sources["a"] = sources.pop("a")  # no order of insertion gives this
    assert list(net.pred["c"]) == ["b", "a"]
    assert storage_order(net) == list(net.edges)


def test_a_chain_of_a_hundred_thousand_neurons_comes_back(tmp_path):
    count = 100_000
    net = nx.DiGraph()
    net.add_node(0, kind="input")
    net.add_nodes_from(range(1, count - 1), kind="hidden", activation="tanh")
    net.add_node(count - 1, kind="output", activation="identity")
    net.add_edges_from(((n, n + 1) for n in range(count - 1)), weight=0.5)
    save(net, tmp_path / "chain.json")
    loaded = load(tmp_path / "chain.json")
    assert len(loaded) == count
    assert list(loaded.edges) == list(net.edges)


def test_a_frozen_graph_and_a_view_can_be_saved():
    net = ng.example_network()
    assert dumps(nx.freeze(ng.example_network())) == dumps(net)
    assert list(loads(dumps(net.subgraph(list(net)))).edges) == list(net.edges)
