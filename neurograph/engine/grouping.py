"""Sorting of small whole numbers, which takes numpy a fraction of the time that it needs in general."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Indices = NDArray[np.intp]


def stable_order(numbers: Ints) -> Indices:
    """Return the indices that sort numbers ≥ 0; equal numbers stay in their order.

    >>> stable_order(np.array([70000, 2, 70000, 1], dtype=np.int32)).tolist()
    [3, 1, 0, 2]
    """
    order = np.argsort(numbers.astype(np.uint16), kind="stable")  # of 16 bits numpy sorts by radix
    high = (numbers >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def starts_of(numbers: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
    """Say where each of the numbers 0, …, count − 1 begins once they are sorted, and where all end.

    >>> starts_of(np.array([2, 0, 2]), 4).tolist()
    [0, 1, 1, 3, 3]
    """
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(numbers, minlength=count), out=starts[1:])
    return starts


def joined_ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the ranges that begin at ``starts``, each as long as its length.

    >>> joined_ranges(np.array([5, 0, 7]), np.array([2, 0, 1])).tolist()
    [5, 6, 7]
    """
    ends = np.cumsum(lengths)
    shift = np.repeat(starts - ends + lengths, lengths)
    return np.arange(len(shift)) + shift
