"""An irregular network of 10,000 neurons: loss and all gradients, against PyTorch, scipy, JAX and NEAT."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from measure import Contender, Section, Timing, repeated
from peers.in_connex import compare as compare_with_connex

import neurograph as ng

BATCH, NEURONS, CONNEX_NEURONS = 64, 10_000, 300
DEEP, SHALLOW = "reach 300", "any reach"
GRAPHS = {DEEP: 300, SHALLOW: None}  # how far back a source lies, in neurons: many levels and few


def measure() -> Section:
    section = Section(
        "Irregular network",
        f"random, {NEURONS:,} neurons, edges that skip many levels, tanh, batch {BATCH}, squared loss: loss "
        "and all gradients, float64 unless said. In the first network a source lies at most 300 neurons "
        "back, which makes a thousand levels: the bounds are for it. In the second it lies anywhere, which "
        "makes few and wide ones, as libraries of layers like them",
        unit="ms",
    )
    for graph, reach in GRAPHS.items():
        net = ng.random_network(inputs=100, hidden=9890, outputs=10, fan_in=18, reach=reach, seed=0)
        race(section, graph, net)
    meet_neat(section)
    meet_connex(section)
    return section


def race(section: Section, graph: str, net: ng.network.schema.Net) -> None:
    """Let all compute the gradient of one network, after comparing what they find."""
    X, Y = draw_data(100, 10)
    fast = ng.compile_network(net, backend="numba")
    layout = fast.layout
    programs = {
        "neurograph numba": fast,
        "neurograph numba, float32": ng.compile_network(net, backend="numba", dtype=np.float32),
        "neurograph numpy": ng.compile_network(net, backend="numpy"),
    }
    reference = fast.gradient(X, Y)[1]
    contenders = []
    for name, program in programs.items():
        tolerance = 1e-4 if program.dtype == np.float32 else 1e-9
        section.agree(f"gradient, {graph}, {name}", program.gradient(X, Y)[1], reference, tolerance=tolerance)
        threads = 2 if program.backend == "numba" else 1
        run = repeated(partial(program.gradient, X, Y), 3)
        contenders.append(Contender(f"{name}, {graph}", run, 3, threads=threads))
    for name, threads, differentiate in peers(section, layout):
        section.agree(f"gradient, {graph}, {name}", differentiate(X, Y)[1], reference, tolerance=1e-9)
        contenders.append(Contender(f"{name}, {graph}", partial(differentiate, X, Y), threads=threads))
    section.notes.append(f"{graph}: {len(layout.sources):,} edges in {len(layout.level_starts) - 1} levels")
    section.race(*contenders)
    claim(section, graph, [contender.name for contender in contenders])


def peers(section: Section, layout):
    """List the peers that can be had: name, threads, and the function of X and Y."""
    found = []
    with section.peer("scipy"):
        from peers.scipy_levels import ScipyLevels

        found.append(("scipy CSR per level", 1, ScipyLevels(layout).loss_and_gradient))
    with section.peer("PyTorch"):
        from peers.torch_levels import TorchLevels

        for threads in (1, 2):
            levels = TorchLevels(layout, threads)
            found.append((f"PyTorch index_add, {threads} thread", threads, levels.loss_and_gradient))
            found.append((f"PyTorch cat, {threads} thread", threads, levels.loss_and_gradient_by_joining))
    return found


def claim(section: Section, graph: str, names: list[str]) -> None:
    """Compare with the fastest of the formulations that the issue names, and tell of the other too."""
    bounds = {"torch": 100, "alone": 5, "scipy": 2, "single": 1.6} if graph == DEEP else {}
    ours, alone = f"neurograph numba, {graph}", f"neurograph numpy, {graph}"
    by_index = [name for name in names if "index_add" in name]
    by_joining = [name for name in names if "PyTorch cat" in name]
    if by_index:
        fastest = section.fastest(*by_index)
        section.faster(
            f"{graph}: against PyTorch by index_add per level", ours, fastest, at_least=bounds.get("torch")
        )
        section.faster(
            f"{graph}: numpy backend against the same", alone, fastest, at_least=bounds.get("alone")
        )
        joined = section.fastest(*by_joining)
        section.faster(f"{graph}: against PyTorch that joins levels instead", ours, joined, at_least=None)
    if f"scipy CSR per level, {graph}" in names:
        section.faster(
            f"{graph}: against scipy CSR per level",
            ours,
            f"scipy CSR per level, {graph}",
            at_least=bounds.get("scipy"),
        )
    single = f"neurograph numba, float32, {graph}"
    section.faster(f"{graph}: float32 against float64", single, ours, at_least=bounds.get("single"))


def draw_data(inputs: int, outputs: int, samples: int = BATCH) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.normal(size=(samples, inputs)), generator.normal(size=(samples, outputs))


def meet_neat(section: Section) -> None:
    """neat-python computes forward only, one sample at a time, in plain Python."""
    net = ng.random_network(inputs=100, hidden=890, outputs=10, fan_in=18, biases=0, seed=0)
    X, _ = draw_data(100, 10)
    program = ng.compile_network(net)
    with section.peer("neat-python"):
        from neat.nn import FeedForwardNetwork

        weights = ng.weights(net)
        order = [neuron for neuron in program.neurons if neuron not in set(ng.inputs(net))]
        evaluations = [
            (j, math.tanh, sum, 0.0, 1.0, [(i, weights[i, j]) for i in net.predecessors(j)]) for j in order
        ]
        peer = FeedForwardNetwork(ng.inputs(net), ng.outputs(net), evaluations)

        def forward() -> list[list[float]]:
            return [peer.activate(sample) for sample in X.tolist()]

        section.agree("outputs, 1,000 neurons, neat-python", program.forward(X), forward(), tolerance=1e-9)
        ours, theirs = "neurograph forward, 1,000 neurons", "neat-python forward, 1,000 neurons"
        section.race(Contender(ours, partial(program.forward, X)), Contender(theirs, forward))
        section.faster("1,000 neurons, forward only, against neat-python", ours, theirs, at_least=None)


def meet_connex(section: Section) -> None:
    """connex compiles every level apart, so the network is as small as its time to compile demands."""
    with section.peer("connex"):
        found = compare_with_connex(CONNEX_NEURONS)
        size = f"{CONNEX_NEURONS:,} neurons and {found['edges']:,} edges"
        ours, theirs = f"neurograph, {size}", f"connex, {size}"
        section.timings += [
            Timing(ours, 1, found["seconds"]["neurograph"]),
            Timing(theirs, 2, found["seconds"]["connex"]),
        ]
        section.agreements.append(f"{found['agreement']} (connex)")
        section.notes.append(f"connex took {found['compiled']:.0f} s to build and compile {size}")
        section.faster(f"{size}, against connex", ours, theirs, at_least=None)
