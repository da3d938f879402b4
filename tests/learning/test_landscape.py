"""Loss curves and surfaces: at every point what the walk says, and their slope is the gradient."""

import warnings

import numpy as np
import pytest
from comparing import apart
from oracles import targets_for
from strategies import SMOOTH, fingerprint, random_data, random_graphs

import neurograph as ng

BACKENDS = ("numpy", "numba", "walk")


def walked(net, X, Y, changed, loss="squared"):
    """The loss by the walk, with some weights changed."""
    copy = net.copy()
    for edge, weight in changed.items():
        copy.edges[edge]["weight"] = float(weight)
    return ng.backward(copy, X, Y, loss=loss).loss


def problems(seed, count, loss="squared"):
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    for net in random_graphs(
        seed, count, activations=SMOOTH, output_activations=outputs, saturating=False, frozen=True
    ):
        X, Y = random_data(generator, net, samples=4)
        edges = list(net.edges)
        picked = [edges[i] for i in generator.permutation(len(edges))[:2].tolist()]
        yield net, X, targets_for(loss, generator, Y.shape), picked


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss", ng.LOSSES)
def test_a_curve_is_the_walk_s_loss_at_each_of_its_points(loss, backend):
    for net, X, Y, (edge, *_) in problems(51, 8, loss):
        before = fingerprint(net)
        curve = ng.loss_curve(net, X, Y, edge, points=5, span=2.0, loss=loss, backend=backend)
        assert fingerprint(net) == before
        expected = [walked(net, X, Y, {edge: weight}, loss) for weight in curve.weights]
        assert apart(curve.losses, expected)[0] <= 1e-12
        assert curve.loss == pytest.approx(walked(net, X, Y, {}, loss), rel=1e-12)
        assert curve.weight == net.edges[edge]["weight"]
        assert curve.slope == pytest.approx(
            ng.backward(net, X, Y, loss=loss).gradient[edge], rel=1e-9, abs=1e-14
        )


def test_its_slope_at_today_s_weight_is_the_gradient():
    h, checked = 1e-5, 0
    for net, X, Y, edges in problems(52, 40):
        gradient = ng.backward(net, X, Y).gradient
        for edge in edges:
            now = net.edges[edge]["weight"]
            low, high = ng.loss_curve(net, X, Y, edge, weights=[now - h, now + h]).losses
            scale = 1.0 + abs(gradient[edge]) + abs(low)
            assert abs((high - low) / (2 * h) - gradient[edge]) <= 1e-6 * scale
            checked += abs(gradient[edge]) > 1e-3
    assert checked > 40


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_surface_is_the_walk_s_loss_at_each_pair_of_weights(backend):
    compared = 0
    for net, X, Y, edges in problems(53, 10):
        if len(edges) < 2:
            continue
        axes = [-1.0, 0.5, 2.0], [0.25, -0.75]
        surface = ng.loss_surface(net, X, Y, *edges, weights=axes, backend=backend)
        assert surface.losses.shape == (3, 2)
        assert [axis.tolist() for axis in surface.weights] == [list(axis) for axis in axes]
        assert surface.edges == tuple(edges)
        expected = [
            [walked(net, X, Y, dict(zip(edges, (a, b), strict=True))) for b in axes[1]] for a in axes[0]
        ]
        assert apart(surface.losses.ravel(), np.ravel(expected))[0] <= 1e-12
        assert surface.weight == tuple(net.edges[edge]["weight"] for edge in edges)
        assert surface.loss == pytest.approx(walked(net, X, Y, {}), rel=1e-12)
        compared += 1
    assert compared > 5


def test_a_row_of_a_surface_is_a_curve():
    net = ng.example_network()
    surface = ng.loss_surface(net, [[0.5]], [[1.0]], (4, 6), (6, 9), points=9, span=3.0)
    for i, weight in enumerate(surface.weights[0]):
        net.edges[4, 6]["weight"] = float(weight)
        curve = ng.loss_curve(net, [[0.5]], [[1.0]], (6, 9), weights=surface.weights[1])
        assert curve.losses.tolist() == surface.losses[i].tolist()


def test_more_points_than_lanes_are_measured_in_parts(monkeypatch):
    whole = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6), points=50)
    monkeypatch.setattr("neurograph.learning.landscape._LANES", 7)
    parts = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6), points=50)
    assert parts.losses.tolist() == whole.losses.tolist()


