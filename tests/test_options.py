"""The checks of plain arguments: what passes comes back as a plain value, the rest is named."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng
from neurograph.options import require_count, require_flag, require_generator, require_name, require_number

NO_NUMBERS = [
    True,
    np.True_,
    "1",
    b"1",
    None,
    [1],
    (1,),
    {},
    1j,
    Decimal(1),
    Fraction(1),
    np.array([1.0]),
    object(),
]


@given(st.integers(1, 10**30))
def test_a_count_comes_back_as_it_is(count):
    assert require_count("n", count) == count


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint64])
def test_a_count_of_numpy_s_becomes_a_plain_integer(dtype):
    assert type(require_count("n", dtype(3))) is int


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, math.nan, math.inf, *NO_NUMBERS])
def test_what_is_no_count_is_refused_by_its_name(value):
    with pytest.raises(ng.OptionError, match=r"^epochs: got .*; expected an integer of at least 1") as caught:
        require_count("epochs", value)
    assert (caught.value.code, caught.value.where) == ("bad-option", "epochs")
    assert isinstance(caught.value, ValueError)


def test_the_least_count_may_be_another():
    assert require_count("n", 0, least=0) == 0
    with pytest.raises(ng.OptionError, match="at least 5"):
        require_count("n", 4, least=5)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_finite_number_comes_back_as_it_is(x):
    assert require_number("x", x).hex() == x.hex()


@pytest.mark.parametrize("x", [2, np.int32(2), np.float16(2), np.float32(2), np.uint64(2), np.longdouble(2)])
def test_a_number_becomes_a_plain_float(x):
    found = require_number("x", x)
    assert type(found) is float
    assert found == 2.0


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400, -(10**400), *NO_NUMBERS]
)
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ng.OptionError, match=r"^rate: got .*; expected a finite number"):
        require_number("rate", value)


@pytest.mark.parametrize(
    ("value", "bounds", "expected"),
    [
        (-1e-300, {"low": 0.0}, "a finite number of at least 0"),
        (0.0, {"low": 0.0, "above": True}, "a finite number above 0"),
        (1.5, {"high": 1.0}, "a finite number of at most 1"),
        (1.5, {"low": 0.0, "high": 1.0}, "a finite number of at least 0 and of at most 1"),
    ],
)
def test_a_number_out_of_its_bounds_is_refused_and_the_bounds_are_told(value, bounds, expected):
    with pytest.raises(ng.OptionError) as caught:
        require_number("x", value, **bounds)
    assert caught.value.expected == expected


def test_the_bounds_themselves_belong_to_them():
    assert require_number("x", 0, low=0.0) == 0.0
    assert require_number("x", 1, low=0.0, high=1.0, above=True) == 1.0
    assert require_number("x", 5e-324, low=0.0, above=True) == 5e-324


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_a_flag_becomes_a_plain_bool(value):
    assert type(require_flag("f", value)) is bool
    assert require_flag("f", value) == value


@pytest.mark.parametrize("value", [0, 1, 0.0, "True", "", None, [], np.array([True])])
def test_what_is_only_true_or_false_in_spirit_is_refused(value):
    with pytest.raises(ng.OptionError, match=r"shuffle: got .*; expected True or False"):
        require_flag("shuffle", value)


def test_a_name_is_one_of_the_table_or_the_nearest_is_suggested():
    assert require_name("optimizer", "adam", ["sgd", "adam"], "unknown-optimizer") == "adam"
    with pytest.raises(ng.OptionError, match=r"unknown optimizer 'adams'.*did you mean 'adam'\?") as caught:
        require_name("optimizer", "adams", ["sgd", "adam"], "unknown-optimizer")
    assert caught.value.code == "unknown-optimizer"
    with pytest.raises(ng.OptionError, match=r"expected one of 'sgd', 'adam'. Fix: choose one of these"):
        require_name("optimizer", "completely else", ["sgd", "adam"], "unknown-optimizer")


@pytest.mark.parametrize("value", [None, 3, ["sgd"], {}, b"sgd", ""])
def test_what_is_no_name_is_refused(value):
    with pytest.raises(ng.OptionError, match="unknown optimizer"):
        require_name("optimizer", value, ["sgd"], "unknown-optimizer")


@pytest.mark.parametrize("seed", [0, 7, 10**30, np.int64(7), np.uint8(7)])
def test_a_seed_draws_as_numpy_s_own_generator_of_it(seed):
    expected = np.random.default_rng(seed).random(5).tolist()
    assert require_generator(seed).random(5).tolist() == expected


def test_a_generator_is_used_and_not_copied():
    generator = np.random.default_rng(0)
    assert require_generator(generator) is generator


def test_no_seed_draws_anew_each_time():
    assert require_generator(None).random() != require_generator(None).random()


@pytest.mark.parametrize("seed", [-1, np.int64(-1), 0.5, "0", True, [1], np.random.SeedSequence(0)])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ng.OptionError, match=r"seed: got .*; expected an integer of at least 0"):
        require_generator(seed)
