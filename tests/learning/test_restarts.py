"""Restarts: each is a training that can be repeated alone, and the report is the same however it was run."""

import os
import random
import re
import subprocess
import sys
import threading
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from comparing import apart
from strategies import DIFFERENTIABLE, Dice, build, fingerprint, random_data

import neurograph as ng
from neurograph.functions.initializers import INITIALIZERS
from neurograph.learning import restart_job, workers
from neurograph.learning.history import histogram

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
N = 200


def xor_network():
    """XOR with a skip edge; the edge from the bias to the output is frozen."""
    net = ng.mlp([2, 2, 1], activation="logistic", seed=0)
    ng.connect(net, ng.inputs(net)[0], ng.outputs(net)[0], weight=0.25)
    ng.freeze(net, [(ng.biases(net)[-1], ng.outputs(net)[0])])
    return net


def run(executor=None, net=None, **options):
    options = {"n": N, "epochs": 8, "learning_rate": 1.5, "seed": 5, "backend": "numpy"} | options
    return ng.restarts(net or xor_network(), X, Y, executor=executor, **options)


def bits(runs):
    """Everything that a report holds, as bytes."""
    weights = [list(ng.weights(runs.network(rank)).items()) for rank in range(len(runs.kept))]
    return runs.losses.tobytes(), runs.kept.tobytes(), runs.best_index, repr(weights), runs.left_out


@pytest.fixture(scope="module")
def expected():
    """The report of one thread."""
    with ThreadPoolExecutor(1) as one:
        return run(one)


# One restart is one training


def started(net, i, *, method="normal", scale=1.0, seed=5):
    """Return the network of restart i before its training."""
    copy = net.copy()
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(i,)))
    ng.randomize_weights(copy, method=method, scale=scale, seed=generator)
    return copy


@pytest.mark.parametrize("method", INITIALIZERS)
def test_a_restart_begins_with_the_weights_of_its_own_seed(method):
    for scale in (1.0, 0.3):
        runs = run(n=3, epochs=0, method=method, scale=scale)
        for i in range(3):
            assert ng.weights(runs.replay(i)) == ng.weights(
                started(xor_network(), i, method=method, scale=scale)
            )


def test_different_seeds_share_no_restart():
    """A seed of run + i would: run 0's second restart would be run 1's first."""
    drawn = {
        tuple(ng.weights(run(n=2, epochs=0, seed=seed).replay(i)).values()) for seed in (0, 1) for i in (0, 1)
    }
    assert len(drawn) == 4


WAYS = (
    {},
    {"shuffle": False, "epochs": 5},
    {"loss": "cross_entropy", "learning_rate": ng.ExponentialDecay(1.0, factor=0.9)},
    {"learning_rate": ng.ExponentialDecay(1.0, factor=0.9, per="step")},
    {"loss": "huber", "batch_size": 3},
    {"batch_size": 4, "learning_rate": ng.InverseTimeDecay(1.0, decay=0.3, per="step")},
    {"optimizer": "adam", "learning_rate": 0.1},
    {"optimizer": ng.SGD(momentum=0.9, nesterov=True), "batch_size": 2, "learning_rate": 0.2},
    {"optimizer": "rmsprop", "learning_rate": 0.05},
    {"optimizer": "rprop", "batch_size": 4, "shuffle": False},
)


@pytest.mark.parametrize("backend", ["numpy", "numba", "walk"])
@pytest.mark.parametrize("options", WAYS, ids=lambda options: ",".join(options) or "plain")
def test_every_restart_ends_where_fit_ends_with_the_same_seed_and_options(options, backend):
    given = {"epochs": 4, "learning_rate": 1.5} | options
    net = xor_network()
    runs = ng.restarts(net, X, Y, n=4, seed=5, keep=4, backend=backend, **given)
    assert sorted(runs.kept) == [0, 1, 2, 3]
    for rank, i in enumerate(runs.kept.tolist()):
        alone = started(net, i)
        before = ng.weights(alone)
        ng.fit(alone, X, Y, seed=5, backend=backend, **given)
        kept, replayed = ng.weights(runs.network(rank)), ng.weights(runs.replay(i))
        assert list(kept) == list(ng.weights(alone))
        assert kept == replayed  # bit for bit
        assert apart(list(kept.values()), list(ng.weights(alone).values()))[0] <= 1e-12
        assert kept != before
        loss = ng.compile_network(alone).loss(X, Y, given.get("loss", "squared"))
        assert runs.losses[i] == pytest.approx(loss, rel=1e-12)


