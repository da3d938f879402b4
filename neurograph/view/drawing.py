"""The picture of a network: ``draw`` makes it, a ``Drawing`` shows and saves it."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

from neurograph.markup import Markup
from neurograph.network.schema import Net
from neurograph.options import require_count, require_name
from neurograph.view.composing import compose
from neurograph.view.looks import THEMES
from neurograph.view.marking import lit_by, numbers_of
from neurograph.view.reading import read
from neurograph.view.shapes import Picture
from neurograph.view.svg import to_svg
from neurograph.walk import Step, Trace


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
    """Draw a network.

    Examples
    --------
    >>> import neurograph as ng
    >>> from neurograph.view import draw
    >>> draw(ng.example_network())
    <Drawing of 9 neurons and 12 edges>
    """
    require_name("theme", theme, THEMES, "unknown-theme")
    require_count("most_neurons", most_neurons)
    require_count("most_edges", most_edges)
    reading = read(net)
    picture = compose(reading, numbers_of(reading, trace, sample), lit_by(reading, step))
    return Drawing(picture, theme)


def live_svg(net: Net, *, theme: str = "auto") -> Markup:
    """Draw a network for the player: every text that it may fill is there, a dash where it is not yet."""
    reading = read(net)
    return to_svg(compose(reading, None, lit_by(reading, None), live=True), theme)


class Drawing:
    """The picture of a network; made by :func:`draw`."""

    def __init__(self, picture: Picture, theme: str) -> None:
        self._picture, self._theme = picture, theme

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return str(to_svg(self._picture, self._theme))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file."""
        from neurograph.files.atomic import write_bytes

        write_bytes(path, self.svg.encode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Drawing of {self._picture.title.removeprefix('Network of ')}>"
