"""The network that undoes a hierarchical process one step at a time, beside a shallow one of its cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurograph.engine.program import compile_network
from neurograph.learning.starting_points import restarts
from neurograph.network.initialization import Seed, randomize_weights
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_count
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable
from neurograph.theory.drafting import Draft
from neurograph.theory.hierarchy import GenerativeTree, Table


@dataclass(frozen=True)
class DepthComparison:
    """A deep and a shallow network that learned to name the cause; made by :func:`compare_depths`.

    Parameters
    ----------
    deep, shallow : networkx.DiGraph
        The trained networks.
    edges : int
        The number of edges of each.
    deep_accuracy, shallow_accuracy : float
        How often each names the cause of new details.
    best_accuracy : float
        How often exact inference does, for the same details: no network can do better but by luck.
    """

    deep: Net
    shallow: Net
    edges: int
    deep_accuracy: float
    shallow_accuracy: float
    best_accuracy: float

    def __str__(self) -> str:
        deep, shallow, best = self.deep_accuracy, self.shallow_accuracy, self.best_accuracy
        return f"{self.edges} edges each: deep {deep:.1%}, shallow {shallow:.1%}, exact inference {best:.1%}"


def undoing_network(tree: GenerativeTree, *, seed: Seed = None, limit: int = MOST_EDGES) -> Net:
    """Build the network that goes back the way the process came: a neuron for each cause, fed by its parts.

    Lin, Tegmark and Rolnick 2017, arXiv 1608.08225, section III, show that a hierarchy of causes can be
    undone one step at a time without losing what is to be known, so that a network with a layer for each step
    needs no more than the steps need.

    Parameters
    ----------
    tree : GenerativeTree
        The process.
    seed : int or numpy.random.Generator, optional
        For the weights, which :func:`neurograph.randomize_weights` draws by Glorot's rule.
    limit : int
        The most edges that are built; there are branching + 1 for each cause.

    Returns
    -------
    networkx.DiGraph
        tanh neurons, a layer for each step. ``check`` finds nothing in it.

    Raises
    ------
    OptionError
        If there would be more edges than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.undoing_network(ng.theory.generative_tree(steps=3))
    >>> [len(layer) for layer in ng.layers(net)], net.number_of_edges()
    ([9, 5, 3, 1], 21)
    """
    cost = _undoing_cost(tree)
    require_affordable(cost, limit, where="tree", what=f"the network that undoes {tree.steps} steps")
    sizes = [tree.branching**step for step in reversed(range(tree.steps))]
    draft = Draft()
    layer = draft.inputs(tree.details)
    for size in sizes:
        bias = draft.bias()
        causes = draft.outputs(1, "tanh") if size == 1 else draft.hidden(size, "tanh")
        for i, cause in enumerate(causes):
            parts = layer[i * tree.branching : (i + 1) * tree.branching]
            draft.feed(cause, dict.fromkeys([*parts, bias], 0.0))
        layer = causes
    randomize_weights(draft.net, method="glorot", seed=seed)
    return draft.net


def shallow_network(
    tree: GenerativeTree, *, edges: int | None = None, seed: Seed = None, limit: int = MOST_EDGES
) -> Net:
    """Build a network with one hidden layer for the same task, of a given number of edges.

    Parameters
    ----------
    tree : GenerativeTree
        The process.
    edges : int, optional
        The number of edges; without it as many as :func:`undoing_network` has. There are as few hidden
        neurons as can have so many, and the details are shared out among them evenly.
    seed : int or numpy.random.Generator, optional
        For the weights.
    limit : int
        The most edges that are built.

    Returns
    -------
    networkx.DiGraph
        tanh neurons. ``check`` finds nothing in it.

    Raises
    ------
    OptionError
        If there are too few edges for every detail to have one, or more than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.shallow_network(ng.theory.generative_tree(steps=3))
    >>> [len(layer) for layer in ng.layers(net)], net.number_of_edges()
    ([9, 3, 1], 21)
    """
    own, n = _undoing_cost(tree).edges, tree.details
    wanted = own if edges is None else require_count("edges", edges, least=n + 3)
    hidden = -(-(wanted - 1) // (n + 2))  # each has at most an edge from every detail, its bias, its output
    cost = Cost(n + hidden + 3, wanted)
    require_affordable(cost, limit, where="edges", what=f"the shallow network of {hidden:,} hidden neurons")
    draft = Draft()
    details, bias = draft.inputs(n), draft.bias()
    middle, last_bias = draft.hidden(hidden, "tanh"), draft.bias()
    for k in range(wanted - 1 - 2 * hidden):  # so many edges from details, dealt out in rounds
        turn, i = divmod(k, n)
        draft.feed(middle[(turn + i) % hidden], {details[i]: 0.0})
    for neuron in middle:
        draft.feed(neuron, {bias: 0.0})
    draft.feed(draft.outputs(1, "tanh")[0], dict.fromkeys([*middle, last_bias], 0.0))
    randomize_weights(draft.net, method="glorot", seed=seed)
    return draft.net


def compare_depths(
    tree: GenerativeTree,
    *,
    samples: int = 2000,
    epochs: int = 60,
    starts: int = 3,
    learning_rate: float = 0.01,
    seed: int = 0,
) -> DepthComparison:
    """Train the network that undoes a process, and a shallow one of the same number of edges.

    Both learn from the same samples, by Adam in batches of 32, from several starting points of which the one
    with the lowest loss is kept, and are measured on as many new samples.

    Parameters
    ----------
    tree : GenerativeTree
        The process.
    samples : int
        How many samples to train on, and how many others to measure with.
    epochs : int
        How often each training goes through them.
    starts : int
        How many starting points each network has.
    learning_rate : float
        The step size.
    seed : int
        For samples, weights and order.

    Returns
    -------
    DepthComparison

    Raises
    ------
    OptionError
        If an argument is out of its range.

    Examples
    --------
    >>> import neurograph as ng
    >>> found = ng.theory.compare_depths(ng.theory.generative_tree(steps=3), starts=1)
    >>> found.edges, found.deep_accuracy > found.shallow_accuracy + 0.05
    (21, True)
    """
    seed, epochs = require_count("seed", seed, least=0), require_count("epochs", epochs)
    networks = (undoing_network(tree), shallow_network(tree))
    X, Y = tree.sample(samples, seed=np.random.default_rng([seed, 0]))
    fresh, causes = tree.sample(samples, seed=np.random.default_rng([seed, 1]))
    trained = [
        restarts(
            net, X, Y, n=starts, seed=seed, method="glorot", optimizer="adam", learning_rate=learning_rate,
            epochs=epochs, batch_size=min(32, len(X)), keep=1,
        ).best
        for net in networks
    ]  # fmt: skip
    deep, shallow = (_accuracy(compile_network(net).forward(fresh), causes) for net in trained)
    best = _accuracy(tree.posterior(fresh) - 0.5, causes)
    return DepthComparison(trained[0], trained[1], trained[0].number_of_edges(), deep, shallow, best)


def _undoing_cost(tree: Any) -> Cost:
    """Tell the cost of the network that undoes a process: a neuron for each cause, a bias neuron a step."""
    if not isinstance(tree, GenerativeTree):
        raise bad_option("tree", tree, "a process made by generative_tree")
    causes = sum(tree.branching**step for step in range(tree.steps))
    return Cost(tree.details + tree.steps + causes, (tree.branching + 1) * causes)


def _accuracy(found: Table, causes: Table) -> float:
    return float(np.mean(np.where(found >= 0.0, 1.0, -1.0) == causes))
