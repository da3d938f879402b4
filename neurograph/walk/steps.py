"""The steps of a walk, each with its arithmetic: what a learner would write down at one neuron or edge."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from neurograph.functions import Loss
from neurograph.functions.activations import Value
from neurograph.network.schema import BIAS, Edge, Neuron, arrow
from neurograph.walk.notation import LATEX, TEXT, Notation, factor, name, total
from neurograph.walk.route import Route

Term = tuple[Neuron, float, Value]  # the neuron at the other end, the weight between, what comes from there


@dataclass(frozen=True)
class Step(abc.ABC):
    """One step of a walk: abstract; what it prints is the arithmetic, with symbols, numbers and result.

    Parameters
    ----------
    neuron : hashable
        The neuron of the step; for the gradient of an edge, its target.
    result : float or array
        What the step computes: one number, or one per sample.
    terms : tuple of (neuron, weight, value)
        What is summed: the neuron at the other end of each edge, the weight, what comes from there.
    sum : float or array
        Their sum.
    function : str
        The name of the function that is applied to it; empty where none is.
    edge : (source, target), optional
        The edge of the step, where it is about one.
    """

    route: Route = field(repr=False)
    neuron: Neuron
    result: Value
    terms: tuple[Term, ...] = ()
    sum: Value = 0.0
    function: str = ""
    edge: Edge | None = None

    @abc.abstractmethod
    def title(self) -> str:
        """Say which neuron or edge this is, and where it stands."""

    @abc.abstractmethod
    def equations(self, notation: Notation) -> list[list[str]]:
        """Return the arithmetic: each equation as its sides, from the left one to the result."""

    def __str__(self) -> str:
        lines = [self.title()]
        for left, *middle, result in self.equations(TEXT):
            heads = [left] + [" " * len(left)] * len(middle)
            sides = [*middle[:-1], " = ".join([*middle[-1:], result])]
            lines += [f"  {head} = {side}" for head, side in zip(heads, sides, strict=False)]
        return "\n".join(lines)

    def latex(self) -> str:
        """Return the arithmetic as a LaTeX ``aligned`` block, without the dollar signs around it."""
        lines = []
        for left, *sides in self.equations(LATEX):
            lines += [
                f"{head} &= {side}" for head, side in zip([left, *[""] * len(sides)], sides, strict=False)
            ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


@dataclass(frozen=True)
class GivenStep(Step):
    """An input neuron takes its value, a bias neuron its 1."""

    def title(self) -> str:
        return _neuron_title(self.route, self.neuron, self.route.kind[self.neuron])

    def equations(self, notation: Notation) -> list[list[str]]:
        return [[notation.symbol("y", self.neuron), notation.number(self.result)]]


@dataclass(frozen=True)
class SumStep(Step):
    """A hidden or output neuron sums what comes in and applies its function: z, then y."""

    def title(self) -> str:
        return _neuron_title(self.route, self.neuron, self.function)

    def equations(self, notation: Notation) -> list[list[str]]:
        symbols = [
            _times(
                notation, notation.weight(source, self.neuron), _value_symbol(self.route, source, notation)
            )
            for source, _, _ in self.terms
        ]
        numbers = [
            _times(notation, factor(weight, notation), _value_number(self.route, source, value, notation))
            for source, weight, value in self.terms
        ]
        y = notation.symbol("y", self.neuron)
        applied = notation.apply(self.function, notation.number(self.sum))
        return [
            [
                notation.symbol("z", self.neuron),
                total(symbols, notation),
                total(numbers, notation),
                notation.number(self.sum),
            ],
            [y, applied, notation.number(self.result)],
        ]


@dataclass(frozen=True)
class DeltaStep(Step):
    """The derivative of the loss by a neuron's z: (its own loss + what it feeds), times its slope."""

    slope: Value = 0.0
    loss: Loss | None = None
    y: Value = 0.0
    target: Value = 0.0
    loss_slope: Value = 0.0
    paired: bool = False

    def title(self) -> str:
        return f"delta of {_neuron_title(self.route, self.neuron, self.function)}"

    def equations(self, notation: Notation) -> list[list[str]]:
        if self.loss is None:
            return [self._equation(notation, [], [])]
        y, t = notation.symbol("y", self.neuron), notation.symbol("t", self.neuron)
        fill = partial(self._fill, notation)
        if self.paired:
            text = self.loss.pairs[self.function].text
            delta = notation.symbol("δ", self.neuron)
            own = [fill(text, y, t), fill(text, self.y, self.target)]
            if not self.terms:
                return [[delta, *own, notation.number(self.result)]]
            return [self._equation(notation, [], [], paired=own)]
        by_y = notation.slope_of_loss(y)
        numbers = fill(self.loss.text, self.y, self.target)
        first = [by_y, fill(self.loss.text, y, t), numbers, notation.number(self.loss_slope)]
        return [first, self._equation(notation, [by_y], [notation.number(self.loss_slope)])]

    def _fill(self, notation: Notation, text: str, y: Value, t: Value) -> str:
        sides = (side if isinstance(side, str) else factor(side, notation) for side in (y, t))
        return notation.template(text, *sides)

    def _equation(
        self, notation: Notation, symbols: list[str], numbers: list[str], paired: Sequence[str] = ()
    ) -> list[str]:
        """Write delta = (own slope of the loss + Σ weight·delta of what it feeds) · slope."""
        symbols = symbols + [
            _times(notation, notation.weight(self.neuron, target), notation.symbol("δ", target))
            for target, _, _ in self.terms
        ]
        numbers = numbers + _products(self.terms, notation)
        derivative = notation.derivative(self.function, notation.symbol("z", self.neuron))
        sides = [
            _times(notation, _grouped(symbols, notation), derivative),
            _times(notation, _grouped(numbers, notation), factor(self.slope, notation)),
        ]
        sides = [" + ".join(pair) for pair in zip(paired, sides, strict=True)] if paired else sides
        return [notation.symbol("δ", self.neuron), *sides, notation.number(self.result)]


