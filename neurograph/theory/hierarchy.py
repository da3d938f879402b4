"""A process that goes from causes to details step by step, with noise, and what can be known of its cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import DataError
from neurograph.network.initialization import Seed
from neurograph.options import as_array, bad_option, require_count, require_generator, require_number

Table = NDArray[np.float64]
MOST_DETAILS = 4096
MOST_PARTS = 63  # a pattern of parts is drawn as an integer of 64 bits


def generative_tree(*, steps: int = 4, branching: int = 2, noise: float = 0.01) -> GenerativeTree:
    """Describe a small hierarchical process: a cause has parts, these have parts, down to the details.

    Every state is −1 or 1, and the first cause is either with the same probability. In the first step, and
    every second one after it, a cause of 1 makes all its parts 1, and a cause of −1 any other pattern of
    parts, all equally likely; in the steps between, a cause of −1 makes all its parts −1, and a cause
    of 1 any other pattern. Then the noise turns each part into its opposite, with a small probability.
    So, without noise, a cause is known from its parts: they are all 1, or one of them is.

    Parameters
    ----------
    steps : int
        How many steps lead from the first cause to the details.
    branching : int
        How many parts each cause has, from 2 to 63.
    noise : float
        From 0 to 0.5.

    Returns
    -------
    GenerativeTree
        It draws samples and computes what can be known of their causes. :func:`undoing_network` is the
        network that goes back the same way, :func:`compare_depths` trains it beside a shallow one.

    Raises
    ------
    OptionError
        If an argument is out of its range, or there would be more than 4,096 details.

    Examples
    --------
    >>> import neurograph as ng
    >>> tree = ng.theory.generative_tree(steps=2)
    >>> [states.shape for states in tree.states(5, seed=0)]
    [(5, 1), (5, 2), (5, 4)]
    """
    depth, parts = require_count("steps", steps), require_count("branching", branching, least=2)
    if parts > MOST_PARTS:
        raise bad_option("branching", branching, f"an integer from 2 to {MOST_PARTS}")
    if depth > MOST_DETAILS or parts**depth > MOST_DETAILS:
        raise bad_option("steps", steps, f"steps of which branching makes at most {MOST_DETAILS:,} details")
    return GenerativeTree(depth, parts, require_number("noise", noise, low=0.0, high=0.5))


@dataclass(frozen=True)
class GenerativeTree:
    """A hierarchical process, causes before details; made by :func:`generative_tree`.

    Parameters
    ----------
    steps : int
        How many steps lead from the first cause to the details.
    branching : int
        How many parts each cause has.
    noise : float
        The probability with which a part turns into its opposite.

    Examples
    --------
    >>> import neurograph as ng
    >>> tree = ng.theory.generative_tree(steps=3, noise=0.0)
    >>> X, Y = tree.sample(100, seed=0)
    >>> X.shape, Y.shape
    ((100, 8), (100, 1))
    >>> bool((tree.posterior(X).round() == (Y > 0)).all())  # without noise the details tell the cause
    True
    """

    steps: int
    branching: int
    noise: float

    @property
    def details(self) -> int:
        """The number of details: branching^steps."""
        return int(self.branching**self.steps)

    def states(self, samples: int, *, seed: Seed = None) -> list[Table]:
        """Let the process run.

        Parameters
        ----------
        samples : int
            How often.
        seed : int or numpy.random.Generator, optional
            For all draws.

        Returns
        -------
        list of arrays
            The states after each step, numbers −1 and 1: the first cause, of shape (samples, 1), then its
            parts, of shape (samples, branching), and so on to the details.
        """
        generator = require_generator(seed)
        states = [_signs(generator.random((require_count("samples", samples), 1)) < 0.5)]
        for step in range(self.steps):
            states.append(self._parts(states[-1], step, generator))
        return states

    def sample(self, samples: int, *, seed: Seed = None) -> tuple[Table, Table]:
        """Draw details X of shape (samples, details) and causes Y of shape (samples, 1), as for ``fit``.

        Parameters are those of :meth:`states`.
        """
        states = self.states(samples, seed=seed)
        return states[-1], states[0]

    def posterior(self, X: Any) -> Table:
        """Compute the probability that the cause is 1, given the details: exactly, one step at a time.

        The likelihood of a cause is a function of the likelihoods of its parts alone. So the process can be
        undone in the order in which it was done, and nothing is lost on the way.

        Parameters
        ----------
        X : array of shape (samples, details)
            Numbers −1 and 1.

        Returns
        -------
        array of shape (samples, 1)

        Raises
        ------
        DataError
            If X has another shape, or other numbers.
        """
        details = _read_details(X, self.details)
        likelihood = np.stack([details < 0, details > 0], axis=-1).astype(np.float64)
        for step in reversed(range(self.steps)):
            likelihood = self._of_causes(likelihood, step)
        total = likelihood.sum(axis=-1)
        known = np.divide(likelihood[..., 1], total, out=np.full_like(total, 0.5), where=total > 0)
        return np.asarray(known, dtype=np.float64)

    def _parts(self, causes: Table, step: int, generator: np.random.Generator) -> Table:
        """Draw the parts of each cause by the rule of the step, then let the noise turn some of them."""
        shape = (*causes.shape, self.branching)
        sole = _sole(step)
        drawn = generator.integers(2**self.branching - 1, size=causes.shape)  # any pattern but the sole one
        bits = (drawn[..., None] >> np.arange(self.branching) & 1).astype(bool)
        others = sole * _signs(bits)  # never all of them like the sole pattern
        parts = np.where((causes == sole)[..., None], sole, others)
        turned = generator.random(shape) < self.noise
        return np.where(turned, -parts, parts).reshape(len(causes), -1)

    def _of_causes(self, likelihood: Table, step: int) -> Table:
        """Turn the likelihoods of parts, for −1 and 1 each, into those of their causes."""
        flip = np.array([[1.0 - self.noise, self.noise], [self.noise, 1.0 - self.noise]])
        causes = likelihood.shape[1] // self.branching
        parts = (likelihood @ flip).reshape(len(likelihood), causes, self.branching, 2)
        every = parts.sum(axis=-1).prod(axis=-1)  # summed over all patterns
        sole = parts[..., int(_sole(step) > 0)].prod(axis=-1)
        others = (every - sole) / (2**self.branching - 1)
        pair = np.stack([others, sole] if _sole(step) > 0 else [sole, others], axis=-1)
        largest = pair.max(axis=-1, keepdims=True)
        scaled: Table = np.divide(pair, largest, out=pair, where=largest > 0)
        return scaled


def _sole(step: int) -> float:
    """Return the state that leaves its parts no choice: 1 in the first step, then −1 and 1 by turns."""
    return 1.0 if step % 2 == 0 else -1.0


def _signs(flags: NDArray[np.bool_]) -> Table:
    signs: Table = np.where(flags, 1.0, -1.0)
    return signs


def _read_details(X: Any, details: int) -> Table:
    found = as_array(X)
    table = np.empty(0) if found is None else found
    fits = table.ndim == 2 and table.shape[1] == details and table.dtype.kind in "if"
    if fits and np.isin(table, (-1, 1)).all():
        return table.astype(np.float64)
    raise DataError(
        f"its shape is {table.shape}"
        if table.shape[1:] != (details,)
        else "has something else than −1 and 1",
        code="bad-details",
        where="X",
        expected=f"numbers −1 and 1 of shape (samples, {details})",
        fix="pass what tree.sample(…) gave",
    )
