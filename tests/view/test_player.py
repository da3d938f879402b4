"""The player, used as a learner uses it, in a real browser; the library says what must be seen."""

import json
import math
import re

import networkx as nx
import numpy as np
import pytest
from playing import Player
from strategies import random_data, random_graphs

import neurograph as ng
from neurograph.walk.notation import number

X = np.linspace(-2.0, 2.0, 10)[:, None]
Y = 1.0 / (1.0 + np.exp(-3.0 * X))
EDGES = list(ng.example_network().edges)
NEURONS = list(ng.example_network())


def text_page(**options):
    return ng.explore(ng.example_network(), X, Y, learning_rate=2.0, **options)


@pytest.fixture
def player(visit):
    """The text's network with ten training points."""
    return Player(visit(text_page().html))


def weights_of(player):
    return list(ng.weights(ng.loads(player.exported())).values())


def factor(x):
    """A number as a factor: a negative one in parentheses."""
    return f"({number(x)})" if x < 0 else number(x)


# ── stepping ─────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_computed_at_first_and_that_shows_as_a_dash(player):
    assert player.position == 0
    assert {player.value(i) for i in range(9)} == {"—"}
    assert {player.delta(NEURONS.index(n)) for n in (3, 4, 6, 7, 9)} == {"—"}
    assert "loss of this point: —" in player.text(".ng-step-head")
    assert [player.label(k) for k in range(12)] == [
        number(w) for w in ng.weights(ng.example_network()).values()
    ]


def test_the_forward_phase_ends_with_the_values_of_the_library(player):
    trace = ng.forward(ng.example_network(), X[0])
    player.press("ArrowRight", 9)
    assert player.title == "neuron 9"
    assert [player.value(i) for i in range(9)] == [number(trace.value[n]) for n in NEURONS]
    assert player.delta(8) == "—"
    assert len({player.value(i) for i in range(9)}) > 4


def test_the_sixth_neuron_shows_symbols_numbers_and_the_result(player):
    trace = ng.forward(ng.example_network(), X[0])
    player.step_to("neuron 6")
    y3, y4, z, y = (number(x) for x in (trace.value[3], trace.value[4], trace.z[6], trace.value[6]))
    assert player.formula == [
        "z6=w3→6·y3+w4→6·y4+w5→6·1",
        f"=0.5·{y3}+(−0.25)·{y4}+0.1·1",
        f"={z}",
        "y6=logistic(z6)",
        f"=logistic({z})",
        f"={y}",
    ]
    assert player.sentence == (
        f"Neuron 6 multiplies each incoming value by the weight of its edge, adds up to {z}, "
        f"and hands on logistic of it: {y}."
    )
    lit = player.find(".ng-edge.ng-lit")
    assert {lit.nth(i).get_attribute("data-edge") for i in range(lit.count())} == {
        str(EDGES.index((source, 6))) for source in (3, 4, 5)
    }
    assert player.find(".ng-neuron.ng-lit").get_attribute("data-neuron") == "5"


def test_the_gradient_of_the_edge_from_4_to_6_is_the_one_of_the_library(player):
    trace = ng.backward(ng.example_network(), X[0], Y[0])
    player.step_to("gradient of edge 4 → 6")
    gradient = number(trace.gradient[4, 6])
    assert player.formula == [
        "∂L∂w4→6=y4·δ6",
        f"={number(trace.value[4])}·{factor(trace.delta[6])}",
        f"={gradient}",
    ]
    assert player.label(EDGES.index((4, 6))) == f"∇{gradient}"
    assert player.label(EDGES.index((5, 6))) == "0.1"
    assert f"loss of this point: {number(trace.loss)}" in player.text(".ng-step-head")
    title = player.text(f'.ng-edge[data-edge="{EDGES.index((4, 6))}"] title')
    assert title == f"4 → 6\nweight −0.25, gradient {gradient}"


