"""The text's algorithm: predict, measure, differentiate, step; point after point, epoch after epoch."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.program import Program, compile_network
from neurograph.engine.updates import RPROP, Memory, Rule
from neurograph.errors import DivergedError, OptionError
from neurograph.functions import Loss
from neurograph.learning.history import History
from neurograph.learning.optimizers import Optimizer, read_optimizer
from neurograph.learning.progress import Progress
from neurograph.learning.schedules import Constant, Schedule, rates_of_epoch, read_schedule
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_count, require_flag, require_generator, require_number

Callback = Callable[[History], object]


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
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
    validation: tuple[Any, Any] | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = False,
    backend: str = "auto",
    dtype: Any = np.float64,
) -> History:
    """Train a network by gradient descent; its trainable weights are changed in place.

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
        ``"sgd"``, ``"rmsprop"``, ``"adam"``, ``"rprop"``, or an optimizer such as ``SGD(momentum=0.9)``.
    learning_rate : float or schedule
        The text's step size: a number, or a function of the epoch (counted from 0) such as
        ``InverseTimeDecay(0.5)``; with ``per="step"``, of the step.
    epochs : int
        How often to go through all points.
    batch_size : int
        How many points share one gradient, which is then their mean.
    shuffle : bool
        Whether each epoch takes the points in a new random order.
    seed : int or numpy.random.Generator, optional
        For the shuffling: epoch after epoch takes ``numpy.random.default_rng(seed).permutation(samples)``.
    weight_decay : float
        This times each weight is added to its gradient.
    clip_norm : float, optional
        A gradient whose Euclidean norm, over all trainable weights, is larger is scaled down to it.
    validation : (X, Y), optional
        Points that are not trained on; their loss is measured after every epoch.
    patience : int, optional
        Stop when so many epochs have brought no lower loss (of the validation points, if there are
        any), and keep the best weights.
    callbacks : sequence of callable
        Each is called after every epoch with the history so far, the weights being on the graph; one
        that returns True ends the training.
    progress : bool
        Whether to show the epochs as they pass, on standard error.
    backend, dtype
        As for :func:`neurograph.compile_network`.

    Returns
    -------
    History
        Its ``losses`` has one number for each epoch, its ``stopped`` says why training ended. After
        Ctrl-C that is ``"interrupted"``, and the network has the best weights so far, measured after
        whole epochs.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, MissingExtraError
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
    program = compile_network(net, backend=backend, dtype=dtype)
    table, targets, row = program.data(X, Y, loss)
    plan = Plan(
        loss=row,
        optimizer=read_optimizer(optimizer),
        schedule=read_schedule(learning_rate),
        epochs=require_count("epochs", epochs, least=0),
        batch_size=_clipped(require_count("batch_size", batch_size), len(table)),
        shuffle=require_flag("shuffle", shuffle),
        weight_decay=require_number("weight_decay", weight_decay, low=0.0),
        clip_norm=0.0 if clip_norm is None else require_number("clip_norm", clip_norm, low=0.0, above=True),
        patience=None if patience is None else require_count("patience", patience),
    )
    held_out = None if validation is None else _read_validation(program, validation, loss)
    state = State.start(program, plan, require_generator(seed))
    training = Training(program, plan, state, table, targets, held_out)
    return training.run(net, _checked_callbacks(callbacks), shown=require_flag("progress", progress))


@dataclass(frozen=True)
class Plan:
    """The options of one training, checked."""

    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    batch_size: int
    shuffle: bool
    weight_decay: float = 0.0
    clip_norm: float = 0.0
    patience: int | None = None

    def __post_init__(self) -> None:
        if self.rule.kind == RPROP and not isinstance(self.schedule, Constant):
            raise OptionError(
                "rprop sets its step sizes itself, after the first",
                code="needless-option",
                where="learning_rate",
                expected="a number, the first step",
                fix="give a number, or choose another optimizer",
            )

    @property
    def rule(self) -> Rule:
        """The rule by which weights change."""
        return self.optimizer.rule(weight_decay=self.weight_decay, clip_norm=self.clip_norm)


@dataclass
class State:
    """Everything that changes while training goes on: with it, training can go on elsewhere."""

    weights: Array
    memory: Memory
    generator: np.random.Generator
    best_weights: Array
    best_loss: float = math.inf
    best_epoch: int = -1
    steps: int = 0
    history: History = field(default_factory=History)

    @classmethod
    def start(cls, program: Program, plan: Plan, generator: np.random.Generator) -> State:
        """The state before the first epoch."""
        weights = program.weights.copy()
        memory = Memory.empty(plan.rule, len(weights), program.weights.dtype.type)
        return cls(weights, memory, generator, weights.copy())


