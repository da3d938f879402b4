"""Run all benchmarks, or those named: `python benchmarks/run.py restarts dag`."""

from __future__ import annotations

import importlib
import os
import sys
import time

SECTIONS = ("points", "restarts", "dag", "dense", "graphs", "growth", "cat", "importing")
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # some machines set these, and numpy is slow then


def main(names: list[str]) -> int:
    """Run sections in order, print each, and write the results where all were run."""
    unknown = sorted(set(names) - set(SECTIONS))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    for variable in SLOWING:  # before numpy is imported, by whom ever
        os.environ.pop(variable, None)
    report = importlib.import_module("report")
    start, sections = time.perf_counter(), []
    for name in names or SECTIONS:
        print(f"{name} …", file=sys.stderr, flush=True)
        section = importlib.import_module(name).measure()
        sections.append(section)
        print(report.section_text(section), *report.claims_table(section.claims), "", sep="\n", flush=True)
    if not names:
        report.write(sections, time.perf_counter() - start)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
