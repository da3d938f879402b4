"""What stands on a command line, read and checked before any work is done."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from neurograph.console import safe
from neurograph.errors import OptionError, did_you_mean, shown, shown_list
from neurograph.files.storage import FORMATS
from neurograph.network.schema import Net, Neuron

STANDARD_INPUT = "-"


def usage(option: str, what: str, expected: str, fix: str) -> OptionError:
    """Make the error of an option that is used wrongly."""
    return OptionError(what, code="usage", where=option, expected=expected, fix=fix)


def shown_name(name: str) -> str:
    """Write the name of a file on one line, without quotes."""
    return "standard input" if name == STANDARD_INPUT else safe(name).replace("\n", "\\n")


def read_once(names: Iterable[str | None]) -> None:
    """Refuse to read standard input twice: there would be nothing left."""
    if list(names).count(STANDARD_INPUT) > 1:
        raise usage("-", "standard input is named twice", "one file from there", "name the other file")


def columns(text: str | None) -> list[str] | None:
    """Read "a,b" as the names of columns; a name with a comma in it is quoted, as in the table."""
    if text is None:
        return None
    try:
        return [name.strip() for name in next(csv.reader([text]), [])]
    except csv.Error:
        raise usage(
            "--inputs or --targets", f"got {shown(text)}", "names of columns, on one line", "write a,b"
        ) from None


def numbers_for(text: str, option: str, neurons: list[Neuron]) -> list[float]:
    """Read "0.5,1" as one number for each neuron."""
    words = text.split(",")
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise usage(option, f"got {shown(text)}", "numbers separated by commas", "write 0.5,1, say") from None
    if len(values) != len(neurons):
        expected = f"{len(neurons)}, for the neurons {shown_list(neurons)} in this order"
        raise usage(option, f"got {len(values)} numbers", expected, "give one for each neuron")
    if not np.isfinite(values).all():
        raise usage(option, f"got {shown(text)}", "finite numbers", "give finite numbers")
    return values


def find_neuron(net: Net, name: str) -> Neuron:
    """Find the neuron that is written like this."""
    by_name: dict[str, Neuron] = {str(neuron): neuron for neuron in net}
    if name in by_name:
        return by_name[name]
    fix = did_you_mean(name, by_name) or f"choose one of {shown_list(by_name)}"
    raise usage("--neuron", f"there is no neuron {shown(name)}", "a neuron of the network", fix)


def check_target_file(
    options: argparse.Namespace, others: Iterable[str | None], endings: Iterable[str] = FORMATS
) -> None:
    """Refuse an output that cannot be written, or should not, before any work is done."""
    target = Path(options.output)
    name = shown(options.output)
    sources = [Path(each) for each in others if each not in (None, STANDARD_INPUT)]
    if target.suffix.lower() not in endings:
        expected = f"a name that ends in {shown_list(endings)}"
        raise usage("--output", f"{name} is of no known format", expected, "rename it")
    if not target.resolve().parent.is_dir():
        folder = shown(str(target.parent))
        raise usage("--output", f"its folder {folder} is not there", "a folder", "make it first")
    if target.is_dir():
        raise usage("--output", f"{name} is a directory", "a file", "name a file in it")
    if any(_is_same_file(target, path) for path in sources):
        raise usage("--output", f"{name} is an input", "another file", "choose another name")
    if target.exists() and not options.force:
        fix = "choose another name, or pass --force to write over it"
        raise usage("--output", f"{name} exists", "a new file", fix)


def _is_same_file(one: Path, other: Path) -> bool:
    return one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()
