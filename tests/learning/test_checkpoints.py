"""A training that is stopped, killed or out of disk goes on from its checkpoint as if nothing had been."""

import contextlib
import errno
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import textwrap
import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from privileges import without_privileges

import neurograph as ng
from neurograph.errors import (
    CheckpointError,
    ChecksumError,
    DivergedError,
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    OptionError,
    UnsafeFileError,
    VersionError,
)
from neurograph.files.arrays import PackedArrays, pack_arrays
from neurograph.learning.checkpoint_reading import unpack_training
from neurograph.learning.checkpoints import read_newest

LOOP = Path(__file__).with_name("checkpoint_loop.py")
BACKENDS = ["numpy"] + ["numba"] * (importlib.util.find_spec("numba") is not None)
OPTIMIZERS = {
    "sgd": ng.SGD(),
    "momentum": ng.SGD(momentum=0.9),
    "nesterov": ng.SGD(momentum=0.9, nesterov=True),
    "rmsprop": ng.RMSprop(),
    "adam": ng.Adam(),
    "rprop": ng.Rprop(),
}
EPOCHS = 12
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and limits of Unix")


class Stop(BaseException):
    """Like the end of the process: no Exception."""


def network():
    """A network with an edge over a layer and a frozen edge."""
    net = ng.mlp([2, 3, 2], activation="tanh", seed=1)
    first, *_, last = (*ng.inputs(net), *ng.outputs(net))
    ng.connect(net, first, last, weight=0.25)
    ng.freeze(net, [next(iter(net.edges))])
    return net


def points(samples=7, seed=2):
    generator = np.random.default_rng(seed)
    return generator.uniform(-1, 1, (samples, 2)), generator.uniform(-1, 1, (samples, 2))


X, Y = points()


def trained(file=None, **options):
    """Train a fresh network; return it and its history."""
    net = network()
    options = {"learning_rate": 0.01, "epochs": EPOCHS, "seed": 3, "backend": "numpy"} | options
    return net, ng.fit(net, X, Y, checkpoint=file, **options)


def copies_of_every_epoch(file, **options):
    """Train with a checkpoint after every epoch; return what the file held after each, and the net."""
    copies = {}
    keep = lambda history: copies.setdefault(history.epochs, file.read_bytes())  # noqa: E731
    net, history = trained(file, callbacks=[keep], **options)
    return copies, net, history


