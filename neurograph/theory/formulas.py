"""The loss and its gradient as one formula in LaTeX, for networks small enough to be written down."""

from __future__ import annotations

import re

from neurograph.errors import OptionError
from neurograph.functions import Loss
from neurograph.network.editing import read_edge
from neurograph.network.schema import BIAS, INPUT, Edge, Net, Neuron
from neurograph.options import require_count
from neurograph.theory.counting import Count
from neurograph.theory.paths import path_symbols, paths_to_outputs, slope_symbol
from neurograph.walk.notation import LATEX
from neurograph.walk.route import Route, read_loss, read_route

MOST_TERMS = 200
_PLACE = re.compile(r"\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|[yt]")


def loss_formula(net: Net, *, loss: str = "squared", limit: int = MOST_TERMS) -> str:
    r"""Write the loss of one sample as a formula of inputs, targets and weights, in LaTeX.

    Every neuron is written out where it is used, so a neuron that feeds several others stands there several
    times: that is why only small networks have such a formula, and why a walk computes each value once.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    limit : int
        The most terms, that is, weights in the formula.

    Returns
    -------
    str
        Inputs are x, targets t; a bias neuron's 1 is left out.

    Raises
    ------
    InvalidNetworkError
        If the network has errors.
    OptionError
        If the loss does not fit the outputs, or the formula would have more terms than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.loss_formula(ng.mlp([1, 1, 1], activation="logistic")))
    L = (\sigma(w_{3\to 5}\cdot \sigma(w_{1\to 3}\cdot x_{1} + w_{2\to 3}) + w_{4\to 5})-t_{5})^2
    """
    route = read_route(net)
    row = read_loss(loss, route)
    _require_short(_term_counts(route), route, limit)
    written = _written(route)
    terms = [_filled(row.latex, written[neuron], LATEX.symbol("t", neuron)) for neuron in route.outputs]
    return f"L = {_sum(terms)}"


def gradient_formula(net: Net, edge: Edge, *, loss: str = "squared", limit: int = MOST_TERMS) -> str:
    r"""Write the gradient of one weight as a sum over paths, in LaTeX: what :func:`gradient_paths` computes.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    edge : (source, target)
        The edge.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    limit : int
        The most paths.

    Returns
    -------
    str
        A formula of the values y, the weighted sums z, the weights and the targets t, for one sample.

    Raises
    ------
    InvalidNetworkError
        If the network has errors, or there is no such edge.
    OptionError
        If the loss does not fit the outputs, or there are more paths than ``limit``.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.gradient_formula(ng.example_network(), (7, 9)))
    \frac{\partial L}{\partial w_{7\to 9}} = y_{7}\cdot \sigma'(z_{9})\cdot 2(y_{9}-t_{9})
    """
    edge = read_edge(net, edge)
    route = read_route(net)
    row = read_loss(loss, route)
    paths = paths_to_outputs(route, edge, limit)
    terms = [LATEX.times.join(_factors(route, row, edge[0], path)) for path in paths]
    left = LATEX.slope_of_loss(LATEX.weight(*edge))
    return f"{left} = {_sum(terms) or '0'}"


def _factors(route: Route, loss: Loss, source: Neuron, path: tuple[Neuron, ...]) -> list[str]:
    """Write the factors along one path, its end as a formula of y and t."""
    factors = [symbol for symbol in path_symbols(route, source, path, LATEX) if symbol != "1"]
    last = path[-1]
    y, t = LATEX.symbol("y", last), LATEX.symbol("t", last)
    pair = loss.pairs.get(route.activation[last].name)
    if pair is not None:
        return [*factors, _as_factor(_filled(pair.latex, y, t))]
    return [*factors, slope_symbol(route, last, LATEX), _as_factor(_filled(loss.derivative_latex, y, t))]


def _written(route: Route) -> dict[Neuron, str]:
    """Write the value of every neuron that leads to an output as a formula of inputs and weights."""
    needed = set(route.outputs)
    for neuron in reversed(route.order):
        if neuron in needed:
            needed.update(route.sources[neuron])
    written: dict[Neuron, str] = {}
    for neuron in filter(needed.__contains__, route.order):
        if route.kind[neuron] == INPUT:
            written[neuron] = LATEX.symbol("x", neuron)
        elif route.kind[neuron] != BIAS:
            terms = [_term(route, source, neuron, written) for source in route.sources[neuron]]
            written[neuron] = _applied(route.activation[neuron].name, " + ".join(terms))
    return written


def _term(route: Route, source: Neuron, target: Neuron, written: dict[Neuron, str]) -> str:
    weight = LATEX.weight(source, target)
    return weight if route.kind[source] == BIAS else weight + LATEX.times + written[source]


def _sum(terms: list[str]) -> str:
    """Add terms up, each with its sign."""
    return " + ".join(terms).replace(" + -", " - ")


def _applied(function: str, argument: str) -> str:
    return f"({argument})" if function == "identity" else LATEX.apply(function, argument)


def _term_counts(route: Route) -> int:
    """Count the weights in the formula of the loss, each as often as it is written."""
    counts: dict[Neuron, int] = {}
    for neuron in route.order:
        counts[neuron] = sum(1 + counts[source] for source in route.sources[neuron])
    return sum(counts[neuron] for neuron in route.outputs)


def _require_short(terms: int, route: Route, limit: int) -> None:
    if terms > require_count("limit", limit):
        raise OptionError(
            f"the formula would have {Count(terms)} terms, and the network has {len(route.weight):,} edges",
            code="too-many-terms",
            where="net",
            expected=f"at most limit={limit:,} terms",
            fix="raise limit, or follow the walk: ng.forward_steps computes every neuron once",
        )


def _filled(latex: str, y: str, t: str) -> str:
    """Put an output and its target in the places of y and t, which also occur in the names of commands."""
    return _PLACE.sub(lambda place: {"y": y, "t": t}.get(place[0], place[0]), latex)


def _as_factor(formula: str) -> str:
    """Put a formula in parentheses where a sum or difference is not inside any."""
    depth = 0
    for character in formula:
        depth += (character in "({") - (character in ")}")
        if character in "+-" and not depth:
            return rf"\left({formula}\right)"
    return formula
