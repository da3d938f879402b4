"""The forward and the backward walk: the text's numbers, the order, and what a walk never does."""

import inspect
import math
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from oracles import targets_for
from strategies import (
    DIFFERENTIABLE,
    EVERY,
    data_for,
    fingerprint,
    networks,
    of_kind,
    random_data,
    random_graphs,
)

import neurograph as ng


def logistic(z):
    return 1 / (1 + math.exp(-z))


def by_hand(x=0.5, t=1.0):
    """The running example as the text works it out, with the text's own formulas."""
    z, y, d = {}, {1: x, 2: 1.0, 5: 1.0, 8: 1.0}, {}
    z[3] = 0.6 * x + 0.2 * 1
    z[4] = -0.4 * x + -0.2 * 1
    y[3], y[4] = logistic(z[3]), logistic(z[4])
    z[6] = 0.5 * y[3] + -0.25 * y[4] + 0.1 * 1
    z[7] = 0.3 * y[4] + -0.5 * 1
    y[6], y[7] = logistic(z[6]), logistic(z[7])
    z[9] = 0.8 * y[6] + -0.6 * y[7] + 0.2 * 1
    y[9] = logistic(z[9])
    d[9] = 2 * (y[9] - t) * y[9] * (1 - y[9])
    d[6] = 0.8 * d[9] * y[6] * (1 - y[6])
    d[7] = -0.6 * d[9] * y[7] * (1 - y[7])
    d[3] = 0.5 * d[6] * y[3] * (1 - y[3])
    d[4] = (
        (-0.25 * d[6] + 0.3 * d[7]) * y[4] * (1 - y[4])
    )  # the fourth neuron feeds the sixth and the seventh
    return z, y, d


def wide(sources):
    """Many inputs that feed one output."""
    net = nx.DiGraph()
    net.add_nodes_from(range(sources), kind="input")
    net.add_node("out", kind="output", activation="identity")
    net.add_edges_from(((i, "out") for i in range(sources)), weight=0.5)
    return net


def deep(length, weight=1.0, activation="identity"):
    """An input, then a chain of neurons that ends in an output."""
    net = nx.DiGraph()
    net.add_node(0, kind="input")
    net.add_nodes_from(range(1, length), kind="hidden", activation=activation)
    net.add_node(length, kind="output", activation=activation)
    net.add_edges_from(((i, i + 1) for i in range(length)), weight=weight)
    return net


@pytest.fixture
def shallow_stack():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    yield
    sys.setrecursionlimit(limit)


def test_the_running_example_goes_forward_as_worked_by_hand():
    z, y, _ = by_hand()
    trace = ng.forward(ng.example_network(), {1: 0.5})
    assert trace.z == pytest.approx(z, rel=1e-15)
    assert trace.value == pytest.approx(y, rel=1e-15)
    assert trace.outputs == [trace.value[9]]


def test_the_running_example_goes_backward_as_worked_by_hand():
    _, y, d = by_hand()
    trace = ng.backward(ng.example_network(), [0.5], [1.0])
    assert trace.loss == pytest.approx((y[9] - 1) ** 2, rel=1e-15)
    assert trace.delta == pytest.approx(d, rel=1e-14)
    assert trace.gradient[4, 6] == pytest.approx(y[4] * d[6], rel=1e-14)
    assert trace.gradient == pytest.approx({(s, t): y[s] * d[t] for s, t in trace.gradient}, rel=1e-14)
    assert set(trace.gradient) == set(ng.example_network().edges)


def test_a_forward_walk_alone_has_no_loss_no_deltas_and_no_gradients():
    trace = ng.forward(ng.example_network(), [0.5])
    assert (trace.loss, trace.delta, trace.gradient) == (None, {}, {})


def test_the_forward_walk_is_one_step_a_neuron_in_topological_order():
    for net in random_graphs(11, 50):
        X, _ = random_data(np.random.default_rng(0), net, samples=1)
        visited = [step.neuron for step in ng.forward_steps(net, X[0])]
        assert sorted(visited, key=str) == sorted(net, key=str)
        place = {neuron: i for i, neuron in enumerate(visited)}
        assert all(place[source] < place[target] for source, target in net.edges)


def test_the_backward_walk_goes_outputs_first_then_backwards_then_along_every_edge():
    for net in random_graphs(12, 50):
        X, Y = random_data(np.random.default_rng(0), net, samples=1)
        steps = list(ng.backward_steps(net, X[0], Y[0]))
        computing = [n for n in net if net.nodes[n]["kind"] in ("hidden", "output")]
        deltas = [step.neuron for step in steps[: len(computing)]]
        last = [n for n in of_kind(net, "output") if not net.succ[n]]
        assert deltas[: len(last)] == last
        assert sorted(deltas, key=str) == sorted(computing, key=str)
        place = {neuron: i for i, neuron in enumerate(deltas)}
        assert all(place[t] < place[s] for s, t in net.edges if s in place)
        assert all(step.edge is None for step in steps[: len(computing)])
        edges = [step.edge for step in steps[len(computing) :]]
        assert sorted(edges, key=str) == sorted(net.edges, key=str)


