"""A notebook is what its source says, without outputs; and its source is what JupyterLab would write."""

import jupytext
import nbformat
import pytest
from executing import NOTEBOOKS, SOURCES, execute, read_source, results, written
from lessons import NAMES, each
from pairing import pair, paired

SOURCE = """# %% [markdown]
# # 1. A *title*

# %% name="six"
2 * 3

# %% [markdown]
# ## Exercises

# %% jupyter={"source_hidden": true} tags=["solution"]
2 * 3
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "1_a_title.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_the_notebooks_are_those_of_the_table_of_contents():
    assert tuple(source.stem for source in SOURCES) == NAMES
    contents = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"({name}.ipynb)" in contents


@each()
def test_the_notebook_is_that_of_its_source(source):
    assert paired(source).read_text(encoding="utf-8") == written(read_source(source)), "run `make pair`"


@each()
def test_the_notebook_is_valid_and_has_no_outputs(source):
    notebook = nbformat.read(paired(source), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 8
    assert not any(cell.outputs or cell.execution_count for cell in code)


@each()
def test_a_notebook_that_is_saved_in_jupyterlab_leaves_its_source_as_it_was(source):
    notebook = nbformat.read(paired(source), as_version=4)
    assert jupytext.writes(notebook, fmt="py:percent") == source.read_text(encoding="utf-8")


def test_a_pair_is_written_once_and_then_left(source):
    assert pair(source)
    before = paired(source).read_bytes()
    assert not pair(source)
    assert paired(source).read_bytes() == before
    source.write_text(SOURCE.replace("2 * 3", "2 * 4", 1), encoding="utf-8")
    assert pair(source)
    assert paired(source).read_bytes() != before


def test_a_source_is_tidied_to_what_jupyterlab_would_save(source):
    source.write_text(
        SOURCE.replace(
            '{"source_hidden": true} tags=["solution"]', '{"outputs_hidden": true, "source_hidden": true}'
        ).replace("# %% jupyter", '# %% tags=["solution"] jupyter'),
        encoding="utf-8",
    )
    assert pair(source)
    assert source.read_text(encoding="utf-8") == SOURCE
    assert not pair(source)


def test_outputs_go_when_a_pair_is_written_anew(source):
    pair(source)
    before = paired(source).read_bytes()
    paired(source).write_text(written(execute(read_source(source), source.parent)), encoding="utf-8")
    assert paired(source).read_bytes() != before
    assert pair(source)
    assert paired(source).read_bytes() == before


def test_a_new_cell_leaves_the_ids_of_all_others(source):
    before = [cell.id for cell in read_source(source).cells]
    source.write_text(f"# %%\n1 + 1\n\n{SOURCE}", encoding="utf-8")
    after = [cell.id for cell in read_source(source).cells]
    assert after[1:] == before
    assert len(set(after)) == 5


def test_cells_that_have_a_name_are_found_with_what_they_returned(source):
    found = results(execute(read_source(source), source.parent))
    assert {name: result.value for name, result in found.items()} == {"six": 6}


def test_a_notebook_whose_cell_fails_does_not_pass(source):
    source.write_text(SOURCE.replace("2 * 3", "1 / 0", 1), encoding="utf-8")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        execute(read_source(source), source.parent)


def test_solutions_are_hidden_in_the_notebook(source):
    (hidden,) = [cell for cell in read_source(source).cells if "solution" in cell.metadata.get("tags", [])]
    assert hidden.metadata.jupyter == {"source_hidden": True}
