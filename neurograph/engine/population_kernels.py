"""The compiled loops over a population: one lane for each network, the lanes innermost.

Imported only where numba is installed. No sum runs across lanes, and no operation is reordered or
fused, so a lane's numbers are the same in any company.
"""

from __future__ import annotations

import math

import numpy as np

from neurograph.engine import scalars
from neurograph.engine.kernels import apply_function, jit

ONE = np.uint64(1)


@jit
def walk_lanes(row, X, inputs, computing, function, starts, sources, weights, values, slopes, z):
    """Walk one point forward in every lane."""
    lanes = values.shape[1]
    for i in range(len(inputs)):
        x = X[row, np.uint64(i)]
        into = values[inputs[i]]
        for lane in range(lanes):
            into[lane] = x
    for k in range(len(computing)):
        j = computing[k]
        total = z[j]
        edge, end = starts[k], starts[k + 1]
        first, value = weights[edge], values[sources[edge]]
        for lane in range(lanes):
            total[lane] = first[lane] * value[lane]
        edge += ONE
        while edge < end:
            weight, value = weights[edge], values[sources[edge]]
            for lane in range(lanes):
                total[lane] += weight[lane] * value[lane]
            edge += ONE
        apply_function(function[j], total, values[j], slopes[j])


@jit
def loss_of_lanes(row, Y, outputs, function, loss, values, adjoints, owns, sums):
    """Add each lane's loss to ``sums``, and leave the derivatives; ``adjoints`` holds z until then."""
    for k in range(len(outputs)):
        j = outputs[k]
        t = Y[row, np.uint64(k)]
        z, y, own = adjoints[j], values[j], owns[j]
        if loss == scalars.PAIRED_LOSS and function[j] == scalars.PAIRED_FUNCTION:
            for lane in range(len(z)):
                part, own[lane] = scalars.loss_and_delta(z[lane], t)
                sums[lane] += part
                z[lane] = 0.0
        elif loss == 0:
            for lane in range(len(z)):
                distance = y[lane] - t
                sums[lane] += distance * distance
                z[lane] = 2.0 * distance
                own[lane] = 0.0
        else:
            for lane in range(len(z)):
                part, z[lane] = scalars.loss_and_slope(loss, y[lane], t)
                sums[lane] += part
                own[lane] = 0.0


@jit
def train_population(
    order, X, Y, inputs, outputs, computing, function, starts, sources, is_output, trainable,
    weights, values, slopes, adjoints, owns, sums, loss, rates,
):  # fmt: skip
    """Train every lane point by point: forward, loss, backward, update; a row of ``order`` is an epoch.

    ``sums`` becomes NaN where a weighted sum is not finite, and so does that lane after the epoch.
    """
    lanes = values.shape[1]
    for epoch in range(order.shape[0]):
        sums[:] = 0.0
        for count in range(order.shape[1]):
            row = np.uint64(order[epoch, count])
            rate = rates[epoch, count if rates.shape[1] > 1 else 0]
            walk_lanes(
                row, X, inputs, computing, function, starts, sources, weights, values, slopes, adjoints
            )
            for k in range(len(computing)):
                z = adjoints[computing[k]]
                for lane in range(lanes):
                    sums[lane] += 0.0 * z[lane]
                if not is_output[computing[k]]:
                    for lane in range(lanes):
                        z[lane] = 0.0
            loss_of_lanes(row, Y, outputs, function, loss, values, adjoints, owns, sums)
            for k in range(len(computing) - 1, -1, -1):
                j = computing[k]
                delta, slope = adjoints[j], slopes[j]
                for lane in range(lanes):
                    delta[lane] *= slope[lane]
                if is_output[j]:
                    own = owns[j]
                    for lane in range(lanes):
                        delta[lane] += own[lane]
                edge, end = starts[k], starts[k + 1]
                while edge < end:
                    source = sources[edge]
                    step_back(delta, weights[edge], values[source], adjoints[source], rate, trainable[edge])
                    edge += ONE
        for lane in range(lanes):
            if not abs(sums[lane]) <= scalars.LARGEST:
                weights[:, lane] = math.nan


@jit
def step_back(delta, weight, value, adjoint, rate, trainable):
    """Hand the derivative on to the source of one edge, then update the edge's weight."""
    if trainable:
        for lane in range(len(delta)):
            w = weight[lane]
            adjoint[lane] += w * delta[lane]
            weight[lane] = w - rate * (value[lane] * delta[lane])
    else:
        for lane in range(len(delta)):
            adjoint[lane] += weight[lane] * delta[lane]


@jit
def population_losses(
    X, Y, inputs, outputs, computing, function, starts, sources, weights, values, slopes, adjoints, owns,
    sums, loss,
):  # fmt: skip
    """Add each lane's loss to ``sums``; NaN where a weighted sum is not finite."""
    for count in range(X.shape[0]):
        row = np.uint64(count)
        walk_lanes(row, X, inputs, computing, function, starts, sources, weights, values, slopes, adjoints)
        for k in range(len(computing)):
            z = adjoints[computing[k]]
            for lane in range(len(z)):
                if not abs(z[lane]) <= scalars.LARGEST:
                    sums[lane] = math.nan
        loss_of_lanes(row, Y, outputs, function, loss, values, adjoints, owns, sums)
