# %% [markdown]
# # 4. Backpropagation, neuron by neuron
#
# The network gives an answer, and the answer is wrong. Which of the twelve weights should change, and in which
# direction? At the end of this notebook you can say it for each of them, by hand, with the chain rule and with the
# library, and you can tell a right gradient from a wrong one.
#
# You need `pip install '.[notebook]' jupyterlab` in a clone of the repository, the
# [second notebook](2_the_sixth_neuron.ipynb), and you should know what a derivative is.

# %%
import networkx as nx
import numpy as np

import neurograph as ng

net = ng.example_network()

# %% [markdown]
# ## One point, one loss
#
# Somebody tells us: when 0.5 goes in, 1 should come out. That is one **training point**, with the input $x = 0.5$ and
# the target $t = 1$. What does come out?

# %% name="answer"
x, t = 0.5, 1.0
y9 = ng.forward(net, [x]).outputs[0]
y9

# %% [markdown]
# The difference, squared, is called the **loss**: $L = (y_9 - t)^2$. Small is good, and 0 is perfect.

# %% name="loss"
(y9 - t) ** 2

# %% [markdown]
# `backward` computes it, too, and much more, as we shall see.

# %% name="loss-of-the-library"
ng.backward(net, [x], [t]).loss

# %% [markdown]
# ## The loss of one weight
#
# Every weight had its part in the answer. We pick one of them, the weight $w_{69}$ of the edge from 6 to 9, and hold
# all the others fixed. Then the loss is a function of that single number.

# %%
def loss_of(weight):
    changed = net.copy()
    changed.edges[6, 9]["weight"] = weight
    return (ng.forward(changed, [x]).outputs[0] - t) ** 2

# %% name="three-losses"
[loss_of(0.7), loss_of(0.8), loss_of(0.9)]

# %% [markdown]
# A little more weight, a little less loss. `loss_curve` does this for many weights at once.

# %%
curve = ng.loss_curve(net, [[x]], [[t]], (6, 9))
ng.plot_loss_curve(curve);

# %% [markdown]
# ## Its slope
#
# The circle is where the network stands, and the dashed line touches the curve there. Its slope is the
# **derivative** of the loss by this weight, $\frac{\partial L}{\partial w_{69}}$. (The diamond is the lowest point that is
# shown; the curve falls on.) How steep is the line? Two points close to each other will tell.

# %% name="slope-by-two-points"
(loss_of(0.8001) - loss_of(0.7999)) / 0.0002

# %% name="slope-of-the-curve"
curve.slope

# %% [markdown]
# It is negative: the loss falls when the weight grows. So this weight should grow. Had the slope been positive, it
# should shrink. The sign says in which direction to go, always against it.
#
# Two networks were computed for one slope. With twelve weights that is 24 networks, with a million weights two
# million. There must be a better way.
#
# ## The ninth neuron
#
# How does $w_{69}$ get to the loss? It changes the weighted sum $z_9$, that changes the value $y_9$, and that changes
# the loss. The **chain rule** says: multiply the three slopes along the way.
#
# $$\frac{\partial L}{\partial w_{69}} = \frac{\partial L}{\partial y_9} \cdot \frac{\partial y_9}{\partial z_9} \cdot \frac{\partial z_9}{\partial w_{69}}$$
#
# The first factor: $L = (y_9 - t)^2$, so its derivative by $y_9$ is $2\,(y_9 - t)$.

# %% name="first-factor"
first = 2 * (y9 - t)
first

# %% [markdown]
# The second: $y_9 = \sigma(z_9)$. The slope of the logistic function is $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$.

# %% name="second-factor"
second = y9 * (1 - y9)
second

# %% [markdown]
# The third: $z_9 = w_{69}\, y_6 + w_{79}\, y_7 + w_{89}$, and only the first term has our weight in it. Its slope is
# $y_6$, which we know from the walk forward.

# %% name="third-factor"
third = ng.forward(net, [x]).value[6]
third

# %% [markdown]
# Will their product be the slope of the curve?

# %% name="product"
first * second * third

# %% [markdown]
# It is, and no weight had to be changed for it.
#
# ## A change of course
#
# What about the other two weights of the ninth neuron? Their chains have the same beginning. Only the third factor is
# another one: $y_7$ for $w_{79}$, and 1 for the bias weight $w_{89}$.
#
# So we give the common beginning a name. It is the derivative of the loss by the weighted sum, and we call it
# **delta**:
#
# $$\delta_9 = \frac{\partial L}{\partial z_9} = \frac{\partial L}{\partial y_9} \cdot \frac{\partial y_9}{\partial z_9}$$

