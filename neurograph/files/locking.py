"""One writer at a time: a lock beside the file that names the process which holds it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from neurograph.errors import CheckpointError, shown

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without such locks
    fcntl = None  # type: ignore[assignment]

_LONGEST_PID = 20
_FLAGS = os.O_RDWR | os.O_CREAT
for _name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"):
    _FLAGS |= getattr(os, _name, 0)


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
    if not target.name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    lock = target.with_name(f".{target.name}.lock")
    descriptor = _take(lock, target)
    try:
        yield
    finally:
        _release(lock, descriptor)


def _release(lock: Path, descriptor: int) -> None:
    """Remove the lock while it is still ours; where open files cannot be removed, right after."""
    with contextlib.suppress(OSError):
        lock.unlink()
    os.close(descriptor)
    if os.name == "nt":
        with contextlib.suppress(OSError):
            lock.unlink()


def _take(lock: Path, target: Path) -> int:
    """Open the lock and write our number into it; the open file is returned.

    The system's own lock on that file decides, so that a number left by a process that was killed
    means nothing, even where another process has that number now.
    """
    while True:
        descriptor = os.open(lock, _FLAGS, 0o644)
        try:
            free, holder = _lock(descriptor), _holder(descriptor)
            if free is None:
                free = not is_running(holder)
            if not free:
                raise _held(lock, target, holder)
            if _is_at(lock, descriptor):  # else it was swept between our opening it and our having it
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, str(os.getpid()).encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Take the system's lock on an open file, which ends with the process; say whether it was free.

    None where the system or the folder has no such locks, and the number in the file alone must do.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _holder(descriptor: int) -> str:
    """Return the number of the process that a lock names; empty where it names none."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = os.read(descriptor, _LONGEST_PID).decode("ascii", "replace").strip()
    return text if text.isdecimal() else ""


def is_running(holder: str) -> bool:
    """Say whether the process of this number is there; False for the empty number.

    >>> is_running(str(os.getpid()))
    True
    """
    if not holder:
        return False
    if os.name == "nt":  # there, asking after a process would end it
        return True
    try:
        os.kill(int(holder), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _is_at(lock: Path, descriptor: int) -> bool:
    """Say whether the open file is still the one of this name."""
    try:
        return os.path.samestat(os.stat(lock), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _held(lock: Path, target: Path, holder: str) -> CheckpointError:
    return CheckpointError(
        f"process {holder or 'unknown'} is writing it",
        code="locked",
        where=shown(str(target)),
        expected="one writer at a time",
        fix=f"wait for that process, or remove {shown(str(lock))} if it is gone",
    )
