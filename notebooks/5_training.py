# %% [markdown]
# # 5. Training
#
# At the end you will have trained a network one point at a time, chosen a step size and let it fall, tried half a
# million networks by brute force, run the same training from a thousand starting points, and seen what the function
# inside a neuron and the way of counting errors have to do with all that.
#
# You need `pip install '.[fast,notebook]'` in a clone of the repository.

# %%
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

import neurograph as ng

# %% [markdown]
# ## What is to be learned
#
# Nine points of a wave. Each has an input $x$ and a target $t$, the answer that would be right. These are all the
# training data there are.

# %%
X = np.linspace(-1, 1, 9)[:, None]
Y = 0.5 + 0.4 * np.sin(1.5 * np.pi * X)
np.column_stack([X, Y]).round(3).tolist()

# %% [markdown]
# The running example is to learn them. Its graph and its functions stay as they are: together they are the
# *architecture*. What training looks for is the weights. How many numbers are that?

# %% name="weights-to-learn"
net = ng.example_network()
len(ng.weights(net))

# %% [markdown]
# With the weights that it has now it says about 0.6 to everything. The curve is the network, the dots are the targets.

# %%
ng.plot_decision_surface(net, X, Y);

# %% [markdown]
# ## One point
#
# Take the second point. The backward pass of notebook 4 gives the loss $(y - t)^2$ of this one point, and its
# derivative by every weight.

# %%
trace = ng.backward(net, X[1], Y[1])
ng.draw(net, trace)

# %% [markdown]
# One step of learning subtracts from every weight its derivative times the *step size* $\eta$:
#
# $$w \leftarrow w - \eta \cdot \frac{\partial L}{\partial w}$$
#
# `fit` does this for each point that it is given. Here it is given one. Will the loss of this point be smaller
# afterwards?

# %% name="one-step"
before = trace.loss
ng.fit(net, X[1:2], Y[1:2], learning_rate=0.5)
[before, ng.backward(net, X[1], Y[1]).loss]

# %% [markdown]
# It is, a little. A step is small because the derivative holds only near the weights at which it was taken.
#
# ## All points, one by one
#
# Then comes the next point, with the weights that the last one left behind, and so on. One tour through all points is
# an *epoch*. An epoch of `fit` and nine steps by hand must give the same weights, bit for bit.

# %% name="epoch-is-nine-steps"
by_hand, by_fit = net.copy(), net.copy()
for i in range(9):
    ng.fit(by_hand, X[i : i + 1], Y[i : i + 1], learning_rate=0.5)
ng.fit(by_fit, X, Y, learning_rate=0.5, shuffle=False)
ng.weights(by_hand) == ng.weights(by_fit)

# %% [markdown]
# Each point pulls the weights its own way, and what helps one may hurt another. This is by how much every step of that
# epoch changed the loss of all nine points: a row for each step, a column for each point, violet where the loss fell.


# %%
def losses_of_points(net):
    """Return the loss of each of the nine points."""
    return (ng.compile_network(net).forward(X) - Y)[:, 0] ** 2


# %%
losses = [losses_of_points(net)]
for i in range(9):
    ng.fit(net, X[i : i + 1], Y[i : i + 1], learning_rate=0.5)
    losses.append(losses_of_points(net))
changes = np.diff(losses, axis=0)

# %%
plt.matshow(changes, cmap="PuOr_r", norm=plt.Normalize(-0.03, 0.03))
plt.colorbar(label="change of loss")
plt.gca().set(xlabel="its effect on point", ylabel="step with point", xticks=range(9), yticks=range(9));

# %% [markdown]
# On the diagonal each step meets its own point, and there the loss falls every time. Beside it there is orange too:
# other points have to pay.

# %% name="own-point-gains"
[bool((np.diag(changes) < 0).all()), bool((changes > 0).any())]