def test_the_text_s_three_parts_come_in_the_text_s_order():
    steps = list(ng.backward_steps(ng.example_network(), [0.5], [1.0]))
    assert [step.neuron for step in steps if step.edge is None] == [9, 7, 6, 4, 3]
    assert [step.edge for step in steps[5:]] == [
        (1, 3), (2, 3), (1, 4), (2, 4), (3, 6), (4, 6), (5, 6), (4, 7), (5, 7), (6, 9), (7, 9), (8, 9),
    ]  # fmt: skip


@given(
    networks(activations=EVERY).flatmap(lambda net: data_for(net, samples=1).map(lambda data: (net, *data)))
)
def test_a_walk_is_its_steps_run_to_their_end(problem):
    net, X, Y = problem
    trace = ng.backward(net, X[0], Y[0])
    forward, backward = list(ng.forward_steps(net, X[0])), list(ng.backward_steps(net, X[0], Y[0]))
    assert {step.neuron: step.result for step in forward} == trace.value
    assert {step.neuron: step.sum for step in forward if step.terms} == trace.z
    assert {step.neuron: step.result for step in backward if step.edge is None} == trace.delta
    assert {step.edge: step.result for step in backward if step.edge} == trace.gradient
    assert trace.outputs == [trace.value[n] for n in of_kind(net, "output")]
    assert all(math.isfinite(number) for number in [*trace.value.values(), *trace.gradient.values()])


def test_a_step_carries_what_it_sums_from_the_first_source_in_the_network_to_the_last():
    for net in random_graphs(13, 50):
        X, _ = random_data(np.random.default_rng(1), net, samples=1)
        values = ng.forward(net, X[0]).value
        for step in ng.forward_steps(net, X[0]):
            sources = [n for n in net if net.has_edge(n, step.neuron)]
            expected = [(n, net.edges[n, step.neuron]["weight"], values[n]) for n in sources]
            assert list(step.terms) == expected
            z = 0.0
            for _, weight, value in expected:
                z = z + weight * value
            assert step.sum == z


def test_a_batch_has_the_bits_of_its_samples_walked_one_by_one():
    compared = 0
    for loss in ng.LOSSES:
        outputs = ("logistic",) if loss == "cross_entropy" else None
        generator = np.random.default_rng(14)
        for net in random_graphs(14, 60, activations=EVERY, output_activations=outputs):
            X, Y = random_data(generator, net, samples=9)
            Y = targets_for(loss, generator, Y.shape)
            batch = ng.backward(net, X, Y, loss=loss)
            alone = [ng.backward(net, x, t, loss=loss) for x, t in zip(X, Y, strict=True)]
            for part in ("z", "value", "delta"):
                for neuron, column in getattr(batch, part).items():
                    assert column.shape == (9,)
                    expected = np.array([getattr(trace, part)[neuron] for trace in alone])
                    assert (column == expected).all(), (part, neuron, net.nodes[neuron])
                    compared += np.count_nonzero(expected)
            assert batch.loss == pytest.approx(math.fsum(trace.loss for trace in alone) / 9, rel=1e-14)
            for edge, gradient in batch.gradient.items():
                parts = [trace.gradient[edge] for trace in alone]
                size = math.fsum(map(abs, parts)) / 9
                assert gradient == pytest.approx(math.fsum(parts) / 9, rel=1e-12, abs=1e-13 * size)
    assert compared > 30_000


def test_a_sample_has_the_same_bits_in_a_batch_of_any_length():
    for net in random_graphs(15, 20, activations=EVERY):
        X, _ = random_data(np.random.default_rng(2), net, samples=130)
        whole = np.array(ng.forward(net, X).outputs)
        for size in (1, 2, 3, 7, 8, 64, 129):
            assert (np.array(ng.forward(net, X[:size]).outputs) == whole[:, :size]).all()


def test_one_sample_gives_floats_and_a_batch_arrays_even_of_one():
    net = ng.example_network()
    one, batch = ng.backward(net, [0.5], [1.0]), ng.backward(net, [[0.5]], [[1.0]])
    assert {type(number) for number in [*one.z.values(), *one.value.values(), *one.delta.values()]} == {float}
    assert {column.shape for column in [*batch.z.values(), *batch.value.values()]} == {(1,)}
    assert {type(g) for g in [*one.gradient.values(), *batch.gradient.values()]} == {float}
    assert type(one.loss) is type(batch.loss) is float
    assert batch.value[9][0] == one.value[9]


