"""Matrix multiplication as a network: in one step, and deeper with fewer edges, after Strassen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import OptionError
from neurograph.network.schema import Net
from neurograph.options import as_array, bad_option, require_count
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable
from neurograph.theory.drafting import Draft

Block = NDArray[np.int64]  # the neurons of a matrix, entry by entry
Matrix = NDArray[np.float64]
Place = tuple[int, int]
Sum = Mapping[Place, float]  # a sum of the four blocks of a matrix
_Number = TypeVar("_Number", np.int64, np.float64)

_A, _B, _C, _D = (0, 0), (0, 1), (1, 0), (1, 1)
SEVEN: tuple[tuple[Sum, Sum, Sum], ...] = tuple(
    (MappingProxyType(left), MappingProxyType(right), MappingProxyType(into))
    for left, right, into in (
        ({_A: 1, _D: 1}, {_A: 1, _D: 1}, {_A: 1, _D: 1}),
        ({_C: 1, _D: 1}, {_A: 1}, {_C: 1, _D: -1}),
        ({_A: 1}, {_B: 1, _D: -1}, {_B: 1, _D: 1}),
        ({_D: 1}, {_C: 1, _A: -1}, {_A: 1, _C: 1}),
        ({_A: 1, _B: 1}, {_D: 1}, {_A: -1, _B: 1}),
        ({_C: 1, _A: -1}, {_A: 1, _B: 1}, {_D: 1}),
        ({_B: 1, _D: -1}, {_C: 1, _D: 1}, {_A: 1}),
    )
)
"""Strassen's seven products: a sum of blocks of M, one of N, and the blocks of M·N that they enter."""


