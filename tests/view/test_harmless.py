"""Labels of anybody in drawings, exports and displays: they are text, in a real browser, too."""

import html
import json
import random
import re
import xml.etree.ElementTree as ET

import networkx as nx
import pytest
from hostile import LABELS, network_of
from pictures import Svg

import neurograph as ng
from neurograph.markup import json_block, readable

FEW = 5  # labels in one network, so that each is drawn with its name
GROUPS = [LABELS[i : i + FEW] for i in range(0, len(LABELS), FEW)]


def shown_label(label):
    """What a drawing calls a neuron: its key, made readable; an empty key as its repr."""
    return readable(label) or "''"


def trace_of(net):
    """A trace of a network that no walk goes through, since its functions are not known."""
    trace = ng.Trace(value=dict.fromkeys(net, 0.5), delta=dict.fromkeys(net, -0.25), loss=0.125)
    trace.gradient = dict.fromkeys(net.edges, 0.5)
    return trace


def sound_network_of(labels):
    """A network that runs, with these labels as keys."""
    net = nx.DiGraph()
    net.add_node("in", kind="input")
    for label in labels:
        net.add_node(label, kind="hidden", activation="tanh")
        net.add_edge("in", label, weight=0.5)
    net.add_node("out", kind="output", activation="tanh")
    net.add_edges_from(((label, "out") for label in labels), weight=-0.5)
    return net


def drawings(labels):
    """Every kind of picture with these labels in every place they can go."""
    net = network_of(labels)
    yield "plain", ng.draw(net).svg
    yield "trace", ng.draw(net, trace_of(net), theme="dark").svg
    yield "collapsed", ng.draw(net, most_neurons=1).svg
    sound = sound_network_of(labels)
    steps = list(ng.backward_steps(sound, [0.5], [1.0]))
    for label in labels:
        step = next(step for step in steps if step.neuron == label)
        yield "step", ng.draw(sound, step=step).svg


def displays(labels):
    """Every display of a notebook with these labels in it."""
    net, sound = network_of(labels), sound_network_of(labels)
    yield ng.check(net)._repr_html_()
    yield ng.backward(sound, [0.5], [1.0])._repr_html_()
    yield ng.compile_network(sound, backend="numpy")._repr_html_()
    for step in ng.backward_steps(sound, [0.5], [1.0]):
        yield f"<p>{html.escape(step._repr_latex_())}</p>"  # a notebook escapes LaTeX itself
    yield ng.fit(sound, [[0.5]], [[0.5]], epochs=2)._repr_html_()
    yield ng.restarts(sound, [[0.5]], [[0.5]], n=3, epochs=2)._repr_html_()


# ── without a browser ────────────────────────────────────────────────────────────────────────────

SVG_TAGS = {"svg", "g", "path", "text", "tspan", "title", "desc", "style"}
SVG_ATTRIBUTES = {
    "class", "role", "width", "height", "viewBox", "font-family", "fill", "fill-opacity", "stroke",
    "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-dasharray", "font-weight", "font-size",
    "text-anchor", "unicode-bidi", "d", "x", "y", "dy", "data-edge", "data-neuron", "data-name",
    "data-column",
    "{http://www.w3.org/XML/1998/namespace}space",
}  # fmt: skip
HTML_TAGS = {
    "div",
    "p",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "bdi",
    "svg",
    "title",
    "path",
    "rect",
}


@pytest.mark.parametrize("labels", GROUPS, ids=range(len(GROUPS)))
def test_a_drawing_has_known_tags_and_attributes_only(labels):
    styles = set()
    for _, text in drawings(labels):
        for each in ET.fromstring(text).iter():
            assert each.tag.removeprefix("{http://www.w3.org/2000/svg}") in SVG_TAGS
            assert set(each.attrib) <= SVG_ATTRIBUTES
            if each.tag.endswith("style"):
                styles.add(each.text)
    assert len(styles) == 1  # one style sheet for all of them: nothing of a user goes into it
    assert "url(" not in "".join(styles)
    assert "@import" not in "".join(styles)


