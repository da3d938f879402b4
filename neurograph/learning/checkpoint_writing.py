"""From a training to the content of a checkpoint."""

from __future__ import annotations

import dataclasses
import json
import platform
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array
from neurograph.engine.updates import Memory
from neurograph.files.arrays import pack_arrays
from neurograph.learning.checkpoint_format import FORMAT, OPTIMIZERS, SCHEDULES, VERSION, Constants, described
from neurograph.learning.generators import generator_state
from neurograph.learning.training import State, Training
from neurograph.version import VERSION as NEUROGRAPH


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A training between two epochs; later epochs do not change it, so that it can be written at any time."""

    epochs: int
    steps: int
    weights: Array
    best_weights: Array
    best_epoch: int
    memory: Memory
    generator: dict[str, Any]

    @classmethod
    def of(cls, state: State) -> Snapshot:
        """Copy what changes in place; the best weights are always replaced as a whole."""
        memory = state.memory
        return cls(
            epochs=state.history.epochs,
            steps=state.steps,
            weights=state.weights.copy(),
            best_weights=state.best_weights,
            best_epoch=state.best_epoch,
            memory=Memory(memory.first.copy(), memory.second.copy(), memory.steps),
            generator=generator_state(state.generator),
        )


def pack_training(training: Training, snapshot: Snapshot, constants: Constants) -> bytes:
    """Write a training, as it was at a snapshot, as the content of a file."""
    history, epochs = training.state.history, snapshot.epochs
    about = _about(training, snapshot, constants)
    arrays = {
        "about": _as_bytes(json.dumps(about, allow_nan=False)),
        "network": _as_bytes(constants.network),
        "weights": snapshot.weights,
        "best_weights": snapshot.best_weights,
        "memory_first": snapshot.memory.first,
        "memory_second": snapshot.memory.second,
        "X": _as_float64(training.X),
        "Y": _as_float64(training.Y),
        "losses": _as_float64(history.losses[:epochs]),
        "learning_rates": _as_float64(history.learning_rates[:epochs]),
    }
    if training.validation is not None:
        arrays["validation_X"], arrays["validation_Y"] = map(_as_float64, training.validation)
        arrays["validation_losses"] = _as_float64(history.validation_losses[:epochs])
    return pack_arrays(arrays)


def _about(training: Training, snapshot: Snapshot, constants: Constants) -> dict[str, Any]:
    plan = training.plan
    return {
        "format": FORMAT,
        "version": VERSION,
        "written_by": versions(),
        "fingerprint": constants.fingerprint,
        "backend": training.program.backend,
        "dtype": str(training.program.weights.dtype),
        "plan": {
            "loss": plan.loss.name,
            "optimizer": described(plan.optimizer, OPTIMIZERS, "optimizer"),
            "learning_rate": described(plan.schedule, SCHEDULES, "learning_rate"),
            "epochs": plan.epochs,
            "batch_size": plan.batch_size,
            "shuffle": plan.shuffle,
            "weight_decay": plan.weight_decay,
            "clip_norm": plan.clip_norm,
            "patience": plan.patience,
            "every": constants.every,
            "validation": training.validation is not None,
        },
        "progress": {
            "epochs": snapshot.epochs,
            "steps": snapshot.steps,
            "memory_steps": snapshot.memory.steps,
            "best_epoch": snapshot.best_epoch,
        },
        "generator": snapshot.generator,
    }


def versions() -> dict[str, str]:
    """Say what a training runs on."""
    python = ".".join(map(str, sys.version_info[:3]))
    machine = f"{sys.platform} {platform.machine()}"
    return {"neurograph": NEUROGRAPH, "numpy": np.__version__, "python": python, "platform": machine}


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _as_float64(numbers: Any) -> NDArray[np.float64]:
    return np.asarray(numbers, dtype=np.float64)
