"""The text's answer to local minima: run the whole training from many starting points, keep the best."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.backends import choose_backend
from neurograph.engine.lanes import Array, Diverged
from neurograph.engine.layout import Layout
from neurograph.engine.populations import make_population, padded
from neurograph.engine.program import compile_network
from neurograph.engine.updates import Memory
from neurograph.errors import DivergedError
from neurograph.files.locking import only_writer
from neurograph.learning.chunk_store import ChunkStore, digest
from neurograph.learning.chunks import Chunk, Finished, run_chunks
from neurograph.learning.history import histogram
from neurograph.learning.optimizers import Optimizer, read_optimizer
from neurograph.learning.schedules import Schedule, rates_of_epoch, read_schedule
from neurograph.learning.training import Plan
from neurograph.network.initialization import Draw
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_count, require_flag
from neurograph.walk.notation import number


def restarts(
    net: Net,
    X: Any,
    Y: Any,
    *,
    n: int = 1000,
    seed: int = 0,
    loss: str = "squared",
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | Schedule = 0.1,
    epochs: int = 100,
    batch_size: int = 1,
    shuffle: bool = True,
    method: str = "normal",
    scale: float = 1.0,
    keep: int = 10,
    backend: str = "auto",
    executor: Executor | None = None,
    checkpoint: Any = None,
    progress: bool = False,
) -> Restarts:
    """Train a network from ``n`` random starting points and report them all.

    Restart i draws its weights with ``numpy.random.SeedSequence(seed, spawn_key=(i,))``, so it can be
    repeated without its siblings. All restarts take the points in the same order, which
    ``numpy.random.default_rng(seed)`` shuffles for every epoch. Neither the number of workers nor the
    order in which they end changes a bit of the result.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read. Frozen edges keep their weights.
    X, Y : arrays of shape (samples, inputs) and (samples, outputs)
        The training points, in any form that :func:`fit` takes.
    n : int
        How many starting points.
    seed : int
        For weights and order.
    loss, optimizer, learning_rate, epochs, batch_size, shuffle, backend
        As for :func:`fit`. With plain descent point by point many restarts advance together; all else
        runs one restart after the other.
    method, scale
        How weights are drawn, as for :func:`randomize_weights`.
    keep : int
        How many of the best networks the report keeps.
    executor : concurrent.futures.Executor, optional
        Where to run: a process pool, or a Dask client's ``client.get_executor()``. Without one,
        threads on all cores of this machine.
    checkpoint : path, optional
        A file for what is finished; called again with it, only the rest is run.
    progress : bool
        Whether to show how many are done, on standard error.

    Returns
    -------
    Restarts

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, MissingExtraError
        At the door.
    DivergedError
        If every restart diverged.
    CheckpointError
        If the checkpoint belongs to other restarts, cannot be written, or is being written.
    WorkerError
        If no restart could be finished because workers died.

    Examples
    --------
    >>> import neurograph as ng
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    >>> runs = ng.restarts(net, X, Y, n=20, epochs=300, learning_rate=2.0)
    >>> runs.losses.shape, runs.best_loss == float(runs.losses.min())
    ((20,), True)
    """
    job = make_job(
        net, X, Y, seed=seed, loss=loss, optimizer=optimizer, learning_rate=learning_rate, epochs=epochs,
        batch_size=batch_size, shuffle=shuffle, method=method, scale=scale, keep=keep, backend=backend,
    )  # fmt: skip
    count = require_count("n", n)
    shown = require_flag("progress", progress)
    store = None if checkpoint is None else ChunkStore(checkpoint, job.digest(count), len(job.layout.weights))
    with nullcontext() if checkpoint is None else only_writer(checkpoint):
        finished = run_chunks(job, count, executor=executor, store=store, shown=shown)
    return Restarts.of(net, job, count, finished)


@dataclass(frozen=True)
class Job:
    """All that a worker needs, as arrays: it is sent, and the graph stays at home."""

    layout: Layout
    draw: Draw
    draw_place: NDArray[np.int64]  # where the k-th drawn weight stands in the layout
    X: Array
    Y: Array
    order: NDArray[np.int64]
    rates: Array
    plan: Plan
    backend: str
    seed: int
    keep: int

    def digest(self, n: int) -> bytes:
        """Name these restarts by all that their result depends on."""
        layout, draw = self.layout, self.draw
        return digest([
            layout.neurons, [row.name for row in layout.functions], layout.activation, layout.offsets,
            layout.sources, layout.weights, layout.trainable, layout.inputs, layout.outputs, layout.biases,
            draw.row.name, draw.scale, self.X, self.Y, self.order, self.rates, self.plan.loss.name,
            self.plan.rule, self.plan.batch_size, self.backend, self.seed, self.keep, n,
        ])  # fmt: skip

    def initial_weights(self, restart: int) -> Array:
        """Draw the weights that a restart starts from, in the order of the layout."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(restart,))
        drawn = self.draw.weights(np.random.default_rng(sequence))
        weights = self.layout.weights.copy()
        weights[self.draw_place] = drawn
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
        if self.plan.rule.is_plain and self.plan.batch_size == 1:
            weights = padded(weights)
            population.train(weights, self.X, self.Y, self.order, self.plan.loss, self.rates[:, 0].copy())
        else:
            weights = np.stack([self._train_alone(weights[:, k]) for k in range(lanes)], axis=1)
        losses = population.losses(np.ascontiguousarray(weights), self.X, self.Y, self.plan.loss)[:lanes]
        weights = weights[:, :lanes]
        losses[~np.isfinite(weights).all(axis=0)] = math.nan
        return weights, losses

    def _train_alone(self, weights: Array) -> Array:
        weights, plan = weights.copy(), self.plan
        engine = choose_backend(self.backend, self.layout, np.float64)
        memory = Memory.empty(plan.rule, len(weights), np.float64)
        try:
            for rows, rates in zip(self.order, self.rates, strict=True):
                engine.train(
                    weights, self.X, self.Y, rows, plan.batch_size, plan.loss, plan.rule, memory, rates
                )
        except Diverged:
            weights[:] = math.nan
        return weights


