"""What people look at: drawings of networks, pages that step through them, plots of numbers."""

from neurograph.view.activation_plots import plot_activations
from neurograph.view.decision_plots import plot_decision_surface
from neurograph.view.drawing import Drawing, draw
from neurograph.view.exports import to_dot, to_mermaid
from neurograph.view.loss_plots import plot_loss_curve, plot_loss_surface
from neurograph.view.page import Page, explore
from neurograph.view.plots import plot_history, plot_restarts
from neurograph.view.tikz import to_tikz
from neurograph.view.widgets import widget

__all__ = [
    "Drawing",
    "Page",
    "draw",
    "explore",
    "plot_activations",
    "plot_decision_surface",
    "plot_history",
    "plot_loss_curve",
    "plot_loss_surface",
    "plot_restarts",
    "to_dot",
    "to_mermaid",
    "to_tikz",
    "widget",
]
