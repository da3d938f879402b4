"""The text's network in synaptic and neataptic: one node process that takes its jobs line by line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from measure import PeerMissingError, Seconds

HERE = Path(__file__).parent


class Node:
    """A node process; a context manager, so that it ends with the benchmark."""

    def __init__(self) -> None:
        missing = [name for name in ("synaptic", "neataptic") if not (folder() / name).is_dir()]
        if missing:
            raise PeerMissingError(f"npm has not installed {' and '.join(missing)}")

    def __enter__(self) -> Node:
        self.process = subprocess.Popen(
            ["node", str(HERE / "points.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        self.process.communicate()

    def train(
        self, library: str, steps: int, rate: float, weights: Any, x: Any, t: Any
    ) -> tuple[Seconds, list[float]]:
        """Take so many points one by one; return the seconds of the loop alone, and the weights after it."""
        job = {"library": library, "steps": steps, "rate": rate, "weights": weights, "x": x, "t": t}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return Seconds(answer["seconds"]), answer["weights"]


def folder() -> Path:
    """Where `make bench` lets npm install."""
    return HERE.parent / ".peers" / "node_modules"
