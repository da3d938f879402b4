"""No flattening: numbers multiplied by a tree of small gates, or in one hidden layer of exponential size."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from neurograph.errors import OptionError
from neurograph.network.schema import Net
from neurograph.options import require_count, require_number
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable, require_exponent
from neurograph.theory.drafting import Combination, Draft
from neurograph.theory.multiplication import BOUND, Multiplication, default_scale, read_multiplication

_LARGEST_POWER = 140  # of ten: weights are products of up to two numbers of this size


def multiplication_gate(
    activation: str = "sine", scale: float | None = None, *, bias: float | None = None, bound: float = BOUND
) -> Net:
    r"""Build the gate that multiplies two numbers with four hidden neurons.

    With the scale λ and the bias b it computes

        m(u, v) = [σ(b + λ(u+v)) + σ(b − λ(u+v)) − σ(b + λ(u−v)) − σ(b − λ(u−v))] / (4·λ²·σ″(b))
                = u·v·(1 + c·λ²·(u² + v²) + O(λ⁴)),   c = σ⁗(b) / (6·σ″(b)):

    in Taylor's formula for the sum in brackets the constants, the odd powers and u² + v² cancel, and
    4·λ²·σ″(b)·u·v is left. So any activation with σ″(b) ≠ 0 somewhere can multiply, as well as one likes:
    Lin, Tegmark and Rolnick 2017, arXiv 1608.08225, section II. The error falls with the square of the
    scale, until rounding, which grows with 1/λ², is in the way. It is :func:`flat_product` for two.

    Parameters
    ----------
    activation : str
        The function σ of the hidden neurons; any built-in one that is smooth somewhere and no straight line.
    scale : float, optional
        λ, above 0: how far from the bias the function is looked at. Without it the power of two at which
        both errors together are least for numbers up to ``bound`` in size and not much below a quarter of it.
    bias : float, optional
        b; without it a point where the second derivative is largest.
    bound : float
        How large the inputs may be, for the choice of the scale.

    Returns
    -------
    networkx.DiGraph
        Inputs 1 and 2, bias neuron 3, hidden neurons 4 to 7, bias neuron 8, output 9. ``check`` finds
        nothing in it.

    Raises
    ------
    InvalidNetworkError
        If the activation is unknown.
    OptionError
        If its second derivative vanishes at the bias, or an argument is out of its range.

    Examples
    --------
    >>> import neurograph as ng
    >>> gate = ng.theory.multiplication_gate("tanh")
    >>> abs(ng.forward(gate, [1.5, -0.8]).outputs[0] + 1.2) < 1e-6
    True
    >>> rough = ng.theory.multiplication_gate("tanh", 0.1)
    >>> c = ng.theory.product_error(activation="tanh", scale=0.1)
    >>> off = ng.forward(rough, [1.5, -0.8]).outputs[0] / -1.2 - 1
    >>> abs(off - c * (1.5**2 + 0.8**2)) < 0.001
    True
    """
    return flat_product(2, activation=activation, scale=scale, bias=bias, bound=bound)


def product_error(
    n: int = 2,
    *,
    activation: str = "sine",
    scale: float | None = None,
    bias: float | None = None,
    bound: float = BOUND,
) -> float:
    """Return the error term of a gate or a flat product: it is off by this times Σ x_i², relatively.

    Parameters are those of :func:`flat_product`; n = 2 stands for :func:`multiplication_gate`.

    Returns
    -------
    float
        λ²·σ⁽ⁿ⁺²⁾(b) / (6·σ⁽ⁿ⁾(b)); what is left out is of order λ⁴, and the rounding.

    Raises
    ------
    InvalidNetworkError, OptionError
        As for :func:`flat_product`.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.product_error(scale=0.5) / ng.theory.product_error(scale=0.25)
    4.0
    """
    plan = _read_plan(require_exponent("n", n, least=2), n, 1, activation, scale, bias, bound)
    return plan.row.error * plan.scale**2


def deep_product_cost(n: int) -> Cost:
    """Tell the cost of :func:`deep_product`: 4·(n − 1) hidden neurons for the gates, and a little more.

    Parameters
    ----------
    n : int
        How many numbers are multiplied, at least 2.

    Returns
    -------
    Cost
        Besides the gates: n inputs, the output, ⌈log2 n⌉ + 1 bias neurons, and a relay for each number
        that is left over in its layer, as many as n − 1 has zeros in binary.

    Raises
    ------
    OptionError
        If n is below 2.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.deep_product_cost(8))
    41 neurons and 161 edges
    """
    n = require_count("n", n, least=2)
    relays = f"{n - 1:b}".count("0")
    depth = (n - 1).bit_length()
    neurons = n + 1 + 4 * (n - 1) + relays + depth + 1
    return Cost(neurons, sum(_edges_into(widths) for widths in _widths(n)) + 4 + 1)


def deep_product(
    n: int,
    *,
    activation: str = "sine",
    scale: float | None = None,
    bias: float | None = None,
    bound: float = BOUND,
    limit: int = MOST_EDGES,
) -> Net:
    r"""Build the network that multiplies n numbers two by two, by a binary tree of gates: about 4n neurons.

    Each gate is a :func:`multiplication_gate`; the four neurons of one feed those of the next without a
    neuron between them, as a linear combination of linear combinations is one. Where a layer has an odd
    number of numbers, the last one is handed on by a relay, an identity neuron. So the product of n numbers
    costs neurons in proportion to n, and flat it costs 2ⁿ (:func:`flat_product`): Lin, Tegmark and
    Rolnick 2017, arXiv 1608.08225, section III.

    Parameters
    ----------
    n : int
        How many numbers are multiplied, at least 2.
    activation, bias
        As for :func:`multiplication_gate`.
    scale : float, optional
        λ of the gates in the first layer. A later gate, whose inputs are larger by bound, bound³, …, has
        a scale smaller by as much, so that all look equally far. Without it, the power of two at which
        truncation and rounding together are least.
    bound : float
        How large the inputs may be.
    limit : int
        The most edges that are built; :func:`deep_product_cost` tells how many there would be.

    Returns
    -------
    networkx.DiGraph
        ``check`` finds nothing in it if n is a power of two, else ``mixed-activations``, for the relays.

    Raises
    ------
    InvalidNetworkError
        If the activation is unknown.
    OptionError
        If its second derivative vanishes at the bias, if there would be more edges than ``limit``, or
        an argument is out of its range.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.deep_product(4)
    >>> abs(ng.forward(net, [1.5, -2.0, 0.7, 1.1]).outputs[0] + 2.31) < 1e-6
    True
    """
    cost = deep_product_cost(n)
    require_affordable(cost, limit, where="n", what=f"the deep product of {n} numbers")
    plan = _read_plan(2, n, n - 1, activation, scale, bias, bound)
    if n * abs(math.log10(plan.bound)) > _LARGEST_POWER:
        raise _beyond_floats(n, plan.bound)
    draft = Draft()
    signals = [_Signal({neuron: 1.0}, 1) for neuron in draft.inputs(n)]
    while len(signals) > 1:
        signals = _next_layer(draft, plan, signals)
    last_bias = draft.bias()
    (output,) = draft.outputs(1, "identity")
    draft.feed(output, {**signals[0].combination, last_bias: 0.0})
    return draft.net


def flat_product_cost(n: int) -> Cost:
    """Tell the cost of :func:`flat_product`: 2ⁿ hidden neurons, and 2ⁿ·(n + 2) + 1 edges.

    Parameters
    ----------
    n : int
        How many numbers are multiplied, at least 2.

    Returns
    -------
    Cost

    Raises
    ------
    OptionError
        If n is below 2 or absurd.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.flat_product_cost(8))
    267 neurons and 2,561 edges
    """
    n = require_exponent("n", n, least=2)
    return Cost(neurons=n + 1 + 2**n + 1 + 1, edges=2**n * (n + 1) + 2**n + 1)


def flat_product(
    n: int,
    *,
    activation: str = "sine",
    scale: float | None = None,
    bias: float | None = None,
    bound: float = BOUND,
    limit: int = MOST_EDGES,
) -> Net:
    r"""Build the network that multiplies n numbers in one hidden layer: of 2ⁿ neurons.

    One hidden neuron for each pattern of signs s = (±1, …, ±1):

        Σ_s (s_1·…·s_n)·σ(b + λ·⟨s, x⟩) / (2ⁿ·λⁿ·σ⁽ⁿ⁾(b)) = x_1·…·x_n·(1 + c·λ²·Σ x_i² + O(λ⁴)),

    c = σ⁽ⁿ⁺²⁾(b) / (6·σ⁽ⁿ⁾(b)): the sum over the signs keeps the powers that are odd in every x_i. Lin,
    Tegmark and Rolnick 2017, arXiv 1608.08225, section III, show that no network with one hidden layer
    multiplies as well as one likes with fewer than 2ⁿ neurons. For the sine the sum is
    sin(λx_1)·…·sin(λx_n) / λⁿ, exactly.

    The error falls with the square of the scale, but 2ⁿ values of about the size of σ(b) cancel until
    only λⁿ is left, and their rounding stays: in float64 the scale cannot be small, the less so the larger
    n is. With the defaults, for numbers between 0.5 and 2 in size, the largest relative error measured is

        n      2       3       4       5       6       7       8       9       10
        error  4.5e-8  2.9e-8  2.3e-5  5.1e-5  9.8e-4  1.1e-3  5.2e-3  6.1e-3  2.6e-2

    and no other scale does much better.

    Parameters
    ----------
    n : int
        How many numbers are multiplied, at least 2.
    activation : str
        The function σ of the hidden neurons: logistic, tanh, softplus, silu, gelu, sine, gaussian, elu or
        softsign.
    scale : float, optional
        λ, above 0. Without it, the power of two at which truncation and rounding together are least.
    bias : float, optional
        b; without it a point where derivative n is largest.
    bound : float
        How large the inputs may be, for the choice of the scale.
    limit : int
        The most edges that are built; :func:`flat_product_cost` tells how many there would be.

    Returns
    -------
    networkx.DiGraph
        Inputs 1 … n, their bias neuron, the hidden neurons, their bias neuron, whose edge has weight 0, the
        output. ``check`` finds nothing in it.

    Raises
    ------
    InvalidNetworkError
        If the activation is unknown.
    OptionError
        If derivative n of the activation vanishes at the bias, if there would be more edges than ``limit``,
        or an argument is out of its range.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.flat_product(3)
    >>> abs(ng.forward(net, [1.5, -2.0, 0.7]).outputs[0] + 2.1) < 1e-6
    True
    """
    cost = flat_product_cost(n)
    require_affordable(cost, limit, where="n", what=f"the flat product of {n} numbers")
    plan = _read_plan(n, n, 1, activation, scale, bias, bound)
    draft = Draft()
    signals = [_Signal({neuron: 1.0}, 1) for neuron in draft.inputs(n)]
    bias_neuron = draft.bias()
    hidden = draft.hidden(2**n, activation)
    product = _multiply(draft, plan, signals, bias_neuron, hidden)
    last_bias = draft.bias()
    (output,) = draft.outputs(1, "identity")
    draft.feed(output, {**product.combination, last_bias: 0.0})
    return draft.net


@dataclass(frozen=True)
class _Plan:
    """One way of multiplying, its scale, and how large the inputs may be."""

    row: Multiplication
    scale: float
    bound: float

    def scale_of(self, leaves: int) -> float:
        """Return the scale for a number that is itself a product of so many inputs."""
        return self.scale / self.bound ** (leaves - 1)


@dataclass(frozen=True)
class _Signal:
    """A number inside the network: a combination of neurons, and of how many inputs it is the product."""

    combination: Combination
    leaves: int


def _read_plan(
    factors: int,
    leaves: int,
    gates: int,
    activation: str,
    scale: float | None,
    bias: float | None,
    bound: float,
) -> _Plan:
    row = read_multiplication(factors, activation, bias)
    largest = require_number("bound", bound, low=0.0, above=True)
    if scale is None:
        return _Plan(row, default_scale(row, bound=largest, leaves=leaves, gates=gates), largest)
    number = require_number("scale", scale, low=0.0, above=True)
    if factors * abs(math.log10(number)) > _LARGEST_POWER:
        raise _beyond_floats(factors, number)
    return _Plan(row, number, largest)


def _next_layer(draft: Draft, plan: _Plan, signals: list[_Signal]) -> list[_Signal]:
    """Multiply the numbers of a layer two by two; hand on what is left over."""
    bias = draft.bias()
    pairs = list(zip(signals[::2], signals[1::2], strict=False))
    gates = [draft.hidden(4, plan.row.activation) for _ in pairs]
    products = [_multiply(draft, plan, pair, bias, gate) for pair, gate in zip(pairs, gates, strict=True)]
    if len(signals) % 2:
        (relay,) = draft.hidden(1, "identity")
        draft.feed(relay, {**signals[-1].combination, bias: 0.0})
        products.append(_Signal({relay: 1.0}, signals[-1].leaves))
    return products


def _multiply(
    draft: Draft, plan: _Plan, signals: list[_Signal] | tuple[_Signal, ...], bias: int, neurons: list[int]
) -> _Signal:
    """Feed one neuron for each pattern of signs; return their combination that is the product."""
    row, scales = plan.row, [plan.scale_of(signal.leaves) for signal in signals]
    whole = 2.0**row.factors * row.derivative * math.prod(scales)  # 2ⁿ·λⁿ·σ⁽ⁿ⁾(b)
    product: dict[int, float] = {}
    patterns = itertools.product((1.0, -1.0), repeat=row.factors)
    for neuron, signs in zip(neurons, patterns, strict=True):
        terms = zip(signs, scales, signals, strict=True)
        draft.feed(
            neuron, {i: s * scale * w for s, scale, signal in terms for i, w in signal.combination.items()}
        )
        draft.feed(neuron, {bias: row.bias})
        product[neuron] = math.prod(signs) / whole
    return _Signal(product, sum(signal.leaves for signal in signals))


def _widths(n: int) -> list[list[int]]:
    """For each layer of the deep product, how many neurons stand for each of the numbers that go into it."""
    layers = [[1] * n]
    while len(layers[-1]) > 1:
        count = len(layers[-1])
        layers.append([4] * (count // 2) + [1] * (count % 2))
    return layers[:-1]


def _edges_into(widths: list[int]) -> int:
    """Count the edges into the gates of a layer, and into its relay."""
    pairs = zip(widths[::2], widths[1::2], strict=False)
    return sum(4 * (u + v + 1) for u, v in pairs) + (widths[-1] + 1 if len(widths) % 2 else 0)


def _beyond_floats(factors: int, number: float) -> OptionError:
    return OptionError(
        f"{number:g} to the power of {factors} makes weights beyond a float64",
        code="too-large",
        where="n",
        expected=f"powers of at most 10^±{_LARGEST_POWER}",
        fix="multiply fewer numbers, or give a bound or a scale nearer to 1",
    )
