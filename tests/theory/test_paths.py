"""Backpropagation as a sum over paths: against the walk's gradient and networkx's list of simple paths."""

import math

import networkx as nx
import numpy as np
import pytest
from oracles import targets_for
from strategies import fingerprint, of_kind, random_data, random_graphs

import neurograph as ng
from neurograph.theory import count_paths, count_steps, gradient_paths


def by_networkx(net, neuron):
    """All paths from a neuron to an output, as networkx lists them; a trivial one where it is an output."""
    paths = []
    for output in of_kind(net, "output"):
        paths += [(neuron,)] if output == neuron else map(tuple, nx.all_simple_paths(net, neuron, output))
    return paths


def small_dags(seed, count, **options):
    return random_graphs(seed, count, saturating=False, hidden=6, **options)


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_contributions_sum_to_the_gradient_of_the_walk_on_200_random_dags(loss):
    generator = np.random.default_rng(1)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    many = 0
    for net in small_dags(2, 200, output_activations=outputs):
        X, Y = random_data(generator, net, samples=2)
        Y = targets_for(loss, generator, Y.shape)
        before, trace = fingerprint(net), ng.backward(net, X, Y, loss=loss)
        edges = list(net.edges)
        for edge in (edges[int(i)] for i in generator.choice(len(edges), 3)):
            paths = gradient_paths(net, X, Y, edge, loss=loss)
            parts = [path.contribution for path in paths]
            scale = max([abs(part) for part in parts], default=0.0) + np.mean(
                np.abs(trace.value[edge[0]] * trace.delta[edge[1]])
            )
            assert math.fsum(parts) == pytest.approx(trace.gradient[edge], rel=1e-12, abs=1e-12 * scale)
            many += len(paths) > 1
        assert fingerprint(net) == before
    assert many > 50


def test_one_sample_has_plain_numbers_as_factors():
    net = ng.example_network()
    trace = ng.backward(net, [0.5], [1.0])
    (path,) = gradient_paths(net, [0.5], [1.0], (7, 9))
    slope = trace.value[9] * (1 - trace.value[9])
    assert path.neurons == (9,)
    assert path.factors == pytest.approx((trace.value[7], slope, 2 * (trace.value[9] - 1.0)), rel=1e-12)
    assert path.symbols == ("y7", "logistic′(z9)", "∂L/∂y9")


def test_the_paths_of_the_text_s_example_branch_at_the_fourth_neuron():
    """The text: the fourth neuron feeds into both the sixth and the seventh."""
    net = ng.example_network()
    paths = gradient_paths(net, [0.5], [1.0], (1, 4))
    assert [path.neurons for path in paths] == [(4, 6, 9), (4, 7, 9)]
    assert paths[0].symbols == (
        "y1", "logistic′(z4)", "w(4→6)", "logistic′(z6)", "w(6→9)", "logistic′(z9)", "∂L/∂y9",
    )  # fmt: skip
    trace = ng.backward(net, [0.5], [1.0])
    assert sum(path.contribution for path in paths) == pytest.approx(trace.gradient[1, 4], rel=1e-13)
    for path in paths:
        assert math.prod(path.factors) == pytest.approx(path.contribution, rel=1e-14)
        assert str(path).startswith(" → ".join(map(str, (1, *path.neurons))) + ": y1·logistic′(z4)·")
    assert gradient_paths(net, [0.5], [1.0], (2, 4))[0].symbols[0] == "1"


def test_a_pair_of_loss_and_activation_is_one_factor():
    net = ng.example_network()
    trace = ng.backward(net, [0.5], [1.0], loss="cross_entropy")
    (path,) = gradient_paths(net, [0.5], [1.0], (7, 9), loss="cross_entropy")
    assert path.symbols == ("y7", "∂L/∂z9")
    assert path.factors == pytest.approx((trace.value[7], trace.value[9] - 1.0), rel=1e-12)


def test_the_paths_are_those_of_networkx():
    for net in small_dags(3, 60):
        X, Y = random_data(np.random.default_rng(4), net, samples=1)
        for edge in net.edges:
            found = [path.neurons for path in gradient_paths(net, X, Y, edge)]
            assert sorted(found, key=str) == sorted(by_networkx(net, edge[1]), key=str)
            assert len(set(found)) == len(found)


