"""What goes in at the door: inputs and targets in any sound form, read as one table of floats."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import DataError, did_you_mean, shown, shown_list
from neurograph.network.schema import Neuron
from neurograph.walk.tables import MOST_COPIED, LargeTable, Samples, Table, blocks

AnyTable = TypeVar("AnyTable", Table, LargeTable)


@dataclass(frozen=True)
class Slot:
    """What is being read, for the messages: the argument's name and the neurons of its columns."""

    argument: str
    neurons: Sequence[Neuron]
    noun: str

    @property
    def order(self) -> str:
        if len(self.neurons) == 1:
            return f"one number, for {self.noun} neuron {shown(self.neurons[0])}"
        return f"one number for each {self.noun} neuron, in the order {shown_list(self.neurons)}"

    def error(self, what: str, code: str, fix: str, where: str = "", expected: str = "") -> DataError:
        place = f"{self.argument}, {where}" if where else self.argument
        return DataError(what, code=code, where=place, expected=expected or self.order, fix=fix)


def read_samples(given: Any, slot: Slot) -> tuple[Table, bool]:
    """Read one sample or many: a table of shape (samples, neurons), and whether it was one sample alone.

    A mapping goes by neuron. In a list, numbers are one sample, arrays are columns (one number per
    sample, a column for each neuron), and lists are rows, as numpy reads them. A two-dimensional array
    has a row for each sample.
    """
    if isinstance(given, Mapping):
        given = [_as_numbers(column, slot, j) for j, column in enumerate(_in_order(given, slot))]
    if _is_frame(given):
        return np.asarray(read_table(given, slot)), False
    if _is_series(given):
        given = _series_values(given, slot)
    if isinstance(given, list | tuple) and any(isinstance(item, np.ndarray) and item.ndim for item in given):
        return _join_columns(given, slot), False
    array = _as_numbers(given, slot)
    if array.ndim == 1:
        _check_width(array, slot)
        return _finite(_as_floats(array, slot)[None, :], slot, single=True), True
    return np.asarray(read_table(array, slot)), False


def read_table(given: Any, slot: Slot) -> Samples:
    """Read many samples, every number finite: a new contiguous float64 table of shape (samples, neurons).

    An array of more than ``MOST_COPIED`` numbers is not copied: its rows become float64 as they are used.
    """
    if isinstance(given, Mapping):
        given = _join_columns(_in_order(given, slot), slot)
    if _is_frame(given):
        given = _frame_columns(given, slot)
    _refuse_square_list(given, slot)
    array = _as_numbers(given, slot)
    if array.ndim != 2:
        raise slot.error(
            f"its shape is {array.shape}",
            "wrong-shape",
            _shape_hint(array, slot),
            expected=f"the shape (samples, {len(slot.neurons)}): {slot.order}",
        )
    _check_width(array, slot)
    if array.size <= MOST_COPIED:
        return _finite(_as_floats(array, slot), slot)
    for _, rows in blocks(array):
        _check_integers(rows, slot)
    return _finite(LargeTable(array), slot)


def check_same_length(X: Samples, Y: Samples) -> None:
    """Raise unless there are as many samples in X as in Y."""
    if len(X) != len(Y):
        raise DataError(
            f"{len(X)} samples in X and {len(Y)} in Y",
            code="different-lengths",
            where="X and Y",
            expected="a target for each sample",
            fix="give X and Y the same number of rows",
        )


def check_not_empty(X: Samples) -> None:
    """Raise where there is no sample at all: the mean of no losses is no number."""
    if not len(X):
        raise DataError(
            "there are no rows",
            code="no-rows",
            where="X",
            expected="at least one sample",
            fix="give at least one row",
        )


def _refuse_square_list(given: Any, slot: Slot) -> None:
    """Refuse arrays in a list, as many as each is long: rows for numpy, columns for forward and backward."""
    count = len(slot.neurons)
    if not isinstance(given, list | tuple) or len(given) != count or count == 1:
        return
    if all(isinstance(item, np.ndarray) and item.shape == (count,) for item in given):
        raise slot.error(
            "is a list of arrays that may be rows or columns",
            "ambiguous",
            "give numpy.array(…) of them if they are rows, numpy.column_stack(…) if they are columns",
        )


