"""Formulas as MathML, which browsers draw by themselves: no script, no font, no request."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.nodes import SkipNode
from latex2mathml.converter import convert

EQUATION = re.compile(r"\\(?:begin|end)\{(?:equation|split)\*?\}")


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(visit_inline, None), block_renderers=(visit_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_inline(writer: Any, node: nodes.Element) -> None:
    """Write a formula that stands in a line."""
    writer.body.append(markup(node.astext(), "inline"))
    raise SkipNode


def visit_block(writer: Any, node: nodes.Element) -> None:
    """Write a formula that stands by itself; a wide one scrolls."""
    writer.body.append(f'<div class="formula">{markup(node.astext(), "block")}</div>')
    raise SkipNode


def markup(latex: str, display: str) -> str:
    """Convert LaTeX to MathML."""
    return convert(EQUATION.sub("", latex).strip(), display=display)
