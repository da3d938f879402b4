"""Training by every backend: the published formulas, the text's order of updates, and nothing half done."""

import math
import os
import subprocess
import sys
import textwrap

import networkx as nx
import numpy as np
import pytest
from comparing import apart, mixed_network, problems

import neurograph as ng
from neurograph.engine import kernels
from neurograph.engine import layout as layout_module
from neurograph.engine.updates import Memory, Rule, update
from neurograph.learning.optimizers import SGD, Adam, RMSprop, Rprop

BACKENDS = ("numpy", "numba", "walk")
OPTIMIZERS = {
    "sgd": SGD(),
    "momentum": SGD(momentum=0.9),
    "nesterov": SGD(momentum=0.8, nesterov=True),
    "rmsprop": RMSprop(decay=0.9),
    "adam": Adam(beta1=0.8, beta2=0.95),
    "rprop": Rprop(),
}
EXTRAS = {
    "plain": {},
    "decay": {"weight_decay": 0.02},
    "clipped": {"clip_norm": 0.3},
    "both": {"weight_decay": 0.02, "clip_norm": 0.3},
}


def weights_of(net):
    return nx.get_edge_attributes(net, "weight")


def network(seed=0, **options):
    """Make a small network with skips, frozen edges and an output that feeds on."""
    options = {"activations": ("tanh", "logistic", "softplus"), "saturating": False, "frozen": True} | options
    for net, X, Y in problems("squared", seed, 200, batches=(11,), bound=1.0, **options):
        gradient = ng.backward(net, X, Y).gradient
        frozen = [edge for edge in net.edges if not net.edges[edge].get("trainable", True)]
        learning = [edge for edge in net.edges if gradient[edge] and edge not in frozen]
        if len(net) > 7 and len(frozen) > 1 and len(learning) > 6:
            return net, X, Y
    raise AssertionError("no such network")


# The formulas, one edge at a time, as their papers print them


def sgd(memory, g, rate, step):
    return rate * g


def momentum(memory, g, rate, step):
    memory["v"] = 0.9 * memory.get("v", 0.0) + g
    return rate * memory["v"]


def nesterov(memory, g, rate, step):
    memory["v"] = 0.8 * memory.get("v", 0.0) + g
    return rate * (g + 0.8 * memory["v"])


def rmsprop(memory, g, rate, step):
    memory["s"] = 0.9 * memory.get("s", 0.0) + 0.1 * g**2
    return rate * g / (math.sqrt(memory["s"]) + 1e-8)


def adam(memory, g, rate, step):
    memory["m"] = 0.8 * memory.get("m", 0.0) + 0.2 * g
    memory["v"] = 0.95 * memory.get("v", 0.0) + 0.05 * g**2
    first, second = memory["m"] / (1 - 0.8**step), memory["v"] / (1 - 0.95**step)
    return rate * first / (math.sqrt(second) + 1e-8)


def rprop(memory, g, rate, step):
    size, before = memory.get("size", rate), memory.get("g", 0.0)
    if g * before > 0:
        size = min(1.2 * size, 50.0)
    if g * before < 0:
        size, g = max(0.5 * size, 1e-6), 0.0
    memory["size"], memory["g"] = size, g
    return math.copysign(size, g) if g else 0.0


FORMULAS = {f.__name__: f for f in (sgd, momentum, nesterov, rmsprop, adam, rprop)}


def by_formula(net, X, Y, name, *, epochs, batch_size, seed, rate, weight_decay=0.0, clip_norm=None):
    """Train a copy by the walk's gradients and the formulas; return its weights and its losses."""
    net = net.copy()
    learning = [edge for edge in net.edges if net.edges[edge].get("trainable", True)]
    memory = {edge: {} for edge in learning}
    generator, step, losses = np.random.default_rng(seed), 0, []
    for _ in range(epochs):
        rows, total = generator.permutation(len(X)), 0.0
        for start in range(0, len(X), batch_size):
            batch = rows[start : start + batch_size]
            trace = ng.backward(net, X[batch], Y[batch])
            step, total = step + 1, total + trace.loss * len(batch)
            gradient = {
                edge: trace.gradient[edge] + weight_decay * net.edges[edge]["weight"] for edge in learning
            }
            norm = math.sqrt(math.fsum(g * g for g in gradient.values()))
            scale = clip_norm / norm if clip_norm and norm > clip_norm else 1.0
            for edge, g in gradient.items():
                net.edges[edge]["weight"] -= FORMULAS[name](memory[edge], g * scale, rate, step)
        losses.append(total / len(X))
    return weights_of(net), losses


