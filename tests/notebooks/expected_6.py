"""What notebook 6 must return, against the table itself, closed formulas and Fisher's own method."""

import csv
import html
import math
from collections import Counter

import numpy as np
from terminal import ROOT

with open(ROOT / "examples" / "iris.csv", newline="", encoding="utf-8") as stream:
    ROWS = list(csv.DictReader(stream))
MEASUREMENTS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
KINDS = ["setosa", "versicolor", "virginica"]
LENGTHS = np.array([[float(row[name]) for name in MEASUREMENTS] for row in ROWS])
KIND = np.array([KINDS.index(row["species"]) for row in ROWS])


def division(seed):
    order = np.random.default_rng(seed).permutation(150)
    return order[:105], order[105:]


TRAIN, TEST = division(0)


def discriminant(train, test):
    """Count the flowers that Fisher's linear discriminant names rightly, with the normal equations."""
    groups = [LENGTHS[train][KIND[train] == kind] for kind in range(3)]
    within = sum((group - group.mean(0)).T @ (group - group.mean(0)) for group in groups)
    distances = [
        np.einsum("ni,ij,nj->n", off, np.linalg.inv(within), off)
        for off in (LENGTHS[test] - group.mean(0) for group in groups)
    ]
    return int((np.argmin(distances, axis=0) == KIND[test]).sum())


def shown(result):
    """Return the text of a table that a cell shows."""
    return html.unescape(result.shown["text/html"])


def table(result):
    assert result.value == [(150, 4), (150, 3), [float(n) for n in Counter(KIND.tolist()).values()]]


def held_out(result):
    assert result.value == np.bincount(KIND[TEST], minlength=3).tolist()


def knowing_nothing(result):
    """Of a constant answer p the loss of a class with share p is p(1 − p), summed over the classes."""
    shares = np.bincount(KIND[TRAIN]) / 105
    assert math.isclose(result.value, float((shares * (1 - shares)).sum()), rel_tol=1e-12)


def report(result):
    assert "1 warning: feed-forward, not layered" in shown(result)
    assert "'size' → 'narrow' (length 1) and 'size' → 'shape' → 'narrow' (length 2)" in shown(result)


def scaled(result):
    means, deviations = result.value
    assert np.allclose(means, 0) and np.allclose(deviations, 1)  # noqa: PT018


def training(result):
    first, last = (float(part.split()[0]) for part in result.printed.split("loss ")[1].split(" → "))
    assert 0 < last < 0.12 < first < 0.7  # a constant answer would have 0.67


def frozen(result):
    assert np.allclose(result.value, 1 / LENGTHS[TRAIN].std(axis=0), rtol=1e-12)


def right_on_test(result):
    assert abs(result.value - discriminant(TRAIN, TEST)) <= 2
    assert result.value <= 45


def confusion(result):
    rows = [line.split() for line in result.printed.splitlines()[1:]]
    counts = np.array([[int(count) for count in row[1:]] for row in rows])
    assert [row[0] for row in rows] == KINDS
    assert counts.sum(axis=1).tolist() == np.bincount(KIND[TEST], minlength=3).tolist()
    assert counts[0].tolist() == [counts[0].sum(), 0, 0]  # setosa stands apart
    assert abs(np.trace(counts) - discriminant(TRAIN, TEST)) <= 2


def ten_divisions(result):
    fisher = [discriminant(*division(seed)) for seed in range(1, 11)]
    assert len(result.value) == 10
    assert len(set(result.value)) > 1
    assert abs(np.mean(result.value) - np.mean(fisher)) <= 2


def missing_or_zero(result):
    missing, zero = result.value
    assert math.isclose(missing, zero, rel_tol=1e-12)
    assert 0.01 < missing < 0.3


def pruned(result):
    assert "dead-end" in shown(result)
    assert "'sepal_length', 'sepal_length scaled'" in shown(result)


def dead_ends(result):
    by_check, by_networkx = result.value
    assert by_check == by_networkx == ["sepal_length", "sepal_length scaled"]


def nothing_lost(result):
    before, after = result.value
    assert before == after > 0


def settled(result):
    before, after_pruning, after_settling = result.value
    assert 0 < after_settling < after_pruning < 0.12
    assert 0 < before < after_pruning


def split_weights(result):
    assert result.value == [1.0, 0.0]


def unchanged(result):
    assert 0 <= result.value < 1e-13


def growth(result):
    rows = [line.split() for line in result.printed.splitlines()]
    numbers = [[float(cell) for cell in row if cell.startswith("0.")] for row in rows]
    (before, before_held), (now, now_held) = numbers
    assert 0 < now < before < 0.12
    assert 0 < before_held < 0.2
    assert 0 < now_held < 0.2


def all_true(result):
    assert result.value == [True, True]


def same_bits(result):
    assert result.value is True


def damaged(result):
    assert result.printed.count("unknown activation 'tan': did you mean 'tanh'?") == 2


def petals_only(result):
    assert abs(result.value - discriminant(TRAIN, TEST)) <= 4


def only_virginica(result):
    assert result.value == {"setosa": False, "versicolor": False, "virginica": True}


def smallest(result):
    assert 3 <= result.value <= 19  # three outputs need an edge each; 19 stood there after the first pruning


EXPECTED = {
    "table": table,
    "held-out": held_out,
    "knowing-nothing": knowing_nothing,
    "report": report,
    "scaled": scaled,
    "training": training,
    "frozen": frozen,
    "right-on-test": right_on_test,
    "confusion": confusion,
    "ten-divisions": ten_divisions,
    "missing-or-zero": missing_or_zero,
    "pruned": pruned,
    "dead-ends": dead_ends,
    "nothing-lost": nothing_lost,
    "settled": settled,
    "split-weights": split_weights,
    "split-difference": unchanged,
    "grown": unchanged,
    "growth": growth,
    "round-trip": all_true,
    "same-bits": same_bits,
    "damaged": damaged,
    "petals-only": petals_only,
    "only-virginica": only_virginica,
    "smallest": smallest,
}
