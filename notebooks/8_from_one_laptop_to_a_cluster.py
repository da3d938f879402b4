# %% [markdown]
# # 8. From one laptop to a cluster
#
# At the end you will know what the library does between your graph and its fast answers, you will have run the same
# thousand trainings in threads, in processes and on a cluster, with the same result to the last bit, and you will have
# stopped a training and gone on with it.
#
# You need `pip install '.[notebook,fast,cluster]'` in a clone of the repository.

# %%
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np
from dask.distributed import Client

import neurograph as ng

# %% [markdown]
# ## The walk and the engine
#
# The library computes everything twice. The *walk* goes through the graph, neuron by neuron, and is written to be read; all
# notebooks up to here have shown it. The *engine* compiles the graph into a program over flat arrays, and is written to be
# fast. What does such a program say?

# %% name="equations"
net = ng.example_network()
program = ng.compile_network(net)
print(program)

# %% [markdown]
# One line for each neuron, in an order in which everything is there before it is needed: nothing but sums, products and
# one function. The walk takes the same steps with the same numbers. Here is the output of both, and then the greatest
# difference of their gradients.

# %% name="both"
trace = ng.backward(net, [0.5], [1.0])
loss, gradient = program.gradient([[0.5]], [[1.0]])
[trace.outputs[0], float(program.forward([[0.5]])[0, 0])]

# %% name="same-gradient"
max(abs(g - trace.gradient[edge]) for edge, g in zip(program.edges, gradient.tolist()))

# %% [markdown]
# The walk defines what is right, and the engine has to obey. The tests of the library compare the two on hundreds of
# random graphs.
#
# A program is a snapshot. If the graph changes afterwards, what will it answer?

# %% name="snapshot"
x = [[0.5]]
before = program.forward(x)
net.edges[4, 6]["weight"] = 5.0
changes = [program.forward(x) - before, ng.compile_network(net).forward(x) - before]
[float(change[0, 0]) for change in changes]

# %% [markdown]
# The old program answers as before; a new one follows the graph. So nothing goes stale in secret: who changes the graph
# compiles it again.
#
# ## How much faster?
#
# A network of 112 neurons with edges all over the place, and 500 samples whose targets are a formula of the inputs.

# %%
net = ng.random_network(inputs=8, hidden=100, outputs=3, fan_in=10, seed=0)
generator = np.random.default_rng(0)
X = generator.normal(size=(500, 8))
Y = np.tanh(X[:, :3] * X[:, 3:6])
print(repr(ng.compile_network(net)))

# %% [markdown]
# Each backend trains a copy of the network on 50 of the points, one by one, as in the text, and the clock runs. (Numba
# compiles its loops when they are first used; that is done before.)


# %%
def trained(backend):
    """Train a copy on 50 points; return it, and the seconds that it took."""
    copy, start = net.copy(), perf_counter()
    ng.fit(copy, X[:50], Y[:50], learning_rate=0.01, seed=0, backend=backend)
    return copy, perf_counter() - start


# %%
trained("numba")
found = {backend: trained(backend) for backend in ["walk", "numpy", "numba"]}
for backend, (_, seconds) in found.items():
    print(f"{backend:>6}: {seconds * 1000:8.2f} ms")

# %% [markdown]
# The times are those of the machine on which this notebook was run; see by which factor they differ. And the results? After
# 50 updates of each weight, this is by how much the weights of numpy and of numba differ from those of the walk at most.

# %% name="agreement"
weights = [np.array(list(ng.weights(copy).values())) for copy, seconds in found.values()]
right, *others = weights
[float(np.abs(weights - right).max()) for weights in others]

# %% [markdown]
# Nothing but rounding. There are three backends: `walk` is the slow one that is right by definition, `numpy` is always there,
# and `numba` compiles loops to machine code, if `[fast]` is installed. `"auto"`, the default, takes the fastest that
# knows all activations of the network.

# %% name="auto"
ng.compile_network(net).backend

