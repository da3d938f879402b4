"""Data larger than the memory: they are read a few rows at a time, and give the bits of a plain array."""

import math
import subprocess
import sys
import textwrap
import tracemalloc

import numpy as np
import pytest

import neurograph as ng
from neurograph.learning import training
from neurograph.walk import samples, tables

ROWS, COLUMNS = 20_000, 500
AS_FLOATS = ROWS * COLUMNS * 8  # 80 MB
BACKENDS = ("numpy", "numba", "walk")
DTYPES = ("int8", "float32", "float64")


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    """Memory maps on disk, only to be read: zeros but for every 40th row."""
    folder = tmp_path_factory.mktemp("maps")
    found = {}
    for dtype in DTYPES:
        X = np.memmap(folder / dtype, dtype, "w+", shape=(ROWS, COLUMNS))
        X[::40] = np.random.default_rng(0).integers(-3, 4, (ROWS // 40, COLUMNS))
        X.flush()
        found[dtype] = np.memmap(folder / dtype, dtype, "r", shape=(ROWS, COLUMNS))
    return found


def linear():
    net = ng.mlp([COLUMNS, 1], output_activation="identity", seed=0)
    return net, np.array([net.edges[n, ng.outputs(net)[0]]["weight"] for n in ng.inputs(net)])


def peak_of(run):
    """Return what is returned, and how many bytes were held at most on the way, numpy's included."""
    tracemalloc.start()
    try:
        return run(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("backend", "dtype"), [*(("numba", dtype) for dtype in DTYPES), ("numpy", "float32")]
)
def test_a_memory_map_streams_through_a_program(maps, dtype, backend):
    net, w = linear()
    program, X, Y = ng.compile_network(net, backend=backend), maps[dtype], np.ones((ROWS, 1), np.int8)
    program.gradient(X[:70], Y[:70])  # compiled
    sparse = np.asarray(X[::40], np.float64)
    z = sparse @ w  # the others are 0
    (loss, gradient), peak = peak_of(lambda: program.gradient(X, Y))
    assert peak < AS_FLOATS / 8
    assert loss == pytest.approx((np.sum((z - 1) ** 2) + ROWS - len(z)) / ROWS, rel=1e-12)
    order = [program.edges.index((n, ng.outputs(net)[0])) for n in ng.inputs(net)]
    assert gradient[order] == pytest.approx(2 * sparse.T @ (z - 1) / ROWS, rel=1e-9)
    found, peak = peak_of(lambda: program.loss(X, Y))
    assert peak < AS_FLOATS / 8
    assert found == pytest.approx(loss, rel=1e-12)
    outputs, peak = peak_of(lambda: program.forward(X))
    assert peak < AS_FLOATS / 8 + outputs.nbytes
    assert outputs[::40, 0] == pytest.approx(z, rel=1e-12, abs=1e-12)
    assert np.count_nonzero(outputs) == np.count_nonzero(z) > 200


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 1},
        {"batch_size": 1, "shuffle": False},
        {"batch_size": 1, "optimizer": "adam"},
        {"batch_size": 64},
        {"batch_size": ROWS, "optimizer": "rprop"},
    ],
    ids=lambda options: " ".join(map(str, options.values())),
)
def test_training_streams_too_in_the_bits_of_a_plain_array(maps, options, monkeypatch):
    X, Y = maps["int8"], np.ones((ROWS, 1), np.int8)
    (net, _), (expected, _) = linear(), linear()
    options = {"epochs": 2, "learning_rate": 1e-4, "seed": 0} | options
    ng.fit(linear()[0], X[:300], Y[:300], **options | {"batch_size": min(300, options["batch_size"])})
    history, peak = peak_of(lambda: ng.fit(net, X, Y, **options))
    assert peak < AS_FLOATS / 3
    assert history.losses[1] < history.losses[0]
    monkeypatch.setattr(samples, "MOST_COPIED", math.inf)
    monkeypatch.setattr(training, "MOST_IN_LINE", sys.maxsize)
    whole = ng.fit(expected, np.asarray(X, np.float64), np.asarray(Y, np.float64), **options)
    assert history.losses == whole.losses
    assert ng.weights(net) == ng.weights(expected)


HUNGRY = """
    import resource, sys
    import numpy as np
    import neurograph as ng
    from pathlib import Path
    file, shape = sys.argv[1], (60_000, 1024)  # 470 MiB as float64
    X = np.memmap(file, np.int8, "w+", shape=shape)
    X[::100] = 1
    X.flush()
    X, Y = np.memmap(file, np.int8, "r", shape=shape), np.zeros((len(X), 1), np.int8)
    net = ng.mlp([1024, 1], output_activation="identity", seed=0)
    program = ng.compile_network(net)
    options = dict(batch_size=1, learning_rate=1e-4, shuffle=False)
    program.gradient(X[:99], Y[:99])
    ng.fit(net, X[:99], Y[:99], **options)
    if sys.platform == "linux":  # others do not limit what a process holds
        status = Path("/proc/self/status").read_text().splitlines()
        held = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (held + 2**26, held + 2**26))
        try:
            raise SystemExit(f"the limit does not hold: {X.astype(np.float64).nbytes}")
        except MemoryError:
            pass
    print(program.loss(X, Y) > 0, program.gradient(X, Y)[0] > 0)
    print(ng.fit(net, X, Y, **options).losses[0] > 0)
"""