def make_job(
    net: Net, X: Any, Y: Any, *, seed: Any, loss: Any, optimizer: Any, learning_rate: Any, epochs: Any,
    batch_size: Any, shuffle: Any, method: Any, scale: Any, keep: Any, backend: Any,
) -> Job:  # fmt: skip
    """Check everything at the door, and turn the graph into arrays."""
    program = compile_network(net, backend=backend)
    table, targets, row = program.data(X, Y, loss)
    plan = Plan(
        loss=row,
        optimizer=read_optimizer(optimizer),
        schedule=read_schedule(learning_rate),
        epochs=require_count("epochs", epochs, least=0),
        batch_size=min(require_count("batch_size", batch_size), len(table)),
        shuffle=require_flag("shuffle", shuffle),
    )
    draw = Draw.of(net, method, scale)
    place = {edge: k for k, edge in enumerate(program.edges)}
    seed = require_count("seed", seed, least=0)
    return Job(
        layout=program.layout,
        draw=draw,
        draw_place=np.array([place[edge] for edge in draw.edges], dtype=np.int64),
        X=table,
        Y=targets,
        order=_order(plan, len(table), seed),
        rates=_rates(plan, len(table)),
        plan=plan,
        backend=program.backend,
        seed=seed,
        keep=require_count("keep", keep),
    )


def _order(plan: Plan, samples: int, seed: int) -> NDArray[np.int64]:
    """Make the order of the points in every epoch, the one that ``fit`` with this seed takes."""
    generator = np.random.default_rng(seed)
    rows = [
        generator.permutation(samples) if plan.shuffle else np.arange(samples) for _ in range(plan.epochs)
    ]
    return np.array(rows, dtype=np.int64).reshape(plan.epochs, samples)


