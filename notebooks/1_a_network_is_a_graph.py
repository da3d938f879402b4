# %% [markdown]
# # 1. A network is a graph
#
# A neural network is made of neurons and of edges between them. At the end of this notebook you can read the
# picture of one, build one of your own, ask what is wrong with it, and say in which order its neurons have to be
# computed, and why.
#
# You need `pip install '.[notebook]' jupyterlab` in a clone of the repository. Run the cells from the top:
# Shift+Enter runs one and goes to the next.

# %%
import networkx as nx

import neurograph as ng

# %% [markdown]
# ## The running example
#
# This network will stay with us through all the lessons.

# %%
net = ng.example_network()
ng.draw(net)

# %% [markdown]
# The shapes with a number in them are **neurons**, the arrows are **edges**. On every edge stands a number, its
# **weight**: blue where it is positive, orange where it is negative, wider where it is larger.
#
# In Python, the network is a graph of the library networkx: a `DiGraph`, which means that every edge has a direction.

# %%
print(type(net))
print(net)

# %%
list(net.nodes)

# %% [markdown]
# Count them yourself in the picture, first the neurons and then the edges.

# %% name="neurons-and-edges"
net.number_of_nodes(), net.number_of_edges()

# %% [markdown]
# ## Neurons
#
# There are four kinds of neurons, and each one carries its kind.

# %% name="kinds"
{neuron: ng.kind(net, neuron) for neuron in net}

# %% [markdown]
# Numbers enter at the **input neurons** (green) and leave at the **output neurons** (red). The **hidden neurons**
# (grey) work in between.

# %% name="ends"
ng.inputs(net), ng.outputs(net)

# %% [markdown]
# Hidden and output neurons carry one thing more: the name of the function that they apply. What they apply it to
# is the subject of the [next notebook](2_the_sixth_neuron.ipynb).

# %%
net.nodes[6]

# %% [markdown]
# ## Bias neurons
#
# The blue neurons are **bias neurons**. No edge leads to them, so they have nothing to compute. All that they ever do
# is to send the number 1.

# %% name="edges-into-bias-neurons"
{neuron: net.in_degree(neuron) for neuron in ng.biases(net)}

# %% [markdown]
# Which neurons does each of them feed?

# %% name="fed-by-bias"
{neuron: list(net.successors(neuron)) for neuron in ng.biases(net)}

# %% [markdown]
# Together that is every neuron but the input and the bias neurons themselves, each once. So every neuron that
# computes has a constant to add: 1 times the weight of its bias edge.
#
# Look at the columns of the picture: each but the last has one bias neuron. Neuron 2 stands in the same column as the
# input, yet it is not an input: nobody feeds a number into it.

# %% [markdown]
# ## Edges
#
# An edge is a pair: the neuron that it comes from and the neuron that it leads to. Its weight is written on it, and
# you can read it and change it there.

# %%
net.edges[4, 6]

# %% name="weight-of-4-to-6"
net.edges[4, 6]["weight"]

# %% [markdown]
# A weight belongs to the neuron that the edge leads *into*. These three are the weights of the sixth neuron.

# %% name="weights-of-six"
list(net.in_edges(6, data="weight"))

# %% [markdown]
# The fourth neuron feeds two others. The third one feeds only the sixth: the edge from 3 to 7 does not exist, and
# nothing says that it must.

# %% name="successors"
list(net.successors(4)), list(net.successors(3)), net.has_edge(3, 7)

# %% [markdown]
# All that networkx knows about graphs, it knows about networks. In how many ways can you walk along the arrows from
# the input to the output?

# %% name="ways"
list(nx.all_simple_paths(net, 1, 9))

# %% [markdown]
# ## A network of your own
#
# Should you take an umbrella? Two inputs, `clouds` and `wind`, a hidden neuron for a `storm`, an output, and a bias
# neuron for each of the two that compute. Start with an empty graph and add the neurons; their names are up to you.

# %%
own = nx.DiGraph()
ng.add_input(own, "clouds")
ng.add_input(own, "wind")
ng.add_bias(own, "one")
ng.add_hidden(own, "storm", activation="tanh")
ng.add_bias(own, "another one")
ng.add_output(own, "umbrella", activation="logistic")

