"""What people look at: drawings of networks, pages that step through them, plots of losses."""

from neurograph.view.drawing import Drawing, draw
from neurograph.view.exports import to_dot, to_mermaid, to_tikz
from neurograph.view.page import Page, explore
from neurograph.view.plots import plot_restarts

__all__ = ["Drawing", "Page", "draw", "explore", "plot_restarts", "to_dot", "to_mermaid", "to_tikz"]
