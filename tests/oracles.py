"""What others say of the same network: HIPS autograd, with formulas of its own for every function."""

import math

import autograd.numpy as anp
import networkx as nx
import numpy as np
from autograd import value_and_grad
from autograd.extend import defvjp, primitive
from strategies import of_kind


@primitive
def erfc(x):
    return np.vectorize(math.erfc, otypes=[float])(x)


defvjp(erfc, lambda answer, x: lambda g: g * -2 / math.sqrt(math.pi) * np.exp(-x * x))


def logistic(z):
    return anp.exp(-anp.logaddexp(0.0, -z))


def softsign(z):
    size = anp.where(z > 0, z, -z)
    side = np.where(z > 0, 1.0, -1.0)
    return anp.where(size < 1, z / (1 + size), side * (1 - 1 / (1 + size)))  # no digit lost far out


AUTODIFF = {
    "identity": lambda z: 1.0 * z,
    "logistic": logistic,
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0 * z),
    "leaky_relu": lambda z: anp.where(z > 0, z, z / 100),
    "elu": lambda z: anp.where(z > 0, z, anp.expm1(anp.where(z > 0, 0.0, z))),
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "silu": lambda z: z * logistic(z),
    "gelu": lambda z: z * erfc(-z / math.sqrt(2)) / 2,
    "softsign": softsign,
    "hard_tanh": lambda z: anp.where(z < -1, -1 + 0.0 * z, anp.where(z > 1, 1 + 0.0 * z, z)),
    "sine": anp.sin,
    "gaussian": lambda z: anp.exp(-z * z),
}

AUTODIFF_LOSS = {  # of z, y, t
    "squared": lambda z, y, t: (y - t) ** 2,
    "absolute": lambda z, y, t: anp.where(y > t, y - t, t - y),
    "huber": lambda z, y, t: anp.where(
        (y - t) ** 2 < 1, (y - t) ** 2 / 2, anp.where(y > t, y - t, t - y) - 0.5
    ),
    "cross_entropy": lambda z, y, t: t * anp.logaddexp(0.0, -z) + (1 - t) * anp.logaddexp(0.0, z),
    "hinge": lambda z, y, t: anp.where(t * y < 1, 1 - t * y, 0.0 * y),
}


def evaluated(net, weight, x, t, functions, loss_of):
    """Sum the loss over the outputs, by a walk of the test's own; x and t go by neuron."""
    value = dict(zip(of_kind(net, "input"), x, strict=True)) | dict.fromkeys(of_kind(net, "bias"), 1.0)
    target = dict(zip(of_kind(net, "output"), t, strict=True))
    total = 0.0
    for neuron in nx.topological_sort(net):
        if neuron in value:
            continue
        z = sum(weight[source, neuron] * value[source] for source in net.pred[neuron])
        value[neuron] = functions[net.nodes[neuron]["activation"]](z)
        if neuron in target:
            total = total + loss_of(z, value[neuron], target[neuron])
    return total


def by_autodiff(net, X, Y, loss, weight=None):
    """Return the mean loss and its gradient by the weight of every edge; other weights may be given."""
    weight = weight or nx.get_edge_attributes(net, "weight")
    edges = list(weight)

    def mean_loss(w):
        changed = {edge: w[i] for i, edge in enumerate(edges)}
        return anp.mean(evaluated(net, changed, X.T, Y.T, AUTODIFF, AUTODIFF_LOSS[loss]))

    with np.errstate(over="ignore"):
        value, gradient = value_and_grad(mean_loss)(np.array([weight[edge] for edge in edges]))
    return value, dict(zip(edges, gradient.tolist(), strict=True))


def targets_for(loss, generator, shape):
    """Draw targets that the loss can take."""
    if loss == "hinge":
        return generator.choice([-1.0, 1.0], shape)
    if loss == "cross_entropy":
        return generator.choice([0.0, 0.25, 0.6, 1.0], shape)
    return generator.uniform(-2, 2, shape)
