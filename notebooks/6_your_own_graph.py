# %% [markdown]
# # 6. Your own graph on real data
#
# At the end you will have taken a network of your own from an empty graph to a trained, pruned and saved one, on
# measurements of real flowers, and you will know what it says about flowers that it has never seen.
#
# You need `pip install '.[notebook]'` in a clone of the repository.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

import neurograph as ng

# %% [markdown]
# ## 150 flowers
#
# Edgar Anderson measured 150 irises of three kinds, and R. A. Fisher made the table famous in 1936. Each row is a flower:
# four lengths in centimetres, and its kind.

# %%
print(*Path("../examples/iris.csv").read_text().splitlines()[:4], sep="\n")

# %% [markdown]
# The network is to take the four measurements and to answer with the kind. So it has four inputs, and one output for
# each kind.

# %%
measurements = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
kinds = ["setosa", "versicolor", "virginica"]
net = nx.DiGraph()
for name in measurements:
    ng.add_input(net, name)
for name in kinds:
    ng.add_output(net, name, activation="logistic")

# %% [markdown]
# There is no edge yet, and already the table can be read: `read_csv` finds each column by the name of its neuron. The one
# column `species` fills three targets: 1 for the flower's own kind, and 0 for the other two.

# %% name="table"
X, Y = ng.read_csv("../examples/iris.csv", net, targets=["species"])
[X.shape, Y.shape, Y.sum(axis=0).tolist()]

# %%
[X[0].tolist(), Y[0].tolist()]

# %% [markdown]
# Two of the four measurements, as a picture: every dot is a flower, and its colour is its kind. One kind stands apart, and
# the other two touch.

# %%
for name, mark, targets in zip(kinds, "os^", Y.T):
    plt.plot(*X[targets == 1][:, 2:].T, mark, alpha=0.7, label=name)
plt.legend()
plt.gca().set(xlabel="petal length in cm", ylabel="petal width in cm");

# %% [markdown]
# ## Flowers to learn from, and flowers to be asked about
#
# A network can learn 150 rows by heart, and that would say nothing about the next flower. So 45 flowers, drawn by chance,
# are held out: training never sees them.

# %% name="held-out"
order = np.random.default_rng(0).permutation(150)
train, test = order[:105], order[105:]
Y[test].sum(axis=0).tolist()

# %% [markdown]
# What would somebody reach who never looks at a flower? The best constant answer to the squared loss is the mean of the
# targets. Any network has to do better than this number.

# %% name="knowing-nothing"
mean = Y[train].mean(axis=0)
float(((Y[train] - mean) ** 2).sum(axis=1).mean())

# %% [markdown]
# ## Frozen edges: one scale for all
#
# Petals are up to 7 cm long and at most 2.5 cm wide, and a network starts more easily when all numbers are of one size. The
# usual remedy is $\frac{x - m}{s}$, with the mean $m$ and the standard deviation $s$. That is a weighted sum,
# $\frac{1}{s} \cdot x + \left(-\frac{m}{s}\right) \cdot 1$, so it can stand in the graph: an edge from the measurement, an
# edge from a bias neuron, and the identity.

# %%
ng.add_bias(net, "one")
means, deviations = X[train].mean(axis=0), X[train].std(axis=0)
for name, m, s in zip(measurements, means.tolist(), deviations.tolist()):
    ng.add_hidden(net, f"{name} scaled", activation="identity")
    ng.connect(net, name, f"{name} scaled", weight=1 / s, trainable=False)
    ng.connect(net, "one", f"{name} scaled", weight=-m / s, trainable=False)

# %% [markdown]
# With `trainable=False` an edge is frozen: training will leave its weight alone. Note that $m$ and $s$ come from the flowers
# to learn from; the held-out ones had no say in them.

# %% [markdown]
# ## An irregular graph
#
# Now three hidden neurons and the edges that you choose. No layers are needed: say for each neuron what it listens to.

# %%
listens = {
    "size": ["sepal_length scaled", "petal_length scaled", "petal_width scaled"],
    "shape": ["sepal_width scaled", "size"],
    "narrow": ["petal_width scaled", "size", "shape"],
    "setosa": ["size", "sepal_width scaled"],
    "versicolor": ["size", "shape", "narrow"],
    "virginica": ["narrow", "petal_length scaled", "petal_width scaled"],
}

# %%
for name in ["size", "shape", "narrow"]:
    ng.add_hidden(net, name, activation="tanh")
