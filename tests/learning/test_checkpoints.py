"""When a checkpoint is written, and what is refused before anything is trained."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from privileges import without_privileges
from trainings import EPOCHS, X, Y, names, network, same, trained, unix_only

import neurograph as ng
from neurograph.errors import (
    CheckpointError,
    DivergedError,
    FileFormatError,
    OptionError,
)
from neurograph.learning.checkpoints import read_newest

# ── when it is written ───────────────────────────────────────────────────────────────────────────


def epochs_written(file, every, epochs):
    """Train, and note which epoch the file holds after each epoch."""
    held = []
    look = lambda history: held.append(read_newest(file)[0].state.history.epochs)  # noqa: E731
    trained(file, every=every, epochs=epochs, callbacks=[look])
    return held, read_newest(file)[0].state.history.epochs


def test_it_is_written_before_the_first_epoch_every_so_many_and_at_the_end(file):
    assert epochs_written(file, every=3, epochs=7) == ([0, 0, 3, 3, 3, 6, 6], 7)


def test_the_one_before_is_kept_beside_it(file):
    trained(file, every=2, epochs=4)
    assert names(file.parent) == ["run.checkpoint", "run.checkpoint.previous"]
    previous, _ = read_newest(f"{file}.previous")
    assert previous.state.history.epochs == 2


def test_ctrl_c_keeps_the_last_whole_epoch(file):
    def interrupt(history):
        if history.epochs == 5:
            raise KeyboardInterrupt

    _, history = trained(file, every=100, callbacks=[interrupt])
    assert history.stopped == "interrupted"
    assert read_newest(file)[0].state.history.epochs == 5
    again, resumed = ng.resume(file)
    assert same(again, trained()[0])
    assert resumed.stopped == "finished"


@pytest.mark.parametrize("name", ["write", "fsync", "replace"])
def test_ctrl_c_in_the_midst_of_writing_loses_nothing(name, file, monkeypatch):
    real, calls = getattr(os, name), []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(os, name, interrupted)
    _, history = trained(file)
    monkeypatch.undo()
    assert 1 <= history.epochs < EPOCHS
    assert read_newest(file)[0].state.history.epochs == history.epochs
    assert names(file.parent) == ["run.checkpoint", "run.checkpoint.previous"]
    assert same(ng.resume(file)[0], trained()[0])


def test_a_training_that_diverges_keeps_its_last_good_epoch(file):
    net = ng.mlp([1, 1], activation="identity", bias=False, seed=0)
    with pytest.raises(DivergedError):
        ng.fit(net, [[1e6]], [[0.0]], learning_rate=1e3, epochs=100, checkpoint=file, every=1000)
    saved, _ = read_newest(file)
    assert 0 < saved.state.history.epochs < 100
    assert saved.state.weights.tolist() == list(ng.weights(net).values())


def test_an_error_of_a_callback_leaves_the_checkpoint_of_its_epoch(file):
    def fail(history):
        if history.epochs == 4:
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        trained(file, callbacks=[fail], every=10)
    assert read_newest(file)[0].state.history.epochs == 4


# ── at the door ──────────────────────────────────────────────────────────────────────────────────


def refused(error, match, file, **options):
    net = network()
    before = ng.weights(net)
    with pytest.raises(error, match=match) as caught:
        ng.fit(net, X, Y, epochs=2, checkpoint=file, **options)
    assert ng.weights(net) == before
    return caught.value


def test_a_schedule_of_your_own_cannot_be_stored_and_is_refused(file):
    class Mine(ng.Constant):
        pass

    for schedule in (lambda epoch: 0.1, Mine(0.1)):
        error = refused(OptionError, "your own", file, learning_rate=schedule)
        assert error.where == "learning_rate"
    assert names(file.parent) == []


def test_a_generator_of_your_own_is_refused(file):
    class Mine(np.random.PCG64):
        pass

    refused(OptionError, "bit generator 'Mine'", file, seed=np.random.Generator(Mine(0)))
    assert names(file.parent) == []


def test_a_network_that_no_file_can_hold_is_refused(file):
    net = network()
    net.nodes[next(iter(net))]["picture"] = object()
    with pytest.raises(FileFormatError, match="picture"):
        ng.fit(net, X, Y, checkpoint=file)
    assert names(file.parent) == []


def test_a_checkpoint_that_is_there_is_never_overwritten_by_another_training(file):
    trained(file)
    before = file.read_bytes()
    assert "neurograph.resume" in refused(CheckpointError, "already", file).fix
    assert file.read_bytes() == before
    file.unlink()
    refused(CheckpointError, r"previous.*already", file)


@pytest.mark.parametrize("every", [0, -1, 2.5, True, "1", None])
def test_every_is_a_count(every, file):
    refused(OptionError, "every", file, every=every)


def test_every_without_a_checkpoint_is_refused():
    refused(OptionError, "no checkpoint to write", None, every=5)


@pytest.mark.parametrize("path", [3, "", "a\0b", b"bytes"])
def test_a_path_that_is_no_path_is_refused(path):
    refused(OptionError, "path", path)
    with pytest.raises(OptionError, match="path"):
        ng.resume(path)


def test_a_folder_that_is_not_there_is_told_before_training(tmp_path):
    error = refused(CheckpointError, "cannot be written", tmp_path / "absent" / "run.checkpoint")
    assert isinstance(error.__cause__, FileNotFoundError)
    refused(CheckpointError, "already", tmp_path)


def test_a_name_too_long_for_its_second_name_is_told_before_training(tmp_path):
    refused(CheckpointError, "cannot be written", tmp_path / ("x" * 249))


@unix_only
def test_a_read_only_folder_is_told_before_training():
    ng.compile_network(network())  # imports what nobody may be unable to read
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with without_privileges():
            refused(CheckpointError, "cannot be written", Path(folder) / "run.checkpoint")
        Path(folder).chmod(0o755)


def test_two_trainings_on_one_checkpoint_are_refused_by_the_number_of_the_process(file):
    def second(history):
        for begin in (lambda: trained(file), lambda: ng.resume(file)):
            with pytest.raises(CheckpointError, match=f"process {os.getpid()} is writing"):
                begin()

    _, history = trained(file, epochs=2, callbacks=[second])
    assert history.epochs == 2
