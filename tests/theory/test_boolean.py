"""One architecture for all boolean functions: every input checked, by brute force and by closed formulas."""

import itertools

import mpmath
import networkx as nx
import numpy as np
import pytest
from strategies import fingerprint

import neurograph as ng
from neurograph.theory import (
    boolean_cost,
    boolean_function_count,
    boolean_inputs,
    boolean_lower_bound,
    boolean_network,
    minimal_boolean_network,
    set_boolean_function,
)


def by_hand(net, n):
    """Evaluate a two-layer sign network on all inputs with numpy alone, from the edges as they stand."""
    weight = nx.get_edge_attributes(net, "weight")
    hidden = [j for j, kind in net.nodes(data="kind") if kind == "hidden"]
    bias = [j for j, kind in net.nodes(data="kind") if kind == "bias"]
    (output,) = (j for j, kind in net.nodes(data="kind") if kind == "output")
    W = np.array([[weight[i, j] for i in [*range(1, n + 1), bias[0]]] for j in hidden], dtype=np.float32)
    v = np.array([weight[j, output] for j in [*hidden, bias[1]]], dtype=np.float32)  # integers: all exact
    X = np.array(list(itertools.product([-1, 1], repeat=n)), dtype=np.float32)
    y = np.sign(X @ W[:, :-1].T + W[:, -1])
    return np.sign(y @ v[:-1] + v[-1])


def computes(net, table, n):
    return by_hand(net, n).tolist() == list(table)


# Every function


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_function_of_up_to_three_inputs_is_computed_on_every_input(n):
    net = boolean_network(n)
    edges, X = set(net.edges), boolean_inputs(n)
    tables = list(itertools.product([-1, 1], repeat=2**n))
    assert len(tables) == boolean_function_count(n)
    for table in tables:
        set_boolean_function(net, table)
        assert ng.forward(net, X).outputs[0].tolist() == list(table)
        assert computes(net, table, n)
        assert set(net.edges) == edges


@pytest.mark.parametrize(("n", "count"), [(4, 2000), (8, 200), (12, 20)])
def test_random_functions_are_computed_on_every_input(n, count):
    generator = np.random.default_rng(n)
    net = boolean_network(n)
    edges = set(net.edges)
    for _ in range(count):
        table = generator.choice([-1, 1], 2**n)
        set_boolean_function(net, table)
        assert computes(net, table.tolist(), n)
    assert set(net.edges) == edges


@pytest.mark.parametrize("n", [4, 8])
def test_the_engine_agrees_on_every_input(n):
    table = np.random.default_rng(n).choice([-1, 1], 2**n)
    net = boolean_network(n)
    set_boolean_function(net, table)
    assert ng.compile_network(net).forward(boolean_inputs(n))[:, 0].tolist() == table.tolist()


def test_each_hidden_neuron_knows_one_input():
    n = 5
    net = boolean_network(n)
    trace = ng.forward(net, boolean_inputs(n))
    hidden = [j for j, kind in net.nodes(data="kind") if kind == "hidden"]
    assert np.array_equal([trace.value[j] for j in hidden], 2 * np.eye(2**n) - 1)
    assert all(np.abs(trace.z[j]).min() >= 1 for j in hidden)  # no sum is near 0


def test_a_new_network_computes_the_constant_1():
    assert by_hand(boolean_network(3), 3).tolist() == [1.0] * 8


def test_functions_are_given_in_three_ways():
    net = boolean_network(3)
    table = [-1 if sum(x) > 0 else 1 for x in itertools.product((-1, 1), repeat=3)]
    ways = [
        table,
        lambda x: -1 if sum(x) > 0 else 1,
        dict(zip(itertools.product((-1, 1), repeat=3), table, strict=True)),
        np.array(table),
        tuple(float(value) for value in table),
    ]
    for f in ways:
        set_boolean_function(net, lambda _: 1)
        set_boolean_function(net, f)
        assert computes(net, table, 3)


def test_inputs_count_upwards():
    assert boolean_inputs(3).tolist() == [list(x) for x in itertools.product([-1.0, 1.0], repeat=3)]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 10])
