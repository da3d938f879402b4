"""How few hidden neurons a boolean function needs: sizes searched one after another, every weight tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neurograph.errors import shown
from neurograph.learning.search import MOST_ROUNDS, exhaustive_search, search_rounds
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_count, require_numbers
from neurograph.theory.boolean import BooleanFunction, boolean_inputs, read_function
from neurograph.theory.counting import Count
from neurograph.theory.drafting import Draft

_MOST_INPUTS = 16


@dataclass(frozen=True)
class BooleanSearch:
    """What :func:`minimal_boolean_network` found.

    Parameters
    ----------
    net : networkx.DiGraph or None
        A network of the smallest size that computes the function; None where none was found.
    hidden : int
        The number of its hidden neurons; of the largest size that was searched where none was found.
    exhaustive : bool
        Whether every combination of the values was tried for every smaller size, and for this one where
        nothing was found. If so, no smaller network with these values computes the function.
    rounds : int
        How many combinations were tried.
    values : tuple of float
        The values that each weight could take.
    """

    net: Net | None
    hidden: int
    exhaustive: bool
    rounds: int
    values: tuple[float, ...]

    def __str__(self) -> str:
        size = f"{self.hidden} hidden neuron{'s' if self.hidden != 1 else ''}"
        values = f"weights of {', '.join(f'{value:g}' for value in self.values)}"
        what = f"{size} with {values}" if self.net else f"nothing up to {size} with {values}"
        how = "every smaller size" if self.net else "every combination"
        kept = f"{how} was tried" if self.exhaustive else "larger sizes were beyond the limit"
        return f"{what}: {kept}, {Count(self.rounds)} rounds"


def minimal_boolean_network(
    f: BooleanFunction,
    *,
    n: int | None = None,
    values: Sequence[float] = (-1.0, 0.0, 1.0),
    most_hidden: int | None = None,
    limit: int = MOST_ROUNDS,
    progress: bool = False,
) -> BooleanSearch:
    """Search for the smallest sign network with one hidden layer that computes a boolean function.

    Sizes of one hidden neuron, two, and so on are searched by :func:`neurograph.exhaustive_search`: with h
    hidden neurons there are ``values`` to the power of h·(n + 2) + 1 rounds. Where the values other than
    0 are one number and its opposite, the weights from the hidden neurons to the output are frozen at
    that number, and h·(n + 1) + 1 weights are searched: sign is odd, so a hidden neuron whose output
    weight is the opposite can turn all its weights round instead, and one with 0 is not needed.

    Parameters
    ----------
    f : callable, mapping or sequence
        The function, as for :func:`set_boolean_function`.
    n : int, optional
        The number of inputs; needed where ``f`` is a function.
    values : sequence of float
        The values that each weight may take.
    most_hidden : int, optional
        The largest number of hidden neurons that is tried; 2ⁿ, which is always enough for the weights of
        :func:`boolean_network`, without it.
    limit : int
        The most rounds for one size. A size that takes more ends the search, which was not exhaustive then.
    progress : bool
        Whether to say on standard error how many rounds there are and how many are done.

    Returns
    -------
    BooleanSearch
        The network, its number of hidden neurons, and whether the search was exhaustive. A hidden neuron
        of it may give 0 at some inputs, as the sign of 0 is 0; the output never does.

    Raises
    ------
    OptionError
        If a value of the function is anything but −1 or 1, or an argument is out of its range.

    Examples
    --------
    Exclusive or takes two hidden neurons, and any function of one input takes one:

    >>> import neurograph as ng
    >>> found = ng.theory.minimal_boolean_network(lambda x: -x[0] * x[1], n=2)
    >>> print(found)
    2 hidden neurons with weights of -1, 0, 1: every smaller size was tried, 2,268 rounds
    >>> [int(ng.forward(found.net, x).outputs[0]) for x in ng.theory.boolean_inputs(2)]
    [-1, 1, 1, -1]
    """
    count = _input_count(f, n)
    table = read_function(f, count)
    grid = require_numbers("values", values).tolist()
    most = require_count("most_hidden", 2**count if most_hidden is None else most_hidden)
    rounds, X, Y = 0, boolean_inputs(count), table[:, None]
    for hidden in range(1, most + 1):
        net = _architecture(count, hidden, _sole_size(grid))
        if search_rounds(net, len(grid)) > require_count("limit", limit):
            return BooleanSearch(None, hidden - 1, False, rounds, tuple(grid))
        found = exhaustive_search(net, X, Y, values=grid, limit=limit, keep=1, progress=progress)
        rounds += found.rounds
        if found.loss == 0.0:
            return BooleanSearch(found.best, hidden, True, rounds, tuple(grid))
    return BooleanSearch(None, most, True, rounds, tuple(grid))


def _input_count(f: Any, n: int | None) -> int:
    """Return the number of inputs of a function, which a table tells by its length."""
    if n is None and not callable(f) and hasattr(f, "__len__"):
        n = max(1, len(f).bit_length() - 1)
    if n is None:
        raise bad_option("n", n, f"the number of inputs of {shown(f)}")
    count = require_count("n", n)
    if count > _MOST_INPUTS:
        raise bad_option("n", n, f"an integer of at most {_MOST_INPUTS}")
    return count


def _sole_size(values: list[float]) -> float | None:
    """Return the number that is, with its opposite and 0, all there is among the values; None otherwise."""
    sizes = {abs(value) for value in values} - {0.0}
    size = next(iter(sizes), 0.0)
    return size if len(sizes) == 1 and {size, -size} <= set(values) else None


def _architecture(n: int, hidden: int, frozen: float | None) -> Net:
    """Build n inputs, one hidden layer and one output of sign neurons, the last weights frozen or free."""
    draft = Draft()
    first = [*draft.inputs(n), draft.bias()]
    middle, bias = draft.hidden(hidden, "sign"), draft.bias()
    (output,) = draft.outputs(1, "sign")
    for neuron in middle:
        draft.feed(neuron, [(source, 0.0) for source in first])
    draft.feed(output, [(source, frozen or 0.0) for source in middle] + [(bias, 0.0)])
    if frozen is not None:
        for source in middle:
            draft.net.edges[source, output]["trainable"] = False
    return draft.net
