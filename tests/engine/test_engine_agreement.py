"""The engine obeys the walk: the same outputs, losses and gradients on any network, by every backend."""

import numpy as np
import pytest
from comparing import BATCHES, Walked, apart, mixed_network, problems
from oracles import AUTODIFF_LOSS, by_autodiff
from strategies import DIFFERENTIABLE, EVERY, SMOOTH

import neurograph as ng
from neurograph.engine import layout

GRAPHS = 300
BACKENDS = ("numpy", "numba", "walk")
FAST = ("numpy", "numba")
TIGHT = 1e-12
KEYS = ("outputs", "values", "loss", "gradient")


def disagreement(net, X, Y, loss, program):
    """Return, for each of KEYS, the normwise and the componentwise error of a program."""
    walk = Walked(net, X, Y, loss, program)
    value, gradient = program.gradient(X, Y, loss)
    assert program.loss(X, Y, loss) == value
    return (
        apart(program.forward(X), walk.outputs),
        apart(program.values(X), walk.values),
        apart([value], [walk.loss]),
        apart(gradient, walk.gradient, walk.scale),
    )


@pytest.fixture
def blocks_of(monkeypatch):
    """Set how many edges a dense block has at least."""
    return lambda edges: monkeypatch.setattr(layout, "SMALLEST_DENSE_BLOCK", edges)


# Any network


