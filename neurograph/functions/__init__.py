"""What one neuron or one loss computes, and how a weight starts: a table each, nothing of the graph."""

from neurograph.functions.activations import ACTIVATIONS, Activation
from neurograph.functions.initializers import INITIALIZERS, Initializer
from neurograph.functions.interval import Interval
from neurograph.functions.losses import LOSSES, Loss, find_loss
from neurograph.functions.registration import register_activation

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "Activation",
    "Initializer",
    "Interval",
    "Loss",
    "find_loss",
    "register_activation",
]
