"""The exhaustive search: every combination, counted and compared with brute force by the walk."""

import itertools
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from comparing import apart
from oracles import targets_for
from strategies import DIFFERENTIABLE, fingerprint, random_data, random_graphs

import neurograph as ng
from neurograph.learning import chunk_runs, search
from neurograph.learning.chunks import Lost

VALUES = [-1.0, 0.25, 1.5]


def brute_force(net, X, Y, values, loss="squared"):
    """Every combination, the first trainable edge of the program changing fastest, with the walk's loss."""
    edges = [edge for edge in ng.compile_network(net).edges if net.edges[edge].get("trainable", True)]
    for digits in itertools.product(values, repeat=len(edges)):
        copy, chosen = net.copy(), dict(zip(edges, reversed(digits), strict=True))
        for edge, weight in chosen.items():
            copy.edges[edge]["weight"] = weight
        yield ng.weights(copy), ng.backward(copy, X, Y, loss=loss).loss


def small_networks(seed, loss, count=8):
    """Networks with one to five trainable edges; the others are frozen."""
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    options = {"activations": DIFFERENTIABLE, "output_activations": outputs, "saturating": False}
    for net in random_graphs(seed, count, hidden=3, outputs=2, **options):
        edges = list(net.edges)
        generator.shuffle(edges)
        ng.freeze(net, [tuple(edge) for edge in edges[int(generator.integers(1, 5)) :]])
        X, Y = random_data(generator, net, samples=3)
        yield net, X, targets_for(loss, generator, Y.shape)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("loss", ng.LOSSES)
def test_it_finds_what_brute_force_finds(loss, backend):
    for net, X, Y in small_networks(61, loss):
        before = fingerprint(net)
        rounds = list(brute_force(net, X, Y, VALUES, loss))
        found = ng.exhaustive_search(net, X, Y, values=VALUES, loss=loss, backend=backend)
        lowest = min(value for _, value in rounds)
        assert found.rounds == len(rounds) == ng.search_rounds(net, len(VALUES))
        assert found.loss == pytest.approx(lowest, rel=1e-12, abs=1e-300)
        near = [weights for weights, value in rounds if value <= lowest * (1 + 1e-12)]
        assert ng.weights(found.best) in near
        assert 1 <= found.ties <= len(near)
        assert fingerprint(net) == before


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_every_round_has_the_loss_of_the_walk(backend):
    """One round at a time: what is searched with one value for each edge is that network's loss."""
    for net, X, Y in small_networks(62, "squared", count=3):
        rounds = list(brute_force(net, X, Y, VALUES))
        task = captured_task(net, X, Y, backend)
        population = search.make_population(task.layout, task.backend)
        weights = task.weights(np.arange(len(rounds)))
        losses = population.losses(weights, task.X, task.Y, task.loss)
        assert apart(losses, [value for _, value in rounds])[0] <= 1e-12
        for k, (expected, _) in enumerate(rounds):
            edges = list(task.layout.edges)
            assert dict(zip(edges, weights[:, k].tolist(), strict=True)) == expected


def captured_task(net, X, Y, backend):
    program = ng.compile_network(net, backend=backend)
    table, targets, row = program.data(X, Y, "squared")
    return search._Task(program.layout, table, targets, row, np.array(VALUES), 100, program.backend)


def linear(count):
    """One output that sums ``count`` weights, exactly."""
    net = ng.mlp([count, 1], activation="identity", output_activation="identity", bias=False)
    return net, [[1.0] * count]


def test_ties_are_counted_exactly_and_listed_in_the_order_of_rounds():
    net, X = linear(5)
    found = ng.exhaustive_search(net, X, [[0.0]], values=[-1.0, 0.0, 1.0])
    zero = [d[::-1] for d in itertools.product([-1.0, 0.0, 1.0], repeat=5) if sum(d) == 0]
    assert (found.loss, found.ties) == (0.0, len(zero)) == (0.0, 51)
    assert found.tied.tolist() == [list(digits) for digits in zero]
    assert [ng.weights(found.best)[edge] for edge in found.edges] == list(zero[0])


@pytest.mark.parametrize("keep", [1, 7, 50, 51, 52])
def test_no_more_ties_are_kept_than_asked_for(keep):
    net, X = linear(5)
    found = ng.exhaustive_search(net, X, [[0.0]], values=[-1.0, 0.0, 1.0], keep=keep)
    whole = ng.exhaustive_search(net, X, [[0.0]], values=[-1.0, 0.0, 1.0])
    assert found.ties == 51
    assert found.tied.tolist() == whole.tied.tolist()[:keep]


def test_the_distribution_counts_every_round():
    net, X = linear(6)
    found = ng.exhaustive_search(net, X, [[0.5]], values=[-1.0, 0.0, 1.0, 300.0])
    losses = [(sum(d) - 0.5) ** 2 for d in itertools.product([-1.0, 0.0, 1.0, 300.0], repeat=6)]
    assert found.counts.sum() == found.rounds == 4096
    assert found.counts.tolist() == np.histogram(losses, found.bin_ends)[0].tolist()
    assert str(found).startswith(f"4,096 rounds: lowest loss 0.25, {losses.count(0.25):,} times")


def test_rounds_that_are_not_finite_are_counted_and_never_the_best():
    net, X = linear(2)
    found = ng.exhaustive_search(net, X, [[1.0]], values=[1e200, 1.0, 0.0])
    assert (found.loss, found.ties) == (0.0, 2)
    assert found.counts.sum() == 9
    assert found.counts[-1] == 5
    with pytest.raises(ng.DivergedError, match="no combination has a finite loss"):
        ng.exhaustive_search(net, X, [[1.0]], values=[1e200, 2e200])