def edges_needed(size: int, levels: int = 0) -> int:
    """Count the edges of the network that multiplies square matrices: size³ in one step, fewer with Strassen.

    A level of Strassen's takes seven products of half the size instead of eight, and 24 times
    (size/2)² edges for sums of blocks: 12 before the products and 12 after them. So one level pays where
    (size/2)³ > 24·(size/2)², which is for sizes above 48. With L levels

        7^L·(size/2^L)³ + 8·size²·((7/4)^L − 1).

    Parameters
    ----------
    size : int
        The number of rows and columns.
    levels : int
        How often blocks are halved; 0 stands for :func:`matrix_product_network`.

    Returns
    -------
    int

    Raises
    ------
    OptionError
        If a number is too small, or 2^levels does not divide the size.

    Examples
    --------
    >>> import neurograph as ng
    >>> [[ng.theory.edges_needed(size, levels) for levels in (0, 1)] for size in (32, 64)]
    [[32768, 34816], [262144, 253952]]
    """
    size, levels = _read_sizes(size, levels)
    leaf = size // 2**levels
    return int(7**levels * leaf**3 + 8 * size**2 * (7**levels - 4**levels) // 4**levels)


def matrix_product_network(N: Any, *, rows: int | None = None, limit: int = MOST_EDGES) -> Net:
    """Build the network M ↦ M·N with just an input and an output layer.

    The inputs are the entries of M, row by row, the outputs those of M·N. Output (i, j) is fed by the entries
    M_ik with the weights N_kj: the standard way of multiplying, with an edge for each multiplication.
    The text, chapter II.

    Parameters
    ----------
    N : array of shape (inner, columns)
        The matrix to multiply by, the weights.
    rows : int, optional
        The number of rows of M; as many as N has without it.
    limit : int
        The most edges that are built; there are rows·inner·columns, weights of 0 among them.

    Returns
    -------
    networkx.DiGraph
        Identity neurons alone. ``check`` finds ``missing-bias``: there is nothing to add.

    Raises
    ------
    OptionError
        If N is no two-dimensional array of finite numbers, or there would be more edges than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.matrix_product_network([[5, 6], [7, 8]])
    >>> ng.forward(net, [1, 2, 3, 4]).outputs
    [19.0, 22.0, 43.0, 50.0]
    """
    matrix = _read_matrix(N)
    inner, columns = matrix.shape
    height = require_count("rows", inner if rows is None else rows)
    cost = Cost(height * inner + height * columns, height * inner * columns)
    require_affordable(cost, limit, where="N", what=f"the product with a matrix of shape {matrix.shape}")
    draft = Draft()
    _product(draft, _grid(draft.inputs(height * inner), (height, inner)), matrix, last=True)
    return draft.net


def strassen_network(N: Any, levels: int = 1, *, limit: int = MOST_EDGES) -> Net:
    """Build the deeper network M ↦ M·N of identity neurons, with fewer edges where the matrices are large.

    M and N are cut into four blocks each. Seven products of a sum of blocks of M with a sum of blocks
    of N are enough for all of M·N (Strassen 1969): a layer of neurons forms the seven sums of M, the
    next layer multiplies them, the sums of N being its weights, and a third one adds the products up. With
    more levels the seven products are themselves computed so. Without hidden neurons there are size³ edges,
    each of them needed where N has no zeros: what depth saves is lost in a flat network, which
    :func:`collapse` gives.

    Parameters
    ----------
    N : square array
        The matrix to multiply by; 2^levels divides its size.
    levels : int
        How often the blocks are halved; 0 gives :func:`matrix_product_network`.
    limit : int
        The most edges that are built; :func:`edges_needed` tells how many there would be.

    Returns
    -------
    networkx.DiGraph
        Identity neurons alone, 2 + 2·levels layers, and edges_needed(size, levels) edges. ``check`` finds
        ``missing-bias``: there is nothing to add.

    Raises
    ------
    OptionError
        If N is no square array of finite numbers, 2^levels does not divide its size, or there would be
        more edges than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.strassen_network([[5, 6], [7, 8]])
    >>> ng.forward(net, [1, 2, 3, 4]).outputs
    [19.0, 22.0, 43.0, 50.0]
    >>> [len(layer) for layer in ng.layers(net)]
    [4, 7, 7, 4]
    """
    matrix = _read_matrix(N)
    size, levels = _read_square(matrix, levels)
    sizes = [7**k * (size // 2**k) ** 2 for k in range(levels + 1)]  # of the layers, halving
    cost = Cost(2 * sum(sizes), edges_needed(size, levels))
    require_affordable(cost, limit, where="N", what=f"the product with a matrix of {size} rows")
    draft = Draft()
    pairs = [(_grid(draft.inputs(size**2), (size, size)), matrix)]
    for _ in range(levels):
        pairs = [part for left, right in pairs for part in _seven_parts(draft, left, right)]
    products = [_product(draft, left, right, last=not levels) for left, right in pairs]
    for level in reversed(range(levels)):
        sevens = [products[i : i + 7] for i in range(0, len(products), 7)]
        products = [_joined(draft, seven, last=not level) for seven in sevens]
    return draft.net


def _seven_parts(draft: Draft, left: Block, right: Matrix) -> list[tuple[Block, Matrix]]:
    """Form the two factors of each of Strassen's products: one of neurons, one of weights."""
    half = len(left) // 2
    factors = []
    for of_left, of_right, _ in SEVEN:
        block = _grid(draft.hidden(half**2, "identity"), (half, half))
        _feed_sums(draft, block, [(_quarter(left, place), sign) for place, sign in of_left.items()])
        parts = (sign * _quarter(right, place) for place, sign in of_right.items())
        with np.errstate(over="ignore"):  # a weight that is too large is refused where it is written down
            weights = sum(parts, np.zeros((half, half)))
        factors.append((block, weights))
    return factors


def _product(draft: Draft, left: Block, right: Matrix, *, last: bool) -> Block:
    """Multiply neurons by weights, an edge for each multiplication."""
    block = _layer(draft, left.shape[0], right.shape[1], last=last)
    for i, j in np.ndindex(block.shape):
        draft.feed(int(block[i, j]), zip(left[i].tolist(), right[:, j].tolist(), strict=True))
    return block


def _joined(draft: Draft, products: list[Block], *, last: bool) -> Block:
    """Add Strassen's seven products up to the four blocks of the whole."""
    size = 2 * len(products[0])
    whole = _layer(draft, size, size, last=last)
    for place in (_A, _B, _C, _D):
        terms = [
            (block, into[place]) for block, (_, _, into) in zip(products, SEVEN, strict=True) if place in into
        ]
        _feed_sums(draft, _quarter(whole, place), terms)
    return whole


def _feed_sums(draft: Draft, block: Block, terms: list[tuple[Block, float]]) -> None:
    """Let each neuron of a block sum the same entries of other blocks."""
    for place in np.ndindex(block.shape):
        draft.feed(int(block[place]), [(int(other[place]), sign) for other, sign in terms])


def _layer(draft: Draft, rows: int, columns: int, *, last: bool) -> Block:
    add = draft.outputs if last else draft.hidden
    return _grid(add(rows * columns, "identity"), (rows, columns))


def _grid(neurons: list[int], shape: tuple[int, int]) -> Block:
    return np.array(neurons, dtype=np.int64).reshape(shape)


def _quarter(matrix: NDArray[_Number], place: Place) -> NDArray[_Number]:
    """Return one of the four blocks of a matrix."""
    half = len(matrix) // 2
    row, column = place
    return matrix[row * half : (row + 1) * half, column * half : (column + 1) * half]


def _read_matrix(N: Any) -> Matrix:
    array = as_array(N)
    if array is None or array.dtype.kind not in "iuf" or array.ndim != 2 or not array.size:
        raise bad_option("N", N, "a two-dimensional array of numbers, none of them masked")
    if not np.isfinite(array).all():
        raise bad_option("N", N, "a two-dimensional array of finite numbers")
    return array.astype(np.float64)


def _read_square(matrix: Matrix, levels: int) -> tuple[int, int]:
    rows, columns = matrix.shape
    if rows != columns:
        raise OptionError(
            f"its shape is {matrix.shape}",
            code="not-square",
            where="N",
            expected="as many rows as columns",
            fix="fill it up with zeros, or use matrix_product_network",
        )
    return _read_sizes(rows, levels, where="N")


def _read_sizes(size: int, levels: int, *, where: str = "size") -> tuple[int, int]:
    size, levels = require_count("size", size), require_count("levels", levels, least=0)
    if levels > size.bit_length() or size % 2**levels:
        raise OptionError(
            f"{size} rows cannot be halved {levels} times",
            code="not-divisible",
            where=where,
            expected=f"a multiple of 2^{levels} rows",
            fix="fill the matrix up with zeros, or take fewer levels",
        )
    return size, levels
