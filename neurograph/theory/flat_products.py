"""No flattening: numbers multiplied in one hidden layer, two by four neurons and n by 2ⁿ of them."""

from __future__ import annotations

from neurograph.network.schema import Net
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable, require_exponent
from neurograph.theory.drafting import Draft
from neurograph.theory.gates import Signal, multiply, read_plan
from neurograph.theory.multiplication import BOUND


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

    Parameters
    ----------
    n : int
        How many numbers are multiplied; 2 for :func:`multiplication_gate`.
    activation, scale, bias, bound
        As for :func:`flat_product`.

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
    plan = read_plan(require_exponent("n", n, least=2), n, 1, activation, scale, bias, bound)
    return plan.row.error * plan.scale**2


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
    n, cost = require_exponent("n", n, least=2), flat_product_cost(n)
    require_affordable(cost, limit, where="n", what=f"the flat product of {n} numbers")
    plan = read_plan(n, n, 1, activation, scale, bias, bound)
    draft = Draft()
    signals = [Signal({neuron: 1.0}, 1) for neuron in draft.inputs(n)]
    bias_neuron = draft.bias()
    hidden = draft.hidden(2**n, activation)
    product = multiply(draft, plan, signals, bias_neuron, hidden)
    last_bias = draft.bias()
    (output,) = draft.outputs(1, "identity")
    draft.feed(output, {**product.combination, last_bias: 0.0})
    return draft.net