for name, sources in listens.items():
    for source in [*sources, "one"]:
        ng.connect(net, source, name)
ng.draw(net)

# %% [markdown]
# Dashed edges are frozen. All other weights are still 0. `check` reads the graph before anything runs on it.

# %% name="report"
ng.check(net)

# %% [markdown]
# No error, one warning. The text asks for layers, in which every edge leads to the next one, and `check` names two chains
# of different length that prove that this graph has none. Nothing needs to be done: a graph without cycles is all that
# computing and training need.
#
# Is the scaling right? Over the flowers to learn from, each scaled measurement must have the mean 0 and the deviation 1.

# %% name="scaled"
trace = ng.forward(net, X[train])
scaled = np.array([trace.value[f"{name} scaled"] for name in measurements])
[scaled.mean(axis=1).round(9).tolist(), scaled.std(axis=1).round(9).tolist()]

# %% [markdown]
# ## Training
#
# Weights drawn by chance, then flower after flower, with a step size that falls. The held-out flowers are only watched.

# %% name="training"
ng.randomize_weights(net, method="normal", scale=0.5, seed=0)
schedule, held_out = ng.InverseTimeDecay(0.2, decay=0.05), (X[test], Y[test])
history = ng.fit(
    net, X[train], Y[train], learning_rate=schedule, epochs=60, seed=0, validation=held_out
)
print(history)

# %%
ng.plot_history(history);

# %% [markdown]
# Both curves fall together, far below the constant answer. Were the network learning its flowers by heart, the loss of the
# held-out ones would turn and rise.

# %%
ng.draw(net)

# %% [markdown]
# And the frozen edges are what they were. (`randomize_weights` left them alone, too.)

# %% name="frozen"
[net.edges[name, f"{name} scaled"]["weight"] for name in measurements]

# %% [markdown]
# ## What it says about flowers that it has not seen
#
# The answer is the output with the largest value. Of 45 held-out flowers, how many does it name rightly?

# %%
outputs = ng.compile_network(net).forward(X[test])
answers, truth = outputs.argmax(axis=1), Y[test].argmax(axis=1)

# %% name="right-on-test"
int((answers == truth).sum())

# %% [markdown]
# A single number does not say which kinds are confused. The confusion table does: a row for each true kind, a column for
# each answer. What is right stands on the diagonal.

# %% name="confusion"
confusion = np.zeros((3, 3), dtype=int)
np.add.at(confusion, (truth, answers), 1)
print(" " * 12, *(f"{kind:>11}" for kind in kinds))
for kind, row in zip(kinds, confusion.tolist()):
    print(f"{kind:>12}", *(f"{count:>11}" for count in row))

# %% [markdown]
# And these are the flowers that it gets wrong: the measurements, and how sure it is of each kind.

# %%
for i in np.flatnonzero(answers != truth):
    print(X[test][i], "is", kinds[truth[i]])
    print("and it says", dict(zip(kinds, outputs[i].round(2).tolist())))

# %% [markdown]
# 45 flowers are few, and which ones are held out is chance. So the honest result is not one number but several: ten other
# divisions, ten trainings from new weights. (The scale and the step size are kept simple here: fixed.)


# %%
def right(seed):
    """Train on 105 other flowers; return how many of the remaining 45 are named rightly."""
    some, others = np.split(np.random.default_rng(seed).permutation(150), [105])
    copy = net.copy()
    ng.randomize_weights(copy, method="normal", scale=0.5, seed=seed)
    ng.fit(copy, X[some], Y[some], learning_rate=0.05, epochs=60, seed=seed)
    answers = ng.compile_network(copy).forward(X[others]).argmax(axis=1)
    return int((answers == Y[others].argmax(axis=1)).sum())


# %% name="ten-divisions"
[right(seed) for seed in range(1, 11)]

# %% [markdown]
# So one division alone would have said too much or too little. Some flowers lie between versicolor and virginica, and how
# many of them are among the 45 is luck.

# %% [markdown]
# ## Pruning by hand
#
# Which edges does the network need? Take one away, look at the loss, put it back. On a copy this is two lines.


# %%
def loss_without(edge):
    """Return the loss on the flowers to learn from when an edge is missing."""
    copy = net.copy()
    copy.remove_edge(*edge)
    return ng.compile_network(copy).loss(X[train], Y[train])


