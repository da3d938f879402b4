"""The text's network, one point after the other: compiled, and on plain Python numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from measure import Contender, Seconds, Section, timed
from peers.in_c import FLAGS, compiled
from peers.in_node import Node

import neurograph as ng
from neurograph.engine.updates import Memory
from neurograph.functions import find_loss
from neurograph.learning import SGD

POINTS, RATE = 1_000_000, 0.1
FEW = 20_000  # for the slow peers; their time is per step
LIBRARIES = ("synaptic", "neataptic")


def measure() -> Section:
    section = Section(
        "Points one by one",
        f"the text's network, 12 edges, logistic, squared loss, plain descent with rate {RATE}, {POINTS:,} "
        f"points (numpy backend and node: {FEW:,}, micrograd: {FEW // 10:,}), float64; time per step",
        unit="ns",
    )
    x, t = draw_points(POINTS)
    weights = ng.compile_network(ng.example_network()).weights
    contenders = [
        Contender("neurograph fit, numba", partial(fit, x, t, "numba"), POINTS),
        Contender(
            "neurograph fit, numba, cross entropy", partial(fit, x, t, "numba", "cross_entropy"), POINTS
        ),
        Contender("neurograph engine alone, numba", partial(engine_alone, x, t), POINTS),
        Contender("neurograph fit, numpy", partial(fit, x[:FEW], t[:FEW], "numpy"), FEW),
    ]
    ours = after(fit(x[:FEW], t[:FEW], "numba"))
    section.agree("weights, numpy backend", after(fit(x[:FEW], t[:FEW], "numpy")), ours, tolerance=1e-9)
    with section.peer("C"):
        contenders.append(meet_c(section, x, t, weights, ours))
    with section.peer("micrograd"):
        contenders.append(meet_micrograd(section, x, t, weights, ours))
    with section.peer("synaptic and neataptic"), Node() as node:
        contenders += [meet_node(section, node, name, x, t, weights) for name in LIBRARIES]
        section.race(*contenders)
    if not section.timings:
        section.race(*contenders)
    claim(section)
    return section


def claim(section: Section) -> None:
    there = {timing.name for timing in section.timings}
    if "C" in there:
        section.within("a step against C", "neurograph fit, numba", "C", at_most=2.0)
    if "micrograd" in there:
        section.faster("a step against micrograd", "neurograph fit, numba", "micrograd", at_least=300)
        section.faster(
            "a step without numba against micrograd", "neurograph fit, numpy", "micrograd", at_least=5
        )
    for name in there & set(LIBRARIES):
        ours = "neurograph fit, numba, cross entropy"
        section.faster(f"a step against {name}, neuron by neuron", ours, name, at_least=2)


def draw_points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs, and a smooth function of them between 0 and 1 as targets."""
    x = np.random.default_rng(0).uniform(-2.0, 2.0, size=(count, 1))
    return x, 0.5 + 0.4 * np.sin(2.0 * x)


def fit(x: np.ndarray, t: np.ndarray, backend: str, loss: str = "squared") -> Any:
    net = ng.example_network()
    ng.fit(net, x, t, batch_size=1, shuffle=False, learning_rate=RATE, backend=backend, loss=loss)
    return net


def after(net: Any) -> np.ndarray:
    return ng.compile_network(net).weights


def engine_alone(x: np.ndarray, t: np.ndarray) -> Seconds:
    """Time the loop alone: no checks, no graph."""
    program = ng.compile_network(ng.example_network(), backend="numba")
    rule = SGD().rule(weight_decay=0.0, clip_norm=0.0)
    memory, rows, rates = Memory.empty(rule, 12, np.float64), np.arange(len(x)), np.full(len(x), RATE)
    loss = find_loss("squared")
    return timed(partial(program.engine.train, program.weights, x, t, rows, 1, loss, rule, memory, rates))


def meet_c(
    section: Section, x: np.ndarray, t: np.ndarray, weights: np.ndarray, ours: np.ndarray
) -> Contender:
    train = compiled()
    theirs = weights.copy()
    train(x[:FEW], t[:FEW], theirs, RATE)
    section.agree(f"weights after {FEW:,} points, C", ours, theirs, tolerance=1e-9)
    section.notes.append(
        f"C: gcc {' '.join(FLAGS)}, weights in local variables, called with the same arrays."
    )
    return Contender("C", lambda: train(x, t, weights.copy(), RATE), POINTS)


def meet_micrograd(
    section: Section, x: np.ndarray, t: np.ndarray, weights: np.ndarray, ours: np.ndarray
) -> Contender:
    from peers import in_micrograd

    points, targets, start = x[:FEW, 0].tolist(), t[:FEW, 0].tolist(), weights.tolist()
    section.agree(
        f"weights after {FEW:,} points, micrograd",
        ours,
        in_micrograd.train(points, targets, start, RATE),
        tolerance=1e-9,
    )
    few = FEW // 10
    return Contender("micrograd", lambda: in_micrograd.train(points[:few], targets[:few], start, RATE), few)


def meet_node(
    section: Section, node: Node, library: str, x: np.ndarray, t: np.ndarray, weights: np.ndarray
) -> Contender:
    """Compare one tiny step: these libraries have cross entropy's derivative, and update as they go back."""
    tiny = 1e-6
    job = (x[:FEW, 0].tolist(), t[:FEW, 0].tolist())
    _, stepped = node.train(library, 1, tiny, weights.tolist(), *job)
    program = ng.compile_network(ng.example_network())
    gradient = program.gradient(x[:1], t[:1], "cross_entropy")[1]
    theirs = (weights - np.array(stepped)) / tiny
    section.agree(f"gradient of one step, {library}", gradient, theirs, tolerance=1e-5)
    return Contender(library, lambda: node.train(library, FEW, RATE, weights.tolist(), *job)[0], FEW)
