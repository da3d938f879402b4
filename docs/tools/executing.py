"""Notebooks from their sources: paired, run cell by cell, and read for what their cells returned."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("[0-9]_*.py"))
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PATIENCE = 180  # seconds for a cell


@dataclass(frozen=True)
class Result:
    """What a cell printed and returned."""

    printed: str
    shown: dict[str, str]  # mime type → what the last expression, or the last display, was shown as

    @property
    def text(self) -> str:
        """The last expression as text, as a prompt would show it."""
        return self.shown.get("text/plain", "")

    @property
    def value(self) -> Any:
        """The last expression, where it is a plain Python value: a number, a string, a list …"""
        return ast.literal_eval(self.text)


def read_source(source: Path) -> NotebookNode:
    """Read a notebook from its Python source; its cells are named by their order, so that diffs are small."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for i, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{i}"
    return notebook


def written(notebook: NotebookNode) -> str:
    """Write a notebook as the text of its file."""
    return nbformat.writes(notebook) + "\n"


def execute(notebook: NotebookNode, folder: Path = NOTEBOOKS) -> NotebookNode:
    """Run all cells in a new kernel that works in a folder; raise where one fails."""
    NotebookClient(
        notebook, timeout=PATIENCE, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook


def results(notebook: NotebookNode) -> dict[str, Result]:
    """Return what each cell that has a name printed and returned."""
    found: dict[str, Result] = {}
    for cell in notebook.cells:
        if "name" in cell.metadata:
            assert cell.metadata.name not in found, f"two cells are named {cell.metadata.name}"
            found[cell.metadata.name] = _result(cell.outputs)
    return found


def complaints(notebook: NotebookNode) -> list[str]:
    """Return what cells wrote to stderr, warnings among it, and errors."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    streams = [output.text for output in outputs if output.get("name") == "stderr"]
    return streams + [output.evalue for output in outputs if output.output_type == "error"]


def _result(outputs: list[NotebookNode]) -> Result:
    printed = "".join(output.text for output in outputs if output.get("name") == "stdout")
    shown = [output.data for output in outputs if "data" in output]
    return Result(printed, dict(shown[-1]) if shown else {})
