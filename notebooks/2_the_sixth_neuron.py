# %% [markdown]
# # 2. The sixth neuron
#
# A number goes into the network, and every neuron does something with what it gets. At the end of this notebook you
# can do the arithmetic of any neuron by hand, see all the values on the picture, and read a network as a function
# from some numbers to some others.
#
# You need `pip install '.[notebook]' jupyterlab` in a clone of the repository, and the
# [first notebook](1_a_network_is_a_graph.ipynb).

# %%
import math

import networkx as nx
import numpy as np

import neurograph as ng

# %% [markdown]
# ## A number goes in

# %%
net = ng.example_network()
ng.draw(net)

# %% [markdown]
# We feed 0.5 into the first neuron. `forward_steps` walks through the network and makes one step at every neuron.

# %%
steps = list(ng.forward_steps(net, [0.5]))
len(steps)

# %% [markdown]
# The input neuron hands on what it is given. The letter $y$ stands for what comes out of a neuron.

# %%
steps[0]

# %% [markdown]
# And the bias neuron sends 1, as ever.

# %%
steps[1]

# %% [markdown]
# ## The third neuron
#
# Two numbers arrive at the third neuron: 0.5 from the first, and 1 from the second. It multiplies each with the
# weight of its edge, and adds. This **weighted sum** is called $z$.

# %% name="sum-of-three"
z3 = 0.6 * 0.5 + 0.2 * 1
z3

# %% [markdown]
# Then it applies its function. In this network all of them apply the **logistic function**,
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# which turns any number into one between 0 and 1: a large sum into nearly 1, a very negative one into nearly 0. In
# the plot it is the solid line.

# %%
ng.plot_activations(["logistic"], span=8);

# %% [markdown]
# At $z = 0$ it is exactly one half. So what comes out of the third neuron will be a little more than that.

# %% name="value-of-three"
y3 = 1 / (1 + math.exp(-z3))
y3

# %% [markdown]
# The library does the same and shows how.

# %%
steps[2]

# %% [markdown]
# The fourth neuron gets the very same two numbers. Its weights are others.

# %% name="value-of-four"
y4 = 1 / (1 + math.exp(-(-0.4 * 0.5 + -0.2 * 1)))
y4

# %% [markdown]
# This is how far we are. A dash means: not computed yet.

# %%
so_far = ng.Trace()
for step in steps[:5]:
    so_far.record(step)
ng.draw(net, so_far)

# %% [markdown]
# ## The sixth neuron
#
# Now it is the sixth neuron's turn. The third sends it 0.622, the fourth 0.401, and the fifth 1. On the edges stand
# 0.5, −0.25 and 0.1. What will the sixth neuron say? More than one half, or less?
#
# Its weighted sum is $z_6 = w_{36}\, y_3 + w_{46}\, y_4 + w_{56}$. Where is the value of the fifth neuron? It is 1, and
# a weight times 1 is the weight.

# %% name="sum-of-six"
z6 = 0.5 * y3 + -0.25 * y4 + 0.1
z6

# %% [markdown]
# The sum is positive, so the answer is more than one half.

# %% name="value-of-six"
y6 = 1 / (1 + math.exp(-z6))
y6

# %% [markdown]
# So there are three things to keep apart at every neuron: the weighted sum $z$ that goes in, the function $\sigma$,
# and the value $y$ that comes out.

# %%
steps[5]

# %% [markdown]
# And here is the step in its place. The edges that lead *into* the sixth neuron are lit, for their weights are its
# own; the edge from 6 to 9 is the ninth neuron's business.

# %%
so_far.record(steps[5])
ng.draw(net, so_far, steps[5])

# %% [markdown]
# A step knows what it adds: from where, with which weight, and which value comes from there. With numpy the weighted
# sum is the product of two vectors.

# %% name="terms-of-six"
steps[5].terms

# %% name="dot-product"
sources, weights, values = zip(*steps[5].terms)
float(np.dot(weights, values))

# %% [markdown]
# ## To the ninth
#
# The seventh neuron has no edge from the third, so it adds two terms only. Each further step, printed:

# %% name="last-steps"
for step in steps[6:]:
    print(step)

# %% [markdown]
# The ninth neuron is the output neuron: its value is the answer of the network. `forward` does all nine steps at once
# and returns a **trace**, which remembers every number of the walk.

# %%
trace = ng.forward(net, [0.5])
ng.draw(net, trace)

# %% name="answer"
trace.z[6], trace.value[6], trace.outputs

# %% [markdown]
# The graph itself has not changed. What happened on the walk stands in the trace and nowhere else.

