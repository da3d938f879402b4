"""The commands `make pair` and `make notebooks`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from executing import NOTEBOOKS, ROOT, SOURCES, complaints
from exporting import PAGES, export
from keeping import executed, forget
from nbclient.exceptions import CellExecutionError
from pairing import pair

AT_ONCE = 2


def write_pairs(sources: Sequence[Path]) -> None:
    """Write each notebook from its source."""
    changed = [source.stem for source in sources if pair(source)]
    print(f"written: {', '.join(changed)}" if changed else "Every notebook is that of its source.")


def write_pages(sources: Sequence[Path]) -> None:
    """Execute what is not executed yet, two notebooks at a time, and write a page of each."""
    problems = []
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        for source, problem in zip(sources, pool.map(write_page, sources), strict=True):
            print(f"{_page(source).relative_to(ROOT)}{': failed' if problem else ''}", flush=True)
            problems += [f"{source.name}: {problem}"] if problem else []
    if problems:
        raise SystemExit("\n\n".join(problems))


def write_page(source: Path) -> str:
    """Execute a notebook, where need be, and write its page; say what went wrong, if anything did."""
    try:
        notebook = executed(source)
    except CellExecutionError as error:
        return str(error)
    _page(source).write_text(export(notebook, source), encoding="utf-8")
    return "".join(complaints(notebook))


def _page(source: Path) -> Path:
    return PAGES / f"{source.stem}.html"


COMMANDS = {"pair": write_pairs, "pages": write_pages}


def main() -> None:
    """Run a command on all notebooks, or on those whose names are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", help="numbers or names; without any, all notebooks")
    parser.add_argument("--again", action="store_true", help="execute also what has been executed")
    arguments = parser.parse_args()
    chosen = [each for each in SOURCES if not arguments.names or _is_named(each, arguments.names)]
    if not chosen:
        raise SystemExit(f"no notebook of {NOTEBOOKS.relative_to(ROOT)} is called that")
    for source in chosen if arguments.again else []:
        forget(source)
    COMMANDS[arguments.command](chosen)


def _is_named(source: Path, names: list[str]) -> bool:
    return any(name in (source.stem, source.stem.split("_")[0]) for name in names)


if __name__ == "__main__":
    main()
