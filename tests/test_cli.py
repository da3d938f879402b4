"""What every command prints and returns, asked in this process."""

import csv
import gzip
import json
import math
import os
import pickle
import re
import shutil

import networkx as nx
import numpy as np
import pytest
from terminal import (
    BROKEN,
    EXAMPLES,
    GOOD,
    IRIS,
    IRIS_DATA,
    PROBLEM,
    TEXT,
    UNREADABLE,
    USAGE,
    XOR,
    XOR_DATA,
    standard_input,
)

import neurograph as ng
from neurograph import cli, commands

# Section 5 of the design: the sixth neuron's arithmetic, to the letter.
SIXTH_NEURON = """\
neuron 6   layer 3, logistic
  z6 = w(3→6)·y3 + w(4→6)·y4 + w(5→6)·1
     = 0.5·0.622 + (−0.25)·0.401 + 0.1·1 = 0.311
  y6 = logistic(0.311) = 0.577
"""


@pytest.fixture
def call(capsys):
    """Run a command in this process: its exit code, its output, its complaints."""

    def answer(*words):
        code = cli.main([str(word) for word in words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return answer


# ── check ────────────────────────────────────────────────────────────────────────────────────────


def test_a_sound_network_is_shown_with_its_layers(call):
    code, out, err = call("check", TEXT)
    assert (code, err) == (GOOD, "")
    assert out.splitlines()[1:] == [
        "  layer 1: 1, 2",
        "  layer 2: 3, 4, 5",
        "  layer 3: 6, 7, 8",
        "  layer 4: 9",
    ]


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_finding_is_printed_and_decides_the_exit_code(call, path):
    report = ng.check(ng.load(path, strict=False))
    code, out, _ = call("check", path)
    assert code == (PROBLEM if report.errors else GOOD)
    assert report.findings
    for finding in report.findings:
        assert f"{finding.code} " in out
        assert finding.message in out
        assert finding.fix in out


@pytest.mark.parametrize(
    ("path", "require", "expected"),
    [
        (TEXT, "textbook", GOOD),
        (XOR, "feed-forward", GOOD),
        (XOR, "layered", PROBLEM),
        (XOR, "textbook", PROBLEM),
        (BROKEN / "cycles.json", "feed-forward", PROBLEM),
    ],
)
def test_what_is_required_decides(call, path, require, expected):
    code, out, _ = call("check", path, "--require", require)
    assert code == expected
    assert (f"refused, because --require {require}" in out) == (path == XOR and expected == PROBLEM)


def test_layered_can_be_required_of_a_network_with_other_warnings(call, tmp_path):
    net = ng.example_network()
    net.remove_edge(8, 9)
    ng.save(net, tmp_path / "bare.json")
    assert {"missing-bias", "dead-end"} <= {finding.code for finding in ng.check(net).warnings}
    assert ng.is_layered(net)
    assert call("check", tmp_path / "bare.json", "--require", "layered")[0] == GOOD
    assert call("check", tmp_path / "bare.json", "--require", "textbook")[0] == PROBLEM


def test_several_files_end_in_a_count_and_the_worst_exit_code(call):
    code, out, _ = call("check", TEXT, XOR, BROKEN / "ends.json", "missing.json")
    assert code == UNREADABLE
    assert out.splitlines()[-1] == "4 files: 1 good, 1 with warnings, 1 refused, 1 unreadable"
    assert "'missing.json': no such file or directory\n" in out


def test_json_says_the_same_as_data(call):
    names = [TEXT, XOR, BROKEN / "cycles.json", BROKEN / "departures.json", "missing.json"]
    code, out, _ = call("check", "--json", *names)
    answers = json.loads(out)
    assert code == UNREADABLE
    assert [answer["file"] for answer in answers] == [str(name) for name in names]
    verdicts = ["good", "warnings", "refused", "warnings", "unreadable"]
    assert [answer["verdict"] for answer in answers] == verdicts
    for name, answer in zip(names[:-1], answers, strict=False):
        report = ng.check(ng.load(name, strict=False))
        assert (answer["feed_forward"], answer["layers"]) == (report.feed_forward, report.layers)
        assert [finding["code"] for finding in answer["findings"]] == [f.code for f in report.findings]
        assert [tuple(finding["neurons"]) for finding in answer["findings"]] == [
            finding.neurons for finding in report.findings
        ]
    assert answers[-1]["error"]["code"] == "cannot-open"


def test_json_of_one_file_is_a_list_too(call):
    assert len(json.loads(call("check", "--json", TEXT)[1])) == 1


def test_json_names_every_place_of_an_unsound_file(call, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"format": "neurograph", "version": 1, "directed": "false", "nodes": [{"kind": NaN}]}')
    error = json.loads(call("check", "--json", path)[1])[0]["error"]
    places = {problem["where"] for problem in error["problems"]}
    assert places >= {"/directed", "/multigraph", "/edges", "/nodes/0/id"}


def test_a_hundred_findings_are_listed_and_the_others_counted(call, tmp_path):
    net = ng.example_network()
    net.add_nodes_from((f"n{i}" for i in range(150)), kind="hidden", activation="tanh")
    net = nx.relabel_nodes(net, str)
    path = _write(tmp_path / "many.json", net)
    code, out, _ = call("check", path)
    assert code == PROBLEM
    assert out.splitlines()[0].endswith("150 errors, 1 warning: feed-forward, 4 layers")
    assert out.count("  unfed ") == 100
    assert "… and 51 more" in out
    answer = json.loads(call("check", "--json", path)[1])[0]
    assert len(answer["findings"]) == 151


# ── info, run, walk ──────────────────────────────────────────────────────────────────────────────


def test_info_says_what_a_network_is_made_of(call):
    code, out, _ = call("info", IRIS)
    net = ng.load(IRIS)
    assert code == GOOD
    assert f"{len(net)} neurons, {net.number_of_edges()} edges, 8 of them frozen" in out
    assert "4 input, 1 bias, 7 hidden, 3 output" in out
    assert "level 1" in out
    assert "layer 4      9" in call("info", TEXT)[1]


def test_run_prints_what_forward_computes(call):
    code, out, _ = call("run", XOR, "--input", "0.25,-1.5")
    assert code == GOOD
    name, number = out.strip().split(" = ")
    assert (name, float(number)) == ("xor", ng.forward(ng.load(XOR), [0.25, -1.5]).outputs[0])


def test_run_on_a_table_prints_a_table_that_reads_back_to_the_same_floats(call):
    columns = "sepal_length,sepal_width,petal_length,petal_width"
    code, out, _ = call("run", IRIS, "--data", IRIS_DATA, "--inputs", columns)
    net = ng.load(IRIS)
    X, _ = ng.read_csv(IRIS_DATA, net, with_targets=False)
    header, *rows = list(csv.reader(out.splitlines()))
    assert (code, header) == (GOOD, ["setosa", "versicolor", "virginica"])
    found = np.array(rows, dtype=float)
    assert found.shape == (150, 3)
    assert found.tobytes() == np.column_stack(ng.forward(net, X).outputs).tobytes()


def test_columns_may_have_other_names_and_commas_in_them(call, tmp_path):
    table = tmp_path / "data.csv"
    table.write_text('"first, in cm",second\n0.25,-1.5\n')
    _, out, err = call("run", XOR, "--data", table, "--inputs", '"first, in cm",second')
    assert err == ""
    assert float(out.splitlines()[1]) == ng.forward(ng.load(XOR), [0.25, -1.5]).outputs[0]


@pytest.mark.parametrize("words", [["--input", "-0.5,1"], ["--input=-0.5,1"], ["--input", "-.5,+1"]])
def test_negative_numbers_need_no_equals_sign(call, words):
    code, out, _ = call("run", XOR, *words)
    assert code == GOOD
    assert float(out.split(" = ")[1]) == ng.forward(ng.load(XOR), [-0.5, 1.0]).outputs[0]


def test_negative_targets_too(call):
    code, out, _ = call("walk", TEXT, "--input", "-0.5", "--target", "-1", "--neuron", "9")
    assert code == GOOD
    assert "t9" in out
    assert "(−1)" in out


def test_walk_shows_the_sixth_neuron_as_the_design_has_it(call):
    assert call("walk", TEXT, "--input", "0.5", "--neuron", "6") == (GOOD, SIXTH_NEURON, "")


def test_walk_shows_every_neuron_then_every_delta_then_every_gradient(call):
    code, out, _ = call("walk", TEXT, "--input", "0.5", "--target", "1")
    titles = [line for line in out.splitlines() if not line.startswith(" ")]
    kinds = [re.match("neuron|delta|gradient", title).group() for title in titles]
    assert code == GOOD
    assert kinds == ["neuron"] * 9 + ["delta"] * 5 + ["gradient"] * 12


def test_walk_uses_the_loss_that_is_named(call):
    words = ("walk", TEXT, "--input", "0.5", "--target", "1", "--neuron", "9")
    assert call(*words)[1] == call(*words, "--loss", "squared")[1] != call(*words, "--loss", "huber")[1]


# ── draw ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path", [TEXT, XOR, IRIS, *sorted(BROKEN.glob("*.json"))], ids=lambda path: path.stem
)
def test_draw_writes_what_draw_gives_of_a_broken_network_too(call, tmp_path, path):
    code, out, err = call("draw", path, "-o", tmp_path / "net.svg")
    assert (code, out, err) == (GOOD, f"saved {tmp_path / 'net.svg'}\n", "")
    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == ng.draw(ng.load(path, strict=False)).svg


def test_draw_adds_the_numbers_of_a_walk(call, tmp_path):
    net = ng.load(TEXT)
    traces = {("--input", "-0.5"): ng.forward(net, [-0.5])}
    traces["--input", "0.5", "--target", "1"] = ng.backward(net, [0.5], [1])
    for words, trace in traces.items():
        assert call("draw", TEXT, "-o", tmp_path / "net.svg", "--force", "--theme", "dark", *words)[0] == GOOD
        drawn = (tmp_path / "net.svg").read_text(encoding="utf-8")
        assert drawn == ng.draw(net, trace, theme="dark").svg


def test_draw_writes_a_png_by_its_name(call, tmp_path):
    assert call("draw", TEXT, "-o", tmp_path / "net.png")[0] == GOOD
    assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")


def test_draw_says_when_it_collapses(call, tmp_path):
    ng.save(ng.mlp([400, 3], seed=0), tmp_path / "wide.json")
    code, out, _ = call("draw", tmp_path / "wide.json", "-o", tmp_path / "wide.svg")
    assert code == GOOD
    assert out.startswith("collapsed: 404 neurons are more than most_neurons=300\n")


@pytest.mark.parametrize(
    ("words", "expected", "what"),
    [
        (["-o", "net.gif"], USAGE, "no known format"),
        (["-o", "old.svg"], USAGE, "--force"),
        (["-o", "new.svg", "--target", "1"], USAGE, "--input"),
        (["-o", "new.svg", "--input", "1,2"], USAGE, "got 2 numbers"),
        (["-o", "no/such/new.svg"], USAGE, "is not there"),
    ],
)
def test_draw_refuses_before_it_writes(call, tmp_path, monkeypatch, words, expected, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.svg").write_bytes(b"old")
    code, _, err = call("draw", TEXT, *words)
    assert code == expected
    assert what in err
    assert os.listdir(tmp_path) == ["old.svg"]
    assert (tmp_path / "old.svg").read_bytes() == b"old"


def test_draw_computes_nothing_on_a_broken_network(call, tmp_path):
    code, _, err = call("draw", BROKEN / "cycles.json", "-o", tmp_path / "net.svg", "--input", "1")
    assert code == PROBLEM
    assert "cycle" in err
    assert not os.listdir(tmp_path)


# ── train ────────────────────────────────────────────────────────────────────────────────────────


def test_explore_writes_the_page_of_the_library(call, tmp_path):
    out = tmp_path / "page.html"
    code, told, err = call("explore", XOR, XOR_DATA, "-o", out, "--loss", "huber", "--learning-rate", "0.5")
    assert (code, told, err) == (GOOD, f"saved {out}: open it in a browser\n", "")
    net = ng.load(XOR)
    page = ng.explore(net, *ng.read_csv(XOR_DATA, net), loss="huber", learning_rate=0.5, title="xor.json")
    assert out.read_text(encoding="utf-8") == page.html
    code, _, err = call("explore", XOR, "-o", out)
    assert code == USAGE
    assert "--force" in err
    assert call("explore", IRIS, IRIS_DATA, "--targets", "species", "-o", out, "--force")[0] == GOOD
    assert "<title>iris.json</title>" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--epochs", "7", "--seed", "3"], {"epochs": 7, "seed": 3}),
        (["--loss", "cross_entropy", "--learning-rate", "0.5"], {"loss": "cross_entropy", "rate": 0.5}),
        (["--batch-size", "3", "--decay", "0.25"], {"batch_size": 3, "decay": 0.25}),
        (["--randomize", "normal", "--seed", "5"], {"method": "normal", "seed": 5}),
    ],
)
def test_train_gives_the_weights_that_fit_gives(call, tmp_path, words, options):
    epochs = options.pop("epochs", 20)
    code, out, err = call(
        "train", XOR, XOR_DATA, "-o", tmp_path / "trained.json", "--quiet", "--epochs", epochs, *words
    )
    net = ng.load(XOR)
    seed = options.pop("seed", 0)
    if "method" in options:
        ng.randomize_weights(net, method=options.pop("method"), seed=seed)
    X, Y = ng.read_csv(XOR_DATA, net)
    rate = ng.InverseTimeDecay(options.pop("rate", 0.1), options.pop("decay", 0.0))
    ng.fit(net, X, Y, learning_rate=rate, epochs=epochs, seed=seed, **options)
    assert (code, err) == (GOOD, "")
    assert ng.weights(ng.load(tmp_path / "trained.json")) == ng.weights(net) != ng.weights(ng.load(XOR))
    assert out.startswith(f"trained on 4 rows: {epochs} epochs, loss ")
    assert not list(tmp_path.glob(".*"))