# %% [markdown]
# No single step is right for all, and yet many small ones are. `fit` takes the points of each epoch in a new random
# order, so that none of them always has the last word. `seed` makes the order repeatable.

# %%
net = ng.example_network()
history = ng.fit(net, X, Y, learning_rate=0.5, epochs=5000, seed=0)
ng.plot_history(history);

# %% [markdown]
# Down, then level for a long time, then down again. That is typical: on a plateau all derivatives are small, and so
# are the steps. This is what the network says after 45,000 steps:

# %%
ng.plot_decision_surface(net, X, Y);

# %% [markdown]
# Better, but half of the wave is missing. More epochs hardly help, and further below you will see why. First, watch
# the training as it goes. In the player, *One point* and *One epoch* do what you have just read, *Train* goes on by
# itself, and every weight can be dragged.

# %%
ng.explore(ng.example_network(), X, Y, learning_rate=0.5, title="Nine points of a wave")

# %% [markdown]
# ## The step size
#
# How large should a step be? The smallest network that learns shows all there is to it: one input, one output, one
# weight. Its only point is $x = 1$, $t = 2$, so the loss is $(w - 2)^2$.

# %%
single = ng.mlp([1, 1], activation="identity", bias=False)
single.edges[1, 2]["weight"] = 0.0
ng.plot_loss_curve(ng.loss_curve(single, [[1]], [[2]], (1, 2), weights=np.linspace(-2, 5, 141)));

# %% [markdown]
# The derivative is $2 (w - 2)$. So a step turns the distance from the goal, $w - 2$, into
#
# $$(w - 2) - \eta \cdot 2 (w - 2) = (1 - 2 \eta) (w - 2).$$
#
# Each step multiplies the distance by $1 - 2\eta$. Which step size will be the best one? Which will be too large?


# %%
def weights_on_the_way(rate):
    """Return the weight before the first step and after each of ten."""
    copy, on_the_way = single.copy(), [0.0]
    for _ in range(10):
        ng.fit(copy, [[1]], [[2]], learning_rate=rate)
        on_the_way.append(copy.edges[1, 2]["weight"])
    return on_the_way


# %% name="ten-steps"
paths = {rate: weights_on_the_way(rate) for rate in [0.05, 0.3, 0.5, 0.95, 1.05]}
{rate: path[10] for rate, path in paths.items()}

# %%
for rate, path in paths.items():
    plt.plot(path, "o-", label=f"step size {rate}")
plt.axhline(2, color="black", linewidth=0.8)
plt.gca().set(xlabel="step", ylabel="weight", ylim=(-3.5, 9))
plt.legend(ncols=2, loc="upper left");

# %% [markdown]
# 0.05 creeps. 0.5 is there in one step, since $1 - 2 \cdot 0.5 = 0$. 0.95 jumps over the goal and back, each time a
# little nearer. 1.05 jumps, too, each time a little farther, and there is no end to it: `fit` stops when a number has
# grown beyond all bounds, says where, and leaves the weights of the last whole epoch.

# %% name="diverged"
try:
    ng.fit(single.copy(), [[1]], [[2]], learning_rate=1.05, epochs=10_000)
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# A real network has no such formula, for its loss bends differently in each direction. But what can go wrong is the
# same. Here is the wave again, with a step size that is too large, a good one, and one that is too small.

# %%
histories = {}
for rate in [8.0, 0.5, 0.02]:
    histories[rate] = ng.fit(ng.example_network(), X, Y, learning_rate=rate, epochs=5000, seed=0)
    plt.plot(histories[rate].losses, linewidth=0.8, label=f"step size {rate}")
plt.gca().set(xlabel="epoch", ylabel="loss")
plt.legend();

# %% [markdown]
# ## A step size that falls
#
# Far from the goal long steps are good, near to it short ones. So the step size usually falls in the course of the
# training. A *schedule* says how: it is a function of the epoch. The library has these.

