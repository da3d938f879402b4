"""The text's network in micrograd, which has no logistic function: one is added in its own manner."""

from __future__ import annotations

import math

from micrograd.engine import Value

SOURCES = {3: (1, 2), 4: (1, 2), 6: (3, 4, 5), 7: (4, 5), 9: (6, 7, 8)}


def logistic(z: Value) -> Value:
    """One operation of its own, which is kinder to micrograd than three of them."""
    e = math.exp(-abs(z.data))
    y = 1.0 / (1.0 + e)
    out = Value(y if z.data >= 0.0 else e * y, (z,), "logistic")

    def backward() -> None:
        z.grad += e * (y * y) * out.grad

    out._backward = backward
    return out


def train(x: list[float], t: list[float], weights: list[float], rate: float) -> list[float]:
    """Take the points one by one, and return the weights after them."""
    parameters = [Value(weight) for weight in weights]
    for point, target in zip(x, t, strict=True):
        values = {1: point, 2: 1.0, 5: 1.0, 8: 1.0}
        edges = iter(parameters)
        for neuron, sources in SOURCES.items():
            products = [next(edges) * values[source] for source in sources]
            z = products[0]
            for product in products[1:]:
                z = z + product
            values[neuron] = logistic(z)
        loss = (values[9] - target) ** 2
        for parameter in parameters:
            parameter.grad = 0.0
        loss.backward()
        for parameter in parameters:
            parameter.data -= rate * parameter.grad
    return [parameter.data for parameter in parameters]
