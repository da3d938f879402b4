"""The arithmetic that is printed: read back by Python, every line of it is right."""

import math
import re

import networkx as nx
import numpy as np
import pytest
from oracles import AUTODIFF, targets_for
from strategies import EVERY, random_data, random_graphs

import neurograph as ng

FUNCTIONS = AUTODIFF | {
    "step": lambda z: float(z >= 0),
    "sign": lambda z: float(np.sign(z)),
    "clip": lambda x, low, high: min(max(x, low), high),
}
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?")


def plain(text):
    """Write the arithmetic as Python does."""
    return text.replace("−", "-").replace("·", "*").replace(", else", " else")


def rounding(text):
    """Return how far a printed number may be from the one that was rounded."""
    number = abs(float(text))
    if number == 0.0:
        return 0.0
    digits = 3 if 1.0 <= number < 1e6 else 2 - math.floor(math.log10(number))
    return 0.5000001 * 10.0**-digits


def with_rounding(expression):
    """Evaluate an expression of printed numbers, and how much their rounding may have moved it."""
    texts = NUMBER.findall(expression)
    places = NUMBER.sub("{}", expression)

    def value(numbers):
        return float(eval(places.format(*(f"({number!r})" for number in numbers)), dict(FUNCTIONS)))

    numbers = [float(text) for text in texts]
    exact, slack = value(numbers), 0.0
    for i, text in enumerate(texts):
        sides = (
            value([*numbers[:i], numbers[i] + way * rounding(text), *numbers[i + 1 :]]) for way in (1, -1)
        )
        slack += max(abs(side - exact) for side in sides)
    return exact, 2.0 * slack


def equations(step):
    """Yield the sides of each equation of a printed step, the continued lines joined."""
    for text in re.split(r"\n  (?! )", str(step))[1:]:
        yield [side.strip() for side in re.sub(r"\n +", " ", text).split(" = ")]


def problems(loss, count=60):
    generator = np.random.default_rng(21)
    outputs = ("logistic",) if loss == "cross_entropy" else None
    for net in random_graphs(21, count, activations=EVERY, output_activations=outputs):
        X, Y = random_data(generator, net, samples=1)
        yield net, X[0], targets_for(loss, generator, Y.shape)[0]


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_every_printed_line_is_right_within_the_rounding_of_its_numbers(loss):
    sharp = count = 0
    for net, x, t in problems(loss):
        for step in [*ng.forward_steps(net, x), *ng.backward_steps(net, x, t, loss=loss)]:
            for _, *sides in equations(step):
                if len(sides) == 1:  # an input's value: there is no arithmetic
                    continue
                *_, numbers, result = sides
                value, slack = with_rounding(plain(numbers))
                printed = float(plain(result))
                assert abs(value - printed) <= slack + rounding(plain(result)) + 1e-9 * abs(value), str(step)
                count += 1
                sharp += slack <= 0.05 * abs(printed)
    assert count > 1500
    assert sharp > count / 2


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_the_last_number_of_a_step_is_its_result(loss):
    for net, x, t in problems(loss, 30):
        for step in [*ng.forward_steps(net, x), *ng.backward_steps(net, x, t, loss=loss)]:
            *_, (*_, last) = equations(step)
            assert abs(float(plain(last)) - step.result) <= rounding(plain(last))


def test_every_symbol_stands_for_the_number_below_it():
    trace = ng.backward(ng.example_network(), [0.5], [1.0])
    net = ng.example_network()
    for step in ng.forward_steps(net, [0.5]):
        for sides in equations(step):
            if len(sides) == 4:
                _, symbols, numbers, _ = sides
                for symbol, term in zip(symbols.split(" + "), numbers.split(" + "), strict=True):
                    source, target = map(int, re.match(r"w\((\d)→(\d)\)", symbol).groups())
                    weight, value = (float(part.strip("()")) for part in plain(term).split("*"))
                    assert weight == net.edges[source, target]["weight"]
                    assert value == pytest.approx(trace.value[source], rel=5e-3)
                    assert symbol.endswith("·1" if source in ng.biases(net) else f"·y{source}")


def test_the_sixth_neuron_prints_as_the_design_has_it():
    (step,) = (step for step in ng.forward_steps(ng.example_network(), [0.5]) if step.neuron == 6)
    assert str(step) == (
        "neuron 6   layer 3, logistic\n"
        "  z6 = w(3→6)·y3 + w(4→6)·y4 + w(5→6)·1\n"
        "     = 0.5·0.622 + (−0.25)·0.401 + 0.1·1 = 0.311\n"
        "  y6 = logistic(0.311) = 0.577"
    )


def test_the_fourth_neuron_s_delta_comes_from_the_two_that_it_feeds():
    steps = ng.backward_steps(ng.example_network(), [0.5], [1.0])
    (step,) = (step for step in steps if step.neuron == 4 and step.edge is None)
    first, symbols, numbers = str(step).splitlines()
    assert first == "delta of neuron 4   layer 2, logistic"
    assert symbols == "  δ4 = (w(4→6)·δ6 + w(4→7)·δ7)·logistic′(z4)"
    assert numbers == "     = ((−0.25)·(−0.0371) + 0.3·0.0275)·0.24 = 0.00421"


def test_a_gradient_is_printed_as_the_value_times_the_delta():
    net = ng.example_network()
    ng.freeze(net, (5, 6))
    steps = {step.edge: str(step) for step in ng.backward_steps(net, [0.5], [1.0])}
    assert (
        steps[4, 6]
        == "gradient of edge 4 → 6\n  ∂L/∂w(4→6) = y4·δ6\n             = 0.401·(−0.0371) = −0.0149"
    )
    assert steps[5, 6].splitlines()[:2] == ["gradient of edge 5 → 6   frozen", "  ∂L/∂w(5→6) = 1·δ6"]


