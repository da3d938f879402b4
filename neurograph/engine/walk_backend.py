"""The reference as a backend: the same interface, every number from the walk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array, Backend, Diverged, Scratch
from neurograph.engine.layout import Layout, names_of
from neurograph.errors import DivergedError
from neurograph.functions import Loss
from neurograph.network.schema import BIAS, HIDDEN, INPUT, OUTPUT, Neuron, arrow
from neurograph.walk.passes import Given, as_values, mean_loss, run_backward, run_forward
from neurograph.walk.route import Route
from neurograph.walk.tables import Rows, Samples


def route_of(layout: Layout, weights: Array) -> Route:
    """Read a layout as the walk reads a graph."""
    neurons = layout.neurons
    kinds: dict[Neuron, str] = dict.fromkeys(neurons, HIDDEN)
    for indices, kind in ((layout.inputs, INPUT), (layout.biases, BIAS), (layout.outputs, OUTPUT)):
        kinds |= dict.fromkeys(names_of(layout, indices), kind)
    edges = list(layout.edges)
    sources: dict[Neuron, list[Neuron]] = {neuron: [] for neuron in neurons}
    targets: dict[Neuron, list[Neuron]] = {neuron: [] for neuron in neurons}
    for source, target in edges:
        sources[target].append(source)
        targets[source].append(target)
    return Route(
        order=list(neurons),
        kind=kinds,
        activation={
            neuron: layout.functions[f]
            for neuron, f in zip(neurons, layout.activation.tolist(), strict=True)
            if f >= 0
        },
        sources=sources,
        targets=targets,
        weight=dict(zip(edges, weights.tolist(), strict=True)),
        trainable=dict(zip(edges, layout.trainable.tolist(), strict=True)),
        inputs=names_of(layout, layout.inputs),
        outputs=names_of(layout, layout.outputs),
    )


class WalkBackend(Backend):
    """Goes neuron by neuron over the names, as :func:`neurograph.backward` does; slow and readable."""

    name = "walk"

    def forward(self, weights: Array, rows: Scratch) -> None:
        raise AssertionError("the walk goes through whole traces")  # pragma: no cover

    def backward(self, weights: Array, rows: Scratch, owns: Array, gradient: Array, *, empty: bool) -> None:
        raise AssertionError("the walk goes through whole traces")  # pragma: no cover

    def values(self, weights: Array, X: Samples) -> Array:
        route, table = route_of(self.layout, weights), np.asarray(X)
        trace = _signalled(lambda: run_forward(route, as_values(table, route.inputs, single=False)))
        rows = [np.broadcast_to(trace.value[neuron], len(X)) for neuron in self.layout.neurons]
        return np.array(rows, self.dtype).reshape(len(rows), len(X))

    def outputs(self, weights: Array, X: Samples) -> Array:
        return np.ascontiguousarray(self.values(weights, X)[self.layout.outputs].T)

    def loss(self, weights: Array, X: Samples, Y: Samples, loss: Loss) -> float:
        route, given, target = self._read(weights, X, Y)
        value: float = _signalled(lambda: mean_loss(route, run_forward(route, given), loss, target))
        return value

    def differentiate(
        self, weights: Array, X: Samples, Y: Samples, loss: Loss,
        chosen: NDArray[np.int64] | None = None, room: Array | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        if chosen is not None:
            X, Y = X[chosen], Y[chosen]
        route, given, target = self._read(weights, X, Y)
        trace = _signalled(lambda: run_backward(route, loss, given, target))
        gradient = np.array([trace.gradient[edge] for edge in self.layout.edges], self.dtype)
        return float(trace.loss or 0.0), gradient

    def _read(self, weights: Array, X: Samples, Y: Samples) -> tuple[Route, Given, Given]:
        route, single = route_of(self.layout, weights), len(X) == 1
        given, target = (
            as_values(np.asarray(X), route.inputs, single=single),
            as_values(np.asarray(Y), route.outputs, single=single),
        )
        return route, given, target


def _signalled(walk: Any) -> Any:
    try:
        return walk()
    except DivergedError as error:
        raise Diverged(error.sample or 0) from None


def rewalk(
    layout: Layout, weights: Array, X: Samples, Y: Samples | None, loss: Loss | None, rows: Rows
) -> DivergedError:
    """Find the first edge or neuron whose number is not finite in some samples, and return that error."""
    bad = np.flatnonzero(~np.isfinite(weights))
    if bad.size:
        return edge_not_finite(layout, int(bad[0]), "the updated weight")
    route = route_of(layout, weights)
    for row in map(int, rows):
        given = as_values(X[row : row + 1], route.inputs, single=True)
        try:
            if Y is None or loss is None:
                run_forward(route, given)
            else:
                target = as_values(Y[row : row + 1], route.outputs, single=True)
                run_backward(route, loss, given, target)
        except DivergedError as error:
            return error.located(row)
    first = int(rows[0]) if len(rows) else 0
    beyond = DivergedError(
        "a number is beyond the range of the program",
        code="diverged",
        where="the program",
        expected="finite numbers",
        fix="use smaller weights or a smaller learning rate, or scale the data",
    )
    return beyond.located(first)


def edge_not_finite(layout: Layout, edge: int, what: str) -> DivergedError:
    """Make the error of an edge of which a number is not finite."""
    source, target = layout.edges[edge]
    error = DivergedError(
        f"{what} is not finite",
        code="diverged",
        where=f"edge {arrow(source, target)}",
        expected="finite numbers",
        fix="use a smaller learning rate, or scale the data",
    )
    error.edge = (source, target)
    return error
