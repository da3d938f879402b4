"""A table that stays where it is gives the numbers of its copy, whatever its type, and tells of changes."""

import numpy as np
import pytest
from test_samples import BAD, MANY, X, Y, network

import neurograph as ng
from neurograph.walk import samples, tables
from neurograph.walk.tables import LargeTable, blocks

NUMBERS = np.random.default_rng(0).integers(-100, 100, (17, 3))
HELD = {
    "int8": NUMBERS.astype(np.int8),
    "uint64": np.abs(NUMBERS).astype(np.uint64),
    "bool": NUMBERS > 0,
    "float16": (NUMBERS / 8).astype(np.float16),
    "float32": (NUMBERS / 7).astype(np.float32),
    "float64": NUMBERS / 7,
    "long double": NUMBERS / np.longdouble(7),
    "big-endian": (NUMBERS / 7).astype(">f4"),
    "Fortran order": np.asfortranarray(NUMBERS / 7),
    "negative strides": (NUMBERS / 7)[::-1, ::-1],
    "every other row": (NUMBERS / 7)[::2],
}
CHOICES = {
    "all": slice(None),
    "some": slice(3, 9),
    "the last": slice(6, 99),
    "in another order": np.array([5, 2, 2, 0, 8]),
    "none": slice(4, 4),
}


@pytest.fixture
def in_place(monkeypatch):
    """Let every table count as large, and blocks be as small as they can."""
    monkeypatch.setattr(samples, "MOST_COPIED", 0)
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 1)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("form", HELD)
def test_rows_are_plain_arrays_with_the_bits_of_the_float64_copy(form, choice):
    held, rows = HELD[form], CHOICES[choice]
    before = held.tobytes()
    found = LargeTable(held)[rows]
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert found.flags.aligned
    assert found.tobytes() == held.astype(np.float64)[rows].tobytes()
    assert held.tobytes() == before
    assert held.any()


def test_a_table_as_an_array_is_a_copy():
    held = NUMBERS / 7
    found = np.asarray(LargeTable(held))
    assert found.tobytes() == held.tobytes()
    assert not np.shares_memory(found, held)


@pytest.mark.parametrize("at_once", [1, 3, 7, 51, 1000])
def test_blocks_are_all_rows_in_their_order(at_once, monkeypatch):
    monkeypatch.setattr(tables, "MOST_AT_ONCE", at_once)
    for table in (NUMBERS, LargeTable(NUMBERS)):
        found = list(blocks(table))
        assert np.concatenate([rows for _, rows in found]).tolist() == NUMBERS.tolist()
        assert all(rows.tolist() == NUMBERS[first : first + len(rows)].tolist() for first, rows in found)
        assert max(len(rows) for _, rows in found) == min(17, max(1, at_once // 3))


@pytest.mark.parametrize("form", HELD)
def test_the_checksum_tells_every_changed_cell_and_every_exchange_of_rows(form):
    held = HELD[form].copy()
    before = LargeTable(held).checksum()
    assert LargeTable(held.copy()).checksum() == before
    for row in range(len(held)):
        for column in range(3):
            kept = held[row, column].copy()
            held[row, column] = not kept if form == "bool" else kept + 1
            assert LargeTable(held).checksum() != before
            held[row, column] = kept
    assert LargeTable(held).checksum() == before
    held[:] = held[::-1].copy()
    assert LargeTable(held).checksum() != before


@pytest.mark.parametrize("backend", ["numpy", "numba", "walk"])
@pytest.mark.parametrize("form", sorted(set(MANY) - {"list of columns"}))
def test_a_program_takes_every_form_in_place_with_the_same_bits(form, backend, in_place, monkeypatch):
    given = MANY[form]
    before = given.tobytes() if isinstance(given, np.ndarray) else repr(given)
    program = ng.compile_network(network(), backend=backend)
    found = answers(program, given, Y)
    monkeypatch.undo()
    expected = answers(program, X, Y)
    assert [part.tobytes() for part in found] == [part.tobytes() for part in expected]
    assert all(np.isfinite(part).all() and part.any() for part in found)
    assert before == (given.tobytes() if isinstance(given, np.ndarray) else repr(given))


def answers(program, given, targets):
    loss, gradient = program.gradient(given, targets)
    return [
        program.forward(given), program.values(given), np.array(program.loss(given, targets)),
        np.array(loss), gradient,
    ]  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_unsound_numbers_are_refused_in_place_as_in_a_copy(what, in_place, monkeypatch):
    program, given = ng.compile_network(network()), BAD[what][0]
    with pytest.raises(ng.DataError) as found:
        program.forward(given)
    monkeypatch.undo()
    with pytest.raises(ng.DataError) as expected:
        program.forward(given)
    assert str(found.value) == str(expected.value)
    assert found.value.code == expected.value.code


def test_targets_that_do_not_fit_are_found_in_any_block(in_place):
    net = ng.mlp([3, 2], output_activation="logistic", seed=0)
    program = ng.compile_network(net)
    with pytest.raises(ng.DataError, match=r"row 3, column 6: the target 1\.25 does not fit"):
        program.loss(X, [[0, 1], [0, 0.5], [1, 1], [1, 1.25]], "cross_entropy")
