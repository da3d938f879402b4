"""What people look at: drawings of networks, plots of losses."""

from neurograph.view.drawing import Drawing, draw
from neurograph.view.exports import to_dot, to_mermaid
from neurograph.view.plots import plot_restarts
from neurograph.view.tikz import to_tikz

__all__ = ["Drawing", "draw", "plot_restarts", "to_dot", "to_mermaid", "to_tikz"]
