"""Files that are broken or hostile: each is refused by name and place, and nothing else ever happens."""

import bz2
import contextlib
import copy
import gzip
import json
import lzma
import pickle
import random
import socket
import subprocess
import sys
import textwrap
import warnings
import zipfile

import pytest

import neurograph as ng
from neurograph.errors import (
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    OptionError,
    UnsafeFileError,
    VersionError,
    WeightError,
)
from neurograph.files import dumps, load, loads
from neurograph.files.json_parsing import nesting
from neurograph.files.reading import read_bytes, read_stream

TEXT = dumps(ng.example_network())
LINES = len(TEXT.splitlines())
POSITION = list(ng.example_network()).index(6)


def document(**members):
    """Return the example's document with some members replaced."""
    return json.loads(TEXT) | members


def with_node(**members):
    """Return the text of the example with members of its second node replaced."""
    changed = document()
    changed["nodes"][1] |= members
    return json.dumps(changed)


def with_edge(**members):
    """Return the text of the example with members of its fourth edge replaced."""
    changed = document()
    changed["edges"][3] |= members
    return json.dumps(changed)


def weight_as(literal):
    """Return the text of the example with a literal as the weight of its fourth edge."""
    return with_edge(weight="HERE").replace('"HERE"', literal)


def without(text, *path):
    """Return the text with one member removed."""
    changed = json.loads(text)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return json.dumps(changed)


def refusal(text, **options):
    with pytest.raises(NeurographError) as caught:
        loads(text, **options)
    message = str(caught.value)
    assert all(c.isprintable() or c == "\n" for c in message)
    return caught.value