def test_the_backward_phase_ends_with_every_delta_and_gradient(player):
    trace = ng.backward(ng.example_network(), X[0], Y[0])
    player.press("End")
    player.press("ArrowLeft", 12)
    assert player.title == "gradient of edge 8 → 9"
    assert [player.delta(NEURONS.index(n)) for n in (3, 4, 6, 7, 9)] == [
        number(trace.delta[n]) for n in (3, 4, 6, 7, 9)
    ]
    assert [player.label(k) for k in range(12)] == [f"∇{number(trace.gradient[edge])}" for edge in EDGES]


def test_the_update_steps_against_the_gradient_and_the_next_point_begins_with_the_new_weights(player):
    net = ng.example_network()
    trace = ng.backward(net, X[0], Y[0])
    player.press("End")
    assert player.title == "update of edge 8 → 9"
    after = {edge: weight - 2.0 * trace.gradient[edge] for edge, weight in ng.weights(net).items()}
    assert [player.label(k) for k in range(12)] == [number(after[edge]) for edge in EDGES]
    nx.set_edge_attributes(net, after, "weight")
    player.press("ArrowRight", 9)
    assert player.value(0) == number(X[1, 0])
    assert player.value(8) == number(ng.forward(net, X[1]).outputs[0])
    assert weights_of(player) == pytest.approx(list(after.values()), rel=1e-14)


def test_going_back_makes_numbers_unknown_again_and_weights_old_again(player):
    def now():
        return player.title, player.formula, [player.value(i) for i in range(9)], player.label(4)

    seen = []
    for _ in range(player.last + 3):
        seen.append(now())
        player.press("ArrowRight")
    for expected in reversed(seen):
        player.press("ArrowLeft")
        assert now() == expected
    assert player.position == 0
    assert weights_of(player) == list(ng.weights(ng.example_network()).values())


def test_keys_and_buttons_do_the_same(player):
    for key, button in (
        ("ArrowRight", "Next (→)"),
        ("End", "To the end (End)"),
        ("ArrowLeft", "Back (←)"),
        ("Home", "To the start (Home)"),
    ):
        player.press("Home")
        player.press("ArrowRight", 4)
        player.press(key)
        by_key = player.position
        player.press("Home")
        player.press("ArrowRight", 4)
        player.click(button)
        assert player.position == by_key


def test_space_plays_and_pauses(player):
    player.find("select[aria-label=speed]").select_option(label="10 / s")
    player.find(".ng-scrub").focus()
    player.press(" ")
    player.wait(lambda: player.position >= 3)
    player.press(" ")
    stopped = player.position
    player.root.page.wait_for_timeout(300)
    assert player.position == stopped


def test_keys_that_move_a_slider_do_not_step(player):
    player.press("ArrowRight", 3)
    slider = player.find(".ng-card-weight input[type=range]")
    before = float(slider.input_value())
    slider.focus()
    player.root.page.keyboard.press("ArrowRight")
    assert player.position == 3
    assert float(slider.input_value()) > before


def test_the_phases_are_a_bar_to_drag_along(player):
    boxes = [
        player.find(f'[data-phase="{name}"]').bounding_box()
        for name in ("forward", "loss", "backward", "update")
    ]
    starts = []
    for box in boxes:
        player.root.page.mouse.click(box["x"] + 1, box["y"] + 5)
        starts.append(player.position)
    assert starts == [0, 9, 10, 27]
    player.root.page.mouse.move(boxes[3]["x"] + 10, boxes[3]["y"] + 5)
    player.root.page.mouse.down()
    player.root.page.mouse.move(boxes[0]["x"] + boxes[0]["width"] / 2, boxes[0]["y"] + 5, steps=5)
    player.root.page.mouse.up()
    assert 3 <= player.position <= 6