# %%
schedules = [
    ng.Constant(8.0),
    ng.StepDecay(8.0, factor=0.5, every=100),
    ng.ExponentialDecay(8.0, factor=0.995),
    ng.InverseTimeDecay(8.0, decay=0.01),
]

# %%
epochs = np.arange(1000)
for schedule in schedules:
    plt.plot(epochs, [schedule(epoch) for epoch in epochs.tolist()], label=type(schedule).__name__)
plt.gca().set(xlabel="epoch", ylabel="step size")
plt.legend();

# %% [markdown]
# The last one is $\frac{\eta}{1 + d \cdot k}$ in epoch $k$, with $d$ for the decay. It gets as small as you like, and
# yet never so fast that the way would be too short to arrive.

# %% name="inverse-time"
[schedules[3](epoch) for epoch in [0, 100, 300, 700]]

# %% [markdown]
# A step size of 8 that stays gets nowhere. One that begins at 8 and falls comes to rest:

# %%
falling = ng.example_network()
history = ng.fit(falling, X, Y, learning_rate=ng.InverseTimeDecay(8.0, decay=0.01), epochs=5000, seed=0)
ng.plot_history(history);

# %% name="falling-against-constant"
[histories[8.0].losses[-1], history.losses[-1]]

# %% [markdown]
# ## Exhaustive search
#
# Why take steps at all? With unlimited computing power there is a plainer way: try every possible set of weights, and
# keep the best. A weight of 64 bits has $2^{64}$ values, and there are 12 weights. How many rounds will that take?

# %%
ng.theory.round_count(net)

# %% name="rounds"
int(ng.theory.round_count(net)) == 2 ** (64 * 12)

# %% [markdown]
# And each round tests the network on all the points. A billion rounds a second, since the beginning of the universe,
# would have got through this many so far:

# %%
seconds = 13_800_000_000 * 365 * 24 * 60 * 60
ng.theory.Count(seconds * 10**9)

# %% [markdown]
# There are about $10^{231}$ to do. The library counts before it begins, and declines.

# %% name="declined"
try:
    ng.exhaustive_search(net, X, Y, values=np.linspace(-10, 10, 100))
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# With fewer values for each weight the number is smaller, though it still grows as a power of them: $v^{12}$ rounds
# for $v$ values.

# %% name="rounds-by-values"
{values: ng.search_rounds(net, values) for values in [2, 3, 4, 10, 100]}

# %% [markdown]
# Three values it is: each weight is −10, 0 or 10. That takes no more than a second, and the result is the distribution
# of the losses of *all* such networks.

# %% name="search"
found = ng.exhaustive_search(net, X, Y, values=[-10, 0, 10])
print(found)

# %%
ng.plot_decision_surface(found.best, X, Y);

# %% [markdown]
# The best of half a million networks: steps, at a few places where three values allow them. Training found a lower
# loss from one starting point, in far fewer looks at the points. Exhaustive search has one advantage: it cannot get
# stuck.
#
# ## Stuck
#
# Training can. Here are six networks that started from other weights and were trained alike. Will they agree in the
# end?

# %%
figure, panels = plt.subplots(2, 3, figsize=(9, 5), layout="constrained", sharex=True, sharey=True)
starts = [ng.example_network(seed=seed) for seed in range(4, 10)]
for start, axes in zip(starts, panels.flat):
    ng.fit(start, X, Y, learning_rate=ng.InverseTimeDecay(2.0, decay=0.001), epochs=5000, seed=0)
    ng.plot_decision_surface(start, X, Y, axes=axes).set_title(f"{losses_of_points(start).mean():.4f}")
    axes.get_legend().remove()

# %% [markdown]
# They do not. One of them has found the wave, the others are stuck somewhere else. To see what kind of place that is,
# take the last one and let it settle. *Rprop* is a rule that finds its own step size for every weight, from the
# gradient of all nine points together, so it also gets along where the ground is nearly level.

