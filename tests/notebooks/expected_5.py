"""What the named cells of notebook 5 must return: formulas, numpy, and training written out by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from executing import Result
from numpy.typing import NDArray

Array = NDArray[np.float64]
X = np.linspace(-1, 1, 9)
Y = 0.5 + 0.4 * np.sin(1.5 * np.pi * X)
TEXT = {  # the weights of the text's network, from → to
    (1, 3): 0.6, (2, 3): 0.2, (1, 4): -0.4, (2, 4): -0.2, (3, 6): 0.5, (4, 6): -0.25, (5, 6): 0.1,
    (4, 7): 0.3, (5, 7): -0.5, (6, 9): 0.8, (7, 9): -0.6, (8, 9): 0.2,
}  # fmt: skip


def logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def output(w: dict[tuple[int, int], Any], x: Any) -> Any:
    """Write the text's network out, neuron by neuron."""
    y3, y4 = logistic(w[1, 3] * x + w[2, 3]), logistic(w[1, 4] * x + w[2, 4])
    y6, y7 = logistic(w[3, 6] * y3 + w[4, 6] * y4 + w[5, 6]), logistic(w[4, 7] * y4 + w[5, 7])
    return logistic(w[6, 9] * y6 + w[7, 9] * y7 + w[8, 9])


def slope_by_differences(edge: tuple[int, int], x: float, t: float, h: float = 1e-5) -> float:
    up, down = ((output(TEXT | {edge: TEXT[edge] + d}, x) - t) ** 2 for d in (h, -h))
    return float((up - down) / (2 * h))


def one_step(result: Result) -> None:
    x, t = float(X[1]), float(Y[1])
    before, after = result.value
    stepped = {edge: w - 0.5 * slope_by_differences(edge, x, t) for edge, w in TEXT.items()}
    assert math.isclose(before, (output(TEXT, x) - t) ** 2, rel_tol=1e-12)
    assert math.isclose(after, (output(stepped, x) - t) ** 2, rel_tol=1e-6)
    assert 0 < after < before


def ten_steps(result: Result) -> None:
    assert set(result.value) == {0.05, 0.3, 0.5, 0.95, 1.05}
    for rate, weight in result.value.items():
        assert math.isclose(weight - 2, (1 - 2 * rate) ** 10 * -2, rel_tol=1e-9, abs_tol=1e-12)


def diverged(result: Result) -> None:
    """The loss 4·1.1^(2k) of epoch k passes the largest float64 at the epoch that is named."""
    (epoch,) = re.findall(r"epoch (\d+)", result.printed)
    first = (math.log(1.7976931348623157e308) - math.log(4)) / (2 * math.log(1.1))
    assert abs(int(epoch) - first) <= 1
    assert "smaller learning rate" in result.printed


def falling_against_constant(result: Result) -> None:
    constant, falling = result.value
    assert 0 < falling < constant / 1.5
    assert constant > float(((Y - Y.mean()) ** 2).mean())  # worse than the best constant answer


def declined(result: Result) -> None:
    assert "12 edges" in result.printed
    assert f"10^{round(12 * math.log10(100))} rounds" in result.printed


def every_network(values: list[float]) -> Array:
    """Return the loss of every combination of values, by numpy: each half on its own, then together."""
    grid = np.array(np.meshgrid(*[values] * 12)).reshape(12, -1)
    losses = np.zeros(grid.shape[1])
    for x, t in zip(X, Y, strict=True):
        losses += (output(dict(zip(TEXT, grid, strict=True)), x) - t) ** 2
    return losses / len(X)


def search(result: Result) -> None:
    losses = every_network([-10.0, 0.0, 10.0])
    assert f"{len(losses):,} rounds" in result.printed
    (lowest,) = re.findall(r"lowest loss ([\d.]+)", result.printed)
    assert math.isclose(float(lowest), losses.min(), rel_tol=5e-3)
    counts = [int(count.replace(",", "")) for count in re.findall(r"█ ([\d,]+)$", result.printed, re.M)]
    ends = 10.0 ** np.arange(-1.25, 0, 0.25)
    assert counts == np.histogram(losses, ends)[0].tolist()


def settled(result: Result) -> None:
    loss, steepest = result.value
    assert steepest < 1e-6
    assert 0.01 < loss < float(((Y - Y.mean()) ** 2).mean())


def distribution(result: Result) -> None:
    assert sum(int(count) for count in re.findall(r"(\d+)$", result.printed, re.M)[1:]) == 1000
    counts = sorted(int(count) for count in re.findall(r"(\d+)$", result.printed, re.M)[1:])
    assert sum(counts[-4:]) > 900  # nearly all of them at four heights


