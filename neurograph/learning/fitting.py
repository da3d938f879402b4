"""The doors of training: ``fit`` begins one, ``resume`` goes on with one that was kept in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from neurograph.engine.program import Program, compile_network
from neurograph.errors import CheckpointError, DataError, OptionError
from neurograph.files.arrays import MOST_BYTES
from neurograph.files.fingerprint import first_difference
from neurograph.files.json_writing import dumps
from neurograph.files.problems import check_limit
from neurograph.files.reading import path_shown
from neurograph.learning.checkpoint_format import Constants, storable_plan
from neurograph.learning.checkpoint_reading import Saved
from neurograph.learning.checkpoint_writing import versions
from neurograph.learning.checkpoints import (
    Keeper,
    read_newest,
    refuse_old_checkpoint,
    sole_training,
    warn_of_other_versions,
)
from neurograph.learning.history import History
from neurograph.learning.optimizers import Optimizer, read_optimizer
from neurograph.learning.schedules import Schedule, read_schedule
from neurograph.learning.training import Callback, Plan, State, Training, clipped
from neurograph.network.schema import Net
from neurograph.network.validation import validate
from neurograph.options import bad_option, require_count, require_flag, require_generator, require_number
from neurograph.walk.tables import Samples


def fit(
    net: Net,
    X: Any,
    Y: Any,
    *,
    loss: str = "squared",
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | Schedule = 0.1,
    epochs: int = 1,
    batch_size: int = 1,
    shuffle: bool = True,
    seed: int | np.random.Generator | None = None,
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
    validation: tuple[Any, Any] | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = False,
    backend: str = "auto",
    dtype: Any = np.float64,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 1,
) -> History:
    """Train a network by gradient descent; its trainable weights are changed in place.

    With the defaults this is the text's algorithm: the gradient of one training point after another is
    computed with the weights from before it, then every weight is updated.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors. Its frozen edges keep their weights.
    X : array of shape (samples, inputs)
        Also nested lists, a data frame or a mapping of columns; columns in the order of ``inputs(net)``.
        More than 2**23 numbers in an array are read where they lie, so it may be a memory map.
    Y : array of shape (samples, outputs)
        The targets, in the same forms; columns in the order of ``outputs(net)``.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    optimizer : str or Optimizer
        ``"sgd"``, ``"rmsprop"``, ``"adam"``, ``"rprop"``, or an optimizer such as ``SGD(momentum=0.9)``.
    learning_rate : float or schedule
        The text's step size: a number, or a function of the epoch (counted from 0) such as
        ``InverseTimeDecay(0.5)``; with ``per="step"``, of the step.
    epochs : int
        How often to go through all points.
    batch_size : int
        How many points share one gradient, which is then their mean.
    shuffle : bool
        Whether each epoch takes the points in a new random order.
    seed : int or numpy.random.Generator, optional
        For the shuffling: epoch after epoch takes ``numpy.random.default_rng(seed).permutation(samples)``.
    weight_decay : float
        This times each weight is added to its gradient.
    clip_norm : float, optional
        A gradient whose Euclidean norm, over all trainable weights, is larger is scaled down to it.
    validation : (X, Y), optional
        Points that are not trained on; their loss is measured after every epoch.
    patience : int, optional
        Stop when so many epochs have brought no lower loss (of the validation points, if there are
        any), and keep the best weights.
    callbacks : sequence of callable
        Each is called after every epoch with the history so far, whose lists grow on as training goes on,
        the weights being on the graph; one that returns True ends the training.
    progress : bool
        Whether to show the epochs as they pass, on standard error.
    backend, dtype
        As for :func:`neurograph.compile_network`.
    checkpoint : str or path, optional
        A new file that holds the whole training while it goes on, for :func:`neurograph.resume`; the
        one before it has the same name with ``.previous`` at its end. A schedule or an optimizer of
        your own cannot be held.
    every : int
        After how many epochs to write the checkpoint; one is always written before the first epoch and
        after the last.

    Returns
    -------
    History
        Its ``losses`` has one number for each epoch, its ``stopped`` says why training ended. After
        Ctrl-C that is ``"interrupted"``, and the network has the best weights so far, measured after
        whole epochs.

    Raises
    ------
    InvalidNetworkError, DataError, OptionError, MissingExtraError
        At the door, before anything is changed. Later only where a callback changes the network, or an array
        that is read where it lies, or a schedule of your own gives no sound number; the network has the
        weights of the last whole epoch then.
    DivergedError
        If a number stops being finite. It names the first neuron or edge, the sample and the epoch, and
        the network has the weights of the last whole epoch.
    CheckpointError
        If there is a checkpoint already, another process holds it, or it cannot be written. In the midst
        of training, the network has the weights of the last whole epoch, and the last checkpoint stays.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.mlp([2, 3, 1], output_activation="logistic", seed=0)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> history = ng.fit(net, X, Y, loss="cross_entropy", learning_rate=0.5, epochs=200, seed=0)
    >>> history.losses[-1] < 0.05 < history.losses[0]
    True
    """
    program = compile_network(net, backend=backend, dtype=dtype)
    table, targets, row = program.data(X, Y, loss)
    plan = Plan(
        loss=row,
        optimizer=read_optimizer(optimizer),
        schedule=read_schedule(learning_rate),
        epochs=require_count("epochs", epochs, least=0),
        batch_size=clipped(require_count("batch_size", batch_size), len(table)),
        shuffle=require_flag("shuffle", shuffle),
        weight_decay=require_number("weight_decay", weight_decay, low=0.0),
        clip_norm=0.0 if clip_norm is None else require_number("clip_norm", clip_norm, low=0.0, above=True),
        patience=None if patience is None else require_count("patience", patience),
    )
    held_out = None if validation is None else _read_validation(program, validation, loss)
    every = _checked_every(checkpoint, every)
    if checkpoint is not None:
        plan = storable_plan(plan)
    state = State.start(program, plan, require_generator(seed))
    training = Training(program, plan, state, table, targets, held_out)
    functions, shown = _checked_callbacks(callbacks), require_flag("progress", progress)
    if checkpoint is None:
        return training.run(net, functions, shown=shown)
    with _kept(checkpoint, training, Constants.of(net, dumps(net), every)) as keeper:
        return training.run(net, functions, shown=shown, after_epoch=keeper.after_epoch)


def resume(
    path: str | os.PathLike[str],
    *,
    net: Net | None = None,
    epochs: int | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = False,
    backend: str | None = None,
    most_bytes: int = MOST_BYTES,
) -> tuple[Net, History]:
    """Go on with a training from its checkpoint, to where it would have ended had it not been stopped.

    On the same machine with the same versions the weights and the history come out bit for bit as those
    of a training that was never interrupted. It goes on writing checkpoints to the same file. Where the
    newest checkpoint is damaged, it warns and goes on from the one before.

    Parameters
    ----------
    path : str or path
        The checkpoint of a training by :func:`fit` with ``checkpoint=``.
    net : networkx.DiGraph, optional
        The network that is to get the weights: the one that was trained, with the same neurons in the
        same order and the same edges. Without it a network is made from the file.
    epochs : int, optional
        How many epochs there are to be in all, those before included; otherwise as many as planned.
    callbacks : sequence of callable
        As for :func:`fit`. A file cannot hold them, so give them again.
    progress : bool
        As for :func:`fit`.
    backend : str, optional
        Another backend than the one it began with. Last digits may then differ.
    most_bytes : int
        How large the file may be.

    Returns
    -------
    net : networkx.DiGraph
        The network, trained.
    history : History
        The history of all epochs, those before included.

    Raises
    ------
    OSError
        If there is no checkpoint, or it may not be read.
    FileFormatError
        If it is no sound checkpoint: a ``ChecksumError`` where it was damaged, a ``VersionError`` where
        it was written in a newer format, an ``UnsafeFileError`` or a ``LimitError`` where it is not even
        read.
    CheckpointError
        If ``net`` is another network, another process holds the checkpoint, or none can be written.
    OptionError, MissingExtraError, DivergedError
        As for :func:`fit`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import neurograph as ng
    >>> net, X, Y = ng.mlp([1, 2, 1], seed=0), [[0.0], [1.0]], [[0.5], [-0.5]]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "run.checkpoint")
    ...     _ = ng.fit(net, X, Y, epochs=3, seed=0, checkpoint=file)
    ...     longer, history = ng.resume(file, epochs=5)
    >>> _ = ng.fit(net := ng.mlp([1, 2, 1], seed=0), X, Y, epochs=5, seed=0)
    >>> history.epochs, ng.weights(longer) == ng.weights(net)
    (5, True)
    """
    check_limit("most_bytes", most_bytes)
    functions, shown = _checked_callbacks(callbacks), require_flag("progress", progress)
    epochs = None if epochs is None else require_count("epochs", epochs, least=0)
    with sole_training(path):
        saved, is_newest = read_newest(path, most_bytes)
        target = saved.net if net is None else _matching(net, saved, path)
        warn_of_other_versions(saved, versions())
        training = saved.training(backend, epochs)
        with Keeper(path, training, saved.constants, newest_is_good=is_newest) as keeper:
            return target, training.run(target, functions, shown=shown, after_epoch=keeper.after_epoch)


@contextmanager
def _kept(path: str | os.PathLike[str], training: Training, constants: Constants) -> Iterator[Keeper]:
    """Write the first checkpoint of a new training, before anything is changed, and keep it from then on."""
    with sole_training(path):
        refuse_old_checkpoint(path)
        with Keeper(path, training, constants, newest_is_good=False) as keeper:
            keeper.write()
            yield keeper


def _checked_every(checkpoint: Any, every: Any) -> int:
    count = require_count("every", every)
    if checkpoint is None and count != 1:
        raise OptionError(
            "there is no checkpoint to write",
            code="needless-option",
            where="every",
            expected="a checkpoint, too",
            fix="give checkpoint= the name of a file",
        )
    return count


def _matching(net: Net, saved: Saved, path: str | os.PathLike[str]) -> Net:
    """Return a network that is the one of a checkpoint but for its weights; raise if it is not."""
    validate(net)
    difference = first_difference(net, saved.net)
    if difference:
        raise CheckpointError(
            difference,
            code="other-graph",
            where="net",
            expected=f"the network that was trained, as in {path_shown(path)}",
            fix="give that network, or leave net out",
        )
    return net


def _read_validation(program: Program, validation: Any, loss: str) -> tuple[Samples, Samples]:
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise bad_option("validation", validation, "a pair (X, Y)")
    X, Y = validation
    try:
        X, Y, _ = program.data(X, Y, loss)
    except DataError as error:
        raise error.inside("validation") from None
    return X, Y


def _checked_callbacks(callbacks: Any) -> list[Callback]:
    found = [callbacks] if callable(callbacks) else callbacks
    if not isinstance(found, list | tuple):
        raise bad_option("callbacks", callbacks, "functions of the history")
    for callback in found:
        if not callable(callback):
            raise bad_option("callbacks", callback, "functions of the history")
    return list(found)
