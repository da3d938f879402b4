"""The order of a network, derived from its edges alone: topological order, layers, levels.

No function here recurses, so a chain of a million neurons is a graph like any other.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from neurograph.errors import InvalidNetworkError, NotLayeredError, shown
from neurograph.network.schema import INPUT, Edge, Net, Neuron, as_text, incoming, require_digraph

Targets = Mapping[Neuron, Collection[Neuron]]
MOST_EDGES_LOOKED_AT = 1_000_000
Parents = dict[Neuron, Neuron | None]  # a root has none; None is never a neuron in networkx


@dataclass(frozen=True)
class Witness:
    """Why a network is not layered: a neuron at which two chains of edges of different length meet.

    Parameters
    ----------
    neuron : hashable
        Where the chains meet.
    chains : tuple of two tuples
        Both chains, each from the same first neuron to ``neuron``. A step may run against an edge
        where no two chains that follow the edges tell the same (in a large network, where a search of
        bounded length found none).
    text : str
        The same in words.
    """

    neuron: Neuron
    chains: tuple[tuple[Neuron, ...], tuple[Neuron, ...]]
    text: str


def topological_order(net: Net) -> list[Neuron]:
    """Return all neurons so that every edge points forward: the order in which the walk visits them.

    Among the neurons that could come next, the first in ``net.nodes`` does; a graph whose nodes were
    added in such an order comes back in that order. Kahn 1962.

    Raises
    ------
    InvalidNetworkError
        If the graph has a cycle; the message names it.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.topological_order(ng.example_network())
    [1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    require_digraph(net)
    order = order_as_far_as_possible(net)
    if len(order) < len(net):
        raise _cyclic(net, InvalidNetworkError)
    return order


def is_feed_forward(net: Net) -> bool:
    """Say whether the graph has no cycle.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.is_feed_forward(ng.example_network())
    True
    """
    require_digraph(net)
    return len(order_as_far_as_possible(net)) == len(net)


def is_layered(net: Net) -> bool:
    """Say whether all neurons divide into layers, every edge pointing from one layer to the next.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.connect(net, 1, 9, weight=0.5)
    >>> ng.is_layered(net)
    False
    """
    require_digraph(net)
    order = order_as_far_as_possible(net)
    return len(order) == len(net) and isinstance(_layering(net, order), dict)


def layers(net: Net) -> list[list[Neuron]]:
    """Divide all neurons into layers so that every edge points from one layer to the next.

    A part of the network that no edge ties to the rest begins in the first layer. Inside a layer the
    neurons stand in the order of ``net.nodes``.

    Returns
    -------
    list of lists of neurons

    Raises
    ------
    NotLayeredError
        If that is impossible. Its ``witness`` holds the neuron at which two chains of edges of
        different length meet, and both chains.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.layers(ng.example_network())
    [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    """
    require_digraph(net)
    order = order_as_far_as_possible(net)
    if len(order) < len(net):
        raise _cyclic(net, NotLayeredError)
    found = _layering(net, order)
    if isinstance(found, Witness):
        raise _not_layered(found)
    return grouped(found)


def levels(net: Net) -> list[list[Neuron]]:
    """Divide the neurons of any feed-forward network into levels: the longest path from the inputs.

    Inputs are in the first level. A bias neuron stands just before the first neuron that it feeds,
    and so does a hidden neuron that no input reaches. Every edge points to a later level, not
    always to the next one.

    Raises
    ------
    InvalidNetworkError
        If the graph has a cycle.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> ng.connect(net, 1, 9, weight=0.5)
    >>> ng.levels(net)
    [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    """
    order = topological_order(net)
    return grouped(level_of_each(order, dict(net.nodes(data="kind")), dict(net.adjacency())))


def order_as_far_as_possible(net: Net) -> list[Neuron]:
    """Order the neurons topologically, leaving out cycles and what they feed."""
    targets = dict(net.adjacency())
    if _already_ordered(targets):
        return list(targets)
    waiting = dict.fromkeys(targets, 0)
    for its_targets in targets.values():
        for target in its_targets:
            waiting[target] += 1
    keys = list(targets)
    rank = {neuron: i for i, neuron in enumerate(keys)}
    ready = [rank[neuron] for neuron in keys if not waiting[neuron]]  # ascending, so already a heap
    order = []
    while ready:
        neuron = keys[heapq.heappop(ready)]
        order.append(neuron)
        for target in targets[neuron]:
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, rank[target])
    return order