@pytest.mark.parametrize("loss", ng.LOSSES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_agrees_with_the_walk_on_random_networks(backend, loss):
    found, seen, sizes = [], set(), set()
    options = {"activations": EVERY, "frozen": True, "saturating": False}
    for net, X, Y in problems(loss, 11, GRAPHS, **options):
        found.append(disagreement(net, X, Y, loss, ng.compile_network(net, backend=backend)))
        seen |= {name for _, name in net.nodes(data="activation")} - {None}
        sizes.add(len(X))
    outputs, values, value, gradient = np.max(found, axis=0)
    assert max(outputs[0], values[0], value[0], gradient[0]) <= TIGHT
    assert max(outputs[1], gradient[1]) <= 1e-11  # of single numbers, down to 1e-8 of the largest
    assert seen >= set(EVERY)
    assert sizes == set(BATCHES)


@pytest.mark.parametrize("backend", FAST)
def test_saturated_neurons_agree_too(backend):
    """Without the sine: it magnifies the rounding of a z of hundreds a hundredfold, in any arithmetic."""
    functions = tuple(name for name in EVERY if name != "sine")
    found = [
        disagreement(net, X, Y, "squared", ng.compile_network(net, backend=backend))
        for net, X, Y in problems("squared", 12, GRAPHS, activations=functions, saturating=True)
    ]
    assert np.max(found, axis=0)[:, 0].max() <= TIGHT


def test_the_numpy_backend_walks_forward_in_the_bits_of_the_walk():
    for net, X, Y in problems("squared", 13, 150, activations=EVERY, frozen=True):
        program = ng.compile_network(net, backend="numpy")
        assert (program.values(X) == Walked(net, X, Y, "squared", program).values).all()


@pytest.mark.parametrize("backend", FAST)
def test_float32_agrees_to_its_own_precision(backend):
    functions = tuple(name for name in DIFFERENTIABLE if name != "sine")
    found = []
    for net, X, Y in problems("huber", 14, 150, activations=functions, saturating=False):
        program = ng.compile_network(net, backend=backend, dtype=np.float32)
        assert program.weights.dtype == program.forward(X).dtype == np.float32
        assert program.gradient(X, Y)[1].dtype == np.float32
        found.append(disagreement(net, X, Y, "huber", program))
    outputs, values, value, gradient = np.max(found, axis=0)[:, 0]
    assert max(outputs, values, value, gradient) <= 1e-5
    assert max(np.median(found, axis=0)[:, 0]) <= 1e-6


# Dense blocks


@pytest.mark.parametrize("smallest", [1, 256, 10**9])
@pytest.mark.parametrize("backend", FAST)
@pytest.mark.parametrize("sizes", [(3, 5, 2), (20, 30, 20, 4), (1, 40, 1), (64, 64)], ids=str)
def test_fully_connected_networks_agree_with_and_without_matrix_products(sizes, backend, smallest, blocks_of):
    blocks_of(smallest)
    net = ng.mlp(list(sizes), activation="tanh", output_activation="identity", seed=5)
    generator = np.random.default_rng(6)
    program = ng.compile_network(net, backend=backend)
    assert bool(program.layout.blocks) == (smallest == 1 or (smallest == 256 and min(sizes) > 3))
    for samples in (1, 65):
        X, Y = generator.normal(size=(samples, sizes[0])), generator.normal(size=(samples, sizes[-1]))
        errors = disagreement(net, X, Y, "squared", program)
        assert np.max([error[0] for error in errors]) <= TIGHT


@pytest.mark.parametrize("smallest", [1, 30, 256, 10**9])
@pytest.mark.parametrize("bias", ["first", "last", "none"])
@pytest.mark.parametrize("backend", FAST)
def test_dense_blocks_among_sparse_edges_agree(backend, bias, smallest, blocks_of):
    blocks_of(smallest)
    counts = []
    for seed in range(12):
        net = mixed_network(seed, bias=bias, functions=("tanh", "logistic", "relu", "identity"))
        generator = np.random.default_rng(seed)
        X, Y = (
            generator.normal(size=(BATCHES[seed % 6], len(keys)))
            for keys in (ng.inputs(net), ng.outputs(net))
        )
        program = ng.compile_network(net, backend=backend)
        counts.append(len(program.layout.blocks))
        errors = disagreement(net, X, Y, "absolute", program)
        assert np.max([error[0] for error in errors]) <= TIGHT
    assert bool(sum(counts)) == (smallest < 10**9)


@pytest.mark.parametrize("smallest", [1, 2])
@pytest.mark.parametrize("backend", FAST)
def test_random_networks_agree_when_every_run_of_edges_is_a_block(backend, smallest, blocks_of):
    blocks_of(smallest)
    blocks = 0
    for net, X, Y in problems("squared", 15, 100, saturating=False, hidden=12, inputs=4, outputs=4):
        program = ng.compile_network(net, backend=backend)
        blocks += len(program.layout.blocks)
        assert np.max([error[0] for error in disagreement(net, X, Y, "squared", program)]) <= TIGHT
    assert blocks > 20


# An independent autodiff


@pytest.mark.parametrize("backend", FAST)
@pytest.mark.parametrize("loss", AUTODIFF_LOSS)
def test_every_gradient_is_the_one_of_an_independent_autodiff(loss, backend):
    worst, largest = [], []
    options = {"activations": SMOOTH, "saturating": False, "batches": (1, 2, 3, 4)}
    for net, X, Y in problems(loss, 1, GRAPHS, **options):
        program = ng.compile_network(net, backend=backend)
        value, gradient = program.gradient(X, Y, loss)
        expected_value, by_edge = by_autodiff(net, X, Y, loss)
        assert value == pytest.approx(expected_value, rel=1e-12, abs=1e-13)
        expected = np.array([by_edge[edge] for edge in program.edges])
        worst.append(apart(gradient, expected))
        largest.append(np.abs(expected).max())
    normwise, componentwise = np.max(worst, axis=0)
    assert normwise <= 1e-13
    assert componentwise <= 1e-11
    assert np.median(largest) > 1e-2


# One row or many (a matrix product may differ in the last bits, node by node nothing does)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("backend", FAST)
def test_a_sample_gets_the_same_bits_alone_and_anywhere_in_a_batch(backend, dtype):
    generator = np.random.default_rng(16)
    compared = 0
    for net, X, _ in problems("squared", 16, 60, batches=(130,), activations=EVERY):
        program = ng.compile_network(net, backend=backend, dtype=dtype)
        assert not program.layout.blocks
        together = program.values(X)
        alone = np.vstack([program.values(X[i : i + 1]) for i in range(0, 130, 7)])
        assert (together[::7] == alone).all()
        order = generator.permutation(130)
        assert (program.values(X[order]) == together[order]).all()
        assert (program.values(X[:67]) == together[:67]).all()
        compared += len(np.unique(together)) > 100
    assert compared > 50


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 130, 1000])
@pytest.mark.parametrize("backend", FAST)
def test_a_sum_runs_from_left_to_right_however_long(backend, count):
    generator = np.random.default_rng(count)
    net = ng.mlp([count, 1], activation="identity", bias=False, seed=count)
    program = ng.compile_network(net, backend=backend)
    assert not program.layout.blocks
    X = generator.normal(size=(3, count)) * 10.0 ** generator.integers(-8, 8, (3, count))
    for rows in (X, X[:1]):
        expected = []
        for row in rows:
            z = 0.0
            for weight, value in zip(program.weights.tolist(), row.tolist(), strict=True):
                z += weight * value
            expected.append([z])
        assert program.forward(rows).tolist() == expected
