"""Training against the text's algorithm, written once more around HIPS autograd; and its manners."""

import math
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from oracles import by_autodiff, targets_for
from strategies import EVERY, SMOOTH, data_for, fingerprint, networks, random_data, random_graphs

import neurograph as ng

XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])


def descended(net, X, Y, *, loss="squared", rate=0.1, epochs=1, batch=1, orders=None):
    """Return the weights and losses of the text's algorithm, written with dictionaries and an autodiff."""
    weight = nx.get_edge_attributes(net, "weight")
    frozen = {(s, t) for s, t, trainable in net.edges(data="trainable", default=True) if not trainable}
    losses = []
    for epoch in range(epochs):
        order = list(range(len(X))) if orders is None else list(orders[epoch])
        total = 0.0
        for start in range(0, len(X), batch):
            rows = order[start : start + batch]
            value, gradient = by_autodiff(
                net, X[rows], Y[rows], loss, weight
            )  # all before any weight changes
            step = rate(epoch) if callable(rate) else rate
            weight = {e: w if e in frozen else w - step * gradient[e] for e, w in weight.items()}
            total += value * len(rows)
        losses.append(total / len(X))
    return weight, losses


def assert_close(found, expected, before):
    """Compare weights, relative to each and to the largest change."""
    assert found.keys() == expected.keys()
    moved = max(abs(expected[edge] - before[edge]) for edge in before)
    assert moved > 1e-6
    for edge, w in expected.items():
        assert math.isfinite(found[edge])
        assert abs(found[edge] - w) <= 1e-12 * max(abs(w), moved), edge


def problems(loss, seed, count, **options):
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    bounded = ("logistic", "tanh", "softsign", "sine", "gaussian", "elu")
    options = {"activations": bounded, "saturating": False, "output_activations": outputs} | options
    for net in random_graphs(seed, count, **options):
        X, Y = random_data(generator, net, samples=7, bound=1.5)
        yield net, X, targets_for(loss, generator, Y.shape)


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_training_is_the_text_s_algorithm(loss):
    compared = 0
    for net, X, Y in problems(loss, 51, 12, frozen=True):
        before = ng.weights(net)
        expected, losses = descended(net, X, Y, loss=loss, rate=0.05, epochs=3)
        if max(abs(expected[e] - before[e]) for e in before) <= 1e-6:
            continue  # every edge frozen
        history = ng.fit(net, X, Y, loss=loss, learning_rate=0.05, epochs=3, shuffle=False)
        assert_close(ng.weights(net), expected, before)
        assert history.losses == pytest.approx(losses, rel=1e-11)
        assert history.learning_rates == [0.05] * 3
        compared += 1
    assert compared >= 10


@pytest.mark.parametrize("batch", [2, 3, 7])
def test_a_batch_takes_the_mean_of_its_gradients_and_the_last_one_may_be_smaller(batch):
    for net, X, Y in problems("squared", 52, 10):
        before = ng.weights(net)
        expected, losses = descended(net, X, Y, rate=0.1, epochs=3, batch=batch)
        history = ng.fit(net, X, Y, epochs=3, batch_size=batch, shuffle=False)
        assert_close(ng.weights(net), expected, before)
        assert history.losses == pytest.approx(losses, rel=1e-11)


@pytest.mark.parametrize("batch", [1, 3])
def test_every_epoch_takes_the_points_in_the_order_that_its_seed_draws(batch):
    for net, X, Y in problems("squared", 53, 10):
        generator = np.random.default_rng(7)
        orders = [generator.permutation(len(X)) for _ in range(4)]
        before = ng.weights(net)
        expected, losses = descended(net, X, Y, rate=0.1, epochs=4, batch=batch, orders=orders)
        history = ng.fit(net, X, Y, epochs=4, batch_size=batch, seed=7)
        assert_close(ng.weights(net), expected, before)
        assert history.losses == pytest.approx(losses, rel=1e-11)


def test_a_generator_is_a_seed_too_and_goes_on_where_it_stands():
    first, second = ng.example_network(), ng.example_network()
    X, Y = np.linspace(-1, 1, 9)[:, None], np.linspace(0, 1, 9)[:, None]
    generator = np.random.default_rng(3)
    ng.fit(first, X, Y, epochs=2, seed=generator)
    ng.fit(first, X, Y, epochs=2, seed=generator)
    ng.fit(second, X, Y, epochs=4, seed=3)
    assert ng.weights(first) == ng.weights(second)


