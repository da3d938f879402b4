"""The page around the player: what it refuses, what it lets through, how it lives in files and notebooks."""

import base64
import hashlib
import json
import re

import nbformat
import networkx as nx
import numpy as np
import pytest
from browser import contrast
from hostile import LABELS
from nbconvert import HTMLExporter
from playing import Player

import neurograph as ng
from neurograph.markup import readable
from neurograph.network.schema import KINDS, key_problem
from neurograph.walk.notation import name, number

PAGE = ng.explore(ng.example_network(), [[0.5], [-1.0]], [[1.0], [0.0]])


# ── at the door ──────────────────────────────────────────────────────────────────────────────────


def test_an_activation_of_your_own_is_refused_since_a_browser_cannot_run_it():
    ng.register_activation("page_bent", lambda z: np.arctan(z), lambda z: 1 / (1 + z * z))
    net = ng.example_network()
    net.nodes[6]["activation"] = "page_bent"
    with pytest.raises(ng.OptionError, match=r"neurons 6: the activation 'page_bent' is your own") as caught:
        ng.explore(net)
    assert caught.value.code == "not-built-in"


@pytest.mark.parametrize(
    ("net", "X", "message"),
    [
        (
            lambda: ng.mlp([200, 100, 1], seed=0),
            None,
            "net: the network has 303 neurons; expected at most 300",
        ),
        (
            lambda: ng.mlp([60, 40, 1], seed=0),
            None,
            "net: the network has 2,481 edges; expected at most 2,000",
        ),
        (ng.example_network, np.zeros((1001, 1)), "X: 1,001 rows; expected at most 1,000"),
    ],
)
def test_what_is_too_large_to_be_read_is_refused_with_what_to_do(net, X, message):
    with pytest.raises((ng.OptionError, ng.DataError), match=message) as caught:
        ng.explore(net(), X)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"loss": "square"}, "did you mean 'squared'"),
        ({"loss": "cross_entropy", "Y": [[2.0]]}, "Y, row 0"),
        ({"learning_rate": -1}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"theme": "drak"}, "did you mean 'dark'"),
        ({"title": 3}, "title"),
        ({"X": [[0.5, 1.0]]}, "X: has 2 columns"),
        ({"Y": [[0.5], [1.0]]}, "1 samples in X and 2 in Y"),
        ({"X": np.zeros((0, 1))}, "at least one sample"),
    ],
)
def test_bad_arguments_are_errors_of_the_library(options, error):
    given = {"X": [[0.5]], "Y": [[1.0]]} | options
    with pytest.raises(ng.NeurographError, match=re.escape(error)):
        ng.explore(ng.example_network(), given.pop("X"), given.pop("Y"), **given)


def test_a_network_with_errors_is_refused_with_all_of_them():
    net = ng.example_network()
    net.add_edge(6, 3, weight=1.0)
    with pytest.raises(ng.InvalidNetworkError, match="3 → 6 → 3"):
        ng.explore(net)


def test_the_network_is_only_read():
    net = ng.example_network()
    before = ng.dumps(net)
    page = ng.explore(net, [[0.5]])
    net.edges[4, 6]["weight"] = 7.0
    assert '"weight": -0.25' in page.html
    net.edges[4, 6]["weight"] = -0.25
    assert ng.dumps(net) == before


def test_a_network_that_cannot_be_saved_can_be_explored_without_a_file(visit):
    net = nx.relabel_nodes(ng.example_network(), {6: (6, "b")})
    player = Player(visit(ng.explore(net, [[0.5]], [[1.0]]).html))
    player.press("End")
    assert player.position == player.last
    assert not player.find(".ng-card-file").count()


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_written_whole(tmp_path):
    PAGE.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == PAGE.html
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    with pytest.raises(OSError, match="gone"):
        PAGE.save(tmp_path / "gone" / "page.html")


