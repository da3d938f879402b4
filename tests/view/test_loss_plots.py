"""Pictures of the loss by one weight and by two: the walk's loss at each place, its gradient as tangent."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from plotted import legend

import neurograph as ng


def walked(net, *changes, points):
    """The loss by the walk, with some weights changed."""
    copy = net.copy()
    for edge, weight in changes:
        copy.edges[edge]["weight"] = float(weight)
    return ng.backward(copy, *points).loss


def test_a_loss_curve_is_the_walk_s_loss_with_its_tangent_where_the_network_stands():
    net = ng.example_network()
    points = [[0.5], [-1.0]], [[1.0], [0.0]]
    curve = ng.loss_curve(net, *points, (4, 6), points=9)
    axes = ng.plot_loss_curve(curve)
    weights, losses = (axes.get_lines()[0].get_xdata(), axes.get_lines()[0].get_ydata())
    expected = [walked(net, ((4, 6), weight), points=points) for weight in weights]
    assert losses == pytest.approx(expected, rel=1e-12)
    assert np.ptp(weights) == 10.0
    trace = ng.backward(net, *points)
    marks = dict(zip(legend(axes), axes.get_lines()[1:], strict=True))
    lowest, tangent, now = marks.values()
    assert [text.split(":")[0] for text in marks] == ["lowest", "slope there", "now"]
    assert now.get_xdata()[0] == -0.25
    assert now.get_ydata()[0] == pytest.approx(trace.loss, rel=1e-12)
    assert lowest.get_ydata()[0] == min(losses)
    x, y = tangent.get_xdata(), tangent.get_ydata()
    assert np.diff(y) / np.diff(x) == pytest.approx(trace.gradient[4, 6], rel=1e-9)
    assert np.interp(-0.25, x, y) == pytest.approx(trace.loss, rel=1e-12)
    assert axes.get_title() == "Loss by the weight of 4 → 6"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("w(4 → 6)", "loss")


def test_the_tangent_does_not_change_what_part_of_the_curve_is_seen():
    curve = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6))
    steep = ng.LossCurve(curve.edge, curve.weights, curve.losses, curve.weight, curve.loss, 1e6)
    low, high = ng.plot_loss_curve(steep).get_ylim()
    height = np.ptp(curve.losses)
    assert curve.losses.min() - 0.2 * height < low < high < curve.losses.max() + 0.2 * height


def test_what_a_curve_does_not_know_is_not_drawn():
    curve = ng.LossCurve((1, 2), np.array([2.0, 1.0]), np.array([np.nan, 3.0]), 1.0, 3.0)
    axes = ng.plot_loss_curve(curve, log=True)
    assert axes.get_lines()[0].get_xdata().tolist() == [1.0, 2.0]
    assert legend(axes) == ["lowest: 3 at 1", "now: 3 at 1"]
    nowhere = ng.LossCurve((1, 2), np.array([1.0]), np.array([np.nan]), math.nan, math.nan)
    axes = ng.plot_loss_curve(nowhere)
    assert axes.get_legend() is None
    axes.figure.canvas.draw()


@pytest.mark.parametrize("log", [False, True])
def test_a_loss_surface_has_in_each_cell_the_walk_s_loss_with_both_weights(log):
    net = ng.example_network()
    surface = ng.loss_surface(
        net, [[0.5]], [[1.0]], (4, 6), (6, 9), weights=([2.0, -1.0, 0.5, 2.0], [0.25, -0.75, 3.0])
    )
    axes = ng.plot_loss_surface(surface, log=log)
    mesh = axes.collections[0]
    cells = np.asarray(mesh.get_array())
    assert cells.shape == (3, 3)
    for j, second in enumerate((-0.75, 0.25, 3.0)):
        for i, first in enumerate((-1.0, 0.5, 2.0)):
            expected = walked(net, ((4, 6), first), ((6, 9), second), points=([[0.5]], [[1.0]]))
            assert cells[j, i] == pytest.approx(expected, rel=1e-12)
    corners = mesh.get_coordinates()
    assert corners[0, :, 0].tolist() == [-1.75, -0.25, 1.25, 2.75]
    assert corners[:, 0, 1].tolist() == [-1.25, -0.25, 1.625, 4.375]
    lowest, now = axes.get_lines()
    assert (now.get_xdata()[0], now.get_ydata()[0]) == (-0.25, 0.8)
    j, i = np.unravel_index(cells.argmin(), cells.shape)
    assert lowest.get_xdata()[0] == (-1.0, 0.5, 2.0)[i]
    assert lowest.get_ydata()[0] == (-0.75, 0.25, 3.0)[j]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("w(4 → 6)", "w(6 → 9)")
    assert axes.figure.axes[1].get_ylabel() == "loss"


@pytest.mark.parametrize(
    ("weights", "losses"),
    [
        (([0.0], [1.0]), [[0.5]]),
        (([0.0], [1.0]), [[np.nan]]),
        (([0.0, 1.0], [1.0, 2.0]), [[0.5, 0.5], [0.5, 0.5]]),
        (([0.0, 1.0], [1.0, 2.0]), [[0.0, np.nan], [1e-100, 1e100]]),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_an_odd_surface_is_drawn_too(weights, losses, log):
    surface = ng.LossSurface(((1, 3), (2, 3)), tuple(np.array(axis) for axis in weights), np.array(losses))
    axes = ng.plot_loss_surface(surface, log=log)
    assert axes.collections[0].get_array().shape == (len(weights[1]), len(weights[0]))
    axes.figure.canvas.draw()


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("rows", [1, 2])
def test_the_legend_covers_no_part_of_a_curve_that_is_high_on_both_sides(rows, log):
    weights = np.linspace(-3, 3, 201)
    curve = ng.LossCurve((1, 2), weights, 1 - 0.9 * np.exp(-(weights**2)), 0.0, 0.1, 0.0)
    figure, panels = plt.subplots(rows, rows, layout="constrained", squeeze=False)
    axes = ng.plot_loss_curve(curve, log=log, axes=panels[0, 0])
    figure.canvas.draw()
    words = axes.get_legend().get_window_extent()
    drawn = axes.transData.transform(np.column_stack([weights, curve.losses]))
    beside = (drawn[:, 0] > words.x0) & (drawn[:, 0] < words.x1)
    assert beside.sum() > 20
    assert drawn[beside, 1].max() < words.y0
