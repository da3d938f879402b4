"""The one module that emits markup, so that no text of a user becomes a tag, an attribute or a script.

Text is cleaned, names of tags and attributes come from closed lists, values of attributes match a
pattern each, and numbers are finite. Whoever needs another tag or attribute adds a row here.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from itertools import pairwise
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

from neurograph.errors import OptionError, shown

MOST_CHARACTERS = 200
LONGEST_DISPLAY = 1_000_000  # characters of one rich display

_OUTSIDE_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # compiled when first needed
_LINE_ENDS = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}  # parsers change them where they stand bare


class Markup(str):
    """Finished markup: :func:`element` puts it in as it is, and cleans every other text."""

    __slots__ = ()


def readable(text: object, most: int = MOST_CHARACTERS) -> str:
    """Return a text as markup can hold it: without characters that XML lacks, and cut.

    >>> readable("a\\x00b"), readable("abcdef", most=4)
    ('a\ufffdb', 'abc…')
    """
    plain = str.__str__(text) if isinstance(text, str) else shown(text)
    cut = plain if len(plain) <= most else plain[: most - 1] + "…"
    return re.sub(_OUTSIDE_XML, "\N{REPLACEMENT CHARACTER}", cut)


def clean(text: object, most: int = MOST_CHARACTERS) -> Markup:
    """Turn any text of anybody into markup that reads as that text, as far as it is not cut.

    >>> clean("<b title='x'>")
    '&lt;b title=&#x27;x&#x27;&gt;'
    """
    escaped = html.escape(readable(text, most), quote=True)
    for bare, written in _LINE_ENDS.items():
        escaped = escaped.replace(bare, written)
    return Markup(escaped)


def decimal(number: float, digits: int = 1) -> str:
    """Write a finite number for an attribute, without needless zeros; anything else raises.

    >>> decimal(12.0), decimal(-0.04), decimal(0.25, 2)
    ('12', '0', '0.25')
    """
    if not math.isfinite(number):
        raise _refused(f"{number} is no place in a picture", "a number", "a finite one")
    text = f"{number:.{digits}f}".rstrip("0").removesuffix(".") if digits else f"{number:.0f}"
    return text if text != "-0" else "0"


_NUMBER = r"-?[0-9]+(\.[0-9]+)?"
_NUMBERS = rf"{_NUMBER}([ ,]{_NUMBER})*"
_COLOUR = r"none|currentColor|#[0-9a-f]{6}"
_WORDS = r"[A-Za-z0-9]([A-Za-z0-9 _-]*[A-Za-z0-9])?"
_ANY = None

_TAGS = frozenset(
    re.findall(
        r"\w+",
        """svg g path rect circle line text tspan title desc
        html head body meta main section header footer figure figcaption nav
        div span p h1 h2 h3 pre code bdi strong em small ul ol li dl dt dd br hr
        table caption thead tbody tr th td details summary
        form fieldset legend label input button select option output progress img iframe""",
    )
)
_EMPTY_TAGS = frozenset({"meta", "br", "hr", "input", "img", "path", "rect", "circle", "line"})
_ID = r"ng-[0-9]+(-[a-z0-9]+)*"

# What may stand in each attribute; None where any text may: those are never read as code, style or address.
_ATTRIBUTES: dict[str, str | None] = {
    name: pattern
    for names, pattern in (
        ("x y x1 y1 x2 y2 cx cy r rx ry width height dx dy stroke-width opacity fill-opacity "
         "stroke-opacity font-size font-weight min max step value tabindex colspan rowspan", _NUMBER),
        ("viewBox stroke-dasharray", _NUMBERS),
        ("d", r"[MLCQZ0-9 .,-]*"),
        ("fill stroke", _COLOUR),
        ("class", _WORDS),
        ("id for aria-labelledby aria-describedby aria-controls", rf"{_ID}( {_ID})*"),
        ("text-anchor dominant-baseline stroke-linecap stroke-linejoin unicode-bidi type role lang charset "
         "scope name preserveAspectRatio font-style aria-live aria-hidden aria-pressed aria-expanded "
         "data-edge data-neuron data-column data-phase data-action data-tab", _WORDS),
        ("font-family", r"[A-Za-z][A-Za-z ,-]*"),
        ("xmlns", r"http://www\.w3\.org/2000/svg"),
        ("checked disabled hidden selected open", ""),
        ("http-equiv", "Content-Security-Policy"),
        ("xml:space", "preserve"),
        ("style", "text-align: (left|right)"),
        ("sandbox", "allow-scripts( allow-downloads)?"),
        ("src", r"data:image/(png|svg\+xml);base64,[A-Za-z0-9+/=]*"),
        ("srcdoc content alt title aria-label data-name data-label placeholder", _ANY),
    )
    for name in names.split()
}  # fmt: skip
_UNCUT = frozenset({"srcdoc", "content"})  # made by this package, and escaped all the same

Attributes: TypeAlias = Mapping[str, str | float | None]
Child: TypeAlias = Markup | str | None


def element(tag: str, attributes: Attributes, *children: Child) -> Markup:
    """Make an element of a known tag and known attributes; a child that is no markup yet is cleaned.

    Attributes that are None are left out. A number is written by :func:`decimal`.

    Raises
    ------
    OptionError
        If a tag or attribute is not in the list, or a value is not what the attribute takes.

    >>> element("text", {"x": 1.5, "class": "ng-name"}, "<6>")
    '<text x="1.5" class="ng-name">&lt;6&gt;</text>'
    """
    if tag not in _TAGS:
        raise _refused(f"no tag {shown(tag)} is known", "tag", "one of the list")
    start = tag + "".join(_attribute(name, value) for name, value in attributes.items() if value is not None)
    if tag in _EMPTY_TAGS and not children:
        return Markup(f"<{start}/>")
    return Markup(f"<{start}>{joined(children)}</{tag}>")


def _refused(what: str, where: str, expected: str) -> OptionError:
    fix = "mend the call; what is harmless and missing in the lists of neurograph.markup goes there"
    return OptionError(what, code="no-markup", where=where, expected=expected, fix=fix)


def joined(children: Iterable[Child]) -> Markup:
    """Put parts one after the other; what is no markup yet is cleaned."""
    return Markup("".join(c if isinstance(c, Markup) else clean(c) for c in children if c is not None))


def _attribute(name: str, value: str | float) -> str:
    text = value if isinstance(value, str) else decimal(value, 2)
    try:
        pattern = _ATTRIBUTES[name]
    except KeyError:
        raise _refused(f"no attribute {shown(name)} is known", "attribute", "one of the list") from None
    if pattern is not None:
        if not re.fullmatch(pattern, text):
            raise _refused(
                f"{shown(text)} cannot stand there", f"attribute {name}", "what its pattern matches"
            )
        return f' {name}="{text}"'
    return f' {name}="{html.escape(text, quote=True) if name in _UNCUT else clean(text)}"'


def stylesheet(css: str) -> Markup:
    """Make a ``<style>`` of the package's own style sheet; no text of a user goes into one.

    Raises
    ------
    OptionError
        If it holds what could end the element.
    """
    return _raw("style", css)


def script(code: str) -> Markup:
    """Make a ``<script>`` of the package's own code; no text of a user goes into one, see :func:`json_block`.

    Raises
    ------
    OptionError
        If it holds what could end the element.
    """
    return _raw("script", code)


def _raw(tag: str, text: str) -> Markup:
    if "</" in text or "<!--" in text or "]]>" in text:
        raise _refused(
            "it must not hold '</', '<!--' or ']]>'", f"<{tag}>", "code that does not end its element"
        )
    return Markup(f"<{tag}>{text}</{tag}>")


def json_block(data: object, name: str = "ng-data") -> Markup:
    """Make a data block for the page's own script, which reads it with ``JSON.parse(block.textContent)``.

    >>> json_block("</script>")
    '<script type="application/json" class="ng-data">"\\\\u003c/script\\\\u003e"</script>'
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False)
    for bare in "<>&":
        text = text.replace(bare, f"\\u{ord(bare):04x}")
    return Markup(f'<script type="application/json"{_attribute("class", name)}>{text}</script>')


