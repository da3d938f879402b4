"""How symbols and numbers are written: as plain text, and as LaTeX. One interface, two rows."""

from __future__ import annotations

import math
import re
from typing import Any, Protocol

import numpy as np

from neurograph.errors import shown
from neurograph.network.schema import Neuron

MINUS = "−"
MOST_TERMS = 12


class Notation(Protocol):
    """What the arithmetic of a step is written with."""

    times: str
    equals: str
    dots: str

    def symbol(self, letter: str, neuron: Neuron) -> str:
        """Write y6 or z6."""

    def weight(self, source: Neuron, target: Neuron) -> str:
        """Write the weight of an edge."""

    def slope_of_loss(self, by: str) -> str:
        """Write ∂L/∂… of a symbol."""

    def apply(self, function: str, argument: str) -> str:
        """Write a function applied to something."""

    def derivative(self, function: str, argument: str) -> str:
        """Write its derivative there."""

    def number(self, value: Any) -> str:
        """Write a number, or the first of many samples."""

    def template(self, text: str, y: str, t: str) -> str:
        """Fill a formula of y and t."""


class TextNotation:
    """w(4→6)·y4, −0.25·0.401."""

    times = "·"
    equals = " = "
    dots = "…"

    def symbol(self, letter: str, neuron: Neuron) -> str:
        return f"{letter}{neuron}" if type(neuron) is int and neuron >= 0 else f"{letter}({name(neuron)})"

    def weight(self, source: Neuron, target: Neuron) -> str:
        return f"w({name(source)}→{name(target)})"

    def slope_of_loss(self, by: str) -> str:
        return f"∂L/∂{by}"

    def apply(self, function: str, argument: str) -> str:
        return f"{function}({argument})"

    def derivative(self, function: str, argument: str) -> str:
        return f"{function}′({argument})"

    def number(self, value: Any) -> str:
        return number(value)

    def template(self, text: str, y: str, t: str) -> str:
        return _filled(text, y, t)


class LatexNotation:
    r"""w_{4\to 6}\cdot y_{4}, -0.25\cdot 0.401."""

    times = r"\cdot "
    equals = " &= "
    dots = r"\dots"

    def symbol(self, letter: str, neuron: Neuron) -> str:
        letter = r"\delta" if letter == "δ" else letter
        return f"{letter}_{{{latex_name(neuron)}}}"

    def weight(self, source: Neuron, target: Neuron) -> str:
        return rf"w_{{{latex_name(source)}\to {latex_name(target)}}}"

    def slope_of_loss(self, by: str) -> str:
        return rf"\frac{{\partial L}}{{\partial {by}}}"

    def apply(self, function: str, argument: str) -> str:
        return rf"{_operator(function)}({argument})"

    def derivative(self, function: str, argument: str) -> str:
        return rf"{_operator(function)}'({argument})"

    def number(self, value: Any) -> str:
        text = number(value).replace(MINUS, "-").replace("…", r"\dots")
        mantissa, e, exponent = text.partition("e")
        return rf"{mantissa}\cdot 10^{{{int(exponent)}}}" if e and "[" not in text else text

    def template(self, text: str, y: str, t: str) -> str:
        for sign, command in ((MINUS, "-"), ("·", r"\cdot "), ("sign", r"\operatorname{sign}")):
            text = text.replace(sign, command)
        text = text.replace("clip", r"\operatorname{clip}")
        text = text.replace(" if ", r"\text{ if }").replace("else", r"\text{ else }")
        return _filled(text, y, t)


TEXT = TextNotation()
LATEX = LatexNotation()


def _filled(text: str, y: str, t: str) -> str:
    """Put y and t in their places at once: a symbol may itself contain what looks like a place."""
    return re.sub(r"\{([yt])\}", lambda place: {"y": y, "t": t}[place[1]], text)


def name(neuron: Neuron) -> str:
    """Write a neuron inside a formula: a plain word as it is, anything else as its repr."""
    plain = isinstance(neuron, str) and neuron.replace("_", "a").isalnum() and neuron.isascii()
    return str(neuron) if plain and len(str(neuron)) <= 20 else shown(neuron, 30)


def latex_name(neuron: Neuron) -> str:
    """Write a neuron as a LaTeX subscript, every special character escaped."""
    if type(neuron) is int:
        return str(neuron)
    return rf"\mathrm{{{''.join(_LATEX_ESCAPES.get(c, c) for c in name(neuron))}}}"


_LATEX_ESCAPES = {c: rf"\{c}" for c in "#$%&_{}"} | {
    "\\": r"\backslash{}",
    "~": r"\sim{}",
    "^": r"\wedge{}",
    " ": r"\ ",
    "<": r"{<}",
    ">": r"{>}",
}


def _operator(function: str) -> str:
    known = {"logistic": r"\sigma", "tanh": r"\tanh", "sine": r"\sin"}
    return known.get(function) or rf"\operatorname{{{function.replace('_', chr(92) + '_')}}}"


def number(value: Any) -> str:
    """Write a number: three significant digits below 1, three decimals from 1 on; of samples the first three.

    >>> number(0.31091), number(-1234.5678), number(1e-9)
    ('0.311', '−1234.568', '1e−9')
    """
    if np.ndim(value):
        first = ", ".join(number(float(x)) for x in value[:3])
        return f"[{first}, … {len(value)} samples]" if len(value) > 3 else f"[{first}]"
    x = float(value)
    if not math.isfinite(x):
        return str(x).replace("-", MINUS)
    if x == 0.0:
        return "0"
    if 1e-4 <= abs(x) < 1e6:
        text = np.format_float_positional(x, precision=3, fractional=abs(x) >= 1.0, trim="-")
    else:
        mantissa, _, exponent = f"{x:.2e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text.replace("-", MINUS)


def factor(value: Any, notation: Notation) -> str:
    """Write a number as a factor: a negative one in parentheses."""
    text = notation.number(value)
    return f"({text})" if text.startswith((MINUS, "-")) else text


def total(terms: list[str], notation: Notation) -> str:
    """Write a sum; the middle of a long one is left out."""
    if len(terms) > MOST_TERMS:
        left_out = f"{notation.dots} ({len(terms) - 8:,} more) {notation.dots}"
        terms = [*terms[:4], left_out, *terms[-4:]]
    return " + ".join(terms) if terms else "0"
