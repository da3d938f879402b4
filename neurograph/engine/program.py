"""A network compiled: a snapshot as flat arrays, with a backend that computes with it."""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np

from neurograph.engine.backends import choose_backend, find_dtype
from neurograph.engine.door import read_layout
from neurograph.engine.equations import equations
from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.layout import EdgeView, Layout, names_of
from neurograph.errors import (
    DivergedError,
    InvalidNetworkError,
    NeurographError,
    OptionError,
    WeightError,
    shown,
)
from neurograph.functions import Loss, find_loss
from neurograph.markup import Markup, display, figure, preformatted
from neurograph.network.schema import Net, Neuron, arrow, require_digraph
from neurograph.options import bad_option
from neurograph.walk.passes import check_targets
from neurograph.walk.route import require_fit
from neurograph.walk.samples import Slot, check_not_empty, check_same_length, read_table
from neurograph.walk.tables import Rows, Samples


def compile_network(net: Net, *, backend: str = "auto", dtype: Any = np.float64) -> Program:
    """Compile a network into a program over flat arrays.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read. The program is a snapshot: it never follows
        later edits of the graph.
    backend : str
        ``"numpy"`` (always there), ``"numba"`` (extra ``[fast]``), ``"walk"`` (the reference, slow), or
        ``"auto"``: numba where it is installed and knows all activations, numpy otherwise.
    dtype : numpy dtype
        float64 or float32.

    Returns
    -------
    Program

    Raises
    ------
    InvalidNetworkError
        If the network has errors.
    OptionError
        If the backend or the dtype is unknown.
    MissingExtraError
        If the backend is not installed; the message names the command that installs it.

    Examples
    --------
    >>> import neurograph as ng
    >>> program = ng.compile_network(ng.example_network(), backend="numpy")
    >>> program
    <Program of 9 neurons and 12 edges in 4 levels, backend numpy, float64>
    >>> program.forward([[0.5]]).shape
    (1, 1)
    """
    kind = find_dtype(dtype)
    return Program(read_layout(net), backend, kind)


