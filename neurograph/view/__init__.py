"""What people look at: drawings of networks, plots of losses."""

from neurograph.view.drawing import Drawing, draw
from neurograph.view.plots import plot_restarts

__all__ = ["Drawing", "draw", "plot_restarts"]
