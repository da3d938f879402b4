"""A network as matrices and functions, and back: equal to the walk, and to matrices multiplied by hand."""

import numpy as np
import pytest
from comparing import apart
from layered import layered_networks
from strategies import fingerprint, of_kind, random_data, random_graphs

import neurograph as ng

layer_matrices, from_matrices = ng.theory.layer_matrices, ng.theory.from_matrices


def sound(seed, count, *, mixed=False):
    """Random layered networks that have the form: inputs in the first layer, outputs in the last."""
    codes = {"late-input", "early-output", "output-feeds-on"} | (set() if mixed else {"mixed-activations"})
    nets = layered_networks(seed, 10 * count, mixed=mixed)
    chosen = (net for net in nets if not codes & {finding.code for finding in ng.check(net).findings})
    return [net for _, net in zip(range(count), chosen, strict=False)]


@pytest.mark.parametrize("mixed", [False, True])
def test_a_decomposition_equals_the_walk_on_200_random_layered_networks(mixed):
    generator = np.random.default_rng(1)
    nets = sound(2, 200, mixed=mixed)
    assert len(nets) == 200
    assert {len(ng.layers(net)) for net in nets} == {2, 3, 4, 5}
    for net in nets:
        X, _ = random_data(generator, net, samples=5)
        f, before = layer_matrices(net, mixed=mixed), fingerprint(net)
        walked = np.column_stack(ng.forward(net, X).outputs)
        assert apart(f(X), walked)[0] <= 1e-12 or np.abs(f(X) - walked).max() <= 1e-12
        assert f(X[0]).shape == (len(of_kind(net, "output")),)
        assert np.allclose(f(X[0]), f(X)[0], rtol=1e-12, atol=1e-12)
        assert fingerprint(net) == before


@pytest.mark.parametrize("mixed", [False, True])
def test_the_way_back_gives_the_same_network_to_the_bit(mixed):
    generator = np.random.default_rng(3)
    for net in sound(4, 100, mixed=mixed):
        again = from_matrices(layer_matrices(net, mixed=mixed))
        X, _ = random_data(generator, net, samples=3)
        assert [y.tolist() for y in ng.forward(again, X).outputs] == [
            y.tolist() for y in ng.forward(net, X).outputs
        ]
        assert ng.weights(again) == ng.weights(net)
        assert dict(again.nodes(data=True)) == dict(net.nodes(data=True))
        assert ng.layers(again) == ng.layers(net)


def test_a_column_belongs_to_every_neuron_of_the_layer_before_the_bias_neuron_included():
    f = layer_matrices(ng.example_network())
    assert f.layers == ((1, 2), (3, 4, 5), (6, 7, 8), (9,))
    assert f.biases == {2, 5, 8}
    assert [matrix.tolist() for matrix in f.matrices] == [
        [[0.6, 0.2], [-0.4, -0.2]],
        [[0.5, -0.25, 0.1], [0.0, 0.3, -0.5]],
        [[0.8, -0.6, 0.2]],
    ]
    assert f.functions == ("logistic",) * 3
    assert [edges.sum() for edges in f.edges] == [4, 5, 3]


def test_the_text_s_network_is_what_its_matrices_say_by_hand():
    f = layer_matrices(ng.example_network())
    y = np.array([0.5])
    for matrix in f.matrices:
        y = 1 / (1 + np.exp(-matrix @ np.append(y, 1.0)))  # each layer's bias neuron stands last
    assert y == pytest.approx(ng.forward(ng.example_network(), [0.5]).outputs, rel=1e-15)


def test_a_network_made_layered_has_its_matrices_too():
    generator = np.random.default_rng(5)
    compared = 0
    for net in random_graphs(6, 100, saturating=False):
        layered = ng.add_relays(net)
        if not ng.check(layered).layered or {"early-output", "output-feeds-on"} & {
            finding.code for finding in ng.check(layered).findings
        }:
            continue
        X, _ = random_data(generator, net, samples=3)
        walked = np.column_stack(ng.forward(net, X).outputs)
        assert np.allclose(layer_matrices(layered, mixed=True)(X), walked, rtol=1e-11, atol=1e-12)
        compared += 1
    assert compared >= 15