@pytest.mark.parametrize("batch_size", [1, 4, 11])
@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_backend_follows_the_published_formulas(name, extra, batch_size):
    net, X, Y = network(41)
    start = weights_of(net)
    plan = {"epochs": 4, "batch_size": batch_size, "seed": 5, **EXTRAS[extra]}
    expected, losses = by_formula(net, X, Y, name, rate=0.02, **plan)
    for backend in BACKENDS:
        again = net.copy()
        history = ng.fit(again, X, Y, optimizer=OPTIMIZERS[name], learning_rate=0.02, backend=backend, **plan)
        found = weights_of(again)
        assert found.keys() == expected.keys()
        assert apart(list(found.values()), list(expected.values()))[0] <= 1e-10
        assert history.losses == pytest.approx(losses, rel=1e-10)
    moved = [edge for edge in expected if expected[edge] != start[edge]]
    frozen = [edge for edge in net.edges if not net.edges[edge].get("trainable", True)]
    assert frozen
    assert not set(moved) & set(frozen)
    assert len(moved) > 6


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_extras_really_bite(name):
    net, X, Y = network(41)
    found = {}
    for extra, options in EXTRAS.items():
        again = net.copy()
        ng.fit(
            again,
            X,
            Y,
            optimizer=OPTIMIZERS[name],
            learning_rate=0.02,
            epochs=2,
            batch_size=4,
            seed=5,
            **options,
        )
        found[extra] = tuple(weights_of(again).values())
    assert len(set(found.values())) == (4 if name != "rprop" else 2)  # only signs count there


@pytest.mark.parametrize("clip_norm", [0.0, 0.05])
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_compiled_update_is_the_numpy_one_bit_by_bit(name, weight_decay, clip_norm):
    generator = np.random.default_rng(42)
    rule = OPTIMIZERS[name].rule(weight_decay=weight_decay, clip_norm=clip_norm)
    numbers = (rule.kind, *rule.numbers, rule.weight_decay, rule.clip_norm)
    trainable = generator.random(101) < 0.8
    one, two = (np.random.default_rng(43).normal(size=101) for _ in range(2))
    mine, compiled = Memory.empty(rule, 101, np.float64), Memory.empty(rule, 101, np.float64)
    for step in range(1, 40):
        gradient = generator.normal(size=101) * 10.0 ** generator.integers(-9, 3)
        update(rule, one, gradient, trainable, mine, 0.1 / step)
        kernels.change_weights(
            numbers, two, gradient, trainable, compiled.first, compiled.second, step, 0.1 / step
        )
        assert one.tobytes() == two.tobytes()
        assert np.isfinite(one).all()
    assert (one != np.random.default_rng(43).normal(size=101)).sum() == trainable.sum()


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_follows_to_its_precision(name, backend):
    net, X, Y = network(44)
    plan = {"epochs": 2, "batch_size": 4, "seed": 5}
    expected, _ = by_formula(net, X, Y, name, rate=0.01, **plan)
    ng.fit(
        net, X, Y, optimizer=OPTIMIZERS[name], learning_rate=0.01, backend=backend, dtype="float32", **plan
    )
    assert apart(list(weights_of(net).values()), list(expected.values()))[0] <= 1e-3
    assert apart(list(weights_of(net).values()), list(expected.values()))[0] > 1e-12


@pytest.mark.parametrize("batch_size", [1, 7, 64, 100])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_dense_blocks_learn_as_single_edges_do(backend, batch_size, monkeypatch):
    generator = np.random.default_rng(45)
    net = mixed_network(3, width=9)
    X = generator.normal(size=(100, len(ng.inputs(net))))
    Y = generator.normal(size=(100, len(ng.outputs(net))))
    found = []
    for smallest in (1, 10**9):
        monkeypatch.setattr(layout_module, "SMALLEST_DENSE_BLOCK", smallest)
        again = net.copy()
        ng.fit(again, X, Y, learning_rate=0.01, epochs=2, batch_size=batch_size, seed=0, backend=backend)
        found.append(list(weights_of(again).values()))
    assert apart(*found)[0] <= 1e-10
    assert found[0] != list(weights_of(net).values())


