"""Executed notebooks as pages: listed in reading order, solutions folded until the reader opens them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

EXECUTED = "notebooks/executed"
PROMPTS = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}
NONE_THERE = "No notebook has been executed here: `make notebooks` does that."


def setup(app: Any) -> dict[str, bool]:
    """Have Sphinx hand over every notebook before it is read."""
    app.add_directive("notebooks", Notebooks)
    app.connect("builder-inited", keep_outputs_apart, priority=900)  # after myst-nb has read its settings
    app.connect("source-read", fold_solutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def keep_outputs_apart(app: Any) -> None:
    """Let pictures of outputs be written beside Sphinx's own notes, and not among the sources."""
    folder = str(Path(app.doctreedir, "outputs"))
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=folder)


def fold_solutions(app: Any, page: str, source: list[str]) -> None:
    """Fold the cells of a notebook that are tagged as solutions."""
    if app.env.doc2path(page).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "solution" in tags:
            cell["metadata"] |= {"tags": [*tags, "hide-cell"], "mystnb": PROMPTS}
    source[0] = json.dumps(notebook)


class Notebooks(SphinxDirective):
    """The executed notebooks, each with its title and its first paragraph."""

    def run(self) -> list[Node]:
        found = sorted(Path(self.env.srcdir, EXECUTED).glob("*.ipynb"))
        return self.parse_text_to_nodes("\n".join(_contents(found)) if found else NONE_THERE)


def _contents(notebooks: list[Path]) -> list[str]:
    entries = [f"**[](/{EXECUTED}/{path.name})**\n: {_summary(path)}\n" for path in notebooks]
    pages = [f"/{EXECUTED}/{path.stem}" for path in notebooks]
    return [*entries, "```{toctree}", ":hidden:", "", *pages, "```"]


def _summary(notebook: Path) -> str:
    """The first paragraph below the title: what the reader will be able to do."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells[:3] if cell["cell_type"] == "markdown")
    paragraphs = [part for part in text.split("\n\n") if part.strip() and not part.startswith("#")]
    return paragraphs[0].replace("\n", " ") if paragraphs else ""