CASES = {
    # name: (text, class of the error, what its message holds)
    "directed missing": (without(TEXT, "directed"), FileFormatError, ["/directed", "missing", "true"]),
    "directed a string": (json.dumps(document(directed="false")), FileFormatError, ["/directed", "'false'"]),
    "directed 1": (json.dumps(document(directed=1)), FileFormatError, ["/directed"]),
    "directed false": (json.dumps(document(directed=False)), FileFormatError, ["/directed"]),
    "multigraph missing": (without(TEXT, "multigraph"), FileFormatError, ["/multigraph"]),
    "multigraph true": (json.dumps(document(multigraph=True)), FileFormatError, ["/multigraph"]),
    "format missing": (without(TEXT, "format"), FileFormatError, ["/format", "missing"]),
    "another format": (json.dumps(document(format="gltf")), FileFormatError, ["/format", "'gltf'"]),
    "version missing": (without(TEXT, "version"), FileFormatError, ["/version", "missing"]),
    "version true": (json.dumps(document(version=True)), FileFormatError, ["/version", "true"]),
    "version 1.0": (TEXT.replace('"version": 1', '"version": 1.0'), FileFormatError, ["/version"]),
    "version 0": (json.dumps(document(version=0)), FileFormatError, ["/version"]),
    "a newer version": (json.dumps(document(version=3)), VersionError, ["version 3", "version 1", "upgrade"]),
    "a list": ("[]", FileFormatError, ["list", "object"]),
    "null": ("null", FileFormatError, ["null", "object"]),
    "a number": ("1", FileFormatError, ["object"]),
    "nothing": ("", FileFormatError, ["empty"]),
    "only blanks": (" \n ", FileFormatError, ["empty"]),
    "nodes an object": (json.dumps(document(nodes={})), FileFormatError, ["/nodes", "an object", "list"]),
    "nodes a string": (json.dumps(document(nodes="abc")), FileFormatError, ["/nodes", "'abc'"]),
    "nodes missing": (without(TEXT, "nodes"), FileFormatError, ["/nodes", "missing"]),
    "edges missing": (without(TEXT, "edges"), FileFormatError, ["/edges", "missing"]),
    "edges null": (json.dumps(document(edges=None)), FileFormatError, ["/edges", "null"]),
    "a node a list": (json.dumps(document(nodes=[[1]], edges=[])), FileFormatError, ["/nodes/0", "a list"]),
    "an edge a number": (json.dumps(document(edges=[7])), FileFormatError, ["/edges/0", "7"]),
    "graph a string": (json.dumps(document(graph="evil")), FileFormatError, ["/graph", "'evil'"]),
    "links beside edges": (json.dumps(document(links=[])), FileFormatError, ["/links", "edges"]),
    "an unknown member": (json.dumps(document(node=[])), FileFormatError, ["/node", "did you mean 'nodes'?"]),
    "id missing": (without(TEXT, "nodes", 1, "id"), FileFormatError, ["/nodes/1/id", "missing"]),
    "id null": (with_node(id=None), FileFormatError, ["/nodes/1/id", "null"]),
    "id true": (with_node(id=True), FileFormatError, ["/nodes/1/id", "true"]),
    "id 2.0": (with_node(id=2.0), FileFormatError, ["/nodes/1/id", "2.0"]),
    "id a list": (with_node(id=[2]), FileFormatError, ["/nodes/1/id", "a list"]),
    "id an object": (with_node(id={}), FileFormatError, ["/nodes/1/id", "an object"]),
    "id of 30 digits": (with_node(id=10**30), LimitError, ["/nodes/1/id", "31 digits"]),
    "id empty": (
        json.dumps(document(nodes=[*document()["nodes"], {"id": "", "kind": "bias"}])),
        InvalidNetworkError,
        ["/nodes/9/id", "blank"],
    ),
    "id of 1,001 characters": (
        json.dumps(document(nodes=[*document()["nodes"], {"id": "x" * 1001, "kind": "bias"}])),
        LimitError,
        ["/nodes/9/id", "1001 characters"],
    ),
    "id with a control character": (
        json.dumps(document(nodes=[*document()["nodes"], {"id": "a\x1b[31m", "kind": "bias"}])),
        InvalidNetworkError,
        ["/nodes/9/id", "'\\x1b'"],
    ),
    "id with a lone surrogate": (with_node(id="\ud800"), FileFormatError, ["/nodes/1/id", "'\\ud800'"]),
    "id twice": (
        json.dumps(document(nodes=[*document()["nodes"], {"id": 6, "kind": "bias"}])),
        InvalidNetworkError,
        [f"id 6 at /nodes/{POSITION} and /nodes/9"],
    ),
    "ids 6 and '6'": (
        json.dumps(document(nodes=[*document()["nodes"], {"id": "6", "kind": "bias"}])),
        InvalidNetworkError,
        ["/nodes/9/id", "'6'", "looks like", f"/nodes/{POSITION}"],
    ),
    "ids '-1' and -1": (
        json.dumps(document(nodes=[{"id": "-1"}, {"id": -1}], edges=[])),
        InvalidNetworkError,
        ["/nodes/1/id", "looks like"],
    ),
    "source missing": (without(TEXT, "edges", 3, "source"), FileFormatError, ["/edges/3/source", "missing"]),
    "source true": (with_edge(source=True), FileFormatError, ["/edges/3/source", "true"]),
    "target null": (with_edge(target=None), FileFormatError, ["/edges/3/target", "null"]),
    "target 4.0": (with_edge(target=4.0), FileFormatError, ["/edges/3/target", "4.0"]),
    "target of the other type": (
        with_edge(target="4"),
        InvalidNetworkError,
        ["/edges/3/target", "'4' is not a node", "did you mean 4?"],
    ),
    "target not declared": (with_edge(target=77), InvalidNetworkError, ["/edges/3/target", "77"]),
    "an edge twice": (
        json.dumps(document(edges=[*document()["edges"], {"source": 4, "target": 6, "weight": 2.0}])),
        InvalidNetworkError,
        ["4 → 6", "/edges/12"],
    ),
    "weight NaN": (weight_as("NaN"), FileFormatError, ["NaN is not JSON", "/edges/3/weight"]),
    "weight Infinity": (weight_as("Infinity"), FileFormatError, ["Infinity is not JSON", "/edges/3/weight"]),
    "weight -Infinity": (weight_as("-Infinity"), FileFormatError, ["-Infinity", "/edges/3/weight"]),
    "weight 1e400": (weight_as("1e400"), WeightError, ["1e400 does not fit a float64", "/edges/3/weight"]),
    "weight -1e400": (weight_as("-1e400"), WeightError, ["-1e400 does not fit a float64"]),
    "weight of 5,000 digits and a point": (
        weight_as("1" * 5000 + ".5"),
        WeightError,
        ["does not fit a float64", "/edges/3/weight"],
    ),
    "weight of 5,000 digits": (weight_as("1" * 5000), WeightError, ["5000 digits", "/edges/3/weight"]),
    "weight of 4,000 digits": (weight_as("-" + "9" * 4000), WeightError, ["4000 digits", "/edges/3/weight"]),
    "weight beyond 2^53": (weight_as("9007199254740993"), WeightError, ["9007199254740993", "2 → 4"]),
    "weight a string": (weight_as('"0.5"'), WeightError, ["text '0.5'", "2 → 4"]),
    "weight true": (weight_as("true"), WeightError, ["True", "2 → 4"]),
    "weight null": (weight_as("null"), WeightError, ["no weight", "2 → 4"]),
    "weight a list": (weight_as("[0.5]"), WeightError, ["[0.5]", "2 → 4"]),
    "weight an object": (weight_as("{}"), WeightError, ["{}", "2 → 4"]),
    "weight missing": (without(TEXT, "edges", 3, "weight"), WeightError, ["no weight", "2 → 4"]),
    "weight twice": (
        weight_as('1, "weight": 7'),
        FileFormatError,
        ["key 'weight' twice", "/edges/3/weight"],
    ),
    "nodes twice": (TEXT.replace('"graph": {}', '"nodes": []'), FileFormatError, ["key 'nodes' twice"]),
    "an attribute 1e999": (
        with_node(x="HERE").replace('"HERE"', "[1e999]"),
        FileFormatError,
        ["/nodes/1/x/0", "1e999"],
    ),
    "an attribute NaN": (with_node(x=[float("nan")]), FileFormatError, ["/nodes/1/x/0", "NaN is not JSON"]),
    "an attribute of 21 digits": (with_node(x=10**20), LimitError, ["/nodes/1/x", "21 digits"]),
    "an attribute with NUL": (with_node(x="a\0"), FileFormatError, ["/nodes/1/x", "'\\x00'"]),
    "an attribute with a lone surrogate": (
        with_node(x="\udfff"),
        FileFormatError,
        ["/nodes/1/x", "'\\udfff'"],
    ),
    "a key with a lone surrogate": (with_node(**{"\ud834": 1}), FileFormatError, ["/nodes/1/", "'\\ud834'"]),
    "text after the end": (TEXT + "{}", FileFormatError, [f"line {LINES + 1}, column 1", "extra data"]),
    "a comment": (TEXT.replace("{}", "{} // none"), FileFormatError, ["line 6", "not JSON"]),
    "a trailing comma": (TEXT.replace('"kind": "bias"}', '"kind": "bias",}'), FileFormatError, ["line 9"]),
    "single quotes": ("{'format': 'neurograph'}", FileFormatError, ["line 1, column 2"]),
    "an unknown kind": (with_node(kind="biass"), InvalidNetworkError, ["'biass'", "did you mean 'bias'?"]),
    "an activation that names code": (
        TEXT.replace('"logistic"', '"os.system"'),
        InvalidNetworkError,
        ["os.system"],
    ),
    "a cycle": (with_edge(source=6, target=3), InvalidNetworkError, ["cycle", "3 → 6 → 3"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_file_is_refused_with_its_class_and_place(name):
    text, error, parts = CASES[name]
    found = refusal(text)
    assert type(found) is error, found
    for part in parts:
        assert part in str(found)
    if isinstance(found, FileFormatError):
        assert found.problems
    as_bytes = refusal(text.encode("utf-8", "surrogatepass"), name="net.json")
    assert type(as_bytes) is error
    assert "net.json" in str(as_bytes)


def test_every_problem_of_a_file_is_listed_in_the_order_of_the_file():
    broken = document(directed="yes")
    broken["nodes"][8]["id"] = 8
    broken["edges"][0]["weight"] = float("inf")
    broken["edges"][2]["target"] = None
    found = refusal(json.dumps(broken))
    places = [where for where, _ in found.problems]
    assert places[:4] == ["/directed", "/nodes/8/id", "/edges/0/weight", "/edges/2/target"]
    assert str(found).startswith(f"{len(places)} problems in the text")
    assert [line.split()[0] for line in str(found).splitlines()[1:]] == places


def test_a_hundred_problems_are_listed_and_the_others_counted():
    broken = document(edges=[{"source": 1, "target": -n, "weight": 1.0} for n in range(1, 5001)])
    found = refusal(json.dumps(broken))
    assert type(found) is InvalidNetworkError
    lines = str(found).splitlines()
    assert lines[0] == "5000 problems in the text"
    assert len(lines) == 102
    assert lines[-1].strip() == "… and 4900 more"


def test_problems_with_weights_and_with_neurons_make_an_error_of_the_network():
    broken = document()
    broken["nodes"][8]["id"] = 8
    found = refusal(json.dumps(broken).replace("0.8", "1e999"))
    assert type(found) is InvalidNetworkError


@pytest.mark.parametrize("weight", ["0.5", True, None, [0.5], {}, 2**53 + 1])
def test_a_sound_file_with_a_broken_network_loads_when_not_strict(weight):
    net = loads(with_edge(weight=weight), strict=False)
    assert net.edges[2, 4]["weight"] == weight
    assert len(ng.check(net).errors) == 1


def test_a_network_with_errors_is_refused_with_its_report_and_the_name_of_the_file(tmp_path):
    (tmp_path / "net.json").write_text(with_node(kind="axon"))
    with pytest.raises(InvalidNetworkError, match=r"net\.json': 1 problem") as caught:
        load(tmp_path / "net.json")
    assert caught.value.report == ng.check(load(tmp_path / "net.json", strict=False))
    assert "unknown-kind" in str(caught.value)


def test_a_message_names_the_file_however_long_its_path(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    for name, text in {"a.json": "[]", "b.json": with_node(kind="axon"), "c.txt": ""}.items():
        (folder / name).write_text(text)
        with pytest.raises(NeurographError, match=name.replace(".", r"\.")):
            load(folder / name)


def test_names_of_attributes_that_are_arguments_elsewhere_are_only_names():
    names = dict.fromkeys(["self", "node_for_adding", "u_of_edge", "attr", "__class__", "key", "weight"], 1)
    net = loads(with_node(**names))
    assert net.nodes[2] == {"kind": "bias"} | names
    names.pop("weight")
    assert loads(with_edge(**names)).edges[2, 4] == {"weight": -0.2} | names


def test_links_are_read_as_edges_with_a_note_that_points_at_the_caller():
    old = document()
    old["links"] = old.pop("edges")
    with pytest.warns(UserWarning, match=r'"links" is read as "edges"') as caught:
        net = loads(json.dumps(old))
    assert caught[0].filename == __file__
    assert list(net.edges) == list(ng.example_network().edges)
    old["links"][3]["target"] = 77
    with (
        pytest.warns(UserWarning, match="links"),
        pytest.raises(InvalidNetworkError, match="/links/3/target"),
    ):
        loads(json.dumps(old))


def test_a_number_that_vanishes_becomes_0_with_a_warning(tmp_path):
    (tmp_path / "net.json").write_text(weight_as("1e-400"))
    with pytest.warns(UserWarning, match="1e-400") as caught:
        net = load(tmp_path / "net.json")
    assert caught[0].filename == __file__
    assert net.edges[2, 4]["weight"] == 0.0
    assert loads(weight_as("0.0e-400")).edges[2, 4]["weight"] == 0.0


def test_the_graph_member_may_be_left_out():
    assert loads(without(TEXT, "graph")).graph == {}


@pytest.mark.parametrize(
    ("limit", "member"),
    [({"most_nodes": 8}, "/nodes"), ({"most_edges": 11}, "/edges"), ({"most_bytes": 99}, "")],
)
def test_a_file_beyond_a_limit_is_refused_by_the_name_of_the_argument(limit, member, tmp_path):
    (tmp_path / "net.json").write_text(TEXT)
    for read in (lambda: loads(TEXT, **limit), lambda: load(tmp_path / "net.json", **limit)):
        with pytest.raises(LimitError, match=next(iter(limit))) as caught:
            read()
        assert member in str(caught.value)
    assert loads(TEXT, most_nodes=9, most_edges=12, most_bytes=len(TEXT.encode())) is not None


@pytest.mark.parametrize("limit", [0, -1, True, "1", 2.5, None])
def test_a_limit_is_a_positive_integer(limit):
    for name in ("most_bytes", "most_nodes", "most_edges"):
        with pytest.raises(OptionError, match=name):
            loads(TEXT, **{name: limit})


def test_the_size_is_checked_before_a_byte_is_read(tmp_path):
    with open(tmp_path / "huge.json", "wb") as file:
        file.truncate(2**40)  # a hole: no disk is used
    with pytest.raises(LimitError, match="most_bytes"):
        load(tmp_path / "huge.json")


def test_an_endless_stream_stops_at_the_limit():
    class Endless:
        def read(self, count):
            return b" " * count

    with pytest.raises(LimitError, match="most_bytes"):
        read_stream(Endless(), name="standard input", most_bytes=5000)


# Depth


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, "[{" * 65])
def test_nesting_that_goes_deep_is_refused(text):
    assert type(refusal(text)) is LimitError
    assert "64 levels" in str(refusal(text))


def test_brackets_in_strings_are_not_nesting():
    label = '[{"\\' * 1000 + "\\" * 501
    assert loads(with_node(label=label)).nodes[2]["label"] == label


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 2**20])
def test_the_depth_is_that_of_a_recursive_count(chunk):
    def depth(value):
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    dice = random.Random(5)

    def grow(level):
        kind = dice.randrange(4) if level < 8 else 3
        if kind == 0:
            return [grow(level + 1) for _ in range(dice.randrange(3))]
        if kind == 1:
            return {dice.choice('a"[{\\'): grow(level + 1) for _ in range(dice.randrange(3))}
        return "".join(dice.choice('a"[{]}\\é') for _ in range(6))

    for _ in range(100):
        value = [grow(0)]
        for ascii_only in (True, False):
            assert nesting(json.dumps(value, ensure_ascii=ascii_only), chunk) == depth(value)


