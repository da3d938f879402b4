"""Executed notebooks as pages that ask for nothing: players alive, formulas drawn by the browser itself."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from executing import NOTEBOOKS, ROOT, SOURCES, read_source
from formulas import shown_latex, to_mathml
from markupsafe import Markup, escape
from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from neurograph.view.page import FRAME_SCRIPT, player_script

PAGES = ROOT / "docs" / "notebooks"
HERE = Path(__file__).parent
PUNCTUATED = re.compile(r"(<math(?:(?!</math>).)*</math>[.,;:?!)]+)", re.DOTALL)  # stays in one line
LESSON = re.compile(r"(\d)_\w+\.ipynb")


def export(notebook: NotebookNode, source: Path) -> str:
    """Return the page of an executed notebook."""
    place = SOURCES.index(source)
    return _template().render(
        cells=notebook.cells,
        title=title(source),
        lessons=[(each.stem, title(each)) for each in SOURCES],
        here=place,
        policy=_policy(),
        style=(HERE / "notebook.css").read_text(encoding="utf-8"),
    )


@cache
def title(source: Path) -> str:
    """The heading of a notebook."""
    first = read_source(source).cells[0].source.splitlines()[0]
    return first.removeprefix("#").strip()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"markdown": markdown, "code": code, "output": output}
    return environment.get_template("notebook.html")


@cache
def _policy() -> str:
    """What the page may do: run the two scripts of the players, show styles and pictures of its own."""
    digests = (hashlib.sha256(text.encode()).digest() for text in (player_script(), FRAME_SCRIPT))
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


class Renderer(IPythonRenderer):
    """Markdown as HTML: formulas as MathML, links to notebooks as links to their pages."""

    def inline_math(self, body: str) -> str:
        return to_mathml(body)

    def block_math(self, body: str) -> str:
        return f'<div class="formula">{to_mathml(body, "block")}</div>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, address(url), title)


def markdown(text: str) -> Markup:
    """Render a cell of text."""
    renderer = Renderer(escape=False, embed_images=True, exclude_anchor_links=False, path=str(NOTEBOOKS))
    renderer.anchor_link_text = "#"
    html = MarkdownWithMath(renderer=renderer).render(text)
    html = html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    return Markup(PUNCTUATED.sub(r'<span class="whole">\1</span>', html))


def address(url: str) -> str:
    """Where a link of a notebook leads from its page: to the page of another, or to the same file."""
    parts = urlsplit(url)
    if parts.scheme or not parts.path:
        return url
    if LESSON.fullmatch(parts.path):
        path = f"{parts.path.removesuffix('.ipynb')}.html"
    else:
        path = Path(os.path.relpath(NOTEBOOKS / parts.path, PAGES)).as_posix()
    return parts._replace(path=path).geturl()


@cache
def _highlighter() -> Highlight2HTML:
    return Highlight2HTML(pygments_lexer="ipython3")


def code(text: str) -> Markup:
    """Render a cell of code."""
    return Markup(_highlighter()(text))


# ── outputs ──────────────────────────────────────────────────────────────────────────────────────


def output(shown: NotebookNode) -> Markup:
    """Render what a cell printed, or the richest form of what it showed."""
    if shown.output_type == "stream":
        return _text(shown.text)
    if shown.output_type == "error":
        return _text("\n".join(shown.traceback))
    kind = next(kind for kind in SHOWN if kind in shown.data)
    return SHOWN[kind](shown.data[kind], shown)


def _text(text: str, shown: Any = None) -> Markup:
    return Markup(f"<pre>{ansi2html(text)}</pre>")


def _html(text: str, shown: NotebookNode) -> Markup:
    return Markup(f'<div class="rich">{text}</div>')


def _latex(text: str, shown: NotebookNode) -> Markup:
    return Markup(f'<div class="formula">{shown_latex(text)}</div>')


def _svg(text: str, shown: NotebookNode) -> Markup:
    return Markup(f'<div class="picture">{text[text.index("<svg") :]}</div>')


def _png(text: str, shown: NotebookNode) -> Markup:
    name = escape(shown.data.get("text/plain", ""))
    width = shown.metadata.get("image/png", {}).get("width")
    size = f' width="{width}"' if width else ""
    return Markup(f'<img class="plot" src="data:image/png;base64,{text.strip()}" alt="{name}"{size}>')


SHOWN: dict[str, Callable[[str, NotebookNode], Markup]] = {
    "text/html": _html,
    "image/svg+xml": _svg,
    "image/png": _png,
    "text/latex": _latex,
    "text/markdown": lambda text, shown: markdown(text),
    "text/plain": _text,
}
"""How each kind of output is rendered, the richest first."""