# %% name="settled"
stuck = starts[5]
ng.fit(stuck, X, Y, optimizer="rprop", batch_size=9, epochs=20_000)
trace = ng.backward(stuck, X, Y)
[trace.loss, max(abs(slope) for slope in trace.gradient.values())]

# %% [markdown]
# The loss is far from 0, but all twelve derivatives are as good as 0: here the ground is level. And around? Here are a
# thousand small random changes of all weights at once. How many of them bring a lower loss?


# %%
def loss_nearby(net, seed, size=0.01):
    """Return the loss after a small random change of every weight."""
    copy, chance = net.copy(), np.random.default_rng(seed)
    for edge in copy.edges:
        copy.edges[edge]["weight"] += size * chance.normal()
    return ng.compile_network(copy).loss(X, Y)


# %% name="nothing-better-nearby"
nearby = [loss_nearby(stuck, seed) for seed in range(1000)]
sum(loss < trace.loss for loss in nearby)

# %%
plt.hist(np.array(nearby) - trace.loss, bins=40)
plt.gca().set(xlabel="change of loss", ylabel="networks nearby");

# %% [markdown]
# None. Every small change makes it worse, and only a large one could make it better. This is a *local minimum*: the
# lowest point far and wide, though not the lowest of all.
#
# ## A thousand restarts
#
# The practical answer is to run the whole training many times, each time from other weights, and to keep the best
# network. A thousand trainings of 45,000 steps each:

# %%
runs = ng.restarts(
    net, X, Y, n=1000, epochs=5000, learning_rate=ng.InverseTimeDecay(2.0, decay=0.001), scale=2.0
)
ng.plot_restarts(runs);

# %% [markdown]
# On the left all final losses, the best one first; on the right how many there are of each. Look at the stairs. The
# trainings do not end just anywhere: they end at a few heights, and each height has caught hundreds of them. A step of
# the stairs is a kind of local minimum, or of a valley so level that training hardly moves there.

# %% name="distribution"
print(runs)

# %% [markdown]
# One network for each step of the stairs, with its rank among the thousand. `replay` trains that one again, bit for
# bit.

# %%
figure, panels = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained", sharex=True, sharey=True)
ranking = np.argsort(runs.losses)
for rank, axes in zip([0, 300, 600, 800], panels):
    network = runs.replay(int(ranking[rank]))
    ng.plot_decision_surface(network, X, Y, axes=axes).set_title(f"rank {rank + 1}")
    axes.get_legend().remove()

# %% [markdown]
# The whole wave; then networks that got one half and gave up the other; then those that settled for a single step
# down. How many of the thousand got the whole wave?

# %% name="success-rate"
runs.success_rate(0.01)

# %% [markdown]
# If a single run succeeds with probability $p$, then the best of $n$ runs succeeds with probability $1 - (1 - p)^n$.
# One run is a gamble, thirty are nearly a certainty.

# %% name="best-of-n"
p = runs.success_rate(0.01)
{n: round(1 - (1 - p) ** n, 4) for n in [1, 3, 10, 30, 100]}

# %%
ng.plot_decision_surface(runs.best, X, Y);

# %% [markdown]
# Was that not a brute-force search, too? Compare how often a network was asked about a point: a thousand runs, 5,000
# epochs, nine points, against every pattern of bits.

# %% name="cost"
restarted, exhaustive = 1000 * 5000 * 9, 2 ** (64 * 12) * 9
[len(str(restarted)), len(str(exhaustive))]

# %% [markdown]
# Numbers of 8 and of 233 digits. A million restarts would add three digits to the first. On the other hand nothing is
# proved: nobody has shown that the best of a thousand local minima is a good one. It often is.
#
# ## Logistic, tanh, ReLU
#
# So far every neuron applied the logistic function. It is the textbook's choice, but hardly that of today's networks.
# Here it stands beside two others, with their derivatives.

