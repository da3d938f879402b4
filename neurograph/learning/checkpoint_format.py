"""Version 1 of the checkpoint: which arrays it holds, and what may be named in it.

A file of version 1 has these arrays, all of them and no others:

==============================  ================================================================
``about``                       JSON text: format and version first, then all single values
``network``                     the network in the JSON format, with the weights it began with
``weights``, ``best_weights``   one number for each edge, in the order of the compiled program
``memory_first``, ``…_second``  what the optimizer remembers; empty for plain gradient descent
``X``, ``Y``                    the training points
``losses``, ``learning_rates``  one number for each epoch
``validation_X``, ``…_Y``,
``…_losses``                    where there are validation points
==============================  ================================================================

A checkpoint is made between two epochs, so that the generator's state is the one from which the next
order of the points is drawn. Nothing in it depends on the clock.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from neurograph.errors import FileFormatError, NeurographError, OptionError, shown, shown_list
from neurograph.files.fingerprint import fingerprint
from neurograph.files.problems import one_problem
from neurograph.learning.optimizers import SGD, Adam, RMSprop, Rprop
from neurograph.learning.schedules import Constant, ExponentialDecay, InverseTimeDecay, StepDecay
from neurograph.learning.training import Plan
from neurograph.network.schema import Net
from neurograph.options import require_name

FORMAT, VERSION = "neurograph checkpoint", 1

OPTIMIZERS: Mapping[str, Any] = MappingProxyType({row.__name__: row for row in (SGD, RMSprop, Adam, Rprop)})
SCHEDULES: Mapping[str, Any] = MappingProxyType(
    {row.__name__: row for row in (Constant, StepDecay, ExponentialDecay, InverseTimeDecay)}
)
"""What a file may name, and nothing else; no name in a file is ever imported."""

ABOUT = (
    "format", "version", "written_by", "fingerprint", "backend", "dtype", "plan", "progress", "generator",
)  # fmt: skip
WRITTEN_BY = ("neurograph", "numpy", "python", "platform")
PLAN = (
    "loss", "optimizer", "learning_rate", "epochs", "batch_size", "shuffle", "weight_decay", "clip_norm",
    "patience", "every", "validation",
)  # fmt: skip
PROGRESS = ("epochs", "steps", "memory_steps", "best_epoch")
DTYPES = {"float64": "<f8", "float32": "<f4"}


@dataclasses.dataclass(frozen=True)
class Constants:
    """What does not change while a training goes on, ready to be written."""

    network: str
    fingerprint: str
    every: int

    @classmethod
    def of(cls, net: Net, network: str, every: int) -> Constants:
        """Take them from a network and its JSON text."""
        return cls(network, fingerprint(net), every)


def storable_plan(plan: Plan) -> Plan:
    """Return a plan as a file would give it back, every number a plain one.

    Raises
    ------
    OptionError
        If its schedule or optimizer is not one of the library's own.
    """
    optimizer = made(described(plan.optimizer, OPTIMIZERS, "optimizer"), OPTIMIZERS, "optimizer")
    schedule = made(described(plan.schedule, SCHEDULES, "learning_rate"), SCHEDULES, "learning_rate")
    return dataclasses.replace(plan, optimizer=optimizer, schedule=schedule)


def described(thing: Any, table: Mapping[str, Any], argument: str) -> dict[str, Any]:
    """Describe an optimizer or a schedule by its name and its numbers."""
    name = type(thing).__name__
    if table.get(name) is not type(thing):
        raise OptionError(
            f"{shown(thing)} is your own, and a checkpoint cannot hold it",
            code="cannot-be-stored",
            where=argument,
            expected=f"one of {shown_list(table)} with checkpoint=",
            fix="choose one of these, or train without a checkpoint",
        )
    numbers = {field.name: _plain(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
    return {"name": name, **numbers}


def _plain(value: Any) -> Any:
    """Return a number of numpy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def made(description: Any, table: Mapping[str, Any], where: str) -> Any:
    """Make the optimizer or schedule that a description stands for; it checks its numbers itself."""
    name = description.get("name") if isinstance(description, dict) else None
    cls = table[require_name(where.rpartition(", ")[2], name, table, "unknown-name")]
    names = [field.name for field in dataclasses.fields(cls)]
    parts = parts_of(description, ("name", *names), where)
    return cls(*(parts[name] for name in names))


def parts_of(value: Any, names: tuple[str, ...], where: str) -> dict[str, Any]:
    """Return an object of the file, which must have exactly these members."""
    if not isinstance(value, dict):
        raise broken(where, f"is {shown(value)}", "an object")
    require_names(value, names, where)
    return value


def require_names(found: Any, names: Any, where: str) -> None:
    """Raise unless all these names are there, and no others."""
    missing = [name for name in names if name not in found]
    unknown = [name for name in found if name not in names]
    if missing or unknown:
        lacks = [f"lacks {shown_list(missing)}"] if missing else []
        more = [f"has {shown_list(unknown)}, which is not part of the format"] if unknown else []
        raise broken(where, " and ".join(lacks + more), f"exactly {shown_list(names, most=20)}")


def broken(where: str, what: str, expected: str) -> NeurographError:
    """Make the error for a file that breaks a rule of the format."""
    return one_problem(
        FileFormatError,
        what.partition("; expected")[0],
        code="bad-checkpoint",
        where=where,
        expected=expected,
        fix="use a checkpoint as neurograph wrote it",
    )
