"""Every activation and loss for one number, in plain arithmetic with nothing but ``math``.

One source at two speeds: the numpy backend calls these functions as they are for single points, the
numba backend compiles them. Where a function is chosen by a number, that number is its place in
``FUNCTIONS`` or ``LOSS_NAMES``. A test holds each branch against its row of the tables.
"""

from __future__ import annotations

import math

FUNCTIONS = (
    "identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu",
    "softsign", "hard_tanh", "sine", "gaussian", "step", "sign",
)  # fmt: skip
LOSS_NAMES = ("squared", "absolute", "huber", "cross_entropy", "hinge")
PAIRED_LOSS, PAIRED_FUNCTION = LOSS_NAMES.index("cross_entropy"), FUNCTIONS.index("logistic")
LARGEST = 1.7976931348623157e308

_SPLIT = 134217729.0
_ROOT_HALF, _ROOT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17
_ROOT_PI, _ROOT_2PI = math.sqrt(math.pi), math.sqrt(2.0 * math.pi)


def bell(z: float, factor: float) -> float:
    """exp(−factor·z²), with the rounding of z² made good."""
    z = min(max(z, -40.0), 40.0)
    high = z * _SPLIT - (z * _SPLIT - z)
    low = z - high
    square = z * z
    rest = ((high * high - square) + high * low + low * high) + low * low
    return math.exp(-factor * square) * (1.0 - factor * rest)


def normal_cdf(z: float) -> float:
    """Φ(z), with the rounding of z/√2 made good."""
    z = min(max(z, -40.0), 40.0)
    high = z * _SPLIT - (z * _SPLIT - z)
    low = z - high
    other = _ROOT_HALF * _SPLIT - (_ROOT_HALF * _SPLIT - _ROOT_HALF)
    other_low = _ROOT_HALF - other
    x = z * _ROOT_HALF
    rest = ((high * other - x) + high * other_low + low * other) + low * other_low
    return math.erfc(-x) / 2.0 + (rest + z * _ROOT_HALF_REST) * bell(z, 0.5) / _ROOT_PI


def activate(function: int, z: float) -> tuple[float, float]:
    """Return the value and the slope of a function at z."""
    if function == 1:  # logistic
        e = math.exp(-abs(z))
        y = 1.0 / (1.0 + e)
        return (y if z >= 0.0 else e * y), e * (y * y)
    if function == 2:  # tanh
        e = math.exp(-2.0 * min(abs(z), 400.0))
        return math.tanh(z), 4.0 * e / ((1.0 + e) * (1.0 + e))
    if function == 0:  # identity
        return z, 1.0
    if function == 3:  # relu
        return (z, 1.0) if z > 0.0 else (0.0, 0.0)
    if function == 4:  # leaky_relu
        return (z, 1.0) if z > 0.0 else (0.01 * z, 0.01)
    if function == 5:  # elu
        return (z, 1.0) if z > 0.0 else (math.expm1(z), math.exp(z))
    if function == 6:  # softplus
        e = math.exp(-abs(z))
        return max(z, 0.0) + math.log1p(e), (1.0 if z >= 0.0 else e) / (1.0 + e)
    return activate_rarely(function, z)


def activate_rarely(function: int, z: float) -> tuple[float, float]:
    """Return the value and the slope of the less frequent functions."""
    if function == 7:  # silu
        e = math.exp(-abs(z))
        scale = 1.0 / (1.0 + e)
        if z >= 0.0:
            return z * scale, (1.0 + e * (1.0 + z)) * scale * scale
        return z * (e * scale), e * ((1.0 + z) + e) * scale * scale
    if function == 8:  # gelu
        cdf = normal_cdf(z)
        return z * cdf, cdf + z * bell(z, 0.5) / _ROOT_2PI
    if function == 9:  # softsign
        scale = 1.0 / (1.0 + abs(z))
        return z * scale, scale * scale
    if function == 10:  # hard_tanh
        return min(max(z, -1.0), 1.0), (1.0 if abs(z) < 1.0 else 0.0)
    if function == 11:  # sine
        return math.sin(z), math.cos(z)
    if function == 12:  # gaussian
        y = bell(z, 1.0)
        return y, -2.0 * (z * y)
    if function == 13:  # step
        return (1.0 if z >= 0.0 else 0.0), 0.0
    return (1.0 if z > 0.0 else -1.0 if z < 0.0 else 0.0), 0.0  # sign


def softplus(z: float) -> float:
    """ln(1 + e^z)."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def logistic(z: float) -> float:
    """1 / (1 + e^−z)."""
    e = math.exp(-abs(z))
    return (1.0 if z >= 0.0 else e) / (1.0 + e)


def loss_and_slope(loss: int, y: float, t: float) -> tuple[float, float]:
    """Return a loss and its derivative by y."""
    distance = y - t
    if loss == 0:  # squared
        return distance * distance, 2.0 * distance
    if loss == 1:  # absolute
        return abs(distance), (1.0 if distance > 0.0 else -1.0 if distance < 0.0 else 0.0)
    if loss == 2:  # huber
        near = min(abs(distance), 1.0)
        return near * (abs(distance) - 0.5 * near), min(max(distance, -1.0), 1.0)
    if loss == 3:  # cross_entropy
        return -(t * math.log(y) + (1.0 - t) * math.log1p(-y)), (1.0 - t) / (1.0 - y) - t / y
    return max(0.0, 1.0 - t * y), (-t if t * y < 1.0 else 0.0)  # hinge


def loss_and_derivatives(
    loss: int, function: int, z: float, y: float, t: float
) -> tuple[float, float, float]:
    """Return a loss, and its derivative by y or, where the two are one function, by z, the other being 0."""
    if loss == PAIRED_LOSS and function == PAIRED_FUNCTION:
        part, delta = loss_and_delta(z, t)
        return part, 0.0, delta
    part, slope = loss_and_slope(loss, y, t)
    return part, slope, 0.0


def loss_and_delta(z: float, t: float) -> tuple[float, float]:
    """Return cross entropy and its derivative by z, for a logistic output."""
    return t * softplus(-z) + (1.0 - t) * softplus(z), (1.0 - t) * logistic(z) - t * logistic(-z)
