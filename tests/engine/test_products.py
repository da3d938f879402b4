"""Dense blocks as matrix products over many samples: the walk's numbers, whatever the batch is cut into."""

from itertools import pairwise
from unittest.mock import patch

import networkx as nx
import numpy as np
import pytest
from comparing import Walked, apart
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import DIFFERENTIABLE

import neurograph as ng
from neurograph.engine import kernels, layout
from neurograph.engine.lanes import LANES, WIDE
from neurograph.engine.products import plan_products
from neurograph.engine.updates import Memory, Rule
from neurograph.functions import activations

FAST = ("numpy", "numba")
FUNCTIONS = tuple(name for name in DIFFERENTIABLE if name != "sine")
SAMPLES = st.integers(1, 300) | st.sampled_from([LANES - 1, LANES, WIDE - 1, WIDE, WIDE + 1, 2 * WIDE + 3])


@pytest.fixture
def exploding():
    """An activation of the user's own that leaves the range of floats soon."""
    row = ng.register_activation("explosion_of_many", np.exp, np.exp)
    yield row.name
    activations._TABLE.pop(row.name)


def weights_of(net):
    return nx.get_edge_attributes(net, "weight")


@st.composite
def dense_networks(draw):
    """Draw layers that are fully connected, each neuron with a function of its own, some edges frozen."""
    sizes = draw(st.lists(st.integers(1, 24), min_size=2, max_size=5))
    net = ng.mlp(sizes, bias=draw(st.booleans()), seed=draw(st.integers(0, 1000)))
    names = st.sampled_from(draw(st.lists(st.sampled_from(FUNCTIONS), min_size=1, max_size=3)))
    for neuron, kind in net.nodes(data="kind"):
        if kind in ("hidden", "output"):
            net.nodes[neuron]["activation"] = draw(names)
    for edge in draw(st.lists(st.sampled_from(list(net.edges)), max_size=5)):
        net.edges[edge]["trainable"] = False
    return net


def data_of(net, samples, seed):
    generator = np.random.default_rng(seed)
    return (generator.normal(size=(samples, len(keys))) for keys in (ng.inputs(net), ng.outputs(net)))


@settings(max_examples=60, deadline=None)
@given(dense_networks(), SAMPLES, st.sampled_from(FAST), st.sampled_from(["float64", "float32"]), st.data())
def test_any_dense_network_agrees_with_the_walk_at_any_number_of_samples(net, samples, backend, dtype, data):
    smallest, seed = data.draw(st.sampled_from([1, 256])), data.draw(st.integers(0, 2**32 - 1))
    X, Y = data_of(net, samples, seed)
    with patch.object(layout, "SMALLEST_DENSE_BLOCK", smallest):
        program = ng.compile_network(net, backend=backend, dtype=dtype)
        if smallest == 1 and len(ng.outputs(net)) > 1:
            assert program.layout.blocks
    walk = Walked(net, X, Y, "squared", program)
    value, gradient = program.gradient(X, Y)
    near = 1e-12 if dtype == "float64" else 1e-5
    assert apart(program.forward(X), walk.outputs)[0] <= near
    assert apart([value], [walk.loss])[0] <= near
    assert apart(gradient, walk.gradient, walk.scale)[0] <= near


