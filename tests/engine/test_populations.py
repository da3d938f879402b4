"""Populations: every lane is a network of its own, and knows nothing of the others."""

import warnings

import numpy as np
import pytest
from comparing import apart
from oracles import targets_for
from strategies import EVERY, of_kind, random_data, random_graphs

import neurograph as ng
from neurograph.engine.populations import LANES, make_population, padded, population_width
from neurograph.functions import LOSSES

BACKENDS = ("numpy", "numba")
TIGHT = 1e-12


def problems(loss, seed, count):
    """Yield random networks that suit a loss, each with its program, X and Y."""
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    given = {
        "activations": EVERY,
        "output_activations": outputs,
        "saturating": False,
        "frozen": True,
    }
    for net in random_graphs(seed, count, **given):
        X, Y = random_data(generator, net, samples=5)
        yield net, ng.compile_network(net, backend="numpy"), X, targets_for(loss, generator, Y.shape)


def population_of(program, lanes, seed=0):
    """Draw weights around those of a program; frozen edges keep theirs."""
    drawn = np.random.default_rng(seed).uniform(-1.5, 1.5, (len(program.edges), lanes))
    return np.where(program.layout.trainable[:, None], drawn, program.weights[:, None])


def with_weights(net, program, weights):
    """Return the graph with the weights of one lane."""
    copy = net.copy()
    for edge, weight in zip(program.edges, weights.tolist(), strict=True):
        copy.edges[edge]["weight"] = weight
    return copy


def weights_in_order(net, program):
    return np.array([net.edges[edge]["weight"] for edge in program.edges])


def trained(program, backend, weights, X, Y, loss, *, epochs=3, rate=0.05, seed=0):
    """Train a copy of a population in the order that ``fit`` takes with this seed."""
    generator, weights = np.random.default_rng(seed), np.ascontiguousarray(weights)
    weights = weights.copy()
    order = np.array([generator.permutation(len(X)) for _ in range(epochs)])
    population = make_population(program.layout, backend)
    population.train(weights, X, Y, order, LOSSES[loss], np.full((epochs, 1), rate))
    return weights


# One lane is one training


