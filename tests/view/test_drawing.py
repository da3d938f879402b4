"""Drawings of networks, read back from their SVG and compared with the graph and the walk."""

import math
import re
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import SVG, Svg
from strategies import Dice, build, fingerprint, networks, random_data
from terminal import BROKEN, IRIS, TEXT, XOR

import neurograph as ng
from neurograph.view.drawing import live_svg
from neurograph.walk.notation import number

EVERY_FILE = [TEXT, XOR, IRIS, *sorted(BROKEN.glob("*.json"))]


def some_networks(count=40, seed=0, **options):
    dice = Dice(np.random.default_rng(seed))
    return [build(dice, **options) for _ in range(count)]


def drawn(net, *arguments, **options):
    return Svg(ng.draw(net, *arguments, **options).svg)


# ── what is there ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_every_neuron_and_every_edge_is_there_by_its_number(path):
    net = ng.load(path, strict=False)
    svg = drawn(net)
    assert sorted(int(each.get("data-neuron")) for each in svg.all("ng-neuron")) == list(range(len(net)))
    assert sorted(int(each.get("data-edge")) for each in svg.all("ng-edge")) == list(
        range(net.number_of_edges())
    )
    for i, (neuron, attributes) in enumerate(net.nodes(data=True)):
        group = svg.neuron(i)
        assert group.get("data-name") == str(neuron)
        assert svg.text_of(group, "name") == str(neuron)
        assert svg.title(group).split("\n")[0] == str(neuron)
        kind = attributes.get("kind")
        assert f"ng-kind-{kind if kind in ('input', 'bias', 'output') else 'hidden'}" in group.get("class")
        assert svg.text_of(group, "function") == attributes.get("activation")


@given(networks())
def test_any_network_is_drawn_whole(net):
    svg = drawn(net)
    assert len(svg.all("ng-neuron")) == len(net)
    assert len(svg.all("ng-edge")) == net.number_of_edges()


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.none())
)
KEYS = st.one_of(
    st.integers(-3, 9), st.text(max_size=3), st.floats(), st.tuples(st.integers(0, 2)), st.booleans()
)


@given(
    st.dictionaries(KEYS, st.dictionaries(st.sampled_from(["kind", "activation", "x"]), JUNK), max_size=6),
    st.lists(
        st.tuples(KEYS, KEYS, st.dictionaries(st.sampled_from(["weight", "trainable"]), JUNK)), max_size=9
    ),
)
def test_whatever_graph_there_is_can_be_drawn(nodes, edges):
    net = nx.DiGraph()
    net.add_nodes_from(nodes.items())
    net.add_edges_from(edges)
    before = fingerprint(net)
    svg = drawn(net)
    assert len(svg.all("ng-neuron")) == len(net)
    assert len(svg.all("ng-edge")) == net.number_of_edges()
    assert fingerprint(net) == before


def test_an_object_that_answers_nothing_is_drawn():
    class Silent:
        def __repr__(self):
            raise RuntimeError

        def __float__(self):
            raise RuntimeError

    net = nx.DiGraph()
    net.add_node(Silent(), kind=Silent(), activation=Silent())
    net.add_node(1, kind=[], activation={})
    net.add_edge(1, next(iter(net)), weight=Silent(), trainable=Silent())
    svg = drawn(net)
    assert svg.neuron(0).get("data-name") == "<Silent>"
    assert svg.title(svg.edge(0)) == "1 → <Silent>\nweight —"


def test_a_drawing_is_the_same_each_time_and_stays_when_the_graph_changes():
    net = ng.load(IRIS)
    first = ng.draw(net)
    assert ng.draw(ng.load(IRIS)).svg == first.svg
    again = ng.draw(net)
    net.remove_node("size")
    assert again.svg == first.svg


@pytest.mark.parametrize("thing", [nx.Graph(), nx.MultiDiGraph(), None, "net"])
def test_what_is_no_network_is_refused(thing):
    with pytest.raises(ng.InvalidNetworkError, match=r"networkx\.DiGraph"):
        ng.draw(thing)