@settings(max_examples=25, deadline=None)
@given(dense_networks(), SAMPLES, st.sampled_from(FAST), st.integers(1, 4))
def test_any_dense_network_learns_as_the_walk_does(net, samples, backend, batches):
    X, Y = data_of(net, samples, 1)
    plan = {"batch_size": -(-samples // batches), "learning_rate": 0.01, "seed": 2}
    start, found = weights_of(net), []
    for chosen in ("walk", backend):
        again = net.copy()
        with patch.object(layout, "SMALLEST_DENSE_BLOCK", 1):
            history = ng.fit(again, X, Y, backend=chosen, **plan)
        found.append([*weights_of(again).values(), *history.losses])
    assert apart(found[1], found[0])[0] <= 1e-11
    frozen = [edge for edge in net.edges if not net.edges[edge].get("trainable", True)]
    assert {edge: weights_of(again)[edge] for edge in frozen} == {edge: start[edge] for edge in frozen}


def matrices(program, sizes):
    """Cut the weights into a matrix for each layer, the bias in its last column."""
    shapes = [(b, a + 1) for a, b in pairwise(sizes)]
    parts = np.split(program.weights, np.cumsum([rows * columns for rows, columns in shapes])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


@pytest.mark.parametrize("samples", [1, 64, 100, WIDE, 3 * WIDE + 7])
@pytest.mark.parametrize("backend", FAST)
def test_it_is_the_textbook_of_matrices(backend, samples):
    """tanh throughout and squared loss: Δ = 2(y − t)·(1 − y²)/n at the end, and WᵀΔ·(1 − y²) before it."""
    sizes = (30, 40, 20, 5)
    net = ng.mlp(sizes, activation="tanh", seed=3)
    X, Y = data_of(net, samples, 4)
    program = ng.compile_network(net, backend=backend)
    layers = matrices(program, sizes)
    values = [X.T]
    for matrix in layers:
        values.append(np.tanh(matrix @ np.vstack([values[-1], np.ones(samples)])))
    delta, gradients = 2 * (values[-1] - Y.T) * (1 - values[-1] ** 2) / samples, []
    for matrix, value in zip(reversed(layers), reversed(values[:-1]), strict=True):
        gradients.insert(0, (delta @ np.vstack([value, np.ones(samples)]).T).ravel())
        delta = matrix[:, :-1].T @ delta * (1 - value**2)
    loss, gradient = program.gradient(X, Y)
    assert loss == pytest.approx(((values[-1] - Y.T) ** 2).sum() / samples, rel=1e-13)
    assert apart(program.forward(X), values[-1].T)[0] <= 1e-13
    assert apart(gradient, np.concatenate(gradients))[0] <= 1e-12


# The plan


def test_a_block_is_fresh_unless_outputs_or_later_blocks_share_its_sources():
    """8 → 8 → 8 outputs → two groups of 8 outputs, which feed from the same 8 outputs."""
    net = ng.mlp([8, 8, 8], bias=False, seed=0)
    last = ng.outputs(net)
    for group in range(2):
        for i in range(8):
            ng.add_output(net, f"{group} {i}", activation="tanh")
            for source in last[: 8 - group]:
                ng.connect(net, source, f"{group} {i}", weight=0.1)
    with patch.object(layout, "SMALLEST_DENSE_BLOCK", 1):
        plan = plan_products(ng.compile_network(net).layout)
    assert [(product.asked, product.fresh) for product in plan.steps] == [
        (False, True), (True, True), (True, False), (True, False),
    ]  # fmt: skip
    assert not plan.cleared.size


def test_rows_that_no_block_is_first_to_write_to_are_cleared():
    net = ng.mlp([4, 6, 5], bias=True, seed=0)
    dead, loose = "feeds nothing", "feeds one output"
    for neuron in (dead, loose):
        ng.add_hidden(net, neuron, activation="tanh")
        for source in ng.inputs(net):
            ng.connect(net, source, neuron, weight=0.5)
    ng.add_output(net, "alone", activation="tanh")
    ng.connect(net, loose, "alone", weight=0.5)
    with patch.object(layout, "SMALLEST_DENSE_BLOCK", 1):
        program = ng.compile_network(net)
        plan = plan_products(program.layout)
    assert {program.neurons[j] for j in plan.cleared} == {dead, loose}
    X, Y = data_of(net, 70, 5)
    expected = Walked(net, X, Y, "squared", program)
    for _ in range(2):  # what is left from before must not matter
        assert apart(program.gradient(X, Y)[1], expected.gradient, expected.scale)[0] <= 1e-12


def test_many_samples_go_together_where_the_network_is_small_or_nearly_all_edges_are_dense():
    for sizes, lanes in (([2, 4, 1], WIDE), ([100, 300, 1], WIDE), ([100, 2, 100, 2], LANES)):
        assert ng.compile_network(ng.mlp(sizes, seed=0)).engine.lanes == lanes


# Divergence


@pytest.mark.parametrize("sample", [0, 255, 256, 299])
@pytest.mark.parametrize("backend", FAST)
def test_the_first_sample_that_leaves_the_floats_is_named_without_a_warning(backend, sample):
    net = ng.mlp([20, 30, 20, 4], activation="identity", bias=False, seed=0)
    nx.set_edge_attributes(net, 2.0, "weight")
    program = ng.compile_network(net, backend=backend)
    assert len(program.layout.blocks) == 2
    X, Y = np.zeros((300, 20)), np.zeros((300, 4))
    X[sample:] = 1e306
    first = next(neuron for neuron, kind in net.nodes(data="kind") if kind == "hidden")
    second = next(iter(net.successors(first)))
    for ask in (lambda: program.forward(X), lambda: program.loss(X, Y), lambda: program.gradient(X, Y)):
        with pytest.raises(ng.DivergedError, match="z is inf") as error:
            ask()
        assert (error.value.neuron, error.value.sample) == (second, sample)


@pytest.mark.parametrize("backend", FAST)
def test_training_that_diverges_names_its_place_without_a_warning(backend):
    net = ng.mlp([20, 30, 20, 4], activation="identity", seed=0)
    X, Y = data_of(net, 300, 6)
    before = weights_of(net)
    with pytest.raises(ng.DivergedError) as error:
        ng.fit(net, X, Y, batch_size=100, learning_rate=1e80, shuffle=False, backend=backend)
    assert error.value.sample >= 100
    assert error.value.epoch == 0
    assert weights_of(net) == before


def test_activations_of_your_own_run_on_many_samples_and_the_first_value_beyond_floats_is_named(exploding):
    net = ng.mlp([20, 30, 4], activation="tanh", output_activation=exploding, seed=15)
    X, Y = data_of(net, 300, 16)
    program = ng.compile_network(net)
    assert (program.backend, program.engine.lanes) == ("numpy", WIDE)
    walk = Walked(net, X, Y, "squared", program)
    assert apart(program.gradient(X, Y)[1], walk.gradient, walk.scale)[0] <= 1e-12
    program.weights[-1] = 1000.0  # the bias of the last output: exp(z) is infinite, z is not
    for samples in (X[:300], X[:10]):
        with pytest.raises(ng.DivergedError, match="the value is inf") as error:
            program.forward(samples)
        assert (error.value.neuron, error.value.sample) == (ng.outputs(net)[-1], 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_one_number_that_is_not_finite_is_seen_among_many(bad, dtype):
    numbers = np.random.default_rng(7).normal(size=1001).astype(dtype)
    program = ng.compile_network(ng.example_network(), backend="numba", dtype=dtype)
    assert program.engine._all_finite(numbers)
    assert program.engine._all_finite(np.full(9, np.finfo(dtype).max))  # though their sum is infinite
    for place in (0, 500, 1000):
        again = numbers.copy()
        again[place] = bad
        again[(place + 3) % 1001] = -again[place]
        assert not program.engine._all_finite(again)


# Updates


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_compiled_descent_is_the_formula_bit_by_bit(dtype):
    generator = np.random.default_rng(8)
    weights, gradient = (generator.normal(size=999).astype(dtype) for _ in range(2))
    expected = weights - dtype(0.03) * gradient
    kernels.descend(weights, gradient, dtype(0.03))
    assert weights.tobytes() == expected.tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "rprop"])
def test_batches_learn_by_every_rule_as_the_walk_does(optimizer):
    net = ng.mlp([20, 30, 20, 4], activation="tanh", seed=9)
    for edge in list(net.edges)[::7]:
        net.edges[edge]["trainable"] = False
    X, Y = data_of(net, 300, 10)
    found = []
    for backend in ("walk", *FAST):
        again = net.copy()
        ng.fit(
            again, X, Y, optimizer=optimizer, learning_rate=0.01, batch_size=290, epochs=2, seed=0,
            weight_decay=0.01, clip_norm=1.0, backend=backend,
        )  # fmt: skip
        found.append(list(weights_of(again).values()))
    assert apart(found[1], found[0])[0] <= 1e-9
    assert apart(found[2], found[0])[0] <= 1e-9
    assert found[0] != list(weights_of(net).values())


# What the result does not depend on


@pytest.mark.parametrize("backend", FAST)
def test_what_went_through_the_rows_before_changes_no_bit(backend):
    net = ng.mlp([20, 30, 20, 4], activation="tanh", seed=11)
    X, Y = data_of(net, 600, 12)
    program = ng.compile_network(net, backend=backend)
    expected = program.gradient(X[:300], Y[:300])[1]
    for samples in (1, 600, 64, 257):
        program.gradient(1e100 * X[:samples], Y[:samples])
        assert (program.gradient(X[:300], Y[:300])[1] == expected).all()
    fresh = ng.compile_network(net, backend=backend).gradient(X[:300], Y[:300])[1]
    assert (fresh == expected).all()


@pytest.mark.parametrize("backend", FAST)
def test_a_gradient_that_was_returned_is_nobody_elses(backend):
    net = ng.mlp([20, 30, 4], activation="tanh", seed=13)
    X, Y = data_of(net, 300, 14)
    program = ng.compile_network(net, backend=backend)
    gradient = program.gradient(X, Y)[1]
    kept = gradient.copy()
    memory = Memory.empty(Rule(), len(kept), np.float64)
    program.engine.train(
        program.weights, X, Y, np.arange(300), 100, ng.LOSSES["squared"], Rule(), memory, np.full(3, 0.1)
    )
    program.gradient(X, Y)
    assert (gradient == kept).all()