def same(net, other):
    return ng.weights(net) == ng.weights(other)


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where to put a checkpoint. No test ends the power, so none waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    return tmp_path / "run.checkpoint"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The content of a checkpoint with all that there can be in one."""
    file = tmp_path_factory.mktemp("data") / "run.checkpoint"
    trained(file, optimizer="adam", validation=points(3, seed=5), patience=50, epochs=4)
    return file.read_bytes()


# ── going on as if nothing had been ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_resumed_training_ends_bit_for_bit_like_one_that_never_stopped(name, shuffle, backend, file):
    options = {"optimizer": OPTIMIZERS[name], "shuffle": shuffle, "backend": backend}
    options["batch_size"] = 3 if shuffle else 1
    straight, plain = trained(**options)
    copies, net, history = copies_of_every_epoch(file, **options)
    assert same(net, straight)
    assert history.losses == plain.losses
    assert len(set(plain.losses)) == EPOCHS
    assert not same(net, network())
    ended = file.read_bytes()
    steps = random.Random(name).sample(range(1, EPOCHS), 10)
    for epoch in steps:
        file.write_bytes(copies[epoch])
        again, resumed = ng.resume(file)
        assert same(again, straight)
        assert resumed == plain
        assert file.read_bytes() == ended  # weights, memory, generator, best: all that is in it


@pytest.mark.parametrize("backend", BACKENDS)
def test_so_it_does_with_every_option_there_is(backend, file):
    options = {
        "backend": backend, "dtype": np.float32, "loss": "huber", "optimizer": ng.Adam(beta1=0.8),
        "learning_rate": ng.InverseTimeDecay(0.05, decay=0.1, per="step"), "batch_size": 2,
        "weight_decay": 1e-3, "clip_norm": 0.5, "validation": points(3, seed=5), "patience": 9,
        "seed": np.random.Generator(np.random.MT19937(4)),
    }  # fmt: skip
    copies, net, history = copies_of_every_epoch(file, **options)
    ended = file.read_bytes()
    for epoch in (1, 5, EPOCHS - 1):
        file.write_bytes(copies[epoch])
        again, resumed = ng.resume(file)
        assert same(again, net)
        assert resumed == history
        assert file.read_bytes() == ended


@pytest.mark.parametrize(
    "schedule",
    [
        0.02,
        np.float32(0.02),
        ng.StepDecay(0.02, factor=0.5, every=2),
        ng.ExponentialDecay(np.float32(0.02), factor=0.9),
        ng.InverseTimeDecay(0.02, decay=0.5),
    ],
)
def test_every_schedule_of_the_library_goes_on(schedule, file):
    copies, net, history = copies_of_every_epoch(file, learning_rate=schedule, epochs=6)
    file.write_bytes(copies[3])
    again, resumed = ng.resume(file)
    assert same(again, net)
    assert resumed.learning_rates == history.learning_rates


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_bit_generator_of_numpy_goes_on(bits, file):
    seeds = [np.random.Generator(getattr(np.random, bits)(7)) for _ in range(2)]
    straight, _ = trained(seed=seeds[0], epochs=5)
    copies, _, _ = copies_of_every_epoch(file, seed=seeds[1], epochs=5)
    file.write_bytes(copies[2])
    assert same(ng.resume(file)[0], straight)


def test_the_caller_s_generator_stands_where_it_would_stand_without_a_checkpoint(file):
    seeds = [np.random.default_rng(7) for _ in range(2)]
    trained(seed=seeds[0])
    trained(file, seed=seeds[1])
    assert seeds[0].random() == seeds[1].random()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_another_process_under_another_hash_seed_ends_alike(hash_seed, file):
    copies, _, _ = copies_of_every_epoch(file, optimizer="adam")
    ended = file.read_bytes()
    file.write_bytes(copies[5])
    code = "import sys, neurograph as ng; ng.resume(sys.argv[1])"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(file)], check=True, env=environment)
    assert file.read_bytes() == ended


def test_the_network_of_the_file_is_the_one_that_was_trained(file):
    net, history = trained(file)
    again, resumed = ng.resume(file)
    assert list(again) == list(net)
    assert list(again.edges) == list(net.edges)
    assert same(again, net)
    assert dict(again.nodes(data=True)) == dict(net.nodes(data=True))
    assert resumed == history


def test_a_training_that_is_over_is_read_and_not_written(file):
    trained(file)
    before = file.read_bytes(), file.stat().st_mtime_ns
    ng.resume(file)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_more_epochs_are_as_many_in_all(file):
    trained(file, epochs=4)
    longer, history = ng.resume(file, epochs=9)
    straight, plain = trained(epochs=9)
    assert same(longer, straight)
    assert history == plain
    assert ng.resume(file)[1].epochs == 9  # the plan is a longer one from then on
    assert ng.resume(file, epochs=2)[1].epochs == 9


def test_early_stopping_counts_on_across_the_gap(file):
    options = {"validation": points(5, seed=11), "patience": 2, "epochs": 60, "learning_rate": 0.3}
    straight, plain = trained(**options)
    assert plain.stopped == "stopped early"
    copies, _, _ = copies_of_every_epoch(file, **options)
    for epoch in {1, plain.epochs // 2, plain.epochs - 1, plain.epochs}:
        file.write_bytes(copies[epoch])
        again, history = ng.resume(file)
        assert same(again, straight)
        assert history == plain


def test_a_callback_that_ends_training_ends_it_until_it_is_resumed_without(file):
    _, history = trained(file, callbacks=[lambda history: history.epochs == 3])
    assert (history.epochs, history.stopped) == (3, "stopped by a callback")
    again, resumed = ng.resume(file)
    assert same(again, trained()[0])
    assert (resumed.epochs, resumed.stopped) == (EPOCHS, "finished")


def test_callbacks_given_again_see_the_whole_history(file):
    trained(file, epochs=2)
    seen = []
    ng.resume(file, epochs=4, callbacks=[lambda history: seen.append(history.epochs)])
    assert seen == [3, 4]


def test_resume_writes_into_a_network_that_is_given(file):
    straight, _ = trained()
    copies, _, _ = copies_of_every_epoch(file)
    file.write_bytes(copies[4])
    mine = network()
    mine.nodes[next(iter(mine))]["colour"] = "red"
    returned, _ = ng.resume(file, net=mine)
    assert returned is mine
    assert same(mine, straight)
    assert mine.nodes[next(iter(mine))]["colour"] == "red"


def test_another_backend_goes_on_with_the_same_numbers_up_to_rounding(file):
    copies, net, _ = copies_of_every_epoch(file)
    file.write_bytes(copies[6])
    again, _ = ng.resume(file, backend="walk")
    assert np.allclose(list(ng.weights(again).values()), list(ng.weights(net).values()), rtol=1e-12)


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


# ── other graphs, other versions, other files ────────────────────────────────────────────────────


def changed(change):
    net = network()
    change(net)
    return net


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda net: net.remove_edge(*list(net.edges)[-1]), "has no edge"),
        (lambda net: ng.connect(net, ng.inputs(net)[1], ng.outputs(net)[1]), "edge .* more"),
        (lambda net: ng.add_bias(net, "another"), "neuron 'another' more"),
        (lambda net: net.nodes[ng.outputs(net)[0]].update(activation="relu"), "activation .*'relu'"),
        (lambda net: ng.freeze(net), "frozen"),
        (lambda net: ng.unfreeze(net), "frozen"),
        (lambda net: next(iter(net.edges.values())).update(weight=9.0), "frozen edge .* 9.0"),
    ],
)
def test_a_checkpoint_of_another_graph_is_refused_and_says_what_differs(change, difference, file):
    copies, _, _ = copies_of_every_epoch(file)
    file.write_bytes(copies[4])
    mine = changed(change)
    before = ng.weights(mine)
    with pytest.raises(CheckpointError, match=difference) as caught:
        ng.resume(file, net=mine)
    assert caught.value.code == "other-graph"
    assert ng.weights(mine) == before
    assert file.read_bytes() == copies[4]


def test_a_network_with_errors_or_its_neurons_in_another_order_is_refused(file):
    trained(file, epochs=1)
    net, other = network(), network()
    net.add_edge(*reversed(next(iter(net.edges))), weight=1.0)
    with pytest.raises(InvalidNetworkError):
        ng.resume(file, net=net)
    reordered = type(other)()
    reordered.add_nodes_from(reversed(list(other.nodes(data=True))))
    reordered.add_edges_from(other.edges(data=True))
    with pytest.raises(CheckpointError, match="another order"):
        ng.resume(file, net=reordered)


def test_another_numpy_is_warned_of(file, data, monkeypatch):
    file.write_bytes(data)
    monkeypatch.setattr(np, "__version__", "3.0.0")
    with pytest.warns(UserWarning, match=r"numpy .* and this is 3\.0\.0"):
        ng.resume(file)


SGD = {"name": "SGD", "momentum": 0.0, "nesterov": False}


def repacked(data, arrays=None, leave_out=(), **about):
    """The content of a checkpoint with members, or values of ``about``, replaced and sealed again."""
    packed = PackedArrays(data, name="the file")
    members = {name: packed.read(name) for name in packed.names if name not in leave_out}
    values = json.loads(members["about"].tobytes())
    for place, value in about.items():
        *path, last = place.split("__")
        inner = values
        for part in path:
            inner = inner[part]
        inner[last] = value
    members["about"] = np.frombuffer(json.dumps(values).encode(), dtype=np.uint8)
    return pack_arrays(members | (arrays or {}))


@pytest.mark.parametrize(
    ("about", "error", "message"),
    [
        ({"version": 2}, VersionError, "version 2"),
        ({"version": 0}, FileFormatError, "version is 0"),
        ({"version": True}, FileFormatError, "format"),
        ({"version": "1"}, FileFormatError, "format"),
        ({"format": "neurograph"}, FileFormatError, "'neurograph'"),
        ({"more": 1}, FileFormatError, "'more', which is not part of the format"),
        ({"fingerprint": "0" * 64}, FileFormatError, "fingerprint"),
        ({"fingerprint": None}, FileFormatError, "fingerprint"),
        ({"backend": "os.system"}, FileFormatError, "backend"),
        ({"backend": []}, FileFormatError, "backend"),
        ({"dtype": "float16"}, FileFormatError, "dtype"),
        ({"dtype": "float32"}, FileFormatError, "weights has dtype"),
        ({"plan": None}, FileFormatError, "plan"),
        ({"plan__loss": "builtins.eval"}, FileFormatError, "loss"),
        ({"plan__optimizer": "adam"}, FileFormatError, "optimizer"),
        ({"plan__optimizer__name": "Optimizer"}, FileFormatError, "optimizer"),
        ({"plan__optimizer__beta1": 2.0}, FileFormatError, "beta1"),
        ({"plan__optimizer__beta1": "0.9"}, FileFormatError, "beta1"),
        ({"plan__optimizer__extra": 1.0}, FileFormatError, "extra"),
        ({"plan__optimizer": SGD}, FileFormatError, "memory_first"),
        ({"plan__learning_rate": {"name": "Constant", "rate": -1.0}}, FileFormatError, "rate"),
        ({"plan__epochs": 1.5}, FileFormatError, "epochs"),
        ({"plan__batch_size": 0}, FileFormatError, "batch_size"),
        ({"plan__shuffle": 1}, FileFormatError, "shuffle"),
        ({"plan__weight_decay": -1.0}, FileFormatError, "weight_decay"),
        ({"plan__clip_norm": None}, FileFormatError, "clip_norm"),
        ({"plan__patience": 0}, FileFormatError, "patience"),
        ({"plan__every": 0}, FileFormatError, "every"),
        ({"plan__validation": False}, FileFormatError, "validation_X"),
        ({"progress__epochs": 3}, FileFormatError, "losses has"),
        ({"progress__epochs": 10**15}, FileFormatError, "losses has"),
        ({"progress__best_epoch": 4}, FileFormatError, "best_epoch"),
        ({"progress__best_epoch": -2}, FileFormatError, "best_epoch"),
        ({"progress__steps": -1}, FileFormatError, "steps"),
        ({"progress__memory_steps": 0.5}, FileFormatError, "memory_steps"),
        ({"generator": None}, CheckpointError, "generator"),
        ({"generator__bit_generator": "os.system"}, CheckpointError, "bit generator"),
        ({"generator__bit_generator": "SFC64"}, CheckpointError, "parts"),
        ({"generator__state__inc": "2"}, CheckpointError, "has inc '2'"),
        ({"generator__state__state": "-1"}, CheckpointError, "'-1'"),
        ({"generator__state__state": str(2**200)}, CheckpointError, "has state"),
        ({"generator__state__state": 5}, CheckpointError, "has state 5"),
        ({"generator__has_uint32": "7"}, CheckpointError, "has_uint32"),
        ({"written_by": []}, FileFormatError, "written_by"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_says_what_it_must_not_is_refused(about, error, message, data, file):
    file.write_bytes(repacked(data, **about))
    before = names(file.parent)
    with pytest.raises(NeurographError, match=message) as caught:
        ng.resume(file)
    assert type(caught.value) is error
    assert "run.checkpoint" in str(caught.value)
    assert names(file.parent) == before


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"weights": np.zeros(3)}, r"weights has dtype '<f8' and shape \(3,\)"),
        ({"weights": np.zeros((13, 1))}, "weights has"),
        ({"weights": np.full(19, np.nan)}, "weights"),
        ({"best_weights": np.zeros(0)}, "best_weights"),
        ({"memory_first": np.zeros(0)}, "memory_first"),
        ({"X": np.zeros((7, 3))}, "X has"),
        ({"X": np.float64(1.0)}, "X has"),
        ({"Y": np.zeros((6, 2))}, "Y has"),
        ({"losses": np.full(4, np.inf)}, "losses holds"),
        ({"learning_rates": np.zeros(5)}, "learning_rates has"),
        ({"more": np.zeros(1)}, "'more', which is not part"),
        ({"about": np.zeros(3)}, "no text 'about'"),
        ({"about": np.frombuffer(b"[]", np.uint8)}, "format"),
        ({"about": np.frombuffer(b"{", np.uint8)}, "not JSON"),
        ({"about": np.frombuffer(b'{"a": 1, "a": 2}', np.uint8)}, "twice"),
        ({"about": np.frombuffer(b'{"a": NaN}', np.uint8)}, "NaN"),
        ({"about": np.frombuffer(b"[" * 100_000, np.uint8)}, "deep"),
        ({"network": np.frombuffer(b"\x80\x04]", np.uint8)}, "pickle"),
        ({"network": np.frombuffer(b"{}", np.uint8)}, "format"),
    ],
)
def test_a_checkpoint_whose_arrays_do_not_fit_is_refused(arrays, message, data, file):
    file.write_bytes(repacked(data, arrays))
    with pytest.raises(FileFormatError, match=message):
        ng.resume(file)


def test_a_checkpoint_that_lacks_any_of_its_arrays_is_refused(data, file):
    members = PackedArrays(data, name="the file").names
    assert len(members) == 13
    for name in members[1:]:
        file.write_bytes(repacked(data, leave_out=[name]))
        with pytest.raises(FileFormatError, match=name):
            ng.resume(file)


def test_a_file_of_another_kind_is_unsafe_and_stays(file):
    for content in (b"\x80\x04\x95", b"{}", ng.dumps(network()).encode(), b"\x1f\x8b\x08\x00"):
        file.write_bytes(content)
        with pytest.raises(UnsafeFileError):
            ng.resume(file)
        assert file.read_bytes() == content


def test_a_pickle_inside_an_archive_is_never_opened(file):
    member, buffer = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array(member, np.array([print], dtype=object))
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("weights.npy", member.getvalue())
    file.write_bytes(buffer.getvalue())
    with pytest.raises(UnsafeFileError, match="Python objects"):
        ng.resume(file)


def test_a_compressed_copy_is_read_and_a_bomb_is_not(data, file):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    file.write_bytes(buffer.getvalue())
    assert ng.resume(file)[1].epochs == 4
    with pytest.raises(LimitError, match="most_bytes"):
        ng.resume(file, most_bytes=100)


def test_no_file_and_no_ordinary_file_are_the_usual_errors(file):
    with pytest.raises(FileNotFoundError):
        ng.resume(file)
    with pytest.raises(FileFormatError, match="a directory"):
        ng.resume(file.parent)
    assert names(file.parent) == []


@unix_only
def test_a_pipe_is_refused_without_waiting(file):
    os.mkfifo(file)
    with pytest.raises(FileFormatError, match="a pipe"):
        ng.resume(file)


# ── damage ───────────────────────────────────────────────────────────────────────────────────────


def test_a_bit_flip_is_refused_or_changes_nothing(data):
    dice = random.Random(0)
    original = PackedArrays(data, name="the file")
    contents = {name: original.read(name).tobytes() for name in original.names}
    refused = harmless = 0
    for _ in range(3000):
        flipped = bytearray(data)
        flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            unpack_training(bytes(flipped), name="the file", most_bytes=2**30)
        except NeurographError:
            refused += 1
            continue
        found = PackedArrays(bytes(flipped), name="the file")
        assert {name: found.read(name).tobytes() for name in found.names} == contents
        harmless += 1
    assert refused > 2700
    assert refused + harmless == 3000


def test_where_the_newest_is_damaged_the_one_before_goes_on_with_a_warning(file):
    copies, straight, _ = copies_of_every_epoch(file)
    older = file.with_name("run.checkpoint.previous")
    damaged = bytearray(copies[7])
    damaged[len(damaged) // 2] ^= 1
    for content in (bytes(damaged), copies[7][:-100], b"", b"\0" * 5000):
        file.write_bytes(content)
        older.write_bytes(copies[6])
        with pytest.warns(UserWarning, match="epoch 6"):
            again, _ = ng.resume(file)
        assert same(again, straight)
        assert read_newest(file)[0].state.history.epochs == EPOCHS


def test_where_the_newest_is_missing_the_one_before_goes_on_with_a_warning(file):
    copies, straight, _ = copies_of_every_epoch(file)
    file.rename(f"{file}.previous")
    Path(f"{file}.previous").write_bytes(copies[6])
    with pytest.warns(UserWarning, match="is missing"):
        again, _ = ng.resume(file)
    assert same(again, straight)


def test_a_damaged_newest_one_never_takes_the_place_of_the_good_one_before(file):
    copies, _, _ = copies_of_every_epoch(file)
    older = file.with_name("run.checkpoint.previous")
    file.write_bytes(b"PK\x03\x04 damaged")
    older.write_bytes(copies[6])
    held = []
    with pytest.warns(UserWarning, match="epoch 6"):
        ng.resume(file, callbacks=[lambda history: held.append(read_newest(older)[0].state.history.epochs)])
    assert held == [6, 7, 8, 9, 10, 11]


def test_where_both_are_damaged_the_error_is_that_of_the_newest(file):
    copies, _, _ = copies_of_every_epoch(file)
    damaged = bytearray(copies[7])
    damaged[damaged.index(b'"format"')] ^= 1
    file.write_bytes(bytes(damaged))
    file.with_name("run.checkpoint.previous").write_bytes(b"")
    with pytest.raises(ChecksumError, match=r"run\.checkpoint"):
        ng.resume(file)


def test_a_newer_format_is_no_damage(file, data):
    file.write_bytes(repacked(data, version=2))
    file.with_name("run.checkpoint.previous").write_bytes(data)
    with pytest.raises(VersionError):
        ng.resume(file)


# ── faults ───────────────────────────────────────────────────────────────────────────────────────

CALLS = ("open", "write", "fsync", "close", "link", "replace", "unlink", "lstat", "scandir")


class Faults:
    """Counts the calls to the system, and lets one fail: alone, or as the first of all that follow."""

    def __init__(self, monkeypatch, at, dead):
        self.at, self.dead, self.count, self.real = at, dead, 0, {name: getattr(os, name) for name in CALLS}
        self.opened = set()
        for name in CALLS:
            monkeypatch.setattr(os, name, lambda *args, name=name, **more: self.call(name, *args, **more))

    def call(self, name, *args, **more):
        self.count += 1
        if self.count == self.at or (self.dead and self.count > self.at):
            raise Stop if self.dead else OSError(errno.ENOSPC, "no space")
        found = self.real[name](*args, **more)
        if name == "open":
            self.opened.add(found)
        elif name == "close":
            self.opened.discard(args[0])
        return found

    def close_all(self):
        for descriptor in self.opened:
            with contextlib.suppress(OSError):
                self.real["close"](descriptor)


@unix_only
@pytest.mark.parametrize("dead", [False, True], ids=["one call fails", "the process ends"])
def test_a_fault_at_any_call_to_the_system_leaves_the_old_state_or_the_new_one(dead, file, tmp_path):
    copies, straight, _ = copies_of_every_epoch(file)
    older, done, at = file.with_name("run.checkpoint.previous"), False, 0
    while not done:
        at += 1
        older.unlink()  # it may be the same file under another name
        file.write_bytes(copies[5])
        older.write_bytes(copies[4])
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, at, dead)
            with contextlib.suppress(CheckpointError, OSError, Stop), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ng.resume(file, epochs=7)
        faults.close_all()
        done = faults.count < at
        saved, is_newest = read_newest(file)
        assert is_newest
        assert saved.state.history.epochs in (5, 6, 7)
        for litter in tmp_path.glob(".run.checkpoint.*.tmp"):
            assert dead or faults.count == at
            litter.unlink()
    assert at > 40
    assert same(ng.resume(file, epochs=EPOCHS)[0], straight)


def test_where_a_file_cannot_have_two_names_the_old_one_is_renamed(file, monkeypatch):
    def refuse(*args):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    trained(file)
    assert read_newest(file)[0].state.history.epochs == EPOCHS
    assert read_newest(f"{file}.previous")[0].state.history.epochs == EPOCHS - 1
    monkeypatch.setattr(
        os, "replace", lambda *args, real=os.replace: real(*args) if "previous" in args[1] else refuse()
    )
    with pytest.raises(CheckpointError):
        ng.resume(file, epochs=EPOCHS + 1)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="is missing"):
        assert ng.resume(file)[1].epochs == EPOCHS


def test_a_disk_that_gives_back_something_else_is_noticed_before_the_old_file_goes(file, monkeypatch):
    trained(file, epochs=3)
    before, real = file.read_bytes(), os.write
    spoil = lambda descriptor, content: real(descriptor, bytes(len(content)))  # noqa: E731
    monkeypatch.setattr(os, "write", spoil)
    with pytest.raises(CheckpointError, match="not what was written"):
        ng.resume(file, epochs=4)
    monkeypatch.undo()
    assert file.read_bytes() == before
    assert names(file.parent) == ["run.checkpoint", "run.checkpoint.previous"]


def test_a_full_disk_in_the_midst_of_training_leaves_the_weights_and_the_older_checkpoint(file, monkeypatch):
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 8:  # two for each checkpoint
            raise OSError(errno.ENOSPC, "no space left")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    net = network()
    with pytest.raises(CheckpointError, match="no space left") as caught:
        ng.fit(net, X, Y, learning_rate=0.01, epochs=EPOCHS, seed=3, backend="numpy", checkpoint=file)
    monkeypatch.undo()
    assert isinstance(caught.value.__cause__, OSError)
    assert "resume" in caught.value.fix
    assert same(net, trained(epochs=4)[0])  # the epoch whose checkpoint could not be written
    assert read_newest(file)[0].state.history.epochs == 3
    assert same(ng.resume(file)[0], trained()[0])


@unix_only
def test_a_disk_that_is_full_at_any_byte_leaves_the_older_checkpoint(file):
    code = """
        import resource, sys
        from pathlib import Path
        import neurograph as ng
        file = Path(sys.argv[1])
        net = ng.mlp([20, 20, 20], seed=0)
        ng.fit(net, [[0.1] * 20], [[0.2] * 20], backend="numpy", checkpoint=file)
        before, hard = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        for size in range(0, len(before), 4096):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            try:
                ng.resume(file, epochs=2)
            except ng.CheckpointError as error:
                print(size, file.read_bytes() == before, type(error.__cause__).__name__)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(sorted(entry.name for entry in file.parent.iterdir()), ng.resume(file, epochs=2)[1].epochs)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    *rows, last = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(rows) > 5
    assert {row.split(" ", 1)[1] for row in rows} == {"True OSError"}
    assert last == "['run.checkpoint', 'run.checkpoint.previous'] 2"


