"""What constructions take at the door: numpy's integers, masked arrays, numbers that no computer follows."""

import math

import networkx as nx
import numpy as np
import pytest

import neurograph as ng

T = ng.theory
SMALL = (np.int8, np.uint8, np.int16, np.int64, np.uint64)


@pytest.mark.parametrize("kind", SMALL)
def test_integers_of_numpy_count_as_plain_ones(kind):
    seven = kind(7)
    assert T.boolean_inputs(seven).shape == (128, 7)
    assert T.boolean_function_count(seven) == 2**128
    assert T.boolean_network(seven).number_of_edges() == T.boolean_cost(7).edges
    assert T.flat_product(seven).number_of_edges() == T.flat_product_cost(7).edges
    assert T.deep_product(seven).number_of_edges() == T.deep_product_cost(7).edges
    assert T.image_count(kind(100), kind(100), depth=kind(8)) == 2**80_000
    assert T.image_bits([[0, 255]], bits=kind(8)).tolist() == [0.0] * 8 + [1.0] * 8
    assert T.image_from_bits([0, 1], kind(1), kind(2), bits=kind(1)).tolist() == [[0, 1]]
    assert T.approximate(math.sin, 0.0, 1.0, kind(50), points=kind(5)).error < 0.02
    assert len(T.patch_network(kind(20), kind(20), patch=kind(12), bits=kind(8))) == 1 + 3200 + 4 + 1 + 1
    assert T.minimal_boolean_network(lambda x: 1, n=kind(2)).hidden == 1
    assert T.generative_tree(steps=kind(2), branching=kind(3)).sample(4, seed=0)[0].shape == (4, 9)


def test_sixty_four_bits_are_taken_in_numpy_s_own_integers_too():
    (vector,) = T.image_bits(np.array([[[2**63 + 1]]], dtype=np.uint64), bits=np.int64(64))
    assert vector.tolist() == [1.0] + [0.0] * 62 + [1.0]


TOO_LARGE = {
    "deep_product": lambda: T.deep_product(10**12),
    "patch_network": lambda: T.patch_network(10**12, 3),
    "shallow_network": lambda: T.shallow_network(T.generative_tree(steps=2), edges=10**8),
    "text_bits": lambda: T.text_bits("a", length=10**12),
    "round_count": lambda: T.round_count(ng.example_network(), bits=10**12),
    "boolean_function_count": lambda: T.boolean_function_count(10**12),
    "generative_tree": lambda: T.generative_tree(steps=1, branching=64),
    "product_error": lambda: T.product_error(169),
    "bound": lambda: T.multiplication_gate(bound=1e200),
    "bound of a flat product": lambda: T.flat_product(3, bound=1e-200),
    "bound of a deep product": lambda: T.deep_product(3, bound=1e308),
    "bias": lambda: T.multiplication_gate("softsign", bias=1e200),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused_before_memory_is_taken(name):
    with pytest.raises(ng.OptionError) as caught:
        TOO_LARGE[name]()
    assert caught.value.fix


def test_just_below_these_bounds_all_is_well():
    assert math.isfinite(T.product_error(168))
    assert T.deep_product_cost(10**12).neurons > 4 * 10**12
    X, Y = T.generative_tree(steps=1, branching=63).sample(50, seed=0)
    assert X.shape == (50, 63)
    assert np.isfinite(T.generative_tree(steps=1, branching=63).posterior(X)).all()
    assert set(Y.ravel()) == {-1.0, 1.0}


def test_the_cost_of_a_deep_product_is_that_of_the_network():
    for n in (*range(2, 70), 127, 128, 129):
        net, cost = T.deep_product(n), T.deep_product_cost(n)
        assert (len(net), net.number_of_edges()) == cost


MASKED = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], mask=[[True, False], [False, False]])


@pytest.mark.parametrize(
    "read",
    [
        lambda: T.from_matrices([MASKED], "tanh"),
        lambda: T.matrix_product_network(MASKED),
        lambda: T.strassen_network(MASKED),
        lambda: T.image_bits(np.ma.masked_array([[1, 2]], mask=[[True, False]])),
        lambda: T.image_bits([np.ma.masked_array([1, 2], mask=[True, False])]),
        lambda: T.text_from_bits(np.ma.masked_array([0] * 8, mask=[1] * 8)),
        lambda: T.generative_tree(steps=1).posterior(np.ma.masked_array([[1, -1]], mask=[[True, False]])),
    ],
)
def test_masked_numbers_are_not_read(read):
    with pytest.raises((ng.OptionError, ng.DataError)):
        read()


def test_weights_beyond_a_float_are_no_network():
    with pytest.raises(ng.WeightError):
        T.strassen_network(np.full((2, 2), 1.7e308))