# %%
ng.plot_activations(["logistic", "tanh", "relu"]);

# %% [markdown]
# All three have derivatives that cost next to nothing. For the logistic function and tanh, the derivative can be had
# from the value:
#
# $$\sigma'(z) = \sigma(z) \cdot (1 - \sigma(z)), \quad \tanh'(z) = 1 - \tanh(z)^2,$$
#
# and that of ReLU, $\max(0, z)$, is 1 on the right and 0 on the left. Is it so at a thousand places?

# %%
logistic, tanh, relu = (ng.ACTIVATIONS[name] for name in ["logistic", "tanh", "relu"])
z = np.linspace(-5, 5, 1001)

# %% name="slopes"
differences = [
    logistic.derivative(z) - logistic(z) * (1 - logistic(z)),
    tanh.derivative(z) - (1 - tanh(z) ** 2),
    relu.derivative(z) - (z > 0),
]
[float(np.abs(difference).max()) for difference in differences]

# %% [markdown]
# How steep is each at its steepest? On the way back through a network, every neuron multiplies by its slope.

# %% name="steepest"
[float(function.derivative(z).max()) for function in (logistic, tanh, relu)]

# %% [markdown]
# At best a quarter, with the logistic function. The slopes of ten layers make a factor of at most
# $\left(\frac{1}{4}\right)^{10}$, less than a millionth, and only large weights could make up for it. To see it, build
# networks of ten hidden layers and look at the size of the gradient layer by layer.


# %%
def gradient_by_layer(activation):
    """Return the mean size of the gradients of the edges into each layer of a deep network."""
    deep = ng.mlp([1, *[10] * 10, 1], activation=activation, output_activation="identity", seed=1)
    gradient, sizes = ng.backward(deep, X, Y).gradient, []
    for layer in ng.layers(deep)[1:]:
        sizes.append(np.mean([abs(gradient[edge]) for edge in deep.in_edges(layer)]))
    return sizes


# %%
sizes = {name: gradient_by_layer(name) for name in ["logistic", "tanh", "relu"]}
for name, mark in zip(sizes, "os^"):
    plt.semilogy(range(2, 13), sizes[name], mark + "-", label=name)
plt.gca().set(xlabel="layer that the edges lead into", ylabel="mean size of a gradient")
plt.legend();

# %% [markdown]
# Read it from right to left, as the backward pass goes. Under the logistic function the gradient fades: layer 2 gets
# next to nothing, so it hardly learns. Tanh and ReLU bring it through. This is the gradient of layer 2 as a share of
# that of layer 12:

# %% name="fading"
{name: float(of_layer[0] / of_layer[-1]) for name, of_layer in sizes.items()}

# %% [markdown]
# Does it matter for the wave? The same graph, two hidden layers of four neurons, with each of the functions; 300
# restarts for each, all with the same step size. Which will succeed most often?

# %%
compared = {}
for name in ["logistic", "tanh", "relu"]:
    small = ng.mlp([1, 4, 4, 1], activation=name, output_activation="identity")
    compared[name] = ng.restarts(small, X, Y, n=300, epochs=2000, learning_rate=0.1, method="glorot")

# %%
for name, of_name in compared.items():
    plt.semilogy(np.sort(of_name.losses), label=name)
plt.gca().set(xlabel="restarts, best first", ylabel="final loss", ylim=(1e-7, 1))
plt.legend();

# %% name="success-by-function"
{name: of_name.success_rate(0.01) for name, of_name in compared.items()}

# %% [markdown]
# Tanh wins here. The logistic function has hardly begun, as its gradients are small; it needs larger steps, as in
# exercise 4. ReLU gets closest of all when it succeeds, but it has a weakness of its own: a neuron whose $z$ is
# negative for every point has slope 0 at all of them. It learns nothing any more, and is said to be dead. In the
# network in the middle of the ReLU runs, these neurons are:

