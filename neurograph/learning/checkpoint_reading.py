"""From the content of a checkpoint to the training that it holds, every number checked before it is used."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.backends import BACKENDS
from neurograph.engine.lanes import Array
from neurograph.engine.program import Program, compile_network
from neurograph.engine.updates import Memory
from neurograph.errors import OptionError, VersionError, shown
from neurograph.files.arrays import MOST_BYTES, PackedArrays
from neurograph.files.fingerprint import fingerprint
from neurograph.files.json_parsing import parse
from neurograph.files.json_reading import loads
from neurograph.files.problems import Problems, one_problem
from neurograph.files.reading import decode
from neurograph.functions import find_loss
from neurograph.learning.checkpoint_format import (
    ABOUT,
    DTYPES,
    FORMAT,
    OPTIMIZERS,
    PLAN,
    PROGRESS,
    SCHEDULES,
    VERSION,
    WRITTEN_BY,
    Constants,
    broken,
    made,
    parts_of,
    require_names,
)
from neurograph.learning.generators import generator_from_state
from neurograph.learning.history import History
from neurograph.learning.training import Plan, State, Training
from neurograph.network.schema import Net, inputs, outputs
from neurograph.options import bad_option, require_count, require_flag, require_name, require_number
from neurograph.walk.tables import Samples

Expected = dict[str, tuple[str, tuple[int, ...]]]  # dtype and shape of each array
MOST_STEPS = 2**53  # beyond it, a float no longer counts them
_ANY_NUMBER = ("validation_losses",)  # they may overflow in a sound training


@dataclasses.dataclass(frozen=True)
class Saved:
    """A training as a file has it, checked, and not yet compiled."""

    net: Net
    constants: Constants
    versions: dict[str, str]
    backend: str
    dtype: str
    plan: Plan
    state: State
    X: Array
    Y: Array
    validation: tuple[Array, Array] | None

    def training(self, backend: str | None, epochs: int | None) -> Training:
        """Compile the network, and put the training together where it was left."""
        plan = self.plan if epochs is None else dataclasses.replace(self.plan, epochs=epochs)
        program = compile_network(self.net, backend=backend or self.backend, dtype=self.dtype)
        X, Y, _ = program.data(self.X, self.Y, plan.loss.name)
        return Training(program, plan, self.state, X, Y, self._held_out(program))

    def _held_out(self, program: Program) -> tuple[Samples, Samples] | None:
        if self.validation is None:
            return None
        X, Y, _ = program.data(*self.validation, self.plan.loss.name)
        return X, Y


def unpack_training(data: bytes, *, name: str, most_bytes: int) -> Saved:
    """Read the content of a file; every number is checked before it is used.

    Raises
    ------
    FileFormatError
        If it breaks a rule of the format; a ``ChecksumError`` where it was damaged, a ``VersionError``
        where it is newer than this library, an ``UnsafeFileError`` or ``LimitError`` where it must not
        even be read.
    CheckpointError
        If the state of its generator is none.
    """
    packed = PackedArrays(data, name=name, most_bytes=most_bytes)
    about = _read_about(packed)
    with _as_file_error(name):
        plan, every, validated = _read_plan(parts_of(about["plan"], PLAN, f"{name}, plan"), name)
        dtype = require_name("dtype", about["dtype"], DTYPES, "unknown-dtype")
        backend = require_name("backend", about["backend"], BACKENDS, "unknown-backend")
        progress = parts_of(about["progress"], PROGRESS, f"{name}, progress")
        net, network = _read_network(packed, about["fingerprint"], most_bytes)
        epochs = require_count("progress, epochs", progress["epochs"], least=0)
        arrays = _read_arrays(packed, _expected(net, plan, dtype, epochs, validated, packed))
        state = _read_state(arrays, progress, generator_from_state(about["generator"], name))
    validation = (arrays["validation_X"], arrays["validation_Y"]) if validated else None
    constants = Constants(network, about["fingerprint"], every)
    written_by = parts_of(about["written_by"], WRITTEN_BY, f"{name}, written_by")
    return Saved(
        net, constants, written_by, backend, dtype, plan, state, arrays["X"], arrays["Y"], validation
    )


def _read_about(packed: PackedArrays) -> dict[str, Any]:
    """Read the single values; format and version are judged before all else."""
    document = parse(_text(packed, "about"), problems := Problems(f"{packed.name}, about"))
    problems.raise_if_any()
    head = document if isinstance(document, dict) else {}
    version = head.get("version")
    if head.get("format") != FORMAT or type(version) is not int:
        raise broken(packed.name, f"its format is {shown(head.get('format'))}", f"{FORMAT!r}")
    if version > VERSION:
        raise one_problem(
            VersionError,
            f"was written in version {version} of the format",
            code="newer-version",
            where=packed.name,
            expected=f"version {VERSION}",
            fix="upgrade neurograph",
        )
    if version != VERSION:
        raise broken(packed.name, f"its version is {version}", f"{VERSION}")
    return parts_of(document, ABOUT, f"{packed.name}, about")


def _read_plan(parts: dict[str, Any], name: str) -> tuple[Plan, int, bool]:
    patience = parts["patience"]
    plan = Plan(
        loss=find_loss(parts["loss"]),
        optimizer=made(parts["optimizer"], OPTIMIZERS, f"{name}, optimizer"),
        schedule=made(parts["learning_rate"], SCHEDULES, f"{name}, learning_rate"),
        epochs=require_count("epochs", parts["epochs"], least=0),
        batch_size=require_count("batch_size", parts["batch_size"]),
        shuffle=require_flag("shuffle", parts["shuffle"]),
        weight_decay=require_number("weight_decay", parts["weight_decay"], low=0.0),
        clip_norm=require_number("clip_norm", parts["clip_norm"], low=0.0),
        patience=None if patience is None else require_count("patience", patience),
    )
    return plan, require_count("every", parts["every"]), require_flag("validation", parts["validation"])


def _read_network(packed: PackedArrays, stored: Any, most_bytes: int) -> tuple[Net, str]:
    text = _text(packed, "network", most_bytes)
    net = loads(text, name=f"{packed.name}, network", most_bytes=most_bytes)
    if fingerprint(net) != stored:
        raise broken(packed.name, "its network does not match its fingerprint", "the network of the training")
    return net, text


def _expected(
    net: Net, plan: Plan, dtype: str, epochs: int, validated: bool, packed: PackedArrays
) -> Expected:
    """Say which arrays there must be, each with its dtype and shape."""
    edges, kind = net.number_of_edges(), DTYPES[dtype]
    memory = len(Memory.empty(plan.rule, edges, np.float64).first)
    expected: Expected = {
        **{name: ("|u1", packed.shape(name)) for name in ("about", "network")},
        **dict.fromkeys(("weights", "best_weights"), (kind, (edges,))),
        **dict.fromkeys(("memory_first", "memory_second"), (kind, (memory,))),
        **dict.fromkeys(("losses", "learning_rates"), ("<f8", (epochs,))),
    }
    for prefix in ("", "validation_") if validated else ("",):
        samples = packed.shape(f"{prefix}X")[:1] if f"{prefix}X" in packed.names else ()
        expected[f"{prefix}X"] = ("<f8", (*samples, len(inputs(net))))
        expected[f"{prefix}Y"] = ("<f8", (*samples, len(outputs(net))))
    return expected | ({"validation_losses": ("<f8", (epochs,))} if validated else {})


def _read_arrays(packed: PackedArrays, expected: Expected) -> dict[str, NDArray[Any]]:
    """Make all arrays, once names, dtypes and shapes are seen to be right."""
    require_names(packed.names, expected, packed.name)
    for name, (dtype, shape) in expected.items():
        found = packed.dtype(name), packed.shape(name)
        if found != (dtype, shape):
            what = f"{name} has dtype {shown(found[0])} and shape {found[1]}"
            raise broken(packed.name, what, f"dtype {dtype!r} and shape {shape}")
    arrays = {name: packed.read(name) for name in expected}
    for name, array in arrays.items():
        if name not in _ANY_NUMBER and not np.isfinite(array).all():
            raise broken(packed.name, f"{name} holds a number that is not finite", "finite numbers")
    return arrays


def _read_state(
    arrays: dict[str, NDArray[Any]], progress: dict[str, Any], generator: np.random.Generator
) -> State:
    numbers = {name: arrays[name].tolist() for name in ("losses", "learning_rates")}
    validation = arrays["validation_losses"].tolist() if "validation_losses" in arrays else []
    best = require_count("best_epoch", progress["best_epoch"], least=-1)
    measured = validation if "validation_losses" in arrays else numbers["losses"]
    if best >= len(measured):
        raise bad_option("best_epoch", best, f"less than {len(measured)}")
    return State(
        weights=arrays["weights"],
        memory=Memory(
            arrays["memory_first"],
            arrays["memory_second"],
            _read_steps("memory_steps", progress),
        ),
        generator=generator,
        best_weights=arrays["best_weights"],
        best_loss=measured[best] if best >= 0 else math.inf,
        best_epoch=best,
        steps=_read_steps("steps", progress),
        history=History(**numbers, validation_losses=validation),
    )


def _read_steps(name: str, progress: dict[str, Any]) -> int:
    steps = require_count(name, progress[name], least=0)
    if steps > MOST_STEPS:
        raise bad_option(name, steps, f"an integer of at most {MOST_STEPS}")
    return steps


def _text(packed: PackedArrays, name: str, most_bytes: int = MOST_BYTES) -> str:
    if name not in packed.names or packed.dtype(name) != "|u1" or len(packed.shape(name)) != 1:
        raise broken(packed.name, f"it has no text {name!r}", "the arrays of a checkpoint")
    return decode(packed.read(name).tobytes(), name=f"{packed.name}, {name}", most_bytes=most_bytes)


@contextmanager
def _as_file_error(name: str) -> Iterator[None]:
    """Turn the complaint about an option into one about the file that holds it."""
    try:
        yield
    except OptionError as error:
        raise broken(f"{name}, {error.where}", str(error).partition(": ")[2], error.expected) from error