def test_random_networks_with_frozen_edges_and_several_outputs_end_where_fit_ends():
    dice, worst = Dice(np.random.default_rng(31)), 0.0
    for _ in range(10):
        net = build(dice, activations=DIFFERENTIABLE, saturating=False, frozen=True)
        table, targets = random_data(dice.generator, net, samples=5)
        runs = ng.restarts(net, table, targets, n=3, seed=2, epochs=2, learning_rate=0.01, keep=3)
        for rank, i in enumerate(runs.kept.tolist()):
            alone = started(net, i, seed=2)
            ng.fit(alone, table, targets, seed=2, epochs=2, learning_rate=0.01)
            worst = max(worst, apart(*(list(ng.weights(g).values()) for g in (runs.network(rank), alone)))[0])
    assert worst <= 1e-12


def test_a_long_order_that_is_drawn_in_blocks_is_the_same_order(monkeypatch):
    for options in ({}, {"batch_size": 2}):
        whole = run(n=3, epochs=7, keep=3, **options)
        monkeypatch.setattr(restart_job, "MOST_ROWS", 9)  # two epochs of four points
        assert bits(run(n=3, epochs=7, keep=3, **options)) == bits(whole)
        monkeypatch.undo()


def test_the_network_is_only_read():
    net = xor_network()
    before = fingerprint(net)
    runs = run(net=net)
    runs.best, runs.replay(3), str(runs)
    assert fingerprint(net) == before
    assert runs.best is not net


def test_frozen_edges_keep_their_weights():
    net = xor_network()
    frozen = [(s, t) for s, t, free in net.edges(data="trainable", default=True) if not free]
    assert len(frozen) == 1
    runs = run(net=net, n=20, keep=20)
    assert all(runs.network(k).edges[frozen[0]] == net.edges[frozen[0]] for k in range(20))


# The same report, however it was run


def test_the_number_of_threads_changes_no_bit(expected):
    assert expected.losses.std() > 0
    assert bits(run()) == bits(expected)
    for count in (2, 7):
        with ThreadPoolExecutor(count) as pool:
            assert bits(run(pool)) == bits(expected)


def test_neither_do_processes(expected):
    for count in (1, 2):
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            assert bits(run(pool)) == bits(expected)
    with ProcessPoolExecutor(7, mp_context=get_context("forkserver")) as pool:
        assert bits(run(pool, n=N)) == bits(expected)
    assert bits(run(timeout=60.0)) == bits(expected)


class AnyOrder(Executor):
    """One thread that ends what is in flight in a random order, and counts."""

    def __init__(self, seed, workers=3):
        self._max_workers = workers
        self._random, self._waiting, self._change = random.Random(seed), [], threading.Condition()
        self.flying = self.most = self.sent_whole = self.sent = 0
        threading.Thread(target=self._run, daemon=True).start()

    def submit(self, function, *args):
        future = Future()
        with self._change:
            self._waiting.append((future, function, args))
            self.sent += 1
            self.sent_whole += args[1] is not None
            self.flying += 1
            self.most = max(self.most, self.flying)
            self._change.notify()
        return future

    def _run(self):
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                future, function, args = self._waiting.pop(self._random.randrange(len(self._waiting)))
            result = function(*args)
            with self._change:
                self.flying -= 1
            future.set_result(result)


