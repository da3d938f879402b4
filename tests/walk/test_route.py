"""What is refused before a walk: networks with errors, losses that do not fit."""

import networkx as nx
import pytest
from strategies import fingerprint, of_kind, random_graphs

import neurograph as ng
from neurograph.walk.route import read_route

WALKS = {
    "forward": lambda net: ng.forward(net, [0.5]),
    "forward_steps": lambda net: ng.forward_steps(net, [0.5]),
    "backward": lambda net: ng.backward(net, [0.5], [1.0]),
    "backward_steps": lambda net: ng.backward_steps(net, [0.5], [1.0]),
    "check_gradients": lambda net: ng.check_gradients(net, [0.5], [1.0]),
    "fit": lambda net: ng.fit(net, [[0.5]], [[1.0]]),
}


@pytest.mark.parametrize("walk", WALKS)
def test_a_network_with_errors_is_refused_with_all_of_them(walk):
    net = ng.example_network()
    net.add_edge(9, 3, weight=1.0)
    net.nodes[7]["activation"] = "relux"
    net.edges[1, 3]["weight"] = "0.5"
    before = fingerprint(net)
    with pytest.raises(ng.InvalidNetworkError) as caught:
        WALKS[walk](net)
    codes = {finding.code for finding in caught.value.report.errors}
    assert codes == {"cycle", "unknown-activation", "weight-not-a-number"}
    assert fingerprint(net) == before


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("net", [None, {}, nx.Graph(), nx.MultiDiGraph(), nx.DiGraph()])
def test_what_is_no_network_is_refused(walk, net):
    with pytest.raises(ng.InvalidNetworkError):
        WALKS[walk](net)


@pytest.mark.parametrize("walk", WALKS)
def test_a_network_with_warnings_runs(walk):
    net = ng.example_network()
    ng.connect(net, 1, 9, weight=0.5)
    ng.add_hidden(net, "dead end", activation="sign")
    ng.connect(net, 3, "dead end", weight=1.0)
    assert ng.check(net).warnings
    WALKS[walk](net)


@pytest.mark.parametrize("activation", [name for name in ng.ACTIVATIONS if name != "logistic"])
def test_cross_entropy_is_refused_where_outputs_leave_its_range_and_the_reason_is_told(activation):
    net = ng.example_network()
    net.nodes[9]["activation"] = activation
    with pytest.raises(ng.OptionError, match=r"cross_entropy takes outputs in \(0, 1\), and") as caught:
        ng.backward(net, [0.5], [1.0], loss="cross_entropy")
    assert caught.value.code == "loss-misfit"
    assert "output neuron 9" in caught.value.where
    assert f"and {activation} gives" in str(caught.value)


def test_a_loss_looks_at_the_outputs_only():
    net = ng.example_network()
    net.nodes[6]["activation"] = "identity"
    assert ng.backward(net, [0.5], [1.0], loss="cross_entropy").loss > 0.0


@pytest.mark.parametrize(
    ("loss", "target"),
    [("cross_entropy", -0.1), ("cross_entropy", 1.5), ("hinge", 0.0), ("hinge", 0.5), ("hinge", 2.0)],
)
def test_a_target_that_the_loss_cannot_take_is_named(loss, target):
    good = 1.0
    net = ng.mlp([1, 2], activation="logistic", seed=0)
    for call in (ng.backward, ng.backward_steps, ng.check_gradients, ng.fit):
        with pytest.raises(
            ng.DataError, match=rf"Y, row 1, column 4.*does not fit the loss {loss}"
        ) as caught:
            call(net, [[0.5], [0.2]], [[good, good], [good, target]], loss=loss)
        assert caught.value.code == "target-misfit"


@pytest.mark.parametrize(("given", "meant"), [("sqared", "squared"), ("cross entropy", "cross_entropy")])
def test_an_unknown_loss_is_refused_with_the_nearest(given, meant):
    with pytest.raises(ng.OptionError, match=f"did you mean '{meant}'"):
        ng.backward(ng.example_network(), [0.5], [1.0], loss=given)


@pytest.mark.parametrize("loss", [None, 3, ["squared"], ng.LOSSES["squared"]])
def test_a_loss_is_a_name(loss):
    with pytest.raises(ng.OptionError, match="unknown loss"):
        ng.backward(ng.example_network(), [0.5], [1.0], loss=loss)


def test_a_route_is_the_graph_in_the_order_of_its_nodes():
    for net in random_graphs(31, 50, frozen=True):
        route = read_route(net)
        place = {neuron: i for i, neuron in enumerate(net)}
        for neuron in net:
            assert route.sources[neuron] == sorted(net.pred[neuron], key=place.get)
            assert route.targets[neuron] == sorted(net.succ[neuron], key=place.get)
        assert route.inputs == of_kind(net, "input")
        assert route.outputs == of_kind(net, "output")
        assert route.weight == {(s, t): w for s, t, w in net.edges(data="weight")}
        assert route.trainable == {(s, t): w for s, t, w in net.edges(data="trainable", default=True)}
