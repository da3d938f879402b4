"""Pictures of trainings: each epoch, each restart and each bar at its place."""

from itertools import pairwise

import pytest
from plotted import legend, line, new_axes

import neurograph as ng

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]


def test_a_history_is_drawn_epoch_by_epoch():
    history = ng.History([0.4, 0.2, 0.1], [0.5, 0.5, 0.5], "finished", [0.5, 0.3, 0.25])
    axes = ng.plot_history(history)
    assert line(axes, "training") == ([1, 2, 3], [0.4, 0.2, 0.1])
    assert line(axes, "validation") == ([1, 2, 3], [0.5, 0.3, 0.25])
    assert axes.get_title() == "3 epochs: loss 0.4 → 0.1"
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "loss", "linear")
    assert legend(axes) == ["training", "validation"]


def test_the_learning_rate_is_drawn_where_it_changes_and_only_there():
    net = ng.mlp([2, 2, 1], seed=0)
    axes = ng.plot_history(ng.fit(net, X, Y, epochs=4, learning_rate=ng.StepDecay(0.8, factor=0.5, every=2)))
    (twin,) = [other for other in axes.figure.axes if other is not axes]
    assert line(twin, "learning rate") == ([1, 2, 3, 4], [0.8, 0.8, 0.4, 0.4])
    assert twin.get_ylabel() == "learning rate"
    assert legend(axes) == ["training", "learning rate"]
    steady = ng.plot_history(ng.fit(net, X, Y, epochs=4))
    assert steady.figure.axes == [steady]
    assert steady.get_legend() is None


def test_losses_can_be_drawn_on_a_logarithmic_scale():
    axes = ng.plot_history(ng.History([1.0, 0.01, 0.0], [0.1] * 3), log=True)
    assert axes.get_yscale() == "log"
    axes.figure.canvas.draw()


@pytest.mark.parametrize(
    ("history", "title"),
    [
        (ng.History(), "No epoch finished"),
        (ng.History([0.5], [0.1]), "1 epoch: loss 0.5 → 0.5"),
        (ng.History([0.5, 0.25], [0.1] * 2, "interrupted"), "2 epochs: loss 0.5 → 0.25, interrupted"),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_a_short_history_is_drawn_too(history, title, log):
    axes = ng.plot_history(history, log=log)
    assert axes.get_title() == title
    axes.figure.canvas.draw()


def some_restarts(**options):
    net = ng.mlp([2, 3, 1], activation="leaky_relu", output_activation="identity", seed=0)
    return ng.restarts(net, X, Y, **({"n": 60, "epochs": 60, "learning_rate": 0.5, "scale": 1.5} | options))


def test_restarts_are_drawn_sorted_and_those_without_a_loss_are_counted():
    runs = some_restarts()
    assert 0 < len(runs.diverged) < 60
    axes = ng.plot_restarts(runs)
    curve, best = axes.get_lines()
    drawn = curve.get_ydata()
    assert drawn.tolist() == sorted(loss for loss in runs.losses.tolist() if loss == loss)
    assert curve.get_xdata().tolist() == list(range(1, len(drawn) + 1))
    assert (best.get_xdata().tolist(), best.get_ydata().tolist()) == ([1], [min(drawn)])
    assert axes.get_title() == f"60 restarts, {len(runs.diverged)} without a loss"
    assert axes.get_xlabel()
    assert axes.get_ylabel() == "final loss"


@pytest.mark.parametrize("log", [False, True])
def test_the_histogram_counts_the_losses_between_the_ends_of_each_bar(log):
    runs = some_restarts(learning_rate=0.05)
    axes = ng.plot_restarts(runs, log=log, bins=7)
    (beside,) = [other for other in axes.figure.axes if other is not axes]
    assert axes.get_shared_y_axes().joined(axes, beside)
    assert len(beside.patches) == 7
    counted = 0
    for k, bar in enumerate(beside.patches):
        low, high = bar.get_y(), bar.get_y() + bar.get_height()
        last = k == 6
        inside = [low <= loss < high or (last and loss >= low) for loss in runs.losses]
        assert abs(bar.get_width() - sum(inside)) <= 1  # one at the very end of a bar may be rounded over it
        counted += bar.get_width()
    assert counted == 60
    heights = [bar.get_height() for bar in beside.patches]
    ratios = [b / a for a, b in pairwise(heights)]
    assert max(ratios) == pytest.approx(min(ratios))
    assert (max(ratios) > 1.01) == log


def test_restarts_with_one_loss_have_one_bar():
    runs = some_restarts(n=1, learning_rate=0.01)
    axes = ng.plot_restarts(runs)
    assert axes.get_title() == "1 restart"
    (bar,) = axes.figure.axes[1].patches
    assert bar.get_width() == 1
    assert bar.get_y() < runs.losses[0] < bar.get_y() + bar.get_height()
    axes.figure.canvas.draw()


def test_the_histogram_takes_its_place_from_the_axes_that_were_given():
    from matplotlib import pyplot

    left, right = new_axes(2)
    before = right.get_position().bounds
    assert ng.plot_restarts(some_restarts(n=3, learning_rate=0.01), axes=right) is right
    free = pyplot.figure().add_axes((0.1, 0.2, 0.5, 0.6))
    assert ng.plot_restarts(some_restarts(n=3, learning_rate=0.01), axes=free) is free
    assert not left.get_lines()
    for axes, (start, _, width, _) in ((right, before), (free, (0.1, 0.2, 0.5, 0.6))):
        beside = axes.figure.axes[-1]
        assert axes.get_position().x0 == pytest.approx(start)
        assert beside.get_position().x1 == pytest.approx(start + width)
        assert axes.get_position().x1 < beside.get_position().x0
        axes.figure.canvas.draw()