def test_all_gradients_are_taken_before_the_first_weight_changes():
    net = nx.DiGraph()
    ng.add_input(net, 1)
    ng.add_hidden(net, 2, activation="identity")
    ng.add_output(net, 3, activation="identity")
    ng.connect(net, 1, 2, weight=2.0)
    ng.connect(net, 2, 3, weight=3.0)
    ng.fit(net, [[1.0]], [[5.0]], learning_rate=0.5)
    # y = 6, ∂L/∂y = 2: ∂L/∂w(2→3) = 2·2, ∂L/∂w(1→2) = 2·3·1 with the old 3, not with the new 1.
    assert ng.weights(net) == {(1, 2): 2.0 - 0.5 * 6.0, (2, 3): 3.0 - 0.5 * 4.0}


def test_the_loss_of_an_epoch_is_that_of_each_point_when_it_was_its_turn():
    net = nx.DiGraph()
    ng.add_input(net, 1)
    ng.add_output(net, 2, activation="identity")
    ng.connect(net, 1, 2, weight=1.0)
    history = ng.fit(net, [[1.0], [1.0]], [[0.0], [0.0]], learning_rate=0.25, epochs=2, shuffle=False)
    assert history.losses == [(1.0 + 0.25) / 2, (0.0625 + 0.015625) / 2]  # the weight halves at each point
    assert ng.weights(net) == {(1, 2): 0.0625}


def test_frozen_edges_keep_their_weights_and_their_type():
    for net, X, Y in problems("squared", 54, 20, frozen=True):
        for edge in net.edges.values():
            if edge.get("trainable") is False:
                edge["weight"] = round(edge["weight"])
        before = {edge: dict(attributes) for edge, attributes in net.edges.items()}
        ng.fit(net, X, Y, epochs=2)
        for edge, attributes in net.edges.items():
            if attributes.get("trainable") is False:
                assert attributes == before[edge]
                assert type(attributes["weight"]) is int
            else:
                assert type(attributes["weight"]) is float


def test_where_every_edge_is_frozen_nothing_is_learned():
    net = ng.example_network()
    ng.freeze(net)
    before = fingerprint(net)
    history = ng.fit(net, [[0.5]], [[1.0]], epochs=3)
    assert fingerprint(net) == before
    assert len(set(history.losses)) == 1


@given(networks(activations=SMOOTH, saturating=False).flatmap(lambda n: data_for(n).map(lambda d: (n, *d))))
def test_training_changes_weights_and_nothing_else(problem):
    net, X, Y = problem
    data = (X.tobytes(), Y.tobytes())
    net.nodes[next(iter(net))]["label"] = ["the user's", {"own": 1}]
    skeleton = net.copy()
    ng.fit(net, X, Y, learning_rate=1e-6, epochs=2, seed=0)
    for edge, attributes in net.edges.items():
        skeleton.edges[edge]["weight"] = attributes["weight"]
    assert fingerprint(skeleton.copy()) == fingerprint(net.copy())
    assert list(net.edges) == list(skeleton.edges)
    assert (X.tobytes(), Y.tobytes()) == data


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    X, Y = XOR
    nets = [ng.mlp([2, 3, 1], seed=0) for _ in range(3)]
    histories = [ng.fit(net, X, Y, epochs=20, seed=seed) for net, seed in zip(nets, (5, 5, 6), strict=True)]
    assert ng.weights(nets[0]) == ng.weights(nets[1]) != ng.weights(nets[2])
    assert histories[0] == histories[1] != histories[2]


def test_a_copy_and_a_loaded_network_learn_the_same_bits():
    for net, X, Y in problems("squared", 55, 20):
        again = [net.copy(), ng.loads(ng.dumps(net)), nx.DiGraph(net)]
        ng.fit(net, X, Y, epochs=3, seed=1)
        for other in again:
            if nx.get_edge_attributes(other, "weight") != nx.get_edge_attributes(net, "weight"):
                ng.fit(other, X, Y, epochs=3, seed=1)
            assert ng.weights(other) == ng.weights(net)


def test_xor_is_learned_with_one_hidden_neuron_and_skips():
    net = nx.DiGraph()
    for neuron in (1, 2):
        ng.add_input(net, neuron)
    ng.add_bias(net, 3)
    ng.add_hidden(net, 4, activation="tanh")
    ng.add_output(net, 5, activation="logistic")
    for source, target in [(1, 4), (2, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5)]:
        ng.connect(net, source, target)
    ng.randomize_weights(net, method="uniform", seed=1)
    X, Y = XOR
    history = ng.fit(net, X, Y, loss="cross_entropy", learning_rate=0.5, epochs=1000, seed=0)
    assert history.losses[0] > 0.6
    assert history.losses[-1] < 0.02
    assert [round(float(y)) for y in ng.forward(net, X).outputs[0]] == [0, 1, 1, 0]


