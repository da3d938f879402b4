"""A notebook is executed once, and again when anything changes that it depends on."""

import keeping
import pytest
from executing import complaints, results


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A notebook that counts how often it is executed, in a checkout of its own."""
    for folder in ("neurograph", "examples", "docs/tools", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("neurograph/some.py", "examples/some.csv", "docs/tools/executing.py", "notebooks/helper.py"):
        (tmp_path / name).write_text("1\n")
    path = tmp_path / "notebooks" / "1_counts.py"
    path.write_text(f"""# %% name="count"
from pathlib import Path
file = Path({str(tmp_path / "count")!r})
count = 1 + int(file.read_text() if file.exists() else 0)
file.write_text(str(count))
count
""")
    monkeypatch.setattr(keeping, "ROOT", tmp_path)
    monkeypatch.setattr(keeping, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(keeping, "EXECUTED", tmp_path / "docs" / "notebooks" / "executed")
    return path


def count(source):
    return results(keeping.executed(source))["count"].value


@pytest.mark.parametrize(
    "name", ["neurograph/some.py", "examples/some.csv", "notebooks/1_counts.py", "notebooks/helper.py"]
)
def test_what_is_unchanged_is_not_executed_again(source, name, tmp_path):
    assert [count(source), count(source)] == [1, 1]
    changed = tmp_path / name
    changed.write_text(changed.read_text() + "\n# changed\n")
    assert [count(source), count(source)] == [2, 2]


def test_another_version_of_a_package_is_a_change(source, monkeypatch):
    assert count(source) == 1
    monkeypatch.setattr(keeping, "distributions", list)
    assert count(source) == 2


def test_a_file_that_is_broken_is_written_anew(source):
    assert count(source) == 1
    (keeping.EXECUTED / "1_counts.ipynb").write_text("{")
    assert count(source) == 2


def test_what_is_forgotten_is_executed_again(source):
    assert count(source) == 1
    keeping.forget(source)
    keeping.forget(source)
    assert count(source) == 2


def test_a_notebook_that_complained_is_not_kept(source):
    source.write_text(source.read_text() + "\n# %%\nimport sys\nprint('careful', file=sys.stderr)\n")
    assert complaints(keeping.executed(source)) == ["careful\n"]
    assert not (keeping.EXECUTED / "1_counts.ipynb").exists()
    assert count(source) == 2