def test_the_policy_allows_the_script_of_the_page_and_nothing_else():
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', PAGE.html)[1].replace("&#x27;", "'")
    (code,) = re.findall(r"<script>(.*?)</script>", PAGE.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; ")
    assert f"script-src 'sha256-{digest}';" in policy
    assert PAGE.html.count("<script") == 2
    assert not re.search(r"https?://(?!www\.w3\.org/)", PAGE.html)
    assert not re.search(r"\s(on\w+|href|src)=", PAGE.html.replace(code, ""))


def test_the_script_never_makes_markup_from_text(player_script):
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "import(",
    )
    assert not [word for word in forbidden if word in player_script]
    assert not re.search(r"set(Timeout|Interval)\(\s*['\"`]", player_script)
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", player_script
    )


def test_a_foreign_script_does_not_run_in_the_page(browser, tmp_path):
    html = PAGE.html.replace("</main>", "</main><script>document.title = 'taken'</script>")
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    tab = browser.new_page()
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto((tmp_path / "page.html").as_uri())
    Player(tab).press("ArrowRight")
    assert Player(tab).title == "neuron 1"
    assert tab.title() == "A neural network, step by step"
    assert "violates the following Content Security Policy directive" in complaints[0]
    tab.close()


def test_the_script_runs_as_a_module_too(visit, player_script):
    module = (
        player_script + "\nexport default { render() {} };\nglobalThis.made = typeof neurographPlayer.start;"
    )
    tab = visit(f"<!doctype html><title>module</title><script type='module'>{module}</script>")
    assert tab.evaluate("globalThis.made") == "function"


# ── where scripts do not run, and in notebooks ───────────────────────────────────────────────────


def test_without_scripts_there_are_the_picture_and_a_sentence(visit):
    tab = visit(PAGE.html, java_script_enabled=False)
    assert tab.locator("svg.ng-drawing").is_visible()
    assert tab.get_by_text("This is the network as it stands").is_visible()
    assert (
        tab.locator(".ng-weight").all_text_contents()
        == [
            number(weight)
            for _, weight in sorted(ng.weights(ng.example_network()).items(), key=lambda each: abs(each[1]))
        ]
        or len(tab.locator(".ng-weight").all_text_contents()) == 12
    )
    assert not tab.locator("button").count()


def notebook(*pages):
    """An HTML export of a notebook whose cells show pages."""
    cells = []
    for page in pages:
        shown = {"text/html": page._repr_html_(), "text/plain": repr(page)}
        output = nbformat.v4.new_output("display_data", shown)
        cells.append(nbformat.v4.new_code_cell("page", outputs=[output]))
    exporter = HTMLExporter(template_name="basic")
    body, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    return f"<!doctype html><meta charset='utf-8'><title>notebook</title><body>{body}"


def test_two_players_in_an_exported_notebook_size_themselves_and_do_not_disturb_each_other(visit):
    other = ng.explore(ng.mlp([2, 3, 1], seed=1), [[1.0, -1.0]], [[0.5]])
    tab = visit(notebook(PAGE, other))
    frames = tab.locator("iframe.ng-frame")
    first, second = (Player(frames.nth(i).content_frame) for i in range(2))
    for i, player in enumerate((first, second)):
        height = player.root.evaluate("(root) => root.scrollHeight")
        player.wait(lambda i=i, height=height: abs(frames.nth(i).bounding_box()["height"] - height) <= 1)
        assert 600 < height < 4000
    first.press("ArrowRight", 6)
    assert (first.position, second.position) == (6, 0)
    second.click("One point")
    assert (first.title, second.title) == ("neuron 6", "Training")
    assert first.value(5) == number(ng.forward(ng.example_network(), [0.5]).value[6])


