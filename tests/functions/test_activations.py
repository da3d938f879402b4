"""Every activation and its derivative, against mpmath and against each other."""

import math

import mpmath as mp
import numpy as np
import pytest
from strategies import DIFFERENTIABLE, EVERY, KINKED, SMOOTH, STEPS

import neurograph as ng
from neurograph.functions.activations import BUILT_IN

UNIT = 2.0**-52  # one unit in the last place of a number near 1
SMALLEST_NORMAL = 2.0**-1022
SMALLEST = 2.0**-1074


def sigma(z):
    return 1 / (1 + mp.exp(-z))


def normal_cdf(z):
    return mp.mpf(z > 0) if abs(z) > 1000 else mp.erfc(-z / mp.sqrt(2)) / 2


def bell(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def zero(z):
    return mp.mpf(0)


# Written from the definitions, as sums of terms: f and the terms of f′ in exact arithmetic.
ORACLE = {
    "identity": (lambda z: z, lambda z: [mp.mpf(1)]),
    "logistic": (sigma, lambda z: [sigma(z) * sigma(-z)]),
    "tanh": (mp.tanh, lambda z: [mp.sech(z) ** 2]),
    "relu": (lambda z: max(z, 0), lambda z: [mp.mpf(z > 0)]),
    "leaky_relu": (
        lambda z: z if z > 0 else mp.mpf(0.01) * z,
        lambda z: [mp.mpf(1) if z > 0 else mp.mpf(0.01)],
    ),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: [mp.exp(min(z, 0))]),
    "softplus": (lambda z: max(z, 0) + mp.log1p(mp.exp(-abs(z))), lambda z: [sigma(z)]),
    "silu": (lambda z: z * sigma(z), lambda z: [sigma(z), z * sigma(z) * sigma(-z)]),
    "gelu": (lambda z: z * normal_cdf(z), lambda z: [normal_cdf(z), z * bell(z)]),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: [1 / (1 + abs(z)) ** 2]),
    "hard_tanh": (lambda z: max(-1, min(1, z)), lambda z: [mp.mpf(abs(z) < 1)]),
    "sine": (mp.sin, lambda z: [mp.cos(z)]),
    "gaussian": (lambda z: mp.exp(-z * z), lambda z: [-2 * z * mp.exp(-z * z)]),
    "step": (lambda z: mp.mpf(z >= 0), lambda z: [zero(z)]),
    "sign": (mp.sign, lambda z: [zero(z)]),
}


def points():
    """Zeros, subnormals, powers of ten, the places where functions saturate, and random points."""
    generator = np.random.default_rng(20)
    sizes = [0.0, SMALLEST, 1e-320, SMALLEST_NORMAL, 1e-300, 1e-100, 1e-20]
    sizes += [10.0**k for k in range(-8, 4)] + [1e5, 1e16, 1e100, 1e300, 1e308]
    sizes += [0.5, 1.2784645427610738, 0.7517915246935645, 2.0, 5.0, 6.0, 20.0, 26.5, 27.2, 36.0, 37.5, 38.5]
    sizes += [39.9, 40.1, 300.0, 354.0, 372.5, 399.0, 401.0, 700.0, 708.0, 709.5, 710.0, 744.0, 745.5]
    sizes += [*generator.uniform(0, 6, 250), *(10 ** generator.uniform(-8, 3, 250))]
    return np.array([sign * size for size in sizes for sign in (1.0, -1.0)])


POINTS = points()


def is_close(y, z, terms):
    """Say whether y is the sum of the terms, to four units in the last place of the largest.

    Below the normal numbers the unit is the smallest number; where σ(z) or Φ(z) is that small, silu and
    gelu multiply its rounding by z.
    """
    largest = max(abs(term) for term in terms)
    unit = UNIT * largest if largest >= SMALLEST_NORMAL else SMALLEST * max(1, abs(z))
    return math.isfinite(y) and abs(mp.mpf(y) - mp.fsum(terms)) <= 4 * unit


@pytest.fixture(autouse=True)
def _exact_and_loud():
    """mpmath with digits enough for 1 + 1e-20, numpy with no silent overflow and no silent NaN."""
    with mp.workdps(60), np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


def test_the_table_holds_exactly_these_rows():
    assert set(EVERY) == BUILT_IN == set(ORACLE)
    assert {name for name in BUILT_IN if ng.ACTIVATIONS[name].smooth} == set(SMOOTH)
    assert {name for name in BUILT_IN if ng.ACTIVATIONS[name].differentiable} == set(DIFFERENTIABLE)
    assert {name for name in DIFFERENTIABLE if ng.ACTIVATIONS[name].kinks} == set(KINKED)
    assert not any(ng.ACTIVATIONS[name].differentiable for name in STEPS)


@pytest.mark.parametrize("name", EVERY)
def test_every_function_is_right_to_four_units_in_the_last_place(name):
    exact_f, _ = ORACLE[name]
    values = ng.ACTIVATIONS[name](POINTS)
    wrong = [
        (z, y)
        for z, y in zip(POINTS.tolist(), values.tolist(), strict=True)
        if not is_close(y, z, [exact_f(mp.mpf(z))])
    ]
    assert wrong == []
    assert len(set(values.tolist())) > (1 if name in STEPS else 200)


@pytest.mark.parametrize("name", EVERY)
def test_every_derivative_is_right_to_four_units_in_the_last_place(name):
    """Known exception: silu′ and gelu′ are sums that cross zero, and are right to their larger term."""
    _, terms_of_df = ORACLE[name]
    slopes = ng.ACTIVATIONS[name].derivative(POINTS)
    wrong = [
        (z, slope)
        for z, slope in zip(POINTS.tolist(), slopes.tolist(), strict=True)
        if not is_close(slope, z, terms_of_df(mp.mpf(z)))
    ]
    assert wrong == []
    assert len(set(slopes.tolist())) > (0 if name in (*STEPS, *KINKED, "identity") else 200)


