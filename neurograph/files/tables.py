"""Tables of data: a CSV file becomes the arrays X and Y, its columns matched to the neurons by name."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NoReturn, TypeAlias

import numpy as np

from neurograph.errors import DataError, OptionError, did_you_mean, shown, shown_list
from neurograph.files.cells import NUMBERS, Kind, one_of, parse_number
from neurograph.files.problems import Problems, within_means
from neurograph.files.reading import MOST_BYTES, decode, path_shown, read_bytes
from neurograph.network import schema
from neurograph.network.schema import Net

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Row: TypeAlias = tuple[int, list[str]]  # the line on which it ends, and its cells
Names: TypeAlias = Sequence[str] | None

_MOST_CELLS_SHOWN = 10
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile('[,"\r\n]')


def read_csv(
    path: str | os.PathLike[str],
    net: Net,
    *,
    inputs: Names = None,
    targets: Names = None,
    with_targets: bool = True,
    most_bytes: int = MOST_BYTES,
) -> tuple[Array, Array]:
    """Read samples from a CSV file: a header, then one sample a row.

    Columns are found by their names, whatever their order, and columns that are not asked for are
    ignored. Cells are numbers as Python writes them; nothing in a cell is ever computed.

    Parameters
    ----------
    path : str or path
        The file: UTF-8, separated by commas, quoted as spreadsheets do.
    net : networkx.DiGraph
        The network that the data is for.
    inputs : sequence of str, optional
        The columns for ``inputs(net)``, in that order; without it, they are named like the neurons.
    targets : sequence of str, optional
        The columns for ``outputs(net)``, in that order; without it, they are named like the neurons.
        A single column for several outputs holds the name of one output neuron in each row, its class:
        the target is then 1 for that output and 0 for the others.
    with_targets : bool
        Whether to read targets at all; if False, Y has no columns.
    most_bytes : int
        How large the file may be.

    Returns
    -------
    X : numpy.ndarray, shape (rows, inputs)
    Y : numpy.ndarray, shape (rows, outputs)

    Raises
    ------
    OSError
        If the file is not there or may not be read.
    DataError
        If a column is missing, a row is too short or too long, a cell is not a finite number; the
        message counts all such cells and lists the first, each with its row, the first one below the
        header being 1, its column and its line in the file.
    FileFormatError
        If it is not a regular file, a pickle, an archive, or larger than ``most_bytes``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import neurograph as ng
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "data.csv")
    ...     _ = file.write_text("name,x,9\\nfirst,0.5,1\\nsecond,0.25,0\\n")
    ...     X, Y = read_csv(file, ng.example_network(), inputs=["x"])
    >>> X.tolist(), Y.tolist()
    ([[0.5], [0.25]], [[1.0], [0.0]])
    """
    data = read_bytes(path, most_bytes=most_bytes)
    name = path_shown(path)
    return parse_csv(
        data,
        net,
        inputs=inputs,
        targets=targets,
        with_targets=with_targets,
        name=name,
        most_bytes=most_bytes,
    )


def parse_csv(
    text: str | bytes,
    net: Net,
    *,
    inputs: Names = None,
    targets: Names = None,
    with_targets: bool = True,
    name: str = "the text",
    most_bytes: int = MOST_BYTES,
) -> tuple[Array, Array]:
    """Read samples from the content of a CSV file; all else is as for :func:`read_csv`.

    Parameters
    ----------
    text : str or bytes
        The content of a file.
    name : str
        How messages name it.

    Examples
    --------
    >>> import neurograph as ng
    >>> X, Y = parse_csv("9,1\\n1,0.5\\n0,0.25\\n", ng.example_network())
    >>> X.tolist(), Y.tolist()
    ([[0.5], [0.25]], [[1.0], [0.0]])
    >>> parse_csv("9,1\\n1,abc\\n", ng.example_network())
    Traceback (most recent call last):
    neurograph.errors.DataError: the text, row 1, column '1', line 2: is the text 'abc'; \
