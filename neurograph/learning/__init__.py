"""Training: the text's algorithm, its step size, and what it leaves behind."""

from neurograph.learning.history import History
from neurograph.learning.optimizers import OPTIMIZERS, SGD, Adam, Optimizer, RMSprop, Rprop
from neurograph.learning.schedules import Constant, ExponentialDecay, InverseTimeDecay, StepDecay
from neurograph.learning.training import fit

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "Constant",
    "ExponentialDecay",
    "History",
    "InverseTimeDecay",
    "Optimizer",
    "RMSprop",
    "Rprop",
    "StepDecay",
    "fit",
]