# %%
ng.draw(own)

# %% [markdown]
# Neurons without edges make no network yet, and the picture says so. Now the edges, each with its weight.

# %%
ng.connect(own, "clouds", "storm", weight=2.0)
ng.connect(own, "wind", "storm", weight=1.5)
ng.connect(own, "one", "storm", weight=-2.0)
ng.connect(own, "storm", "umbrella", weight=3.0)
ng.connect(own, "another one", "umbrella", weight=0.5)
ng.draw(own)

# %% [markdown]
# Does it work? Dark clouds and a strong wind first, then a fine day. The closer the answer is to 1, the more you
# should take the umbrella.

# %% name="umbrella"
dark, fine = {"clouds": 0.9, "wind": 0.8}, {"clouds": 0.1, "wind": 0.1}
ng.forward(own, dark).outputs, ng.forward(own, fine).outputs

# %% [markdown]
# `add_input`, `connect` and the others are a convenience, not a must. This is the same network, built with the
# functions of networkx alone.

# %%
same = nx.DiGraph()
same.add_nodes_from(["clouds", "wind"], kind="input")
same.add_nodes_from(["one", "another one"], kind="bias")
same.add_node("storm", kind="hidden", activation="tanh")
same.add_node("umbrella", kind="output", activation="logistic")

# %%
same.add_edge("clouds", "storm", weight=2.0)
same.add_edge("wind", "storm", weight=1.5)
same.add_edge("one", "storm", weight=-2.0)
same.add_edge("storm", "umbrella", weight=3.0)
same.add_edge("another one", "umbrella", weight=0.5)

# %% name="same-graph"
nx.utils.graphs_equal(own, same)

# %% [markdown]
# That is the whole secret: `kind` and `activation` on the nodes, `weight` on the edges. There is nothing else, and
# what you see in the graph is what is computed.
#
# ## Feed-forward
#
# Walk along the arrows of the running example. You can never come back to where you were: there is no **cycle**, and
# the network is called **feed-forward**.

# %% name="feed-forward"
ng.is_feed_forward(net)

# %% [markdown]
# One edge can spoil that. We take a copy and lead an edge back from the seventh neuron to the fourth.

# %%
loop = net.copy()
loop.add_edge(7, 4, weight=0.5)
ng.draw(loop)

# %% [markdown]
# The fourth neuron would have to wait for the seventh, and the seventh for the fourth. Neither can begin.

# %% name="not-feed-forward"
ng.is_feed_forward(loop)

# %% [markdown]
# ## Layered
#
# The columns of the picture are **layers**. A network is **layered** if its neurons can be divided into groups, one
# after the other, so that every edge leads from a group to the very next one.

# %% name="layers"
ng.layers(net)

# %% [markdown]
# Where do bias neurons belong? Nothing leads to them, so they might stand anywhere before the neurons that they feed,
# but the rule leaves them one place: just before them.
#
# Not every feed-forward network is layered. In our umbrella network, let dark clouds count on their own, storm or not.

# %%
ng.connect(own, "clouds", "umbrella", weight=1.0)
ng.draw(own)

# %% name="skip-edge"
ng.is_feed_forward(own), ng.is_layered(own)

# %% [markdown]
# The new edge **skips** a layer, and no other way to draw the columns could mend that. You do not have to believe it.
# `check` names a witness.

# %%
report = ng.check(own)
report

# %% [markdown]
# `storm` has to stand one layer after `clouds`, and `umbrella` one after `storm`: two steps. But the direct edge says
# that it is one step. Two chains of different length between the same two neurons: no layers can satisfy both.

# %% name="witness"
witness = report.findings[0]
witness.code, witness.neurons, witness.edges

# %% [markdown]
# A network that is not layered works all the same. It is computed **level** by level: an input has level 1,
# and every other neuron stands after the last of those that feed it.

# %%
ng.levels(own)

# %% [markdown]
# If you need layers, `add_relays` builds a layered copy. It cuts the long edge and puts a **relay** in: a neuron that
# hands on what it gets.

