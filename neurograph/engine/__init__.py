"""The engine: a compiled snapshot of a network that computes at machine speed and obeys the walk."""

from neurograph.engine.backends import BACKENDS
from neurograph.engine.program import Program, compile_network

__all__ = ["BACKENDS", "Program", "compile_network"]
