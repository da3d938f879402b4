"""A picture as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from neurograph.markup import Attributes, Markup, decimal, element, joined, stylesheet
from neurograph.view.looks import CODE_FONT, FONT, THEMES, plain, style
from neurograph.view.shapes import Command, Group, Outline, Part, Picture, Words


def to_svg(picture: Picture, theme: str, *, styled: bool = True) -> Markup:
    """Write a picture as SVG. Without a style sheet its colours are fixed, as for a renderer of pixels."""
    frame: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"ng-drawing ng-theme-{theme}",
        "role": "img",
        "width": picture.width,
        "height": picture.height,
        "viewBox": f"0 0 {decimal(picture.width)} {decimal(picture.height)}",
        "font-family": FONT,
    }
    layers = (
        element("g", {"class": name}, *(_group(group, theme) for group in groups))
        for name, groups in picture.layers
    )
    return element(
        "svg",
        frame,
        element("title", {}, picture.title),
        element("desc", {}, picture.description),
        stylesheet(style()) if styled else None,
        *layers,
    )


def _group(group: Group, theme: str) -> Markup:
    attributes: dict[str, str | float | None] = {"class": " ".join(group.classes)}
    attributes |= group.data
    title = joined(part for line in group.title for part in (line, Markup("\n")))[:-1]
    parts = [_part(part, group.classes, theme) for part in group.parts]
    return element("g", attributes, element("title", {}, Markup(title)) if title else None, *parts)


def _part(part: Part, classes: Sequence[str], theme: str) -> Markup:
    attributes: dict[str, str | float | None] = {"class": f"ng-{part.look}"}
    attributes |= plain(part.look, classes, THEMES[theme])
    if isinstance(part, Outline):
        attributes["d"] = path_text(part.commands)
        if part.width is not None:
            attributes["stroke-width"] = part.width
        return element("path", attributes)
    return _words(part, attributes)


def _words(words: Words, attributes: dict[str, str | float | None]) -> Markup:
    attributes |= {"x": words.x, "y": words.y, "font-size": words.size, "text-anchor": words.anchor}
    if words.look == "arithmetic":
        attributes["font-family"] = CODE_FONT
    attributes |= words.data
    if words.look == "name":
        attributes["unicode-bidi"] = "isolate"
    return element("text", attributes, words.text)


def path_text(commands: Sequence[Command]) -> str:
    """Write a path as the attribute ``d``."""
    return "".join(
        letter + " ".join(f"{decimal(x)} {decimal(y)}" for x, y in points) for letter, points in commands
    )