# %% name="dead-neurons"
middle = compared["relu"].replay(int(np.argsort(compared["relu"].losses)[150]))
trace = ng.forward(middle, X)
hidden = [neuron for neuron in middle if ng.kind(middle, neuron) == "hidden"]
[neuron for neuron in hidden if np.all(np.array(trace.value[neuron]) == 0)]

# %% [markdown]
# With four neurons in a layer that hurts; with hundreds nobody notices. So many large networks use ReLU or one of its
# relatives, and small ones often fare better with tanh.
#
# ## Squared and absolute error: mean and median
#
# Why square the difference, and not take its absolute value? The smallest network that can answer at all makes it
# plain: one output, fed by a bias neuron. Its input is always 0, so it says nothing, and the network gives one and the
# same answer to everything.

# %%
constant = ng.mlp([1, 1], activation="identity")
nx.set_edge_attributes(constant, 0.0, "weight")
ng.draw(constant)

# %% [markdown]
# Five points, and five targets that cannot all be met. Which answer is the best compromise? Here is the loss as a
# function of the weight from the bias neuron, which is the answer itself.

# %%
nothing, targets = np.zeros((5, 1)), np.array([[1.0], [2.0], [3.0], [4.0], [10.0]])
answers = np.linspace(0, 11, 1101)
figure, panels = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for loss, axes in zip(["squared", "absolute"], panels):
    curve = ng.loss_curve(constant, nothing, targets, (2, 3), weights=answers, loss=loss)
    ng.plot_loss_curve(curve, axes=axes).set_title(f"{loss} error")

# %% [markdown]
# The squared error is lowest at 4, which is the *mean* of the targets; the absolute error at 3, which is their
# *median*, the one in the middle. Now let two networks learn it, with a step size that falls.


# %%
def learned_answer(loss, targets):
    """Return what the constant network answers after training."""
    copy, falling = constant.copy(), ng.InverseTimeDecay(0.2, decay=0.1)
    ng.fit(copy, nothing, targets, loss=loss, learning_rate=falling, epochs=3000, seed=0)
    return ng.forward(copy, [0]).outputs[0]


# %% name="mean-and-median"
[learned_answer("squared", targets), learned_answer("absolute", targets)]

# %% [markdown]
# The derivatives say why. That of the squared error, $2 (y - t)$, grows with the distance: far targets pull harder,
# and all pulls cancel where $\sum (y - t) = 0$, at the mean. That of the absolute error is 1 or −1, whatever the
# distance: every target has one vote, and the votes are even where as many targets lie above as below.

# %% name="pulls"
squared, absolute = ng.LOSSES["squared"], ng.LOSSES["absolute"]
at_mean = sum(squared.derivative(4.0, target) for target in targets[:, 0].tolist())
at_median = sum(absolute.derivative(3.0, target) for target in targets[:, 0].tolist())
[at_mean, at_median]

# %% [markdown]
# So what happens if the largest target was a slip of the pen, and says 100 instead of 10?

# %% name="outlier"
slip = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])
[learned_answer("squared", slip), learned_answer("absolute", slip)]

# %% [markdown]
# The mean follows the slip, the median does not notice. In a larger network it is the same: eleven points of a
# straight line, one of them wrong, and two networks with an input, a bias neuron and an output.

# %%
x = np.linspace(0, 1, 11)[:, None]
line = 1 + 2 * x
line[8] = 12

# %% name="two-lines"
lines, schedule = {}, ng.InverseTimeDecay(0.3, decay=0.02)
for loss in ["squared", "absolute"]:
    lines[loss] = ng.mlp([1, 1], activation="identity", seed=0)
    ng.fit(lines[loss], x, line, loss=loss, learning_rate=schedule, epochs=5000, seed=0)
{loss: list(ng.weights(fitted).values()) for loss, fitted in lines.items()}