def test_rows_that_are_held_out_are_not_trained_on_and_scored(call, tmp_path):
    words = ("--targets", "species", "--hold-out", "0.3", "--epochs", "2", "--quiet", "--seed", "1")
    code, out, _ = call("train", IRIS, IRIS_DATA, "-o", tmp_path / "trained.json", *words)
    assert code == GOOD
    assert "trained on 105 rows" in out
    net = ng.load(tmp_path / "trained.json")
    X, Y = ng.read_csv(IRIS_DATA, net, targets=["species"])
    held_out = np.random.default_rng(1).permutation(150)[:45]
    right = 0
    for row in held_out:
        outputs = ng.forward(net, X[row]).outputs
        right += outputs.index(max(outputs)) == Y[row].tolist().index(1.0)
    assert "on 45 rows that it did not see: mean squared error 0." in out
    assert f"{right} of 45 right ({100 * right / 45:.1f} %)" in out


def test_a_batch_larger_than_the_table_is_noted_on_one_line(call, tmp_path):
    code, _, err = call(
        "train", XOR, XOR_DATA, "-o", tmp_path / "t.json", "--quiet", "--epochs", "1", "--batch-size", "9"
    )
    assert code == GOOD
    assert err == "neurograph: note: batch_size 9 is more than the 4 samples; all are taken\n"


