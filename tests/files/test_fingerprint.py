"""The fingerprint of a network changes with its structure and with nothing else."""

import pytest
from strategies import random_graphs

import neurograph as ng
from neurograph.files.fingerprint import fingerprint, first_difference


def test_it_is_the_same_after_a_copy_and_a_round_trip_and_with_other_weights():
    for net in random_graphs(seed=3, count=40):
        known = fingerprint(net)
        other = ng.loads(ng.dumps(net))
        ng.randomize_weights(other, seed=1)
        other.nodes[next(iter(other))]["colour"] = "red"
        assert fingerprint(net.copy()) == fingerprint(other) == known
        assert len(known) == 64


CHANGES = {
    "another kind": (lambda net: net.nodes[2].update(kind="input"), "the kind of neuron 2 is 'input'"),
    "another activation": (lambda net: net.nodes[6].update(activation="sine"), "neuron 6 is 'sine'"),
    "an edge less": (lambda net: net.remove_edge(4, 6), "it has no edge 4 → 6"),
    "an edge more": (lambda net: ng.connect(net, 3, 7), "it has an edge 3 → 7 more"),
    "a frozen edge": (lambda net: ng.freeze(net, [(4, 6)]), "edge 4 → 6 is frozen in it"),
    "a neuron more": (lambda net: ng.add_bias(net, 10), "it has a neuron 10 more"),
    "a neuron less": (lambda net: net.remove_node(5), "it has no neuron 5"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_the_structure_changes_it_and_is_named(name):
    change, words = CHANGES[name]
    net = ng.example_network()
    change(net)
    assert fingerprint(net) != fingerprint(ng.example_network())
    assert words in first_difference(net, ng.example_network())


def test_keys_that_look_alike_and_the_order_of_neurons_count():
    net, other = ng.example_network(), type(ng.example_network())()
    other.add_nodes_from(reversed(list(net.nodes(data=True))))
    other.add_edges_from(net.edges(data=True))
    assert fingerprint(other) != fingerprint(net)
    assert "another order" in first_difference(other, net)
    assert first_difference(net, ng.example_network()) == ""
