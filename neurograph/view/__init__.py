"""What people look at: plots of losses, of what a network computes, of the functions of its neurons."""

from neurograph.view.activation_plots import plot_activations
from neurograph.view.decision_plots import plot_decision_surface
from neurograph.view.loss_plots import plot_loss_curve, plot_loss_surface
from neurograph.view.plots import plot_history, plot_restarts

__all__ = [
    "plot_activations",
    "plot_decision_surface",
    "plot_history",
    "plot_loss_curve",
    "plot_loss_surface",
    "plot_restarts",
]