def test_a_training_that_diverges_saves_nothing_and_says_so(call, tmp_path):
    net = ng.mlp([2, 1], activation="identity", seed=0)
    ng.save(net, tmp_path / "line.json")
    table = tmp_path / "data.csv"
    table.write_text("1,2,4\n1e150,1e150,1\n")
    code, _, err = call(
        "train", tmp_path / "line.json", table, "-o", tmp_path / "t.json", "--quiet", "--learning-rate", "1e9"
    )
    assert code == PROBLEM
    assert "Nothing was saved." in err
    assert "epoch 0" in err
    assert {path.name for path in tmp_path.iterdir()} == {"line.json", "data.csv"}


def test_an_existing_file_is_written_over_only_by_force(call, tmp_path):
    path = tmp_path / "old.json"
    path.write_bytes(b"old")
    words = ("train", XOR, XOR_DATA, "-o", path, "--quiet", "--epochs", "1")
    code, _, err = call(*words)
    assert (code, path.read_bytes()) == (USAGE, b"old")
    assert "exists" in err
    assert "--force" in err
    assert call(*words, "--force")[0] == GOOD
    assert ng.weights(ng.load(path)) != ng.weights(ng.load(XOR))


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("way", ["same", "dotted", "symlink", "hard link"])
def test_the_input_is_never_written_over(call, tmp_path, way, force):
    source = tmp_path / "net.json"
    shutil.copy(XOR, source)
    before = source.read_bytes()
    target = {"same": source, "dotted": tmp_path / "." / "sub" / ".." / "net.json"}.get(
        way, tmp_path / "o.json"
    )
    (tmp_path / "sub").mkdir()
    if way == "symlink":
        target.symlink_to(source)
    if way == "hard link":
        os.link(source, target)
    code, _, err = call("train", source, XOR_DATA, "-o", target, "--quiet", "--epochs", "1", *force)
    assert (code, source.read_bytes(), target.read_bytes()) == (USAGE, before, before)
    assert "is an input" in err