# ── small displays for notebooks ─────────────────────────────────────────────────────────────────

S = TypeVar("S")
P = ParamSpec("P")


def display(make: Callable[Concatenate[S, P], Markup]) -> Callable[Concatenate[S, P], str | None]:
    """Make a ``_repr_html_`` that never raises nor floods a page: then it is None, and text is shown."""

    @wraps(make)
    def safe(self: S, /, *arguments: P.args, **named: P.kwargs) -> str | None:
        try:
            made = make(self, *arguments, **named)
        except Exception:  # whatever a display meets, the plain text is still there
            return None
        return str(made) if len(made) <= LONGEST_DISPLAY else None

    return safe


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> Markup:
    """Make a table of texts; with ``numbers``, all columns but the first stand to the right."""
    aligned = [{"style": f"text-align: {'right' if numbers and i else 'left'}"} for i in range(len(heads))]
    head = element("tr", {}, *(element("th", look, text) for look, text in zip(aligned, heads, strict=True)))
    body = (
        element("tr", {}, *(element("td", look, _bdi(text)) for look, text in zip(aligned, row, strict=True)))
        for row in rows
    )
    return element("table", {"class": "ng-table"}, element("thead", {}, head), element("tbody", {}, *body))


def _bdi(text: str) -> Markup:
    """Keep the direction in which a text is written to itself."""
    return element("bdi", {}, clean(text))