class Program:
    """A compiled network; made by :func:`compile_network`.

    Attributes
    ----------
    neurons : list
        The keys in the order of the program: level by level.
    edges : sequence of (source, target)
        Grouped by target; each target's sources in the order of ``net.nodes``.
    weights : array
        One number for each edge, in that order. It is the program's own and may be changed; numbers that are
        assigned to it are copied into it.
    inputs, outputs : list
        The keys of the input and output neurons.
    backend : str
        The name of the backend.

    Examples
    --------
    >>> import neurograph as ng
    >>> program = ng.compile_network(ng.example_network(), backend="numpy")
    >>> loss, gradient = program.gradient([[0.5]], [[1.0]])
    >>> trace = ng.backward(ng.example_network(), [0.5], [1.0])
    >>> all(abs(g - trace.gradient[edge]) < 1e-15 for edge, g in zip(program.edges, gradient))
    True
    """

    def __init__(self, layout: Layout, backend: str, dtype: type[np.floating[Any]]) -> None:
        self.layout = layout
        self.engine = choose_backend(backend, layout, dtype)
        self._weights = _rounded(layout, dtype)
        self._X = Slot("X", names_of(layout, layout.inputs), "input")
        self._Y = Slot("Y", names_of(layout, layout.outputs), "output")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.layout, self.backend, self.dtype.type, self.weights)

    @property
    def weights(self) -> Array:
        return self._weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        try:
            numbers = np.array(weights, self.dtype)
        except (TypeError, ValueError):
            numbers = np.empty(())
        if numbers.shape != self._weights.shape:
            raise bad_option("weights", weights, f"{len(self._weights)} numbers, one for each edge")
        self._weights[:] = numbers

    @property
    def neurons(self) -> list[Neuron]:
        return list(self.layout.neurons)

    @property
    def edges(self) -> EdgeView:
        return self.layout.edges

    @property
    def inputs(self) -> list[Neuron]:
        return list(self._X.neurons)

    @property
    def outputs(self) -> list[Neuron]:
        return list(self._Y.neurons)

    @property
    def backend(self) -> str:
        return self.engine.name

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.weights.dtype

    def forward(self, X: Any) -> Array:
        """Compute the outputs: shape (samples, outputs), from X of shape (samples, inputs)."""
        table = self._inputs(X)
        try:
            return self.engine.outputs(self.weights, table)
        except Diverged as signal:
            raise self._diverged_from(signal, table) from None

    def values(self, X: Any) -> Array:
        """Compute the values of all neurons: shape (samples, neurons), in the order of ``neurons``."""
        table = self._inputs(X)
        try:
            return self.engine.values(self.weights, table).T
        except Diverged as signal:
            raise self._diverged_from(signal, table) from None

    def loss(self, X: Any, Y: Any, loss: str = "squared") -> float:
        """Compute the mean over the samples of the loss, summed over the outputs."""
        table, targets, row = self.data(X, Y, loss)
        try:
            return self.engine.loss(self.weights, table, targets, row)
        except Diverged as signal:
            raise self._diverged_from(signal, table, targets, row) from None

    def gradient(self, X: Any, Y: Any, loss: str = "squared") -> tuple[float, Array]:
        """Compute the mean loss and its gradient: one number for each edge, frozen ones too."""
        table, targets, row = self.data(X, Y, loss)
        try:
            return self.engine.differentiate(self.weights, table, targets, row)
        except Diverged as signal:
            raise self._diverged_from(signal, table, targets, row) from None

    def write_weights(self, net: Net) -> None:
        """Write the weights to the edges of a graph, which must have the same edges.

        A frozen edge is left alone unless its number was changed here.

        Raises
        ------
        InvalidNetworkError
            If an edge of the program is missing in the graph, or a weight is not finite; nothing is
            written then.
        """
        require_digraph(net)
        edges = list(self.edges)
        missing = [edge for edge in edges if not net.has_edge(*edge)]
        if missing or net.number_of_edges() != len(edges):
            what = f"it has no edge {shown(missing[0])}" if missing else "it has other edges"
            raise InvalidNetworkError(
                what,
                code="other-graph",
                where="net",
                expected="the edges of the network that was compiled",
                fix="compile that graph, or write to the graph that was compiled",
            )
        problem = self._weight_problem()
        if problem:
            raise problem
        written = self.layout.trainable | (self.weights != _rounded(self.layout, self.dtype.type))
        for (source, target), weight in compress(zip(edges, self.weights.tolist(), strict=True), written):
            net.edges[source, target]["weight"] = weight

    def data(self, X: Any, Y: Any, loss: str) -> tuple[Samples, Samples, Loss]:
        """Read samples, targets and the name of a loss, each checked against this network."""
        row = fitting_loss(loss, self.layout)
        table = self._inputs(X)
        targets = read_table(Y, self._Y)
        check_same_length(table, targets)
        check_targets(targets, row, self._Y.neurons)
        check_not_empty(table)
        return table, targets, row

    def _inputs(self, X: Any) -> Samples:
        return read_table(X, self._X)

    def _diverged_from(
        self, signal: Diverged, X: Samples, Y: Samples | None = None, loss: Loss | None = None
    ) -> NeurographError:
        rows = range(signal.position, len(X))
        return self._weight_problem() or self.diverged(self.weights, X, Y, loss, rows)

    def _weight_problem(self) -> WeightError | None:
        """Make the error of the first weight that is not finite, if there is one."""
        bad = np.flatnonzero(~np.isfinite(self.weights))
        if not bad.size:
            return None
        return WeightError(
            f"the program's weight is {self.weights[bad[0]]}",
            code="weight-not-finite",
            where=f"edge {arrow(*self.edges[int(bad[0])])}",
            expected="a finite number",
            fix="mend program.weights",
        )

    def diverged(
        self, weights: Array, X: Samples, Y: Samples | None, loss: Loss | None, rows: Rows
    ) -> DivergedError:
        """Walk some samples again to name the first edge or neuron whose number is not finite."""
        from neurograph.engine.walk_backend import rewalk

        return rewalk(self.layout, weights, X, Y, loss, rows)

    def __repr__(self) -> str:
        layout = self.layout
        sizes = f"{len(layout.neurons)} neurons and {len(layout.sources)} edges"
        depth = f"{len(layout.level_starts) - 1} levels"
        return f"<Program of {sizes} in {depth}, backend {self.backend}, {self.weights.dtype}>"

    def __str__(self) -> str:
        return equations(self.layout, self.weights)

    @display
    def _repr_html_(self) -> Markup:
        """Show the equations under a line that says how large the program is."""
        return figure(repr(self)[1:-1], preformatted(str(self)))


def _rebuild(layout: Layout, backend: str, dtype: type[np.floating[Any]], weights: Array) -> Program:
    """Make a program anew from its pickle; activations are found by name."""
    program = Program(layout, backend, dtype)
    program.weights = weights
    return program


def _rounded(layout: Layout, dtype: type[np.floating[Any]]) -> Array:
    """Copy the weights in the wanted precision, which must be able to hold them."""
    with np.errstate(over="ignore"):
        weights: Array = layout.weights.astype(dtype)
    beyond = np.flatnonzero(~np.isfinite(weights))
    if beyond.size:
        edge = layout.edges[int(beyond[0])]
        raise OptionError(
            f"the weight {layout.weights[beyond[0]]} of edge {arrow(*edge)} does not fit {weights.dtype}",
            code="weight-beyond-dtype",
            where="dtype",
            expected="a dtype that can hold every weight",
            fix="give float64, or make that weight smaller",
        )
    return weights


def fitting_loss(loss: object, layout: Layout) -> Loss:
    """Look a loss up, and refuse it where it cannot take what an output neuron gives."""
    row, codes = find_loss(loss), layout.activation[layout.outputs]
    for code in dict.fromkeys(codes.tolist()):
        neuron = layout.neurons[layout.outputs[np.argmax(codes == code)]]
        require_fit(row, layout.functions[code], neuron)
    return row
