"""Finished chunks in one file, so that a dead parent costs only what was in flight."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import CheckpointError, LimitError
from neurograph.files.arrays import PackedArrays, pack_arrays
from neurograph.files.atomic import write_bytes
from neurograph.files.reading import path_shown, read_bytes
from neurograph.learning.chunks import Chunk, Finished

FORMAT = 1
_NAMES = ["format", "work", "chunks", "losses", "best_counts", "best", "weights"]


class ChunkStore:
    """The finished chunks of one piece of work, in one file that is replaced whole after each of them.

    Parameters
    ----------
    path : str or path
        The file; it need not exist.
    work : bytes
        What names the work: a digest of all that its result depends on.
    edges : int
        How many weights a network has.

    Raises
    ------
    CheckpointError
        If the file belongs to other work, or cannot be written.
    FileFormatError
        If it is damaged or no such file at all.
    """

    def __init__(self, path: str | os.PathLike[str], work: bytes, edges: int) -> None:
        self._path, self._work, self._edges = path, work, edges

    def read(self) -> list[Finished]:
        """Return what is finished; nothing where there is no file."""
        if not os.path.exists(self._path):
            return []
        name = path_shown(self._path)
        packed = PackedArrays(read_bytes(self._path, most_bytes=2**31), name=name)
        if packed.names != _NAMES or packed.read("format").tolist() != [FORMAT]:
            raise self._other("is no file of restarts of this version", "give the file that restarts wrote")
        if packed.read("work").tobytes() != self._work:
            raise self._other(
                "belongs to other restarts",
                "call with the network, data and options of then, or another file",
            )
        finished = list(self._split({member: packed.read(member) for member in _NAMES[2:]}))
        for part in finished:
            if part.weights.shape != (len(part.best), self._edges) or len(part.losses) != len(
                part.chunk.restarts
            ):
                raise self._other("is not as restarts wrote it", "remove it and begin anew")
        return finished

    def write(self, finished: Iterable[Finished]) -> None:
        """Replace the file by one with these chunks.

        Raises
        ------
        CheckpointError
            If that fails; the old file stays.
        """
        parts = list(finished)
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array([FORMAT], dtype=np.int64),
            "work": np.frombuffer(self._work, dtype=np.uint8),
            "chunks": np.array([(p.chunk.first, p.chunk.last) for p in parts], dtype=np.int64).reshape(-1, 2),
            "losses": np.concatenate([p.losses for p in parts]),
            "best_counts": np.array([len(p.best) for p in parts], dtype=np.int64),
            "best": np.concatenate([p.best for p in parts]).astype(np.int64),
            "weights": np.concatenate([p.weights for p in parts]),
        }
        try:
            write_bytes(self._path, pack_arrays(arrays))
        except (OSError, LimitError) as error:
            raise CheckpointError(
                f"cannot be written: {error}",
                code="checkpoint-not-written",
                where=path_shown(self._path),
                expected="a file that can be written",
                fix="make room or choose another place",
            ) from error

    def _split(self, arrays: dict[str, NDArray[Any]]) -> Iterable[Finished]:
        done = kept = 0
        counts = arrays["best_counts"].tolist()
        for (first, last), count in zip(arrays["chunks"].tolist(), counts, strict=True):
            losses = arrays["losses"][done : done + last - first]
            best = arrays["best"][kept : kept + count]
            yield Finished(Chunk(first, last), losses, best, arrays["weights"][kept : kept + count])
            done, kept = done + last - first, kept + count

    def _other(self, what: str, fix: str) -> CheckpointError:
        return CheckpointError(
            what,
            code="other-work",
            where=path_shown(self._path),
            expected="finished chunks of this work",
            fix=fix,
        )


def digest(parts: Iterable[object]) -> bytes:
    """Name a piece of work by all that its result depends on: arrays by bytes, anything else by its repr.

    >>> len(digest([np.zeros(3), "squared", 0.1]))
    32
    """
    total = hashlib.sha256()
    for part in parts:
        text = repr(part) if not isinstance(part, np.ndarray) else f"{part.dtype.str}{part.shape}"
        content = part.tobytes() if isinstance(part, np.ndarray) else b""
        total.update(f"{len(text)}:{text}:{len(content)}:".encode())
        total.update(content)
    return total.digest()