@pytest.mark.parametrize("labels", GROUPS, ids=range(len(GROUPS)))
def test_each_label_reads_back_from_name_attribute_and_tooltip(labels):
    net = network_of(labels)
    svg = Svg(ng.draw(net, trace_of(net)).svg)
    for i, label in enumerate(net):
        group, expected = svg.neuron(i), shown_label(label)
        assert group.get("data-name") == expected
        assert svg.title(group).startswith(f"{expected}\n")
        name = svg.text_of(group, "name")
        assert name == expected or (name.endswith("…") and set(expected) >= set(name) - {"…"}), ascii(name)
        function = svg.text_of(group, "function")
        assert label in ("in", "out", "") or function[:3] == expected[:3] or function == "…"
    for k, (source, target) in enumerate(net.edges):
        title = svg.title(svg.edge(k))
        assert title.startswith(f"{shown_label(source)} → {shown_label(target)}\n")


ALPHABET = (
    *"<>&\"'`=/\\!-?[](){};:#%$^~|_ \t\r\n.,+*0aZ", "\x00", "\x1b", "\x7f", "\x85", "\x9b", "\ufffe",
    "\uffff", "\ud800", "\udfff", "\u2028", "\u202e", "\u2066", "\u0301", "\u0e33", "é", "数", "\U0001f9e0",
    "\U0010ffff", "<script>", "</title>", "]]>", "&amp;", "&#0;", "<!--", "-->", "<![CDATA[", "onload=",
)  # fmt: skip


def test_ten_thousand_random_labels_give_well_formed_drawings():
    chance = random.Random(0)
    seen = 0
    for _ in range(250):
        labels = ["".join(chance.choices(ALPHABET, k=chance.randint(1, 12))) for _ in range(40)]
        net = nx.DiGraph()
        net.add_nodes_from(((label, i) for i, label in enumerate(labels)), kind="hidden", activation="tanh")
        net.add_edges_from(zip(net, list(net)[1:], strict=False), weight=0.5)
        svg = Svg(ng.draw(net).svg)
        for i, label in enumerate(net):
            assert svg.neuron(i).get("data-name") == readable(label)
            assert svg.title(svg.neuron(i)).startswith(readable(label))
        seen += len(labels)
    assert seen == 10_000


@pytest.mark.parametrize("labels", GROUPS, ids=range(len(GROUPS)))
def test_a_display_has_known_tags_and_no_attribute_that_acts(labels):
    for text in displays(labels):
        assert text
        root = ET.fromstring(f"<div>{text}</div>")
        for each in root.iter():
            assert each.tag.removeprefix("{http://www.w3.org/2000/svg}") in HTML_TAGS
            assert not [
                name for name in each.attrib if name.startswith("on") or "href" in name or name == "src"
            ]
            assert each.get("style") in (None, "text-align: left", "text-align: right")


# ── in the browser ───────────────────────────────────────────────────────────────────────────────

PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>notebook</title></head><body>{}</body></html>'


def naive(label):
    """What a renderer makes of a label when it does not think of what a label may be."""
    return (
        f'<div title="{label}"><svg xmlns="http://www.w3.org/2000/svg"><title>{label}</title><desc>{label}</desc>'
        f'<g data-name="{label}"><text x="9" y="9" class=\'{label}\'>{label}</text></g></svg>'
        f"<p>{label}</p><table><tr><td>{label}</td></tr></table>"
        f'<script type="application/json">{json.dumps(label)}</script></div>'
    )


def written(path, text):
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def test_the_harness_sees_a_naive_renderer_fail(observed, tmp_path):
    fired, asked = set(), set()
    for i, label in enumerate(LABELS):
        if len(label) < 1000:
            observed.open(written(tmp_path / f"{i}.html", PAGE.format(naive(label))))
            fired |= set(observed.fired)
            asked |= set(observed.requests)
    assert len(fired) >= 12
    assert len(asked) >= 3


