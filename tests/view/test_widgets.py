"""The live widget without a browser: what it is told, what it takes from one, and what it never takes."""

import gc
import json
import subprocess
import sys
import weakref

import numpy as np
import pytest
from strategies import fingerprint
from terminal import ROOT

import neurograph as ng

X, Y = [[0.5], [-1.0]], [[1.0], [0.0]]
EDGE, PLACE = (4, 6), 5


def example():
    net = ng.example_network()
    assert list(net.edges)[PLACE] == EDGE
    return net


class Browser:
    """The other end of a widget's line: it holds what it was last told, all of it as JSON."""

    def __init__(self, widget, monkeypatch):
        self.widget, self.messages = widget, []
        self.state = self._plain(widget.get_state())
        monkeypatch.setattr(widget, "_send", self._hear)

    def _plain(self, data):
        return json.loads(json.dumps(data, allow_nan=False))

    def _hear(self, message, buffers=None):
        assert not buffers
        if message["method"] == "update":
            self.messages.append(self._plain(message["state"]))
            self.state |= self.messages[-1]

    @property
    def weights(self):
        return self.state["_state"]["weights"]

    def say(self, state):
        """Send a state as an ipywidgets front end does, and hold it until told otherwise."""
        self.state["_state"] = state
        self.widget.set_state({"_state": self._plain(state)})

    def drag(self, place, weight):
        weights = [*self.weights]
        weights[place] = weight
        self.say(self.state["_state"] | {"weights": weights})


@pytest.fixture
def live(monkeypatch):
    """A network, its widget, and what a browser holds of it."""
    net = example()
    widget = ng.widget(net, X, Y)
    return net, widget, Browser(widget, monkeypatch)


def test_a_widget_tells_a_browser_what_explore_tells_a_page(live):
    net, _, browser = live
    told = browser.state["_network"]["data"]
    page = ng.explore(net, X, Y).html
    block = page.partition('class="ng-data">')[2].partition("</script>")[0]
    assert told == json.loads(block)
    assert told["points"] == [{"inputs": x, "targets": y} for x, y in zip(X, Y, strict=True)]
    assert browser.state["_network"]["picture"] in page
    assert browser.weights == list(ng.weights(net).values())


def test_a_weight_that_is_dragged_is_the_weight_of_the_edge(live):
    net, _, browser = live
    before = ng.weights(net)
    browser.drag(PLACE, 0.75)
    assert net.edges[EDGE]["weight"] == 0.75
    assert ng.weights(net) == before | {EDGE: 0.75}
    browser.drag(PLACE, 2)  # how JSON writes 2.0
    assert type(net.edges[EDGE]["weight"]) is float
    assert net.edges[EDGE]["weight"] == 2.0
    assert not browser.messages  # it was right, and needs no answer


def test_weights_that_are_not_dragged_keep_their_bits_and_types():
    net = example()
    net.edges[1, 3]["weight"], net.edges[1, 4]["weight"] = np.float32(0.1), 3
    widget = ng.widget(net)
    widget.set_state({"_state": {"revision": 0, "weights": [*widget._state["weights"][:-1], 9.5]}})
    assert type(net.edges[1, 3]["weight"]) is np.float32
    assert type(net.edges[1, 4]["weight"]) is int
    assert net.edges[8, 9]["weight"] == 9.5


def test_training_in_a_cell_moves_the_picture_after_a_refresh(live):
    net, widget, browser = live
    ng.fit(net, X, Y, epochs=3, seed=0)
    assert browser.weights != list(ng.weights(net).values())
    widget.refresh()
    assert browser.weights == list(ng.weights(net).values())
    assert [set(message) for message in browser.messages] == [{"_state"}]
    widget.refresh()
    assert len(browser.messages) == 1  # nothing new


def test_as_a_callback_it_follows_the_training_but_not_every_epoch(live, monkeypatch):
    net, widget, browser = live
    now = iter(0.03 * k for k in range(1000))
    monkeypatch.setattr("neurograph.view.live.time.monotonic", lambda: next(now))
    seen = []

    def note(history):
        seen.append(browser.weights == list(ng.weights(net).values()))

    history = ng.fit(net, X, Y, epochs=40, seed=0, callbacks=[widget, note])
    assert history.stopped == "finished"
    assert len(browser.messages) == sum(seen) == 10  # each 0.12 s, as 0.1 s are not over before
    assert seen[0]


