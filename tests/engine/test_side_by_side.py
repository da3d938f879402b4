"""Two pieces of work at once: the same results whether a helper is free, busy, forked away or not there."""

import multiprocessing
import threading

import numpy as np
import pytest

import neurograph as ng
from neurograph.engine import numba_backend, side_by_side
from neurograph.engine.side_by_side import Helper


def names():
    return threading.current_thread().name


def test_the_second_runs_in_another_thread():
    here, there = Helper().both(names, names)
    assert here == names() != there


def test_both_run_here_while_the_helper_is_lent():
    helper = Helper()
    inner = []
    helper.both(lambda: inner.append(helper.both(names, names)), names)
    assert inner == [(names(), names())]


def test_both_run_here_on_one_core(monkeypatch):
    monkeypatch.setattr(side_by_side, "cores", lambda: 1)
    assert Helper().both(names, names) == (names(), names())


@pytest.mark.parametrize("place", [0, 1])
def test_an_error_comes_out_once_both_have_ended_and_the_helper_works_on(place):
    helper, ended = Helper(), []

    def fail():
        raise KeyError("so")

    tasks = [lambda: ended.append(1), lambda: ended.append(1)]
    tasks[place] = fail
    with pytest.raises(KeyError, match="so"):
        helper.both(*tasks)
    assert ended == [1]
    assert helper.both(lambda: 1, lambda: 2) == (1, 2)


@pytest.fixture
def large(monkeypatch):
    """Return a network that counts as large here, so that its blocks go in two teams, and data."""
    net = ng.random_network(inputs=5, hidden=150, outputs=3, fan_in=13, seed=3)
    monkeypatch.setattr(numba_backend, "MANY_EDGES", net.number_of_edges())
    assert ng.compile_network(net, backend="numba").engine.lanes == numba_backend.TILE
    generator = np.random.default_rng(0)
    return net, generator.normal(size=(150, 5)), generator.normal(size=(150, 3))


@pytest.mark.parametrize("samples", [1, 32, 33, 64, 150])
def test_two_teams_find_the_gradient_of_the_other_backend_and_the_same_bits_on_one_core(
    large, samples, monkeypatch
):
    net, X, Y = large[0], large[1][:samples], large[2][:samples]
    program = ng.compile_network(net, backend="numba")
    loss, gradient = program.gradient(X, Y)
    expected_loss, expected = ng.compile_network(net, backend="numpy").gradient(X, Y)
    assert abs(loss - expected_loss) <= 1e-12 * expected_loss
    assert np.isfinite(gradient).all()
    assert np.abs(gradient - expected).max() <= 1e-12 * np.abs(expected).max()
    monkeypatch.setattr(side_by_side, "cores", lambda: 1)
    again_loss, again = program.gradient(X, Y)
    assert again_loss == loss
    assert again.tobytes() == gradient.tobytes()


def test_the_first_sample_that_is_not_finite_is_named_whichever_team_meets_it(large):
    net, X, Y = large
    program = ng.compile_network(net, backend="numba", dtype=np.float32)
    bad = X.copy()
    bad[[40, 70, 149], 0] = 1e300  # beyond float32
    with pytest.raises(ng.DivergedError) as caught:
        program.gradient(bad, Y)
    assert caught.value.sample == 40


def differentiate(queue, program, X, Y):
    queue.put(program.gradient(X, Y)[1].tobytes())


@pytest.mark.skipif(not hasattr(side_by_side.os, "fork"), reason="processes cannot fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_finds_the_same_and_does_not_wait_for_a_thread_that_it_has_not(large):
    net, X, Y = large
    program = ng.compile_network(net, backend="numba")
    expected = program.gradient(X, Y)[1].tobytes()
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=differentiate, args=(queue, program, X, Y))
    child.start()
    assert queue.get() == expected
    child.join(30)
    assert child.exitcode == 0