# ── where it is ──────────────────────────────────────────────────────────────────────────────────


def test_layers_are_columns_from_left_to_right():
    net = ng.mlp([3, 4, 2], seed=0)
    svg, place = drawn(net), {neuron: i for i, neuron in enumerate(net)}
    columns = [{svg.centre(place[neuron])[0] for neuron in layer} for layer in ng.layers(net)]
    assert [len(column) for column in columns] == [1, 1, 1]
    assert sorted(columns, key=min) == columns


def test_a_network_that_is_not_layered_is_drawn_by_levels():
    for net in [net for net in some_networks(30) if not ng.is_layered(net)]:
        svg, place = drawn(net), {neuron: i for i, neuron in enumerate(net)}
        by_level = [{svg.centre(place[neuron])[0] for neuron in level} for level in ng.levels(net)]
        assert all(len(column) == 1 for column in by_level)
        assert by_level == sorted(by_level, key=min)


def test_a_layered_network_stands_in_the_order_of_the_nodes_with_its_bias_neurons_last():
    net = ng.mlp([3, 5, 4, 2], seed=0)
    svg, place = drawn(net), {neuron: i for i, neuron in enumerate(net)}
    for layer in ng.layers(net):
        heights = [svg.centre(place[n])[1] for n in sorted(layer, key=lambda n: ng.kind(net, n) == "bias")]
        assert heights == sorted(heights)


def everything(svg):
    """All outlines and words of neurons, as rectangles by neuron."""
    return {i: svg.box(group, "shape") for i, group in enumerate(svg.all("ng-neuron"))}


@pytest.mark.parametrize("seed", range(6))
def test_edges_lead_from_their_source_to_their_target_and_through_no_other_neuron(seed):
    for net in some_networks(12, seed, hidden=14, inputs=4, outputs=3):
        svg = drawn(net)
        keys = list(net)
        centres = [svg.centre(i) for i in range(len(keys))]
        left, _, right, _ = svg.box(svg.neuron(0), "shape")
        radius = (right - left) / 2 if ng.kind(net, keys[0]) != "input" else (right - left) / 1.76
        for k, (source, target) in enumerate(net.edges):
            line = svg.line(k)
            assert math.dist(line[0], centres[keys.index(source)]) < 1.1 * radius
            assert math.dist(svg.tip(k), centres[keys.index(target)]) < 1.1 * radius + 4
            for i, centre in enumerate(centres):
                if keys[i] not in (source, target):
                    assert min(math.dist(point, centre) for point in line) > radius + 1, (
                        seed,
                        source,
                        target,
                        keys[i],
                    )


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_nothing_is_cut_off_and_no_two_neurons_touch(path):
    svg = drawn(ng.load(path, strict=False))
    left, top, wide, high = map(float, svg.root.get("viewBox").split())
    for k in range(len(svg.all("ng-edge"))):
        for x, y in svg.line(k):
            assert left < x < left + wide
            assert top < y < top + high
    boxes = list(everything(svg).values())
    for i, (a, b, c, d) in enumerate(boxes):
        assert left <= a < c <= left + wide
        assert top <= b < d <= top + high
        for e, f, g, h in boxes[:i]:
            assert c < e or g < a or d < f or h < b


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_no_two_weights_overlap_and_each_stands_on_its_own_edge(path):
    svg = drawn(ng.load(path, strict=False))
    pills = {int(group.get("data-edge")): svg.box(group, "pill") for group in svg.all("ng-label")}
    assert len(pills) > 5
    for k, (left, top, right, bottom) in pills.items():
        middle = (left + right) / 2, (top + bottom) / 2
        assert min(math.dist(point, middle) for point in svg.line(k)) < 8
        for j, (a, b, c, d) in pills.items():
            assert j == k or c <= left or right <= a or d <= top or bottom <= b
        for a, b, c, d in everything(svg).values():
            assert c <= left or right <= a or d <= top or bottom <= b


# ── what it shows ────────────────────────────────────────────────────────────────────────────────


