"""Chunks: every piece of work is in one of them, and in no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurograph.learning.chunk_runs import Pieces
from neurograph.learning.chunks import Chunk, divide, missing


@given(
    st.integers(1, 5000),
    st.lists(st.integers(0, 5000), max_size=8, unique=True),
    st.integers(1, 70),
    st.sampled_from([64, 512, 2**18]),
)
def test_chunks_fill_what_is_missing_and_nothing_else(count, ends, workers, largest):
    ends = sorted(end for end in ends if end <= count)
    done = [Chunk(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    chunks = divide(missing(count, done), workers, largest)
    covered = [i for chunk in [*chunks, *done] for i in chunk.restarts]
    assert sorted(covered) == list(range(count))
    assert all(0 < len(chunk) <= largest for chunk in chunks)


def test_each_worker_has_a_few_chunks_and_none_is_small():
    assert len(divide([Chunk(0, 10_000)], workers=4)) >= 8
    assert [len(chunk) for chunk in divide([Chunk(0, 100)], workers=16)] == [64, 36]


@pytest.mark.parametrize(
    ("chunks", "name"),
    [
        ([Chunk(7, 8)], "restart 7 of seed 5"),
        ([Chunk(0, 64), Chunk(70, 71)], "restarts 0 to 63, 70 of seed 5"),
        (
            [Chunk(i, i + 2) for i in range(0, 120, 10)],
            "restarts 0 to 1, 10 to 11, 20 to 21, 30 to 31, 40 to 41, 50 to 51, 60 to 61, 70 to 71, "
            "80 to 81, 90 to 91, … (24 in all) of seed 5",
        ),
    ],
)
def test_chunks_are_named_by_their_pieces(chunks, name):
    assert Pieces(1000, origin=" of seed 5").named(chunks) == name
