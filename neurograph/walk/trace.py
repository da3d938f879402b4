"""What happened on one walk: every z, value, delta and gradient, kept off the graph."""

from __future__ import annotations

from dataclasses import dataclass, field

from neurograph.functions.activations import Value
from neurograph.markup import Markup, display, figure, table
from neurograph.network.schema import Edge, Neuron, arrow
from neurograph.walk.notation import name, number
from neurograph.walk.steps import DeltaStep, GradientStep, Step, SumStep

MOST_ROWS = 50
NEURON_HEADS, EDGE_HEADS = ["neuron", "z", "value", "delta"], ["edge", "gradient"]


@dataclass
class Trace:
    """The numbers of one walk through one network.

    Parameters
    ----------
    z : dict
        The weighted sum of each hidden and output neuron: a float, or an array of one number per sample.
    value : dict
        The output value of every neuron.
    outputs : list
        The values of the output neurons, in the order of ``outputs(net)``.
    loss : float, optional
        The mean over the samples of the loss, summed over the outputs; None before a backward walk.
    delta : dict
        ∂L/∂z of each hidden and output neuron; of many samples, each sample's own.
    gradient : dict
        ∂L/∂w of every edge ``(source, target)``, a float: of many samples, the mean.

    Examples
    --------
    >>> import neurograph as ng
    >>> trace = ng.backward(ng.example_network(), [0.5], [1.0])
    >>> print(trace)
    loss 0.158
    neuron      z  value     delta
    1           —    0.5         —
    2           —      1         —
    3         0.5  0.622  −0.00436
    4        −0.4  0.401   0.00421
    5           —      1         —
    6       0.311  0.577   −0.0371
    7       −0.38  0.406    0.0275
    8           —      1         —
    9       0.418  0.603     −0.19
    edge   gradient
    1 → 3  −0.00218
    2 → 3  −0.00436
    1 → 4   0.00211
    2 → 4   0.00421
    3 → 6   −0.0231
    4 → 6   −0.0149
    5 → 6   −0.0371
    4 → 7     0.011
    5 → 7    0.0275
    6 → 9     −0.11
    7 → 9   −0.0772
    8 → 9     −0.19
    """

    z: dict[Neuron, Value] = field(default_factory=dict)
    value: dict[Neuron, Value] = field(default_factory=dict)
    outputs: list[Value] = field(default_factory=list)
    loss: float | None = None
    delta: dict[Neuron, Value] = field(default_factory=dict)
    gradient: dict[Edge, float] = field(default_factory=dict)

    def record(self, step: Step) -> None:
        """Enter the result of one step."""
        if isinstance(step, GradientStep) and step.edge is not None:
            self.gradient[step.edge] = step.result
        elif isinstance(step, DeltaStep):
            self.delta[step.neuron] = step.result
        else:
            self.value[step.neuron] = step.result
            if isinstance(step, SumStep):
                self.z[step.neuron] = step.sum

    def __str__(self) -> str:
        lines = [*self._head(), *_laid_out(NEURON_HEADS, self._neuron_rows()), *self._neurons_left_out()]
        if self.gradient:
            lines += [*_laid_out(EDGE_HEADS, self._edge_rows()), *self._edges_left_out()]
        return "\n".join(lines)

    def _head(self) -> list[str]:
        return [] if self.loss is None else [f"loss {number(self.loss)}"]

    def _neuron_rows(self) -> list[list[str]]:
        return [
            [name(neuron), _or_dash(self.z, neuron), number(value), _or_dash(self.delta, neuron)]
            for neuron, value in list(self.value.items())[:MOST_ROWS]
        ]

    def _edge_rows(self) -> list[list[str]]:
        return [[arrow(*edge), number(g)] for edge, g in list(self.gradient.items())[:MOST_ROWS]]

    def _neurons_left_out(self) -> list[str]:
        return _left_out(len(self.value), "neurons")

    def _edges_left_out(self) -> list[str]:
        return _left_out(len(self.gradient), "edges")

    @display
    def _repr_html_(self) -> Markup:
        """Show the numbers as tables, of the neurons and of the edges."""
        gradients = table(EDGE_HEADS, self._edge_rows(), numbers=True) if self.gradient else None
        neurons = table(NEURON_HEADS, self._neuron_rows(), numbers=True)
        more = self._neurons_left_out(), self._edges_left_out()
        return figure(" ".join(self._head()), neurons, *more[0], gradients, *more[1])


def _left_out(count: int, noun: str) -> list[str]:
    return [f"… and {count - MOST_ROWS} more {noun}"] if count > MOST_ROWS else []


def _or_dash(numbers: dict[Neuron, Value], neuron: Neuron) -> str:
    """Write a number; what is not computed is a dash, never 0."""
    return number(numbers[neuron]) if neuron in numbers else "—"


def _laid_out(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Lay out rows under their heads, the first column to the left and the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in [heads, *rows]
    ]
