"""The walk against an independent autodiff, against mpmath, and against itself on copies of the graph."""

import mpmath as mp
import networkx as nx
import numpy as np
import pytest
from oracles import AUTODIFF_LOSS, by_autodiff, evaluated, targets_for
from strategies import DIFFERENTIABLE, SMOOTH, random_data, random_graphs

import neurograph as ng

NORMWISE, COMPONENTWISE, FLOOR = 1e-13, 1e-11, 1e-8
GRAPHS = 300


def errors(found, expected):
    """Return the normwise error and the worst componentwise one, both relative."""
    f, e = (np.array([float(g[edge]) for edge in expected]) for g in (found, expected))
    assert np.isfinite(f).all()
    assert np.isfinite(e).all()
    largest = np.abs(e).max()
    if largest == 0.0:
        assert not f.any()
        return 0.0, 0.0
    componentwise = np.abs(f - e) / np.maximum(np.abs(e), FLOOR * largest)
    return np.linalg.norm((f - e) / largest) / np.linalg.norm(e / largest), componentwise.max()


def problems(loss, seed, count, *, outputs=None, **options):
    """Yield random networks that suit a loss, each with data: a single sample, or a few."""
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else outputs
    for i, net in enumerate(random_graphs(seed, count, output_activations=outputs, **options)):
        X, Y = random_data(generator, net, samples=1 + i % 4, bound=2.0)
        yield net, X, targets_for(loss, generator, Y.shape)


def backward(net, X, Y, loss):
    """Walk back, over a single sample given as such."""
    return ng.backward(net, X[0], Y[0], loss=loss) if len(X) == 1 else ng.backward(net, X, Y, loss=loss)


@pytest.mark.parametrize("loss", AUTODIFF_LOSS)
def test_every_gradient_is_the_one_of_an_independent_autodiff(loss):
    worst, largest = [], []
    for net, X, Y in problems(loss, 1, GRAPHS, activations=SMOOTH, saturating=False):
        trace = backward(net, X, Y, loss)
        value, gradient = by_autodiff(net, X, Y, loss)
        assert trace.gradient.keys() == gradient.keys()
        assert trace.loss == pytest.approx(value, rel=1e-12, abs=1e-13)
        worst.append(errors(trace.gradient, gradient))
        largest.append(max(map(abs, gradient.values())))
    normwise, componentwise = np.max(worst, axis=0)
    assert normwise <= NORMWISE
    assert componentwise <= COMPONENTWISE
    assert np.median(largest) > 1e-2


@pytest.mark.parametrize("loss", AUTODIFF_LOSS)
def test_every_gradient_is_right_beside_the_kinks_too(loss):
    worst, largest = [], []
    for net, X, Y in problems(loss, 2, 100, activations=DIFFERENTIABLE, saturating=False):
        gradient = by_autodiff(net, X, Y, loss)[1]
        worst.append(errors(backward(net, X, Y, loss).gradient, gradient))
        largest.append(max(map(abs, gradient.values())))
    normwise, componentwise = np.max(worst, axis=0)
    assert normwise <= NORMWISE
    assert componentwise <= COMPONENTWISE
    assert np.median(largest) > 1e-2


# Saturated networks: no autodiff in floats is exact enough there. Differences at 400 digits are.

EXACT = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "elu": lambda z: z if z > 0 else mp.exp(z) - 1,
    "softplus": lambda z: mp.log(1 + mp.exp(z)),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2,
    "softsign": lambda z: z / (1 + abs(z)),
    "gaussian": lambda z: mp.exp(-z * z),
}  # without the sine: one rounding of a z of hundreds is a hundredfold one of sin z, in any arithmetic

EXACT_LOSS = {
    "squared": lambda z, y, t: (y - t) ** 2,
    "absolute": lambda z, y, t: abs(y - t),
    "huber": lambda z, y, t: (y - t) ** 2 / 2 if abs(y - t) <= 1 else abs(y - t) - mp.mpf(1) / 2,
    "cross_entropy": lambda z, y, t: t * mp.log(1 + mp.exp(-z)) + (1 - t) * mp.log(1 + mp.exp(z)),
    "hinge": lambda z, y, t: max(mp.mpf(0), 1 - t * y),
}


