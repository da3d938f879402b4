"""What each command does: it reads, calls the library, prints, and returns an exit code."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from neurograph.console import explain, safe, say
from neurograph.errors import (
    DataError,
    DivergedError,
    FileFormatError,
    NeurographError,
    OptionError,
    did_you_mean,
    shown,
    shown_list,
)
from neurograph.files import format_csv, load, loads, parse_csv, read_csv, save
from neurograph.files.locking import only_writer
from neurograph.files.reading import read_stream
from neurograph.files.storage import FORMATS
from neurograph.learning import History, InverseTimeDecay, fit, resume
from neurograph.network import (
    Finding,
    Report,
    check,
    inputs,
    is_layered,
    layers,
    levels,
    outputs,
    randomize_weights,
    weights,
)
from neurograph.network.schema import KINDS, Net, Neuron
from neurograph.network.validation import unmet
from neurograph.walk import backward_steps, forward, forward_steps
from neurograph.walk.notation import number
from neurograph.walk.steps import Step

GOOD, PROBLEM, USAGE, UNREADABLE = 0, 1, 2, 3
STANDARD_INPUT = "-"
MOST_GROUPS = 50


class Interrupted(Exception):  # noqa: N818 - not an error: the user asked for it
    """Training was interrupted; the message says what became of its work."""


def check_files(options: argparse.Namespace) -> int:
    """Check one or more files and print every finding."""
    _read_once(options.files)
    answers = []
    for name in options.files:
        answer, text = _check_file(name, options.require)
        answers.append(answer)
        if not options.json:
            say(text)
    if options.json:
        say(json.dumps(answers, indent=2))
    elif len(answers) > 1:
        say(_summary([answer["verdict"] for answer in answers]))
    return max(VERDICTS[answer["verdict"]] for answer in answers)


VERDICTS = {"good": GOOD, "warnings": GOOD, "refused": PROBLEM, "unreadable": UNREADABLE}
"""What can come of checking a file, and the exit code for it."""


def _summary(verdicts: list[str]) -> str:
    counts = Counter(verdicts)
    parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]]
    return f"{len(verdicts)} files: {', '.join(parts)}".replace("warnings", "with warnings")


def _check_file(name: str, require: str) -> tuple[dict[str, Any], str]:
    """Check one file: the answer as data and as text."""
    try:
        net = _load(name, strict=False)
    except (NeurographError, OSError) as error:
        verdict = "unreadable" if isinstance(error, FileFormatError | OSError) else "refused"
        return {"file": name, "verdict": verdict, "error": _error_data(error)}, explain(error)
    report = check(net)
    text = f"{_shown_name(name)}: {report}"
    if report.layers is not None and report.ok:
        text += "".join(f"\n  layer {i}: {shown_list(layer, 20)}" for i, layer in enumerate(report.layers, 1))
    if not unmet(report, require):
        return _report_data(name, report, "warnings" if report.findings else "good"), text
    if report.ok:
        text += f"\n  refused, because --require {require} takes these warnings for errors"
    return _report_data(name, report, "refused"), text


def _error_data(error: Exception) -> dict[str, Any]:
    places = error.problems if isinstance(error, FileFormatError) else ()
    return {
        "code": getattr(error, "code", "cannot-open"),
        "message": explain(error),
        "problems": [{"where": where, "what": what} for where, what in places],
    }


def _report_data(name: str, report: Report, verdict: str) -> dict[str, Any]:
    return {
        "file": name,
        "verdict": verdict,
        "feed_forward": report.feed_forward,
        "layered": report.layered,
        "layers": report.layers,
        "findings": [_finding_data(finding) for finding in report.findings],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "neurons": list(finding.neurons),
        "edges": [list(edge) for edge in finding.edges],
        "message": finding.message,
        "fix": finding.fix,
    }


def show_info(options: argparse.Namespace) -> int:
    """Print what a network is made of."""
    net = _load(options.file)
    kinds = Counter(kind for _, kind in net.nodes(data="kind"))
    activations = Counter(name for _, name in net.nodes(data="activation") if name is not None)
    frozen = sum(not trainable for _, _, trainable in net.edges(data="trainable", default=True))
    numbers = list(weights(net).values())
    say(f"{_shown_name(options.file)}: {len(net)} neurons, {len(numbers)} edges, {frozen} of them frozen")
    say(f"  kinds        {', '.join(f'{kinds[kind]} {kind}' for kind in KINDS if kinds[kind])}")
    say(f"  activations  {', '.join(f'{count} {name}' for name, count in activations.items())}")
    say(f"  inputs       {shown_list(inputs(net), 20)}")
    say(f"  outputs      {shown_list(outputs(net), 20)}")
    say(f"  weights      {number(min(numbers))} to {number(max(numbers))}")
    _show_groups(net)
    return GOOD


def _show_groups(net: Net) -> None:
    """Print the layers of a network, or its levels where it has none."""
    layered = is_layered(net)
    word, groups = ("layer", layers(net)) if layered else ("level", levels(net))
    for i, group in enumerate(groups[:MOST_GROUPS], start=1):
        say(f"  {word} {i:<6} {shown_list(group, 12)}")
    if len(groups) > MOST_GROUPS:
        say(f"  … and {len(groups) - MOST_GROUPS} more")
    if not layered:
        say("  (levels, the longest path from an input: neurograph check says why there are no layers)")


def run_network(options: argparse.Namespace) -> int:
    """Print the outputs of a network for one input or a table of them."""
    _read_once([options.file, options.data])
    net = _load(options.file)
    if options.input is not None:
        if options.inputs is not None:
            raise _usage(
                "--inputs", "names columns of no table", "--data, too", "leave it out, or give --data"
            )
        trace = forward(net, _numbers(options.input, "--input", inputs(net)))
        for neuron, value in zip(outputs(net), trace.outputs, strict=True):
            say(f"{neuron} = {value!r}")
        return GOOD
    X, _ = _read_data(options, options.data, net, with_targets=False)
    say(format_csv(outputs(net), zip(*forward(net, X).outputs, strict=True)).rstrip("\n"))
    return GOOD


def show_walk(options: argparse.Namespace) -> int:
    """Print the arithmetic of a walk, step by step."""
    if options.loss is not None and options.target is None:
        raise _usage("--loss", "no target is given", "--target, too", "leave it out, or give --target")
    net = _load(options.file)
    only = None if options.neuron is None else _find_neuron(net, options.neuron)
    X = _numbers(options.input, "--input", inputs(net))
    steps: list[Step] = list(_chosen(forward_steps(net, X), only))
    if options.target is not None:
        Y = _numbers(options.target, "--target", outputs(net))
        steps += _chosen(backward_steps(net, X, Y, loss=options.loss or "squared"), only)
    for step in steps:
        say(step)
    return GOOD


def _chosen(steps: Iterable[Step], only: Neuron | None) -> Iterable[Step]:
    return (step for step in steps if only is None or step.neuron == only)


def train_network(options: argparse.Namespace) -> int:
    """Train a network on a table and save it."""
    _read_once([options.file, options.data])
    _check_target_file(options, [options.file, options.data, options.checkpoint])
    net = _load(options.file)
    X, Y = _read_data(options, options.data, net, with_targets=True)
    if options.randomize is not None:
        randomize_weights(net, method=options.randomize, seed=options.seed)
    train, test = _split(len(X), options.hold_out, options.seed)
    with only_writer(options.output):
        history = _fit(options, net, X[train], Y[train])
        _save_trained(options, net, history)
    say(f"trained on {len(train)} rows: {history}")
    if len(test):
        say(f"on {len(test)} rows that it did not see: {score(net, X[test], Y[test])}")
    return _end_training(options, history)


def resume_training(options: argparse.Namespace) -> int:
    """Go on with a training from its checkpoint, and save the network."""
    _check_target_file(options, [options.checkpoint])
    with only_writer(options.output):
        with _nothing_saved():
            net, history = resume(
                options.checkpoint,
                epochs=options.epochs,
                callbacks=[options.termination],
                progress=not options.quiet,
            )
        _save_trained(options, net, history)
    say(f"trained: {history}")
    return _end_training(options, history)


def _save_trained(options: argparse.Namespace, net: Net, history: History) -> None:
    if not history.epochs:
        raise Interrupted("interrupted before the first epoch was over; nothing is saved")
    save(net, options.output)


def _end_training(options: argparse.Namespace, history: History) -> int:
    say(f"saved {_shown_name(options.output)}")
    if history.stopped == "interrupted":
        more = f"; neurograph resume {_shown_name(options.checkpoint)} goes on" if options.checkpoint else ""
        raise Interrupted(f"interrupted; the best weights so far are saved{more}")
    return GOOD


@contextmanager
def _nothing_saved() -> Iterator[None]:
    """Add to the error of a training that went wrong what became of its output."""
    try:
        yield
    except DivergedError as error:
        error.args = (f"{error} Nothing was saved.",)
        raise


def _fit(options: argparse.Namespace, net: Net, X: Any, Y: Any) -> History:
    """Train a network as the options say."""
    with _nothing_saved():
        return fit(
            net,
            X,
            Y,
            loss=options.loss,
            learning_rate=InverseTimeDecay(options.learning_rate, options.decay),
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            callbacks=[options.termination],
            progress=not options.quiet,
            checkpoint=options.checkpoint,
            every=options.every,
        )


def score(net: Net, X: Any, Y: Any) -> str:
    """Say how far the outputs are from the targets, and how often the largest one is the right one."""
    answers = np.column_stack(forward(net, X).outputs)
    text = f"mean squared error {number(float(np.mean((answers - Y) ** 2)))}"
    one_hot = Y.shape[1] > 1 and bool(((Y == 0) | (Y == 1)).all() and (Y.sum(axis=1) == 1).all())
    if one_hot:
        right = int((answers.argmax(axis=1) == Y.argmax(axis=1)).sum())
        text += f", {right} of {len(Y)} right ({100 * right / len(Y):.1f} %)"
    return text


def _load(name: str, *, strict: bool = True) -> Net:
    if name == STANDARD_INPUT:
        return loads(_standard_input(), strict=strict, name="standard input")
    return load(name, strict=strict)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return read_stream(sys.stdin.buffer, name="standard input")


def _read_once(names: Iterable[str | None]) -> None:
    """Refuse to read standard input twice: there would be nothing left."""
    if list(names).count(STANDARD_INPUT) > 1:
        raise _usage("-", "standard input is named twice", "one file from there", "name the other file")


def _read_data(options: argparse.Namespace, path: str, net: Net, *, with_targets: bool) -> tuple[Any, Any]:
    wanted: dict[str, Any] = {"with_targets": with_targets, "inputs": _columns(options.inputs)}
    wanted["targets"] = _columns(options.targets) if with_targets else None
    if path == STANDARD_INPUT:
        return parse_csv(_standard_input(), net, **wanted, name="standard input")
    return read_csv(path, net, **wanted)


def _columns(text: str | None) -> list[str] | None:
    """Read "a,b" as the names of columns; a name with a comma in it is quoted, as in the table."""
    return None if text is None else [name.strip() for name in next(csv.reader([text]), [])]


def _numbers(text: str, option: str, neurons: list[Neuron]) -> list[float]:
    """Read "0.5,1" as one number for each neuron."""
    words = text.split(",")
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise _usage(
            option, f"got {shown(text)}", "numbers separated by commas", "write 0.5,1, say"
        ) from None
    if len(values) != len(neurons):
        expected = f"{len(neurons)}, for the neurons {shown_list(neurons)} in this order"
        raise _usage(option, f"got {len(values)} numbers", expected, "give one for each neuron")
    if not np.isfinite(values).all():
        raise _usage(option, f"got {shown(text)}", "finite numbers", "give finite numbers")
    return values


def _find_neuron(net: Net, name: str) -> Neuron:
    """Find the neuron that is written like this."""
    by_name: dict[str, Neuron] = {str(neuron): neuron for neuron in net}
    if name in by_name:
        return by_name[name]
    fix = did_you_mean(name, by_name) or f"choose one of {shown_list(by_name)}"
    raise _usage("--neuron", f"there is no neuron {shown(name)}", "a neuron of the network", fix)


def _check_target_file(options: argparse.Namespace, others: Iterable[str | None]) -> None:
    """Refuse an output that cannot be written, or should not, before any work is done."""
    target = Path(options.output)
    name = shown(options.output)
    sources = [Path(each) for each in others if each not in (None, STANDARD_INPUT)]
    if target.suffix.lower() not in FORMATS:
        endings = shown_list(FORMATS)
        raise _usage(
            "--output", f"{name} is of no known format", f"a name that ends in {endings}", "rename it"
        )
    if not target.resolve().parent.is_dir():
        folder = shown(str(target.parent))
        raise _usage("--output", f"its folder {folder} is not there", "a folder", "make it first")
    if target.is_dir():
        raise _usage("--output", f"{name} is a directory", "a file", "name a file in it")
    if any(_is_same_file(target, path) for path in sources):
        raise _usage("--output", f"{name} is an input", "another file", "choose another name")
    if target.exists() and not options.force:
        fix = "choose another name, or pass --force to write over it"
        raise _usage("--output", f"{name} exists", "a new file", fix)


def _is_same_file(one: Path, other: Path) -> bool:
    return one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()


def _split(rows: int, share: float, seed: int) -> tuple[Any, Any]:
    """Divide the rows at random into those to train on and those to test on."""
    order = np.random.default_rng(seed).permutation(rows)
    held_out = round(rows * share)
    if held_out == rows:
        raise DataError(
            f"{rows} rows leave none to train on",
            code="no-rows",
            where="--hold-out",
            expected="a share that leaves rows to train on",
            fix="hold out less",
        )
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _usage(option: str, what: str, expected: str, fix: str) -> OptionError:
    return OptionError(what, code="usage", where=option, expected=expected, fix=fix)


def _shown_name(name: str) -> str:
    """Write the name of a file on one line, without quotes."""
    return "standard input" if name == STANDARD_INPUT else safe(name).replace("\n", "\\n")
