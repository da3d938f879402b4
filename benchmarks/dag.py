"""An irregular network of 10,000 neurons: loss and all gradients, against PyTorch, scipy, JAX and NEAT."""

from __future__ import annotations

from functools import partial

import numpy as np
from measure import Contender, Section, repeated
from peers.scipy_levels import ScipyLevels
from peers.torch_levels import TorchLevels

import neurograph as ng

BATCH = 64


def measure() -> Section:
    net = ng.random_network(inputs=100, hidden=9890, outputs=10, fan_in=18, biases=1, seed=0)
    fast = ng.compile_network(net, backend="numba")
    layout = fast.layout
    section = Section(
        "Irregular network",
        f"random, {len(layout.neurons):,} neurons, {len(layout.sources):,} edges, "
        f"{len(layout.level_starts) - 1} levels, tanh, batch {BATCH}, squared loss: loss and all gradients",
        unit="ms",
    )
    X, Y = draw_data(100, 10)
    programs = {
        "neurograph numba": fast,
        "neurograph numba, float32": ng.compile_network(net, backend="numba", dtype=np.float32),
        "neurograph numpy": ng.compile_network(net, backend="numpy"),
    }
    torches = {
        f"PyTorch {name}, {threads} threads": getattr(TorchLevels(layout, threads), method)
        for name, method in (("index_add", "loss_and_gradient"), ("cat", "loss_and_gradient_by_joining"))
        for threads in (1, 2)
    }
    scipys = {"scipy CSR per level": ScipyLevels(layout).loss_and_gradient}
    reference = fast.gradient(X, Y)[1]
    for name, loss_and_gradient in (torches | scipys).items():
        section.agree(f"gradient, {name}", reference, loss_and_gradient(X, Y)[1], tolerance=1e-9)
    for name, program in programs.items():
        tolerance = 1e-4 if program.dtype == np.float32 else 1e-9
        section.agree(f"gradient, {name}", program.gradient(X, Y)[1], reference, tolerance=tolerance)
    section.race(
        *(Contender(name, repeated(partial(p.gradient, X, Y), 5), 5) for name, p in programs.items()),
        *(Contender(name, partial(run, X, Y)) for name, run in scipys.items()),
    )
    section.race(*(Contender(name, partial(run, X, Y), threads=int(name.split()[-2])) for name, run in torches.items()))
    return section


def draw_data(inputs: int, outputs: int, samples: int = BATCH) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.normal(size=(samples, inputs)), generator.normal(size=(samples, outputs))
