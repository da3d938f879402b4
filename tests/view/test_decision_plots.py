"""Pictures of what a network computes: in each cell what the walk says, its lines where a formula says."""

import networkx as nx
import numpy as np
import pytest
from plotted import legend, line

import neurograph as ng

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]


def test_a_decision_surface_has_in_each_cell_the_walk_s_output():
    net = ng.mlp([2, 3, 1], output_activation="logistic", seed=0)
    (output,) = ng.outputs(net)
    axes = ng.plot_decision_surface(net, X, Y, points=5)
    mesh = axes.collections[0]
    cells = np.asarray(mesh.get_array())
    assert cells.shape == (5, 5)
    ticks = [-0.12 + k * 1.24 / 4 for k in range(5)]
    for j, second in enumerate(ticks):
        for i, first in enumerate(ticks):
            assert cells[j, i] == pytest.approx(ng.forward(net, [first, second]).value[output], rel=1e-12)
    assert np.ptp(cells) > 0.01
    assert mesh.get_clim() == (0.0, 1.0)
    assert axes.get_title() == f"Value of output neuron {output}"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("input 1", "input 2")
    assert axes.figure.axes[1].get_ylabel() == f"output {output}"


def sum_of_two():
    """The network y = a + b, whose line in the middle is known."""
    net = nx.DiGraph()
    ng.add_input(net, "a")
    ng.add_input(net, "b")
    ng.add_output(net, "y", activation="identity")
    ng.connect(net, "a", "y", weight=1.0)
    ng.connect(net, "b", "y", weight=1.0)
    return net


def lines_of_level(axes):
    from matplotlib.contour import ContourSet

    (lines,) = [found for found in axes.collections if isinstance(found, ContourSet)]
    return lines.levels.tolist(), np.concatenate([path.vertices for path in lines.get_paths()])


def test_the_line_runs_where_the_output_is_in_the_middle_of_the_targets():
    axes = ng.plot_decision_surface(sum_of_two(), [[0.0, 0.0], [1.0, 1.0]], [[0.0], [1.0]])
    levels, vertices = lines_of_level(axes)
    assert levels == [0.5]
    assert len(vertices) > 100
    assert vertices.sum(axis=1) == pytest.approx(0.5, abs=1e-12)  # a + b = 1/2


def test_the_line_runs_where_an_output_with_two_ends_is_in_the_middle_of_them():
    net = sum_of_two()
    net.nodes["y"]["activation"] = "logistic"
    _, vertices = lines_of_level(ng.plot_decision_surface(net, bounds=[(-1, 2), (-1, 2)]))
    assert vertices.sum(axis=1) == pytest.approx(0.0, abs=1e-3)  # logistic(a + b) = 1/2


def test_points_have_a_marker_and_a_colour_for_each_kind_of_target():
    axes = ng.plot_decision_surface(ng.mlp([2, 3, 1], seed=0), X, Y, points=5)
    shown = {found.get_label(): found for found in axes.collections if found.get_label().startswith("target")}
    assert set(shown) == {"target 0", "target 1"} == set(legend(axes))
    assert shown["target 0"].get_offsets().tolist() == [[0, 0], [1, 1]]
    assert shown["target 1"].get_offsets().tolist() == [[0, 1], [1, 0]]
    first, second = (found.get_paths()[0].vertices for found in shown.values())
    assert first.shape != second.shape
    many = np.linspace(0.0, 1.0, 20)
    axes = ng.plot_decision_surface(ng.mlp([2, 3, 1], seed=0), np.stack([many, many], 1), many[:, None])
    assert axes.collections[-1].get_offsets().tolist() == np.stack([many, many], 1).tolist()
    assert axes.collections[-1].get_array().tolist() == many.tolist()