def test_attributes_may_be_nested_as_deep_as_the_file_allows_and_no_deeper():
    def nested(depth):
        value = 1
        for _ in range(depth):
            value = [value]
        return value

    net = ng.example_network()
    net.nodes[3]["x"] = net.edges[1, 3]["x"] = nested(61)  # with document, list and node: 64
    assert loads(dumps(net)).nodes[3]["x"] == nested(61)
    net.nodes[3]["x"] = nested(62)
    with pytest.raises(FileFormatError, match="nested more than 64 deep"):
        dumps(net)
    with pytest.raises(LimitError, match="65 deep"):
        loads(with_node(x=nested(62)))


def test_a_low_limit_of_recursion_makes_no_difference():
    code = """
        import sys
        from neurograph.files import dumps, loads
        from neurograph.errors import LimitError
        import neurograph as ng
        text = dumps(ng.mlp([3, 4, 2], seed=0))
        sys.setrecursionlimit(200)
        assert dumps(loads(text)) == text
        for deep in ("[" * 100_000, '{"a":' * 100_000):
            try:
                loads(deep)
            except LimitError:
                print("refused")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "refused"]


# What is no text


ARCHIVES = {
    "pickle": pickle.dumps({"weight": 1.0}),
    "pickle of protocol 0": pickle.dumps({"weight": 1.0}, protocol=0),
    "pickle that runs a command": b"cos\nsystem\n(S'true'\ntR.",
    "gzip": gzip.compress(TEXT.encode()),
    "bzip2": bz2.compress(TEXT.encode()),
    "xz": lzma.compress(TEXT.encode()),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00",
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_pickle_or_an_archive_is_refused_whatever_its_name(name, tmp_path):
    (tmp_path / "net.json").write_bytes(ARCHIVES[name])
    with pytest.raises(UnsafeFileError, match=f"this is an? {name.split()[0]}"):
        load(tmp_path / "net.json")


@pytest.mark.parametrize("protocol", range(6))
def test_no_pickle_of_a_network_is_ever_opened(protocol):
    with pytest.raises(UnsafeFileError, match="never opens pickles"):
        loads(pickle.dumps(ng.example_network(), protocol=protocol))


def test_a_zip_is_refused_and_so_is_one_that_hides_behind_text(tmp_path):
    with zipfile.ZipFile(tmp_path / "net.json", "w") as archive:
        archive.writestr("net.json", TEXT)
    with pytest.raises(UnsafeFileError, match="zip"):
        load(tmp_path / "net.json")
    both = TEXT.encode() + (tmp_path / "net.json").read_bytes()
    assert type(refusal(both)) is FileFormatError


def test_other_encodings_are_refused_with_the_first_wrong_byte():
    label = with_node(label="größe").replace("\\u00f6", "ö").replace("\\u00df", "ß")
    at = label.encode("latin-1").index("ö".encode("latin-1"))
    assert f"byte {at}: is not UTF-8" in str(refusal(label.encode("latin-1")))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        assert "UTF-16" in str(refusal(label.encode(encoding)))
    assert type(refusal(label.encode("utf-32"))) is FileFormatError


def test_a_byte_order_mark_is_tolerated():
    assert list(loads(b"\xef\xbb\xbf" + TEXT.encode())) == list(ng.example_network())


def test_a_nul_is_refused_with_its_place():
    assert "byte 20: is NUL" in str(refusal(TEXT[:20] + "\0" + TEXT[20:]))


def test_a_lone_surrogate_in_the_text_itself_is_refused():
    assert type(refusal(TEXT.replace("logistic", "\ud800"))) is FileFormatError


@pytest.mark.parametrize("text", [None, 7, ["{}"], bytearray(b"{}"), {}])
def test_what_is_neither_text_nor_bytes_is_refused(text):
    with pytest.raises(OptionError):
        loads(text)


# What is no file


def test_a_directory_is_refused(tmp_path):
    (tmp_path / "net.json").mkdir()
    with pytest.raises((FileFormatError, PermissionError), match=r"directory|denied"):
        load(tmp_path / "net.json")


@pytest.mark.skipif(sys.platform == "win32", reason="needs the special files of Unix")
def test_pipes_devices_and_sockets_are_refused_without_waiting(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    with pytest.raises(FileFormatError, match="is a pipe"):
        load(tmp_path / "pipe.json")
    with pytest.raises(FileFormatError, match="is a device"):
        load(tmp_path / "zero.json")
    with pytest.raises(FileFormatError, match="is a device"):
        read_bytes("/dev/zero")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(os.path.relpath(tmp_path / "socket.json"))
    with listening, pytest.raises(OSError, match=r"socket\.json"):
        load(tmp_path / "socket.json")


def test_a_file_that_is_not_there_is_an_ordinary_os_error_with_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        load(tmp_path / "absent.json")
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    with pytest.raises(OSError, match=r"loop\.json"):
        load(tmp_path / "loop.json")


@pytest.mark.parametrize("path", ["", "a\0b.json", "\ud800.json", None, 3, b"net.json", ["net.json"]])
def test_what_cannot_name_a_file_is_refused(path):
    for call in (lambda: load(path), lambda: ng.files.save(ng.example_network(), path)):
        with pytest.raises(OptionError, match="path"):
            call()


@pytest.mark.parametrize("path", ["net", "net.txt", "net.json.gz", "net.pickle", ".json"])
def test_an_ending_without_a_format_is_refused_with_the_endings_there_are(path):
    for call in (lambda: load(path), lambda: ng.files.save(ng.example_network(), path)):
        with pytest.raises(FileFormatError, match=r"'\.json'"):
            call()


# Mutations

HOSTILE = [
    None, True, False, 0, -1, 1.0, 1e308, -0.0, 10**19, 10**25, float("nan"), float("inf"),
    [], {}, [[]], {"id": 1},
    "", " ", "a\0", "\ud800", "1", "x" * 1001, "__class__", "os.system", "input", "output", "bias", "tanh",
]  # fmt: skip


def containers(value):
    """List every dictionary and list of a document, the outermost first."""
    found = [value]
    for inner in found:
        if isinstance(inner, dict | list):
            found.extend(inner.values() if isinstance(inner, dict) else inner)
    return [inner for inner in found if isinstance(inner, dict | list) and inner]


def mutated(value, dice):
    """Return a copy of a document with a few members deleted, doubled, exchanged or replaced."""
    changed = copy.deepcopy(value)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        inside = dice.choice(containers(changed) or [[None]])
        keys = list(inside) if isinstance(inside, dict) else range(len(inside))
        key, other = dice.choice(keys), dice.choice(keys)
        action = dice.randrange(5)
        if action == 0:
            del inside[key]
        elif action == 1:
            inside[key] = copy.deepcopy(dice.choice(HOSTILE))
        elif action == 2:
            inside[key], inside[other] = inside[other], inside[key]
        elif action == 3 and isinstance(inside, list):
            inside.insert(key, copy.deepcopy(inside[other]))
        elif isinstance(inside, dict):
            name = dice.choice(["id", "source", "kind", "weight", "self", "\ud800", "a/b~", "x" * 2000])
            inside[name] = inside[key]
    return json.dumps(changed).encode()


def damaged(data, dice):
    """Return the bytes with some flipped, cut off, doubled, or tokens exchanged."""
    action = dice.randrange(5)
    at, to = sorted(dice.randrange(len(data)) for _ in range(2))
    if action == 0:
        return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    if action == 1:
        return data[:at]
    if action == 2:
        return data[:at] + data[to:]
    if action == 3:
        return data[:to] + data[at:]
    old, new = (
        dice.choice([b'"', b"{", b"}", b"[", b"]", b":", b",", b"1", b"e", b"\\", b"null"]) for _ in "ab"
    )
    return data.replace(old, new, dice.choice([1, 2, -1]))


def attempt(data):
    """Load hostile bytes both ways; return whether the strict way took them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(NeurographError):
            ng.check(loads(data, strict=False))
        try:
            net = loads(data)
        except NeurographError:
            return False
    assert not ng.check(net).errors
    assert loads(dumps(net)) is not None
    return True


@pytest.mark.parametrize("first", range(0, 2000, 250))
def test_of_mutated_files_none_does_harm_and_what_loads_is_sound(first):
    dice = random.Random(first)
    base = [json.loads(dumps(ng.random_network(hidden=3, seed=seed))) for seed in range(5)]
    base[0]["graph"] = {"about": [1, {"a": None}]}
    taken = sum(attempt(mutated(dice.choice(base), dice)) for _ in range(250))
    assert 0 < taken < 250, "the mutations are all harmless, or all fatal"


@pytest.mark.parametrize("first", range(0, 2000, 500))
def test_of_damaged_files_none_does_harm_and_what_loads_is_sound(first):
    dice = random.Random(first)
    base = dumps(ng.random_network(hidden=3, seed=first)).encode()
    taken = sum(attempt(damaged(base, dice)) for _ in range(500))
    assert 0 < taken < 500


def test_a_file_cut_off_anywhere_is_refused():
    data = dumps(ng.random_network(hidden=2, seed=0)).encode().rstrip()
    for end in range(len(data)):
        assert type(refusal(data[:end])) is FileFormatError
