"""What the named cells of notebook 4 must return: by the complex step on a loss of our own, and by hand."""

import cmath
import math
from collections.abc import Callable

from executing import Result

Edge = tuple[int, int]
WEIGHTS: dict[Edge, float] = {
    (1, 3): 0.6, (1, 4): -0.4, (2, 3): 0.2, (2, 4): -0.2,
    (3, 6): 0.5, (4, 6): -0.25, (4, 7): 0.3, (5, 6): 0.1, (5, 7): -0.5,
    (6, 9): 0.8, (7, 9): -0.6, (8, 9): 0.2,
}  # fmt: skip
BIAS = {3: 2, 4: 2, 6: 5, 7: 5, 9: 8}
X, T = 0.5, 1.0


def _values(weights: dict[Edge, complex], x: float = X) -> dict[int, complex]:
    """Compute every value; a weight may be complex."""
    y: dict[int, complex] = {1: x, 2: 1.0, 5: 1.0, 8: 1.0}
    for j in BIAS:
        z = sum(weight * y[source] for (source, target), weight in weights.items() if target == j)
        y[j] = 1.0 / (1.0 + cmath.exp(-z))
    return y


def _loss(weights: dict[Edge, complex], t: float = T) -> complex:
    return (_values(weights)[9] - t) ** 2


def _gradient(edge: Edge) -> float:
    """Differentiate by the complex step: no chain rule, and no difference."""
    return _loss({**WEIGHTS, edge: WEIGHTS[edge] + 1e-100j}).imag / 1e-100


def _delta(neuron: int) -> float:
    """A neuron's delta is the gradient of its bias edge."""
    return _gradient((BIAS[neuron], neuron))


Y = {neuron: complex(value).real for neuron, value in _values(WEIGHTS).items()}
LOSS = complex(_loss(WEIGHTS)).real
GRADIENT = {edge: _gradient(edge) for edge in WEIGHTS}


def product(result: Result) -> None:
    _is(GRADIENT[6, 9])(result)
    assert round(result.value, 3) == -0.11


def three_losses(result: Result) -> None:
    losses = [complex(_loss({**WEIGHTS, (6, 9): weight})).real for weight in (0.7, 0.8, 0.9)]
    assert all(map(_close, result.value, losses))
    assert result.value == sorted(result.value, reverse=True)


def slope_by_two_points(result: Result) -> None:
    assert math.isclose(result.value, GRADIENT[6, 9], rel_tol=1e-7)


def three_gradients(result: Result) -> None:
    assert all(map(_close, result.value, (GRADIENT[6, 9], GRADIENT[7, 9], GRADIENT[8, 9])))


def plan(result: Result) -> None:
    lines = result.printed.splitlines()
    assert [line.split()[3] for line in lines[:5]] == ["9", "7", "6", "4", "3"]
    edges = {tuple(int(line.split()[place]) for place in (3, 5)) for line in lines[5:]}
    assert edges == set(WEIGHTS)
    assert len(lines) == 5 + 12


def sum_over_paths(result: Result) -> None:
    assert all(_close(value, GRADIENT[1, 4]) for value in result.value)


def paths_or_steps(result: Result) -> None:
    # A neuron with d layers above it has 10^(d−1) ways to the one output; 11 edges lead to each neuron.
    edges, paths = 9 * 11 * 10 + 11, 11 + sum(11 * 10 * 10 ** (d - 1) for d in range(1, 10))
    assert result.printed == f"{paths:,} products, {edges + 9 * 10 + 1} steps\n"


def five_lines(result: Result) -> None:
    assert result.value.keys() == GRADIENT.keys()
    assert all(_close(result.value[edge], GRADIENT[edge]) for edge in GRADIENT)


def tiny(result: Result) -> None:
    assert 0.0 <= result.value < 1e-15


def differences(result: Result) -> None:
    assert 0.0 < result.value < 1e-9  # what is lost by subtracting: there must be something


def check_gradients(result: Result) -> None:
    head, *lines = result.printed.replace("−", "-").splitlines()
    assert head.startswith("gradient agrees with complex step on 12 of 12 edges")
    for line in lines:
        source, _, target, walked, checked = line.split()
        expected = GRADIENT[int(source), int(target)]
        assert all(math.isclose(float(number), expected, rel_tol=5e-3) for number in (walked, checked))
    assert len(lines) == 12


def one_step(result: Result) -> None:
    before, after = result.value
    assert _close(before, LOSS)
    assert _close(after, _loss_after(0.5))
    assert after < before


def fall_foretold(result: Result) -> None:
    fall, foretold = result.value
    assert math.isclose(fall, LOSS - _loss_after(0.5), rel_tol=1e-12)
    assert _close(foretold, 0.5 * sum(gradient**2 for gradient in GRADIENT.values()))
    assert 0.9 < fall / foretold < 1.0


def hasty_deltas(result: Result) -> None:
    lines = result.printed.splitlines()
    for line, rate in zip(lines, (0.1, 1.0, 10.0), strict=True):
        rounded = {neuron: round(ratio, 3) for neuron, ratio in _hasty_ratios(rate).items()}
        assert line == f"{rate} {rounded}"


