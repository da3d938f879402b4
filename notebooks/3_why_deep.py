# %% [markdown]
# # 3. Why deep
#
# At the end you will have seen a network as a chain of matrices, and watched it shrink to a single one; built a
# network for every yes-or-no function, and one for the sine, by brute force, and paid the price; and met three tasks
# in which depth pays: in neurons, in edges, in what is learned.
#
# You need `pip install '.[fast,notebook]'` in a clone of the repository. Some linear algebra helps in two of the
# sections.

# %%
import math
from collections import Counter
from itertools import pairwise, product

import matplotlib.pyplot as plt
import numpy as np

import neurograph as ng
from neurograph import theory

# %% [markdown]
# ## One layer, one matrix
#
# A layer takes the values of the layer before, forms weighted sums, and applies a function to each. Weighted sums are
# what a matrix does to a vector. So the running example has a matrix for each layer but the first.

# %%
net = ng.example_network()
f = theory.layer_matrices(net)
print(f)

# %% [markdown]
# A row is a neuron, and a column is a neuron of the layer before. Look at $A_3$: its first row holds the weights into
# the sixth neuron, from 3, from 4, and from the bias neuron 5. Where there is no edge, as from 3 to 7, the matrix has
# a 0.
#
# The whole network is a chain, to be read from right to left: first $A_2$, then $\sigma_2$ on each coordinate, then
# $A_3$, and so on.
#
# $$f = \sigma_4 \circ A_4 \circ \sigma_3 \circ A_3 \circ \sigma_2 \circ A_2$$
#
# Here it is by hand, with numpy. The bias neuron of each layer adds a 1 to the vector.

# %% name="chain-by-hand"
y = np.array([0.5])
for matrix in f.matrices:
    z = matrix @ np.append(y, 1.0)
    y = 1 / (1 + np.exp(-z))
float(y[0])

# %% [markdown]
# The same number from the walk, neuron by neuron, and from `f`, which can be called like the function that it is:

# %% name="three-ways"
[float(y[0]), ng.forward(net, [0.5]).outputs[0], float(f([0.5])[0])]

# %% [markdown]
# The way back works, too: `from_matrices` makes a network from matrices and the names of functions. So a layered
# network *is* its matrices and its functions. Nothing else is in it.

# %% name="there-and-back"
again = theory.from_matrices(f.matrices, f.functions)
[again.number_of_edges(), float(f([0.5])[0]) == ng.forward(again, [0.5]).outputs[0]]

# %% [markdown]
# What if a network has no layers? Give the third neuron an edge that skips a layer. What should its matrices be?

# %% name="no-layers"
skipping = ng.example_network()
ng.connect(skipping, 3, 9, weight=0.5)
try:
    theory.layer_matrices(skipping)
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# There are none: the chain has no place for a value that jumps over a matrix. `add_relays` puts a neuron in its way
# that hands the value on unchanged. Its layer now has two functions, the identity and the logistic function, so
# $\sigma_3$ has to be told apart by neuron.

# %%
relayed = ng.add_relays(skipping)
print(theory.layer_matrices(relayed, mixed=True))

# %% [markdown]
# ## Collapse
#
# Now take the functions away. Let every neuron of a deep network apply the identity, $\sigma(z) = z$. What is left is
# a chain of matrices, $A_4 \cdot A_3 \cdot A_2$. And what is a product of matrices?

# %%
linear = ng.mlp([2, 5, 5, 1], activation="identity", seed=0)
for source, target in linear.edges:
    if ng.kind(linear, source) == "bias":
        linear.edges[source, target]["weight"] = 0.1
ng.draw(linear)

# %% [markdown]
# One matrix. All the 51 weights together do what two weights and a bias can do.

# %% name="one-matrix"
matrix, offset = theory.linear_map(linear)
[*matrix[0].tolist(), *offset.tolist()]

# %%
flat = theory.collapse(linear)
ng.draw(flat)

# %% [markdown]
# Both networks compute the same, here at 1,000 points: this is the largest difference.

# %% name="collapsed-is-equal"
points = np.random.default_rng(0).normal(size=(1000, 2))
outputs = [ng.compile_network(network).forward(points) for network in (linear, flat)]
float(np.abs(outputs[0] - outputs[1]).max())

# %% [markdown]
# So ten linear layers can do nothing that one cannot. How little that is, exclusive or shows: 1 where the two inputs
# differ, 0 where they agree. Here is the best that any linear network can do, by least squares.

