"""The command line as a process: exit codes, encodings, file names, pipes, signals, locks."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import unicodedata
from functools import partial

import networkx as nx
import pytest
from terminal import (
    BROKEN,
    CLOSED_PIPE,
    GOOD,
    INTERRUPTED,
    IRIS,
    IRIS_DATA,
    MODULE,
    ON_TERMINAL,
    PROBLEM,
    ROOT,
    SCRIPT,
    TERMINATED,
    TEXT,
    UNREADABLE,
    USAGE,
    XOR,
    XOR_DATA,
    environment,
    run,
    start,
)

import neurograph as ng
from neurograph import cli

FOREVER = "100000000"  # epochs


@pytest.mark.parametrize("program", [MODULE, SCRIPT, [sys.executable, "-m", "neurograph"]], ids=len)
def test_every_way_to_start_it_is_the_same_program(program):
    done = run("walk", TEXT, "--input", "0.5", "--target", "1", program=program)
    again = run("walk", TEXT, "--input", "0.5", "--target", "1")
    assert (done.returncode, done.stdout) == (GOOD, again.stdout)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", TEXT, XOR], GOOD),
        (["check", BROKEN / "ends.json"], PROBLEM),
        (["check", "missing.json", BROKEN / "ends.json"], UNREADABLE),
        (["check"], USAGE),
        (["info", XOR], GOOD),
        (["info", BROKEN / "weights.json"], PROBLEM),
        (["run", XOR, "--input", "-1,1"], GOOD),
        (["run", XOR, "--input", "1"], USAGE),
        (["walk", XOR, "--input", "1,1"], GOOD),
        (["walk", "missing.json", "--input", "1,1"], UNREADABLE),
        (["train", XOR, XOR_DATA, "-o", "missing/o.json"], USAGE),
        (["--help"], GOOD),
    ],
)
def test_the_exit_code_says_how_it_went(words, code, tmp_path):
    done = run(*words, cwd=tmp_path)
    assert done.returncode == code
    assert bool(done.stderr) == (code != GOOD and words[0] != "check") or words == ["check"]


# ── encodings and file names ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": None, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": None, "LC_ALL": "POSIX", "LANG": None},
    ],
    ids=["ascii", "cp1252", "C", "POSIX"],
)
def test_an_encoding_that_lacks_the_signs_gets_plain_ones(variables):
    done = run("walk", TEXT, "--input", "0.5", "--target", "1", "--neuron", "6", **variables)
    assert done.returncode == GOOD
    text = done.stdout.decode("utf-8" if b"\xe2" in done.stdout else "latin-1")
    for sign, plain in (("→", "->"), ("−", "-"), ("·", "*"), ("δ", "delta"), ("∂", "d"), ("′", "'")):
        text = text.replace(sign, plain)
    assert "z6 = w(3->6)*y3 + w(4->6)*y4 + w(5->6)*1" in text
    assert "= 0.8*(-0.19)*0.244 = -0.0371" in text


def test_a_character_without_a_plain_sign_is_written_as_its_escape(tmp_path):
    net = ng.mlp([1, 1])
    ng.save(net, tmp_path / "数🙂.json")
    done = run("check", "数🙂.json", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == GOOD
    assert done.stdout.startswith(rb"\u6570\U0001f642.json: no problems")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"--help.json", b"--help.json"),
        (b"-.json", b"-.json"),
        (b"two\nlines.json", rb"two\nlines.json"),
        ("🙂.json".encode(), "🙂.json".encode()),
        (b"\xff\xfe.json", rb"\udcff\udcfe.json"),
        (b"\x1b]0;title\x07.json", rb"\x1b]0;title\x07.json"),
        ("\u202egnp.json".encode(), rb"\u202egnp.json"),
        (b" .json", b" .json"),
    ],
    ids=range(8),
)
def test_any_file_name_works_and_is_shown_on_one_line(name, shown, tmp_path):
    (tmp_path / os.fsdecode(name)).write_bytes(TEXT.read_bytes())
    done = run("check", "--", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (GOOD, b"")
    assert done.stdout.splitlines()[0] == shown + b": no problems: feed-forward, 4 layers"
    (tmp_path / os.fsdecode(name)).unlink()
    gone = run("info", "--", name, cwd=tmp_path)
    assert gone.returncode == UNREADABLE
    assert gone.stderr.count(b"\n") == 1


def test_a_file_called_like_an_option_can_be_named_by_its_folder(tmp_path):
    (tmp_path / "--help").mkdir()
    assert run("check", "./--help", cwd=tmp_path).returncode == UNREADABLE
    assert b"usage:" in run("check", "--help", cwd=tmp_path).stdout


# ── labels ───────────────────────────────────────────────────────────────────────────────────────

NASTY = (
    "\x1b]0;title\x07", "\x1b[2J\x1b[31m", "\x9b31m", "\x90q\x9c", "\r", "\n", "\x00", "\x08", "\x7f", "\x85",
    "\t", "\u202e", "\u202a", "\u2066", "\u2069", "\u200f", "\u061c", "\u2028", "\u2029", "\ufeff", "\u200b",
    "\xad", "\U000e0041", "\ud800", "\udc80", "%s", "{0}", "\\", "'", '"', "<b>", "é", "e\u0301", "数", "🙂",
)  # fmt: skip
BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def label(generator):
    """Draw a label of plain letters, nasty sequences and random characters."""
    pieces = [
        lambda: "".join(generator.choices("abcxyz019_", k=generator.randint(1, 4))),
        lambda: generator.choice(NASTY),
        lambda: chr(generator.randrange(0x110000)),
    ]
    return "".join(generator.choice(pieces)() for _ in range(generator.randint(1, 6)))


def assert_safe(data):
    """No control character but the newline, no lone surrogate, nothing that turns the text around."""
    text = data.decode("utf-8")
    bad = {
        c
        for c in set(text) - {"\n"}
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(c) in BIDIRECTIONAL
    }
    assert not bad, [hex(ord(c)) for c in bad]


@pytest.fixture
def call(capfdbinary):
    """Run a command in this process; its code, and both streams as bytes that no terminal can obey."""

    def answer(*words):
        code = cli.main([str(word) for word in words])
        told = capfdbinary.readouterr()
        assert b"Traceback" not in told.out + told.err
        assert_safe(told.out)
        assert_safe(told.err)
        return code, told.out.decode(), told.err.decode()

    return answer


def document(nodes, edges):
    """Write a file of the format by hand, with labels that the library would not take."""
    head = {"format": "neurograph", "version": 1, "directed": True, "multigraph": False, "graph": {}}
    return json.dumps(head | {"nodes": nodes, "edges": edges})


@pytest.mark.parametrize("seed", range(5))
def test_labels_reach_the_terminal_escaped_wherever_they_stand(call, tmp_path, seed):
    """Five times 400 random labels: as keys, kinds, activations, weights, attributes, cells, words."""
    generator = random.Random(seed)
    labels = [label(generator) for _ in range(400)]
    path, table = tmp_path / "net.json", tmp_path / "data.csv"
    sound = [{"id": 1, "kind": "input"}, {"id": 2, "kind": "output", "activation": "tanh"}]
    edge = {"source": 1, "target": 2, "weight": 1.0}

    nodes = [{"id": text, "kind": "hidden"} for text in labels[:100]]
    path.write_text(document(nodes, [{"source": a["id"], "target": "zz"} for a in nodes]))
    assert call("check", path)[0] in (PROBLEM, UNREADABLE)

    harmless = [re.sub("[\0\ud800-\udfff]", "", text) for text in labels]
    nodes = [
        {"id": 3 + 2 * i, "kind": "hidden", "activation": text} for i, text in enumerate(harmless[100:150])
    ]
    nodes += [{"id": 4 + 2 * i, "kind": text} for i, text in enumerate(harmless[150:200])]
    path.write_text(document([*sound, *nodes], [edge]))
    code, out, _ = call("check", path)
    assert code == PROBLEM
    assert out.count("unknown-activation") == out.count("unknown-kind") == 50
    assert call("check", "--json", path)[0] == PROBLEM
    assert call("info", path)[2].count("unknown-kind") == 50

    edges = [
        {"source": 1, "target": 2, "weight": text, "trainable": text, text: 1} for text in harmless[200:220]
    ]
    for each in edges:
        path.write_text(document(sound, [each]))
        assert call("run", path, "--input", "1")[0] in (PROBLEM, UNREADABLE)

    path.write_text(document(sound, [edge]))
    for text in harmless[220:300]:
        table.write_text(f'"{text}",1,2\n"{text}","{text}",{text}\n', newline="")
        assert call("run", path, "--data", table)[0] in (GOOD, PROBLEM, UNREADABLE)
    for text in labels[300:400]:
        text = text.replace("\0", "")
        assert call("run", path, "--input", text)[0] in (GOOD, USAGE)
        assert call("walk", path, "--input", "1", "--neuron", text)[0] in (GOOD, USAGE)
        assert call(text)[0] == USAGE


def test_a_key_that_turns_text_around_is_shown_escaped_by_every_command(call, tmp_path):
    net = ng.mlp([1, 1])
    net.add_edge(max(net), "x\u202e", weight=1.0)
    net.nodes[max(n for n in net if n != "x\u202e")]["kind"] = "hidden"
    net.nodes["x\u202e"].update(kind="output", activation="tanh")
    net = nx.relabel_nodes(net, str)
    ng.save(net, tmp_path / "net.json")
    table = tmp_path / "data.csv"
    table.write_text(f"{ng.inputs(net)[0]},x\u202e\n0.5,1\n", encoding="utf-8")
    for words in (
        ["check", tmp_path / "net.json"],
        ["info", tmp_path / "net.json"],
        ["run", tmp_path / "net.json", "--input", "0.5"],
        ["run", tmp_path / "net.json", "--data", table],
        ["walk", tmp_path / "net.json", "--input", "0.5", "--target", "1"],
    ):
        code, out, _ = call(*words)
        assert code == GOOD
        assert "x\\u202e" in out
    assert call("train", tmp_path / "net.json", table, "-o", tmp_path / "o.json", "--quiet")[0] == GOOD


# ── pipes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words",
    [
        ["check", *[TEXT] * 20],
        ["info", IRIS],
        ["run", IRIS, "--data", IRIS_DATA],
        ["walk", TEXT, "--input", "0.5", "--target", "1"],
        ["demo"],
    ],
    ids=lambda words: words[0],
)
def test_a_closed_pipe_is_left_quietly(words):
    with start(*words) as process:
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (CLOSED_PIPE, b"")


def test_a_full_disk_behind_the_output_is_one_line():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*MODULE, "info", str(IRIS)], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (UNREADABLE, b"neurograph: no space left on device\n")


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_a_stream_that_is_closed_from_the_start_is_no_reason_to_crash(stream):
    closed = f"{stream}>&-"
    command = f'"{sys.executable}" -m neurograph.cli info "{TEXT}" {closed}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (GOOD, b"")


# ── signals ──────────────────────────────────────────────────────────────────────────────────────


TRAINING = """
import signal, sys
from neurograph.learning.progress import Progress
signal.signal(signal.SIGINT, signal.{keyboard})
advance = Progress.advance
def advance_and_tell(self, done, loss):
    if done == 1:
        print("under way", flush=True)
    advance(self, done, loss)