def test_counts_are_the_number_of_paths_of_networkx():
    for net in small_dags(5, 100):
        counts = {edge: len(by_networkx(net, edge[1])) for edge in net.edges}
        assert {edge: count_paths(net, edge) for edge in net.edges} == counts
        assert count_paths(net) == sum(counts.values())


def test_large_networks_are_counted_without_listing():
    net = ng.mlp([10] * 30 + [1], bias=False)
    assert count_paths(net, (1, 11)) == 10**28  # one way to choose a neuron in each of the other layers
    assert count_paths(net) == sum(100 * 10 ** (28 - k) for k in range(29)) + 10
    assert count_steps(net) == 29 * 10 + 1 + 29 * 100 + 10
    assert str(count_paths(net, (1, 11))) == "about 1.00·10^28"


def test_a_ladder_has_as_many_paths_as_fibonacci_says():
    net = nx.DiGraph()
    ng.add_input(net, 0)
    for i in range(1, 2001):
        (ng.add_output if i == 2000 else ng.add_hidden)(net, i, activation="tanh")
        for source in {i - 1, max(i - 2, 0)}:
            ng.connect(net, source, i, weight=0.1)
    a, b = 1, 1
    for _ in range(1998):
        a, b = b, a + b
    assert count_paths(net, (0, 1)) == b
    assert count_steps(net) == 2000 + 3999


def test_steps_are_those_that_the_walk_takes():
    generator = np.random.default_rng(6)
    for net in small_dags(7, 30):
        X, Y = random_data(generator, net, samples=1)
        assert count_steps(net) == len(list(ng.backward_steps(net, X, Y)))


def test_an_edge_that_leads_nowhere_has_no_paths_and_no_gradient():
    net = ng.example_network()
    ng.add_hidden(net, 10)
    ng.connect(net, 4, 10, weight=1.0)
    assert gradient_paths(net, [0.5], [1.0], (4, 10)) == []
    assert count_paths(net, (4, 10)) == 0
    assert ng.backward(net, [0.5], [1.0]).gradient[4, 10] == 0.0


# Bad input


def test_too_many_paths_are_refused_and_the_walk_is_named_as_the_way_out():
    net = ng.mlp([3] * 12 + [1])
    with pytest.raises(ng.OptionError, match="there are 59,049 paths") as caught:
        gradient_paths(net, [0.0] * 3, [0.0], (1, 5))
    assert (caught.value.code, caught.value.where) == ("too-many-paths", "edge")
    assert "ng.backward" in caught.value.fix
    small = ng.mlp([3] * 5 + [1])
    assert len(gradient_paths(small, [0.0] * 3, [0.0], (1, 5), limit=27)) == 27
    with pytest.raises(ng.OptionError, match="there are 27 paths"):
        gradient_paths(small, [0.0] * 3, [0.0], (1, 5), limit=26)


@pytest.mark.parametrize("edge", [(3, 7), (1, 99), (4, 4), ([], 1)])
def test_an_edge_that_is_not_there_is_refused(edge):
    net = ng.example_network()
    for call in (lambda: gradient_paths(net, [0.5], [1.0], edge), lambda: count_paths(net, edge)):
        with pytest.raises(ng.InvalidNetworkError, match="there is no edge"):
            call()


@pytest.mark.parametrize("edge", [5, "ab", None, (1,), (1, 3, 4)])
def test_what_is_no_edge_is_refused(edge):
    with pytest.raises(ng.NeurographError):
        gradient_paths(ng.example_network(), [0.5], [1.0], edge)


def test_bad_data_losses_and_networks_are_refused_as_by_the_walk():
    net = ng.example_network()
    with pytest.raises(ng.DataError):
        gradient_paths(net, [0.5, 1.0], [1.0], (1, 3))
    with pytest.raises(ng.OptionError, match="did you mean 'squared'"):
        gradient_paths(net, [0.5], [1.0], (1, 3), loss="square")
    with pytest.raises(ng.OptionError, match="limit"):
        gradient_paths(net, [0.5], [1.0], (1, 3), limit=0)
    net.nodes[4]["activation"] = "logistik"
    for call in (lambda: count_paths(net), lambda: count_steps(net)):
        with pytest.raises(ng.InvalidNetworkError, match="logistik"):
            call()