@pytest.mark.parametrize("most", ["MOST_EDGES_BY_POINT"])
def test_points_one_by_one_learn_the_same_on_numbers_as_on_arrays(most, monkeypatch):
    from neurograph.engine import numba_backend, numpy_backend

    net, X, Y = network(46)
    for module, backend in ((numpy_backend, "numpy"), (numba_backend, "numba")):
        monkeypatch.setattr(layout_module, "SMALLEST_DENSE_BLOCK", 2)
        for optimizer in ("sgd", "adam"):
            found = []
            for limit in (10**9, 0):
                monkeypatch.setattr(module, most, limit)
                again = net.copy()
                ng.fit(
                    again, X, Y, optimizer=optimizer, learning_rate=0.05, epochs=3, seed=1, backend=backend
                )
                found.append(list(weights_of(again).values()))
            assert apart(*found)[0] <= 1e-10


# The order of updates


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_gradient_is_of_the_weights_before_the_point(backend):
    """0 → 1 → 2, weights 2 and 3, x = 1, t = 0: y = 6, so the gradients are 2·6·3 = 36 and 2·6·2 = 24.

    Updating the later weight first would hand 3 − 2.4 back instead of 3, and give 7.2 instead of 36.
    """
    net = nx.DiGraph()
    ng.add_input(net, 0)
    ng.add_hidden(net, 1, activation="identity")
    ng.add_output(net, 2, activation="identity")
    ng.connect(net, 0, 1, weight=2.0)
    ng.connect(net, 1, 2, weight=3.0)
    ng.fit(net, [[1.0]], [[0.0]], learning_rate=0.1, backend=backend)
    assert weights_of(net) == pytest.approx({(0, 1): 2 - 3.6, (1, 2): 3 - 2.4}, rel=1e-15)


# Schedules, validation, patience, callbacks, Ctrl-C


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_schedule_by_step_gives_every_update_its_own_rate(backend, batch_size):
    net, X, Y = network(47)
    found = []
    for per in ("step", "epoch"):
        again = net.copy()
        schedule = ng.InverseTimeDecay(0.1, decay=0.5, per=per)
        history = ng.fit(
            again,
            X,
            Y,
            learning_rate=schedule,
            epochs=3,
            batch_size=batch_size,
            shuffle=False,
            backend=backend,
        )
        found.append(again)
    by_hand, step = net.copy(), 0
    for _ in range(3):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            ng.fit(
                by_hand, X[rows], Y[rows], learning_rate=0.1 / (1 + 0.5 * step), batch_size=len(X[rows]),
                backend="walk",
            )  # fmt: skip
            step += 1
    expected = list(weights_of(by_hand).values())
    assert apart(list(weights_of(found[0]).values()), expected)[0] <= 1e-10
    assert apart(list(weights_of(found[1]).values()), expected)[0] > 1e-6
    assert history.learning_rates == pytest.approx([0.1, 0.1 / 1.5, 0.1 / 2])


@pytest.mark.parametrize("backend", BACKENDS)
def test_validation_losses_are_those_of_the_weights_after_each_epoch(backend):
    net, X, Y = network(48)
    measured = []

    def measure(history):
        measured.append(ng.backward(net, X[8:], Y[8:]).loss)
        assert history.epochs == len(measured)

    history = ng.fit(
        net, X[:8], Y[:8], validation=(X[8:], Y[8:]), epochs=4, callbacks=[measure], seed=0, backend=backend
    )
    assert history.validation_losses == pytest.approx(measured, rel=1e-11)
    assert len(set(measured)) == 4


@pytest.mark.parametrize("backend", BACKENDS)
def test_patience_stops_and_puts_the_best_weights_back(backend):
    net, X, Y = network(49)
    kept = []
    history = ng.fit(
        net, X[:8], Y[:8], validation=(X[8:], Y[8:]), epochs=400, patience=3, learning_rate=0.3, seed=0,
        callbacks=[lambda history: kept.append(weights_of(net))], backend=backend,
    )  # fmt: skip
    best = int(np.argmin(history.validation_losses))
    assert history.stopped == "stopped early"
    assert history.epochs == best + 4 < 400
    assert weights_of(net) == kept[best] != kept[-1]


def test_a_callback_may_end_the_training():
    net, X, Y = network(50)
    history = ng.fit(net, X, Y, epochs=50, callbacks=[lambda history: history.epochs == 3])
    assert history.epochs == 3
    assert history.stopped == "stopped by a callback"


@pytest.mark.parametrize("answer", [np.zeros(3), np.ones((2, 2)), 1, 1.0, "yes", [True], None, np.False_])
def test_only_true_ends_the_training(answer):
    net, X, Y = network(50)
    assert ng.fit(net, X, Y, epochs=3, callbacks=[lambda history: answer]).stopped == "finished"
    assert ng.fit(net, X, Y, epochs=3, callbacks=[lambda history: np.True_]).epochs == 1


