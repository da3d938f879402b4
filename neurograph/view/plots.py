"""Pictures of trainings, by matplotlib (extra ``[notebook]``), which is imported only when one is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurograph.engine.lanes import Array
from neurograph.learning import History, Restarts
from neurograph.options import require_count, require_flag
from neurograph.view.plotting import (
    BLUE,
    FAINT,
    ORANGE,
    PLAIN,
    add_grid,
    add_legend,
    describe,
    given_or_new,
    require_result,
    scaled,
)
from neurograph.walk.notation import number


def plot_history(history: History, *, log: bool = False, axes: Any = None) -> Any:
    """Draw the loss of each epoch, that of the validation points, and the learning rate where it changes.

    Parameters
    ----------
    history : History
        What :func:`neurograph.fit` returned.
    log : bool
        Whether losses are drawn on a logarithmic scale; a loss of 0 is then left out.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the losses. A learning rate that changes has its own scale at the right, a twin.

    Raises
    ------
    OptionError
        If an argument is something else.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> history = ng.fit(net, [[0.5]], [[1.0]], epochs=30, learning_rate=ng.InverseTimeDecay(0.5))
    >>> axes = ng.plot_history(history)
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('epoch', 'loss')
    """
    require_result("history", history, History, "fit")
    require_flag("log", log)
    axes = given_or_new(axes)
    describe(axes, _title(history), "epoch", "loss")
    add_grid(axes)
    handles = _draw_course(axes, history.losses, label="training", color=BLUE)
    handles += _draw_course(axes, history.validation_losses, label="validation", color=ORANGE, linestyle="--")
    if len(set(history.learning_rates)) > 1:
        handles += _draw_learning_rates(axes, history.learning_rates)
    scaled(log, axes.set_yscale)
    if len(handles) > 1:
        add_legend(axes, handles)
    return axes


def _title(history: History) -> str:
    if not history.losses:
        return f"No epoch {history.stopped}"
    noun = "epoch" if history.epochs == 1 else "epochs"
    why = "" if history.stopped == "finished" else f", {history.stopped}"
    return f"{history.epochs} {noun}: loss {number(history.losses[0])} → {number(history.losses[-1])}{why}"


def _draw_course(axes: Any, numbers: list[float], **how: Any) -> list[Any]:
    """Draw one number for each epoch, counted from 1; one alone as a dot."""
    dot = "o" if len(numbers) == 1 else None
    return axes.plot(range(1, len(numbers) + 1), numbers, marker=dot, **how) if numbers else []


def _draw_learning_rates(axes: Any, rates: list[float]) -> list[Any]:
    """Draw the learning rates behind the losses, on a scale of their own."""
    twin = axes.twinx()
    lines = _draw_course(
        twin, rates, label="learning rate", color=FAINT, linestyle=":", drawstyle="steps-mid"
    )
    twin.set_ylim(bottom=0)
    twin.set_ylabel("learning rate", color=FAINT, **PLAIN)
    twin.tick_params(colors=FAINT)
    twin.spines["top"].set_visible(False)
    axes.set_zorder(twin.get_zorder() + 1)
    axes.patch.set_visible(False)
    return lines


def plot_restarts(runs: Restarts, *, log: bool = False, bins: int = 30, axes: Any = None) -> Any:
    """Draw the final losses of many restarts, sorted, and their distribution beside it.

    Plateaus of the curve, long bars of the histogram, are local minima that many restarts share.

    Parameters
    ----------
    runs : Restarts
        What :func:`neurograph.restarts` returned.
    log : bool
        Whether losses are drawn on a logarithmic scale; a loss of 0 is then left out.
    bins : int
        How many bars the histogram has.
    axes : matplotlib.axes.Axes, optional
        Where to draw, the histogram in its right part; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the curve.

    Raises
    ------
    OptionError
        If an argument is something else.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> runs = ng.restarts(ng.mlp([2, 2, 1]), X, Y, n=50, epochs=50)
    >>> ng.plot_restarts(runs).get_title()
    '50 restarts'
    """
    require_result("runs", runs, Restarts, "restarts")
    require_flag("log", log)
    require_count("bins", bins)
    axes = given_or_new(axes)
    losses = np.sort(runs.losses[np.isfinite(runs.losses)])
    lost = len(runs.losses) - len(losses)
    noun = "restart" if len(runs.losses) == 1 else "restarts"
    title = f"{len(runs.losses)} {noun}" + (f", {lost} without a loss" if lost else "")
    describe(axes, title, f"{noun}, best first", "final loss")
    add_grid(axes)
    places = np.arange(1, len(losses) + 1)
    axes.plot(places, losses, drawstyle="steps-mid", color=BLUE)
    axes.plot(places[:1], losses[:1], "o", color=ORANGE, label=f"best: {number(runs.best_loss)}")
    scaled(log, axes.set_yscale)
    add_legend(axes, loc="upper left")
    _draw_histogram(axes, losses[losses > 0] if log else losses, bins, log)
    return axes


def _draw_histogram(axes: Any, losses: Array, bins: int, log: bool) -> None:
    """Draw how many losses there are at each height, in axes that share the scale of the losses."""
    beside = _split(axes)
    beside.set_xlabel("restarts", **PLAIN)
    beside.tick_params(labelleft=False, left=False, which="both")
    beside.spines[["top", "right"]].set_visible(False)
    if losses.size:
        counts, ends = np.histogram(losses, _ends(losses, bins, log))
        beside.barh(
            ends[:-1],
            counts,
            height=np.diff(ends),
            align="edge",
            color=BLUE,
            edgecolor="white",
            linewidth=0.4,
        )


def _ends(losses: Array, bins: int, log: bool) -> Array:
    """Cut the range of the losses into bins of the same width as it is drawn."""
    low, high = float(losses[0]), float(losses[-1])
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return np.array([low * (1 - 1e-3), high * (1 + 1e-3)]) if high else np.array([-1e-3, 1e-3])
    return np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)


def _split(axes: Any) -> Any:
    """Give the right part of the place of some axes to new ones that share their scale of y."""
    figure, place = axes.figure, axes.get_subplotspec()
    if place is None:
        left, bottom, width, height = axes.get_position().bounds
        axes.set_position((left, bottom, 0.74 * width, height))
        return figure.add_axes((left + 0.78 * width, bottom, 0.22 * width, height), sharey=axes)
    parts = place.subgridspec(1, 2, width_ratios=(3, 1), wspace=0.08)
    axes.set_subplotspec(parts[0])
    return figure.add_subplot(parts[1], sharey=axes)
