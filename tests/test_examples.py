"""Everything that a reader can copy runs: pages, docstrings, example files."""

import csv
import doctest
import glob
import importlib
import pkgutil
import re
import runpy
import shlex
import shutil
from collections import Counter

import numpy as np
import pytest
from terminal import BROKEN, EXAMPLES, IRIS, IRIS_DATA, ROOT, TEXT, XOR, XOR_DATA

import neurograph as ng
from neurograph import cli

# ── pages ────────────────────────────────────────────────────────────────────────────────────────

PAGES = sorted([ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """The Python blocks of a page, each after as many blank lines as stand before it."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start(1)), found.group(1)


def run_block(code, line, namespace, name):
    """Run a block: as a doctest where it shows a prompt, as a program otherwise."""
    if ">>>" not in code:
        exec(compile("\n" * line + code, name, "exec"), namespace)
        return
    test = doctest.DocTestParser().get_doctest(code, namespace, name, name, line)
    test.globs = namespace  # what one block defines, the next one knows
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    result = runner.run(test, out=report.append, clear_globs=False)
    assert result.failed == 0, "".join(report)
    assert result.attempted > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_python_block_of_a_page_runs(page, tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    for line, code in blocks(page):
        run_block(code, line, namespace, str(page))


SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = [
    pytest.param(line, id=f"{page.stem}: {line}")
    for page in PAGES
    for block in SHELL.findall(page.read_text(encoding="utf-8"))
    for line in block.splitlines()
    if line.startswith("neurograph ")
]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_a_page_does_what_it_says(line, tmp_path, monkeypatch, capsys):
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    words = [part for word in shlex.split(line)[1:] for part in sorted(glob.glob(word)) or [word]]
    unsound = "broken" in line or "xor.json --require layered" in line  # a check says so by its status
    assert cli.main(words) == unsound
    assert capsys.readouterr().out


def test_pages_have_commands_that_are_run():
    assert len(COMMANDS) > 4


LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
LINKED = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
LINKED += [ROOT / name / "README.md" for name in ("notebooks", "examples", "benchmarks")]


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_leads_to_a_file(page):
    for path in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / path).exists(), path


def test_the_readme_has_blocks_that_run():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert list(blocks(ROOT / "README.md")) or not readme.strip()


def test_blocks_that_are_wrong_are_seen_to_be_wrong():
    with pytest.raises(AssertionError):
        run_block(">>> 1 + 1\n3\n", 0, {}, "page")
    with pytest.raises(ZeroDivisionError):
        run_block("1 / 0\n", 0, {}, "page")


# ── docstrings ───────────────────────────────────────────────────────────────────────────────────

MODULES = ["neurograph", *(found.name for found in pkgutil.walk_packages(ng.__path__, "neurograph."))]


@pytest.mark.parametrize("name", MODULES)
def test_every_docstring_example_of_a_module_runs(name, capsys):
    module = importlib.import_module(name)
    report: list[str] = []
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report) or capsys.readouterr().out


def test_the_docstrings_have_examples():
    examples = [
        len(test.examples)
        for name in MODULES
        for test in doctest.DocTestFinder().find(importlib.import_module(name))
    ]
    assert sum(examples) > 100


# ── networks ─────────────────────────────────────────────────────────────────────────────────────


def test_the_text_s_network_is_the_running_example():
    net, built = ng.load(TEXT), ng.example_network()
    assert dict(net.nodes(data=True)) == dict(built.nodes(data=True))
    assert ng.weights(net) == ng.weights(built)
    assert ng.layers(net) == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert not ng.check(net).findings


def test_the_xor_network_has_skip_edges_and_can_learn_xor():
    net = ng.load(XOR)
    assert [finding.code for finding in ng.check(net).findings] == ["not-layered"]
    assert net.has_edge("a", "xor")
    assert sum(kind == "hidden" for _, kind in net.nodes(data="kind")) == 1
    X, Y = ng.read_csv(XOR_DATA, net)
    assert {tuple(x): y.item() for x, y in zip(X, Y, strict=True)} == {
        (0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0,
    }  # fmt: skip
    ng.fit(net, X, Y, loss="cross_entropy", learning_rate=0.1, epochs=2000, seed=0)
    learned = [ng.forward(net, x).outputs[0] > 0.5 for x in X]
    assert learned == [bool(y) for y in Y[:, 0]]


def test_the_iris_network_is_irregular_sparse_and_sound():
    net = ng.load(IRIS)
    report = ng.check(net)
    assert report.ok
    assert "not-layered" in {finding.code for finding in report.findings}
    computing = [neuron for neuron, kind in net.nodes(data="kind") if kind in ("hidden", "output")]
    assert net.number_of_edges() < len(net) * len(computing) / 3
    frozen = [(s, t) for s, t, trainable in net.edges(data="trainable", default=True) if not trainable]
    assert {target for _, target in frozen} == {neuron for neuron in net if neuron.endswith("_scaled")}


EXPECTED = {
    "cycles": {"cycle": 1, "self-loop": 1},
    "departures": {
        "not-layered": 1, "dead-end": 1, "unreachable": 1, "missing-bias": 1, "output-feeds-on": 1,
        "not-differentiable": 1,
    },
    "ends": {"no-input": 1, "no-output": 1, "unfed": 1},
    "functions": {"missing-activation": 1, "unknown-activation": 1, "source-has-activation": 1},
    "kinds": {"missing-kind": 1, "unknown-kind": 1},
    "layers": {"extra-bias": 1, "late-input": 1, "early-output": 1, "mixed-activations": 1},
    "sources": {"cycle": 1, "input-has-incoming": 1, "bias-has-incoming": 1},
    "unfed": {"unfed": 1},
    "weights": {"missing-weight": 1, "weight-not-a-number": 2, "trainable-not-boolean": 1},
}  # fmt: skip
NO_FILE_CAN_CARRY = {"not-a-digraph", "weight-not-finite"}  # a file is a digraph, and its numbers are finite


def test_every_broken_network_is_in_the_table():
    assert {path.stem for path in BROKEN.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_network_has_the_findings_of_its_family_and_no_others(name):
    net = ng.load(BROKEN / f"{name}.json", strict=False)
    assert Counter(finding.code for finding in ng.check(net).findings) == EXPECTED[name]


def test_every_code_that_a_file_can_carry_has_its_example():
    shown = {code for codes in EXPECTED.values() for code in codes}
    assert shown == set(ng.CODES) - NO_FILE_CAN_CARRY


def test_the_files_are_what_the_script_builds(tmp_path):
    built = runpy.run_path(str(EXAMPLES / "build.py"))["build"](tmp_path)
    committed = {path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*.json")}
    assert {path.relative_to(tmp_path) for path in built} == committed
    for path in built:
        assert path.read_bytes() == (EXAMPLES / path.relative_to(tmp_path)).read_bytes(), path.name


def test_every_example_file_is_listed_with_what_it_is():
    listed = set(
        re.findall(r"^\| `(.*?)` \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.is_file()}
    assert listed == {name for name in files if "__pycache__" not in name} - {"README.md"}


# ── data ─────────────────────────────────────────────────────────────────────────────────────────

# Fisher 1936, table II: the means of sepal length, sepal width, petal length and petal width in cm.
FISHER = {
    "setosa": (5.006, 3.428, 1.462, 0.246),
    "versicolor": (5.936, 2.770, 4.260, 1.326),
    "virginica": (6.588, 2.974, 5.552, 2.026),
}


def test_the_irises_have_the_means_that_fisher_published():
    with IRIS_DATA.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 150
    assert list(rows[0]) == ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    for species, means in FISHER.items():
        found = [[float(row[name]) for name in list(row)[:4]] for row in rows if row["species"] == species]
        assert len(found) == 50
        assert np.mean(found, axis=0) == pytest.approx(means, abs=1e-9)


def test_no_iris_is_beyond_the_published_range():
    X, Y = ng.read_csv(IRIS_DATA, ng.load(IRIS), targets=["species"])
    assert X.min(axis=0).tolist() == [4.3, 2.0, 1.0, 0.1]
    assert X.max(axis=0).tolist() == [7.9, 4.4, 6.9, 2.5]
    assert Y.sum(axis=0).tolist() == [50, 50, 50]