# %%
layered = ng.add_relays(own)
ng.draw(layered)

# %% [markdown]
# The edge into the relay is dashed: its weight is 1 and frozen, training will leave it alone. Has the function of the
# network changed? We ask both networks about all skies, from clear to black.

# %% name="relays"
skies = [[clouds / 10, wind / 10] for clouds in range(11) for wind in range(11)]
before, after = ng.forward(own, skies).outputs[0], ng.forward(layered, skies).outputs[0]
ng.is_layered(layered), len(skies), (before == after).all().item()

# %% [markdown]
# Not a single bit of a single answer differs.
#
# ## What check says
#
# `check` looks at the whole graph and tells everything at once. Of the running example there is nothing to tell.

# %% name="no-problems"
print(ng.check(net))

# %% [markdown]
# Now we make three mistakes in a copy: a function with a typing error, an edge without a weight, and a neuron that
# nothing leads to.

# %%
broken = net.copy()
broken.nodes[3]["activation"] = "logistik"
del broken.edges[6, 9]["weight"]
ng.add_hidden(broken, "new", activation="logistic")
ng.connect(broken, "new", 9, weight=0.5)
ng.check(broken)

# %% [markdown]
# Three **errors**, each with its place and what to do about it. A network with errors can still be drawn; the picture
# shows where they are.

# %%
ng.draw(broken)

# %% [markdown]
# But it cannot be computed: whatever needs its values refuses it, with the same list.

# %% name="refused"
try:
    ng.forward(broken, [0.5])
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# Other findings are **warnings**: the network runs, but you may not have meant it so. Here a new neuron listens to
# the third one, and nobody listens to it.

# %%
loose = net.copy()
ng.add_hidden(loose, "unheard", activation="logistic")
ng.connect(loose, 3, "unheard", weight=0.4)
ng.draw(loose)

# %% name="warnings"
[(finding.severity, finding.code) for finding in ng.check(loose).findings]

# %% [markdown]
# Besides the dead end it misses a bias neuron. Both may be on purpose, so it runs.
#
# In the folder `examples/broken` lie nine files, each about one part of the rules. `strict=False` loads a network as it
# is, so that you can look at what is wrong with it.

# %%
from pathlib import Path

files = sorted(Path("../examples/broken").glob("*.json"))
graphs = {file.stem: ng.load(file, strict=False) for file in files}
ng.draw(graphs["sources"])

# %% name="broken-files"
{name: sorted({finding.code for finding in ng.check(graph).findings}) for name, graph in graphs.items()}

# %% [markdown]
# `ng.CODES` lists all the codes that there are. Which ones did we not meet?

# %% name="all-codes"
seen = {finding.code for graph in graphs.values() for finding in ng.check(graph).findings}
sorted(set(ng.CODES) - seen)

# %% [markdown]
# The first is a graph without directions, the second a weight that is infinite; a file can hold neither.
#
# ## Why an order?
#
# To compute the sixth neuron, you need what the third, the fourth and the fifth send. So they must come first, and
# before them what feeds *them*. Who can begin? Whoever waits for nobody. And who is next? Whoever waits only for those
# that are done.

# %% name="rounds"
done = set()
while ready := [n for n in net if n not in done and done.issuperset(net.predecessors(n))]:
    print(ready)
    done.update(ready)

# %% [markdown]
# Four rounds, and everybody had a turn. Written one after the other, that is a **topological order**: every neuron
# comes after all the neurons that feed it. There are others, and the library takes this one, in which a bias neuron
# waits until it is needed:

# %% name="order"
order = ng.topological_order(net)
order

# %% name="edges-point-forward"
all(order.index(source) < order.index(target) for source, target in net.edges)

# %% [markdown]
# Here the order is the one of the names, 1 to 9, and you may wonder what the fuss is about. So we write the same
# network down backwards, its output first.

# %%
backwards = nx.DiGraph()
backwards.add_nodes_from(reversed(list(net.nodes(data=True))))
backwards.add_edges_from(net.edges(data=True))
list(backwards)