def test_neither_does_the_order_in_which_chunks_end_and_only_a_few_are_in_flight(expected, monkeypatch):
    monkeypatch.setattr("neurograph.learning.chunks.SMALLEST", 5)  # so that there are 40 of them
    monkeypatch.setattr(restart_job, "LARGEST", 5)
    for seed in range(3):
        executor = AnyOrder(seed)
        assert bits(run(executor)) == bits(expected)
        assert 3 < executor.most <= 2 * executor._max_workers
        assert 40 <= executor.sent <= 46
        assert executor.sent_whole <= executor.most  # the work does not go with every chunk


def any_workers_in_any_order(seed, patch):
    """Run restarts of a random network on 1, 2, 3 and 7 workers; return what is reported, as bytes."""
    patch.setattr("neurograph.learning.chunks.SMALLEST", 3)
    patch.setattr(restart_job, "LARGEST", 3)
    dice = Dice(np.random.default_rng(seed))
    net = build(dice, activations=DIFFERENTIABLE, saturating=False, frozen=True)
    table, targets = random_data(dice.generator, net, samples=4)
    options = {"n": 40, "epochs": 2, "learning_rate": 0.01, "seed": seed, "backend": "numpy"}
    return {
        bits(ng.restarts(net, table, targets, executor=AnyOrder(seed, workers), **options))
        for workers in (1, 2, 3, 7)
    }


@pytest.mark.parametrize("seed", range(5))
def test_neither_do_workers_and_order_for_any_network(seed, monkeypatch):
    assert len(any_workers_in_any_order(seed, monkeypatch)) == 1


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(5, 100))
def test_neither_do_they_for_a_hundred_networks(seed, monkeypatch):
    assert len(any_workers_in_any_order(seed, monkeypatch)) == 1


class Forgetful(AnyOrder):
    """Every chunk meets a worker that has been sent nothing yet."""

    def submit(self, function, *args):
        workers._held.clear()
        return super().submit(function, *args)


def test_a_worker_that_has_not_been_sent_the_work_gets_it(expected, monkeypatch):
    monkeypatch.setattr("neurograph.learning.chunks.SMALLEST", 5)
    monkeypatch.setattr(restart_job, "LARGEST", 5)
    executor = Forgetful(0)
    assert bits(run(executor)) == bits(expected)
    assert executor.sent > 40


SEEDED = """
import hashlib, sys
import numpy as np
import neurograph as ng
net = ng.mlp([2, 3, 1], activation="logistic", seed=0)
X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
runs = ng.restarts(net, X, Y, n=70, epochs=3, backend="numpy")
print(hashlib.sha256(runs.losses.tobytes() + repr(ng.weights(runs.best)).encode()).hexdigest())
"""


def test_neither_does_the_hash_seed():
    found = set()
    for seed in ("0", "1", "2", "77", "4294967295"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SEEDED], env=environment, capture_output=True, check=True, text=True
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert len(found.pop().strip()) == 64