# %% name="delta-of-nine"
delta9 = first * second
delta9

# %% [markdown]
# And the derivative by a weight, called the **gradient** of its edge, is the value that comes along the edge times the
# delta of the neuron that it leads to.

# %% name="three-gradients"
y = ng.forward(net, [x]).value
[y[6] * delta9, y[7] * delta9, 1 * delta9]

# %% [markdown]
# From here on we look for deltas, one for each neuron, and no longer for the slopes of weights. It looks like a detour.
# But once all deltas are known, every weight costs a single multiplication. `backward_steps` goes this way.

# %%
back = list(ng.backward_steps(net, [x], [t]))
back[0]

# %% name="plan"
for step in back:
    print(step.title())

# %% [markdown]
# Three parts: the delta of the output neuron; the deltas of the earlier neurons, from the last to the first; and then
# the gradients of all edges. Every delta comes after those of the neurons that its neuron feeds. It is the topological order,
# backwards, and hence the name **backpropagation**.
#
# ## The layer before
#
# The sixth neuron feeds the ninth and nobody else. If $z_6$ grows a little, $y_6$ grows $\sigma'(z_6)$ times as
# much, $z_9$ again $w_{69}$ times as much, and what that does to the loss is $\delta_9$. So
# $\delta_6 = w_{69}\, \delta_9\, \sigma'(z_6)$.

# %% name="delta-of-six"
delta6 = 0.8 * delta9 * y[6] * (1 - y[6])
delta6

# %%
back[2]

# %% name="delta-of-seven"
delta7 = -0.6 * delta9 * y[7] * (1 - y[7])
delta7

# %% [markdown]
# Look at the signs: more of the sixth neuron would lower the loss, more of the seventh would raise it. Its edge to the
# ninth has a negative weight.
#
# ## The fourth neuron
#
# The fourth neuron feeds *two* others. When its value changes, the change reaches the loss on two ways at once, and
# the two add up:
#
# $$\delta_4 = (w_{46}\, \delta_6 + w_{47}\, \delta_7)\; \sigma'(z_4)$$

# %% name="delta-of-four"
delta4 = (-0.25 * delta6 + 0.3 * delta7) * y[4] * (1 - y[4])
delta4

# %%
back[3]

# %% [markdown]
# In the picture the two edges on which the deltas come back are lit. The $\delta$ under a neuron is a dash until it
# is computed.

# %%
so_far = ng.forward(net, [x])
for step in back[:4]:
    so_far.record(step)
ng.draw(net, so_far, back[3])

# %% [markdown]
# With the chain rule followed to its end, the gradient of the edge from 1 to 4 is a sum over all the ways from 4 to the
# output, with a product for each.

# %%
paths = ng.theory.gradient_paths(net, [x], [t], (1, 4))
for path in paths:
    print(f"{path.contribution:.6f} =", "·".join(path.symbols))

# %% [markdown]
# Their sum is the gradient: the value of the first neuron times $\delta_4$.

# %% name="sum-over-paths"
sum(path.contribution for path in paths), y[1] * delta4

# %% [markdown]
# For two ways that is quick. But the number of ways explodes with the depth. Take ten layers of ten neurons: how many
# products, and how many steps does backpropagation take? It computes every delta once, and all ways share it.

# %% name="paths-or-steps"
deep = ng.mlp([10] * 10 + [1])
print(ng.theory.count_paths(deep), "products,", ng.theory.count_steps(deep), "steps")

# %% [markdown]
# ## All gradients
#
# `backward` takes all the steps. Now every neuron that computes has its delta, and the trace has a gradient for every
# edge.

# %%
trace = ng.backward(net, [x], [t])
ng.draw(net, trace)

# %%
trace

# %% [markdown]
# We can do it, too. Here is the whole of backpropagation for this network.

# %% name="five-lines"
weight, delta = ng.weights(net), {9: 2 * (y[9] - t) * y[9] * (1 - y[9])}
for j in [7, 6, 4, 3]:
    delta[j] = sum(weight[j, k] * delta[k] for k in net.successors(j)) * y[j] * (1 - y[j])
gradient = {(i, j): y[i] * delta[j] for i, j in net.edges}
gradient

# %% [markdown]
# The largest difference to the library's:

# %% name="difference-to-the-library"
max(abs(gradient[edge] - trace.gradient[edge]) for edge in net.edges)

# %% [markdown]
# ## Check it by differences
#
# Formulas can be wrong, and so can programs. But the slope of a curve can always be measured: change one weight a
# little, up and down, and see what the loss does. That is slow, and it takes no cleverness at all, which is the point.

