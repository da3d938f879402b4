"""An irregular network in PyTorch: gather the sources of a level, multiply, and add by index."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from neurograph.engine.layout import Layout


class TorchLevels:
    """Loss and all gradients level by level; ``loss_and_gradient`` is the formulation with autograd."""

    def __init__(self, layout: Layout, threads: int, dtype: torch.dtype = torch.float64) -> None:
        self.layout, self.threads, self.dtype = layout, threads, dtype
        self.weights = torch.tensor(layout.weights, dtype=dtype)
        self.levels = [level for level in self._plan() if len(level[2])]

    def _plan(self):
        """List for each level: its first neuron and last, its edges, their sources, their targets in it."""
        layout = self.layout
        for first, last in pairwise(layout.level_starts.tolist()):
            edges = slice(int(layout.offsets[first]), int(layout.offsets[last]))
            sources = torch.tensor(layout.sources[edges].astype(np.int64))
            targets = torch.tensor(layout.targets[edges].astype(np.int64))
            yield first, last, sources, targets, edges

    def start(self, X: torch.Tensor) -> torch.Tensor:
        values = torch.zeros(len(self.layout.neurons), len(X), dtype=self.dtype)
        values[self.layout.inputs] = X.T
        values[self.layout.biases] = 1.0
        return values

    def loss_and_gradient(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, np.ndarray]:
        """Gather and index_add over one tensor of all values, a new one for each level, with autograd."""
        torch.set_num_threads(self.threads)
        weights = self.weights.clone().requires_grad_(True)
        values = self.start(torch.tensor(X, dtype=self.dtype))
        for first, last, sources, targets, edges in self.levels:
            products = weights[edges, None] * values.index_select(0, sources)
            z = torch.zeros(last - first, len(X), dtype=self.dtype).index_add(0, targets - first, products)
            computed = torch.arange(first, last)[self.layout.activation[first:last] >= 0]
            values = values.index_add(0, computed, torch.tanh(z[computed - first]))
        return self._differentiate(weights, values[self.layout.outputs], Y)

    def loss_and_gradient_by_joining(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, np.ndarray]:
        """The same, the levels joined one after the other instead."""
        torch.set_num_threads(self.threads)
        weights = self.weights.clone().requires_grad_(True)
        everything = self.start(torch.tensor(X, dtype=self.dtype))
        values = everything[: self.levels[0][0]]
        for first, last, sources, targets, edges in self.levels:
            products = weights[edges, None] * values.index_select(0, sources)
            z = torch.zeros(last - first, len(X), dtype=self.dtype).index_add(0, targets - first, products)
            computing = torch.tensor(self.layout.activation[first:last] >= 0)[:, None]
            values = torch.cat([values, torch.where(computing, torch.tanh(z), everything[first:last])])
        return self._differentiate(weights, values[self.layout.outputs], Y)

    def _differentiate(self, weights, outputs, Y) -> tuple[float, np.ndarray]:
        loss = ((outputs - torch.tensor(Y.T, dtype=self.dtype)) ** 2).sum(0).mean()
        (gradient,) = torch.autograd.grad(loss, weights)
        return loss.item(), gradient.numpy()