def figure(caption: str, *parts: Child) -> Markup:
    """Put a caption over some parts; a part that is plain text becomes a paragraph."""
    return element("div", {"class": "ng-display"}, *map(_paragraph, (caption or None, *parts)))


def _paragraph(part: Child) -> Child:
    return part if part is None or isinstance(part, Markup) else element("p", {}, part)


def curve(numbers: Sequence[float], *, width: float = 320, height: float = 60, title: str = "") -> Markup:
    """Draw numbers as a line in the colour of the text around it; those that are not finite are left out."""
    points = [(i, x) for i, x in enumerate(_thinned(numbers)) if math.isfinite(x)]
    low, high = min((x for _, x in points), default=0.0), max((x for _, x in points), default=0.0)
    across = width / max(points[-1][0] if points else 1, 1)
    up = height / (high - low) if high > low else 0.0
    places = [f"{decimal(i * across)} {decimal(height - (x - low) * up)}" for i, x in points]
    line: Attributes = {
        "d": f"M{'L'.join(places)}" if places else "",
        "fill": "none",
        "stroke": "currentColor",
        "stroke-width": 1.5,
    }
    return _small_picture(width, height, title, element("path", line))


def bars(counts: Sequence[float], *, width: float = 320, height: float = 60, title: str = "") -> Markup:
    """Draw counts as bars in the colour of the text around them."""
    each, most = width / max(len(counts), 1), max(counts, default=0) or 1
    shapes = [
        element("rect", {
            "x": i * each + 0.5, "y": height - height * count / most, "width": max(each - 1, 0.5),
            "height": height * count / most, "fill": "currentColor", "fill-opacity": 0.6,
        })
        for i, count in enumerate(counts)
    ]  # fmt: skip
    return _small_picture(width, height, title, *shapes)


def _small_picture(width: float, height: float, title: str, *parts: Markup) -> Markup:
    frame: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg", "class": "ng-curve", "role": "img",
        "width": width + 4, "height": height + 4,
        "viewBox": f"-2 -2 {decimal(width + 4)} {decimal(height + 4)}",
    }  # fmt: skip
    return element("svg", frame, element("title", {}, title) if title else None, *parts)


def _thinned(numbers: Sequence[float], most: int = 500) -> list[float]:
    """Take the mean of each share of many numbers."""
    shares = min(most, len(numbers))
    cuts = [round(i * len(numbers) / shares) for i in range(shares + 1)] if shares else []
    return [sum(numbers[a:b]) / (b - a) for a, b in pairwise(cuts)]


def preformatted(text: object) -> Markup:
    """Show plain text as it is; each line is cut as every text is."""
    lines = readable(text, LONGEST_DISPLAY).split("\n")
    return element("pre", {}, Markup("\n".join(clean(line) for line in lines)))
