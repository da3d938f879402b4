"""The command ``neurograph``: check, look at, run, step through, draw and train networks from a terminal.

Exit codes: 0 good, 1 a problem of the network or the data, 2 wrong usage, 3 a file that cannot be
read or written, 130 and 143 interrupted, 141 a closed pipe, 70 a bug of neurograph.
"""

from __future__ import annotations

import argparse
import math
import re
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any, NoReturn, TypeAlias

from neurograph import __version__, commands, demo
from neurograph.console import complain, explain, leave_closed_pipe, notes, prepare_streams
from neurograph.errors import FileFormatError, NeurographError, OptionError, shown
from neurograph.functions import INITIALIZERS, LOSSES
from neurograph.launch import INTERRUPTED
from neurograph.network.validation import REQUIREMENTS
from neurograph.options import require_count, require_number

GOOD, PROBLEM, USAGE, UNREADABLE = commands.GOOD, commands.PROBLEM, commands.USAGE, commands.UNREADABLE
BUG, CLOSED_PIPE, TERMINATED = 70, 141, 143

Command: TypeAlias = Callable[[argparse.Namespace], int]


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
    words = sys.argv[1:] if arguments is None else arguments
    try:
        with notes():
            code = _run(_parse(_with_negative_numbers(words)))
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as stop:  # argparse has said all there is to say
        return int(stop.code or GOOD)
    except BrokenPipeError:
        leave_closed_pipe()
        return CLOSED_PIPE
    return code


def _parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a table may stand after the options, where argparse does not see it."""
    top = parser()
    options, rest = top.parse_known_args(words)
    if rest and options.command is commands.explore_network and options.data is None and rest[0][:1] != "-":
        options.data = rest.pop(0)
    if rest:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _run(options: argparse.Namespace) -> int:
    """Run a command; what it raises becomes one message and an exit code."""
    command: Command = options.command
    with _Termination() as options.termination:
        try:
            return command(options)
        except BrokenPipeError:
            raise
        except (KeyboardInterrupt, commands.Interrupted) as interrupt:
            complain(str(interrupt) or "interrupted")
            return TERMINATED if options.termination.number == signal.SIGTERM else INTERRUPTED
        except Exception as error:
            if options.debug:
                raise
            return _report(error)


def _report(error: Exception) -> int:
    """Print an error and return the exit code that it stands for."""
    if isinstance(error, NeurographError | OSError):
        complain(explain(error))
        if isinstance(error, FileFormatError | OSError):
            return UNREADABLE
        return USAGE if isinstance(error, OptionError) else PROBLEM
    complain(f"a bug of neurograph, {type(error).__name__}: {error}; --debug shows where")
    return BUG


class _Termination:
    """Takes SIGTERM as a Ctrl-C that remembers what it was; a second signal leaves at once.

    Called from time to time, it raises once more: Python swallows what is raised at a bad moment, such as
    while it collects garbage.
    """

    def __init__(self) -> None:
        self.number = 0
        self._old: dict[int, Any] = {}

    def __call__(self, *_: object) -> None:
        if self.number:
            raise KeyboardInterrupt

    def __enter__(self) -> _Termination:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as for a job in the background
                try:
                    self._old[number] = signal.signal(number, self._interrupt)
                except ValueError:  # not in the main thread: whoever runs us there keeps the signals
                    break
        return self

    def __exit__(self, *error: object) -> None:
        for number, old in self._old.items():
            signal.signal(number, old)

    def _interrupt(self, number: int, frame: FrameType | None) -> NoReturn:
        self.number = number
        for each in self._old:
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt


_NEGATIVE_NUMBERS = re.compile(r"-\.?[0-9]")


def _with_negative_numbers(words: Sequence[str]) -> list[str]:
    """Join ``--input -0.5,1`` into one word, since argparse takes the minus for an option."""
    joined: list[str] = []
    for word in words:
        is_value = joined and joined[-1] in ("--input", "--target") and "--" not in joined
        if is_value and _NEGATIVE_NUMBERS.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are safe for a terminal: they repeat what the user typed."""

    def error(self, message: str) -> NoReturn:
        if sys.stderr is not None:
            self.print_usage(sys.stderr)
        complain(f"{message}; {self.prog} --help says more")
        raise SystemExit(USAGE)


