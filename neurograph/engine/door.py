"""The door of the engine: a graph is read and checked, its neurons renumbered level by level."""

from __future__ import annotations

import networkx as nx
import numpy as np

from neurograph.engine.columns import Doubtful, EdgeColumns, NeuronColumns, read_edges, read_neurons
from neurograph.engine.grouping import stable_order, starts_of
from neurograph.engine.layout import Layout
from neurograph.engine.levels import level_of_each
from neurograph.functions import ACTIVATIONS
from neurograph.network.schema import BIAS, INPUT, OUTPUT, Net
from neurograph.network.validation import validate


def read_layout(net: Net) -> Layout:
    """Check a network and lay it out.

    Raises
    ------
    InvalidNetworkError
        If the network has errors; every one is listed.
    """
    layout = _lay_out_if_sound(net)
    if layout is None:
        validate(net)  # raises, or finds nothing worse than a weight that is an integer
        layout = _lay_out(*_read(net, validated=True))
        assert layout is not None  # there is no cycle
    return layout


def _lay_out_if_sound(net: Net) -> Layout | None:
    """Lay out a network in which obviously no rule finds an error; None where the rules must look.

    A neuron that feeds itself is a cycle like any other here.
    """
    if not isinstance(net, nx.DiGraph) or net.is_multigraph() or len(net) == 0:
        return None
    try:
        neurons, edges = _read(net, validated=False)
    except Doubtful:
        return None
    fed = np.bincount(edges.target, minlength=len(neurons.keys)) > 0
    computing = ~(neurons.are(INPUT) | neurons.are(BIAS))
    return _lay_out(neurons, edges) if (fed == computing).all() else None


def _read(net: Net, *, validated: bool) -> tuple[NeuronColumns, EdgeColumns]:
    neurons = read_neurons(net, validated=validated)
    return neurons, read_edges(net, neurons.keys, validated=validated)


def _lay_out(neurons: NeuronColumns, edges: EdgeColumns) -> Layout | None:
    """Renumber and group; None where there is a cycle."""
    level = level_of_each(neurons, edges)
    if level is None:
        return None
    order = np.argsort(level, kind="stable")  # new number → place in the graph
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    targets = number[edges.target]
    by_target = stable_order(targets)  # sources stay in the order of net.nodes
    names = [neurons.names[i] for i in order.tolist()]
    functions = [name for name in dict.fromkeys(names) if name is not None]
    code = {name: i for i, name in enumerate(functions)} | {None: -1}
    return Layout(
        neurons=[neurons.keys[i] for i in order.tolist()],
        activation=np.array([code[name] for name in names], dtype=np.int32),
        functions=tuple(ACTIVATIONS[name] for name in functions),
        offsets=starts_of(targets, len(order)),
        sources=number[edges.source[by_target]],
        targets=targets[by_target],
        weights=edges.weights[by_target],
        trainable=edges.trainable[by_target],
        level_starts=starts_of(level, int(level.max()) + 1).astype(np.int32),
        inputs=number[neurons.are(INPUT)],
        outputs=number[neurons.are(OUTPUT)],
        biases=number[neurons.are(BIAS)],
    )