# %%
def loss_with(edge, change):
    changed = net.copy()
    changed.edges[edge]["weight"] += change
    return ng.backward(changed, [x], [t]).loss

# %% name="differences"
h = 1e-5
measured = {edge: (loss_with(edge, h) - loss_with(edge, -h)) / (2 * h) for edge in net.edges}
max(abs(measured[edge] - gradient[edge]) for edge in net.edges)

# %% [markdown]
# They agree to ten digits after the point and more. `check_gradients` does this better, with complex numbers, where
# nothing is lost by subtracting two numbers that are almost the same.

# %% name="check-gradients"
print(ng.check_gradients(net, [x], [t]))

# %% [markdown]
# ## One step of learning
#
# Now we know for every weight how steep its curve is. Each one goes a little against its slope:
#
# $$w_{ij} \leftarrow w_{ij} - \eta\, \frac{\partial L}{\partial w_{ij}}$$
#
# The number $\eta$ is the **step size**, in Python `learning_rate`. All the gradients were computed for the weights as
# they stood, and only now do the weights change, all of them together.

# %% name="one-step"
learned, rate = net.copy(), 0.5
for edge in net.edges:
    learned.edges[edge]["weight"] -= rate * trace.gradient[edge]
[trace.loss, ng.backward(learned, [x], [t]).loss]

# %% [markdown]
# The loss has fallen. Could we have known by how much? If every curve were straight, by the step size times the sum of
# all squared gradients.

# %% name="fall-foretold"
[trace.loss - ng.backward(learned, [x], [t]).loss, rate * sum(g**2 for g in trace.gradient.values())]

# %% [markdown]
# Nearly. The curves are bent, and for a smaller step they would be straighter.
#
# `fit` takes such steps, one for each training point, again and again. One point, once:

# %% name="one-step-of-fit"
fitted = net.copy()
ng.fit(fitted, [[x]], [[t]], learning_rate=0.5, epochs=1)
max(abs(ng.weights(fitted)[edge] - ng.weights(learned)[edge]) for edge in net.edges)

# %% [markdown]
# ## When weights change too early
#
# *First all the gradients, then the weights.* It is tempting to save a loop and to change the weights of a neuron as
# soon as its delta is known, on the way back.
#
# First a helper for $\sigma'(z_j)$: the library has a table of all functions, each with its derivative.

# %% name="slope-of-six"
def slope(net, trace, j):
    return ng.ACTIVATIONS[net.nodes[j]["activation"]].derivative(trace.z[j])

slope(net, trace, 6)

# %% [markdown]
# And here is that hasty program. Can you see where it goes wrong?

# %%
def hasty_step(net, x, t, rate):
    new, trace, delta = net.copy(), ng.backward(net, [x], [t]), {}
    for j in [9, 7, 6, 4, 3]:
        fed = sum(new.edges[j, k]["weight"] * delta[k] for k in net.successors(j))
        delta[j] = fed * slope(net, trace, j) if j != 9 else trace.delta[9]
        for i in net.predecessors(j):
            new.edges[i, j]["weight"] -= rate * trace.value[i] * delta[j]
    return new, delta

# %% [markdown]
# The sixth neuron asks for the weight $w_{69}$, but it gets the *new* one: the ninth neuron has changed it a moment
# before. How large are the deltas, compared with the right ones? We try three step sizes.

# %% name="hasty-deltas"
for rate in [0.1, 1.0, 10.0]:
    wrong = hasty_step(net, x, t, rate)[1]
    print(rate, {j: round(wrong[j] / trace.delta[j], 3) for j in wrong})

# %% [markdown]
# A 1 means that the delta is right. Only the ninth neuron's is: nothing had changed when its turn came. With a step size of
# 0.1 the others are off by at most two hundredths, and nobody would notice. With 10, the third neuron moves five times
# too far, and the fourth and the seventh move in the *wrong direction*.
#
# A gradient does not depend on the step size. Whatever changes with it is none.
#
# Does it matter? Here is the loss after one step, first the hasty one and then the right one.

# %% name="hasty-wins"
for rate in [0.1, 1.0, 10.0]:
    right = net.copy()
    ng.fit(right, [[x]], [[t]], learning_rate=rate, epochs=1)
    after = [ng.backward(each, [x], [t]).loss for each in (hasty_step(net, x, t, rate)[0], right)]
    print(rate, [round(loss, 6) for loss in after])

# %% [markdown]
# The hasty step even wins, by a little. That is how such a mistake lives on for years. But it is luck. Here are the same
# weights, with neurons that apply `relu`, and another training point.

