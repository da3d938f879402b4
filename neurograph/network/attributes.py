"""What may stand on nodes and edges: keys, weights, flags, names of activations."""

from __future__ import annotations

import math
import numbers
import re
import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np

from neurograph.errors import InvalidNetworkError, WeightError, did_you_mean, shown, shown_list
from neurograph.functions import ACTIVATIONS

LONGEST_KEY = 1000


def as_text(value: object) -> str:
    """Return the plain string that a value is, safe to compare and to look up; empty where it is none.

    >>> as_text("hidden"), as_text(["hidden"])
    ('hidden', '')
    """
    return str.__str__(value) if issubclass(type(value), str) else ""


def arrow(source: object, target: object) -> str:
    """Write an edge as text.

    >>> arrow(4, 6)
    '4 → 6'
    """
    return f"{shown(source)} → {shown(target)}"


def weight_problem(weight: object) -> tuple[str, str] | None:
    """Say why a value cannot be a weight, as (code, what it is); None where it can.

    >>> weight_problem("0.5")
    ('weight-not-a-number', "is the text '0.5'")
    """
    if type(weight) is float:
        return None if math.isfinite(weight) else ("weight-not-finite", f"is {weight}")
    if weight is None:
        return "missing-weight", "has no weight"
    if isinstance(weight, str):
        return "weight-not-a-number", f"is the text {shown(weight)}"
    if isinstance(weight, bool | np.bool_) or not isinstance(weight, numbers.Real | Decimal):
        return "weight-not-a-number", f"is {shown(weight)}, a {type(weight).__name__}"
    return _conversion_problem(weight)


def _conversion_problem(weight: Any) -> tuple[str, str] | None:
    """Say why a real number that is no plain float cannot become one."""
    try:
        number = float(weight)
    except OverflowError:
        return "weight-not-finite", "does not fit a float64"
    except Exception:
        return "weight-not-a-number", f"is {shown(weight)}, which cannot become a float"
    if not math.isfinite(number):
        return "weight-not-finite", f"is {shown(weight)}"
    if isinstance(weight, int | np.integer) and int(number) != int(weight):
        return "weight-not-a-number", f"is {shown(weight)}, which a float64 cannot hold exactly"
    return None


def as_weight(weight: Any, *, where: str) -> float:
    """Return a weight as a float, or raise :class:`~neurograph.errors.WeightError` naming the place."""
    problem = weight_problem(weight)
    if problem is None:
        return float(weight)
    code, what = problem
    raise WeightError(
        f"the weight {what}" if code != "missing-weight" else "there is no weight",
        code=code,
        where=where,
        expected="a finite number",
        fix="give a finite number, such as 0.5",
    )


def as_trainable(trainable: object, *, where: str) -> bool:
    """Return a flag as a bool, or raise where it is anything but True or False."""
    if isinstance(trainable, bool | np.bool_):
        return bool(trainable)
    raise InvalidNetworkError(
        f"trainable is {shown(trainable)}",
        code="trainable-not-boolean",
        where=where,
        expected="True or False",
        fix="give trainable=False to freeze the edge",
    )


def key_problem(key: object) -> str:
    """Say why a value cannot be the key of a neuron; empty where it can.

    >>> key_problem(True)
    'is a bool'
    """
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        return "" if abs(int(key)) < 10**20 else "has more than 20 digits"
    if not isinstance(key, str):
        return f"is a {type(key).__name__}"
    if not key.strip():
        return "is blank"
    if len(key) > LONGEST_KEY:
        return f"has {len(key)} characters"
    bad = next((c for c in key if unicodedata.category(c) in ("Cc", "Cs")), None)
    return f"contains the character {bad!a}" if bad is not None else ""


def twin_key(key: Any, keys: Any) -> Any:
    """Return the neuron whose key looks the same but is of the other type (1 and "1"), or None."""
    if not isinstance(key, str):
        other: int | str = str(key)
    elif re.fullmatch("-?[0-9]{1,20}", key):
        other = int(key)
    else:
        return None
    return other if str(other) == str(key) and other in keys else None


def require_activation(activation: object, *, where: str) -> None:
    """Raise unless the activation is a name of the table; the nearest name is suggested."""
    if as_text(activation) in ACTIVATIONS:
        return
    raise InvalidNetworkError(
        f"unknown activation {shown(activation)}",
        code="unknown-activation",
        where=where,
        expected=f"one of {shown_list(ACTIVATIONS, most=30)}",
        fix=did_you_mean(activation, ACTIVATIONS) or "choose one of these, or register your own",
    )