@pytest.mark.parametrize(
    "weight", [float("nan"), float("inf"), -float("inf"), 10**400, True, None, "0.5", [0.5], {"w": 1}]
)
def test_what_is_no_finite_number_is_never_a_weight(live, weight):
    net, widget, _ = live
    before = fingerprint(net)
    sent = widget._state | {"weights": [weight, *widget._state["weights"][1:]]}
    widget.set_state({"_state": sent})
    assert fingerprint(net) == before
    assert widget._state["weights"] == list(ng.weights(net).values())


@pytest.mark.parametrize(
    "change",
    [
        {"weights": [0.5]},
        {"weights": [0.5] * 13},
        {"weights": None},
        {"weights": {"0": 1.0}},
        {"weights": "0.5"},
        {"revision": 1},
        {"revision": -1},
        {"revision": False},
        {"revision": "0"},
        {"revision": None},
    ],
)
def test_a_state_of_another_form_or_revision_changes_nothing_and_is_answered(live, change):
    net, _, browser = live
    before, truth = fingerprint(net), browser.state["_state"]
    changed = [w + 1 for w in truth["weights"]]
    browser.say({"revision": 0, "weights": changed} | change)
    assert fingerprint(net) == before
    assert browser.state["_state"] == truth
    assert len(browser.messages) == 1


@pytest.mark.parametrize("state", [{}, {"weights": []}, {"revision": 0}, {"edges": [[4, 6, 1.0]]}])
def test_a_state_without_its_parts_changes_nothing(live, state):
    net, _, browser = live
    before = fingerprint(net)
    browser.say(state)
    assert fingerprint(net) == before
    assert browser.weights == list(ng.weights(net).values())


def test_a_frozen_edge_cannot_be_dragged_nor_anything_beside_it():
    net = example()
    ng.freeze(net, EDGE)
    widget = ng.widget(net)
    before = fingerprint(net)
    weights = list(ng.weights(net).values())
    weights[PLACE] += 1.0
    weights[0] += 1.0
    widget.set_state({"_state": {"revision": 0, "weights": weights}})
    assert fingerprint(net) == before
    weights[PLACE] -= 1.0
    widget.set_state({"_state": {"revision": 0, "weights": weights}})
    assert ng.weights(net)[1, 3] == weights[0]


def test_a_browser_that_is_late_never_overwrites_what_a_cell_has_changed(live):
    net, widget, browser = live
    late = browser.state["_state"] | {"weights": [0.0] * 12}
    ng.fit(net, X, Y, epochs=3, seed=0)
    trained = ng.weights(net)
    browser.say(late)  # what was dragged while the cell ran
    assert ng.weights(net) == trained
    assert browser.weights == list(trained.values())
    browser.say(late)
    assert ng.weights(net) == trained
    browser.drag(PLACE, 1.5)  # and now it knows
    assert ng.weights(net) == trained | {EDGE: 1.5}
    widget.refresh()
    assert browser.weights[PLACE] == 1.5


def test_a_weight_changed_by_hand_wins_over_a_browser_that_did_not_see_it(live):
    net, _, browser = live
    net.edges[1, 3]["weight"] = 7.0
    browser.drag(PLACE, 0.5)
    assert net.edges[1, 3]["weight"] == 7.0
    assert net.edges[EDGE]["weight"] == -0.25
    assert browser.weights == list(ng.weights(net).values())


def edit_edges(net):
    net.remove_edge(4, 7)


def edit_activation(net):
    net.nodes[6]["activation"] = "tanh"


def edit_frozen(net):
    ng.freeze(net, (1, 3))


def edit_neurons(net):
    ng.split_edge(net, 4, 6, 10, activation="tanh")


@pytest.mark.parametrize("edit", [edit_edges, edit_activation, edit_frozen, edit_neurons])
@pytest.mark.parametrize("by", ["refresh", "browser"])
def test_a_graph_with_another_structure_is_drawn_anew_before_anything_is_taken(live, edit, by):
    net, widget, browser = live
    edit(net)
    before = fingerprint(net)
    if by == "refresh":
        widget.refresh()
    else:
        browser.drag(0, 5.0)
    assert fingerprint(net) == before
    assert browser.state["_network"]["data"] == json.loads(json.dumps(fresh_data(net)))
    assert browser.weights == list(ng.weights(net).values())
    assert browser.state["_network"]["revision"] == browser.state["_state"]["revision"] == 1
    first = next(k for k, edge in enumerate(browser.state["_network"]["data"]["edges"]) if edge["trainable"])
    browser.drag(first, 0.125)
    assert list(ng.weights(net).values())[first] == 0.125


def fresh_data(net):
    from neurograph.view.page_data import player_data

    return player_data(net, X, Y, "squared", 0.1)


