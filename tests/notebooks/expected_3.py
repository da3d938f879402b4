"""What the named cells of notebook 3 must return: formulas, numpy, enumeration, the text's numbers."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from executing import Result
from numpy.typing import NDArray

Array = NDArray[np.float64]


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def running_example(x: float) -> float:
    """Write the text's network out, neuron by neuron."""
    y3, y4 = logistic(0.6 * x + 0.2), logistic(-0.4 * x - 0.2)
    y6, y7 = logistic(0.5 * y3 - 0.25 * y4 + 0.1), logistic(0.3 * y4 - 0.5)
    return logistic(0.8 * y6 - 0.6 * y7 + 0.2)


def close_to(expected: Any, within: float) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert np.isfinite(result.value).all()
        assert np.allclose(result.value, expected, rtol=0, atol=within)

    return check


def equal_to(expected: Any) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert result.value == expected

    return check


def says(*parts: str) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        for part in parts:
            assert part in result.printed

    return check


def power_of_ten(base: int, exponent: int) -> Callable[[Result], None]:
    """Expect the text of a power: its first digits and its power of ten, by the logarithm of the base."""

    def check(result: Result) -> None:
        whole = math.floor(exponent * math.log10(base) + 1e-9)
        leading = 10 ** (exponent * math.log10(base) - whole)
        mantissa, power = re.fullmatch(r"about ([\d.]+)·10\^(\d+)", result.text).groups()
        assert int(power) == whole
        assert abs(float(mantissa) - leading) < 0.01

    return check


def one_matrix(result: Result) -> None:
    """Not by matrices: a network of identities is known by its outputs at 0 and at the unit vectors."""
    import neurograph as ng

    net = ng.mlp([2, 5, 5, 1], activation="identity", seed=0)
    for source, target in net.edges:
        if ng.kind(net, source) == "bias":
            net.edges[source, target]["weight"] = 0.1
    at = [ng.forward(net, x).outputs[0] for x in ([0, 0], [1, 0], [0, 1])]
    assert np.allclose(result.value, [at[1] - at[0], at[2] - at[0], at[0]], rtol=1e-12)
    assert min(abs(number) for number in result.value) > 0.01


def tiny(result: Result) -> None:
    assert 0 <= result.value < 1e-13


def lower_bound(result: Result) -> None:
    """E is enough for (e·2ⁿ)^E ≥ 2^(2ⁿ), and E − 1 is not."""
    assert set(result.value) == {4, 8, 12, 16, 20}
    for n, edges in result.value.items():
        bits = n + math.log2(math.e)
        assert (edges - 1) * bits < 2**n <= edges * bits


def neurons_needed(result: Result) -> None:
    """So many neurons have room for fewer edges than are needed, and half as many again for more."""
    assert set(result.value) == {20, 40, 60}
    for n, neurons in result.value.items():
        edges = 2**n / (n + math.log2(math.e))
        assert neurons**2 / 2 < edges + 1 < (neurons + 1) ** 2 / 2 + 1


def boolean_cost(result: Result) -> None:
    neurons, edges = (int(part.replace(",", "")) for part in re.findall(r"[\d,]+", result.printed))
    assert neurons == 20 + 1 + 2**20 + 1 + 1
    assert edges == 21 * 2**20 + 2**20 + 1


def sizes_of_sixteen(result: Result) -> None:
    """Count the functions whose answers a straight line parts, by lines through a grid of directions."""
    points = np.array(list(itertools.product([-1, 1], repeat=2)))
    lines = itertools.product(np.arange(-2.5, 3), repeat=3)
    parted = {tuple(np.sign(points @ line[:2] + line[2]).astype(int)) for line in lines}
    separable = sum(0 not in answers for answers in parted)
    assert result.value == {1: separable, 2: 16 - separable}
    assert separable == 14


def halving(result: Result) -> None:
    """The error is what the sine changes from the middle of a cell to its steeper side."""
    errors = []
    for cells in (5, 10, 20, 40, 80, 160):
        h = 2 * math.pi / cells
        middles = (np.arange(cells) + 0.5) * h
        sides = np.abs(np.sin(middles + h / 2) - np.sin(middles)).max()
        errors.append(max(sides, np.abs(np.sin(middles - h / 2) - np.sin(middles)).max()))
    expected = [before / after for before, after in itertools.pairwise(errors)]
    assert np.allclose(result.value, expected, rtol=1e-3)
    assert 1.9 < min(result.value) <= max(result.value) < 2.01


