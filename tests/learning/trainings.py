"""A small training, and what the tests of its checkpoints share."""

import importlib.util
import json
import sys

import numpy as np
import pytest

import neurograph as ng
from neurograph.files.arrays import PackedArrays, pack_arrays

BACKENDS = ["numpy"] + ["numba"] * (importlib.util.find_spec("numba") is not None)
OPTIMIZERS = {
    "sgd": ng.SGD(),
    "momentum": ng.SGD(momentum=0.9),
    "nesterov": ng.SGD(momentum=0.9, nesterov=True),
    "rmsprop": ng.RMSprop(),
    "adam": ng.Adam(),
    "rprop": ng.Rprop(),
}
EPOCHS = 12
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and limits of Unix")


def network():
    """A network with an edge over a layer and a frozen edge."""
    net = ng.mlp([2, 3, 2], activation="tanh", seed=1)
    first, *_, last = (*ng.inputs(net), *ng.outputs(net))
    ng.connect(net, first, last, weight=0.25)
    ng.freeze(net, [next(iter(net.edges))])
    return net


def points(samples=7, seed=2):
    generator = np.random.default_rng(seed)
    return generator.uniform(-1, 1, (samples, 2)), generator.uniform(-1, 1, (samples, 2))


X, Y = points()


def trained(file=None, **options):
    """Train a fresh network; return it and its history."""
    net = network()
    options = {"learning_rate": 0.01, "epochs": EPOCHS, "seed": 3, "backend": "numpy"} | options
    return net, ng.fit(net, X, Y, checkpoint=file, **options)


def copies_of_every_epoch(file, **options):
    """Train with a checkpoint after every epoch; return what the file held after each, and the net."""
    copies = {}
    keep = lambda history: copies.setdefault(history.epochs, file.read_bytes())  # noqa: E731
    net, history = trained(file, callbacks=[keep], **options)
    return copies, net, history


def same(net, other):
    return ng.weights(net) == ng.weights(other)


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def repacked(data, arrays=None, leave_out=(), **about):
    """The content of a checkpoint with members, or values of ``about``, replaced and sealed again."""
    packed = PackedArrays(data, name="the file")
    members = {name: packed.read(name) for name in packed.names if name not in leave_out}
    values = json.loads(members["about"].tobytes())
    for place, value in about.items():
        *path, last = place.split("__")
        inner = values
        for part in path:
            inner = inner[part]
        inner[last] = value
    members["about"] = np.frombuffer(json.dumps(values).encode(), dtype=np.uint8)
    return pack_arrays(members | (arrays or {}))
