"""The main job, shown: the text's network walked forward and backward, and an irregular one trained on real data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from neurograph.commands import score
from neurograph.console import say
from neurograph.files import load, read_csv, save
from neurograph.learning import InverseTimeDecay, fit
from neurograph.network import check, example_network, kind, layers, outputs, randomize_weights
from neurograph.network.schema import Edge, Net
from neurograph.walk import backward_steps, check_gradients, forward, forward_steps
from neurograph.walk.notation import number
from neurograph.walk.steps import GradientStep, Step

X, Y = [0.5], [1.0]
EPOCHS = 60
SEED = 0


def run_demo() -> None:
    """Print the demonstration; it writes nothing but a temporary file."""
    net = example_network()
    _show_network(net)
    _show_forward(net)
    _show_backward(net)
    _show_training()


def _show_network(net: Net) -> None:
    _headline("1", "A network is a graph: nine neurons, twelve edges, checked")
    say(check(net))
    for i, layer in enumerate(layers(net), start=1):
        names = [f"{neuron} ({kind(net, neuron)})" for neuron in layer]
        say(f"  layer {i}: {', '.join(names)}")


def _show_forward(net: Net) -> None:
    _headline("2", "Forward: feed in 0.5 and look at the sixth neuron")
    _print_steps(step for step in forward_steps(net, X) if step.neuron == 6)
    say(f"the output of the network, neuron 9: {number(forward(net, X).outputs[0])}")


def _show_backward(net: Net) -> None:
    _headline(
        "3", "Backward: the target is 1; the ninth and the fourth neuron, and the weight between 4 and 6"
    )
    steps = list(backward_steps(net, X, Y))
    _print_steps(step for step in steps if step.neuron in (9, 4) and step.edge is None)
    edge: Edge = (4, 6)
    gradient = next(step for step in steps if isinstance(step, GradientStep) and step.edge == edge)
    say(gradient)
    say("the same by a finite difference, (L(w + h) − L(w − h)) / 2h:")
    say(f"  walk {gradient.result:.12f}   difference {_difference(net, edge):.12f}")
    say(str(check_gradients(net, X, Y)).splitlines()[0])


def _difference(net: Net, edge: Edge, h: float = 1e-5) -> float:
    """Compute the derivative of the loss by one weight from two walks."""
    loss = []
    for change in (h, -h):
        copy = net.copy()
        copy.edges[edge]["weight"] += change
        loss.append((forward(copy, X).outputs[0] - Y[0]) ** 2)
    return float((loss[0] - loss[1]) / (2 * h))


def _show_training() -> None:
    _headline("4", "An irregular network learns from real data: Fisher's 150 irises")
    net = load(examples_folder() / "iris.json")
    table_x, table_y = read_csv(examples_folder() / "iris.csv", net, targets=["species"])
    say(f"iris.json: {len(net)} neurons, {net.number_of_edges()} edges")
    say(check(net))
    order = np.random.default_rng(SEED).permutation(len(table_x))
    train, test = order[:105], order[105:]
    randomize_weights(net, method="normal", scale=0.5, seed=SEED)
    say(f"\ntraining point by point on {len(train)} flowers, with a step size that falls:")
    schedule = InverseTimeDecay(0.2, decay=0.05)
    history = fit(
        net, table_x[train], table_y[train], learning_rate=schedule, epochs=EPOCHS, seed=SEED, progress=True
    )
    say(history)
    say(f"on the {len(test)} flowers that it did not see: {score(net, table_x[test], table_y[test])}")
    _show_round_trip(net, table_x[test])


def _show_round_trip(net: Net, table: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trained.json"
        save(net, path)
        again = load(path)
    before, after = (np.column_stack(forward(n, table).outputs) for n in (net, again))
    verdict = "bitwise equal" if before.tobytes() == after.tobytes() else "DIFFERENT"
    names = ", ".join(str(neuron) for neuron in outputs(again))
    say(f"saved, loaded back: outputs of {names} on these flowers are {verdict}")


def examples_folder() -> Path:
    """Return the folder of the example files: beside the package in a checkout, inside it when installed."""
    here = Path(__file__).parent
    inside = here / "examples"
    return inside if inside.is_dir() else here.parent / "examples"


def _headline(label: str, text: str) -> None:
    say(f"\n── {label} ── {text}\n")


def _print_steps(steps: Iterable[Step]) -> None:
    for step in steps:
        say(step)