def test_it_shows_itself_as_tables_and_as_a_formula():
    f = layer_matrices(ng.example_network())
    assert "A_3    3      4     5\n6    0.5  −0.25   0.1\n7      0    0.3  −0.5\nσ_3 = logistic" in str(f)
    latex = f.latex()
    assert r"f &= \sigma_{4}\circ A_{4}\circ \sigma_{3}\circ A_{3}\circ \sigma_{2}\circ A_{2}" in latex
    assert r"A_{3} &= \begin{pmatrix}0.5 & -0.25 & 0.1 \\ 0 & 0.3 & -0.5\end{pmatrix}" in latex
    assert r"\sigma_{3}(z) &= \frac{1}{1+e^{-z}}" in latex
    assert f._repr_latex_().startswith(r"$\displaystyle \begin{aligned}")
    assert latex.count("{") == latex.count("}")


def test_a_layer_of_several_functions_says_which_neuron_applies_which():
    net = ng.example_network()
    net.nodes[4]["activation"] = "tanh"
    f = layer_matrices(net, mixed=True)
    assert f.functions == (("logistic", "tanh"), "logistic", "logistic")
    assert r"\sigma_{2}(z) &= \frac{1}{1+e^{-z}}\text{ in }3,\quad \tanh z\text{ in }4" in f.latex()
    assert "σ_2 = logistic, tanh" in str(f)


def test_large_matrices_are_cut_in_their_middle():
    f = layer_matrices(ng.mlp([30, 20, 2], seed=0))
    assert max(len(line) for line in str(f).splitlines()) < 120
    assert len(str(f).splitlines()) < 25
    assert r"\cdots" in f.latex()
    assert r"\vdots" in f.latex()


# Refusals


def refused(net, **options):
    with pytest.raises(ng.InvalidNetworkError) as caught:
        layer_matrices(net, **options)
    return caught.value


def test_a_network_without_layers_is_refused_with_the_witness_and_the_way_out():
    net = ng.example_network()
    ng.connect(net, 1, 9, weight=0.5)
    error = refused(net)
    assert isinstance(error, ng.NotLayeredError)
    assert error.witness.neuron == 9
    assert "add_relays(net)" in error.fix
    assert layer_matrices(ng.add_relays(net), mixed=True)([0.5]) == pytest.approx(
        ng.forward(net, [0.5]).outputs, rel=1e-14
    )


def test_a_layer_of_several_functions_is_refused_with_the_finding_and_the_way_out():
    net = ng.example_network()
    net.nodes[4]["activation"] = "tanh"
    error = refused(net)
    assert error.code == "mixed-activations"
    assert "layer 2 mixes 'logistic', 'tanh'" in str(error)
    assert "mixed=True" in str(error)
    assert layer_matrices(net, mixed=True).functions[0] == ("logistic", "tanh")


def test_an_input_or_output_in_between_is_refused_with_the_finding():
    late = ng.example_network()
    ng.add_input(late, 10)
    ng.connect(late, 10, 9, weight=1.0)
    assert refused(late).code == "late-input"
    assert "add_relays" in str(refused(late))
    assert layer_matrices(ng.add_relays(late), mixed=True)([0.5, 0.3]) == pytest.approx(
        ng.forward(late, [0.5, 0.3]).outputs, rel=1e-14
    )
    early = ng.example_network()
    early.nodes[7]["kind"] = "output"
    assert refused(early, mixed=True).code == "output-feeds-on"


def test_errors_of_the_network_come_first():
    net = ng.example_network()
    net.edges[4, 6]["weight"] = "0.5"
    assert refused(net).code == "weight-not-a-number"
    with pytest.raises(ng.OptionError, match="mixed"):
        layer_matrices(ng.example_network(), mixed=1)


@pytest.mark.parametrize("X", [[1.0, 2.0], ["a"], [np.nan], [[1.0], [np.inf]]])
def test_what_is_no_input_is_refused_as_by_the_walk(X):
    with pytest.raises(ng.DataError) as caught:
        layer_matrices(ng.example_network())(X)
    with pytest.raises(ng.DataError) as expected:
        ng.forward(ng.example_network(), X)
    assert str(caught.value) == str(expected.value)


