"""Sphinx's formulas as MathML, by the same converter as in the pages of notebooks."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.nodes import SkipNode
from formulas import shown_latex, to_mathml


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(write_inline, None), block_renderers=(write_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_inline(writer: Any, node: nodes.Element) -> None:
    """Write a formula that stands in a line."""
    writer.body.append(to_mathml(node.astext()))
    raise SkipNode


def write_block(writer: Any, node: nodes.Element) -> None:
    """Write a formula that stands by itself; a wide one scrolls."""
    writer.body.append(f'<div class="formula">{shown_latex(node.astext())}</div>')
    raise SkipNode