# %% name="unchanged"
net.nodes[6], nx.utils.graphs_equal(net, ng.example_network())

# %% [markdown]
# ## One equation for all
#
# What the sixth neuron does, every neuron does. Let $I(j)$ be the neurons that have an edge to neuron $j$. Then
#
# $$z_j = \sum_{i \in I(j)} w_{ij}\, y_i \qquad y_j = \sigma_j(z_j)$$
#
# That is the whole of it, and five lines of Python will do. The values of input and bias neurons are known; the others
# come in topological order.

# %% name="five-lines"
value = {1: 0.5, 2: 1.0, 5: 1.0, 8: 1.0}
for neuron in [3, 4, 6, 7, 9]:
    z = sum(weight * value[source] for source, _, weight in net.in_edges(neuron, data="weight"))
    value[neuron] = 1 / (1 + math.exp(-z))
value

# %% [markdown]
# In a layered network all neurons of one layer can be done at the same time, since none of them waits for another: what
# a layer needs, the layer before has.

# %% name="layer-by-layer"
given, y = {1: 0.5, 2: 1.0, 5: 1.0, 8: 1.0}, {}
for layer in ng.layers(net):
    z = {n: sum(w * y[source] for source, _, w in net.in_edges(n, data="weight")) for n in layer}
    y = {n: given[n] if n in given else 1 / (1 + math.exp(-z[n])) for n in layer}
    print({n: round(y[n], 3) for n in layer})

# %% [markdown]
# ## The network is a function
#
# Another input gives another answer. From outside, the network takes a number and returns a number: it is a function
# $f: \mathbb{R} \to \mathbb{R}$, and we may forget how it works inside.

# %% name="two-answers"
ng.forward(net, [0.5]).outputs[0], ng.forward(net, [-3.0]).outputs[0]

# %% [markdown]
# This is the function. It rises, and not by much: look at the numbers on the left.

# %%
ng.plot_decision_surface(net, bounds=[(-10, 10)]);

# %% [markdown]
# The same neurons, the same edges, other weights: another function. Weights can be drawn by chance, and a `seed` makes
# chance repeatable.

# %%
other = ng.example_network(seed=151)
ng.plot_decision_surface(other, bounds=[(-10, 10)]);

# %% name="same-edges-other-function"
list(net.edges) == list(other.edges), ng.forward(other, [0.5]).outputs[0]

# %% [markdown]
# This one falls and then rises a little. The graph and the functions of its neurons together are called the **architecture**. It says which functions are possible; the weights pick
# one of them.
#
# ## Several numbers in, several out
#
# With $n$ input neurons and $m$ output neurons a network is a function $f: \mathbb{R}^n \to \mathbb{R}^m$. Here is one
# from two numbers to two. One hidden neuron finds by how much `b` exceeds `a`; it applies `relu`, which turns what is
# negative into 0 and leaves the rest alone.

# %%
sort = nx.DiGraph()
ng.add_input(sort, "a")
ng.add_input(sort, "b")
ng.add_hidden(sort, "excess", activation="relu")
ng.add_output(sort, "smaller", activation="identity")
ng.add_output(sort, "larger", activation="identity")

# %%
sort.add_weighted_edges_from([("a", "excess", -1), ("b", "excess", 1)])
sort.add_weighted_edges_from([("b", "smaller", 1), ("excess", "smaller", -1)])
sort.add_weighted_edges_from([("a", "larger", 1), ("excess", "larger", 1)])
ng.draw(sort)

# %% [markdown]
# What does it do with 3 and 1? And with 2 and 5? Work it out on the picture before you run the cells.

# %% name="sort-3-1"
ng.forward(sort, {"a": 3, "b": 1}).outputs

# %% name="sort-2-5"
ng.forward(sort, {"a": 2, "b": 5}).outputs

# %% [markdown]
# It puts two numbers in order. If `b` exceeds `a`, the excess is taken away from `b` and added to `a`; if not, the
# excess is 0 and nothing happens.

# %%
pair = ng.forward(sort, {"a": 2, "b": 5})
ng.draw(sort, pair)

# %% [markdown]
# Inputs may be given by name, as here, or as a list in the order of `inputs`. Outputs come in the order of `outputs`.

# %% name="orders"
ng.inputs(sort), ng.outputs(sort)

# %% [markdown]
# This network has no bias neurons, and its edges skip layers. It is feed-forward, and that is enough.

# %%
ng.check(sort)

# %% [markdown]
# ## Many at once
#
# A table with one row for each sample goes through the network in one walk. Then every value of the trace is an array
# with one number for each sample.