@pytest.mark.parametrize("labels", GROUPS, ids=range(len(GROUPS)))
def test_nothing_runs_and_nothing_is_asked_for_in_a_notebook(observed, tmp_path, labels):
    parts = [text for _, text in drawings(labels)] + list(displays(labels))
    tab = observed.open(written(tmp_path / "notebook.html", PAGE.format("".join(parts))))
    assert tab.title() == "notebook"
    assert not observed.harm
    assert not observed.complaints
    found = tab.eval_on_selector_all(
        ".ng-drawing:first-child .ng-neuron",
        "all => all.map(g => [g.dataset.name,"
        " g.querySelector('title').textContent, g.querySelector('.ng-name').textContent])",
    )
    expected = [shown_label(label) for label in network_of(labels)]
    assert [name for name, _, _ in found] == expected
    for (_, title, name), label in zip(found, expected, strict=True):
        assert title.startswith(f"{label}\n")
        assert name == label or name.endswith("…")
    cells = tab.eval_on_selector_all("td", "all => all.map(td => td.textContent)")
    assert any(label in cell for cell in cells for label in ("tanh", "in")) or cells


@pytest.mark.parametrize("labels", GROUPS, ids=range(len(GROUPS)))
def test_nothing_runs_in_a_picture_that_stands_alone(observed, tmp_path, labels):
    for i, (_, text) in enumerate(drawings(labels)):
        tab = observed.open(written(tmp_path / f"{i}.svg", text))
        assert tab.evaluate("document.documentElement.tagName") == "svg"
        if i == 0:
            names = tab.eval_on_selector_all(".ng-neuron", "all => all.map(g => g.getAttribute('data-name'))")
            assert names == [shown_label(label) for label in network_of(labels)]
    assert not observed.harm
    assert not observed.complaints


def test_a_picture_is_readable_as_an_image_and_so_is_its_png(observed, tmp_path):
    drawing = ng.draw(network_of(LABELS[:FEW]))
    drawing.save(tmp_path / "net.svg")
    bundle = drawing._repr_mimebundle_()
    parts = '<img id="svg" src="net.svg"><img id="png" src="data:image/png;base64,{}">'.format(
        bundle["image/png"]
    )
    page = written(tmp_path / "page.html", PAGE.format(parts))
    observed.allowed = {(tmp_path / "net.svg").as_uri()}
    tab = observed.open(page)
    sizes = tab.eval_on_selector_all("img", "all => all.map(img => [img.naturalWidth, img.naturalHeight])")
    assert sizes == [[pytest.approx(drawing.width, abs=1), pytest.approx(drawing.height, abs=1)]] * 2
    assert not observed.harm


def test_a_data_block_reads_back_in_the_browser(observed, tmp_path):
    labels = [label for label in LABELS if len(label) < 1000]
    tab = observed.open(written(tmp_path / "data.html", PAGE.format(json_block(labels))))
    codes = tab.evaluate(
        "JSON.parse(document.querySelector('.ng-data').textContent)"
        ".map(text => Array.from({length: text.length}, (_, i) => text.charCodeAt(i)))"
    )
    units = [list(memoryview(label.encode("utf-16-le", "surrogatepass")).cast("H")) for label in labels]
    assert codes == units
    assert not observed.harm


def test_two_drawings_of_two_themes_on_one_page_do_not_disturb_each_other(observed, tmp_path):
    net = ng.example_network()
    parts = ng.draw(net, theme="dark").svg + ng.draw(net, theme="light").svg + '<p class="ng-name">mine</p>'
    tab = observed.open(written(tmp_path / "two.html", PAGE.format(parts)))
    fills = tab.eval_on_selector_all(".ng-paper", "all => all.map(each => getComputedStyle(each).fill)")
    assert fills == ["rgb(20, 24, 31)", "rgb(255, 255, 255)"]
    assert tab.eval_on_selector("p", "p => getComputedStyle(p).fontWeight") == "400"
    assert not tab.evaluate("document.querySelectorAll('[id]').length")


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 31)")])
def test_the_automatic_theme_follows_the_reader(browser, tmp_path, scheme, paper):
    page = written(tmp_path / "auto.html", PAGE.format(ng.draw(ng.example_network()).svg))
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.eval_on_selector(".ng-paper", "each => getComputedStyle(each).fill") == paper
    context.close()


