"""An irregular network in connex (JAX); run as a program, since it may take too long to compile.

It prints one line of JSON: how long construction and compilation took, how far the gradients differ, and
the times of both sides, in turns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

LIMIT = 300.0  # seconds


def compare(neurons: int, limit: float = LIMIT) -> dict:
    """Run this file for so many neurons; raises PeerMissingError where it takes too long or fails."""
    from measure import PeerMissingError

    try:
        done = subprocess.run(
            [sys.executable, __file__, str(neurons)], env=os.environ | {"JAX_ENABLE_X64": "1"},
            capture_output=True, check=True, text=True, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PeerMissingError(f"{neurons:,} neurons are not compiled after {limit:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise PeerMissingError(error.stderr.strip().splitlines()[-1]) from error
    return json.loads(done.stdout)


def work(neurons: int) -> dict:
    import equinox
    import jax
    from connex import NeuralNetwork
    from dag import draw_data
    from measure import Contender, Section

    import neurograph as ng

    net = ng.random_network(
        inputs=100,
        hidden=neurons - 110,
        outputs=10,
        fan_in=18,
        biases=0,
        output_activation="identity",
        seed=0,
    )
    X, Y = draw_data(100, 10)
    start = time.perf_counter()
    model = with_weights(
        NeuralNetwork(net, ng.inputs(net), ng.outputs(net), hidden_activation=jax.numpy.tanh), net
    )
    trainable, rest = equinox.partition(model, equinox.is_inexact_array)
    key = jax.random.PRNGKey(0)

    def loss(part, X, Y):
        outputs = jax.vmap(partial(equinox.combine(part, rest), key=key))(X)
        return ((outputs - Y) ** 2).sum(1).mean()

    differentiate = jax.jit(jax.value_and_grad(loss))
    theirs = jax.block_until_ready(differentiate(trainable, X, Y))
    compiled = time.perf_counter() - start
    program = ng.compile_network(net, backend="numba")
    section = Section("connex", "")
    section.agree(
        "gradient", program.gradient(X, Y)[1], gradient_of(model, theirs[1], program), tolerance=1e-9
    )
    section.race(
        Contender("neurograph", lambda: program.gradient(X, Y)),
        Contender("connex", lambda: jax.block_until_ready(differentiate(trainable, X, Y))),
    )
    seconds = {timing.name: timing.seconds for timing in section.timings}
    edges = net.number_of_edges()
    return {"compiled": compiled, "edges": edges, "agreement": section.agreements[0], "seconds": seconds}


def places(model, edges):
    """Yield for each edge where connex keeps its weight: the batch, the row, the column."""
    for source, target in edges:
        batch, row = model._neuron_to_topo_batch_idx[model._neuron_to_id[target]]
        yield batch, row, model._neuron_to_id[source] - model._min_index[batch]


def with_weights(model, net):
    """Put a network's weights into a model, and set its biases, which the network has not, to zero."""
    import equinox
    import jax

    matrices = [np.zeros(matrix.shape) for matrix in model._weights_and_biases]
    for (batch, row, column), weight in zip(places(model, net.edges), net.edges(data="weight"), strict=True):
        matrices[batch][row, column] = weight[2]
    return equinox.tree_at(
        lambda model: model._weights_and_biases, model, [jax.numpy.array(matrix) for matrix in matrices]
    )


def gradient_of(model, gradient, program) -> list[float]:
    """Read the gradient of each edge of a program."""
    matrices = [np.asarray(matrix) for matrix in gradient._weights_and_biases]
    return [matrices[batch][row, column] for batch, row, column in places(model, program.edges)]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    print(json.dumps(work(int(sys.argv[1]))))
