"""1,000 restarts of 1,000 epochs of XOR, point by point: lanes in a compiled loop against tensors."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from measure import Contender, Section

import neurograph as ng

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
RESTARTS, EPOCHS, RATE = 1000, 1000, 1.0
TORCH_EPOCHS = 20  # its time grows with the epochs; measured on these


def measure() -> Section:
    section = Section(
        "Restarts",
        f"XOR, 2-2-1, logistic, squared loss, plain descent point by point, {RESTARTS:,} restarts, "
        f"{EPOCHS:,} epochs (PyTorch: {TORCH_EPOCHS} epochs), float64; time per restart and step",
        unit="ns",
    )
    net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    compare(section, net)
    steps = RESTARTS * len(X)
    ours = partial(train_ours, net, RESTARTS, EPOCHS)
    contenders = [
        Contender("neurograph restarts, whole call", ours, steps * EPOCHS, 2),
        Contender(
            "neurograph restarts, numpy backend",
            partial(train_ours, net, RESTARTS, TORCH_EPOCHS, backend="numpy"),
            steps * TORCH_EPOCHS,
            2,
        ),
    ]
    for name, train in FORMULATIONS.items():
        for threads in (1, 2):
            run = partial(train_torch, train, RESTARTS, TORCH_EPOCHS, threads)
            contenders.append(
                Contender(f"PyTorch {name}, {threads} threads", run, steps * TORCH_EPOCHS, threads)
            )
    section.race(*contenders)
    peers = [contender.name for contender in contenders[2:]]
    claim(section, "PyTorch with autograd", [name for name in peers if "autograd" in name], 20)
    claim(section, "PyTorch with a backward pass written by hand", [n for n in peers if "by hand" in n], None)
    return section


def claim(section: Section, what: str, peers: list[str], at_least: float | None) -> None:
    section.faster(
        f"1,000 restarts of XOR against {what}, all restarts in one tensor program",
        "neurograph restarts, whole call",
        section.fastest(*peers),
        at_least=at_least,
    )


def compare(section: Section, net: ng.network.schema.Net) -> None:
    """Every way to train must end at the same losses."""
    ours = train_ours(net, 50, 10)
    for name, train in FORMULATIONS.items():
        section.agree(f"final losses, {name}", ours, train_torch(train, 50, 10, 1), tolerance=1e-9)


def train_ours(net: ng.network.schema.Net, restarts: int, epochs: int, backend: str = "auto") -> np.ndarray:
    return ng.restarts(
        net, X, Y, n=restarts, epochs=epochs, learning_rate=RATE, shuffle=False, backend=backend
    ).losses


def train_torch(train, restarts: int, epochs: int, threads: int) -> np.ndarray:
    """Train all restarts in one tensor program, from the weights that neurograph draws."""
    torch.set_num_threads(threads)
    weights = [torch.tensor(part) for part in initial_weights(restarts)]
    train(weights, torch.tensor(X), torch.tensor(Y), epochs)
    with torch.no_grad():
        outputs = torch.stack([predict(weights, x) for x in torch.tensor(X)], 1)
    return ((outputs.numpy() - Y) ** 2).sum(2).mean(1)


def initial_weights(restarts: int) -> list[np.ndarray]:
    """Draw what ``ng.restarts`` draws: edges by target, each target's bias last; here with the bias apart."""
    drawn = np.array(
        [
            np.random.default_rng(np.random.SeedSequence(0, spawn_key=(i,))).normal(0.0, 1.0, 9)
            for i in range(restarts)
        ]
    )
    hidden, output = drawn[:, :6].reshape(-1, 2, 3), drawn[:, 6:].reshape(-1, 1, 3)
    return [hidden[:, :, :2].copy(), hidden[:, :, 2].copy(), output[:, :, :2].copy(), output[:, :, 2].copy()]


def predict(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2 = weights
    hidden = torch.sigmoid(w1 @ x + b1)
    return torch.sigmoid(torch.einsum("roh,rh->ro", w2, hidden) + b2)


def train_by_autograd(weights: list[torch.Tensor], X: torch.Tensor, Y: torch.Tensor, epochs: int) -> None:
    """As a PyTorch user writes it: a loss, ``grad``, an update without a record."""
    for weight in weights:
        weight.requires_grad_(True)
    for _ in range(epochs):
        for x, y in zip(X, Y, strict=True):
            loss = ((predict(weights, x) - y) ** 2).sum()
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                torch._foreach_add_(weights, gradients, alpha=-RATE)


@torch.no_grad()
def train_by_hand(weights: list[torch.Tensor], X: torch.Tensor, Y: torch.Tensor, epochs: int) -> None:
    """The chain rule written out for this very network, lanes last, in as few operations as possible."""
    lanes = weights[0].shape[0]
    first = torch.cat([weights[0], weights[1][:, :, None]], 2).permute(1, 2, 0).contiguous()  # 2, 3, lanes
    second = torch.cat([weights[2][:, 0], weights[3]], 1).T.contiguous()  # 3, lanes
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], 1)[:, None, :, None]
    values = torch.ones(3, lanes, dtype=X.dtype)
    hidden = values[:2]
    for _ in range(epochs):
        for x, t in zip(inputs, Y[:, 0].tolist(), strict=True):
            torch.sigmoid((first * x).sum(1), out=hidden)
            y = torch.sigmoid((second * values).sum(0))
            delta = (2.0 * RATE) * (y - t) * y * (1.0 - y)
            back = second[:2] * delta * hidden * (1.0 - hidden)
            second.addcmul_(values, delta, value=-1.0)
            first.addcmul_(back[:, None], x, value=-1.0)
    weights[0].copy_(first[:, :2].permute(2, 0, 1))
    weights[1].copy_(first[:, 2].T)
    weights[2].copy_(second[:2].T[:, None])
    weights[3].copy_(second[2:].T)


FORMULATIONS = {"autograd": train_by_autograd, "backward by hand": train_by_hand}