# %%
try:
    ng.compile_network(net, backend="numbat")
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# ## Half the bits
#
# Numbers have 64 bits here, about 16 decimal digits. With 32 bits a weight takes half the memory and has about 7 digits.
# What becomes of the outputs?

# %% name="bytes"
double, single = ng.compile_network(net), ng.compile_network(net, dtype=np.float32)
[double.weights.nbytes / len(double.edges), single.weights.nbytes / len(single.edges)]

# %% name="seven-digits"
float(np.abs(double.forward(X) - single.forward(X)).max())

# %% [markdown]
# The seventh digit is off, which no training would notice. A weight that 32 bits cannot hold is refused, and named.

# %% name="too-large"
large = ng.example_network()
large.edges[4, 6]["weight"] = 1e300
try:
    ng.compile_network(large, dtype=np.float32)
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# ## A thousand trainings, in threads
#
# The text's remedy for local minima is to train a thousand times, from a thousand starting points. The trainings do not
# need each other, so they can run anywhere. Without further words `restarts` uses threads on all cores of this machine.

# %%
xor = ng.mlp([2, 2, 1], activation="logistic", seed=0)
inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
work = {"n": 1000, "epochs": 1000, "learning_rate": 1.0}

# %%
start = perf_counter()
runs = ng.restarts(xor, inputs, targets, **work)
print(f"{perf_counter() - start:.2f} s for 1,000 × 1,000 × 4 steps of learning")

# %%
ng.plot_restarts(runs);

# %% name="local-minima"
[runs.success_rate(0.01), runs.best_loss]

# %% [markdown]
# Restart 7 does not take its weights from one long row of random numbers: it has a row of its own, made from the seed and
# the 7. So it can be run again without the others, and comes out the same.

# %% name="replay"
again = ng.compile_network(runs.replay(7)).loss(inputs, targets)
[again, float(runs.losses[7])]

# %% [markdown]
# ## In processes
#
# An *executor* is Python's word for somebody who takes work and gives back results. Any of them will do. Here are two
# processes, each a Python of its own, started anew.

# %%
start = perf_counter()
with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
    in_processes = ng.restarts(xor, inputs, targets, **work, executor=pool)
print(f"{perf_counter() - start:.2f} s, with the start of two processes")

# %% [markdown]
# Which is faster depends on the work: two processes have to start, and to load everything once more. Is it the same result? Not
# nearly the same; the same bits?

# %% name="processes-same-bits"
in_processes.losses.tobytes() == runs.losses.tobytes()

# %% [markdown]
# Neither how many workers there are nor who ends first changes a bit. That is a promise, and it is what makes a result on a
# cluster worth as much as one on a laptop.
#
# In a script, such lines stand under `if __name__ == "__main__":`, since each new process imports the script. In a notebook
# there is nothing to be imported.

# %% [markdown]
# ## On a cluster
#
# Dask connects Pythons on many machines. Three lines start a small cluster on this one: a scheduler and two workers, which
# talk to each other through the network, as they would from machine to machine. (`127.0.0.1` is this machine and can be reached
# from no other.)

# %%
folder = tempfile.TemporaryDirectory()
options = {"dashboard_address": "127.0.0.1:0", "local_directory": folder.name}
client = Client(n_workers=2, threads_per_worker=1, host="127.0.0.1", **options)
sorted(client.nthreads().values())

# %%
start = perf_counter()
on_cluster = ng.restarts(xor, inputs, targets, **work, executor=client.get_executor())
print(f"{perf_counter() - start:.2f} s")

# %% name="cluster-same-bits"
same = on_cluster.losses.tobytes() == runs.losses.tobytes()
[same, on_cluster.best_index == runs.best_index]

# %% name="cluster-same-weights"
ng.weights(on_cluster.best) == ng.weights(runs.best)

# %%
client.close()

