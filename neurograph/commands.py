"""What each command does: it reads, calls the library, prints, and returns an exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from neurograph.arguments import (
    STANDARD_INPUT,
    check_target_file,
    columns,
    find_neuron,
    numbers_for,
    read_once,
    shown_name,
    usage,
)
from neurograph.console import explain, say
from neurograph.errors import (
    DataError,
    DivergedError,
    FileFormatError,
    NeurographError,
    shown_list,
)
from neurograph.files import format_csv, load, loads, parse_csv, read_csv, save
from neurograph.files.locking import only_writer
from neurograph.files.reading import read_stream
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
from neurograph.walk import Trace, backward, backward_steps, forward, forward_steps
from neurograph.walk.notation import number
from neurograph.walk.steps import Step

GOOD, PROBLEM, USAGE, UNREADABLE = 0, 1, 2, 3
MOST_GROUPS = 50


class Interrupted(Exception):  # noqa: N818 - not an error: the user asked for it
    """Training was interrupted; the message says what became of its work."""


def check_files(options: argparse.Namespace) -> int:
    """Check one or more files and print every finding."""
    read_once(options.files)
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
    text = f"{shown_name(name)}: {report}"
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
    say(f"{shown_name(options.file)}: {len(net)} neurons, {len(numbers)} edges, {frozen} of them frozen")
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
    read_once([options.file, options.data])
    net = _load(options.file)
    if options.input is not None:
        _require_no_columns(options, "--data")
        trace = forward(net, numbers_for(options.input, "--input", inputs(net)))
        for neuron, value in zip(outputs(net), trace.outputs, strict=True):
            say(f"{neuron} = {value!r}")
        return GOOD
    X, _ = _read_data(options, options.data, net, with_targets=False)
    say(format_csv(outputs(net), zip(*forward(net, X).outputs, strict=True)).rstrip("\n"))
    return GOOD


def _require_no_columns(options: argparse.Namespace, table: str) -> None:
    """Refuse to be told columns where there is no table that has them."""
    for name in ("inputs", "targets"):
        if getattr(options, name, None) is not None:
            fix = f"leave it out, or give {table}"
            raise usage(f"--{name}", "names columns of no table", f"{table}, too", fix)


def show_walk(options: argparse.Namespace) -> int:
    """Print the arithmetic of a walk, step by step."""
    if options.loss is not None and options.target is None:
        raise usage("--loss", "no target is given", "--target, too", "leave it out, or give --target")
    net = _load(options.file)
    only = None if options.neuron is None else find_neuron(net, options.neuron)
    X = numbers_for(options.input, "--input", inputs(net))
    steps: list[Step] = list(_chosen(forward_steps(net, X), only))
    if options.target is not None:
        Y = numbers_for(options.target, "--target", outputs(net))
        steps += _chosen(backward_steps(net, X, Y, loss=options.loss or "squared"), only)
    for step in steps:
        say(step)
    return GOOD


def _chosen(steps: Iterable[Step], only: Neuron | None) -> Iterable[Step]:
    return (step for step in steps if only is None or step.neuron == only)


def train_network(options: argparse.Namespace) -> int:
    """Train a network on a table and save it."""
    read_once([options.file, options.data])
    check_target_file(options, [options.file, options.data, options.checkpoint])
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
    check_target_file(options, [options.checkpoint])
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


def draw_network(options: argparse.Namespace) -> int:
    """Draw a network into a file; one with errors, too, as long as nothing is computed on it."""
    from neurograph.view.drawing import SAVED, draw  # pictures are needed for nothing else here

    check_target_file(options, [options.file], SAVED)
    net = _load(options.file, strict=False)
    drawing = draw(net, _walked(options, net), theme=options.theme)
    drawing.save(options.output)
    if drawing.collapsed:
        say(f"collapsed: {drawing.collapsed}")
    say(f"saved {shown_name(options.output)}")
    return GOOD


def _walked(options: argparse.Namespace, net: Net) -> Trace | None:
    """Walk through a network as far as the options give numbers for it."""
    if options.target is not None and options.input is None:
        raise usage("--target", "no input is given", "--input, too", "leave it out, or give --input")
    if options.input is None:
        return None
    X = numbers_for(options.input, "--input", inputs(net))
    if options.target is None:
        return forward(net, X)
    return backward(net, X, numbers_for(options.target, "--target", outputs(net)))


def explore_network(options: argparse.Namespace) -> int:
    """Write a page that steps through a network."""
    from neurograph.view import explore  # pictures are needed for nothing else here

    read_once([options.file, options.data])
    check_target_file(options, [options.file, options.data], endings=(".html", ".htm"))
    net, X, Y = _load(options.file), None, None
    if options.data is None:
        _require_no_columns(options, "DATA.csv")
    else:
        X, Y = _read_data(options, options.data, net, with_targets=True)
    title = shown_name(Path(options.file).name)
    page = explore(net, X, Y, loss=options.loss, learning_rate=options.learning_rate, title=title)
    page.save(options.output)
    say(f"saved {shown_name(options.output)}: open it in a browser")
    return GOOD


def _save_trained(options: argparse.Namespace, net: Net, history: History) -> None:
    if not history.epochs:
        raise Interrupted("interrupted before the first epoch was over; nothing is saved")
    save(net, options.output)


def _end_training(options: argparse.Namespace, history: History) -> int:
    say(f"saved {shown_name(options.output)}")
    if history.stopped == "interrupted":
        more = f"; neurograph resume {shown_name(options.checkpoint)} goes on" if options.checkpoint else ""
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


def _read_data(options: argparse.Namespace, path: str, net: Net, *, with_targets: bool) -> tuple[Any, Any]:
    wanted: dict[str, Any] = {"with_targets": with_targets, "inputs": columns(options.inputs)}
    wanted["targets"] = columns(options.targets) if with_targets else None
    if path == STANDARD_INPUT:
        return parse_csv(_standard_input(), net, **wanted, name="standard input")
    return read_csv(path, net, **wanted)


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
