"""The counting arguments: how many inputs there are, how many networks, how many rounds of a search."""

from __future__ import annotations

import math

import networkx as nx

from neurograph.errors import OptionError
from neurograph.learning.search import trainable_count
from neurograph.network.schema import Net
from neurograph.options import require_count

MOST_BITS = 10**9  # of a number that is written down exactly: 125 MB
_LARGEST_WRITTEN_OUT = 10**15
_DOUBTFUL = 1e-6  # a logarithm so near a whole number may stand on either side of it


class Count(int):
    """An exact integer that prints as a power of ten where it is long.

    It is an ``int`` in every respect; what is computed with it is a plain ``int`` again.

    Parameters
    ----------
    value : int
        The number, exact, however large.

    Examples
    --------
    >>> from neurograph.theory import Count
    >>> Count(256**40000)
    about 3.97·10^96329
    >>> Count(256**40000) == 2**320000, Count(531441)
    (True, 531,441)
    """

    @property
    def log10(self) -> float:
        """The decimal logarithm; −∞ for 0."""
        return math.log10(self) if self else -math.inf

    @property
    def power_of_ten(self) -> int:
        """The exponent of the power of ten just below: one less than the number of digits, exactly."""
        size = abs(int(self))
        if not size:
            return 0
        exact = math.log10(size)
        near = round(exact)
        if abs(exact - near) > _DOUBTFUL:
            return math.floor(exact)
        return near if size >= 10**near else near - 1

    def __str__(self) -> str:
        if abs(int(self)) < _LARGEST_WRITTEN_OUT:
            return f"{int(self):,}"
        first = 10 ** (math.log10(abs(int(self))) - self.power_of_ten)
        mantissa, _, carry = f"{first:.2e}".partition("e")
        return f"about {'−' if self < 0 else ''}{mantissa}·10^{self.power_of_ten + int(carry)}"

    __repr__ = __str__


def image_count(height: int, width: int, *, depth: int = 8) -> Count:
    """Count the images of a size: 2 to the power of their bits.

    A network that tells them all apart needs as many configurations: see :func:`weights_needed`.

    Parameters
    ----------
    height, width : int
        The size in pixels.
    depth : int
        The bits of a pixel: 8 for a byte of grey, 32 for four bytes.

    Returns
    -------
    Count
        2^(height·width·depth).

    Raises
    ------
    OptionError
        If a number is below 1, or the result is too long to be written down; the message tells its power
        of ten all the same.

    Examples
    --------
    The text's image of 200 by 200 pixels with a byte each, and its larger one of 1000 by 1000 with four:

    >>> import neurograph as ng
    >>> ng.theory.image_count(200, 200)
    about 3.97·10^96329
    >>> ng.theory.image_count(1000, 1000, depth=32).power_of_ten
    9632959
    """
    return _power(2, require_count("height", height) * require_count("width", width) * _depth(depth))


def text_count(length: int = 280, *, depth: int = 8) -> Count:
    """Count the texts of a length: 2 to the power of their bits.

    Parameters
    ----------
    length : int
        The number of characters; the text's tweet has 280.
    depth : int
        The bits of a character.

    Returns
    -------
    Count
        2^(length·depth). Shorter texts are among them, filled up with zeros, as by :func:`text_bits`.

    Raises
    ------
    OptionError
        As for :func:`image_count`.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.text_count(), ng.theory.text_count() == 256**280
    (about 2.03·10^674, True)
    """
    return _power(2, require_count("length", length) * _depth(depth))


def configuration_count(weights: Net | int, values: int) -> Count:
    """Count the configurations of a network: the values of a weight to the power of the number of weights.

    No network tells more inputs apart than it has configurations, says the text.

    Parameters
    ----------
    weights : networkx.DiGraph or int
        A network without errors, whose trainable weights are counted, or their number.
    values : int
        How many values each weight can take, or how many of them lead to different behaviour.

    Returns
    -------
    Count
        values^weights.

    Raises
    ------
    InvalidNetworkError
        If the network has errors.
    OptionError
        As for :func:`image_count`.

    Examples
    --------
    The text's thousand neurons, were each to have one weight of a hundred values, and its running example:

    >>> import neurograph as ng
    >>> ng.theory.configuration_count(1000, 100)
    about 1.00·10^2000
    >>> ng.theory.configuration_count(ng.example_network(), 100) == 100**12
    True
    """
    number = trainable_count(weights) if isinstance(weights, nx.Graph) else weights
    return _power(require_count("values", values), require_count("weights", number, least=0))


def round_count(net: Net, *, bits: int = 64) -> Count:
    """Count the rounds of the text's exhaustive search: every pattern of so many bits on every weight.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors; its frozen edges keep their weights.
    bits : int
        The bits of the encoding of a weight.

    Returns
    -------
    Count
        2^(bits·weights). For other numbers of values there is :func:`neurograph.search_rounds`.

    Raises
    ------
    InvalidNetworkError, OptionError
        As for :func:`configuration_count`.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.round_count(ng.example_network())
    about 1.55·10^231
    """
    return _power(2, require_count("bits", bits) * trainable_count(net))


def boolean_function_count(n: int) -> Count:
    """Count the functions {±1}ⁿ → {±1}.

    Parameters
    ----------
    n : int
        The number of inputs.

    Returns
    -------
    Count
        2^(2ⁿ).

    Raises
    ------
    OptionError
        As for :func:`image_count`.

    Examples
    --------
    >>> import neurograph as ng
    >>> [int(ng.theory.boolean_function_count(n)) for n in (1, 2, 3, 4)]
    [4, 16, 256, 65536]
    """
    n = require_count("n", n)
    if n > MOST_BITS.bit_length():
        raise _too_long(2, f"2^{n}")
    return _power(2, 2**n)


def weights_needed(count: int, values: int) -> int:
    """Return the least number of weights whose configurations are as many as ``count``: the pigeonhole bound.

    Parameters
    ----------
    count : int
        How many inputs are to be told apart, such as ``image_count(200, 200)``.
    values : int
        How many values each weight can take; at least 2.

    Returns
    -------
    int
        The least W with values^W ≥ count.

    Raises
    ------
    OptionError
        If a number is too small.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.weights_needed(ng.theory.image_count(200, 200), 100)
    48165
    """
    count, values = require_count("count", count), require_count("values", values, least=2)
    estimate = math.log(count) / math.log(values)
    weights = round(estimate)
    if abs(estimate - weights) > _DOUBTFUL:
        return math.ceil(estimate)
    return weights if values**weights >= count else weights + 1


def _depth(depth: int) -> int:
    return require_count("depth", depth)


def _power(base: int, exponent: int) -> Count:
    """Raise to a power, unless the result is too long to be written down."""
    if base > 1 and (exponent > MOST_BITS or exponent * math.log2(base) > MOST_BITS):
        raise _too_long(base, str(Count(exponent)))
    return Count(base**exponent)


def _too_long(base: int, exponent: str) -> OptionError:
    return OptionError(
        f"{Count(base)} to the power of {exponent} is too long to be written down",
        code="too-large",
        where="the count",
        expected=f"a number of at most {MOST_BITS:,} bits",
        fix=f"count something smaller; its decimal logarithm is {exponent} times {math.log10(base):.6g}",
    )
