"""Finished chunks in one file, so that a dead parent costs only what was in flight."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import CheckpointError, LimitError
from neurograph.files.arrays import MOST_BYTES, PackedArrays, pack_arrays
from neurograph.files.atomic import write_bytes
from neurograph.files.reading import path_shown, read_bytes
from neurograph.learning.checkpoints import cannot_write, sole_writer
from neurograph.learning.chunks import Chunk, Finished

FORMAT = 1
_OLDER = "what is finished stays in the file that is there, and the same call goes on with it"
_DTYPES = {
    "format": "<i8", "work": "|u1", "chunks": "<i8", "losses": "<f8", "best_counts": "<i8", "best": "<i8",
    "weights": "<f8",
}  # fmt: skip


class Named(Protocol):
    """Work that can be kept in a file."""

    @property
    def edges(self) -> int:
        """How many weights a network has."""

    def digest(self, n: int) -> bytes:
        """Name the work, in so many pieces, by all that its result depends on."""


@contextmanager
def kept_chunks(path: Any, work: Named, pieces: int) -> Iterator[ChunkStore]:
    """Hold the file of a piece of work for this process alone.

    Raises
    ------
    CheckpointError
        If another process holds it, or nothing can be written there.
    """
    with sole_writer(path, _OLDER):
        yield ChunkStore(path, work.digest(pieces), pieces, work.edges)


class ChunkStore:
    """The finished chunks of one piece of work, in one file that is replaced whole after each of them.

    Parameters
    ----------
    path : str or path
        The file; it need not exist.
    work : bytes
        What names the work: a digest of all that its result depends on.
    pieces : int
        How many pieces the work has.
    edges : int
        How many weights a network has.

    Raises
    ------
    CheckpointError
        If the file belongs to other work, or cannot be written.
    FileFormatError
        If it is damaged or no such file at all.
    """

    def __init__(self, path: str | os.PathLike[str], work: bytes, pieces: int, edges: int) -> None:
        self._path, self._work, self._pieces, self._edges = path, work, pieces, edges

    def read(self) -> list[Finished]:
        """Return what is finished; nothing where there is no file."""
        if not os.path.lexists(self._path):
            return []
        packed = PackedArrays(read_bytes(self._path, most_bytes=MOST_BYTES), name=path_shown(self._path))
        if {name: packed.dtype(name) for name in packed.names} != _DTYPES:
            raise self._other("is no file of restarts", "give the file that restarts wrote")
        arrays = {name: packed.read(name) for name in packed.names}
        if arrays["format"].tolist() != [FORMAT]:
            raise self._other("is of another version", "use the neurograph that wrote it, or another file")
        if arrays["work"].tobytes() != self._work:
            raise self._other(
                "belongs to other restarts",
                "call with the network, data and options of then, or another file",
            )
        if not self._is_sound(arrays):
            raise self._other("is not as restarts wrote it", "remove it and begin anew")
        return list(self._split(arrays))

    def _is_sound(self, arrays: dict[str, NDArray[Any]]) -> bool:
        """Whether the arrays fit each other and this work."""
        chunks, counts, best = arrays["chunks"], arrays["best_counts"], arrays["best"]
        if chunks.ndim != 2 or chunks.shape[1] != 2 or counts.shape != chunks.shape[:1]:
            return False
        bounds = chunks.ravel()
        lengths = bounds[1::2] - bounds[::2]
        return bool(
            ((bounds >= 0) & (bounds <= self._pieces)).all()
            and (lengths > 0).all()
            and (bounds[2::2] >= bounds[1:-1:2]).all()
            and ((counts >= 0) & (counts <= lengths)).all()
            and arrays["losses"].shape == (lengths.sum(),)
            and best.shape == (counts.sum(),)
            and ((best >= np.repeat(bounds[::2], counts)) & (best < np.repeat(bounds[1::2], counts))).all()
            and arrays["weights"].shape == (len(best), self._edges)
            and np.isfinite(arrays["weights"]).all()
        )

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
            write_bytes(self._path, pack_arrays(arrays), verify=True)
        except (OSError, LimitError) as error:
            raise cannot_write(self._path, error, _OLDER) from error

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