def test_the_weight_stands_on_its_edge_and_says_its_sign_by_a_class():
    net = ng.load(TEXT)
    svg = drawn(net)
    weights = list(ng.weights(net).values())
    assert svg.labels("weight") == {k: number(weight) for k, weight in enumerate(weights)}
    for k, weight in enumerate(weights):
        assert ("ng-positive" in svg.edge(k).get("class").split()) == (weight > 0)
        assert ("ng-negative" in svg.edge(k).get("class").split()) == (weight < 0)


def test_a_larger_weight_has_a_wider_line():
    net = ng.mlp([1, 6], bias=False)
    for k, edge in enumerate(net.edges):
        net.edges[edge]["weight"] = (-1) ** k * (0.0, 0.1, 0.5, 1.0, 5.0, 1e9)[k]
    svg = drawn(net)
    widths = [
        float(path.get("stroke-width"))
        for k in range(6)
        for path in svg.edge(k)
        if path.get("class") == "ng-line"
    ]
    assert widths == sorted(widths)
    assert len(set(widths)) == 6
    assert widths[-1] < 8


def test_without_room_the_weights_are_told_where_the_pointer_rests():
    net = ng.mlp([9, 14, 3], seed=0)
    svg = drawn(net)
    assert not svg.labels("weight")
    for k, ((source, target), weight) in enumerate(ng.weights(net).items()):
        assert svg.title(svg.edge(k)) == f"{source} → {target}\nweight {number(weight)}"


def test_a_frozen_edge_has_its_class():
    net = ng.load(IRIS)
    svg = drawn(net)
    frozen = [not trainable for _, _, trainable in net.edges(data="trainable", default=True)]
    assert [("ng-frozen" in svg.edge(k).get("class")) for k in range(len(frozen))] == frozen
    assert sum(frozen) == 8


@pytest.mark.parametrize("path", [TEXT, XOR, IRIS], ids=lambda path: path.stem)
def test_a_trace_puts_values_deltas_and_gradients_in_their_places(path):
    net = ng.load(path)
    X, Y = random_data(np.random.default_rng(0), net, samples=1)
    trace = ng.backward(net, X[0], Y[0])
    svg = drawn(net, trace)
    for i, neuron in enumerate(net):
        assert svg.text_of(svg.neuron(i), "value") == number(trace.value[neuron])
        delta = svg.text_of(svg.neuron(i), "delta")
        assert delta == (f"δ {number(trace.delta[neuron])}" if neuron in trace.delta else None)
    gradients = svg.labels("gradient")
    assert len(gradients) > 5
    for k, edge in enumerate(net.edges):
        assert svg.title(svg.edge(k)).endswith(f"\ngradient {number(trace.gradient[edge])}")
        assert gradients.get(k) in (None, f"∇ {number(trace.gradient[edge])}")
    assert f"loss {number(trace.loss)}" in ["".join(each.itertext()) for each in svg.all("ng-caption")]


def test_a_forward_trace_shows_values_alone():
    net = ng.load(TEXT)
    svg = drawn(net, ng.forward(net, [0.5]))
    assert svg.text_of(svg.neuron(5), "value") == "0.577"
    assert not svg.all("ng-delta")
    assert not svg.all("ng-gradient")
    assert not drawn(net).all("ng-value")


def test_of_many_samples_one_is_shown_and_named():
    net = ng.load(TEXT)
    X = [[0.5], [-1.0], [2.0]]
    trace = ng.forward(net, X)
    for sample in range(3):
        svg = drawn(net, trace, sample=sample)
        assert svg.text_of(svg.neuron(8), "value") == number(ng.forward(net, X[sample]).outputs[0])
        assert f"sample {sample + 1} of 3" in ["".join(each.itertext()) for each in svg.all("ng-caption")]
    assert ng.draw(net, trace).svg == ng.draw(net, trace, sample=0).svg


