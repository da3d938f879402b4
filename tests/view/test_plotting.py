"""What holds for all pictures: axes that are given, words that are only words, errors that say what to do."""

import math
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from plotted import new_axes, words

import neurograph as ng

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]

NAME = r"$\frac{a}{$ 50% _{x}^"


def named(name, *, inputs=1):
    net = nx.DiGraph()
    for k in range(inputs):
        ng.add_input(net, f"{name}{k}")
    ng.add_output(net, name, activation="tanh")
    for k in range(inputs):
        ng.connect(net, f"{name}{k}", name, weight=0.5 - k)
    return net


def pictures(name="plain"):
    """Draw every picture once, with a network whose neurons have this name."""
    net, wide = named(name), named(name, inputs=2)
    points = [[0.5], [1.0]], [[1.0], [0.0]]
    edges = list(wide.edges)
    yield lambda **axes: ng.plot_history(ng.History([0.5, 0.25], [0.5, 0.25]), **axes)
    yield lambda **axes: ng.plot_restarts(ng.restarts(net, *points, n=5, epochs=2), **axes)
    yield lambda **axes: ng.plot_loss_curve(ng.loss_curve(net, *points, *net.edges), **axes)
    yield lambda **axes: ng.plot_loss_surface(ng.loss_surface(wide, [[0.5, 1.0]], [[1.0]], *edges), **axes)
    yield lambda **axes: ng.plot_decision_surface(net, *points, **axes)
    yield lambda **axes: ng.plot_decision_surface(wide, X, Y, **axes)
    yield lambda **axes: ng.plot_decision_surface(ng.mlp([2, 3], seed=0), X, np.eye(4)[:, :3], **axes)
    yield lambda **axes: ng.plot_activations(["tanh", "step"], **axes)


def test_every_picture_is_drawn_on_the_axes_that_are_given_and_returns_them():
    for draw in pictures():
        left, right = new_axes(2)
        assert draw(axes=right) is right
        assert right.lines or right.collections
        assert not left.lines
        assert not left.collections
        right.figure.canvas.draw()


def test_every_picture_says_what_it_shows_and_what_its_axes_measure():
    for draw in pictures():
        axes = draw(axes=new_axes())
        assert all([axes.get_title(), axes.get_xlabel(), axes.get_ylabel()])


def test_a_label_with_the_signs_of_formulas_is_drawn_as_it_is():
    broken = new_axes()
    broken.set_title(NAME)
    with pytest.raises(ValueError, match=r"(?i)expected|parse"):  # what a naive title does
        broken.figure.canvas.draw()
    named = 0
    for draw in pictures(name=NAME):
        axes = np.ravel(draw())[0]
        texts = words(axes)
        named += any(r"\frac" in text.get_text() for text in texts)
        assert not any(text.get_parse_math() for text in texts if "$" in text.get_text())
        axes.figure.canvas.draw()
    assert named == 4


def test_no_word_of_ours_is_given_to_tex():
    import matplotlib as mpl

    with mpl.rc_context({"text.usetex": True}):
        for draw in pictures(name=NAME):
            axes = np.ravel(draw())[0]
            assert len(words(axes)) >= 3
            assert not [text.get_text() for text in words(axes) if text.get_usetex()]


BAD = [
    lambda: ng.plot_history([0.5, 0.25]),
    lambda: ng.plot_history(ng.History(), log="yes"),
    lambda: ng.plot_history(ng.History(), axes=3),
    lambda: ng.plot_history(ng.History(), axes=new_axes(2)),
    lambda: ng.plot_restarts([0.5]),
    lambda: ng.plot_restarts(ng.restarts(named("a"), [[0.5]], [[1.0]], n=2, epochs=1), bins=0),
    lambda: ng.plot_loss_curve(None),
    lambda: ng.plot_loss_surface(ng.loss_curve(named("a"), [[0.5]], [[1.0]], ("a0", "a"))),
    lambda: ng.plot_decision_surface(nx.DiGraph()),
    lambda: ng.plot_decision_surface(named("a", inputs=3)),
    lambda: ng.plot_decision_surface(named("a"), [[1.0, 2.0]]),
    lambda: ng.plot_decision_surface(named("a"), [[1.0]], [[1.0], [2.0]]),
    lambda: ng.plot_decision_surface(named("a"), None, [[1.0]]),
    lambda: ng.plot_decision_surface(named("a"), np.empty((0, 1))),
    lambda: ng.plot_decision_surface(named("a"), output="b"),
    lambda: ng.plot_decision_surface(named("a"), points=1),
    lambda: ng.plot_decision_surface(named("a"), bounds=[(1, 1)]),
    lambda: ng.plot_decision_surface(named("a"), bounds=(0, 1)),
    lambda: ng.plot_decision_surface(named("a"), bounds=[(0, math.nan)]),
    lambda: ng.plot_decision_surface(named("a"), bounds=5),
    lambda: ng.plot_decision_surface(ng.mlp([2, 9])),
    lambda: ng.plot_activations(["tan"]),
    lambda: ng.plot_activations("tanh"),
    lambda: ng.plot_activations([]),
    lambda: ng.plot_activations([3]),
    lambda: ng.plot_activations(span=0),
]


@pytest.mark.parametrize("draw", BAD)
def test_a_bad_argument_is_refused_with_its_fix(draw):
    with pytest.raises(ng.NeurographError) as caught:
        draw()
    assert caught.value.fix


def test_without_matplotlib_the_command_that_installs_it_is_told(monkeypatch):
    drawers = list(pictures())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in drawers:
        with pytest.raises(ng.MissingExtraError, match=r"pip install 'neurograph-sim\[notebook\]'"):
            draw()


def test_importing_the_pictures_does_not_import_matplotlib():
    code = "import sys, neurograph as ng; ng.plot_history; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
