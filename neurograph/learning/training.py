"""The text's algorithm: predict, measure, differentiate, step; point after point, epoch after epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.errors import DataError, DivergedError, shown
from neurograph.functions import Loss
from neurograph.learning.history import History
from neurograph.learning.optimizers import Optimizer, read_optimizer
from neurograph.learning.progress import Progress
from neurograph.learning.schedules import Schedule, read_schedule
from neurograph.network.schema import Edge, Net, arrow
from neurograph.options import require_count, require_flag, require_generator
from neurograph.walk.passes import as_values, check_targets, input_slot, run_backward, target_slot
from neurograph.walk.route import Route, read_loss, read_route
from neurograph.walk.samples import Table, check_same_length, read_table


def fit(
    net: Net,
    X: Any,
    Y: Any,
    *,
    loss: str = "squared",
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | Schedule = 0.1,
    epochs: int = 1,
    batch_size: int = 1,
    shuffle: bool = True,
    seed: int | np.random.Generator | None = None,
    progress: bool = False,
) -> History:
    """Train a network by stochastic gradient descent; its trainable weights are changed in place.

    With the defaults this is the text's algorithm: the gradient of one training point after another is
    computed with the weights from before it, then every weight is updated.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors. Its frozen edges keep their weights.
    X : array of shape (samples, inputs)
        Also nested lists, a data frame or a mapping of columns; columns in the order of ``inputs(net)``.
    Y : array of shape (samples, outputs)
        The targets, in the same forms; columns in the order of ``outputs(net)``.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    optimizer : str or Optimizer
        ``"sgd"``, or an optimizer such as ``SGD()``.
    learning_rate : float or schedule
        The text's step size: a number, or a function of the epoch (counted from 0) such as
        ``InverseTimeDecay(0.5)``.
    epochs : int
        How often to go through all points.
    batch_size : int
        How many points share one gradient, which is then their mean.
    shuffle : bool
        Whether each epoch takes the points in a new random order.
    seed : int or numpy.random.Generator, optional
        For the shuffling.
    progress : bool
        Whether to show the epochs as they pass, on standard error.

    Returns
    -------
    History
        Its ``losses`` has one number for each epoch. After Ctrl-C its ``stopped`` is
        ``"interrupted"``, and the network has the weights of the last whole epoch.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError
        At the door, before anything is changed.
    DivergedError
        If a number stops being finite. It names the first neuron or edge, the sample and the epoch, and
        the network has the weights of the last whole epoch.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 3, 1], output_activation="logistic", seed=0)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> history = ng.fit(net, X, Y, loss="cross_entropy", learning_rate=0.5, epochs=200, seed=0)
    >>> history.losses[-1] < 0.05 < history.losses[0]
    True
    """
    route = read_route(net)
    row = read_loss(loss, route)
    inputs, targets = read_training_data(route, row, X, Y)
    plan = _Plan(
        loss=row,
        optimizer=read_optimizer(optimizer),
        schedule=read_schedule(learning_rate),
        epochs=require_count("epochs", epochs, least=0),
        batch_size=_clipped(require_count("batch_size", batch_size), len(inputs)),
        shuffle=require_flag("shuffle", shuffle),
        generator=require_generator(seed),
    )
    history = History()
    good = dict(route.weight)
    try:
        with Progress(plan.epochs, shown=require_flag("progress", progress)) as display:
            for epoch in range(plan.epochs):
                _run_epoch(route, plan, inputs, targets, epoch, history)
                good = dict(route.weight)
                display.advance(epoch + 1, history.losses[-1])
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    except DivergedError as error:
        error.history = history
        raise
    finally:
        write_weights(net, good, route)
    return history


@dataclass(frozen=True)
class _Plan:
    """The options of one training, checked."""

    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    batch_size: int
    shuffle: bool
    generator: np.random.Generator


def _run_epoch(route: Route, plan: _Plan, X: Table, Y: Table, epoch: int, history: History) -> None:
    """Go through all points once: predict, measure, differentiate, step."""
    rate = plan.schedule(epoch)
    edges = [edge for edge, trainable in route.trainable.items() if trainable]
    total = 0.0
    for rows in _batches(len(X), plan):
        loss, gradient = _differentiate(route, plan.loss, X, Y, rows, edges, epoch)
        _step(route, edges, plan.optimizer.change(gradient, rate), rows, epoch)
        total += loss * len(rows)
    history.losses.append(total / len(X))
    history.learning_rates.append(rate)


def _batches(samples: int, plan: _Plan) -> Iterator[np.ndarray]:
    """Yield the rows of each batch of one epoch."""
    order = plan.generator.permutation(samples) if plan.shuffle else np.arange(samples)
    for start in range(0, samples, plan.batch_size):
        yield order[start : start + plan.batch_size]


def _differentiate(
    route: Route, loss: Loss, X: Table, Y: Table, rows: np.ndarray, edges: list[Edge], epoch: int
) -> tuple[float, np.ndarray]:
    """Compute the loss of some rows and its gradient by every trainable weight."""
    single = len(rows) == 1
    given = as_values(X[rows], route.inputs, single=single)
    target = as_values(Y[rows], route.outputs, single=single)
    try:
        trace = run_backward(route, loss, given, target)
    except DivergedError as error:
        raise _located(error, int(rows[error.sample or 0]), epoch) from None
    assert trace.loss is not None
    return trace.loss, np.array([trace.gradient[edge] for edge in edges])


def _step(route: Route, edges: list[Edge], change: np.ndarray, rows: np.ndarray, epoch: int) -> None:
    """Update every weight, or raise before the first where one would not be finite."""
    updated = np.array([route.weight[edge] for edge in edges]) + change
    if not np.isfinite(updated).all():
        edge = edges[int(np.flatnonzero(~np.isfinite(updated))[0])]
        raise _located(_not_finite(edge), int(rows[0]), epoch)
    route.weight.update(zip(edges, updated.tolist(), strict=True))


def _not_finite(edge: Edge) -> DivergedError:
    error = DivergedError(
        "the updated weight is not finite",
        code="diverged",
        where=f"edge {arrow(*edge)}",
        expected="finite numbers",
        fix="use a smaller learning rate, or scale the data",
    )
    error.edge = edge
    return error


def _located(error: DivergedError, row: int, epoch: int) -> DivergedError:
    """Say in which row and epoch it happened, and what became of the weights."""
    place = f"edge {arrow(*error.edge)}" if error.edge else f"neuron {shown(error.neuron)}"
    located = DivergedError(
        str(error.args[0]).partition(": ")[2].partition(";")[0],
        code=error.code,
        where=f"{place}, sample {row}, epoch {epoch}",
        expected=error.expected,
        fix=f"{error.fix}; the network has the weights from before this epoch",
    )
    located.neuron, located.edge, located.sample, located.epoch = error.neuron, error.edge, row, epoch
    return located


def read_training_data(route: Route, loss: Loss, X: Any, Y: Any) -> tuple[Table, Table]:
    """Read X and Y as tables with as many rows, at least one, and targets that the loss can take."""
    inputs = read_table(X, input_slot(route))
    targets = read_table(Y, target_slot(route))
    check_same_length(inputs, targets)
    if not len(inputs):
        raise DataError(
            "there are no rows",
            code="no-rows",
            where="X",
            expected="at least one training point",
            fix="give at least one row",
        )
    check_targets(targets, loss, route)
    return inputs, targets


def _clipped(batch_size: int, samples: int) -> int:
    if batch_size > samples:
        warnings.warn(
            f"batch_size {batch_size} is more than the {samples} samples; all are taken", stacklevel=3
        )
    return min(batch_size, samples)


def write_weights(net: Net, weight: dict[Edge, float], route: Route) -> None:
    """Put learned weights on the trainable edges of the graph."""
    for (source, target), trainable in route.trainable.items():
        if trainable:
            net.edges[source, target]["weight"] = weight[source, target]
