"""The text's algorithm for infinite computing power: try every combination of weights, keep the best."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array
from neurograph.engine.layout import Layout
from neurograph.engine.populations import make_population, population_width
from neurograph.engine.program import compile_network
from neurograph.errors import DivergedError, OptionError
from neurograph.functions import Loss
from neurograph.learning.chunk_runs import Pieces, run_chunks
from neurograph.learning.chunks import Chunk
from neurograph.learning.workers import Terms
from neurograph.network.schema import Net
from neurograph.network.validation import validate
from neurograph.options import bad_option, require_count, require_flag, require_numbers
from neurograph.walk.notation import number
from neurograph.walk.tables import Samples

MOST_ROUNDS = 10_000_000
_LANES = 4096
_LARGEST_CHUNK = 2**18
_BIN_ENDS = np.concatenate([[0.0], 10.0 ** np.arange(-12, 6.25, 0.25), [np.inf]])


def search_rounds(net: Net, values: int) -> int:
    """Count the rounds of an exhaustive search: ``values`` to the power of the number of trainable edges.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors.
    values : int
        How many values each weight may take; 2**64 for every 64-bit pattern.

    Returns
    -------
    int
        Exact, however large.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.search_rounds(ng.example_network(), 2**64) == 2 ** (64 * 12)
    True
    """
    return int(require_count("values", values) ** trainable_count(net))


def trainable_count(net: Net) -> int:
    """Count the edges of a sound network that are not frozen."""
    validate(net)
    return sum(bool(flag) for _, _, flag in net.edges(data="trainable", default=True))


def exhaustive_search(
    net: Net,
    X: Any,
    Y: Any,
    *,
    values: Sequence[float],
    loss: str = "squared",
    limit: int = MOST_ROUNDS,
    keep: int = 100,
    backend: str = "auto",
    executor: Executor | None = None,
    timeout: float | None = None,
    progress: bool = False,
) -> Search:
    """Measure the loss for every combination of these values on the trainable edges.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read. Frozen edges keep their weights.
    X, Y : arrays of shape (samples, inputs) and (samples, outputs)
        The points, in any form that :func:`fit` takes.
    values : sequence of float
        The values that every trainable weight may take.
    loss, backend
        As for :func:`fit`.
    limit : int
        The largest number of rounds that is begun; the message says how many there would be.
    keep : int
        How many of the combinations that share the lowest loss the result keeps.
    executor : concurrent.futures.Executor, optional
        Where to run; threads on all cores without one.
    timeout : float, optional
        How many seconds a chunk of rounds, 262,144 at most, may take, as for :func:`restarts`.
    progress : bool
        Whether to say how many rounds there are, and how many are done, on standard error.

    Returns
    -------
    Search
        ``.best``, ``.loss``, ``.rounds``, ``.ties``, and the distribution of the losses.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, MissingExtraError
        At the door; OptionError too if there are more rounds than ``limit``.
    DivergedError
        If no combination has a finite loss.
    WorkerError
        If a worker fails, or some rounds lose theirs twice: a search that is not exhaustive has no result.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([1, 1], activation="identity", bias=False)
    >>> found = ng.exhaustive_search(net, [[1], [2]], [[2], [4]], values=[-1, 0, 1, 2])
    >>> found.loss, found.rounds, found.ties, ng.weights(found.best)
    (0.0, 4, 1, {(1, 2): 2.0})
    """
    program = compile_network(net, backend=backend)
    table, targets, row = program.data(X, Y, loss)
    grid = _read_values(values)
    rounds, edges = search_rounds(net, len(grid)), int(program.layout.trainable.sum())
    if rounds > require_count("limit", limit):
        raise _too_many(rounds, limit, len(grid), edges)
    task = _Task(program.layout, table, targets, row, grid, require_count("keep", keep), program.backend)
    terms = Terms.of(executor, timeout, program.layout.functions)
    if require_flag("progress", progress) and sys.stderr is not None:
        print(f"{rounds:,} rounds: {len(grid)} values on {edges} edges", file=sys.stderr, flush=True)
    pieces = Pieces(rounds, "round", largest=_LARGEST_CHUNK)
    parts = run_chunks(task, pieces, terms, progress=progress, with_gaps=False)
    return _summary(net, task, rounds, parts)


@dataclass(frozen=True)
class _Part:
    """What one chunk of rounds leaves; ``losses`` is its lowest loss alone."""

    chunk: Chunk
    losses: Array
    tied: NDArray[np.int64]
    ties: int
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class _Task:
    """All that a worker needs to search a part of the combinations."""

    layout: Layout
    X: Samples
    Y: Samples
    loss: Loss
    values: Array
    keep: int
    backend: str

    def run(self, chunk: Chunk) -> _Part:
        """Measure the rounds of a chunk, a few thousand at a time."""
        lowest, ties = math.inf, 0
        tied: list[int] = []
        counts = np.zeros(len(_BIN_ENDS) - 1, dtype=np.int64)
        population = make_population(self.layout, self.backend)
        lanes = population_width(self.layout, _LANES)
        for first in range(chunk.first, chunk.last, lanes):
            rounds = np.arange(first, min(first + lanes, chunk.last))
            losses = population.losses(self.weights(rounds), self.X, self.Y, self.loss)
            losses = np.where(np.isnan(losses), np.inf, losses)
            counts += np.histogram(losses, _BIN_ENDS)[0]
            here = float(losses.min())
            if here < lowest:
                lowest, ties, tied = here, 0, []
            if here == lowest and math.isfinite(lowest):
                same = rounds[losses == lowest]
                ties += len(same)
                tied += same[: self.keep - len(tied)].tolist()
        return _Part(chunk, np.array([lowest]), np.array(tied, dtype=np.int64), ties, counts)

    def weights(self, rounds: NDArray[np.int64]) -> Array:
        """Turn round numbers into weights: the digits of each number choose the values."""
        weights = np.repeat(self.layout.weights[:, None], len(rounds), axis=1)
        for edge in np.flatnonzero(self.layout.trainable).tolist():
            rounds, digit = np.divmod(rounds, len(self.values))
            weights[edge] = self.values[digit]
        return weights


@dataclass(frozen=True)
class Search:
    """What an exhaustive search found; made by :func:`exhaustive_search`.

    Parameters
    ----------
    best : networkx.DiGraph
        The network with the lowest loss, a new graph; of equal ones the first in the order of rounds.
    loss : float
        That loss.
    rounds : int
        How many combinations were measured: all there are.
    ties : int
        How many of them share the lowest loss, bit for bit.
    tied : array of shape (kept, edges)
        The weights of the first of those, in the order of ``edges``.
    edges : list of (source, target)
        What the columns of ``tied`` belong to.
    counts, bin_ends : arrays
        The distribution of all losses: how many lie between two ends. The last end is infinite; what is
        not finite is counted there.
    """

    best: Net
    loss: float
    rounds: int
    ties: int
    tied: Array
    edges: list[Any]
    counts: NDArray[np.int64]
    bin_ends: Array

    def __str__(self) -> str:
        often = "once" if self.ties == 1 else f"{self.ties:,} times"
        noun = "round" if self.rounds == 1 else "rounds"
        lines = [f"{self.rounds:,} {noun}: lowest loss {number(self.loss)}, {often}"]
        for low, high, count in zip(self.bin_ends, self.bin_ends[1:], self.counts.tolist(), strict=False):
            if count:
                bar = "█" * max(1, round(40 * count / int(self.counts.max())))
                lines.append(f"  {number(low):>8} to {number(high):<8} {bar} {count:,}")
        return "\n".join(lines)


def _summary(net: Net, task: _Task, rounds: int, parts: list[Any]) -> Search:
    lowest = min(float(part.losses[0]) for part in parts)
    if not math.isfinite(lowest):
        raise DivergedError(
            "no combination has a finite loss",
            code="all-diverged",
            where="values",
            expected="at least one that stays finite",
            fix="give smaller values, or scale the data",
        )
    best = [part for part in parts if part.losses[0] == lowest]
    tied = task.weights(np.concatenate([part.tied for part in best])[: task.keep]).T
    copy: Net = net.copy()
    for (source, target), weight in zip(task.layout.edges, tied[0].tolist(), strict=True):
        copy.edges[source, target]["weight"] = weight
    counts = np.sum([part.counts for part in parts], axis=0)
    ties = sum(part.ties for part in best)
    return Search(copy, lowest, rounds, ties, tied, list(task.layout.edges), counts, _BIN_ENDS)


def _read_values(values: Any) -> Array:
    grid = require_numbers("values", values)
    if len(np.unique(grid)) < len(grid):
        raise bad_option("values", values, "numbers that are all different")
    return grid


def _too_many(rounds: int, limit: int, values: int, edges: int) -> OptionError:
    size = f"{rounds:,}" if rounds < 10**15 else f"about 10^{edges * math.log10(values):.0f}"
    return OptionError(
        f"{values} values on {edges} edges take {size} rounds",
        code="too-many-rounds",
        where="values",
        expected=f"at most limit={limit:,} rounds",
        fix="give fewer values, freeze edges, or raise limit",
    )
