"""The gradient check: it agrees with right derivatives, finds wrong ones, and leaves kinks alone."""

import math

import networkx as nx
import numpy as np
import pytest
from oracles import by_autodiff, targets_for
from strategies import DIFFERENTIABLE, EVERY, SMOOTH, fingerprint, random_data, random_graphs

import neurograph as ng

ANALYTIC = tuple(name for name in SMOOTH if ng.ACTIVATIONS[name].complex_f)


@pytest.fixture
def table(monkeypatch):
    """Let a test register activations that are gone afterwards."""
    from neurograph.functions import activations

    before = dict(activations._TABLE)
    yield
    activations._TABLE.clear()
    activations._TABLE.update(before)


def problems(loss, seed, count, **options):
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    for net in random_graphs(seed, count, output_activations=outputs, hidden=4, **options):
        X, Y = random_data(generator, net, samples=2, bound=2.0)
        yield net, X, targets_for(loss, generator, Y.shape)


def one_neuron(activation, weight=1.0):
    net = nx.DiGraph()
    ng.add_input(net, "x")
    ng.add_output(net, "y", activation=activation)
    ng.connect(net, "x", "y", weight=weight)
    return net


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_every_smooth_network_passes_by_the_complex_step(loss):
    checked = 0
    for net, X, Y in problems(loss, 41, 60, activations=ANALYTIC, saturating=False):
        check = ng.check_gradients(net, X, Y, loss=loss)
        assert check.ok, str(check)
        assert check.method == "complex step"
        assert check.worst <= 1e-9
        assert [row.edge for row in check.rows] == list(net.edges)
        checked += sum(row.expected not in (None, 0.0) for row in check.rows)
    assert checked > 300


def test_the_expected_numbers_are_those_of_an_independent_autodiff():
    for net, X, Y in problems("squared", 42, 30, activations=ANALYTIC, saturating=False):
        expected = by_autodiff(net, X, Y, "squared")[1]
        largest = max(map(abs, expected.values()))
        for row in ng.check_gradients(net, X, Y).rows:
            assert row.expected == pytest.approx(expected[row.edge], rel=1e-9, abs=1e-12 * largest)


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_every_differentiable_network_passes_where_it_can_be_checked(loss):
    left_out = 0
    for net, X, Y in problems(loss, 43, 40, activations=DIFFERENTIABLE, saturating=False):
        check = ng.check_gradients(net, X, Y, loss=loss)
        assert check.ok or len(check.left_out) == len(check.rows), str(check)
        left_out += len(check.left_out)
    assert left_out < 100


def test_saturated_networks_pass_too():
    for net, X, Y in problems("cross_entropy", 44, 100, activations=("logistic", "tanh"), saturating=True):
        check = ng.check_gradients(net, X, Y, loss="cross_entropy")
        assert check.ok, str(check)
        assert math.isfinite(check.worst)


def test_a_far_saturated_output_is_compared_and_not_passed_over():
    for z in (-800.0, 800.0):
        check = ng.check_gradients(one_neuron("logistic"), [z], [1.0 if z < 0 else 0.0], loss="cross_entropy")
        assert check.ok
        assert check.rows[0].expected == pytest.approx(800.0, rel=1e-6)


def test_values_that_overflow_on_complex_numbers_fall_back_to_differences():
    net = nx.relabel_nodes(ng.mlp([1, 1, 1, 1], activation="elu", bias=False, seed=0), {1: "x"})
    for edge in net.edges.values():
        edge["weight"] = 1.0
    net.nodes[2]["activation"] = "softplus"
    check = ng.check_gradients(net, [800.0], [1.0])
    assert check.ok
    assert check.method == "central differences"


@pytest.mark.parametrize("activation", ["gelu", "own"])
def test_what_has_no_complex_form_is_checked_by_differences(activation, table):
    if activation == "own":
        ng.register_activation("own", lambda z: z / np.sqrt(1 + z * z), lambda z: (1 + z * z) ** -1.5)
    net = ng.mlp([2, 3, 1], activation=activation, seed=1)
    check = ng.check_gradients(net, [[0.5, -1.0], [2.0, 0.3]], [[1.0], [0.0]])
    assert check.ok
    assert check.method == "central differences"
    assert 0.0 < check.worst <= check.tolerance


@pytest.mark.parametrize("wrong", [lambda z: np.cos(z) + 1e-3, lambda z: -np.cos(z), lambda z: 0.0 * z])
def test_a_wrong_derivative_is_caught_and_its_edges_are_told(wrong, table):
    ng.register_activation("sinister", np.sin, wrong, check_derivative=False)
    net = ng.mlp([2, 2, 2, 1], activation="tanh", seed=2)
    net.nodes[4]["activation"] = "sinister"
    check = ng.check_gradients(net, [0.5, -1.0], [1.0])
    assert not check.ok
    assert "DISAGREES" in str(check)
    assert {row.edge for row in check.rows if row.error > check.tolerance} == set(net.in_edges(4))


def test_a_derivative_that_is_not_a_number_does_not_pass(table):
    def f(z):
        return np.where(np.abs(z - 5.0) < 1e-4, np.nan, 1.0) * z

    ng.register_activation("torn", lambda z: f(z), lambda z: 1.0 + 0.0 * z)
    net = one_neuron("torn", 5.0 - 1.5e-4)
    edge = ng.check_gradients(net, [1.0], [0.0]).rows[0]
    assert edge.gradient == pytest.approx(10.0, rel=1e-3)
    net = one_neuron("torn", 5.0 + 1.02e-4)
    check = ng.check_gradients(net, [1.0], [0.0])
    assert check.ok is (check.worst <= check.tolerance)
    assert not math.isnan(check.worst)


