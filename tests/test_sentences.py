"""Each row of docs/sentences.md: its call runs, its test is there. And the proofs of some rows."""

import ast
import math
import re
from collections.abc import Mapping

import numpy as np
import pytest
from terminal import ROOT

import neurograph as ng

PAGE = (ROOT / "docs" / "sentences.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?P<chapter>\S+) \| (?P<idea>.+?) \| `(?P<call>.+)` \| `(?P<test>\S+)` \|$", re.MULTILINE
)
ROWS = [found.groupdict() for found in ROW.finditer(PAGE)]
CHAPTERS = ["I", "II.I", "II.II", "II.III", "III", "III.I", "III.II", "III.III", "comments"]


@pytest.fixture(scope="module")
def namespace():
    """The names that the page's own lines define."""
    lines = re.search(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL).group(1)
    names: dict[str, object] = {}
    exec(compile(lines, "sentences.md", "exec"), names)
    return names


def says_something(result):
    """Whether a result is there, is not empty, not false, and finite throughout."""
    if isinstance(result, bool | np.bool_):
        return bool(result)
    if isinstance(result, int | float | np.ndarray):
        return np.size(result) > 0 and bool(np.all(np.isfinite(result)))
    if isinstance(result, Mapping):
        return bool(result) and all(map(says_something, result.values()))
    if isinstance(result, list | tuple):
        return len(result) > 0 and all(map(says_something, result))
    return result is not None and result != ""


def test_every_line_of_the_tables_is_a_row():
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| chapter")]
    assert len(lines) == len(ROWS) > 90


def test_every_chapter_of_the_text_is_there_in_its_order():
    assert list(dict.fromkeys(row["chapter"] for row in ROWS)) == CHAPTERS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["idea"][:60])
def test_every_call_computes_what_its_row_speaks_of(row, namespace):
    assert says_something(eval(row["call"], namespace))


def test_a_call_that_says_nothing_is_told_apart():
    nothing = [False, np.bool_(False), None, "", [], math.nan, np.array([1.0, math.inf]), [0.0, math.nan], {}]
    assert not any(map(says_something, nothing))
    assert all(map(says_something, [True, 3, 0.5, "text", [1.0, 2.0], np.ones(3), {"a": 1.0}]))


@pytest.mark.parametrize("name", sorted({row["test"] for row in ROWS}))
def test_every_test_that_is_named_is_there(name):
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_idea_is_said_once():
    ideas = [row["idea"] for row in ROWS]
    assert len(set(ideas)) == len(ideas)
    assert len({row["call"] for row in ROWS}) == len(ideas)


# ── proofs ───────────────────────────────────────────────────────────────────────────────────────


def test_a_small_step_against_the_sign_of_each_derivative_lowers_the_loss():
    net = ng.example_network()
    before = ng.backward(net, [0.5], [1.0])
    for edge, slope in before.gradient.items():
        changed = net.copy()
        changed.edges[edge]["weight"] -= math.copysign(0.01, slope)
        after = ng.backward(changed, [0.5], [1.0]).loss
        assert slope != 0
        assert after < before.loss


def test_from_one_start_in_many_no_small_change_helps_and_another_start_does_better():
    """Both points are met by sin(wx) at w = 1; elsewhere there are valleys that are not so deep."""
    net = ng.mlp([1, 1], activation="sine", bias=False, seed=0)
    X, Y = [[1.0], [2.5]], [[math.sin(1.0)], [math.sin(2.5)]]
    options = {"epochs": 2000, "learning_rate": 0.05, "batch_size": 2, "scale": 4.0}
    runs = ng.restarts(net, X, Y, n=50, **options)
    stuck = runs.replay(int(np.flatnonzero(runs.losses > 0.1)[0]))
    (edge, weight), *_ = ng.weights(stuck).items()
    around = [weight - 0.01, weight, weight + 0.01]
    left, here, right = ng.loss_curve(stuck, X, Y, edge, weights=around).losses
    assert runs.losses.min() < 1e-9
    assert here > 0.1
    assert abs(ng.backward(stuck, X, Y).gradient[edge]) < 1e-9
    assert min(left, right) > here


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9, 1.0, 1.1])
def test_too_long_a_step_jumps_over_the_target_for_ever(rate):
    net = ng.theory.from_matrices([[[3.0]]], "identity", bias=False)
    history = ng.fit(net, [[1.0]], [[1.0]], learning_rate=rate, epochs=6)
    expected = [4.0 * (1 - 2 * rate) ** (2 * epoch) for epoch in range(6)]  # L = (w − 1)²
    assert history.losses == pytest.approx(expected, rel=1e-9, abs=1e-30)
    assert (history.losses[-1] < history.losses[0]) == (rate < 1)


@pytest.mark.parametrize(("weight", "length"), [(2.0, 30), (0.5, 30), (1.0, 7), (-3.0, 5)])
def test_along_a_chain_the_weights_multiply_into_the_gradient(weight, length):
    net = ng.theory.from_matrices([[[weight]]] * length, "identity", bias=False)
    trace = ng.backward(net, [1.0], [0.0])
    assert trace.loss == weight ** (2 * length)
    assert trace.gradient[1, 2] == 2 * weight**length * weight ** (length - 1)


def test_the_best_constant_is_the_mean_of_squares_and_the_median_of_distances():
    generator = np.random.default_rng(0)
    for samples in (1, 2, 5, 9):
        Y = generator.normal(size=(samples, 1)) ** 3
        net = ng.theory.from_matrices([[[0.0]]], "identity", bias=False)
        weights = [float(w) for w in {*Y[:, 0], Y.mean(), np.median(Y), *np.linspace(-3, 3, 41)}]
        best = {
            loss: min(ng.loss_curve(net, np.ones_like(Y), Y, (1, 2), weights=weights, loss=loss).losses)
            for loss in ("squared", "absolute")
        }
        assert best["squared"] == pytest.approx(((Y - Y.mean()) ** 2).mean(), rel=1e-12)
        assert best["absolute"] == pytest.approx(abs(Y - np.median(Y)).mean(), rel=1e-12)
