"""Matrix multiplication as networks: against numpy's ``@``, and edges counted one by one."""

import numpy as np
import pytest

import neurograph as ng
from neurograph.theory import collapse, edges_needed, linear_map, matrix_product_network, strassen_network
from neurograph.theory.matrix_products import SEVEN


def random_pair(size, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(size, size)), generator.normal(size=(size, size))


def multiplied(net, M, shape):
    program = ng.compile_network(net, backend="numpy")
    return program.forward(M.reshape(1, -1))[0].reshape(shape)


@pytest.mark.parametrize(
    ("size", "levels"), [(2, 1), (4, 1), (4, 2), (8, 1), (8, 2), (8, 3), (6, 1), (12, 2)]
)
def test_strassen_s_network_multiplies_as_numpy_does(size, levels):
    M, N = random_pair(size)
    net = strassen_network(N, levels)
    assert np.abs(multiplied(net, M, M.shape) - M @ N).max() <= 1e-12
    assert np.allclose(ng.forward(net, M.ravel()).outputs, (M @ N).ravel(), rtol=1e-9, atol=1e-12)
    assert net.number_of_edges() == edges_needed(size, levels)
    assert len(ng.layers(net)) == 2 + 2 * levels
    assert {finding.code for finding in ng.check(net).findings} == {"missing-bias"}


def test_at_64_one_level_saves_edges():
    M, N = random_pair(64, seed=1)
    deep, flat = strassen_network(N), matrix_product_network(N)
    for net, levels in ((deep, 1), (flat, 0)):
        assert net.number_of_edges() == edges_needed(64, levels)
        assert np.abs(multiplied(net, M, M.shape) - M @ N).max() <= 1e-9
    assert deep.number_of_edges() < flat.number_of_edges() == 64**3
    assert len(ng.layers(flat)) == 2


def test_one_level_pays_from_sizes_above_48_on():
    paying = [size for size in range(2, 200, 2) if edges_needed(size, 1) < edges_needed(size, 0)]
    assert paying == list(range(50, 200, 2))
    powers = [2**k for k in range(1, 12)]
    assert [size for size in powers if edges_needed(size, 1) < size**3] == [2**k for k in range(6, 12)]
    assert edges_needed(48, 1) == 48**3


@pytest.mark.parametrize("size", [8, 64, 256, 4096])
@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_the_formula_is_the_recursion(size, levels):
    def counted(n, deep):
        return n**3 if not deep else 7 * counted(n // 2, deep - 1) + 24 * (n // 2) ** 2

    assert edges_needed(size, levels) == counted(size, levels)


def test_with_all_levels_edges_grow_with_the_power_of_log2_7():
    growth = [edges_needed(2 ** (k + 1), k + 1) / edges_needed(2**k, k) for k in (10, 20, 30)]
    assert all(7 < rate < 7.03 for rate in growth)


def test_the_seven_products_are_an_identity_of_polynomials():
    """With symbols instead of blocks: the coefficient of every a·b in every block of the product."""
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for out in places:
        for a in places:
            for b in places:
                total = sum(
                    left.get(a, 0) * right.get(b, 0) * into.get(out, 0) for left, right, into in SEVEN
                )
                assert total == (a[0] == out[0] and a[1] == b[0] and b[1] == out[1])
    assert sum(len(left) for left, _, _ in SEVEN) == sum(len(into) for _, _, into in SEVEN) == 12


def test_the_flat_network_s_matrix_is_n_for_every_row():
    N = np.random.default_rng(2).normal(size=(3, 4))
    matrix, offset = linear_map(matrix_product_network(N, rows=2))
    assert np.array_equal(matrix, np.kron(np.eye(2), N.T))
    assert not offset.any()


@pytest.mark.parametrize("partial", [False, True])
def test_strassen_s_network_collapses_to_the_flat_one(partial):
    _, N = random_pair(4, seed=3)
    deep, flat = strassen_network(N, 2), matrix_product_network(N)
    found = linear_map(collapse(deep, partial=partial)).matrix
    assert np.abs(found - linear_map(flat).matrix).max() <= 1e-12
    assert len(ng.layers(collapse(deep, partial=partial))) == 2


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 5), (5, 1)])
@pytest.mark.parametrize("rows", [1, 2, 4])
def test_any_shapes_are_multiplied_in_one_step(shape, rows):
    generator = np.random.default_rng(4)
    N, M = generator.normal(size=shape), generator.normal(size=(rows, shape[0]))
    net = matrix_product_network(N, rows=rows)
    assert np.abs(multiplied(net, M, (rows, shape[1])) - M @ N).max() <= 1e-13
    assert net.number_of_edges() == rows * shape[0] * shape[1]
    assert {kind for _, kind in net.nodes(data="kind")} == {"input", "output"}


