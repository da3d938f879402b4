"""How everything is measured: contenders take turns, and what they compute is compared first."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

REPEATS = 5


@dataclass(frozen=True)
class Contender:
    """One side of a race.

    ``run`` does the work once. Where it returns ``Seconds``, that is its own time (of a peer in another
    process, or without a preparation); otherwise the clock stands around it.
    """

    name: str
    run: Callable[[], Any]
    units: float = 1.0  # steps, samples or edges in one run
    threads: int = 1


@dataclass(frozen=True)
class Timing:
    """The seconds per unit that one contender took, once for each repetition."""

    name: str
    threads: int
    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Claim:
    """A ratio that must hold: of one median over another, or any other number with a bound."""

    work: str
    value: float
    bound: float | None = None
    at_least: bool = True
    unit: str = "×"

    @property
    def met(self) -> bool | None:
        if self.bound is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass
class Section:
    """What one file of benchmarks found."""

    title: str
    setting: str
    unit: str = "s"
    timings: list[Timing] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    growth: list[dict[str, float]] = field(default_factory=list)

    def race(self, *contenders: Contender, repeats: int = REPEATS) -> None:
        """Let contenders take turns, A B A B …, after one warm-up each, and keep their times."""
        seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
        for repetition in range(repeats + 1):
            for contender in contenders:
                taken = timed(contender.run)
                if repetition:
                    seconds[contender.name].append(taken / contender.units)
        self.timings += [Timing(c.name, c.threads, seconds[c.name]) for c in contenders]

    def median(self, name: str) -> float:
        """Return the median seconds per unit of a contender."""
        return next(timing.median for timing in self.timings if timing.name == name)

    def fastest(self, *names: str) -> str:
        """Return the name of the fastest of some contenders."""
        return min(names, key=self.median)

    def faster(self, work: str, ours: str, peer: str, *, at_least: float | None) -> None:
        """Claim that ours takes at most the peer's time divided by ``at_least``."""
        self.claims.append(Claim(work, self.median(peer) / self.median(ours), at_least))

    def within(self, work: str, ours: str, peer: str, *, at_most: float | None) -> None:
        """Claim that ours takes at most the peer's time multiplied by ``at_most``."""
        self.claims.append(Claim(work, self.median(ours) / self.median(peer), at_most, at_least=False))

    def agree(self, what: str, ours: Any, theirs: Any, *, tolerance: float) -> None:
        """Compare two results before they are timed; the largest difference over the largest number."""
        ours, theirs = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
        scale = float(np.abs(theirs).max())
        difference = float(np.abs(ours - theirs).max()) / scale
        if not (np.isfinite(ours).all() and scale > 0 and difference <= tolerance):
            raise AssertionError(f"{what}: the results differ by {difference:.2g}, more than {tolerance:.0e}")
        self.agreements.append(f"{what}: {difference:.1e}")

    @contextmanager
    def peer(self, name: str) -> Iterator[None]:
        """Report a peer that cannot be had, with the reason, instead of leaving it out silently."""
        try:
            yield
        except (ImportError, OSError, PeerMissingError) as reason:
            self.notes.append(f"**{name} is missing here**: {type(reason).__name__}: {reason}")


class Seconds(float):
    """A time that a run took by its own clock."""


class PeerMissingError(Exception):
    """A peer could not be installed, compiled or run in its time."""


def timed(run: Callable[[], Any]) -> Seconds:
    """Run once and return the seconds; garbage is collected before, not meanwhile."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        own = run()
        taken = time.perf_counter() - start
    finally:
        gc.enable()
    return own if isinstance(own, Seconds) else Seconds(taken)


def repeated(run: Callable[[], Any], times: int) -> Callable[[], None]:
    """Make one run of many, for work that is too short for the clock."""

    def many() -> None:
        for _ in range(times):
            run()

    return many
