"""The player's arithmetic against the library's, in a real browser: every function, number and text."""

import math
from collections import Counter

import mpmath as mp
import numpy as np
import pytest
from comparing import apart
from oracles import targets_for
from strategies import EVERY, random_data, random_graphs

import neurograph as ng
from neurograph.view.page_data import player_data
from neurograph.walk.notation import number

NETWORKS, UPDATES = 200, 20
RELATIVE = 1e-12


def problems():
    """Yield 200 random networks, each with points and a loss that fits its outputs."""
    generator = np.random.default_rng(7)
    losses = list(ng.LOSSES)
    for i in range(NETWORKS):
        loss = losses[i % len(losses)]
        outputs = ("logistic",) if loss == "cross_entropy" else None
        (net,) = random_graphs(
            (11, i), 1, activations=EVERY, output_activations=outputs, saturating=i % 4 == 0, frozen=True
        )
        X, Y = random_data(generator, net, samples=5, bound=2.0)
        yield net, X, targets_for(loss, generator, Y.shape), loss, 1e-6 if i % 4 == 0 else 1e-2


PROBLEMS = list(problems())


@pytest.fixture(scope="module")
def player(browser, player_script):
    """A blank page in which the player's script has run."""
    page = browser.new_page()
    page.set_content("<!doctype html><title>numbers</title>")
    page.add_script_tag(content=player_script)
    yield page
    page.close()


def walked(net, X, Y, loss, rate):
    """Walk every point, then train on them 20 times: what the library says of all that."""
    net = net.copy()
    traces = [ng.backward(net, x, y, loss=loss) for x, y in zip(X, Y, strict=True)]
    mean = ng.backward(net, X, Y, loss=loss).loss
    edges = list(net.edges)
    for i in range(UPDATES):
        gradient = ng.backward(net, X[i % len(X)], Y[i % len(X)], loss=loss).gradient
        for edge in edges:
            if net.edges[edge].get("trainable", True):
                net.edges[edge]["weight"] -= rate * gradient[edge]
    return {
        "values": [[trace.value[neuron] for neuron in net] for trace in traces],
        "losses": [trace.loss for trace in traces],
        "mean": mean,
        "gradients": [[trace.gradient[edge] for edge in edges] for trace in traces],
        "weights": [net.edges[edge]["weight"] for edge in edges],
    }


PLAYED = """([data, updates, rate]) => {
    const { readNetwork, makePass, run, trainPoint, meanLoss } = neurographPlayer.numerics;
    const network = readNetwork(data), pass = makePass(network);
    const weights = Float64Array.from(network.edges, (edge) => edge.weight);
    const found = { values: [], losses: [], gradients: [], trained: true };
    for (const point of data.points) {
        run(network, weights, point, pass);
        found.values.push([...pass.value]);
        found.losses.push(pass.loss);
        found.gradients.push([...pass.gradient]);
    }
    found.mean = meanLoss(network, weights, data.points, pass);
    for (let i = 0; i < updates; i++) {
        found.trained &&= trainPoint(network, weights, data.points[i % data.points.length], rate, pass);
    }
    return { ...found, weights: [...weights] };
}"""


@pytest.mark.parametrize("i", range(NETWORKS))
def test_the_browser_computes_what_the_library_computes(player, i):
    net, X, Y, loss, rate = PROBLEMS[i]
    expected = walked(net, X, Y, loss, rate)
    found = player.evaluate(PLAYED, [player_data(net, X, Y, loss, rate), UPDATES, rate])
    assert found["trained"]
    for what in ("values", "losses", "mean", "gradients", "weights"):
        normwise, componentwise = apart(found[what], expected[what])
        assert normwise <= RELATIVE, what
        assert componentwise <= RELATIVE, what


