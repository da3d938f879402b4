"""Dense layers, one training step: PyTorch's matrix products, found in a graph of single neurons."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import torch
from measure import Contender, Section
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

import neurograph as ng
from neurograph.engine.updates import Memory
from neurograph.functions import find_loss
from neurograph.learning import SGD

SIZES, BATCH, STEPS, RATE = (784, 256, 128, 10), 128, 20, 0.01


def measure() -> Section:
    section = Section(
        "Dense layers",
        f"{'-'.join(map(str, SIZES))}, tanh, batch {BATCH}, squared loss: a step forward, backward and plain "
        f"descent; {STEPS} steps in a run, time per step",
        unit="ms",
    )
    net = ng.mlp(SIZES, activation="tanh", seed=0)
    generator = np.random.default_rng(0)
    X = generator.normal(size=(STEPS * BATCH, SIZES[0]))
    Y = np.tanh(generator.normal(size=(STEPS * BATCH, SIZES[-1])))
    for dtype in ("float64", "float32"):
        for threads in (1, 2):
            race(section, net, X, Y, dtype, threads)
    return section


def race(
    section: Section, net: ng.network.schema.Net, X: np.ndarray, Y: np.ndarray, dtype: str, threads: int
) -> None:
    """Let all train with one precision and one number of threads."""
    program = ng.compile_network(net, dtype=dtype)
    suffix = f"{dtype}, {threads} thread{'s' * (threads > 1)}"
    ours, alone, theirs, sk = (
        f"{name}, {suffix}" for name in ("neurograph", "neurograph numpy", "PyTorch", "scikit-learn")
    )
    numpy_program = ng.compile_network(net, dtype=dtype, backend="numpy")
    data, targets = X.astype(dtype), Y.astype(dtype)
    section.agree(
        f"weights after {STEPS} steps, {suffix}",
        train_ours(program, data, targets, threads),
        train_torch(program, data, targets, threads),
        tolerance=1e-9 if dtype == "float64" else 1e-4,
    )
    section.race(
        Contender(ours, partial(train_ours, program, data, targets, threads), STEPS, threads),
        Contender(theirs, partial(train_torch, program, data, targets, threads), STEPS, threads),
        Contender(alone, partial(train_ours, numpy_program, data, targets, threads), STEPS, threads),
        Contender(sk, partial(train_sklearn, data, targets, threads), STEPS, threads),
        repeats=9,
    )
    section.faster(f"a training step of dense layers against PyTorch, {suffix}", ours, theirs, at_least=1.0)


def train_ours(program: ng.Program, X: np.ndarray, Y: np.ndarray, threads: int) -> np.ndarray:
    """Go through the points once, with the engine that ``fit`` uses, on a copy of the weights."""
    weights, rule = program.weights.copy(), SGD().rule(weight_decay=0.0, clip_norm=0.0)
    memory = Memory.empty(rule, len(weights), weights.dtype.type)
    with threadpool_limits(threads):
        program.engine.train(
            weights, X, Y, np.arange(len(X)), BATCH, find_loss("squared"), rule, memory, np.full(STEPS, RATE)
        )
    return weights


def train_torch(program: ng.Program, X: np.ndarray, Y: np.ndarray, threads: int) -> np.ndarray:
    """The same with ``nn.Linear`` and ``optim.SGD``."""
    torch.set_num_threads(threads)
    layers = [torch.nn.Linear(a, b, dtype=torch.tensor(X).dtype) for a, b in pairwise(SIZES)]
    model = torch.nn.Sequential(*[part for layer in layers for part in (layer, torch.nn.Tanh())])
    with torch.no_grad():
        for layer, matrix in zip(layers, matrices(program), strict=True):
            layer.weight.copy_(torch.tensor(matrix[:, :-1]))
            layer.bias.copy_(torch.tensor(matrix[:, -1]))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    inputs, targets = torch.from_numpy(X), torch.from_numpy(Y)
    for start in range(0, len(X), BATCH):
        optimizer.zero_grad()
        loss = ((model(inputs[start : start + BATCH]) - targets[start : start + BATCH]) ** 2).sum(1).mean()
        loss.backward()
        optimizer.step()
    parts = [np.c_[layer.weight.detach().numpy(), layer.bias.detach().numpy()].ravel() for layer in layers]
    return np.concatenate(parts)


def matrices(program: ng.Program) -> list[np.ndarray]:
    """Cut the weights into one matrix for each layer; the bias is the last column."""
    shapes = [(b, a + 1) for a, b in pairwise(SIZES)]
    ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    parts = np.split(program.weights, ends)
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def train_sklearn(X: np.ndarray, Y: np.ndarray, threads: int) -> None:
    """scikit-learn's regressor, for orientation: its outputs are linear and its loss is halved."""
    model = MLPRegressor(
        hidden_layer_sizes=SIZES[1:-1], activation="tanh", solver="sgd", momentum=0.0, alpha=0.0,
        batch_size=BATCH, learning_rate_init=RATE, shuffle=False,
    )  # fmt: skip
    with threadpool_limits(threads):
        model.partial_fit(X, Y)
