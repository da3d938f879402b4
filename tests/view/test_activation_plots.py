"""Pictures of activations: functions and derivatives as formulas say, with gaps where they jump."""

import math

import numpy as np
import pytest
from plotted import legend, line, new_axes

import neurograph as ng

FORMULAS = {  # function and derivative, written once more
    "identity": (lambda z: z, lambda z: 1.0),
    "logistic": (lambda z: 1 / (1 + math.exp(-z)), lambda z: 1 / (2 + math.exp(z) + math.exp(-z))),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "elu": (lambda z: z if z > 0 else math.exp(z) - 1, lambda z: 1.0 if z > 0 else math.exp(z)),
    "softplus": (lambda z: math.log(1 + math.exp(z)), lambda z: 1 / (1 + math.exp(-z))),
    "silu": (
        lambda z: z / (1 + math.exp(-z)),
        lambda z: 1 / (1 + math.exp(-z)) + z / (2 + math.exp(z) + math.exp(-z)),
    ),
    "gelu": (
        lambda z: z * math.erfc(-z / math.sqrt(2)) / 2,
        lambda z: (
            math.erfc(-z / math.sqrt(2)) / 2 + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        ),
    ),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: (1 + abs(z)) ** -2),
    "hard_tanh": (lambda z: min(max(z, -1.0), 1.0), lambda z: float(-1 < z < 1)),
    "sine": (math.sin, math.cos),
    "gaussian": (lambda z: math.exp(-z * z), lambda z: -2 * z * math.exp(-z * z)),
    "step": (lambda z: float(z >= 0), lambda z: 0.0),
    "sign": (lambda z: math.copysign(1.0, z), lambda z: 0.0),
}  # fmt: skip


def test_every_activation_of_the_table_is_drawn_with_its_derivative_in_a_panel_of_its_own():
    panels = ng.plot_activations()
    names = [axes.get_title() for axes in panels]
    assert names == list(ng.ACTIVATIONS)
    assert set(FORMULAS) <= set(names)
    for axes in panels[: len(FORMULAS)]:
        for label, formula in zip(("function", "derivative"), FORMULAS[axes.get_title()], strict=True):
            z, y = (np.array(numbers) for numbers in line(axes, label))
            there = ~np.isnan(z)
            expected = [formula(number) for number in z[there].tolist()]
            assert y[there] == pytest.approx(expected, rel=1e-9, abs=1e-12), axes.get_title()
            assert np.isnan(y[~there]).all()
            assert there.sum() > 700
    assert (panels[0].get_xlim(), len(panels[0].figure.axes)) == ((-4.0, 4.0), len(names))
    (key,) = panels[0].figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["function", "derivative"]


def test_lines_break_where_a_function_or_its_derivative_jumps():
    for name, kinks in (("step", [0.0]), ("hard_tanh", [-1.0, 1.0]), ("relu", [0.0]), ("tanh", [])):
        (axes,) = ng.plot_activations([name])
        z, _ = line(axes, "function")
        gaps = [k for k, number in enumerate(z) if math.isnan(number)]
        assert [round((z[k - 1] + z[k + 1]) / 2, 12) for k in gaps] == kinks
        assert all(z[k + 1] - z[k - 1] < 1e-12 for k in gaps)


def test_any_subset_goes_into_axes_that_are_given():
    axes = new_axes()
    assert ng.plot_activations(["relu", "tanh"], span=2.0, axes=axes) is axes
    assert legend(axes) == ["relu", "tanh"]
    (z, y), colours = line(axes, "tanh"), [found.get_color() for found in axes.get_lines()]
    assert y == pytest.approx([math.tanh(number) for number in z], rel=1e-12)
    assert (min(z), max(z)) == (-2.0, 2.0)
    assert len(colours) == 4
    assert len(set(colours)) == 2
