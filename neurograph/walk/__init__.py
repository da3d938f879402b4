"""The walk through the graph, forward and backward, as the text tells it; it defines what is right."""

from neurograph.walk.gradient_check import GradientCheck, check_gradients
from neurograph.walk.passes import backward, backward_steps, forward, forward_steps
from neurograph.walk.steps import Step
from neurograph.walk.trace import Trace

__all__ = [
    "GradientCheck",
    "Step",
    "Trace",
    "backward",
    "backward_steps",
    "check_gradients",
    "forward",
    "forward_steps",
]
