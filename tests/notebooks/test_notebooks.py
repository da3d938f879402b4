"""Every notebook runs from its first cell to its last, says nothing on stderr, and returns what it must."""

import importlib
import sys

import pytest
from terminal import ROOT

sys.path.insert(0, str(ROOT / "docs" / "tools"))

from executing import SOURCES, complaints, execute, read_source, results  # noqa: E402

NUMBERS = {source: source.name[0] for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_notebook_runs_and_returns_what_it_must(source):
    notebook = execute(read_source(source))
    assert complaints(notebook) == []
    found = results(notebook)
    expected = importlib.import_module(f"expected_{NUMBERS[source]}").EXPECTED
    assert set(found) == set(expected)
    assert len(expected) >= 8
    for name, check in expected.items():
        check(found[name])
