"""The graph read once, at the door: what the walk needs, in the order in which it goes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from neurograph.errors import OptionError, shown
from neurograph.functions import ACTIVATIONS, Activation, Loss, find_loss
from neurograph.network.layering import layer_of_each, level_of_each, topological_order
from neurograph.network.schema import BIAS, INPUT, OUTPUT, Edge, Net, Neuron, incoming
from neurograph.network.schema import inputs as inputs_of
from neurograph.network.schema import outputs as outputs_of
from neurograph.network.validation import validate


@dataclass(frozen=True)
class Route:
    """A sound network as the walk sees it: an order, and for each neuron its sources and targets.

    The graph may change afterwards; a walk that has begun goes on as it began.
    """

    order: list[Neuron]
    kind: dict[Neuron, str]
    activation: dict[Neuron, Activation]
    sources: dict[Neuron, list[Neuron]]
    targets: dict[Neuron, list[Neuron]]
    weight: dict[Edge, float]
    trainable: dict[Edge, bool]
    inputs: list[Neuron]
    outputs: list[Neuron]

    @property
    def computing(self) -> list[Neuron]:
        """The hidden and output neurons, in the order of the walk."""
        return [neuron for neuron in self.order if neuron in self.activation]

    @cached_property
    def place(self) -> dict[Neuron, str]:
        """Where each neuron stands, in words: "layer 3", or "level 3" where there are no layers."""
        found = layer_of_each(self.order, self.sources, self.targets)
        word = "layer" if isinstance(found, dict) else "level"
        number = found if isinstance(found, dict) else level_of_each(self.order, self.kind, self.targets)
        return {neuron: f"{word} {i + 1}" for neuron, i in number.items()}


def read_route(net: Net) -> Route:
    """Check a network and read it.

    Raises
    ------
    InvalidNetworkError
        If the network has errors; every one is listed.
    """
    validate(net)
    sources = incoming(net)
    kinds: dict[Neuron, str] = dict(net.nodes(data="kind"))
    edges = net.edges(data=True)
    return Route(
        order=topological_order(net),
        kind=kinds,
        activation={
            neuron: ACTIVATIONS[net.nodes[neuron]["activation"]]
            for neuron, kind in kinds.items()
            if kind not in (INPUT, BIAS)
        },
        sources=sources,
        targets=_turned(sources),
        weight={(source, target): float(edge["weight"]) for source, target, edge in edges},
        trainable={(source, target): bool(edge.get("trainable", True)) for source, target, edge in edges},
        inputs=inputs_of(net),
        outputs=outputs_of(net),
    )


def _turned(sources: dict[Neuron, list[Neuron]]) -> dict[Neuron, list[Neuron]]:
    """Map every neuron to its targets, in the order of ``net.nodes`` too."""
    targets: dict[Neuron, list[Neuron]] = {neuron: [] for neuron in sources}
    for target, its_sources in sources.items():
        for source in its_sources:
            targets[source].append(target)
    return targets


def read_loss(loss: object, route: Route) -> Loss:
    """Look a loss up and refuse it where it cannot fit the output neurons.

    Raises
    ------
    OptionError
        If the loss is unknown or cannot take what an output neuron gives.
    """
    row = find_loss(loss)
    for neuron in route.outputs:
        require_fit(row, route.activation[neuron], neuron)
    return row


def require_fit(loss: Loss, activation: Activation, neuron: Neuron) -> None:
    """Raise where a loss cannot take what an output neuron gives."""
    misfit = loss.misfit(activation)
    if misfit:
        raise OptionError(
            misfit,
            code="loss-misfit",
            where=f"loss, with {OUTPUT} neuron {shown(neuron)}",
            expected=f"outputs in {loss.outputs}",
            fix=f"give that neuron an activation with values in {loss.outputs}, or choose another loss",
        )
