"""Every loss and its derivative, alone and joined with an activation, against mpmath."""

import math

import mpmath as mp
import numpy as np
import pytest

import neurograph as ng
from neurograph.functions import find_loss

UNIT = 2.0**-52


def cross_entropy(y, t):
    return -t * mp.log(y) - (1 - t) * mp.log(1 - y)


ORACLE = {
    "squared": lambda y, t: (y - t) ** 2,
    "absolute": lambda y, t: abs(y - t),
    "huber": lambda y, t: (y - t) ** 2 / 2 if abs(y - t) <= 1 else abs(y - t) - mp.mpf(1) / 2,
    "cross_entropy": cross_entropy,
    "hinge": lambda y, t: max(mp.mpf(0), 1 - t * y),
}


def samples(name):
    """Random outputs and targets that the loss can take, some of them far apart, some nearly equal."""
    generator = np.random.default_rng(5)
    if name == "cross_entropy":
        small = 10.0 ** generator.uniform(-300, -1, 200)
        y = np.concatenate([generator.uniform(0, 1, 300), small, 1 - 10.0 ** generator.uniform(-15, -1, 100)])
        return y, np.concatenate([generator.uniform(0, 1, 300), generator.integers(0, 2, 300)])
    y = np.concatenate([generator.normal(0, 2, 400), generator.normal(0, 1e6, 100)])
    t = generator.choice([-1.0, 1.0], 500) if name == "hinge" else y + generator.normal(0, 1, 500)
    return y, t


@pytest.fixture(autouse=True)
def _exact_and_loud():
    with mp.workdps(400), np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


def test_the_table_holds_exactly_these_losses():
    assert set(ng.LOSSES) == set(ORACLE)


@pytest.mark.parametrize("name", ORACLE)
def test_every_loss_is_its_formula(name):
    y, t = samples(name)
    found = ng.LOSSES[name](y, t)
    assert np.isfinite(found).all()
    assert np.count_nonzero(found) > 100
    for y_i, t_i, loss in zip(y.tolist(), t.tolist(), found.tolist(), strict=True):
        exact = ORACLE[name](mp.mpf(y_i), mp.mpf(t_i))
        scale = max(abs(exact), abs(t_i * y_i) if name == "hinge" else 0)
        assert abs(loss - exact) <= 6 * UNIT * scale


@pytest.mark.parametrize("name", ORACLE)
def test_every_derivative_is_the_derivative_of_its_loss(name):
    y, t = samples(name)
    found = ng.LOSSES[name].derivative(y, t)
    assert np.isfinite(found).all()
    assert len(set(found.tolist())) > (1 if name in ("absolute", "hinge") else 100)
    for y_i, t_i, slope in zip(y.tolist(), t.tolist(), found.tolist(), strict=True):
        h = mp.mpf(10) ** -350
        exact = (ORACLE[name](y_i + h, mp.mpf(t_i)) - ORACLE[name](y_i - h, mp.mpf(t_i))) / (2 * h)
        scale = max(abs(exact), (1 - t_i) / (1 - y_i), t_i / y_i) if name == "cross_entropy" else abs(exact)
        assert abs(slope - exact) <= 6 * UNIT * scale + mp.mpf(10) ** -40


def test_the_squared_loss_has_no_half():
    assert ng.LOSSES["squared"](3.0, 1.0) == 4.0
    assert ng.LOSSES["squared"].derivative(3.0, 1.0) == 4.0


@pytest.mark.parametrize("name", ORACLE)
def test_a_loss_of_floats_is_a_float_and_of_arrays_the_same_bits_element_by_element(name):
    y, t = samples(name)
    for function in (ng.LOSSES[name], ng.LOSSES[name].derivative):
        one_by_one = [function(a, b) for a, b in zip(y.tolist(), t.tolist(), strict=True)]
        assert {type(loss) for loss in one_by_one} == {float}
        assert function(y, t).tobytes() == np.array(one_by_one).tobytes()


Z = [0.0, 1e-300, 1e-8, 0.3, 1.0, 5.0, 17.0, 36.0, 38.0, 100.0, 350.0, 690.0, 700.0]
Z += [z for high in (9, 700) for z in np.random.default_rng(6).uniform(0, high, 60).tolist()]


