"""The way back: from matrices and functions to a network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.network.schema import BIAS, HIDDEN, INPUT, OUTPUT, Net, Neuron, require_activation
from neurograph.options import as_array, bad_option, require_flag
from neurograph.theory.matrices import Decomposition, Functions, Mask, Matrix


def from_matrices(
    matrices: Decomposition | Sequence[Any],
    functions: str | Sequence[str | Sequence[str]] | None = None,
    *,
    bias: bool | Sequence[bool] = True,
) -> Net:
    """Build the layered network f = σ_L∘A_L∘…∘σ_2∘A_2.

    Parameters
    ----------
    matrices : sequence of arrays, or Decomposition
        A_2 … A_L, each of shape (neurons of the layer, neurons of the layer before, bias neuron included).
        A :class:`Decomposition` brings everything: the network has its neurons and its edges again, and
        its sums run as before, to the bit.
    functions : str or sequence, optional
        σ_2 … σ_L, as names of the table :data:`neurograph.ACTIVATIONS`: one for all layers, or one for
        each; for a layer that mixes functions a sequence of one for each row.
    bias : bool or sequence of bool
        Whether the last column of each matrix is that of a bias neuron; one answer for each, or for all.

    Returns
    -------
    networkx.DiGraph
        Its neurons are numbered from 1, layer by layer, the bias neuron last in its layer. An entry of 0
        is no edge, unless all of its row is 0: a neuron without an edge would compute nothing.

    Raises
    ------
    OptionError
        If there is no matrix, one is not two-dimensional and finite, their shapes do not chain, or
        there are more or fewer functions than matrices.
    InvalidNetworkError
        If a function is unknown.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.from_matrices([[[1, 2, -3]], [[0.5, 1]]], ["tanh", "identity"])
    >>> ng.layers(net)
    [[1, 2, 3], [4, 5], [6]]
    >>> ng.forward(net, [1.0, 1.0]).outputs
    [1.0]
    >>> again = ng.theory.from_matrices(ng.theory.layer_matrices(net))
    >>> ng.weights(again) == ng.weights(net)
    True
    """
    if isinstance(matrices, Decomposition):
        if functions is not None or bias is not True:
            raise bad_option("functions", functions, "no functions and no bias beside a Decomposition")
        return assemble(matrices)
    read = _read_matrices(matrices)
    flags = _read_flags(bias, len(read))
    _check_chain(read, flags)
    names = _read_functions(functions, read)
    return assemble(_numbered(read, names, flags))


def assemble(parts: Decomposition) -> Net:
    """Build the network of a decomposition, with its own neurons."""
    net: Net = nx.DiGraph()
    last = len(parts.layers) - 1
    kinds = {0: INPUT, last: OUTPUT}
    for i, layer in enumerate(parts.layers):
        names = iter(_one_each(parts.functions[i - 1], len(parts.rows(i))) if i else ())
        for neuron in layer:
            if neuron in parts.biases:
                net.add_node(neuron, kind=BIAS)
            elif i == 0:
                net.add_node(neuron, kind=INPUT)
            else:
                net.add_node(neuron, kind=kinds.get(i, HIDDEN), activation=next(names))
    for i, (matrix, mask) in enumerate(zip(parts.matrices, parts.edges, strict=True)):
        rows, columns = parts.rows(i + 1), parts.layers[i]
        net.add_edges_from(
            (columns[j], rows[k], {"weight": float(matrix[k, j])}) for j, k in np.argwhere(mask.T).tolist()
        )
    return net


def edges_of(matrix: Matrix) -> Mask:
    """Say which entries of a matrix are edges: all but zeros, and all of a row of zeros."""
    mask: Mask = matrix != 0.0
    mask[~mask.any(axis=1)] = True
    return mask


def _one_each(functions: Functions, rows: int) -> list[str]:
    return [functions] * rows if isinstance(functions, str) else list(functions)


def _numbered(matrices: list[Matrix], functions: list[Functions], flags: list[bool]) -> Decomposition:
    """Number the neurons from 1, layer by layer, each layer's bias neuron last."""
    sizes = [matrix.shape[1] for matrix in matrices] + [matrices[-1].shape[0]]
    ends = np.cumsum([0, *sizes]).tolist()
    layers: list[tuple[Neuron, ...]] = [tuple(range(a + 1, b + 1)) for a, b in pairwise(ends)]
    biases = frozenset(layer[-1] for layer, flag in zip(layers, flags, strict=False) if flag)
    edges = tuple(edges_of(matrix) for matrix in matrices)
    return Decomposition(tuple(layers), biases, tuple(matrices), tuple(functions), edges)