# %% [markdown]
# For a cluster of real machines one line changes: `client = Client("tcp://scheduler.example:8786")`, with the address of
# its scheduler. Three more things to know:
#
# - The workers need the same `neurograph-sim`, and numba if it is installed here, for the same bits.
# - An activation of your own must be registered there as well: work is sent by name, never as code. What a worker does not
#   know is one clear error before the work begins.
# - `timeout=` says how many seconds a chunk of restarts may take before its worker counts as lost. What is lost is tried
#   once more, alone.

# %% [markdown]
# ## When something stops
#
# What if the power fails after two hours? With `checkpoint=` the trainings that are finished stand in a file. Called again
# with it, only the rest is run. Here everything is finished, so the second call has nothing to do.

# %%
file = Path(folder.name, "xor.restarts")
for attempt in ["first", "second"]:
    start = perf_counter()
    kept = ng.restarts(xor, inputs, targets, **work, checkpoint=file)
    print(f"{attempt:>6} call: {perf_counter() - start:.2f} s")

# %% name="kept-same-bits"
kept.losses.tobytes() == runs.losses.tobytes()

# %% [markdown]
# One long training can be interrupted, too. Here is one of 100 epochs that somebody stops after 40.

# %% name="stopped"
file = Path(folder.name, "long.checkpoint")
plan = {"learning_rate": ng.InverseTimeDecay(0.02, decay=0.1), "epochs": 100, "seed": 0}
history = ng.fit(
    net.copy(), X, Y, **plan, checkpoint=file, callbacks=lambda so_far: so_far.epochs == 40
)
[history.epochs, history.stopped]

# %% [markdown]
# `resume` needs nothing but the file: it holds the network, the data, the plan, and where the random numbers stand. Beside
# it, the same training without a pause. How far apart will they be?

# %% name="resumed"
resumed, history = ng.resume(file)
without_pause = net.copy()
ng.fit(without_pause, X, Y, **plan)
[history.epochs, ng.weights(resumed) == ng.weights(without_pause)]

# %% [markdown]
# Not one bit. The file is written whole or not at all, and the one before it is kept until the new one is there, so that
# a computer that dies while writing loses one interval and no more.

# %%
folder.cleanup()

# %% [markdown]
# ## Exercises
#
# **1.** Write one step of the text's algorithm yourself with `program.gradient`, for one point and step size 0.1, and
# compare it with one epoch of `fit`.

# %% jupyter={"source_hidden": true} name="own-step" tags=["solution"]
by_hand, by_fit = ng.example_network(), ng.example_network()
program = ng.compile_network(by_hand)
loss, gradient = program.gradient([[0.5]], [[1.0]])
program.weights[:] -= 0.1 * gradient
program.write_weights(by_hand)
ng.fit(by_fit, [[0.5]], [[1.0]], learning_rate=0.1)
hand, fit = ng.weights(by_hand), ng.weights(by_fit)
max(abs(hand[edge] - fit[edge]) for edge in hand)

# %% [markdown]
# **2.** Does it matter how many workers a pool has? Compare one, two and three threads of a `ThreadPoolExecutor` on 300
# restarts.

# %% jupyter={"source_hidden": true} name="any-number" tags=["solution"]
from concurrent.futures import ThreadPoolExecutor

few = {"n": 300, "epochs": 200, "learning_rate": 1.0}
bits = set()
for workers in [1, 2, 3]:
    with ThreadPoolExecutor(workers) as pool:
        again = ng.restarts(xor, inputs, targets, **few, executor=pool)
    bits.add(again.losses.tobytes())
len(bits)

# %% [markdown]
# **3.** The first 300 of the thousand restarts: are they the same as 300 restarts on their own?

# %% jupyter={"source_hidden": true} name="first-three-hundred" tags=["solution"]
fewer = ng.restarts(xor, inputs, targets, **(work | {"n": 300}))
fewer.losses.tobytes() == runs.losses[:300].tobytes()

# %% [markdown]
# Back to the beginning: [1. A network is a graph](1_a_network_is_a_graph.ipynb), or on to a network of your own.
