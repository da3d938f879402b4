"""Many numbers multiplied by a tree of small gates: the deep network that cannot be flattened."""

from __future__ import annotations

from collections.abc import Iterator

from neurograph.network.schema import Net
from neurograph.options import require_count
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable
from neurograph.theory.drafting import Draft
from neurograph.theory.gates import Plan, Signal, multiply, read_plan
from neurograph.theory.multiplication import BOUND


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
    return Cost(neurons, sum(_edges_of_layers(n)) + 4 + 1)


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

    The error is one of float64: a gate rounds numbers of the size boundⁿ, beside which a product of smaller
    numbers is lost. With the defaults, for numbers between 0.5 and 2 in size, the largest relative error
    measured is

        n      2       4       8       12      16      20      24
        error  4.5e-8  6.5e-8  2.2e-6  5.6e-5  3.1e-4  6.2e-3  0.25

    and from 32 on nothing is left. Longer products take a bound that their numbers come near: with
    ``bound=1.0, scale=2**-13``, 64 numbers between 0.9 and 1 in size are multiplied to 4e-7.

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
    n, cost = require_count("n", n, least=2), deep_product_cost(n)
    require_affordable(cost, limit, where="n", what=f"the deep product of {n} numbers")
    plan = read_plan(2, n, n - 1, activation, scale, bias, bound)
    draft = Draft()
    signals = [Signal({neuron: 1.0}, 1) for neuron in draft.inputs(n)]
    while len(signals) > 1:
        signals = _next_layer(draft, plan, signals)
    last_bias = draft.bias()
    (output,) = draft.outputs(1, "identity")
    draft.feed(output, {**signals[0].combination, last_bias: 0.0})
    return draft.net


def _next_layer(draft: Draft, plan: Plan, signals: list[Signal]) -> list[Signal]:
    """Multiply the numbers of a layer two by two; hand on what is left over."""
    bias = draft.bias()
    pairs = list(zip(signals[::2], signals[1::2], strict=False))
    gates = [draft.hidden(4, plan.row.activation) for _ in pairs]
    products = [multiply(draft, plan, pair, bias, gate) for pair, gate in zip(pairs, gates, strict=True)]
    if len(signals) % 2:
        (relay,) = draft.hidden(1, "identity")
        draft.feed(relay, {**signals[-1].combination, bias: 0.0})
        products.append(Signal({relay: 1.0}, signals[-1].leaves))
    return products


def _edges_of_layers(count: int) -> Iterator[int]:
    """Count the edges into each layer of gates: those into the gates, and into the relay.

    Of the numbers that go into a layer, each is a combination of ``width`` neurons, the last one of ``last``.
    """
    width, last = 1, 1
    while count > 1:
        pairs, odd = divmod(count, 2)
        equal = pairs if odd else pairs - 1
        yield equal * 4 * (2 * width + 1) + (last + 1 if odd else 4 * (width + last + 1))
        count, width, last = pairs + odd, 4, 1 if odd else 4
