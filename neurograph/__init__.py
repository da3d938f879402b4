"""Neural networks as explicit graphs: every neuron a node, every weight an edge, every number explained."""

from neurograph.errors import *  # noqa: F403
from neurograph.functions import *  # noqa: F403
from neurograph.network import *  # noqa: F403