def hill(result: Result) -> None:
    """Build the stairs by numpy, each as high as the hill in its middle, and measure inside the cells."""
    (neurons,) = re.findall(r"(\d+) neurons", result.printed)
    assert int(neurons) == 2 + 1 + 2 * 7 + 1 + (2 * 8) ** 2 + 1 + 1
    (error,) = re.findall(r"error ([\d.]+)", result.printed)
    tenths = np.array([k for k in range(80) if k % 10])  # of the width of a cell; sides are left out
    places, middles = -1 + tenths / 40, -1 + (tenths // 10 + 0.5) / 4
    surface, stairs = (np.exp(-4 * (x[:, None] ** 2 + x[None, :] ** 2)) for x in (places, middles))
    assert math.isclose(float(error), np.abs(surface - stairs).max(), rel_tol=5e-3)


def cost_by_dimension(result: Result) -> None:
    neurons = [line.split(": ")[1].split(" neurons")[0] for line in result.printed.splitlines()]
    exact = [int(text.replace(",", "")) for text in neurons[:5]]
    assert exact[0] == 10 + 3
    assert exact[1:] == [d + 9 * d + 20**d + 4 for d in (2, 3, 4, 10)]
    assert neurons[5].endswith(f"10^{math.floor(100 * math.log10(20))}")


def gate(result: Result) -> None:
    """For the sine the four neurons compute sin(λu)·sin(λv)/λ², exactly."""
    assert math.isclose(result.value, math.sin(0.15) * math.sin(-0.08) / 0.01, rel_tol=1e-9)


def quarter_of_the_error(result: Result) -> None:
    scales = [0.4, 0.2, 0.1, 0.05]
    expected = [math.sin(1.5 * s) * math.sin(-0.8 * s) / s**2 + 1.2 for s in scales]
    assert np.allclose(result.value, expected, rtol=1e-6)
    assert all(3.5 < before / after < 4.5 for before, after in itertools.pairwise(result.value))


def deep_and_flat(result: Result) -> None:
    assert np.allclose(result.value, 1.5 * -2.0 * 0.7 * 1.1, rtol=1e-4)
    assert len(result.value) == 3


def neurons_for_products(result: Result) -> None:
    for n, (deep, flat) in result.value.items():
        relays, depth = f"{n - 1:b}".count("0"), math.ceil(math.log2(n))
        assert deep == n + 4 * (n - 1) + relays + depth + 1 + 1
        assert flat == n + 2**n + 3
    assert set(result.value) == {2, 4, 8, 12}


def edges_by_size(result: Result) -> None:
    """Seven products of half the size, and the additions: 12 sums of blocks into, 12 out of, the products."""
    for size, (flat, deep) in result.value.items():
        half = size // 2
        assert flat == size**3
        assert deep == 7 * half**3 + 24 * half**2
    assert result.value[32][0] < result.value[32][1]
    assert result.value[64][0] > result.value[64][1]


def agree(result: Result) -> None:
    assert all(0 <= difference < 1e-12 for difference in result.value)


def flattened(result: Result) -> None:
    deep, flat = result.value
    assert deep == 7 * 32**3 + 24 * 32**2
    assert flat == 64**3


def doubling(result: Result) -> None:
    assert all(after <= before for before, after in itertools.pairwise(result.value))
    assert result.value[0] == 8
    assert 7 <= result.value[-1] < 7.01


def weights_needed(result: Result) -> None:
    for weights, bits in zip(result.value, (200 * 200 * 8, 1000 * 1000 * 32), strict=True):
        assert (weights - 1) * math.log2(100) < bits <= weights * math.log2(100)


def probability(states: tuple[int, ...], causes: tuple[int, ...], sole: int, noise: float) -> float:
    """Return how probable these parts are, given their causes: over all pairs that noise may have changed."""
    whole = 1.0
    for i, cause in enumerate(causes):
        seen, found = states[2 * i : 2 * i + 2], 0.0
        for pair in itertools.product([-1, 1], repeat=2):
            alone = pair == (sole, sole)
            drawn = float(alone) if cause == sole else (not alone) / 3
            for part, shown in zip(pair, seen, strict=True):
                drawn *= noise if part != shown else 1 - noise
            found += drawn
        whole *= found
    return whole


def posterior(result: Result) -> None:
    """Sum over everything that may have happened between cause and details."""
    signs = (-1, 1)
    expected = []
    for details in itertools.product(signs, repeat=4):
        likelihood = {
            cause: sum(
                probability(parts, (cause,), 1, 0.1) * probability(details, parts, -1, 0.1)
                for parts in itertools.product(signs, repeat=2)
            )
            for cause in signs
        }
        expected.append(likelihood[1] / (likelihood[-1] + likelihood[1]))
    assert np.allclose(np.ravel(result.value), expected, atol=6e-5)
    assert np.ptp(expected) > 0.5


def counted(result: Result) -> None:
    """Shares of about 200,000 / 16 worlds each: a few standard deviations, and not nothing."""
    assert 1e-4 < result.value < 0.02


def more_edges(result: Result) -> None:
    """More edges help, and the best inference, 0.94 of all causes, is not reached."""
    assert list(result.value) == [45, 180, 720]
    assert all(0.7 < accuracy < 0.92 for accuracy in result.value.values())
    assert result.value[45] < max(result.value.values())


def deep_is_ahead(result: Result) -> None:
    assert len(result.value) == 4
    assert all(0.03 < lead < 0.5 for lead in result.value)
    assert result.value[3] > result.value[0]


def near_the_best(result: Result) -> None:
    assert len(result.value) == 4
    assert all(-0.01 < gap < 0.02 for gap in result.value)


def exactly_one(result: Result) -> None:
    expected = [1.0 if sum(x) == 1 else -1.0 for x in itertools.product([0, 1], repeat=3)]
    assert result.value == [expected, expected]
    hidden, eight = map(int, re.findall(r"\d+", result.printed))
    assert 2 <= hidden <= 4
    assert eight == 8


def gate_of_two(result: Result) -> None:
    """Both compute sin(λu)·sin(λv)/λ²: two neurons fewer, the same function."""
    neurons, four, two = result.value
    assert neurons == 9 - 2
    for found in (four, two):
        assert math.isclose(found, math.sin(0.15) * math.sin(-0.08) / 0.01, rel_tol=1e-9)


def jump(result: Result) -> None:
    largest, mean = np.array(result.value).T
    assert np.allclose(largest, 2, atol=1e-6)  # somewhere in the cell it is −1 for 1, or 1 for −1
    assert np.allclose(mean[:-1] / mean[1:], 2, rtol=1e-6)


EXPECTED: dict[str, Callable[[Result], None]] = {
    "chain-by-hand": close_to(running_example(0.5), 1e-12),
    "three-ways": close_to([running_example(0.5)] * 3, 1e-12),
    "there-and-back": equal_to([12, True]),
    "no-layers": says("3 → 9 (length 1)", "3 → 6 → 9 (length 2)", "add_relays"),
    "one-matrix": one_matrix,
    "collapsed-is-equal": tiny,
    "linear-xor": equal_to([0.5] * 4),
    "does-not-collapse": says("neuron 4", "tanh"),
    "functions": equal_to({1: 4, 2: 16, 3: 256, 4: 65_536, 5: 4_294_967_296}),
    "one-neuron-one-question": equal_to((2 * np.eye(4) - 1).tolist()),
    "exclusive-or": equal_to([-1.0, 1.0, 1.0, -1.0]),
    "all-256": equal_to(256),
    "boolean-cost": boolean_cost,
    "lower-bound": lower_bound,
    "neurons-needed": neurons_needed,
    "sizes-of-sixteen": sizes_of_sixteen,
    "halving": halving,
    "hill": hill,
    "cost-by-dimension": cost_by_dimension,
    "cells-for-a-picture": power_of_ten(2, 40_000),
    "gate": gate,
    "quarter-of-the-error": quarter_of_the_error,
    "deep-and-flat": deep_and_flat,
    "neurons-for-products": neurons_for_products,
    "matrix-product": equal_to([[19.0, 22.0], [43.0, 50.0]]),
    "strassen-product": equal_to([[19.0, 22.0], [43.0, 50.0]]),
    "edges-by-size": edges_by_size,
    "sixty-four": equal_to([64**3, 7 * 32**3 + 24 * 32**2]),
    "sixty-four-agree": agree,
    "flattened": flattened,
    "doubling": doubling,
    "small-pictures": power_of_ten(256, 200 * 200),
    "large-pictures": power_of_ten(2, 1000 * 1000 * 32),
    "tweets": power_of_ten(256, 280),
    "one-weight-each": power_of_ten(100, 1000),
    "configurations": power_of_ten(100, 9 * 101 * 100),
    "most-configurations": power_of_ten(100, 499_500),
    "weights-needed": weights_needed,
    "order-for-cats": power_of_ten(256, 17),
    "posterior": posterior,
    "counted": counted,
    "more-edges": more_edges,
    "deep-is-ahead": deep_is_ahead,
    "near-the-best": near_the_best,
    "exactly-one": exactly_one,
    "cells-needed": equal_to(101),
    "jump": jump,
    "relays-undone": equal_to(True),
    "gate-of-two": gate_of_two,
    "two-levels-pay": equal_to(100),  # half of it is the first even size above 48
}
