"""The door of the live widget: everything is checked, and told where its package is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurograph.errors import MissingExtraError
from neurograph.network.schema import Net
from neurograph.options import require_name
from neurograph.view.looks import THEMES

if TYPE_CHECKING:
    from neurograph.view.live import Widget


def widget(
    net: Net,
    X: Any = None,
    Y: Any = None,
    *,
    loss: str = "squared",
    learning_rate: float = 0.1,
    theme: str = "auto",
) -> Widget:
    """Show the player of :func:`neurograph.explore` in a notebook, live: both sides change one graph.

    Dragging a weight, or training, in the browser changes the edges of ``net``. What a cell changes on
    ``net`` moves the picture when the cell is done, or at once: ``.refresh()``, or the widget as a callback
    of :func:`neurograph.fit`. The graph is the truth: a weight from the browser is taken only if it is
    finite, its edge is not frozen, and the picture showed the graph as it is.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors; its weights are changed.
    X, Y, loss, learning_rate
        As for :func:`neurograph.explore`; X and Y are read anew with the graph.
    theme : str
        ``"light"``, ``"dark"``, or ``"auto"``: as the notebook has it.

    Returns
    -------
    Widget
        Its ``refresh()`` shows the graph as it is. Called with a history it shows the weights, ten times a
        second at most.

    Raises
    ------
    InvalidNetworkError, OptionError, DataError
        As for :func:`neurograph.explore`.
    MissingExtraError
        If anywidget is not installed.

    Examples
    --------
    >>> import neurograph as ng
    >>> net, X, Y = ng.example_network(), [[0.5], [1.0]], [[1.0], [0.0]]
    >>> live = ng.widget(net, X, Y)
    >>> live
    <Widget of 9 neurons and 12 edges>
    >>> history = ng.fit(net, X, Y, epochs=100, callbacks=[live])
    """
    require_name("theme", theme, THEMES, "unknown-theme")
    try:
        from neurograph.view.live import Widget
    except ImportError as error:
        raise MissingExtraError(
            "the widget needs anywidget, which is not installed",
            code="missing-extra",
            where="widget",
            expected="the package anywidget",
            fix="pip install 'neurograph-sim[notebook]'",
        ) from error
    return Widget(net, X, Y, loss, learning_rate, theme)