def test_frozen_edges_stay():
    net, X = linear(4)
    edges = list(net.edges)
    ng.freeze(net, edges[1:3])
    found = ng.exhaustive_search(net, X, [[0.0]], values=[-1.0, 1.0])
    assert found.rounds == 4
    assert all(found.best.edges[edge] == net.edges[edge] for edge in edges[1:3])
    ng.freeze(net, edges)
    alone = ng.exhaustive_search(net, X, [[0.0]], values=[-1.0, 1.0])
    assert (alone.rounds, alone.ties) == (1, 1)
    assert ng.weights(alone.best) == ng.weights(net)


# The same, however it is run


def found_bits(found):
    return (
        found.loss, found.rounds, found.ties, found.tied.tobytes(), found.counts.tobytes(),
        repr(ng.weights(found.best)),
    )  # fmt: skip


def test_an_executor_changes_no_bit_nor_do_processes_that_could_be_ended():
    net, X = linear(9)
    options = {"values": [-1.0, 0.25, 1.0], "backend": "numpy"}  # 19,683 rounds
    expected = found_bits(ng.exhaustive_search(net, X, [[0.5]], **options))
    assert found_bits(ng.exhaustive_search(net, X, [[0.5]], timeout=60.0, **options)) == expected
    for pool in (ThreadPoolExecutor(1), ThreadPoolExecutor(7), ProcessPoolExecutor(2, get_context("spawn"))):
        with pool:
            assert found_bits(ng.exhaustive_search(net, X, [[0.5]], executor=pool, **options)) == expected


def test_a_search_with_a_hole_has_no_result(monkeypatch):
    net, X = linear(6)
    run_all = chunk_runs._run_all

    def lose_one(*given):
        for k, part in enumerate(run_all(*given)):
            yield Lost(part.chunk, "killed by signal 9") if k == 1 else part

    monkeypatch.setattr(chunk_runs, "_run_all", lose_one)
    with pytest.raises(ng.WorkerError, match=r"twice: rounds \d+ to \d+ \(killed by signal 9\)"):
        ng.exhaustive_search(net, X, [[0.5]], values=VALUES)


# How many rounds


def test_the_text_s_network_takes_two_to_the_power_of_768_rounds():
    net = ng.example_network()
    assert net.number_of_edges() == 12
    assert ng.search_rounds(net, 2**64) == 2 ** (64 * 12)
    ng.freeze(net, [(4, 6)])
    assert ng.search_rounds(net, 2**64) == 2 ** (64 * 11)


def test_too_many_rounds_are_refused_and_their_number_is_told():
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match="3 values on 12 edges take 531,441 rounds") as caught:
        ng.exhaustive_search(net, [[0.5]], [[1.0]], values=VALUES, limit=531_440)
    assert caught.value.code == "too-many-rounds"
    many = [float(i) for i in range(1000)]
    with pytest.raises(ng.OptionError, match=r"take about 10\^36 rounds.*at most limit=10,000,000"):
        ng.exhaustive_search(net, [[0.5]], [[1.0]], values=many)


def test_as_many_rounds_as_the_limit_are_begun():
    net, X = linear(3)
    assert ng.exhaustive_search(net, X, [[0.5]], values=VALUES, limit=27).rounds == 27


def test_the_number_of_rounds_is_told_before_the_first(capsys, monkeypatch):
    net, X = linear(3)
    told = []
    monkeypatch.setattr(search._Task, "run", lambda *_: told.append(capsys.readouterr().err) or 1 / 0)
    with pytest.raises(ng.WorkerError, match="ZeroDivisionError"):
        ng.exhaustive_search(net, X, [[0.5]], values=VALUES, progress=True)
    assert told[0].startswith("27 rounds: 3 values on 3 edges\n")
    capsys.readouterr()
    with pytest.raises(ng.WorkerError):
        ng.exhaustive_search(net, X, [[0.5]], values=VALUES)
    assert told[1] == ""


def test_an_edge_that_numpy_has_frozen_is_not_searched():
    found = []
    for frozen in (False, np.False_):
        net = ng.mlp([1, 1], activation="identity", seed=0)
        net.edges[2, 3].update(weight=0.0, trainable=frozen)
        search = ng.exhaustive_search(net, [[1.0], [2.0]], [[2.0], [4.0]], values=VALUES[:2])
        assert ng.search_rounds(net, 7) == 7
        found.append((search.rounds, search.ties, search.tied.tolist(), search.counts.sum()))
    assert found[0] == found[1]
    assert found[0][0] == 2 == found[0][3]


# Bad input


BAD = (
    *(
        {"values": v}
        for v in ([], [1.0, 1.0], [0.0, -0.0], [math.nan], [math.inf], 5, "12", ["1"], [True], None)
    ),
    *({"limit": limit} for limit in (0, -1, 2.5, "9", None)),
    *({"keep": keep} for keep in (0, True, 1.5)),
    *({"executor": executor} for executor in ("threads", 3)),
    {"loss": "square"},
    {"loss": "hinge"},
    {"backend": "nunba"},
    {"progress": 1},
)


@pytest.mark.parametrize("options", BAD, ids=str)
def test_a_bad_argument_is_refused_with_its_fix(options):
    net, X = linear(2)
    before = fingerprint(net)
    with pytest.raises((ng.OptionError, ng.DataError)) as caught:
        ng.exhaustive_search(net, X, [[0.5]], **({"values": VALUES} | options))
    assert caught.value.fix
    assert next(iter(options)) in caught.value.where or options == {"loss": "hinge"}
    assert fingerprint(net) == before


@pytest.mark.parametrize("values", [0, -1, 2.0, "2", None, True])
def test_rounds_are_counted_for_a_number_of_values(values):
    with pytest.raises(ng.OptionError, match="values"):
        ng.search_rounds(ng.example_network(), values)
