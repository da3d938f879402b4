"""exp(x) and exp(x) − 1 for x ≤ 0 without branch or call, so that a loop over lanes becomes vectors.

Each precision has its own polynomial: numbers of float32 that went through float64 would take twice the time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

_LN2_HIGH, _LN2_LOW, _PER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.4426950408889634

_SINGLE = np.float32
_ONE, _HALF = _SINGLE(1), _SINGLE(0.5)
_LN2_HIGH_SINGLE, _PER_LN2_SINGLE = _SINGLE(0.693359375), _SINGLE(_PER_LN2)  # 9 bits: k times it is exact
_LN2_LOW_SINGLE = _SINGLE(_LN2_HIGH - 0.693359375 + _LN2_LOW)
_LOWEST_SINGLE = _SINGLE(-104.5)
_TERMS_SINGLE = tuple(_SINGLE(1 / math.factorial(n)) for n in (7, 6, 5, 4, 3))
_P7, _P6, _P5, _P4, _P3 = _TERMS_SINGLE


def exponentials(x):
    """Return exp(x) and exp(x) − 1 for x ≤ 0, within 2 units in the last place; for compiled code."""
    return _in_double(x) if not isinstance(x, np.float32) else _in_single(x)


@overload(exponentials)
def _compiled(x):
    return _call_single if x == types.float32 else _call_double


def _call_single(x):
    return _in_single(x)


def _call_double(x):
    return _in_double(x)


@register_jitable
def _in_double(x):
    x = max(x, -745.5)
    k = np.floor(x * _PER_LN2 + 0.5)
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


@register_jitable
def _in_single(x):
    x = max(x, _LOWEST_SINGLE)
    k = np.floor(x * _PER_LN2_SINGLE + _HALF)
    r = (x - k * _LN2_HIGH_SINGLE) - k * _LN2_LOW_SINGLE
    # Degree 7, where the remainder is below 6e-9.
    p = _P7
    p = p * r + _P6
    p = p * r + _P5
    p = p * r + _P4
    p = p * r + _P3
    p = p * r + _HALF
    less_one = p * r * r + r
    half = np.int32(np.int32(k) >> np.int32(1))
    low, high = _power_of_two_single(half), _power_of_two_single(np.int32(np.int32(k) - half))
    return (_ONE + less_one) * low * high, less_one * low * high + (low * high - _ONE)


@register_jitable
def _power_of_two_single(k):
    return np.int32(np.int32(k + np.int32(127)) << np.int32(23)).view(np.float32)