def test_a_learning_rate_of_zero_learns_nothing():
    net = ng.example_network()
    before = ng.weights(net)
    history = ng.fit(net, [[0.5]], [[1.0]], learning_rate=0, epochs=3)
    assert ng.weights(net) == before
    assert history.losses == [ng.backward(net, [0.5], [1.0]).loss] * 3


def test_no_epochs_train_nothing():
    net = ng.example_network()
    net.edges[1, 3]["weight"] = 1
    before = fingerprint(net)
    history = ng.fit(net, [[0.5]], [[1.0]], epochs=0)
    assert (history.losses, history.epochs, history.stopped) == ([], 0, "finished")
    assert fingerprint(net) == before


REFUSED = [
    {"loss": "sqared"}, {"loss": None}, {"optimizer": "sdg"}, {"optimizer": ng.SGD}, {"optimizer": None},
    *({"learning_rate": rate} for rate in (-1, -1e-4, math.nan, math.inf, "0.1", True, None, 10**400, 1j)),
    {"learning_rate": lambda epoch: -1.0}, {"learning_rate": lambda epoch: None},
    {"learning_rate": lambda epoch: math.nan}, {"learning_rate": ng.Constant},
    *({"epochs": epochs} for epochs in (-1, 2.5, "3", None, True, math.inf)),
    *({"batch_size": size} for size in (0, -1, 2.5, "1", None, True)),
    *({"shuffle": flag} for flag in (1, "yes", None)),
    *({"progress": flag} for flag in (1, "yes", None)),
    *({"seed": seed} for seed in (-1, 0.5, "0", True, [1])),
]  # fmt: skip


@pytest.mark.parametrize("options", REFUSED, ids=lambda options: next(iter(options)))
def test_an_option_that_cannot_be_is_refused_and_the_network_left_as_it_was(options):
    net = ng.example_network()
    net.edges[1, 3]["weight"] = 1  # an integer stays one
    before = fingerprint(net)
    X, Y = np.array([[0.5], [0.1]]), np.array([[1.0], [0.0]])
    with pytest.raises(ng.OptionError) as caught:
        ng.fit(net, X, Y, **options)
    assert fingerprint(net) == before
    (name,) = options
    assert name in caught.value.where
    assert caught.value.code
    assert caught.value.expected
    assert caught.value.fix


@pytest.mark.parametrize(
    ("options", "nearest"),
    [({"loss": "sqared"}, "squared"), ({"optimizer": "sgdd"}, "sgd"), ({"loss": "Hinge"}, "hinge")],
)
def test_a_misspelt_name_is_answered_with_the_nearest(options, nearest):
    with pytest.raises(ng.OptionError, match=f"did you mean '{nearest}'"):
        ng.fit(ng.example_network(), [[0.5]], [[1.0]], **options)


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning():
    net, other = ng.mlp([2, 2, 1], seed=0), ng.mlp([2, 2, 1], seed=0)
    with pytest.warns(UserWarning, match="batch_size 10 is more than the 4 samples") as caught:
        ng.fit(net, *XOR, batch_size=10, epochs=2, seed=0)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="batch_size 10 is more than the 4 samples") as caught:
        ng.restarts(other, *XOR, batch_size=10, n=2, epochs=1)
    assert caught[0].filename == __file__
    ng.fit(other, *XOR, batch_size=4, epochs=2, seed=0)
    assert ng.weights(net) == ng.weights(other)


def test_a_bad_rate_in_a_later_epoch_leaves_the_weights_of_the_epoch_before():
    net, other = ng.example_network(), ng.example_network()
    with pytest.raises(ng.OptionError, match="the schedule gives -1 for epoch 2"):
        ng.fit(net, [[0.5]], [[1.0]], learning_rate=lambda epoch: 0.5 if epoch < 2 else -1, epochs=5)
    ng.fit(other, [[0.5]], [[1.0]], learning_rate=0.5, epochs=2)
    assert ng.weights(net) == ng.weights(other)