def test_several_outputs_are_drawn_as_regions_where_each_is_the_largest():
    net = ng.mlp([2, 4, 3], seed=3)
    first, second, third = ng.outputs(net)
    points = [[0.0, 0.5], [1.0, -1.0], [2.0, 0.0]]
    axes = ng.plot_decision_surface(net, points, np.eye(3), points=9, bounds=[(-3, 3), (-2, 2)])
    cells = np.asarray(axes.collections[0].get_array())
    for j, b in enumerate(np.linspace(-2, 2, 9)):
        for i, a in enumerate(np.linspace(-3, 3, 9)):
            value = ng.forward(net, [a, b]).value
            assert cells[j, i] == max(range(3), key=lambda k: value[ng.outputs(net)[k]])
    assert len(set(cells.ravel().tolist())) > 1
    shown = {found.get_label(): found.get_offsets().tolist() for found in axes.collections}
    names = [f"output {neuron}" for neuron in (first, second, third)]
    assert [shown[name] for name in names] == [[point] for point in points]
    assert legend(axes) == names
    one = ng.plot_decision_surface(net, points, np.eye(3), output=second, points=3)
    assert one.get_title() == f"Value of output neuron {second}"
    assert np.asarray(one.collections[0].get_array())[0, 0] == pytest.approx(
        ng.forward(net, [-0.24, -1.18]).value[second]
    )


def test_a_network_with_one_input_is_drawn_as_curves_with_the_targets_as_points():
    net = ng.mlp([1, 3, 2], seed=0)
    first, second = ng.outputs(net)
    axes = ng.plot_decision_surface(net, [[0.0], [1.0]], [[0.1, 0.2], [0.3, 0.4]], points=5)
    x, y = line(axes, f"output {second}")
    assert x == pytest.approx([-0.12 + k * 1.24 / 4 for k in range(5)])
    assert y == pytest.approx([ng.forward(net, [number]).value[second] for number in x], rel=1e-12)
    shown = {found.get_label(): found.get_offsets().tolist() for found in axes.collections}
    assert shown[f"target of {first}"] == [[0.0, 0.1], [1.0, 0.3]]
    assert shown[f"target of {second}"] == [[0.0, 0.2], [1.0, 0.4]]
    assert axes.get_xlabel() == "input 1"
    assert axes.get_title() == f"Value of outputs {first}, {second}"


def test_the_legend_of_curves_stands_where_neither_curve_nor_target_is_high():
    rising = ng.mlp([1, 1], activation="identity", bias=False)
    nx.set_edge_attributes(rising, 0.1, "weight")
    left, right = ([[-0.9], [0.9]], [[5.0], [0.0]]), ([[-0.9], [0.9]], [[0.0], [5.0]])
    places = [ng.plot_decision_surface(rising, *points).get_legend()._loc_real for points in (left, right)]
    assert places == [1, 2]  # matplotlib's numbers of the upper right and the upper left corner


@pytest.mark.parametrize("sizes", [[1, 2, 1], [2, 2, 1], [2, 2, 3]])
@pytest.mark.parametrize("data", [{}, {"X": 1}])
def test_points_and_targets_may_be_missing(sizes, data):
    inputs = sizes[0]
    given = {"X": np.ones((1, inputs))} if data else {}
    axes = ng.plot_decision_surface(ng.mlp(sizes, seed=0), **given, points=3)
    low, high = (0.0, 2.0) if data else (-1.0, 1.0)
    if inputs == 1:
        assert axes.get_lines()[0].get_xdata().tolist() == [low, (low + high) / 2, high]
    else:
        assert axes.collections[0].get_coordinates()[0, :, 0].mean() == pytest.approx((low + high) / 2)
    axes.figure.canvas.draw()


def test_a_constant_network_has_a_picture():
    net = sum_of_two()
    net.edges["a", "y"]["weight"] = net.edges["b", "y"]["weight"] = 0.0
    axes = ng.plot_decision_surface(net)
    axes.figure.canvas.draw()
    shown = axes.collections[0].get_array()
    assert shown.size > 1000
    assert (shown == ng.forward(net, [0.0, 0.0]).outputs[0]).all()
