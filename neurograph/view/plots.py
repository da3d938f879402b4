"""Pictures of numbers, by matplotlib (extra ``[notebook]``), which is imported only when one is drawn.

Each function takes what the library has found and, as ``axes``, where to draw it; it returns these axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurograph.errors import MissingExtraError
from neurograph.learning import Restarts
from neurograph.options import bad_option, require_count


def plot_restarts(runs: Restarts, *, bins: int = 30, axes: Any = None) -> Any:
    """Draw the final losses of many restarts, sorted, and beside the curve how many have each loss.

    A plateau of the curve, a long bar beside it, is a local minimum in which many restarts end.

    Parameters
    ----------
    runs : Restarts
        What :func:`neurograph.restarts` returned.
    bins : int
        Into how many bins of equal width the losses are counted.
    axes : matplotlib.axes.Axes, optional
        Where to draw; the bars take the right quarter of their room. A new figure without it.

    Returns
    -------
    matplotlib.axes.Axes
        Those of the curve; those of the bars are the last of the figure.

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
    >>> runs = ng.restarts(ng.mlp([2, 2, 1], activation="logistic"), X, Y, n=50, learning_rate=2.0)
    >>> axes = ng.plot_restarts(runs)
    >>> axes.get_title(), axes.get_ylabel()
    ('50 restarts', 'final loss')
    >>> axes.figure.savefig("restarts.png")  # doctest: +SKIP
    """
    if not isinstance(runs, Restarts):
        raise bad_option("runs", runs, "the report of neurograph.restarts")
    bins, axes = require_count("bins", bins), axes_for(axes)
    finite = np.sort(runs.losses[np.isfinite(runs.losses)])
    axes.plot(np.arange(1, len(finite) + 1), finite, drawstyle="steps-mid")
    axes.set(xlabel="restarts, best first", ylabel="final loss", title=_restarts_title(runs, len(finite)))
    beside = _divided(axes)
    beside.hist(finite, bins=bins, orientation="horizontal")
    beside.tick_params(labelleft=False)
    beside.set_xlabel("restarts")
    return axes


def _divided(axes: Any) -> Any:
    """Take room for other axes at the right of some, on the same scale."""
    from mpl_toolkits.axes_grid1 import make_axes_locatable

    return make_axes_locatable(axes).append_axes("right", size="30%", pad=0.15, sharey=axes)


def _restarts_title(runs: Restarts, finite: int) -> str:
    without = f", {len(runs.losses) - finite} without a loss" if finite < len(runs.losses) else ""
    return f"{len(runs.losses)} restarts{without}"


def axes_for(axes: Any) -> Any:
    """Return the given axes, or those of a new figure.

    Raises
    ------
    OptionError
        If it is something else.
    MissingExtraError
        If there is none, and matplotlib is not installed.
    """
    if axes is None:
        return _pyplot().subplots()[1]
    if not hasattr(axes, "get_subplotspec"):
        raise bad_option("axes", axes, "the axes of a matplotlib figure")
    return axes


def _pyplot() -> Any:
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