def growing():
    """A network whose weight runs away: each step makes it larger and turns its sign."""
    net = nx.DiGraph()
    ng.add_input(net, "in: x; y")
    ng.add_output(net, "out: x; y", activation="identity")
    ng.connect(net, "in: x; y", "out: x; y", weight=1.0)
    return net


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5])
def test_divergence_names_neuron_sample_and_epoch_and_keeps_the_weights_from_before_the_epoch(samples):
    X, Y = np.ones((samples, 1)), np.zeros((samples, 1))
    net = growing()
    with pytest.raises(ng.DivergedError) as caught:
        ng.fit(net, X, Y, learning_rate=1e40, epochs=50, shuffle=False)
    error = caught.value
    # Each step multiplies the weight by −2e40: after four steps its square, the loss, overflows.
    epoch, sample = divmod(4, samples)
    assert (error.epoch, error.sample) == (epoch, sample)
    assert (error.neuron, error.edge) in {("out: x; y", None), (None, ("in: x; y", "out: x; y"))}
    losses = np.array([(-2e40) ** (2 * step) for step in range(epoch * samples)])
    assert error.history.losses == pytest.approx(losses.reshape(epoch, samples).mean(axis=1), rel=1e-12)
    assert list(ng.weights(net).values()) == pytest.approx([(-2e40) ** (epoch * samples)], rel=1e-12)
    for part in (f"sample {sample}", f"epoch {epoch}", "out: x; y", "before this epoch"):
        assert part in str(error)


def test_divergence_in_the_first_epoch_leaves_the_network_as_it_was():
    net = ng.example_network()
    net.nodes[9]["activation"] = "identity"
    before = fingerprint(net)
    with pytest.raises(ng.DivergedError) as caught:
        ng.fit(net, [[0.5], [0.25], [0.1]], [[1.0], [1e200], [0.0]], shuffle=False)
    assert fingerprint(net) == before
    assert (caught.value.epoch, caught.value.sample, caught.value.history.losses) == (0, 1, [])
    assert caught.value.neuron == 9


def test_divergence_within_a_batch_names_the_sample_by_its_row():
    net = growing()
    X, Y = np.array([[1.0], [2.0], [1e200], [3.0]]), np.zeros((4, 1))
    with pytest.raises(ng.DivergedError) as caught:
        ng.fit(net, X, Y, batch_size=4, seed=0)
    assert caught.value.sample == 2
    assert ng.weights(net) == {("in: x; y", "out: x; y"): 1.0}


def test_an_interrupt_keeps_the_weights_of_the_last_whole_epoch():
    def schedule(epoch):
        if epoch == 3:
            raise KeyboardInterrupt
        return 0.5

    net, other = ng.example_network(), ng.example_network()
    history = ng.fit(net, [[0.5]], [[1.0]], learning_rate=schedule, epochs=10)
    expected = ng.fit(other, [[0.5]], [[1.0]], learning_rate=0.5, epochs=3)
    assert history.losses == expected.losses == sorted(expected.losses, reverse=True)
    assert history.stopped == "interrupted"
    assert "3 epochs" in str(history)
    assert "interrupted" in str(history)
    assert ng.weights(net) == ng.weights(other)


def test_an_interrupt_before_the_first_epoch_is_over_changes_nothing():
    def schedule(epoch):
        raise KeyboardInterrupt

    net = ng.example_network()
    before = fingerprint(net)
    history = ng.fit(net, [[0.5]], [[1.0]], learning_rate=schedule, epochs=10)
    assert fingerprint(net) == before
    assert str(history) == "no epoch interrupted"


def test_progress_is_written_on_standard_error_and_only_when_asked_for(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    ng.fit(ng.example_network(), [[0.5]], [[1.0]], epochs=20)
    assert capsys.readouterr() == ("", "")
    history = ng.fit(ng.example_network(), [[0.5]], [[1.0]], epochs=20, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert [line.split()[1] for line in lines] == [f"{epoch}/20" for epoch in range(2, 21, 2)]
    assert float(lines[-1].split()[-1]) == pytest.approx(history.losses[-1], rel=5e-3)


def test_a_schedule_may_watch_the_data_but_not_change_what_is_learned():
    X, Y = XOR[0].copy(), XOR[1].copy()

    def spoil(epoch):
        X[:] = np.nan
        Y[:] = np.nan
        return 0.1

    net, other = ng.mlp([2, 2, 1], seed=0), ng.mlp([2, 2, 1], seed=0)
    ng.fit(net, X, Y, learning_rate=spoil, epochs=3, seed=0)
    ng.fit(other, *XOR, learning_rate=0.1, epochs=3, seed=0)
    assert ng.weights(net) == ng.weights(other)


def test_networks_of_every_activation_train_without_a_warning():
    for net in random_graphs(56, 60, activations=EVERY):
        X, Y = random_data(np.random.default_rng(0), net, samples=5)
        try:
            history = ng.fit(net, X, Y, learning_rate=1e-3, epochs=2)
        except ng.DivergedError as error:
            history = error.history
        assert all(math.isfinite(loss) for loss in history.losses)
        assert all(math.isfinite(weight) for weight in ng.weights(net).values())
