"""What a browser and a graph tell each other: the graph is the truth, a browser's word is checked first."""

from __future__ import annotations

import math
from typing import Any

from neurograph.network.schema import Net
from neurograph.view.page_data import Data, player_data


class Exchange:
    """What a browser is told of a network, and what it may change of it.

    A browser holds a state: all weights, and the number of the revision that they belong to. Whenever
    the graph is found to be another than it was told, the revision goes up; whatever the browser then
    still says of an older one is too late, and the graph stays as it is.

    Parameters
    ----------
    net, X, Y, loss, learning_rate
        As for :func:`neurograph.widget`.
    """

    def __init__(self, net: Net, X: Any, Y: Any, loss: str, learning_rate: float) -> None:
        self.net = net
        self._told = (X, Y, loss, learning_rate)
        self.revision = 0
        self._take(self._read())

    def _read(self) -> Data:
        return player_data(self.net, *self._told)

    def _take(self, data: Data) -> None:
        self.data = data
        self.weights: list[float] = [edge["weight"] for edge in data["edges"]]
        self.edges = list(self.net.edges)

    @property
    def state(self) -> Data:
        """What the browser is to hold."""
        return {"revision": self.revision, "weights": list(self.weights)}

    def look(self) -> bool:
        """Read the whole graph again; return whether more has changed than weights.

        Raises
        ------
        NeurographError
            If it is no network any more; then nothing is taken over.
        """
        data = self._read()
        is_other = _without_weights(data) != _without_weights(self.data) or self.edges != list(self.net.edges)
        if is_other or [edge["weight"] for edge in data["edges"]] != self.weights:
            self.revision += 1
            self._take(data)
        return is_other

    def look_at_weights(self) -> None:
        """Read the weights alone, where it is certain that nothing else can have changed."""
        weights = [float(self.net.edges[edge]["weight"]) for edge in self.edges]
        if weights != self.weights:
            self.revision += 1
            self.weights = weights

    def receive(self, sent: object) -> bool:
        """Write the weights that a browser sends to the graph, if they can be taken.

        They can where the browser knew the graph as it is, every weight is a finite number, and no
        frozen one is another. Otherwise nothing is written, and ``state`` is the answer.

        Returns
        -------
        bool
            Whether more has changed on the graph than weights, as :meth:`look` says.
        """
        is_other = self.look()
        weights = self._acceptable(sent)
        if weights is not None:
            for edge, old, new in zip(self.edges, self.weights, weights, strict=True):
                if new != old:
                    self.net.edges[edge]["weight"] = new
            self.weights = weights
        return is_other

    def _acceptable(self, sent: object) -> list[float] | None:
        """Return the weights that a browser sends, or None where they cannot be taken."""
        if not isinstance(sent, dict) or type(sent.get("revision")) is not int:
            return None
        weights = sent.get("weights")
        if sent["revision"] != self.revision or not isinstance(weights, list):
            return None
        if len(weights) != len(self.edges) or not all(map(_is_weight, weights)):
            return None
        free = (edge["trainable"] for edge in self.data["edges"])
        if any(new != old and not may for new, old, may in zip(weights, self.weights, free, strict=True)):
            return None
        return [float(weight) for weight in weights]


def _is_weight(value: object) -> bool:
    """Say whether a value of JSON is a finite number; a very long integer is none."""
    try:
        return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:
        return False


def _without_weights(data: Data) -> Data:
    return data | {"edges": [{**edge, "weight": None} for edge in data["edges"]]}