def by_differences(net, x, t, loss):
    """Return the gradient by differences of the loss at 400 digits: more than 40 of the result are right."""
    weight = {(source, target): mp.mpf(w) for source, target, w in net.edges(data="weight")}
    x, t = ([mp.mpf(float(number)) for number in row] for row in (x, t))
    h = mp.mpf(10) ** -40

    def changed(edge, change):
        return evaluated(net, weight | {edge: weight[edge] + change}, x, t, EXACT, EXACT_LOSS[loss])

    return {edge: (changed(edge, h) - changed(edge, -h)) / (2 * h) for edge in weight}


@pytest.mark.parametrize("loss", EXACT_LOSS)
def test_the_gradients_of_saturated_neurons_keep_their_digits(loss):
    compared = 0
    outputs = ("identity", "softplus", "silu") if loss == "hinge" else None  # 1 − 1e-80 rounds to its kink
    with mp.workdps(400):
        for net, X, Y in problems(loss, 3, 40, outputs=outputs, activations=tuple(EXACT), saturating=False):
            for edge in net.edges.values():
                edge["weight"] *= 50
            found = ng.backward(net, X[0], Y[0], loss=loss).gradient
            expected = by_differences(net, X[0], Y[0], loss)
            largest = max(map(abs, expected.values()))
            if largest < 1e-290:  # at the end of what floats can hold
                assert max(map(abs, found.values())) < 1e-289
                continue
            exact = {edge: mp.mpf(g) for edge, g in found.items()}
            off = {edge: abs(exact[edge] - e) for edge, e in expected.items()}
            assert mp.norm(list(off.values())) <= NORMWISE * mp.norm(list(expected.values()))
            for edge, e in expected.items():
                assert off[edge] <= COMPONENTWISE * max(abs(e), FLOOR * largest)
            compared += 1
    assert compared >= 15


# The same network again: copied, renamed, saved. The same bits must come out.


def renamed(net):
    return nx.relabel_nodes(net, dict(zip(net, RENAMED, strict=False)))


def renamed_in_place(net):
    same = nx.DiGraph(net)
    nx.relabel_nodes(same, dict(zip(net, RENAMED, strict=False)), copy=False)
    return same


def with_edges_reversed(net):
    again = nx.DiGraph()
    again.add_nodes_from(net.nodes(data=True))
    again.add_edges_from(reversed(list(net.edges(data=True))))
    return again


RENAMED = [f"renamed {i}" for i in range(100)]

AGAIN = {
    "copy": lambda net: net.copy(),
    "DiGraph(net)": nx.DiGraph,
    "reversed twice": lambda net: net.reverse().reverse(),
    "relabel_nodes": renamed,
    "relabel_nodes in place": renamed_in_place,
    "saved and loaded": lambda net: ng.loads(ng.dumps(net)),
    "edges added in another order": with_edges_reversed,
}
KEEPS_EVERY_ORDER = ("saved and loaded",)


@pytest.mark.parametrize("how", AGAIN)
def test_the_same_network_again_gives_the_same_bits(how):
    reordered = 0
    for net, X, Y in problems("squared", 4, GRAPHS):
        again = AGAIN[how](net)
        key = dict(zip(net, again, strict=True))
        before, after = backward(net, X, Y, "squared"), backward(again, X, Y, "squared")
        assert np.array(after.outputs).tobytes() == np.array(before.outputs).tobytes()
        assert np.isfinite(before.outputs).all()
        assert after.loss == before.loss
        for neuron, delta in before.delta.items():
            assert np.array(after.delta[key[neuron]]).tobytes() == np.array(delta).tobytes()
        assert {(key[s], key[t]): g.hex() for (s, t), g in before.gradient.items()} == {
            edge: g.hex() for edge, g in after.gradient.items()
        }
        reordered += any([key[s] for s in net.pred[n]] != list(again.pred[key[n]]) for n in net)
    assert reordered > GRAPHS / 10 or how in KEEPS_EVERY_ORDER  # networkx's order of sources has changed
