"""Activations of the user's own: what is taken, what is refused, and what the refusal says."""

import math

import networkx as nx
import numpy as np
import pytest

import neurograph as ng
from neurograph.functions import activations


def cube(z):
    return z**3


def d_cube(z):
    return 3.0 * z**2


def refused(*arguments, **options):
    """Return the error of a registration, having seen that the table stayed as it was."""
    before = dict(ng.ACTIVATIONS)
    with pytest.raises(ng.OptionError) as caught:
        ng.register_activation(*arguments, **options)
    assert dict(ng.ACTIVATIONS) == before
    return caught.value


def test_a_registered_function_is_a_row_like_the_others():
    row = ng.register_activation("cube", cube, d_cube)
    assert ng.ACTIVATIONS["cube"] is row
    assert list(ng.ACTIVATIONS)[-1] == "cube"
    assert (row(2.0), row.derivative(2.0)) == (8.0, 12.0)
    assert row(np.array([1.0, 2.0])).tolist() == [1.0, 8.0]
    assert row.smooth
    assert row.latex == r"\operatorname{cube}(z)"
    assert str(row.range) == "(−∞, ∞)"


def test_a_network_may_use_it_by_name():
    ng.register_activation("cube", cube, d_cube)
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_output(net, "y", activation="cube")
    ng.connect(net, "x", "y", weight=2.0)
    assert ng.check(net).ok


def test_formulas_range_and_kinks_are_kept():
    row = ng.register_activation(
        "ramp", lambda z: np.clip(z, 0, 1), lambda z: np.where((z > 0) & (z < 1), 1.0, 0.0),
        range=(0, 1), latex="r(z)", derivative_latex="r'(z)", kinks=(0, 1),
    )  # fmt: skip
    assert (row.latex, row.derivative_latex, row.kinks, row.smooth) == ("r(z)", "r'(z)", (0.0, 1.0), False)
    assert ng.LOSSES["cross_entropy"].misfit(row) == ""


def test_math_functions_may_be_wrapped_in_vectorize():
    row = ng.register_activation("my_atan", np.vectorize(math.atan), np.vectorize(lambda z: 1 / (1 + z * z)))
    assert row(np.array([0.0, 1.0])).tolist() == [0.0, math.atan(1.0)]
    assert type(row(1.0)) is float


def test_a_wrong_derivative_is_refused_naming_the_point():
    error = refused("cube", cube, lambda z: 3.0 * z**2 + (np.abs(z - 1.279) < 0.1))
    assert error.code == "wrong-derivative"
    assert "z = 1.279" in str(error)
    assert f"is {3 * 1.279**2 + 1:.6g}" in str(error)
    assert f"{3 * 1.279**2:.6g}" in str(error)


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.999, 1.00001])
def test_a_derivative_off_by_a_factor_is_refused(factor):
    assert refused("cube", cube, lambda z: factor * d_cube(z)).code == "wrong-derivative"


@pytest.mark.parametrize("part", ["f", "df"])
def test_a_function_that_changes_what_it_is_given_is_refused(part):
    def in_place(z):
        if isinstance(z, np.ndarray):
            z *= z
            return z
        return z * z

    functions = {"f": lambda z: z * z, "df": lambda z: 2 * z} | {part: in_place}
    error = refused("square_in_place", functions["f"], functions["df"])
    assert (error.code, error.where) == ("bad-activation", part)
    assert "changes the array that it is given" in str(error)


def test_a_surrogate_derivative_is_taken_where_it_is_meant():
    row = ng.register_activation(
        "spike",
        lambda z: np.where(z > 0, 1.0, 0.0),
        lambda z: 1 / (1 + np.abs(z)) ** 2,
        check_derivative=False,
    )
    assert row.derivative(0.0) == 1.0


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (math.exp, "raises TypeError"),
        (lambda z: z if z > 0 else 0.0, "raises ValueError"),
        (lambda z: 1.0, "returns shape ()"),
        (lambda z: np.sum(z) + z, "gives other numbers for an array"),
        (np.log, "gives nan at z = -3.719"),
        (lambda z: 1 / np.maximum(z, 0.0), "gives inf at z = -3.719"),
        (lambda z: z * 1j, "raises"),
        (lambda z: None, "raises TypeError"),
        (lambda z: "0", "returns shape ()"),
        (3.0, "raises TypeError"),
        (lambda z: 1 / 0, "raises ZeroDivisionError"),
    ],
)
def test_a_function_that_cannot_serve_is_refused_saying_why(f, said):
    for part, error in (("f", refused("mine", f, d_cube)), ("df", refused("mine", cube, f))):
        assert error.code == "bad-activation"
        assert error.where == part
        assert said in str(error)
        assert "numpy.vectorize" in error.fix


def test_what_a_function_raises_is_shown_on_one_safe_line():
    def f(z):
        raise ValueError("\x1b[31m\n" + "x" * 1000)

    message = str(refused("mine", f, d_cube))
    assert "\x1b" not in message
    assert "\n" not in message
    assert len(message) < 500


@pytest.mark.parametrize("name", sorted(activations.BUILT_IN))
def test_a_built_in_name_is_taken(name):
    assert refused(name, cube, d_cube).code == "name-taken"


@pytest.mark.parametrize(
    "name", ["", " ", "1a", "a b", "a.b", "os.system", "_a", "é", "a\n", "a" * 101, None, 3, b"a", ["a"]]
)
def test_an_unfit_name_is_refused(name):
    assert refused(name, cube, d_cube).code == "bad-name"


def test_a_name_of_ones_own_may_be_registered_again_and_the_later_one_holds():
    ng.register_activation("mine", cube, d_cube)
    later = ng.register_activation("mine", np.arctan, lambda z: 1 / (1 + z * z))
    assert ng.ACTIVATIONS["mine"] is later
    assert list(ng.ACTIVATIONS).count("mine") == 1


def test_a_refused_registration_leaves_the_earlier_one():
    earlier = ng.register_activation("mine", cube, d_cube)
    refused("mine", cube, cube)
    assert ng.ACTIVATIONS["mine"] is earlier


def test_a_range_that_the_values_leave_is_refused_naming_the_point():
    error = refused("cube", cube, d_cube, range=(-1.0, 1.0))
    assert error.code == "wrong-range"
    assert "z = -3.719" in str(error)


@pytest.mark.parametrize("given", [(0.0,), (0.0, 1.0, 2.0), ("a", "b"), 5, None, (math.nan, 1.0)])
def test_a_range_that_is_not_two_numbers_is_refused(given):
    assert refused("cube", cube, d_cube, range=given).code == "not-numbers"


@pytest.mark.parametrize("given", [("a",), 5, None, (math.nan,)])
def test_kinks_that_are_not_numbers_are_refused(given):
    assert refused("cube", cube, d_cube, kinks=given).code == "not-numbers"