def test_the_table_is_never_written_over_either(call, tmp_path):
    table = tmp_path / "data.json"
    shutil.copy(XOR_DATA, table)
    assert call("train", XOR, table, "-o", table, "--force")[0] == USAGE
    assert table.read_bytes() == XOR_DATA.read_bytes()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("trained.txt", "no known format"),
        ("trained", "no known format"),
        ("-", "no known format"),
        ("no/such/folder/trained.json", "is not there"),
        ("folder.json", "is a directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_any_work(call, tmp_path, monkeypatch, name, what):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "fit", None)
    (tmp_path / "folder.json").mkdir()
    code, _, err = call("train", XOR, XOR_DATA, "-o", name, "--force")
    assert (code, os.listdir(tmp_path)) == (USAGE, ["folder.json"])
    assert what in err


# ── standard input ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words",
    [
        ["check", "-"],
        ["info", "-"],
        ["run", "-", "--input", "1,0"],
        ["walk", "-", "--input", "1,0"],
        ["train", "-", str(XOR_DATA), "-o", "OUT", "--quiet", "--epochs", "1"],
    ],
    ids=lambda words: words[0],
)
def test_a_network_can_come_from_standard_input(call, monkeypatch, tmp_path, words):
    words = [str(tmp_path / "o.json") if word == "OUT" else word for word in words]
    named = [str(XOR) if word == "-" else word for word in words]
    monkeypatch.setattr("sys.stdin", standard_input(XOR.read_bytes()))
    from_stdin = call(*words)
    (tmp_path / "o.json").unlink(missing_ok=True)
    from_file = call(*named)
    assert from_stdin[0] == from_file[0] == GOOD
    assert from_stdin[1].replace("standard input", str(XOR)) == from_file[1]


