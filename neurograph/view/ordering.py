"""The order of neurons inside their columns: few crossings, and the order of the nodes where it is as good.

Sweeps of barycentres (Sugiyama, Tagawa and Toda 1981), then swaps of neighbours. Nodes are numbers;
beside the neurons they are the lanes in which edges pass through a column.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Columns = list[list[int]]
Links = Sequence[Sequence[int]]  # for each node its neighbours in the next column, or in the one before

MOST_SWEEPS, MOST_SWEPT = 24, 60_000  # the second: segments looked at in all sweeps together
MOST_SWAPS, MOST_SWAPPED = 8, 2_000  # the same for the passes of swaps after each sweep
MOST_STARTS, MOST_STARTED = 12, 1_200  # the same for orders to begin with
PATIENCE = 4  # sweeps without a better order


def untangle(columns: Columns, left: Links, right: Links, rank: Sequence[int | None]) -> Columns:
    """Order each column so that few edges cross; the first order stays unless another has fewer crossings.

    ``rank`` is the place a node would like inside its column; None where it has no wish.
    """
    segments = max(sum(map(len, right)), 1)
    swaps = min(MOST_SWAPS, MOST_SWAPPED // segments)
    best, fewest = columns, crossings(columns, right)
    shuffled = np.random.default_rng(0)
    for start in range(max(1, min(MOST_STARTS, MOST_STARTED // segments))):
        if not fewest:
            break
        order = [shuffled.permutation(column).tolist() if start else list(column) for column in columns]
        found, count = _swept(order, left, right, swaps, min(MOST_SWEEPS, MOST_SWEPT // segments))
        if count < fewest:
            best, fewest = found, count
    return _settled(_upright(best, rank), left, right, rank) if swaps else best


def _upright(columns: Columns, rank: Sequence[int | None]) -> Columns:
    """Turn all columns upside down where that suits the ranks better; the crossings are the same."""
    against = pairs = 0
    for column in columns:
        seen: list[int] = []
        for wish in (rank[node] for node in column):
            if wish is not None:
                against += len(seen) - bisect_right(seen, wish)
                pairs += len(seen)
                insort(seen, wish)
    return [column[::-1] for column in columns] if 2 * against > pairs else columns


def _swept(columns: Columns, left: Links, right: Links, swaps: int, sweeps: int) -> tuple[Columns, int]:
    """Sweep to and fro until that helps no more; return the best order on the way, and its crossings."""
    best, fewest, found_at = columns, crossings(columns, right), 0
    current = [list(column) for column in columns]
    for sweep in range(sweeps):
        _sweep(current, left if sweep % 2 == 0 else right, backward=sweep % 2 == 1)
        _swap(current, left, right, passes=swaps)
        count = crossings(current, right)
        if count < fewest:
            best, fewest, found_at = [list(column) for column in current], count, sweep
        elif sweep - found_at >= PATIENCE:
            break
    return best, fewest


def crossings(columns: Columns, right: Links) -> int:
    """Count the crossings of straight edges between neighbouring columns."""
    count = 0
    for here, there in pairwise(columns):
        place = {node: i for i, node in enumerate(there)}
        seen: list[int] = []
        for node in here:
            ends = [place[target] for target in right[node]]
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _sweep(columns: Columns, links: Links, *, backward: bool) -> None:
    """Sort each column by the mean place of each node's neighbours in the column swept before."""
    order = columns[::-1] if backward else columns
    for before, column in pairwise(order):
        place = {node: (i + 0.5) / len(before) for i, node in enumerate(before)}
        own = {node: (i + 0.5) / len(column) for i, node in enumerate(column)}
        means = {
            node: sum(place[n] for n in links[node]) / len(links[node]) if links[node] else own[node]
            for node in column
        }
        column.sort(key=means.__getitem__)


def _swap(columns: Columns, left: Links, right: Links, *, passes: int) -> None:
    """Swap neighbours in a column as long as that takes crossings away."""
    for _ in range(passes):
        places = _places(columns)
        improved = False
        for column in columns:
            for i in range(len(column) - 1):
                if _gain(column[i], column[i + 1], left, right, places) > 0:
                    _exchange(column, i, places)
                    improved = True
        if not improved:
            return


def _settled(columns: Columns, left: Links, right: Links, rank: Sequence[int | None]) -> Columns:
    """Swap neighbours that stand against their ranks where that costs no crossing."""
    places = _places(columns)
    for column in columns:
        moved = True
        while moved:
            moved = False
            for i in range(len(column) - 1):
                upper, lower = rank[column[i]], rank[column[i + 1]]
                if upper is None or lower is None or upper <= lower:
                    continue
                if _gain(column[i], column[i + 1], left, right, places) >= 0:
                    _exchange(column, i, places)
                    moved = True
    return columns


def _places(columns: Columns) -> dict[int, int]:
    return {node: i for column in columns for i, node in enumerate(column)}


def _exchange(column: list[int], i: int, places: dict[int, int]) -> None:
    column[i], column[i + 1] = column[i + 1], column[i]
    places[column[i]], places[column[i + 1]] = i, i + 1


def _gain(upper: int, lower: int, left: Links, right: Links, places: dict[int, int]) -> int:
    """How many crossings go when two neighbours in a column change places."""
    gain = 0
    for links in (left, right):
        ups = sorted(places[node] for node in links[upper])
        downs = sorted(places[node] for node in links[lower])
        gain += sum(len(ups) - bisect_right(ups, down) for down in downs)
        gain -= sum(len(downs) - bisect_right(downs, up) for up in ups)
    return gain
