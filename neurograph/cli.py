"""The command ``neurograph``: check, look at, run, step through and train networks from a terminal.

Exit codes: 0 good, 1 a problem of the network or the data, 2 wrong usage, 3 an unreadable file,
130 and 143 interrupted, 141 a closed pipe.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn

from neurograph import commands
from neurograph.console import complain, leave_closed_pipe, say, prepare_streams
from neurograph.errors import FileFormatError, NeurographError, OptionError
from neurograph.functions import INITIALIZERS, LOSSES
from neurograph.network.validation import REQUIREMENTS

GOOD, PROBLEM, USAGE, UNREADABLE = commands.GOOD, commands.PROBLEM, commands.USAGE, commands.UNREADABLE
INTERRUPTED, CLOSED_PIPE, TERMINATED = 130, 141, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback reaches the user without ``--debug``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words of the command line, without the name of the program.

    Returns
    -------
    int

    Examples
    --------
    >>> main(["run", "no-such-file.json", "--input", "1"])
    3
    """
    prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(list(_joined(words)))
    try:
        code = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        leave_closed_pipe()
        return CLOSED_PIPE
    return code


def _run(options: argparse.Namespace) -> int:
    with _Termination() as termination:
        try:
            command: Callable[[argparse.Namespace], int] = options.command
            return command(options)
        except KeyboardInterrupt:
            return TERMINATED if termination.asked else INTERRUPTED
        except commands.Interrupted:
            return TERMINATED if termination.asked else INTERRUPTED
        except BrokenPipeError:
            raise
        except (NeurographError, OSError) as error:
            if options.debug:
                raise
            complain(error)
            return exit_code(error)


def exit_code(error: Exception) -> int:
    """Return the exit code that an error stands for."""
    if isinstance(error, FileFormatError | OSError):
        return UNREADABLE
    return USAGE if isinstance(error, OptionError) else PROBLEM


class _Termination:
    """Takes SIGTERM as a Ctrl-C that remembers what it was; a second signal leaves at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> _Termination:
        try:
            self._old = signal.signal(signal.SIGTERM, self._terminate)
            self._old_interrupt = signal.signal(signal.SIGINT, self._interrupt)
        except ValueError:  # not in the main thread: whoever runs us there keeps the signals
            self._old = self._old_interrupt = None
        return self

    def __exit__(self, *error: object) -> None:
        if self._old is not None:
            signal.signal(signal.SIGTERM, self._old)
        if self._old_interrupt is not None:
            signal.signal(signal.SIGINT, self._old_interrupt)

    def _terminate(self, number: int, frame: FrameType | None) -> NoReturn:
        self.asked = True
        self._interrupt(number, frame)

    def _interrupt(self, number: int, frame: FrameType | None) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt


def _joined(words: Sequence[str]) -> Iterator[str]:
    """Join ``--input -0.5,1`` into one word, since argparse takes the minus for an option."""
    waiting = ""
    for word in words:
        if waiting:
            yield f"{waiting}={word}" if word[:1] == "-" and word[1:2] in set("0123456789.") else waiting
            if not (word[:1] == "-" and word[1:2] in set("0123456789.")):
                yield word
            waiting = ""
        elif word in ("--input", "--target"):
            waiting = word
        else:
            yield word
    if waiting:
        yield waiting


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    from neurograph import __version__

    top = argparse.ArgumentParser(
        prog="neurograph",
        description="Neural networks as explicit graphs: check, look at, run, step through, train.",
        epilog="FILE is a network in neurograph's JSON format; - reads standard input.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"neurograph {__version__}")
    top.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_add_check, _add_info, _add_run, _add_walk, _add_train, _add_demo):
        add(subparsers)
    return top


def _add(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    added = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:], allow_abbrev=False)
    added.set_defaults(command=command)
    return added


def _add_check(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "find every problem of one or more networks, and show their layers"
    added = _add(subparsers, "check", commands.check_files, text)
    added.add_argument("files", nargs="+", metavar="FILE")
    added.add_argument("--require", choices=list(REQUIREMENTS), default="feed-forward")
    added.add_argument("--json", action="store_true", help="print the findings as JSON")


def _add_info(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    added = _add(subparsers, "info", commands.show_info, "show what a network is made of")
    added.add_argument("file", metavar="FILE")


def _add_run(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    added = _add(subparsers, "run", commands.run_network, "compute the outputs of a network")
    added.add_argument("file", metavar="FILE")
    source = added.add_mutually_exclusive_group(required=True)
    source.add_argument("--input", metavar="0.5,…", help="one number for each input neuron, in their order")
    source.add_argument("--data", metavar="FILE.csv", help="a table with a header; outputs come as CSV")
    added.add_argument("--inputs", metavar="COLUMN,…", help="the columns of the inputs, in their order")


def _add_walk(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "show the arithmetic of the forward walk and, with targets, of the backward walk"
    added = _add(subparsers, "walk", commands.show_walk, text)
    added.add_argument("file", metavar="FILE")
    added.add_argument("--input", required=True, metavar="0.5,…")
    added.add_argument("--target", metavar="1,…")
    added.add_argument("--neuron", metavar="6", help="only the steps of this neuron")
    added.add_argument("--loss", choices=list(LOSSES), default="squared")


def _add_train(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    added = _add(subparsers, "train", commands.train_network, "train a network on a table, point by point")
    added.add_argument("file", metavar="FILE")
    added.add_argument("data", metavar="DATA.csv")
    added.add_argument("-o", "--output", required=True, metavar="TRAINED.json")
    added.add_argument("--inputs", metavar="COLUMN,…", help="the columns of the inputs, in their order")
    targets = "the columns of the targets, in the order of the outputs, or one column of their names"
    added.add_argument("--targets", metavar="COLUMN,…", help=targets)
    added.add_argument("--loss", choices=list(LOSSES), default="squared")
    added.add_argument("--learning-rate", type=float, default=0.1, metavar="RATE")
    decay = "let the step size fall as RATE / (1 + DECAY · epoch)"
    added.add_argument("--decay", type=float, default=0.0, metavar="DECAY", help=decay)
    added.add_argument("--epochs", type=int, default=100)
    added.add_argument("--batch-size", type=int, default=1)
    added.add_argument("--seed", type=int, default=0)
    added.add_argument("--randomize", choices=list(INITIALIZERS), help="draw new weights before training")
    added.add_argument(
        "--hold-out", type=float, default=0.0, metavar="SHARE", help="rows kept for testing, 0 to 1"
    )
    added.add_argument("--force", action="store_true", help="write over an existing file")
    added.add_argument("--quiet", action="store_true", help="no progress display")


def _add_demo(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    added = _add(subparsers, "demo", commands.show_demo, "see the main job in a minute")
    added.set_defaults(file=None)


if __name__ == "__main__":
    sys.exit(main())
