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
    return pytest.mark.parametrize("source", [_parameter(source, group or source.stem) for source in chosen])


def _parameter(source, group):
    return pytest.param(source, marks=pytest.mark.xdist_group(group), id=source.stem)
