"""How weights start: the distributions against their formulas, and what the draws may depend on."""

import math

import networkx as nx
import numpy as np
import pytest
from strategies import of_kind, random_graphs

import neurograph as ng
from neurograph.functions import INITIALIZERS


def scales(net, method, scale):
    """Return the standard deviation that the formulas give each edge, 0 for a bias edge that starts at 0."""
    is_bias = {neuron: kind == "bias" for neuron, kind in net.nodes(data="kind")}
    answer = {}
    for source, target in net.edges:
        fan_in = max(1, sum(not is_bias[s] for s in net.predecessors(target)))
        fan_out = net.out_degree(source)
        answer[source, target] = (
            scale
            * {
                "normal": 1.0,
                "uniform": 1 / math.sqrt(3),
                "glorot": 0.0 if is_bias[source] else math.sqrt(2 / (fan_in + fan_out)),
                "he": 0.0 if is_bias[source] else math.sqrt(2 / fan_in),
            }[method]
        )
    return answer


def standardised(method, scale):
    """Draw the weights of many random networks and divide each by its standard deviation."""
    drawn = []
    for i, net in enumerate(random_graphs(11, 600)):
        ng.randomize_weights(net, method=method, scale=scale, seed=i)
        for edge, deviation in scales(net, method, scale).items():
            weight = net.edges[edge]["weight"]
            if deviation:
                drawn.append(weight / deviation)
            else:
                assert weight == 0.0
    return np.sort(drawn)


CUMULATIVE = {
    "normal": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
    "uniform": lambda x: min(1.0, max(0.0, (x / math.sqrt(3) + 1) / 2)),
}


@pytest.mark.parametrize("scale", [1.0, 0.1])
@pytest.mark.parametrize(
    ("method", "shape"),
    [("normal", "normal"), ("uniform", "uniform"), ("glorot", "uniform"), ("he", "normal")],
)
def test_the_weights_have_the_mean_the_variance_and_the_shape_of_the_formula(method, shape, scale):
    drawn = standardised(method, scale)
    n = len(drawn)
    assert n > 4000
    fourth_moment = {"normal": 3.0, "uniform": 1.8}[shape]
    assert abs(drawn.mean()) < 4 / math.sqrt(n)
    assert abs(drawn.var() - 1) < 4 * math.sqrt((fourth_moment - 1) / n)
    gaps = [abs(CUMULATIVE[shape](x) - (i + 0.5) / n) for i, x in enumerate(drawn)]
    assert max(gaps) < 1.95 / math.sqrt(n)  # Kolmogorov's bound, exceeded once in a thousand


@pytest.mark.parametrize("method", INITIALIZERS)
def test_biases_start_at_zero_for_glorot_and_he_only(method):
    net = ng.example_network()
    ng.randomize_weights(net, method=method, seed=1)
    of_bias = [net.edges[edge]["weight"] for edge in net.edges if edge[0] in of_kind(net, "bias")]
    assert len(of_bias) == 5
    assert [weight == 0.0 for weight in of_bias] == [method in ("glorot", "he")] * 5
    assert all(net.edges[edge]["weight"] != 0.0 for edge in net.edges if edge[0] not in (2, 5, 8))


@pytest.mark.parametrize("method", INITIALIZERS)
def test_frozen_edges_keep_their_weights_and_the_others_get_the_same_as_without_them(method):
    free, frozen = ng.example_network(), ng.example_network()
    ng.freeze(frozen, [(4, 6), (2, 3)])
    for net in (free, frozen):
        ng.randomize_weights(net, method=method, seed=7)
    assert frozen.edges[4, 6]["weight"] == -0.25
    assert frozen.edges[2, 3]["weight"] == 0.2
    others = [edge for edge in free.edges if edge not in ((4, 6), (2, 3))]
    assert len(others) == 10
    assert all(free.edges[edge]["weight"] == frozen.edges[edge]["weight"] for edge in others)


@pytest.mark.parametrize("method", INITIALIZERS)
def test_equal_seeds_give_equal_weights_and_others_give_others(method):
    def drawn(seed):
        net = ng.example_network()
        ng.randomize_weights(net, method=method, seed=seed)
        return ng.weights(net)

    assert drawn(3) == drawn(3) == drawn(np.random.default_rng(3))
    assert drawn(3) != drawn(4)
    assert drawn(None) != drawn(None)


@pytest.mark.parametrize("method", INITIALIZERS)
def test_the_draws_do_not_depend_on_the_order_in_which_edges_were_added(method):
    generator = np.random.default_rng(4)
    for net in random_graphs(12, 30):
        other = nx.DiGraph()
        other.add_nodes_from(net.nodes(data=True))
        edges = list(net.edges(data=True))
        other.add_edges_from(edges[i] for i in generator.permutation(len(edges)))
        for graph in (net, other):
            ng.randomize_weights(graph, method=method, seed=9)
        assert dict(ng.weights(net)) == dict(ng.weights(other))


def test_a_generator_moves_on_between_draws():
    generator = np.random.default_rng(0)
    one, two = ng.example_network(generator), ng.example_network(generator)
    assert ng.weights(one) != ng.weights(two)


@pytest.mark.parametrize("method", ["glorott", None, 3, [], ""])
def test_an_unknown_method_is_refused_and_no_weight_is_changed(method):
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match="one of 'normal', 'uniform', 'glorot', 'he'") as caught:
        ng.randomize_weights(net, method=method)
    assert caught.value.code == "unknown-initializer"
    assert ng.weights(net) == ng.weights(ng.example_network())


def test_a_misspelt_method_is_answered_with_the_nearest():
    with pytest.raises(ng.OptionError, match="did you mean 'glorot'"):
        ng.randomize_weights(ng.example_network(), method="glorott")


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf, True, "1", None, 1j, [1.0]])
def test_a_scale_that_is_no_positive_number_is_refused_and_no_weight_is_changed(scale):
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match="scale"):
        ng.randomize_weights(net, scale=scale)
    assert ng.weights(net) == ng.weights(ng.example_network())


@pytest.mark.parametrize("scale", [2, np.float32(0.5), np.int64(3)])
def test_any_positive_real_number_is_a_scale(scale):
    net, same = ng.example_network(), ng.example_network()
    ng.randomize_weights(net, scale=scale, method="uniform", seed=0)
    ng.randomize_weights(same, scale=float(scale), method="uniform", seed=0)
    assert ng.weights(net) == ng.weights(same)
    assert all(type(weight) is float for weight in ng.weights(net).values())
