"""The comparison speaks of the versions that were measured, and of this library as it is."""

import re

import pytest
from terminal import ROOT

import neurograph as ng

PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip(" *") for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ")
]
HEAD, *FEATURES = ROWS


@pytest.mark.parametrize("name", ["micrograd", "neat-python", "connex", "PyTorch"])
def test_the_versions_compared_are_those_that_were_measured(name):
    compared = next(cell.removeprefix(f"{name} ") for cell in HEAD if cell.startswith(f"{name} "))
    package = {"PyTorch": "torch"}.get(name, name)
    measured = re.search(rf"\b{package} ([\d.]+)", RESULTS)[1]
    assert measured == compared or measured.startswith(f"{compared}.")


def test_every_feature_is_told_of_every_one():
    assert len(FEATURES) > 15
    assert {len(row) for row in ROWS} == {7}
    assert all(all(row) for row in ROWS)
    for name in (
        "micrograd",
        "neat-python",
        "connex",
        "PyTorch",
        "TensorFlow Playground",
        "Synaptic",
        "SNNS",
    ):
        assert f"**{name}" in PAGE


def test_others_are_better_at_more_than_one_thing():
    bold = [line.count("**") for line in PAGE.splitlines() if line.startswith("| ")]
    ours = [line for line in PAGE.splitlines() if re.match(r"\| [^|]+ \| \*\*", line)]
    assert sum(bold) / 2 - len(ours) > 2 * len(ours)


def test_what_is_said_of_this_library_is_so():
    said = {row[0]: row[1] for row in FEATURES}
    assert said["a function for each neuron"] == f"yes, {len(ng.ACTIVATIONS)} and your own"
    assert said["gradients"] == f"of the network's loss, for {len(ng.LOSSES)} losses"
    assert HEAD[1] == f"neurograph {ng.__version__.rpartition('.')[0]}"


def test_the_measurement_that_is_told_is_in_the_results():
    told = re.search(r"took (\d+) seconds for ([\d,]+) edges", PAGE)
    assert f"connex took {told[1]} s" in RESULTS
    assert f"{told[2]} edges" in RESULTS