def test_a_click_on_a_neuron_shows_its_step(player):
    player.find('.ng-neuron[data-neuron="6"] .ng-shape').first.click()
    assert player.title == "neuron 7"
    player.step_to("delta of neuron 9")
    player.find('.ng-neuron[data-neuron="3"] .ng-shape').first.click()
    assert player.title == "delta of neuron 4"


def test_nothing_moves_while_stepping(player):
    places = """(root) => [...root.querySelectorAll('section, figure, .ng-phase, .ng-shape, button')]
        .map((each) => Object.values(each.getBoundingClientRect().toJSON()))"""
    first = player.root.evaluate(places)
    for _ in range(player.last):
        player.press("ArrowRight")
        assert player.root.evaluate(places) == first
    player.click("One point")
    assert player.root.evaluate(places) == first
    assert len(first) > 15


@pytest.mark.parametrize("seed", range(10))
def test_any_network_steps_from_end_to_end(visit, seed):
    (net,) = random_graphs((5, seed), 1, frozen=True)
    x, y = random_data(np.random.default_rng(seed), net, samples=2)
    player = Player(visit(ng.explore(net, x, y, loss="huber", learning_rate=1e-3).html))
    trace = ng.backward(net, x[0], y[0], loss="huber")
    player.root.evaluate("""(root) => {
        for (const _ of root.player.app.steps) root.querySelector('[title^=Next]').click();
    }""")
    assert player.position == player.last
    assert [player.value(i) for i in range(len(net))] == [number(trace.value[n]) for n in net]
    player.press("ArrowRight")
    player.press("ArrowLeft", 2)
    assert player.position == player.last - 1


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def place_on_edge(player, k):
    """Where an edge lies in the window: a place a quarter of its way."""
    player.root.evaluate(
        "(root, k) => root.querySelector(`.ng-edge[data-edge='${k}'] .ng-touch`).scrollIntoView()", k
    )
    return player.root.evaluate(
        """(root, k) => {
            const line = root.querySelector(`.ng-edge[data-edge='${k}'] .ng-line`);
            const point = line.getPointAtLength(0.25 * line.getTotalLength());
            const { x, y } = point.matrixTransform(line.getScreenCTM());
            return [x, y];
        }""",
        k,
    )


def test_dragging_an_edge_changes_its_weight_and_everything_that_follows(player):
    k = EDGES.index((3, 6))
    player.press("ArrowRight", 9)
    before = player.value(8)
    x, y = place_on_edge(player, k)
    player.root.page.mouse.move(x, y)
    player.root.page.mouse.down()
    player.root.page.mouse.move(x + 180, y, steps=6)
    player.root.page.mouse.up()
    net = ng.loads(player.exported())
    assert net.edges[3, 6]["weight"] == pytest.approx(0.5 + 180 / 120, abs=0.01)
    assert ng.weights(net)[4, 6] == -0.25
    assert player.position == 9
    assert player.label(k) == number(net.edges[3, 6]["weight"])
    assert player.value(8) == number(ng.forward(net, X[0]).outputs[0]) != before


def test_a_drag_that_ended_outside_does_not_go_on(player):
    x, y = place_on_edge(player, EDGES.index((3, 6)))
    mouse = player.root.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(2, 2)
    mouse.up()
    mouse.move(x + 60, y, steps=3)
    assert weights_of(player) == list(ng.weights(ng.example_network()).values())


def test_only_the_first_button_drags(player):
    x, y = place_on_edge(player, EDGES.index((3, 6)))
    mouse = player.root.page.mouse
    mouse.move(x, y)
    mouse.down(button="right")
    mouse.move(x + 60, y, steps=3)
    mouse.up(button="right")
    assert weights_of(player) == list(ng.weights(ng.example_network()).values())


def test_the_slider_changes_the_chosen_weight(player):
    player.find(".ng-card-weight select").select_option(label="4 → 6")
    player.find(".ng-card-weight input[type=number]").fill("1.75")
    player.press("End")
    net = ng.example_network()
    net.edges[4, 6]["weight"] = 1.75
    assert weights_of(player) == list(ng.weights(net).values())
    assert player.value(8) == number(ng.forward(net, X[0]).outputs[0])


