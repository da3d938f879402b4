"""Order, layers and levels, against brute force over all divisions, linear algebra and networkx."""

import inspect
import itertools
import random
import sys
from contextlib import contextmanager
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import fingerprint, networks, of_kind, random_graphs

import neurograph as ng
from neurograph.network.layering import cycles, order_as_far_as_possible


def random_graph(generator, most):
    """Return a random digraph: layered by construction, nearly layered, without a cycle, or any."""
    n = int(generator.integers(1, most + 1))
    layer = generator.integers(0, max(1, n - 1), n)
    pairs = list(itertools.permutations(range(n), 2))
    forward = [(s, t) for s, t in pairs if layer[t] == layer[s] + 1]
    sort = generator.integers(0, 4)
    candidates = forward if sort < 2 else [(s, t) for s, t in pairs if s < t] if sort == 2 else pairs
    edges = [edge for edge in candidates if generator.random() < (0.7 if sort < 2 else 1.5 / n)]
    if sort == 1 and pairs:
        edges.append(pairs[generator.integers(len(pairs))])
    net = nx.DiGraph()
    net.add_nodes_from(generator.permutation(n).tolist())
    net.add_edges_from(edges[i] for i in generator.permutation(len(edges)))
    return net


def can_be_divided(net):
    """Try every way to number the neurons: does one let each edge lead from a number to the next?"""
    position = {neuron: i for i, neuron in enumerate(net)}
    numbers = np.indices((len(net),) * len(net)).reshape(len(net), -1)  # one row a neuron, one column a way
    good = np.ones(numbers.shape[1], dtype=bool)
    for source, target in net.edges:
        good &= numbers[position[target]] == numbers[position[source]] + 1
    return bool(good.any())


def has_potential(net):
    """Solve number[target] − number[source] = 1 for all edges at once: is there an exact solution?"""
    position = {neuron: i for i, neuron in enumerate(net)}
    equations = np.zeros((net.number_of_edges(), len(net)))
    for row, (source, target) in zip(equations, net.edges, strict=True):
        row[position[target]] += 1
        row[position[source]] -= 1
    ones = np.ones(len(equations))
    if not len(equations):
        return True
    solution = np.linalg.lstsq(equations, ones, rcond=None)[0]
    return bool(np.abs(equations @ solution - ones).max() < 1e-6)


def assert_division(net, found):
    """Check a list of layers from its definition."""
    assert sorted(map(str, itertools.chain(*found))) == sorted(map(str, net))
    number = {neuron: i for i, layer in enumerate(found) for neuron in layer}
    position = {neuron: i for i, neuron in enumerate(net)}
    assert all(found)
    assert all(number[target] == number[source] + 1 for source, target in net.edges)
    assert all(layer == sorted(layer, key=position.get) for layer in found)
    for part in nx.weakly_connected_components(net):
        assert min(number[neuron] for neuron in part) == 0


def length(net, chain):
    """Count the edges of a chain, those against their direction negative; each must be in the graph."""
    assert all(net.has_edge(a, b) != net.has_edge(b, a) for a, b in pairwise(chain))
    return sum(1 if net.has_edge(a, b) else -1 for a, b in pairwise(chain))


def assert_witness(net, witness):
    one, two = witness.chains
    assert one[0] == two[0]
    assert one[-1] == two[-1] == witness.neuron
    if nx.is_directed_acyclic_graph(net):
        assert length(net, one) != length(net, two)
        assert len(set(one)) == len(one)
        assert len(set(two)) == len(two)
    else:
        assert len(one) == 1 < len(two)
        assert all(net.has_edge(a, b) for a, b in pairwise(two))


def test_layers_and_is_layered_agree_with_trying_every_division():
    generator = np.random.default_rng(101)
    answers = []
    for _ in range(1000):
        net = random_graph(generator, most=6)
        before = fingerprint(net)
        answers.append(can_be_divided(net))
        assert ng.is_layered(net) == answers[-1]
        if answers[-1]:
            assert_division(net, ng.layers(net))
        else:
            with pytest.raises(ng.NotLayeredError) as caught:
                ng.layers(net)
            assert_witness(net, caught.value.witness)
        assert fingerprint(net) == before
    assert 200 < sum(answers) < 800


def test_layers_and_is_layered_agree_with_linear_algebra():
    generator = np.random.default_rng(102)
    answers = []
    for _ in range(1000):
        net = random_graph(generator, most=25)
        answers.append(has_potential(net))
        assert ng.is_layered(net) == answers[-1]
        if answers[-1]:
            assert_division(net, ng.layers(net))
        else:
            with pytest.raises(ng.NotLayeredError) as caught:
                ng.layers(net)
            assert_witness(net, caught.value.witness)
    assert 200 < sum(answers) < 800


