"""What each command of the command line does: it reads, calls the library, prints, and returns an exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from neurograph.console import complain, safe, say
from neurograph.errors import (
    DataError,
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
from neurograph.learning import InverseTimeDecay, fit
from neurograph.network import (
    Finding,
    Report,
    check,
    inputs,
    layers,
    levels,
    outputs,
    randomize_weights,
    weights,
)
from neurograph.network.schema import KINDS, Net, Neuron
from neurograph.network.validation import unmet
from neurograph.options import require_number
from neurograph.walk import backward_steps, forward, forward_steps
from neurograph.walk.notation import number
from neurograph.walk.steps import Step

GOOD, PROBLEM, USAGE, UNREADABLE = 0, 1, 2, 3
STANDARD_INPUT = "-"


class Interrupted(Exception):  # noqa: N818 - not an error: the work so far was kept
    """Training was interrupted, and what it had learned was saved."""


def check_files(options: argparse.Namespace) -> int:
    """Check one or more files and print every finding."""
    codes, answers = [], []
    for name in options.files:
        code, answer, text = _check_file(name, options.require)
        codes.append(code)
        answers.append(answer)
        if not options.json:
            say(text)
    if options.json:
        say(json.dumps(answers if len(answers) > 1 else answers[0], indent=2))
    return max(codes)


def _check_file(name: str, require: str) -> tuple[int, dict[str, Any], str]:
    """Check one file: its exit code, and the answer as data and as text."""
    try:
        net = _load(name, strict=False)
    except (NeurographError, OSError) as error:
        code = UNREADABLE if isinstance(error, FileFormatError | OSError) else PROBLEM
        answer = {
            "file": name,
            "ok": False,
            "error": {"code": getattr(error, "code", "io"), "message": str(error)},
        }
        return code, answer, f"{_shown_name(name)}: {error}"
    report = check(net)
    refused = unmet(report, require)
    text = f"{_shown_name(name)}: {report}"
    if report.layers is not None and report.ok:
        text += "".join(f"\n  layer {i}: {shown_list(layer, 20)}" for i, layer in enumerate(report.layers, 1))
    if refused and report.ok:
        text += f"\n  not {require}, as required"
    return (PROBLEM if refused else GOOD), _as_data(name, report, not refused), text


def _as_data(name: str, report: Report, ok: bool) -> dict[str, Any]:
    return {
        "file": name,
        "ok": ok,
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
    report = check(net)
    word, groups = ("layer", layers(net)) if report.layered else ("level", levels(net))
    numbers = list(weights(net).values())
    say(
        f"{_shown_name(options.file)}: {len(net)} neurons, {net.number_of_edges()} edges, {frozen} of them frozen"
    )
    say(f"  kinds        {', '.join(f'{kinds[kind]} {kind}' for kind in KINDS if kinds[kind])}")
    say(f"  activations  {', '.join(f'{count} {name}' for name, count in activations.items())}")
    say(f"  inputs       {shown_list(inputs(net), 20)}")
    say(f"  outputs      {shown_list(outputs(net), 20)}")
    say(f"  weights      {number(min(numbers))} to {number(max(numbers))}")
    for i, group in enumerate(groups[:50], start=1):
        say(f"  {word} {i:<6} {shown_list(group, 12)}")
    if not report.layered:
        say("  (levels, since it is not layered: neurograph check says why)")
    return GOOD


def run_network(options: argparse.Namespace) -> int:
    """Print the outputs of a network for one input or a table of them."""
    net = _load(options.file)
    if options.input is not None:
        if options.inputs is not None:
            raise _usage("--inputs", "names columns", "--data with it", "leave it out, or give --data")
        trace = forward(net, _numbers(options.input, "--input", inputs(net)))
        for neuron, value in zip(outputs(net), trace.outputs, strict=True):
            say(f"{neuron} = {value!r}")
        return GOOD
    X, _ = _read_data(options, options.data, net, with_targets=False)
    columns = forward(net, X).outputs if len(X) else [[] for _ in outputs(net)]
    say(format_csv(outputs(net), zip(*columns, strict=True)).rstrip("\r\n"))
    return GOOD


def show_walk(options: argparse.Namespace) -> int:
    """Print the arithmetic of a walk, step by step."""
    net = _load(options.file)
    only = None if options.neuron is None else _find_neuron(net, options.neuron)
    X = _numbers(options.input, "--input", inputs(net))
    steps: list[Step] = list(_chosen(forward_steps(net, X), only))
    if options.target is not None:
        Y = _numbers(options.target, "--target", outputs(net))
        steps += _chosen(backward_steps(net, X, Y, loss=options.loss), only)
    for step in steps:
        say(step)
    return GOOD


def _chosen(steps: Iterable[Step], only: Neuron | None) -> Iterable[Step]:
    return (step for step in steps if only is None or step.neuron == only)


def train_network(options: argparse.Namespace) -> int:
    """Train a network on a table and save it."""
    _check_target_file(options)
    net = _load(options.file)
    X, Y = _read_data(options, options.data, net, with_targets=True)
    if options.randomize is not None:
        randomize_weights(net, method=options.randomize, seed=options.seed)
    train, test = _split(
        len(X), require_number("--hold-out", options.hold_out, low=0.0, high=0.9), options.seed
    )
    with only_writer(options.output):
        history = fit(
            net,
            X[train],
            Y[train],
            loss=options.loss,
            learning_rate=InverseTimeDecay(options.learning_rate, options.decay),
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            progress=not options.quiet,
        )
        save(net, options.output)
    say(f"trained on {len(train)} rows: {history}")
    if len(test):
        say(f"on {len(test)} rows that it did not see: {score(net, X[test], Y[test])}")
    say(f"saved {_shown_name(options.output)}")
    if history.stopped == "interrupted":
        complain("interrupted; the weights of the last whole epoch are saved")
        raise Interrupted
    return GOOD


def score(net: Net, X: Any, Y: Any) -> str:
    """Say how far the outputs are from the targets, and how often the largest one is the right one."""
    answers = np.column_stack(forward(net, X).outputs)
    text = f"mean squared error {number(float(np.mean((answers - Y) ** 2)))}"
    one_hot = Y.shape[1] > 1 and bool(((Y == 0) | (Y == 1)).all() and (Y.sum(axis=1) == 1).all())
    if one_hot:
        right = int((answers.argmax(axis=1) == Y.argmax(axis=1)).sum())
        text += f", {right} of {len(Y)} right ({100 * right / len(Y):.1f} %)"
    return text


def show_demo(options: argparse.Namespace) -> int:
    """Show the main job."""
    from neurograph.demo import run_demo

    run_demo()
    return GOOD


def _load(name: str, *, strict: bool = True) -> Net:
    if name == STANDARD_INPUT:
        return loads(read_stream(sys.stdin.buffer, name="standard input"), strict=strict)
    return load(name, strict=strict)


def _read_data(options: argparse.Namespace, path: str, net: Net, *, with_targets: bool) -> tuple[Any, Any]:
    columns = None if options.inputs is None else options.inputs.split(",")
    named = with_targets and options.targets is not None
    targets = options.targets.split(",") if named else None
    if path == STANDARD_INPUT:
        table = read_stream(sys.stdin.buffer, name="standard input")
        return parse_csv(table, net, inputs=columns, targets=targets, with_targets=with_targets)
    return read_csv(path, net, inputs=columns, targets=targets, with_targets=with_targets)


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
    by_name = {str(neuron): neuron for neuron in net}
    if name in by_name:
        return by_name[name]
    fix = did_you_mean(name, by_name) or f"choose one of {shown_list(by_name)}"
    raise _usage("--neuron", f"there is no neuron {shown(name)}", "a neuron of the network", fix)


def _check_target_file(options: argparse.Namespace) -> None:
    """Refuse to write over the input, or over anything without --force, before any work is done."""
    target = Path(options.output)
    for name in (options.file, options.data):
        if name != STANDARD_INPUT and target.exists() and Path(name).exists() and target.samefile(name):
            raise _usage(
                "--output", f"{shown(str(target))} is an input", "another file", "choose another name"
            )
    if target.exists() and not options.force:
        fix = "choose another name, or pass --force to write over it"
        raise _usage("--output", f"{shown(str(target))} exists", "a new file", fix)
    if not os.path.isdir(target.resolve().parent):
        raise _usage(
            "--output", f"its folder {shown(str(target.parent))} is not there", "a folder", "make it first"
        )


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
    return "standard input" if name == STANDARD_INPUT else safe(name).replace("\n", "\\n")
