"""Boolean functions: one architecture that computes every one of them, and how large any such must be."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import InvalidNetworkError, OptionError, shown
from neurograph.functions.activations import Value
from neurograph.network.schema import BIAS, HIDDEN, OUTPUT, Edge, Net, Neuron, incoming
from neurograph.network.schema import inputs as inputs_of
from neurograph.network.validation import validate
from neurograph.options import bad_option, is_real, require_count
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable, require_exponent
from neurograph.theory.drafting import Draft

BooleanFunction = Callable[[tuple[int, ...]], Value] | Mapping[tuple[int, ...], Value] | Sequence[Value]
Signs = NDArray[np.float64]
MOST_LISTED = 20


def boolean_inputs(n: int) -> Signs:
    """List all inputs of a boolean function, in the order of its truth table.

    Parameters
    ----------
    n : int
        The number of inputs.

    Returns
    -------
    array of shape (2ⁿ, n)
        Every row of n numbers −1 or 1, counting upwards: the last input changes fastest.

    Raises
    ------
    OptionError
        If n is below 1 or above 20.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.boolean_inputs(2).tolist()
    [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
    """
    n = require_count("n", n)
    if n > MOST_LISTED:
        raise bad_option("n", n, f"an integer of at most {MOST_LISTED}: 2ⁿ inputs are listed")
    bits = np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1
    return np.where(bits, 1.0, -1.0)


def boolean_cost(n: int) -> Cost:
    """Tell the cost of :func:`boolean_network`: 2ⁿ hidden neurons, and 2ⁿ·(n + 2) + 1 edges.

    Parameters
    ----------
    n : int
        The number of inputs.

    Returns
    -------
    Cost

    Raises
    ------
    OptionError
        If n is below 1 or absurd.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.boolean_cost(3))
    14 neurons and 41 edges
    """
    n = require_exponent("n", n)
    return Cost(neurons=n + 1 + 2**n + 1 + 1, edges=2**n * (n + 1) + 2**n + 1)


def boolean_network(n: int, *, limit: int = MOST_EDGES) -> Net:
    r"""Build the architecture that computes every function {±1}ⁿ → {±1}, given the right weights.

    One hidden layer of 2ⁿ neurons, one for each input u; every neuron applies sign. The neuron of u
    computes sign(⟨u, x⟩ − n + 1), which is 1 where x is u and −1 everywhere else, as ⟨u, x⟩ is n there
    and at most n − 2 elsewhere. It has Shalev-Shwartz and Ben-David (2014), *Understanding Machine
    Learning*, claim 20.1, with a hidden neuron for each input whose value is 1; here each input has its
    own, so that the graph is the same for all functions. Theirs is the theorem, too, that no
    architecture needs much less: :func:`boolean_lower_bound`.

    Parameters
    ----------
    n : int
        The number of inputs.
    limit : int
        The most edges that are built; :func:`boolean_cost` tells how many there would be.

    Returns
    -------
    networkx.DiGraph
        Inputs 1 … n, their bias neuron, the hidden neurons in the order of :func:`boolean_inputs`, their
        bias neuron, the output. It computes the constant 1 until :func:`set_boolean_function` sets another
        function. The only warnings of ``check`` are those of the sign: ``not-differentiable``.

    Raises
    ------
    OptionError
        If n is below 1, or there would be more edges than ``limit``; the message tells the cost.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.boolean_network(2)
    >>> ng.theory.set_boolean_function(net, lambda x: -x[0] * x[1])
    >>> [int(ng.forward(net, x).outputs[0]) for x in ng.theory.boolean_inputs(2)]
    [-1, 1, 1, -1]
    """
    n, cost = require_exponent("n", n), boolean_cost(n)
    require_affordable(cost, limit, where="n", what=f"the network of all boolean functions of {n} inputs")
    draft = Draft()
    first, bias = draft.inputs(n), draft.bias()
    hidden, last_bias = draft.hidden(2**n, "sign"), draft.bias()
    (output,) = draft.outputs(1, "sign")
    for neuron in hidden:
        draft.feed(neuron, [(source, 0.0) for source in (*first, bias)])
    draft.feed(output, [(source, 0.0) for source in (*hidden, last_bias)])
    _set_weights(draft.net, first, hidden, np.ones(2**n))
    return draft.net


def set_boolean_function(net: Net, f: BooleanFunction) -> None:
    r"""Set the weights of a :func:`boolean_network` so that it computes a function.

    The output sums f(u)·y_u over the hidden neurons and adds Σ f(u) by its bias. At the input x only the
    neuron of x has the value 1, so the sum is f(x) − (Σ f(u) − f(x)) + Σ f(u) = 2·f(x), and its sign
    is f(x).

    Parameters
    ----------
    net : networkx.DiGraph
        What :func:`boolean_network` built, changed in place: its weights, and nothing else.
    f : callable, mapping or sequence
        The function: of a tuple of n numbers −1 or 1; or a mapping from such tuples; or the 2ⁿ values in
        the order of :func:`boolean_inputs`. Every value is −1 or 1.

    Raises
    ------
    InvalidNetworkError
        If the network has another architecture.
    OptionError
        If a value is anything but −1 or 1, or there are too few or too many; nothing is changed then.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.boolean_network(2)
    >>> ng.theory.set_boolean_function(net, [-1, -1, -1, 1])
    >>> [int(ng.forward(net, x).outputs[0]) for x in ng.theory.boolean_inputs(2)]
    [-1, -1, -1, 1]
    """
    first, hidden = _read_architecture(net)
    _set_weights(net, first, hidden, read_function(f, len(first)))


def boolean_lower_bound(n: int) -> int:
    """Return the number of edges that a sign network needs at least to compute all functions {±1}ⁿ → {±1}.

    An architecture with E edges computes at most (e·m)^E different functions on m inputs (Shalev-Shwartz
    and Ben-David 2014, theorem 20.6). Here m is 2ⁿ, and there are 2^(2ⁿ) functions, so that
    (e·2ⁿ)^E ≥ 2^(2ⁿ) and E ≥ 2ⁿ / (n + log2 e): exponentially many, however smart the architecture.

    Parameters
    ----------
    n : int
        The number of inputs.

    Returns
    -------
    int
        The least such E, exactly.

    Raises
    ------
    OptionError
        If n is below 1 or absurd.

    Examples
    --------
    >>> import neurograph as ng
    >>> [ng.theory.boolean_lower_bound(n) for n in (2, 4, 8, 16, 32)]
    [2, 3, 28, 3758, 128427667]
    """
    n = require_exponent("n", n)
    with localcontext() as context:
        context.prec = n + 30
        bound = 2**n * Decimal(2).ln() / (1 + n * Decimal(2).ln())
        return int(bound.to_integral_value(rounding=ROUND_CEILING))


def read_function(f: BooleanFunction, n: int) -> Signs:
    """Read a boolean function as its table, in the order of :func:`boolean_inputs`.

    Raises
    ------
    OptionError
        If a value is anything but −1 or 1, or there are not 2ⁿ of them.
    """
    inputs = list(itertools.product((-1, 1), repeat=n))
    if isinstance(f, Mapping):
        missing = next((x for x in inputs if x not in f), None)
        if missing is not None or len(f) != len(inputs):
            raise _bad_table(f"{len(f)} values", n)
        values = [f[x] for x in inputs]
    elif callable(f):
        values = [f(x) for x in inputs]
    else:
        values = _listed(f, n)
    for x, value in zip(inputs, values, strict=True):
        if not _is_sign(value):
            raise _no_sign(x, value)
    return np.array(values, dtype=np.float64)


def _listed(f: Any, n: int) -> list[Any]:
    if isinstance(f, set | frozenset):
        raise _bad_table("a set, which has no order", n)
    try:
        values = [*f]
    except TypeError:
        raise _bad_table(shown(f), n) from None
    if len(values) != 2**n:
        raise _bad_table(f"{len(values)} values", n)
    return values


def _is_sign(value: Any) -> bool:
    return is_real(value) and value in (-1, 1)


def _read_architecture(net: Net) -> tuple[list[Neuron], list[Neuron]]:
    """Return inputs and hidden neurons of a boolean network, or raise where it is none."""
    validate(net)
    kinds = dict(net.nodes(data="kind"))
    first, hidden = inputs_of(net), [neuron for neuron in net if kinds[neuron] == HIDDEN]
    sources = incoming(net)
    signs = all(net.nodes[j]["activation"] == "sign" for j in net if kinds[j] in (HIDDEN, OUTPUT))
    outputs = [neuron for neuron in net if kinds[neuron] == OUTPUT]
    fit = (
        len(hidden) == 2 ** len(first)
        and len(outputs) == 1
        and signs
        and all(_fed_by(sources[neuron], set(first), kinds) for neuron in hidden)
        and _fed_by(sources[outputs[0]], set(hidden), kinds)
    )
    if not fit:
        raise InvalidNetworkError(
            f"it is not the network of all boolean functions of {len(first)} inputs",
            code="other-architecture",
            where="net",
            expected="one hidden layer of 2ⁿ sign neurons, each fed by all inputs and a bias neuron",
            fix="build it with boolean_network(n)",
        )
    return first, hidden


def _fed_by(sources: list[Neuron], expected: set[Neuron], kinds: dict[Neuron, str]) -> bool:
    """Say whether the sources of a neuron are these and a bias neuron."""
    others = set(sources) - expected
    return len(sources) == len(expected) + 1 and len(others) == 1 and kinds[others.pop()] == BIAS


def _set_weights(net: Net, first: list[Any], hidden: list[Any], table: Signs) -> None:
    for (source, target), weight in _weights(net, first, hidden, table):
        net.edges[source, target]["weight"] = weight


def _weights(net: Net, first: list[Any], hidden: list[Any], table: Signs) -> Iterator[tuple[Edge, float]]:
    """Yield every edge with its weight: u and 1 − n into the neuron of u, f(u) and Σ f(u) into the output."""
    n, column = len(first), {neuron: i for i, neuron in enumerate(first)}
    points = boolean_inputs(n).tolist()
    values = dict(zip(hidden, table.tolist(), strict=True))
    for neuron, u in zip(hidden, points, strict=True):
        for source in net.pred[neuron]:
            yield (source, neuron), u[column[source]] if source in column else 1.0 - n
    output = next(iter(net[hidden[0]]))
    for source in net.pred[output]:
        yield (source, output), values[source] if source in values else float(table.sum())


def _bad_table(what: str, n: int) -> OptionError:
    return OptionError(
        f"got {what}",
        code="bad-table",
        where="f",
        expected=f"a function, or {2**n} values −1 or 1, one for each input of {n} numbers",
        fix="give one value for each row of boolean_inputs(n)",
    )


def _no_sign(x: tuple[int, ...], value: Any) -> OptionError:
    truth = isinstance(value, bool | np.bool_)
    return OptionError(
        f"f{x} is {shown(value)}",
        code="not-a-sign",
        where="f",
        expected="−1 or 1 for every input",
        fix="write 1 if … else -1" if truth else "mend f",
    )
