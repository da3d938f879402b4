"""Pictures of what a network with one or two inputs computes, beside the points that it learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.engine.lanes import Array
from neurograph.engine.program import Program, compile_network
from neurograph.errors import OptionError, shown_list
from neurograph.network.schema import Net, Neuron
from neurograph.options import bad_option, require_count, require_numbers
from neurograph.view.plotting import (
    BLUE,
    COLOURS,
    INK,
    MARKERS,
    ORANGE,
    PAPER,
    add_grid,
    add_legend,
    add_legend_above,
    add_scale,
    contour,
    describe,
    given_or_new,
    heat,
)
from neurograph.walk.notation import name, number
from neurograph.walk.samples import Slot, check_not_empty, check_same_length, read_table

_MARGIN = 0.12
_MOST_KINDS = 6  # of targets that get a marker each


def plot_decision_surface(
    net: Net,
    X: Any = None,
    Y: Any = None,
    *,
    output: Neuron | None = None,
    bounds: Sequence[tuple[float, float]] | None = None,
    points: int = 201,
    axes: Any = None,
) -> Any:
    """Draw the outputs of a network with two inputs as a map, of one with one input as curves.

    With one output the colour is its value, and a line runs where it is in the middle of its range, or of
    the targets if its range has no middle. With several outputs the colour says which one is the largest.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, with one or two inputs, which is only read.
    X, Y : arrays of shape (samples, inputs) and (samples, outputs), optional
        Points to show, and their targets, in any form that :func:`fit` takes.
    output : neuron, optional
        The output neuron to draw where there are several.
    bounds : sequence of pairs (low, high), optional
        What part to draw, a pair for each input. Without it a little more than where the points lie, or
        from −1 to 1 where there are none.
    points : int
        For how many values of each input the network is computed.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidNetworkError, DataError, OptionError
        At the door.
    DivergedError
        If an output is not finite somewhere in the picture.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 3, 1], output_activation="logistic", seed=0)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> ng.plot_decision_surface(net, X, Y).get_title()
    'Value of output neuron 8'
    """
    program = compile_network(net)
    _check_inputs(program)
    view = _View.of(program, X, Y, output, bounds, require_count("points", points, least=2))
    axes = given_or_new(axes)
    if len(program.inputs) == 1:
        _draw_curves(axes, view)
    elif len(view.columns) == 1:
        _draw_map(axes, view)
    else:
        _draw_regions(axes, view)
    return axes


@dataclass(frozen=True)
class _View:
    """What is drawn: where, which outputs, their values there, and the training points."""

    program: Program
    columns: list[int]  # of the outputs to be drawn
    ticks: list[Array]  # the values of each input
    values: Array  # of shape (ticks of the first input, …, drawn outputs)
    X: Array | None
    Y: Array | None  # of the drawn outputs

    @classmethod
    def of(cls, program: Program, X: Any, Y: Any, output: Any, bounds: Any, points: int) -> _View:
        """Check what is to be drawn, and compute it."""
        X, Y = _read_points(program, X, Y)
        columns = _columns(program, output)
        ends = _ends(program, X) if bounds is None else _checked_bounds(program, bounds)
        ticks = [np.linspace(low, high, points) for low, high in ends]
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*ticks, indexing="ij")], axis=1)
        values = program.forward(grid)[:, columns].reshape(*[points] * len(ticks), len(columns))
        return cls(program, columns, ticks, values, X, None if Y is None else Y[:, columns])

    @property
    def names(self) -> list[str]:
        """The names of the drawn outputs."""
        return [name(self.program.outputs[column]) for column in self.columns]

    @property
    def axis_labels(self) -> list[str]:
        return [f"input {name(neuron)}" for neuron in self.program.inputs]


def _check_inputs(program: Program) -> None:
    count = len(program.inputs)
    if count > 2:
        raise OptionError(
            f"the network has {count} inputs",
            code="too-many-inputs",
            where="net",
            expected="one or two inputs, as a picture has two dimensions",
            fix="draw a copy of the network in which all but two of them are bias neurons",
        )


def _read_points(program: Program, X: Any, Y: Any) -> tuple[Array | None, Array | None]:
    if X is None:
        if Y is not None:
            raise bad_option("X", X, "the points that the targets belong to")
        return None, None
    table = np.asarray(read_table(X, Slot("X", program.inputs, "input")))
    check_not_empty(table)
    if Y is None:
        return table, None
    targets = np.asarray(read_table(Y, Slot("Y", program.outputs, "output")))
    check_same_length(table, targets)
    return table, targets


def _columns(program: Program, output: Any) -> list[int]:
    """Find which outputs to draw: the one that is asked for, or all."""
    outputs = program.outputs
    if output is not None and output not in outputs:
        raise bad_option("output", output, f"one of the output neurons {shown_list(outputs)}")
    columns = list(range(len(outputs))) if output is None else [outputs.index(output)]
    if len(program.inputs) == 2 and len(columns) > len(MARKERS):
        raise bad_option("output", output, f"one of the {len(outputs)} output neurons, too many for one map")
    return columns


def _ends(program: Program, X: Array | None) -> list[tuple[float, float]]:
    """Choose what part to show: the points and a margin around them."""
    if X is None:
        return [(-1.0, 1.0)] * len(program.inputs)
    low, high = X.min(axis=0), X.max(axis=0)
    margin = np.where(high > low, _MARGIN * (high - low), 1.0)
    return list(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))


def _checked_bounds(program: Program, bounds: Any) -> list[tuple[float, float]]:
    count = len(program.inputs)
    expected = f"{count} pair{'s' if count > 1 else ''} (low, high), one for each input"
    if not isinstance(bounds, Sequence | np.ndarray) or len(bounds) != count:
        raise bad_option("bounds", bounds, expected)
    pairs = [require_numbers("bounds", pair) for pair in bounds]
    if any(len(pair) != 2 or pair[0] >= pair[1] for pair in pairs):
        raise bad_option("bounds", bounds, expected)
    return [(float(low), float(high)) for low, high in pairs]


# ── one input ────────────────────────────────────────────────────────────────────────────────────


def _draw_curves(axes: Any, view: _View) -> None:
    """Draw each output over the one input, and the targets as points of the same colour."""
    (x,) = view.axis_labels
    noun = "output" if len(view.names) == 1 else "outputs"
    describe(axes, f"Value of {noun} {', '.join(view.names[:4])}{', …' * (len(view.names) > 4)}", x, "value")
    add_grid(axes)
    for k, words in enumerate(view.names):
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(view.ticks[0], view.values[:, k], color=colour, label=f"output {words}")
        if view.X is not None and view.Y is not None:
            how = {"edgecolors": "white", "linewidths": 0.8, "zorder": 3, "label": f"target of {words}"}
            axes.scatter(view.X[:, 0], view.Y[:, k], color=colour, marker=MARKERS[k % len(MARKERS)], **how)
    if view.X is not None and view.Y is None:
        axes.plot(
            view.X[:, 0], np.full(len(view.X), 0.0), "|", color=INK, transform=axes.get_xaxis_transform()
        )
    add_legend_above(axes, _heights(view))


def _heights(view: _View) -> Array:
    """Return how high curves and targets reach, from left to right."""
    heights: Array = view.values.max(axis=1)
    if view.X is not None and view.Y is not None:
        places = np.searchsorted(view.ticks[0], view.X[:, 0]).clip(0, len(heights) - 1)
        np.maximum.at(heights, places, view.Y.max(axis=1))
    return heights


# ── two inputs, one output ───────────────────────────────────────────────────────────────────────


def _draw_map(axes: Any, view: _View) -> None:
    """Colour the plane of the inputs by the value of one output, and draw the line in its middle."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    (x, y), values, (words,) = view.ticks, view.values[..., 0], view.names
    describe(axes, f"Value of output neuron {words}", *view.axis_labels)
    level, reach = _middle(view)
    how: dict[str, Any] = {
        "cmap": LinearSegmentedColormap.from_list("orange-blue", [ORANGE, PAPER, BLUE]),
        "norm": Normalize(level - reach, level + reach),
    }
    image = heat(axes, x, y, values, **how)
    add_scale(axes, image, f"output {words}")
    contour(axes, x, y, values, [level], colors=INK, linewidths=1.6)
    if view.X is not None:
        _draw_points(axes, view.X, None if view.Y is None else view.Y[:, 0], how)


