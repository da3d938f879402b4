"""How things look: one table of colours, one of looks; style sheet and plain attributes come from both.

The attributes make a picture right where style sheets or their variables are not understood; the style
sheet makes it follow light and dark, and lets classes change its state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff", "ink": "#1d2530", "faint": "#5c6773", "hair": "#dfe3e8",
    "input": "#dff3e4", "input-line": "#1f8a4c",
    "bias": "#e0ecfb", "bias-line": "#2a68b8",
    "hidden": "#f3f4f6", "hidden-line": "#4c5765",
    "output": "#fbe3e0", "output-line": "#c23b2e",
    "positive": "#1f6fb4", "negative": "#c2540a", "neutral": "#8b95a1",
    "delta": "#7a3fb0", "lit": "#ffcf33", "cycle": "#d81b60", "skip": "#ebe4fa", "dead": "#9aa3ad",
    "problem": "#b00040",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "paper": "#14181f", "ink": "#eceff3", "faint": "#a3adb9", "hair": "#2b333d",
    "input": "#12351f", "input-line": "#4cc27e",
    "bias": "#142c4a", "bias-line": "#6ea8ee",
    "hidden": "#242a33", "hidden-line": "#a9b4c1",
    "output": "#431b18", "output-line": "#f0796b",
    "positive": "#5aa9f0", "negative": "#f59a4a", "neutral": "#76818d",
    "delta": "#c79bf2", "lit": "#b58a00", "cycle": "#ff5c95", "skip": "#33294d", "dead": "#697482",
    "problem": "#ff6f91",
}  # fmt: skip
THEMES: Mapping[str, Mapping[str, str]] = {"auto": LIGHT, "light": LIGHT, "dark": DARK}
"""The colours of each theme by name; "auto" is light until the reader's system says dark."""

FONT = "system-ui, Segoe UI, Roboto, Helvetica, Arial, DejaVu Sans, sans-serif"
CODE_FONT = "ui-monospace, Consolas, Menlo, DejaVu Sans Mono, monospace"


@dataclass(frozen=True)
class Look:
    """What a class ``ng-…`` looks like; ``states`` change it inside a group of some other class."""

    properties: Mapping[str, str]
    states: Mapping[str, Mapping[str, str]]


def _look(properties: str, **states: str) -> Look:
    read = {name.replace("_", "-"): _read(text) for name, text in states.items()}
    return Look(_read(properties), read)


def _read(text: str) -> dict[str, str]:
    return dict(part.split(": ", 1) for part in text.split("; ")) if text else {}


_SIGNED = {"positive": "stroke: positive", "negative": "stroke: negative"}
_FILLED = {"positive": "fill: positive", "negative": "fill: negative"}