def test_a_step_lights_its_neuron_its_edges_and_writes_its_arithmetic():
    net = ng.load(TEXT)
    (step,) = [step for step in ng.forward_steps(net, [0.5]) if step.neuron == 6]
    svg = drawn(net, step=step)
    edges = list(net.edges)
    assert [each.get("data-neuron") for each in svg.all("ng-neuron", "ng-lit")] == ["5"]
    lit = {edges[int(each.get("data-edge"))] for each in svg.all("ng-edge", "ng-lit")}
    assert lit == {(3, 6), (4, 6), (5, 6)}
    assert "\n".join("".join(each.itertext()) for each in svg.all("ng-arithmetic")) == str(step)


def test_a_delta_lights_what_the_neuron_feeds_and_a_gradient_its_edge():
    net = ng.load(TEXT)
    edges = list(net.edges)
    steps = list(ng.backward_steps(net, [0.5], [1.0]))
    delta = drawn(
        net,
        step=next(s for s in steps if s.neuron == 4 and s.edge is None and s.terms and "delta" in s.title()),
    )
    assert {edges[int(each.get("data-edge"))] for each in delta.all("ng-edge", "ng-lit")} == {(4, 6), (4, 7)}
    assert [each.get("data-neuron") for each in delta.all("ng-neuron", "ng-lit")] == ["3"]
    gradient = drawn(net, step=next(s for s in steps if s.edge == (4, 6)))
    assert {edges[int(each.get("data-edge"))] for each in gradient.all("ng-edge", "ng-lit")} == {(4, 6)}
    assert not gradient.all("ng-neuron", "ng-lit")


def test_a_trace_whose_outputs_are_others_is_refused_though_its_neurons_are_all_there():
    net, other = ng.example_network(), ng.mlp([1, 2, 1], seed=0)
    assert set(other) < set(net)
    with pytest.raises(ng.OptionError, match="it has outputs, and none of neuron 9"):
        ng.draw(net, ng.forward(other, [0.5]))


def test_a_trace_or_a_step_of_another_network_is_refused():
    net, other = ng.load(TEXT), ng.load(XOR)
    trace = ng.backward(other, [1, 0], [1])
    step = list(ng.forward_steps(other, [1, 0]))[-1]
    with pytest.raises(ng.OptionError, match="not in the network"):
        ng.draw(net, trace)
    with pytest.raises(ng.OptionError, match="not in the network"):
        ng.draw(net, step=step)
    net.remove_edge(8, 9)
    with pytest.raises(ng.OptionError, match="edge 8 → 9"):
        ng.draw(net, ng.backward(ng.load(TEXT), [0.5], [1.0]))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"trace": {}}, "a Trace"),
        ({"step": "x"}, "a Step"),
        ({"sample": 0}, "a trace, too"),
        ({"theme": "drak"}, "did you mean 'dark'"),
        ({"most_neurons": 0}, "at least 1"),
        ({"most_edges": 1.5}, "an integer"),
    ],
)
def test_options_that_cannot_be_are_refused(options, match):
    with pytest.raises(ng.OptionError, match=match):
        ng.draw(ng.example_network(), **options)


def test_a_sample_that_is_not_there_is_refused():
    net = ng.example_network()
    with pytest.raises(ng.OptionError, match="from 0 to 1"):
        ng.draw(net, ng.forward(net, [[0.5], [1.0]]), sample=2)


# ── findings ─────────────────────────────────────────────────────────────────────────────────────

MARKS = {"cycle": "cycle", "self-loop": "cycle", "dead-end": "dead", "unreachable": "dead"}


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.json")), ids=lambda path: path.stem)
def test_what_a_check_finds_is_drawn_in_place_and_told(path):
    net = ng.load(path, strict=False)
    svg, keys, edges = drawn(net), list(net), list(net.edges)
    told = " ".join("".join(each.itertext()).strip() for each in svg.all("ng-finding"))
    for finding in ng.check(net).findings:
        mark = MARKS.get(finding.code, "problem")
        if finding.severity == "error" or finding.code in MARKS:
            assert f"{finding.code}: " in told
            for neuron in finding.neurons:
                classes = svg.neuron(keys.index(neuron)).get("class").split()
                assert {f"ng-{mark}", "ng-cycle", "ng-problem"} & set(classes)
            for edge in finding.edges:
                classes = svg.edge(edges.index(edge)).get("class").split()
                assert {f"ng-{mark}", "ng-cycle"} & set(classes)


