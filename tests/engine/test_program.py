"""Programs: what they are asked, what they say of themselves, what they refuse."""

import copy
import importlib.util
import math
import os
import pickle
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import networkx as nx
import numpy as np
import pytest
from comparing import Walked, apart, mixed_network, problems
from strategies import EVERY, fingerprint, of_kind, random_graphs

import neurograph as ng
from neurograph.functions import activations

FAST = ("numpy", "numba")
BACKENDS = (*FAST, "walk")


@pytest.fixture
def bent():
    """An activation of the user's own, gone afterwards."""
    row = ng.register_activation(
        "bent_here",
        lambda z: (np.sqrt(z * z + 1) - 1) / 2 + z,
        lambda z: z / (2 * np.sqrt(z * z + 1)) + 1,
    )
    yield row.name
    activations._TABLE.pop(row.name)


@pytest.fixture
def exploding():
    """An activation of the user's own that leaves the range of floats soon."""
    row = ng.register_activation("explosion_here", np.exp, np.exp)
    yield row.name
    activations._TABLE.pop(row.name)


def line(*weights, activation="identity", last="identity"):
    """Make a chain of neurons: 0 → 1 → 2 …"""
    net = nx.DiGraph()
    ng.add_input(net, 0)
    for i in range(1, len(weights)):
        ng.add_hidden(net, i, activation=activation)
    ng.add_output(net, len(weights), activation=last)
    for i, weight in enumerate(weights):
        ng.connect(net, i, i + 1, weight=weight)
    return net


# What it says of itself


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_repr_says_sizes_backend_and_dtype(backend, dtype):
    program = ng.compile_network(ng.example_network(), backend=backend, dtype=dtype)
    expected = f"<Program of 9 neurons and 12 edges in 4 levels, backend {backend}, {dtype}>"
    assert repr(program) == expected
    assert program.backend == backend
    assert program.dtype == np.dtype(dtype)


def test_it_lists_neurons_edges_inputs_and_outputs():
    for net in random_graphs(31, 50):
        program = ng.compile_network(net)
        assert sorted(map(repr, program.neurons)) == sorted(map(repr, net))
        assert set(program.edges) == set(net.edges)
        assert program.inputs == ng.inputs(net)
        assert program.outputs == ng.outputs(net)


FUNCTIONS = {name: row.f for name, row in ng.ACTIVATIONS.items()}


def read_equations(text, given):
    """Compute every y from the printed lines alone; ``given`` are the inputs in the order of their lines."""
    names, values, given = {}, {}, list(given)
    for number, line_ in enumerate(text.splitlines()):
        left, right = line_.split(" = ", 1)
        names[left] = f"v{number}"
        if right == "input":
            values[names[left]] = given.pop(0)
            continue
        for name in sorted(names, key=len, reverse=True):
            right = re.sub(r"(?<![\w(])" + re.escape(name) + r"(?![\w])", names[name], right)
        values[names[left]] = float(eval(right.replace("·", "*").replace("−", "-"), FUNCTIONS | values))
    return list(values.values())


def test_the_printed_equations_compute_the_same_values():
    generator = np.random.default_rng(32)
    compared = 0
    for net in random_graphs(32, 60, activations=EVERY, named=False):
        for edge in net.edges.values():
            edge["weight"] = float(generator.integers(-8, 9)) / 4  # printed in full
        program = ng.compile_network(net)
        X = generator.integers(-8, 9, (1, len(program.inputs))) / 4
        in_order = [X[0, program.inputs.index(n)] for n in program.neurons if n in program.inputs]
        found = read_equations(str(program), in_order)
        assert np.allclose(found, program.values(X)[0], rtol=1e-12, atol=1e-12)
        assert len(str(program).splitlines()) == len(net)
        compared += len(set(found)) > 3
    assert compared > 40


def test_the_equations_of_the_running_example():
    lines = str(ng.compile_network(ng.example_network())).splitlines()
    assert lines[0] == "y1 = input"
    assert lines[1] == "y2 = 1"
    assert lines[5] == "y6 = logistic(0.5·y3 + (−0.25)·y4 + 0.1·1)"
    assert len(lines) == 9


