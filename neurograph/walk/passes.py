"""The forward and the backward walk, neuron by neuron, as the text walks through its running example."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from neurograph.errors import DataError, DivergedError, shown
from neurograph.functions import Loss
from neurograph.functions.activations import Value
from neurograph.network.schema import BIAS, INPUT, Net, Neuron, arrow
from neurograph.walk.notation import number
from neurograph.walk.route import Route, read_loss, read_route
from neurograph.walk.samples import Slot, check_not_empty, check_same_length, read_samples
from neurograph.walk.steps import DeltaStep, GivenStep, GradientStep, Step, SumStep
from neurograph.walk.tables import Samples, Table, blocks
from neurograph.walk.trace import Trace

Given = Mapping[Neuron, Value]


def forward(net: Net, X: Any) -> Trace:
    """Walk forward: compute the value of every neuron.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    X : mapping, sequence or array
        One sample: a mapping from input neuron to number, or numbers in the order of ``inputs(net)``.
        Many: instead of each number an array of one number per sample; or a two-dimensional array (or
        nested lists) of shape (samples, inputs); or a data frame whose columns bear the neurons' names.

    Returns
    -------
    Trace
        Its ``value``, ``z`` and ``outputs`` hold floats for one sample, arrays for many.

    Raises
    ------
    InvalidNetworkError
        If the network has errors.
    DataError
        If the inputs are not finite numbers, one for each input neuron.
    DivergedError
        If a value grows beyond a float64; the neuron and the sample are named.

    Examples
    --------
    >>> import neurograph as ng
    >>> trace = ng.forward(ng.example_network(), [0.5])
    >>> round(trace.z[6], 3), round(trace.value[6], 3)
    (0.311, 0.577)
    """
    route = read_route(net)
    return run_forward(route, read_inputs(route, X))


def forward_steps(net: Net, X: Any) -> Iterator[Step]:
    """Walk forward one neuron at a time; parameters and errors are those of :func:`forward`.

    Yields
    ------
    Step
        One for every neuron, in topological order; printed, it shows its arithmetic.

    Examples
    --------
    >>> import neurograph as ng
    >>> for step in ng.forward_steps(ng.example_network(), [0.5]):
    ...     if step.neuron == 6:
    ...         print(step)
    neuron 6   layer 3, logistic
      z6 = w(3→6)·y3 + w(4→6)·y4 + w(5→6)·1
         = 0.5·0.622 + (−0.25)·0.401 + 0.1·1 = 0.311
      y6 = logistic(0.311) = 0.577
    """
    route = read_route(net)
    return walk_forward(route, read_inputs(route, X))


def backward(net: Net, X: Any, Y: Any, *, loss: str = "squared") -> Trace:
    """Walk forward, then backward: compute the loss and its derivative by every z and every weight.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read.
    X : mapping, sequence or array
        The inputs, as for :func:`forward`.
    Y : mapping, sequence or array
        The targets, in the same forms, for the output neurons.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.

    Returns
    -------
    Trace
        With ``loss``, ``delta`` and ``gradient`` too. The loss of many samples is the mean over the
        samples of the sum over the outputs; ``gradient`` is the gradient of that mean.

    Raises
    ------
    InvalidNetworkError, DataError, DivergedError
        As for :func:`forward`.
    OptionError
        If the loss is unknown or cannot take what the output neurons give.

    Examples
    --------
    >>> import neurograph as ng
    >>> trace = ng.backward(ng.example_network(), [0.5], [1.0])
    >>> trace.gradient[4, 6] == trace.value[4] * trace.delta[6]
    True
    """
    route, row, values, targets = read_all(net, X, Y, loss)
    return run_backward(route, row, values, targets)


def backward_steps(net: Net, X: Any, Y: Any, *, loss: str = "squared") -> Iterator[Step]:
    """Walk backward one neuron, then one edge at a time, after a forward walk that is not shown.

    First the delta of each output neuron, then of each earlier neuron, in reverse order, from the
    deltas of what it feeds; then the gradient of each weight. Parameters and errors are those of
    :func:`backward`.

    Yields
    ------
    Step

    Examples
    --------
    >>> import neurograph as ng
    >>> steps = ng.backward_steps(ng.example_network(), [0.5], [1.0])
    >>> print(next(steps))
    delta of neuron 9   layer 4, logistic
      ∂L/∂y9 = 2·(y9 − t9)
             = 2·(0.603 − 1) = −0.794
      δ9 = ∂L/∂y9·logistic′(z9)
         = (−0.794)·0.239 = −0.19
    """
    route, row, values, targets = read_all(net, X, Y, loss)
    return walk_backward(route, run_forward(route, values), row, targets)


def read_all(net: Net, X: Any, Y: Any, loss: str) -> tuple[Route, Loss, Given, Given]:
    """Check everything at the door: the network, the loss, the inputs, the targets."""
    route = read_route(net)
    row = read_loss(loss, route)
    inputs, one = read_samples(X, input_slot(route))
    targets, one_target = read_samples(Y, target_slot(route))
    check_same_length(inputs, targets)
    check_not_empty(inputs)
    check_targets(targets, row, route.outputs)
    return (
        route,
        row,
        as_values(inputs, route.inputs, single=one and one_target),
        as_values(targets, route.outputs, single=one and one_target),
    )


def input_slot(route: Route) -> Slot:
    """Say what X is, for the messages."""
    return Slot("X", route.inputs, "input")


def target_slot(route: Route) -> Slot:
    """Say what Y is, for the messages."""
    return Slot("Y", route.outputs, "output")


def read_inputs(route: Route, X: Any) -> Given:
    """Read X and give each input neuron its float or column."""
    table, single = read_samples(X, input_slot(route))
    return as_values(table, route.inputs, single=single)


def as_values(table: Table, neurons: Sequence[Neuron], *, single: bool) -> Given:
    """Give each neuron its float, or its contiguous column of one number per sample."""
    if single:
        return {neuron: float(table[0, j]) for j, neuron in enumerate(neurons)}
    return {neuron: np.ascontiguousarray(table[:, j]) for j, neuron in enumerate(neurons)}


def check_targets(Y: Samples, loss: Loss, outputs: Sequence[Neuron]) -> None:
    """Raise unless the loss can take every target."""
    low, high = loss.targets.low, loss.targets.high
    if (low, high) == (-math.inf, math.inf):
        return
    for first, rows in blocks(Y):
        good = (low == rows) | (high == rows) if loss.two_targets else (low <= rows) & (high >= rows)
        if np.all(good):
            continue
        row, column = (int(i) for i in np.argwhere(~good)[0])
        expected = f"{number(low)} or {number(high)}" if loss.two_targets else f"targets in {loss.targets}"
        raise DataError(
            f"the target {number(rows[row, column])} does not fit the loss {loss.name}",
            code="target-misfit",
            where=f"Y, row {first + row}, column {shown(outputs[column])}",
            expected=expected,
            fix="mend the target or choose another loss",
        )


def run_forward(route: Route, given: Given) -> Trace:
    """Run the forward walk to its end."""
    trace = Trace()
    for step in walk_forward(route, given):
        trace.record(step)
    trace.outputs = [trace.value[neuron] for neuron in route.outputs]
    return trace


def run_backward(route: Route, loss: Loss, given: Given, target: Given) -> Trace:
    """Run both walks to their end."""
    trace = run_forward(route, given)
    trace.loss = mean_loss(route, trace, loss, target)
    for step in walk_backward(route, trace, loss, target):
        trace.record(step)
    return trace


def mean_loss(route: Route, trace: Trace, loss: Loss, target: Given) -> float:
    """Compute the mean over the samples of the loss, summed over the outputs."""
    summed: Value = 0.0
    for neuron in route.outputs:
        activation, z, y = route.activation[neuron], trace.z[neuron], trace.value[neuron]
        with np.errstate(all="ignore"):
            summed = summed + loss.of_neuron(activation, z, y, target[neuron])
        require_finite(summed, "the loss", neuron)
    with np.errstate(all="ignore"):
        mean = float(np.mean(summed))
    require_finite(mean, "the mean of the losses", route.outputs[0])
    return mean


def walk_forward(route: Route, given: Given) -> Iterator[Step]:
    """Visit every neuron in topological order: take its value, or compute it from its sources."""
    value: dict[Neuron, Value] = {}
    for neuron in route.order:
        step = _visit(route, neuron, value, given)
        value[neuron] = step.result
        yield step


def _visit(route: Route, neuron: Neuron, value: Given, given: Given) -> Step:
    kind = route.kind[neuron]
    if kind == INPUT:
        return GivenStep(route, neuron, given[neuron])
    if kind == BIAS:
        return GivenStep(route, neuron, _ones_like(given))
    terms = [(source, route.weight[source, neuron], value[source]) for source in route.sources[neuron]]
    activation = route.activation[neuron]
    with np.errstate(all="ignore"):
        z = weighted_sum(terms)
        y = activation(z)
    require_finite(z, "z", neuron)
    require_finite(y, "the value", neuron)
    return SumStep(route, neuron, y, tuple(terms), z, activation.name)


def weighted_sum(terms: Iterable[tuple[Neuron, float, Value]]) -> Value:
    """Add weight times value, left to right: the builtin sum rounds in another way from Python 3.12 on."""
    z: Value = 0.0
    for _, weight, value in terms:  # z_j = Σ_i w_ij · y_i
        z = z + weight * value
    return z


def walk_backward(route: Route, trace: Trace, loss: Loss, target: Given) -> Iterator[Step]:
    """Visit the output neurons, the earlier neurons in reverse order, then every edge."""
    delta: dict[Neuron, Value] = {}
    last = [n for n in route.outputs if not route.targets[n]]
    known = set(last)
    earlier = [n for n in reversed(route.computing) if n not in known]
    for neuron in [*last, *earlier]:
        step = _visit_back(route, neuron, trace, delta, loss, target)
        delta[neuron] = step.result
        yield step
    for neuron in route.computing:
        for source in route.sources[neuron]:
            yield _visit_edge(route, source, neuron, trace, delta)


def _visit_back(
    route: Route, neuron: Neuron, trace: Trace, delta: Given, loss: Loss, target: Given
) -> DeltaStep:
    """Compute ∂L/∂z of one neuron from the deltas of what it feeds, and its own loss if it is an output."""
    activation, z, y = route.activation[neuron], trace.z[neuron], trace.value[neuron]
    terms = tuple((t, route.weight[neuron, t], delta[t]) for t in route.targets[neuron])
    is_output = neuron in target
    paired = is_output and activation.name in loss.pairs
    with np.errstate(all="ignore"):
        slope = activation.derivative(z)
        fed = weighted_sum(terms)
        own: Value = 0.0
        if paired:
            result = loss.delta(activation, z, y, target[neuron]) + fed * slope
        else:
            own = loss.derivative(y, target[neuron]) if is_output else 0.0
            result = (own + fed) * slope if terms else own * slope
    result = result if terms or is_output else _zeros_like(y)
    require_finite(result, "delta", neuron)
    return DeltaStep(
        route, neuron, result, terms, own + fed, activation.name,
        slope=slope, loss=loss if is_output else None, y=y,
        target=target[neuron] if is_output else 0.0, loss_slope=own, paired=paired,
    )  # fmt: skip


def _visit_edge(route: Route, source: Neuron, target: Neuron, trace: Trace, delta: Given) -> GradientStep:
    """Compute ∂L/∂w of one edge: the value of its source times the delta of its target."""
    value = trace.value[source]
    with np.errstate(all="ignore"):
        product = value * delta[target]
        result = float(np.mean(product))
    samples = len(product) if np.ndim(product) else None
    if not math.isfinite(result):
        bad = np.flatnonzero(~np.isfinite(product))
        sample = int(bad[0]) if samples and bad.size else None
        raise _diverged("the gradient", result, edge=(source, target), sample=sample)
    terms = ((source, route.weight[source, target], value),)
    return GradientStep(
        route, target, result, terms, product, "", (source, target),
        value=value, delta=delta[target], samples=samples,
    )  # fmt: skip


def _ones_like(given: Given) -> Value:
    first = next(iter(given.values()))
    return np.ones_like(first) if np.ndim(first) else 1.0


def _zeros_like(value: Value) -> Value:
    return np.zeros_like(value) if np.ndim(value) else 0.0


def require_finite(number: Value, what: str, neuron: Neuron) -> None:
    """Raise DivergedError where a number is not finite, naming the neuron and the first such sample."""
    if np.ndim(number) == 0:
        if not math.isfinite(number):
            raise _diverged(what, number, neuron=neuron)
    elif not np.isfinite(number).all():
        sample = int(np.flatnonzero(~np.isfinite(number))[0])
        raise _diverged(what, float(number[sample]), neuron=neuron, sample=sample)


def _diverged(
    what: str,
    number: float,
    *,
    neuron: Neuron = None,
    edge: tuple[Neuron, Neuron] | None = None,
    sample: int | None = None,
) -> DivergedError:
    place = f"edge {arrow(*edge)}" if edge else f"neuron {shown(neuron)}"
    error = DivergedError(
        f"{what} is {number}",
        code="diverged",
        where=place + (f", sample {sample}" if sample is not None else ""),
        expected="finite numbers",
        fix="use smaller weights or a smaller learning rate, or scale the data",
    )
    error.neuron, error.edge, error.sample = neuron, edge, sample
    return error
