"""Writing a file whole or not at all: whatever happens on the way, the old file is there, or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time

from neurograph.files.locking import is_running
from neurograph.files.reading import path_text

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
for _name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _NEW |= getattr(os, _name, 0)

_CHUNK = 2**20
_OLD_ENOUGH = 3600.0  # seconds

_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EISDIR, errno.EBADF}


def write_bytes(
    path: str | os.PathLike[str],
    data: bytes,
    *,
    verify: bool = False,
    keep_old_as: str | None = None,
) -> None:
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
    verify : bool
        Whether the new file is read back and compared before it takes the place of the old one.
    keep_old_as : str, optional
        Another path in the same folder, which the old file has from then on; what was there before is
        given up. At every moment one of both names leads to a whole file.

    Raises
    ------
    OSError
        If it cannot be written: the disk is full, the file or its folder is read-only, the path is a
        directory or a device, what is read back is something else. The old file is then as it was, and
        nothing else is left behind.

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
    temporary = _temporary(target)
    try:
        descriptor = os.open(temporary, _NEW, 0o666 if mode is None else 0o600)
    except OSError as error:
        error.filename = target  # nobody knows the other name
        raise
    try:
        try:
            if mode is not None:
                os.chmod(temporary, mode)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if verify:
            _require_content(temporary, data)
        if keep_old_as is not None and mode is not None:
            _keep(target, keep_old_as)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(target))


def sweep(path: str | os.PathLike[str]) -> list[str]:
    """Remove what writers of a file left behind when they were killed; return the names.

    Only temporary files of :func:`write_bytes` for this name go, and only where the process that made
    them is gone and they are older than an hour.

    Parameters
    ----------
    path : str or path
        The file that was being written.

    Returns
    -------
    list of str

    Raises
    ------
    OSError
        If its folder cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, ".note.txt.99999999.0123456789abcdef.tmp").write_bytes(b"")
    ...     sweep(pathlib.Path(folder, "note.txt"))  # it is not an hour old
    []
    """
    folder, name = os.path.split(os.path.realpath(path_text(path)))
    ours = re.compile(re.escape(f".{name[:40]}.") + r"([0-9]{1,20})\.[0-9a-f]{16}\.tmp")
    swept = []
    with os.scandir(folder) as entries:
        for entry in entries:
            found = ours.fullmatch(entry.name)
            if found and not is_running(found[1]) and _is_old_file(entry):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                    swept.append(entry.name)
    return swept


def _is_old_file(entry: os.DirEntry[str]) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > _OLD_ENOUGH


def _temporary(target: str) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:40]}.{os.getpid()}.{secrets.token_hex(8)}.tmp")


def _require_content(temporary: str, data: bytes) -> None:
    """Read a new file back; what a disk did not take as it was given must not replace the old file."""
    with open(temporary, "rb") as stream:
        for start in range(0, len(data) + 1, _CHUNK):
            if stream.read(_CHUNK) != data[start : start + _CHUNK]:
                raise OSError(errno.EIO, "what is read back is not what was written", temporary)


def _keep(target: str, name: str) -> None:
    """Give the old file another name while it keeps its own; where it cannot have two, only the other."""
    link = _temporary(target)
    try:
        os.link(target, link)
    except OSError:
        os.replace(target, name)
        return
    try:
        os.replace(link, name)
    finally:
        with contextlib.suppress(OSError):  # it is still there where both names were one file before
            os.unlink(link)


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
