"""Random layered networks: sparse, any order of nodes and edges, bias neurons anywhere or nowhere."""

from itertools import pairwise

import networkx as nx
import numpy as np
from strategies import NAMES

from neurograph import ACTIVATIONS


def layered_networks(seed, count, **options):
    """Yield ``count`` random layered networks, the same for the same seed."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        yield layered_network(generator, **options)


def layered_network(generator, *, activations=tuple(ACTIVATIONS), mixed=False, most=5, bound=1.5):
    """Build two to five layers of one to five neurons; ``mixed`` lets each neuron draw its own function."""
    sizes = [
        int(size) for size in generator.integers(1, most, size=int(generator.integers(2, 6)), endpoint=True)
    ]
    layers, kinds, functions = [], {}, {}
    total = sum(sizes) + len(sizes)
    keys = [int(key) for key in generator.permutation(total)]
    if generator.random() < 0.3 and total <= len(NAMES):
        keys = [NAMES[key] for key in keys]
    for depth, size in enumerate(sizes):
        layer = [keys.pop() for _ in range(size)]
        kind = "input" if depth == 0 else "output" if depth == len(sizes) - 1 else "hidden"
        own = [activations[int(i)] for i in generator.integers(len(activations), size=size)]
        for neuron, function in zip(layer, own, strict=True):
            kinds[neuron] = kind
            functions[neuron] = function if mixed else own[0]
        if depth < len(sizes) - 1 and generator.random() < 0.7:
            layer.append(keys.pop())
            kinds[layer[-1]] = "bias"
        layers.append(layer)
    edges = []
    for before, layer in pairwise(layers):
        for target in layer:
            if kinds[target] != "bias":
                number = int(generator.integers(1, len(before), endpoint=True))
                edges += [(before[i], target) for i in generator.permutation(len(before))[:number]]
    fed = {source for source, _ in edges}
    used = [neuron for neuron in kinds if kinds[neuron] != "bias" or neuron in fed]
    net = nx.DiGraph()
    for i in generator.permutation(len(used)):
        neuron = used[i]
        net.add_node(neuron, kind=kinds[neuron])
        if kinds[neuron] in ("hidden", "output"):
            net.nodes[neuron]["activation"] = functions[neuron]
    for i in generator.permutation(len(edges)):
        net.add_edge(*edges[i], weight=float(generator.uniform(-bound, bound)))
    return net
