"""The command line as a user has it: a process, its words, its streams, its exit code."""

import io
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
BROKEN = EXAMPLES / "broken"
TEXT, XOR, XOR_DATA = EXAMPLES / "text.json", EXAMPLES / "xor.json", EXAMPLES / "xor.csv"
IRIS, IRIS_DATA = EXAMPLES / "iris.json", EXAMPLES / "iris.csv"

GOOD, PROBLEM, USAGE, UNREADABLE = 0, 1, 2, 3
INTERRUPTED, CLOSED_PIPE, TERMINATED = 130, 141, 143

MODULE = [sys.executable, "-m", "neurograph.cli"]
SCRIPT = [str(Path(sys.executable).parent / "neurograph")]
# SIGINT may be ignored where the tests were started in the background: a user's terminal has it on.
ON_TERMINAL = [
    sys.executable,
    "-c",
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from neurograph.cli import main; sys.exit(main())",
]


def environment(**changes):
    """The environment of this process with some variables changed; None removes one."""
    everything = dict(os.environ) | {"PYTHONIOENCODING": "utf-8"} | changes
    return {name: value for name, value in everything.items() if value is not None}


def run(*words, program=MODULE, stdin=b"", cwd=None, **variables):
    """Run a command to its end; whatever it does, no traceback may be seen."""
    done = subprocess.run(
        [*program, *map(os.fsencode, words)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**variables),
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stdout + done.stderr, done.stderr.decode()
    return done


def start(*words, program=MODULE, variables=None, **options):
    """Start a command and return the process."""
    return subprocess.Popen(
        [*program, *map(os.fsencode, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**(variables or {})),
        **options,
    )


def standard_input(data):
    """A standard input that holds these bytes."""
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