def test_a_table_can_come_from_standard_input(call, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", standard_input(XOR_DATA.read_bytes()))
    assert call("run", XOR, "--data", "-") == call("run", XOR, "--data", XOR_DATA)
    for name, source in (("a.json", "-"), ("b.json", XOR_DATA)):
        monkeypatch.setattr("sys.stdin", standard_input(XOR_DATA.read_bytes()))
        assert call("train", XOR, source, "-o", tmp_path / name, "--quiet", "--epochs", "2")[0] == GOOD
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    "words", [["check", "-", "-"], ["run", "-", "--data", "-"], ["train", "-", "-", "-o", "o.json"]]
)
def test_standard_input_is_not_read_twice(call, words):
    code, _, err = call(*words)
    assert code == USAGE
    assert "standard input is named twice" in err


def test_an_endless_standard_input_is_cut_off_at_the_same_limit(call, monkeypatch):
    class Endless:
        chunk = b" " * 2**20

        @property
        def buffer(self):
            return self

        def read(self, size):
            return self.chunk[:size] if size < len(self.chunk) else self.chunk

    monkeypatch.setattr("sys.stdin", Endless())
    code, out, _ = call("check", "-")
    assert code == UNREADABLE
    assert f"standard input: has {256 * 2**20 + 1} bytes or more" in out


