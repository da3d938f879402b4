"""The text's algorithm: predict, measure, differentiate, step; point after point, epoch after epoch."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.program import Program
from neurograph.engine.updates import RPROP, Memory, Rule
from neurograph.engine.walk_backend import edge_not_finite
from neurograph.errors import DataError, DivergedError, OptionError
from neurograph.functions import Loss
from neurograph.learning.history import History
from neurograph.learning.optimizers import Optimizer
from neurograph.learning.progress import Progress
from neurograph.learning.schedules import Constant, Schedule, rates_of_epoch
from neurograph.learning.watching import Look, require_same
from neurograph.network.schema import Net
from neurograph.walk.tables import LargeTable, Rows, Samples

Callback = Callable[[History], object]
MOST_IN_LINE = 2**20  # numbers of samples that are put in line at once, 8 MiB


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
    X: Samples
    Y: Samples
    validation: tuple[Samples, Samples] | None = None

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
        history.stopped = "stopped early" if self._is_out_of_patience() else "finished"
        kept = state.weights.copy()
        settled = history.epochs, state.best_weights
        checksums = self._checksums() if callbacks else {}
        try:
            with Progress(self.plan.epochs, shown=shown) as display:
                while history.epochs < self.plan.epochs and history.stopped == "finished":
                    self._run_epoch()
                    settled = history.epochs, state.best_weights
                    kept = state.weights.copy()
                    if after_epoch is not None:
                        after_epoch(self)
                    display.advance(history.epochs, history.losses[-1])
                    self._consider_stopping(net, callbacks)
                    if callbacks:
                        _require_same_tables(checksums, self._checksums())
            if history.stopped == "stopped early":
                kept = state.best_weights
        except KeyboardInterrupt:
            history.stopped = "interrupted"
            epochs, kept = settled  # an epoch that was cut short in its last line does not count
            history.forget_after(epochs)
        except DivergedError as error:
            error.history = history
            raise
        finally:
            if history.epochs:
                self._write(net, kept)
        return history

    def _run_epoch(self) -> None:
        """Go through all points once, and measure."""
        state, plan, samples = self.state, self.plan, len(self.X)
        order: Rows = state.generator.permutation(samples) if plan.shuffle else range(samples)
        steps = -(-samples // plan.batch_size)
        rates = rates_of_epoch(plan.schedule, state.history.epochs, state.steps, steps)
        total, done = 0.0, 0
        try:
            for part in self._parts():
                total, done = self._train(order, part, rates, total), part.stop
        except Diverged as signal:
            raise self._diverged(order, done + signal.position) from None
        if not np.isfinite(state.weights).all() or not math.isfinite(total):
            raise self._diverged(order, samples)
        if state.memory.overflowed().size:
            raise self._memory_overflowed()
        state.steps += steps
        state.history.losses.append(total / samples)
        state.history.learning_rates.append(float(rates[0]))
        self._measure()

    def _parts(self) -> Iterator[slice]:
        """Cut an epoch into parts of whole batches, so that a large table need not be read all at once."""
        rows = self.plan.batch_size * max(1, MOST_IN_LINE // self._numbers_of_a_batch)
        for first in range(0, len(self.X), rows):
            yield slice(first, min(first + rows, len(self.X)))

    def _train(self, order: Rows, part: slice, rates: Array, total: float) -> float:
        """Train on a part of an epoch; return the summed loss of all points so far."""
        plan, batch, X, Y = self.plan, self.plan.batch_size, self.X, self.Y
        rows = order[part] if isinstance(order, np.ndarray) else np.arange(part.start, part.stop)
        if batch == 1 or self._numbers_of_a_batch <= MOST_IN_LINE:  # what stands in line is read faster
            chosen = rows if plan.shuffle else part
            X, Y, rows = X[chosen], Y[chosen], np.arange(len(rows))
        rates = np.ascontiguousarray(rates[part.start // batch : -(-part.stop // batch)])
        return self.program.engine.train(
            self.state.weights, X, Y, rows, batch, plan.loss, plan.rule, self.state.memory, rates, total
        )

    @property
    def _numbers_of_a_batch(self) -> int:
        return self.plan.batch_size * int(max(self.X.shape[1], self.Y.shape[1]))

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
            look = Look.at(net)
            answers = [callback(copy.copy(history)) for callback in callbacks]
            require_same(net, look)
            if any(isinstance(answer, bool | np.bool_) and answer for answer in answers):
                history.stopped = "stopped by a callback"
        if self._is_out_of_patience():
            history.stopped = "stopped early"

    def _is_out_of_patience(self) -> bool:
        patience, state = self.plan.patience, self.state
        return patience is not None and state.history.epochs - 1 - state.best_epoch >= patience

    def _write(self, net: Net, weights: Array) -> None:
        edges = zip(self.program.edges, self.program.layout.trainable.tolist(), weights.tolist(), strict=True)
        for (source, target), trainable, weight in edges:
            if trainable and net.has_edge(source, target):  # a callback may have removed it
                net.edges[source, target]["weight"] = weight

    def _memory_overflowed(self) -> DivergedError:
        edge = int(self.state.memory.overflowed()[0])
        error = edge_not_finite(self.program.layout, edge, "what the optimizer remembers of its gradients")
        error.epoch = self.state.history.epochs
        return error

    def _diverged(self, order: Rows, position: int) -> DivergedError:
        """Name where a number stopped being finite, in the batch that begins at this place of the order."""
        batch = order[position : position + self.plan.batch_size]
        error = self.program.diverged(self.state.weights, self.X, self.Y, self.plan.loss, batch)
        if error.edge is not None:  # the weight went wrong in the step before
            batch = order[max(0, position - 1) : position]
        sample = int(error.sample if error.sample is not None else (batch[0] if len(batch) else order[0]))
        advice = "the network has the weights from before this epoch"
        return error.located(sample, self.state.history.epochs, advice=advice)

    def _checksums(self) -> dict[str, int]:
        """Look at the tables that are read where the caller has them."""
        tables = {"X": self.X, "Y": self.Y}
        if self.validation is not None:
            tables |= {"validation, X": self.validation[0], "validation, Y": self.validation[1]}
        return {name: table.checksum() for name, table in tables.items() if isinstance(table, LargeTable)}


def _require_same_tables(before: dict[str, int], now: dict[str, int]) -> None:
    for name, checksum in now.items():
        if checksum != before[name]:
            raise DataError(
                "was changed while training went on",
                code="data-changed",
                where=name,
                expected="the same numbers in every epoch: an array this large is not copied",
                fix="let the callback change a copy",
            )


def clipped(batch_size: int, samples: int, stacklevel: int = 3) -> int:
    """Return the size of a batch, with a warning where there are not so many samples."""
    if batch_size > samples:
        text = f"batch_size {batch_size} is more than the {samples} samples; all are taken"
        warnings.warn(text, stacklevel=stacklevel)
    return min(batch_size, samples)
