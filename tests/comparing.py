"""How far two answers are apart: the figures that all tests of the engine speak of."""

import numpy as np
from oracles import targets_for
from strategies import random_data, random_graphs

import neurograph as ng

BATCHES = (1, 2, 63, 64, 65, 200)  # around the 64 lanes that go through a network together


def apart(found, expected, floor=0.0):
    """Return the normwise and the worst componentwise error, both relative; neither side may be empty."""
    f, e = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert f.shape == e.shape
    assert f.size
    assert np.isfinite(f).all()
    assert np.isfinite(e).all()
    largest = np.abs(e).max()
    if largest == 0.0:
        return np.abs(f).max(), np.abs(f).max()
    componentwise = np.abs(f - e) / np.maximum(np.abs(e), max(floor * largest, 5e-324))
    return np.linalg.norm((f - e) / largest) / np.linalg.norm(e / largest), componentwise.max()


def problems(loss, seed, count, *, outputs=None, batches=BATCHES, bound=2.0, **options):
    """Yield random networks that suit a loss, each with X and Y of one of the sizes in turn."""
    generator = np.random.default_rng(seed)
    outputs = ("logistic",) if loss == "cross_entropy" else outputs
    for i, net in enumerate(random_graphs(seed, count, output_activations=outputs, **options)):
        X, Y = random_data(generator, net, samples=batches[i % len(batches)], bound=bound)
        yield net, X, targets_for(loss, generator, Y.shape)


def walked(net, X, Y, loss, program):
    """Walk the graph: outputs, values of all neurons, loss and gradient, in the order of a program."""
    trace = ng.backward(net, X, Y, loss=loss)
    columns = [np.broadcast_to(trace.value[neuron], len(X)) for neuron in program.neurons]
    gradient = np.array([trace.gradient[edge] for edge in program.edges])
    return np.column_stack(trace.outputs), np.column_stack(columns), trace.loss, gradient
