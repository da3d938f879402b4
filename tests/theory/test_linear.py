"""Linear networks are one matrix: equal to the product of matrices, and to the walk on unit vectors."""

import numpy as np
import pytest
from comparing import apart
from layered import layered_networks
from strategies import fingerprint, of_kind, random_data, random_graphs

import neurograph as ng

collapse, linear_map = ng.theory.collapse, ng.theory.linear_map


def linear_networks(seed, count):
    return random_graphs(seed, count, activations=("identity",), saturating=False, hidden=9)


def by_walk(net):
    """The matrix and the offset as the walk gives them: unit vector by unit vector, less what 0 gives."""
    size = len(of_kind(net, "input"))
    outputs = np.array(ng.forward(net, np.vstack([np.eye(size), np.zeros(size)])).outputs)
    return outputs[:, :-1] - outputs[:, -1:], outputs[:, -1]


def test_the_map_equals_the_walk_on_200_random_linear_networks():
    generator = np.random.default_rng(1)
    for net in linear_networks(2, 200):
        before = fingerprint(net)
        matrix, offset = linear_map(net)
        X, _ = random_data(generator, net, samples=4)
        walked = np.column_stack(ng.forward(net, X).outputs)
        assert np.allclose(
            X @ matrix.T + offset, walked, rtol=1e-12, atol=1e-12 * max(1, np.abs(walked).max())
        )
        assert np.allclose(offset, by_walk(net)[1], rtol=1e-12, atol=1e-12)
        assert fingerprint(net) == before


def test_collapse_equals_the_product_of_matrices():
    compared = 0
    for net in layered_networks(3, 150, activations=("identity",)):
        codes = {finding.code for finding in ng.check(net).findings}
        if codes & {"late-input", "early-output", "output-feeds-on"} or of_kind(net, "bias"):
            continue
        product = np.eye(len(of_kind(net, "input")))
        for matrix in ng.theory.layer_matrices(net).matrices:
            product = matrix @ product
        flat = collapse(net)
        assert set(flat) == {*of_kind(net, "input"), *of_kind(net, "output")}
        found = np.array([[flat.edges[s, t]["weight"] if flat.has_edge(s, t) else 0.0
                           for s in ng.inputs(net)] for t in ng.outputs(net)])  # fmt: skip
        assert np.allclose(found, product, rtol=1e-12, atol=1e-12)
        compared += 1
    assert compared >= 10


def test_collapse_with_bias_neurons_equals_the_product_of_matrices_with_a_row_for_the_1():
    net = ng.mlp([3, 4, 5, 2], activation="identity", seed=0)
    ng.randomize_weights(net, method="normal", seed=1)
    f = ng.theory.layer_matrices(net)
    whole = np.eye(4)
    for matrix in f.matrices:
        whole = np.vstack([matrix, [0] * (matrix.shape[1] - 1) + [1]]) @ whole
    flat = collapse(net)
    assert ng.layers(flat) == [[*ng.inputs(net), ng.biases(net)[0]], ng.outputs(net)]
    found = ng.theory.layer_matrices(flat).matrices[0]
    assert apart(found, whole[:2])[0] <= 1e-12


def test_collapse_keeps_the_function_of_200_random_linear_networks():
    generator = np.random.default_rng(4)
    for net in linear_networks(5, 200):
        flat = collapse(net)
        X, _ = random_data(generator, net, samples=4)
        assert ng.check(flat).ok
        assert not of_kind(flat, "hidden")
        assert len(of_kind(flat, "bias")) <= 1
        assert all(flat.nodes[s]["kind"] != "output" for s, _ in flat.edges)
        walked = np.column_stack(ng.forward(net, X).outputs)
        assert np.allclose(np.column_stack(ng.forward(flat, X).outputs), walked, rtol=1e-12, atol=1e-11)
        assert (ng.inputs(flat), ng.outputs(flat)) == (ng.inputs(net), ng.outputs(net))


def test_a_wide_network_is_computed_in_parts():
    generator = np.random.default_rng(6)
    A, B = generator.normal(size=(5, 600)), generator.normal(size=(3, 5))
    net = ng.theory.from_matrices([A, B], "identity", bias=False)
    matrix, offset = linear_map(net)
    assert apart(matrix, B @ A)[0] <= 1e-12
    assert not offset.any()


