"""A picture as PNG: by cairosvg where it is installed, else by matplotlib, both from the same shapes."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from neurograph.errors import MissingExtraError
from neurograph.view.looks import THEMES, plain
from neurograph.view.shapes import LEADING, Command, Group, Outline, Part, Picture, Words
from neurograph.view.svg import to_svg

MOST_PIXELS = 40_000_000  # above that a picture is drawn smaller
_DPI = 100.0


def to_png(picture: Picture, theme: str, scale: float) -> bytes:
    """Turn a picture into the bytes of a PNG file, ``scale`` pixels for each of its own.

    Raises
    ------
    MissingExtraError
        If neither cairosvg nor matplotlib is installed.
    """
    scale = min(scale, (MOST_PIXELS / max(picture.width * picture.height, 1.0)) ** 0.5)
    try:
        import cairosvg
    except (ImportError, OSError):  # it is there, but the cairo library is not
        return _by_matplotlib(picture, theme, scale)
    svg = to_svg(picture, theme, styled=False).encode()
    return bytes(cairosvg.svg2png(svg, scale=scale, unsafe=False))


def _by_matplotlib(picture: Picture, theme: str, scale: float) -> bytes:
    """Draw every outline and text of a picture on the whole of a figure."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "a PNG needs cairosvg or matplotlib, and neither is installed",
            code="missing-extra",
            where="path",
            expected="the package cairosvg or matplotlib",
            fix="pip install 'neurograph-sim[notebook]', or save an .svg",
        ) from error
    figure = Figure(figsize=(picture.width * scale / _DPI, picture.height * scale / _DPI), dpi=_DPI)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    left, top, right, bottom = picture.frame
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_axis_off()
    for _, groups in picture.layers:
        for group in groups:
            for part in group.parts:
                _add(axes, part, group, THEMES[theme], scale)
    stream = BytesIO()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.print_png(stream)
    return stream.getvalue()


def _add(axes: Any, part: Part, group: Group, colours: Mapping[str, str], scale: float) -> None:
    look = plain(part.look, group.classes, colours)
    if isinstance(part, Words):
        _add_words(axes, part, look, scale)
    elif look.get("fill", "none") != "none" or look.get("stroke", "none") != "none":
        _add_outline(axes, part, look, scale)


def _add_outline(axes: Any, outline: Outline, look: Mapping[str, str], scale: float) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import PathPatch

    points = 72 / _DPI * scale  # of a pixel of the picture
    width = outline.width if outline.width is not None else float(look.get("stroke-width", "1"))
    fill = to_rgba(look.get("fill", "none"), float(look.get("fill-opacity", "1")))
    stroke = to_rgba(look.get("stroke", "none"), float(look.get("stroke-opacity", "1")))
    dashes = [float(each) / width for each in look.get("stroke-dasharray", "").split()]
    patch = PathPatch(
        _path(outline.commands),
        facecolor=fill if look.get("fill", "none") != "none" else "none",
        edgecolor=stroke if look.get("stroke", "none") != "none" else "none",
        linewidth=width * points,
        linestyle=(0, dashes) if dashes else "solid",
        capstyle=look.get("stroke-linecap", "butt"),
    )
    axes.add_patch(patch)


def _path(commands: tuple[Command, ...]) -> Any:
    from matplotlib.path import Path

    codes = {"M": [Path.MOVETO], "L": [Path.LINETO], "C": [Path.CURVE4] * 3, "Z": [Path.CLOSEPOLY]}
    vertices = [point for _, points in commands for point in points or ((0.0, 0.0),)]
    return Path(vertices, [code for letter, _ in commands for code in codes[letter]])


def _add_words(axes: Any, words: Words, look: Mapping[str, str], scale: float) -> None:
    """Write a text, which is never read as a formula."""
    align = {"start": "left", "middle": "center", "end": "right"}[words.anchor]
    for i, line in enumerate(words.lines):
        axes.text(
            words.x,
            words.y + i * LEADING * words.size,
            line,
            fontsize=words.size * scale * 72 / _DPI,
            color=look["fill"],
            ha=align,
            va="baseline",
            fontweight="bold" if look.get("font-weight") == "600" else "normal",
            family="monospace" if words.look == "arithmetic" else "sans-serif",
            parse_math=False,
            clip_on=False,
        )