def _already_ordered(targets: Targets) -> bool:
    seen: set[Neuron] = set()
    for neuron, its_targets in targets.items():
        seen.add(neuron)
        if not seen.isdisjoint(its_targets):
            return False
    return True


def cycles(net: Net, order: Sequence[Neuron]) -> list[list[Neuron]]:
    """Return one cycle for each strongly connected part of more than one neuron, its first neuron repeated.

    ``order`` is what :func:`order_as_far_as_possible` gave: only what it left out is searched.
    """
    done = set(order)
    rest: nx.DiGraph[Neuron] = nx.DiGraph()
    rest.add_nodes_from(neuron for neuron in net if neuron not in done)
    rest.add_edges_from((s, t) for s in rest for t in net[s] if t not in done and t not in {s})
    rank = {neuron: i for i, neuron in enumerate(net)}
    parts = [part for part in nx.strongly_connected_components(rest) if len(part) > 1]
    firsts = sorted((min(rank[neuron] for neuron in part), i) for i, part in enumerate(parts))
    keys = list(net)
    return [_shortest_cycle(rest, keys[first], parts[i]) for first, i in firsts]


def _shortest_cycle(net: Net, start: Neuron, part: set[Neuron]) -> list[Neuron]:
    """Walk breadth first inside one strongly connected part, until an edge leads back to the start."""
    came_from: Parents = {start: None}
    queue = deque([start])
    while queue:
        neuron = queue.popleft()
        for target in net[neuron]:
            if target in came_from and came_from[target] is None:
                return [*_chain_to(neuron, came_from), start]
            if target in part and target not in came_from:
                came_from[target] = neuron
                queue.append(target)
    raise AssertionError("a strongly connected part has a cycle through each of its neurons")


def _chain_to(neuron: Neuron, came_from: Parents) -> list[Neuron]:
    """Follow parents back to the root."""
    chain = [neuron]
    while (parent := came_from[chain[-1]]) is not None:
        chain.append(parent)
    return chain[::-1]


def layer_of_each(order: Sequence[Neuron], sources: Targets, targets: Targets) -> dict[Neuron, int] | Witness:
    """Number the layers from 0, in the order of ``net.nodes``, or return why there are none.

    ``order`` is a complete topological order. Each part of the graph is walked along its edges in
    both directions: forward adds 1, backward takes 1 away, and every edge must agree.
    """
    layer: dict[Neuron, int] = {}
    came_from: Parents = {}
    for root in targets:
        if root in layer:
            continue
        part, conflict = _walk_part(root, sources, targets, layer, came_from)
        if conflict is not None:
            source, target = conflict
            along_edges = _witness_along_edges(order, sources, targets)
            return along_edges or _two_chains(target, source, came_from, targets)
        lowest = min(layer[neuron] for neuron in part)
        if lowest:
            layer.update((neuron, layer[neuron] - lowest) for neuron in part)
    return {neuron: layer[neuron] for neuron in targets}


def _layering(net: Net, order: Sequence[Neuron]) -> dict[Neuron, int] | Witness:
    return layer_of_each(order, incoming(net), dict(net.adjacency()))


def _walk_part(
    root: Neuron,
    sources: Targets,
    targets: Targets,
    layer: dict[Neuron, int],
    came_from: Parents,
) -> tuple[list[Neuron], Edge | None]:
    """Number one connected part breadth first, the root 0; return its neurons, or an edge that disagrees."""
    layer[root], came_from[root] = 0, None
    part = [root]
    for neuron in part:  # grows while it is walked
        here = layer[neuron]
        for target in targets[neuron]:
            if target not in layer:
                layer[target], came_from[target] = here + 1, neuron
                part.append(target)
            elif layer[target] != here + 1:
                return part, (neuron, target)
        for source in sources[neuron]:
            if source not in layer:
                layer[source], came_from[source] = here - 1, neuron
                part.append(source)
            elif layer[source] != here - 1:
                return part, (source, neuron)
    return part, None


def _witness_along_edges(order: Sequence[Neuron], sources: Targets, targets: Targets) -> Witness | None:
    """Look for two chains along the edges: breadth first from each neuron that nothing feeds.

    From a root where there are none, every way to a neuron has the length of the first one found.
    """
    looked_at = 0
    for root in (neuron for neuron in order if not sources[neuron]):
        came_from: Parents = {root: None}
        depth = {root: 0}
        reached = [root]
        for neuron in reached:  # grows while it is walked
            for target in targets[neuron]:
                if target not in depth:
                    came_from[target], depth[target] = neuron, depth[neuron] + 1
                    reached.append(target)
                elif depth[target] != depth[neuron] + 1:
                    return _two_chains(target, neuron, came_from, targets)
            looked_at += len(targets[neuron])
        if looked_at > MOST_EDGES_LOOKED_AT:
            break
    return None