def test_the_cost_is_the_formula(n):
    net = boolean_network(n)
    assert (len(net), net.number_of_edges()) == boolean_cost(n)
    assert sum(kind == "hidden" for _, kind in net.nodes(data="kind")) == 2**n
    assert len(ng.layers(net)) == 3


def test_renamed_and_reordered_it_is_the_same_architecture():
    net = nx.relabel_nodes(boolean_network(2), {1: "a", 2: "b", 8: "out"})
    set_boolean_function(net, [1, -1, -1, 1])
    assert ng.forward(net, boolean_inputs(2)).outputs[0].tolist() == [1, -1, -1, 1]


# The lower bound


@pytest.mark.parametrize("n", [*range(1, 40), 100, 300])
def test_the_lower_bound_is_the_least_that_the_counting_allows(n):
    E = boolean_lower_bound(n)
    with mpmath.workdps(400):
        # (e·2ⁿ)^E ≥ 2^(2ⁿ), by logarithms
        assert E * (1 + n * mpmath.log(2)) >= mpmath.mpf(2) ** n * mpmath.log(2)
        assert (E - 1) * (1 + n * mpmath.log(2)) < mpmath.mpf(2) ** n * mpmath.log(2)
    assert boolean_cost(n).edges >= E


def test_the_bound_is_exponential():
    assert all(boolean_lower_bound(n + 1) > 1.9 * boolean_lower_bound(n) for n in range(30, 200))


# The smallest networks


def threshold(table, n):
    """Whether one sign neuron with weights and bias in a wide grid computes the function: brute force."""
    X = np.array(list(itertools.product([-1, 1], repeat=n)))
    grid = itertools.product(range(-3, 4), repeat=n + 1)
    return any(np.array_equal(np.sign(X @ w[:-1] + w[-1]), table) for w in map(np.array, grid))


def test_of_two_inputs_all_but_parity_take_one_hidden_neuron():
    sizes = {}
    for table in itertools.product([-1, 1], repeat=4):
        found = minimal_boolean_network(table)
        assert found.exhaustive
        assert computes_small(found.net, table)
        sizes[table] = found.hidden
    assert {table for table, size in sizes.items() if size > 1} == {(1, -1, -1, 1), (-1, 1, 1, -1)}
    assert all((size == 1) == threshold(table, 2) for table, size in sizes.items())


def computes_small(net, table):
    n = len(table).bit_length() - 1
    return ng.forward(net, boolean_inputs(n)).outputs[0].tolist() == list(table)


def test_parity_of_three_takes_three():
    found = minimal_boolean_network(lambda x: x[0] * x[1] * x[2], n=3)
    assert (found.hidden, found.exhaustive, found.rounds) == (3, True, 3**5 + 3**9 + 3**13)
    assert computes_small(found.net, [x[0] * x[1] * x[2] for x in itertools.product((-1, 1), repeat=3)])
    assert str(found).startswith("3 hidden neurons with weights of -1, 0, 1: every smaller size was tried")


def test_freezing_the_last_weights_loses_nothing():
    """With a grid of two sizes they are free; the smallest network is the same size."""
    for table in ([1, -1, -1, 1], [-1, -1, -1, 1]):
        free = minimal_boolean_network(table, values=[-1, 0, 1, 2], most_hidden=2)
        assert free.hidden == minimal_boolean_network(table).hidden
        assert free.rounds == sum(4 ** (4 * h + 1) for h in range(1, free.hidden + 1))


def test_a_search_beyond_the_limit_says_that_it_was_not_exhaustive():
    found = minimal_boolean_network(lambda x: x[0] * x[1] * x[2], n=3, limit=20_000)
    assert (found.net, found.hidden, found.exhaustive, found.rounds) == (None, 2, False, 3**5 + 3**9)
    assert "larger sizes were beyond the limit" in str(found)


def test_a_search_without_a_find_says_that_every_combination_was_tried():
    found = minimal_boolean_network([1, -1, -1, 1], most_hidden=1)
    assert (found.net, found.hidden, found.exhaustive, found.rounds) == (None, 1, True, 81)
    assert str(found).startswith("nothing up to 1 hidden neuron")