@dataclass(frozen=True)
class GradientStep(Step):
    """The derivative of the loss by a weight: the value of the source times the delta of the target."""

    value: Value = 0.0
    delta: Value = 0.0
    samples: int | None = None

    def title(self) -> str:
        source, target = self.edge or (None, None)
        frozen = "" if self.route.trainable[source, target] else "   frozen"
        return f"gradient of edge {arrow(source, target)}{frozen}"

    def equations(self, notation: Notation) -> list[list[str]]:
        source, target = self.edge or (None, None)
        y = _value_symbol(self.route, source, notation)
        symbols = _times(notation, y, notation.symbol("δ", target))
        value = _value_number(self.route, source, self.value, notation)
        numbers = _times(notation, value, factor(self.delta, notation))
        if self.samples is not None:
            symbols, numbers = notation.apply("mean", symbols), notation.apply("mean", numbers)
        left = notation.slope_of_loss(notation.weight(source, target))
        return [[left, symbols, numbers, notation.number(self.result)]]


def _neuron_title(route: Route, neuron: Neuron, what: str) -> str:
    return f"neuron {name(neuron)}   {route.place[neuron]}, {what}"


def _value_symbol(route: Route, neuron: Neuron, notation: Notation) -> str:
    """Write a neuron's value; a bias neuron's is 1, and the text leaves its symbol out."""
    return "1" if route.kind[neuron] == BIAS else notation.symbol("y", neuron)


def _value_number(route: Route, neuron: Neuron, value: Value, notation: Notation) -> str:
    return "1" if route.kind[neuron] == BIAS else factor(value, notation)


def _times(notation: Notation, *factors: str) -> str:
    return notation.times.join(factors)


def _products(terms: Sequence[Term], notation: Notation) -> list[str]:
    return [_times(notation, factor(weight, notation), factor(value, notation)) for _, weight, value in terms]


def _grouped(terms: list[str], notation: Notation) -> str:
    """Write a sum as a factor: in parentheses where it has several terms or is negative."""
    text = total(terms, notation)
    return f"({text})" if len(terms) > 1 or text.startswith(("−", "-")) else text