# %% name="linear-xor"
X, Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
best, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(4)]), Y, rcond=None)
(np.column_stack([X, np.ones(4)]) @ best)[:, 0].round(9).tolist()

# %% [markdown]
# One half, whatever the question. It is the functions between the matrices that make depth worth anything. With a
# single bent layer in it, the chain no longer collapses:

# %% name="does-not-collapse"
try:
    theory.collapse(ng.mlp([2, 2, 1], activation="tanh"))
except ng.NeurographError as error:
    print(error)

# %% [markdown]
# ## Every yes-or-no function
#
# How much can one hidden layer do, if its neurons do more than nothing? Take functions from $n$ inputs, each −1 or 1,
# to one answer, −1 or 1. For two inputs there are four questions and $2^4 = 16$ functions. For $n$ inputs:

# %% name="functions"
{n: int(theory.boolean_function_count(n)) for n in [1, 2, 3, 4, 5]}

# %% [markdown]
# The theorem: there is one graph that computes every one of them, if it is given the right weights. Its neurons all
# apply the sign: 1 for a positive sum, −1 for a negative one. The graph has a hidden neuron for each question.

# %%
booleans = theory.boolean_network(2)
ng.draw(booleans)

# %% [markdown]
# Each hidden neuron knows one question and says 1 to that one alone. Here are all questions, and below them what the
# neurons 4 to 7 say: a row for each question, a column for each neuron.

# %%
questions = theory.boolean_inputs(2)
questions.tolist()

# %% name="one-neuron-one-question"
trace = ng.forward(booleans, questions)
np.column_stack([trace.value[neuron] for neuron in (4, 5, 6, 7)]).tolist()

# %% [markdown]
# With that, the output need only look up the answer: the weight from the neuron of a question is the answer to it, and
# the weight from the bias neuron is the sum of all answers. The neurons that say −1 then cancel against the bias, and
# what remains is twice the right answer, whose sign is the answer. Exclusive or, for instance:

# %% name="exclusive-or"
theory.set_boolean_function(booleans, lambda x: 1 if x[0] != x[1] else -1)
[ng.forward(booleans, question).outputs[0] for question in questions]

# %% [markdown]
# And all the others? For three inputs there are 256 functions. Each is set in turn, on one and the same graph, and
# asked all eight questions.

# %% name="all-256"
three, questions = theory.boolean_network(3), theory.boolean_inputs(3)
right = 0
for answers in product([-1, 1], repeat=8):
    theory.set_boolean_function(three, answers)
    right += ng.compile_network(three).forward(questions)[:, 0].tolist() == list(answers)
right

# %% [markdown]
# It holds, and it is a table of answers written down as a network. The price is a neuron for each question. For 20
# inputs, which is a picture of four by five black and white dots:

# %% name="boolean-cost"
cost = theory.boolean_cost(20)
print(cost)

# %% [markdown]
# Could a smarter graph do with less? Not with much less. Signs of sums on a graph with $E$ edges can give at most
# $(e \cdot 2^n)^E$ different functions, and there are $2^{2^n}$ to be given. So $E$ has to be so large that
#
# $$(e \cdot 2^n)^E \ge 2^{2^n}, \quad \text{that is} \quad E \ge \frac{2^n}{n + \log_2 e}.$$

# %% name="lower-bound"
{n: theory.boolean_lower_bound(n) for n in [4, 8, 12, 16, 20]}

# %% [markdown]
# And neurons? $V$ of them have room for fewer than $V^2 / 2$ edges, so there must be more than $\sqrt{2E}$:

# %% name="neurons-needed"
{n: math.isqrt(2 * theory.boolean_lower_bound(n)) for n in [20, 40, 60]}

# %%
n = np.arange(1, 21)
plt.semilogy(n, [theory.boolean_cost(k).edges for k in n.tolist()], "o-", label="this graph")
plt.semilogy(n, [theory.boolean_lower_bound(k) for k in n.tolist()], "s-", label="no graph has fewer")
plt.gca().set(xlabel="inputs", ylabel="edges", xticks=n[1::2])
plt.legend();

# %% [markdown]
# Straight lines on such a scale: both grow as powers of 2. To be able to compute *every* function is a bad bargain.
#
# A single function may be cheap. `minimal_boolean_network` tries one hidden neuron, then two, and so on, with every
# weight −1, 0 or 1, until it has found the function.