def success_rate(result: Result) -> None:
    assert 0.05 < result.value < 0.4


def best_of_n(result: Result) -> None:
    p = result.value[1]
    for n, chance in result.value.items():
        failures = 1.0
        for _ in range(n):
            failures *= 1 - p
        assert abs(chance - (1 - failures)) < 1e-4
    assert result.value[30] > 0.8


def cost(result: Result) -> None:
    digits = [math.floor(math.log10(45_000_000)) + 1, math.floor(768 * math.log10(2) + math.log10(9)) + 1]
    assert result.value == digits


def slopes(result: Result) -> None:
    assert len(result.value) == 3
    assert all(0 <= difference < 1e-15 for difference in result.value)


def steepest(result: Result) -> None:
    z, h = np.linspace(-5, 5, 1001), 1e-6
    functions = (logistic, np.tanh, lambda z: np.maximum(0, z))
    by_differences = [((f(z + h) - f(z - h)) / (2 * h)).max() for f in functions]
    assert np.allclose(result.value, by_differences, atol=1e-6)


def fading(result: Result) -> None:
    assert 0 < result.value["logistic"] < 0.25**9  # nine slopes lie between layer 2 and layer 12's edges
    assert min(result.value["tanh"], result.value["relu"]) > 0.01


def success_by_function(result: Result) -> None:
    rates = result.value
    assert rates["logistic"] < 0.05 < 0.2 < rates["relu"] < rates["tanh"] < 0.9


def dead_neurons(result: Result) -> None:
    assert 1 <= len(result.value) <= 4
    assert set(result.value) <= {3, 4, 5, 6, 8, 9, 10, 11}


def close_to(*expected: float, within: float) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert np.allclose(result.value, expected, rtol=0, atol=within)

    return check


def equal_to(expected: Any) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert result.value == expected

    return check


def two_lines(result: Result) -> None:
    x = np.linspace(0, 1, 11)
    line = 1 + 2 * x
    line[8] = 12
    slope, offset = np.polyfit(x, line, 1)
    assert np.allclose(result.value["squared"], [slope, offset], atol=0.05)
    assert np.allclose(result.value["absolute"], [2, 1], atol=0.02)


def running_mean(result: Result) -> None:
    mean = np.random.default_rng(0).normal(size=(100, 1)).mean()
    assert np.allclose(result.value, [mean, mean], rtol=1e-12)
    assert abs(mean) > 0.01


def even_number(result: Result) -> None:
    answers = np.linspace(0, 6, 25)
    losses = np.abs(answers[:, None] - np.array([1, 2, 4, 10])).sum(axis=1)
    assert result.value == answers[losses == losses.min()].tolist() == np.linspace(2, 4, 9).tolist()


def largest_step(result: Result) -> None:
    expected = [2 * abs(1 - 18 * rate) ** 100 for rate in (1 / 9 - 0.01, 1 / 9 + 0.01)]
    assert np.allclose(result.value, expected, rtol=1e-6)


def four_values(result: Result) -> None:
    rounds, searched, trained = result.value
    assert rounds == 4**12
    assert 0 < searched < trained


def wider(result: Result) -> None:
    assert 0.9 < result.value <= 1.0


EXPECTED: dict[str, Callable[[Result], None]] = {
    "weights-to-learn": equal_to(len(TEXT)),
    "one-step": one_step,
    "epoch-is-nine-steps": equal_to(True),
    "own-point-gains": equal_to([True, True]),
    "ten-steps": ten_steps,
    "diverged": diverged,
    "inverse-time": equal_to([8 / (1 + k / 100) for k in (0, 100, 300, 700)]),
    "falling-against-constant": falling_against_constant,
    "rounds": equal_to(True),
    "declined": declined,
    "rounds-by-values": equal_to({values: math.prod([values] * 12) for values in (2, 3, 4, 10, 100)}),
    "search": search,
    "settled": settled,
    "nothing-better-nearby": equal_to(0),
    "distribution": distribution,
    "success-rate": success_rate,
    "best-of-n": best_of_n,
    "cost": cost,
    "slopes": slopes,
    "steepest": steepest,
    "fading": fading,
    "success-by-function": success_by_function,
    "dead-neurons": dead_neurons,
    "mean-and-median": close_to(np.mean([1, 2, 3, 4, 10]), np.median([1, 2, 3, 4, 10]), within=0.01),
    "pulls": equal_to([0.0, 0.0]),
    "outlier": close_to(np.mean([1, 2, 3, 4, 100]), np.median([1, 2, 3, 4, 100]), within=0.01),
    "two-lines": two_lines,
    "running-mean": running_mean,
    "even-number": even_number,
    "largest-step": largest_step,
    "four-values": four_values,
    "wider": wider,
}
