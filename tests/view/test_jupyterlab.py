"""In a real JupyterLab: a drawing is seen there, and nothing leaves the machine."""

import re
from urllib.parse import unquote

import pytest
from lab import Lab

import neurograph as ng

pytestmark = pytest.mark.xdist_group("jupyterlab")  # one server serves all of them


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    server = Lab(tmp_path_factory.mktemp("lab"), browser)
    yield server
    server.stop()


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


def test_a_cell_that_fails_is_seen_to_fail(open_notebook):
    notebook = open_notebook("1 / 0")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run(0)


def test_a_request_that_leaves_the_machine_and_an_error_of_a_page_are_seen(lab):
    notebook = lab.open("reaching-out.ipynb", ["1"])
    notebook.tab.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => 0)")
    notebook.tab.evaluate("() => { queueMicrotask(() => { throw new Error('on purpose'); }); }")
    notebook.close()
    assert notebook.strange_requests == ["http://127.0.0.1:9/"]
    assert "on purpose" in notebook.complaints[0]


# ── the player ───────────────────────────────────────────────────────────────────────────────────

DATA = "X, Y = [[0.5], [-1.0]], [[1.0], [0.0]]"


def test_look(open_notebook):
    notebook = open_notebook(START, DATA, "w = ng.widget(net, X, Y)\nw", "ng.explore(net, X, Y)")
    for i in range(4):
        print(notebook.run(i))
    notebook.output(2).locator(".ng-player .ng-desk").wait_for()
    notebook.tab.screenshot(path="/tmp/look/lab1.png")
    notebook.output(2).locator(".ng-player").screenshot(path="/tmp/look/lab2.png")
    notebook.output(3).screenshot(path="/tmp/look/lab3.png")
    print(notebook.complaints, notebook.strange_requests)