def test_an_edge_is_as_wide_as_the_drawing_would_have_it(player):
    net = ng.example_network()
    for edge, weight in (((4, 6), -3.5), ((3, 6), 0.0), ((8, 9), 1.25)):
        net.edges[edge]["weight"] = weight
        player.find(".ng-card-weight select").select_option(label=f"{edge[0]} → {edge[1]}")
        player.find(".ng-card-weight input[type=number]").fill(str(weight))
    lines = player.find(".ng-edge .ng-line").all()
    found = [line.get_attribute("stroke-width") for line in lines]
    order = [int(line.locator("..").get_attribute("data-edge")) for line in lines]
    pattern = r'<g class="ng-edge[^"]*" data-edge="(\d+)">.*?class="ng-line"[^>]*stroke-width="([\d.]+)"'
    drawn_anew = dict(re.findall(pattern, ng.draw(net).svg, re.DOTALL))
    assert len(drawn_anew) == 12
    assert [float(width) for width in found] == pytest.approx(
        [float(drawn_anew[str(k)]) for k in order], abs=0.011
    )


def test_inputs_and_targets_can_be_changed_by_hand(player):
    player.find('.ng-card-points input[type=number][aria-label="input 1"]').fill("0.25")
    player.find('.ng-card-points input[type=number][aria-label="target 9"]').fill("0.5")
    player.step_to("delta of neuron 9")
    trace = ng.backward(ng.example_network(), [0.25], [0.5])
    assert player.value(0) == "0.25"
    assert player.delta(8) == number(trace.delta[9])
    assert player.find(".ng-points tbody tr").first.locator("td").all_text_contents()[:2] == ["0.25", "0.5"]


def test_an_input_can_be_dragged_in_the_picture(player):
    box = player.find('.ng-neuron[data-neuron="0"] .ng-shape').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    player.press("ArrowRight", 9)
    player.root.page.mouse.move(x, y)
    player.root.page.mouse.down()
    player.root.page.mouse.move(x + 120, y, steps=4)
    player.root.page.mouse.up()
    assert player.value(0) == "−1"
    assert player.value(8) == number(ng.forward(ng.example_network(), [-1.0]).outputs[0])


def test_another_training_point_can_be_chosen(player):
    player.find(".ng-points tbody tr").nth(3).locator("input").check()
    player.press("ArrowRight", 9)
    trace = ng.forward(ng.example_network(), X[3])
    assert [player.value(i) for i in range(9)] == [number(trace.value[n]) for n in NEURONS]
    assert player.find(".ng-points tr.ng-current th").text_content().strip() == "4"


def test_points_can_be_added_and_removed(player):
    rows = player.find(".ng-points tbody tr")
    player.click("Add a point")
    assert rows.count() == 11
    assert player.find(".ng-points tr.ng-current th").text_content().strip() == "11"
    player.click("Remove it")
    assert rows.count() == 10


def test_a_point_without_targets_ends_after_the_forward_phase_until_it_has_them(visit):
    player = Player(visit(ng.explore(ng.example_network(), [[0.5]]).html))
    player.press("End")
    assert player.position == player.last == 9
    assert player.title == "neuron 9"
    assert player.root.get_by_role("button", name="Train", exact=True).is_disabled()
    player.find('input[type=number][aria-label="target 9"]').fill("1")
    player.press("End")
    assert player.last == 39
    player.press("ArrowLeft", 12)
    trace = ng.backward(ng.example_network(), [0.5], [1.0])
    assert player.label(5) == f"∇{number(trace.gradient[EDGES[5]])}"


