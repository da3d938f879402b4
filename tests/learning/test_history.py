"""What training tells afterwards: one line, and the losses as a row of bars."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng
from neurograph.learning.history import sparkline
from neurograph.learning.progress import Progress

BARS = "▁▂▃▄▅▆▇█"


def test_a_history_is_one_line():
    assert str(ng.History([0.4, 0.2, 0.1], [0.1] * 3)) == "3 epochs, loss 0.4 → 0.1  █▃▁"
    assert str(ng.History([0.4], [0.1])).startswith("1 epoch, loss 0.4 → 0.4")
    assert ", interrupted" in str(ng.History([0.4, 0.3], [0.1] * 2, stopped="interrupted"))
    assert str(ng.History()) == "no epoch finished"
    assert str(ng.History(stopped="interrupted")) == "no epoch interrupted"


def test_epochs_are_counted():
    assert [ng.History([0.1] * n).epochs for n in (0, 1, 7)] == [0, 1, 7]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_each_of_a_few_numbers_has_its_bar_and_a_larger_one_no_lower_bar(numbers):
    line = sparkline(numbers)
    assert len(line) == len(numbers)
    assert set(line) <= set(BARS)
    heights = [BARS.index(bar) for bar in line]
    pairs = sorted(zip(numbers, heights, strict=True))
    assert [height for _, height in pairs] == sorted(heights)
    if max(numbers) - min(numbers) > 1e-3:
        assert {BARS.index(line[numbers.index(f(numbers))]) for f in (min, max)} == {0, 7}


@pytest.mark.parametrize("count", [40, 41, 79, 1000, 12345])
def test_many_numbers_share_forty_bars(count):
    line = sparkline([float(i) for i in range(count)])
    assert len(line) == 40
    assert list(line) == sorted(line)
    assert (line[0], line[-1]) == ("▁", "█")


def test_equal_numbers_are_a_flat_line():
    assert sparkline([0.3] * 5) == "▁▁▁▁▁"


@pytest.mark.parametrize("jumps", [range(1, 101), range(0, 101, 7), [64, 100], [100]])
def test_a_line_is_printed_for_each_tenth_that_is_passed(capsys, monkeypatch, jumps):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with Progress(100, shown=True, noun="restart") as display:
        for done in jumps:
            display.advance(done, 0.5)
    told = [int(line.split()[1].removesuffix("/100")) for line in capsys.readouterr().err.splitlines()]
    assert told == [
        min(done for done in jumps if done // 10 == tenth) for tenth in sorted({d // 10 for d in jumps} - {0})
    ]


def test_progress_needs_no_standard_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert ng.fit(ng.mlp([1, 1], seed=0), [[0.0]], [[0.0]], epochs=3, progress=True).epochs == 3


def test_one_of_a_kind_is_written_in_the_singular():
    net = ng.mlp([1, 1], activation="identity", bias=False, seed=0)
    assert str(ng.restarts(net, [[1.0]], [[2.0]], n=1, epochs=1)).startswith("1 restart: ")
    search = ng.exhaustive_search(net, [[1.0]], [[2.0]], values=[1.0])
    assert str(search).startswith("1 round: lowest loss 1, once")
