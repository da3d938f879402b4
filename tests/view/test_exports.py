"""Graphviz, TikZ and Mermaid: the nodes, edges and numbers are those of the graph."""

import math
import re

import pytest
from terminal import BROKEN, IRIS, TEXT, XOR

import neurograph as ng
from neurograph.walk.notation import number

FILES = [TEXT, XOR, IRIS, *sorted(BROKEN.glob("*.json"))]


def edges_of(net):
    keys = list(net)
    weights = [data.get("weight") for *_, data in net.edges(data=True)]
    written = [number(w) if type(w) is float else "?" for w in weights]
    return [(keys.index(s), keys.index(t), w) for (s, t), w in zip(net.edges, written, strict=True)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dot_has_every_neuron_and_every_edge(path):
    net = ng.load(path, strict=False)
    text = ng.to_dot(net)
    assert sorted(map(int, re.findall(r"^    n(\d+) \[label", text, re.MULTILINE))) == list(range(len(net)))
    found = re.findall(r'^  n(\d+) -> n(\d+) \[label="(.*?)"', text, re.MULTILINE)
    assert [(int(s), int(t), w) for s, t, w in found] == edges_of(net)
    assert text.count("{") == text.count("}")
    assert text.count("style=dashed") == sum(flag is False for *_, flag in net.edges(data="trainable"))


def test_dot_puts_each_layer_on_a_rank():
    net = ng.example_network()
    ranks = re.findall(r"rank=same;\n(.*?)\n  }", ng.to_dot(net), re.DOTALL)
    keys = list(net)
    assert [[keys[int(i)] for i in re.findall(r"n(\d+) \[", rank)] for rank in ranks] == ng.layers(net)


def tikz_lines(text):
    """What is drawn of each edge: its first and its last point, and the weight, on a node or in a comment."""
    point = r"\(([-\d.]+), ([-\d.]+)\)"
    for line in text.split("\n"):
        found = re.match(
            rf"  \\draw\[.*?\] {point}.* {point}; (?:\\node\[weight\] at .* \{{\$(.*)\$\}};|% (.*))$", line
        )
        if found:
            ends = [float(found[i]) for i in range(1, 5)]
            yield ends[:2], ends[2:], (found[5] or found[6]).replace("-", "−")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tikz_has_every_neuron_and_every_edge(path):
    net = ng.load(path, strict=False)
    text = ng.to_tikz(net)
    found = re.findall(r"\\node\[\w+\] \(n(\d+)\) at \((.*?), (.*?)\)", text)
    assert [int(i) for i, _, _ in found] == list(range(len(net)))
    places = [(float(x), float(y)) for _, x, y in found]
    lines = list(tikz_lines(text))
    assert [weight for _, _, weight in lines] == [weight for _, _, weight in edges_of(net)]
    for (start, end, _), (source, target, _) in zip(lines, edges_of(net), strict=True):
        assert math.dist(start, places[source]) < 0.56
        assert math.dist(end, places[target]) < 0.62
    assert text.startswith("\\begin{tikzpicture}[")
    assert text.endswith("\\end{tikzpicture}")
    assert text.count(", dashed]") == sum(flag is False for *_, flag in net.edges(data="trainable"))


def test_tikz_puts_layers_beside_each_other_and_the_first_neuron_on_top():
    net = ng.mlp([3, 2], seed=0)
    places = re.findall(r"\(n(\d+)\) at \((.*?), (.*?)\)", ng.to_tikz(net))
    x = {int(i): float(x) for i, x, _ in places}
    y = {int(i): float(y) for i, _, y in places}
    keys = list(net)
    first, last = ([keys.index(n) for n in layer] for layer in ng.layers(net))
    assert {x[i] for i in first} == {0.0}
    assert min(x[i] for i in last) > 2
    assert [y[i] for i in first] == sorted((y[i] for i in first), reverse=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_mermaid_has_every_neuron_and_every_edge(path):
    net = ng.load(path, strict=False)
    text = ng.to_mermaid(net)
    kinds = re.findall(r"^  n(\d+)[^\w\n].*:::(\w+)$", text, re.MULTILINE)
    known = ("input", "bias", "hidden", "output")
    assert kinds == [
        (str(i), kind if kind in known else "hidden") for i, (_, kind) in enumerate(net.nodes(data="kind"))
    ]
    found = re.findall(r'^  n(\d+) -(?:->|.->)\|"(.*?)"\| n(\d+)$', text, re.MULTILINE)
    assert [(int(s), int(t), w) for s, w, t in found] == edges_of(net)


@pytest.mark.parametrize("export", [ng.to_dot, ng.to_tikz, ng.to_mermaid])
def test_what_is_no_network_is_refused(export):
    with pytest.raises(ng.InvalidNetworkError, match=r"networkx\.DiGraph"):
        export([1, 2])
