"""Ready-made networks: the text's, dense layers, random ones."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from strategies import of_kind

import neurograph as ng


def test_the_example_is_the_texts_graph():
    net = ng.example_network()
    edges = [(1, 3), (1, 4), (2, 3), (2, 4), (3, 6), (4, 6), (4, 7), (5, 6), (5, 7), (6, 9), (7, 9), (8, 9)]
    assert set(net.edges) == set(edges)
    assert net.number_of_edges() == 12
    assert not net.has_edge(3, 7)
    assert list(net) == list(range(1, 10))
    assert {kind: of_kind(net, kind) for kind in ("input", "bias", "output")} == {
        "input": [1], "bias": [2, 5, 8], "output": [9],
    }  # fmt: skip
    assert {net.nodes[n].get("activation") for n in (3, 4, 6, 7, 9)} == {"logistic"}


def test_every_neuron_of_the_example_but_input_and_biases_is_fed_by_a_bias():
    net = ng.example_network()
    assert {t for n in ng.biases(net) for t in net[n]} == {3, 4, 6, 7, 9}


def test_a_seed_draws_the_weights_of_the_example_and_nothing_else():
    fixed, one, same, other = (ng.example_network(seed) for seed in (None, 1, 1, 2))
    assert ng.weights(one) == ng.weights(same) != ng.weights(other) != ng.weights(fixed)
    assert list(one.edges) == list(fixed.edges)
    assert dict(one.nodes(data=True)) == dict(fixed.nodes(data=True))


SIZES = [[1, 1], [2, 3, 1], [5, 4, 3, 2], (1, 7, 1), np.array([3, 2]), [np.int64(2), 2], range(1, 4)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_dense_layers_have_the_sizes_and_every_edge_between_neighbours(sizes, bias):
    net = ng.mlp(sizes, bias=bias, seed=0)
    layers = [[n for n in layer if ng.kind(net, n) != "bias"] for layer in ng.layers(net)]
    assert [len(layer) for layer in layers] == list(sizes)
    assert (of_kind(net, "input"), of_kind(net, "output")) == (layers[0], layers[-1])
    assert len(ng.biases(net)) == (len(sizes) - 1 if bias else 0)
    assert net.number_of_edges() == sum(a * b + b * bias for a, b in itertools.pairwise(map(int, sizes)))
    assert ng.check(net).ok
    assert all(type(key) is int for key in net)


def test_neurons_are_numbered_layer_by_layer_a_bias_last():
    net = ng.mlp([2, 2, 1])
    assert list(net) == [1, 2, 3, 4, 5, 6, 7]
    assert ng.layers(net) == [[1, 2, 3], [4, 5, 6], [7]]
    assert ng.biases(net) == [3, 6]
    assert all(net.has_edge(3, target) for target in (4, 5))


def test_the_outputs_have_the_activation_of_the_rest_unless_they_are_given_one():
    def used(**options):
        net = ng.mlp([1, 2, 1], **options)
        return [net.nodes[n]["activation"] for n in (*of_kind(net, "hidden"), *of_kind(net, "output"))]

    assert used() == ["tanh"] * 3
    assert used(activation="relu") == ["relu"] * 3
    assert used(activation="relu", output_activation="identity") == ["relu", "relu", "identity"]


def test_dense_layers_start_by_glorots_rule():
    net = ng.mlp([30, 20, 10], seed=0)
    bound = {31: math.sqrt(6 / (30 + 20)), 21: math.sqrt(6 / (20 + 10))}
    first = [abs(w) for (s, _), w in ng.weights(net).items() if s <= 30]
    second = [abs(w) for (s, _), w in ng.weights(net).items() if 32 <= s <= 51]
    assert (len(first), len(second)) == (600, 200)
    assert 0.95 * bound[31] < max(first) < bound[31]
    assert 0.95 * bound[21] < max(second) < bound[21]
    assert {w for (s, _), w in ng.weights(net).items() if s in ng.biases(net)} == {0.0}


def test_equal_seeds_build_equal_networks():
    build = [
        lambda seed: ng.mlp([2, 3, 1], seed=seed),
        lambda seed: ng.random_network(hidden=9, seed=seed),
        lambda seed: ng.example_network(seed),
    ]
    for make in build:
        assert ng.weights(make(5)) == ng.weights(make(5)) == ng.weights(make(np.random.default_rng(5)))
        assert ng.weights(make(5)) != ng.weights(make(6))


BAD_SIZES = [
    [], [3], [2, 0], [2, -1, 1], [2, 2.0], [2, "2"], [2, None], [True, 2], [2, math.nan], [[2], 3],
    "23", 3, None, {2: 3}, iter([2, 3]), np.array(3), np.eye(2), np.array([2.0, 3.0]),
]  # fmt: skip


@pytest.mark.parametrize("sizes", BAD_SIZES, ids=[str(i) for i in range(len(BAD_SIZES))])
def test_sizes_are_at_least_two_positive_integers(sizes):
    with pytest.raises(ng.OptionError, match="sizes"):
        ng.mlp(sizes)


@pytest.mark.parametrize("option", [{"bias": 2}, {"bias": None}, {"bias": "no"}, {"seed": -1}], ids=str)
def test_a_flag_or_a_seed_that_is_none_is_refused(option):
    with pytest.raises(ng.OptionError, match=next(iter(option))):
        ng.mlp([2, 1], **option)


@pytest.mark.parametrize("where", ["activation", "output_activation"])
def test_an_unknown_activation_is_refused_naming_the_argument(where):
    with pytest.raises(ng.InvalidNetworkError, match="did you mean 'relu'") as caught:
        ng.mlp([1, 1], **{where: "relux"})
    assert (caught.value.code, caught.value.where) == ("unknown-activation", where)


def random_options(generator):
    return {
        "inputs": int(generator.integers(1, 5)),
        "hidden": int(generator.integers(0, 30)),
        "outputs": int(generator.integers(1, 4)),
        "biases": int(generator.integers(0, 4)),
        "fan_in": float(generator.uniform(1, 5)),
        "activations": ("tanh", "relu", "logistic"),
    }


def test_a_random_network_has_what_was_asked_for_and_no_error():
    generator = np.random.default_rng(301)
    skips = 0
    for seed in range(200):
        options = random_options(generator)
        net = ng.random_network(**options, seed=seed)
        assert ng.check(net).errors == ()
        assert nx.is_directed_acyclic_graph(net)
        counts = [len(of_kind(net, kind)) for kind in ("input", "bias", "hidden", "output")]
        assert counts == [options[count] for count in ("inputs", "biases", "hidden", "outputs")]
        assert list(net) == list(range(1, len(net) + 1))
        for neuron in (*of_kind(net, "hidden"), *of_kind(net, "output")):
            sources = [ng.kind(net, source) for source in net.predecessors(neuron)]
            assert sources.count("bias") == min(1, options["biases"])
            assert len(sources) > sources.count("bias")
            assert net.nodes[neuron]["activation"] in options["activations"]
        skips += not ng.is_layered(net)
    assert skips > 100


def test_the_mean_number_of_sources_and_the_spread_of_weights_are_as_documented():
    net = ng.random_network(inputs=100, hidden=3000, fan_in=4.0, biases=0, seed=0)
    counts = np.array([net.in_degree(n) for n in of_kind(net, "hidden")])
    weights = np.array(list(ng.weights(net).values()))
    assert abs(counts.mean() - 4) < 4 * math.sqrt(3 / 3000)  # 1 + Poisson(3)
    assert abs(weights.mean()) < 4 * 0.5 / math.sqrt(len(weights))
    assert abs(weights.var() - 1 / 4) < 4 * 0.25 * math.sqrt(2 / len(weights))


@pytest.mark.parametrize("reach", [1, 3, 10])
def test_no_source_lies_further_back_than_the_reach(reach):
    net = ng.random_network(inputs=3, hidden=60, biases=2, reach=reach, seed=1)
    values = [n for n in net if ng.kind(net, n) in ("input", "hidden")]
    for source, target in net.edges:
        if ng.kind(net, source) != "bias":
            before = [n for n in values if n < target]
            assert source in before[-reach:]


def test_outputs_may_have_an_activation_of_their_own():
    net = ng.random_network(outputs=3, activations=["tanh", "relu"], output_activation="identity", seed=0)
    assert {net.nodes[n]["activation"] for n in of_kind(net, "output")} == {"identity"}


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": 0}, {"inputs": -1}, {"inputs": 1.0}, {"inputs": True}, {"inputs": "2"}, {"outputs": 0},
        {"hidden": -1}, {"hidden": None}, {"biases": -1}, {"fan_in": 0.5}, {"fan_in": math.nan},
        {"fan_in": math.inf}, {"fan_in": "3"}, {"fan_in": None}, {"reach": 0}, {"reach": -2}, {"reach": 1.5},
        {"reach": "1"}, {"activations": ()}, {"activations": []},
        {"activations": "tanh"}, {"activations": None}, {"seed": -1}, {"seed": "1"}, {"seed": 1.5},
    ],
    ids=str,
)  # fmt: skip
def test_a_number_that_is_too_small_or_none_is_refused_naming_the_argument(options):
    with pytest.raises(ng.OptionError, match=next(iter(options))):
        ng.random_network(**options)


@pytest.mark.parametrize(
    "option", [{"activations": ["tanh", "relux"]}, {"output_activation": "relux"}], ids=str
)
def test_an_unknown_activation_of_a_random_network_is_refused(option):
    with pytest.raises(ng.InvalidNetworkError, match="did you mean 'relu'") as caught:
        ng.random_network(**option)
    assert caught.value.where == next(iter(option))
