"""Sorting of small whole numbers, against numpy's own in general."""

import numpy as np
import pytest

from neurograph.engine.grouping import joined_ranges, stable_order, starts_of


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
@pytest.mark.parametrize("bound", [1, 50, 2**16, 2**16 + 1, 10**6, 2**31 - 1])
def test_the_order_is_that_of_a_stable_sort(count, bound):
    numbers = np.random.default_rng(count).integers(bound, size=count).astype(np.int32)
    assert stable_order(numbers).tolist() == sorted(range(count), key=numbers.tolist().__getitem__)


def test_the_starts_are_where_each_number_begins_once_all_are_sorted():
    numbers = np.random.default_rng(1).integers(20, size=50).astype(np.int32)
    expected = [sum(other < i for other in numbers.tolist()) for i in range(26)]
    assert starts_of(numbers, 25).tolist() == expected
    assert starts_of(numbers[:0], 2).tolist() == [0, 0, 0]


def test_joined_ranges_are_the_ranges_one_after_another():
    generator = np.random.default_rng(2)
    starts, lengths = generator.integers(100, size=30), generator.integers(4, size=30)
    expected = [
        i for start, length in zip(starts, lengths, strict=True) for i in range(start, start + length)
    ]
    assert joined_ranges(starts, lengths).tolist() == expected
    assert len(expected) > 30
    assert joined_ranges(starts[:0], lengths[:0]).size == 0