CHANGES = {
    "it has no edge 1 → 4": lambda net: net.remove_edge(1, 4),
    "it has no neuron 5": lambda net: net.remove_node(5),
    "it has an edge 1 → 9 more": lambda net: net.add_edge(1, 9, weight=0.0),
    "the activation of neuron 6 is 'relu', not 'logistic'": lambda net: net.nodes[6].update(
        activation="relu"
    ),
    "edge 4 → 6 was given the weight 7.0": lambda net: net.edges[4, 6].update(weight=7.0),
    "edge 4 → 6 was given the weight None": lambda net: net.edges[4, 6].clear(),
    "edge 4 → 6 is frozen in it": lambda net: ng.freeze(net, (4, 6)),
    "its frozen edge 6 → 9 has the weight 3.0, not 0.8": lambda net: net.edges[6, 9].update(weight=3.0),
    "its frozen edge 6 → 9 has the weight None, not 0.8": lambda net: net.edges[6, 9].pop("weight"),
}


@pytest.mark.parametrize("difference", CHANGES)
def test_a_callback_that_changes_the_network_is_named(difference):
    net = ng.example_network()
    ng.freeze(net, (6, 9))
    once, twice = net.copy(), net.copy()
    options = {"seed": 0, "learning_rate": 0.5}
    ng.fit(once, [[0.5], [1.0]], [[1.0], [0.0]], **options)
    ng.fit(twice, [[0.5], [1.0]], [[1.0], [0.0]], epochs=2, **options)

    def change(history):
        if history.epochs == 2:
            CHANGES[difference](net)

    with pytest.raises(ng.InvalidNetworkError) as caught:
        ng.fit(net, [[0.5], [1.0]], [[1.0], [0.0]], epochs=5, callbacks=[change], **options)
    assert caught.value.code == "changed-while-training"
    assert difference in str(caught.value)
    assert caught.value.__context__ is None
    left = [edge for edge in net.edges if edge in twice.edges and edge != (6, 9)]
    assert len(left) > 7
    assert all(net.edges[edge]["weight"] == twice.edges[edge]["weight"] for edge in left)
    assert ng.weights(once) != ng.weights(twice)


def test_samples_of_validation_are_named_as_such():
    net = ng.mlp([1, 1], seed=0)
    for place, held_out in {
        "validation, X, row 0, column 1": ([[math.nan]], [[0.0]]),
        "validation, Y": ([[0.0]], [[0.0, 1.0]]),
        "validation, X and Y": ([[0.0]], [[0.0], [1.0]]),
    }.items():
        with pytest.raises(ng.DataError) as caught:
            ng.fit(net, [[0.0], [1.0]], [[0.0], [1.0]], validation=held_out)
        assert caught.value.where == place
        assert str(caught.value).startswith(f"{place}: ")


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interrupt_keeps_the_best_weights_so_far(backend):
    net, X, Y = network(51)
    kept = []

    def interrupt(history):
        kept.append(weights_of(net))
        if history.epochs == 6:
            raise KeyboardInterrupt

    history = ng.fit(net, X, Y, epochs=50, learning_rate=0.4, seed=0, callbacks=[interrupt], backend=backend)
    assert history.stopped == "interrupted"
    assert history.epochs == 6
    assert weights_of(net) == kept[int(np.argmin(history.losses))]


# Divergence


def steep(weight=1.0):
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_hidden(net, "h", activation="identity")
    ng.add_output(net, "y", activation="identity")
    ng.connect(net, "x", "h", weight=weight)
    ng.connect(net, "h", "y", weight=weight)
    return net


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("backend", BACKENDS)
def test_divergence_names_place_sample_and_epoch_and_keeps_the_last_good_weights(backend, batch_size, name):
    net = steep()
    X, Y = np.ones((6, 1)), np.zeros((6, 1))
    kept = [weights_of(net)]
    with pytest.raises(ng.DivergedError) as caught:
        ng.fit(
            net, X, Y, optimizer=ng.Rprop(largest=1e160) if name == "rprop" else OPTIMIZERS[name],
            learning_rate=1e160 if name == "rprop" else 1e100, epochs=3, batch_size=batch_size,
            shuffle=False, backend=backend,
            callbacks=[lambda history: kept.append(weights_of(net))],
        )  # fmt: skip
    error = caught.value
    assert weights_of(net) == kept[-1]
    assert all(map(math.isfinite, kept[-1].values()))
    assert error.epoch == len(kept) - 1 == error.history.epochs
    assert error.sample in range(6)
    assert (error.neuron in ("h", "y")) != (error.edge in (("x", "h"), ("h", "y")))
    assert f"sample {error.sample}, epoch {error.epoch}" in str(error)
    assert "the network has the weights from before this epoch" in str(error)


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_sample_that_is_named_is_the_one_that_did_it(backend, batch_size):
    net = steep(1e100)
    X, Y = np.zeros((9, 1)), np.zeros((9, 1))
    X[5] = 1e150
    with pytest.raises(ng.DivergedError) as error:
        ng.fit(net, X, Y, learning_rate=0.0, batch_size=batch_size, seed=3, backend=backend)
    assert (error.value.neuron, error.value.sample, error.value.epoch) == ("y", 5, 0)


