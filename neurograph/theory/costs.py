"""What a construction costs: told before anything is built, refused beyond a limit that can be raised."""

from __future__ import annotations

from typing import NamedTuple

from neurograph.errors import OptionError
from neurograph.options import bad_option, require_count
from neurograph.theory.counting import Count

MOST_EDGES = 1_000_000
_LONGEST_PLAIN = 10**15
MOST_DOUBLINGS = 1000  # beyond 2 to the power of this, no number of edges is worth computing


class Cost(NamedTuple):
    """What a network costs, by formula: what ``len(net)`` and ``net.number_of_edges()`` will say.

    Parameters
    ----------
    neurons : int
        All of its neurons, inputs and bias neurons too.
    edges : int
        All of its edges.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.theory.boolean_cost(12))
    4,111 neurons and 57,345 edges
    """

    neurons: int
    edges: int

    def __repr__(self) -> str:
        neurons, edges = (Count(n) if n > _LONGEST_PLAIN else n for n in self)
        return f"Cost(neurons={neurons}, edges={edges})"

    def __str__(self) -> str:
        return f"{Count(self.neurons)} neurons and {Count(self.edges)} edges"


def require_affordable(cost: Cost, limit: int, *, where: str, what: str) -> None:
    """Raise OptionError, telling the cost, where a network would have more edges than the limit."""
    if cost.edges > require_count("limit", limit):
        raise OptionError(
            f"{what} would have {cost}",
            code="too-large",
            where=where,
            expected=f"at most limit={limit:,} edges",
            fix="make it smaller, or raise limit",
        )


def require_exponent(name: str, value: int, *, least: int = 1) -> int:
    """Return a count that stands in an exponent, or raise OptionError where no computer could follow."""
    number = require_count(name, value, least=least)
    if number > MOST_DOUBLINGS:
        raise bad_option(name, value, f"an integer of at most {MOST_DOUBLINGS}")
    return number