def test_a_notebook_that_has_lost_frames_and_scripts_still_shows_the_picture(visit):
    html = PAGE._repr_html_()
    stripped = re.sub(r"<(iframe|script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    tab = visit(f"<!doctype html><meta charset='utf-8'><title>stripped</title>{stripped}")
    assert tab.locator("svg.ng-drawing").is_visible()
    assert tab.locator(".ng-function").all_text_contents() == ["logistic"] * 5


def test_in_a_frame_the_weights_can_be_downloaded_and_copied(visit):
    tab = visit(notebook(PAGE), permissions=["clipboard-read", "clipboard-write"])
    player = Player(tab.locator("iframe.ng-frame").content_frame)
    with tab.expect_download() as download:
        player.click("Download")
    text = download.value.path().read_text(encoding="utf-8")
    assert ng.weights(ng.loads(text)) == ng.weights(ng.example_network())
    player.click("Copy")
    player.root.get_by_text("Copied.").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == text


@pytest.mark.parametrize("theme", ["auto", "light"])
def test_a_frame_is_light_or_dark_as_the_page_around_it_has_chosen(visit, theme):
    page = ng.explore(ng.example_network(), [[0.5]], theme=theme)
    tab = visit(notebook(page), color_scheme="light")
    player = Player(tab.locator("iframe.ng-frame").content_frame)

    def is_dark():
        papers = player.root.evaluate("""(root) => [document.body, root, root.querySelector(".ng-card")]
            .map((node) => getComputedStyle(node).backgroundColor)""")
        lights = [sum(map(int, re.findall(r"\d+", paper)[:3])) < 3 * 128 for paper in papers]
        assert len(set(lights)) == 1
        return lights[0]

    assert not is_dark()
    for scheme in ("dark", "light", "dark", "normal"):
        tab.evaluate("(scheme) => { document.body.style.colorScheme = scheme; }", scheme)
        dark = scheme == "dark" and theme == "auto"
        player.wait(lambda dark=dark: is_dark() == dark)
        tab.wait_for_timeout(50)
        assert is_dark() == dark
    player.press("ArrowRight")
    assert player.position == 1


def test_a_frame_can_reach_nothing_around_it():
    frame = re.search(r"<iframe[^>]*?srcdoc=", PAGE._repr_html_())[0]
    assert 'sandbox="allow-scripts allow-downloads"' in frame


def test_two_players_in_one_document_do_not_disturb_each_other(visit):
    main = PAGE.html[PAGE.html.index("<main") : PAGE.html.index("</main>") + len("</main>")]
    tab = visit(PAGE.html.replace(main, main + main.replace("-0.25", "1.25")))
    first, second = (Player(tab.locator("body"), f".ng-player >> nth={i}") for i in range(2))
    first.press("ArrowRight", 9)
    assert (first.position, second.position) == (9, 0)
    second.press("End")
    assert (first.position, second.position) == (9, second.last)
    second.find(".ng-points input").nth(1).check()
    assert first.find(".ng-points input").nth(0).is_checked()
    first.click("One epoch")
    weights = [ng.weights(ng.loads(player.exported()))[4, 6] for player in (first, second)]
    assert weights[0] != -0.25
    assert weights[1] == 1.25


# ── labels ───────────────────────────────────────────────────────────────────────────────────────

KEYS = [label for label in LABELS if not key_problem(label)]


def hostile_network(labels):
    """A network with hostile keys for inputs, bias, hidden and output neurons."""
    net = nx.DiGraph()
    for i, label in enumerate(labels):
        kind = ("input", "hidden", "output", "bias")[i % 4]
        net.add_node(label, kind=kind)
        if kind in ("hidden", "output"):
            net.nodes[label]["activation"] = "tanh"
    by_kind = {kind: [n for n in net if net.nodes[n]["kind"] == kind] for kind in KINDS}
    for i, hidden in enumerate(by_kind["hidden"]):
        net.add_edge(by_kind["input"][i], hidden, weight=0.5, why=labels[i])
        net.add_edge(by_kind["bias"][i % len(by_kind["bias"])], hidden, weight=-0.5)
        net.add_edge(hidden, by_kind["output"][i % len(by_kind["output"])], weight=0.25)
    return net


def test_hostile_labels_stay_text_in_every_place(visit):
    assert len(KEYS) >= 30
    net = hostile_network(KEYS)
    page = ng.explore(net, [[0.5] * len(ng.inputs(net))], [[1.0] * len(ng.outputs(net))], title=KEYS[0])
    tab = visit(page.html)
    player = Player(tab)
    assert tab.title() == tab.locator("h1").text_content() == KEYS[0]
    shown = [readable(n) for n in net]
    data = player.root.evaluate("(root) => root.player.app.network.neurons.map((neuron) => neuron.label)")
    assert data == shown
    titles = [
        player.text(f'.ng-neuron[data-neuron="{i}"] title').rpartition("\n")[0] for i in range(len(net))
    ]
    assert titles == shown
    heads = player.find(".ng-points thead tr").nth(1).locator("th").all_text_contents()
    columns = [*ng.inputs(net), *ng.outputs(net), *ng.outputs(net)]
    assert heads == [readable(n) for n in columns]
    seen = player.root.evaluate("""(root) => root.player.app.steps.map(() => {
        root.querySelector('[title^=Next]').click();
        return root.querySelector('.ng-card-step').textContent;
    })""")
    assert all(any(name(n) in text for text in seen) for n in net)
    player.find(".ng-card-weight select").select_option(index=3)
    player.click("One epoch")
    ng.loads(player.exported())
    assert json.loads(player.exported())["nodes"][0]["id"] == next(iter(net))


def test_the_same_labels_do_harm_where_they_are_written_as_markup(browser):
    tab = browser.new_page()
    fired = set()
    tab.expose_function("pwned", lambda i: fired.add(i))
    for label in (key for key in KEYS if "refresh" not in key):
        tab.set_content(f"<!doctype html><title>naive</title><p title='{label}'>{label}</p>")
        tab.wait_for_timeout(20)
    tab.close()
    assert len(fired) >= 12


# ── for everybody ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [320, 400, 700, 1000, 1280, 1900])
def test_the_page_fits_every_width(visit, width):
    tab = visit(PAGE.html, width=width)
    player = Player(tab)
    player.step_to("delta of neuron 4")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    outside = player.root.evaluate("""(root) => [...root.querySelectorAll("button, select, input, .ng-card")]
        .map((each) => each.getBoundingClientRect())
        .filter((box) => box.width && (box.left < 0 || box.right > innerWidth)).length""")
    assert outside == 0


def test_every_control_has_a_name(visit):
    tab = visit(PAGE.html)
    nameless = tab.evaluate("""() => [
        ...document.querySelectorAll("button, select, input, textarea, [role=slider]"),
    ].filter((each) => !each.ariaLabel && !each.textContent.trim() && !each.labels?.[0]?.textContent.trim())
        .map((each) => each.outerHTML)""")
    assert nameless == []
    assert tab.locator(".ng-sentence").get_attribute("aria-live") == "polite"
    assert tab.locator("button, select, input").count() > 20


def test_the_focus_can_be_seen(visit):
    tab = visit(PAGE.html)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    style = tab.evaluate("""() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return outlineStyle + outlineWidth;
    }""")
    assert style == "solid2px"


def test_reduced_motion_is_respected(visit):
    durations = [
        visit(PAGE.html, name=f"{motion}.html", reduced_motion=motion).evaluate(
            "getComputedStyle(document.querySelector('.ng-fill')).transitionDuration"
        )
        for motion in ("reduce", "no-preference")
    ]
    assert durations[0] == "0s"
    assert durations[1] != "0s"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(visit, theme, scheme):
    tab = visit(ng.explore(ng.example_network(), [[0.5]], [[1.0]], theme=theme).html, color_scheme=scheme)
    Player(tab).press("ArrowRight", 6)
    colours = tab.evaluate("""() => [".ng-sentence", ".ng-note", "h2", ".ng-count", "td"].map((selector) => {
        const colour = getComputedStyle(document.querySelector(selector)).color;
        const paper = getComputedStyle(document.querySelector(".ng-card")).backgroundColor;
        return [colour, paper].map((text) => text.match(/\\d+/g).slice(0, 3).map(Number));
    })""")
    assert min(contrast(*pair) for pair in colours) >= 4.5
    is_dark = sum(colours[0][1]) < 3 * 128
    assert is_dark == ((scheme if theme == "auto" else theme) == "dark")
