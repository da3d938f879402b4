"""The formulas in LaTeX are read back as Python and must give the numbers of the walk."""

import math
import re

import numpy as np
import pytest
from strategies import random_data, random_graphs

import neurograph as ng
from neurograph.theory import gradient_formula, loss_formula

WRITTEN = {"logistic": r"\sigma", "tanh": r"\tanh", "sine": r"\sin"}


def python_of(latex):
    """Translate a formula of squared losses to Python, sign by sign; nothing else may be left."""
    text = re.sub(r"w_\{([^}]*?)\\to ([^}]*?)\}", lambda m: f"w[{m[1]!r}, {m[2]!r}]", latex)
    text = re.sub(r"([xyzt])_\{([^}]*?)\}", lambda m: f"{m[1]}[{m[2]!r}]", text)
    for name, written in [
        *WRITTEN.items(),
        *((n, rf"\operatorname{{{n.replace('_', chr(92) + '_')}}}") for n in ng.ACTIVATIONS),
    ]:
        text = text.replace(written + "'(", f"d_{name}(").replace(written + "(", f"f_{name}(")
    text = text.replace(r"\cdot ", "*").replace("^2", "**2")
    text = re.sub(r"(?<![\w.])2\(", "2*(", text)
    assert "\\" not in text, text
    return text


def functions():
    for name, row in ng.ACTIVATIONS.items():
        yield f"f_{name}", lambda z, row=row: float(row(z))
        yield f"d_{name}", lambda z, row=row: float(row.derivative(z))


def weights_by_text(net):
    return {(str(s), str(t)): weight for (s, t), weight in ng.weights(net).items()}


def evaluated(formula, net, **numbers):
    names = {letter: {str(key): value for key, value in by_key.items()} for letter, by_key in numbers.items()}
    return eval(python_of(formula), dict(functions()) | names | {"w": weights_by_text(net)})


def numbered_graphs(seed, count):
    return random_graphs(seed, count, saturating=False, hidden=4, outputs=2, named=False)


def test_the_loss_s_formula_gives_the_walk_s_loss():
    generator = np.random.default_rng(1)
    for net in numbered_graphs(2, 80):
        X, Y = random_data(generator, net, samples=1)
        left, _, right = loss_formula(net, limit=5000).partition(" = ")
        assert left == "L"
        x, t = dict(zip(ng.inputs(net), X[0], strict=True)), dict(zip(ng.outputs(net), Y[0], strict=True))
        expected = ng.backward(net, X[0], Y[0]).loss
        assert evaluated(right, net, x=x, t=t) == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_the_gradient_s_formula_gives_the_walk_s_gradient():
    generator = np.random.default_rng(3)
    several = 0
    for net in numbered_graphs(4, 60):
        X, Y = random_data(generator, net, samples=1)
        trace = ng.backward(net, X[0], Y[0])
        t = dict(zip(ng.outputs(net), Y[0], strict=True))
        for edge in list(net.edges)[:4]:
            left, _, right = gradient_formula(net, edge).partition(" = ")
            assert left == rf"\frac{{\partial L}}{{\partial w_{{{edge[0]}\to {edge[1]}}}}}"
            found = evaluated(right, net, y=trace.value, z=trace.z, t=t)
            scale = abs(trace.value[edge[0]] * trace.delta[edge[1]])
            assert found == pytest.approx(trace.gradient[edge], rel=1e-10, abs=1e-10 * scale + 1e-14)
            several += " + " in right
    assert several > 10


def test_the_text_s_example():
    net = ng.example_network()
    assert loss_formula(net).startswith(
        r"L = (\sigma(w_{6\to 9}\cdot \sigma(w_{3\to 6}\cdot \sigma(w_{1\to 3}\cdot x_{1}"
    )
    assert gradient_formula(net, (1, 4)) == (
        r"\frac{\partial L}{\partial w_{1\to 4}} = "
        r"y_{1}\cdot \sigma'(z_{4})\cdot w_{4\to 6}\cdot \sigma'(z_{6})\cdot w_{6\to 9}"
        r"\cdot \sigma'(z_{9})\cdot 2(y_{9}-t_{9}) + "
        r"y_{1}\cdot \sigma'(z_{4})\cdot w_{4\to 7}\cdot \sigma'(z_{7})\cdot w_{7\to 9}"
        r"\cdot \sigma'(z_{9})\cdot 2(y_{9}-t_{9})"
    )


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_braces_are_balanced_for_every_loss(loss):
    net = ng.mlp([2, 2, 2], activation="logistic")
    for formula in (loss_formula(net, loss=loss), gradient_formula(net, (1, 4), loss=loss)):
        assert formula.count("{") == formula.count("}")
        assert formula.count("(") == formula.count(")")
        assert r"\right" in formula or r"\left" not in formula
    assert "x_{1}" in loss_formula(net, loss=loss)


def test_cross_entropy_is_one_difference_after_a_logistic_and_a_sum_in_parentheses_elsewhere():
    net = ng.example_network()
    assert gradient_formula(net, (7, 9), loss="cross_entropy").endswith(
        r"y_{7}\cdot \left(y_{9}-t_{9}\right)"
    )
    with pytest.raises(ng.OptionError, match="cross_entropy takes outputs"):
        loss_formula(ng.mlp([1, 1], activation="tanh"), loss="cross_entropy")


def test_a_linear_neuron_is_its_sum_in_parentheses():
    net = ng.mlp([1, 1], activation="identity", bias=False)
    assert loss_formula(net) == r"L = ((w_{1\to 2}\cdot x_{1})-t_{2})^2"


def test_names_are_escaped():
    net = ng.mlp([1, 1], activation="tanh", bias=False)
    import networkx as nx

    named = nx.relabel_nodes(net, {1: "a_b", 2: "50%"})
    assert r"w_{\mathrm{a\_b}\to \mathrm{'50\%'}}" in loss_formula(named)


def test_an_edge_that_leads_nowhere_has_the_gradient_0():
    net = ng.example_network()
    ng.add_hidden(net, 10)
    ng.connect(net, 4, 10, weight=1.0)
    assert gradient_formula(net, (4, 10)).endswith(" = 0")


def test_a_long_formula_is_refused_and_its_length_is_told():
    net = ng.mlp([3] * 8 + [1])
    terms = 0
    for _ in range(8):
        terms = 3 * (1 + terms) + 1  # three sources and the bias neuron, each written out
    with pytest.raises(
        ng.OptionError, match=f"{terms:,} terms, and the network has {net.number_of_edges()} edges"
    ) as caught:
        loss_formula(net)
    assert caught.value.code == "too-many-terms"
    assert math.isclose(len(re.findall(r"w_", loss_formula(net, limit=terms))), terms)
    with pytest.raises(ng.OptionError, match="paths"):
        gradient_formula(ng.mlp([9] * 8 + [1]), (1, 11))


def test_bad_arguments_are_refused():
    net = ng.example_network()
    with pytest.raises(ng.InvalidNetworkError, match="there is no edge 3 → 7"):
        gradient_formula(net, (3, 7))
    for call in (lambda: loss_formula(net, limit=0), lambda: gradient_formula(net, (1, 3), limit=None)):
        with pytest.raises(ng.OptionError, match="limit"):
            call()
    with pytest.raises(ng.OptionError, match="loss"):
        loss_formula(net, loss="none")
