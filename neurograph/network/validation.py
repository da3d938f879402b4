"""Is this graph a network? All problems at once, and the door that every pass goes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import networkx as nx

from neurograph.errors import InvalidNetworkError, WeightError, shown
from neurograph.network.findings import ERROR, Finding, Report, listed
from neurograph.network.rules import Survey, apply_rules
from neurograph.network.schema import arrow
from neurograph.options import require_name

REQUIREMENTS: Mapping[str, frozenset[str] | None] = MappingProxyType(
    {"feed-forward": frozenset(), "layered": frozenset({"not-layered"}), "textbook": None}
)
"""What ``validate`` can require, and the warnings that it then refuses; None stands for all."""


def check(net: object) -> Report:
    """Find all problems of a graph at once; nothing is raised, whatever the graph holds.

    Parameters
    ----------
    net : networkx.DiGraph
        The graph, which is only read. Anything else is reported as ``not-a-digraph``.

    Returns
    -------
    Report
        Its findings have stable codes: :data:`neurograph.CODES`. Errors keep the network from
        running. Warnings say where it departs from the textbook.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.example_network()
    >>> net.add_edge(6, 3, weight=0.5)
    >>> net.nodes[7]["activation"] = "relux"
    >>> print(ng.check(net))
    2 errors: not feed-forward, not layered
      cycle                 3 → 6 → 3: remove one of these edges
      unknown-activation    hidden neuron 7 has the unknown activation 'relux': did you mean 'relu'?
    """
    if not isinstance(net, nx.DiGraph) or net.is_multigraph():
        return Report((_not_a_digraph(net),))
    survey = Survey(net)
    numbering = survey.layering
    return Report(
        tuple(apply_rules(survey)), survey.feed_forward, numbering if isinstance(numbering, dict) else None
    )


def validate(net: object, *, require: str = "feed-forward") -> Report:
    """Check a network and raise if it falls short of what is required.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, which is only read.
    require : str
        ``"feed-forward"``: no error. ``"layered"``: no error, and layered. ``"textbook"``: no warning
        either.

    Returns
    -------
    Report
        The report, where it is good enough.

    Raises
    ------
    InvalidNetworkError
        Lists every problem; ``.report`` holds the findings. It is a ``WeightError`` where all of them
        are about weights.
    OptionError
        If ``require`` is none of the three.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.validate(ng.example_network(), require="textbook").ok
    True
    """
    require_name("require", require, REQUIREMENTS, "unknown-requirement")
    report = check(net)
    problems = unmet(report, require)
    if problems:
        by_weight = all("weight" in finding.code for finding in problems)
        error = WeightError if by_weight else InvalidNetworkError
        raise error.from_report(report, len(problems), listed(problems))
    return report


def unmet(report: Report, require: str) -> list[Finding]:
    """Return the findings that keep a network from meeting a requirement."""
    refused = REQUIREMENTS[require]
    return [f for f in report.findings if f.severity == ERROR or refused is None or f.code in refused]


def _not_a_digraph(net: object) -> Finding:
    fix = "build the network as a networkx.DiGraph()"
    message = f"a network is a networkx.DiGraph, and this is a {type(net).__name__}"
    if isinstance(net, nx.MultiDiGraph):
        parallel = [edge for edge, count in Counter(net.edges()).items() if count > 1]
        if parallel:
            weights = [shown(data.get("weight")) for data in net.get_edge_data(*parallel[0]).values()]
            message += (
                f", with {len(weights)} edges {arrow(*parallel[0])} of weights {', '.join(weights[:10])}"
            )
            fix = "merge parallel edges into one, then make a networkx.DiGraph(net)"
            return Finding("not-a-digraph", ERROR, message, fix, edges=tuple(parallel))
    return Finding("not-a-digraph", ERROR, message, fix)
