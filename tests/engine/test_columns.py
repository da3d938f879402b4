"""Reading a graph: its layout is as defined, whatever its keys, class, weights and place in memory."""

import decimal
import fractions
from bisect import bisect_left
from dataclasses import fields
from itertools import count, product
from unittest import mock

import networkx as nx
import numpy as np
import pytest
from comparing import mixed_network
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import EVERY, fingerprint, networks, of_kind

import neurograph as ng
from neurograph.engine import columns, levels
from neurograph.engine.door import read_layout
from neurograph.engine.layout import Layout

# A layout by its definition, as slow as it is plain


def level_of_each(net):
    """The longest path to each neuron; what no input reaches stands just before the first that it feeds."""
    order = list(nx.topological_sort(net))
    reached = set(of_kind(net, "input")).union(*(nx.descendants(net, i) for i in of_kind(net, "input")))
    level = {}
    for neuron in order:
        level[neuron] = max((level[source] + 1 for source in net.pred[neuron]), default=0)
    for neuron in reversed(order):
        if neuron not in reached and net.succ[neuron]:
            level[neuron] = min(level[target] for target in net.succ[neuron]) - 1
    return level


def defined_layout(net):
    level, place = level_of_each(net), {neuron: i for i, neuron in enumerate(net)}
    neurons = sorted(net, key=lambda neuron: (level[neuron], place[neuron]))
    number = {neuron: j for j, neuron in enumerate(neurons)}
    edges = sorted(net.edges, key=lambda edge: (number[edge[1]], place[edge[0]]))
    names = [str(net.nodes[n]["activation"]) if net.in_degree(n) else None for n in neurons]
    functions = [name for name in dict.fromkeys(names) if name is not None]
    targets = [number[target] for _, target in edges]
    in_levels = sorted(level.values())
    return Layout(
        neurons=neurons,
        activation=np.array([functions.index(name) if name else -1 for name in names], np.int32),
        functions=tuple(ng.ACTIVATIONS[name] for name in functions),
        offsets=np.array([bisect_left(targets, j) for j in range(len(neurons) + 1)], np.int64),
        sources=np.array([number[source] for source, _ in edges], np.int32),
        targets=np.array(targets, np.int32),
        weights=np.array([float(net.edges[edge]["weight"]) for edge in edges]),
        trainable=np.array([bool(net.edges[edge].get("trainable", True)) for edge in edges]),
        level_starts=np.array([bisect_left(in_levels, i) for i in range(in_levels[-1] + 2)], np.int32),
        inputs=np.array([number[neuron] for neuron in of_kind(net, "input")], np.int32),
        outputs=np.array([number[neuron] for neuron in of_kind(net, "output")], np.int32),
        biases=np.array([number[neuron] for neuron in of_kind(net, "bias")], np.int32),
    )


def written(layout):
    """All of a layout, to the bit and the dtype."""
    found = [getattr(layout, field.name) for field in fields(layout)]
    return [(x.dtype, x.tobytes()) if isinstance(x, np.ndarray) else list(map(repr, x)) for x in found]


def check_all_ways(net):
    """Read a graph by source and by target, in chunks of three edges, and number its levels in both ways."""
    expected, before = written(defined_layout(net)), fingerprint(net)
    assert written(read_layout(net)) == expected
    for step, worth in product((1, -1), (0, 10**9)):
        with (
            mock.patch.object(columns, "_CHUNK", 3),
            mock.patch.object(columns, "_stride", side_effect=count(0, step)),
            mock.patch.object(levels, "EDGES_WORTH_A_LEVEL", worth),
        ):
            assert written(read_layout(net)) == expected
    assert fingerprint(net) == before


# Graphs of every kind


class Labelled(nx.DiGraph):
    """A graph that is not made without an argument."""

    def __init__(self, label, *arguments, **attributes):
        super().__init__(*arguments, **attributes)


KEYS = {
    "as they are": lambda i: i,
    "from 0": lambda i: i - 1,
    "negative": lambda i: 3 - i,
    "far apart": lambda i: 10**6 * i,
    "beyond 64 bits": lambda i: 10**19 + i,
    "from end to end of 64 bits": lambda i: (-1) ** i * (2**63 - i),
    "texts": lambda i: f"n{i}",
    "mixed": lambda i: f"n{i}" if i % 3 else i,
    "floats": lambda i: i / 2,
    "pairs": lambda i: (i, str(i)),
    "bool and integers": lambda i: i > 1 if i < 3 else i,
    "numpy's integers": np.int64,
}
ENDS = (lambda key: key, float, np.int64, np.float64, complex, np.complex128, fractions.Fraction, int)
WEIGHTS = (
    float,
    np.float64,
    np.float32,
    fractions.Fraction,
    decimal.Decimal,
    round,
    lambda w: np.int8(w / 2),
)
FORMS = (
    lambda net: net,
    nx.DiGraph.copy,
    nx.freeze,
    nx.subgraph_view,
    lambda net: net.subgraph(list(net)),
    lambda net: net.reverse().reverse(copy=False),
    lambda net: nx.disjoint_union(net, net),
    lambda net: Labelled("mine", net),
    lambda net: nx.compose(nx.DiGraph([(0, 1)]), nx.relabel_nodes(net, str)).subgraph(map(str, net)),
)