# %%
X = np.random.default_rng(0).integers(-100, 100, size=(1000, 2))
many = ng.forward(sort, X)
many

# %% [markdown]
# Are all thousand pairs in order? numpy can sort, too.

# %% name="all-sorted"
bool((np.column_stack(many.outputs) == np.sort(X, axis=1)).all())

# %% [markdown]
# The picture shows one sample at a time, here the third one. (Python counts from 0.)

# %%
ng.draw(sort, many, sample=2)

# %% name="third-sample"
X[2].tolist(), [float(values[2]) for values in many.outputs]

# %% [markdown]
# ## Step through it yourself
#
# The cell makes a page that you can play with. Under its picture are buttons: ▶ steps by itself, and those beside it go
# one step on or back. Go to the sixth neuron and read its arithmetic. Then go to the end, so that all numbers are there, and drag the edge from 4 to 6
# sideways, which changes its weight. Which numbers follow? Which do not, and why?

# %%
ng.explore(net, [[0.5]], title="The sixth neuron")

# %% [markdown]
# Only the sixth and the ninth neuron follow: they are all that the edge leads to. You changed the page's copy; `net` is
# what it was.
#
# The same with two numbers. Go to the end, and drag the square of an input in the picture sideways, across the value of
# the other one. When does `excess` begin to work?

# %%
ng.explore(sort, [[3, 1], [2, 5]], title="Two numbers in order")

# %% [markdown]
# ## Exercises
#
# **1.** What does the sixth neuron say when −2 goes in? First by hand, with `math.exp`, then with `forward`.

# %% jupyter={"source_hidden": true} name="exercise-minus-two" tags=["solution"]
third = 1 / (1 + math.exp(-(0.6 * -2 + 0.2)))
fourth = 1 / (1 + math.exp(-(-0.4 * -2 - 0.2)))
sixth = 1 / (1 + math.exp(-(0.5 * third - 0.25 * fourth + 0.1)))
sixth, ng.forward(net, [-2.0]).value[6]

# %% [markdown]
# **2.** The input is 0.5 again. Which weight must stand on the bias edge from 5 to 6, so that the sixth neuron says
# exactly one half?

# %% jupyter={"source_hidden": true} name="exercise-one-half" tags=["solution"]
balanced = net.copy()
balanced.edges[5, 6]["weight"] = -(0.5 * y3 - 0.25 * y4)  # then z is 0
balanced.edges[5, 6]["weight"], ng.forward(balanced, [0.5]).value[6]

# %% [markdown]
# **3.** Take the five lines of above and let the careless program of notebook 1 run: neurons in the order 9, 7, 6, 4, 3,
# and 0 for every value that is not there yet. What does it answer? Would you have noticed?

# %% jupyter={"source_hidden": true} name="exercise-careless" tags=["solution"]
careless = dict.fromkeys(net, 0.0) | {1: 0.5, 2: 1.0, 5: 1.0, 8: 1.0}
for neuron in [9, 7, 6, 4, 3]:
    z = sum(weight * careless[source] for source, _, weight in net.in_edges(neuron, data="weight"))
    careless[neuron] = 1 / (1 + math.exp(-z))
careless[9], trace.value[9]

# %% [markdown]
# **4.** Give the sorting network a third output, `distance`, that says how far apart the two numbers are.

# %% jupyter={"source_hidden": true} name="exercise-distance" tags=["solution"]
ng.add_output(sort, "distance", activation="identity")  # larger − smaller = a + excess − (b − excess)
sort.add_weighted_edges_from([("a", "distance", 1), ("b", "distance", -1), ("excess", "distance", 2)])
ng.forward(sort, {"a": 3, "b": 1}).outputs, ng.forward(sort, {"a": 2, "b": 5}).outputs

# %% [markdown]
# **5.** Let all neurons of the running example apply the `identity`, which changes nothing. What does the plot of the
# function look like now?

# %% jupyter={"source_hidden": true} tags=["solution"]
plain = net.copy()
nx.set_node_attributes(plain, dict.fromkeys([3, 4, 6, 7, 9], "identity"), "activation")
ng.plot_decision_surface(plain, bounds=[(-10, 10)]);

# %% jupyter={"source_hidden": true} name="exercise-identity" tags=["solution"]
# A straight line: each step of 1 to the right adds the same.
[ng.forward(plain, [x]).outputs[0] for x in (0.0, 1.0, 2.0, 3.0)]

# %% [markdown]
# Next: [3. Why deep](3_why_deep.ipynb) asks what such functions can do, why the straight line of the last exercise is no
# accident, and what layers are good for.