@pytest.mark.parametrize("name", ["text", "xor", "iris"])
def test_in_a_real_font_no_text_is_cut_off_or_written_over_another(observed, tmp_path, name):
    from terminal import EXAMPLES

    net = ng.load(EXAMPLES / f"{name}.json")
    trace = ng.backward(net, [0.5] * len(ng.inputs(net)), [1.0] * len(ng.outputs(net)))
    tab = observed.open(written(tmp_path / "net.html", PAGE.format(ng.draw(net, trace).svg)))
    boxes = tab.eval_on_selector_all(
        ".ng-drawing text",
        "all => all.map(t => { const b = t.getBBox(); return [b.x, b.y, b.width, b.height]; })",
    )
    left, top, wide, high = map(float, tab.get_attribute(".ng-drawing", "viewBox").split())
    assert len(boxes) > 40
    for i, (x, y, w, h) in enumerate(boxes):
        assert left <= x
        assert x + w <= left + wide
        assert top <= y
        assert y + h <= top + high
        for a, b, c, d in boxes[:i]:
            across = min(x + w, a + c) - max(x, a)
            down = min(y + h, b + d) - max(y, b)
            assert across < 1 or down < 5, (i, boxes[i])  # boxes are higher than letters


# ── other languages ──────────────────────────────────────────────────────────────────────────────


def dot_strings(text):
    """The quoted labels of a DOT text, unescaped: a backslash makes n a line end, and keeps other signs."""
    for quoted in re.findall(r'label="((?:[^"\\]|\\.)*)"', text):
        plain = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), quoted)
        yield html.unescape(plain)


@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
def test_dot_reads_back_and_nothing_leaves_its_quotes(label):
    net = network_of([label])
    text = ng.to_dot(net)
    expected = re.sub("[\r\t]", " ", shown_label(label))
    found = list(dot_strings(text))
    assert f"{expected}\n{expected}" in found or f"{expected}\n''" in found
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert re.fullmatch(r"[\w\s{}\[\]=;,.>-]*", outside)
    assert outside.count("->") == net.number_of_edges()


TIKZ_SIGNS = {
    r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textless{}": "<",
    r"\textgreater{}": ">", r"\textbar{}": "|", r"\char34{}": '"', "-{}": "-", "`{}": "`", "'{}": "'",
    ",{}": ",", "?{}": "?", "!{}": "!", **{rf"\{sign}": sign for sign in "#$%&_{}"},
}  # fmt: skip
TIKZ_TOKEN = re.compile("|".join(map(re.escape, TIKZ_SIGNS)) + r"|[^#$%&_{}\\~^]", re.DOTALL)


@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
def test_tikz_reads_back_and_no_sign_of_a_label_is_a_command(label):
    text = ng.to_tikz(network_of([label]))
    (line,) = [line for line in text.split("\n") if "(n1) at" in line]
    place = r"\([-\d.]+, [-\d.]+\)"
    found = re.fullmatch(
        rf"  \\node\[hidden\] \(n1\) at {place} \{{(.*)\}}; \\node\[under\] at \(n1\.south\) \{{(.*)\}};",
        line,
    )
    texts = [part for part in (found[1], *found[2].split(r"{} \\ {}")) if part]
    assert len(texts) == (2 if label else 1) or label == ""
    for inner in texts:
        tokens = TIKZ_TOKEN.findall(inner)
        assert "".join(tokens) == inner
    plain = "".join(TIKZ_SIGNS.get(token, token) for token in TIKZ_TOKEN.findall(texts[0]))
    assert plain == re.sub("[\r\t\n]", " ", shown_label(label))


@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
def test_mermaid_reads_back_and_its_quotes_hold_letters_and_codes_only(label):
    net = network_of([label])
    text = ng.to_mermaid(net)
    (line,) = [line for line in text.split("\n") if line.startswith("  n1((")]
    inner = re.fullmatch(r'  n1\(\("(.*)"\)\):::hidden', line)[1]
    plain = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), inner)
    expected = shown_label(label)
    assert plain in (f"{expected} {expected}", f"{expected} ''")
    assert all(sign.isalnum() or sign in " _#;" for sign in inner)
    assert len(text.split("\n")) == 1 + len(net) + 2 * net.number_of_edges() + 4
