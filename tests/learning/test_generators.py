"""A generator's state goes into text and back, and nothing that numpy would choke on gets through."""

import copy
import json

import numpy as np
import pytest

from neurograph.errors import CheckpointError, OptionError
from neurograph.learning.generators import BIT_GENERATORS, generator_from_state, generator_state


def used(name):
    """A generator in the midst of its work: half a word of 64 bits is left over."""
    generator = np.random.Generator(BIT_GENERATORS[name](5))
    generator.random(700)
    generator.integers(10, dtype=np.int32)
    return generator


@pytest.mark.parametrize("name", BIT_GENERATORS)
def test_a_generator_made_from_its_state_draws_the_same_numbers(name):
    generator = used(name)
    state = json.loads(json.dumps(generator_state(generator)))
    again = generator_from_state(state, "the file")
    assert again.permutation(100).tolist() == generator.permutation(100).tolist()
    assert generator_state(again) == generator_state(generator) != state


def words(value, path=()):
    """Every place of a state at which a number stands."""
    if isinstance(value, str):
        return [path] * (path != ("bit_generator",))
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [place for key, inner in items for place in words(inner, (*path, key))]


def replaced(state, path, value):
    changed = copy.deepcopy(state)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", BIT_GENERATORS)
def test_no_number_that_is_out_of_bounds_reaches_numpy(name):
    state = generator_state(used(name))
    places = words(state)
    assert len(places) > 3
    for path in places[:3] + places[-5:]:
        for value in ("-1", str(2**128), "1e3", "", " 1", "01", "٣", "9" * 5000, 7, None, True, [], {}):
            with pytest.raises(CheckpointError):
                generator_from_state(replaced(state, path, value), "the file")


@pytest.mark.parametrize(("name", "path", "value"), [
    ("MT19937", ("state", "pos"), "625"),
    ("Philox", ("buffer_pos",), "5"),
    ("SFC64", ("has_uint32",), "2"),
    ("PCG64", ("uinteger",), str(2**32)),
    ("PCG64", ("state", "inc"), "4"),
    ("MT19937", ("state", "key"), ["0"] * 623),
    ("MT19937", ("state", "key", 7), str(2**32)),
    ("PCG64", ("more",), "1"),
    ("PCG64", ("bit_generator",), "Philox"),
    ("PCG64", ("bit_generator",), "os.system"),
    ("PCG64", ("state",), []),
])  # fmt: skip
def test_numbers_by_which_numpy_would_read_beyond_its_memory_are_refused(name, path, value):
    with pytest.raises(CheckpointError, match="the file") as caught:
        generator_from_state(replaced(generator_state(used(name)), path, value), "the file")
    assert caught.value.code == "bad-generator"


@pytest.mark.parametrize("state", [None, [], "PCG64", {}, {"bit_generator": []}])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(CheckpointError):
        generator_from_state(state, "the file")


def test_a_bit_generator_that_numpy_does_not_have_cannot_be_stored():
    class PCG64(np.random.PCG64):  # of the same name
        pass

    with pytest.raises(OptionError, match="cannot be stored"):
        generator_state(np.random.Generator(PCG64(0)))
