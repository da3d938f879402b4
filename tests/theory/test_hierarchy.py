"""A process and its undoing: against brute force over all its states, and networks trained on it."""

import itertools

import numpy as np
import pytest

import neurograph as ng
from neurograph.theory import compare_depths, generative_tree, shallow_network, undoing_network


def patterns(cause, step, branching):
    """All parts that a cause can have, by the rule: all or nothing leaves no choice, the rest any other."""
    sole = 1 if step % 2 == 0 else -1
    everything = list(itertools.product((-1, 1), repeat=branching))
    return [p for p in everything if (p == (sole,) * branching) == (cause == sole)]


def joint(tree):
    """The probability of every pair of details and cause, by adding up every way the process can go."""
    states = {((cause,), cause): 0.5 for cause in (-1, 1)}
    for step in range(tree.steps):
        following = {}
        for (state, cause), p in states.items():
            choices = [patterns(part, step, tree.branching) for part in state]
            for chosen in itertools.product(*choices):
                flat = tuple(itertools.chain(*chosen))
                share = p / np.prod([len(options) for options in choices])
                for turned in itertools.product((-1, 1), repeat=len(flat)):
                    wrong = turned.count(-1)
                    q = share * tree.noise**wrong * (1 - tree.noise) ** (len(flat) - wrong)
                    new = tuple(a * b for a, b in zip(flat, turned, strict=True))
                    following[new, cause] = following.get((new, cause), 0.0) + q
        states = following
    return states


SMALL = [(1, 2, 0.1), (2, 2, 0.05), (1, 3, 0.2), (2, 2, 0.0)]


@pytest.mark.parametrize(("steps", "branching", "noise"), SMALL)
def test_the_posterior_is_that_of_brute_force(steps, branching, noise):
    tree = generative_tree(steps=steps, branching=branching, noise=noise)
    exact = joint(tree)
    assert sum(exact.values()) == pytest.approx(1.0, rel=1e-12)
    for details in itertools.product((-1, 1), repeat=tree.details):
        one, other = exact.get((details, 1), 0.0), exact.get((details, -1), 0.0)
        expected = one / (one + other) if one + other else 0.5
        assert tree.posterior([details]).item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("steps", "branching", "noise"), SMALL)
def test_samples_are_drawn_with_the_probabilities_of_brute_force(steps, branching, noise):
    tree = generative_tree(steps=steps, branching=branching, noise=noise)
    X, Y = tree.sample(40_000, seed=1)
    found, counts = np.unique(np.column_stack([X, Y]), axis=0, return_counts=True)
    share = {tuple(int(x) for x in row): count / 40_000 for row, count in zip(found, counts, strict=True)}
    exact = {(*details, cause): p for (details, cause), p in joint(tree).items() if p > 0}
    assert set(share) <= set(exact)
    for key, p in exact.items():
        assert abs(share.get(key, 0.0) - p) <= 5 * np.sqrt(p * (1 - p) / 40_000) + 1e-12


def test_states_go_from_the_cause_to_the_details():
    tree = generative_tree(steps=3, branching=3, noise=0.0)
    states = tree.states(500, seed=2)
    assert [table.shape for table in states] == [(500, 1), (500, 3), (500, 9), (500, 27)]
    for step, (causes, parts) in enumerate(itertools.pairwise(states)):
        together = parts.reshape(500, -1, 3)
        known = together.min(axis=2) if step % 2 == 0 else together.max(axis=2)  # all of them, or any
        assert np.array_equal(known, causes)
        assert set(np.unique(parts)) == {-1.0, 1.0}


def test_a_seed_makes_the_same_samples():
    tree = generative_tree()
    assert np.array_equal(tree.sample(50, seed=5)[0], tree.sample(50, seed=5)[0])
    assert not np.array_equal(tree.sample(50, seed=5)[0], tree.sample(50, seed=6)[0])


# Networks


