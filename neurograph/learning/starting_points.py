"""The text's answer to local minima: run the whole training from many starting points, keep the best."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array
from neurograph.errors import DivergedError
from neurograph.learning.chunk_runs import Pieces, run_chunks
from neurograph.learning.chunk_store import kept_chunks
from neurograph.learning.chunks import Finished
from neurograph.learning.history import distribution, histogram
from neurograph.learning.optimizers import Optimizer
from neurograph.learning.restart_job import Job, make_job
from neurograph.learning.schedules import Schedule
from neurograph.learning.workers import Terms
from neurograph.markup import Markup, bars, display, figure
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_count, require_flag, require_number
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
    timeout: float | None = None,
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
    timeout : float, optional
        How many seconds a chunk of restarts, 64 to 512 of them, may take in its worker; one that takes
        longer counts as one whose worker dies. A thread cannot be ended, so without an executor there
        are processes then, and a ThreadPoolExecutor is refused. The processes of a ProcessPoolExecutor
        are ended; on any other executor the worker is given up, and whether it ends is the executor's
        business.
    checkpoint : path, optional
        A file for what is finished; called again with it, only the rest is run.
    progress : bool
        Whether to show how many are done, on standard error.

    Returns
    -------
    Restarts
        Print it for the distribution as text; :func:`neurograph.plot_restarts` draws it.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, MissingExtraError
        At the door.
    DivergedError
        If every restart diverged.
    CheckpointError
        If the checkpoint belongs to other restarts, cannot be written, or is being written.
    WorkerError
        If a worker fails, or all die. Restarts whose worker dies or takes too long are tried again alone,
        in a process of their own; those that lose it twice are left out, and a ``RuntimeWarning`` names
        them.

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
    count, progress = require_count("n", n), require_flag("progress", progress)
    terms = Terms.of(executor, timeout, job.layout.functions)
    pieces = Pieces(count, "restart", f" of seed {job.seed}", job.largest_chunk)
    keeping = nullcontext() if checkpoint is None else kept_chunks(checkpoint, job, count)
    with keeping as store:
        finished = run_chunks(job, pieces, terms, store=store, progress=progress)
    return Restarts.of(net, job, count, finished)


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
        Restarts that were never finished, since their worker died or took too long, twice.
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
            raise _diverged(job, f"all {int(done.sum())} restarts diverged")
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
        return self._with(self._weights[_place("rank", rank, len(self.kept))])

    def success_rate(self, threshold: float) -> float:
        """Return the share of all restarts, diverged ones too, whose loss is at most ``threshold``."""
        return float((self.losses <= require_number("threshold", threshold)).mean())

    def replay(self, i: int) -> Net:
        """Train restart i once more and return its network: the same bits, whatever ran beside it then.

        Raises
        ------
        OptionError
            If there was no such restart.
        DivergedError
            If it diverges.
        """
        restart = _place("i", i, len(self.losses))
        weights, losses = self._job.train(self._job.initial_weights(restart)[:, None])
        if np.isnan(losses[0]):
            raise _diverged(self._job, f"restart {restart} diverged")
        return self._with(weights[:, 0])

    def histogram(self, bins: int = 12) -> str:
        """Draw the distribution of the losses as text; :func:`neurograph.plot_restarts` makes a picture."""
        return histogram(self.losses[np.isfinite(self.losses)], require_count("bins", bins))

    def _with(self, weights: Array) -> Net:
        net: Net = self._net.copy()
        layout = self._job.layout
        for edge, weight, free in zip(layout.edges, weights.tolist(), layout.trainable, strict=True):
            if free:
                net.edges[edge]["weight"] = weight
        return net

    def __str__(self) -> str:
        return "\n".join([*self._summary(), self.histogram()])

    def _summary(self) -> list[str]:
        n = len(self.losses)
        finite = self.losses[np.isfinite(self.losses)]
        noun = "restart" if n == 1 else "restarts"
        lines = [
            f"{n} {noun}: best loss {number(self.best_loss)} (restart {self.best_index}), "
            f"median {number(float(np.median(finite)))}, worst {number(float(finite.max()))}"
        ]
        if len(self.diverged):
            lines.append(f"{len(self.diverged)} diverged")
        if self.left_out:
            lines.append(f"{len(self.left_out)} left out: their workers died or took too long")
        return lines

    @display
    def _repr_html_(self) -> Markup:
        """Show the distribution of the losses as bars."""
        counts, ends = distribution(self.losses[np.isfinite(self.losses)], 24)
        low, high = number(float(ends[0])), number(float(ends[-1]))
        title = f"how many restarts ended with which loss, from {low} to {high}"
        return figure("; ".join(self._summary()), bars(counts.tolist(), title=title), f"{low} … {high}")

    def __repr__(self) -> str:
        return f"<Restarts: {len(self.losses)}, best loss {number(self.best_loss)}>"


def _place(name: str, value: Any, count: int) -> int:
    place = require_count(name, value, least=0)
    if place >= count:
        raise bad_option(name, value, f"an integer from 0 to {count - 1}")
    return place


def _diverged(job: Job, what: str) -> DivergedError:
    rate = float(job.rates.max(initial=0.0))
    smaller = f"use a learning rate below {number(rate)}" if rate else "draw smaller weights"
    return DivergedError(
        what,
        code="all-diverged",
        where="restarts",
        expected="numbers that stay finite",
        fix=f"{smaller}, or scale the data",
    )