def test_the_axis_is_centred_on_today_s_weight():
    curve = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6), points=3, span=2.0)
    assert curve.weights.tolist() == [-2.25, -0.25, 1.75]
    assert curve.losses[1] == curve.loss
    assert len(ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6)).weights) == 201


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_loss_that_is_not_finite_is_nan_and_the_rest_is_told(backend):
    net = ng.mlp([1, 1, 1], activation="identity", output_activation="identity", bias=False, seed=0)
    first, second = net.edges
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve = ng.loss_curve(net, [[1e10]], [[0.0]], first, weights=[1e300, 0.0, 1e200], backend=backend)
        assert np.isnan(curve.losses).tolist() == [True, False, True]
        assert "lowest 0 at 0" in str(curve)
        nowhere = ng.loss_curve(net, [[1e10]], [[0.0]], first, weights=[1e300], backend=backend)
        assert str(nowhere).endswith("nowhere finite")
        surface = ng.loss_surface(net, [[1e10]], [[0.0]], first, second, weights=([1e300], [1.0]))
        assert str(surface).endswith("1 × 1: nowhere finite")
        net.edges[first]["weight"] = 1e300
        stranded = ng.loss_curve(net, [[1e10]], [[0.0]], first, weights=[0.0], backend=backend)
        assert np.isnan([stranded.loss, stranded.slope]).all()


def test_both_tell_their_lowest_point():
    net = ng.mlp([1, 1], activation="identity", output_activation="identity", bias=False)
    (edge,) = net.edges
    curve = ng.loss_curve(net, [[1.0]], [[2.0]], edge, weights=[0.0, 1.0, 2.0, 3.0])  # (w − 2)²
    assert curve.losses.tolist() == [4.0, 1.0, 0.0, 1.0]
    assert str(curve).startswith(f"loss by w({edge[0]} → {edge[1]}) from 0 to 3: lowest 0 at 2, now ")
    surface = ng.loss_surface(
        ng.example_network(), [[0.5]], [[1.0]], (4, 6), (6, 9), weights=([0.0, 1.0], [5.0])
    )
    assert str(surface).startswith("loss by w(4 → 6) and w(6 → 9), 2 × 1: lowest ")


BAD = (
    *({"edge": edge} for edge in ((4, 99), (6, 4), (4,), "46x", None, 4, ([4], [6]), (4, 6, 9))),
    *({"span": span} for span in (0, -1.0, float("nan"), float("inf"), 1.7e308, "5")),
    *({"points": points} for points in (1, 0, 2.5, None)),
    *({"weights": weights} for weights in ([], ["1"], [float("nan")], 3, [[1.0]], "12", [True], [1e400])),
    {"loss": "square"},
    {"backend": "nunba"},
)


@pytest.mark.parametrize("options", BAD, ids=str)
def test_a_bad_argument_is_refused_with_its_fix(options):
    net, given = ng.example_network(), {"edge": (4, 6)} | options
    edge = given.pop("edge")
    with pytest.raises(ng.NeurographError) as caught:
        ng.loss_curve(net, [[0.5]], [[1.0]], edge, **given)
    assert caught.value.fix


@pytest.mark.parametrize("weights", [[1.0], ([1.0],), ([1.0], []), "ab", 3, ([1.0], None, [2.0])])
def test_a_surface_wants_a_pair_of_axes_and_two_edges(weights):
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match="weights"):
        ng.loss_surface(net, [[0.5]], [[1.0]], (4, 6), (6, 9), weights=weights)
    with pytest.raises(ng.OptionError, match="another edge than the first"):
        ng.loss_surface(net, [[0.5]], [[1.0]], (4, 6), (4, 6))


def test_weights_in_any_order_are_told_in_rising_order():
    net = ng.example_network()
    text = str(ng.loss_curve(net, [[0.5]], [[1.0]], (4, 6), weights=[2.0, -1.0, 0.0]))
    assert text.startswith("loss by w(4 → 6) from −1 to 2: ")
    sorted_text = str(ng.loss_curve(net, [[0.5]], [[1.0]], (4, 6), weights=[-1.0, 0.0, 2.0]))
    assert text == sorted_text
