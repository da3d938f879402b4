"""The order inside columns and the heights: compared with counting, with all permutations, with a formula."""

import itertools

import numpy as np
import pytest

from neurograph.view.heights import _isotonic, centred, relaxed
from neurograph.view.ordering import crossings, untangle


def random_columns(rng, sizes, share=0.4):
    """Columns of numbered nodes, and random links from each column to the next one."""
    numbers = iter(range(sum(sizes)))
    columns = [list(itertools.islice(numbers, size)) for size in sizes]
    right = [[] for _ in range(sum(sizes))]
    left = [[] for _ in range(sum(sizes))]
    for here, there in itertools.pairwise(columns):
        for a, b in itertools.product(here, there):
            if rng.random() < share:
                right[a].append(b)
                left[b].append(a)
    return columns, left, right


def counted(columns, right):
    """Crossings pair by pair: two edges cross where their ends stand in opposite orders."""
    place = {node: i for column in columns for i, node in enumerate(column)}
    total = 0
    for column in columns:
        edges = [(place[a], place[b]) for a in column for b in right[a]]
        total += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(edges, 2))
    return total


@pytest.mark.parametrize("seed", range(20))
def test_crossings_are_counted_as_pairs_of_edges_are(seed):
    rng = np.random.default_rng(seed)
    columns, _, right = random_columns(rng, [5, 7, 4, 6])
    assert crossings(columns, right) == counted(columns, right) > 0


@pytest.mark.parametrize("seed", range(20))
def test_three_small_columns_have_as_few_crossings_as_there_can_be(seed):
    rng = np.random.default_rng(seed)
    columns, left, right = random_columns(rng, [4, 4, 4])
    fewest = min(
        counted([list(a), list(b), list(c)], right)
        for a in itertools.permutations(columns[0])
        for b in itertools.permutations(columns[1])
        for c in itertools.permutations(columns[2])
        if a[0] < a[-1]  # a picture and its mirror image have as many
    )
    found = untangle([list(column) for column in columns], left, right, list(range(12)))
    assert sorted(map(sorted, found)) == columns
    assert counted(found, right) == fewest


def test_an_order_without_crossings_is_kept():
    columns, right = [[0, 1, 2], [3, 4, 5]], [[3], [4], [5], [], [], []]
    left = [[], [], [], [0], [1], [2]]
    assert untangle(columns, left, right, list(range(6))) == columns


def test_a_complete_layer_stays_in_the_order_of_the_nodes():
    columns, left, right = random_columns(np.random.default_rng(0), [4, 5, 3], share=1.0)
    assert untangle([list(c) for c in columns], left, right, list(range(12))) == columns


def test_of_a_picture_and_its_mirror_image_the_one_in_the_order_of_the_nodes_is_taken():
    columns, right = [[2, 1, 0], [5, 4, 3]], [[3], [4], [5], [], [], []]
    left = [[], [], [], [0], [1], [2]]
    assert untangle(columns, left, right, list(range(6))) == [[0, 1, 2], [3, 4, 5]]


def test_nodes_without_a_wish_stay_where_the_crossings_put_them():
    # 0 and 1 are crossed over: 0 → 3 and 1 → 2; without ranks one column turns around
    columns, right, left = [[0, 1], [2, 3]], [[3], [2], [], []], [[], [], [1], [0]]
    found = untangle(columns, left, right, [None] * 4)
    assert counted(found, right) == 0


def apart(upper, lower):
    return 10.0 + upper % 3


@pytest.mark.parametrize("seed", range(10))
def test_heights_keep_the_order_and_the_distances(seed):
    rng = np.random.default_rng(seed)
    columns, left, right = random_columns(rng, [3, 6, 2, 5])
    for y in (centred(columns, apart, 16), relaxed(columns, left, right, apart, lambda a, b: 1.0)):
        assert np.isfinite(y).all()
        for column in columns:
            for upper, lower in itertools.pairwise(column):
                assert y[lower] - y[upper] >= apart(upper, lower) - 1e-9


def test_a_packed_column_stands_around_zero():
    y = centred([[0, 1, 2], [3]], lambda a, b: 10.0, 4)
    assert y == [-10, 0, 10, 0]


def test_what_is_linked_is_drawn_to_one_height():
    """A chain whose first node is held high by a heavy column comes to rest level."""
    columns, right, left = [[0, 1], [2], [3]], [[], [2], [3], []], [[], [], [1], [2]]
    y = relaxed(columns, left, right, lambda a, b: 10.0, lambda a, b: 1.0)
    assert y[1] == pytest.approx(y[2], abs=0.1)
    assert y[2] == pytest.approx(y[3], abs=0.1)
    assert y[0] <= y[1] - 10


@pytest.mark.parametrize("seed", range(30))
def test_isotonic_numbers_are_the_nearest_ones(seed):
    """Against the formula: the i-th is the largest minimum of weighted means of intervals around i."""
    rng = np.random.default_rng(seed)
    wishes, weights = rng.normal(size=8), rng.uniform(0.1, 2, 8)

    def mean(a, b):
        return np.average(wishes[a : b + 1], weights=weights[a : b + 1])

    expected = [max(min(mean(a, b) for b in range(i, 8)) for a in range(i + 1)) for i in range(8)]
    assert _isotonic(wishes.tolist(), weights.tolist()) == pytest.approx(expected, abs=1e-12)
    assert np.isfinite(expected).all()
