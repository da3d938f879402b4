"""Products, deep and flat: against numpy's products, mpmath, and closed formulas of sine and exponential."""

import itertools
import re

import mpmath
import numpy as np
import pytest

import neurograph as ng
from neurograph.theory import (
    deep_product,
    deep_product_cost,
    flat_product,
    flat_product_cost,
    multiplication_gate,
    product_error,
)

SMOOTH = ("logistic", "tanh", "softplus", "silu", "gelu", "sine", "gaussian", "elu", "softsign")


def factors(n, *, least=0.5, samples=2000, seed=0):
    """Numbers of both signs between ``least`` and 2 in size, and the corners of that box."""
    generator = np.random.default_rng(seed)
    inside = generator.uniform(least, 2.0, (samples, n)) * generator.choice([-1.0, 1.0], (samples, n))
    corners = np.array(list(itertools.islice(itertools.product([least, 2.0], repeat=n), 64)))
    return np.vstack([inside, corners, -corners, np.full((1, n), 2.0)])


def computed(net, X):
    found = ng.compile_network(net, backend="numpy").forward(X)[:, 0]
    assert np.isfinite(found).all()
    return found


def largest_error(net, n, **options):
    """The largest relative error of a network that multiplies."""
    X = factors(n, **options)
    found = computed(net, X)
    return np.abs(found / np.prod(X, axis=1) - 1.0).max()


def hidden(net):
    return [neuron for neuron, kind in net.nodes(data="kind") if kind == "hidden"]


# One gate


@pytest.mark.parametrize("activation", SMOOTH)
def test_a_gate_of_four_neurons_multiplies(activation):
    gate = multiplication_gate(activation)
    assert len(hidden(gate)) == 4
    assert (len(gate), gate.number_of_edges()) == (9, 17)
    assert not ng.check(gate).findings
    assert largest_error(gate, 2) <= 2e-7
    assert ng.forward(gate, [1.5, -0.8]).outputs[0] == pytest.approx(-1.2, rel=1e-6)
    assert ng.forward(gate, [1.5, 0.0]).outputs[0] == 0.0


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_error_term_is_the_error(n, activation):
    scale = 2.0**-6
    net = flat_product(n, activation=activation, scale=scale)
    X = factors(n, least=1.0, samples=200)
    relative = computed(net, X) / np.prod(X, axis=1) - 1.0
    expected = product_error(n, activation=activation, scale=scale) * np.sum(X**2, axis=1)
    assert np.abs(relative - expected).max() <= 0.1 * np.abs(expected).max()
    assert np.abs(expected).max() > 1e-5


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("build", [deep_product, flat_product])
@pytest.mark.parametrize("n", [2, 4])
def test_errors_fall_with_the_square_of_the_scale(n, build, activation):
    errors = [
        largest_error(build(n, activation=activation, scale=2.0**-k), n, samples=100) for k in (5, 6, 7)
    ]
    for larger, smaller in itertools.pairwise(errors):
        assert 3.5 <= larger / smaller <= 4.5


def test_the_gate_is_the_flat_product_of_two():
    one, other = (
        multiplication_gate("tanh", 0.01, bias=0.5),
        flat_product(2, activation="tanh", scale=0.01, bias=0.5),
    )
    assert dict(one.nodes(data=True)) == dict(other.nodes(data=True))
    assert ng.weights(one) == ng.weights(other)


def test_the_gate_s_formula_is_the_one_of_the_paper():
    b, scale, u, v = 0.7, 0.05, 1.3, -0.6
    with mpmath.workdps(40):
        second = mpmath.diff(mpmath.tanh, b, 2)
        terms = [(1, u + v), (1, -u - v), (-1, u - v), (-1, v - u)]
        m = sum(sign * mpmath.tanh(b + scale * z) for sign, z in terms) / (4 * scale**2 * second)
        fourth = mpmath.diff(mpmath.tanh, b, 4)
        error = scale**2 * fourth / (6 * second)
    assert ng.forward(multiplication_gate("tanh", scale, bias=b), [u, v]).outputs[0] == pytest.approx(
        float(m), rel=1e-11
    )
    assert product_error(activation="tanh", scale=scale, bias=b) == pytest.approx(float(error), rel=1e-13)


# Closed formulas


@pytest.mark.parametrize("n", range(2, 9))
def test_the_sine_s_flat_product_is_a_product_of_sines(n):
    scale = 0.25
    X = factors(n, samples=100)
    found = computed(flat_product(n, scale=scale), X)
    assert np.allclose(found, np.prod(np.sin(scale * X) / scale, axis=1), rtol=1e-9, atol=1e-16 * scale**-n)


@pytest.mark.parametrize("n", range(2, 7))
def test_the_exponential_s_flat_product_is_a_product_of_hyperbolic_sines(n):
    scale, bias = 0.125, -2.0  # elu is e^z − 1 as far as z < 0: six inputs of 2 reach up to −0.5
    X = factors(n, samples=100)
    found = computed(flat_product(n, activation="elu", scale=scale, bias=bias), X)
    assert np.allclose(found, np.prod(np.sinh(scale * X) / scale, axis=1), rtol=1e-8, atol=1e-15 * scale**-n)


