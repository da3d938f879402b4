"""`import neurograph`, over importing what it needs: fresh processes, in turns."""

from __future__ import annotations

import os
import subprocess
import sys

from measure import Claim, Contender, Seconds, Section

TIMES = 25
CLOCK = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def measure() -> Section:
    section = Section(
        "Import",
        f"fresh processes, {TIMES} of each in turns, the statement alone, bytecode kept on disk",
        unit="ms",
    )
    ours, theirs = "import networkx, numpy, neurograph", "import networkx, numpy"
    section.race(*(Contender(name, lambda name=name: fresh(name)) for name in (ours, theirs)), repeats=TIMES)
    more = 1e3 * (section.median(ours) - section.median(theirs))
    section.claims.append(
        Claim("import neurograph, over networkx and numpy", more, 40, at_least=False, unit=" ms")
    )
    return section


def fresh(statement: str) -> Seconds:
    """Run a statement in a process of its own, and return its time there."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    answer = subprocess.run(
        [sys.executable, "-c", CLOCK.format(statement)], check=True, capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    return Seconds(answer.stdout)