def test_a_memory_that_overflows_is_divergence_too():
    """g² is infinite: the weight would never move again, and nobody would know."""
    for backend in BACKENDS:
        net = steep(1.0)
        X, Y = np.array([[-1e200], [0.0]]), np.ones((2, 1))
        with pytest.raises(ng.DivergedError, match="optimizer"):
            ng.fit(net, X, Y, loss="hinge", optimizer="adam", shuffle=False, backend=backend)
        assert set(weights_of(net).values()) == {1.0}


# What the result does not depend on


SCRIPT = """
    import networkx as nx, neurograph as ng
    net = nx.DiGraph()
    ng.add_input(net, "a"); ng.add_input(net, "b"); ng.add_bias(net, "one")
    for n in ("left", "right"):
        ng.add_hidden(net, n, activation="tanh")
    ng.add_output(net, "out", activation="logistic")
    for i, (s, t) in enumerate({("a", "left"), ("b", "left"), ("one", "left"), ("a", "right"), ("b", "right"),
                                ("one", "right"), ("left", "out"), ("right", "out"), ("one", "out")}):
        ng.connect(net, s, t, weight=0.1 * (len(s) + len(t)))
    for backend in ("numpy", "numba"):
        again = net.copy()
        X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
        ng.fit(again, X, Y, epochs=3, seed=1, backend=backend)
        print([again.edges[e]["weight"].hex() for e in sorted(again.edges)])
"""


def test_the_hash_seed_and_the_order_of_the_edges_change_no_bit():
    """The set of edges comes in another order in each process."""
    found = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(SCRIPT)],
            env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.add(done.stdout)
    assert len(found) == 1
    assert found.pop().count("0x1.") > 10


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_the_order_in_which_edges_were_added_changes_no_bit(backend):
    for seed in range(52, 56):
        net, X, Y = network(seed)
        again = nx.DiGraph()
        again.add_nodes_from(net.nodes(data=True))
        again.add_edges_from((s, t, dict(data)) for s, t, data in reversed(list(net.edges(data=True))))
        for graph in (net, again):
            ng.fit(graph, X, Y, epochs=3, seed=1, backend=backend)
        assert weights_of(again) == weights_of(net)
        assert list(again.edges) != list(net.edges)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_the_order_of_the_nodes_changes_only_roundings(backend):
    net, X, Y = network(57)
    again = nx.DiGraph()
    inputs, outputs = ng.inputs(net), ng.outputs(net)
    rest = [neuron for neuron in reversed(list(net)) if neuron not in (*inputs, *outputs)]
    again.add_nodes_from((neuron, dict(net.nodes[neuron])) for neuron in (*outputs, *rest, *inputs))
    again.add_edges_from((s, t, dict(data)) for s, t, data in net.edges(data=True))
    for graph in (net, again):
        ng.fit(graph, X, Y, epochs=3, seed=1, backend=backend)
    first, second = weights_of(net), weights_of(again)
    assert apart([second[edge] for edge in first], list(first.values()))[0] <= 1e-12


def test_rules_with_nothing_but_a_gradient_are_called_plain():
    assert Rule().is_plain
    assert not Rule(weight_decay=0.1).is_plain
    assert not Rule(clip_norm=0.1).is_plain
    assert not OPTIMIZERS["adam"].rule().is_plain


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("rate", "step"), [(1000.0, 2.0), (1e-9, 0.25), (0.5, 0.5)])
def test_the_first_step_of_rprop_lies_within_its_bounds(backend, rate, step):
    net = ng.mlp([1, 1], activation="identity", bias=False, seed=0)
    before = net.edges[1, 2]["weight"]
    optimizer = ng.Rprop(smallest=0.25, largest=2.0)
    ng.fit(net, [[1.0]], [[1e6]], optimizer=optimizer, learning_rate=rate, backend=backend)
    assert net.edges[1, 2]["weight"] == before + step
