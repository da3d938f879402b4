"""Builds the example networks, so that nobody edits them by hand: python examples/build.py [FOLDER]."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import networkx as nx

import neurograph as ng


def text_network() -> nx.DiGraph:
    """The running example of the text: nine neurons, twelve edges."""
    return ng.example_network()


def xor_network() -> nx.DiGraph:
    """XOR with one hidden neuron, which two skip edges from the inputs to the output make possible."""
    net = nx.DiGraph()
    for name in ("a", "b"):
        ng.add_input(net, name)
    ng.add_bias(net, "one")
    ng.add_hidden(net, "both", activation="tanh")
    ng.add_output(net, "xor", activation="logistic")
    for source, weight in (("a", 0.5), ("b", 0.4), ("one", -0.3)):
        ng.connect(net, source, "both", weight=weight)
    for source, weight in (("a", 0.2), ("b", 0.1), ("one", -0.1), ("both", -0.5)):
        ng.connect(net, source, "xor", weight=weight)
    return net


# Where each measurement of the irises lies and how far it spreads, rounded: (mean, deviation) in cm.
MEASUREMENTS = {
    "sepal_length": (5.8, 0.8),
    "sepal_width": (3.1, 0.4),
    "petal_length": (3.8, 1.8),
    "petal_width": (1.2, 0.8),
}

# What feeds what: sparse, irregular, with skip edges past "shape" and "narrow".
IRIS_EDGES = {
    "size": ("sepal_length_scaled", "petal_length_scaled", "petal_width_scaled"),
    "shape": ("sepal_width_scaled", "size"),
    "narrow": ("petal_width_scaled", "size", "shape"),
    "setosa": ("size", "sepal_width_scaled"),
    "versicolor": ("size", "shape", "narrow"),
    "virginica": ("narrow", "petal_length_scaled", "petal_width_scaled"),
}


def iris_network() -> nx.DiGraph:
    """An irregular network for the irises; frozen edges bring the centimetres to a common scale."""
    net = nx.DiGraph()
    for name in MEASUREMENTS:
        ng.add_input(net, name)
    ng.add_bias(net, "one")
    for name, (mean, deviation) in MEASUREMENTS.items():
        scaled = f"{name}_scaled"
        ng.add_hidden(net, scaled, activation="identity")
        ng.connect(net, name, scaled, weight=1.0 / deviation, trainable=False)
        ng.connect(net, "one", scaled, weight=-mean / deviation, trainable=False)
    for name, sources in IRIS_EDGES.items():
        if name in ("size", "shape", "narrow"):
            ng.add_hidden(net, name, activation="tanh")
        else:
            ng.add_output(net, name, activation="logistic")
        for source in (*sources, "one"):
            ng.connect(net, source, name)
    ng.randomize_weights(net, method="normal", scale=0.5, seed=0)
    return net


# One broken network for each family of findings: what is changed in the text's network to break it.
BROKEN = {
    "cycles": {"edges": [(7, 4, 0.5), (3, 3, 0.1)]},
    "ends": {
        "nodes": {1: {"kind": "hidden", "activation": "tanh"}, 9: {"kind": "hidden", "activation": "tanh"}}
    },
    "kinds": {"nodes": {3: {}, 4: {"kind": "hiden", "activation": "logistic"}}},
    "functions": {
        "nodes": {
            2: {"kind": "bias", "activation": "tanh"},
            3: {"kind": "hidden"},
            4: {"kind": "hidden", "activation": "relux"},
        }
    },
    "sources": {"edges": [(3, 1, 0.5), (4, 2, 0.5)]},
    "unfed": {"nodes": {10: {"kind": "hidden", "activation": "logistic"}}, "edges": [(10, 9, 0.5)]},
    "weights": {"edges": [(1, 3, None), (4, 6, "0.5"), (6, 9, True)], "trainable": {(7, 9): "no"}},
    "departures": {
        "nodes": {
            10: {"kind": "hidden", "activation": "step"},
            11: {"kind": "bias"},
            12: {"kind": "output", "activation": "tanh"},
        },
        "edges": [(1, 9, 0.5), (11, 10, 0.5), (3, 12, 0.5), (12, 7, 0.5)],
    },
    "layers": {
        "nodes": {
            10: {"kind": "bias"},
            11: {"kind": "input"},
            12: {"kind": "output", "activation": "tanh"},
        },
        "edges": [(10, 4, 0.5), (11, 6, 0.5), (3, 12, 0.5), (5, 12, 0.5)],
    },
}


def broken_document(changes: dict) -> str:
    """Write the text's network with these changes, as JSON that no call of the library would write."""
    document = json.loads(ng.dumps(ng.example_network()))
    nodes = {node["id"]: node for node in document["nodes"]}
    nodes |= {key: {"id": key, **node} for key, node in changes.get("nodes", {}).items()}
    edges = {(edge["source"], edge["target"]): edge for edge in document["edges"]}
    for source, target, weight in changes.get("edges", []):
        edges[source, target] = {"source": source, "target": target, "weight": weight}
    for edge, flag in changes.get("trainable", {}).items():
        edges[edge]["trainable"] = flag
    document |= {"nodes": list(nodes.values()), "edges": list(edges.values())}
    head = json.dumps({key: document[key] for key in document if key not in ("nodes", "edges")}, indent=1)
    rows = {key: ",\n  ".join(json.dumps(item) for item in document[key]) for key in ("nodes", "edges")}
    return f'{head[:-2]},\n "nodes": [\n  {rows["nodes"]}\n ],\n "edges": [\n  {rows["edges"]}\n ]\n}}\n'


NETWORKS = {"text": text_network, "xor": xor_network, "iris": iris_network}


def build(folder: Path) -> list[Path]:
    """Write every example network into a folder; return the files."""
    (folder / "broken").mkdir(parents=True, exist_ok=True)
    for name, network in NETWORKS.items():
        ng.save(network(), folder / f"{name}.json")
    for name, changes in BROKEN.items():
        (folder / "broken" / f"{name}.json").write_bytes(broken_document(changes).encode())
    names = [*NETWORKS, *(f"broken/{name}" for name in BROKEN)]
    return [folder / f"{name}.json" for name in names]


if __name__ == "__main__":
    print(*build(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent), sep="\n")
