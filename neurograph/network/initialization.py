"""Where training starts: random weights for any network, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from neurograph.functions import Initializer
from neurograph.functions.initializers import find_initializer
from neurograph.network.schema import Edge, Net, biases, incoming, require_digraph
from neurograph.options import require_generator, require_number

Seed: TypeAlias = int | np.random.Generator | None


def randomize_weights(net: Net, *, method: str = "glorot", scale: float = 1.0, seed: Seed = None) -> None:
    """Draw every trainable weight anew; frozen edges keep theirs.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, changed in place.
    method : str
        ``"normal"``: N(0, scale²). ``"uniform"``: U(−scale, scale). ``"glorot"`` and ``"he"``: scale
        times the rules of Glorot and Bengio (2010) and He et al. (2015) for an edge's fan-in (edges
        into its target, bias edges not counted) and fan-out (edges out of its source); edges from
        bias neurons start at 0.
    scale : float
        A positive number.
    seed : int or numpy.random.Generator, optional
        The draws run through the targets in the order of ``net.nodes``, and through each one's sources
        in that order too, so that they do not depend on how the graph was stored.

    Raises
    ------
    OptionError
        If the method is unknown or the scale is not positive and finite.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.randomize_weights(net, method="uniform", scale=0.1, seed=0)
    >>> all(abs(weight) < 0.1 for weight in ng.weights(net).values())
    True
    """
    draw = Draw.of(net, method, scale)
    weights = draw.weights(require_generator(seed))
    for (source, target), weight in zip(draw.edges, weights.tolist(), strict=True):
        edge = net.edges[source, target]
        if edge.get("trainable", True):
            edge["weight"] = weight


@dataclass(frozen=True)
class Draw:
    """What a draw of all weights needs to know of a network, as arrays: one number for each edge.

    The edges run through the targets in the order of ``net.nodes``, and through each one's sources in
    that order too.
    """

    row: Initializer
    scale: float
    edges: list[Edge]
    fan_in: NDArray[Any]
    fan_out: NDArray[Any]
    from_bias: NDArray[np.bool_]

    @classmethod
    def of(cls, net: Net, method: str, scale: float) -> Draw:
        """Read a network; raises OptionError where the method is unknown or the scale not positive."""
        require_digraph(net)
        row = find_initializer(method)
        scale = require_number("scale", scale, low=0.0, above=True)
        bias = set(biases(net))
        edges, fan_in = [], []
        for target, sources in incoming(net).items():
            edges += [(source, target) for source in sources]
            fan_in += [max(1, sum(source not in bias for source in sources))] * len(sources)
        fan_out = [len(net[source]) for source, _ in edges]
        from_bias = [source in bias for source, _ in edges]
        return cls(row, scale, edges, np.array(fan_in), np.array(fan_out), np.array(from_bias, dtype=bool))

    def weights(self, generator: np.random.Generator) -> NDArray[np.float64]:
        """Draw a weight for each edge, frozen ones too."""
        drawn = self.row.draw(generator, self.scale, self.fan_in, self.fan_out)
        return np.where(self.from_bias, 0.0, drawn) if self.row.zero_bias else drawn