@dataclass
class Training:
    """One training: what is trained, how, on what, and how far it is."""

    program: Program
    plan: Plan
    state: State
    X: Array
    Y: Array
    validation: tuple[Array, Array] | None = None

    def run(
        self,
        net: Net,
        callbacks: Sequence[Callback] = (),
        *,
        shown: bool = False,
        after_epoch: Callable[[Training], object] | None = None,
    ) -> History:
        """Train until the plan is fulfilled, and put the weights on the graph."""
        state, history = self.state, self.state.history
        history.stopped = "finished"
        kept = state.weights.copy()
        try:
            with Progress(self.plan.epochs, shown=shown) as display:
                while history.epochs < self.plan.epochs and history.stopped == "finished":
                    self._run_epoch()
                    kept = state.weights.copy()
                    if after_epoch is not None:
                        after_epoch(self)
                    display.advance(history.epochs, history.losses[-1])
                    self._consider_stopping(net, callbacks)
            if history.stopped == "stopped early":
                kept = state.best_weights
        except KeyboardInterrupt:
            history.stopped = "interrupted"
            kept = state.best_weights
        except DivergedError as error:
            error.history = history
            raise
        finally:
            if history.epochs:
                self._write(net, kept)
        return history

    def _run_epoch(self) -> None:
        """Go through all points once, and measure."""
        state, plan = self.state, self.plan
        samples = len(self.X)
        rows = state.generator.permutation(samples) if plan.shuffle else np.arange(samples)
        steps = -(-samples // plan.batch_size)
        rates = rates_of_epoch(plan.schedule, state.history.epochs, state.steps, steps)
        try:
            total = self.program.engine.train(
                state.weights,
                self.X,
                self.Y,
                rows,
                plan.batch_size,
                plan.loss,
                plan.rule,
                state.memory,
                rates,
            )
        except Diverged as signal:
            raise self._diverged(rows, signal.position) from None
        if not np.isfinite(state.weights).all() or not math.isfinite(total):
            raise self._diverged(rows, samples)
        state.steps += steps
        state.history.losses.append(total / samples)
        state.history.learning_rates.append(float(rates[0]))
        self._measure()

    def _measure(self) -> None:
        """Measure the loss that decides which weights are best."""
        state, history = self.state, self.state.history
        measured = history.losses[-1]
        if self.validation is not None:
            X, Y = self.validation
            try:
                measured = self.program.engine.loss(state.weights, X, Y, self.plan.loss)
            except Diverged:
                measured = math.inf
            history.validation_losses.append(measured)
        if measured < state.best_loss:
            state.best_loss, state.best_epoch = measured, history.epochs - 1
            state.best_weights = state.weights.copy()

    def _consider_stopping(self, net: Net, callbacks: Sequence[Callback]) -> None:
        history = self.state.history
        if callbacks:
            self._write(net, self.state.weights)
            answers = [callback(copy.copy(history)) for callback in callbacks]
            if True in answers:
                history.stopped = "stopped by a callback"
        patience = self.plan.patience
        if patience is not None and history.epochs - 1 - self.state.best_epoch >= patience:
            history.stopped = "stopped early"

    def _write(self, net: Net, weights: Array) -> None:
        edges = zip(self.program.edges, self.program.layout.trainable.tolist(), weights.tolist(), strict=True)
        for (source, target), trainable, weight in edges:
            if trainable:
                net.edges[source, target]["weight"] = weight

    def _diverged(self, rows: NDArray[np.int64], position: int) -> DivergedError:
        """Name where a number stopped being finite, in the batch that begins at this place of ``rows``."""
        batch = rows[position : position + self.plan.batch_size]
        error = self.program.diverged(self.state.weights, self.X, self.Y, self.plan.loss, batch)
        if error.edge is not None:  # the weight went wrong in the step before
            batch = rows[max(0, position - 1) : position]
        sample = int(error.sample if error.sample is not None else (batch[0] if len(batch) else rows[0]))
        advice = "the network has the weights from before this epoch"
        return error.located(sample, self.state.history.epochs, advice=advice)


def _read_validation(program: Program, validation: Any, loss: str) -> tuple[Array, Array]:
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise bad_option("validation", validation, "a pair (X, Y)")
    X, Y = validation
    X, Y, _ = program.data(X, Y, loss)
    return X, Y


def _checked_callbacks(callbacks: Any) -> list[Callback]:
    found = [callbacks] if callable(callbacks) else callbacks
    if not isinstance(found, list | tuple):
        raise bad_option("callbacks", callbacks, "functions of the history")
    for callback in found:
        if not callable(callback):
            raise bad_option("callbacks", callback, "functions of the history")
    return list(found)


def _clipped(batch_size: int, samples: int) -> int:
    if batch_size > samples:
        text = f"batch_size {batch_size} is more than the {samples} samples; all are taken"
        warnings.warn(text, stacklevel=3)
    return min(batch_size, samples)