_Subparsers: TypeAlias = "argparse._SubParsersAction[_Parser]"


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    top = _Parser(
        prog="neurograph",
        description="Neural networks as explicit graphs: check, look at, run, step through, draw, train.",
        epilog="FILE is a network in neurograph's JSON format; - reads standard input. Exit codes: 0 good, "
        "1 a problem of the network or the data, 2 wrong usage, 3 a file that cannot be read or written.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"neurograph {__version__}")
    top.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _add_check, _add_info, _add_run, _add_walk, _add_draw, _add_explore,
        _add_train, _add_resume, _add_demo,
    ):  # fmt: skip
        add(subparsers)
    return top


def _add(subparsers: _Subparsers, name: str, command: Command, text: str, example: str) -> _Parser:
    added = subparsers.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=f"example:\n  neurograph {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    added.set_defaults(command=command)
    added.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return added


def _add_check(subparsers: _Subparsers) -> None:
    text = "find every problem of one or more networks, and show their layers"
    added = _add(subparsers, "check", commands.check_files, text, "check --require layered net.json")
    added.add_argument("files", nargs="+", metavar="FILE", help="a network, or - for standard input")
    require = "what must hold: no error (the default); layers, too; no departure from the textbook, either"
    added.add_argument("--require", choices=list(REQUIREMENTS), default="feed-forward", help=require)
    added.add_argument("--json", action="store_true", help="print a JSON list with one object for each file")


def _add_info(subparsers: _Subparsers) -> None:
    text = "show what a network is made of"
    added = _add(subparsers, "info", commands.show_info, text, "info net.json")
    _add_network(added)


def _add_run(subparsers: _Subparsers) -> None:
    text = "compute the outputs of a network"
    added = _add(subparsers, "run", commands.run_network, text, "run net.json --input 0.5,-1")
    _add_network(added)
    source = added.add_mutually_exclusive_group(required=True)
    source.add_argument("--input", metavar="0.5,…", help="one number for each input neuron, in their order")
    source.add_argument("--data", metavar="FILE.csv", help="a table with a header; outputs come as CSV")
    _add_columns(added)


def _add_walk(subparsers: _Subparsers) -> None:
    text = "show the arithmetic of the forward walk and, with targets, of the backward walk"
    example = "walk net.json --input 0.5 --target 1 --neuron 6"
    added = _add(subparsers, "walk", commands.show_walk, text, example)
    _add_network(added)
    numbers = "one number for each input neuron, in their order"
    added.add_argument("--input", required=True, metavar="0.5,…", help=numbers)
    targets = "one number for each output neuron: adds the backward walk"
    added.add_argument("--target", metavar="1,…", help=targets)
    added.add_argument("--neuron", metavar="6", help="only the steps of this neuron")
    added.add_argument("--loss", choices=list(LOSSES), help="of the backward walk (default: squared)")


def _add_draw(subparsers: _Subparsers) -> None:
    text = "draw a network, one with errors, too"
    example = "draw net.json -o net.svg --input 0.5 --target 1"
    added = _add(subparsers, "draw", commands.draw_network, text, example)
    _add_network(added)
    added.add_argument("-o", "--output", required=True, metavar="NET.svg", help="an .svg or a .png file")
    added.add_argument("--force", action="store_true", help="write over an existing file")
    numbers = "one number for each input neuron, in their order: adds the values"
    added.add_argument("--input", metavar="0.5,…", help=numbers)
    targets = "one number for each output neuron: adds the deltas and gradients"
    added.add_argument("--target", metavar="1,…", help=targets)
    theme = "default: %(default)s, what the reader's system prefers"
    added.add_argument("--theme", choices=["auto", "light", "dark"], default="auto", help=theme)


def _add_explore(subparsers: _Subparsers) -> None:
    text = "write a page that steps through a network in any browser, and trains it"
    example = "explore net.json data.csv -o page.html"
    added = _add(subparsers, "explore", commands.explore_network, text, example)
    _add_network(added)
    data = "a table with a header, its columns named like the neurons; without it, one point to change"
    added.add_argument("data", nargs="?", metavar="DATA.csv", help=data)
    added.add_argument("-o", "--output", required=True, metavar="PAGE.html", help="where the page goes")
    added.add_argument("--force", action="store_true", help="write over an existing file")
    _add_columns(added)
    _add_targets(added)
    added.add_argument("--loss", choices=list(LOSSES), default="squared", help="default: %(default)s")
    rate = "the step size to begin with (default: %(default)s)"
    added.add_argument("--learning-rate", type=_number(0.0), default=0.1, metavar="RATE", help=rate)