def test_a_long_program_is_cut_in_its_middle():
    lines = str(ng.compile_network(ng.mlp([50, 60, 3], seed=0))).splitlines()
    assert len(lines) == 41
    assert lines[20] == "… 75 more equations …"
    assert lines[-1].startswith("y")
    long = str(ng.compile_network(ng.mlp([500, 1], seed=0)))
    assert len(long) < 10_000


# What it computes


@pytest.mark.parametrize("backend", BACKENDS)
def test_shapes_and_types_of_all_answers(backend):
    net = ng.mlp([3, 4, 2], seed=0)
    program = ng.compile_network(net, backend=backend)
    X, Y = np.zeros((5, 3)), np.zeros((5, 2))
    assert program.forward(X).shape == (5, 2)
    assert program.values(X).shape == (5, len(net))
    assert type(program.loss(X, Y)) is float
    loss, gradient = program.gradient(X, Y)
    assert type(loss) is float
    assert gradient.shape == program.weights.shape == (net.number_of_edges(),)
    assert program.forward(np.zeros((0, 3))).shape == (0, 2)
    assert program.values(np.zeros((0, 3))).shape == (0, len(net))
    with pytest.raises(ng.DataError, match="there are no rows"):
        program.loss(np.zeros((0, 3)), np.zeros((0, 2)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_asking_writes_nothing_anywhere(backend):
    for net, X, Y in problems("squared", 33, 20):
        before, given = fingerprint(net), (X.copy(), Y.copy())
        program = ng.compile_network(net, backend=backend)
        weights = program.weights.copy()
        first = program.gradient(X, Y)
        second = program.gradient(X, Y)
        assert first[0] == second[0]
        assert (first[1] == second[1]).all()
        assert fingerprint(net) == before
        assert (program.weights == weights).all()
        assert (given[0] == X).all()
        assert (given[1] == Y).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_is_a_snapshot_with_weights_of_its_own(backend):
    net = ng.example_network()
    program = ng.compile_network(net, backend=backend)
    before = program.forward([[0.5]])
    net.edges[6, 9]["weight"] = 5.0
    net.nodes[3]["activation"] = "relu"
    net.remove_edge(4, 7)
    net.add_node(10, kind="input")
    assert (program.forward([[0.5]]) == before).all()
    program.weights[list(program.edges).index((6, 9))] = 5.0
    again = ng.example_network()
    again.edges[6, 9]["weight"] = 5.0
    assert program.forward([[0.5]])[0, 0] == pytest.approx(ng.forward(again, [0.5]).outputs[0], rel=1e-14)
    assert program.forward([[0.5]]) != before


def test_weights_go_back_to_the_edges_of_the_graph():
    for net in random_graphs(34, 30, frozen=True):
        program = ng.compile_network(net)
        program.weights[:] = np.arange(len(program.weights)) / 8
        program.write_weights(net)
        for i, edge in enumerate(program.edges):
            assert net.edges[edge]["weight"] == i / 8
            assert type(net.edges[edge]["weight"]) is float


def without_an_edge():
    net = ng.example_network()
    net.remove_edge(6, 9)
    return net


def with_an_edge_more():
    net = ng.example_network()
    net.add_edge(1, 9, weight=1.0)
    return net


@pytest.mark.parametrize("make", [without_an_edge, with_an_edge_more, nx.DiGraph])
def test_weights_are_not_written_to_another_graph(make):
    program, other = ng.compile_network(ng.example_network()), make()
    before = fingerprint(other)
    with pytest.raises(ng.InvalidNetworkError, match="expected the edges of the network that was compiled"):
        program.write_weights(other)
    assert fingerprint(other) == before


def test_a_weight_that_is_not_finite_is_not_written():
    net = ng.example_network()
    program = ng.compile_network(net)
    program.weights[:] = np.arange(12.0)
    program.weights[3] = math.nan
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError, match=r"edge 2 → 4: the program's weight is nan"):
        program.write_weights(net)
    assert fingerprint(net) == before


@pytest.mark.parametrize("given", [None, np.ones(11), np.ones(13), np.ones((12, 1)), 1.0, ["a"] * 12])
@pytest.mark.parametrize("backend", BACKENDS)
def test_only_one_number_for_each_edge_can_be_the_weights(backend, given):
    program = ng.compile_network(ng.example_network(), backend=backend)
    before = program.weights.copy()
    with pytest.raises(ng.OptionError, match=r"weights: got .*; expected 12 numbers, one for each edge"):
        program.weights = given
    assert (program.weights == before).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_that_are_assigned_are_copied_in_the_precision_of_the_program(backend, dtype):
    program = ng.compile_network(ng.example_network(), backend=backend, dtype=dtype)
    held, doubled = program.weights, (2 * program.weights).astype(float).tolist()
    program.weights = doubled
    assert program.weights is held
    assert held.dtype == dtype
    program.weights -= 1
    assert held == pytest.approx(np.array(doubled) - 1, rel=1e-6)
    net = ng.example_network()
    program.write_weights(net)
    assert program.forward([[0.5]]) == pytest.approx(ng.forward(net, [0.5]).outputs[0], rel=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_weight_that_is_not_finite_is_named_where_the_program_is_asked(backend):
    program = ng.compile_network(ng.example_network(), backend=backend)
    program.weights[3] = math.nan
    for ask in (lambda: program.forward([[0.5]]), lambda: program.gradient([[0.5]], [[1.0]])):
        with pytest.raises(ng.WeightError, match=r"edge 2 → 4: the program's weight is nan.* Fix: mend"):
            ask()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda program: pickle.loads(pickle.dumps(program))]
)
def test_a_copy_of_a_program_computes_the_same_and_has_weights_of_its_own(backend, again):
    net, X, Y = next(problems("squared", 35, 1, batches=(20,), hidden=7))
    program = ng.compile_network(net, backend=backend, dtype=np.float32)
    program.weights *= 0.5
    twin = again(program)
    assert repr(twin) == repr(program)
    assert twin.edges == program.edges
    assert (twin.gradient(X, Y)[1] == program.gradient(X, Y)[1]).all()
    twin.weights[:] = 0.0
    assert (program.weights != 0.0).any()


