"""Notebooks from their sources: paired, run cell by cell, and read for what their cells returned."""

from __future__ import annotations

import ast
import hashlib
import importlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("[0-9]_*.py"))
METADATA = {
    "jupytext": {  # saved in JupyterLab, a notebook writes its source, which has no header
        "formats": "ipynb,py:percent",
        "notebook_metadata_filter": "-all",
        "cell_metadata_filter": "name,tags,jupyter,-all",
    },
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
    """Read a notebook from its Python source."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:  # JupyterLab shows the outputs of what it runs, and would save that
        cell.metadata.get("jupyter", {}).pop("outputs_hidden", None)
    _identify(notebook.cells)
    return notebook


def _identify(cells: list[NotebookNode]) -> None:
    """Give each cell an id made of its text, so that a new cell leaves those of all others as they are."""
    count: dict[str, int] = {}
    for cell in cells:
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        count[digest] = count.get(digest, 0) + 1
        cell.id = f"{digest}-{count[digest]}"


def written(notebook: NotebookNode) -> str:
    """Write a notebook as the text of its file."""
    return nbformat.writes(notebook) + "\n"


def execute(notebook: NotebookNode, folder: Path = NOTEBOOKS) -> NotebookNode:
    """Run all cells in a new kernel that works in a folder; raise where one fails."""
    importlib.import_module("matplotlib.font_manager")  # complains of being slow where it is the first time
    with tempfile.TemporaryDirectory() as home:
        manager = AsyncKernelManager(
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),  # this very Python, no other
            connection_file=str(Path(home, "kernel.json")),
            transport="tcp" if os.name == "nt" else "ipc",
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=PATIENCE,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=_environment(home), cleanup_kc=True)
    return notebook


def _environment(home: str) -> dict[str, str]:
    """The variables of a kernel that knows nothing of the user's settings, and draws as in a notebook."""
    kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | {"IPYTHONDIR": home, "PYTHONPATH": path}


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