# %%
before = ng.compile_network(net).loss(X[train], Y[train])
free = [edge for edge in net.edges if net.edges[edge].get("trainable", True)]
rises = {edge: loss_without(edge) - before for edge in free}
for source, target in sorted(rises, key=rises.get):
    print(f"{rises[source, target]:8.4f}  {source} → {target}")

# %% [markdown]
# The loss in front of each edge is by how much it rises when that edge goes. The first ones are hardly missed, and the last
# ones carry everything. Note that a small weight is not the same as a small rise: compare with the picture.
#
# A missing edge and an edge of weight 0 are the same to every sum. Taken both ways, the loss is one number:

# %% name="missing-or-zero"
copy = net.copy()
copy.edges["size", "shape"]["weight"] = 0.0
[loss_without(("size", "shape")), ng.compile_network(copy).loss(X[train], Y[train])]

# %% [markdown]
# Now in earnest: the three edges that are missed least are removed. Before you run it: is anything left without a purpose?

# %% name="pruned"
least = sorted(rises, key=rises.get)[:3]
net.remove_edges_from(least)
ng.check(net)

# %% [markdown]
# `check` names the dead ends. Where the sepals' length went nowhere but along the edge that was removed, the neuron that
# scales it, and the input itself, now reach no output. Networkx agrees: they are no ancestors of any output.

# %% name="dead-ends"
(finding,) = [each for each in ng.check(net).findings if each.code == "dead-end"]
needed = set().union(*(nx.ancestors(net, kind) | {kind} for kind in kinds))
[sorted(finding.neurons), sorted(set(net) - needed)]

# %% [markdown]
# The scaling neuron can go, with its edges. What will that do to the loss?

# %% name="nothing-lost"
pruned = ng.compile_network(net).loss(X[train], Y[train])
net.remove_node("sepal_length scaled")
[pruned, ng.compile_network(net).loss(X[train], Y[train])]

# %% [markdown]
# Nothing at all. The input stays, so that the network still takes four measurements, but one of them is never needed: the
# graph has found out that the length of the sepals says nothing that the petals do not say.
#
# The rest may now settle: some more epochs, from the weights that are there.

# %% name="settled"
history = ng.fit(net, X[train], Y[train], learning_rate=0.02, epochs=60, seed=1)
[before, pruned, ng.compile_network(net).loss(X[train], Y[train])]

# %% [markdown]
# In order: before pruning, after it, and after settling. Five edges fewer, and the loss is lower than it was.

# %%
ng.draw(net)

# %% [markdown]
# ## Splitting an edge
#
# A graph can grow as well. `split_edge` puts a new neuron into an edge: the first half gets the weight 1, the second half
# keeps the old weight, and the new neuron has the identity. What will the outputs be?

# %%
before_split = ng.compile_network(net).forward(X)
weight = net.edges["petal_width scaled", "narrow"]["weight"]
ng.split_edge(net, "petal_width scaled", "narrow", "new")

# %% name="split-weights"
first, second = net.edges["petal_width scaled", "new"], net.edges["new", "narrow"]
[first["weight"], second["weight"] - weight]

# %% name="split-difference"
float(np.abs(ng.compile_network(net).forward(X) - before_split).max())

# %% [markdown]
# The same, but for the last digit of a sum, since $1 \cdot w \cdot y = w \cdot y$. So a trained network can be enlarged
# without losing what it knows. The new neuron is of use when it gets something of its own: another edge, which starts at
# weight 0 so that still nothing changes, and a bias.

# %% name="grown"
ng.connect(net, "petal_length scaled", "new", weight=0.0)
ng.connect(net, "one", "new", weight=0.0)
float(np.abs(ng.compile_network(net).forward(X) - before_split).max())

# %%
ng.fit(net, X[train], Y[train], learning_rate=0.02, epochs=60, seed=2)
ng.draw(net)

# %% [markdown]
# Has it helped? On the flowers that it learns from it must; what counts are the others. Here are both losses, before the
# split and now.

# %% name="growth"
now = ng.compile_network(net).forward(X)
for when, outputs in {"before": before_split, "now": now}.items():
    losses = ((outputs - Y) ** 2).sum(axis=1)
    learned, asked = losses[train].mean(), losses[test].mean()
    print(f"{when:>6}: {learned:.4f} on flowers learned from, {asked:.4f} on the others")