def test_skip_edges_are_those_that_pass_a_level():
    net = ng.load(XOR)
    svg, edges = drawn(net), list(net.edges)
    skips = {edges[int(each.get("data-edge"))] for each in svg.all("ng-edge", "ng-skip")}
    assert skips == {("a", "xor"), ("b", "xor"), ("one", "xor")}
    assert not drawn(ng.load(TEXT)).all("ng-skip")


def test_a_network_as_in_the_text_shows_no_finding():
    svg = drawn(ng.load(TEXT))
    assert not svg.all("ng-finding")
    assert not svg.all("ng-halo", "ng-lit")


def test_an_edge_against_the_columns_is_drawn_from_its_source_to_its_target_too():
    net = ng.load(BROKEN / "cycles.json", strict=False)
    svg, k = drawn(net), list(net.edges).index((7, 4))
    seven, four = svg.centre(list(net).index(7)), svg.centre(list(net).index(4))
    assert seven[0] > four[0]
    assert math.dist(svg.line(k)[0], seven) < 30
    assert math.dist(svg.tip(k), four) < 32
    assert max(y for _, y in svg.line(k)) > max(seven[1], four[1]) + 20


# ── themes, classes, the player ──────────────────────────────────────────────────────────────────


def test_the_theme_is_a_class_and_the_plain_colours_fit_it():
    net = ng.example_network()
    pages = {theme: Svg(ng.draw(net, theme=theme).svg) for theme in ("auto", "light", "dark")}
    papers = {theme: svg.all("ng-paper")[0].get("fill") for theme, svg in pages.items()}
    assert papers["auto"] == papers["light"] == "#ffffff"
    assert int(papers["dark"][1:3], 16) < 0x40
    for theme, svg in pages.items():
        assert svg.root.get("class") == f"ng-drawing ng-theme-{theme}"


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_is_legible_on_what_is_behind_it(theme):
    from neurograph.view.looks import THEMES

    colours = THEMES[theme]
    for text in ("ink", "faint", "positive", "negative", "delta", "cycle", "problem"):
        assert contrast(colours[text], colours["paper"]) >= 4.5, text
    for fill in ("input", "bias", "hidden", "output"):
        assert contrast(colours["ink"], colours[fill]) >= 4.5, fill
        assert contrast(colours[f"{fill}-line"], colours["paper"]) >= 3, fill


def test_the_signs_differ_for_the_colour_blind():
    """In the red-green confusion of Viénot, Brettel and Mollon 1999 blue and orange stay far apart."""
    from neurograph.view.looks import DARK, LIGHT

    def as_deuteranope(colour):
        r, g, b = (((int(colour[i : i + 2], 16) / 255) ** 2.2) for i in (1, 3, 5))
        long, short = 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b
        return np.array([long, long, max(short, 0.0)]) ** (1 / 2.2)

    for colours in (LIGHT, DARK):
        apart = np.abs(as_deuteranope(colours["positive"]) - as_deuteranope(colours["negative"])).max()
        assert apart > 0.3


def test_the_drawing_for_the_player_has_a_place_for_every_number():
    net = ng.example_network()
    svg = Svg(live_svg(net))
    for i, neuron in enumerate(net):
        group = svg.neuron(i)
        assert svg.text_of(group, "value") == "—"
        assert (svg.text_of(group, "delta") == "δ —") == (ng.kind(net, neuron) in ("hidden", "output"))
    assert {each.get("class") for each in svg.all("ng-empty")} == {"ng-value ng-empty", "ng-delta ng-empty"}
    assert len(svg.all("ng-empty")) == 9 + 5
    for k in range(net.number_of_edges()):
        assert [part.get("class") for part in svg.edge(k)[1:]] == ["ng-touch", "ng-line", "ng-arrow"]
    assert not svg.all("ng-legend")


