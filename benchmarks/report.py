"""What was measured, as RESULTS.md, results.json and a plot."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import growth
import machine
from measure import Claim, Section, Timing

HERE = Path(__file__).parent
FACTOR = {"ns": 1e9, "µs": 1e6, "ms": 1e3, "s": 1.0}


def write(sections: list[Section], seconds: float) -> None:
    """Write all three files."""
    about = machine.describe()
    (HERE / "results.json").write_text(
        json.dumps({"machine": about, "sections": [as_data(section) for section in sections]}, indent=1)
        + "\n"
    )
    for section in sections:
        if section.growth:
            growth.plot(section, str(HERE / "growth.svg"))
    (HERE / "RESULTS.md").write_text(page(sections, about, seconds))


def page(sections: list[Section], about: dict[str, str], seconds: float) -> str:
    claims = [claim for section in sections for claim in section.claims]
    required = [claim for claim in claims if claim.bound is not None]
    return "\n".join(
        [
            "# Results",
            "",
            f"Written by `make bench` in {seconds / 60:.0f} minutes. Every ratio is of medians of one run,",
            "in which contenders took turns after a warm-up; [README.md](README.md) says how it is fair.",
            "",
            *(f"- {name}: {text}" for name, text in about.items()),
            "",
            f"## Ratios: {sum(bool(claim.met) for claim in required)} of {len(required)} bounds met",
            "",
            *claims_table(claims),
            "",
            *(section_text(section) for section in sections),
        ]
    )


def claims_table(claims: list[Claim]) -> list[str]:
    return ["| work | measured | required | met |", "|---|---|---|---|", *map(claim_row, claims)]


def claim_row(claim: Claim) -> str:
    sign = "at least" if claim.at_least else "at most"
    bound = "—" if claim.bound is None else f"{sign} {claim.bound:g}{claim.unit}"
    met = {None: "—", True: "yes", False: "**no**"}[claim.met]
    return f"| {claim.work} | {digits(claim.value)}{claim.unit} | {bound} | {met} |"


def section_text(section: Section) -> str:
    """Say everything about one section."""
    lines = [f"## {section.title}", "", section.setting[0].upper() + section.setting[1:] + ".", ""]
    if section.timings:
        lines += [
            f"| contender | threads | median, {section.unit} | fastest to slowest |",
            "|---|---|---|---|",
        ]
        lines += [timing_row(timing, section.unit) for timing in section.timings]
        lines.append("")
    if section.growth:
        lines += ["![time per edge and sample against edges](growth.svg)", ""]
    if section.agreements:
        lines += ["Largest difference of the results, relative to their largest number:", ""]
        lines += [f"- {text}" for text in section.agreements] + [""]
    lines += [f"- {text}" for text in section.notes] + [""] * bool(section.notes)
    return "\n".join(lines)


def timing_row(timing: Timing, unit: str) -> str:
    scale = FACTOR[unit]
    spread = f"{digits(scale * min(timing.seconds))} to {digits(scale * max(timing.seconds))}"
    return f"| {timing.name} | {timing.threads} | {digits(scale * timing.median)} | {spread} |"


def digits(value: float) -> str:
    """Three significant digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def as_data(section: Section) -> dict[str, object]:
    claims = [asdict(claim) | {"met": claim.met} for claim in section.claims]
    timings = [asdict(timing) | {"median": timing.median} for timing in section.timings]
    return asdict(section) | {"claims": claims, "timings": timings}
