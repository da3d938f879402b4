"""Pictures of the text's loss function: the loss by one weight, or by two, all others fixed."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurograph.engine.lanes import Array
from neurograph.learning import LossCurve, LossSurface
from neurograph.network.schema import Edge, arrow
from neurograph.options import require_flag
from neurograph.view.plotting import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    add_grid,
    add_legend,
    add_legend_above,
    add_scale,
    contour,
    describe,
    given_or_new,
    heat,
    require_result,
    scaled,
)
from neurograph.walk.notation import number

_TANGENT = 0.14  # of the width of the picture, to each side


def plot_loss_curve(curve: LossCurve, *, log: bool = False, axes: Any = None) -> Any:
    """Draw the loss by one weight: its lowest point, where the network stands, and the tangent there.

    Parameters
    ----------
    curve : LossCurve
        What :func:`neurograph.loss_curve` returned.
    log : bool
        Whether losses are drawn on a logarithmic scale; a loss of 0 is then left out.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    OptionError
        If an argument is something else.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> curve = ng.loss_curve(ng.example_network(), [[0.5]], [[1.0]], (4, 6))
    >>> ng.plot_loss_curve(curve).get_xlabel()
    'w(4 → 6)'
    """
    require_result("curve", curve, LossCurve, "loss_curve")
    require_flag("log", log)
    axes = given_or_new(axes)
    describe(axes, f"Loss by the weight of {arrow(*curve.edge)}", _weight(curve.edge), "loss")
    add_grid(axes)
    order = np.argsort(curve.weights, kind="stable")
    weights, losses = curve.weights[order], curve.losses[order]
    axes.plot(weights, losses, color=BLUE, marker="o" if len(weights) == 1 else None)
    scaled(log, axes.set_yscale)
    if np.isfinite(losses).any():
        k = int(np.nanargmin(losses))
        words = f"lowest: {number(float(losses[k]))} at {number(float(weights[k]))}"
        axes.plot(weights[k], losses[k], "D", color=GREEN, label=words)
    if np.isfinite(curve.loss):
        _draw_standing(axes, curve, float(np.ptp(weights)))
    add_legend_above(axes, losses)
    return axes


def _draw_standing(axes: Any, curve: LossCurve, width: float) -> None:
    """Mark the weight of today, with a piece of the tangent, without changing what part is shown."""
    frame = axes.get_xlim(), axes.get_ylim()
    if np.isfinite(curve.slope):
        reach = _TANGENT * (width or 1.0) * np.linspace(-1.0, 1.0, 25)  # bent, on a logarithmic scale
        words = f"slope there: {number(curve.slope)}"
        axes.plot(
            curve.weight + reach, curve.loss + curve.slope * reach, color=ORANGE, linestyle="--", label=words
        )
        axes.set(xlim=frame[0], ylim=frame[1])
    words = f"now: {number(curve.loss)} at {number(curve.weight)}"
    axes.plot(curve.weight, curve.loss, "o", color=ORANGE, label=words, zorder=4)


def plot_loss_surface(surface: LossSurface, *, log: bool = False, axes: Any = None) -> Any:
    """Draw the loss by two weights as a map: its lowest point, and where the network stands.

    Parameters
    ----------
    surface : LossSurface
        What :func:`neurograph.loss_surface` returned.
    log : bool
        Whether the colours follow the logarithm of the loss; a loss of 0 is then left bare.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    OptionError
        If an argument is something else.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> surface = ng.loss_surface(ng.example_network(), [[0.5]], [[1.0]], (4, 6), (6, 9))
    >>> axes = ng.plot_loss_surface(surface)
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('w(4 → 6)', 'w(6 → 9)')
    """
    require_result("surface", surface, LossSurface, "loss_surface")
    require_flag("log", log)
    axes = given_or_new(axes)
    first, second = surface.edges
    describe(
        axes, f"Loss by the weights of {arrow(*first)} and {arrow(*second)}", _weight(first), _weight(second)
    )
    (x, i), (y, j) = (np.unique(weights, return_index=True) for weights in surface.weights)
    losses = surface.losses[np.ix_(i, j)]
    losses = np.where(losses > 0, losses, np.nan) if log else losses
    image = heat(axes, x, y, losses, cmap="cividis", norm=_norm(losses, log))
    add_scale(axes, image, "loss")
    contour(axes, x, y, losses, _levels(losses, log), colors="white", linewidths=0.6, alpha=0.6)
    if np.isfinite(losses).any():
        k, m = np.unravel_index(int(np.nanargmin(losses)), losses.shape)
        _mark(axes, x[k], y[m], "D", f"lowest: {number(float(losses[k, m]))}")
    if np.isfinite(surface.loss):
        _mark(axes, *surface.weight, "o", f"now: {number(surface.loss)}")
    add_legend(axes, frameon=True)
    return axes


def _weight(edge: Edge) -> str:
    return f"w({arrow(*edge)})"


def _norm(losses: Array, log: bool) -> Any:
    """Spread the colours over the losses; where there is none, over anything."""
    from matplotlib.colors import LogNorm, Normalize

    finite = losses[np.isfinite(losses)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (1.0, 2.0)
    return LogNorm(low, high) if log else Normalize(low, high)


def _levels(losses: Array, log: bool) -> Any:
    """Choose levels for a dozen lines of equal loss, evenly spaced as the colours are."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        return []
    space = np.geomspace if log else np.linspace
    return space(finite.min(), finite.max(), 14)[1:-1]


def _mark(axes: Any, x: float, y: float, marker: str, words: str) -> None:
    colour = ORANGE if marker == "o" else "white"
    how = {"markeredgecolor": INK, "markersize": 8, "clip_on": False, "zorder": 4}
    axes.plot(x, y, marker, color=colour, label=words, **how)