@given(networks(activations=EVERY, frozen=True).flatmap(lambda n: data_for(n).map(lambda data: (n, *data))))
def test_no_walk_writes_to_the_graph_or_to_its_data(problem):
    net, X, Y = problem
    before, data = fingerprint(net), (X.tobytes(), Y.tobytes())
    ng.forward(net, X)
    ng.backward(net, X, Y)
    for step in [*ng.forward_steps(net, X[0]), *ng.backward_steps(net, X, Y)]:
        str(step), step.latex()
    assert fingerprint(net) == before
    assert (X.tobytes(), Y.tobytes()) == data


def test_a_walk_leaves_nothing_behind_for_the_next():
    net = ng.example_network()
    first = ng.backward(net, [0.5], [1.0])
    other = ng.backward(net, [-2.0], [0.0])
    again = ng.backward(net, [0.5], [1.0])
    assert again == first
    assert other.gradient[4, 6] != first.gradient[4, 6]
    assert first.gradient is not again.gradient


def test_a_walk_that_has_begun_goes_on_as_it_began():
    net = ng.example_network()
    expected = ng.forward(net, [0.5]).outputs[0]
    steps = ng.forward_steps(net, [0.5])
    next(steps)
    net.edges[3, 6]["weight"] = 100.0
    net.remove_edge(7, 9)
    assert list(steps)[-1].result == expected


def test_arguments_are_checked_before_the_first_step_is_asked_for():
    net = ng.example_network()
    with pytest.raises(ng.DataError):
        ng.forward_steps(net, [0.5, 0.5])
    with pytest.raises(ng.DataError):
        ng.backward_steps(net, [0.5], [])
    with pytest.raises(ng.OptionError):
        ng.backward_steps(net, [0.5], [1.0], loss="sqared")
    net.add_edge(9, 3, weight=1.0)
    with pytest.raises(ng.InvalidNetworkError, match="cycle"):
        ng.forward_steps(net, [0.5])
    with pytest.raises(ng.InvalidNetworkError, match="cycle"):
        ng.backward_steps(net, [0.5], [1.0])


def test_a_frozen_edge_has_its_gradient_too():
    net = ng.example_network()
    expected = ng.backward(net, [0.5], [1.0]).gradient
    ng.freeze(net)
    assert ng.backward(net, [0.5], [1.0]).gradient == expected


def test_what_reaches_no_output_has_a_delta_and_a_gradient_of_exactly_zero():
    net = ng.example_network()
    ng.add_hidden(net, 10, activation="softplus")
    ng.add_hidden(net, 11, activation="tanh")
    ng.connect(net, 3, 10, weight=2.0)
    ng.connect(net, 10, 11, weight=-3.0)
    expected = ng.backward(ng.example_network(), [0.5], [1.0])
    for trace in (ng.backward(net, [0.5], [1.0]), ng.backward(net, [[0.5], [0.25]], [[1.0], [0.0]])):
        assert not np.any(trace.delta[10])
        assert not np.any(trace.delta[11])
        assert np.shape(trace.delta[11]) == np.shape(trace.z[11])
        assert trace.gradient[3, 10] == trace.gradient[10, 11] == 0.0
    assert ng.backward(net, [0.5], [1.0]).gradient.items() >= expected.gradient.items()


def test_an_output_that_feeds_on_has_its_own_loss_and_what_comes_back():
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_output(net, "a", activation="identity")
    ng.add_output(net, "b", activation="identity")
    ng.connect(net, "x", "a", weight=2.0)
    ng.connect(net, "a", "b", weight=3.0)
    trace = ng.backward(net, [1.0], [1.0, 10.0])  # a = 2, b = 6: losses 1 and 16
    assert trace.loss == 17.0
    assert trace.delta == {"b": -8.0, "a": 2.0 - 24.0}
    assert trace.gradient == {("x", "a"): -22.0, ("a", "b"): -16.0}


@pytest.mark.parametrize(
    "walk", [lambda net: ng.forward(net, [1e308]), lambda n: ng.backward(n, [1e308], [0])]
)
def test_a_number_that_overflows_is_named_by_its_first_neuron(walk):
    with pytest.raises(ng.DivergedError, match=r"neuron 2: z is inf") as caught:
        walk(deep(4, weight=1.5))
    assert (caught.value.neuron, caught.value.edge, caught.value.sample) == (2, None, None)