@pytest.mark.parametrize("loss", ng.LOSSES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_lane_ends_where_fit_ends_from_its_weights(backend, loss):
    worst, seen, frozen, feeding = 0.0, set(), 0, 0
    for net, program, X, Y in problems(loss, 21, 40):
        weights = population_of(program, 3)
        found = trained(program, backend, weights, X, Y, loss)
        for lane in range(3):
            alone = with_weights(net, program, weights[:, lane])
            try:
                ng.fit(alone, X, Y, loss=loss, learning_rate=0.05, epochs=3, seed=0, backend=backend)
            except ng.DivergedError:
                assert np.isnan(found[:, lane]).any()
                continue
            worst = max(worst, apart(found[:, lane], weights_in_order(alone, program))[0])
        fixed, alive = ~program.layout.trainable, ~np.isnan(found).any(axis=0)
        assert np.array_equal(found[fixed][:, alive], weights[fixed][:, alive])
        frozen += int(fixed.sum())
        feeding += any(net.out_degree(neuron) for neuron in of_kind(net, "output"))
        seen |= {name for _, name in net.nodes(data="activation")} - {None}
    assert worst <= TIGHT
    assert frozen > 20
    assert feeding > 5
    assert len(seen) >= 14


@pytest.mark.parametrize("loss", ng.LOSSES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_losses_are_the_walk_s(backend, loss):
    worst = 0.0
    for net, program, X, Y in problems(loss, 22, 25):
        weights = population_of(program, 3)
        found = make_population(program.layout, backend).losses(weights, X, Y, LOSSES[loss])
        walked = [
            ng.backward(with_weights(net, program, weights[:, lane]), X, Y, loss=loss).loss
            for lane in range(3)
        ]
        assert min(walked) >= 0.0
        worst = max(worst, apart(found, walked)[0])
    assert worst <= TIGHT


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_rate_of_its_own_for_every_step_is_taken(backend):
    net, X, Y = ng.example_network(), [[0.5], [-0.3], [0.9]], [[1.0], [0.0], [0.3]]
    program = ng.compile_network(net)
    weights, order = program.weights[:, None].copy(), np.array([[2, 0, 1], [1, 0, 2]])
    rates = np.array([[0.5, 0.3, 0.2], [0.1, 0.05, 0.7]])
    population = make_population(program.layout, backend)
    population.train(weights, np.array(X), np.array(Y), order, LOSSES["squared"], rates)
    for row, rate in zip(order.ravel(), rates.ravel(), strict=True):
        gradient = ng.backward(net, X[row], Y[row]).gradient
        for edge, slope in gradient.items():
            net.edges[edge]["weight"] -= rate * slope
    assert apart(weights[:, 0], weights_in_order(net, program))[0] <= 1e-14


# Company


def bits(numbers):
    return np.ascontiguousarray(numbers).tobytes()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_bits_of_a_lane_do_not_depend_on_its_company(backend):
    """Neither on how many there are, nor on its place, nor on neighbours that overflow."""
    generator = np.random.default_rng(23)
    for _, program, X, Y in problems("squared", 23, 30):
        probe = population_of(program, 1, seed=1)
        population = make_population(program.layout, backend)
        expected = trained(program, backend, probe, X, Y, "squared")
        if not np.isfinite(expected).all():
            continue
        loss = population.losses(expected, X, Y, LOSSES["squared"])
        for width in (2, 3, 7, 8, 17, 64, 65):
            place = int(generator.integers(width))
            company = population_of(program, width, seed=width) * 10.0 ** generator.integers(0, 200, width)
            company[:, place : place + 1] = probe
            found = trained(program, backend, company, X, Y, "squared")
            assert bits(found[:, place]) == bits(expected)
            losses = population.losses(found, X, Y, LOSSES["squared"])
            assert bits(losses[place]) == bits(loss)


def overflowing(activation):
    """A network whose z is beyond all floats for x = 10, and finite for x = 0.1."""
    net = ng.mlp([1, 1, 1], activation=activation, output_activation="logistic", bias=False)
    for edge, weight in zip(net.edges, (1.7e308, 0.5), strict=True):
        net.edges[edge]["weight"] = weight
    return net


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("activation", ["logistic", "identity"])
def test_a_z_that_is_not_finite_makes_the_loss_nan_though_the_output_is_finite(backend, activation):
    program = ng.compile_network(overflowing(activation))
    weights = np.column_stack([program.weights, [0.5, 0.5]])
    X, Y = np.array([[10.0], [0.1]]), np.array([[1.0], [0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = make_population(program.layout, backend).losses(weights, X, Y, LOSSES["squared"])
    assert np.isnan(losses).tolist() == [True, False]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_lane_that_overflows_on_the_way_ends_as_nan_even_if_it_would_recover(backend):
    net = overflowing("logistic")
    X, Y = np.array([[10.0], [0.1]]), np.array([[1.0], [0.0]])
    with pytest.raises(ng.DivergedError):
        ng.fit(net.copy(), X, Y, epochs=1, shuffle=False, backend=backend)
    program = ng.compile_network(net)
    weights = np.column_stack([program.weights, [0.5, 0.5]])
    population = make_population(program.layout, backend)
    population.train(weights, X, Y, np.array([[0, 1]]), LOSSES["squared"], np.array([[0.1]]))
    assert np.isnan(weights).all(axis=0).tolist() == [True, False]


def test_a_function_of_the_user_s_own_runs_on_numpy_and_its_infinite_value_is_no_loss():
    ng.register_activation("steep_of_lanes", lambda z: np.exp(10.0 * z), lambda z: 10.0 * np.exp(10.0 * z))
    net = ng.mlp([1, 1], activation="steep_of_lanes", output_activation="steep_of_lanes", bias=False)
    program = ng.compile_network(net)
    population = make_population(program.layout, "auto")
    losses = population.losses(
        np.array([[80.0, 0.01]]), np.array([[1.0]]), np.array([[1.0]]), LOSSES["hinge"]
    )
    assert np.isnan(losses[0])
    assert losses[1] == 0.0  # 1 − t·y is negative


# Widths


def test_a_population_is_padded_with_its_first_lane():
    weights = np.arange(6.0).reshape(2, 3)
    wide = padded(weights)
    assert wide.shape == (2, LANES)
    assert np.array_equal(wide[:, :3], weights)
    assert (wide[:, 3:] == weights[:, :1]).all()
    assert padded(wide) is wide


def test_a_large_network_has_fewer_lanes_at_a_time():
    small = ng.compile_network(ng.mlp([2, 2, 1])).layout
    large = ng.compile_network(ng.mlp([100, 200, 50], seed=0)).layout
    assert population_width(small, 4096) == 4096
    assert population_width(large, 4096) * len(large.weights) <= 2**23
    assert population_width(large, 4096, least=600) == 600