@pytest.mark.parametrize("t", [0.0, 1.0, 0.5, 0.2, 1e-9])
def test_cross_entropy_of_a_saturated_logistic_neuron_keeps_its_digits(t):
    loss, logistic = ng.LOSSES["cross_entropy"], ng.ACTIVATIONS["logistic"]
    for z in [*Z, *(-z for z in Z)]:
        y = logistic(z)
        right, wrong = 1 / (1 + mp.exp(-mp.mpf(z))), 1 / (1 + mp.exp(mp.mpf(z)))
        exact = -t * mp.log(right) - (1 - t) * mp.log(wrong)
        assert abs(loss.of_neuron(logistic, z, y, t) - exact) <= 5 * UNIT * exact
        largest = max((1 - t) * right, t * wrong)
        assert abs(loss.delta(logistic, z, y, t) - (right - t)) <= 5 * UNIT * largest
        assert loss.of_neuron(logistic, z, y, t) > 0


def test_cross_entropy_of_logistic_takes_arrays():
    loss, logistic = ng.LOSSES["cross_entropy"], ng.ACTIVATIONS["logistic"]
    z, t = np.array(Z), np.tile([0.0, 1.0, 0.25], len(Z))[: len(Z)]
    for function in (loss.of_neuron, loss.delta):
        one_by_one = [function(logistic, *row) for row in zip(Z, logistic(z), t, strict=True)]
        assert {type(number) for number in one_by_one} == {float}
        assert function(logistic, z, logistic(z), t).tolist() == one_by_one


@pytest.mark.parametrize("name", [name for name in ORACLE if name != "cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "logistic", "softplus"])
def test_delta_is_the_derivative_of_the_loss_by_z(name, activation):
    loss, row = ng.LOSSES[name], ng.ACTIVATIONS[activation]
    function = {
        "tanh": mp.tanh,
        "logistic": lambda z: 1 / (1 + mp.exp(-z)),
        "softplus": lambda z: mp.log(1 + mp.exp(z)),
    }[activation]
    deltas = []
    for z in np.random.default_rng(8).uniform(-4, 4, 50).tolist():
        t = 1.0 if z < 0 else -1.0
        h = mp.mpf(10) ** -100
        exact = (ORACLE[name](function(z + h), t) - ORACLE[name](function(z - h), t)) / (2 * h)
        deltas.append(loss.delta(row, z, row(z), t))
        assert math.isclose(deltas[-1], exact, rel_tol=1e-13)
        assert loss.of_neuron(row, z, row(z), t) == loss(row(z), t)
    assert np.count_nonzero(deltas) > 10


@pytest.mark.parametrize("activation", ["identity", "tanh", "relu", "gaussian", "sine", "step", "softplus"])
def test_cross_entropy_refuses_outputs_that_can_leave_its_interval(activation):
    said = ng.LOSSES["cross_entropy"].misfit(ng.ACTIVATIONS[activation])
    assert "cross_entropy" in said
    assert activation in said
    assert "(0, 1)" in said


def test_cross_entropy_accepts_logistic_outputs():
    assert ng.LOSSES["cross_entropy"].misfit(ng.ACTIVATIONS["logistic"]) == ""


@pytest.mark.parametrize("name", [name for name in ORACLE if name != "cross_entropy"])
def test_every_other_loss_accepts_every_activation(name):
    assert all(ng.LOSSES[name].misfit(row) == "" for row in ng.ACTIVATIONS.values())


@pytest.mark.parametrize("name", ORACLE)
def test_every_loss_has_its_formulas(name):
    loss = ng.LOSSES[name]
    assert loss.name == name
    for latex in (loss.latex, loss.derivative_latex, *(pair.latex for pair in loss.pairs.values())):
        assert latex.strip()
        assert latex.count("{") == latex.count("}")


def test_a_loss_is_found_by_its_name():
    assert all(find_loss(name) is loss for name, loss in ng.LOSSES.items())


@pytest.mark.parametrize(("name", "nearest"), [("squard", "squared"), ("cross-entropy", "cross_entropy")])
def test_an_unknown_loss_is_refused_with_the_nearest_name(name, nearest):
    with pytest.raises(ng.OptionError, match=f"did you mean '{nearest}'") as caught:
        find_loss(name)
    assert caught.value.code == "unknown-loss"


@pytest.mark.parametrize("name", [None, 3, [], {}, "", "zzz", "os.system"])
def test_what_is_no_name_of_a_loss_is_refused_with_all_names(name):
    with pytest.raises(ng.OptionError, match="one of 'squared', 'absolute'"):
        find_loss(name)


def test_the_table_of_losses_is_read_only():
    with pytest.raises(TypeError):
        ng.LOSSES["mine"] = ng.LOSSES["squared"]
