"""A layered network as the text writes it: matrices and functions, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import InvalidNetworkError
from neurograph.functions import ACTIVATIONS
from neurograph.network.findings import Finding, Report, listed
from neurograph.network.layering import layers as layers_of
from neurograph.network.schema import BIAS, INPUT, OUTPUT, Net, Neuron
from neurograph.network.validation import validate
from neurograph.options import require_flag
from neurograph.theory.notation import latex_matrix, text_matrix
from neurograph.walk.notation import latex_name
from neurograph.walk.passes import require_finite
from neurograph.walk.samples import Slot, read_samples
from neurograph.walk.tables import Table

Functions = str | tuple[str, ...]  # one function for a whole layer, or one for each of its neurons
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

WAYS_OUT: Mapping[str, str] = MappingProxyType(
    {
        "late-input": "call add_relays(net): it leads the input to where it is needed",
        "early-output": "let identity neurons carry it to the last layer",
        "output-feeds-on": "make it hidden, and let an identity neuron carry it to the last layer",
        "mixed-activations": "give the layer one function, or pass mixed=True: σ then applies each neuron's",
    }
)
"""What keeps a layered network from being matrices and functions, and what to do about it."""


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition:
    """A layered network of L layers as f = σ_L∘A_L∘…∘σ_2∘A_2; made by :func:`layer_matrices`.

    Called with x it computes f(x): a bias neuron adds its 1 to the vector before each matrix. Printed it
    is a table of every matrix; in a notebook it is a formula.

    Parameters
    ----------
    layers : tuple of tuples of neurons
        The neurons of each layer in the order of ``net.nodes``, bias neurons included; of the last layer
        the outputs alone.
    biases : frozenset of neurons
        Which of them are bias neurons.
    matrices : tuple of arrays
        A_2 … A_L. A_ℓ has a row for each neuron of layer ℓ that is no bias neuron, and a column for
        each neuron of the layer before, bias neurons included.
    functions : tuple of str
        σ_2 … σ_L; for a layer of several functions a tuple of one for each row.
    edges : tuple of boolean arrays
        For each matrix, which of its entries are edges; the others are 0.

    Examples
    --------
    >>> import neurograph as ng
    >>> f = ng.theory.layer_matrices(ng.example_network())
    >>> abs(f([0.5])[0] - ng.forward(ng.example_network(), [0.5]).outputs[0]) < 1e-15
    np.True_
    >>> print(f)
    f = σ_4∘A_4∘σ_3∘A_3∘σ_2∘A_2
    A_2     1     2
    3     0.6   0.2
    4    −0.4  −0.2
    σ_2 = logistic
    A_3    3      4     5
    6    0.5  −0.25   0.1
    7      0    0.3  −0.5
    σ_3 = logistic
    A_4    6     7    8
    9    0.8  −0.6  0.2
    σ_4 = logistic
    """

    layers: tuple[tuple[Neuron, ...], ...]
    biases: frozenset[Neuron]
    matrices: tuple[Matrix, ...]
    functions: tuple[Functions, ...]
    edges: tuple[Mask, ...]

    @property
    def inputs(self) -> list[Neuron]:
        """The input neurons."""
        return self.rows(0)

    @property
    def outputs(self) -> list[Neuron]:
        """The output neurons."""
        return self.rows(len(self.layers) - 1)

    def rows(self, layer: int) -> list[Neuron]:
        """Return the neurons of a layer, counted from 0, that are no bias neurons."""
        return [neuron for neuron in self.layers[layer] if neuron not in self.biases]

    def __call__(self, X: Any) -> Table:
        """Compute f(x).

        Parameters
        ----------
        X : sequence or array
            One sample of one number for each input, or many, of shape (samples, inputs), in any form that
            :func:`neurograph.forward` takes.

        Returns
        -------
        array of shape (outputs,) or (samples, outputs)

        Raises
        ------
        DataError
            If the inputs are not finite numbers of that shape.
        DivergedError
            If a value grows beyond a float64; the neuron and the sample are named.
        """
        table, single = read_samples(X, Slot("X", self.inputs, "input"))
        y = table.T
        for layer, (matrix, functions) in enumerate(zip(self.matrices, self.functions, strict=True)):
            with np.errstate(all="ignore"):
                z = matrix @ self._with_biases(layer, y)
                y = apply_functions(functions, z)
            for neuron, its_z, its_y in zip(self.rows(layer + 1), z, y, strict=True):
                require_finite(its_z, "z", neuron)
                require_finite(its_y, "the value", neuron)
        return y.T[0] if single else np.ascontiguousarray(y.T)

    def _with_biases(self, layer: int, y: Table) -> Table:
        """Put the 1 of each bias neuron where it stands in its layer."""
        whole = np.ones((len(self.layers[layer]), y.shape[1]))
        whole[[neuron not in self.biases for neuron in self.layers[layer]]] = y
        return whole

    def __repr__(self) -> str:
        sizes = " → ".join(str(len(self.rows(layer))) for layer in range(len(self.layers)))
        return f"<Decomposition of {len(self.layers)} layers, {sizes} neurons>"

    def __str__(self) -> str:
        lines = ["f = " + "∘".join(f"σ_{i}∘A_{i}" for i, _, _ in reversed(self._pairs()))]
        for i, matrix, functions in self._pairs():
            names = functions if isinstance(functions, str) else ", ".join(functions)
            lines += [
                *text_matrix(f"A_{i}", self.rows(i - 1), self.layers[i - 2], matrix),
                f"σ_{i} = {names}",
            ]
        return "\n".join(lines)

    def latex(self) -> str:
        """Return the formula, every matrix and every function as a LaTeX ``aligned`` block.

        The middle of a matrix of more than ten rows or columns is left out.
        """
        terms = [rf"\sigma_{{{i}}}\circ A_{{{i}}}" for i, _, _ in reversed(self._pairs())]
        lines = ["f &= " + r"\circ ".join(terms)]
        for i, matrix, functions in self._pairs():
            formula = self._latex_of_functions(i - 1, functions)
            lines += [rf"A_{{{i}}} &= {latex_matrix(matrix)}", rf"\sigma_{{{i}}}(z) &= {formula}"]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _pairs(self) -> list[tuple[int, Matrix, Functions]]:
        """List each ℓ with A_ℓ and σ_ℓ."""
        return list(zip(count(2), self.matrices, self.functions, strict=False))

    def _latex_of_functions(self, layer: int, functions: Functions) -> str:
        """Write what a layer applies; where it mixes functions, which neurons apply which."""
        if isinstance(functions, str):
            return ACTIVATIONS[functions].latex
        users: dict[str, list[str]] = {}
        for neuron, name in zip(self.rows(layer), functions, strict=True):
            users.setdefault(name, []).append(latex_name(neuron))
        return r",\quad ".join(
            rf"{ACTIVATIONS[name].latex}\text{{ in }}{', '.join(neurons)}" for name, neurons in users.items()
        )

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def layer_matrices(net: Net, *, mixed: bool = False) -> Decomposition:
    """Write a layered network as f = σ_L∘A_L∘…∘σ_2∘A_2: matrices and functions, one pair a layer.

    So the text has it, in chapter II: the values of a layer, a bias neuron's 1 among them, go through a
    matrix into the weighted sums of the next layer, and these through its function, coordinate by
    coordinate, into the next layer's values.

    Parameters
    ----------
    net : networkx.DiGraph
        A layered network without errors, which is only read. Its inputs are in the first layer, its outputs
        in the last.
    mixed : bool
        Whether a layer may mix functions; σ then applies to each coordinate its neuron's function.

    Returns
    -------
    Decomposition
        Call it with an input; print it; :func:`from_matrices` makes the network again.

    Raises
    ------
    NotLayeredError
        If there are no layers. :func:`neurograph.add_relays` gives a layered network of the same function,
        whose layers mix functions.
    InvalidNetworkError
        If the network has errors, or a layer mixes functions, or an input or output is not where it
        has to be; every finding is listed with its way out.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 3, 1], activation="tanh", output_activation="logistic", seed=0)
    >>> f = ng.theory.layer_matrices(net)
    >>> [matrix.shape for matrix in f.matrices], f.functions
    ([(3, 3), (1, 4)], ('tanh', 'logistic'))
    """
    report = validate(net)
    found = [tuple(layer) for layer in layers_of(net)]
    _refuse(report, require_flag("mixed", mixed))
    kinds = dict(net.nodes(data="kind"))
    found[-1] = tuple(neuron for neuron in found[-1] if kinds[neuron] == OUTPUT)
    biases = frozenset(neuron for layer in found for neuron in layer if kinds[neuron] == BIAS)
    matrices, functions, edges = [], [], []
    for before, layer in pairwise(found):
        rows = [neuron for neuron in layer if kinds[neuron] not in (BIAS, INPUT)]
        matrix, mask = _matrix(net, rows, before)
        matrices.append(matrix)
        edges.append(mask)
        functions.append(_joined([net.nodes[neuron]["activation"] for neuron in rows]))
    return Decomposition(tuple(found), biases, tuple(matrices), tuple(functions), tuple(edges))


def apply_functions(functions: Functions, z: Table) -> Table:
    """Apply a layer's function to the weighted sums, of shape (neurons, samples)."""
    if isinstance(functions, str):
        return np.asarray(ACTIVATIONS[functions](z))
    return np.array([ACTIVATIONS[name](row) for name, row in zip(functions, z, strict=True)])


def _matrix(net: Net, rows: Sequence[Neuron], columns: Sequence[Neuron]) -> tuple[Matrix, Mask]:
    """Collect the weights between two layers, and which of them there are."""
    row = {neuron: i for i, neuron in enumerate(rows)}
    matrix, mask = np.zeros((len(rows), len(columns))), np.zeros((len(rows), len(columns)), dtype=bool)
    for j, source in enumerate(columns):
        for target, attributes in net[source].items():
            if target in row:
                matrix[row[target], j], mask[row[target], j] = attributes["weight"], True
    return matrix, mask


def _joined(names: Sequence[str]) -> Functions:
    return names[0] if len(set(names)) == 1 else tuple(names)


def _refuse(report: Report, mixed: bool) -> None:
    """Raise where a layered network departs from the form, listing all that is in its way."""
    codes = set(WAYS_OUT) - ({"mixed-activations"} if mixed else set())
    refused = tuple(_with_way_out(finding) for finding in report.findings if finding.code in codes)
    if refused:
        raise InvalidNetworkError.from_report(Report(refused), len(refused), listed(refused))


def _with_way_out(finding: Finding) -> Finding:
    return replace(finding, fix=WAYS_OUT[finding.code])