@pytest.mark.parametrize(
    "given", [None, nx.Graph(ng.example_network()), nx.MultiDiGraph(ng.example_network())]
)
def test_weights_are_written_to_directed_graphs_only(given):
    with pytest.raises(ng.InvalidNetworkError, match=r"expected a networkx\.DiGraph"):
        ng.compile_network(ng.example_network()).write_weights(given)


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads_may_share_a_program(backend):
    net, X, Y = next(problems("squared", 35, 1, batches=(200,), hidden=7))
    program = ng.compile_network(net, backend=backend)
    expected = program.forward(X), *program.gradient(X, Y)

    def ask(_):
        return program.forward(X), *program.gradient(X, Y)

    with ThreadPoolExecutor(8) as pool:
        for outputs, loss, gradient in pool.map(ask, range(40)):
            assert (outputs == expected[0]).all()
            assert loss == expected[1]
            assert (gradient == expected[2]).all()


def test_threads_may_train_with_one_engine():
    from neurograph.engine.updates import Memory, Rule

    generator = np.random.default_rng(36)
    X, Y = generator.normal(size=(300, 2)), generator.normal(size=(300, 1))
    for backend in FAST:
        program = ng.compile_network(ng.mlp([2, 4, 1], seed=0), backend=backend)

        def train(start, program=program):
            weights = program.weights * start
            memory = Memory.empty(Rule(), len(weights), np.float64)
            rows, rates = np.arange(300), np.full(300, 0.05)
            program.engine.train(weights, X, Y, rows, 1, ng.LOSSES["squared"], Rule(), memory, rates)
            return weights

        starts = [1.0, 0.5, -0.5, 2.0] * 3
        expected = [train(start) for start in starts]
        with ThreadPoolExecutor(4) as pool:
            for found, weights in zip(pool.map(train, starts), expected, strict=True):
                assert (found == weights).all()


# Activations of the user's own


def test_activations_of_your_own_run_on_numpy_which_auto_then_takes(bent):
    net = ng.mlp([2, 30, 1], activation=bent, seed=0)
    for smallest in ("auto", "numpy", "walk"):
        program = ng.compile_network(net, backend=smallest)
        X, Y = np.random.default_rng(0).normal(size=(70, 2)), np.zeros((70, 1))
        walk = Walked(net, X, Y, "squared", program)
        assert apart(program.forward(X), walk.outputs)[0] <= 1e-12
        assert apart(program.gradient(X, Y)[1], walk.gradient, walk.scale)[0] <= 1e-12
    assert "backend numpy" in repr(ng.compile_network(net))
    with pytest.raises(ng.OptionError, match="the activation 'bent_here' is your own") as error:
        ng.compile_network(net, backend="numba")
    assert error.value.code == "unknown-to-backend"