# ── kill -9 ──────────────────────────────────────────────────────────────────────────────────────


def killed(tmp_path, kills, seed):
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(LOOP), str(tmp_path), str(kills), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=3000, check=True)
    found = json.loads(done.stdout)
    assert len(found["rows"]) >= kills - 3
    assert all(held >= announced for announced, held in found["rows"])
    assert found["rows"] == sorted(found["rows"], key=lambda row: row[1])
    assert found["rows"][-1][1] > kills / 2
    assert found["left"] == ["run.checkpoint", "run.checkpoint.previous", "unrelated.tmp"]
    assert found["same_losses"]
    assert found["same_weights"]
    return found


@unix_only
def test_sixty_kills_at_random_times_lose_nothing_that_was_announced(tmp_path):
    killed(tmp_path, kills=60, seed=0)


@unix_only
@pytest.mark.campaign
def test_five_hundred_kills_lose_nothing_either_and_their_litter_is_swept(tmp_path):
    assert killed(tmp_path, kills=500, seed=1)["litter"] > 0


def test_only_old_litter_of_processes_that_are_gone_is_swept(file):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    )
    gone = dead.stdout.strip()
    word = "0123456789abcdef"
    swept = f".run.checkpoint.{gone}.{word}.tmp"
    kept = [
        f".run.checkpoint.{os.getpid()}.{word}.tmp",  # of a process that is there
        f".run.checkpoint.{gone}.{word}0.tmp",  # of no name that we give
        f".another.checkpoint.{gone}.{word}.tmp",
        f"run.checkpoint.{gone}.{word}.tmp",
    ]
    young = f".run.checkpoint.{gone}.{word[::-1]}.tmp"
    for name in [swept, young, *kept]:
        (file.parent / name).write_bytes(b"")
        if name != young:
            os.utime(file.parent / name, (0, 0))
    trained(file, epochs=1)
    assert names(file.parent) == sorted([young, *kept, "run.checkpoint", "run.checkpoint.previous"])


def test_a_reader_at_any_time_sees_a_whole_checkpoint(file):
    trained(file, epochs=1)
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seen.append(read_newest(file)[0].state.history.epochs)

    reader = threading.Thread(target=read)
    reader.start()
    ng.resume(file, epochs=40)
    stop.set()
    reader.join()
    assert seen == sorted(seen)
    assert len(seen) > 3
