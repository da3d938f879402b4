"""The state of a random generator as text, and back, for every bit generator of numpy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.random import MT19937, PCG64, PCG64DXSM, SFC64, Philox

from neurograph.errors import CheckpointError, NeurographError, OptionError, shown, shown_list

BIT_GENERATORS: Mapping[str, Any] = MappingProxyType(
    {"PCG64": PCG64, "PCG64DXSM": PCG64DXSM, "MT19937": MT19937, "Philox": Philox, "SFC64": SFC64}
)
"""Every bit generator that numpy has, by its name."""

_LARGEST = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "uinteger": 2**32 - 1}
_LARGEST_OTHERWISE = 2**128 - 1


def generator_state(generator: np.random.Generator) -> dict[str, Any]:
    """Return the state of a generator with every integer as a string of decimal digits.

    As numbers of a JSON file, integers of 128 bits would be lost on readers that hold them in doubles.

    Raises
    ------
    OptionError
        If its bit generator is none of numpy's own.

    Examples
    --------
    >>> generator_state(np.random.default_rng(0))["state"]["state"]
    '35399562948360463058890781895381311971'
    """
    name = type(generator.bit_generator).__name__
    if BIT_GENERATORS.get(name) is not type(generator.bit_generator):
        raise OptionError(
            f"the bit generator {shown(name)} cannot be stored",
            code="unknown-generator",
            where="seed",
            expected=f"one of {shown_list(BIT_GENERATORS)}",
            fix="give an integer as the seed, or train without a checkpoint",
        )
    state: dict[str, Any] = _as_text(generator.bit_generator.state)
    return state


def generator_from_state(state: Any, where: str) -> np.random.Generator:
    """Make the generator that has a state of :func:`generator_state`.

    Every number is checked before it reaches numpy, which takes some that it must not.

    Raises
    ------
    CheckpointError
        If it is no such state.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> again = generator_from_state(generator_state(generator), "the file")
    >>> again.random() == generator.random()
    True
    """
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if not isinstance(name, str) or name not in BIT_GENERATORS:
        raise _bad_state(where, f"names the bit generator {shown(name)}")
    bits = BIT_GENERATORS[name](0)
    bits.state = _as_numbers(state, bits.state, "", where)
    if _as_text(bits.state) != state:
        raise _bad_state(where, "holds a state that this generator cannot have")
    return np.random.Generator(bits)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, np.ndarray):
        return [str(number) for number in value.tolist()]
    return value if isinstance(value, str) else str(value)


def _as_numbers(value: Any, model: Any, name: str, where: str) -> Any:
    """Read a state in the form of a model: the same names, as many numbers, none of them too large."""
    if isinstance(model, dict):
        if not isinstance(value, dict) or set(value) != set(model):
            raise _bad_state(where, f"has not the parts {shown_list(model)}")
        return {part: _as_numbers(value[part], model[part], part, where) for part in model}
    if isinstance(model, np.ndarray):
        if not isinstance(value, list) or len(value) != len(model):
            raise _bad_state(where, f"has not {len(model)} numbers in {name!r}")
        most = int(np.iinfo(model.dtype).max)
        return np.array([_as_number(word, most, name, where) for word in value], dtype=model.dtype)
    if isinstance(model, str):
        return model
    return _as_number(value, _LARGEST.get(name, _LARGEST_OTHERWISE), name, where)


def _as_number(word: Any, most: int, name: str, where: str) -> int:
    """Read one integer; of an even increment numpy says nothing, and repeats itself soon."""
    plain = isinstance(word, str) and word.isascii() and word.isdecimal() and len(word) < 40
    if not plain or int(word) > most or (name == "inc" and int(word) % 2 == 0):
        raise _bad_state(where, f"has {name} {shown(word)}")
    return int(word)


def _bad_state(where: str, what: str) -> NeurographError:
    return CheckpointError(
        f"its generator {what}",
        code="bad-generator",
        where=where,
        expected="the state of a generator of numpy",
        fix="use another copy of the checkpoint",
    )