def test_a_process_that_cannot_hold_a_copy_computes_and_trains(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(HUNGRY), tmp_path / "X"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"] * 3


# The same with little data that count as much


@pytest.fixture
def in_place(monkeypatch):
    """Let every table count as large, and be read in the smallest parts."""
    monkeypatch.setattr(samples, "MOST_COPIED", 0)
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(training, "MOST_IN_LINE", 1)


def problem(seed=0, rows=23):
    generator = np.random.default_rng(seed)
    X, Y = generator.normal(size=(rows, 3)), generator.uniform(size=(rows, 2))
    return ng.mlp([3, 4, 2], output_activation="logistic", seed=seed), X.astype(np.float32), Y


@pytest.mark.parametrize("in_line", [1, 12, 100])
@pytest.mark.parametrize("batch_size", [1, 5, 23])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rprop"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_epoch_in_parts_has_the_bits_of_a_whole_one(
    backend, shuffle, optimizer, batch_size, in_line, in_place, monkeypatch
):
    def trained():
        net, X, Y = problem()
        options = {"batch_size": batch_size, "optimizer": optimizer, "shuffle": shuffle, "seed": 1}
        validation = X[::2] + 1, Y[::2]
        history = ng.fit(net, X, Y, **options, epochs=3, validation=validation, backend=backend)
        return ng.weights(net), history.losses, history.validation_losses

    monkeypatch.setattr(training, "MOST_IN_LINE", in_line)
    found = trained()
    monkeypatch.undo()
    assert found == trained()
    assert len(set(found[1])) == 3
    assert np.isfinite(found[1]).all()


def test_a_rate_for_every_step_meets_its_step_in_any_part(in_place, monkeypatch):
    schedule = ng.learning.InverseTimeDecay(0.5, decay=0.1, per="step")
    (net, X, Y), (expected, _, _) = problem(), problem()
    history = ng.fit(net, X, Y, learning_rate=schedule, batch_size=2, epochs=2, seed=0)
    monkeypatch.undo()
    assert ng.fit(expected, X, Y, learning_rate=schedule, batch_size=2, epochs=2, seed=0) == history
    assert ng.weights(net) == ng.weights(expected)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_sample_that_diverges_is_named_in_any_part(backend, batch_size, in_place):
    net = ng.mlp([1, 1], activation="identity", output_activation="identity", seed=0)
    X, Y = np.ones((19, 1)), np.ones((19, 1))
    X[13] = 1e200
    with pytest.raises(ng.DivergedError) as caught:
        ng.fit(net, X, Y, batch_size=batch_size, shuffle=False, learning_rate=1e-3, backend=backend)
    assert (caught.value.sample, caught.value.epoch) == (13, 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_searches_and_curves_read_in_place_too(backend, in_place, monkeypatch):
    def found():
        net, X, Y = problem(rows=7)
        frozen = sorted(net.edges, key=repr)[4:]
        ng.freeze(net, frozen)
        search = ng.exhaustive_search(net, X, Y, values=[-1.0, 0.5, 2.0], backend=backend)
        edge = next(iter(net.edges))
        curve = ng.loss_curve(net, X, Y, edge, points=5, backend=backend)
        restarts = ng.restarts(net, X, Y, n=3, epochs=2, seed=0, backend=backend)
        return search.loss, search.tied.tolist(), curve.losses.tolist(), restarts.losses.tolist()

    in_parts = found()
    monkeypatch.undo()
    assert in_parts == found()
    assert len(set(in_parts[2])) == 5


# Data that a callback changes


@pytest.mark.parametrize("what", ["X", "Y", "validation, X", "validation, Y"])
def test_a_large_array_that_a_callback_changes_is_refused_with_its_name(what, in_place):
    net, X, Y = problem()
    data = {"X": X, "Y": Y, "validation, X": X.copy(), "validation, Y": Y.copy()}
    kept = []

    def change(history):
        kept.append(ng.weights(net))
        if history.epochs == 2:
            data[what][-1, -1] += 0.125

    with pytest.raises(ng.DataError, match=f"^{what}: was changed while training went on") as caught:
        ng.fit(
            net, X, Y, epochs=5, seed=0, callbacks=[change],
            validation=(data["validation, X"], data["validation, Y"]),
        )  # fmt: skip
    assert caught.value.code == "data-changed"
    assert len(kept) == 2
    assert ng.weights(net) == kept[-1] != kept[0]


def test_a_small_array_may_be_changed_by_a_callback_as_training_has_a_copy():
    (net, X, Y), (expected, _, _) = problem(), problem()
    ng.fit(expected, X, Y, epochs=4, seed=0)
    ng.fit(net, X, Y, epochs=4, seed=0, callbacks=[lambda history: X.fill(7.0)])
    assert ng.weights(net) == ng.weights(expected)
    assert (X == 7.0).all()


def test_a_checkpoint_never_holds_data_that_a_callback_changed(in_place, tmp_path):
    net, X, Y = problem()
    file, given = tmp_path / "run.checkpoint", X.copy()

    def change(history):
        if history.epochs == 2:
            X[0] = 0.0

    with pytest.raises(ng.DataError, match="was changed"):
        ng.fit(net, X, Y, epochs=9, seed=0, callbacks=[change], checkpoint=file, every=10)
    resumed, history = ng.resume(file)
    expected, _, _ = problem()
    assert ng.fit(expected, given, Y, epochs=9, seed=0).losses == history.losses
    assert ng.weights(resumed) == ng.weights(expected)
