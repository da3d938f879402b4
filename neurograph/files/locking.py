"""One writer at a time: a lock beside the file that names the process which holds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from neurograph.errors import CheckpointError, shown

_LONGEST_PID = 20


@contextlib.contextmanager
def only_writer(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold the lock of a file that is going to be written; readers need none.

    Parameters
    ----------
    path : str or path
        The file. The lock is ``.{name}.lock`` beside it and holds the number of this process. A lock
        whose process is gone is swept away.

    Raises
    ------
    CheckpointError
        If another process holds it; the message names that process.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, only_writer(f"{folder}/net.json"):
    ...     print(os.listdir(folder))
    ['.net.json.lock']
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    _take(lock, target)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()


def _take(lock: Path, target: Path) -> None:
    for _ in range(2):
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            holder = _holder(lock)
            if holder is not None:
                raise _held(lock, target, holder) from None
            with contextlib.suppress(FileNotFoundError):
                lock.unlink()
            continue
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(str(os.getpid()))
        return
    raise _held(lock, target, "unknown")


def _holder(lock: Path) -> str | None:
    """Return the process that holds a lock, or None where it is gone."""
    try:
        text = lock.read_bytes()[:_LONGEST_PID].decode("ascii", "replace").strip()
    except OSError:
        return None
    if not text.isdecimal():
        return "unknown"
    if os.name == "nt":  # there, asking after a process would end it
        return text
    try:
        os.kill(int(text), 0)
    except ProcessLookupError:
        return None
    except (OSError, OverflowError):
        return text
    return text


def _held(lock: Path, target: Path, holder: str) -> CheckpointError:
    return CheckpointError(
        f"process {holder} is writing it",
        code="locked",
        where=shown(str(target)),
        expected="one writer at a time",
        fix=f"wait for that process, or remove {shown(str(lock))} if it is gone",
    )
