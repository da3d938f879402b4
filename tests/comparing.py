"""How far two answers are apart: the figures that all tests of the engine speak of."""

import networkx as nx
import numpy as np
from oracles import targets_for
from strategies import random_data, random_graphs

import neurograph as ng

BATCHES = (1, 2, 63, 64, 65, 300)  # around the 64 or 256 lanes that go through a network together
FLOOR = 1e-8


def apart(found, expected, scale=None):
    """Return the normwise and the worst componentwise error, relative to ``expected`` or to a given scale."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    scale = np.abs(expected if scale is None else scale)
    assert found.shape == expected.shape == scale.shape
    assert found.size
    assert np.isfinite(found).all()
    assert np.isfinite(expected).all()
    largest = scale.max()
    if largest < 1e-300:
        assert np.abs(found - expected).max() <= 1e-300
        return 0.0, 0.0
    off = np.abs(found - expected) / largest
    return np.linalg.norm(off) / np.linalg.norm(scale / largest), (
        off / np.maximum(scale / largest, FLOOR)
    ).max()


def problems(loss, seed, count, *, output_activations=None, batches=BATCHES, bound=2.0, **options):
    """Yield random networks that suit a loss, each with X and Y of one of the sizes in turn."""
    generator = np.random.default_rng(seed)
    chosen = ("logistic",) if loss == "cross_entropy" else output_activations
    for i, net in enumerate(random_graphs(seed, count, output_activations=chosen, **options)):
        X, Y = random_data(generator, net, samples=batches[i % len(batches)], bound=bound)
        yield net, X, targets_for(loss, generator, Y.shape)


class Walked:
    """What the walk says, in the order of a program: outputs, values of all neurons, loss, gradient.

    ``scale`` is, for each edge, the mean size of what its gradient is the mean of: signs may cancel.
    """

    def __init__(self, net, X, Y, loss, program):
        trace = ng.backward(net, X, Y, loss=loss)
        self.outputs = np.column_stack(trace.outputs)
        self.values = np.column_stack(
            [np.broadcast_to(trace.value[neuron], len(X)) for neuron in program.neurons]
        )
        self.loss = trace.loss
        self.gradient = np.array([trace.gradient[edge] for edge in program.edges])
        self.scale = np.array(
            [np.mean(np.abs(trace.value[source] * trace.delta[target])) for source, target in program.edges]
        )


def mixed_network(seed, *, width=20, bias="first", functions=("tanh",)):
    """Make dense blocks among sparse edges: skips into and out of blocks, outputs in a block that feed on.

    ``bias`` says where the shared bias neuron stands among the inputs: "first", "last" or "none".
    """
    generator = np.random.default_rng(seed)
    net = nx.DiGraph()
    first = ["bias"] * (bias == "first") + ["input"] * width + ["bias"] * (bias == "last")
    net.add_nodes_from((i, {"kind": kind}) for i, kind in enumerate(first))
    layers = [list(range(len(first)))]
    for depth, size in enumerate((width, width + 3, 4, width, 3)):
        layer = [len(net) + i for i in range(size)]
        for i, neuron in enumerate(layer):
            last = depth == 4 or (depth == 1 and i % 7 == 3)
            name = functions[int(generator.integers(len(functions)))]
            net.add_node(neuron, kind="output" if last else "hidden", activation=name)
        bound = 1.5 / np.sqrt(len(layers[-1]))
        for target in layer:
            for source in layers[-1]:
                if depth != 2 or generator.random() < 0.5 or source == layers[-1][0]:
                    net.add_edge(source, target, weight=float(generator.uniform(-bound, bound)))
        layers.append(layer)
    everything = list(net)
    for _ in range(3 * width):
        source, target = sorted(generator.choice(everything, 2, replace=False).tolist())
        if net.nodes[target]["kind"] not in ("input", "bias") and not any(
            {source, target} <= set(layer) for layer in layers
        ):
            net.add_edge(source, target, weight=float(generator.uniform(-0.5, 0.5)))
    return net
