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
from neurograph.engine.exponentials import exponentials
from neurograph.engine.stack import TILE, stack_row

for _function in (
    scalars.bell, scalars.normal_cdf, scalars.activate_rarely, scalars.activate, scalars.softplus,
    scalars.logistic, scalars.loss_and_slope, scalars.loss_and_delta, scalars.loss_and_derivatives,
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

ONE, TWO = np.uint64(1), np.uint64(2)
WHOLE = np.uint64(TILE)


@jit
def apply_function(function, z, y, slope):
    """Fill a row of values and a row of slopes from a row of z; the frequent functions as vectors."""
    number = z.dtype.type
    unit = number(1)
    if function == 1:  # logistic
        for lane in range(len(z)):
            e, _ = exponentials(-abs(z[lane]))
            one = unit / (unit + e)
            y[lane] = one if z[lane] >= number(0) else e * one
            slope[lane] = e * one * one
    elif function == 2:  # tanh
        for lane in range(len(z)):
            e, less_one = exponentials(number(-2) * min(abs(z[lane]), number(400)))
            one = unit / (unit + e)
            y[lane] = math.copysign(-less_one * one, z[lane])
            slope[lane] = number(4) * e * one * one
    elif function == 0:  # identity
        for lane in range(len(z)):
            y[lane] = z[lane]
            slope[lane] = unit
    elif function == 3:  # relu
        for lane in range(len(z)):
            y[lane] = z[lane] if z[lane] > number(0) else number(0)
            slope[lane] = unit if z[lane] > number(0) else number(0)
    else:
        for lane in range(len(z)):
            y[lane], slope[lane] = scalars.activate(function, np.float64(z[lane]))


@jit
def apply_functions(first, last, function, z, values, slopes):
    """Fill the rows of some neurons."""
    for j in range(first, last):
        apply_function(function[j], z[j], values[j], slopes[j])


@jit_inline
def _forward(first, last, function, offsets, sources, weights, values, slopes, z, begin, width):
    total = stack_row(values)
    for j in range(first, last):
        if function[j] < 0:
            continue
        for lane in range(width):
            total[lane] = 0.0
        edge, end = offsets[j], offsets[j + ONE]
        while edge + TWO <= end:  # two edges at a time, each sum still from left to right
            w0, w1 = weights[edge], weights[edge + ONE]
            a, b = sources[edge], sources[edge + ONE]
            for lane in range(width):
                total[lane] = (total[lane] + w0 * values[a, begin + lane]) + w1 * values[b, begin + lane]
            edge += TWO
        if edge < end:
            w0, a = weights[edge], sources[edge]
            for lane in range(width):
                total[lane] += w0 * values[a, begin + lane]
        for lane in range(width):
            z[j, begin + lane] = total[lane]
        lanes = slice(begin, begin + width)
        apply_function(function[j], z[j, lanes], values[j, lanes], slopes[j, lanes])


@jit
def forward_lanes(first, last, function, offsets, sources, weights, values, slopes, z):
    """Walk some neurons forward, each sum from left to right, with a tile of samples at a time."""
    first, last, lanes = np.uint64(first), np.uint64(last), np.uint64(values.shape[1])
    for begin in range(np.uint64(0), lanes, WHOLE):
        width = min(lanes - begin, WHOLE)
        _forward(first, last, function, offsets, sources, weights, values, slopes, z, begin, width)


@jit_inline
def _backward(
    first, last, function, is_output, starts, edges, targets, weights, values, slopes, deltas, owns, gradient,
    fresh, begin, width,
):  # fmt: skip
    adjoint = stack_row(values)
    for back in range(last - first):
        i = last - ONE - back
        number = is_output[i]
        if fresh and number < 0:
            for lane in range(width):
                adjoint[lane] = 0.0
        else:
            for lane in range(width):
                adjoint[lane] = deltas[i, begin + lane]
        for k in range(starts[i], starts[i + ONE]):
            edge, j = edges[k], targets[k]
            weight = weights[edge]
            total = weight * 0
            for lane in range(width):
                total += values[i, begin + lane] * deltas[j, begin + lane]
                adjoint[lane] += weight * deltas[j, begin + lane]
            gradient[edge] += total
        if function[i] >= 0:
            for lane in range(width):
                adjoint[lane] *= slopes[i, begin + lane]
            if number >= 0:
                for lane in range(width):
                    adjoint[lane] += owns[number, begin + lane]
        for lane in range(width):
            deltas[i, begin + lane] = adjoint[lane]


@jit_reordering
def backward_lanes(
    first, last, function, is_output, starts, edges, targets, weights, values, slopes, deltas, owns, gradient,
    fresh,
):  # fmt: skip
    """Walk some neurons backward: take what the targets hand back, and add to the gradient of each edge.

    A whole tile of samples is compiled with that number known, so that the sums stay in registers.
    ``edges`` and ``targets`` are grouped by source. ``fresh`` says that the rows of deltas hold nothing
    yet, but for those of the outputs.
    """
    first, last, lanes = np.uint64(first), np.uint64(last), np.uint64(values.shape[1])
    for begin in range(np.uint64(0), lanes, WHOLE):
        if lanes - begin >= WHOLE:
            _backward(
                first, last, function, is_output, starts, edges, targets, weights, values, slopes, deltas,
                owns, gradient, fresh, begin, WHOLE,
            )  # fmt: skip
        else:
            _backward(
                first, last, function, is_output, starts, edges, targets, weights, values, slopes, deltas,
                owns, gradient, fresh, begin, lanes - begin,
            )  # fmt: skip


@jit_reordering
def sum_of(numbers):
    """Add numbers in any order: the sum is finite only if all of them are."""
    total = numbers[0] * 0
    for i in range(len(numbers)):
        total += numbers[i]
    return total


@jit
def sum_of_rows(neurons, rows):
    """Add the rows of some neurons in any order."""
    total = rows[0, 0] * 0
    for k in range(len(neurons)):
        total += sum_of(rows[neurons[k]])
    return total


@jit
def descend(weights, gradient, rate):
    """w ← w − rate·g, for every weight."""
    for e in range(len(weights)):
        weights[e] -= rate * gradient[e]


@jit
def loss_of_lanes(loss, outputs, function, Y, samples, values, adjoints, owns):
    """Sum the loss of a block; where there is room in ``owns``, leave the derivatives of the mean.

    ``adjoints`` holds z, and then ∂L/∂y, or 0 where the loss knows ∂L/∂z at once, which goes to ``owns``.
    """
    total = 0.0
    for k in range(np.uint64(len(outputs))):
        j = outputs[k]
        for lane in range(np.uint64(values.shape[1])):
            z, y, t = np.float64(adjoints[j, lane]), np.float64(values[j, lane]), Y[lane, k]
            part, adjoint, own = scalars.loss_and_derivatives(loss, function[j], z, y, t)
            total += part
            if len(owns):
                adjoints[j, lane], owns[k, lane] = adjoint / samples, own / samples
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
    rows, X, Y, inputs, outputs, is_output, computing, function, starts, sources, trainable, weights,
    values, slopes, adjoints, owns, loss, rates, total, rule, gradient, first, second, steps,
):  # fmt: skip
    """Take the points one by one: walk forward, walk backward, update every weight.

    By plain descent, where there is no room for a ``gradient``, a weight is last needed, for the derivative
    that it hands on, right before its own update; so every gradient of a point is made of the weights from
    before it. Returns the summed loss, added to ``total``, and how many points went well. All of it is one
    function: to hand arrays on to another one, for each point, takes as long as the point. ``starts`` holds
    where the edges of each computing neuron begin. A signed index would be tested for counting from the end.
    """
    plain = len(gradient) == 0
    for count in range(len(rows)):
        row = np.uint64(rows[count])
        for i in range(len(inputs)):
            values[inputs[i]] = X[row, np.uint64(i)]
        part = 0.0
        for k in range(len(computing)):
            j = computing[k]
            z = values[j] * 0.0
            for edge in range(starts[k], starts[k + 1]):
                z += weights[edge] * values[sources[edge]]
            part += z * 0.0  # NaN, once a z is not finite
            values[j], slopes[j] = activate_soon(function[j], z)
            owns[j], adjoints[j] = z, 0.0
        for k in range(len(outputs)):
            j, t = outputs[k], Y[row, np.uint64(k)]
            error, adjoints[j], owns[j] = scalars.loss_and_derivatives(
                loss, function[j], owns[j], values[j], t
            )
            part += error
        if not abs(part) <= scalars.LARGEST:
            return total, count
        total += part
        rate = rates[count]
        for k in range(len(computing) - 1, -1, -1):
            j = computing[k]
            delta = adjoints[j] * slopes[j]
            if is_output[j]:
                delta += owns[j]
            for edge in range(starts[k], starts[k + 1]):
                source, weight = sources[edge], weights[edge]
                adjoints[source] += weight * delta
                if not plain:
                    gradient[edge] = values[source] * delta
                elif trainable[edge]:
                    weights[edge] = weight - rate * (values[source] * delta)
        if not plain:
            change_weights(rule, weights, gradient, trainable, first, second, steps + count + 1, rate)
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
                second[e] = min(max(rate, n2), n3)
            agreement = g * first[e]
            if agreement > 0.0:
                second[e] = min(second[e] * n0, n3)
            elif agreement < 0.0:
                second[e] = max(second[e] * n1, n2)
                g = 0.0
            first[e] = g
            weights[e] -= second[e] if g > 0.0 else -second[e] if g < 0.0 else 0.0