def test_a_closed_standard_input_is_said_to_be_closed(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    code, _, err = call("info", "-")
    assert (code, err) == (UNREADABLE, "neurograph: standard input is closed\n")


def test_an_error_in_standard_input_names_it(call, monkeypatch):
    monkeypatch.setattr("sys.stdin", standard_input(b'{"format": 7}'))
    assert "standard input" in call("info", "-")[2]
    monkeypatch.setattr("sys.stdin", standard_input(b"a,b\n1,nan\n"))
    code, _, err = call("run", XOR, "--data", "-")
    assert code == PROBLEM
    assert "standard input, row 1, column 'b', line 2" in err


# ── what cannot be read, what is wrong ───────────────────────────────────────────────────────────


class _Harmless:
    def __reduce__(self):
        return print, ("a pickle was opened",)


def _write(path, net):
    """Write a network that the library would refuse to save."""
    nodes = [{"id": neuron} | attributes for neuron, attributes in net.nodes(data=True)]
    edges = [{"source": s, "target": t} | attributes for s, t, attributes in net.edges(data=True)]
    head = {"format": "neurograph", "version": 1, "directed": True, "multigraph": False, "graph": {}}
    path.write_text(json.dumps(head | {"nodes": nodes, "edges": edges}), encoding="utf-8")
    return path


SOUND = XOR.read_text(encoding="utf-8")
UNSOUND_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b" \n ", "is empty"),
    "nan": (SOUND.replace('"weight": 0.5', '"weight": NaN').encode(), "/weight"),
    "truncated": (SOUND[:-40].encode(), "line "),
    "utf-16": (SOUND.encode("utf-16"), "byte 0"),
    "latin-1": (SOUND.replace('"a"', '"ä"').encode("latin-1"), "is not UTF-8"),
    "pickle": (pickle.dumps(_Harmless()), "never opens pickles"),
    "gzip": (gzip.compress(SOUND.encode()), "never opens archives"),
    "newer": (SOUND.replace('"version": 1', '"version": 2').encode(), "/version"),
    "deep": (b"[" * 100_000, "nested"),
    "list": (b"[]", "top level"),
    "twice": (SOUND.replace('"version": 1', '"version": 1, "version": 1').encode(), "twice"),
}
READERS = {
    "check": ["check", "FILE"],
    "info": ["info", "FILE"],
    "run": ["run", "FILE", "--input", "1,0"],
    "walk": ["walk", "FILE", "--input", "1,0"],
    "train": ["train", "FILE", str(XOR_DATA), "-o", "OUT"],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("fault", UNSOUND_FILES)
def test_an_unsound_file_gives_code_3_and_the_place(call, tmp_path, fault, reader):
    content, place = UNSOUND_FILES[fault]
    path = tmp_path / "net.json"
    path.write_bytes(content)
    names = {"FILE": path, "OUT": tmp_path / "o.json"}
    code, out, err = call(*(names.get(word, word) for word in READERS[reader]))
    assert code == UNREADABLE
    assert place in out + err
    assert "net.json" in out + err
    assert os.listdir(tmp_path) == ["net.json"]
    assert path.read_bytes() == content


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("kind", "what"),
    [("missing", "no such file or directory"), ("directory", "is a directory"), ("pipe", "is a pipe")],
)
def test_what_is_no_file_gives_code_3(call, tmp_path, kind, what, reader):
    path = tmp_path / "net.json"
    if kind == "directory":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    names = {"FILE": path, "OUT": tmp_path / "o.json"}
    code, out, err = call(*(names.get(word, word) for word in READERS[reader]))
    assert code == UNREADABLE
    assert what in out + err
    assert "net.json" in out + err


