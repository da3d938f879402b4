"""A picture as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from neurograph.markup import MOST_CHARACTERS, Attributes, Markup, clean, decimal, element, stylesheet
from neurograph.view.looks import THEMES, plain, style
from neurograph.view.shapes import LEADING, Command, Group, Outline, Part, Picture, Words


def to_svg(picture: Picture, theme: str, *, styled: bool = True) -> Markup:
    """Write a picture as SVG. Without a style sheet its colours are fixed, as for a renderer of pixels."""
    frame: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"ng-drawing ng-theme-{theme}",
        "role": "img",
        "width": picture.width,
        "height": picture.height,
        "viewBox": " ".join(map(decimal, (*picture.frame[:2], picture.width, picture.height))),
        "font-family": "sans-serif",
        "fill": "none",
    }
    write = _Writer(theme)
    layers = (
        element("g", {"class": name}, *map(write.group, groups)) for name, groups in picture.layers if groups
    )
    return element(
        "svg",
        frame,
        element("title", {}, picture.title),
        element("desc", {}, picture.description),
        stylesheet(style()) if styled else None,
        *layers,
    )


class _Writer:
    """Writes groups; it remembers the attributes of each look in each state, which are few."""

    def __init__(self, theme: str) -> None:
        self.colours = THEMES[theme]
        self.known: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
        self.last: tuple[tuple[Command, ...], str] = ((), "")  # an edge draws the same line twice

    def group(self, group: Group) -> Markup:
        attributes: dict[str, str | float | None] = {"class": " ".join(group.classes)}
        attributes |= group.data
        parts = [self.part(part, group.classes) for part in group.parts]
        return element("g", attributes, _title(group.title), *parts)

    def part(self, part: Part, classes: tuple[str, ...]) -> Markup:
        if (part.look, classes) not in self.known:
            self.known[part.look, classes] = _needed(plain(part.look, classes, self.colours))
        attributes: dict[str, str | float | None] = {"class": f"ng-{part.look}"}
        attributes |= self.known[part.look, classes]
        return self.outline(part, attributes) if isinstance(part, Outline) else _words(part, attributes)

    def outline(self, outline: Outline, attributes: dict[str, str | float | None]) -> Markup:
        if outline.width is not None:
            attributes["stroke-width"] = outline.width
        if outline.commands is not self.last[0]:
            self.last = outline.commands, path_text(outline.commands)
        attributes["d"] = self.last[1]
        return element("path", attributes)


def _needed(properties: dict[str, str]) -> dict[str, str]:
    """Leave out what an element has anyway, and what says how to draw no line."""
    without = {name: value for name, value in properties.items() if value != "none"}
    return (
        without if "stroke" in without else {n: v for n, v in without.items() if not n.startswith("stroke")}
    )


def _title(lines: Sequence[str]) -> Markup | None:
    if not lines:
        return None
    return element("title", {}, Markup("\n".join(clean(line, 3 * MOST_CHARACTERS) for line in lines)))


def _words(words: Words, attributes: dict[str, str | float | None]) -> Markup:
    attributes |= {"x": words.x, "y": words.y, "font-size": words.size, "text-anchor": words.anchor}
    attributes |= words.data
    if words.empty:
        attributes["class"] = f"ng-{words.look} ng-empty"
    if words.look == "arithmetic":
        attributes |= {"font-family": "monospace", "xml:space": "preserve"}
    if words.look == "name":
        attributes["unicode-bidi"] = "isolate"
    if not words.cut:
        return element("text", attributes, words.text)
    first, second = words.lines
    below = {"x": words.x, "dy": LEADING * words.size}
    return element("text", attributes, element("tspan", {}, first), element("tspan", below, second))


def path_text(commands: Sequence[Command]) -> str:
    """Write a path as the attribute ``d``."""
    return "".join(
        letter + " ".join(f"{decimal(x)} {decimal(y)}" for x, y in points) for letter, points in commands
    )
