"""Pictures: the numbers in them are the report's, and matplotlib is imported only to draw."""

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
    from neurograph.view.plots import plot_restarts

    runs = some_restarts()
    assert 0 < len(runs.diverged) < 60
    axes = plot_restarts(runs)
    (line,) = axes.get_lines()
    drawn = line.get_ydata()
    assert drawn.tolist() == sorted(loss for loss in runs.losses.tolist() if loss == loss)
    assert line.get_xdata().tolist() == list(range(1, len(drawn) + 1))
    assert axes.get_title() == f"60 restarts, {len(runs.diverged)} without a loss"
    assert axes.get_xlabel()
    assert axes.get_ylabel() == "final loss"


def test_they_are_drawn_on_the_axes_that_are_given():
    from matplotlib import pyplot

    from neurograph.view.plots import plot_restarts

    _, (left, right) = pyplot.subplots(1, 2)
    runs = some_restarts(n=3, learning_rate=0.01)
    assert plot_restarts(runs, axes=right) is right
    assert not left.get_lines()
    assert np.isfinite(right.get_lines()[0].get_ydata()).all()
    right.figure.canvas.draw()


def test_without_matplotlib_the_command_that_installs_it_is_told(monkeypatch):
    from neurograph.view.plots import plot_restarts

    runs = some_restarts(n=2, learning_rate=0.01)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ng.MissingExtraError, match=r"pip install 'neurograph-sim\[notebook\]'"):
        plot_restarts(runs)


def test_importing_the_pictures_does_not_import_matplotlib():
    code = "import sys, neurograph.view.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
