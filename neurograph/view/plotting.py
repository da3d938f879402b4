"""What all pictures by matplotlib share: axes, words that stay words, colours that all can tell apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurograph.engine.lanes import Array
from neurograph.errors import MissingExtraError
from neurograph.options import bad_option

BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW, "#000000", "#999999")
"""The palette of Okabe and Ito (2008), which all kinds of colour vision tell apart."""
MARKERS = "osD^vPX*"
INK, FAINT, PAPER = "#1d2530", "#5c6773", "#f7f7f7"

PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
"""For every text: a label with dollars in it is a label, not a formula."""


def pyplot() -> Any:
    """Import matplotlib's pyplot, or raise where it is not installed."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError(
            "pictures need matplotlib, which is not installed",
            code="missing-extra",
            where="plot",
            expected="the package matplotlib",
            fix="pip install 'neurograph-sim[notebook]'",
        ) from error
    return pyplot


def given_or_new(axes: Any, width: float = 6.4, height: float = 4.2) -> Any:
    """Return the axes that were given, or those of a new figure."""
    if axes is None:
        return pyplot().subplots(figsize=(width, height), layout="constrained")[1]
    if not hasattr(axes, "get_subplotspec"):
        raise bad_option("axes", axes, "axes of matplotlib")
    return axes


def require_result(name: str, value: Any, kind: type, maker: str) -> None:
    """Raise unless a value is what its maker returns."""
    if not isinstance(value, kind):
        raise bad_option(name, value, f"what {maker} returns")


def describe(axes: Any, title: str, x: str, y: str) -> None:
    """Write the title and what the axes measure, and leave only lines that help to read them."""
    axes.set_title(title, **PLAIN)
    axes.set_xlabel(x, **PLAIN)
    axes.set_ylabel(y, **PLAIN)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)


def add_grid(axes: Any) -> None:
    """Draw faint lines to read numbers by."""
    axes.grid(alpha=0.3, linewidth=0.6)


def add_legend(axes: Any, handles: Any = None, **how: Any) -> None:
    """Say what is what, where there is more than one thing."""
    handles = axes.get_legend_handles_labels()[0] if handles is None else handles
    if not handles:
        return
    make_plain(axes.legend(handles=handles, **({"frameon": False, "loc": "upper right"} | how)))


def add_legend_above(axes: Any, heights: Array) -> None:
    """Put the legend above the lower side of a curve, and raise the frame where that is too high.

    Matplotlib's own search for a free place can take seconds.
    """
    left, right = (half[np.isfinite(half)].max(initial=-np.inf) for half in np.array_split(heights, 2))
    add_legend(axes, loc="upper left" if left < right else "upper right")
    curve = min(left, right)
    if axes.get_legend() is None or not np.isfinite(curve):
        return
    room = 1 - axes.get_legend().get_window_extent().height / axes.bbox.height - 0.04
    scale = axes.yaxis.get_transform()
    low, high, top = scale.transform([*axes.get_ylim(), curve])
    if room > 0 and np.isfinite(top) and low < high:
        axes.set_ylim(top=scale.inverted().transform(max(high, low + (top - low) / room)))


def make_plain(legend: Any) -> None:
    """Let the texts of a legend be words and nothing else."""
    for text in legend.get_texts():
        text.set(**PLAIN)


def heat(axes: Any, x: Array, y: Array, values: Array, **how: Any) -> Any:
    """Colour each cell around (x, y) by its value; ``values`` has the shape (x, y), NaN stays bare."""
    shown = np.ma.masked_invalid(values.T)
    return axes.pcolormesh(edges_around(x), edges_around(y), shown, rasterized=True, **how)


def edges_around(centres: Array) -> Array:
    """Return the ends of the cells around increasing numbers, halfway between them.

    >>> edges_around(np.array([0.0, 1.0, 3.0])).tolist()
    [-0.5, 0.5, 2.0, 4.0]
    """
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])


def contour(axes: Any, x: Array, y: Array, values: Array, levels: Any, **how: Any) -> None:
    """Draw the lines of some levels, of those that the values cross."""
    finite = values[np.isfinite(values)]
    if min(values.shape) < 2 or not finite.size:
        return
    crossed = [level for level in np.ravel(levels) if finite.min() < level < finite.max()]
    if crossed:
        axes.contour(x, y, np.ma.masked_invalid(values.T), levels=crossed, **how)


def add_scale(axes: Any, image: Any, words: str) -> None:
    """Draw the scale of the colours beside the axes."""
    axes.figure.colorbar(image, ax=axes).set_label(words, **PLAIN)


def scaled(log: bool, set_scale: Callable[..., None]) -> None:
    """Make a scale logarithmic where that is wanted; what is not positive is then left out."""
    if log:
        set_scale("log", nonpositive="mask")