@pytest.mark.parametrize("name", ["logistic", "tanh"])
def test_a_saturated_derivative_is_not_the_zero_that_the_textbook_form_gives(name):
    row = ng.ACTIVATIONS[name]
    z = 38.0
    y = row(z)
    assert y * (1 - y) == 0 if name == "logistic" else 1 - y * y == 0
    exact = ORACLE[name][1](mp.mpf(z))[0]
    assert float(abs(row.derivative(z) / exact - 1)) < 4 * UNIT
    assert row.derivative(z) > 0


@pytest.mark.parametrize("name", EVERY)
def test_a_float_gives_a_float_and_an_array_the_same_bits_element_by_element(name):
    row = ng.ACTIVATIONS[name]
    for function in (row, row.derivative):
        one_by_one = [function(z) for z in POINTS.tolist()]
        assert {type(y) for y in one_by_one} == {float}
        together = function(POINTS)
        assert together.dtype == np.float64
        assert together.tobytes() == np.array(one_by_one).tobytes()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7, 3), (2, 3, 4)])
def test_arrays_keep_their_shape_and_are_only_read(name, shape):
    row = ng.ACTIVATIONS[name]
    z = np.random.default_rng(1).normal(size=shape)
    before = np.array(z)
    for function in (row, row.derivative):
        assert np.shape(function(z)) == shape
        assert np.array_equal(z, before)


@pytest.mark.parametrize("name", EVERY)
def test_the_layout_of_an_array_does_not_change_a_bit(name):
    row = ng.ACTIVATIONS[name]
    wide = np.random.default_rng(2).normal(scale=5, size=(41, 3))
    column = np.ascontiguousarray(wide[:, 1])
    layouts = [wide[:, 1], column[::-1].copy()[::-1], column.reshape(1, -1)[0], column.astype(">f8")]
    assert all(np.array_equal(z, column) for z in layouts)
    for function in (row, row.derivative):
        plain = function(column)
        assert all(function(z).astype(float).tobytes() == plain.tobytes() for z in layouts)


@pytest.mark.parametrize("name", EVERY)
def test_an_integer_is_taken_as_the_number_it_is(name):
    row = ng.ACTIVATIONS[name]
    for z in (-3, -1, 0, 1, 2):
        assert row(z) == row(float(z))
        assert row.derivative(z) == row.derivative(float(z))
        assert type(row(z)) is type(row.derivative(z)) is float


@pytest.mark.parametrize("name", EVERY)
def test_values_lie_in_the_range_and_reach_its_open_ends_only_by_rounding(name):
    row = ng.ACTIVATIONS[name]
    values = row(POINTS)
    unsaturated = row(POINTS[np.abs(POINTS) < 15])
    low, high = row.range.low, row.range.high
    assert np.all((low <= values) & (values <= high))
    assert row.range.closed_low or np.all(low < unsaturated)
    assert row.range.closed_high or np.all(unsaturated < high)


@pytest.mark.parametrize("name", EVERY)
def test_the_range_is_no_larger_than_the_values(name):
    row = ng.ACTIVATIONS[name]
    values = row(np.concatenate([POINTS, np.linspace(-10, 10, 20_001)]))
    for end, nearest in ((row.range.low, values.min()), (row.range.high, values.max())):
        assert abs(nearest) > 1e300 if math.isinf(end) else abs(nearest - end) < 1e-7


@pytest.mark.parametrize("name", [name for name in EVERY if ng.ACTIVATIONS[name].complex_f])
def test_the_complex_function_is_the_same_function_and_its_imaginary_part_the_derivative(name):
    row = ng.ACTIVATIONS[name]
    h = 1e-200
    seen = set()
    for z in np.random.default_rng(3).uniform(-12, 12, 400).tolist():
        y = complex(row.complex_f(complex(z, h)))
        assert math.isclose(y.real, row(z), rel_tol=1e-13, abs_tol=1e-14)
        assert math.isclose(y.imag / h, row.derivative(z), rel_tol=1e-12, abs_tol=1e-15)
        seen.add(y.imag / h)
    assert len(seen) > (1 if name not in KINKED and name != "identity" else 0)
    assert any(seen)


def test_only_gelu_and_the_steps_lack_a_complex_function():
    assert {name for name in EVERY if ng.ACTIVATIONS[name].complex_f is None} == {"gelu", "step", "sign"}


@pytest.mark.parametrize("name", EVERY)
def test_at_a_kink_the_derivative_is_the_one_from_the_left_or_zero(name):
    row = ng.ACTIVATIONS[name]
    for kink in row.kinks:
        left, right = row.derivative(kink - 1e-9), row.derivative(kink + 1e-9)
        assert left != right or not row.differentiable
        assert row.derivative(kink) in (left, 0.0)


@pytest.mark.parametrize("name", EVERY)
def test_every_row_has_its_formulas(name):
    row = ng.ACTIVATIONS[name]
    assert row.name == name
    assert row.latex.strip()
    assert row.derivative_latex.strip()
    assert row.latex.count("{") == row.latex.count("}")
    assert row.derivative_latex.count("{") == row.derivative_latex.count("}")


def test_the_table_is_read_only():
    with pytest.raises(TypeError):
        ng.ACTIVATIONS["logistic"] = ng.ACTIVATIONS["tanh"]