# Deep


@pytest.mark.parametrize("n", [2, 4, 8])
def test_the_deep_product_is_right_to_four_digits_and_more(n):
    assert largest_error(deep_product(n), n) <= 1e-4


@pytest.mark.parametrize("activation", SMOOTH)
def test_any_smooth_activation_will_do(activation):
    assert largest_error(deep_product(8, activation=activation), 8, samples=500) <= 1e-4


@pytest.mark.parametrize("n", [3, 5, 6, 7, 9, 10, 16])
def test_any_number_of_factors_will_do(n):
    assert largest_error(deep_product(n), n, samples=500) <= 1e-3


def test_inputs_of_another_size_have_their_bound():
    X = 1000.0 * factors(4, samples=200)
    found = computed(deep_product(4, bound=2000.0), X)
    assert np.abs(found / np.prod(X, axis=1) - 1).max() <= 1e-5


# Flat


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_the_flat_product_is_right_to_three_digits(n):
    assert largest_error(flat_product(n), n) <= 1e-3
    assert largest_error(flat_product(n), n, least=0.3) <= 1e-3


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_flat_and_deep_agree(n):
    X = factors(n, samples=200)
    flat, deep = (computed(build(n), X) for build in (flat_product, deep_product))
    assert np.allclose(flat, deep, rtol=1e-4)


def best_errors():
    """The table of cancellation: for each n, the least of the largest errors over all scales."""
    table = {}
    for n in range(2, 11):
        errors = [largest_error(flat_product(n, scale=2.0**-k), n, samples=100) for k in range(2, 16)]
        table[n] = min(errors)
    return table


def test_cancellation_limits_the_flat_product_for_larger_n():
    table = best_errors()
    assert table[2] < 1e-6
    assert table[6] < 1e-3 < table[8] < table[10]
    for n in range(2, 9):  # the sine's odd products begin with small values, and lose less
        assert table[n + 2] > 3 * table[n]
    for n in table:  # the scale that is chosen is as good as any, or nearly
        assert largest_error(flat_product(n), n, samples=100) <= 4 * table[n]


def test_it_is_the_rounding_that_limits_it():
    """With 60 digits the same weights at a small scale multiply eight numbers to eleven digits."""
    n, scale = 8, 2.0**-20
    net = flat_product(n, scale=scale)
    weight = {edge: mpmath.mpf(w) for edge, w in ng.weights(net).items()}
    x = [1.5, -0.7, 1.1, 0.9, -1.3, 0.6, 1.7, -1.9]
    assert abs(ng.forward(net, x).outputs[0] / np.prod(x) - 1) > 1
    with mpmath.workdps(80):
        half_pi = mpmath.pi / 2  # the bias, which a float64 rounds
        values = [
            mpmath.sin(half_pi + sum(weight[i + 1, j] * mpmath.mpf(x[i]) for i in range(n)))
            for j in hidden(net)
        ]
        product = sum(weight[j, len(net)] * y for j, y in zip(hidden(net), values, strict=True))
        assert abs(product / mpmath.fprod(x) - 1) < 1e-10


@pytest.mark.parametrize(
    ("build", "sizes"), [(flat_product, list(range(2, 11))), (deep_product, [2, *range(4, 25, 4)])]
)
def test_the_docstring_s_table_is_what_is_measured(build, sizes):
    lines = [line.split() for line in build.__doc__.splitlines()]
    numbers = next([int(n) for n in line[1:]] for line in lines if line[:2] == ["n", "2"])
    errors = next([float(e) for e in line[1:]] for line in lines if line[:1] == ["error"])
    assert numbers == sizes
    for n, told in zip(numbers, errors, strict=True):
        assert told / 2 <= largest_error(build(n), n) <= 2 * told


def test_a_long_product_takes_a_bound_that_its_numbers_come_near():
    generator = np.random.default_rng(0)
    X = generator.uniform(0.9, 1.0, (200, 64)) * generator.choice([-1.0, 1.0], (200, 64))
    found = computed(deep_product(64, bound=1.0, scale=2.0**-13), X)
    assert 1e-9 < np.abs(found / np.prod(X, axis=1) - 1).max() < 1e-6
    assert np.abs(computed(deep_product(64), X)).max() < 1e-12 < np.abs(np.prod(X, axis=1)).min()


# Costs


@pytest.mark.parametrize("n", range(2, 11))
def test_the_costs_are_the_formulas(n):
    deep, flat = deep_product(n), flat_product(n)
    assert (len(deep), deep.number_of_edges()) == deep_product_cost(n)
    assert (len(flat), flat.number_of_edges()) == flat_product_cost(n)
    sigma = [neuron for neuron in hidden(deep) if deep.nodes[neuron]["activation"] == "sine"]
    assert len(sigma) == 4 * (n - 1)
    assert len(hidden(flat)) == 2**n
    assert len(hidden(deep)) - len(sigma) == f"{n - 1:b}".count("0")
    assert len(ng.layers(flat)) == 3
    assert len(ng.layers(deep)) == 2 + int(np.ceil(np.log2(n)))


