"""A program as text: the straight line of equations that it computes."""

from __future__ import annotations

from neurograph.engine.lanes import Array
from neurograph.engine.layout import Layout
from neurograph.walk.notation import TEXT, factor, total

MOST_LINES = 40


def equations(layout: Layout, weights: Array) -> str:
    """Write one line for each neuron, in the order of the program; a long network is cut in its middle."""
    chosen = range(len(layout.neurons))
    if len(chosen) <= MOST_LINES:
        return "\n".join(_equation(layout, weights, j) for j in chosen)
    half = MOST_LINES // 2
    first = [_equation(layout, weights, j) for j in chosen[:half]]
    last = [_equation(layout, weights, j) for j in chosen[-half:]]
    return "\n".join([*first, f"… {len(chosen) - MOST_LINES:,} more equations …", *last])


def _equation(layout: Layout, weights: Array, j: int) -> str:
    left = TEXT.symbol("y", layout.neurons[j])
    if layout.activation[j] < 0:
        return f"{left} = 1" if j in layout.biases else f"{left} = input"
    biases = set(layout.biases.tolist())
    terms = []
    for edge in range(layout.offsets[j], layout.offsets[j + 1]):
        source = int(layout.sources[edge])
        symbol = "1" if source in biases else TEXT.symbol("y", layout.neurons[source])
        terms.append(f"{factor(float(weights[edge]), TEXT)}·{symbol}")
    name = layout.functions[layout.activation[j]].name
    return f"{left} = {total(terms, TEXT) if name == 'identity' else TEXT.apply(name, total(terms, TEXT))}"
