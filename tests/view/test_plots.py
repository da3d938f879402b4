"""Pictures: the numbers in them are the report's, and matplotlib is imported only to draw."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

import neurograph as ng

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]


@pytest.fixture(autouse=True)
def no_window():
    """Draw into memory, and close what is drawn."""
    import matplotlib as mpl

    mpl.use("agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def some_restarts(**options):
    net = ng.mlp([2, 3, 1], activation="leaky_relu", output_activation="identity", seed=0)
    return ng.restarts(net, X, Y, **({"n": 60, "epochs": 60, "learning_rate": 0.5, "scale": 1.5} | options))


def test_restarts_are_drawn_sorted_and_those_without_a_loss_are_counted():
    runs = some_restarts()
    assert 0 < len(runs.diverged) < 60
    axes = ng.plot_restarts(runs)
    (line,) = axes.get_lines()
    drawn = line.get_ydata()
    assert drawn.tolist() == sorted(loss for loss in runs.losses.tolist() if loss == loss)
    assert line.get_xdata().tolist() == list(range(1, len(drawn) + 1))
    assert axes.get_title() == f"60 restarts, {len(runs.diverged)} without a loss"
    assert axes.get_xlabel()
    assert axes.get_ylabel() == "final loss"


def test_beside_the_curve_they_are_counted_on_the_same_scale():
    runs = some_restarts()
    axes = ng.plot_restarts(runs, bins=7)
    _, beside = axes.figure.axes
    finite = runs.losses[np.isfinite(runs.losses)]
    counts, ends = np.histogram(finite, 7)
    assert [bar.get_width() for bar in beside.patches] == counts.tolist()
    assert [bar.get_y() for bar in beside.patches] == pytest.approx(ends[:-1].tolist())
    assert beside.get_ylim() == axes.get_ylim()


def assert_inside(figure):
    """All that is drawn lies in the figure, and no axes lie over others."""
    figure.canvas.draw()
    boxes = [axes.get_window_extent() for axes in figure.axes]
    drawn = figure.get_tightbbox()
    assert 0 <= drawn.x0 < drawn.x1 <= figure.get_figwidth()
    assert 0 <= drawn.y0 < drawn.y1 <= figure.get_figheight()
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_a_new_figure_has_room_for_both():
    axes = ng.plot_restarts(some_restarts(n=3, learning_rate=0.01))
    assert axes.get_title() == "3 restarts"
    assert_inside(axes.figure)


def test_they_are_drawn_on_the_axes_that_are_given():
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    assert ng.plot_restarts(some_restarts(n=3, learning_rate=0.01), axes=right) is right
    assert not left.get_lines()
    assert np.isfinite(right.get_lines()[0].get_ydata()).all()
    assert_inside(figure)


def test_equal_losses_are_drawn_too():
    net = ng.mlp([1, 1], activation="identity", seed=0)
    ng.freeze(net)
    axes = ng.plot_restarts(ng.restarts(net, [[1.0]], [[2.0]], n=5, epochs=1))
    axes.figure.canvas.draw()
    assert sum(bar.get_width() for bar in axes.figure.axes[-1].patches) == 5


@pytest.mark.parametrize(
    ("options", "where"), [({"runs": [0.1]}, "runs"), ({"axes": "ax"}, "axes"), ({"bins": 0}, "bins")]
)
def test_a_bad_argument_is_refused_with_its_fix(options, where):
    given = {"runs": some_restarts(n=2, learning_rate=0.01)} | options
    with pytest.raises(ng.OptionError) as caught:
        ng.plot_restarts(given.pop("runs"), **given)
    assert (caught.value.where, bool(caught.value.fix)) == (where, True)


def test_without_matplotlib_the_command_that_installs_it_is_told(monkeypatch):
    runs = some_restarts(n=2, learning_rate=0.01)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ng.MissingExtraError, match=r"pip install 'neurograph-sim\[notebook\]'"):
        ng.plot_restarts(runs)


def test_importing_the_pictures_does_not_import_matplotlib():
    code = "import sys, neurograph; neurograph.plot_restarts; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
