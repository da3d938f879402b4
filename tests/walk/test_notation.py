"""How numbers and names are written: three digits that are right, and nothing that breaks a formula."""

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograph.walk.notation import LATEX, TEXT, factor, latex_name, name, number, total


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_to_three_digits(x):
    text = number(x)
    assert re.fullmatch(r"−?\d+(\.\d+)?(e−?\d+)?", text)
    assert len(text) <= 11
    unit = Decimal("0.001") if 1 <= abs(x) < 1e6 else Decimal(1).scaleb(Decimal(x).adjusted() - 2) if x else 1
    assert abs(Decimal(text.replace("−", "-")) - Decimal(x)) <= unit * Decimal("0.5000001")


@given(st.floats(1.0, 9e5))
def test_three_decimals_are_those_of_exact_decimal_arithmetic(x):
    expected = Decimal(x).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    assert abs(Decimal(number(x)) - expected) <= Decimal("0.001" if expected == Decimal(x) else "0")


@pytest.mark.parametrize(
    ("x", "text"),
    [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "−2.5"), (1e6, "1e6"), (1.5e-7, "1.5e−7"), (-3e99, "−3e99"),
     (0.0001, "0.0001"), (999999.9996, "1000000"), (math.inf, "inf"), (-math.inf, "−inf"), (math.nan, "nan")],
)  # fmt: skip
def test_some_numbers(x, text):
    assert number(x) == text


def test_many_numbers_are_written_by_their_first():
    assert number(np.array([1.0, -2.0])) == "[1, −2]"
    assert number(np.arange(4.0)) == "[0, 1, 2, … 4 samples]"
    assert number(np.array([])) == "[]"


def test_a_negative_factor_stands_in_parentheses():
    assert factor(-0.25, TEXT) == "(−0.25)"
    assert factor(-0.25, LATEX) == "(-0.25)"
    assert factor(0.25, TEXT) == "0.25"


def test_a_power_of_ten_is_one_in_latex():
    assert LATEX.number(-1.5e-7) == r"-1.5\cdot 10^{-7}"
    assert LATEX.number(np.array([1e-7, 2.0])).count("{") == LATEX.number(np.array([1e-7, 2.0])).count("}")


def test_a_sum_of_nothing_is_zero():
    assert total([], TEXT) == "0"
    assert total(["a", "b"], TEXT) == "a + b"
    assert total([str(i) for i in range(12)], TEXT).count("+") == 11
    long = total([str(i) for i in range(2000)], TEXT)
    assert long == "0 + 1 + 2 + 3 + … (1,992 more) … + 1996 + 1997 + 1998 + 1999"


@pytest.mark.parametrize(
    ("key", "text"),
    [(7, "7"), (-7, "-7"), ("left_2", "left_2"), ("a b", "'a b'"), ("β", "'β'"), ("", "''"),
     ("x" * 21, repr("x" * 21)), ("a\nb", r"'a\nb'"), ("\x1b[31m", r"'\x1b[31m'")],
)  # fmt: skip
def test_a_name_is_a_plain_word_or_its_repr(key, text):
    assert name(key) == text


def test_symbols_of_neurons():
    assert [TEXT.symbol("y", key) for key in (9, -9, "out", "a b")] == ["y9", "y(-9)", "y(out)", "y('a b')"]
    assert LATEX.symbol("δ", 9) == r"\delta_{9}"
    assert LATEX.weight("a_1", 6) == r"w_{\mathrm{a\_1}\to 6}"


@given(st.text(max_size=40))
def test_no_name_breaks_a_formula(key):
    latex = latex_name(key)
    bare = re.sub(r"\\(?:[#$%&_{} ]|backslash\{\}|sim\{\}|wedge\{\})", "", latex.removeprefix(r"\mathrm"))
    assert bare.count("{") == bare.count("}")
    assert not set(bare) & set("#$%&_^~\\")
    assert bare.isprintable()