# %% [markdown]
# On the flowers that it learned from, the loss falls by almost a half. On the others it hardly moves: most of what the new
# neuron has learned was about these 105 flowers and not about irises. That is why some flowers are held out.
#
# The player shows what a flower does in this graph. Step forward, then backward; drag a weight; the frozen edges stay.

# %%
ng.explore(net, X[train][:6], Y[train][:6], learning_rate=0.02, title="Six irises")

# %% [markdown]
# ## Saving and loading
#
# `save` writes a network as text that you can read. Here it goes into a folder that is removed at the end.

# %%
folder = tempfile.TemporaryDirectory()
file = Path(folder.name, "irises.json")
ng.save(net, file)
print(*file.read_text().splitlines()[:13], "…", sep="\n")

# %% [markdown]
# What comes back is the same network, to the last bit of every weight, the frozen edges frozen.

# %% name="round-trip"
again = ng.load(file)
[ng.weights(again) == ng.weights(net), list(again.nodes) == list(net.nodes)]

# %% name="same-bits"
now = ng.compile_network(net).forward(X)
ng.compile_network(again).forward(X).tobytes() == now.tobytes()

# %% [markdown]
# A file may have been changed by somebody's hand. Whatever is wrong in it is named, with its place, before anything of it
# is used.

# %% name="damaged"
file.write_text(file.read_text().replace('"tanh"', '"tan"', 2))
try:
    ng.load(file)
except ng.NeurographError as error:
    print(error)

# %%
folder.cleanup()

# %% [markdown]
# ## Exercises
#
# **1.** Build a network that takes the petals' length and width only, with two hidden neurons of your choice, train it on
# the same 105 flowers (scaled, by numpy or by frozen edges), and draw which kind it says where, with
# `plot_decision_surface`. How many of the 45 does it name
# rightly?

# %% jupyter={"source_hidden": true} tags=["solution"]
petals = ng.mlp([2, 2, 3], output_activation="logistic", seed=0)
P = ((X - means) / deviations)[:, 2:]
ng.fit(petals, P[train], Y[train], learning_rate=0.1, epochs=200, seed=0)
ng.plot_decision_surface(petals, P[train], Y[train]);

# %% jupyter={"source_hidden": true} name="petals-only" tags=["solution"]
says = ng.compile_network(petals).forward(P[test]).argmax(axis=1)
int((says == truth).sum())

# %% [markdown]
# **2.** Freeze every edge of the network but those into `virginica`, and train on. Which output's loss can still change,
# and which cannot?

# %% jupyter={"source_hidden": true} name="only-virginica" tags=["solution"]
copy = net.copy()
ng.freeze(copy, [edge for edge in copy.edges if edge[1] != "virginica"])
ng.fit(copy, X[train], Y[train], learning_rate=0.02, epochs=20, seed=0)
changed = ng.compile_network(copy).forward(X) != ng.compile_network(net).forward(X)
dict(zip(kinds, changed.any(axis=0).tolist()))

# %% [markdown]
# **3.** Go on pruning: remove the edge that is missed least, train for ten epochs, and again, for as long as the network
# names at least 100 of the 105 flowers rightly. With how many trainable edges does it end? (An edge into a neuron that has
# no other one cannot be removed: `check` would report an error.)


# %% jupyter={"source_hidden": true} tags=["solution"]
def removable(net):
    """Return the trainable edges whose targets listen to something else, too."""
    free = [edge for edge in net.edges if net.edges[edge].get("trainable", True)]
    return [(source, target) for source, target in free if net.in_degree(target) > 1]


# %% jupyter={"source_hidden": true} tags=["solution"]
def named_rightly(net):
    """Return how many of the flowers to learn from are named rightly."""
    answers = ng.compile_network(net).forward(X[train]).argmax(axis=1)
    return (answers == Y[train].argmax(axis=1)).sum()


# %% jupyter={"source_hidden": true} tags=["solution"]
while named_rightly(net) >= 100:  # loss_without looks at net
    kept = net.copy()
    net.remove_edge(*min(removable(net), key=loss_without))
    ng.fit(net, X[train], Y[train], learning_rate=0.02, epochs=10, seed=0)

# %% jupyter={"source_hidden": true} name="smallest" tags=["solution"]
len([edge for edge in kept.edges if kept.edges[edge].get("trainable", True)])

# %% [markdown]
# Next: [7. Cats and tweets](7_cats_and_tweets.ipynb), where the inputs are the bits of pictures and of tweets, and the
# results are less flattering.