def _add_train(subparsers: _Subparsers) -> None:
    text = "train a network on a table, point by point"
    example = "train net.json data.csv -o trained.json --epochs 200 --hold-out 0.3"
    added = _add(subparsers, "train", commands.train_network, text, example)
    _add_network(added)
    data = "a table with a header, its columns named like the neurons, or - for standard input"
    added.add_argument("data", metavar="DATA.csv", help=data)
    _add_result(added)
    _add_columns(added)
    _add_targets(added)
    checkpoint = "a new file that holds the training while it goes on, for neurograph resume"
    added.add_argument("--checkpoint", metavar="PATH", help=checkpoint)
    every = "after how many epochs to write the checkpoint (default: %(default)s)"
    added.add_argument("--every", type=_count(1), default=1, metavar="EPOCHS", help=every)
    _add_training(added)


def _add_resume(subparsers: _Subparsers) -> None:
    text = "go on with a training that was stopped, from its checkpoint"
    example = "resume run.checkpoint -o trained.json"
    added = _add(subparsers, "resume", commands.resume_training, text, example)
    added.add_argument("checkpoint", metavar="PATH", help="what train --checkpoint PATH wrote")
    _add_result(added)
    epochs = "how many there are to be in all (default: as many as were planned)"
    added.add_argument("--epochs", type=_count(1), help=epochs)


def _add_result(added: _Parser) -> None:
    result = "where the trained network goes"
    added.add_argument("-o", "--output", required=True, metavar="TRAINED.json", help=result)
    added.add_argument("--force", action="store_true", help="write over an existing file")
    added.add_argument("--quiet", action="store_true", help="no progress display")


def _add_training(added: _Parser) -> None:
    group = added.add_argument_group("how it is trained")
    group.add_argument("--epochs", type=_count(1), default=100, help="default: %(default)s")
    rate = "the step size (default: %(default)s)"
    group.add_argument("--learning-rate", type=_number(0.0), default=0.1, metavar="RATE", help=rate)
    decay = "let the step size fall as RATE / (1 + DECAY · epoch) (default: %(default)s)"
    group.add_argument("--decay", type=_number(0.0), default=0.0, help=decay)
    group.add_argument("--loss", choices=list(LOSSES), default="squared", help="default: %(default)s")
    batch = "how many rows share one step (default: %(default)s)"
    group.add_argument("--batch-size", type=_count(1), default=1, metavar="ROWS", help=batch)
    randomize = "draw new weights before training"
    group.add_argument("--randomize", choices=list(INITIALIZERS), help=randomize)
    share = "rows kept for testing, as a share from 0 to 0.9 (default: %(default)s)"
    group.add_argument("--hold-out", type=_number(0.0, 0.9), default=0.0, metavar="SHARE", help=share)
    seed = "of everything that is drawn at random (default: %(default)s)"
    group.add_argument("--seed", type=_count(0), default=0, help=seed)


def _add_demo(subparsers: _Subparsers) -> None:
    _add(subparsers, "demo", demo.show_demo, "see the main job in a minute", "demo")


def _add_network(added: _Parser) -> None:
    added.add_argument("file", metavar="FILE", help="the network, or - for standard input")


def _add_columns(added: _Parser) -> None:
    added.add_argument("--inputs", metavar="COLUMN,…", help="the columns of the inputs, in their order")


def _add_targets(added: _Parser) -> None:
    targets = "the columns of the targets, in the order of the outputs, or one column of their names"
    added.add_argument("--targets", metavar="COLUMN,…", help=targets)


def _count(least: int) -> Callable[[str], int]:
    return partial(_read, int, partial(require_count, "", least=least), f"an integer of at least {least}")


def _number(low: float, high: float = math.inf) -> Callable[[str], float]:
    bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}"
    return partial(_read, float, partial(require_number, "", low=low, high=high), f"a finite number {bounds}")


def _read(kind: Callable[[str], Any], check: Callable[[Any], Any], expected: str, text: str) -> Any:
    """Read one number of the command line."""
    try:
        return check(kind(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {shown(text)}; expected {expected}") from None


if __name__ == "__main__":
    sys.exit(main())
