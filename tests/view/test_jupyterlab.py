"""In a real JupyterLab: drawings, pages and live widgets, and nothing leaves the machine."""

import ast
import re
from urllib.parse import unquote

import pytest
from hostile import LABELS
from lab import wait_for
from playing import Player
from terminal import ROOT

import neurograph as ng
from neurograph.markup import readable
from neurograph.network.schema import key_problem
from neurograph.walk.notation import number

pytestmark = pytest.mark.xdist_group("jupyterlab")  # one server serves all of them


@pytest.fixture
def open_notebook(lab, request):
    """Open notebooks; at the end of the test none may have complained or reached out."""
    opened = []

    def open_cells(*cells):
        name = re.sub(r"\W+", "-", request.node.name)
        opened.append(lab.open(f"{name}-{len(opened)}.ipynb", cells))
        return opened[-1]

    yield open_cells
    for notebook in opened:
        notebook.close()
        assert len(notebook.requests) > 10
        assert not notebook.strange_requests
        assert not notebook.complaints


START = "import neurograph as ng\nnet = ng.example_network()"


def test_a_drawing_is_seen_with_its_numbers(open_notebook):
    notebook = open_notebook(START, "ng.draw(net, ng.forward(net, [0.5]))")
    notebook.run(0)
    assert notebook.run(1) == "<Drawing of 9 neurons and 12 edges>"
    picture = notebook.output(1).locator("img")
    notebook.tab.wait_for_function("(picture) => picture.complete", arg=picture.element_handle())
    assert picture.evaluate("(picture) => picture.naturalWidth") > 300
    svg = unquote(picture.get_attribute("src"))
    assert svg.startswith("data:image/svg+xml")
    trace = ng.forward(ng.example_network(), [0.5])
    for neuron in (6, 9):
        assert f">{trace.value[neuron]:.3f}</text>" in svg


def test_a_cell_that_fails_a_request_that_leaves_and_an_error_of_a_page_are_seen(lab):
    notebook = lab.open("naughty.ipynb", ["1 / 0"])
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run(0)
    notebook.tab.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => 0)")
    notebook.tab.evaluate("() => { queueMicrotask(() => { throw new Error('on purpose'); }); }")
    notebook.close()
    assert notebook.strange_requests == ["http://127.0.0.1:9/"]
    assert "on purpose" in notebook.complaints[0]


# ── the player ───────────────────────────────────────────────────────────────────────────────────

NEURONS, EDGES = list(ng.example_network()), list(ng.example_network().edges)
X, Y = [[0.5], [-1.0]], [[1.0], [0.0]]
DATA = f"X, Y = {X}, {Y}"
LEARNED = "print(list(ng.weights(net).values()))"


def page_in(notebook, i):
    return Player(notebook.output(i).locator("iframe.ng-frame").content_frame)


def test_two_pages_step_each_for_itself_and_show_the_numbers_of_the_library(open_notebook):
    notebook = open_notebook(START, DATA, "ng.explore(net, X, Y)", "ng.explore(ng.mlp([2, 2, 1], seed=0))")
    shown = [notebook.run(i) for i in range(4)]
    assert shown[2].startswith("<Page of 9 neurons, 12 edges and 2 training points")
    first, second = page_in(notebook, 2), page_in(notebook, 3)
    trace = ng.backward(ng.example_network(), X[0], Y[0])
    first.step_to("neuron 6")
    assert first.formula[-1] == f"={number(trace.value[6])}"
    assert second.position == 0
    second.press("End")
    assert (first.title, second.position) == ("neuron 6", second.last)
    first.step_to("gradient of edge 4 → 6")
    assert first.formula[-1] == f"={number(trace.gradient[4, 6])}"
    for i in (2, 3):
        frame = notebook.output(i).locator("iframe.ng-frame")
        wait_for(lambda frame=frame: frame.get_attribute("height") != "1400", "the frame's height")


# ── the widget ───────────────────────────────────────────────────────────────────────────────────


def drag(player, edge, pixels):
    """Take an edge of the picture by the mouse and pull it to the right."""
    line = player.find(f'.ng-edge[data-edge="{EDGES.index(edge)}"] .ng-line')
    line.scroll_into_view_if_needed()
    x, y = line.evaluate(
        """(line) => {
            const point = line.getPointAtLength(0.25 * line.getTotalLength());
            const { x, y } = point.matrixTransform(line.getScreenCTM());
            return [x, y];
        }"""
    )
    mouse = player.root.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + pixels, y, steps=8)
    mouse.up()


def labels(player):
    return [player.label(k) for k in range(len(EDGES))]


def weights_in(notebook, i):
    """The weights of the graph, as a cell prints them."""
    return ast.literal_eval(notebook.run(i))


def as_labels(weights):
    return [number(weight) for weight in weights]


WIDGET = "live = ng.widget(net, X, Y)\nlive"


def test_a_weight_that_is_dragged_in_the_browser_is_read_in_a_cell(open_notebook):
    notebook = open_notebook(START, DATA, "ng.freeze(net, (1, 3))", WIDGET, LEARNED, "ng.widget(net)")
    for i in range(4):
        notebook.run(i)
    player = Player(notebook.output(3))
    before = list(ng.weights(ng.example_network()).values())
    assert weights_in(notebook, 4) == before
    drag(player, (4, 6), 120)
    place = EDGES.index((4, 6))
    wait_for(lambda: weights_in(notebook, 4)[place] == pytest.approx(0.75, abs=0.01), "the new weight")
    after = weights_in(notebook, 4)
    assert labels(player) == as_labels(after)
    assert [k for k in range(12) if after[k] != before[k]] == [place]
    drag(player, (1, 3), 120)  # which is frozen
    assert weights_in(notebook, 4) == after
    notebook.run(5)
    other = Player(notebook.output(5))
    assert labels(other) == as_labels(after)
    drag(other, (8, 9), -60)
    wait_for(lambda: labels(player) == labels(other), "both pictures of one graph to be alike")
    wait_for(lambda: as_labels(weights_in(notebook, 4)) == labels(player), "the graph to follow")
    assert labels(player) != as_labels(after)


