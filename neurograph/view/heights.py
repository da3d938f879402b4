"""How high each node of a column stands: near its neighbours, and never too near to the next one.

In one column the best heights for fixed neighbours are an isotonic regression; going through the columns
to and fro a few times brings them all to rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from neurograph.view.ordering import Columns, Links

AT_REST = 0.02  # pixels that a node moves in a sweep

Separation = Callable[[int, int], float]


def centred(columns: Columns, apart: Separation, count: int) -> list[float]:
    """Pack each column around the height 0."""
    y = [0.0] * count
    for column in columns:
        offsets = _offsets(column, apart)
        for node, offset in zip(column, offsets, strict=True):
            y[node] = offset - offsets[-1] / 2
    return y


def relaxed(
    columns: Columns, left: Links, right: Links, apart: Separation, pull: Callable[[int, int], float]
) -> list[float]:
    """Move each column's nodes towards their neighbours, ``pull`` telling how strongly two hold together."""
    y = centred(columns, apart, len(left))
    segments = sum(map(len, left))
    offsets = [_offsets(column, apart) for column in columns]
    for sweep in range(max(2, min(200, 60_000 // max(segments, 1)))):
        before = list(y)
        for i in range(len(columns)) if sweep % 2 == 0 else range(len(columns) - 1, -1, -1):
            _relax(columns[i], offsets[i], left, right, pull, y)
        if all(abs(a - b) < AT_REST for a, b in zip(before, y, strict=True)):
            break
    return y


def _relax(
    column: Sequence[int],
    offsets: Sequence[float],
    left: Links,
    right: Links,
    pull: Callable[[int, int], float],
    y: list[float],
) -> None:
    """Minimise Σ pull·(y − y of the neighbour)² over one column that keeps its order and distances."""
    wishes, weights = [], []
    for node, offset in zip(column, offsets, strict=True):
        pulls = [(pull(node, other), y[other]) for links in (left, right) for other in links[node]]
        weight = sum(w for w, _ in pulls)
        wish = sum(w * height for w, height in pulls) / weight if weight else y[node]
        wishes.append(wish - offset)
        weights.append(weight or 0.05)
    for node, offset, height in zip(column, offsets, _isotonic(wishes, weights), strict=True):
        y[node] = height + offset


def _isotonic(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing numbers nearest to the wishes: neighbours that disagree share their mean."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for wish, weight in zip(wishes, weights, strict=True):
        mean, heavy, length = wish, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, its_weight, its_length = blocks.pop()
            mean = (mean * heavy + other * its_weight) / (heavy + its_weight)
            heavy, length = heavy + its_weight, length + its_length
        blocks.append((mean, heavy, length))
    return [mean for mean, _, length in blocks for _ in range(length)]


def _offsets(column: Sequence[int], apart: Separation) -> list[float]:
    offsets = [0.0]
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + apart(upper, lower))
    return offsets
