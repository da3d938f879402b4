"""What a graph of a million edges costs before it computes: checking and compiling."""

from __future__ import annotations

from functools import partial

import networkx as nx
import numpy as np
from measure import Claim, Contender, Section

import neurograph as ng

HIDDEN, FAN_IN = 52_600, 18


def measure() -> Section:
    net = ng.random_network(inputs=100, hidden=HIDDEN, outputs=10, fan_in=FAN_IN, seed=0)
    edges = net.number_of_edges()
    section = Section(
        "A million edges",
        f"random, {len(net):,} neurons, {edges:,} edges, tanh; time of one call on the same DiGraph",
    )
    compare(section, net)
    section.race(
        Contender("neurograph compile_network", partial(ng.compile_network, net)),
        Contender("networkx to_scipy_sparse_array", partial(nx.to_scipy_sparse_array, net)),
        Contender("neurograph check", partial(ng.check, net)),
        Contender("networkx topological_generations", lambda: list(nx.topological_generations(net))),
    )
    section.within(
        "compile a million edges against networkx.to_scipy_sparse_array",
        "neurograph compile_network", "networkx to_scipy_sparse_array", at_most=0.5,
    )  # fmt: skip
    section.within(
        "check a million edges against networkx.topological_generations",
        "neurograph check", "networkx topological_generations", at_most=6.0,
    )  # fmt: skip
    for backend in ("numba", "numpy"):
        size = bytes_of(ng.compile_network(net, backend=backend)) / edges
        claim = Claim(f"bytes an edge of a program, {backend}", size, 100, at_least=False, unit=" bytes")
        section.claims.append(claim)
    return section


def compare(section: Section, net: ng.network.schema.Net) -> None:
    """Both must hold the same matrix."""
    program = ng.compile_network(net)
    matrix = nx.to_scipy_sparse_array(net).tocoo()
    place = {neuron: i for i, neuron in enumerate(net)}
    ours = {
        (place[s], place[t]): w for (s, t), w in zip(program.edges, program.weights.tolist(), strict=True)
    }
    theirs = dict(
        zip(zip(matrix.row.tolist(), matrix.col.tolist(), strict=True), matrix.data.tolist(), strict=True)
    )
    assert ours.keys() == theirs.keys()
    section.agree("weights", list(ours.values()), [theirs[edge] for edge in ours], tolerance=0.0)


def bytes_of(program: ng.Program) -> int:
    """Sum the bytes of all arrays that a program holds, each once, without the names of the neurons."""
    arrays: dict[int, np.ndarray] = {}
    seen: set[int] = set()
    waiting: list[object] = [program]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            whole = thing if thing.base is None else thing.base
            arrays[id(whole)] = whole if isinstance(whole, np.ndarray) else thing
        elif isinstance(thing, list | tuple):
            waiting += [part for part in thing if not isinstance(part, int | str)]
        elif hasattr(thing, "__dict__") and type(thing).__module__.startswith("neurograph"):
            waiting += vars(thing).values()
    return sum(array.nbytes for array in arrays.values())
