"""The main job, shown: the text's network walked both ways, an irregular one trained on real data."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from neurograph.commands import GOOD, PROBLEM, score
from neurograph.console import say
from neurograph.files import load, read_csv, save
from neurograph.learning import InverseTimeDecay, fit
from neurograph.network import check, example_network, kind, layers, outputs, randomize_weights
from neurograph.network.schema import Edge, Net
from neurograph.walk import backward, backward_steps, check_gradients, forward, forward_steps
from neurograph.walk.notation import MINUS, TEXT, number
from neurograph.walk.steps import GradientStep, Step

X, Y = [0.5], [1.0]
TRAINING_ROWS = 105
EPOCHS = 60
SEED = 0


def show_demo(options: argparse.Namespace) -> int:
    """Print the demonstration; it writes nothing but a temporary file."""
    net = example_network()
    _show_network(net)
    _show_forward(net)
    _show_backward(net)
    return GOOD if _show_training() else PROBLEM


def _show_network(net: Net) -> None:
    _headline("1", f"A network is a graph: {len(net)} neurons, {net.number_of_edges()} edges, checked")
    say(check(net))
    for i, layer in enumerate(layers(net), start=1):
        names = [f"{neuron} ({kind(net, neuron)})" for neuron in layer]
        say(f"  layer {i}: {', '.join(names)}")


def _show_forward(net: Net) -> None:
    _headline("2", f"Forward: {X[0]} goes in, neuron after neuron; the sixth in full")
    trace = forward(net, X)
    _print_steps(step for step in forward_steps(net, X) if step.neuron == 6)
    say(f"all values: {_all('y', trace.value)}")


def _show_backward(net: Net) -> None:
    _headline(
        "3", f"Backward: {Y[0]:g} was wanted; the ninth and the fourth neuron, and the weight between 4 and 6"
    )
    trace = backward(net, X, Y)
    steps = list(backward_steps(net, X, Y))
    _print_steps(step for step in steps if step.neuron in (9, 4) and step.edge is None)
    edge: Edge = (4, 6)
    _print_steps(step for step in steps if isinstance(step, GradientStep) and step.edge == edge)
    say(f"all deltas: {_all('δ', trace.delta)}")
    say("that gradient once more, by a finite difference, (L(w + h) − L(w − h)) / 2h with h = 0.00001:")
    for name, gradient in (("walk", trace.gradient[edge]), ("difference", _difference(net, edge))):
        say(f"  {name:<11} {gradient:.10f}".replace("-", MINUS))
    say(str(check_gradients(net, X, Y)).splitlines()[0])


def _difference(net: Net, edge: Edge, h: float = 1e-5) -> float:
    """Compute the derivative of the loss by one weight from two walks."""
    loss = []
    for change in (h, -h):
        copy = net.copy()
        copy.edges[edge]["weight"] += change
        loss.append((forward(copy, X).outputs[0] - Y[0]) ** 2)
    return float((loss[0] - loss[1]) / (2 * h))


def _show_training() -> bool:
    """Train the irregular network on real data; say whether a saved copy of it gives the same outputs."""
    _headline("4", "An irregular network learns from real data: the sizes of 150 irises")
    net = load(examples_folder() / "iris.json")
    table_x, table_y = read_csv(examples_folder() / "iris.csv", net, targets=["species"])
    say(f"iris.json: {len(net)} neurons, {net.number_of_edges()} edges; iris.csv: {len(table_x)} rows")
    say(check(net))
    order = np.random.default_rng(SEED).permutation(len(table_x))
    train, test = order[:TRAINING_ROWS], order[TRAINING_ROWS:]
    randomize_weights(net, method="normal", scale=0.5, seed=SEED)
    say(f"\ntraining point by point on {len(train)} flowers, with a step size that falls:")
    schedule = InverseTimeDecay(0.2, decay=0.05)
    history = fit(
        net, table_x[train], table_y[train], learning_rate=schedule, epochs=EPOCHS, seed=SEED, progress=True
    )
    say(history)
    say(f"on the {len(test)} flowers that it did not see: {score(net, table_x[test], table_y[test])}")
    return _show_round_trip(net, table_x[test])


def _show_round_trip(net: Net, table: np.ndarray) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trained.json"
        save(net, path)
        again = load(path)
    before, after = (np.column_stack(forward(n, table).outputs) for n in (net, again))
    same = before.tobytes() == after.tobytes()
    names = ", ".join(str(neuron) for neuron in outputs(again))
    verdict = "bitwise equal" if same else "DIFFERENT"
    say(f"saved, loaded back: the outputs of {names} on these flowers are {verdict}")
    return same


def examples_folder() -> Path:
    """Return the folder of the example files: beside the package in a checkout, inside it when installed."""
    here = Path(__file__).parent
    inside = here / "examples"
    return inside if inside.is_dir() else here.parent / "examples"


def _all(letter: str, numbers: dict[object, object]) -> str:
    return ", ".join(f"{TEXT.symbol(letter, neuron)} = {number(x)}" for neuron, x in numbers.items())


def _headline(label: str, text: str) -> None:
    say(f"\n── {label} ── {text}\n")


def _print_steps(steps: Iterable[Step]) -> None:
    for step in steps:
        say(step)
