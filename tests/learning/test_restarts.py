"""Restarts: each is a training that can be repeated alone, and the report is the same however it was run."""

import os
import random
import subprocess
import sys
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from comparing import apart
from strategies import DIFFERENTIABLE, build, Dice, fingerprint, random_data

import neurograph as ng

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


@pytest.mark.parametrize("method", ng.INITIALIZERS)
def test_a_restart_begins_with_the_weights_of_its_own_seed(method):
    for scale in (1.0, 0.3):
        runs = run(n=3, epochs=0, method=method, scale=scale)
        for i in range(3):
            assert ng.weights(runs.replay(i)) == ng.weights(
                started(xor_network(), i, method=method, scale=scale)
            )


def test_different_seeds_share_no_restart():
    """A seed of run + i would: run 0's second restart would be run 1's first."""
    drawn = {tuple(ng.weights(run(n=2, epochs=0, seed=seed).replay(i)).values()) for seed in (0, 1) for i in (0, 1)}
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
    from neurograph.learning import restart_job

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
    assert 0 < expected.losses.std()
    assert bits(run()) == bits(expected)
    for workers in (2, 7):
        with ThreadPoolExecutor(workers) as pool:
            assert bits(run(pool)) == bits(expected)


def test_neither_do_processes(expected):
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            assert bits(run(pool)) == bits(expected)
    with ProcessPoolExecutor(7, mp_context=get_context("forkserver")) as pool:
        assert bits(run(pool, n=N)) == bits(expected)


class Shuffled(Executor):
    """Does the work at once and lets it end in any order; counts what is in flight."""

    def __init__(self, seed, workers=3):
        self._max_workers, self.random = workers, random.Random(seed)
        self.flying, self.most, self.sizes = [], 0, []

    def submit(self, function, *args):
        future = Future()
        self.flying.append((future, function, args))
        self.most = max(self.most, len(self.flying))
        self.sizes.append(len(args))
        future.add_done_callback(lambda _: None)
        if len(self.flying) >= self.random.randint(1, 2 * self._max_workers):
            self.end_one()
        # what is waited for must end sometime: one more ends for each that is asked after
        future.__class__ = _Pushing
        future.executor = self
        return future

    def end_one(self):
        future, function, args = self.flying.pop(self.random.randrange(len(self.flying)))
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*args))
        except BaseException as error:
            future.set_exception(error)