# %%
sharp = ng.example_network()
nx.set_node_attributes(sharp, dict.fromkeys([3, 4, 6, 7, 9], "relu"), "activation")
before = ng.backward(sharp, [1.0], [2.0])
ng.draw(sharp, before)

# %% [markdown]
# The sums of neurons 4 and 7 are negative, so `relu` makes 0 of them and nothing comes back through them. One way is
# left, from 1 over 3 and 6 to 9.
#
# One step with a step size of 0.2, the hasty way and the right way. The loss before, then after each:

# %% name="hasty-or-right"
hasty, right = hasty_step(sharp, 1.0, 2.0, 0.2)[0], sharp.copy()
ng.fit(right, [[1.0]], [[2.0]], learning_rate=0.2, epochs=1)
[round(ng.backward(each, [1.0], [2.0]).loss, 3) for each in (sharp, hasty, right)]

# %% [markdown]
# The right step takes most of the loss away. The hasty one overshoots, and the network is worse than before.
#
# A check of the gradients finds it at once: it does not ask how a gradient was made. On which edges did the hasty step
# not follow the gradient?

# %% name="caught"
moved = {edge: (ng.weights(sharp)[edge] - ng.weights(hasty)[edge]) / 0.2 for edge in sharp.edges}
checked = {row.edge: row.expected for row in ng.check_gradients(sharp, [1.0], [2.0]).rows}
[edge for edge in sharp.edges if not np.isclose(moved[edge], checked[edge])]

# %% [markdown]
# On all edges into the third and the sixth neuron. Those into the ninth were the first to be changed, so they were right. One word mends the program:
# `net.edges[j, k]` in the place of `new.edges[j, k]`, the weight as it was before the sweep.
#
# ## Step through it yourself
#
# Go forward first, then through the loss and back. At the delta of neuron 4, read the sentence under the formula. Under
# *One weight* you can choose an edge and see its curve with the tangent. At the end come the updates, all together.

# %%
ng.explore(net, [[x]], [[t]], learning_rate=0.5, title="Backpropagation, neuron by neuron")

# %% [markdown]
# ## Exercises
#
# **1.** Say the target were 0.7, not 1. Plot the curve of the same weight again. It has a valley now. At which weight
# is its lowest point? (There the network says exactly 0.7. Which $z_9$ does that need?)

# %% jupyter={"source_hidden": true} tags=["solution"]
valley = ng.loss_curve(net, [[x]], [[0.7]], (6, 9), span=10)
ng.plot_loss_curve(valley);

# %% jupyter={"source_hidden": true} name="exercise-valley" tags=["solution"]
needed = np.log(0.7 / (1 - 0.7))  # the z whose logistic is 0.7
exact = (needed - 0.2 - -0.6 * y[7]) / y[6]
float(exact), float(valley.weights[np.argmin(valley.losses)])  # the curve has a point every tenth

# %% [markdown]
# **2.** The delta of a neuron is the derivative by its weighted sum, and so is the gradient of its bias edge. Why? Compare
# them for all five neurons.

# %% jupyter={"source_hidden": true} name="exercise-bias" tags=["solution"]
bias_of = {target: bias for bias in ng.biases(net) for target in net.successors(bias)}  # its value is 1
{j: trace.gradient[bias_of[j], j] == trace.delta[j] for j in trace.delta}

# %% [markdown]
# **3.** Add an edge from 4 straight to 9, with the weight 0.7. How many terms has the sum in $\delta_4$ now? Print the
# step, and check all gradients of the new network.

# %% jupyter={"source_hidden": true} name="exercise-skip" tags=["solution"]
skipping = net.copy()
ng.connect(skipping, 4, 9, weight=0.7)
print(next(step for step in ng.backward_steps(skipping, [x], [t]) if step.neuron == 4))
ng.check_gradients(skipping, [x], [t]).ok

# %% [markdown]
# **4.** Even the right gradient takes you too far if the step is too long. Take one right step in the network `sharp`, from
# 1 to 2 as above, with the step sizes 0.05, 0.1, 0.2, 0.3 and 0.4. Which is the best of them?

# %% jupyter={"source_hidden": true} name="exercise-step-size" tags=["solution"]
losses = {}
for rate in [0.05, 0.1, 0.2, 0.3, 0.4]:
    trial = sharp.copy()
    ng.fit(trial, [[1.0]], [[2.0]], learning_rate=rate, epochs=1)
    losses[rate] = round(ng.backward(trial, [1.0], [2.0]).loss, 3)
losses

# %% [markdown]
# Next: [5. Training](5_training.ipynb) takes such steps by the thousand, with many points and from many starts.