def test_a_value_beyond_a_float_is_named():
    net = from_matrices([[[1e300]], [[1e300]]], "identity", bias=False)
    with pytest.raises(ng.DivergedError, match="neuron 3"):
        layer_matrices(net)([1.0])


# From matrices


def test_neurons_are_numbered_layer_by_layer_with_the_bias_neuron_last():
    net = from_matrices([np.ones((3, 3)), np.ones((2, 3)), np.ones((1, 3))], "tanh", bias=[True, False, True])
    assert ng.layers(net) == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    assert ng.biases(net) == [3, 9]
    assert (ng.inputs(net), ng.outputs(net)) == ([1, 2], [10])
    assert net.number_of_edges() == 9 + 6 + 3
    assert not ng.check(from_matrices([np.ones((3, 3)), np.ones((1, 4))], "tanh")).findings


def test_random_matrices_compute_what_numpy_computes():
    generator = np.random.default_rng(7)
    for _ in range(20):
        A, B = generator.normal(size=(4, 3)), generator.normal(size=(2, 5))
        net = from_matrices([A, B], ["tanh", "identity"])
        x = generator.normal(size=2)
        expected = B @ np.append(np.tanh(A @ np.append(x, 1)), 1)
        assert ng.forward(net, x).outputs == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-14)


def test_a_zero_is_no_edge_unless_its_whole_row_is():
    net = from_matrices([[[0, 2, 0], [0, 0, 0]], [[1, 1, 0]]], "tanh")
    assert list(net.pred[4]) == [2]
    assert list(net.pred[5]) == [1, 2, 3]
    assert ng.check(net).ok


BAD = {
    "no matrices": ([], "tanh", {}, "matrices"),
    "a number": (3, "tanh", {}, "matrices"),
    "a vector": ([[1.0, 2.0]], "tanh", {}, r"matrices\[0\]"),
    "ragged rows": ([[[1.0], [1.0, 2.0]]], "tanh", {}, r"matrices\[0\]"),
    "text": ([[["1"]]], "tanh", {}, r"matrices\[0\]"),
    "nan": ([[[1.0, np.nan]]], "tanh", {}, r"matrices\[0\]"),
    "an empty matrix": ([np.zeros((0, 2))], "tanh", {}, r"matrices\[0\]"),
    "shapes that do not chain": ([np.ones((3, 2)), np.ones((1, 3))], "tanh", {}, r"matrices\[1\].*\(1, 3\)"),
    "a bias that is not there": (
        [np.ones((3, 2)), np.ones((1, 4))],
        "tanh",
        {"bias": False},
        r"matrices\[1\]",
    ),
    "nothing but a bias": ([np.ones((3, 1))], "tanh", {}, r"matrices\[0\]"),
    "too few functions": ([np.ones((3, 2)), np.ones((1, 4))], ["tanh"], {}, "functions"),
    "no functions": ([np.ones((3, 2))], None, {}, "functions"),
    "too few functions of a row": ([np.ones((3, 2))], [("tanh", "tanh")], {}, r"functions\[0\]"),
    "too few flags": ([np.ones((3, 2))], "tanh", {"bias": [True, True]}, "bias"),
    "no flag": ([np.ones((3, 2))], "tanh", {"bias": "yes"}, "bias"),
    "functions twice": (layer_matrices(ng.example_network()), "tanh", {}, "functions"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_matrices_are_refused_with_where_and_fix(name):
    matrices, functions, options, where = BAD[name]
    with pytest.raises(ng.OptionError, match=where) as caught:
        from_matrices(matrices, functions, **options)
    assert caught.value.fix
    assert caught.value.expected


def test_shapes_that_do_not_chain_are_told_with_what_was_expected():
    with pytest.raises(ng.OptionError) as caught:
        from_matrices([np.ones((3, 2)), np.ones((1, 3))], "tanh")
    assert caught.value.code == "shapes-do-not-chain"
    assert caught.value.expected == "4 columns: 3 for the rows before, and one for the bias neuron"


def test_an_unknown_function_is_named_with_the_nearest():
    with pytest.raises(ng.InvalidNetworkError, match=r"functions\[1\].*did you mean 'tanh'"):
        from_matrices([np.ones((3, 2)), np.ones((1, 4))], ["tanh", "tahn"])
