"""The text's cat network: the bits of a picture of 200 × 200 grey dots, and one bit that says: cat or no cat.

Run as a program, it does the work in a process of its own and prints what it found: so the peak of the
memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from measure import Claim, Section, Timing

import neurograph as ng

SIDE, BITS, PATCH, LOOKERS = 200, 8, 10, 3  # each patch of 10 × 10 dots has three neurons that look at it
CAT = "chelsea.png"
OTHERS = ("astronaut.png", "coffee.png", "rocket.jpg", "camera.png")
UNSEEN = ("coins.png", "brick.png", "grass.png", "moon.png")  # pictures of which training sees nothing
TRAIN, TEST = 160, 80  # crops, one half of them of the cat
EPOCHS, BATCH, RATE = 8, 16, 0.005


def measure() -> Section:
    done = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    section = Section(
        "The cat network",
        f"{found['inputs']:,} inputs, {found['edges']:,} edges, tanh and one logistic output, cross entropy, "
        f"{TRAIN} crops of scikit-image's cat and of {len(OTHERS)} other pictures, batches of {BATCH}, "
        f"{EPOCHS} epochs; one run",
    )
    section.timings = [Timing(name, 1, seconds) for name, seconds in found["seconds"].items()]
    section.claims.append(
        Claim("peak memory of the cat network", found["gibibytes"], 4, at_least=False, unit=" GiB")
    )
    section.notes += [
        f"loss by epoch: {', '.join(f'{loss:.3f}' for loss in found['losses'])}",
        *(f"right on {name}: {share:.0%}" for name, share in found["accuracies"].items()),
        "Training takes its crops from the left half of each picture, the test from the right half. There is "
        "one cat only: the test asks for another part of the same photograph, not for another cat.",
    ]
    return section


def work() -> dict[str, object]:
    """Build, check, compile and train; return all that is to be told."""
    seconds: dict[str, list[float]] = {}

    def clocked(name, run):
        start = time.perf_counter()
        result = run()
        seconds[name] = [time.perf_counter() - start]
        return result

    net = clocked("build the graph", cat_network)
    report = clocked("check", lambda: ng.check(net))
    assert report.ok, str(report)
    assert report.layered, str(report)
    clocked("compile", lambda: ng.compile_network(net))
    generator = np.random.default_rng(0)
    X, Y = crops([CAT, *OTHERS], "left", TRAIN, generator)
    ends = [time.perf_counter()]
    history = ng.fit(
        net, X, Y, loss="cross_entropy", learning_rate=RATE, epochs=EPOCHS, batch_size=BATCH, seed=0,
        callbacks=lambda _: ends.append(time.perf_counter()) is not None,
    )  # fmt: skip
    seconds["one step of training, a batch"] = (np.diff(ends[1:]) / -(-TRAIN // BATCH)).tolist()
    program = ng.compile_network(net)
    accuracies = {"the crops that trained it": accuracy(program, X, Y)}
    del X
    accuracies["crops of the other half of the pictures"] = accuracy(
        program, *crops([CAT, *OTHERS], "right", TEST, generator)
    )
    accuracies["crops of four other pictures, none a cat"] = accuracy(
        program, *crops(UNSEEN, "whole", TEST, generator)
    )
    return {
        "inputs": SIDE * SIDE * BITS,
        "edges": net.number_of_edges(),
        "losses": history.losses,
        "seconds": seconds,
        "accuracies": accuracies,
        "gibibytes": peak_memory(),
    }


def cat_network() -> ng.network.schema.Net:
    """Name inputs (row, column, bit) and hidden neurons ("sees", row, column, k)."""
    import networkx as nx

    net = nx.DiGraph()
    dots = [(row, column, bit) for row in range(SIDE) for column in range(SIDE) for bit in range(BITS)]
    net.add_nodes_from(dots, kind="input")
    net.add_nodes_from(["one", "one more"], kind="bias")
    for row in range(0, SIDE, PATCH):
        for column in range(0, SIDE, PATCH):
            for k in range(LOOKERS):
                add_looker(net, ("sees", row, column, k))
    net.add_node("cat", kind="output", activation="logistic")
    lookers = [neuron for neuron, kind in net.nodes(data="kind") if kind == "hidden"]
    net.add_edges_from(((looker, "cat") for looker in [*lookers, "one more"]), weight=0.0)
    ng.randomize_weights(net, method="glorot", seed=0)
    return net


def add_looker(net, neuron: tuple[str, int, int, int]) -> None:
    """Add a hidden neuron that looks at the patch whose corner its key names."""
    _, top, left, _ = neuron
    net.add_node(neuron, kind="hidden", activation="tanh")
    net.add_edges_from(
        (((row, column, bit), neuron)
        for row in range(top, top + PATCH) for column in range(left, left + PATCH) for bit in range(BITS)),
        weight=0.0,
    )  # fmt: skip
    net.add_edge("one", neuron, weight=0.0)


def crops(names, half: str, count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cut crops at random places of one half of each picture, in turns; every second one shows the cat."""
    pictures = {name: halved(grey(name), half) for name in names}
    others = [name for name in names if name != CAT]
    X, Y = np.empty((count, SIDE * SIDE * BITS), dtype=np.uint8), np.zeros((count, 1), dtype=np.uint8)
    for i in range(count):
        cat = CAT in pictures and i % 2 == 0
        picture = pictures[CAT if cat else others[i // 2 % len(others)]]
        top, left = (int(generator.integers(size - SIDE + 1)) for size in picture.shape)
        X[i] = np.unpackbits(picture[top : top + SIDE, left : left + SIDE, None], axis=2).ravel()
        Y[i] = cat
    return X, Y


def grey(name: str) -> np.ndarray:
    """Read a picture that lies in the wheel of scikit-image; nothing is downloaded."""
    import skimage
    from PIL import Image

    return np.asarray(Image.open(Path(skimage.__file__).parent / "data" / name).convert("L"))


def halved(picture: np.ndarray, half: str) -> np.ndarray:
    middle = picture.shape[1] // 2
    return {"left": picture[:, :middle], "right": picture[:, middle:], "whole": picture}[half]


def peak_memory() -> float:
    """Return the most gibibytes that this process has held.

    Linux counts into ``ru_maxrss`` what the process held that started this one, here the other benchmarks.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def accuracy(program: ng.Program, X: np.ndarray, Y: np.ndarray) -> float:
    return float(((program.forward(X) > 0.5) == Y).mean())


if __name__ == "__main__":
    print(json.dumps(work()))
