"""Restarts in a file: a dead parent costs what was in flight, and nothing else is ever taken for it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from comparing import apart

import neurograph as ng
from neurograph.files.arrays import PackedArrays, pack_arrays
from neurograph.learning import chunk_store, restart_job
from neurograph.learning.chunk_store import ChunkStore, digest
from neurograph.learning.chunks import Chunk, Finished

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
WORK = b"w" * 32


def run(path=None, **options):
    net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    given = {"n": 200, "epochs": 3, "learning_rate": 1.5, "seed": 5, "backend": "numpy"} | options
    return ng.restarts(net, X, Y, checkpoint=path, **given)


def bits(runs):
    return runs.losses.tobytes(), runs.kept.tobytes(), repr(ng.weights(runs.best))


@pytest.fixture
def counted(monkeypatch):
    """The chunks that are run, of 64 restarts each."""
    ran, train = [], restart_job.Job.run
    monkeypatch.setattr(restart_job, "LARGEST", 64)
    monkeypatch.setattr(
        restart_job.Job, "run", lambda job, chunk: ran.append((chunk.first, chunk.last)) or train(job, chunk)
    )
    return ran


# Going on


def test_a_run_with_a_checkpoint_ends_as_one_without_and_is_not_run_again(tmp_path, counted):
    path = tmp_path / "restarts"
    expected = bits(run())
    counted.clear()
    assert bits(run(path)) == expected
    assert sorted(counted) == [(0, 64), (64, 128), (128, 192), (192, 200)]
    counted.clear()
    assert bits(run(path)) == expected
    assert counted == []
    assert os.listdir(tmp_path) == ["restarts"]


def test_only_what_is_missing_is_run(tmp_path, counted):
    path, expected = tmp_path / "restarts", bits(run())
    run(path)
    store, _ = store_of(path)
    store.write([part for part in store.read() if part.chunk.first in (0, 128)])
    counted.clear()
    assert bits(run(path)) == expected
    assert sorted(counted) == [(64, 128), (192, 200)]


def store_of(path):
    """The store of a file, and what it holds, whatever work it is of."""
    packed = PackedArrays(path.read_bytes(), name="it")
    arrays = {name: packed.read(name) for name in packed.names}
    return ChunkStore(path, arrays["work"].tobytes(), 200, arrays["weights"].shape[1]), arrays


def parent(path, diary, seconds=0.15):
    """Start a process that runs 640 restarts slowly, ten chunks of 64, and keeps them in a file."""
    script = Path(__file__).parent / "doomed.py"
    return subprocess.Popen(
        [sys.executable, str(script), str(path), str(diary), str(seconds)], stdout=subprocess.PIPE, text=True
    )


def chunks_in(path):
    return [] if not path.exists() else store_of(path)[1]["chunks"][:, 0].tolist()


def test_a_parent_that_is_killed_loses_only_what_was_in_flight(tmp_path):
    undisturbed = parent(tmp_path / "other", tmp_path / "other diary", 0.0)
    path, diary = tmp_path / "restarts", tmp_path / "diary"
    killed = parent(path, diary)
    while len(chunks_in(path)) < 2:
        assert killed.poll() is None
        time.sleep(0.02)
    with pytest.raises(ng.CheckpointError, match=f"process {killed.pid} is writing it"):
        run(path)
    killed.kill()
    killed.communicate()
    done = chunks_in(path)
    assert 2 <= len(done) < 10
    diary.unlink()
    second = parent(path, diary, 0.0)
    assert second.communicate()[0] == undisturbed.communicate()[0] != ""
    ran = sorted(int(line.split()[1]) for line in diary.read_text().splitlines())
    assert ran == sorted(set(range(0, 640, 64)) - set(done))
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".lock")]


# What is refused


OTHER = (
    {"seed": 6}, {"n": 201}, {"epochs": 4}, {"learning_rate": 1.4}, {"scale": 0.9}, {"method": "uniform"},
    {"keep": 9}, {"batch_size": 2}, {"optimizer": "adam"}, {"shuffle": False}, {"loss": "huber"},
    {"learning_rate": ng.ExponentialDecay(1.5, factor=0.9)}, {"backend": "numba"},
)  # fmt: skip


@pytest.mark.parametrize("options", OTHER, ids=str)
def test_the_file_of_other_restarts_is_refused_and_stays(options, tmp_path):
    path = tmp_path / "restarts"
    run(path)
    before = path.read_bytes()
    with pytest.raises(ng.CheckpointError, match="belongs to other restarts"):
        run(path, **options)
    assert path.read_bytes() == before


def test_the_file_of_another_network_or_other_data_is_refused(tmp_path):
    path, options = tmp_path / "restarts", {"n": 200, "epochs": 3, "seed": 5, "backend": "numpy"}
    net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    ng.restarts(net, X, Y, checkpoint=path, **options)
    changed = net.copy()
    ng.freeze(changed, [next(iter(net.edges))])
    with pytest.raises(ng.CheckpointError, match="other restarts"):
        ng.restarts(changed, X, Y, checkpoint=path, **options)
    with pytest.raises(ng.CheckpointError, match="other restarts"):
        ng.restarts(net, [[0, 0], [0, 1], [1, 0], [1, 2]], Y, checkpoint=path, **options)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_file_that_is_cut_off_is_refused(cut, tmp_path):
    path = tmp_path / "restarts"
    run(path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ng.FileFormatError):
        run(path)


def test_no_flipped_bit_goes_unseen(tmp_path):
    path = tmp_path / "restarts"
    expected = bits(run(path, n=3))
    whole, generator = path.read_bytes(), np.random.default_rng(41)
    seen = 0
    for place in generator.integers(8 * len(whole), size=200).tolist():
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        path.write_bytes(changed)
        try:
            found = bits(run(path, n=3))
        except (ng.FileFormatError, ng.CheckpointError):
            seen += 1
        else:
            assert found == expected  # a bit that says nothing, such as a date's
    assert seen > 150


def sound():
    """A file's arrays, of two chunks of a work of 200 pieces and 3 edges."""
    return {
        "format": np.array([1]),
        "work": np.frombuffer(WORK, dtype=np.uint8),
        "chunks": np.array([[0, 64], [100, 102]]),
        "losses": np.linspace(0.1, 0.9, 66),
        "best_counts": np.array([2, 1]),
        "best": np.array([3, 63, 101]),
        "weights": np.arange(9.0).reshape(3, 3),
    }