def _read_matrices(matrices: Any) -> list[Matrix]:
    try:
        given = [*matrices]
    except TypeError:
        given = []
    if not given:
        raise bad_option("matrices", matrices, "a list of one matrix or more")
    return [_read_matrix(f"matrices[{i}]", matrix) for i, matrix in enumerate(given)]


def _read_matrix(where: str, given: Any) -> Matrix:
    expected = "a two-dimensional array of finite numbers, none masked, with one row and one column at least"
    array = as_array(given)
    numbers = None if array is None or array.dtype.kind not in "iuf" else np.array(array, dtype=np.float64)
    if numbers is None or numbers.ndim != 2 or not numbers.size or not np.isfinite(numbers).all():
        shape = f", of shape {numbers.shape}" if numbers is not None else ""
        what = f"got {shown(given)}{shape}"
        raise OptionError(what, code="bad-matrix", where=where, expected=expected, fix=f"give {expected}")
    return numbers


def _read_flags(bias: bool | Sequence[bool], count: int) -> list[bool]:
    if isinstance(bias, bool | np.bool_):
        return [bool(bias)] * count
    flags = [require_flag("bias", flag) for flag in bias] if isinstance(bias, Sequence) else []
    if len(flags) != count:
        raise bad_option("bias", bias, f"True, False, or one of them for each of the {count} matrices")
    return flags


def _check_chain(matrices: list[Matrix], flags: list[bool]) -> None:
    """Raise unless each matrix has a column for each row of the one before, and one for its bias neuron."""
    if flags[0] and matrices[0].shape[1] == 1:
        raise _broken_chain(0, matrices[0], "2 columns at least: an input and the bias neuron")
    for i in range(1, len(matrices)):
        rows = matrices[i - 1].shape[0]
        if matrices[i].shape[1] != rows + flags[i]:
            tail = ", and one for the bias neuron" if flags[i] else ", and no bias neuron"
            raise _broken_chain(
                i, matrices[i], f"{rows + flags[i]} columns: {rows} for the rows before{tail}"
            )


def _broken_chain(i: int, matrix: Matrix, expected: str) -> OptionError:
    return OptionError(
        f"its shape is {matrix.shape}",
        code="shapes-do-not-chain",
        where=f"matrices[{i}]",
        expected=expected,
        fix="mend the shape, or say with bias= which matrices have a bias neuron's column",
    )


def _read_functions(functions: Any, matrices: list[Matrix]) -> list[Functions]:
    given = [functions] * len(matrices) if isinstance(functions, str) else functions
    if not isinstance(given, Sequence) or len(given) != len(matrices):
        raise bad_option("functions", functions, f"a name, or {len(matrices)} of them, one for each matrix")
    return [
        _read_function(f"functions[{i}]", function, len(matrix))
        for i, (function, matrix) in enumerate(zip(given, matrices, strict=True))
    ]


def _read_function(where: str, function: Any, rows: int) -> Functions:
    """Read one layer's function: a name, or as many as there are rows."""
    if not isinstance(function, list | tuple):
        require_activation(function, where=where)
        return str(function)
    for name in function:
        require_activation(name, where=where)
    if len(function) != rows:
        raise bad_option(where, function, f"a name, or {rows} of them, one for each row")
    return tuple(function)