# %%
found = theory.minimal_boolean_network(lambda x: 1 if x[0] != x[1] else -1, n=2)
print(found)

# %% [markdown]
# Exclusive or takes two hidden neurons, not four. How many does each of the 16 functions of two inputs take?

# %% name="sizes-of-sixteen"
sizes = [
    theory.minimal_boolean_network(answers).hidden for answers in product([-1, 1], repeat=4)
]
dict(Counter(sizes))

# %% [markdown]
# Fourteen are content with one neuron. The other two are exclusive or and its opposite: no single straight line parts
# their answers.
#
# ## The sine, by brute force
#
# The universal approximation theorem says that one hidden layer is enough for every continuous function on an interval,
# as well as you like. One of its proofs is a construction, so it can be built. A logistic neuron with large weights is
# a step:

# %%
x = np.linspace(0, 3, 601)
logistic = ng.ACTIVATIONS["logistic"]
up, down = logistic(40 * (x - 1)), logistic(40 * (x - 2))
plt.plot(x, up, "--", label="a step up at 1")
plt.plot(x, down, "--", label="a step up at 2")
plt.plot(x, up - down, label="their difference")
plt.legend();

# %% [markdown]
# The difference of two steps is a block: near 1 in one cell, near 0 elsewhere. Cut an interval into cells, give each
# cell a block as high as the function in its middle, add them up. `approximate` does that; ten cells for the sine:

# %%
ten = theory.approximate(math.sin, 0.0, 2 * math.pi, cells=10)
ng.draw(ten.net)

# %% [markdown]
# One hidden layer, as the theorem promises, with a step at each border between cells: where one block ends the next
# begins, so the two share a neuron. What will its function look like?

# %%
x = np.linspace(0, 2 * np.pi, 2001)
plt.plot(x, np.sin(x), "--", label="sine")
plt.plot(x, ng.compile_network(ten.net).forward(x[:, None]), label="10 cells")
plt.gca().set(xlabel="input", ylabel="output")
plt.legend();

# %% [markdown]
# A staircase. It is off by at most what the sine changes from the middle of a cell to its side. The *bound* is cruder:
# what the sine changes within a whole cell. More cells, smaller error:

# %%
found = [theory.approximate(math.sin, 0.0, 2 * math.pi, cells) for cells in [5, 10, 20, 40, 80, 160]]
print(*found, sep="\n")

# %%
cells = [each.cells for each in found]
plt.loglog(cells, [each.error for each in found], "o-", label="largest error")
plt.loglog(cells, [each.bound for each in found], "s--", label="bound")
plt.gca().set(xlabel="cells", ylabel="error", xticks=cells, xticklabels=cells)
plt.legend();

# %% [markdown]
# The error halves when the cells double, and stays below the bound. So any accuracy can be had, and it is paid for in
# neurons: ten times better, ten times as many.

# %% name="halving"
[round(before.error / after.error, 3) for before, after in pairwise(found)]

# %% [markdown]
# That is for one input. With two inputs a cell is a small square, and its block is a *product* of two blocks. The
# library multiplies them in a second hidden layer: no longer the letter of the theorem, which needs one, but the price
# is of the same kind. Here is a hill, $e^{-4(x^2 + y^2)}$, with eight cells along each side:


# %%
def hill(point):
    """Return the height of the hill at a point."""
    return math.exp(-4 * (point[0] ** 2 + point[1] ** 2))


# %% name="hill"
eight = theory.approximate(hill, (-1, -1), (1, 1), cells=8)
print(eight)

# %%
ng.plot_decision_surface(eight.net, bounds=[(-1, 1), (-1, 1)]);

# %% [markdown]
# 64 squares, and 276 neurons. With $d$ inputs and ten cells along each there are $10^d$ cells. The cost is told
# without anything being built:

# %% name="cost-by-dimension"
for d in [1, 2, 3, 4, 10, 100]:
    print(f"{d:3} inputs: {theory.approximation_cost(10, d)}")

# %% [markdown]
# And for the text's picture of a cat, with 200 × 200 inputs and no more than two cells for each, the number of cells
# is

# %% name="cells-for-a-picture"
theory.Count(2 ** (200 * 200))