def mixed_networks(seed, count):
    return random_graphs(
        seed,
        count,
        activations=("identity", "identity", "tanh", "logistic", "sine"),
        saturating=False,
        hidden=9,
    )


def test_partial_collapse_keeps_the_function_of_100_random_mixed_networks():
    generator = np.random.default_rng(7)
    left_out = 0
    for net in mixed_networks(8, 100):
        before = fingerprint(net)
        merged = collapse(net, partial=True)
        X, _ = random_data(generator, net, samples=4)
        walked = np.column_stack(ng.forward(net, X).outputs)
        assert np.allclose(np.column_stack(ng.forward(merged, X).outputs), walked, rtol=1e-12, atol=1e-12)
        linear = [n for n in of_kind(net, "hidden") if net.nodes[n]["activation"] == "identity"]
        assert set(merged) == set(net) - set(linear)
        assert ng.check(merged).ok
        assert fingerprint(net) == before
        left_out += len(linear)
    assert left_out > 100


def test_partial_collapse_undoes_relays():
    for net in random_graphs(9, 50, activations=("tanh", "logistic"), output_activations=("identity",)):
        undone = collapse(ng.add_relays(net), partial=True)
        assert ng.weights(undone) == ng.weights(net)
        assert dict(undone.nodes(data=True)) == dict(net.nodes(data=True))


def test_partial_collapse_of_a_linear_network_is_the_whole_map():
    net = ng.mlp([3, 4, 4, 2], activation="identity", bias=False, seed=0)
    flat = collapse(net, partial=True)
    found = ng.theory.layer_matrices(flat).matrices[0]
    assert apart(found, linear_map(net).matrix)[0] <= 1e-12


def test_a_merged_edge_is_frozen_where_all_that_it_stands_for_is_frozen():
    net = ng.theory.from_matrices([[[2.0]], [[3.0]], [[5.0]]], ["tanh", "identity", "tanh"], bias=False)
    assert collapse(net, partial=True).edges[2, 4] == {"weight": 15.0}
    ng.freeze(net, [(2, 3)])
    assert collapse(net, partial=True).edges[2, 4] == {"weight": 15.0}
    ng.freeze(net)
    assert collapse(net, partial=True).edges[2, 4] == {"weight": 15.0, "trainable": False}


def test_attributes_of_the_user_stay():
    net = ng.mlp([1, 2, 1], activation="identity", seed=0)
    net.nodes[1]["label"] = "width"
    assert collapse(net).nodes[1]["label"] == collapse(net, partial=True).nodes[1]["label"] == "width"


def test_an_input_that_counts_for_nothing_stays_an_input():
    net = ng.theory.from_matrices([[[1.0, 0.0]], [[2.0]]], "identity", bias=False)
    flat = collapse(net)
    assert ng.inputs(flat) == [1, 2]
    assert ng.forward(flat, [3.0, 5.0]).outputs == [6.0]


# Bad input


@pytest.mark.parametrize("function", [collapse, linear_map])
def test_a_neuron_that_is_not_linear_is_named(function):
    net = ng.mlp([1, 2, 1], activation="identity")
    net.nodes[4]["activation"] = "tanh"
    with pytest.raises(ng.InvalidNetworkError, match="neuron 4: it applies tanh") as caught:
        function(net)
    assert caught.value.code == "not-linear"
    assert "partial=True" in caught.value.fix


def test_products_beyond_a_float_are_refused():
    net = ng.theory.from_matrices([[[1e200]], [[1e200]]], "identity", bias=False)
    with pytest.raises(ng.DivergedError, match="neuron 3"):
        collapse(net)
    with pytest.raises(ng.WeightError, match="edge 1 → 3"):
        collapse(net, partial=True)


@pytest.mark.parametrize("partial", [None, 1, "yes"])
def test_partial_is_true_or_false(partial):
    with pytest.raises(ng.OptionError, match="partial"):
        collapse(ng.mlp([1, 1], activation="identity"), partial=partial)
