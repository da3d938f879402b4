"""How an edge gets its first weight: a table of random draws, each in one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.options import require_name

Numbers = NDArray[Any]
Draw = Callable[[np.random.Generator, float, Numbers, Numbers], Numbers]


@dataclass(frozen=True)
class Initializer:
    """One row of the table: a draw from (generator, scale, fan_in, fan_out), and whether biases start at 0.

    Both fans are arrays, a number for each edge: ``fan_in`` counts the edges into its target that do not
    come from a bias neuron, ``fan_out`` the edges out of its source. One number is drawn for each edge.
    """

    name: str
    draw: Draw
    zero_bias: bool
    source: str

    def __reduce__(self) -> tuple[Any, ...]:
        return find_initializer, (self.name,)


_ROWS = (
    Initializer("normal", lambda g, scale, i, o: g.normal(0.0, scale, len(i)), False, "N(0, scale²)"),
    Initializer(
        "uniform", lambda g, scale, i, o: g.uniform(-scale, scale, len(i)), False, "U(−scale, scale)"
    ),
    Initializer(
        "glorot",
        lambda g, scale, i, o: g.uniform(-1.0, 1.0, len(i)) * scale * np.sqrt(6.0 / (i + o)),
        True,
        "Glorot and Bengio 2010, U(−a, a) with a = √(6 / (fan_in + fan_out))",
    ),
    Initializer(
        "he",
        lambda g, scale, i, o: g.normal(0.0, 1.0, len(i)) * scale * np.sqrt(2.0 / i),
        True,
        "He et al. 2015, N(0, 2 / fan_in)",
    ),
)

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every initializer by its name; a read-only view."""


def find_initializer(name: object) -> Initializer:
    """Look an initializer up by its name.

    Raises
    ------
    OptionError
        If there is none of that name; the nearest name is suggested.
    """
    return INITIALIZERS[require_name("method", name, INITIALIZERS, "unknown-initializer")]