expected a finite number. Fix: write a number such as 0.5.
    """
    neurons = schema.inputs(net), schema.outputs(net) if with_targets else []
    x_names = _column_names(inputs, neurons[0], "inputs")
    classes = [str(neuron) for neuron in neurons[1]]
    encoded = isinstance(targets, list | tuple) and len(targets) == 1 < len(classes)
    y_names = _column_names(targets if with_targets else None, classes[: 1 if encoded else None], "targets")
    with within_means(name):
        header, rows = _table(decode(text, name=name, most_bytes=most_bytes, error=DataError), name)
        problems = Problems(name, mixed=DataError, most_shown=_MOST_CELLS_SHOWN)
        places = _places(header, [*x_names, *y_names], problems)
        problems.raise_if_any()
        full = _full_rows(rows, len(header), problems)
        X = _columns(full, x_names, places, NUMBERS, problems)
        Y = _columns(full, y_names, places, one_of(classes) if encoded else NUMBERS, problems)
        problems.raise_if_any()
    return X, np.eye(len(classes))[Y[:, 0].astype(np.intp)] if encoded else Y


def format_csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Write a table as CSV text that any spreadsheet opens without running anything.

    Numbers are written so that they read back bit for bit. Text that a spreadsheet would take for a
    formula, because it begins with ``=``, ``+``, ``-`` or ``@``, gets an apostrophe before it.

    Parameters
    ----------
    header : iterable
        The names of the columns.
    rows : iterable of iterables
        Numbers, strings, or None for an empty cell.

    Returns
    -------
    str

    Examples
    --------
    >>> print(format_csv(["y", "note"], [[0.1, "=cmd()"], [-2.5, "a, b"]]), end="")
    y,note
    0.1,'=cmd()
    -2.5,"a, b"
    """
    lines = (",".join(_cell(value) for value in row) or '""' for row in chain([header], rows))
    return "".join(f"{line}\n" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA) and parse_number(text) is None:
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _column_names(names: Names, neurons: Sequence[object], argument: str) -> list[str]:
    if names is None:
        return [str(neuron) for neuron in neurons]
    is_list = isinstance(names, Sequence) and not isinstance(names, str)
    if is_list and len(names) == len(neurons) and all(isinstance(name, str) for name in names):
        return list(names)
    raise OptionError(
        f"got {shown(names)}",
        code="bad-columns",
        where=argument,
        expected=f"a list of {len(neurons)} names of columns, for {shown_list(neurons)}",
        fix=f"give one name for each of {argument.replace('targets', 'outputs')}(net), in that order",
    )


def _table(text: str, name: str) -> tuple[list[str], list[Row]]:
    """Split the text into a header and rows; blank lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        _refuse(f"cannot be read: {error}", f"{name}, line {reader.line_num}", "mend the quotes there")
    if not rows:
        _refuse("is empty", name, "give a header and at least one row")
    if len(rows) == 1:
        _refuse("has a header and no rows", name, "add at least one row")
    return rows[0][1], rows[1:]


def _refuse(what: str, where: str, fix: str) -> NoReturn:
    expected = "a header and rows of cells, separated by commas"
    raise DataError(what, code="bad-table", where=where, expected=expected, fix=fix)


def _places(header: list[str], wanted: list[str], problems: Problems) -> dict[str, int]:
    """Find the columns that are wanted; spaces around a name in the header do not count."""
    exact = set(wanted)
    header = [name if name in exact else name.strip() for name in header]
    places = {name: i for i, name in enumerate(header)}
    for name, count in Counter(header).items():
        if name in exact and count > 1:
            what = f"{count} columns have this name"
            _add(problems, (0, f"header, column {shown(name)}"), what, "rename or remove all but one")
    joined = next((mark for mark in ";\t" if len(header) == 1 and mark in header[0]), "")
    for name in wanted:
        if name not in places:
            fix = did_you_mean(name, header) or f"name one of the columns so; there are {shown_list(header)}"
            fix = f"separate the cells by commas, not by {shown(joined)}" if joined else fix
            _add(problems, (0, f"header, column {shown(name)}"), "is missing", fix)
    return places


def _full_rows(rows: list[Row], width: int, problems: Problems) -> list[tuple[int, Row]]:
    """Number the rows, and leave out the ragged ones."""
    full = []
    for number, (line, cells) in enumerate(rows, start=1):
        if len(cells) == width:
            full.append((number, (line, cells)))
        else:
            what = f"has {len(cells)} cell{'s' if len(cells) > 1 else ''}, and the header has {width}"
            _add(problems, (number, f"row {number}, line {line}"), what, "give every column one cell")
    return full


def _columns(
    rows: list[tuple[int, Row]], names: list[str], places: dict[str, int], kind: Kind, problems: Problems
) -> Array:
    """Convert some columns; cells that cannot be converted are collected."""
    table = np.zeros((len(rows), len(names)))
    for i, (number, (line, cells)) in enumerate(rows):
        for k, name in enumerate(names):
            value = kind.convert(cells[places[name]])
            if value is not None:
                table[i, k] = value
                continue
            if problems.only_counts(DataError):
                continue
            what, fix = kind.explain(cells[places[name]])
            _add(
                problems,
                (number, f"row {number}, column {shown(name)}, line {line}"),
                what,
                fix,
                kind.expected,
            )
    return table


def _add(
    problems: Problems,
    place: tuple[int, str],
    what: str,
    fix: str,
    expected: str = "a table with this header",
) -> None:
    row, where = place
    order = ((row, ""),)
    problems.add(where, what, expected=expected, fix=fix, code="bad-table", error=DataError, order=order)
