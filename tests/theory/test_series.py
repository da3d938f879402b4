"""Taylor series of activations against mpmath, which differentiates its own formulas with 60 digits."""

import math

import mpmath
import pytest

import neurograph as ng
from neurograph.functions.activations import BUILT_IN
from neurograph.theory.series import BREAKS, derivative, taylor

ORDER = 14
BY_MPMATH = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "sine": mpmath.sin,
    "gaussian": lambda z: mpmath.exp(-z * z),
    "elu": lambda z: z if z.real > 0 else mpmath.exp(z) - 1,
    "softsign": lambda z: z / (1 + z) if z.real > 0 else z / (1 - z),
    "relu": lambda z: z if z.real > 0 else 0 * z,
    "leaky_relu": lambda z: z if z.real > 0 else z / 100,
    "hard_tanh": lambda z: z if abs(z.real) < 1 else z.real / abs(z.real),
    "step": lambda z: mpmath.mpf(z.real > 0),
    "sign": lambda z: mpmath.sign(z.real),
}
POINTS = (-4.0, -1.3125, -0.65, -0.25, 0.0, 0.1, 0.75, math.pi / 2, 3.5, 9.0)


def expected(name, at):
    with mpmath.workdps(60):
        return [float(c) for c in mpmath.taylor(BY_MPMATH[name], mpmath.mpf(at), ORDER)]


def test_every_activation_of_the_table_has_a_series():
    assert set(BY_MPMATH) == BUILT_IN


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("name", BY_MPMATH)
def test_the_coefficients_are_those_of_mpmath(name, at):
    if at in BREAKS.get(name, ()):
        with pytest.raises(ng.OptionError, match="a derivative of it jumps"):
            taylor(name, at, ORDER)
        return
    found = taylor(name, at, ORDER)
    assert len(found) == ORDER + 1
    largest = [max(abs(c) for c in found[k:]) for k in range(ORDER + 1)]
    for c, exact, size in zip(found, expected(name, at), largest, strict=True):
        assert abs(c - exact) <= 1e-13 * max(abs(exact), size) + 1e-60


def test_a_saturated_neuron_keeps_its_digits():
    for at in (30.0, -30.0):
        for k in range(1, 6):
            exact = (-1.0 if at > 0 and k % 2 == 0 else 1.0) * math.exp(-30.0)  # one exponential is left
            assert derivative("logistic", at, k) == pytest.approx(exact, rel=1e-11)


def test_derivatives_are_coefficients_times_factorials():
    assert [derivative("sine", 0.0, k) for k in range(8)] == [0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0]
    assert derivative("softplus", 0.0, 2) == 1 / 4
    assert derivative("softplus", 0.0, 4) == -1 / 8
    assert derivative("elu", -1.0, 9) == pytest.approx(math.exp(-1.0), rel=1e-15)


def test_an_activation_of_the_user_has_no_series_and_the_known_ones_are_listed():
    ng.register_activation("bent_line", lambda z: 2.0 * z, lambda z: 2.0 + 0.0 * z)
    with pytest.raises(ng.OptionError, match="no series of 'bent_line' is known; expected one of 'logistic'"):
        taylor("bent_line", 0.0, 2)


def test_an_unknown_activation_is_refused_with_the_nearest():
    with pytest.raises(ng.InvalidNetworkError, match="did you mean 'sine'"):
        taylor("sin", 0.0, 2)