@pytest.mark.parametrize(("steps", "branching"), [(1, 2), (2, 2), (4, 2), (3, 3), (2, 5)])
def test_the_undoing_network_is_the_tree_upside_down(steps, branching):
    tree = generative_tree(steps=steps, branching=branching)
    net = undoing_network(tree, seed=0)
    causes = (branching**steps - 1) // (branching - 1)
    assert net.number_of_edges() == (branching + 1) * causes
    assert len(ng.layers(net)) == steps + 1
    assert not ng.check(net).findings
    inputs = ng.inputs(net)
    reached = ng.layers(net)[1][0]
    assert [source for source in net.pred[reached] if source in inputs] == inputs[:branching]


@pytest.mark.parametrize(("steps", "branching"), [(2, 2), (4, 2), (5, 2), (3, 3)])
def test_the_shallow_network_has_exactly_as_many_edges(steps, branching):
    tree = generative_tree(steps=steps, branching=branching)
    net = shallow_network(tree, seed=0)
    assert net.number_of_edges() == undoing_network(tree).number_of_edges()
    assert len(ng.layers(net)) == 3
    assert not ng.check(net).findings
    for edges in (tree.details + 3, 2 * tree.details, 321):
        net = shallow_network(tree, edges=edges)
        assert net.number_of_edges() == edges
        assert ng.check(net).ok


def test_weights_by_hand_undo_the_process_without_noise():
    """A cause is known from the sum of its parts: all of them are 1, or any is."""
    tree = generative_tree(steps=4, noise=0.0)
    net = undoing_network(tree)
    for depth, layer in enumerate(ng.layers(net)[1:]):
        step = tree.steps - 1 - depth
        for cause in layer:
            for source in net.pred[cause]:
                bias = net.nodes[source]["kind"] == "bias"
                side = (-1.0 if step % 2 == 0 else 1.0) if bias else 1.0
                net.edges[source, cause]["weight"] = 50.0 * side
    X, Y = tree.sample(300, seed=3)
    assert np.array_equal(np.sign(ng.compile_network(net).forward(X)), Y)


def test_the_deep_network_reaches_exact_inference_and_the_shallow_one_does_not():
    found = compare_depths(generative_tree(), seed=0)
    assert found.deep.number_of_edges() == found.shallow.number_of_edges() == found.edges == 45
    assert 0.9 < found.best_accuracy < 0.97
    assert found.deep_accuracy >= found.best_accuracy - 0.01
    assert found.shallow_accuracy <= found.best_accuracy - 0.1
    assert found.shallow_accuracy > 0.6  # it has learned something
    assert str(found).startswith("45 edges each: deep 9")


# Bad input


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 2.0}, "steps"),
        ({"steps": 13}, "steps"),
        ({"steps": 10**9}, "steps"),
        ({"branching": 1}, "branching"),
        ({"noise": -0.1}, "noise"),
        ({"noise": 0.6}, "noise"),
        ({"noise": "low"}, "noise"),
    ],
)
def test_a_bad_process_is_refused(options, where):
    with pytest.raises(ng.OptionError) as caught:
        generative_tree(**options)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "X", [[1, -1], [[1, -1, 1]], [[0, 1]], [["1", "1"]], None, [[1], [1, 1]], [[1.0, np.nan]]]
)
def test_what_are_no_details_is_refused(X):
    with pytest.raises(ng.DataError, match="X"):
        generative_tree(steps=1).posterior(X)


def test_bad_options_are_refused():
    tree = generative_tree(steps=2)
    for call, where in (
        (lambda: tree.sample(0), "samples"),
        (lambda: tree.sample(5, seed=-1), "seed"),
        (lambda: shallow_network(tree, edges=6), "edges"),
        (lambda: shallow_network(tree, edges="many"), "edges"),
        (lambda: undoing_network(tree, limit=8), "tree"),
        (lambda: compare_depths(tree, samples=0), "samples"),
        (lambda: compare_depths(tree, epochs=0), "epochs"),
        (lambda: compare_depths(tree, starts=0), "n"),
        (lambda: compare_depths(tree, learning_rate=-1.0), "learning_rate"),
        (lambda: compare_depths(tree, seed=-1), "seed"),
    ):
        with pytest.raises(ng.OptionError) as caught:
            call()
        assert caught.value.where == where
