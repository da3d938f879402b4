"""The picture of a network: ``draw`` makes it, a ``Drawing`` shows and saves it."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any

from neurograph.errors import OptionError, shown_list
from neurograph.files.atomic import write_bytes
from neurograph.files.reading import path_shown, path_text
from neurograph.markup import LONGEST_DISPLAY, Markup
from neurograph.network.schema import Net
from neurograph.options import require_count, require_name, require_number
from neurograph.view.collapsing import collapse, why_collapsed
from neurograph.view.composing import compose
from neurograph.view.looks import THEMES
from neurograph.view.marking import Lit, lit_by, numbers_of
from neurograph.view.raster import to_png
from neurograph.view.reading import read
from neurograph.view.shapes import Picture
from neurograph.view.svg import to_svg
from neurograph.walk import Step, Trace

MOST_PIXELS_SHOWN = 4_000_000  # a larger picture shows itself without a PNG


def draw(
    net: Net,
    trace: Trace | None = None,
    step: Step | None = None,
    *,
    sample: int | None = None,
    theme: str = "auto",
    most_neurons: int = 300,
    most_edges: int = 2000,
) -> Drawing:
    """Draw a network: its layers as columns, edges that skip a layer curved around neurons.

    Inputs are green squares, bias neurons blue hexagons, hidden neurons grey circles, outputs red
    double circles. An edge is blue where its weight is positive and orange where it is negative, wider
    for a larger weight, dashed where it is frozen. The weight stands on it while there is room, else
    where the pointer rests. A network that is not layered is drawn by levels. What
    :func:`neurograph.check` finds is drawn in place: a cycle, a skip edge, a dead end.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, which is only read. One with errors is drawn, too. The drawing is a snapshot.
    trace : Trace, optional
        What a walk through this network computed: adds the values, and the deltas and gradients of a
        backward walk.
    step : Step, optional
        A step of such a walk: lights its neuron and edges up and writes its arithmetic underneath.
    sample : int, optional
        Which sample of a trace of many is shown, counted from 0; the first one without it. The loss and
        the gradients are those of all of them.
    theme : str
        ``"light"``, ``"dark"``, or ``"auto"``: what the reader's system prefers.
    most_neurons, most_edges : int
        A network with more is collapsed: one box for each column, and the number of edges between two.
        The picture says so, and :attr:`Drawing.collapsed`; a trace and a step are left out then.

    Returns
    -------
    Drawing
        It shows itself in a notebook; ``.save("net.svg")`` and ``.save("net.png")`` write it to a file.

    Raises
    ------
    InvalidNetworkError
        If it is no ``networkx.DiGraph``.
    OptionError
        If the trace or the step have neurons or edges that this network has not, or the outputs of the trace
        are others, or an option has a value it cannot have.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> picture = ng.draw(net, ng.forward(net, [0.5]))
    >>> picture
    <Drawing of 9 neurons and 12 edges>
    >>> ">0.577</text>" in picture.svg
    True
    >>> ng.draw(net, most_edges=10).collapsed
    '12 edges are more than most_edges=10'
    """
    require_name("theme", theme, THEMES, "unknown-theme")
    require_count("most_neurons", most_neurons)
    require_count("most_edges", most_edges)
    reading = read(net)
    numbers, lit = numbers_of(reading, trace, sample), lit_by(reading, step)
    why = why_collapsed(reading, most_neurons, most_edges)
    picture = collapse(reading, why) if why else compose(reading, numbers, lit)
    return Drawing(picture, theme, collapsed=why)


def live_svg(net: Net, *, theme: str = "auto") -> Markup:
    """Draw a network for the player: every text that it may fill is there, a dash where it is not yet."""
    return to_svg(compose(read(net), None, Lit(), live=True), theme)


class Drawing:
    """The picture of a network; made by :func:`draw`.

    Attributes
    ----------
    svg : str
        The picture as SVG: one file with nothing around it, and nothing in it that runs.
    collapsed : str
        Why the picture shows columns and not each neuron; empty where it shows each neuron.
    width, height : float
        Its size in pixels.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.draw(ng.mlp([400, 10], seed=0))
    <Drawing of 411 neurons and 4,010 edges, collapsed>
    """

    def __init__(self, picture: Picture, theme: str, *, collapsed: str = "") -> None:
        self._picture, self._theme = picture, theme
        self.collapsed = collapsed
        self.width, self.height = picture.width, picture.height

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return str(to_svg(self._picture, self._theme))

    def png(self, *, scale: float = 2.0) -> bytes:
        """Return the picture as a PNG file, ``scale`` pixels for each of its own; "auto" is light there.

        Raises
        ------
        MissingExtraError
            If neither cairosvg nor matplotlib is installed.
        OptionError
            If the scale is not from 0.1 to 20.
        """
        return to_png(self._picture, self._theme, require_number("scale", scale, low=0.1, high=20.0))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, whole or not at all; the ending of the name says how.

        Parameters
        ----------
        path : str or path
            A name that ends in ``.svg`` or ``.png``. An old file of that name is replaced.

        Raises
        ------
        OptionError
            If it ends in anything else, or is no name of a file.
        MissingExtraError
            If it is a PNG, and neither cairosvg nor matplotlib is installed.
        OSError
            If it cannot be written.

        Examples
        --------
        >>> import neurograph as ng, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ng.draw(ng.example_network()).save(pathlib.Path(folder, "net.svg"))
        ...     pathlib.Path(folder, "net.svg").read_text(encoding="utf-8")[:4]
        '<svg'
        """
        name = path_text(path)
        ending = os.path.splitext(name)[1].lower()
        if ending not in SAVED:
            raise OptionError(
                f"{path_shown(name)} is of no known format",
                code="unknown-format",
                where="path",
                expected=f"a name that ends in {shown_list(SAVED)}",
                fix="rename it",
            )
        write_bytes(path, SAVED[ending](self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show as SVG, and as PNG where SVG is stripped; nothing of it is ever a script."""
        bundle = {"text/plain": repr(self)}
        if len(self.svg) <= LONGEST_DISPLAY:
            bundle["image/svg+xml"] = self.svg
        if self.width * self.height <= MOST_PIXELS_SHOWN:
            try:
                bundle["image/png"] = base64.b64encode(self.png(scale=1.0)).decode()
            except Exception:  # whatever is missing, the SVG and the text are there
                return bundle
        return bundle

    def __repr__(self) -> str:
        what = self._picture.title.removeprefix("Network of ")
        return f"<Drawing of {what}{', collapsed' if self.collapsed else ''}>"


SAVED: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: drawing.png(),
}
"""How a drawing becomes a file, by the ending of its name."""
