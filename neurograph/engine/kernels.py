"""The numba backend's loops: samples as lanes, compiled once and kept on disk.

Imported only where numba is installed. Every loop over ``lane`` is innermost and without branches, so
that the compiler makes it a vector instruction. Sums run over the edges in their order, edge by edge.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable

from neurograph.engine import scalars

for _function in (
    scalars.bell, scalars.normal_cdf, scalars.activate_rarely, scalars.activate, scalars.softplus,
    scalars.logistic, scalars.lose, scalars.lose_paired,
):  # fmt: skip
    register_jitable(_function)

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def _kept(compiler: Any) -> Any:
    """Keep the compiled code on disk for the next process, where there is a folder that can be written."""

    def decorate(function: Any) -> Any:
        compiled = compiler(function)
        with contextlib.suppress(RuntimeError):  # numba: no locator available
            compiled.enable_caching()
        return compiled

    return decorate


jit = _kept(numba.njit(**_OPTIONS))
jit_inline = numba.njit(inline="always", **_OPTIONS)
jit_reordering = _kept(numba.njit(fastmath={"reassoc", "nsz"}, **_OPTIONS))

ONE = np.uint64(1)
_LN2_HIGH, _LN2_LOW, _PER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.4426950408889634


@register_jitable
def exponentials(x):
    """Return exp(x) and exp(x) − 1 for x ≤ 0, without branch or call, within 2 units in the last place."""
    x = max(x, -745.5)
    k = math.floor(x * _PER_LN2 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    # Taylor's series of degree 13 for |r| ≤ ln 2 / 2, where its remainder is below 5e-18.
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    less_one = p * r * r + r
    half = np.int64(k) >> 1
    low, high = _power_of_two(half), _power_of_two(np.int64(k) - half)
    return (1.0 + less_one) * low * high, less_one * low * high + (low * high - 1.0)


@register_jitable
def _power_of_two(k):
    return np.int64((k + 1023) << 52).view(np.float64)


@jit
def apply_function(function, z, y, slope):
    """Fill a row of values and a row of slopes from a row of z; the frequent functions as vectors."""
    if function == 1:  # logistic
        for lane in range(len(z)):
            e, _ = exponentials(-abs(z[lane]))
            one = 1.0 / (1.0 + e)
            y[lane] = one if z[lane] >= 0.0 else e * one
            slope[lane] = e * one * one
    elif function == 2:  # tanh
        for lane in range(len(z)):
            e, less_one = exponentials(-2.0 * min(abs(z[lane]), 400.0))
            one = 1.0 / (1.0 + e)
            y[lane] = math.copysign(-less_one * one, z[lane])
            slope[lane] = 4.0 * e * one * one
    elif function == 0:  # identity
        for lane in range(len(z)):
            y[lane] = z[lane]
            slope[lane] = 1.0
    elif function == 3:  # relu
        for lane in range(len(z)):
            y[lane] = z[lane] if z[lane] > 0.0 else 0.0
            slope[lane] = 1.0 if z[lane] > 0.0 else 0.0
    else:
        for lane in range(len(z)):
            y[lane], slope[lane] = scalars.activate(function, np.float64(z[lane]))


@jit
def apply_functions(first, last, function, z, values, slopes):
    """Fill the rows of some neurons."""
    for j in range(first, last):
        apply_function(function[j], z[j], values[j], slopes[j])


@jit
def forward_lanes(first, last, function, offsets, sources, weights, values, slopes, z):
    """Walk some neurons forward; four edges at a time, each sum still from left to right."""
    lanes = values.shape[1]
    for j in range(first, last):
        if function[j] < 0:
            continue
        total = z[j]
        for lane in range(lanes):
            total[lane] = 0.0
        edge = offsets[j]
        end = offsets[j + 1]
        while edge + 4 <= end:
            w0, w1, w2, w3 = weights[edge], weights[edge + 1], weights[edge + 2], weights[edge + 3]
            a, b = values[sources[edge]], values[sources[edge + 1]]
            c, d = values[sources[edge + 2]], values[sources[edge + 3]]
            for lane in range(lanes):
                total[lane] = (((total[lane] + w0 * a[lane]) + w1 * b[lane]) + w2 * c[lane]) + w3 * d[lane]
            edge += 4
        while edge < end:
            w0 = weights[edge]
            a = values[sources[edge]]
            for lane in range(lanes):
                total[lane] += w0 * a[lane]
            edge += 1
        apply_function(function[j], total, values[j], slopes[j])


@jit_reordering
def two_products(value, delta, w, blame):
    """Add weight·delta to a row of blames and return the sum of value·delta."""
    total = value[0] * 0
    for lane in range(len(value)):
        total += value[lane] * delta[lane]
        blame[lane] += w * delta[lane]
    return total


@jit_reordering
def four_products(value, a, b, c, d, w0, w1, w2, w3, blame):
    """Do the same for four edges in one pass over the lanes."""
    s0 = s1 = s2 = s3 = value[0] * 0
    for lane in range(len(value)):
        v = value[lane]
        s0 += v * a[lane]
        s1 += v * b[lane]
        s2 += v * c[lane]
        s3 += v * d[lane]
        blame[lane] += ((w0 * a[lane] + w1 * b[lane]) + w2 * c[lane]) + w3 * d[lane]
    return s0, s1, s2, s3


@jit
def backward_lanes(
    first, last, function, is_output, starts, targets, weights, values, slopes, deltas, owns, gradient, fresh
):
    """Walk some neurons backward: take what the targets hand back, and give each edge its gradient.

    ``targets``, ``weights`` and ``gradient`` are those of the edges in the order of their sources, so that
    memory is read and written in a line. ``fresh`` says that the rows of deltas hold nothing yet, but
    for those of the outputs.
    """
    lanes = values.shape[1]
    for i in range(last - 1, first - 1, -1):
        blame = deltas[i]
        if fresh and is_output[i] < 0:
            for lane in range(lanes):
                blame[lane] = 0.0
        k = starts[i]
        end = starts[i + 1]
        while k + 4 <= end:
            gradient[k], gradient[k + 1], gradient[k + 2], gradient[k + 3] = four_products(
                values[i],
                deltas[targets[k]], deltas[targets[k + 1]], deltas[targets[k + 2]], deltas[targets[k + 3]],
                weights[k], weights[k + 1], weights[k + 2], weights[k + 3], blame,
            )  # fmt: skip
            k += 4
        while k < end:
            gradient[k] = two_products(values[i], deltas[targets[k]], weights[k], blame)
            k += 1
        if function[i] >= 0:
            for lane in range(lanes):
                blame[lane] *= slopes[i, lane]
            if is_output[i] >= 0:
                for lane in range(lanes):
                    blame[lane] += owns[is_output[i], lane]


@jit_inline
def walk_point(
    row,
    X,
    Y,
    inputs,
    outputs,
    computing,
    function,
    starts,
    sources,
    weights,
    values,
    slopes,
    blames,
    owns,
    loss,
):
    """Walk one point forward, and leave at each output what the loss says; return the loss, or NaN.

    ``starts`` holds where the edges of each computing neuron begin. All indices are unsigned: a signed
    one would be tested at every use for counting from the end.
    """
    for i in range(len(inputs)):
        values[inputs[i]] = X[row, np.uint64(i)]
    for k in range(len(computing)):
        j = computing[k]
        z = values[j] * 0.0
        for edge in range(starts[k], starts[k + 1]):
            z += weights[edge] * values[sources[edge]]
        if not abs(z) <= scalars.LARGEST:
            return math.nan
        values[j], slopes[j] = activate_soon(function[j], z)
        owns[j] = z
        blames[j] = 0.0
    total = 0.0
    for k in range(len(outputs)):
        j = outputs[k]
        t = Y[row, np.uint64(k)]
        if loss == scalars.PAIRED_LOSS and function[j] == scalars.PAIRED_FUNCTION:
            part, owns[j] = scalars.lose_paired(owns[j], t)
        else:
            part, blames[j] = scalars.lose(loss, values[j], t)
            owns[j] = 0.0
        total += part
    return total


@register_jitable
def activate_soon(function, z):
    """The logistic function without a call; all others by their number."""
    if function == 1:
        e = math.exp(-abs(z))
        y = 1.0 / (1.0 + e)
        return (y if z >= 0.0 else e * y), e * (y * y)
    return scalars.activate(function, z)


@jit
def train_points(
    rows, X, Y, inputs, outputs, is_output, computing, function, starts, sources, trainable,
    weights, values, slopes, blames, owns, loss, rates, total,
):  # fmt: skip
    """Take the points one by one: walk forward, walk backward, update every weight by plain descent.

    A weight is last needed, for the derivative that it hands on, right before its own update; so every
    gradient of a point is made of the weights from before it. Returns the summed loss, added to
    ``total``, and how many points went well.
    """
    for count in range(len(rows)):
        row = np.uint64(rows[count])
        part = walk_point(
            row, X, Y, inputs, outputs, computing, function, starts, sources,
            weights, values, slopes, blames, owns, loss,
        )  # fmt: skip
        if not abs(part) <= scalars.LARGEST:
            return total, count
        total += part
        rate = rates[count]
        for k in range(len(computing) - 1, -1, -1):
            j = computing[k]
            delta = blames[j] * slopes[j]
            if is_output[j]:
                delta += owns[j]
            for edge in range(starts[k], starts[k + 1]):
                source = sources[edge]
                weight = weights[edge]
                blames[source] += weight * delta
                if trainable[edge]:
                    weights[edge] = weight - rate * (values[source] * delta)
    return total, len(rows)


@jit
def train_points_by_gradient(
    rows, X, Y, inputs, outputs, is_output, computing, function, starts, sources, trainable,
    weights, values, slopes, blames, owns, loss, rates, total, rule, gradient, first, second, steps,
):  # fmt: skip
    """Do the same with a rule that needs the whole gradient before it changes a weight."""
    for count in range(len(rows)):
        row = np.uint64(rows[count])
        part = walk_point(
            row, X, Y, inputs, outputs, computing, function, starts, sources,
            weights, values, slopes, blames, owns, loss,
        )  # fmt: skip
        if not abs(part) <= scalars.LARGEST:
            return total, count
        total += part
        for k in range(len(computing) - 1, -1, -1):
            j = computing[k]
            delta = blames[j] * slopes[j]
            if is_output[j]:
                delta += owns[j]
            for edge in range(starts[k], starts[k + 1]):
                source = sources[edge]
                blames[source] += weights[edge] * delta
                gradient[edge] = values[source] * delta
        change_weights(rule, weights, gradient, trainable, first, second, steps + count + 1, rates[count])
    return total, len(rows)


@jit
def change_weights(rule, weights, gradient, trainable, first, second, step, rate):
    """Do what ``updates.update`` does; rule is (kind, four numbers, weight decay, largest norm)."""
    kind, n0, n1, n2, n3, weight_decay, clip_norm = rule
    scale = 1.0
    if clip_norm > 0.0:
        square = 0.0
        for e in range(len(weights)):
            if trainable[e]:
                g = gradient[e] + weight_decay * weights[e]
                square += g * g
        norm = math.sqrt(square)
        if norm > clip_norm:
            scale = clip_norm / norm if norm <= scalars.LARGEST else math.nan
    # float(step): an integer power is rounded in another way
    correction, correction2 = 1.0 - math.pow(n0, float(step)), 1.0 - math.pow(n1, float(step))
    for e in range(len(weights)):
        if not trainable[e]:
            continue
        g = (gradient[e] + weight_decay * weights[e]) * scale
        if kind == 0:  # plain
            weights[e] -= rate * g
        elif kind <= 2:  # momentum, Nesterov
            first[e] = n0 * first[e] + g
            weights[e] -= rate * (first[e] if kind == 1 else g + n0 * first[e])
        elif kind == 3:  # RMSprop
            first[e] = n0 * first[e] + (1.0 - n0) * (g * g)
            weights[e] -= rate * g / (math.sqrt(first[e]) + n1)
        elif kind == 4:  # Adam
            first[e] = n0 * first[e] + (1.0 - n0) * g
            second[e] = n1 * second[e] + (1.0 - n1) * (g * g)
            weights[e] -= rate * (first[e] / correction) / (math.sqrt(second[e] / correction2) + n2)
        else:  # Rprop
            if step == 1:
                second[e] = rate
            agreement = g * first[e]
            if agreement > 0.0:
                second[e] = min(second[e] * n0, n3)
            elif agreement < 0.0:
                second[e] = max(second[e] * n1, n2)
                g = 0.0
            first[e] = g
            weights[e] -= second[e] if g > 0.0 else -second[e] if g < 0.0 else 0.0