def _refuse_odd_containers(given: Any, slot: Slot, where: str) -> None:
    """Refuse what could be read wrongly or only once."""
    if type(given) is np.ndarray:
        return
    reasons = (
        (_is_masked(given), "a masked array", "fill it, or drop the rows that have gaps"),
        (isinstance(given, str | bytes), "text", "give numbers"),
        (isinstance(given, Iterator), "an iterator, which can be read only once", "pass list(…) of it"),
        (isinstance(given, set | frozenset), "a set, which has no order", "pass a list"),
        (_has_series(given), "a list of series, whose names would be lost", "pass the data frame itself"),
        (hasattr(given, "toarray") and hasattr(given, "nnz"), "a sparse matrix", "pass its .toarray()"),
    )
    for applies, what, fix in reasons:
        if applies:
            raise slot.error(f"is {what}", "wrong-type", fix, where=where)


def _is_masked(given: Any) -> bool:
    rows = given if isinstance(given, list | tuple) else [given]
    return any(isinstance(row, np.ma.MaskedArray) for row in rows)


def _in_order(given: Mapping[Any, Any], slot: Slot) -> list[Any]:
    """Take a mapping's values in the order of the neurons, each of them given and no other."""
    missing = [neuron for neuron in slot.neurons if neuron not in given]
    known = set(slot.neurons)
    extra = [key for key in given if key not in known]
    if not missing and not extra:
        return [given[neuron] for neuron in slot.neurons]
    parts = [f"no value for {shown_list(missing)}"] if missing else []
    parts += [f"a value for {shown_list(extra)}, no {slot.noun} neuron"] if extra else []
    hint = did_you_mean(extra[0], slot.neurons) if extra else ""
    raise slot.error(" and ".join(parts), "wrong-names", hint or f"give exactly the {slot.noun} neurons")


def _join_columns(columns: Sequence[Any], slot: Slot) -> Any:
    """Make a table of columns, numbers standing for all samples; leave plain numbers as they are."""
    if len(columns) != len(slot.neurons):
        _check_width(np.empty((1, len(columns))), slot)
    arrays = [_as_numbers(column, slot, j) for j, column in enumerate(columns)]
    if all(array.ndim == 0 for array in arrays):
        return np.array([[float(array) for array in arrays]])
    lengths = {len(array) for array in arrays if array.ndim == 1}
    if len(lengths) != 1 or any(array.ndim > 1 for array in arrays):
        shapes = ", ".join(str(array.shape) for array in arrays[:10])
        fix = "give one-dimensional arrays of the same length"
        raise slot.error(f"its columns have the shapes {shapes}", "ragged", fix)
    table = np.empty((lengths.pop(), len(arrays)))
    for j, array in enumerate(arrays):
        table[:, j] = _as_floats(array, slot, j)
    return _finite(table, slot)


def _is_frame(given: Any) -> bool:
    return hasattr(given, "columns") and hasattr(given, "to_numpy")


def _is_series(given: Any) -> bool:
    """Tell a pandas Series, such as a row of a data frame, whose numbers have names."""
    return hasattr(given, "index") and hasattr(given, "to_numpy") and hasattr(given, "keys")


def _has_series(given: Any) -> bool:
    return isinstance(given, list | tuple) and any(map(_is_series, given))


def _series_values(given: Any, slot: Slot) -> Any:
    """Pick the numbers of a series by the neurons' names; without names of its own it goes by position."""
    names = list(given.keys())
    if names == list(range(len(names))):
        return given.to_numpy()
    places = _places_by_name(names, slot, "series", "value")
    return given.to_numpy()[places]


def _frame_columns(given: Any, slot: Slot) -> Any:
    """Pick a data frame's columns by the neurons' names, never by position."""
    names = list(given.columns)
    places = _places_by_name(names, slot, "frame", "column")
    if len(set(names)) == len(names):
        return given[[names[place] for place in places]].to_numpy()
    return given.to_numpy()[:, places]


def _places_by_name(names: list[Any], slot: Slot, container: str, part: str) -> list[int]:
    """Find each neuron among names: by its key, or else by what both are written as; each once."""
    by_key: dict[Any, list[int]] = {}
    by_text: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        by_key.setdefault(name, []).append(place)
        by_text.setdefault(str(name), []).append(place)
    found = [by_key.get(neuron) or by_text.get(str(neuron), []) for neuron in slot.neurons]
    missing = [neuron for neuron, places in zip(slot.neurons, found, strict=True) if not places]
    if missing:
        fix = f"name the {part}s after the neurons, or pass {container}.to_numpy() to go by position"
        fix = did_you_mean(missing[0], by_text) or fix
        raise slot.error(f"the {container} has no {part} for {shown_list(missing)}", "wrong-names", fix)
    several = [neuron for neuron, places in zip(slot.neurons, found, strict=True) if len(places) > 1]
    places = [place for place, *_ in found]
    if several or len(set(places)) < len(places):
        which = shown_list(several) if several else "neurons that are written alike"
        fix = f"give each neuron one {part} of its name"
        raise slot.error(f"the {container} has no {part} of its own for {which}", "wrong-names", fix)
    return places