UNSOUND = {
    "format": [np.array([2]), np.array([1, 1]), np.array([1.0])],
    "chunks": [
        np.array([[0, 64], [100, 103]]),
        np.array([[0, 64], [63, 65]]),
        np.array([[100, 164], [0, 2]]),
        np.array([[-1, 63], [100, 102]]),
        np.array([[0, 64], [199, 201]]),
        np.array([[0, 0], [0, 66]]),
        np.array([0, 64, 100, 102]),
        np.array([[0, 64, 100], [101, 102, 103]]),
        np.zeros((0, 2), dtype=int),
    ],
    "losses": [np.zeros(65), np.zeros((66, 1)), np.zeros(66, dtype=np.float32)],
    "best_counts": [np.array([3]), np.array([4, -1]), np.array([0, 3]), np.array([[2, 1]])],
    "best": [np.array([3, 64, 101]), np.array([3, 63, 99]), np.array([3, 63]), np.array([-1, 63, 101])],
    "weights": [np.zeros((3, 2)), np.zeros(9), np.full((3, 3), np.nan), np.zeros((2, 3))],
}


def test_a_sound_file_is_read_back(tmp_path):
    path = tmp_path / "restarts"
    path.write_bytes(pack_arrays(sound()))
    first, second = ChunkStore(path, WORK, 200, 3).read()
    assert (first.chunk, second.chunk) == (Chunk(0, 64), Chunk(100, 102))
    assert (first.best.tolist(), second.best.tolist()) == ([3, 63], [101])
    assert second.losses.tolist() == np.linspace(0.1, 0.9, 66)[64:].tolist()
    assert second.weights.tolist() == [[6.0, 7.0, 8.0]]


