"""What notebook 8 must return, against the text's formulas written out and trainings in plain numpy."""

import math
import re
from functools import cache

import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([0, 1, 1, 0])


def logistic(z):
    return 1 / (1 + math.exp(-z))


def ninth(x, weight=-0.25):
    """The text's network for one input, neuron by neuron; the weight is that from 4 to 6."""
    y3, y4 = logistic(0.6 * x + 0.2), logistic(-0.4 * x - 0.2)
    y6, y7 = logistic(0.5 * y3 + weight * y4 + 0.1), logistic(0.3 * y4 - 0.5)
    return logistic(0.8 * y6 - 0.6 * y7 + 0.2)


@cache
def xor_loss(restart, epochs=1000):
    """Train XOR with two hidden neurons, point by point with step size 1, and return the final loss."""
    drawn = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(restart,))).normal(size=9)
    first, second = drawn[:6].reshape(2, 3), drawn[6:]
    generator = np.random.default_rng(0)
    for _ in range(epochs):
        for i in generator.permutation(4):
            inputs = np.array([*X[i], 1.0])
            hidden = np.array([*(1 / (1 + np.exp(-first @ inputs))), 1.0])
            y = logistic(second @ hidden)
            delta = 2 * (y - Y[i]) * y * (1 - y)
            back = second[:2] * delta * hidden[:2] * (1 - hidden[:2])
            second = second - delta * hidden
            first = first - np.outer(back, inputs)
    hidden = 1 / (1 + np.exp(-np.column_stack([X, np.ones(4)]) @ first.T))
    outputs = 1 / (1 + np.exp(-np.column_stack([hidden, np.ones(4)]) @ second))
    return float(((outputs - Y) ** 2).mean())


def equations(result):
    """The lines are a program: read as Python, with plain signs, they compute the text's network."""
    values = {"logistic": logistic, "input": 0.5}
    lines = result.printed.replace("−", "-").replace("·", "*").splitlines()
    assert [line.split(" = ")[0] for line in lines] == [f"y{i}" for i in range(1, 10)]
    assert all(re.fullmatch(r"[-+*. ()=0-9ylogisticnput]+", line) for line in lines)
    for line in lines:
        name, right = line.split(" = ")
        values[name] = eval(right, {}, values)
    assert math.isclose(values["y9"], ninth(0.5), rel_tol=1e-12)


def both(result):
    assert np.allclose(result.value, ninth(0.5), rtol=1e-14)
    assert len(result.value) == 2


def rounding(result):
    assert 0 <= result.value < 1e-15


def snapshot(result):
    old, new = result.value
    assert old == 0
    assert math.isclose(new, ninth(0.5, weight=5.0) - ninth(0.5), rel_tol=1e-9)


def agreement(result):
    assert len(result.value) == 2
    assert all(0 <= difference < 1e-12 for difference in result.value)


def auto(result):
    assert result.value == "numba"


def bytes_of_a_weight(result):
    assert result.value == [np.dtype(np.float64).itemsize, np.dtype(np.float32).itemsize]


def seven_digits(result):
    assert 0 < result.value < 1000 * np.finfo(np.float32).eps


def too_large(result):
    assert "the weight 1e+300 of edge 4 → 6 does not fit float32" in result.printed


def local_minima(result):
    """Of the first forty restarts about the same share must succeed when plain numpy trains them."""
    rate, best = result.value
    losses = [xor_loss(restart, 1000) for restart in range(40)]
    assert abs(rate - np.mean(np.array(losses) <= 0.01)) < 0.25
    assert 0 < best <= min(losses) * (1 + 1e-9)


def replay(result):
    again, there = result.value
    assert again == there
    assert math.isclose(there, xor_loss(7), rel_tol=1e-9)


def true(result):
    assert result.value is True


def all_true(result):
    assert result.value == [True, True]


def stopped(result):
    assert result.value == [40, "stopped by a callback"]


def resumed(result):
    assert result.value == [100, True]


def any_number(result):
    assert result.value == 1


EXPECTED = {
    "equations": equations,
    "both": both,
    "same-gradient": rounding,
    "snapshot": snapshot,
    "agreement": agreement,
    "auto": auto,
    "bytes": bytes_of_a_weight,
    "seven-digits": seven_digits,
    "too-large": too_large,
    "local-minima": local_minima,
    "replay": replay,
    "processes-same-bits": true,
    "cluster-same-bits": all_true,
    "cluster-same-weights": true,
    "kept-same-bits": true,
    "stopped": stopped,
    "resumed": resumed,
    "own-step": rounding,
    "any-number": any_number,
    "first-three-hundred": true,
}