def test_a_weight_of_zero_is_an_edge_all_the_same():
    assert matrix_product_network(np.eye(3)).number_of_edges() == 27
    assert strassen_network(np.zeros((2, 2))).number_of_edges() == edges_needed(2, 1)


def test_no_levels_give_the_flat_network():
    _, N = random_pair(4)
    assert ng.weights(strassen_network(N, 0)) == ng.weights(matrix_product_network(N))


# Bad input


@pytest.mark.parametrize(
    "N",
    [
        3,
        [1, 2],
        [[1], [1, 2]],
        [["1"]],
        [[np.nan]],
        [[np.inf]],
        np.zeros((0, 2)),
        None,
        np.zeros((2, 2, 2)),
        [[1j]],
    ],
)
@pytest.mark.parametrize("build", [matrix_product_network, strassen_network])
def test_what_is_no_matrix_is_refused(build, N):
    with pytest.raises(ng.OptionError, match="N: "):
        build(N)


@pytest.mark.parametrize(("size", "levels"), [(3, 1), (6, 2), (4, 3), (4, 10**6)])
def test_sizes_that_cannot_be_halved_are_refused(size, levels):
    with pytest.raises(ng.OptionError, match=f"{size} rows cannot be halved {levels} times") as caught:
        strassen_network(np.eye(size), levels)
    assert (caught.value.code, caught.value.where) == ("not-divisible", "N")
    with pytest.raises(ng.OptionError) as caught:
        edges_needed(size, levels)
    assert caught.value.where == "size"


def test_a_matrix_that_is_not_square_is_refused_with_the_flat_network_as_the_way_out():
    with pytest.raises(ng.OptionError, match=r"\(2, 4\)") as caught:
        strassen_network(np.ones((2, 4)))
    assert "matrix_product_network" in caught.value.fix


def test_too_large_a_matrix_is_refused_and_the_cost_is_told():
    with pytest.raises(ng.OptionError, match="32,768 neurons and 2,097,152 edges") as caught:
        matrix_product_network(np.eye(128))
    assert caught.value.code == "too-large"
    with pytest.raises(ng.OptionError, match="90,112 neurons and 1,933,312 edges"):
        strassen_network(np.eye(128))
    with pytest.raises(ng.OptionError, match="22 neurons and 31 edges"):
        strassen_network(np.eye(2), limit=30)
    assert len(strassen_network(np.eye(2), limit=31)) == 22


@pytest.mark.parametrize(
    "call",
    [
        lambda: edges_needed(0),
        lambda: edges_needed(4, -1),
        lambda: edges_needed(4.0),
        lambda: strassen_network(np.eye(2), -1),
        lambda: strassen_network(np.eye(2), "1"),
        lambda: matrix_product_network(np.eye(2), rows=0),
        lambda: matrix_product_network(np.eye(2), limit=0),
    ],
)
def test_bad_numbers_are_refused(call):
    with pytest.raises(ng.OptionError) as caught:
        call()
    assert caught.value.where in ("size", "levels", "rows", "limit")