def test_the_witness_follows_the_edges_wherever_two_such_chains_exist():
    generator = np.random.default_rng(103)
    seen = {True: 0, False: 0}
    for _ in range(1000):
        undirected = nx.gnp_random_graph(10, 0.2, seed=int(generator.integers(10**9)))
        net = nx.DiGraph((min(edge), max(edge)) for edge in undirected.edges)
        if has_potential(net):
            continue
        along = any(
            len({len(path) for path in nx.all_simple_paths(net, s, t)}) > 1
            for s, t in itertools.permutations(net, 2)
        )
        with pytest.raises(ng.NotLayeredError) as caught:
            ng.layers(net)
        chains = caught.value.witness.chains
        assert along == all(net.has_edge(a, b) for chain in chains for a, b in pairwise(chain))
        seen[along] += 1
    assert min(seen.values()) >= 10


def test_chains_that_run_against_edges_are_found_where_no_others_tell():
    net = nx.DiGraph([("a", "c"), ("b", "c"), ("b", "e"), ("e", "d"), ("a", "d")])
    with pytest.raises(ng.NotLayeredError, match="←") as caught:
        ng.layers(net)
    assert_witness(net, caught.value.witness)
    assert "forward" in caught.value.witness.text


def test_the_text_of_a_skip_edge_names_both_chains():
    net = ng.example_network()
    net.add_edge(3, 9, weight=1.0)
    with pytest.raises(ng.NotLayeredError) as caught:
        ng.layers(net)
    error = caught.value
    assert isinstance(error, ng.InvalidNetworkError)
    assert error.code == "not-layered"
    assert error.witness.chains == ((3, 9), (3, 6, 9))
    assert "3 → 9 (length 1) and 3 → 6 → 9 (length 2)" in str(error)


def test_a_long_chain_is_cut_in_its_middle():
    net = nx.path_graph(2000, create_using=nx.DiGraph)
    net.add_edge(0, 1999)
    with pytest.raises(ng.NotLayeredError, match=r"1998 → 1999 \(length 1999\)") as caught:
        ng.layers(net)
    assert len(str(caught.value)) < 500
    assert len(caught.value.witness.chains[1]) == 2000


# The traps that the design names.


def test_the_texts_network_has_the_texts_layers():
    assert ng.layers(ng.example_network()) == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]


def test_a_bias_neuron_sits_just_before_the_neurons_it_feeds():
    net = ng.example_network()
    assert next(nx.topological_generations(net)) == [1, 2, 5, 8]  # what a plain sort gives
    assert [2 in ng.layers(net)[0], 5 in ng.layers(net)[1], 8 in ng.layers(net)[2]] == [True] * 3
    assert ng.levels(net) == ng.layers(net)


def test_a_hidden_neuron_fed_only_by_a_bias_neuron_has_its_layer():
    net = nx.DiGraph([("x", "h"), ("h", "y"), ("b", "constant"), ("constant", "y")])
    assert ng.layers(net) == [["x", "b"], ["h", "constant"], ["y"]]


def test_separate_parts_each_begin_in_the_first_layer():
    net = nx.DiGraph([(1, 2), (2, 3), (4, 5)])
    net.add_node(6)
    assert ng.layers(net) == [[1, 4, 6], [2, 5], [3]]


def test_an_input_may_feed_a_late_layer_and_an_output_stand_in_an_early_one():
    net = nx.DiGraph([("x", "h"), ("h", "i"), ("i", "y"), ("late", "y"), ("h", "early")])
    assert ng.layers(net) == [["x"], ["h"], ["i", "late", "early"], ["y"]]


def test_one_neuron_is_one_layer_and_no_neuron_is_none():
    one = nx.DiGraph()
    assert (ng.layers(one), ng.levels(one), ng.topological_order(one)) == ([], [], [])
    assert ng.is_layered(one)
    assert ng.is_feed_forward(one)
    one.add_node("only")
    assert (ng.layers(one), ng.levels(one), ng.topological_order(one)) == ([["only"]], [["only"]], ["only"])


def test_a_key_that_is_not_equal_to_itself_ends_no_search():
    nan = float("nan")
    net = nx.DiGraph([(nan, 1), (1, 2), (nan, 2)])
    with pytest.raises(ng.NotLayeredError, match="nan → 2"):
        ng.layers(net)
    net.add_edge(2, nan)
    with pytest.raises(ng.InvalidNetworkError, match=r"nan → 1 → 2 → nan|nan → 2 → nan"):
        ng.topological_order(net)


