"""Each notebook is written from its Python source, which is what people edit and compare: `make pair`."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
from executing import read_source, written


def paired(source: Path) -> Path:
    """The notebook of a source."""
    return source.with_suffix(".ipynb")


def pair(source: Path) -> bool:
    """Write the notebook of a source, without outputs, and tidy the source; say whether a file changed."""
    notebook = written(read_source(source))
    return any([_write(paired(source), notebook), _write(source, _as_source(notebook))])


def _as_source(notebook: str) -> str:
    """The source that JupyterLab would save for a notebook: it orders what is said of a cell."""
    return jupytext.writes(nbformat.reads(notebook, as_version=4), fmt="py:percent")


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True