def test_a_gradient_over_a_batch_is_printed_as_a_mean():
    net = ng.example_network()
    *_, step = ng.backward_steps(net, [[0.5], [0.1]], [[1.0], [0.0]])
    assert "= mean(1·δ9)" in str(step)
    assert re.search(r"mean\(1·\[−0\.19, 0\.\d+\]\) = −?0\.\d+$", str(step))


def test_a_batch_prints_its_first_samples_and_how_many_there_are():
    X = np.linspace(-1, 1, 50)[:, None]
    for step in [*ng.forward_steps(ng.example_network(), X), *ng.backward_steps(ng.example_network(), X, X)]:
        text = str(step)
        assert len(text) < 400
        assert "… 50 samples]" in text or step.neuron in (2, 5, 8)
        assert_balanced(step.latex())
    few = list(ng.forward_steps(ng.example_network(), X[:3]))
    assert str(few[0]).endswith("y1 = [−1, −0.959, −0.918]")


def test_a_long_sum_leaves_out_its_middle():
    net = ng.mlp([1000, 1], activation="tanh", seed=0)
    step = list(ng.forward_steps(net, np.ones(1000)))[-1]
    assert "w(4→1002)·y4 + … (993 more) … + w(998→1002)·y998" in str(step)
    assert len(str(step)) < 600
    assert r"\dots (993 more) \dots" in step.latex()
    assert len(step.terms) == 1001


def assert_balanced(latex):
    bare = re.sub(r"\\[\\{}#$%&_]", "", latex)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert bare.count("&") == latex.count(r"\\") + 1
    assert not set(bare.replace("aligned", "")) & set("#$%")
    assert latex.count(r"\begin{") == latex.count(r"\end{")
    assert "−" not in latex
    assert "·" not in latex


@pytest.mark.parametrize("loss", ng.LOSSES)
def test_every_step_has_sound_latex(loss):
    for net, x, t in problems(loss, 30):
        for step in [*ng.forward_steps(net, x), *ng.backward_steps(net, x, t, loss=loss)]:
            assert_balanced(step.latex())
            assert step._repr_latex_() == f"$\\displaystyle {step.latex()}$"


STRANGE = [
    "{t}",
    "{y}",
    "t",
    "a_b",
    "100%",
    "$x$",
    "a&b",
    "#1",
    "^",
    "~",
    "back\\slash",
    "}",
    "{",
    "a: b; c = d",
]


def strange_network():
    net = ng.mlp([2, 3, 2], activation="logistic", seed=3)
    return nx.relabel_nodes(net, dict(zip(net, STRANGE, strict=False)))


def test_names_with_special_characters_are_escaped_in_latex_and_kept_apart_in_text():
    net = strange_network()
    x, t = [0.5, -0.5], [1.0, 0.0]
    for loss in ("squared", "cross_entropy", "huber"):
        for step in [*ng.forward_steps(net, x), *ng.backward_steps(net, x, t, loss=loss)]:
            assert_balanced(step.latex())
            for *_, numbers, result in equations_by_line(step):
                value, slack = with_rounding(plain(numbers))
                assert abs(value - float(plain(result))) <= slack + rounding(plain(result))


def equations_by_line(step):
    """Yield the numbers and the result of the lines that end in both; names may hold an equals sign."""
    for line in str(step).splitlines()[1:]:
        found = re.fullmatch(r" +(?:y\(.*\) )?= ([^'=]+) = ([−\d.e]+)", line)
        if found and "(z" not in found[1]:
            yield found.groups()


def test_a_symbol_that_looks_like_a_place_of_a_formula_is_left_as_it_is():
    net = strange_network()
    outputs = ng.outputs(net)
    step = next(ng.backward_steps(net, [0.5, -0.5], [1.0, 0.0], loss="squared"))
    assert step.neuron == outputs[0]
    quoted = repr(outputs[0])
    assert f"2·(y({quoted}) − t({quoted}))" in str(step)


@pytest.mark.parametrize("name", ["{t}", "{y}", "t", "y"])
def test_a_neuron_named_like_a_place_keeps_its_name(name):
    net = nx.relabel_nodes(ng.example_network(), {9: name})
    step = next(ng.backward_steps(net, [0.5], [1.0]))
    shown = name if name.isalnum() else repr(name)
    assert f"∂L/∂y({shown}) = 2·(y({shown}) − t({shown}))" in str(step)
    escaped = shown.replace("{", r"\{").replace("}", r"\}")
    assert rf"(y_{{\mathrm{{{escaped}}}}} - t_{{\mathrm{{{escaped}}}}})" in step.latex()


def test_a_name_cannot_reach_the_terminal():
    net = nx.relabel_nodes(ng.example_network(), {6: "a\u202eb", 7: "é\u2028"})
    trace = ng.backward(net, [0.5], [1.0])
    texts = [
        str(trace),
        *map(str, ng.forward_steps(net, [0.5])),
        *map(str, ng.backward_steps(net, [0.5], [1])),
    ]
    assert all(c.isprintable() or c == "\n" for text in texts for c in text)


def test_what_stands_in_no_layer_has_a_level():
    net = ng.example_network()
    ng.connect(net, 1, 9, weight=0.5)
    titles = {step.neuron: str(step).splitlines()[0] for step in ng.forward_steps(net, [0.5])}
    assert titles[9] == "neuron 9   level 4, logistic"
    assert titles[1] == "neuron 1   level 1, input"