def rebuilt(net, draw):
    """The same network with other keys, equal keys at the ends, other weights, more attributes."""
    key = KEYS[draw(st.sampled_from(sorted(KEYS)))]
    keys = {neuron: key(i) for i, neuron in enumerate(net, start=1)}
    plain = draw(st.booleans())
    other = nx.DiGraph()
    other.add_nodes_from((keys[neuron], dict(attributes)) for neuron, attributes in net.nodes(data=True))
    for source, target, attributes in draw(st.permutations(list(net.edges(data=True)))):
        ends = [keys[source], keys[target]]
        if not plain:
            ends = [equal(end, draw(st.sampled_from(ENDS))) for end in ends]
            attributes = attributes | {"weight": draw(st.sampled_from(WEIGHTS))(attributes["weight"])}
            attributes |= draw(st.sampled_from([{}, {}, {"label": "a"}, {"trainable": np.False_}]))
        other.add_edge(*ends, **attributes)
    return other


def equal(key, end):
    """Write a key as another type, where it stays the same key."""
    try:
        return end(key) if end(key) == key and hash(end(key)) == hash(key) else key
    except (TypeError, ValueError, OverflowError):
        return key


@settings(max_examples=200)
@given(st.data())
def test_a_network_of_any_kind_is_laid_out_as_defined(data):
    net = data.draw(networks(activations=EVERY, biases=4, frozen=data.draw(st.booleans()), named=False))
    check_all_ways(data.draw(st.sampled_from(FORMS))(rebuilt(net, data.draw)))


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("end", ENDS)
def test_ends_that_only_equal_the_keys_of_neurons_are_these_neurons(keys, end):
    net = nx.convert_node_labels_to_integers(mixed_network(1), first_label=1)
    other = nx.relabel_nodes(net, KEYS[keys])
    for source, target, attributes in list(other.edges(data=True)):
        other.remove_edge(source, target)
        other.add_edge(equal(source, end), equal(target, end), **attributes)
    check_all_ways(other)


@pytest.mark.parametrize(
    "net",
    [
        ng.mlp([5, 40, 30, 2], seed=0),
        ng.random_network(inputs=2, hidden=1500, biases=20, reach=3, seed=0),
        ng.random_network(inputs=9, hidden=300, outputs=4, fan_in=9, activations=EVERY, seed=1),
        nx.disjoint_union(ng.mlp([3, 9, 2], seed=1), ng.random_network(hidden=99, reach=2, seed=2)),
    ],
    ids=["full", "deep", "irregular", "two parts"],
)
def test_larger_networks_are_laid_out_as_defined(net):
    check_all_ways(net)


# The way that is taken


def placed(order, size=60):
    """A network whose edges' attributes lie in memory in the order of a sort key of (source, target)."""
    pairs = sorted(((i, j) for j in range(size, 2 * size) for i in range(size)), key=order)
    attributes = sorted(({} for _ in pairs), key=id)
    net = nx.DiGraph()
    net.add_nodes_from(range(size), kind="input")
    net.add_nodes_from(range(size, 2 * size), kind="output", activation="tanh")
    for pair, where in zip(pairs, attributes, strict=True):
        net.edge_attr_dict_factory = lambda where=where: where
        net.add_edge(*pair, weight=0.5)
    return net


@pytest.mark.parametrize("by", ["source", "target"])
def test_edges_are_read_in_the_order_in_which_they_lie_in_memory(by):
    net = placed(lambda pair: pair if by == "source" else pair[::-1])
    outgoing = [edges for _, edges in net.adjacency()]
    incoming = columns._if_closer_together(outgoing, net)
    assert (incoming is None) == (by == "source")
    assert incoming is None or incoming[-1].keys() == set(range(60))
    assert written(read_layout(net)) == written(defined_layout(net))


def test_a_small_graph_is_read_by_source():
    net = ng.mlp([2, 3, 1], seed=0)
    assert columns._if_closer_together([edges for _, edges in net.adjacency()], net) is None