@pytest.mark.parametrize(("name", "array"), [(name, array) for name in UNSOUND for array in UNSOUND[name]])
def test_arrays_that_do_not_fit_each_other_or_the_work_are_refused(name, array, tmp_path):
    path = tmp_path / "restarts"
    path.write_bytes(pack_arrays(sound() | {name: array}))
    with pytest.raises(ng.CheckpointError) as caught:
        ChunkStore(path, WORK, 200, 3).read()
    assert caught.value.fix
    assert str(path) in str(caught.value)


def test_a_file_with_other_arrays_is_refused(tmp_path):
    path = tmp_path / "restarts"
    for arrays in ({}, {"losses": np.zeros(3)}, sound() | {"more": np.zeros(1)}):
        path.write_bytes(pack_arrays(arrays))
        with pytest.raises(ng.CheckpointError, match="is no file of restarts"):
            ChunkStore(path, WORK, 200, 3).read()


def test_a_checkpoint_where_nothing_can_be_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ng.FileFormatError, match="a directory"):
        run(tmp_path / "folder", n=3)
    with pytest.raises(ng.CheckpointError, match="cannot be written") as caught:
        run(tmp_path / "nowhere" / "restarts", n=3)
    assert "the same call goes on with it" in caught.value.fix
    assert "resume" not in str(caught.value)
    assert os.listdir(tmp_path / "folder") == []


def test_a_full_disk_is_an_error_and_the_old_file_stays(tmp_path, monkeypatch, counted):
    """The second of four writings fails, as it would on a full disk."""
    path, writings = tmp_path / "restarts", []
    write = chunk_store.write_bytes

    def full(*arguments, **options):
        writings.append(path.read_bytes() if path.exists() else b"")
        if len(writings) == 2:
            raise OSError(28, "No space left on device")
        write(*arguments, **options)

    monkeypatch.setattr(chunk_store, "write_bytes", full)
    with pytest.raises(ng.CheckpointError, match=re.escape("cannot be written: No space left on device")):
        run(path)
    monkeypatch.undo()
    assert path.read_bytes() == writings[1] != b""
    assert os.listdir(tmp_path) == ["restarts"]
    assert bits(run(path)) == bits(run())


SMALL = """
import resource, signal, sys
import neurograph as ng
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
try:
    ng.restarts(net, [[0, 0]], [[0]], n=200, epochs=1, backend="numpy", checkpoint=sys.argv[1])
except ng.CheckpointError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_a_disk_that_takes_only_a_part_leaves_nothing_behind(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SMALL, str(tmp_path / "restarts")], capture_output=True, text=True, check=True
    )
    assert "cannot be written: File too large" in done.stdout
    assert os.listdir(tmp_path) == []


# The digest


def test_the_digest_tells_arrays_apart_by_type_shape_and_bytes():
    ones = np.ones(4)
    parts = [ones, ones.reshape(2, 2), ones.astype(np.float32), ones.view(np.int64), "1.0", 1.0, 1, "1", None]
    found = {digest([part]) for part in parts} | {digest([ones, ones]), digest([]), digest(["11", ""])}
    assert len(found) == len(parts) + 3
    assert digest([0.0]) != digest([-0.0])
    assert digest(["a", "b"]) != digest(["ab", ""])


def test_what_is_written_is_read_back_bit_for_bit(tmp_path):
    generator, store = np.random.default_rng(43), ChunkStore(tmp_path / "it", WORK, 1000, 5)
    parts = [
        Finished(
            Chunk(a, a + 9), generator.normal(size=9), np.array([a, a + 3]), generator.normal(size=(2, 5))
        )
        for a in range(0, 900, 100)
    ]
    parts[3].losses[4] = np.nan
    store.write(parts)
    for found, part in zip(store.read(), parts, strict=True):
        assert found.chunk == part.chunk
        assert found.losses.tobytes() == part.losses.tobytes()
        assert found.best.tolist() == part.best.tolist()
        assert found.weights.tobytes() == part.weights.tobytes()
    assert apart(found.weights, parts[-1].weights) == (0.0, 0.0)
