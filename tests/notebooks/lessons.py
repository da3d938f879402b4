"""The notebooks as parameters of tests: all tests of one run in one worker, which executes it once."""

import pytest
from executing import SOURCES

NAMES = (
    "1_a_network_is_a_graph",
    "2_the_sixth_neuron",
    "3_why_deep",
    "4_backpropagation",
    "5_training",
    "6_your_own_graph",
    "7_cats_and_tweets",
    "8_from_one_laptop_to_a_cluster",
)


def each(*numbers, group=None):
    """Parametrize a test with notebooks: those of these numbers, or all."""
    chosen = [source for source in SOURCES if not numbers or int(source.name[0]) in numbers]
    marks = [pytest.mark.xdist_group(group or source.stem) for source in chosen]
    return pytest.mark.parametrize(
        "source",
        [pytest.param(source, marks=mark, id=source.stem) for source, mark in zip(chosen, marks, strict=True)],
    )