# Order.


def test_the_order_is_the_lexicographically_first_one_by_place_in_the_graph():
    shuffled = 0
    for net in random_graphs(104, 300, hidden=20):
        position = {neuron: i for i, neuron in enumerate(net)}
        order = ng.topological_order(net)
        assert order == list(nx.lexicographical_topological_sort(net, key=position.get))
        at = {neuron: i for i, neuron in enumerate(order)}
        assert all(at[source] < at[target] for source, target in net.edges)
        shuffled += order != list(net)
    assert shuffled > 250


def test_a_graph_built_in_order_keeps_its_order():
    for net in random_graphs(105, 50):
        sorted_net = nx.DiGraph()
        order = list(nx.lexicographical_topological_sort(net, key=str))
        sorted_net.add_nodes_from(order)
        sorted_net.add_edges_from(net.edges)
        assert ng.topological_order(sorted_net) == order


@given(networks())
def test_every_network_without_a_cycle_is_feed_forward_until_one_edge_closes_one(net):
    assert ng.is_feed_forward(net)
    source, target = next(iter(net.edges))
    net.add_edge(target, source)
    assert not ng.is_feed_forward(net)
    assert not ng.is_layered(net)
    for function in (ng.topological_order, ng.levels, ng.layers, ng.add_relays):
        with pytest.raises(ng.InvalidNetworkError, match="run in a circle") as caught:
            function(net)
        assert caught.value.code == "cycle"


def test_a_neuron_that_feeds_itself_is_a_cycle_of_one():
    net = nx.DiGraph([(1, 2), (2, 2)])
    with pytest.raises(ng.InvalidNetworkError, match="2 → 2") as caught:
        ng.topological_order(net)
    assert caught.value.code == "self-loop"
    with pytest.raises(ng.NotLayeredError) as caught:
        ng.layers(net)
    assert caught.value.witness.chains == ((2,), (2, 2))


def test_one_real_and_shortest_cycle_is_named_for_each_strongly_connected_part():
    generator = np.random.default_rng(106)
    several = 0
    for _ in range(400):
        n = int(generator.integers(2, 14))
        net = nx.gnp_random_graph(n, 1.4 / n, seed=int(generator.integers(10**9)), directed=True)
        net = nx.relabel_nodes(net, dict(enumerate(generator.permutation(n).tolist())))
        net.add_edges_from((i, i) for i in range(n) if generator.random() < 0.1)
        parts = [part for part in nx.strongly_connected_components(net) if len(part) > 1]
        found = cycles(net, order_as_far_as_possible(net))
        position = {neuron: i for i, neuron in enumerate(net)}
        assert [cycle[0] for cycle in found] == sorted(
            (min(part, key=position.get) for part in parts), key=position.get
        )
        for cycle in found:
            assert cycle[0] == cycle[-1]
            assert len(set(cycle)) == len(cycle) - 1 >= 2
            assert all(net.has_edge(a, b) for a, b in pairwise(cycle))
            ways = [nx.shortest_path_length(net, t, cycle[0]) for t in net[cycle[0]] if
                    t != cycle[0] and nx.has_path(net, t, cycle[0])]  # fmt: skip
            assert len(cycle) - 1 == 1 + min(ways)
        several += len(found) > 1
    assert several > 20


# Levels.


def longest_way(net, target):
    """Return the length of the longest way of edges that ends at a neuron, trying all of them."""
    starts = [neuron for neuron in net if net.in_degree(neuron) == 0]
    ways = [len(way) - 1 for s in starts if s != target for way in nx.all_simple_paths(net, s, target)]
    return max(ways, default=0)


def test_the_level_of_a_neuron_fed_by_inputs_is_the_longest_way_to_it():
    compared = 0
    for net in random_graphs(107, 300):
        level = {neuron: i for i, group in enumerate(ng.levels(net)) for neuron in group}
        assert set(level) == set(net)
        assert all(level[target] > level[source] for source, target in net.edges)
        fed = {n for i in of_kind(net, "input") for n in nx.descendants(net, i)}
        for neuron in fed:
            assert level[neuron] == longest_way(net, neuron)
        assert all(level[neuron] == 0 for neuron in of_kind(net, "input"))
        compared += len(fed)
    assert compared > 1000