LOOKS: Mapping[str, Look] = {
    "paper": _look("fill: paper"),
    "column-name": _look("fill: faint"),
    "touch": _look(
        "fill: none; stroke: none; stroke-width: 9; stroke-linecap: round",
        skip="stroke: skip",
        cycle="stroke: cycle; stroke-opacity: 0.3",
        problem="stroke: problem; stroke-opacity: 0.25",
        lit="stroke: lit; stroke-opacity: 0.85",
    ),
    "line": _look(
        "fill: none; stroke: neutral; stroke-linecap: round",
        **_SIGNED,
        frozen="stroke-dasharray: 5 4",
        dead="stroke: dead; stroke-dasharray: 2 4",
        cycle="stroke: cycle",
    ),
    "arrow": _look("fill: neutral; stroke: none", **_FILLED, dead="fill: dead", cycle="fill: cycle"),
    "pill": _look("fill: paper; stroke: none", lit="fill: paper; stroke: lit; stroke-width: 1.5"),
    "weight": _look("fill: faint; font-weight: 600", **_FILLED, dead="fill: faint", problem="fill: problem"),
    "gradient": _look("fill: delta"),
    "halo": _look(
        "fill: none; stroke: none; stroke-width: 6",
        cycle="stroke: cycle; stroke-opacity: 0.35",
        problem="stroke: problem; stroke-opacity: 0.35",
        lit="stroke: lit; stroke-opacity: 1",
    ),
    "shape": _look(
        "fill: hidden; stroke: hidden-line; stroke-width: 2",
        kind_input="fill: input; stroke: input-line",
        kind_bias="fill: bias; stroke: bias-line",
        kind_output="fill: output; stroke: output-line",
        dead="stroke: dead; stroke-dasharray: 4 3",
    ),
    "plate": _look("fill: paper; fill-opacity: 0.85"),
    "ring": _look("fill: none; stroke: output-line; stroke-width: 1.3"),
    "name": _look("fill: ink; font-weight: 600"),
    "function": _look("fill: faint", problem="fill: problem"),
    "value": _look("fill: ink"),
    "delta": _look("fill: delta"),
    "legend": _look("fill: faint"),
    "caption": _look("fill: ink"),
    "finding": _look(
        "fill: ink",
        cycle="fill: cycle; font-weight: 600",
        skip="fill: delta; font-weight: 600",
        dead="fill: faint; font-weight: 600",
        problem="fill: problem; font-weight: 600",
    ),
    "arithmetic": _look("fill: ink"),
    "band": _look("fill: neutral; fill-opacity: 0.3"),
    "arc": _look(
        "fill: none; stroke: neutral; stroke-opacity: 0.45; stroke-linecap: butt",
        skip="stroke: delta; stroke-opacity: 0.35",
        cycle="stroke: cycle; stroke-opacity: 0.6",
    ),
}
"""One row for each class of outlines and words."""

_COLOURED = ("fill", "stroke")


def plain(look: str, classes: Sequence[str], colours: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a look in a group of some classes, with colours and not their names."""
    row = LOOKS[look]
    merged = dict(row.properties)
    for state, changes in row.states.items():
        if f"ng-{state}" in classes:
            merged |= changes
    return {name: colours.get(value, value) if name in _COLOURED else value for name, value in merged.items()}


@cache
def style() -> str:
    """The style sheet of every drawing; it touches nothing outside ``.ng-drawing``."""
    rules = [palette(".ng-drawing")]
    rules.append(
        f".ng-drawing {{ max-width: 100%; height: auto; font-family: {FONT}; }}\n"
        ".ng-drawing text { unicode-bidi: isolate; }\n"
        f".ng-drawing .ng-arithmetic {{ font-family: {CODE_FONT}; white-space: pre; }}\n"
        ".ng-drawing .ng-empty { opacity: 0.5; }\n"
        ".ng-drawing .ng-dim { opacity: 0.25; }\n"
        ".ng-drawing .ng-touch { pointer-events: stroke; }\n"
        ".ng-drawing .ng-label, .ng-drawing .ng-neuron text { pointer-events: none; }\n"
        ".ng-drawing .ng-edge:hover .ng-touch { stroke: var(--ng-lit); stroke-opacity: 0.5; }"
    )
    for name, look in LOOKS.items():
        rules.append(_rule(f".ng-drawing .ng-{name}", look.properties))
        rules += [_rule(f".ng-drawing .ng-{state} .ng-{name}", p) for state, p in look.states.items()]
    return "\n".join(rules)


@cache
def palette(selector: str) -> str:
    """The colours as variables, for what has a class and, beside it, one of the classes ``ng-theme-…``."""
    dark = f"@media (prefers-color-scheme: dark) {{\n{_variables(f'{selector}.ng-theme-auto', DARK)}\n}}"
    return "\n".join([_variables(selector, LIGHT), dark, _variables(f"{selector}.ng-theme-dark", DARK)])


def _variables(selector: str, colours: Mapping[str, str]) -> str:
    return f"{selector} {{ " + " ".join(f"--ng-{name}: {colour};" for name, colour in colours.items()) + " }"


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    written = (
        f"{name}: var(--ng-{value});" if name in _COLOURED and value in LIGHT else f"{name}: {value};"
        for name, value in properties.items()
    )
    return f"{selector} {{ {' '.join(written)} }}"