TRAIN = """import time
def pause(history):
    time.sleep(0.15)
history = ng.fit(net, X, Y, epochs=12, learning_rate=2.0, seed=0, callbacks=[live, pause])
print(history.losses[0] > history.losses[-1])"""
NOTE = """(node) => {
    globalThis.noted = [];
    new MutationObserver(() => noted.push(node.textContent)).observe(
        node, { characterData: true, childList: true, subtree: true });
}"""


def test_training_in_a_cell_moves_the_picture_while_it_goes_on(open_notebook):
    notebook = open_notebook(START, DATA, WIDGET, TRAIN, LEARNED, "net.edges[4, 6]['weight'] = 3.5")
    for i in range(3):
        notebook.run(i)
    player = Player(notebook.output(2))
    player.find(f'.ng-weight[data-edge="{EDGES.index((6, 9))}"]').evaluate(NOTE)
    end = notebook.start(3)
    drag(player, (4, 6), 120)  # too late: the kernel has gone on, and the graph is the truth
    assert end() == "True\n"
    learned = weights_in(notebook, 4)
    wait_for(lambda: labels(player) == as_labels(learned), "the picture of the trained network")
    assert len(set(notebook.tab.evaluate("noted"))) >= 4
    net = ng.example_network()
    ng.fit(net, X, Y, epochs=12, learning_rate=2.0, seed=0)
    assert learned == pytest.approx(list(ng.weights(net).values()), rel=1e-12)
    notebook.run(5)
    wait_for(lambda: player.label(EDGES.index((4, 6))) == "3.5", "a weight that was set by hand")


def test_training_in_the_browser_changes_the_graph_as_the_library_would(open_notebook):
    notebook = open_notebook(START, DATA, WIDGET.replace("Y)", "Y, learning_rate=2.0)"), LEARNED)
    for i in range(3):
        notebook.run(i)
    player = Player(notebook.output(2))
    terms = player.find(".ng-facts dt")
    assert len({terms.nth(i).bounding_box()["y"] for i in range(terms.count())}) == 1  # in one row
    player.click("One epoch")
    net = ng.example_network()
    ng.fit(net, X, Y, learning_rate=2.0, shuffle=False)
    expected = pytest.approx(list(ng.weights(net).values()), rel=1e-12)
    wait_for(lambda: weights_in(notebook, 3) == expected, "the trained weights")


def test_a_graph_of_another_shape_is_drawn_anew_and_keys_stay_in_the_widget(open_notebook):
    notebook = open_notebook(
        START,
        DATA,
        WIDGET,
        "ng.split_edge(net, 4, 6, 10, activation='tanh')",
        "net.add_edge(6, 3, weight=1.0)",
    )
    for i in range(3):
        notebook.run(i)
    player = Player(notebook.output(2))
    player.press("ArrowRight", 3)
    assert player.position == 3
    player.press("d", 2)  # would delete a cell
    assert notebook.tab.locator(".jp-Cell").count() == 5
    notebook.run(3)
    wait_for(lambda: player.find(".ng-neuron").count() == 10, "ten neurons")
    notebook.run(4)
    wait_for(lambda: "cycle" in notebook.output(2).get_by_role("status").text_content(), "the note")
    assert player.find(".ng-neuron").count() == 10


# ── labels ───────────────────────────────────────────────────────────────────────────────────────

HOSTILE = f"""import sys
import neurograph as ng
sys.path.insert(0, {str(ROOT / "tests")!r})
from hostile import LABELS
from neurograph.network.schema import key_problem
keys = [label for label in LABELS if not key_problem(label)]
net = ng.mlp([1, len(keys), 1], bias=False, seed=0)
net = __import__("networkx").relabel_nodes(net, dict(zip(list(net)[1:-1], keys)))"""
NAIVE = """from IPython.display import HTML, display
for label in LABELS:
    if "pwned" in label or label.startswith("<img"):
        display(HTML(label))"""


def test_labels_that_would_do_harm_are_text_everywhere(lab):
    notebook = lab.open(
        "hostile.ipynb", [HOSTILE, "ng.draw(net)", "ng.explore(net)", "ng.widget(net)", NAIVE]
    )
    notebook.tab.evaluate("() => { globalThis.hits = []; globalThis.pwned = (n) => hits.push(n); }")
    for i in range(4):
        notebook.run(i)
    keys = [readable(label) for label in LABELS if not key_problem(label)]
    assert len(keys) > 40
    for player in (page_in(notebook, 2), Player(notebook.output(3))):
        player.press("End")
        assert player.position == player.last
        titles = player.find(".ng-neuron title").all_text_contents()
        assert [title.rpartition("\n")[0] for title in titles[1:-1]] == keys
    assert notebook.tab.evaluate("hits") == []
    assert not notebook.strange_requests
    assert not notebook.complaints
    notebook.run(4)  # what becomes of them where nobody takes care
    wait_for(lambda: len(set(notebook.tab.evaluate("hits"))) >= 5, "the harm that a naive page does")
    notebook.close()
    assert notebook.strange_requests