def test_a_neuron_that_no_input_reaches_stands_just_before_the_first_that_it_feeds():
    compared = 0
    for net in random_graphs(108, 300):
        level = {neuron: i for i, group in enumerate(ng.levels(net)) for neuron in group}
        inputs = of_kind(net, "input")
        fed = set(inputs).union(*(nx.descendants(net, i) for i in inputs))
        for neuron in set(net) - fed:
            if net[neuron]:
                assert level[neuron] == min(level[target] for target in net[neuron]) - 1
                compared += 1
    assert compared > 300


def layered_network(generator):
    """Return a random layered network whose inputs are all in the first layer."""
    sizes = generator.integers(1, 5, int(generator.integers(2, 6))).tolist()
    net = nx.DiGraph()
    for i, size in enumerate(sizes):
        kinds = ["input"] if i == 0 else ["hidden", "hidden", "bias"] if i < len(sizes) - 1 else ["output"]
        net.add_nodes_from(((i, k), {"kind": kinds[generator.integers(len(kinds))]}) for k in range(size))
    for source, target in itertools.product(net, net):
        wanted = target[0] == source[0] + 1 and net.nodes[target]["kind"] != "bias"
        if wanted and generator.random() < 0.6:
            net.add_edge(source, target)
    return net


def test_levels_are_the_layers_of_a_connected_layered_network_whose_inputs_come_first():
    """A sink that no input reaches is the one exception: its level is only known from before."""
    generator = np.random.default_rng(109)
    compared = 0
    for _ in range(800):
        net = layered_network(generator)
        inputs = of_kind(net, "input")
        fed = set(inputs).union(*(nx.descendants(net, i) for i in inputs))
        sinks = {neuron for neuron in net if net.out_degree(neuron) == 0}
        if nx.is_weakly_connected(net) and sinks <= fed:
            assert ng.levels(net) == ng.layers(net)
            compared += 1
    assert compared > 100


@given(networks(), st.randoms(use_true_random=False))
def test_layers_levels_and_cycles_do_not_depend_on_the_order_of_edges(net, shuffle):
    edges = list(net.edges)
    shuffle.shuffle(edges)
    other = nx.DiGraph()
    other.add_nodes_from(net.nodes(data=True))
    other.add_edges_from(edges)
    assert ng.levels(other) == ng.levels(net)
    assert ng.topological_order(other) == ng.topological_order(net)
    assert ng.is_layered(other) == ng.is_layered(net)


# Size.


@contextmanager
def little_room_to_recurse():
    """Allow 200 calls more than there are now."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 200)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def chain(n):
    net = nx.DiGraph()
    net.add_node(0, kind="input")
    net.add_nodes_from(range(1, n - 1), kind="hidden", activation="tanh")
    net.add_node(n - 1, kind="output", activation="tanh")
    net.add_edges_from(pairwise(range(n)), weight=0.5)
    return net


def star(n):
    net = nx.DiGraph()
    net.add_node("y", kind="output", activation="tanh")
    net.add_nodes_from(range(n - 1), kind="input")
    net.add_edges_from(((i, "y") for i in range(n - 1)), weight=0.5)
    return net


def shuffled_chain(n):
    """Return a chain whose neurons were added in random order."""
    names = list(range(n))
    random.Random(0).shuffle(names)
    net = nx.DiGraph()
    net.add_nodes_from(names)
    net.add_edges_from(pairwise(range(n)))
    return net


def assert_large_graphs_are_like_any_other(n):
    net = chain(n)
    with little_room_to_recurse():
        report = ng.check(net)
        assert report.layers == ng.layers(net) == ng.levels(net) == [[i] for i in range(n)]
        assert [finding.code for finding in report.findings] == ["missing-bias"]
        net.add_edge(0, n - 1, weight=0.5)
        assert [finding.code for finding in ng.check(net).findings] == ["not-layered", "missing-bias"]
        net.remove_edge(0, n - 1)
        net.add_edge(n - 1, 1, weight=0.5)
        (cycle,) = [finding for finding in ng.check(net).findings if finding.code == "cycle"]
        assert len(cycle.neurons) == n - 1
        assert ng.topological_order(shuffled_chain(n)) == list(range(n))
    del net
    net = star(n)
    with little_room_to_recurse():
        report = ng.check(net)
        assert report.layers == ng.layers(net) == ng.levels(net) == [list(range(n - 1)), ["y"]]
        assert report.ok
        assert ng.topological_order(net) == [*range(n - 1), "y"]


def test_a_hundred_thousand_neurons_need_no_recursion():
    assert_large_graphs_are_like_any_other(100_000)


@pytest.mark.campaign
def test_a_million_neurons_need_no_recursion():
    assert_large_graphs_are_like_any_other(1_000_000)
