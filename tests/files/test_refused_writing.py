"""What a file could not give back is refused before anything is written, every place at once."""

import collections
import datetime
import decimal
import enum
import fractions

import networkx as nx
import numpy as np
import pytest
from strategies import fingerprint

import neurograph as ng
from neurograph.errors import FileFormatError, InvalidNetworkError, WeightError
from neurograph.files import dumps, load, loads, save

Colour = enum.IntEnum("Colour", "RED GREEN")


class Odd:
    def __repr__(self):
        raise RuntimeError


loop = [1]
loop.append([loop])

UNSTORABLE = {
    "a tuple": (1, 2),
    "a set": {1},
    "bytes": b"a",
    "an array": np.zeros(2),
    "an array without dimensions": np.array(1.0),
    "nan": float("nan"),
    "infinity": float("-inf"),
    "nan of numpy": np.float32("nan"),
    "a complex number": 1j,
    "a complex number of numpy": np.complex64(1j),
    "a long double": np.longdouble(1) / 3,
    "a date": datetime.date(2020, 1, 1),
    "a date of numpy": np.datetime64("2020-01-01"),
    "a decimal": decimal.Decimal("0.1"),
    "a fraction": fractions.Fraction(1, 3),
    "an enumeration": Colour.RED,
    "an integer of 21 digits": 10**20,
    "a negative one": -(10**20),
    "a lone surrogate": "a\ud800",
    "NUL": "a\0",
    "an object": Odd(),
    "a function": len,
    "a class": int,
    "a dictionary with a number as key": {1: "a"},
    "a dictionary with a lone surrogate as key": {"\ud800": "a"},
    "a list that contains itself": loop,
    "an ordered dictionary": collections.OrderedDict(a=1),
    "something deep inside": [{"a": [1, {"b": (1,)}]}],
}


@pytest.mark.parametrize("name", UNSTORABLE)
def test_an_attribute_that_cannot_be_stored_exactly_is_refused(name, tmp_path):
    save(ng.example_network(), tmp_path / "net.json")
    old = (tmp_path / "net.json").read_bytes()
    for place in ("net.graph['x']", "net.nodes[3]['x']", "net.edges[(4, 6)]['x']"):
        net = ng.example_network()
        {"g": net.graph, "n": net.nodes[3], "e": net.edges[4, 6]}[place[4]]["x"] = UNSTORABLE[name]
        with pytest.raises(FileFormatError) as caught:
            save(net, tmp_path / "net.json")
        assert place in str(caught.value)
        assert "Fix: " in str(caught.value)
    assert (tmp_path / "net.json").read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["net.json"]


def test_all_places_are_listed_at_once_with_the_fix():
    net = ng.example_network()
    net.graph["x"] = {1}
    net.nodes[3]["position"] = (1, 2)
    net.nodes[4]["deep"] = [0, {"a": float("nan")}]
    net.edges[4, 6]["y"] = np.zeros(1)
    before = fingerprint(net)
    with pytest.raises(FileFormatError) as caught:
        dumps(net)
    lines = str(caught.value).splitlines()
    assert lines[0] == "4 problems in this network"
    assert [where for where, _ in caught.value.problems] == [
        "net.graph['x']",
        "net.nodes[3]['position']",
        "net.nodes[4]['deep'][1]['a']",
        "net.edges[(4, 6)]['y']",
    ]
    assert "is a tuple: make it a list" in lines[2]
    assert "tolist()" in lines[4]
    assert fingerprint(net) == before


@pytest.mark.parametrize("name", ["source", "target"])
def test_an_attribute_of_an_edge_cannot_be_called_like_an_end(name):
    net = ng.example_network()
    net.edges[4, 6][name] = 1
    with pytest.raises(FileFormatError, match="name that the format uses") as caught:
        dumps(net)
    assert f"net.edges[(4, 6)]['{name}']" in str(caught.value)


def test_an_attribute_of_a_neuron_cannot_be_called_id():
    net = ng.example_network()
    net.nodes[4]["id"] = 4
    with pytest.raises(FileFormatError, match=r"net\.nodes\[4\]\['id'\]"):
        dumps(net)
    net.nodes[4].pop("id")
    net.nodes[4].update(source=1, target=2)
    net.edges[4, 6]["id"] = 3
    loaded = loads(dumps(net))
    assert (loaded.nodes[4]["source"], loaded.edges[4, 6]["id"]) == (1, 3)


@pytest.mark.parametrize("name", [1, ("a",), None, "a\0", "\ud800"])
def test_the_name_of_an_attribute_is_a_string(name):
    net = ng.example_network()
    net.nodes[4][name] = 1
    with pytest.raises(FileFormatError, match=r"net\.nodes\[4\]\["):
        dumps(net)


@pytest.mark.parametrize(
    "key", [1.5, (1, 2), frozenset(), "", " ", "x" * 1001, "a\nb", "a\ud800", 10**20, True]
)
def test_a_key_that_is_no_sound_integer_or_string_is_refused(key):
    net = nx.relabel_nodes(ng.example_network(), {7: key}) if key is not True else _with_true()
    with pytest.raises(InvalidNetworkError, match="the key") as caught:
        dumps(net)
    assert caught.value.code == "bad-key"


def _with_true():
    """Return the example with True in the place of its neuron 1, which is equal to it."""
    net = ng.example_network()
    renamed = nx.DiGraph()
    renamed.add_nodes_from((True if n == 1 else n, attributes) for n, attributes in net.nodes(data=True))
    renamed.add_edges_from(net.edges(data=True))
    return renamed


@pytest.mark.parametrize("twins", [(7, "7"), (-7, "-7"), (0, "0")])
@pytest.mark.parametrize("turned", [False, True])
def test_two_keys_that_look_the_same_are_refused(twins, turned):
    names = dict(zip((6, 7), reversed(twins) if turned else twins, strict=True))
    with pytest.raises(InvalidNetworkError, match="looks like"):
        dumps(nx.relabel_nodes(ng.example_network(), names))


def test_a_network_with_errors_is_refused_with_its_report(tmp_path):
    net = ng.example_network()
    net.edges[4, 6]["weight"] = float("nan")
    with pytest.raises(WeightError) as caught:
        save(net, tmp_path / "net.json")
    assert caught.value.report == ng.check(net)
    net.nodes[3].pop("kind")
    with pytest.raises(InvalidNetworkError, match="2 problems"):
        dumps(net)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("net", [None, nx.Graph(), nx.MultiDiGraph(), "net", nx.DiGraph()])
def test_what_is_no_network_is_refused(net):
    with pytest.raises(InvalidNetworkError):
        dumps(net)


def test_an_ending_without_a_format_is_refused_before_the_network_is_looked_at(tmp_path):
    with pytest.raises(FileFormatError, match=r"no format has the ending '\.yaml'"):
        save(None, tmp_path / "net.yaml")


def test_subclasses_of_strings_come_back_as_the_strings_they_equal(tmp_path):
    class Name(str):
        def __str__(self):
            return "another"

    net = nx.relabel_nodes(ng.example_network(), {n: Name(f"n{n}") for n in range(1, 10)})
    save(net, tmp_path / "net.json")
    loaded = load(tmp_path / "net.json")
    assert list(loaded) == [f"n{n}" for n in range(1, 10)]
    assert {type(n) for n in loaded} == {str}
