"""The machine and the versions that a run was made with."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "neurograph-sim", "networkx", "numpy", "numba", "scipy", "torch", "scikit-learn", "scikit-image",
    "neat-python", "micrograd", "jax", "connex",
)  # fmt: skip
PROGRAMS = {"gcc": ["gcc", "-dumpfullversion"], "node": ["node", "--version"]}


def describe() -> dict[str, str]:
    """Say what the numbers depend on."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    system = f"{platform.system()} {platform.release()}"
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory()} GiB, {system}",
        "load at the end, over 1, 5 and 15 minutes": load,
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {found(name)}" for name in PACKAGES),
        "programs": ", ".join(f"{name} {answer(command)}" for name, command in PROGRAMS.items()),
    }


def processor() -> str:
    """Name the processor, by what Linux says where it is Linux."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor()
    )


def memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def found(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def answer(command: list[str]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "missing"
