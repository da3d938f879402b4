"""Pictures of the table of activations: each function with its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from neurograph.engine.lanes import Array
from neurograph.functions import ACTIVATIONS, Activation
from neurograph.functions.activations import Function
from neurograph.options import bad_option, require_name, require_number
from neurograph.view.plotting import (
    BLUE,
    COLOURS,
    ORANGE,
    PLAIN,
    add_grid,
    add_legend,
    describe,
    given_or_new,
    make_plain,
    pyplot,
)

_POINTS = 801
_COLUMNS = 5


def plot_activations(names: Sequence[str] | None = None, *, span: float = 4.0, axes: Any = None) -> Any:
    """Draw activations, solid, and their derivatives, dashed.

    Parameters
    ----------
    names : sequence of str, optional
        Names of the table :data:`neurograph.ACTIVATIONS`; all of them without it.
    span : float
        How far z goes on both sides of 0.
    axes : matplotlib.axes.Axes, optional
        Where to draw all of them, each in a colour of its own. Without it each has a panel of its own in
        a new figure.

    Returns
    -------
    matplotlib.axes.Axes, or an array of them
        What was given, or the panels, one for each name.

    Raises
    ------
    OptionError
        If a name is not in the table, or an argument is something else.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> left, right = ng.plot_activations(["tanh", "relu"])
    >>> right.get_title()
    'relu'
    """
    rows = [ACTIVATIONS[name] for name in _checked(names)]
    require_number("span", span, low=0.0, high=1e6, above=True)
    if axes is None:
        return _draw_panels(rows, span)
    axes = given_or_new(axes)
    describe(axes, "Activations (solid) and their derivatives (dashed)", "weighted sum z", "value, slope")
    add_grid(axes)
    for k, row in enumerate(rows):
        colour = COLOURS[k % len(COLOURS)]
        _draw(axes, row, span, (colour, colour), (row.name, "_"))
    add_legend(axes, loc="upper left")
    return axes


def _checked(names: Any) -> list[str]:
    if names is None:
        return list(ACTIVATIONS)
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise bad_option("names", names, "a list of names of activations")
    return [require_name("activation", name, ACTIVATIONS, "unknown-activation") for name in names]


def _draw_panels(rows: list[Activation], span: float) -> Any:
    """Draw each function in a panel of its own, on scales that all share."""
    columns = min(_COLUMNS, len(rows))
    lines = -(-len(rows) // columns)
    size = (max(2.1 * columns, 4.2), 2.0 * lines + 0.6)
    figure, grid = pyplot().subplots(
        lines, columns, figsize=size, layout="constrained", sharex=True, sharey=True, squeeze=False
    )
    panels = grid.ravel()[: len(rows)]
    for spare in grid.ravel()[len(rows) :]:
        spare.set_visible(False)
    for axes, row in zip(panels, rows, strict=True):
        describe(axes, row.name, "", "")
        add_grid(axes)
        drawn = _draw(axes, row, span, (BLUE, ORANGE), ("function", "derivative"))
    low, high = _heights(panels)
    panels[0].set(xlim=(-span, span), ylim=(low, high))
    figure.supxlabel("weighted sum z", fontsize="medium", **PLAIN)
    make_plain(figure.legend(handles=drawn, loc="outside upper center", ncols=2, frameon=False))
    return panels


def _heights(panels: Any) -> tuple[float, float]:
    """Return what heights to show: all of most functions; those that grow leave the picture at its top."""
    heights = np.concatenate([line.get_ydata() for axes in panels for line in axes.get_lines()])
    low, high = max(float(np.nanmin(heights)), -1.5), min(float(np.nanmax(heights)), 2.5)
    return low - 0.15, high + 0.15


def _draw(axes: Any, row: Activation, span: float, colours: tuple[str, str], labels: tuple[str, str]) -> Any:
    """Draw a function and its derivative, both broken where they may jump."""
    z = sample_points(row, span)
    how = {"color": colours[1], "linestyle": (0, (4, 1.5)), "label": labels[1], "linewidth": 1.4}
    slopes = axes.plot(z, _broken(row.derivative, z), **how)
    values = axes.plot(z, _broken(row, z), color=colours[0], label=labels[0], linewidth=1.8)
    return [*values, *slopes]


def _broken(function: Function, z: Array) -> Array:
    """Compute a function where z is a number, and leave the gaps open."""
    gaps = np.isnan(z)
    return np.where(gaps, np.nan, function(np.where(gaps, 0.0, z)))


def sample_points(row: Activation, span: float) -> Array:
    """Return where to draw a function: evenly from −span to span, NaN at each kink, for a line to break.

    >>> sample_points(ACTIVATIONS["relu"], 1.0)[400:403].tolist()
    [-5e-324, nan, 5e-324]
    """
    z = np.linspace(-span, span, _POINTS)
    kinks = sorted(kink for kink in row.kinks if abs(kink) < span)
    parts: list[Any] = []
    for low, high in pairwise([-np.inf, *kinks, np.inf]):
        between = z[(z > low) & (z < high)]
        parts += [[np.nan], [np.nextafter(low, np.inf)], between, [np.nextafter(high, -np.inf)]]
    return np.concatenate(parts[2:-1])  # without the ends that are infinitely far
