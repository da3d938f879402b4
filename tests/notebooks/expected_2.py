"""What the named cells of notebook 2 must return, computed anew with numpy's matrices or by formula."""

import math
from collections.abc import Callable

import numpy as np
from executing import Result

import neurograph as ng

# The text's weights as matrices, one row for each neuron of the next layer; the last column is the bias.
LAYERS = (
    np.array([[0.6, 0.2], [-0.4, -0.2]]),  # 3 and 4, from 1
    np.array([[0.5, -0.25, 0.1], [0.0, 0.3, -0.5]]),  # 6 and 7, from 3 and 4
    np.array([[0.8, -0.6, 0.2]]),  # 9, from 6 and 7
)
COMPUTING = ((3, 4), (6, 7), (9,))


def sum_of_three(result: Result) -> None:
    assert _close(result.value, _walk(0.5)[0][3])


def value_of_three(result: Result) -> None:
    assert _close(result.value, _walk(0.5)[1][3])
    assert round(result.value, 3) == 0.622


def value_of_four(result: Result) -> None:
    assert _close(result.value, _walk(0.5)[1][4])


def sum_of_six(result: Result) -> None:
    assert _close(result.value, _walk(0.5)[0][6])
    assert round(result.value, 3) == 0.311


def value_of_six(result: Result) -> None:
    assert _close(result.value, _walk(0.5)[1][6])
    assert round(result.value, 3) == 0.577


def terms_of_six(result: Result) -> None:
    y = _walk(0.5)[1]
    assert [(source, weight) for source, weight, _ in result.value] == [(3, 0.5), (4, -0.25), (5, 0.1)]
    assert all(_close(value, y[source]) for source, _, value in result.value)


def last_steps(result: Result) -> None:
    z, y = _walk(0.5)
    assert [line for line in result.printed.splitlines() if line.startswith("neuron")] == [
        "neuron 7   layer 3, logistic", "neuron 8   layer 3, bias", "neuron 9   layer 4, logistic",
    ]  # fmt: skip
    assert f"y9 = logistic({z[9]:.3f}) = {y[9]:.3f}" in result.printed
    assert f"(−0.6)·{y[7]:.3f}" in result.printed


def answer(result: Result) -> None:
    z, y = _walk(0.5)
    z6, y6, (y9,) = result.value
    assert _close(z6, z[6])
    assert _close(y6, y[6])
    assert _close(y9, y[9])


def unchanged(result: Result) -> None:
    assert result.value == ({"kind": "hidden", "activation": "logistic"}, True)


def five_lines(result: Result) -> None:
    _, y = _walk(0.5)
    assert result.value.keys() == y.keys() == set(range(1, 10))
    assert all(_close(result.value[neuron], y[neuron]) for neuron in y)


def layer_by_layer(result: Result) -> None:
    _, y = _walk(0.5)
    layers = ((1, 2), (3, 4, 5), (6, 7, 8), (9,))
    assert result.printed.splitlines() == [str({n: round(y[n], 3) for n in layer}) for layer in layers]


def two_answers(result: Result) -> None:
    half, minus_three = result.value
    assert _close(half, _walk(0.5)[1][9])
    assert _close(minus_three, _walk(-3.0)[1][9])
    assert half > minus_three


def same_edges_other_function(result: Result) -> None:
    same, value = result.value
    program = ng.compile_network(ng.example_network(seed=151))
    X = np.linspace(-10.0, 10.0, 201)[:, None]
    y = program.forward(X)[:, 0]
    lowest = int(np.argmin(y))
    assert same is True
    assert _close(value, float(program.forward([[0.5]])[0, 0]))
    assert 0 < lowest < len(y) - 1
    assert y[0] - y[lowest] > 0.1
    assert y[-1] - y[lowest] > 0.04


def orders(result: Result) -> None:
    assert result.value == (["a", "b"], ["smaller", "larger"])


def third_sample(result: Result) -> None:
    given, sorted_values = result.value
    assert given == np.random.default_rng(0).integers(-100, 100, size=(1000, 2))[2].tolist()
    assert sorted_values == sorted(given)


def exercise_minus_two(result: Result) -> None:
    by_hand, by_forward = result.value
    assert _close(by_hand, _walk(-2.0)[1][6])
    assert _close(by_forward, _walk(-2.0)[1][6])


def exercise_one_half(result: Result) -> None:
    weight, value = result.value
    z, _ = _walk(0.5)
    assert _close(weight, 0.1 - z[6])
    assert _close(value, 0.5)


def exercise_careless(result: Result) -> None:
    careless, right = result.value
    assert _close(careless, _logistic(0.2))  # the bias is all that arrives
    assert _close(right, _walk(0.5)[1][9])
    assert abs(careless - right) > 0.05


def exercise_distance(result: Result) -> None:
    assert result.value == ([1.0, 3.0, 2.0], [2.0, 5.0, 3.0])


def exercise_identity(result: Result) -> None:
    linear = LAYERS[2][:, :2] @ LAYERS[1][:, :2] @ LAYERS[0][:, :1]  # the matrices without their biases
    assert np.allclose(np.diff(result.value), linear[0, 0], rtol=1e-12)
    assert abs(linear[0, 0]) > 0.1


def _is(expected: object) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert result.value == expected

    return check


def _walk(x: float) -> tuple[dict[int, float], dict[int, float]]:
    """Compute z and y of every neuron, a layer at a time."""
    z: dict[int, float] = {}
    y: dict[int, float] = {1: x, 2: 1.0, 5: 1.0, 8: 1.0}
    column = np.array([x])
    for matrix, neurons in zip(LAYERS, COMPUTING, strict=True):
        sums = matrix @ np.append(column, 1.0)
        column = 1.0 / (1.0 + np.exp(-sums))
        z |= dict(zip(neurons, sums.tolist(), strict=True))
        y |= dict(zip(neurons, column.tolist(), strict=True))
    return z, y


def _logistic(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def _close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-13) and math.isfinite(found) and found != 0.0


EXPECTED: dict[str, Callable[[Result], None]] = {
    "sum-of-three": sum_of_three,
    "value-of-three": value_of_three,
    "value-of-four": value_of_four,
    "sum-of-six": sum_of_six,
    "value-of-six": value_of_six,
    "terms-of-six": terms_of_six,
    "dot-product": sum_of_six,
    "last-steps": last_steps,
    "answer": answer,
    "unchanged": unchanged,
    "five-lines": five_lines,
    "layer-by-layer": layer_by_layer,
    "two-answers": two_answers,
    "same-edges-other-function": same_edges_other_function,
    "sort-3-1": _is(sorted([3.0, 1.0])),
    "sort-2-5": _is(sorted([2.0, 5.0])),
    "orders": orders,
    "all-sorted": _is(True),
    "third-sample": third_sample,
    "exercise-minus-two": exercise_minus_two,
    "exercise-one-half": exercise_one_half,
    "exercise-careless": exercise_careless,
    "exercise-distance": exercise_distance,
    "exercise-identity": exercise_identity,
}