def test_a_number_that_overflows_is_named_by_its_first_sample():
    X = np.array([[1.0], [2.0], [-1e308], [1e308]])
    with pytest.raises(ng.DivergedError, match=r"neuron 1, sample 2: z is -inf") as caught:
        ng.forward(deep(3, weight=10.0), X)
    assert (caught.value.neuron, caught.value.sample) == (1, 2)
    with pytest.raises(ng.DivergedError) as caught:
        list(ng.forward_steps(deep(3, weight=10.0), X))
    assert (caught.value.neuron, caught.value.sample) == (1, 2)


def test_a_loss_that_overflows_is_named_by_its_output():
    net = nx.DiGraph()
    ng.add_input(net, 1)
    for neuron, weight in ((2, 1.0), (3, 1e200), (4, 1e200)):
        ng.add_output(net, neuron, activation="identity")
        ng.connect(net, 1, neuron, weight=weight)
    with pytest.raises(ng.DivergedError, match="neuron 3: the loss is inf") as caught:
        ng.backward(net, [1.0], [0.0, 0.0, 0.0])
    assert caught.value.neuron == 3
    with pytest.raises(ng.DivergedError) as caught:
        ng.backward(net, [[0.0], [1.0]], [[0.0, 0.0, 0.0]] * 2)
    assert (caught.value.neuron, caught.value.sample) == (3, 1)


def test_a_mean_that_overflows_is_an_error_too():
    with pytest.raises(ng.DivergedError, match="mean of the losses"):
        ng.backward(deep(1), [[1e154], [1e154]], [[0.0], [0.0]])


def test_a_delta_that_overflows_is_named_by_its_neuron():
    net = deep(3, weight=1e-300)
    net.edges[1, 2]["weight"] = 1e10
    net.edges[2, 3]["weight"] = 1e300
    with pytest.raises(ng.DivergedError, match="neuron 1: delta is -inf") as caught:
        ng.backward(net, [1.0], [1e20], loss="absolute")
    assert caught.value.neuron == 1


def test_a_gradient_that_overflows_is_named_by_its_edge_and_sample():
    net = deep(2, weight=1e-300)
    net.edges[1, 2]["weight"] = 1e10
    with pytest.raises(ng.DivergedError, match="edge 0 → 1: the gradient is") as caught:
        ng.backward(net, [1e300], [0.0], loss="absolute")
    assert (caught.value.edge, caught.value.neuron) == ((0, 1), None)
    with pytest.raises(ng.DivergedError, match="edge 0 → 1, sample 1") as caught:
        ng.backward(net, [[1.0], [1e300]], [[0.0], [0.0]], loss="absolute")
    assert caught.value.sample == 1


@pytest.mark.parametrize("name", DIFFERENTIABLE)
@pytest.mark.parametrize("z", [-1000.0, -745.2, -40.0, -5e-324, 0.0, 5e-324, 40.0, 745.2, 1000.0])
def test_no_warning_and_no_infinity_comes_from_far_out(name, z):
    trace = ng.backward(deep(1, activation=name), [z], [0.5])
    batch = ng.backward(deep(1, activation=name), [[z], [z]], [[0.5], [0.5]])
    assert math.isfinite(trace.value[1])
    assert math.isfinite(trace.delta[1])
    assert batch.delta[1].tolist() == [trace.delta[1]] * 2


@pytest.mark.usefixtures("shallow_stack")
def test_a_chain_of_a_hundred_thousand_neurons_needs_no_recursion():
    net = deep(100_000, weight=1.0001, activation="tanh")
    trace = ng.backward(net, [0.5], [1.0])
    assert len(trace.z) == len(trace.delta) == len(trace.gradient) == 100_000
    assert 0.0 < trace.outputs[0] < 0.5
    assert trace.gradient[99_999, 100_000] == trace.value[99_999] * trace.delta[100_000] != 0.0


@pytest.mark.usefixtures("shallow_stack")
def test_a_neuron_with_a_hundred_thousand_inputs_sums_them_all():
    net = wide(100_000)
    x = np.random.default_rng(3).normal(size=100_000)
    trace = ng.backward(net, dict(enumerate(x.tolist())), [1.0])
    assert trace.outputs[0] == pytest.approx(math.fsum(x) / 2, rel=1e-11)
    assert trace.gradient[7, "out"] == 2 * (trace.outputs[0] - 1) * x[7]
    assert len(str(list(ng.forward_steps(net, x))[-1])) < 1000


def test_many_thousand_outputs_are_no_matter_either():
    net = nx.DiGraph()
    net.add_node("in", kind="input")
    net.add_nodes_from(range(30_000), kind="output", activation="identity")
    net.add_edges_from((("in", i) for i in range(30_000)), weight=0.5)
    trace = ng.backward(net, [1.0], np.zeros(30_000))
    assert trace.loss == 7_500.0
    assert set(trace.gradient.values()) == {1.0}