def _two_chains(neuron: Neuron, source: Neuron, came_from: Parents, targets: Targets) -> Witness:
    """Take the two ways from the root to the neuron and leave out the beginning that they share."""
    one = _chain_to(neuron, came_from)
    two = [*_chain_to(source, came_from), neuron]
    on_one = set(one)  # both are ways in one tree, so a neuron on both stands in the same place
    shared = 0
    while shared + 2 < min(len(one), len(two)) and two[shared + 1] in on_one:
        shared += 1
    chains = sorted((tuple(one[shared:]), tuple(two[shared:])), key=len)
    texts = " and ".join(_chain_text(chain, targets) for chain in chains)
    text = f"two chains of different length meet at neuron {shown(neuron)}: {texts}"
    return Witness(neuron, (chains[0], chains[1]), text)


def follows_edges(witness: Witness, targets: Targets) -> bool:
    """Say whether no step of either chain runs against an edge."""
    return all(there in targets[here] for chain in witness.chains for here, there in pairwise(chain))


def _chain_text(chain: Sequence[Neuron], targets: Targets) -> str:
    """Write a chain with its arrows; a long one is cut in its middle."""
    steps = ["→" if there in targets[here] else "←" for here, there in pairwise(chain)]
    parts = [shown(chain[0])]
    parts += [f"{step} {shown(neuron)}" for step, neuron in zip(steps, chain[1:], strict=True)]
    if len(parts) > 12:
        parts = [*parts[:6], "→ …", *parts[-5:]]
    back = steps.count("←")
    length = f"{len(steps) - back} forward, {back} back" if back else f"length {len(steps)}"
    return f"{' '.join(parts)} ({length})"


def level_of_each(
    order: Sequence[Neuron], kinds: Mapping[Neuron, object], targets: Targets
) -> dict[Neuron, int]:
    """Number the levels of a feed-forward network from 0, in the order of ``net.nodes``."""
    level = dict.fromkeys(targets, 0)
    fed_by_input = {neuron for neuron, kind in kinds.items() if as_text(kind) == INPUT}
    for neuron in order:
        for target in targets[neuron]:
            level[target] = max(level[target], level[neuron] + 1)
            if neuron in fed_by_input:
                fed_by_input.add(target)
    for neuron in reversed(order):
        if neuron not in fed_by_input and targets[neuron]:
            level[neuron] = min(level[target] for target in targets[neuron]) - 1
    return level


def grouped(number: Mapping[Neuron, int]) -> list[list[Neuron]]:
    """Turn neuron → number into lists of neurons, one for each number from 0."""
    groups: list[list[Neuron]] = [[] for _ in range(max(number.values(), default=-1) + 1)]
    for neuron, i in number.items():
        groups[i].append(neuron)
    return groups


def cycle_text(cycle: Sequence[Neuron]) -> str:
    """Write a cycle with its arrows; a long one is cut in its middle."""
    names = [shown(neuron) for neuron in cycle]
    if len(names) > 12:
        names = [*names[:6], "…", *names[-5:]]
    return " → ".join(names)


def _cyclic(net: Net, error: type[InvalidNetworkError]) -> InvalidNetworkError:
    """Make the error that names the first cycle."""
    loops = [neuron for neuron in net if net.has_edge(neuron, neuron)]
    found = cycles(net, order_as_far_as_possible(net)) if not loops else [[loops[0], loops[0]]]
    path = found[0]
    raised = error(
        f"the edges {cycle_text(path)} run in a circle",
        code="cycle" if len(path) > 2 else "self-loop",
        where=f"neuron {shown(path[0])}",
        expected="a feed-forward network",
        fix="remove one of these edges",
    )
    if isinstance(raised, NotLayeredError):
        text = f"the cycle {cycle_text(path)} leads from layer to layer without end"
        raised.witness = Witness(path[0], ((path[0],), tuple(path)), text)
    return raised


def _not_layered(witness: Witness) -> NotLayeredError:
    error = NotLayeredError(
        witness.text,
        code="not-layered",
        where=f"neuron {shown(witness.neuron)}",
        expected="every edge to point from one layer to the next",
        fix="remove an edge of one chain, or call add_relays(net) for a layered network of the same function",
    )
    error.witness = witness
    return error
