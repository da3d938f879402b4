"""The work of restarts as arrays: what is sent to a worker, and what it does there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.backends import choose_backend
from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.layout import Layout
from neurograph.engine.populations import make_population, padded, population_width
from neurograph.engine.program import compile_network
from neurograph.engine.updates import Memory, Rule
from neurograph.functions import Loss
from neurograph.learning.chunk_store import digest
from neurograph.learning.chunks import LARGEST, SMALLEST, Chunk, Finished
from neurograph.learning.optimizers import read_optimizer
from neurograph.learning.schedules import rates_of_epoch, read_schedule
from neurograph.learning.training import Plan, clipped
from neurograph.learning.workers import require_wanted
from neurograph.network.initialization import Draw
from neurograph.network.schema import Net
from neurograph.options import require_count, require_flag

MOST_ROWS = 2**20  # of the order of points, that are drawn at a time


@dataclass(frozen=True)
class Job:
    """All that a worker needs, as arrays: it is sent, and the graph stays at home."""

    layout: Layout
    draw: Draw
    draw_place: NDArray[np.int64]  # where the k-th drawn weight stands in the layout
    X: Array
    Y: Array
    loss: Loss
    rule: Rule
    batch_size: int
    order: Order
    rates: Array  # of shape (epochs, 1), or (epochs, steps)
    backend: str
    seed: int
    keep: int

    def digest(self, n: int) -> bytes:
        """Name these restarts by all that their result depends on."""
        layout, draw = self.layout, self.draw
        return digest([
            layout.neurons, [row.name for row in layout.functions], layout.activation, layout.offsets,
            layout.sources, layout.weights, layout.trainable, layout.inputs, layout.outputs, layout.biases,
            draw.row.name, draw.scale, self.X, self.Y, self.order, self.rates, self.loss.name,
            self.rule, self.batch_size, self.backend, self.seed, self.keep, n,
        ])  # fmt: skip

    @property
    def edges(self) -> int:
        return len(self.layout.weights)

    @property
    def largest_chunk(self) -> int:
        """How many restarts advance together at most: fewer, the more edges each has."""
        return population_width(self.layout, LARGEST, least=SMALLEST)

    def initial_weights(self, restart: int) -> Array:
        """Draw the weights that a restart starts from, in the order of the layout."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(restart,))
        weights = self.layout.weights.copy()
        weights[self.draw_place] = self.draw.weights(np.random.default_rng(sequence))
        return np.where(self.layout.trainable, weights, self.layout.weights)

    def run(self, chunk: Chunk) -> Finished:
        """Train the restarts of a chunk; keep the weights of its best."""
        weights = np.stack([self.initial_weights(i) for i in chunk.restarts], axis=1)
        weights, losses = self.train(weights)
        ranked = np.argsort(np.where(np.isnan(losses), np.inf, losses), kind="stable")[: self.keep]
        best = ranked[~np.isnan(losses[ranked])]
        return Finished(chunk, losses, best + chunk.first, np.ascontiguousarray(weights[:, best].T))

    def train(self, weights: Array) -> tuple[Array, Array]:
        """Train a population of shape (edges, lanes); return it and its losses, NaN where it diverged."""
        lanes = weights.shape[1]
        population = make_population(self.layout, self.backend)
        if self.rule.is_plain and self.batch_size == 1:
            weights = padded(weights)
            for epochs, order in self.order.blocks():
                require_wanted()
                population.train(weights, self.X, self.Y, order, self.loss, self.rates[epochs])
        else:
            weights = np.stack([self._train_alone(weights[:, k]) for k in range(lanes)], axis=1)
        losses = population.losses(np.ascontiguousarray(weights), self.X, self.Y, self.loss)[:lanes]
        weights = weights[:, :lanes]
        losses[~np.isfinite(weights).all(axis=0)] = math.nan
        return weights, losses

    def _train_alone(self, weights: Array) -> Array:
        weights = weights.copy()
        engine = choose_backend(self.backend, self.layout, np.float64)
        memory = Memory.empty(self.rule, len(weights), np.float64)
        rates = np.repeat(self.rates, -(-len(self.X) // self.batch_size) // self.rates.shape[1], axis=1)
        rows = (row for _, order in self.order.blocks() for row in order)
        try:
            for row, rate in zip(rows, rates, strict=True):
                require_wanted()
                engine.train(
                    weights, self.X, self.Y, row, self.batch_size, self.loss, self.rule, memory, rate
                )
        except Diverged:
            weights[:] = math.nan
        return weights


@dataclass(frozen=True)
class Order:
    """The order of the points in every epoch, the one that ``fit`` with this seed takes."""

    seed: int
    shuffle: bool
    epochs: int
    samples: int

    def blocks(self) -> Iterable[tuple[slice, NDArray[np.int64]]]:
        """Return which epochs, and an array of shape (epochs, samples) for them, block by block."""
        return _kept_blocks(self) if self.epochs * self.samples <= MOST_ROWS else _blocks(self)


def _blocks(order: Order) -> Iterator[tuple[slice, NDArray[np.int64]]]:
    generator = np.random.default_rng(order.seed)
    most = max(1, MOST_ROWS // order.samples)
    for first in range(0, order.epochs, most):
        epochs = slice(first, min(first + most, order.epochs))
        rows = [
            generator.permutation(order.samples) if order.shuffle else np.arange(order.samples)
            for _ in range(first, epochs.stop)
        ]
        yield epochs, np.array(rows, dtype=np.int64)


@lru_cache(maxsize=1)
def _kept_blocks(order: Order) -> list[tuple[slice, NDArray[np.int64]]]:
    """Draw a short order once for all chunks."""
    return list(_blocks(order))


def make_job(
    net: Net, X: Any, Y: Any, *, seed: Any, loss: Any, optimizer: Any, learning_rate: Any, epochs: Any,
    batch_size: Any, shuffle: Any, method: Any, scale: Any, keep: Any, backend: Any,
) -> Job:  # fmt: skip
    """Check everything at the door, and turn the graph into arrays."""
    program = compile_network(net, backend=backend)
    samples, its_targets, row = program.data(X, Y, loss)
    table, targets = np.asarray(samples), np.asarray(its_targets)
    plan = Plan(
        loss=row,
        optimizer=read_optimizer(optimizer),
        schedule=read_schedule(learning_rate),
        epochs=require_count("epochs", epochs, least=0),
        batch_size=clipped(require_count("batch_size", batch_size), len(table), stacklevel=4),
        shuffle=require_flag("shuffle", shuffle),
    )
    draw = Draw.of(net, method, scale)
    place = {edge: k for k, edge in enumerate(program.edges)}
    seed = require_count("seed", seed, least=0)
    return Job(
        layout=program.layout,
        draw=replace(draw, edges=[]),
        draw_place=np.array([place[edge] for edge in draw.edges], dtype=np.int64),
        X=table,
        Y=targets,
        loss=row,
        rule=plan.rule,
        batch_size=plan.batch_size,
        order=Order(seed, plan.shuffle, plan.epochs, len(table)),
        rates=_rates(plan, len(table)),
        backend=program.backend,
        seed=seed,
        keep=require_count("keep", keep),
    )


def _rates(plan: Plan, samples: int) -> Array:
    """Tabulate the learning rates: a column for each step, or one alone where an epoch has one rate."""
    by_step = getattr(plan.schedule, "per", "epoch") == "step"
    steps = -(-samples // plan.batch_size) if by_step else 1
    rates = [rates_of_epoch(plan.schedule, epoch, epoch * steps, steps) for epoch in range(plan.epochs)]
    return np.array(rates, dtype=np.float64).reshape(plan.epochs, steps)
