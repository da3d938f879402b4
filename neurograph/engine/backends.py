"""The table of backends: what each needs, and which one ``auto`` takes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from neurograph.engine.lanes import Backend
from neurograph.engine.layout import Layout
from neurograph.engine.points import function_codes
from neurograph.errors import MissingExtraError, OptionError, shown
from neurograph.options import require_name

Maker = Callable[[Layout, type[np.floating[Any]]], Backend]


@dataclass(frozen=True)
class Row:
    """One backend: how to make it, the package it needs, and the extra that installs that package."""

    make: Maker
    package: str = ""
    extra: str = ""

    @property
    def installed(self) -> bool:
        return not self.package or importlib.util.find_spec(self.package) is not None


def _numpy(layout: Layout, dtype: type[np.floating[Any]]) -> Backend:
    from neurograph.engine.numpy_backend import NumpyBackend

    return NumpyBackend(layout, dtype)


def _numba(layout: Layout, dtype: type[np.floating[Any]]) -> Backend:
    from neurograph.engine.numba_backend import NumbaBackend

    return NumbaBackend(layout, dtype)


def _walk(layout: Layout, dtype: type[np.floating[Any]]) -> Backend:
    from neurograph.engine.walk_backend import WalkBackend

    return WalkBackend(layout, dtype)


BACKENDS: Mapping[str, Row] = MappingProxyType(
    {"numpy": Row(_numpy), "numba": Row(_numba, "numba", "fast"), "walk": Row(_walk)}
)
"""Every backend by its name; a read-only view."""


def choose_backend(name: str, layout: Layout, dtype: type[np.floating[Any]]) -> Backend:
    """Make the backend of that name; ``"auto"`` takes the fastest that serves this network.

    Raises
    ------
    OptionError
        If there is none of that name, or it cannot serve this network.
    MissingExtraError
        If it is not installed.
    """
    if name == "auto":
        fast = BACKENDS["numba"].installed and function_codes(layout) is not None
        return BACKENDS["numba" if fast else "numpy"].make(layout, dtype)
    row = BACKENDS[require_name("backend", name, ["auto", *BACKENDS], "unknown-backend")]
    if not row.installed:
        raise MissingExtraError(
            f"the backend {name!r} needs {row.package}, which is not installed",
            code="missing-extra",
            where="backend",
            expected=f"the package {row.package}",
            fix=f"pip install 'neurograph-sim[{row.extra}]'",
        )
    return row.make(layout, dtype)


def find_dtype(dtype: Any) -> type[np.floating[Any]]:
    """Return float64 or float32, however it is written.

    Raises
    ------
    OptionError
        If it is any other type of numbers.
    """
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        found = None
    for kind in (np.float64, np.float32):
        if dtype is not None and found is not None and found == np.dtype(kind):  # None equals float64
            return kind
    raise OptionError(
        f"got {shown(dtype)}",
        code="unknown-dtype",
        where="dtype",
        expected="float64 or float32",
        fix="give numpy.float64 or numpy.float32",
    )
