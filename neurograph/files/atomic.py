"""Writing a file whole or not at all: whatever happens on the way, the old file is there, or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat

from neurograph.files.reading import path_text

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
for _name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _NEW |= getattr(os, _name, 0)

_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EISDIR, errno.EBADF}


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that a reader sees its old content or its new content, and never a part.

    The bytes go to a new file in the same folder, ``.{name}.{pid}.{random}.tmp``, which reaches the
    disk before it takes the place of the old one. A symbolic link stays, and what it points to is
    replaced. The mode of an old file is kept.

    Parameters
    ----------
    path : str or path
        The file, new or old.
    data : bytes
        Its new content.

    Raises
    ------
    OSError
        If it cannot be written: the disk is full, the file or its folder is read-only, the path is a
        directory or a device. The old file is then as it was, and nothing else is left behind.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "note.txt")
    ...     write_bytes(file, b"new")
    ...     file.read_bytes(), len(list(file.parent.iterdir()))
    (b'new', 1)
    """
    target = os.path.realpath(path_text(path))
    mode = _mode_of_old(target)
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:40]}.{os.getpid()}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, _NEW, 0o666 if mode is None else 0o600)
    try:
        try:
            if mode is not None:
                os.chmod(temporary, mode)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _mode_of_old(target: str) -> int | None:
    """Return the mode of the file that is to be replaced, None if there is none; raise if it must stay."""
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), target)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", target)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    return stat.S_IMODE(mode)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: str) -> None:
    """Bring the new name of the file to the disk, where the system can do that for folders."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)