def hasty_wins(result: Result) -> None:
    """Take one hasty and one right step, each weight by its formula, and go forward again."""
    for line, rate in zip(result.printed.splitlines(), (0.1, 1.0, 10.0), strict=True):
        shown, hasty, right = map(float, line.replace("[", "").replace("]", "").replace(",", "").split())
        ratios = _hasty_ratios(rate)
        moved = {edge: w - rate * GRADIENT[edge] * ratios[edge[1]] for edge, w in WEIGHTS.items()}
        assert shown == rate
        assert abs(hasty - complex(_loss(moved)).real) < 1e-6
        assert abs(right - _loss_after(rate)) < 1e-6
        assert hasty < right < LOSS


def hasty_or_right(result: Result) -> None:
    before, hasty, right = result.value
    assert before == round((0.6 - 2.0) ** 2, 3)
    assert hasty == round(_relu_loss(0.2, hasty=True), 3)
    assert right == round(_relu_loss(0.2, hasty=False), 3)
    assert right < before < hasty


def caught(result: Result) -> None:
    assert result.value == [(1, 3), (2, 3), (3, 6), (5, 6)]


def exercise_valley(result: Result) -> None:
    exact, on_the_curve = result.value
    assert math.isclose(complex(_values({**WEIGHTS, (6, 9): exact})[9]).real, 0.7, rel_tol=1e-14)
    assert abs(exact - on_the_curve) <= 0.05  # the curve has a point every 0.1


def exercise_bias(result: Result) -> None:
    assert result.value == dict.fromkeys([9, 7, 6, 4, 3], True)


def exercise_skip(result: Result) -> None:
    assert result.value is True
    assert "w(4→6)·δ6 + w(4→7)·δ7 + w(4→9)·δ9" in result.printed


def exercise_step_size(result: Result) -> None:
    assert result.value == {r: round(_relu_loss(r, hasty=False), 3) for r in (0.05, 0.1, 0.2, 0.3, 0.4)}
    assert min(result.value, key=result.value.__getitem__) == 0.2


def _loss_after(rate: float) -> float:
    return complex(_loss({edge: weight - rate * GRADIENT[edge] for edge, weight in WEIGHTS.items()})).real


def _hasty_ratios(rate: float) -> dict[int, float]:
    """Write the hasty deltas beside the right ones, each by its formula."""
    w, (d9, d6, d7) = WEIGHTS, map(_delta, (9, 6, 7))
    ratio6, ratio7 = 1.0 - rate * Y[6] * d9 / w[6, 9], 1.0 - rate * Y[7] * d9 / w[7, 9]
    hasty6, hasty7 = ratio6 * d6, ratio7 * d7
    new36, new46, new47 = (
        w[3, 6] - rate * Y[3] * hasty6,
        w[4, 6] - rate * Y[4] * hasty6,
        w[4, 7] - rate * Y[4] * hasty7,
    )
    ratio4 = (new46 * hasty6 + new47 * hasty7) / (w[4, 6] * d6 + w[4, 7] * d7)
    return {9: 1.0, 7: ratio7, 6: ratio6, 4: ratio4, 3: new36 / w[3, 6] * ratio6}


def _relu_loss(rate: float, *, hasty: bool) -> float:
    """Take one step with relu neurons, from 1 to 2, by hand: 4 and 7 stay at 0, one way is left."""
    y3, y6, y9 = 0.8, 0.5, 0.6
    d9 = 2.0 * (y9 - 2.0)
    w69, w89 = 0.8 - rate * y6 * d9, 0.2 - rate * d9
    d6 = (w69 if hasty else 0.8) * d9
    w36, w56 = 0.5 - rate * y3 * d6, 0.1 - rate * d6
    d3 = (w36 if hasty else 0.5) * d6
    w13, w23 = 0.6 - rate * d3, 0.2 - rate * d3
    new3 = w13 + w23
    new6 = w36 * new3 + w56
    return (w69 * new6 + w89 - 2.0) ** 2


def _is(expected: float) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert _close(result.value, expected)

    return check


def _close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-13) and math.isfinite(found) and found != 0.0


EXPECTED: dict[str, Callable[[Result], None]] = {
    "answer": _is(Y[9]),
    "loss": _is(LOSS),
    "loss-of-the-library": _is(LOSS),
    "three-losses": three_losses,
    "slope-by-two-points": slope_by_two_points,
    "slope-of-the-curve": _is(GRADIENT[6, 9]),
    "first-factor": _is(2.0 * (Y[9] - T)),
    "second-factor": _is(_delta(9) / (2.0 * (Y[9] - T))),
    "third-factor": _is(GRADIENT[6, 9] / _delta(9)),
    "product": product,
    "delta-of-nine": _is(_delta(9)),
    "three-gradients": three_gradients,
    "plan": plan,
    "delta-of-six": _is(_delta(6)),
    "delta-of-seven": _is(_delta(7)),
    "delta-of-four": _is(_delta(4)),
    "sum-over-paths": sum_over_paths,
    "paths-or-steps": paths_or_steps,
    "five-lines": five_lines,
    "difference-to-the-library": tiny,
    "differences": differences,
    "check-gradients": check_gradients,
    "one-step": one_step,
    "fall-foretold": fall_foretold,
    "one-step-of-fit": tiny,
    "slope-of-six": _is(Y[6] * (1.0 - Y[6])),
    "hasty-deltas": hasty_deltas,
    "hasty-wins": hasty_wins,
    "hasty-or-right": hasty_or_right,
    "caught": caught,
    "exercise-valley": exercise_valley,
    "exercise-bias": exercise_bias,
    "exercise-skip": exercise_skip,
    "exercise-step-size": exercise_step_size,
}