Progress.advance = advance_and_tell
{more}
from neurograph.cli import main
sys.exit(main())
"""


def start_training(folder, *words, keyboard="default_int_handler", more=""):
    """Start a training that would take hours, and wait until its first epoch is over."""
    program = [sys.executable, "-c", TRAINING.format(keyboard=keyboard, more=more)]
    words = ("train", XOR, XOR_DATA, "-o", folder / "o.json", "--quiet", "--epochs", FOREVER, *words)
    process = start(*words, program=program)
    assert process.stdout.readline() == b"under way\n"
    time.sleep(0.3)
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)])
def test_a_signal_ends_training_with_the_best_weights_after_a_whole_epoch(tmp_path, number, code):
    process = start_training(tmp_path, "--seed", "4")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, os.listdir(tmp_path)) == (code, ["o.json"])
    assert err == b"neurograph: interrupted; the best weights so far are saved\n"
    epochs = int(re.search(rb"trained on 4 rows: (\d+) epochs?, .*interrupted", out).group(1))
    net = ng.load(XOR)
    X, Y = ng.read_csv(XOR_DATA, net)
    losses = ng.fit(net.copy(), X, Y, epochs=epochs, seed=4).losses
    ng.fit(net, X, Y, epochs=losses.index(min(losses)) + 1, seed=4)
    assert ng.weights(ng.load(tmp_path / "o.json")) == ng.weights(net)


def test_a_signal_that_python_swallows_ends_training_all_the_same(tmp_path):
    swallow = """