@pytest.mark.parametrize(
    ("f", "box", "options", "where"),
    [
        (abs, (1e16, 1e16 + 2, 2), {}, "cells"),
        (abs, (0.0, 1e-310, 2), {}, "steepness"),
        (abs, (0.0, 1.0, 2), {"steepness": 1e308}, "steepness"),
        (lambda x: 10**400, (0.0, 1.0, 2), {}, "f"),
        (lambda x: math.copysign(1.5e308, x), (-1.0, 1.0, 1), {}, "f"),
        (abs, (-1.5e308, 1.5e308, 1), {}, "cells"),
    ],
)
def test_an_approximation_says_which_argument_no_float_can_follow(f, box, options, where):
    with pytest.raises(ng.OptionError) as caught:
        T.approximate(f, *box, **options)
    assert caught.value.where == where


@pytest.mark.parametrize("tree", [5, None, "tree"])
@pytest.mark.parametrize("ask", [T.undoing_network, T.shallow_network, T.compare_depths])
def test_only_a_process_can_be_undone(ask, tree):
    with pytest.raises(ng.OptionError, match="generative_tree"):
        ask(tree)


def test_no_details_have_no_posterior():
    assert T.generative_tree(steps=2).posterior(np.zeros((0, 4))).shape == (0, 1)


def test_counts_of_any_sign_can_be_written():
    assert T.Count(0).log10 == -math.inf
    assert [T.Count(k).power_of_ten for k in (0, 1, 9, 10, -1234, 10**20 - 1)] == [0, 0, 0, 1, 3, 19]
    assert str(T.Count(-(10**20))) == "about −1.00·10^20"
    assert repr(T.approximation_cost(10**9, 1000)).startswith("Cost(neurons=about ")
    assert repr(T.boolean_cost(12)) == "Cost(neurons=4111, edges=57345)"


@pytest.mark.parametrize("count", [T.round_count, lambda graph: T.configuration_count(graph, 2)])
def test_an_undirected_graph_is_refused_as_such(count):
    with pytest.raises(ng.InvalidNetworkError, match="DiGraph"):
        count(nx.Graph(ng.example_network()))


def test_a_set_is_no_truth_table():
    with pytest.raises(ng.OptionError, match="a set, which has no order"):
        T.set_boolean_function(T.boolean_network(1), {1, -1})


def chain(*weights):
    net = nx.DiGraph()
    ng.add_input(net, "x")
    names = ["x", *(f"h{i}" for i in range(len(weights) - 1)), "y"]
    for name in names[1:-1]:
        ng.add_hidden(net, name, activation="identity")
    ng.add_output(net, "y", activation="identity")
    for source, target, weight in zip(names, names[1:], weights, strict=False):
        ng.connect(net, source, target, weight=weight)
    return net


@pytest.mark.parametrize("x", [[1e200], [[1e200], [-2e200], [5e199]]])
def test_a_path_overflows_only_where_its_contribution_does(x):
    net = chain(1e-300, 1e200, 1e-200)
    y = [0.0] if len(x) == 1 else [[0.0]] * 3
    gradient = ng.backward(net, x, y).gradient["x", "h0"]
    (path,) = T.gradient_paths(net, x, y, ("x", "h0"))
    assert 1e99 < gradient < 1e102
    assert path.contribution == pytest.approx(gradient, rel=1e-12)


def test_dead_ends_are_no_part_of_a_formula():
    net = chain(1.0)
    before = ["x"]
    for i in range(60):
        now = [f"a{i}", f"b{i}"]
        for name in now:
            ng.add_hidden(net, name, activation="tanh")
            for source in before:
                ng.connect(net, source, name, weight=1.0)
        before = now
    assert T.loss_formula(net) == T.loss_formula(chain(1.0))


def test_terms_that_begin_with_a_minus_are_subtracted():
    formula = T.loss_formula(ng.mlp([1, 2], activation="logistic", seed=0), loss="cross_entropy")
    assert "+ -" not in formula
    assert formula.count(r"\ln") == 4


def test_an_edge_is_named_as_the_network_names_it():
    net = ng.example_network()
    assert T.gradient_formula(net, (True, 3.0)) == T.gradient_formula(net, (1, 3))
    assert ng.loss_curve(net, [[0.5]], [[1.0]], (np.int64(4), 6.0)).edge == (4, 6)


def test_a_merged_edge_beside_a_decimal_weight_is_their_sum():
    from decimal import Decimal

    net = chain(2.0, 3.0)
    net.add_edge("x", "y", weight=Decimal("0.5"))
    assert ng.weights(T.collapse(net, partial=True)) == {("x", "y"): 6.5}