@pytest.fixture(scope="module")
def cluster():
    """A Dask cluster of two worker processes on this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Dask's own, while it starts
        from dask.distributed import Client, LocalCluster

        with (
            LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=50,
            ) as local,
            Client(local) as client,
        ):
            yield client


def test_neither_does_a_dask_cluster_of_two_processes(expected, cluster):
    executor = cluster.get_executor()
    assert workers.worker_count(executor) == 2
    assert bits(run(executor)) == bits(expected)
    assert bits(run(executor, backend="numba")) == bits(run(backend="numba"))


# Divergence


def diverging(**options):
    """A network of which some restarts diverge, and some do not."""
    net = ng.mlp([2, 3, 1], activation="leaky_relu", output_activation="identity", seed=0)
    options = {"n": 100, "epochs": 60, "learning_rate": 0.5, "scale": 1.5, "seed": 1, "keep": 100} | options
    return ng.restarts(net, X, Y, **options)


@pytest.mark.parametrize("options", [{}, {"batch_size": 4, "learning_rate": 0.7}], ids=["lanes", "batches"])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_diverged_restarts_are_marked_and_never_chosen(options, backend):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runs = diverging(backend=backend, **options)
    diverged = runs.diverged.tolist()
    assert 0 < len(diverged) < 100
    assert np.isnan(runs.losses[diverged]).all()
    assert not set(diverged) & set(runs.kept.tolist())
    assert len(runs.kept) == 100 - len(diverged)
    assert runs.best_loss == min(loss for loss in runs.losses.tolist() if loss == loss)
    assert f"{len(diverged)} diverged" in str(runs)
    assert all(np.isfinite(list(ng.weights(runs.network(k)).values())).all() for k in (0, len(runs.kept) - 1))
    with pytest.raises(ng.DivergedError, match=f"restart {diverged[0]} diverged"):
        runs.replay(diverged[0])


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_fit_diverges_where_a_restart_does(backend):
    runs = diverging(n=12, backend=backend)
    for i in range(12):
        net = ng.mlp([2, 3, 1], activation="leaky_relu", output_activation="identity", seed=0)
        net = started(net, i, scale=1.5, seed=1)
        try:
            ng.fit(net, X, Y, epochs=60, learning_rate=0.5, seed=1, backend=backend)
        except ng.DivergedError:
            assert i in runs.diverged
        else:
            assert i not in runs.diverged


def test_when_all_diverge_that_is_an_error():
    with pytest.raises(ng.DivergedError, match=r"all 100 restarts diverged.*learning rate below 500"):
        diverging(learning_rate=500.0)


# The report


def test_the_best_is_the_lowest_and_of_equal_ones_the_first():
    """Without an edge that can change, all restarts are equal."""
    net = xor_network()
    ng.freeze(net, list(net.edges))
    runs = run(net=net, n=150, keep=5)
    assert len(set(runs.losses.tolist())) == 1
    assert runs.best_index == 0
    assert runs.kept.tolist() == [0, 1, 2, 3, 4]


def test_the_kept_networks_are_the_best_in_order():
    runs = run(keep=7)
    ranked = sorted(range(N), key=lambda i: (runs.losses[i], i))
    assert runs.kept.tolist() == ranked[:7]
    assert runs.best_index == ranked[0]
    assert runs.best_loss == runs.losses.min()
    for rank in range(7):
        loss = ng.compile_network(runs.network(rank)).loss(X, Y)
        assert loss == pytest.approx(runs.losses[ranked[rank]], rel=1e-12)
    assert ng.weights(runs.best) == ng.weights(runs.network(0))
    assert len(run(n=3, keep=7).kept) == 3


def test_the_success_rate_is_the_share_of_all_restarts():
    runs = run()
    threshold = sorted(runs.losses.tolist())[49]
    assert runs.success_rate(threshold) == 50 / N
    assert (runs.success_rate(0.0), runs.success_rate(1e9)) == (0.0, 1.0)
    some = diverging()
    assert some.success_rate(1e300) == 1 - len(some.diverged) / 100


def test_the_histogram_counts_every_finite_loss():
    runs = run()
    lines = runs.histogram(5).splitlines()
    assert len(lines) == 5
    assert sum(int(line.split()[-1]) for line in lines) == N
    assert [int(line.split()[-1]) for line in lines] == np.histogram(runs.losses, 5)[0].tolist()


def test_losses_that_are_equal_but_for_their_last_digits_share_one_line():
    same = np.nextafter(0.25, 1.0)
    assert histogram(np.array([0.25, 0.25, same])) == f"0.25  {'█' * 40} 3"
    assert histogram(np.zeros(4)) == f"0  {'█' * 40} 4"
    assert len(histogram(np.array([1.0, 2.0]), bins=3).splitlines()) == 3


def test_a_report_is_printed_with_its_numbers():
    text = str(run())
    assert text.startswith(f"{N} restarts: best loss ")
    assert "█" in text
    assert "diverged" not in text
    assert repr(run(n=2)).startswith("<Restarts: 2, best loss ")


def test_progress_is_told_on_standard_error_only_when_asked_for(capsys):
    run(n=2)
    assert capsys.readouterr().err == ""
    run(n=2, progress=True)
    assert "2/2" in capsys.readouterr().err


# Bad input


class NoExecutor:
    def submit(self, *args):
        raise AssertionError


BAD = (
    *({"n": n} for n in (0, -1, 2.5, True, "9", None)),
    *({"seed": seed} for seed in (-1, 0.5, None, True, np.random.default_rng(0))),
    *({"keep": keep} for keep in (0, 1.0, None)),
    *({"epochs": epochs} for epochs in (-1, 1.5, None)),
    *({"batch_size": size} for size in (0, 2.0)),
    *({"learning_rate": rate} for rate in (float("nan"), -1, "0.1", float("inf"))),
    {"learning_rate": lambda epoch: -1.0},
    {"method": "gloriot"},
    {"scale": 0},
    {"loss": "square"},
    {"loss": "hinge"},
    {"optimizer": "adm"},
    {"backend": "nunba"},
    {"shuffle": 1},
    {"progress": "yes"},
    *({"executor": executor} for executor in ("threads", 4, NoExecutor())),
)


@pytest.mark.parametrize("options", BAD, ids=lambda options: re.sub(" at 0x[^}]*", "", str(options)))
def test_a_bad_argument_is_refused_with_what_where_expected_and_fix(options):
    net = xor_network()
    before = fingerprint(net)
    with pytest.raises((ng.OptionError, ng.DataError)) as caught:
        ng.restarts(net, X, Y, **({"n": 2, "epochs": 1} | options))
    error, name = caught.value, next(iter(options))
    assert name in error.where or options == {"loss": "hinge"}
    assert error.code
    assert error.expected
    assert error.fix
    assert fingerprint(net) == before


def test_a_schedule_that_no_worker_could_be_sent_is_tabulated_at_home():
    with ThreadPoolExecutor(1) as one:
        plain = run(one, n=3, learning_rate=0.7)
    assert bits(run(AnyOrder(0), n=3, learning_rate=lambda epoch: 0.7)) == bits(plain)


def test_a_network_with_errors_and_data_of_a_wrong_shape_are_refused():
    net = xor_network()
    with pytest.raises(ng.DataError):
        ng.restarts(net, [[1, 2, 3]], [[1]], n=2)
    with pytest.raises(ng.DataError, match="nan"):
        ng.restarts(net, [[float("nan"), 2]], [[1]], n=2)
    net.add_edge(ng.outputs(net)[0], ng.inputs(net)[0], weight=0.1)
    with pytest.raises(ng.InvalidNetworkError):
        ng.restarts(net, X, Y, n=2)


@pytest.mark.parametrize("rank", [-1, 10, 0.0, "0", True, None])
def test_a_rank_or_restart_that_is_not_there_is_refused(rank):
    runs = run(n=10)
    for ask in (runs.network, runs.replay):
        with pytest.raises(ng.OptionError, match=r"from 0 to 9|at least 0"):
            ask(rank)


@pytest.mark.parametrize("bad", [float("nan"), "0.1", None])
def test_a_threshold_that_is_no_number_is_refused(bad):
    runs = run(n=3)
    with pytest.raises(ng.OptionError, match="threshold"):
        runs.success_rate(bad)
    with pytest.raises(ng.OptionError, match="bins"):
        runs.histogram(0)


def test_an_executor_that_is_shut_down_is_told(expected):
    with ThreadPoolExecutor(1) as pool:
        pass
    with pytest.raises(ng.WorkerError, match="shutdown"):
        run(pool)


def test_an_activation_that_workers_do_not_know_is_refused_before_work_is_sent():
    ng.register_activation("of_restarts", lambda z: z / 2, lambda z: np.full_like(z, 0.5))
    net = xor_network()
    net.nodes[ng.outputs(net)[0]]["activation"] = "of_restarts"
    assert np.isfinite(run(net=net, n=3).losses).all()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(ng.OptionError, match=r"'of_restarts'.*register it in a module"):
            run(pool, net=net, n=3)
        with pytest.raises(ng.OptionError, match="'of_restarts'"):
            ng.exhaustive_search(net, X, Y, values=[0.0], executor=pool)
