"""How constructions are written down: neurons numbered from 1 in the order in which they are added."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import networkx as nx

from neurograph.network.schema import BIAS, HIDDEN, INPUT, OUTPUT, Net, arrow, as_weight

Combination = Mapping[int, float]  # a linear combination: neuron → coefficient


class Draft:
    """A network under construction.

    Only weights are checked here: what else constructions add is sound, as ``tests/theory`` checks.
    """

    def __init__(self) -> None:
        self.net: Net = nx.DiGraph()

    def inputs(self, count: int) -> list[int]:
        """Add input neurons."""
        return self._add(count, kind=INPUT)

    def bias(self) -> int:
        """Add a bias neuron."""
        return self._add(1, kind=BIAS)[0]

    def hidden(self, count: int, activation: str) -> list[int]:
        """Add hidden neurons."""
        return self._add(count, kind=HIDDEN, activation=activation)

    def outputs(self, count: int, activation: str) -> list[int]:
        """Add output neurons."""
        return self._add(count, kind=OUTPUT, activation=activation)

    def feed(self, target: int, combination: Combination | Iterable[tuple[int, float]]) -> None:
        """Let a neuron sum a linear combination of others, an edge for each, of weight 0, too.

        A weight beyond a float64 raises a WeightError.
        """
        for source, weight in dict(combination).items():
            number = float(weight)
            if not math.isfinite(number):  # which as_weight refuses
                as_weight(number, where=f"edge {arrow(source, target)}")
            self.net.add_edge(source, target, weight=number)

    def _add(self, count: int, **attributes: str) -> list[int]:
        first = len(self.net) + 1
        added = list(range(first, first + count))
        self.net.add_nodes_from(added, **attributes)
        return added
