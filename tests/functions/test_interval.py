"""Intervals, against membership of points."""

import itertools
import math

import pytest

from neurograph.functions import Interval

ENDS = [-math.inf, -1.0, 0.0, 1.0, math.inf]
POINTS = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
INTERVALS = [
    Interval(low, high, closed_low=closed_low, closed_high=closed_high)
    for low, high in itertools.combinations(ENDS, 2)
    for closed_low in ([False, True] if math.isfinite(low) else [False])
    for closed_high in ([False, True] if math.isfinite(high) else [False])
]


def contains(interval, x):
    above = x >= interval.low if interval.closed_low else x > interval.low
    return above and (x <= interval.high if interval.closed_high else x < interval.high)


def test_an_interval_is_inside_another_if_all_its_points_are():
    answers = set()
    for one, other in itertools.product(INTERVALS, repeat=2):
        expected = all(contains(other, x) for x in POINTS if contains(one, x))
        assert one.is_inside(other) == expected
        answers.add(expected)
    assert answers == {True, False}


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(), "(−∞, ∞)"),
        (Interval(0.0, 1.0), "(0, 1)"),
        (Interval(-1.0, 1.0, closed_low=True, closed_high=True), "[−1, 1]"),
        (Interval(-0.25, math.inf, closed_low=True), "[−0.25, ∞)"),
    ],
)
def test_an_interval_is_written_as_in_a_textbook(interval, text):
    assert str(interval) == text