def _as_numbers(given: Any, slot: Slot, column: int | None = None) -> NDArray[Any]:
    """See anything array-like, or one column of it, as an array of real numbers, whatever their type."""
    where = "" if column is None else _place((column,), slot)
    _refuse_odd_containers(given, slot, where)
    try:
        array = np.asarray(given)
    except Exception as error:
        raise slot.error(
            f"cannot be read as numbers: {error}", "ragged", "give rows of the same length", where=where
        ) from error
    if array.dtype.kind in "US":  # one text among numbers: numpy has made texts of all of them
        array = np.asarray(given, dtype=object)
    if array.dtype.kind in "OTMmV":
        return _convert_cells(array, slot, column)
    if array.dtype.kind == "c":
        raise slot.error(
            "has complex numbers", "complex", "pass the real part, if that is meant", where=where
        )
    return array


def _as_floats(array: NDArray[Any], slot: Slot, column: int | None = None) -> Table:
    """Copy real numbers as float64; refuse what would lose more than a rounding."""
    _check_integers(array, slot, column)
    with np.errstate(over="ignore"):
        return np.array(array, dtype=np.float64, order="C")


def _check_integers(array: NDArray[Any], slot: Slot, column: int | None = None) -> None:
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return
    floats = array.astype(np.float64)
    wide = np.abs(floats) >= 2**53
    if (floats[wide].astype(object) != array[wide].astype(object)).any():
        where = "" if column is None else _place((column,), slot)
        raise slot.error("has integers beyond 2**53", "too-large", "scale the data", where=where)


def _convert_cells(array: NDArray[Any], slot: Slot, column: int | None) -> Table:
    """Convert cells one by one, naming the first that is no number."""
    floats = np.empty(array.shape, dtype=np.float64)
    for place, cell in np.ndenumerate(array):
        path = place if column is None else (*place, column)
        where = _place(path, slot) if path else ""
        if not isinstance(cell, numbers.Real) or isinstance(cell, bool):
            raise slot.error(f"{shown(cell)} is no number", "not-a-number", "give numbers", where=where)
        floats[place] = _rounded(cell)
        if isinstance(cell, numbers.Integral) and int(cell) != floats[place].item():
            raise slot.error(
                f"{shown(cell)} does not fit a float64", "too-large", "scale the data", where=where
            )
    return floats


def _rounded(number: Any) -> float:
    """Return the nearest float of a real number; infinite where none is near."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _check_width(array: Table, slot: Slot) -> None:
    width = array.shape[-1]
    if width != len(slot.neurons):
        noun = "number" if array.ndim == 1 else "column"
        what = f"has {width} {noun}{'s' if width != 1 else ''}"
        raise slot.error(what, "wrong-width", _shape_hint(array, slot))


def _shape_hint(array: Table, slot: Slot) -> str:
    """Guess what was meant from the shape."""
    count = len(slot.neurons)
    if array.ndim == 0:
        return f"write [{float(array)!r}]" if count == 1 else "give a list of numbers"
    if array.ndim == 1 and count == 1:
        return f"did you mean {slot.argument}[:, None]?"
    if array.ndim == 1 and array.shape[0] == count:
        return f"did you mean {slot.argument}[None, :]?"
    if array.ndim == 2 and array.shape[0] == count:
        return f"did you mean {slot.argument}.T?"
    return f"give {count} of them"


def _finite(table: AnyTable, slot: Slot, *, single: bool = False) -> AnyTable:
    """Return the table, or raise naming the first number that is not finite and how many there are."""
    total, found, place = 0, 0.0, (0, 0)
    with np.errstate(over="ignore"):
        for first, rows in blocks(table):
            finite = np.isfinite(rows)
            if finite.all():
                continue
            if not total:
                row, column = (int(i) for i in np.argwhere(~finite)[0])
                found, place = rows[row, column], (first + row, column)
            total += int((~finite).sum())
    if not total:
        return table
    where = _place(place[1:] if single else place, slot)
    count = f" ({total} such numbers in all)" if total > 1 else ""
    fix = "repair or remove it" if single else "repair or remove such rows"
    raise slot.error(f"{found}{count}", "not-finite", fix, where=where, expected="finite numbers")


def _place(place: tuple[int, ...], slot: Slot) -> str:
    column = place[-1]
    name = shown(slot.neurons[column]) if column < len(slot.neurons) else str(column)
    return f"row {place[0]}, column {name}" if len(place) > 1 else f"neuron {name}"
