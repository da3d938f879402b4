"""Every construction is a network like any other: it checks, walks, saves, loads and compiles."""

import doctest
import importlib
import inspect
import math
import re

import numpy as np
import pytest
from strategies import fingerprint, of_kind

import neurograph as ng
from neurograph import theory

N = np.random.default_rng(0).normal(size=(4, 4))
TREE = theory.generative_tree(steps=3)

# Each construction, and the warnings that it cannot be without: what a sign neuron, a relay, a linear
# network without bias neurons, a constant is.
CONSTRUCTIONS = {
    "from_matrices": (lambda: theory.from_matrices([N, N[:2]], "tanh", bias=[True, False]), {"missing-bias"}),
    "collapse": (lambda: theory.collapse(ng.mlp([2, 3, 2], activation="identity", seed=0)), set()),
    "partial collapse": (
        lambda: theory.collapse(ng.mlp([2, 3, 2], output_activation="identity", seed=0), partial=True), set(),
    ),
    "boolean_network": (lambda: theory.boolean_network(3), {"not-differentiable"}),
    "minimal_boolean_network": (
        lambda: theory.minimal_boolean_network([1, -1, -1, 1]).net, {"not-differentiable"},
    ),
    "approximate": (lambda: theory.approximate(math.sin, 0.0, 3.0, 5).net, set()),
    "approximate in two dimensions": (
        lambda: theory.approximate(lambda x: x[0] * x[1], (0, 0), (1, 1), 3).net, set(),
    ),
    "approximate with one cell": (
        lambda: theory.approximate(math.sin, 0.0, 3.0, 1).net, {"dead-end", "unreachable"},
    ),
    "multiplication_gate": (lambda: theory.multiplication_gate("logistic"), set()),
    "deep_product": (lambda: theory.deep_product(4), set()),
    "deep_product with relays": (lambda: theory.deep_product(5), {"mixed-activations"}),
    "flat_product": (lambda: theory.flat_product(4), set()),
    "matrix_product_network": (lambda: theory.matrix_product_network(N), {"missing-bias"}),
    "strassen_network": (lambda: theory.strassen_network(N, 2), {"missing-bias"}),
    "patch_network": (lambda: theory.patch_network(5, 5, seed=0), set()),
    "undoing_network": (lambda: theory.undoing_network(TREE, seed=0), set()),
    "shallow_network": (lambda: theory.shallow_network(TREE, seed=0), set()),
}  # fmt: skip


@pytest.fixture(params=CONSTRUCTIONS)
def built(request):
    build, warnings = CONSTRUCTIONS[request.param]
    return build(), warnings


def samples(net):
    count = len(of_kind(net, "input"))
    return np.random.default_rng(1).choice([-1.0, 0.5, 1.0], (6, count))


def test_it_has_no_error_and_only_the_warnings_that_it_cannot_be_without(built):
    net, warnings = built
    report = ng.check(net)
    assert report.ok
    assert report.layered
    assert {finding.code for finding in report.findings} == warnings


def test_its_neurons_are_numbered_layer_by_layer_and_all_is_plain(built):
    net, _ = built
    assert all(type(neuron) is int for neuron in net)
    assert all(type(weight) is float for weight in ng.weights(net).values())
    assert not net.graph


def test_the_engine_computes_what_the_walk_does(built):
    net, _ = built
    X = samples(net)
    walked = np.column_stack(ng.forward(net, X).outputs)
    assert np.isfinite(walked).all()
    assert np.allclose(ng.compile_network(net, backend="numpy").forward(X), walked, rtol=1e-9, atol=1e-9)
    steps = list(ng.forward_steps(net, X[0]))
    assert len(steps) == len(net)
    assert all(str(step) for step in steps)


def test_it_is_saved_and_loaded_to_the_bit(built, tmp_path):
    net, _ = built
    ng.save(net, tmp_path / "net.json")
    assert fingerprint(ng.load(tmp_path / "net.json")) == fingerprint(net)


def test_it_is_a_matrix_form_too(built):
    net, _ = built
    X = samples(net)
    f = theory.layer_matrices(net, mixed=True)
    assert np.allclose(f(X), np.column_stack(ng.forward(net, X).outputs), rtol=1e-6, atol=1e-6)


# The public names


FUNCTIONS = [name for name in theory.__all__ if inspect.isfunction(getattr(theory, name))]
CLASSES = [name for name in theory.__all__ if inspect.isclass(getattr(theory, name))]

SUBJECTS = {
    "approximate": "f lower upper cells", "approximation_cost": "cells dimensions", "boolean_cost": "n",
    "boolean_function_count": "n", "boolean_inputs": "n", "boolean_lower_bound": "n", "boolean_network": "n",
    "collapse": "net", "compare_depths": "tree", "configuration_count": "weights values",
    "count_paths": "net edge", "count_steps": "net", "deep_product": "n", "deep_product_cost": "n",
    "edges_needed": "size levels", "flat_product": "n", "flat_product_cost": "n",
    "from_matrices": "matrices functions", "generative_tree": "", "gradient_formula": "net edge",
    "gradient_paths": "net X Y edge", "image_bits": "array", "image_count": "height width",
    "image_from_bits": "vector height width", "layer_matrices": "net", "linear_map": "net",
    "loss_formula": "net", "matrix_product_network": "N", "minimal_boolean_network": "f",
    "multiplication_gate": "activation scale", "patch_network": "height width", "product_error": "n",
    "round_count": "net", "set_boolean_function": "net f", "shallow_network": "tree",
    "strassen_network": "N levels", "text_bits": "text", "text_count": "length", "text_from_bits": "vector",
    "undoing_network": "tree", "weights_needed": "count values",
}  # fmt: skip


def test_theory_is_there_without_being_imported_and_known_to_dir():
    assert ng.theory is importlib.import_module("neurograph.theory")
    assert "theory" in dir(ng)


def test_the_public_names_are_functions_and_classes_and_each_stands_once():
    assert {*FUNCTIONS, *CLASSES} == set(theory.__all__)
    assert len(set(theory.__all__)) == len(theory.__all__)
    assert set(FUNCTIONS) == set(SUBJECTS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented_and_has_an_example(name):
    docstring = inspect.getdoc(getattr(theory, name))
    assert re.match(r"[A-Z].*[.:;]$", docstring.splitlines()[0])
    assert "Examples\n--------" in docstring
    assert "Parameters\n----------" in docstring
    assert doctest.DocTestParser().get_examples(docstring)
    for argument in inspect.signature(getattr(theory, name)).parameters:
        assert re.search(rf"\b{argument}\b", docstring), argument


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_documented(name):
    docstring = inspect.getdoc(getattr(theory, name))
    assert "Parameters\n----------" in docstring


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_but_the_subject_is_given_by_its_name_and_everything_has_a_type(name):
    signature = inspect.signature(getattr(theory, name))
    positional = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert " ".join(positional) == SUBJECTS[name]
    assert signature.return_annotation is not signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())
