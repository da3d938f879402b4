"""What a trace shows: every number that was computed, and a dash for every one that was not."""

import numpy as np

import neurograph as ng


def rows(trace):
    return [line.split() for line in str(trace).splitlines()]


def test_a_forward_walk_shows_no_delta_and_a_dash_for_what_has_no_z():
    head, *table = rows(ng.forward(ng.example_network(), [0.5]))
    assert head == ["neuron", "z", "value", "delta"]
    assert [row[0] for row in table] == [str(neuron) for neuron in range(1, 10)]
    assert [row[3] for row in table] == ["—"] * 9
    assert [row[0] for row in table if row[1] == "—"] == ["1", "2", "5", "8"]


def test_a_backward_walk_shows_the_loss_the_deltas_and_the_gradients():
    trace = ng.backward(ng.example_network(), [0.5], [1.0])
    lines = rows(trace)
    assert lines[0][0] == "loss"
    assert float(lines[0][1]) == round(trace.loss, 3)
    assert [row[0] for row in lines[2:11] if row[3] == "—"] == ["1", "2", "5", "8"]
    assert lines[11] == ["edge", "gradient"]
    assert len(lines) == 12 + 12
    shown = {(int(s), int(t)): float(g.replace("−", "-")) for s, _, t, g in lines[12:]}
    assert shown.keys() == trace.gradient.keys()
    assert all(abs(shown[edge] - g) <= 5.01e-3 * abs(g) for edge, g in trace.gradient.items())


def test_a_number_that_was_computed_and_is_zero_is_a_zero():
    trace = ng.backward(ng.mlp([1, 1], activation="identity", bias=False, seed=0), [0.0], [0.0])
    assert rows(trace)[0] == ["loss", "0"]
    assert rows(trace)[3] == ["2", "0", "0", "0"]


def test_a_batch_shows_its_first_samples():
    text = str(ng.backward(ng.example_network(), np.linspace(0, 1, 9)[:, None], np.ones((9, 1))))
    assert "[0, 0.125, 0.25, … 9 samples]" in text
    assert max(map(len, text.splitlines())) < 150


def test_a_long_trace_is_cut_and_says_so():
    trace = ng.backward(ng.mlp([30, 30, 1], seed=0), np.ones(30), [1.0])
    lines = str(trace).splitlines()
    assert "… and 13 more neurons" in lines
    assert len(lines) < 110


def test_two_walks_of_the_same_numbers_are_equal():
    net = ng.example_network()
    assert ng.backward(net, [0.5], [1.0]) == ng.backward(net, [0.5], [1.0]) != ng.forward(net, [0.5])


def test_edges_that_are_left_out_are_counted_in_text_and_table():
    net = ng.mlp([5, 12, 3], seed=0)
    trace = ng.backward(net, np.zeros(5), np.zeros(3))
    left_out = f"… and {len(trace.gradient) - 50} more edges"
    assert str(trace).endswith(left_out)
    assert left_out in trace._repr_html_()
    assert str(trace).count("→") == 50