def test_a_graph_that_is_no_network_any_more_is_left_alone_and_told(live):
    net, widget, browser = live
    net.add_edge(6, 3, weight=1.0)
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError, match="cycle"):
        widget.refresh()
    browser.drag(0, 5.0)
    assert fingerprint(net) == before
    assert "cycle" in browser.state["_notice"]
    assert browser.weights[0] != 5.0
    net.remove_edge(6, 3)
    widget.refresh()
    assert browser.state["_notice"] == ""
    browser.drag(0, 5.0)
    assert ng.weights(net)[1, 3] == 5.0


def test_two_widgets_of_one_graph_show_the_same_and_those_of_others_nothing_of_it(live, monkeypatch):
    net, _, browser = live
    other, stranger = ng.widget(net), ng.widget(example())
    second, third = Browser(other, monkeypatch), Browser(stranger, monkeypatch)
    browser.drag(PLACE, 0.75)
    assert second.weights == list(ng.weights(net).values())
    second.drag(0, 0.125)
    assert browser.weights == list(ng.weights(net).values()) == second.weights
    assert (browser.weights[PLACE], browser.weights[0]) == (0.75, 0.125)
    assert not third.messages


class Shell:
    """As much of IPython as a widget uses."""

    def __init__(self):
        self.events, self.hooks = self, []

    def register(self, event, hook):
        assert event == "post_run_cell"
        self.hooks.append(hook)

    def unregister(self, event, hook):
        self.hooks.remove(hook)

    def run_cell(self):
        for hook in list(self.hooks):
            hook(None)


def test_after_every_cell_the_picture_is_that_of_the_graph_until_the_widget_is_closed(monkeypatch):
    shell = Shell()
    monkeypatch.setattr("neurograph.view.live.get_ipython", lambda: shell)
    net = example()
    widget = ng.widget(net, X, Y)
    browser = Browser(widget, monkeypatch)
    net.edges[EDGE]["weight"] = 4.0
    shell.run_cell()
    assert browser.weights[PLACE] == 4.0
    net.add_edge(6, 3, weight=1.0)
    shell.run_cell()
    assert "cycle" in browser.state["_notice"]
    widget.close()
    shell.run_cell()
    assert not shell.hooks


def test_a_widget_that_nobody_holds_is_let_go(monkeypatch):
    shell = Shell()
    monkeypatch.setattr("neurograph.view.live.get_ipython", lambda: shell)
    widget = ng.widget(example())
    held = weakref.ref(widget)
    widget.close()
    del widget
    gc.collect()
    assert held() is None
    shell.run_cell()
    assert not shell.hooks


def test_where_there_are_no_widgets_its_drawing_is_shown(live):
    net, widget, _ = live
    data, _ = widget._repr_mimebundle_(include=None, exclude=None)
    assert data["image/svg+xml"] == ng.draw(net).svg
    assert data["text/plain"] == repr(widget) == "<Widget of 9 neurons and 12 edges>"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id


BAD = [
    (ng.InvalidNetworkError, lambda: ng.widget(broken())),
    (ng.DataError, lambda: ng.widget(example(), [[1.0, 2.0]])),
    (ng.OptionError, lambda: ng.widget(example(), loss="square")),
    (ng.OptionError, lambda: ng.widget(example(), learning_rate=-1)),
    (ng.OptionError, lambda: ng.widget(example(), theme="pink")),
    (ng.OptionError, lambda: ng.widget(ng.mlp([50, 50]))),
]


def broken():
    net = example()
    net.add_edge(6, 3, weight=1.0)
    return net


@pytest.mark.parametrize(("error", "make"), BAD)
def test_a_bad_argument_is_refused_with_its_fix(error, make):
    with pytest.raises(error) as caught:
        make()
    assert caught.value.fix


def test_without_anywidget_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "neurograph.view.live", raising=False)
    with pytest.raises(ng.MissingExtraError, match=r"pip install 'neurograph-sim\[notebook\]'"):
        ng.widget(example())


def test_the_lines_that_join_the_player_to_a_notebook_make_no_markup_from_text_and_reach_nowhere():
    script = (ROOT / "neurograph/view/live.js").read_text(encoding="utf-8")
    forbidden = (
        "innerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "fetch",
        "import(",
        "http",
    )
    assert not [word for word in forbidden if word in script]
    assert script.rstrip().endswith("export default { render };")


def test_the_door_of_the_widget_does_not_import_anywidget():
    code = "import sys, neurograph as ng; ng.widget; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