def _middle(view: _View) -> tuple[float, float]:
    """Return the level where the decision changes, and how far the colours reach on both sides of it."""
    layout = view.program.layout
    row = layout.functions[layout.activation[layout.outputs[view.columns[0]]]]
    if np.isfinite([row.range.low, row.range.high]).all():
        return (row.range.low + row.range.high) / 2, (row.range.high - row.range.low) / 2
    level = 0.0 if view.Y is None else (float(view.Y.min()) + float(view.Y.max())) / 2
    return level, float(np.abs(view.values - level).max()) or 1.0


def _draw_points(axes: Any, X: Array, targets: Array | None, how: dict[str, Any]) -> None:
    """Draw the points in the colours of their targets; few kinds of targets have markers of their own."""
    edge = {"edgecolors": INK, "linewidths": 1.0, "zorder": 3, "s": 42}
    if targets is None:
        axes.scatter(*X.T, color=PAPER, **edge)
        return
    kinds = np.unique(targets)
    if len(kinds) > _MOST_KINDS:
        axes.scatter(*X.T, c=targets, **edge, **how)
        return
    for kind, marker in zip(kinds.tolist(), MARKERS, strict=False):
        here = targets == kind
        axes.scatter(
            *X[here].T, c=targets[here], marker=marker, label=f"target {number(kind)}", **edge, **how
        )
    add_legend(axes, frameon=True)


# ── two inputs, several outputs ──────────────────────────────────────────────────────────────────


def _draw_regions(axes: Any, view: _View) -> None:
    """Colour the plane of the inputs by which output is the largest."""
    from matplotlib.colors import ListedColormap, to_rgb

    (x, y), count = view.ticks, len(view.columns)
    describe(axes, "The largest of the outputs", *view.axis_labels)
    tints = [tuple(0.62 + 0.38 * part for part in to_rgb(colour)) for colour in COLOURS[:count]]
    largest = view.values.argmax(axis=-1)
    heat(axes, x, y, largest.astype(float), cmap=ListedColormap(tints), vmin=-0.5, vmax=count - 0.5)
    for k in range(count):
        ahead = view.values[..., k] - np.delete(view.values, k, axis=-1).max(axis=-1)
        contour(axes, x, y, ahead, [0.0], colors=INK, linewidths=0.8)
    _draw_kinds(axes, view)


def _draw_kinds(axes: Any, view: _View) -> None:
    """Draw the points in the colour of their largest target; without points, name the regions alone."""
    X = np.empty((0, 2)) if view.X is None else view.X
    kinds = np.zeros(len(X), dtype=int) if view.Y is None else view.Y.argmax(axis=1)
    if len(X) and view.Y is None:
        axes.scatter(*X.T, color=PAPER, edgecolors=INK, zorder=3)
    for k, words in enumerate(view.names):
        here = X[(kinds == k) & (view.Y is not None)]
        edge = {"edgecolors": INK, "linewidths": 0.8, "zorder": 3, "s": 42}
        axes.scatter(*here.T, color=COLOURS[k], marker=MARKERS[k], label=f"output {words}", **edge)
    add_legend(axes, frameon=True)
