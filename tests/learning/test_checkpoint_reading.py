"""A checkpoint that is not what it should be is refused, whatever is wrong with it."""

import io
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from trainings import EPOCHS, copies_of_every_epoch, names, network, repacked, same, trained, unix_only

import neurograph as ng
from neurograph.errors import (
    CheckpointError,
    ChecksumError,
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    UnsafeFileError,
    VersionError,
)
from neurograph.files.arrays import PackedArrays
from neurograph.learning.checkpoint_reading import unpack_training
from neurograph.learning.checkpoints import read_newest

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
        ({"progress__memory_steps": 2**63}, FileFormatError, "memory_steps"),
        ({"progress__steps": 2**60}, FileFormatError, "steps"),
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


def flipped(data, bits):
    """Read a checkpoint with each of these bits flipped, one at a time; count those that are refused."""
    original = PackedArrays(data, name="the file")
    contents = {name: original.read(name).tobytes() for name in original.names}
    refused = 0
    for bit in bits:
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            unpack_training(bytes(changed), name="the file", most_bytes=2**30)
        except NeurographError:
            refused += 1
            continue
        found = PackedArrays(bytes(changed), name="the file")
        assert {name: found.read(name).tobytes() for name in found.names} == contents
    return refused


def test_a_bit_flip_is_refused_or_changes_nothing(data):
    dice = random.Random(0)
    assert flipped(data, (dice.randrange(8 * len(data)) for _ in range(3000))) > 2700


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(8))
def test_so_is_the_flip_of_every_bit(data, part):
    bits = range(part, 8 * len(data), 8)
    assert len(bits) > 5000
    assert flipped(data, bits) > 0.9 * len(bits)


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