# Bad input


def test_too_many_inputs_are_refused_and_the_cost_is_told():
    with pytest.raises(ng.OptionError, match="1,048,599 neurons and 23,068,673 edges") as caught:
        boolean_network(20)
    assert (caught.value.code, caught.value.where) == ("too-large", "n")
    assert "raise limit" in caught.value.fix
    with pytest.raises(ng.OptionError, match="14 neurons and 41 edges"):
        boolean_network(3, limit=40)
    assert len(boolean_network(3, limit=41)) == 14


@pytest.mark.parametrize("n", [0, -1, 2.0, "3", True, None, 10**6])
@pytest.mark.parametrize("function", [boolean_network, boolean_inputs, boolean_lower_bound, boolean_cost])
def test_a_bad_number_of_inputs_is_refused(function, n):
    with pytest.raises(ng.OptionError, match="n: "):
        function(n)


BAD_FUNCTIONS = {
    "zero": (lambda x: 0, "f(-1, -1) is 0"),
    "half": (lambda x: 0.5, "is 0.5"),
    "true": (lambda x: x[0] > 0, "is False"),
    "none": (lambda x: None, "is None"),
    "text": (lambda x: "1", "is '1'"),
    "nan": (lambda x: float("nan"), "is nan"),
    "only later": (lambda x: 1 if x != (1, 1) else 2, "f(1, 1) is 2"),
    "short table": ([1, 1, 1], "3 values"),
    "long table": ([1] * 8, "8 values"),
    "table of bits": ([0, 1, 1, 0], "is 0"),
    "table of lists": ([[1]] * 4, "is [1]"),
    "a number": (7, "got 7"),
    "short mapping": ({(1, 1): 1}, "1 values"),
}


@pytest.mark.parametrize("name", BAD_FUNCTIONS)
def test_anything_but_a_sign_is_refused_and_nothing_is_changed(name):
    f, what = BAD_FUNCTIONS[name]
    net = boolean_network(2)
    before = fingerprint(net)
    with pytest.raises(ng.OptionError) as caught:
        set_boolean_function(net, f)
    assert what in str(caught.value)
    assert caught.value.where == "f"
    assert fingerprint(net) == before


def test_a_truth_value_is_refused_with_what_to_write():
    with pytest.raises(ng.OptionError, match="write 1 if … else -1"):
        set_boolean_function(boolean_network(2), lambda x: x[0] > 0)


def other_architectures():
    yield ng.example_network()
    yield ng.mlp([2, 4, 1], activation="tanh")
    yield ng.mlp([2, 3, 1], activation="sign")
    net = boolean_network(2)
    net.remove_edge(1, 4)
    yield net
    net = boolean_network(2)
    ng.connect(net, 1, 9, weight=1.0)
    yield net


@pytest.mark.parametrize("net", list(other_architectures()), ids=lambda net: f"{len(net)} neurons")
def test_another_architecture_is_refused(net):
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError, match="not the network of all boolean functions") as caught:
        set_boolean_function(net, lambda x: 1)
    assert "boolean_network(n)" in caught.value.fix
    assert fingerprint(net) == before


@pytest.mark.parametrize(
    ("f", "options", "where"),
    [
        (lambda x: 1, {}, "n"),
        (lambda x: 1, {"n": 0}, "n"),
        (lambda x: 1, {"n": 40}, "n"),
        ([1, 1, 1], {}, "f"),
        ([1, 1], {"values": []}, "values"),
        ([1, 1], {"values": [1, 1]}, "values"),
        ([1, 1], {"most_hidden": 0}, "most_hidden"),
        ([1, 1], {"limit": 0}, "limit"),
        ([1, 1], {"progress": "yes"}, "progress"),
        ("1-11", {}, "f"),
    ],
)
def test_a_bad_search_is_refused(f, options, where):
    with pytest.raises(ng.OptionError) as caught:
        minimal_boolean_network(f, **options)
    assert caught.value.where == where