from neurograph.cli import _Termination
interrupt = _Termination._interrupt
def swallowed(self, number, frame):
    try:
        interrupt(self, number, frame)
    except KeyboardInterrupt:
        pass
_Termination._interrupt = swallowed
"""
    process = start_training(tmp_path, more=swallow)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert (process.returncode, os.listdir(tmp_path)) == (TERMINATED, ["o.json"])


def test_a_second_signal_leaves_at_once(tmp_path):
    slow = """
import neurograph.commands, time
neurograph.commands.save = lambda *_: (print("saving", flush=True), time.sleep(600))
"""
    process = start_training(tmp_path, more=slow)
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == b"saving\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert b"Traceback" not in err
    assert not (tmp_path / "o.json").exists()


def test_a_training_that_is_interrupted_before_its_first_epoch_saves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("neurograph.commands.fit", lambda *_, **__: ng.History(stopped="interrupted"))
    code = cli.main(["train", str(XOR), str(XOR_DATA), "-o", str(tmp_path / "o.json")])
    assert (code, os.listdir(tmp_path)) == (INTERRUPTED, [])
    assert "nothing is saved" in capsys.readouterr().err


def test_a_signal_outside_training_is_quiet_too():
    told = ON_TERMINAL[2].replace("sys.exit(", "print('ready', flush=True); sys.exit(")
    process = subprocess.Popen(
        [sys.executable, "-c", told, "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"ready\n"
    time.sleep(1)  # until it waits for its input
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (INTERRUPTED, b"", b"neurograph: interrupted\n")


SLOW_IMPORT = "import time\nprint('importing', flush=True)\ntime.sleep(600)\n"


def interrupted_while_importing(folder, program):
    """Send Ctrl-C to a program while it imports networkx; return its exit code and what it said."""
    (folder / "networkx.py").write_text(SLOW_IMPORT)
    variables = {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    foreground = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = start("check", TEXT, program=program, variables=variables, preexec_fn=foreground)
    assert process.stdout.readline() == b"importing\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.parametrize("program", [MODULE, SCRIPT, [sys.executable, "-m", "neurograph"]], ids=len)
def test_a_signal_while_the_command_is_imported_is_quiet_too(program, tmp_path):
    assert interrupted_while_importing(tmp_path, program) == (INTERRUPTED, b"")


def test_other_programs_hear_it_as_ever(tmp_path):
    code, err = interrupted_while_importing(tmp_path, [sys.executable, "-c", "import neurograph"])
    assert code == -signal.SIGINT
    assert err.endswith(b"KeyboardInterrupt\n")


def test_a_job_in_the_background_keeps_ignoring_the_keyboard(tmp_path):
    process = start_training(tmp_path, keyboard="SIG_IGN")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == TERMINATED


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_trainer_of_one_file_is_told_which_process_is_the_first(tmp_path):
    first = start_training(tmp_path)
    try:
        second = run("train", XOR, XOR_DATA, "-o", "o.json", "--epochs", "1", cwd=tmp_path)
        assert second.returncode == PROBLEM
        assert f"process {first.pid} is writing it".encode() in second.stderr
        assert run("check", "o.json", cwd=tmp_path).returncode == UNREADABLE  # not there yet, and not locked
        assert os.listdir(tmp_path) == [".o.json.lock"]
    finally:
        first.kill()
        first.communicate()
    assert os.listdir(tmp_path) == [".o.json.lock"]  # left by the one that was killed
    third = run("train", XOR, XOR_DATA, "-o", "o.json", "--epochs", "1", "--quiet", cwd=tmp_path)
    assert third.returncode == GOOD
    assert os.listdir(tmp_path) == ["o.json"]


def test_a_lock_left_with_a_number_that_lives_again_is_swept(tmp_path):
    (tmp_path / ".o.json.lock").write_text(str(os.getpid()))
    done = run("train", XOR, XOR_DATA, "-o", "o.json", "--epochs", "1", "--quiet", cwd=tmp_path)
    assert done.returncode == GOOD


def test_commands_that_only_read_write_nothing(tmp_path):
    (tmp_path / "net.json").write_bytes(XOR.read_bytes())
    before = sorted(os.listdir(tmp_path)), (tmp_path / "net.json").stat().st_mtime_ns
    for words in (
        ["check", "net.json"],
        ["info", "net.json"],
        ["run", "net.json", "--data", XOR_DATA],
        ["walk", "net.json", "--input", "1,0", "--target", "1"],
    ):
        assert run(*words, cwd=tmp_path).returncode == GOOD
    assert before == (sorted(os.listdir(tmp_path)), (tmp_path / "net.json").stat().st_mtime_ns)


def test_a_result_does_not_depend_on_the_hash_seed(tmp_path):
    for seed in ("1", "77"):
        words = ("train", XOR, XOR_DATA, "-o", f"{seed}.json", "--epochs", "5")
        assert run(*words, cwd=tmp_path, PYTHONHASHSEED=seed).returncode == GOOD
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "77.json").read_bytes() != XOR.read_bytes()
