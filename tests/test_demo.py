"""The demonstration, run once; every number in it is computed again by other means."""

import os
import re
import tomllib
from itertools import pairwise
from math import exp

import numpy as np
import pytest
from terminal import GOOD, IRIS, IRIS_DATA, ROOT, run

import neurograph as ng

W13, W14, W23, W24 = 0.6, -0.4, 0.2, -0.2
W36, W46, W47, W56, W57 = 0.5, -0.25, 0.3, 0.1, -0.5
W69, W79, W89 = 0.8, -0.6, 0.2
INPUT, TARGET = 0.5, 1.0


def logistic(z):
    return 1 / (1 + exp(-z))


def walk(w46=W46):
    """The text's network by hand: every z, value and delta, and the loss."""
    z3, z4 = W13 * INPUT + W23, W14 * INPUT + W24
    y3, y4 = logistic(z3), logistic(z4)
    z6, z7 = W36 * y3 + w46 * y4 + W56, W47 * y4 + W57
    y6, y7 = logistic(z6), logistic(z7)
    z9 = W69 * y6 + W79 * y7 + W89
    y9 = logistic(z9)
    delta9 = 2 * (y9 - TARGET) * y9 * (1 - y9)
    delta6, delta7 = W69 * delta9 * y6 * (1 - y6), W79 * delta9 * y7 * (1 - y7)
    delta4 = (w46 * delta6 + W47 * delta7) * y4 * (1 - y4)
    return {"z6": z6, "y4": y4, "y6": y6, "y9": y9, "δ9": delta9, "δ6": delta6, "δ7": delta7, "δ4": delta4,
            "loss": (y9 - TARGET) ** 2}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demonstration prints, started in a folder of its own: output and progress."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = run("demo", cwd=folder)
    assert done.returncode == GOOD
    assert os.listdir(folder) == []
    return done.stdout.decode(), done.stderr.decode()


def printed(text, left):
    """The numbers at the end of the lines ``left = … = number``, as floats."""
    lines = re.findall(rf"{re.escape(left)} = .*?(?:\n   .*)*$", text, re.MULTILINE)
    return [float(line.rsplit("= ", 1)[1].replace("−", "-")) for line in lines]


def close(shown, exact):
    return shown == pytest.approx(exact, rel=3e-3, abs=5e-4)


def test_the_parts_come_in_the_order_of_the_story(demo):
    places = [
        demo[0].index(part)
        for part in (
            "no problems: feed-forward, 4 layers",
            "layer 4: 9 (output)",
            "neuron 6   layer 3, logistic",
            "delta of neuron 9",
            "delta of neuron 4",
            "gradient of edge 4 → 6",
            "difference",
            "iris.json",
            "not layered",
            "two chains of different length meet at neuron",
            "training point by point",
            "60 epochs",
            "flowers that it did not see",
            "saved, loaded back",
        )
    ]
    assert places == sorted(places)


def test_the_layers_are_the_text_s(demo):
    assert re.findall(r"  layer (\d): (.*)", demo[0]) == [
        ("1", "1 (input), 2 (bias)"),
        ("2", "3 (hidden), 4 (hidden), 5 (bias)"),
        ("3", "6 (hidden), 7 (hidden), 8 (bias)"),
        ("4", "9 (output)"),
    ]


def test_the_sixth_neuron_is_computed_right(demo):
    exact = walk()
    (z6,) = printed(demo[0], "  z6")
    assert close(z6, exact["z6"])
    assert close(printed(demo[0], "  y6")[0], exact["y6"])


def test_the_deltas_are_computed_right(demo):
    exact = walk()
    for neuron in ("9", "4"):
        (delta,) = printed(demo[0], f"  δ{neuron}")
        assert close(delta, exact[f"δ{neuron}"])
    line = next(line for line in demo[0].splitlines() if line.startswith("all deltas: "))
    deltas = dict(part.split(" = ") for part in line.removeprefix("all deltas: ").split(", "))
    for name in ("δ4", "δ6", "δ7", "δ9"):
        assert close(float(deltas[name].replace("−", "-")), exact[name])


def test_the_gradient_is_the_finite_difference(demo):
    h = 1e-5
    difference = (walk(W46 + h)["loss"] - walk(W46 - h)["loss"]) / (2 * h)
    exact = walk()["y4"] * walk()["δ6"]
    assert difference == pytest.approx(exact, rel=1e-8)
    for name in ("walk", "difference"):
        (shown,) = re.findall(rf"^  {name} +(\S+)$", demo[0], re.MULTILINE)
        assert float(shown.replace("−", "-")) == pytest.approx(exact, rel=1e-7)
    assert "agrees with complex step on 12 of 12 edges" in demo[0]


def test_the_witness_is_two_chains_of_the_file_s_edges_of_different_length(demo):
    net = ng.load(IRIS)
    neuron, text = re.search(r"meet at neuron '(\w+)': (.*?): nothing", demo[0]).groups()
    chains = [re.findall(r"'(\w+)'", chain) for chain in text.split(" and ")]
    assert len(chains[0]) != len(chains[1])
    assert chains[0][0] == chains[1][0]
    for chain in chains:
        assert chain[-1] == neuron
        assert all(net.has_edge(a, b) for a, b in pairwise(chain))


def test_progress_is_shown_while_it_trains(demo):
    assert re.search(r"\b1/60\b|\b6/60\b", demo[1])
    assert re.search(r"\b60/60\b.*loss 0\.\d+", demo[1])


def test_the_accuracy_is_that_of_a_fresh_training_on_rows_it_did_not_see(demo):
    net = ng.load(IRIS)
    X, Y = ng.read_csv(IRIS_DATA, net, targets=["species"])
    order = np.random.default_rng(0).permutation(150)
    train, test = order[:105], order[105:]
    ng.randomize_weights(net, method="normal", scale=0.5, seed=0)
    history = ng.fit(
        net, X[train], Y[train], learning_rate=ng.InverseTimeDecay(0.2, decay=0.05), epochs=60, seed=0
    )
    outputs = [ng.forward(net, x).outputs for x in X[test]]
    right = sum(
        values.index(max(values)) == y.tolist().index(1.0) for values, y in zip(outputs, Y[test], strict=True)
    )
    squares = [
        (a - b) ** 2
        for values, y in zip(outputs, Y[test], strict=True)
        for a, b in zip(values, y, strict=True)
    ]
    shown, count = re.search(r"mean squared error (\S+), (\d+) of 45 right", demo[0]).groups()
    assert int(count) == right >= 40
    assert close(float(shown), sum(squares) / len(squares))
    assert str(history) in demo[0]


def test_the_saved_network_gives_the_same_bits(demo):
    assert demo[0].splitlines()[-1].endswith("on these flowers are bitwise equal")


def test_a_wheel_carries_the_files_that_the_demonstration_shows():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    shown = re.findall(
        r'examples_folder\(\) / "(.*?)"', (ROOT / "neurograph/demo.py").read_text(encoding="utf-8")
    )
    assert shown
    assert carried == {f"examples/{name}": f"neurograph/examples/{name}" for name in sorted(shown)}
    assert all((ROOT / source).is_file() for source in carried)