# %% [markdown]
# Somebody who computed the neurons as they stand there would begin with the ninth. What would be missing at each
# neuron's turn?

# %% name="missing-in-turn"
turn = list(backwards)
{n: [s for s in net.predecessors(n) if turn.index(s) > turn.index(n)] for n in turn}

# %% [markdown]
# Everything. A careless program takes 0 for what is not there yet and returns a number that looks as good as
# any other. neurograph derives the order from the edges, each time anew, so it does not matter how you wrote it down.

# %% name="derived-order"
ng.topological_order(backwards)

# %% name="same-answer"
ng.forward(net, [0.5]).outputs, ng.forward(backwards, [0.5]).outputs

# %% [markdown]
# And the network with the cycle? The same rounds, with the edge from 7 back to 4. Who never gets a turn?

# %% name="stuck"
done = set()
while ready := [n for n in loop if n not in done and done.issuperset(loop.predecessors(n))]:
    done.update(ready)
sorted(done), sorted(set(loop) - done)

# %% [markdown]
# 4 and 7 wait for each other, and 6 and 9 wait for them. A network has a topological order exactly if it has no
# cycle. That is why `check` calls a cycle an error.
#
# ## The order, alive
#
# This is the running example as a page. Click on it and press the arrow keys: the neurons are computed in the order
# that you have just found. Never mind the rest of the page: the values come in notebook 2, δ and the loss in notebook 4,
# training in notebook 5.

# %%
ng.explore(net, [[0.5]], title="The running example")

# %% [markdown]
# ## Exercises
#
# **1.** Add the missing edge from 3 to 7 to a copy of the running example. Is it still layered? Would an edge from 3
# to 9 do as well?

# %% jupyter={"source_hidden": true} name="exercise-edges" tags=["solution"]
denser, skipping = net.copy(), net.copy()
ng.connect(denser, 3, 7, weight=0.1)
ng.connect(skipping, 3, 9, weight=0.1)
ng.is_layered(denser), ng.is_layered(skipping)

# %% [markdown]
# **2.** Build the smallest network with an input that is feed-forward and not layered: three neurons and three edges.
# Let `check` find the two chains. How many neurons has it after `add_relays`?

# %% jupyter={"source_hidden": true} name="exercise-smallest" tags=["solution"]
small = nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c")])
nx.set_edge_attributes(small, 0.5, "weight")
nx.set_node_attributes(small, {"a": "input", "b": "hidden", "c": "output"}, "kind")
nx.set_node_attributes(small, {"b": "tanh", "c": "tanh"}, "activation")
print(ng.check(small))
len(ng.add_relays(small))

# %% [markdown]
# **3.** Mend the network in `graphs["cycles"]` until `check` has nothing more to say.

# %% jupyter={"source_hidden": true} name="exercise-mend" tags=["solution"]
mended = graphs["cycles"].copy()
mended.remove_edge(3, 3)
mended.remove_edge(7, 4)
print(ng.check(mended))

# %% [markdown]
# **4.** In the umbrella network, take the bias neuron `another one` away, and the edge that skips, and let `one` feed
# the umbrella in its place. It is the same function with a neuron less. But what does `check` say, and why does every
# layer of the running example but the last have a bias neuron of its own?

# %% jupyter={"source_hidden": true} name="exercise-one-bias" tags=["solution"]
# One bias neuron for two layers: one of its edges skips a layer, and no layers are left.
shared = same.copy()
shared.remove_node("another one")
ng.connect(shared, "one", "umbrella", weight=0.5)
print(ng.check(shared))
ng.forward(shared, dark).outputs == ng.forward(same, dark).outputs

# %% [markdown]
# **5.** A topological order is rarely the only one: whether 3 or 4 comes first is all the same. How many are there
# for the running example? (`nx.all_topological_sorts` lists them. Guess before you count.)

# %% jupyter={"source_hidden": true} name="exercise-orders" tags=["solution"]
sum(1 for _ in nx.all_topological_sorts(net))

# %% [markdown]
# Next: [2. The sixth neuron](2_the_sixth_neuron.ipynb) sends a number through the network and watches what each
# neuron does with it.
