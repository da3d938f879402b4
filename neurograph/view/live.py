"""The live widget: the script of the player in a notebook, joined to a graph in the kernel (anywidget)."""

from __future__ import annotations

import time
import weakref
from contextlib import suppress
from importlib.resources import files
from typing import Any

import anywidget
import traitlets
from IPython import get_ipython

from neurograph.errors import NeurographError
from neurograph.learning import History
from neurograph.network.schema import Net
from neurograph.view.drawing import draw, live_svg
from neurograph.view.exchange import Exchange
from neurograph.view.looks import palette

_PAUSE = 0.1  # seconds between two pictures while training goes on
_OWN_LISTS = """
.ng-player .ng-facts { display: grid; width: auto; overflow: visible; }
.ng-player .ng-facts :is(dt, dd) { float: none; width: auto; }
.ng-player .ng-facts dt { font-weight: 400; }"""  # JupyterLab has other plans for all lists in an output


def _read(name: str) -> str:
    return files("neurograph.view").joinpath(name).read_text(encoding="utf-8")


class Widget(anywidget.AnyWidget):
    """The player in a notebook, which changes the graph and follows it; made by :func:`neurograph.widget`.

    After each cell of the notebook it shows the graph as it then is. Called with a history, as a callback
    of :func:`neurograph.fit`, it shows the weights in the midst of a cell, ten times a second at most.

    Attributes
    ----------
    net : networkx.DiGraph
        The network, which is its truth.
    """

    _esm = _read("player.js") + _read("live.js")
    _css = palette(".ng-player") + "\n" + _read("player.css") + _OWN_LISTS
    _network = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)
    _notice = traitlets.Unicode().tag(sync=True)
    _theme = traitlets.Unicode().tag(sync=True)

    def __init__(self, net: Net, X: Any, Y: Any, loss: str, learning_rate: float, theme: str) -> None:
        self.net = net
        self._exchange = Exchange(net, X, Y, loss, learning_rate)
        self._last = -_PAUSE
        super().__init__(_network=self._told(), _state=self._exchange.state, _theme=theme)
        _OPEN.add(self)
        _follow_cells(self)

    def refresh(self) -> None:
        """Show the graph as it is now, whatever has changed on it.

        Raises
        ------
        NeurographError
            If it is no network any more, or X and Y do not fit it; the picture then stays as it was, with
            a note above it.
        """
        try:
            self._answer(self._exchange.look())
            self._notice = ""
        except NeurographError as error:
            self._notice = _late(error)
            raise

    def __call__(self, history: History) -> None:
        """Show the weights while training goes on."""
        now = time.monotonic()
        if now - self._last >= _PAUSE:
            self._last = now
            self._exchange.look_at_weights()
            self._state = self._exchange.state

    @traitlets.validate("_state")
    def _checked(self, proposal: Any) -> Any:
        """Take what comes from a browser through the exchange's door; the answer is what it is to hold."""
        if proposal["value"] != self._exchange.state:
            try:
                self._answer(self._exchange.receive(proposal["value"]), answered=True)
            except NeurographError as error:
                self._notice = _late(error)
            self._show_others()
        return self._exchange.state

    def _show_others(self) -> None:
        """Let the other widgets of the same graph follow."""
        for widget in list(_OPEN):
            if widget.net is self.net and widget is not self:
                widget.follow()

    def follow(self) -> None:
        """Refresh; a graph that is no network stands in the note and raises nothing."""
        with suppress(NeurographError):
            self.refresh()

    def _answer(self, is_other: bool, *, answered: bool = False) -> None:
        """Tell the browser what has changed: first the network, then the weights."""
        if is_other:
            self._network = self._told()
        if not answered:
            self._state = self._exchange.state

    def _told(self) -> dict[str, Any]:
        return {
            "revision": self._exchange.revision,
            "data": self._exchange.data,
            "picture": str(live_svg(self.net)),
        }

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget, and a drawing where there are no widgets."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return draw(self.net)._repr_mimebundle_() | data, metadata

    def __repr__(self) -> str:
        neurons, edges = (len(self._exchange.data[what]) for what in ("neurons", "edges"))
        return f"<Widget of {neurons} neurons and {edges} edges>"


_OPEN: weakref.WeakSet[Widget] = weakref.WeakSet()


def _late(error: NeurographError) -> str:
    return f"The picture is that of an earlier network. {error}"


def _follow_cells(widget: Widget) -> None:
    """Refresh a widget after every cell of the notebook, as long as it is open."""
    shell = get_ipython()
    if shell is None:
        return
    reference = weakref.ref(widget)

    def after_cell(result: object) -> None:
        followed = reference()
        if followed is None or followed.comm is None:
            shell.events.unregister("post_run_cell", after_cell)
            return
        followed.follow()

    shell.events.register("post_run_cell", after_cell)