# %% [markdown]
# There are about $10^{80}$ atoms in the universe to build it from. The text's verdict is "unsatisfying", and now you
# see why. That something can be done with exponential effort says little. It is like the remark that for every task of
# practical interest there is a C program of at most a gigabyte: no doubt there is, among $2^{8\,000\,000\,000}$ of
# them. (There is a version of the theorem for narrow networks of many layers, too. It is proved by brute force as
# well.)
#
# ## Products, deep and flat
#
# So it must matter *how* the neurons are arranged. Begin with the simplest thing that a linear network cannot do:
# multiply two numbers. Four hidden neurons can, nearly. With a function $\sigma$ that is bent at $b$, and a small
# scale $\lambda$,
#
# $$\sigma(b + \lambda(u + v)) + \sigma(b - \lambda(u + v)) - \sigma(b + \lambda(u - v)) - \sigma(b - \lambda(u - v)) \approx 4 \lambda^2 \sigma''(b) \cdot u v.$$
#
# In Taylor's formula all other terms of low order cancel.

# %%
gate = theory.multiplication_gate("sine", scale=0.1)
ng.draw(gate)

# %% name="gate"
ng.forward(gate, [1.5, -0.8]).outputs[0]

# %% [markdown]
# It should be $1.5 \cdot (-0.8) = -1.2$, and nearly is. The error can be made as small as you like: half the scale, a
# quarter of the error. (Without a scale, the library takes the one at which rounding becomes the limit.)

# %% name="quarter-of-the-error"
scales = [0.4, 0.2, 0.1, 0.05]
gates = [theory.multiplication_gate(scale=scale) for scale in scales]
[ng.forward(each, [1.5, -0.8]).outputs[0] + 1.2 for each in gates]

# %% [markdown]
# Now multiply many numbers. A deep network does it two by two: pairs first, then pairs of pairs. This is the product
# of four, in two hidden layers.

# %%
deep = theory.deep_product(4)
ng.draw(deep)

# %% [markdown]
# A flat network has one hidden layer for it all. It works as well, with a neuron for each way to choose four signs:
# $2^4 = 16$.

# %%
flat = theory.flat_product(4)
ng.draw(flat)

# %% name="deep-and-flat"
numbers = [1.5, -2.0, 0.7, 1.1]
[math.prod(numbers), *(ng.forward(network, numbers).outputs[0] for network in (deep, flat))]

# %% [markdown]
# Four numbers make no great difference. Which of the two would you rather build for twelve?

# %% name="neurons-for-products"
{n: [theory.deep_product_cost(n).neurons, theory.flat_product_cost(n).neurons] for n in [2, 4, 8, 12]}

# %%
n = list(range(2, 17))
plt.semilogy(n, [theory.flat_product_cost(k).neurons for k in n], "s-", label="flat: one hidden layer")
plt.semilogy(n, [theory.deep_product_cost(k).neurons for k in n], "o-", label="deep: two by two")
plt.gca().set(xlabel="numbers to multiply", ylabel="neurons")
plt.legend();

# %% [markdown]
# About $4n$ hidden neurons, and some to hand values on, against $2^n$. For 16 numbers that is the difference between 82
# neurons and 65,555. And it is no weakness of the construction: Lin, Tegmark and Rolnick proved that one hidden layer
# needs $2^n$ neurons to multiply $n$ numbers as well as you like, if their function has no symmetry to exploit, that
# is, if none of its Taylor coefficients up to order $n$ vanishes at $b$. They call it a *no-flattening theorem*. (The
# sine at its top has such a symmetry, so half of our neurons come in equal pairs, as exercise 6 will show. But half of
# $2^n$ is still exponential.)
#
# ## Multiplying matrices
#
# Even without any bent function depth can save something. Let the inputs be the entries of a matrix $M$, and let the
# network multiply it by a fixed matrix $N$. That is linear, so inputs and outputs are enough.

# %%
N = np.array([[5.0, 6.0], [7.0, 8.0]])
shallow = theory.matrix_product_network(N)
ng.draw(shallow)

# %% name="matrix-product"
M = np.array([[1.0, 2.0], [3.0, 4.0]])
np.reshape(ng.forward(shallow, M.ravel()).outputs, (2, 2)).tolist()

# %% [markdown]
# Every entry of $N$ is the weight of two edges: each number of $M$ meets all numbers of one row of $N$. For
# $n \times n$ matrices that makes $n^3$ edges, one for each multiplication of the usual rule.
#
# In 1969 Volker Strassen found that seven products of blocks are enough where the usual rule takes eight. As a network
# it is deeper: a layer that adds blocks of $M$ up, a layer of products, a layer that adds the products up. All neurons
# still apply the identity.