@pytest.mark.parametrize(("loss", "typed", "taken"), [("hinge", "0.4", 1.0), ("cross_entropy", "1.5", 1.0)])
def test_a_target_is_moved_to_one_that_the_loss_can_take(visit, loss, typed, taken):
    player = Player(visit(ng.explore(ng.example_network(), [[0.5]], [[1.0]], loss=loss).html))
    player.find('input[type=number][aria-label="target 9"]').fill("-0.3")
    low = {"hinge": -1.0, "cross_entropy": 0.0}[loss]
    assert player.find(".ng-points td").nth(1).text_content() == number(low)
    player.find('input[type=number][aria-label="target 9"]').fill(typed)
    player.step_to("delta of neuron 9")
    assert player.delta(8) == number(ng.backward(ng.example_network(), [0.5], [taken], loss=loss).delta[9])


# ── training ─────────────────────────────────────────────────────────────────────────────────────


def test_a_hundred_points_of_training_lower_the_loss_as_fit_does(player):
    net = ng.example_network()
    assert player.fact("mean loss") == number(
        float(np.mean((np.column_stack(ng.forward(net, X).outputs) - Y) ** 2))
    )
    losses = [float(player.fact("mean loss"))]
    for _ in range(10):
        player.click("One epoch")
        losses.append(float(player.fact("mean loss")))
    history = ng.fit(net, X, Y, learning_rate=2.0, epochs=10, shuffle=False)
    assert player.fact("updates") == "100"
    assert losses[-1] < 0.5 * losses[0]
    assert math.isfinite(history.losses[-1])
    assert weights_of(player) == pytest.approx(list(ng.weights(net).values()), rel=1e-12)
    assert player.find(".ng-card-training .ng-line-a").get_attribute("d").count("L") == 10


def test_one_point_after_another_is_the_same_training(player):
    for _ in range(3):
        player.click("One point")
    net = ng.example_network()
    ng.fit(net, X[:3], Y[:3], learning_rate=2.0, epochs=1, shuffle=False)
    assert weights_of(player) == pytest.approx(list(ng.weights(net).values()), rel=1e-13)
    assert player.fact("updates") == "3"
    assert player.sentence.startswith("Trained on 3 points so far.")


def test_playing_the_training_lets_the_curve_grow_until_it_is_paused(player):
    player.click("Train")
    player.wait(lambda: int(player.fact("updates")) > 30)
    player.click("Pause")
    updates = player.fact("updates")
    player.root.page.wait_for_timeout(700)
    assert player.fact("updates") == updates
    assert player.find(".ng-card-training .ng-line-a").get_attribute("d").count("L") >= 2


def test_a_frozen_edge_never_changes_and_says_so(visit):
    net = ng.example_network()
    ng.freeze(net, [(4, 6), (8, 9)])
    player = Player(visit(ng.explore(net, X, Y, learning_rate=2.0).html))
    player.step_to("update of edge 4 → 6")
    assert player.sentence == "The edge 4 → 6 is frozen: its weight stays −0.25."
    player.click("One epoch")
    player.find(".ng-card-weight select").select_option(label="4 → 6")
    assert player.find(".ng-card-weight input[type=range]").is_disabled()
    ng.fit(net, X, Y, learning_rate=2.0, epochs=1, shuffle=False)
    after = ng.weights(ng.loads(player.exported()))
    assert after[4, 6] == -0.25
    assert after[8, 9] == 0.2
    assert list(after.values()) == pytest.approx(list(ng.weights(net).values()), rel=1e-12)


def test_training_that_would_overflow_stops_and_keeps_the_weights(visit):
    net = ng.mlp([1, 2, 1], activation="relu", output_activation="identity", seed=0)
    player = Player(visit(ng.explore(net, [[1e4], [-3e4]], [[0.0], [1.0]], learning_rate=1e6).html))
    for _ in range(60):
        player.click("One epoch")
    assert "no longer be finite" in player.sentence
    assert np.isfinite(weights_of(player)).all()


