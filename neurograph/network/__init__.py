"""The graph: its schema, its layers, its validation, and ways to build and edit it."""

from neurograph.network.builders import example_network, mlp, random_network
from neurograph.network.editing import add_relays, freeze, split_edge, unfreeze
from neurograph.network.findings import Finding, Report
from neurograph.network.initialization import randomize_weights
from neurograph.network.layering import (
    Witness,
    is_feed_forward,
    is_layered,
    layers,
    levels,
    topological_order,
)
from neurograph.network.rules import CODES
from neurograph.network.schema import (
    add_bias,
    add_hidden,
    add_input,
    add_output,
    biases,
    connect,
    inputs,
    kind,
    outputs,
    weights,
)
from neurograph.network.validation import check, validate

__all__ = [
    "CODES",
    "Finding",
    "Report",
    "Witness",
    "add_bias",
    "add_hidden",
    "add_input",
    "add_output",
    "add_relays",
    "biases",
    "check",
    "connect",
    "example_network",
    "freeze",
    "inputs",
    "is_feed_forward",
    "is_layered",
    "kind",
    "layers",
    "levels",
    "mlp",
    "outputs",
    "random_network",
    "randomize_weights",
    "split_edge",
    "topological_order",
    "unfreeze",
    "validate",
    "weights",
]