def test_the_networks_compared_use_every_function_and_loss_and_do_learn():
    functions = Counter(
        net.nodes[neuron]["activation"]
        for net, *_ in PROBLEMS
        for neuron in net
        if "activation" in net.nodes[neuron]
    )
    losses = Counter(loss for *_, loss, _ in PROBLEMS)
    assert functions.keys() == set(EVERY)
    assert min(functions.values()) >= 20
    assert losses == dict.fromkeys(ng.LOSSES, NETWORKS // len(ng.LOSSES))
    moved = [
        max(
            abs(new - old)
            for new, old in zip(walked(*problem)["weights"], ng.weights(problem[0]).values(), strict=True)
        )
        for problem in PROBLEMS[:40]
    ]
    assert np.median(moved) > 1e-2


POINTS = np.concatenate(
    [np.linspace(-8, 8, 401), [s * 10.0**e for e in range(-12, 3) for s in (-1, 1)], [-37.0, -30.5, 25.25]]
)


@pytest.mark.parametrize("name", ng.ACTIVATIONS)
def test_every_function_and_its_slope_keep_their_digits_far_out(player, name):
    found = player.evaluate(
        """([name, points]) => points.map((z) => [neurographPlayer.numerics.ACTIVATIONS.get(name).f(z),
            neurographPlayer.numerics.ACTIVATIONS.get(name).df(z)])""",
        [name, POINTS.tolist()],
    )
    row = ng.ACTIVATIONS[name]
    expected = np.column_stack([row(POINTS), row.derivative(POINTS)])
    assert np.isfinite(expected).all()
    assert np.allclose(found, expected, rtol=1e-14, atol=1e-16 if name == "gelu" else 1e-300)


def test_the_tail_of_gelu_is_right_to_the_last_digits(player):
    z = [-0.01, -0.5, -1.0, -2.5, -5.0, -8.25, -13.0, -20.0, -30.0, -37.0, 0.7, 3.0, 9.0]
    found = player.evaluate("(z) => z.map(neurographPlayer.numerics.ACTIVATIONS.get('gelu').f)", z)
    with mp.workdps(40):
        worst = max(abs(mp.mpf(y) / (mp.mpf(x) * mp.ncdf(x)) - 1) for x, y in zip(z, found, strict=True))
    assert worst < 2e-15


NUMBERS = [
    0.0, -0.0, 0.5, 0.03125, 0.09375, 0.015625, 1.0625, 1.1875, 2.0625, -3.3125, 1.0005, 0.9996, 0.99951,
    9.9999, 999999.9996, 1e6, 1125000.0, 1135000.0, 1.125e20, 1.135e21, 9.995e7, 1e-4, 9.9999e-5, 2**-14,
    1e-9, 5e-324, 1.7976931348623157e308, 123456.789, -1234.5678, 0.1, 0.25, 1 / 3,
    math.pi, math.inf, -math.inf, math.nan,
]  # fmt: skip


def test_numbers_are_written_as_the_library_writes_them(player):
    generator = np.random.default_rng(3)
    random = generator.normal(size=4000) * 10.0 ** generator.integers(-12, 12, 4000)
    ties = generator.integers(1, 2**12, 4000) / 2.0 ** generator.integers(1, 10, 4000)
    numbers = [*NUMBERS, *random.tolist(), *ties.tolist()]
    found = player.evaluate("(numbers) => numbers.map(neurographPlayer.numerics.number)", numbers)
    assert found == [number(x) for x in numbers]


TOLD = """([data]) => {
    const { readNetwork, makePass, run } = neurographPlayer.numerics;
    const { listSteps, stepText } = neurographPlayer.steps;
    const network = readNetwork(data), pass = makePass(network);
    const weights = Float64Array.from(network.edges, (edge) => edge.weight);
    run(network, weights, data.points[0], pass);
    return listSteps(network, true).filter((step) => ["forward", "backward"].includes(step.phase))
        .map((step) => stepText(network, step, { pass, weights, rate: 0.1, point: 0 }));
}"""


@pytest.mark.parametrize("i", range(NETWORKS))
def test_every_step_reads_as_the_library_prints_it(player, i):
    net, X, Y, loss, _ = PROBLEMS[i]
    expected = [*ng.forward_steps(net, X[0]), *ng.backward_steps(net, X[0], Y[0], loss=loss)]
    found = player.evaluate(TOLD, [player_data(net, X[:1], Y[:1], loss, 0.1)])
    assert found == [str(step) for step in expected]


def test_a_long_sum_leaves_out_its_middle_as_the_library_does(player):
    net = ng.mlp([20, 2, 15, 1], activation="tanh", seed=1)
    expected = [*ng.forward_steps(net, [0.1] * 20), *ng.backward_steps(net, [0.1] * 20, [1.0])]
    found = player.evaluate(TOLD, [player_data(net, [[0.1] * 20], [[1.0]], "squared", 0.1)])
    assert found == [str(step) for step in expected]
    assert any("more" in text for text in found)
