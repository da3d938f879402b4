"""What a check finds: single findings, and the report that holds them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from neurograph.errors import MOST_SHOWN
from neurograph.markup import Markup, display, figure, table
from neurograph.network.layering import grouped
from neurograph.network.schema import Edge, Neuron

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One problem of one network.

    Parameters
    ----------
    code : str
        A stable short name, such as ``"cycle"``; :data:`neurograph.CODES` lists them all.
    severity : str
        ``"error"`` where the network cannot run, ``"warning"`` where it runs but departs from the text.
    neurons, edges : tuple
        Where it is.
    message : str
        What is wrong, on one line.
    fix : str
        What to do about it.
    """

    code: str
    severity: str
    message: str
    fix: str
    neurons: tuple[Neuron, ...] = ()
    edges: tuple[Edge, ...] = ()

    def __str__(self) -> str:
        return f"{self.code:<21} {self.message}: {self.fix}"


@dataclass(frozen=True)
class Report:
    """Everything that :func:`neurograph.check` found in one graph.

    Parameters
    ----------
    findings : tuple of Finding
        All of them, errors first; empty for a network as in the textbook.
    feed_forward : bool
        Whether it has no cycle.
    layering : mapping from neuron to int, or None
        The number of each neuron's layer, from 0, where there are layers; :attr:`layers` groups them.

    Examples
    --------
    >>> import neurograph as ng
    >>> report = ng.check(ng.example_network())
    >>> print(report)
    no problems: feed-forward, 4 layers
    >>> report.ok, report.layered
    (True, True)
    """

    findings: tuple[Finding, ...] = ()
    feed_forward: bool = False
    layering: Mapping[Neuron, int] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def layers(self) -> list[list[Neuron]] | None:
        """The layers, first to last; None where there are none."""
        return None if self.layering is None else grouped(self.layering)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the network from running."""
        return tuple(finding for finding in self.findings if finding.severity == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings of a network that runs all the same."""
        return tuple(finding for finding in self.findings if finding.severity == WARNING)

    @property
    def layered(self) -> bool:
        """Whether the neurons divide into layers."""
        return self.layering is not None

    @property
    def ok(self) -> bool:
        """Whether the network can run: there is no error."""
        return not self.errors

    def __str__(self) -> str:
        return "\n  ".join([self._summary(), *listed(self.findings)])

    def _summary(self) -> str:
        order = "feed-forward" if self.feed_forward else "not feed-forward"
        depth = "not layered" if self.layers is None else _count(self.layers, "layer") or "no layers"
        counts = [_count(self.errors, "error"), _count(self.warnings, "warning")]
        head = ", ".join(count for count in counts if count) or "no problems"
        return f"{head}: {order}, {depth}"

    @display
    def _repr_html_(self) -> Markup:
        """Show the first hundred findings as a table."""
        rows = [(f.severity, f.code, f.message, f.fix) for f in self.findings[:MOST_SHOWN]]
        left_out = len(self.findings) - len(rows)
        more = f"… and {left_out} more" if left_out else None
        return figure(self._summary(), table(["", "code", "what", "fix"], rows) if rows else None, more)


def listed(findings: Sequence[Finding]) -> list[str]:
    """Write the first hundred findings, a line each, and how many are left out."""
    lines = [str(finding) for finding in findings[:MOST_SHOWN]]
    if len(findings) > MOST_SHOWN:
        lines.append(f"… and {len(findings) - MOST_SHOWN} more")
    return lines


def _count(findings: Sequence[object], noun: str) -> str:
    return f"{len(findings)} {noun}{'s' if len(findings) > 1 else ''}" if findings else ""
