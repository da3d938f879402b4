"""How wide a text will be, roughly: nobody can measure one before a browser has chosen the font."""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("ijl.,:;'!|()[]{}ftrI /\\`")
_WIDE = frozenset("mwMW@%—…→−+=<>")


def width(text: str, size: float) -> float:
    """Estimate the width of a text in a common sans serif font, rather too wide than too narrow.

    >>> width("0.5", 10) < width("0.55", 10) < width("MMMM", 10)
    True
    """
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.9
    if ord(character) < 0x2E80:
        return 0.0 if unicodedata.combining(character) else 0.7 if character.isupper() else 0.62
    return 1.05


def fitted(text: str, size: float, room: float) -> str:
    """Cut a text with an ellipsis where it is wider than the room.

    >>> fitted("petal_length", 10, 40)
    'petal…'
    """
    if width(text, size) <= room:
        return text
    used, kept = width("…", size), 0
    while kept < len(text) and used + size * _share(text[kept]) <= room:
        used += size * _share(text[kept])
        kept += 1
    return text[:kept] + "…"


def halved(text: str, size: float, room: float) -> tuple[str, str]:
    """Break a text that is wider than the room behind a sign in it, as evenly as that goes; cut what is over.

    >>> halved("sepal_width_scaled", 10, 80), halved("size", 10, 80)
    (('sepal_width_', 'scaled'), ('size', ''))
    """
    if width(text, size) <= room:
        return text, ""
    breaks = [i + 1 for i, sign in enumerate(text[:60]) if sign in "_- ./:" and 0 < i < len(text) - 1]
    if not breaks:
        return fitted(text, size, 1.5 * room), ""
    cut = min(breaks, key=lambda i: (round(max(width(text[:i], size), width(text[i:], size)) / size), -i))
    if width(text[:cut], size) > 1.5 * room:
        return fitted(text, size, 1.5 * room), ""
    return text[:cut], fitted(text[cut:], size, 1.5 * room)


def wrapped(line: str, most: int, indent: str = "") -> list[str]:
    """Break a line at spaces, so that no part has more characters than that; later parts are indented.

    >>> wrapped("z6 = 1 + 2 + 3", 9, "     ")
    ['z6 = 1 +', '     2 +', '     3']
    """
    lines, rest = [], line
    while len(rest) > most:
        cut = rest.rfind(" ", len(indent) + 1, most + 1)
        cut = cut if cut > 0 and rest[:cut].strip() else most
        lines.append(rest[:cut])
        rest = indent + rest[cut:].lstrip()
    return [*lines, rest]