def drawn(seed, net):
    """The documented generator and the rule of the start, written once more."""
    mask = 2**32 - 1
    counter = seed & mask

    def random():
        nonlocal counter
        counter = (counter + 0x9E3779B9) & mask
        x = ((counter ^ (counter >> 16)) * 0x21F0AAAD) & mask
        x = ((x ^ (x >> 15)) * 0x735A2D97) & mask
        return (x ^ (x >> 15)) / 2**32

    bias, found = set(ng.biases(net)), ng.weights(net)
    for target in net:
        sources = [n for n in net if net.has_edge(n, target)]
        fan_in = max(1, sum(n not in bias for n in sources))
        for source in sources:
            weight = (2 * random() - 1) * math.sqrt(6 / (fan_in + len(net[source])))
            found[source, target] = 0.0 if source in bias else weight
    return list(found.values())


def test_a_new_start_comes_from_its_seed_alone(player):
    starts = []
    for seed in ("7", "8", "7"):
        player.find("input[aria-label=seed]").fill(seed)
        player.click("New start")
        starts.append(weights_of(player))
        player.click("One epoch")
    assert starts[0] == starts[2] != starts[1]
    assert starts[0] == drawn(7, ng.example_network())


def test_the_same_start_comes_back_to_the_bit(player):
    player.click("One epoch")
    assert weights_of(player) != list(ng.weights(ng.example_network()).values())
    player.click("Same start again")
    assert weights_of(player) == list(ng.weights(ng.example_network()).values())
    assert player.fact("updates") == "0"
    assert player.position == 0


def test_two_starts_are_trained_side_by_side(player):
    player.click("Compare")
    for _ in range(3):
        player.click("One epoch")
    curves = [player.find(f".ng-card-training .ng-line-{name}").get_attribute("d") for name in "ab"]
    assert curves[0].count("L") == curves[1].count("L") == 3
    assert curves[0] != curves[1]
    second = ng.example_network()
    nx.set_edge_attributes(second, dict(zip(EDGES, drawn(1, second), strict=True)), "weight")
    losses = []
    for net in (ng.example_network(), second):
        ng.fit(net, X, Y, learning_rate=2.0, epochs=3, shuffle=False)
        losses.append(number(float(np.mean((np.column_stack(ng.forward(net, X).outputs) - Y) ** 2))))
    assert [player.fact("loss A"), player.fact("loss B")] == losses
    player.click("Show B")
    assert weights_of(player) == pytest.approx(list(ng.weights(net).values()), rel=1e-12)
    player.click("Stop comparing")
    assert player.find(".ng-facts dt").all_text_contents() == ["mean loss", "updates", "epochs"]


# ── curves ───────────────────────────────────────────────────────────────────────────────────────


def test_the_loss_of_one_weight_is_drawn_with_the_gradient_as_its_tangent(player):
    player.find(".ng-card-weight select").select_option(label="4 → 6")
    trace = ng.backward(ng.example_network(), X[0], Y[0])
    assert f"slope {number(trace.gradient[4, 6])}" in player.text(".ng-card-weight .ng-note")
    curve, tangent = (points(player, f".ng-card-weight .ng-line-{name}") for name in ("a", "tangent"))
    expected = ng.loss_curve(ng.example_network(), X[:1], Y[:1], (4, 6), weights=np.linspace(-3, 3, 81))
    assert np.corrcoef(curve[:, 1], expected.losses)[0, 1] < -0.9999  # pixels count downwards
    across, up = np.ptp(curve[:, 0]) / 6, -np.ptp(curve[:, 1]) / np.ptp(expected.losses)
    slope = (tangent[1, 1] - tangent[0, 1]) / up / ((tangent[1, 0] - tangent[0, 0]) / across)
    assert slope == pytest.approx(trace.gradient[4, 6], rel=0.02)


def points(player, selector):
    text = player.find(selector).get_attribute("d").replace("M", "").split("L")
    return np.array([[float(x) for x in pair.split()] for pair in text])