@pytest.mark.parametrize("reader", [name for name in READERS if name != "check"])
@pytest.mark.parametrize(
    "path", [BROKEN / "weights.json", BROKEN / "cycles.json"], ids=lambda path: path.stem
)
def test_a_network_with_errors_gives_code_1_and_all_of_them(call, tmp_path, path, reader):
    names = {"FILE": path, "OUT": tmp_path / "o.json"}
    code, out, err = call(*(names.get(word, word) for word in READERS[reader]))
    assert (code, out) == (PROBLEM, "")
    for finding in ng.check(ng.load(path, strict=False)).errors:
        assert finding.message in err


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("a,b,xor\n1,nan,0\n", "row 1, column 'b', line 2: is nan"),
        ("a,b,xor\n1,2,0\n1,2\n", "row 2, line 3: has 2 cells"),
        ("a,b,xor\n1,=1+1,0\n", "row 1, column 'b', line 2: is the formula"),
        ("a;b;xor\n1;2;0\n", "separate the cells by commas"),
        ("a,b\n1,2\n", "column 'xor': is missing"),
        ("a,b,xor\n", "has a header and no rows"),
        ("", "is empty"),
    ],
)
def test_a_bad_table_gives_code_1_and_the_place(call, tmp_path, table, place):
    path = tmp_path / "data.csv"
    path.write_text(table)
    code, _, err = call("train", XOR, path, "-o", tmp_path / "o.json")
    assert code == PROBLEM
    assert place in err
    assert "data.csv" in err
    assert os.listdir(tmp_path) == ["data.csv"]


def test_one_row_leaves_nothing_to_train_on(call, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b,xor\n1,0,1\n")
    code, _, err = call("train", XOR, path, "-o", tmp_path / "o.json", "--hold-out", "0.9")
    assert code == PROBLEM
    assert "hold out less" in err


WRONG_USAGE = [
    ([], "COMMAND"),
    (["chek", TEXT], "chek"),
    (["check"], "FILE"),
    (["check", TEXT, "--require", "beautiful"], "beautiful"),
    (["check", TEXT, "--requ", "layered"], "unrecognized"),
    (["info"], "FILE"),
    (["info", TEXT, XOR], "unrecognized"),
    (["run", XOR], "--input --data"),
    (["run", XOR, "--input", "1,0", "--data", XOR_DATA], "not allowed"),
    (["run", XOR, "--input", "1,0", "--inputs", "a,b"], "names columns"),
    (["run", XOR, "--input", "1"], "for the neurons 'a', 'b' in this order"),
    (["run", XOR, "--input", "1,2,3"], "got 3 numbers"),
    (["run", XOR, "--input", "1,x"], "'1,x'"),
    (["run", XOR, "--input", ""], "''"),
    (["run", XOR, "--input", "1,nan"], "finite"),
    (["run", XOR, "--data", XOR_DATA, "--inputs", "a"], "2 names of columns"),
    (["walk", TEXT], "--input"),
    (["walk", TEXT, "--input", "0.5", "--target", "1,2"], "got 2 numbers"),
    (["walk", TEXT, "--input", "0.5", "--loss", "huber"], "--target"),
    (["walk", TEXT, "--input", "0.5", "--target", "1", "--loss", "hubr"], "hubr"),
    (["walk", TEXT, "--input", "0.5", "--neuron", "66"], "did you mean '6'?"),
    (["walk", IRIS, "--input", "1,2,3,4", "--neuron", "versicolour"], "did you mean 'versicolor'?"),
    (["train", XOR, XOR_DATA], "-o/--output"),
    (["train", XOR, "-o", "o.json"], "DATA.csv"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--epochs", "0"], "at least 1"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--epochs", "1.5"], "'1.5'"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--batch-size", "-1"], "at least 1"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--learning-rate", "nan"], "finite number"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--learning-rate", "-0.1"], "at least 0"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--decay", "inf"], "finite number"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--hold-out", "1"], "from 0 to 0.9"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--seed", "9" * 5000], "at least 0"),
    (["train", XOR, XOR_DATA, "-o", "o.json", "--targets", "a,b"], "a list of 1 names of columns"),
    (["explore", XOR, XOR_DATA], "-o/--output"),
    (["explore", XOR, "-o", "o.json"], "'.html'"),
    (["explore", XOR, "-o", "o.html", "--loss", "hubr"], "hubr"),
    (["explore", XOR, "-o", "o.html", "--learning-rate", "-1"], "at least 0"),
    (["explore", "-", "-", "-o", "o.html"], "standard input is named twice"),
    (["demo", "now"], "unrecognized"),
]


