"""Every notebook runs from its first cell to its last, says nothing on stderr, and returns what it must."""

import importlib
from contextlib import contextmanager

from executing import complaints, results
from keeping import executed, forget
from lessons import each


@contextmanager
def forgotten_if_wrong(source):
    """What is wrong is not kept: the next run, which may have a connection, executes it again."""
    try:
        yield
    except BaseException:
        forget(source)
        raise


@each()
def test_a_notebook_runs_and_returns_what_it_must(source):
    notebook = executed(source)
    expected = importlib.import_module(f"expected_{source.name[0]}").EXPECTED
    assert len(expected) >= 8
    with forgotten_if_wrong(source):
        assert complaints(notebook) == []
        found = results(notebook)
        assert set(found) == set(expected)
        for name, check in expected.items():
            check(found[name])


@each()
def test_a_notebook_shows_something_in_most_of_its_cells(source):
    cells = [cell for cell in executed(source).cells if cell.cell_type == "code"]
    assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 2