@pytest.mark.parametrize(
    ("activation", "z"),
    [("relu", 0.0), ("leaky_relu", 0.0), ("hard_tanh", 1.0), ("hard_tanh", -1.0), ("step", 0.0)],
)
def test_an_edge_that_moves_a_neuron_off_its_kink_is_left_out(activation, z):
    net = one_neuron(activation)
    ng.add_input(net, "other")
    ng.add_output(net, "smooth", activation="tanh")
    ng.connect(net, "x", "smooth", weight=0.5)
    ng.connect(net, "other", "y", weight=0.0)
    net.edges["x", "y"]["weight"] = z
    check = ng.check_gradients(net, {"x": 1.0, "other": 1.0}, [0.25, 0.5])
    assert set(check.left_out) == {("x", "y"), ("other", "y")}
    assert check.ok
    assert "left out: at a kink" in str(check)
    assert "on 1 of 3 edges" in str(check)


def test_the_absolute_loss_has_its_kink_at_the_target():
    assert ng.check_gradients(one_neuron("identity"), [0.5], [0.5], loss="absolute").left_out == (("x", "y"),)
    assert ng.check_gradients(one_neuron("identity"), [0.5], [0.25], loss="absolute").ok


def test_the_hinge_has_its_kink_at_the_margin():
    assert ng.check_gradients(one_neuron("identity"), [1.0], [1.0], loss="hinge").left_out == (("x", "y"),)
    assert ng.check_gradients(one_neuron("identity"), [0.5], [1.0], loss="hinge").ok


def test_where_nothing_could_be_checked_the_check_is_not_passed():
    check = ng.check_gradients(one_neuron("relu", 0.0), [1.0], [0.5])
    assert check.left_out == (("x", "y"),)
    assert not check.ok
    assert not ng.check_gradients(one_neuron("tanh"), [1.0], [0.5], edges=[]).ok


def test_steps_have_a_gradient_of_zero_and_pass():
    net = ng.mlp([2, 2, 1], activation="sign", output_activation="identity", seed=3)
    check = ng.check_gradients(net, [0.5, -1.0], [1.0])
    assert check.ok
    assert [row.gradient for row in check.rows if row.edge[1] in (4, 5)] == [0.0] * 6


def test_chosen_edges_alone_are_checked_in_their_order():
    net = ng.example_network()
    whole = {row.edge: row for row in ng.check_gradients(net, [0.5], [1.0]).rows}
    check = ng.check_gradients(net, [0.5], [1.0], edges=[(4, 6), (1, 3)])
    assert check.ok
    assert [row.edge for row in check.rows] == [(4, 6), (1, 3)]
    assert [row.expected for row in check.rows] == [whole[4, 6].expected, whole[1, 3].expected]


@pytest.mark.parametrize("edge", [(3, 7), (4, 60), (9, 6)])
def test_an_edge_that_is_not_there_is_refused(edge):
    with pytest.raises(ng.InvalidNetworkError):
        ng.check_gradients(ng.example_network(), [0.5], [1.0], edges=[edge])


@pytest.mark.parametrize("edge", [3, "3", (3,), (3, 6, 9), None])
def test_what_is_no_edge_is_refused(edge):
    with pytest.raises(ng.OptionError, match="is no edge"):
        ng.check_gradients(ng.example_network(), [0.5], [1.0], edges=[edge])


def test_a_check_only_reads():
    for net, X, Y in problems("squared", 45, 10, activations=EVERY):
        before = fingerprint(net)
        ng.check_gradients(net, X, Y)
        assert fingerprint(net) == before


def test_a_long_check_is_cut_and_says_so():
    net = ng.mlp([6, 6, 1], seed=0)
    lines = str(ng.check_gradients(net, np.ones(6), [0.0])).splitlines()
    assert lines[0].startswith("gradient agrees with complex step on 49 of 49 edges, worst relative error ")
    assert lines[-1] == "  … and 19 more"
    assert len(lines) == 32


@pytest.mark.parametrize("name", [name for name, row in ng.ACTIVATIONS.items() if row.complex_f])
def test_the_form_for_complex_numbers_has_the_derivative_of_the_row_far_out_too(name):
    row = ng.ACTIVATIONS[name]
    size = np.logspace(-8, 2.5, 300)
    z = np.concatenate([-size, size])
    found = np.array([row.complex_f(complex(x, 1e-100)).imag / 1e-100 for x in z])
    expected = row.derivative(z)
    far = np.abs(expected) > 1e-200
    assert np.count_nonzero(expected[far]) > 100
    assert np.abs(found - expected)[far].max() <= 1e-12
    assert (np.abs(found - expected)[far] <= 1e-12 * np.abs(expected)[far]).all()


def test_where_nothing_could_be_compared_it_says_so():
    net = ng.mlp([1, 1], activation="relu", bias=False)
    net.edges[1, 2]["weight"] = 0.0
    check = ng.check_gradients(net, [1.0], [0.5])
    assert not check.ok
    assert str(check).splitlines()[0].startswith("gradient could not be compared with ")


def test_edges_that_are_no_list_are_refused():
    with pytest.raises(ng.OptionError, match="pairs"):
        ng.check_gradients(ng.example_network(), [0.5], [1.0], edges=3)
