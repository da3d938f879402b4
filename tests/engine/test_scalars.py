"""The engine's own formulas for one number, pure and compiled, against the tables and against mpmath."""

import math

import mpmath as mp
import numba
import numpy as np
import pytest
from strategies import EVERY

import neurograph as ng
from neurograph.engine import kernels, scalars
from neurograph.engine.exponentials import exponentials

Z = np.concatenate(
    [
        np.linspace(-8, 8, 401),
        np.geomspace(1e-300, 1e300, 121),
        -np.geomspace(1e-300, 1e300, 121),
        [0.0, -0.0, 1.0, -1.0, 700.0, -700.0, 745.1, -745.1, 36.7, -36.7],
    ]
)
Y, T = (grid.ravel() for grid in np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-2, 2, 41)))

activate = numba.njit(lambda function, z: scalars.activate(function, z))
lose = numba.njit(lambda loss, y, t: scalars.loss_and_slope(loss, y, t))
loss_and_delta = numba.njit(lambda z, t: scalars.loss_and_delta(z, t))


def units(found, expected):
    """Return by how many units in the last place of the expected numbers these are off, at most."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    return (np.abs(found - expected)[~same] / np.spacing(np.abs(expected[~same]))).max(initial=0.0)


def test_every_built_in_function_and_loss_has_its_number():
    assert scalars.FUNCTIONS == EVERY_IN_ORDER
    assert set(scalars.LOSS_NAMES) == set(ng.LOSSES)
    assert set(scalars.FUNCTIONS) == set(EVERY)


EVERY_IN_ORDER = tuple(ng.ACTIVATIONS)[: len(EVERY)]


@pytest.mark.parametrize("how", ["pure", "compiled"])
@pytest.mark.parametrize("name", EVERY)
def test_every_function_is_its_row_of_the_table(name, how):
    one = scalars.activate if how == "pure" else activate
    z = Z[np.abs(Z) < 1e8] if name == "sine" else Z
    found = np.array([one(scalars.FUNCTIONS.index(name), float(x)) for x in z])
    row = ng.ACTIVATIONS[name]
    with np.errstate(all="ignore"):
        values, slopes = np.asarray(row.f(z)), np.asarray(row.df(z))
    assert np.isfinite(found).all()
    assert len(np.unique(found)) > 1
    assert units(found[:, 0], values) <= 4
    assert units(found[:, 1], slopes) <= 4


@pytest.mark.parametrize("name", EVERY)
def test_a_whole_row_of_lanes_is_its_row_of_the_table_too(name):
    z = Z[np.abs(Z) < 1e8] if name == "sine" else Z
    values, slopes = np.empty_like(z), np.empty_like(z)
    kernels.apply_function(scalars.FUNCTIONS.index(name), z, values, slopes)
    row = ng.ACTIVATIONS[name]
    with np.errstate(all="ignore"):
        assert units(values, row.f(z)) <= 4
        normal = np.abs(row.df(z)) > 1e-307  # below, the last place is that of all subnormal numbers
        assert units(slopes[normal], row.df(z)[normal]) <= 4
        assert np.abs(slopes - row.df(z))[~normal].max(initial=0.0) <= 1e-322


@pytest.mark.parametrize("name", EVERY)
def test_a_row_of_float32_is_its_row_of_the_table_to_its_own_precision(name):
    z = np.concatenate([np.linspace(-30, 30, 2001), np.geomspace(1e-30, 1e30, 121), [0.0, -104.0, -300.0]])
    z = np.where(np.abs(z) < 1e8, z, 1.0).astype(np.float32) if name == "sine" else z.astype(np.float32)
    values, slopes = np.empty_like(z), np.empty_like(z)
    kernels.apply_function(scalars.FUNCTIONS.index(name), z, values, slopes)
    row, exact = ng.ACTIVATIONS[name], z.astype(np.float64)
    with np.errstate(all="ignore"):
        for found, expected in ((values, row.f(exact)), (slopes, row.df(exact))):
            unit = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
            assert np.isfinite(found).all()
            assert (np.abs(found - expected) <= 4 * unit).all()
    assert len(np.unique(values)) > 1


@pytest.mark.parametrize("how", ["pure", "compiled"])
@pytest.mark.parametrize("name", ng.LOSSES)
def test_every_loss_is_its_row_of_the_table(name, how):
    one = scalars.loss_and_slope if how == "pure" else lose
    inside = (Y > 0) & (Y < 1) & (T >= 0) & (T <= 1) if name == "cross_entropy" else np.isfinite(Y)
    y, t = Y[inside], T[inside]
    t = np.where(t < 0, -1.0, 1.0) if name == "hinge" else t
    found = np.array([one(scalars.LOSS_NAMES.index(name), *pair) for pair in zip(y.tolist(), t.tolist())])  # noqa: B905
    row = ng.LOSSES[name]
    assert np.isfinite(found).all()
    assert units(found[:, 0], row.f(y, t)) <= 4
    assert units(found[:, 1], row.df(y, t)) <= 4
    assert len(np.unique(found)) > 3


@pytest.mark.parametrize("how", ["pure", "compiled"])
def test_cross_entropy_of_a_logistic_output_is_its_pair_of_the_table(how):
    one = scalars.loss_and_delta if how == "pure" else loss_and_delta
    pair = ng.LOSSES["cross_entropy"].pairs["logistic"]
    for t in (0.0, 0.25, 0.6, 1.0):
        z = Z[np.abs(Z) < 1e300]
        found = np.array([one(x, t) for x in z.tolist()])
        with np.errstate(all="ignore"):
            value, slope = pair.f(z, t), pair.df(z, t)
        assert units(found[:, 0], value) <= 4
        size = (1 - t) * ng.ACTIVATIONS["logistic"](z) + t * ng.ACTIVATIONS["logistic"](-z)  # may cancel
        assert (np.abs(found[:, 1] - slope) <= 4 * np.spacing(size)).all()


def test_the_vector_exponential_is_the_exact_one():
    both = numba.njit(lambda x: exponentials(x))
    generator = np.random.default_rng(0)
    grid = -np.concatenate(
        [generator.uniform(0, 1, 500), generator.uniform(0, 40, 500), generator.uniform(0, 745, 500),
         np.geomspace(1e-300, 1, 100), np.arange(1, 1000) * math.log(2) / 2, [0.0]]
    )  # fmt: skip
    with mp.workdps(40):
        for x in grid.tolist():
            e, less_one = both(x)
            exact = mp.exp(mp.mpf(x))
            if exact > 1e-300:
                assert abs(mp.mpf(e) - exact) <= 2 * mp.mpf(math.ulp(float(exact)))
            else:
                assert abs(mp.mpf(e) - exact) <= mp.mpf(1e-300) * mp.mpf(2) ** -50
            exact_less = mp.expm1(mp.mpf(x))
            assert abs(mp.mpf(less_one) - exact_less) <= 2 * mp.mpf(math.ulp(abs(float(exact_less))))
    assert both(0.0) == (1.0, 0.0)
    assert both(-1e6)[0] <= 5e-324
    assert both(-math.inf)[0] <= 5e-324


def test_the_vector_exponential_of_float32_is_the_exact_one():
    both = numba.njit(lambda x: exponentials(x))
    generator = np.random.default_rng(0)
    grid = -np.concatenate(
        [generator.uniform(0, 1, 1000), generator.uniform(0, 87, 1000), np.geomspace(1e-30, 1, 100),
         np.arange(1, 150) * math.log(2) / 2, [0.0]]
    ).astype(np.float32)  # fmt: skip
    for x in grid:
        found = both(x)
        assert all(float(np.float32(number)) == number for number in found)
        for number, exact in zip(found, (math.exp(float(x)), math.expm1(float(x))), strict=True):
            assert abs(number - exact) <= 2 * float(np.spacing(np.float32(abs(exact))))
    assert both(np.float32(0.0)) == (1.0, 0.0)
    for lowest in (-104.0, -1e6, -math.inf):
        assert 0.0 <= both(np.float32(lowest))[0] <= 1.5e-45
