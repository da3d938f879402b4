"""How the time grows with the network: from a thousand edges to a million."""

from __future__ import annotations

from functools import partial

from dag import BATCH, draw_data
from measure import Claim, Contender, Section, repeated

import neurograph as ng
from neurograph.engine.numba_backend import MANY_EDGES

FAN_IN, INPUTS, OUTPUTS = 18, 100, 10
EDGES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


def measure() -> Section:
    section = Section(
        "Growth",
        f"random networks as above, numba backend, batch {BATCH}: loss and all gradients; "
        "time per edge and sample",
        unit="ns",
    )
    X, Y = draw_data(INPUTS, OUTPUTS)
    contenders = []
    for edges in EDGES:
        hidden = max(1, round(edges / (FAN_IN + 1)) - OUTPUTS)
        net = ng.random_network(inputs=INPUTS, hidden=hidden, outputs=OUTPUTS, fan_in=FAN_IN, seed=0)
        program, number = ng.compile_network(net, backend="numba"), net.number_of_edges()
        times = max(1, 300_000 // number)
        units = times * number * BATCH
        run = repeated(partial(program.gradient, X, Y), times)
        threads = 2 if number >= MANY_EDGES else 1
        contenders.append(Contender(f"{number:,} edges", run, units, threads=threads))
        section.growth.append(
            {"edges": number, "neurons": len(net), "levels": len(program.layout.level_starts) - 1}
        )
    section.race(*contenders)
    for row, timing in zip(section.growth, section.timings, strict=True):
        row["seconds"] = timing.median
    medians = [row["seconds"] for row in section.growth]
    section.claims.append(
        Claim(
            f"time per edge and sample, {EDGES[0]:,} to {EDGES[-1]:,} edges, largest over smallest",
            max(medians) / min(medians), 3, at_least=False,
        )
    )  # fmt: skip
    return section


def plot(section: Section, path: str) -> None:
    """Draw the growth: one line, both axes logarithmic."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
    axes.plot(
        [row["edges"] for row in section.growth], [1e9 * row["seconds"] for row in section.growth], "o-"
    )
    axes.set(
        xscale="log",
        xlabel="edges",
        ylabel="ns per edge and sample",
        title=f"loss and gradient, batch {BATCH}",
    )
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
