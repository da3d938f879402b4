"""An irregular network in scipy: one sparse matrix in CSR form for each level, forward and backward."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from neurograph.engine.layout import Layout


class ScipyLevels:
    """Loss and all gradients; the matrices of both directions are made before the clock runs."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        count = len(layout.neurons)
        starts = layout.level_starts.tolist()
        whole = csr_array((layout.weights, layout.sources, layout.offsets), shape=(count, count))
        back = whole.T.tocsr()
        self.levels = []
        for first, last in pairwise(starts):
            edges = slice(int(layout.offsets[first]), int(layout.offsets[last]))
            computing = (layout.activation[first:last] >= 0)[:, None]
            self.levels.append(
                (slice(first, last), edges, whole[first:last, :], back[first:last, :], computing)
            )

    def loss_and_gradient(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, np.ndarray]:
        """Walk the levels forward with the one kind of matrices, and back with the other."""
        layout = self.layout
        values = np.zeros((len(layout.neurons), len(X)))
        values[layout.inputs] = X.T
        values[layout.biases] = 1.0
        slopes = np.zeros_like(values)
        for rows, edges, forward, _, computing in self.levels:
            if edges.stop > edges.start:
                y = np.tanh(forward @ values)
                values[rows] = np.where(computing, y, values[rows])
                slopes[rows] = np.where(computing, 1.0 - y * y, 0.0)
        misses = values[layout.outputs] - Y.T
        deltas = np.zeros_like(values)
        adjoints = np.zeros_like(values)
        adjoints[layout.outputs] = 2.0 / len(X) * misses
        gradient = np.empty(len(layout.weights))
        for rows, edges, _, back, _ in reversed(self.levels):
            deltas[rows] = slopes[rows] * (back @ deltas + adjoints[rows])
            sources, targets = layout.sources[edges], layout.targets[edges]
            gradient[edges] = np.einsum("el,el->e", values[sources], deltas[targets])
        return float((misses**2).sum() / len(X)), gradient