@pytest.mark.parametrize(("words", "what"), WRONG_USAGE, ids=range(len(WRONG_USAGE)))
def test_wrong_usage_gives_code_2_and_says_what(call, tmp_path, monkeypatch, words, what):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*words)
    assert (code, out) == (USAGE, "")
    assert what in err
    assert len(err) < 1000
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", ["", "check", "info", "run", "walk", "explore", "train", "demo"])
def test_help_has_an_example_for_every_command(call, command):
    code, out, err = call(*[command][: len(command)], "--help")
    assert (code, err) == (GOOD, "")
    assert f"usage: neurograph {command}".strip() in out
    assert "example:" in out or not command


@pytest.mark.parametrize("command", ["check", "info", "run", "walk", "explore", "train"])
def test_the_examples_in_the_help_are_right(call, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(TEXT if command != "run" else XOR, "net.json")
    (tmp_path / "data.csv").write_text("1,9\n0.5,1\n0.25,0\n0.75,1\n")
    line = call(command, "--help")[1].split("example:\n")[1].strip()
    assert call(*line.split()[1:])[0] == GOOD


def test_the_version_is_the_package_s(call):
    assert call("--version") == (GOOD, f"neurograph {ng.__version__}\n", "")


def test_debug_shows_where_an_error_was_raised(tmp_path):
    for words in (["--debug", "info", "missing.json"], ["info", "missing.json", "--debug"]):
        with pytest.raises(FileNotFoundError):
            cli.main(words)


def test_a_bug_is_one_line_and_a_code_of_its_own(call, monkeypatch):
    monkeypatch.setattr(commands, "forward", lambda *_: 1 / 0)
    code, _, err = call("run", XOR, "--input", "1,0")
    assert code == cli.BUG
    assert (
        err == "neurograph: a bug of neurograph, ZeroDivisionError: division by zero; --debug shows where\n"
    )


def test_numbers_are_written_so_that_they_read_back(call, tmp_path):
    net = ng.mlp([1, 1], activation="identity", bias=False)
    (edge,) = net.edges
    for weight in (1e-310, math.pi * 1e300, -0.0, 1 / 3):
        net.edges[edge]["weight"] = weight
        ng.save(net, tmp_path / "net.json")
        found = float(call("run", tmp_path / "net.json", "--input", "1")[1].split(" = ")[1])
        assert np.float64(found).tobytes() == np.float64(ng.forward(net, [1.0]).outputs[0]).tobytes()


def test_the_examples_folder_is_the_one_of_this_checkout():
    from neurograph.demo import examples_folder

    assert examples_folder().samefile(EXAMPLES)


def test_a_table_may_stand_after_the_options_of_explore(call, tmp_path):
    pages = [tmp_path / f"{i}.html" for i in range(2)]
    assert call("explore", XOR, XOR_DATA, "--loss", "huber", "-o", pages[0])[0] == GOOD
    assert call("explore", XOR, "--loss", "huber", "-o", pages[1], XOR_DATA)[0] == GOOD
    assert pages[0].read_bytes() == pages[1].read_bytes()
    for words in (("explore", XOR, "-o", pages[0], XOR_DATA, "more"), ("run", XOR, "--input", "0,1", "more")):
        code, _, err = call(*words)
        assert code == USAGE
        assert "unrecognized arguments: more" in err


@pytest.mark.parametrize("option", ["--inputs", "--targets"])
def test_columns_of_no_table_are_refused(call, tmp_path, option):
    code, _, err = call("explore", XOR, option, "a", "-o", tmp_path / "page.html")
    assert code == USAGE
    assert f"{option}: names columns of no table" in err


@pytest.mark.parametrize("text", ["a\nb", "a\rb"])
def test_names_of_columns_stand_on_one_line(call, tmp_path, text):
    for words in (
        ("run", XOR, "--data", XOR_DATA, "--inputs"),
        ("train", XOR, XOR_DATA, "-o", tmp_path / "t.json", "--targets"),
    ):
        code, _, err = call(*words, text)
        assert code == USAGE
        assert "names of columns, on one line" in err


def test_the_root_folder_is_no_checkpoint(call, tmp_path):
    out = tmp_path / "t.json"
    for words in (("resume", "/"), ("train", XOR, XOR_DATA, "--checkpoint", "/")):
        code, _, err = call(*words, "-o", out)
        assert code == PROBLEM
        assert "'/': cannot be written: Is a directory" in err
    assert not out.exists()