# %%
plt.plot(x, line, "ko", label="points")
for loss, fitted in lines.items():
    plt.plot(x, ng.compile_network(fitted).forward(x), label=f"{loss} error")
plt.gca().set(xlabel="input", ylabel="output")
plt.legend();

# %% [markdown]
# The absolute error finds slope 2 and offset 1, nearly as if the wrong point were not there; the squared error is
# drawn away from the ten right ones. Why then is squaring so popular? Its derivative goes to 0 with the error, so
# steps become short by themselves near the goal; with the absolute error every step has its full length to the last,
# and only a falling step size brings rest. And where the noise is harmless, the mean makes the better use of all
# points.
#
# One more thing falls out of this. Give the constant network the step size $\frac{1}{2 k}$ at its $k$-th point. Then
# its answer is, after each point, the mean of all points so far:
#
# $$m_k = m_{k-1} - \frac{1}{2k} \cdot 2 (m_{k-1} - t_k) = \frac{(k - 1) \cdot m_{k-1} + t_k}{k}$$

# %% name="running-mean"
schedule = ng.InverseTimeDecay(0.5, decay=1.0, per="step")
many = np.random.default_rng(0).normal(size=(100, 1))
ng.fit(constant, np.zeros((100, 1)), many, learning_rate=schedule, shuffle=False)
[ng.forward(constant, [0]).outputs[0], float(many.mean())]

# %% [markdown]
# One tour through the points, and the best answer of all, up to rounding: that is what a step size that falls is good
# for.
#
# ## Exercises
#
# **1.** What does the absolute error learn from an even number of targets: 1, 2, 4, 10? Look at its loss curve first.

# %% jupyter={"source_hidden": true} tags=["solution"]
even = np.array([[1.0], [2.0], [4.0], [10.0]])
answers = np.linspace(0, 6, 25)
curve = ng.loss_curve(constant, nothing[:4], even, (2, 3), weights=answers, loss="absolute")
ng.plot_loss_curve(curve);

# %% jupyter={"source_hidden": true} name="even-number" tags=["solution"]
curve.weights[curve.losses == curve.losses.min()].tolist()  # level from 2 to 4: each is a median

# %% [markdown]
# **2.** The network with one weight again, but its point is now $x = 3$, $t = 6$. From which step size on does it
# diverge? Work it out as above, then try a step size on either side.

# %% jupyter={"source_hidden": true} name="largest-step" tags=["solution"]
ends = []  # a step multiplies the distance by 1 − 2·9·η, which is −1 at η = 1/9
for rate in [1 / 9 - 0.01, 1 / 9 + 0.01]:
    copy = single.copy()
    ng.fit(copy, [[3]], [[6]], learning_rate=rate, epochs=100)
    ends.append(abs(copy.edges[1, 2]["weight"] - 2))
ends

# %% [markdown]
# **3.** Search exhaustively with four values, −10, −3, 3 and 10. You have to raise `limit`. Does the best network now
# beat the one that was trained from the text's weights? (This takes some seconds.)

# %% jupyter={"source_hidden": true} name="four-values" tags=["solution"]
four = ng.exhaustive_search(net, X, Y, values=[-10, -3, 3, 10], limit=20_000_000)
[four.rounds, four.loss, ng.compile_network(net).loss(X, Y)]

# %% [markdown]
# **4.** Give the network five neurons in each hidden layer instead of two, with the logistic function as before. What
# becomes of the stairs?

# %% jupyter={"source_hidden": true} name="wider" tags=["solution"]
wider = ng.restarts(
    ng.mlp([1, 5, 5, 1], activation="logistic"), X, Y, n=200, epochs=5000,
    learning_rate=ng.InverseTimeDecay(2.0, decay=0.001), scale=2.0,
)
wider.success_rate(0.01)

# %% [markdown]
# Next: [6. Your own graph on real data](6_your_own_graph.ipynb), where the points are flowers, and the question is
# what a network says about those that it has never seen.
