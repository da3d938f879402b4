"""The numbers of many samples, a row for each; a large table stays where it is, and is read in blocks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Table: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int64] | range
MOST_COPIED = 2**23  # numbers, 64 MiB as float64: up to here a table is copied, beyond it is read in place
MOST_AT_ONCE = 2**17  # numbers, 1 MiB as float64: they stay in the cache


class LargeTable:
    """A table of shape (samples, neurons), of numbers of any type, whose rows come out as float64.

    It holds the caller's array and never writes to it. The array may be a memory map, larger than the
    memory. What the caller changes there, changes here.

    >>> table = LargeTable(np.array([[1, 2], [3, 4], [5, 6]], dtype=np.int8))
    >>> table[1:].tolist(), len(table), table.shape
    ([[3.0, 4.0], [5.0, 6.0]], 3, (3, 2))
    """

    def __init__(self, held: NDArray[Any]) -> None:
        self._held = held
        self.shape: tuple[int, int] = (held.shape[0], held.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> Table:
        """Return some rows as a new plain array."""
        return np.array(self._held[rows], dtype=np.float64, order="C")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:].astype(dtype or np.float64, copy=False)

    def checksum(self) -> int:
        """Return a number that becomes another one by a change (but for one change in four billion)."""
        found = 0
        has_padding = self._held.dtype.itemsize > 8  # a long double: some of its bytes mean nothing
        for _, rows in blocks(self if has_padding else self._held):
            found = zlib.crc32(np.ascontiguousarray(rows).data, found)
        return found


Samples: TypeAlias = Table | LargeTable


def blocks(table: Any) -> Iterator[tuple[int, NDArray[Any]]]:
    """Go through a table, ``MOST_AT_ONCE`` numbers at a time: the number of a first row, and some rows."""
    samples, columns = table.shape
    step = max(1, MOST_AT_ONCE // columns)
    for first in range(0, samples, step):
        yield first, table[first : first + step]
