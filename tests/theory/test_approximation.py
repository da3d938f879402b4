"""Universal approximation by brute force: errors against bounds, measured anew on grids of the test's own."""

import itertools
import math

import numpy as np
import pytest

import neurograph as ng
from neurograph.theory import approximate, approximation_cost
from neurograph.theory.approximation import modulus_of_continuity


def bump(x):
    return math.exp(-2.0 * (x[0] ** 2 + x[1] ** 2))


def step(x):
    return 1.0 if x > 0.3 else 0.0


CONTINUOUS = {
    "sin": (math.sin, 0.0, 2 * math.pi, 1.0),  # the function, its domain, how fast it grows at most
    "abs": (abs, -1.0, 1.0, 1.0),
    "bump": (bump, (-1.0, -1.0), (1.0, 1.0), 2.0 * math.sqrt(2.0) * math.exp(-0.5)),
}


def errors(net, f, lower, upper, count):
    """The distances between network and function on a grid of the test's own."""
    corners = zip(np.atleast_1d(lower), np.atleast_1d(upper), strict=True)
    axes = [np.linspace(low, high, count) for low, high in corners]
    X = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    expected = [f(float(x[0]) if np.ndim(lower) == 0 else tuple(x.tolist())) for x in X]
    off = np.abs(ng.compile_network(net).forward(X)[:, 0] - expected)
    assert np.isfinite(off).all()
    return off


# The bound


@pytest.mark.parametrize("cells", [4, 8, 16])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_error_stays_below_the_bound_and_below_what_the_slope_allows(name, cells):
    f, lower, upper, slope = CONTINUOUS[name]
    found = approximate(f, lower, upper, cells)
    assert 0.0 < found.mean_error < found.error < found.bound
    width = float(np.max(np.subtract(upper, lower))) / cells
    assert found.bound <= slope * width * 1.01
    own = errors(found.net, f, lower, upper, 3301 if np.ndim(lower) == 0 else 173)
    assert own.max() <= slope * width
    assert own.mean() == pytest.approx(found.mean_error, rel=0.1)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_error_halves_when_the_cells_double(name):
    f, lower, upper, _ = CONTINUOUS[name]
    sizes = (16, 32, 64) if np.ndim(lower) == 0 else (4, 8, 16)
    found = [approximate(f, lower, upper, cells) for cells in sizes]
    for larger, smaller in itertools.pairwise(found):
        assert larger.error / smaller.error == pytest.approx(2.0, rel=0.1)
        assert larger.mean_error / smaller.mean_error == pytest.approx(2.0, rel=0.1)
        assert larger.bound / smaller.bound == pytest.approx(2.0, rel=0.15)


def test_a_step_keeps_its_error_at_the_jump_and_halves_it_on_average():
    found = [approximate(step, 0.0, 1.0, cells) for cells in (10, 20, 40, 80, 160)]
    for one in found:
        assert 0.4 <= one.error <= one.bound <= 1.0 + 1e-12
    for larger, smaller in itertools.pairwise(found):
        assert larger.mean_error / smaller.mean_error == pytest.approx(2.0, rel=0.3)


@pytest.mark.parametrize("steepness", [2.0, 10.0, 1000.0])
@pytest.mark.parametrize("cells", [2, 7, 30])
def test_the_bound_holds_for_steps_that_leak(steepness, cells):
    generator = np.random.default_rng(cells)
    a, b, c = generator.normal(size=3)
    for f in (math.sin, lambda x: a * x + b * math.cos(3 * x) + c * abs(x)):
        found = approximate(f, -2.0, 3.0, cells, steepness=steepness)
        assert found.error <= found.bound


def test_the_bound_holds_where_four_cells_meet():
    """There each step is halfway up; only real products of steps still sum to 1."""
    found = approximate(lambda x: 5.0 + x[0] + x[1], (0.0, 0.0), (1.0, 1.0), 4)
    corners = np.array(list(itertools.product([0.25, 0.5, 0.75], repeat=2)))
    off = np.abs(ng.compile_network(found.net).forward(corners)[:, 0] - 5.0 - corners.sum(axis=1))
    assert off.max() <= found.bound
    assert found.bound <= 0.51
    constant = approximate(lambda x: 3.0, (0.0, 0.0), (1.0, 1.0), 4)
    assert constant.error <= constant.bound <= 1e-5


def test_three_dimensions_are_no_different_but_in_cost():
    found = approximate(lambda x: x[0] * x[1] - x[2], (-1, -1, 0), (1, 1, 2), 3, points=3)
    assert found.error <= found.bound <= 2.1
    assert found.cost == approximation_cost(3, 3)


def test_one_dimension_given_as_a_sequence_takes_tuples():
    one = approximate(math.sin, 0.0, 1.0, 5)
    other = approximate(lambda x: math.sin(x[0]), [0.0], [1.0], 5)
    assert ng.weights(one.net) == ng.weights(other.net)
    assert one.error == other.error


# The network


def test_one_hidden_layer_of_logistic_steps_is_enough_in_one_dimension():
    net = approximate(math.sin, 0.0, 3.0, 6).net
    assert [len(layer) for layer in ng.layers(net)] == [2, 6, 1]
    assert {net.nodes[j]["activation"] for j in ng.layers(net)[1][:-1]} == {"logistic"}
    assert not ng.check(net).findings


