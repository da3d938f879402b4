"""Executed notebooks are kept, so that tests, pages and the documentation execute each of them once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import nbformat
from executing import NOTEBOOKS, ROOT, complaints, execute, read_source, written
from nbformat import NotebookNode

from neurograph.errors import CheckpointError
from neurograph.files.atomic import write_bytes
from neurograph.files.locking import only_writer

EXECUTED = ROOT / "docs" / "notebooks" / "executed"
READ = (  # what a notebook may depend on
    "neurograph/**/*",
    "examples/**/*",
    "notebooks/[!0-9]*.py",
    "docs/tools/executing.py",
)


def executed(source: Path) -> NotebookNode:
    """Return a notebook with its outputs: the kept one where nothing that it depends on has changed."""
    target = EXECUTED / f"{source.stem}.ipynb"
    with _alone(target):
        key = _key(source)
        notebook = _kept(target, key)
        if notebook is None:
            notebook = execute(read_source(source), NOTEBOOKS)
            notebook.metadata["neurograph"] = {"executed": key}
            if not complaints(notebook):
                write_bytes(target, written(notebook).encode())
    return notebook


def forget(source: Path) -> None:
    """Execute a notebook again when it is asked for next."""
    (EXECUTED / f"{source.stem}.ipynb").unlink(missing_ok=True)


def _kept(target: Path, key: str) -> NotebookNode | None:
    try:
        notebook = nbformat.read(target, as_version=4)
    except (OSError, ValueError):
        return None
    return notebook if notebook.metadata.get("neurograph", {}).get("executed") == key else None


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait until no other process executes the same notebook."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(only_writer(target))
                break
            except CheckpointError:
                time.sleep(0.2)
        yield


def _key(source: Path) -> str:
    """A hash of all that decides what a notebook says: its text, the library, the data, every package."""
    digest = hashlib.sha256(source.read_bytes())
    for path in sorted(path for pattern in READ for path in ROOT.glob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    packages = sorted({f"{each.name}=={each.version}" for each in distributions()})
    digest.update("\n".join([sys.version, os.name, *packages]).encode())
    return digest.hexdigest()