def test_the_function_of_one_input_is_drawn_as_it_is(player):
    curve = points(player, ".ng-card-function .ng-line-a")
    dots = (
        player.find(".ng-card-function .ng-dot-target").count()
        + player.find(".ng-card-function .ng-dot-current").count()
    )
    low, high = -2 - 0.15 * 4, 2 + 0.15 * 4
    expected = ng.forward(ng.example_network(), np.linspace(low, high, 101)[:, None]).outputs[0]
    assert len(curve) == 101
    assert np.corrcoef(curve[:, 1], expected)[0, 1] < -0.99
    assert dots == len(X)


def test_the_function_of_two_inputs_is_a_map_of_its_values(visit):
    net = ng.mlp([2, 4, 1], activation="tanh", seed=3)
    corners = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
    player = Player(visit(ng.explore(net, corners, [[-1.0], [1.0], [1.0], [-1.0]]).html))
    player.click("One epoch")
    pixels = np.array(player.root.evaluate(
        "(root) => [...root.querySelector('canvas').getContext('2d').getImageData(0, 0, 50, 50).data]"
    )).reshape(50, 50, 4)  # fmt: skip
    trained = ng.loads(player.exported())
    side = -1.3 + 2.6 * (np.arange(50) + 0.5) / 50
    across, up = np.meshgrid(side, side[::-1])
    share = np.clip(
        (ng.forward(trained, np.column_stack([across.ravel(), up.ravel()])).outputs[0] + 1) / 2, 0, 1
    )
    low, middle, high = (np.array(c) for c in ((0xCF, 0x5A, 0x0A), (0xF4, 0xF4, 0xF4), (0x1F, 0x6F, 0xB4)))
    t = share[:, None]
    expected = np.where(t < 0.5, low + (middle - low) * 2 * t, middle + (high - middle) * (2 * t - 1))
    assert np.abs(pixels.reshape(-1, 4)[:, :3] - expected).max() <= 0.51
    assert np.ptp(pixels[..., 0]) > 20
    assert player.find(".ng-map-dot").count() == 4


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_the_weights_come_home_bit_for_bit(visit, tmp_path):
    net = ng.example_network()
    odd = [
        -0.0,
        1.0,
        5e-324,
        1.7976931348623157e308,
        0.1,
        -1e21,
        1e-7,
        123456789012345680000.0,
        1 / 3,
        -2.0,
        1e22,
        0.3,
    ]
    nx.set_edge_attributes(net, dict(zip(EDGES, odd, strict=True)), "weight")
    net.graph["note"] = 'text with "weight": 1.5, in it'
    net.nodes[3]["label"] = "</script>"
    net.edges[1, 3]["why"] = {"weight": 2.0, "count": 1.0}
    player = Player(visit(ng.explore(net, X[:2]).html))
    with player.root.page.expect_download() as download:
        player.click("Download")
    download.value.save_as(tmp_path / "network.json")
    assert download.value.suggested_filename == "network.json"
    assert (tmp_path / "network.json").read_text(encoding="utf-8") == player.exported()
    found = ng.load(tmp_path / "network.json")
    assert ng.dumps(found) == ng.dumps(net)
    assert [w.hex() for w in ng.weights(found).values()] == [w.hex() for w in odd]


def test_trained_weights_come_home_as_the_page_has_them(player):
    player.click("One epoch")
    inside = player.root.evaluate("(root) => [...root.player.app.weights]")
    assert weights_of(player) == inside
    assert inside != list(ng.weights(ng.example_network()).values())


def test_what_is_copied_is_the_file(visit):
    tab = visit(text_page().html, permissions=["clipboard-read", "clipboard-write"])
    player = Player(tab)
    player.click("Copy")
    player.root.get_by_text("Copied.").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == player.exported()
    assert json.loads(player.exported())["format"] == "neurograph"