def test_in_the_middle_of_each_cell_the_network_has_the_function_s_value():
    net = approximate(math.exp, 0.0, 1.0, 8).net
    middles = (np.arange(8) + 0.5) / 8
    assert np.allclose(ng.forward(net, middles[:, None]).outputs[0], np.exp(middles), rtol=1e-12)
    plane = approximate(bump, (-1, -1), (1, 1), 4).net
    X = np.array(list(itertools.product([-0.75, -0.25, 0.25, 0.75], repeat=2)))
    assert np.allclose(ng.forward(plane, X).outputs[0], [bump(x) for x in X], rtol=1e-6)


@pytest.mark.parametrize(
    ("cells", "dimensions"), [(1, 1), (2, 1), (9, 1), (1, 2), (2, 2), (5, 2), (1, 3), (2, 3), (3, 3)]
)
def test_the_cost_is_the_formula(cells, dimensions):
    found = approximate(lambda x: x[0], [0] * dimensions, [1] * dimensions, cells, points=1)
    assert found.cost == approximation_cost(cells, dimensions)
    codes = {finding.code for finding in ng.check(found.net).findings}
    assert codes == ({"dead-end", "unreachable"} if cells == 1 else set())
    assert f"{cells} cells an axis, {found.cost}" in str(found)


def test_the_verdict_neurons_grow_with_the_power_of_the_dimension():
    for d in range(2, 8):
        growth = approximation_cost(20, d).neurons / approximation_cost(10, d).neurons
        assert growth == pytest.approx(2**d, rel=0.1)
    assert approximation_cost(10, 100).neurons > 10**100


# The modulus of continuity


@pytest.mark.parametrize("shape", [(12,), (6, 7), (4, 5, 3)])
@pytest.mark.parametrize("reach", [1, 2, 3, 20])
def test_the_modulus_is_that_of_brute_force(shape, reach):
    values = np.random.default_rng(reach).normal(size=shape)
    places = list(np.ndindex(shape))
    expected = max(
        abs(values[p] - values[q])
        for p, q in itertools.product(places, repeat=2)
        if all(abs(i - j) <= reach for i, j in zip(p, q, strict=True))
    )
    assert modulus_of_continuity(values, reach) == pytest.approx(expected, rel=1e-15)


# Bad input


@pytest.mark.parametrize(
    ("arguments", "options", "where"),
    [
        ((math.sin, 0.0, 1.0, 0), {}, "cells"),
        ((math.sin, 0.0, 1.0, -3), {}, "cells"),
        ((math.sin, 0.0, 1.0, 2.5), {}, "cells"),
        ((math.sin, 1.0, 1.0, 5), {}, "upper"),
        ((math.sin, 0.0, -1.0, 5), {}, "upper"),
        ((math.sin, 0.0, math.inf, 5), {}, "upper"),
        ((math.sin, "0", 1.0, 5), {}, "lower"),
        ((bump, (0, 0), (1, 1, 1), 5), {}, "upper"),
        ((bump, (0, 0), 1.0, 5), {}, "upper"),
        ((bump, [], [], 5), {}, "lower"),
        ((math.sin, 0.0, 1.0, 5), {"steepness": 0.0}, "steepness"),
        ((math.sin, 0.0, 1.0, 5), {"points": 4}, "points"),
        ((math.sin, 0.0, 1.0, 5), {"points": 0}, "points"),
        ((math.sin, 0.0, 1.0, 5), {"limit": 0}, "limit"),
        ((5, 0.0, 1.0, 5), {}, "f"),
        ((lambda x: math.nan, 0.0, 1.0, 5), {}, "f"),
        ((lambda x: math.inf if x == 1.0 else 0.0, 0.0, 1.0, 5), {}, "f"),
        ((lambda x: "1", 0.0, 1.0, 5), {}, "f"),
        ((lambda x: x > 0, 0.0, 1.0, 5), {}, "f"),
        ((lambda x: None, 0.0, 1.0, 5), {}, "f"),
    ],
)
def test_a_bad_argument_is_refused(arguments, options, where):
    with pytest.raises(ng.OptionError) as caught:
        approximate(*arguments, **options)
    assert caught.value.where == where
    assert caught.value.fix


def test_the_place_where_a_function_is_not_finite_is_told():
    with pytest.raises(ng.OptionError, match=r"f\(0\.5\) is nan"):
        approximate(lambda x: math.nan if x == 0.5 else x, 0.0, 1.0, 5)


def test_too_many_cells_are_refused_and_the_cost_is_told():
    with pytest.raises(ng.OptionError, match="1,048,644 neurons and 9,961,593 edges") as caught:
        approximate(lambda x: 0.0, [0] * 4, [1] * 4, 16)
    assert (caught.value.code, caught.value.where) == ("too-large", "cells")
    with pytest.raises(ng.OptionError, match="neurons and 28 edges"):
        approximate(math.sin, 0.0, 1.0, 10, limit=27)
    with pytest.raises(ng.OptionError, match="measured at 4,826,809 points") as caught:
        approximate(lambda x: 0.0, [0] * 6, [1] * 6, 2, points=3)
    assert caught.value.where == "points"


@pytest.mark.parametrize("arguments", [(0,), (5, 0), (2.0,), (5, "2")])
def test_a_bad_number_has_no_cost(arguments):
    with pytest.raises(ng.OptionError):
        approximation_cost(*arguments)
