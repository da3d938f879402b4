"""Pictures of numbers, by matplotlib (extra ``[notebook]``), which is imported only when one is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurograph.errors import MissingExtraError
from neurograph.learning import Restarts


def plot_restarts(runs: Restarts, *, axes: Any = None) -> Any:
    """Draw the final losses of many restarts, sorted: plateaus are local minima that many runs share.

    Parameters
    ----------
    runs : Restarts
        What :func:`neurograph.restarts` returned.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure without it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    axes = new_axes() if axes is None else axes
    finite = np.sort(runs.losses[np.isfinite(runs.losses)])
    axes.plot(np.arange(1, len(finite) + 1), finite, drawstyle="steps-mid")
    axes.set_xlabel("restarts, best first")
    axes.set_ylabel("final loss")
    axes.set_title(f"{len(runs.losses)} restarts, {len(runs.losses) - len(finite)} without a loss")
    return axes


def new_axes() -> Any:
    """Return the axes of a new figure, or raise where matplotlib is not installed."""
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
    return pyplot.subplots()[1]