def _rates(plan: Plan, samples: int) -> Array:
    steps = -(-samples // plan.batch_size)
    rates = [rates_of_epoch(plan.schedule, epoch, epoch * steps, steps) for epoch in range(plan.epochs)]
    return np.array(rates, dtype=np.float64).reshape(plan.epochs, steps)


@dataclass(frozen=True)
class Restarts:
    """The report of many trainings: a distribution, not one lucky run; made by :func:`restarts`.

    Parameters
    ----------
    losses : array of shape (n,)
        The final loss of every restart; NaN where it diverged or was left out.
    best_index : int
        The restart with the lowest loss; of equal ones the first.
    kept : array of int
        The best restarts, best first; :meth:`network` makes a network of one.
    left_out : tuple of int
        Restarts that were never finished, since their worker died twice over them.
    """

    losses: Array
    best_index: int
    kept: NDArray[np.int64]
    left_out: tuple[int, ...]
    _weights: Array
    _net: Net
    _job: Job

    @classmethod
    def of(cls, net: Net, job: Job, n: int, finished: list[Finished]) -> Restarts:
        """Put the chunks together, whatever the order in which they ended."""
        losses = np.full(n, math.nan)
        done = np.zeros(n, dtype=bool)
        for part in finished:
            losses[part.chunk.slice] = part.losses
            done[part.chunk.slice] = True
        indices = np.concatenate([part.best for part in finished]).astype(np.int64)
        weights = np.concatenate([part.weights for part in finished])
        if not indices.size:
            raise _all_diverged(job, int(done.sum()))
        ranked = np.lexsort((indices, losses[indices]))[: job.keep]
        left_out = tuple(np.flatnonzero(~done).tolist())
        copy = net.copy()
        return cls(losses, int(indices[ranked[0]]), indices[ranked], left_out, weights[ranked], copy, job)

    @property
    def best(self) -> Net:
        """The network with the lowest loss, as a new graph."""
        return self.network(0)

    @property
    def best_loss(self) -> float:
        """The lowest loss."""
        return float(self.losses[self.best_index])

    @property
    def diverged(self) -> NDArray[np.int64]:
        """The restarts whose numbers stopped being finite; none of them is ever the best."""
        return np.setdiff1d(np.flatnonzero(np.isnan(self.losses)), self.left_out)

    def network(self, rank: int) -> Net:
        """Return one of the kept networks, 0 the best, as a new graph.

        Raises
        ------
        OptionError
            If fewer are kept.
        """
        if not 0 <= rank < len(self.kept):
            raise bad_option("rank", rank, f"a number from 0 to {len(self.kept) - 1}")
        return self._with(self._weights[rank])

    def success_rate(self, threshold: float) -> float:
        """Return the share of all restarts whose loss is at most ``threshold``."""
        return float((self.losses <= threshold).mean())

    def replay(self, i: int) -> Net:
        """Train restart i once more and return its network: the same bits, whatever ran beside it then."""
        restart = require_count("i", i, least=0)
        weights, _ = self._job.train(self._job.initial_weights(restart)[:, None])
        return self._with(weights[:, 0])

    def histogram(self, bins: int = 12) -> str:
        """Draw the distribution of the losses as text."""
        return histogram(self.losses[np.isfinite(self.losses)], bins)

    def _with(self, weights: Array) -> Net:
        net: Net = self._net.copy()
        for (source, target), weight in zip(self._job.layout.edges, weights.tolist(), strict=True):
            net.edges[source, target]["weight"] = weight
        return net

    def __str__(self) -> str:
        n = len(self.losses)
        finite = self.losses[np.isfinite(self.losses)]
        lines = [
            f"{n} restarts: best loss {number(self.best_loss)} (restart {self.best_index}), "
            f"median {number(float(np.median(finite)))}, worst {number(float(finite.max()))}"
        ]
        if len(self.diverged):
            lines.append(f"{len(self.diverged)} diverged")
        if self.left_out:
            lines.append(f"{len(self.left_out)} left out: their workers died")
        return "\n".join([*lines, self.histogram()])

    def __repr__(self) -> str:
        return f"<Restarts: {len(self.losses)}, best loss {number(self.best_loss)}>"


def _all_diverged(job: Job, done: int) -> DivergedError:
    return DivergedError(
        f"all {done} restarts diverged",
        code="all-diverged",
        where="restarts",
        expected="at least one that stays finite",
        fix=f"use a learning rate below {number(float(job.rates.max(initial=0.0)))}, or scale the data",
    )
