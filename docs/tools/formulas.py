"""Formulas as MathML, which browsers draw by themselves: no script, no font, no request."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from latex2mathml.converter import convert

DELIMITED = re.compile(r"\$\$(.+)\$\$|\$(.+)\$|\\\[(.+)\\\]|\\\((.+)\\\)", re.DOTALL)

BEFORE = (  # what latex2mathml does not know, and what it does
    (re.compile(r"\\(begin|end)\{(?:aligned|split)\}"), r"\\\1{align*}"),
    (re.compile(r"\\(?:begin|end)\{equation\*?\}"), ""),
    (re.compile(r"\d+(?:\{,\}\d+)+"), lambda found: rf"\text{{{found[0].replace('{,}', ',')}}}"),
)

# Browsers put a space after a minus that begins a number, and leave the brackets of a matrix low where no
# font for mathematics is installed.
OPEN, CLOSE, EQUALS, TIMES, COMMA = "&#x00028;", "&#x00029;", "&#x0003D;", "&#x000B7;", "&#x0002C;"
BRACKETS = "border-inline: 0.08em solid; border-radius: 0.7em / 50%; padding-inline: 0.1em"
AFTER = (
    (
        re.compile(rf"(<mo(?: [^>]*)?>(?:{OPEN}|{EQUALS}|{TIMES}|{COMMA})</mo>)<mo>&#x02212;</mo>"),
        r'\1<mo form="prefix">&#x02212;</mo>',
    ),
    (
        re.compile(rf"<mo>{OPEN}</mo><mtable>((?:(?!<mtable).)*?)</mtable><mo>{CLOSE}</mo>"),
        rf'<mtable style="{BRACKETS}">\1</mtable>',
    ),
)


def to_mathml(latex: str, display: str = "inline") -> str:
    """Convert LaTeX, without the signs around it, to MathML; raise where something of it would be lost."""
    written = latex.strip()
    for pattern, replacement in BEFORE:
        written = pattern.sub(replacement, written)
    markup = convert(written, display=display)
    try:
        texts = list(ET.fromstring(markup).itertext())
    except ET.ParseError as error:
        raise ValueError(f"this formula becomes no MathML: {latex}") from error
    if any("\\" in text or "$" in text for text in texts):
        raise ValueError(f"a command of this formula is not known: {latex}")
    for pattern, replacement in AFTER:
        markup = pattern.sub(replacement, markup)
    return markup


def shown_latex(text: str) -> str:
    """Convert what an object shows as LaTeX, signs and all, to MathML that stands by itself."""
    found = DELIMITED.fullmatch(text.strip())
    latex = next(filter(None, found.groups())) if found else text
    return to_mathml(latex.replace(r"\displaystyle ", "", 1), "block")