# %%
strassen = theory.strassen_network(N)
ng.draw(strassen)

# %% name="strassen-product"
np.reshape(ng.forward(strassen, M.ravel()).outputs, (2, 2)).tolist()

# %% [markdown]
# The same result, from *more* edges: at this size the additions cost more than the eighth product. But additions grow
# with the square of the size, products with its cube. So there must be a size from which on Strassen is cheaper.

# %% name="edges-by-size"
{size: [theory.edges_needed(size), theory.edges_needed(size, 1)] for size in [2, 8, 32, 48, 64, 128]}

# %% [markdown]
# At 48 both cost the same, and 64 × 64 is cheaper deep. Build both and see: edges counted on the graph, and the
# largest difference from numpy's product.

# %% name="sixty-four"
chance = np.random.default_rng(0)
M, N = chance.normal(size=(2, 64, 64))
networks = [theory.matrix_product_network(N), theory.strassen_network(N)]
[network.number_of_edges() for network in networks]

# %% name="sixty-four-agree"
products = [ng.compile_network(network).forward(M.reshape(1, -1)) for network in networks]
[float(np.abs(each.reshape(64, 64) - M @ N).max()) for each in products]

# %% [markdown]
# What happens if the deep one is flattened? `collapse` merges its layers into one matrix. Here with whole numbers for
# weights, so that no rounding is in the way:

# %% name="flattened"
whole = theory.strassen_network(chance.integers(1, 10, size=(64, 64)))
[whole.number_of_edges(), theory.collapse(whole).number_of_edges()]

# %% [markdown]
# The flat network always has $n^3$ edges: each number of $M$ meets a whole row of $N$ again, and what the layers had
# saved is lost. The seven products can themselves be computed from seven, and so on, level by level. Doubling the
# size then takes not 8 times the edges but nearer and nearer to 7 times.


# %%
def fewest_edges(size):
    """Return the number of edges with as many levels as pay."""
    return min(theory.edges_needed(size, levels) for levels in range(size.bit_length()))


# %% name="doubling"
sizes = [2**k for k in range(4, 17)]
[round(fewest_edges(2 * size) / fewest_edges(size), 3) for size in sizes]

# %% [markdown]
# That is Strassen's $n^{2.81}$, with $\log_2 7 \approx 2.81$, instead of $n^3$.
#
# ## Counting
#
# Now an argument that no arrangement of neurons can escape. However long it is trained, a network ends in one of its
# configurations, that is, with one of its possible sets of weights. So it can be taught at most as many different
# things as it has configurations, and the text compares this number with that of the inputs. How many are there? Its
# small picture has 200 by 200 pixels of one byte each.

# %% name="small-pictures"
theory.image_count(200, 200)

# %% [markdown]
# A decent one has 1,000 by 1,000 pixels of four bytes. And a tweet has 280 bytes.

# %% name="large-pictures"
theory.image_count(1000, 1000, depth=32)

# %% name="tweets"
theory.text_count(280)

# %% [markdown]
# And how many configurations has a network of 1,000 neurons? That depends on its edges, and on how many values of a
# weight make a difference. Be generous, and say 100 values. If each neuron had one weight only:

# %% name="one-weight-each"
theory.configuration_count(1000, 100)

# %% [markdown]
# Ten layers of a hundred neurons have more weights, and so many configurations:

# %% name="configurations"
thousand = ng.mlp([100] * 10)
theory.configuration_count(thousand, 100)

# %% [markdown]
# Let every neuron feed every later one, which is all that a graph without cycles has room for:

# %% name="most-configurations"
theory.configuration_count(1000 * 999 // 2, 100)

# %%
powers = {
    "tweets": theory.text_count(280),
    "1,000 neurons, a weight each": theory.configuration_count(1000, 100),
    "small pictures": theory.image_count(200, 200),
    "10 layers of 100 neurons": theory.configuration_count(thousand, 100),
    "1,000 neurons, all edges": theory.configuration_count(1000 * 999 // 2, 100),
    "large pictures": theory.image_count(1000, 1000, depth=32),
}

# %%
plt.barh(list(powers), [count.power_of_ten for count in powers.values()])
plt.gca().invert_yaxis()
plt.gca().set(xscale="log", xlim=(100, 3e7), xlabel="power of ten");

# %% [markdown]
# Note that the scale is logarithmic, and that it already shows the exponents. By this count a thousand neurons are at
# best enough for tiny grey pictures, and nowhere near enough for decent ones. And the count is kind. To say of every
# single picture whether it shows a cat, there are $2^m$ ways for $m$ pictures, with an $m$ as above, and all but a
# vanishing share of them is out of reach. `weights_needed` turns the question round: so many weights of 100 values it
# takes, at the very least, to have a configuration for each picture.

# %% name="weights-needed"
small, large = theory.image_count(200, 200), theory.image_count(1000, 1000, depth=32)
[theory.weights_needed(small, 100), theory.weights_needed(large, 100)]

# %% [markdown]
# And yet networks do recognise cats. How can that be?
#
# ## A world made step by step
#
# The answer of Lin and Tegmark: nearly all of those pictures are noise that nobody will ever see. The pictures that
# there *are* come from a process that is far simpler than they are, and it works in steps: causes have parts, parts
# have details. The standard model of physics gets by with 32 parameters. And whoever orders "draw cat pictures" has
# picked one text out of so many, a number with 41 digits. A large picture is picked out of a number with 9,632,960.

# %% name="order-for-cats"
theory.text_count(len("draw cat pictures"))

# %% [markdown]
# So a network need only run the process backwards, and one layer can undo one step.
#
# Here is a small world of that kind. A cause is −1 or 1. In the first step a cause of 1 makes both its parts 1, and a
# cause of −1 makes any other pair. In the second step it is the other way round, and so on by turns. Now and then
# chance turns a part into its opposite.

# %%
tree = theory.generative_tree(steps=3, noise=0.01)
for states in tree.states(3, seed=1):
    print(states.astype(int).tolist())

# %% [markdown]
# Three worlds: at the top three causes, below them the parts of each, then the parts' parts, at the bottom eight
# details. The task is to look at the details and to name the cause.
#
# The network that undoes it has the shape of the process, turned round: every neuron sees the parts of one cause.

# %%
ng.draw(theory.undoing_network(tree, seed=0))

# %% [markdown]
# Nothing is lost on the way, says the theorem: what can be known about the cause can be found one step at a time.
# `posterior` does so, exactly. For two steps and more noise, this is how probable a cause of 1 is, given each of the
# 16 patterns of four details: a row for each first pair, a column for each second pair, both in the order of
# `boolean_inputs`.

# %% name="posterior"
small = theory.generative_tree(steps=2, noise=0.1)
patterns = theory.boolean_inputs(4)
small.posterior(patterns).reshape(4, 4).round(4).tolist()

# %% [markdown]
# Four details of −1 speak against the cause, four of 1 for it. Is that table true? Let the process run 200,000 times,
# and count how often the cause was 1 with each pattern. The largest difference:

# %% name="counted"
X, Y = small.sample(200_000, seed=0)
counted = [(Y[(pattern == X).all(axis=1)] == 1).mean() for pattern in patterns]
float(np.abs(counted - small.posterior(patterns).ravel()).max())

# %% [markdown]
# Now the contest. A deep network in the shape of the process, and a flat one with one hidden layer and exactly as many
# edges, learn from the same 2,000 samples, and are then asked about 2,000 new ones. Beside them stands exact
# inference, which no network can beat but by luck. Who will be ahead, and will it matter how many steps the process
# has?

# %%
contests = {steps: theory.compare_depths(theory.generative_tree(steps=steps)) for steps in [2, 3, 4, 5]}
for steps, contest in contests.items():
    print(f"{steps} steps, {contest}")

# %%
steps = list(contests)
plt.plot(steps, [each.best_accuracy for each in contests.values()], "k--", label="exact inference")
plt.plot(steps, [each.deep_accuracy for each in contests.values()], "o-", label="deep")
plt.plot(steps, [each.shallow_accuracy for each in contests.values()], "s-", label="shallow")
plt.gca().set(xlabel="steps of the process", ylabel="causes named rightly", xticks=steps, ylim=(0.5, 1))
plt.legend(loc="lower left");

# %% name="deep-is-ahead"
[round(each.deep_accuracy - each.shallow_accuracy, 4) for each in contests.values()]

# %% name="near-the-best"
[round(each.best_accuracy - each.deep_accuracy, 4) for each in contests.values()]

# %% [markdown]
# The deep network does nearly as well as anything can; the shallow one is behind everywhere, by less than ten points
# for two and three steps and by more than twenty for five. Would more edges help it? Four steps again, with 45 edges as
# before, then with four and sixteen times as many; the best of three starts each.

# %% name="more-edges"
tree = theory.generative_tree(steps=4)
(X, Y), (new, causes) = tree.sample(2000, seed=0), tree.sample(2000, seed=1)
settings = {"method": "glorot", "optimizer": "adam", "learning_rate": 0.01, "epochs": 60, "batch_size": 32}
accuracies = {}
for edges in [45, 180, 720]:
    shallow = theory.shallow_network(tree, edges=edges)
    best = ng.restarts(shallow, X, Y, n=3, seed=0, keep=1, **settings).best
    accuracies[edges] = float((np.sign(ng.compile_network(best).forward(new)) == causes).mean())
accuracies

# %% [markdown]
# It comes nearer, and not near: the deep network did better with its 45.
#
# Is that the whole answer? The text says no, and so should you. This world was made to fit; nobody knows what a
# network for cats does in its layers; and theory explains much less than practice has shown. But you have seen more
# than a slogan: a matrix for each layer, what a single layer costs, and three tasks that depth makes cheaper or easier.
#
# ## Exercises
#
# **1.** Let a boolean network of three inputs say whether *exactly one* of them is 1. Then find out how few hidden
# neurons do.

# %% jupyter={"source_hidden": true} name="exactly-one" tags=["solution"]
def exactly_one(x):
    return 1 if sum(value == 1 for value in x) == 1 else -1


theory.set_boolean_function(three, exactly_one)
found = theory.minimal_boolean_network(exactly_one, n=3)
print(found.hidden, "hidden neurons do, where the other has", 2**3)
[[ng.forward(network, x).outputs[0] for x in theory.boolean_inputs(3)] for network in (three, found.net)]

# %% [markdown]
# **2.** Approximate $|x|$ on $[-1, 1]$ so that the error is below 0.01. How many cells do you expect to need, and how
# many are needed?

# %% jupyter={"source_hidden": true} name="cells-needed" tags=["solution"]
# Within a cell of width 2/n, |x| changes by 1/n from the middle to the side: a little more than 100 cells.
next(n for n in range(50, 200) if theory.approximate(abs, -1.0, 1.0, n).error < 0.01)

# %% [markdown]
# **3.** Approximate a function that jumps: −1 below $\frac{1}{3}$, 1 from there on. What does the largest error do
# when the cells double, and what does the mean error?

# %% jupyter={"source_hidden": true} name="jump" tags=["solution"]
def jump(x):
    return 1.0 if x >= 1 / 3 else -1.0


found = [theory.approximate(jump, 0.0, 1.0, cells) for cells in [16, 32, 64, 128]]
[[each.error, each.mean_error] for each in found]

# %% [markdown]
# **4.** Relays are linear neurons. Give the network with the edge that skips a layer its relay, and take it away again
# by `collapse`. Is it the network that it was?

# %% jupyter={"source_hidden": true} name="relays-undone" tags=["solution"]
undone = theory.collapse(ng.add_relays(skipping), partial=True)
ng.weights(undone) == ng.weights(skipping)

# %% [markdown]
# **5.** From which size on do two levels of Strassen's rule take fewer edges than one? Only sizes that can be halved
# twice count.

# %% jupyter={"source_hidden": true} name="two-levels-pay" tags=["solution"]
next(n for n in range(4, 400, 4) if theory.edges_needed(n, 2) < theory.edges_needed(n, 1))

# %% [markdown]
# **6.** Which of the four hidden neurons of `gate` always say the same? Merge them: how many are enough for a product?

# %% jupyter={"source_hidden": true} name="gate-of-two" tags=["solution"]
# The weights into 4 and 7 are opposite, and so are those into 5 and 6; the sine is the same on both sides of its top.
halved = gate.copy()
for kept, merged in [(4, 7), (5, 6)]:
    (target,) = halved.successors(merged)
    halved.edges[kept, target]["weight"] += halved.edges[merged, target]["weight"]
    halved.remove_node(merged)
[len(halved), *(ng.forward(network, [1.5, -0.8]).outputs[0] for network in (gate, halved))]

# %% [markdown]
# Next: [4. Backpropagation, neuron by neuron](4_backpropagation.ipynb), where the derivative of the loss goes through
# the network from its end to its beginning.
