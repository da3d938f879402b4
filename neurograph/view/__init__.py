"""What people look at: plots of losses."""

from neurograph.view.plots import plot_restarts

__all__ = ["plot_restarts"]