@pytest.mark.parametrize("n", [2, 3, 7, 8, 33, 64, 100])
def test_deep_costs_hold_for_any_n(n):
    net = deep_product(n)
    assert (len(net), net.number_of_edges()) == deep_product_cost(n)
    assert {finding.code for finding in ng.check(net).findings} <= {"mixed-activations"}
    assert deep_product_cost(n).neurons <= 5 * n + 2 * np.log2(n) + 3


def test_deep_is_linear_and_flat_exponential():
    assert deep_product_cost(1024).neurons < 5.1 * 1024
    assert flat_product_cost(1000).neurons > 2**1000
    assert re.fullmatch(r"about 1\.07·10\^301 neurons and about .*", str(flat_product_cost(1000)))


# Bad input


@pytest.mark.parametrize("activation", ["relu", "identity", "leaky_relu", "hard_tanh", "step", "sign"])
def test_an_activation_without_curvature_cannot_multiply(activation):
    for build in (
        multiplication_gate,
        lambda a: deep_product(4, activation=a),
        lambda a: flat_product(3, activation=a),
    ):
        with pytest.raises(ng.OptionError, match=f"of {activation} is 0") as caught:
            build(activation)
        assert (caught.value.code, caught.value.where) == ("vanishing-derivative", "activation")
        assert "choose a smooth activation" in caught.value.fix


@pytest.mark.parametrize(
    ("n", "activation", "bias"),
    [
        (2, "tanh", 0.0),
        (2, "logistic", 0.0),
        (2, "sine", 0.0),
        (3, "sine", np.pi / 2),
        (4, "tanh", 0),
        (3, "silu", 0),
    ],
)
def test_a_bias_at_which_the_needed_derivative_vanishes_is_refused_with_another(n, activation, bias):
    with pytest.raises(ng.OptionError, match=f"derivative {n} of {activation} is") as caught:
        flat_product(n, activation=activation, bias=bias)
    assert (caught.value.code, caught.value.where) == ("vanishing-derivative", "bias")
    other = float(caught.value.fix.rpartition(" ")[2])
    assert largest_error(flat_product(n, activation=activation, bias=other), n, samples=50) < 1e-2


@pytest.mark.parametrize(("activation", "bias"), [("elu", 0.0), ("softsign", 0)])
def test_a_bias_at_which_a_derivative_jumps_is_refused(activation, bias):
    with pytest.raises(ng.OptionError, match="a derivative of it jumps"):
        multiplication_gate(activation, bias=bias)


def test_too_many_factors_are_refused_and_the_cost_is_told():
    with pytest.raises(ng.OptionError, match="1,048,599 neurons and 23,068,673 edges") as caught:
        flat_product(20)
    assert (caught.value.code, caught.value.where) == ("too-large", "n")
    with pytest.raises(ng.OptionError, match="would have 14 neurons and 41 edges"):
        flat_product(3, limit=40)
    assert flat_product(3, limit=41)
    with pytest.raises(ng.OptionError, match="would have"):
        deep_product(8, limit=160)
    with pytest.raises(ng.OptionError, match="would have"):
        deep_product(10**6)


@pytest.mark.parametrize("n", [1, 0, -2, 2.0, "4", None, True])
@pytest.mark.parametrize(
    "function", [deep_product, flat_product, deep_product_cost, flat_product_cost, product_error]
)
def test_a_bad_number_of_factors_is_refused(function, n):
    with pytest.raises(ng.OptionError, match="n: "):
        function(n)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"scale": 0.0}, "scale"),
        ({"scale": -1}, "scale"),
        ({"scale": np.nan}, "scale"),
        ({"scale": "small"}, "scale"),
        ({"bias": np.inf}, "bias"),
        ({"bias": "0"}, "bias"),
        ({"bound": 0.0}, "bound"),
        ({"bound": None}, "bound"),
        ({"limit": 0}, "limit"),
        ({"scale": 1e-200}, "n"),
    ],
)
@pytest.mark.parametrize("build", [deep_product, flat_product])
def test_a_bad_option_is_refused(build, options, where):
    with pytest.raises(ng.OptionError) as caught:
        build(3, **options)
    assert caught.value.where == where
    assert caught.value.fix


@pytest.mark.parametrize("activation", ["tahn", None, 3, ["tanh"]])
def test_an_unknown_activation_is_refused(activation):
    with pytest.raises(ng.InvalidNetworkError, match="activation"):
        multiplication_gate(activation)


def test_powers_beyond_a_float_are_refused():
    with pytest.raises(ng.OptionError, match="beyond a float64"):
        deep_product(1000, bound=10.0)
