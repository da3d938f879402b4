"""Keeping a training in a file while it goes on: the newest checkpoint, and the one before it."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from types import TracebackType

from neurograph.errors import CheckpointError, DataError, LimitError, NeurographError, VersionError
from neurograph.files.arrays import MOST_BYTES
from neurograph.files.atomic import sweep, write_bytes
from neurograph.files.locking import only_writer
from neurograph.files.problems import within_means
from neurograph.files.reading import path_shown, path_text, read_bytes
from neurograph.learning.checkpoint_format import Constants
from neurograph.learning.checkpoint_reading import Saved, unpack_training
from neurograph.learning.checkpoint_writing import Snapshot, pack_training
from neurograph.learning.training import Training

PREVIOUS = ".previous"
OLDER = "an older checkpoint is as it was, for neurograph.resume"


def previous_path(path: str | os.PathLike[str]) -> str:
    """Return where the checkpoint before the newest one is.

    >>> os.path.basename(previous_path("run.checkpoint"))
    'run.checkpoint.previous'
    """
    return os.path.realpath(path_text(path)) + PREVIOUS


@contextlib.contextmanager
def sole_writer(path: str | os.PathLike[str], older: str) -> Iterator[None]:
    """Hold a file for this process alone, and sweep away what killed ones left behind.

    Parameters
    ----------
    path : str or path
        The file.
    older : str
        What an error says about the file that is there already.

    Raises
    ------
    CheckpointError
        If another process holds it, or nothing can be written there.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(only_writer(path_text(path)))
            sweep(path)
        except OSError as error:
            raise cannot_write(path, error, older) from error
        yield


def sole_training(path: str | os.PathLike[str]) -> contextlib.AbstractContextManager[None]:
    """Hold a checkpoint for one training, as :func:`sole_writer` does."""
    return sole_writer(path, OLDER)


def refuse_old_checkpoint(path: str | os.PathLike[str]) -> None:
    """Raise if there is a checkpoint, or anything else, where a new training wants to put its own."""
    for place in (os.path.realpath(path_text(path)), previous_path(path)):
        try:
            os.lstat(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise cannot_write(path, error) from error
        raise CheckpointError(
            "is there already",
            code="checkpoint-exists",
            where=path_shown(place),
            expected="a new file",
            fix="go on with that training by neurograph.resume, remove the file, or choose another name",
        )


class Keeper:
    """Writes checkpoints of one training; used as a context around it.

    Parameters
    ----------
    path : str or path
        The newest checkpoint; the one before has the same name with ``.previous`` at its end.
    training : Training
        The training.
    constants : Constants
        What does not change in it; ``every`` says after how many epochs to write.
    newest_is_good : bool
        Whether the file that is there may take the place of the one before it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        training: Training,
        constants: Constants,
        *,
        newest_is_good: bool,
    ) -> None:
        self._path, self._training, self._constants = path, training, constants
        self._newest_is_good = newest_is_good
        self._snapshot = Snapshot.of(training.state)
        self._written = self._snapshot.epochs

    def __enter__(self) -> Keeper:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write the last whole epoch, unless it is written, or writing failed, or the data changed."""
        changed = isinstance(error, DataError) and error.code == "data-changed"
        if self._written == self._snapshot.epochs or changed or isinstance(error, CheckpointError):
            return
        try:
            self.write()
        except CheckpointError as failed:
            if error is None:
                raise
            warnings.warn(str(failed), stacklevel=3)

    def after_epoch(self, training: Training) -> None:
        """Remember the state after an epoch; write it when its turn has come."""
        self._snapshot = Snapshot.of(training.state)
        if self._snapshot.epochs % self._constants.every == 0:
            self.write()

    def write(self) -> None:
        """Write the state that was remembered last.

        Raises
        ------
        CheckpointError
            If it cannot be written; the checkpoints that are there stay.
        """
        older = previous_path(self._path) if self._newest_is_good else None
        try:
            data = pack_training(self._training, self._snapshot, self._constants)
            write_bytes(self._path, data, verify=True, keep_old_as=older)
        except (OSError, LimitError) as error:
            raise cannot_write(self._path, error) from error
        self._newest_is_good, self._written = True, self._snapshot.epochs


def read_newest(path: str | os.PathLike[str], most_bytes: int = MOST_BYTES) -> tuple[Saved, bool]:
    """Read the newest checkpoint that is whole, and say whether it is the one of this name.

    Raises
    ------
    OSError
        If there is none, or it may not be read.
    NeurographError
        If it is damaged, and there is none before it that is whole.
    """
    try:
        return _read(path, most_bytes), True
    except VersionError:
        raise
    except (NeurographError, FileNotFoundError) as error:
        try:
            saved = _read(previous_path(path), most_bytes)
        except (NeurographError, OSError):
            raise error from None
        epochs = saved.state.history.epochs
        problem = str(error) if isinstance(error, NeurographError) else f"{path_shown(path)} is missing."
        text = f"{problem} Going on from the checkpoint before it, of epoch {epochs}."
        warnings.warn(text, stacklevel=3)
        return saved, False


def _read(path: str | os.PathLike[str], most_bytes: int) -> Saved:
    name = path_shown(path)
    with within_means(name):
        return unpack_training(read_bytes(path, most_bytes=most_bytes), name=name, most_bytes=most_bytes)


def warn_of_other_versions(saved: Saved, here: dict[str, str]) -> None:
    """Warn where the next epochs may round in another way than they would have."""
    before, now = saved.versions["numpy"], here["numpy"]
    if before != now:
        text = f"the checkpoint was written with numpy {before} and this is {now}"
        warnings.warn(f"{text}: from here on numbers may differ in their last digits", stacklevel=3)


def cannot_write(path: str | os.PathLike[str], error: Exception, older: str = OLDER) -> CheckpointError:
    """Make the error of a file that cannot be written; ``older`` says what is with the one that is there."""
    reason = getattr(error, "strerror", None) or error
    return CheckpointError(
        f"cannot be written: {reason}",
        code="cannot-write",
        where=path_shown(path),
        expected="a folder with room that may be written to",
        fix=f"make room or choose another folder; {older}",
    )
