"""Networks ready made: the running example, dense layers, random graphs; and random weights for any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import networkx as nx
import numpy as np

from neurograph.errors import OptionError, shown
from neurograph.network.initialization import Seed, randomize_weights
from neurograph.network.schema import (
    BIAS,
    HIDDEN,
    INPUT,
    OUTPUT,
    Net,
    require_activation,
)
from neurograph.options import require_count, require_flag, require_generator, require_number

_EXAMPLE_WEIGHTS = {
    (1, 3): 0.6, (1, 4): -0.4, (2, 3): 0.2, (2, 4): -0.2,
    (3, 6): 0.5, (4, 6): -0.25, (4, 7): 0.3, (5, 6): 0.1, (5, 7): -0.5,
    (6, 9): 0.8, (7, 9): -0.6, (8, 9): 0.2,
}  # fmt: skip


def example_network(seed: Seed = None) -> Net:
    """Build the text's running example: nine neurons, twelve edges, four layers, logistic throughout.

    Parameters
    ----------
    seed : int or numpy.random.Generator, optional
        Draws the weights from N(0, 1); without it they are fixed, small and easy to follow by hand.

    Returns
    -------
    networkx.DiGraph

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.layers(net)
    [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    """
    net: Net = nx.DiGraph()
    kinds = {1: INPUT, 2: BIAS, 5: BIAS, 8: BIAS, 9: OUTPUT}
    for neuron in range(1, 10):
        _add_neuron(net, neuron, kinds.get(neuron, HIDDEN), "logistic")
    for (source, target), weight in _EXAMPLE_WEIGHTS.items():
        net.add_edge(source, target, weight=weight)
    if seed is not None:
        randomize_weights(net, method="normal", seed=seed)
    return net


def mlp(
    sizes: Sequence[int],
    *,
    activation: str = "tanh",
    output_activation: str | None = None,
    bias: bool = True,
    seed: Seed = None,
) -> Net:
    """Build a network of dense layers: every neuron feeds every neuron of the next layer.

    Parameters
    ----------
    sizes : sequence of int
        The number of neurons of each layer, bias neurons not counted: inputs first, outputs last.
    activation : str
        The function of the hidden neurons, and of the outputs where they are given none.
    output_activation : str, optional
        The function of the output neurons.
    bias : bool
        Whether each layer but the last has a bias neuron, numbered last in its layer.
    seed : int or numpy.random.Generator, optional
        For the weights, which :func:`randomize_weights` draws by Glorot's rule.

    Returns
    -------
    networkx.DiGraph
        Its neurons are numbered from 1, layer by layer, as in the text.

    Raises
    ------
    OptionError
        If there are fewer than two sizes, one is no positive integer, or ``bias`` or ``seed`` is unfit.
    InvalidNetworkError
        If an activation is unknown.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 2, 1], seed=0)
    >>> ng.layers(net)
    [[1, 2, 3], [4, 5, 6], [7]]
    """
    widths = _checked_sizes(sizes)
    last = activation if output_activation is None else output_activation
    for name, where in ((activation, "activation"), (last, "output_activation")):
        require_activation(name, where=where)
    bias = require_flag("bias", bias)
    net: Net = nx.DiGraph()
    before: list[int] = []
    for i, width in enumerate(widths):
        is_last = i == len(widths) - 1
        first = len(net) + 1
        layer = list(range(first, first + width))
        for neuron in layer:
            kind = INPUT if i == 0 else OUTPUT if is_last else HIDDEN
            _add_neuron(net, neuron, kind, last if is_last else activation)
        net.add_edges_from(((s, t) for s in before for t in layer), weight=0.0)
        before = layer
        if bias and not is_last:
            before = [*layer, len(net) + 1]
            _add_neuron(net, len(net) + 1, BIAS, "")
    randomize_weights(net, method="glorot", seed=seed)
    return net


def random_network(
    *,
    inputs: int = 2,
    hidden: int = 6,
    outputs: int = 1,
    biases: int = 1,
    fan_in: float = 3.0,
    reach: int | None = None,
    activations: Sequence[str] = ("tanh",),
    output_activation: str | None = None,
    seed: Seed = None,
) -> Net:
    """Build a random feed-forward network with edges that skip levels and shared bias neurons.

    Every hidden or output neuron draws its sources among the neurons before it, at least one of them
    no bias neuron, and one bias neuron where there are any. So the network has no error, and most often
    the warnings of an irregular one.

    Parameters
    ----------
    inputs, hidden, outputs, biases : int
        How many neurons of each kind.
    fan_in : float
        The mean number of sources of a neuron, its bias neuron not counted.
    reach : int, optional
        How far back a source may lie, in neurons; any distance if left out.
    activations : sequence of str
        Each hidden neuron draws one of these.
    output_activation : str, optional
        The function of the outputs; they draw like the hidden ones if left out.
    seed : int or numpy.random.Generator, optional
        For graph, functions and weights; weights are N(0, 1 / fan_in).

    Returns
    -------
    networkx.DiGraph
        Its neurons are numbered from 1: inputs, biases, hidden, outputs.

    Raises
    ------
    OptionError
        If a number is too small, there is no activation to draw, or the seed is no seed.
    InvalidNetworkError
        If an activation is unknown.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.random_network(inputs=3, hidden=10, outputs=2, seed=1)
    >>> ng.check(net).ok
    True
    """
    inputs, outputs = require_count("inputs", inputs), require_count("outputs", outputs)
    hidden, biases = require_count("hidden", hidden, least=0), require_count("biases", biases, least=0)
    fan_in = require_number("fan_in", fan_in, low=1.0)
    reach = None if reach is None else require_count("reach", reach)
    names = _checked_names(activations)
    if output_activation is not None:
        require_activation(output_activation, where="output_activation")
    generator = require_generator(seed)
    net: Net = nx.DiGraph()
    kinds = [INPUT] * inputs + [BIAS] * biases + [HIDDEN] * hidden + [OUTPUT] * outputs
    for neuron, kind in enumerate(kinds, start=1):
        chosen = names[int(generator.integers(len(names)))]
        _add_neuron(net, neuron, kind, output_activation or chosen if kind == OUTPUT else chosen)
    earlier = np.array([neuron for neuron, kind in enumerate(kinds, start=1) if kind in (INPUT, HIDDEN)])
    scale = 1.0 / math.sqrt(fan_in)
    for neuron in range(inputs + biases + 1, len(kinds) + 1):
        free = earlier[: np.searchsorted(earlier, neuron)]
        free = free[-reach:] if reach is not None else free
        count = min(len(free), 1 + int(generator.poisson(fan_in - 1.0)))
        sources = sorted(int(s) for s in generator.choice(free, size=count, replace=False))
        if biases:
            sources.append(inputs + 1 + int(generator.integers(biases)))
        for source in sources:
            net.add_edge(source, neuron, weight=float(generator.normal(0.0, scale)))
    return net


def _add_neuron(net: Net, neuron: int, kind: str, activation: str) -> None:
    if kind in (HIDDEN, OUTPUT):
        net.add_node(neuron, kind=kind, activation=activation)
    else:
        net.add_node(neuron, kind=kind)


def _checked_sizes(sizes: object) -> list[int]:
    sizes = sizes.tolist() if isinstance(sizes, np.ndarray) else sizes
    if not isinstance(sizes, Sequence) or isinstance(sizes, str) or len(sizes) < 2:
        raise OptionError(
            f"got {shown(sizes)}",
            code="bad-sizes",
            where="sizes",
            expected="at least two numbers of neurons, such as [2, 3, 1]",
            fix="give the number of inputs first and of outputs last",
        )
    return [require_count(f"sizes[{i}]", size) for i, size in enumerate(sizes)]


def _checked_names(activations: object) -> list[str]:
    names = [] if isinstance(activations, str) or not isinstance(activations, Iterable) else [*activations]
    if not names:
        raise OptionError(
            f"got {shown(activations)}",
            code="bad-activations",
            where="activations",
            expected="a list of one name of an activation or more",
            fix="give a list, such as ['tanh']",
        )
    for name in names:
        require_activation(name, where="activations")
    return names