def test_activations_of_your_own_are_called_with_whole_levels(bent, monkeypatch):
    calls = []
    row = ng.ACTIVATIONS[bent]
    counted = activations.Activation(
        bent, lambda z: calls.append(np.shape(z)) or row.f(z), row.df, row.range, "", ""
    )
    activations.add_row(counted)
    net = ng.mlp([2, 50, 50, 1], activation=bent, seed=0)
    ng.compile_network(net, backend="numpy").forward(np.zeros((64, 2)))
    assert calls == [(50, 64), (50, 64), (1, 64)]


def test_a_value_beyond_floats_is_found_though_every_z_is_finite(exploding):
    net = line(1.0, 1.0, activation="identity", last=exploding)
    program = ng.compile_network(net)
    assert program.forward([[1.0]])[0, 0] == math.exp(1.0)
    with pytest.raises(ng.DivergedError, match=r"neuron 2, sample 1: the value is inf"):
        program.forward([[1.0], [1000.0], [2000.0]])


# Divergence


@pytest.mark.parametrize("backend", BACKENDS)
def test_divergence_names_the_neuron_and_the_first_sample(backend):
    program = ng.compile_network(line(1e200, 1e200, 1.0), backend=backend)
    X = np.zeros((150, 1))
    X[100], X[101] = 1.0, -1.0
    for ask in (program.forward, program.values):
        with pytest.raises(ng.DivergedError) as error:
            ask(X)
        assert (error.value.neuron, error.value.sample) == (2, 100)
        assert "neuron 2, sample 100: z is inf" in str(error.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loss_that_overflows_is_an_error_not_an_answer(backend):
    program = ng.compile_network(line(1e200), backend=backend)
    X, Y = np.zeros((70, 1)), np.zeros((70, 1))
    X[66] = 1.0
    assert program.forward(X).max() == 1e200
    for ask in (program.loss, program.gradient):
        with pytest.raises(ng.DivergedError, match="the loss is inf") as error:
            ask(X, Y)
        assert (error.value.neuron, error.value.sample) == (1, 66)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_gradient_that_overflows_is_an_error_not_an_answer(backend):
    program = ng.compile_network(line(1e-300), backend=backend)
    X, Y = np.zeros((70, 1)), np.full((70, 1), -1e10)
    X[66] = 1e300
    assert program.loss(X, Y) == pytest.approx(1e20)
    with pytest.raises(ng.DivergedError, match="the gradient is inf") as error:
        program.gradient(X, Y)
    assert (error.value.edge, error.value.sample) == ((0, 1), 66)


@pytest.mark.parametrize("backend", FAST)
def test_a_derivative_that_overflows_where_nobody_needs_it_does_no_harm(backend):
    """∂L/∂x of an input is infinite here; no weight depends on it, and the walk never computes it."""
    net = line(1e300)
    program = ng.compile_network(net, backend=backend)
    X, Y = np.full((200, 1), 1e-300), np.full((200, 1), -1e10)
    walk = Walked(net, X, Y, "squared", program)
    for _ in range(2):
        assert apart(program.gradient(X, Y)[1], walk.gradient)[0] <= 1e-12


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_number_beyond_float32_is_named(backend):
    with pytest.raises(ng.OptionError, match=r"the weight 1e\+200 of edge 0 → 1 does not fit float32"):
        ng.compile_network(line(1e200), backend=backend, dtype=np.float32)
    if backend != "walk":  # which computes in float64
        program = ng.compile_network(line(1e30, 1e30), backend=backend, dtype=np.float32)
        for x in (1.0, 1e300):
            with pytest.raises(ng.DivergedError, match="sample 1"):
                program.forward([[0.0], [x]])


# The door


def test_an_unknown_backend_or_dtype_is_refused_with_the_nearest():
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match=r"unknown backend 'nunpy'.*did you mean 'numpy'\?"):
        ng.compile_network(net, backend="nunpy")
    for dtype in (int, "float16", "flaot", np.complex128, None, object, 5, "O", [("a", float)]):
        with pytest.raises(ng.OptionError, match="expected float64 or float32"):
            ng.compile_network(net, dtype=dtype)
    for dtype in (float, "f8", np.dtype("float64"), np.float64, "float64"):
        assert ng.compile_network(net, dtype=dtype).dtype == np.float64


