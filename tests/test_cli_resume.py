"""Training with a checkpoint from the command line, and going on with it in another process."""

import os
import signal
import subprocess
import sys
import time

import pytest
from terminal import GOOD, PROBLEM, UNREADABLE, USAGE, XOR, XOR_DATA

import neurograph as ng
from neurograph import cli
from neurograph.learning.checkpoints import read_newest

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of Unix")


@pytest.fixture
def call(capsys):
    """Run a command in this process: its exit code, its output, its complaints."""

    def answer(*words):
        code = cli.main([str(word) for word in words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return answer


def train(tmp_path, *words):
    """The words of a training with a checkpoint; its network goes to ``trained.json``."""
    files = ["-o", tmp_path / "trained.json", "--checkpoint", tmp_path / "run.checkpoint"]
    return ["train", XOR, XOR_DATA, *files, "--quiet", *words]


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def wait_for_epoch(file, running):
    """Wait until a checkpoint of more than the beginning is there."""
    while not file.exists() or not read_newest(file)[0].state.history.epochs:
        assert running.poll() is None
        time.sleep(0.01)


def test_a_longer_training_in_two_parts_ends_like_one_in_one(call, tmp_path):
    assert call(*train(tmp_path, "--epochs", 5, "--every", 2))[0] == GOOD
    assert names(tmp_path) == ["run.checkpoint", "run.checkpoint.previous", "trained.json"]
    longer = tmp_path / "longer.json"
    code, out, err = call("resume", tmp_path / "run.checkpoint", "-o", longer, "--epochs", 12, "--quiet")
    assert (code, err) == (GOOD, "")
    assert out.startswith("trained: 12 epochs")
    assert out.endswith(f"saved {longer}\n")
    straight = tmp_path / "straight.json"
    assert call("train", XOR, XOR_DATA, "-o", straight, "--epochs", 12, "--quiet")[0] == GOOD
    assert longer.read_bytes() == straight.read_bytes()


@unix_only
def test_a_training_that_was_killed_goes_on_in_another_process(tmp_path, call):
    command = [sys.executable, "-m", "neurograph", *map(str, train(tmp_path, "--epochs", 10**6))]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    file = tmp_path / "run.checkpoint"
    wait_for_epoch(file, running)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "trained.json").exists()
    epochs = read_newest(file)[0].state.history.epochs + 4
    assert call("resume", file, "-o", tmp_path / "done.json", "--epochs", epochs, "--quiet")[0] == GOOD
    straight = tmp_path / "straight.json"
    assert call("train", XOR, XOR_DATA, "-o", straight, "--epochs", epochs, "--quiet")[0] == GOOD
    assert (tmp_path / "done.json").read_bytes() == straight.read_bytes()


@unix_only
def test_a_training_that_is_interrupted_says_how_to_go_on(tmp_path):
    words = [str(word) for word in train(tmp_path, "--epochs", 10**6, "--every", 100)]
    running = subprocess.Popen(
        [sys.executable, "-m", "neurograph", *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    wait_for_epoch(tmp_path / "run.checkpoint", running)
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 143
    assert f"neurograph resume {tmp_path / 'run.checkpoint'} goes on" in err.decode()
    assert read_newest(tmp_path / "run.checkpoint")[0].state.history.epochs > 0


def test_a_checkpoint_that_is_there_is_not_written_over(call, tmp_path):
    call(*train(tmp_path, "--epochs", 1))
    before = (tmp_path / "run.checkpoint").read_bytes()
    code, _, err = call(*train(tmp_path, "--epochs", 2, "--force"))
    assert code == PROBLEM
    assert "is there already" in err
    assert (tmp_path / "run.checkpoint").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--every", 0], "at least 1"),
        (["--checkpoint", ""], "the name of a file"),
        (["--checkpoint", "OUTPUT"], "is an input"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(call, tmp_path, words, message):
    output = tmp_path / "trained.json"
    code, _, err = call(*train(tmp_path, *(output if word == "OUTPUT" else word for word in words)))
    assert code == USAGE
    assert message in err
    assert names(tmp_path) == []


def test_every_without_a_checkpoint_is_wrong_usage(call, tmp_path):
    code, _, err = call("train", XOR, XOR_DATA, "-o", tmp_path / "trained.json", "--every", 3)
    assert code == USAGE
    assert "no checkpoint to write" in err


def test_what_is_no_checkpoint_is_unreadable(call, tmp_path):
    for path in (XOR, tmp_path / "absent", tmp_path):
        code, _, err = call("resume", path, "-o", tmp_path / "trained.json")
        assert code == UNREADABLE
        assert err
    assert names(tmp_path) == []


def test_an_output_that_is_there_or_is_the_checkpoint_is_wrong_usage(call, tmp_path):
    call(*train(tmp_path, "--epochs", 1))
    resume = ["resume", tmp_path / "run.checkpoint", "--quiet", "-o"]
    assert "exists" in call(*resume, tmp_path / "trained.json")[2]
    assert call(*resume, tmp_path / "trained.json", "--force")[0] == GOOD
    os.replace(tmp_path / "run.checkpoint", tmp_path / "run.json")
    code, _, err = call("resume", tmp_path / "run.json", "-o", tmp_path / "run.json", "--force")
    assert code == USAGE
    assert "is an input" in err
    assert ng.load(tmp_path / "trained.json")
