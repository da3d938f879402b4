"""Training: the text's algorithm, its step size, and what it leaves behind."""

from neurograph.learning.fitting import fit, resume
from neurograph.learning.history import History
from neurograph.learning.landscape import LossCurve, LossSurface, loss_curve, loss_surface
from neurograph.learning.optimizers import OPTIMIZERS, SGD, Adam, Optimizer, RMSprop, Rprop
from neurograph.learning.schedules import Constant, ExponentialDecay, InverseTimeDecay, StepDecay
from neurograph.learning.search import Search, exhaustive_search, search_rounds
from neurograph.learning.starting_points import Restarts, restarts

__all__ = [
    "Adam",
    "Constant",
    "ExponentialDecay",
    "History",
    "InverseTimeDecay",
    "LossCurve",
    "LossSurface",
    "OPTIMIZERS",
    "Optimizer",
    "RMSprop",
    "Restarts",
    "Rprop",
    "SGD",
    "Search",
    "StepDecay",
    "exhaustive_search",
    "fit",
    "loss_curve",
    "loss_surface",
    "restarts",
    "resume",
    "search_rounds",
]