def test_a_drawing_says_in_words_what_it_is():
    svg = drawn(ng.example_network())
    assert svg.root.get("role") == "img"
    assert svg.root[0].text == "Network of 9 neurons and 12 edges"
    assert svg.root[1].text == "4 layers from left to right; 1 input, 3 bias, 4 hidden, 1 output."


# ── collapsed ────────────────────────────────────────────────────────────────────────────────────


def test_a_large_network_is_collapsed_into_a_box_for_each_layer():
    net = ng.mlp([40, 30, 20, 10], seed=0)
    drawing = ng.draw(net, most_edges=100)
    svg = Svg(drawing.svg)
    boxes = [[("".join(t.itertext())) for t in box.iter(f"{SVG}text")] for box in svg.all("ng-layer")]
    sizes = [len(layer) for layer in ng.layers(net)]
    assert boxes == [
        ["layer 1", f"{sizes[0]} neurons", "40 input, 1 bias"],
        ["layer 2", f"{sizes[1]} neurons", "tanh", "1 bias"],
        ["layer 3", f"{sizes[2]} neurons", "tanh", "1 bias"],
        ["layer 4", f"{sizes[3]} neurons", "tanh", "10 output"],
    ]
    layer_of = {neuron: i for i, layer in enumerate(ng.layers(net)) for neuron in layer}
    counts = Counter((layer_of[s], layer_of[t]) for s, t in net.edges)
    told = [svg.title(group).split("\n") for group in svg.all("ng-band-group")]
    assert told == [[f"{i + 1} → {j + 1}", f"{counts[i, j]:,} edges"] for i, j in sorted(counts)]
    assert drawing.collapsed == f"{net.number_of_edges():,} edges are more than most_edges=100"
    assert drawing.collapsed in " ".join("".join(each.itertext()) for each in svg.all("ng-caption"))
    assert not svg.all("ng-neuron")


def test_the_limits_are_met_exactly():
    net = ng.mlp([4, 4], seed=0)
    neurons, edges = len(net), net.number_of_edges()
    assert not ng.draw(net, most_neurons=neurons, most_edges=edges).collapsed
    assert ng.draw(net, most_neurons=neurons - 1).collapsed.startswith(f"{neurons} neurons")
    assert ng.draw(net, most_edges=edges - 1).collapsed.startswith(f"{edges} edges")


def test_every_edge_of_a_collapsed_network_is_counted_somewhere():
    for net in some_networks(15, hidden=20, inputs=4):
        svg = Svg(ng.draw(net, most_edges=1).svg)
        shown = [svg.title(group).split("\n")[1] for group in svg.all("ng-band-group")]
        total = sum(int(text.split()[0].replace(",", "")) for text in shown)
        caption = " ".join("".join(each.itertext()) for each in svg.all("ng-caption"))
        elsewhere = map(int, re.findall(r"(\d+) edges? (?:inside|of thinner)", caption))
        assert total + sum(elsewhere) == net.number_of_edges()


def test_a_chain_of_many_levels_shares_boxes():
    net = nx.path_graph(5000, create_using=nx.DiGraph)
    nx.set_node_attributes(net, "hidden", "kind")
    svg = Svg(ng.draw(net).svg)
    boxes = svg.all("ng-layer")
    assert 2 < len(boxes) <= 12
    names = [svg.text_of(box, "column-name") for box in boxes]
    assert names[0].startswith("layers 1 to ")
    assert names[-1].endswith(" 5000")


def test_a_cycle_in_a_large_network_is_a_band_backwards():
    net = ng.mlp([200, 100, 20], seed=0)
    net.add_edge(320, 210, weight=1.0)
    svg = Svg(ng.draw(net).svg)
    (band,) = svg.all("ng-band-group", "ng-cycle")
    assert svg.title(band).split("\n")[1] == "1 edge"
    assert any("cycle: " in "".join(each.itertext()) for each in svg.all("ng-finding"))
