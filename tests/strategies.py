"""Random networks, inputs and data, for hypothesis and for plain loops.

One builder makes every random network. It asks for its choices through a small set of questions that
numpy answers in :func:`random_graphs` (fast, the same for the same seed) and hypothesis in
:func:`networks` (shrinks to a small counterexample).
"""

import networkx as nx
import numpy as np
from hypothesis import strategies as st

SMOOTH = (
    "identity", "logistic", "tanh", "elu", "softplus", "silu", "gelu", "softsign", "sine", "gaussian",
)  # fmt: skip
KINKED = ("relu", "leaky_relu", "hard_tanh")
STEPS = ("step", "sign")
DIFFERENTIABLE = (*SMOOTH, *KINKED)
EVERY = (*DIFFERENTIABLE, *STEPS)

MODERATE, SATURATING = 2.0, 60.0  # weights are drawn between − and + this
NAMES = ("left", "β", "1a", "n 2", "Ω-3", "x_4", "é", "数", "a→b", "<b>", "'", "z")


class Dice:
    """The choices of a random network, made by a numpy Generator."""

    def __init__(self, generator):
        self.generator = generator

    def integer(self, low, high):
        return int(self.generator.integers(low, high, endpoint=True))

    def number(self, low, high):
        return float(self.generator.uniform(low, high))

    def shuffled(self, things):
        return [things[i] for i in self.generator.permutation(len(things))]

    def pick(self, things):
        return things[self.integer(0, len(things) - 1)]


class Drawn(Dice):
    """The same choices, made by hypothesis."""

    def __init__(self, draw):
        self.draw = draw

    def integer(self, low, high):
        return self.draw(st.integers(low, high))

    def number(self, low, high):
        return self.draw(st.floats(low, high, allow_subnormal=False))

    def shuffled(self, things):
        return self.draw(st.permutations(things))


def random_graphs(seed, count, **options):
    """Yield ``count`` random networks, the same for the same seed; options are those of :func:`build`."""
    dice = Dice(np.random.default_rng(seed))
    for _ in range(count):
        yield build(dice, **options)


@st.composite
def networks(draw, **options):
    """Draw a random network; options are those of :func:`build`."""
    return build(Drawn(draw), **options)


def build(
    choose,
    *,
    activations=DIFFERENTIABLE,
    output_activations=None,
    inputs=3,
    biases=2,
    hidden=7,
    outputs=3,
    saturating=None,
    frozen=False,
    named=None,
):
    """Build a feed-forward network without errors: skips, shared biases, outputs that feed on, any order.

    ``inputs``, ``biases``, ``hidden`` and ``outputs`` are the most there are of each kind.
    ``activations`` are those to choose from, ``output_activations`` those of the outputs if they are to
    be others. ``saturating`` makes weights large, ``named`` makes keys strings; None leaves both to
    chance. ``frozen`` lets some edges be frozen. Nodes and edges are added in random order.
    """
    saturating = bool(choose.integer(0, 1)) if saturating is None else saturating
    named = bool(choose.integer(0, 1)) if named is None else named
    kinds = ["input"] * choose.integer(1, inputs) + ["bias"] * choose.integer(0, biases)
    computing = ["hidden"] * choose.integer(0, hidden) + ["output"] * choose.integer(1, outputs)
    first = len(kinds)  # the first neuron that computes; every edge leads to a later neuron
    kinds += choose.shuffled(computing)
    free = choose.shuffled(range(1, len(kinds) + 1))
    keys = [NAMES[k] if k < len(NAMES) else f"n{k}" for k in free] if named else free

    edges = []
    for target in range(first, len(kinds)):
        sources = choose.shuffled(range(target))[: choose.integer(1, min(4, target))]
        edges += [(source, target) for source in sources]

    net = nx.DiGraph()
    for i in choose.shuffled(range(len(kinds))):
        net.add_node(keys[i], kind=kinds[i])
        if i >= first:
            names = output_activations if kinds[i] == "output" and output_activations else activations
            net.nodes[keys[i]]["activation"] = choose.pick(names)
    bound = SATURATING if saturating else MODERATE
    for source, target in choose.shuffled(edges):
        net.add_edge(keys[source], keys[target], weight=choose.number(-bound, bound))
        if frozen and choose.integer(0, 3) == 0:
            net.edges[keys[source], keys[target]]["trainable"] = False
    return net


def fingerprint(net):
    """Write down all of a graph, keys, types, attributes and orders: equal where nothing has changed."""
    nodes = [(_mark(neuron), _mark(attributes)) for neuron, attributes in net.nodes(data=True)]
    edges = [(_mark(s), _mark(t), _mark(attributes)) for s, t, attributes in net.edges(data=True)]
    sources = [[_mark(source) for source in net.pred[neuron]] for neuron in net] if net.is_directed() else []
    return repr((type(net), _mark(net.graph), nodes, edges, sources))


def _mark(value):
    """Write a value with its type; a thing that cannot be written is known by its identity."""
    if isinstance(value, dict):
        return [(_mark(key), _mark(inner)) for key, inner in value.items()]
    try:
        return type(value).__name__, value.tobytes() if isinstance(value, np.ndarray) else repr(value)
    except Exception:
        return type(value).__name__, id(value)


def of_kind(net, kind):
    """List the neurons of one kind in the order of the nodes, without asking neurograph."""
    return [neuron for neuron, found in net.nodes(data="kind") if found == kind]


@st.composite
def inputs_for(draw, net, *, samples=None, bound=3.0):
    """Draw the values of the inputs by neuron: floats, or arrays of one number per sample."""
    number = st.floats(-bound, bound, allow_subnormal=False)
    if samples is None:
        return {neuron: draw(number) for neuron in of_kind(net, "input")}
    column = st.lists(number, min_size=samples, max_size=samples).map(np.array)
    return {neuron: draw(column) for neuron in of_kind(net, "input")}


@st.composite
def data_for(draw, net, *, samples=4, bound=3.0):
    """Draw X of shape (samples, inputs) and Y of shape (samples, outputs)."""
    seed = draw(st.integers(0, 2**32 - 1))
    return random_data(np.random.default_rng(seed), net, samples=samples, bound=bound)


def random_data(generator, net, *, samples=4, bound=3.0):
    """Draw X of shape (samples, inputs) and Y of shape (samples, outputs) from a numpy Generator."""
    shape = {kind: (samples, len(of_kind(net, kind))) for kind in ("input", "output")}
    return generator.uniform(-bound, bound, shape["input"]), generator.uniform(-bound, bound, shape["output"])