def test_without_numba_auto_takes_numpy_and_numba_names_its_install_command(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "numba" else find(name)
    )
    net = ng.example_network()
    assert "backend numpy" in repr(ng.compile_network(net))
    with pytest.raises(ng.MissingExtraError) as error:
        ng.compile_network(net, backend="numba")
    assert "pip install 'neurograph-sim[fast]'" in str(error.value)
    assert isinstance(error.value, ImportError)


@pytest.mark.parametrize(
    ("X", "Y", "loss", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 1)), "squared", "has 2 columns"),
        (np.zeros(3), np.zeros((3, 1)), "squared", r"did you mean X\[:, None\]"),
        (np.zeros((3, 1)), np.zeros((3, 2)), "squared", "has 2 columns"),
        (np.zeros((3, 1)), np.zeros((2, 1)), "squared", "3 samples in X and 2 in Y"),
        ([[0.0], [math.nan], [math.inf]], np.zeros((3, 1)), "squared", "X, row 1, column 1: nan"),
        (np.zeros((3, 1)), [[0.0], [1.0], [math.inf]], "squared", "Y, row 2, column 9: inf"),
        (np.zeros((1, 1)), [[2.0]], "cross_entropy", "the target 2 does not fit"),
        (np.zeros((1, 1)), [[0.5]], "squard", r"did you mean 'squared'\?"),
        ("abc", [[0.5]], "squared", "is text"),
    ],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_bad_data_is_named_with_its_place(X, Y, loss, message, backend):
    program = ng.compile_network(ng.example_network(), backend=backend)
    with pytest.raises((ng.DataError, ng.OptionError), match=message):
        program.gradient(X, Y, loss)
    with pytest.raises((ng.DataError, ng.OptionError), match=message):
        program.loss(X, Y, loss)


def test_a_loss_that_cannot_take_an_output_is_refused():
    program = ng.compile_network(ng.mlp([1, 2, 1], activation="tanh", seed=0))
    with pytest.raises(ng.OptionError, match="cross_entropy takes outputs in"):
        program.loss([[0.0]], [[1.0]], "cross_entropy")


# Compiled code is kept

SECOND = """
    import neurograph as ng
    from neurograph.engine import kernels
    net = ng.mlp([2, 3, 1], seed=0)
    X, Y = [[0, 0], [0, 1]], [[0], [1]]
    program = ng.compile_network(net, backend="numba")
    program.gradient(X, Y)
    ng.fit(net, X, Y, backend="numba", seed=0)
    for function in ("forward_lanes", "backward_lanes", "train_points"):
        stats = getattr(kernels, function).stats
        print(function, sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run_apart(code, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        capture_output=True, text=True, env=os.environ | environment, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_second_process_compiles_nothing(tmp_path):
    first = run_apart(SECOND, NUMBA_CACHE_DIR=str(tmp_path))
    assert all(line_.split()[1:] == ["0", "1"] for line_ in first)
    second = run_apart(SECOND, NUMBA_CACHE_DIR=str(tmp_path))
    assert len(second) == 3
    assert all(line_.split()[1:] == ["1", "0"] for line_ in second)


def test_where_nothing_can_be_kept_the_code_is_compiled_and_works():
    code = """
        from numba.core import caching
        caching.CacheImpl._locator_classes = []
        import neurograph as ng
        print(ng.compile_network(ng.example_network(), backend="numba").forward([[0.5]])[0, 0])
    """
    expected = ng.compile_network(ng.example_network(), backend="numba").forward([[0.5]])[0, 0]
    assert run_apart(code) == [str(expected)]


# Large


def random_dag(neurons, edges, seed=0):
    """Make a large random network: sparse, with skips over many levels."""
    generator = np.random.default_rng(seed)
    inputs = 50
    target = np.sort(generator.integers(inputs, neurons, edges))
    target = np.concatenate([np.arange(inputs, neurons), target])
    source = (generator.random(len(target)) * target).astype(int)
    pairs = dict.fromkeys(zip(source.tolist(), target.tolist(), strict=True))
    net = nx.DiGraph()
    net.add_nodes_from(range(inputs), kind="input")
    net.add_nodes_from(range(inputs, neurons - 5), kind="hidden", activation="tanh")
    net.add_nodes_from(range(neurons - 5, neurons), kind="output", activation="logistic")
    weights = generator.uniform(-0.3, 0.3, len(pairs)).tolist()
    net.add_edges_from((s, t, {"weight": w}) for (s, t), w in zip(pairs, weights, strict=True))
    return net


def chain(neurons):
    net = nx.DiGraph()
    net.add_node(0, kind="input")
    net.add_nodes_from(range(1, neurons - 1), kind="hidden", activation="tanh")
    net.add_node(neurons - 1, kind="output", activation="identity")
    net.add_edges_from(((i, i + 1) for i in range(neurons - 1)), weight=1.0)
    return net


def large_agreement(net, samples=3):
    generator = np.random.default_rng(1)
    X = generator.normal(size=(samples, len(of_kind(net, "input"))))
    Y = generator.uniform(size=(samples, len(of_kind(net, "output"))))
    answers = []
    for backend in FAST:
        program = ng.compile_network(net, backend=backend)
        answers.append((program.forward(X), program.gradient(X, Y)[1]))
    (one, first), (two, second) = answers
    assert apart(one, two)[0] <= 1e-12
    assert apart(first, second)[0] <= 1e-12
    return program, X, Y


def test_a_network_of_200_000_edges_compiles_and_runs():
    net = random_dag(10_000, 200_000)
    program, X, Y = large_agreement(net)
    walk = ng.backward(net, X, Y)
    assert len(program.edges) > 180_000
    assert apart(program.forward(X), np.column_stack(walk.outputs))[0] <= 1e-12
    expected = [walk.gradient[edge] for edge in program.edges]
    assert apart(program.gradient(X, Y)[1], expected)[0] <= 1e-12


def test_a_chain_of_300_000_neurons_compiles_and_runs():
    program = ng.compile_network(chain(300_000), backend="numba")
    assert len(program.layout.level_starts) == 300_001
    y = program.forward([[0.5], [-0.5]])
    assert y[:, 0] == pytest.approx([math.sqrt(1.5 / 300_000), -math.sqrt(1.5 / 300_000)], rel=1e-4)
    loss, gradient = program.gradient([[0.5]], [[1.0]])
    assert loss == pytest.approx((y[0, 0] - 1) ** 2)
    assert gradient[-1] == pytest.approx(2 * (y[0, 0] - 1) * y[0, 0])
    large_agreement(chain(10_000))


@pytest.mark.campaign
def test_a_network_of_a_million_edges_compiles_and_runs():
    program, X, Y = large_agreement(random_dag(50_000, 1_050_000), samples=64)
    assert len(program.edges) > 1_000_000
    weights = program.weights.copy()
    loss, gradient = program.gradient(X, Y)
    direction = gradient / np.linalg.norm(gradient)
    program.weights[:] = weights - 1e-4 * direction
    before = program.loss(X, Y)
    program.weights[:] = weights + 1e-4 * direction
    assert (program.loss(X, Y) - before) / 2e-4 == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert before < loss


def test_mixed_networks_are_sound():
    for seed in range(3):
        assert not ng.check(mixed_network(seed)).errors


def test_a_frozen_weight_keeps_its_digits_where_a_program_has_fewer():
    net = ng.example_network()
    ng.freeze(net, [(4, 6), (6, 9)])
    net.edges[4, 6]["weight"] = 0.1
    program = ng.compile_network(net, dtype=np.float32)
    program.weights[list(program.edges).index((6, 9))] = 2.0
    program.write_weights(net)
    assert net.edges[4, 6]["weight"] == 0.1
    assert net.edges[6, 9]["weight"] == 2.0
    assert net.edges[4, 7]["weight"] == float(np.float32(0.3))


@pytest.mark.parametrize("dtype", [[("a", "f8", -1)], "f7", object()])
def test_what_is_no_dtype_is_refused(dtype):
    with pytest.raises(ng.OptionError, match="expected float64 or float32"):
        ng.compile_network(ng.example_network(), dtype=dtype)
