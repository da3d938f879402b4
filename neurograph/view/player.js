// The player: steps through forward pass, loss, backpropagation and update, and shows every number.
//
// One script without dependencies. It runs at the end of a page, evaluated in a test, or as the text of
// an ES module; it sets one name, `neurographPlayer`, on `globalThis`. The parts, each from the ones above:
//
//   1  functions   what one neuron and one loss compute, as functions of z that stay accurate
//   2  network     the graph as arrays; forward, loss, backward, update
//   3  starts      random weights from a seed
//   4  numbers     how a number is written: three digits
//   5  steps       what happens one after the other, in the order of the textbook
//   6  formulas    the arithmetic of a step, as a list of signs; written as plain text or as MathML
//   7  sentences   the same in words
//   8  elements    the only place that makes elements: text stays text
//   9  charts      a line chart, a heat map
//  10  state       everything that can change, and what follows from it
//  11  picture     the drawing, brought to life by its classes and data attributes
//  12  panels      controls, formula, points, training, one weight, the function, starts, file
//  13  start       puts a player together in an element of a page
//
// The state changes only through `app.change`; afterwards every panel shows it anew. The library's own
// walk in Python defines what is right: tests hold every number and every text against it.

(() => {
"use strict";

// ── 1 functions ─────────────────────────────────────────────────────────────────────────────────────
// Where e appears it is exp(−|z|), which never overflows. Derivatives are computed from z, never from
// the value: y(1 − y) loses every digit where the function saturates.

const LEAK = 0.01;

/** e / (1 + e)², with the rounding of 1 + e made good. */
function bend(e) {
  const one = 1 + e;
  const slope = e / (one * one);
  return slope - 2 * slope * (e - (one - 1)) / one;
}

function logistic(z) {
  const e = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
}

function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

function siluSlope(z) {
  const e = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 + e * (1 + z) : e * (1 + z + e)) / ((1 + e) * (1 + e));
}

function within(low, high, number) {
  return Math.min(Math.max(number, low), high);
}

/** exp(−factor·z²), with the rounding of z² made good by an exact product (Dekker 1971). */
function bell(z, factor) {
  z = within(-40, 40, z);
  const high = z * 134217729 - (z * 134217729 - z);
  const low = z - high;
  const square = z * z;
  const rest = high * high - square + high * low + low * high + low * low;
  return Math.exp(-factor * square) * (1 - factor * rest);
}

// Chebyshev coefficients in t = (a − 4)/(a + 4) of (1 + 1.5·a) · Φ(−a) · exp(a²/2) for a from 0 to ∞.
const TAIL = [
  0.6142357987329512, 0.018222274267689572, -0.05565144194041054, 0.0291468022007014,
  -0.009201804482926653, 0.0018524054300923605, -0.00018225868810885684, -1.4564875466078917e-5,
  6.599323382530075e-6, -2.2303683264899586e-7, -1.8853556975445353e-7, 1.7008867630128854e-8,
  6.122873011588349e-9, -7.185911639341466e-10, -2.4171646286998205e-10, 2.5245805944636662e-11,
  1.1122160549603463e-11, -6.274017199936593e-13, -5.473184265964258e-13, -7.443265470465661e-15,
  2.6269583186729678e-14, 2.7236466572866847e-15, -1.0941366561121105e-15, -2.639877222692373e-16,
  2.8726316883206974e-17, 1.835608633178113e-17,
];

/** Φ(−a), the normal distribution's tail, for a ≥ 0: accurate to the last digits far out, too. */
function normalTail(a) {
  const t = (a - 4) / (a + 4);
  let sum = 0, next = 0;
  for (let n = TAIL.length - 1; n > 0; n--) [sum, next] = [2 * t * sum - next + TAIL[n], sum];
  return bell(a, 0.5) * (t * sum - next + TAIL[0]) / (1 + 1.5 * a);
}

function normalCdf(z) {
  return z <= 0 ? normalTail(-z) : 1 - normalTail(z);
}

const table = (rows) => new Map(Object.entries(rows));

/** Each activation: the function f and its derivative df. */
const ACTIVATIONS = table({
  identity: { f: (z) => z, df: () => 1 },
  logistic: { f: logistic, df: (z) => bend(Math.exp(-Math.abs(z))) },
  tanh: { f: Math.tanh, df: (z) => 4 * bend(Math.exp(-2 * Math.min(Math.abs(z), 400))) },
  relu: { f: (z) => Math.max(z, 0), df: (z) => (z > 0 ? 1 : 0) },
  leaky_relu: { f: (z) => (z > 0 ? 1 : LEAK) * z, df: (z) => (z > 0 ? 1 : LEAK) },
  elu: { f: (z) => (z > 0 ? z : Math.expm1(z)), df: (z) => Math.exp(Math.min(z, 0)) },
  softplus: { f: softplus, df: logistic },
  silu: { f: (z) => z * logistic(z), df: siluSlope },
  gelu: {
    f: (z) => z * normalCdf(z),
    df: (z) => normalCdf(z) + z * bell(z, 0.5) / Math.sqrt(2 * Math.PI),
  },
  softsign: { f: (z) => z / (1 + Math.abs(z)), df: (z) => (1 / (1 + Math.abs(z))) ** 2 },
  hard_tanh: { f: (z) => within(-1, 1, z), df: (z) => (Math.abs(z) < 1 ? 1 : 0) },
  sine: { f: Math.sin, df: Math.cos },
  gaussian: { f: (z) => bell(z, 1), df: (z) => -2 * (z * bell(z, 1)) },
  step: { f: (z) => (z >= 0 ? 1 : 0), df: () => 0 },
  sign: { f: Math.sign, df: () => 0 },
});

function huber(distance) {
  const near = Math.min(Math.abs(distance), 1);
  return near * (Math.abs(distance) - 0.5 * near);
}

function crossEntropyOfLogistic(z, t) {
  return t * softplus(-z) + (1 - t) * softplus(z);
}

/** Each loss of an output y against its target t, its derivative by y, and both as formulas. */
const LOSSES = table({
  squared: {
    f: (y, t) => (y - t) * (y - t), df: (y, t) => 2 * (y - t),
    text: "({y} − {t})²", slope: "2·({y} − {t})",
  },
  absolute: {
    f: (y, t) => Math.abs(y - t), df: (y, t) => Math.sign(y - t),
    text: "|{y} − {t}|", slope: "sign({y} − {t})",
  },
  huber: {
    f: (y, t) => huber(y - t), df: (y, t) => within(-1, 1, y - t),
    text: "huber({y} − {t})", slope: "clip({y} − {t}, −1, 1)",
  },
  cross_entropy: {
    f: (y, t) => -(t * Math.log(y) + (1 - t) * Math.log1p(-y)), df: (y, t) => (1 - t) / (1 - y) - t / y,
    text: "−{t}·ln({y}) − (1 − {t})·ln(1 − {y})", slope: "(1 − {t})/(1 − {y}) − {t}/{y}",
    targets: [0, 1],
  },
  hinge: {
    f: (y, t) => Math.max(0, 1 - t * y), df: (y, t) => (t * y < 1 ? -t : 0),
    text: "max(0, 1 − {t}·{y})", slope: "(−{t} if {t}·{y} < 1, else 0)",
    targets: [-1, 1], ends: true,
  },
});

/** A loss and an activation as one function of z: taken apart they lose digits where the output saturates. */
const PAIRS = table({
  "cross_entropy logistic": {
    f: crossEntropyOfLogistic, df: (z, t) => (1 - t) * logistic(z) - t * logistic(-z), slope: "{y} − {t}",
  },
});

/** Whether a loss can take a target. */
function fitsLoss(loss, target) {
  if (!Number.isFinite(target)) return false;
  if (!loss.targets) return true;
  const [low, high] = loss.targets;
  return loss.ends ? target === low || target === high : target >= low && target <= high;
}

/** The nearest target that a loss can take. */
function fitted({ targets, ends }, target) {
  if (!targets) return target;
  const [low, high] = targets;
  return ends ? (2 * target < low + high ? low : high) : within(low, high, target);
}

// ── 2 network ───────────────────────────────────────────────────────────────────────────────────────
// Neurons and edges are numbers: their places in the graph's own order. A sum runs over the sources in
// that order, from the left. Weights are a Float64Array, one for each edge.

/** Read what the page says of the graph. */
function readNetwork(data) {
  const neurons = data.neurons, edges = data.edges;
  const of = (kind) => neurons.flatMap((neuron, i) => (neuron.kind === kind ? [i] : []));
  const computes = (i) => neurons[i].kind === "hidden" || neurons[i].kind === "output";
  const network = {
    neurons, edges,
    order: data.order,
    inputs: of("input"), biases: of("bias"), outputs: of("output"),
    computing: data.order.filter(computes),
    activation: neurons.map((neuron) => ACTIVATIONS.get(neuron.activation)),
    loss: LOSSES.get(data.loss),
    pair: neurons.map((neuron) => neuron.kind === "output" && PAIRS.get(`${data.loss} ${neuron.activation}`)),
    isOutput: neurons.map((neuron) => neuron.kind === "output"),
    source: Int32Array.from(edges, (edge) => edge.source),
    target: Int32Array.from(edges, (edge) => edge.target),
    trainable: edges.map((edge) => edge.trainable),
    incoming: neurons.map(() => []), outgoing: neurons.map(() => []),
  };
  const numbers = edges.map((_, k) => k);
  for (const k of [...numbers].sort((a, b) => network.source[a] - network.source[b])) {
    network.incoming[network.target[k]].push(k);
  }
  for (const k of [...numbers].sort((a, b) => network.target[a] - network.target[b])) {
    network.outgoing[network.source[k]].push(k);
  }
  return network;
}

/** Make the arrays that a forward and a backward pass fill. */
function makePass(network) {
  const each = () => new Float64Array(network.neurons.length);
  return {
    z: each(), value: each(), target: each(), outputLoss: each(), loss: 0,
    slope: each(), lossSlope: each(), delta: each(), gradient: new Float64Array(network.edges.length),
  };
}

/** Compute every z and every value from the inputs: z_j = Σ_i w_ij · y_i, y_j = f(z_j). */
function runForward(network, weights, inputs, pass) {
  network.inputs.forEach((neuron, i) => { pass.value[neuron] = inputs[i]; });
  for (const neuron of network.biases) pass.value[neuron] = 1;
  for (const neuron of network.computing) {
    let z = 0;
    for (const k of network.incoming[neuron]) z += weights[k] * pass.value[network.source[k]];
    pass.z[neuron] = z;
    pass.value[neuron] = network.activation[neuron].f(z);
  }
}

/** Compute the loss: the sum over the outputs. */
function runLoss(network, targets, pass) {
  pass.loss = 0;
  network.outputs.forEach((neuron, i) => {
    const t = targets[i], pair = network.pair[neuron];
    pass.target[neuron] = t;
    pass.outputLoss[neuron] = pair ? pair.f(pass.z[neuron], t) : network.loss.f(pass.value[neuron], t);
    pass.loss += pass.outputLoss[neuron];
  });
}

/** Compute every delta ∂L/∂z, last neurons first, then every gradient ∂L/∂w. */
function runBackward(network, weights, pass) {
  for (let i = network.computing.length - 1; i >= 0; i--) findDelta(network, weights, network.computing[i], pass);
  for (let k = 0; k < weights.length; k++) {
    pass.gradient[k] = pass.value[network.source[k]] * pass.delta[network.target[k]];
  }
}

/** δ = (own slope of the loss + Σ weight · δ of what it feeds) · f′(z). */
function findDelta(network, weights, neuron, pass) {
  const z = pass.z[neuron], t = pass.target[neuron], pair = network.pair[neuron];
  const feeds = network.outgoing[neuron];
  let fed = 0;
  for (const k of feeds) fed += weights[k] * pass.delta[network.target[k]];
  const slope = network.activation[neuron].df(z);
  const own = network.isOutput[neuron] && !pair ? network.loss.df(pass.value[neuron], t) : 0;
  pass.slope[neuron] = slope;
  pass.lossSlope[neuron] = own;
  if (pair) pass.delta[neuron] = pair.df(z, t) + fed * slope;
  else pass.delta[neuron] = feeds.length || network.isOutput[neuron] ? (own + fed) * slope : 0;
}

/** Compute everything for one training point; a point without targets ends at the outputs. */
function run(network, weights, point, pass) {
  runForward(network, weights, point.inputs, pass);
  if (!hasTargets(network, point)) return;
  runLoss(network, point.targets, pass);
  runBackward(network, weights, pass);
}

/** Whether every point has targets, so that there is a loss over all of them. */
function isTrainable({ network, state }) {
  return state.points.every((point) => hasTargets(network, point));
}

function hasTargets(network, point) {
  return point.targets.every((target) => fitsLoss(network.loss, target));
}

/** Return a weight after one step against its gradient. */
function updated(network, weights, gradient, rate, k) {
  return network.trainable[k] ? weights[k] - rate * gradient[k] : weights[k];
}

/** Train on one point: all gradients first, then every weight; false where a number is not finite. */
function trainPoint(network, weights, point, rate, pass) {
  run(network, weights, point, pass);
  if (!Number.isFinite(pass.loss) || !pass.gradient.every(Number.isFinite)) return false;
  const next = weights.map((_, k) => updated(network, weights, pass.gradient, rate, k));
  if (!next.every(Number.isFinite)) return false;
  weights.set(next);
  return true;
}

/** Compute the mean over the points of the loss. */
function meanLoss(network, weights, points, pass) {
  let sum = 0;
  for (const point of points) {
    runForward(network, weights, point.inputs, pass);
    runLoss(network, point.targets, pass);
    sum += pass.loss;
  }
  return sum / points.length;
}

// ── 3 starts ────────────────────────────────────────────────────────────────────────────────────────

/**
 * Make a generator of numbers from 0 to 1, the same for the same seed: a counter that goes on by the
 * golden ratio of 2³² (Weyl's sequence), its bits mixed by shifts and multiplications.
 */
function makeGenerator(seed) {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let x = counter;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
  };
}

/**
 * Draw weights by the rule of Glorot and Bengio (2010), U(−a, a) with a = √(6 / (fan-in + fan-out)), bias
 * edges 0, as the library does. One number is drawn for each edge: through the targets in the graph's
 * order, and through each one's sources in that order. Frozen edges keep their weight.
 */
function randomWeights(network, weights, seed) {
  const random = makeGenerator(seed);
  const drawn = Float64Array.from(weights);
  const isBias = (k) => network.neurons[network.source[k]].kind === "bias";
  for (const sources of network.incoming) {
    const fanIn = Math.max(1, sources.filter((k) => !isBias(k)).length);
    for (const k of sources) {
      const bound = Math.sqrt(6 / (fanIn + network.outgoing[network.source[k]].length));
      const weight = (2 * random() - 1) * bound;
      if (network.trainable[k]) drawn[k] = isBias(k) ? 0 : weight;
    }
  }
  return drawn;
}

// ── 4 numbers ───────────────────────────────────────────────────────────────────────────────────────

const MINUS = "−", DASH = "—";

/** Write a number: three significant digits below 1, three decimals from 1 on, half to even: 0.311, −1234.568. */
function number(x) {
  if (Number.isNaN(x)) return "nan";
  const size = Math.abs(x);
  const sign = x < 0 ? MINUS : "";
  if (size === Infinity) return `${sign}inf`;
  if (size === 0) return "0";
  return sign + (size >= 1e-4 && size < 1e6 ? plainNumber(size) : scientificNumber(size));
}

function plainNumber(size) {
  const exponent = Number(size.toExponential().split("e")[1]);
  const places = size >= 1 ? 3 : 2 - exponent;
  return trimmed(evened(size.toFixed(places), size.toFixed(places + 20)));
}

function scientificNumber(size) {
  const [mantissa, exponent] = size.toExponential(2).split("e");
  const exact = size.toExponential(22).split("e")[0];
  return `${trimmed(evened(mantissa, exact))}e${exponent.replace("+", "").replace("-", MINUS)}`;
}

/** JavaScript rounds a tie up; take the even neighbour instead. A tie ends in a 5 and zeros. */
function evened(text, exact) {
  const last = Number(text.at(-1));
  const isTie = exact.endsWith("50000000000000000000");
  return isTie && last % 2 === 1 ? text.slice(0, -1) + (last - 1) : text;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

// ── 5 steps ─────────────────────────────────────────────────────────────────────────────────────────

const PHASES = ["forward", "loss", "backward", "update"];

/** List the steps of one training point; without targets they end with the forward phase. */
function listSteps(network, complete) {
  const { order, computing, incoming, outgoing, outputs } = network;
  const edges = computing.flatMap((neuron) => incoming[neuron]);
  const last = outputs.filter((neuron) => !outgoing[neuron].length);
  const earlier = [...computing].reverse().filter((neuron) => !last.includes(neuron));
  const forward = order.map((neuron) => (
    { phase: "forward", kind: network.activation[neuron] ? "sum" : "given", neuron }));
  if (!complete) return forward;
  return [
    ...forward,
    ...outputs.map((neuron) => ({ phase: "loss", kind: "loss", neuron })),
    ...(outputs.length > 1 ? [{ phase: "loss", kind: "total" }] : []),
    ...[...last, ...earlier].map((neuron) => ({ phase: "backward", kind: "delta", neuron })),
    ...edges.map((edge) => ({ phase: "backward", kind: "gradient", edge })),
    ...edges.map((edge) => ({ phase: "update", kind: "update", edge })),
  ];
}

/** List the edges that a step reads. */
function edgesOf(network, step) {
  if (step.kind === "sum") return network.incoming[step.neuron];
  if (step.kind === "delta") return network.outgoing[step.neuron];
  return step.edge === undefined ? [] : [step.edge];
}

/** List the neurons that a step is about. */
function neuronsOf(network, step) {
  if (step.kind === "total") return network.outputs;
  return step.edge === undefined ? [step.neuron] : [network.source[step.edge], network.target[step.edge]];
}

/** Say which neuron or edge a step is about, and where it stands. */
function titleOf(network, step) {
  if (step.kind === "total") return "loss of all outputs";
  if (step.edge === undefined) {
    const { name, place, kind, activation } = network.neurons[step.neuron];
    const before = { loss: "loss of ", delta: "delta of " }[step.kind] ?? "";
    return `${before}neuron ${name}   ${place}, ${activation ?? kind}`;
  }
  const before = step.kind === "gradient" ? "gradient" : "update";
  return `${before} of edge ${arrow(network, step.edge)}${network.trainable[step.edge] ? "" : "   frozen"}`;
}

function arrow({ neurons, source, target }, k) {
  return `${neurons[source[k]].shown} → ${neurons[target[k]].shown}`;
}

function labelsOf({ neurons, source, target }, k) {
  return `${neurons[source[k]].label} → ${neurons[target[k]].label}`;
}

// ── 6 formulas ──────────────────────────────────────────────────────────────────────────────────────
// A formula is a list of equations, an equation a list of sides, a side a list of signs. A sign is a piece
// of text, or one of these objects.

const symbol = (letter, neuron) => ({ sign: "symbol", letter, neuron });
const weightOf = (source, target) => ({ sign: "weight", source, target });
const slopeOf = (...by) => ({ sign: "slope", by });
const functionOf = (name, prime = "") => ({ sign: "function", name, prime });
const numeral = (value) => ({ sign: "number", value });

const MOST_TERMS = 12;

/** Mark a side that the page has room for; a printed step leaves it out. */
const onlyOnThePage = (side) => Object.assign(side, { unprinted: true });

const between = (operator, parts) => parts.flatMap((part, i) => (i ? [operator, ...part] : part));
const times = (...factors) => between("·", factors);
const parenthesized = (signs) => ["(", ...signs, ")"];

/** A number as a factor: a negative one in parentheses. */
function factor(value) {
  return value < 0 ? parenthesized([numeral(value)]) : [numeral(value)];
}

/** A sum; the middle of a long one is left out. */
function total(terms) {
  if (!terms.length) return ["0"];
  if (terms.length <= MOST_TERMS) return between(" + ", terms);
  const leftOut = `… (${(terms.length - 8).toLocaleString("en-US")} more) …`;
  return between(" + ", [...terms.slice(0, 4), [leftOut], ...terms.slice(-4)]);
}

/** A sum as a factor: in parentheses where it has several terms or is negative. */
function grouped(terms) {
  const signs = total(terms);
  return terms.length > 1 || asText(signs).startsWith(MINUS) ? parenthesized(signs) : signs;
}

/** A formula of y and t with signs put in their places. */
function filled(template, y, t) {
  const places = { "{y}": y, "{t}": t };
  return template.split(/(\{[yt]\})/).filter(Boolean).flatMap((part) => places[part] ?? [part]);
}

/** Write the arithmetic of a step: each equation as symbols, numbers and the result. */
function formulaOf(network, step, numbers) {
  return FORMULAS[step.kind](network, numbers, step.edge ?? step.neuron);
}

const FORMULAS = {
  given({ neurons }, { pass }, n) {
    return [[[symbol("y", neurons[n])], [numeral(pass.value[n])]]];
  },

  sum(network, { pass, weights }, n) {
    const { neurons, source } = network;
    const edges = network.incoming[n], name = network.neurons[n].activation;
    const symbols = edges.map((k) => times([weightSign(network, k)], valueSign(network, source[k])));
    const numbers = edges.map((k) => times(factor(weights[k]), valueNumber(network, pass, source[k])));
    const z = [symbol("z", neurons[n])];
    return [
      [z, total(symbols), total(numbers), [numeral(pass.z[n])]],
      [[symbol("y", neurons[n])],
        onlyOnThePage([functionOf(name), "(", ...z, ")"]),
        [functionOf(name), "(", numeral(pass.z[n]), ")"],
        [numeral(pass.value[n])]],
    ];
  },

  loss({ neurons, loss, outputs }, { pass }, n) {
    const y = [symbol("y", neurons[n])], t = [symbol("t", neurons[n])];
    const numbers = filled(loss.text, factor(pass.value[n]), factor(pass.target[n]));
    const left = outputs.length > 1 ? symbol("L", neurons[n]) : "L";
    return [[[left], filled(loss.text, y, t), numbers, [numeral(pass.outputLoss[n])]]];
  },

  total({ neurons, outputs }, { pass }) {
    const symbols = outputs.map((n) => [symbol("L", neurons[n])]);
    const numbers = outputs.map((n) => factor(pass.outputLoss[n]));
    return [[["L"], total(symbols), total(numbers), [numeral(pass.loss)]]];
  },

  delta(network, numbers, n) {
    if (!network.isOutput[n]) return [deltaEquation(network, numbers, n, [], [])];
    const { pass } = numbers, { loss } = network, pair = network.pair[n];
    const y = [symbol("y", network.neurons[n])], t = [symbol("t", network.neurons[n])];
    const withNumbers = (template) => filled(template, factor(pass.value[n]), factor(pass.target[n]));
    if (pair) {
      const own = [filled(pair.slope, y, t), withNumbers(pair.slope)];
      if (network.outgoing[n].length) return [deltaEquation(network, numbers, n, [], [], own)];
      return [[[symbol("δ", network.neurons[n])], ...own, [numeral(pass.delta[n])]]];
    }
    const byValue = [slopeOf(...y)], result = [numeral(pass.lossSlope[n])];
    return [
      [byValue, filled(loss.slope, y, t), withNumbers(loss.slope), result],
      deltaEquation(network, numbers, n, [byValue], [result]),
    ];
  },

  gradient(network, { pass }, k) {
    const { neurons, source, target } = network;
    return [[
      [slopeOf(weightSign(network, k))],
      times(valueSign(network, source[k]), [symbol("δ", neurons[target[k]])]),
      times(valueNumber(network, pass, source[k]), factor(pass.delta[target[k]])),
      [numeral(pass.gradient[k])],
    ]];
  },

  update(network, { pass, weights, rate }, k) {
    const weight = weightSign(network, k);
    if (!network.trainable[k]) return [[["new ", weight], [weight], [numeral(weights[k])]]];
    return [[
      ["new ", weight],
      [weight, " − ", ...times(["step size"], [slopeOf(weight)])],
      [numeral(weights[k]), " − ", ...times([numeral(rate)], factor(pass.gradient[k]))],
      [numeral(updated(network, weights, pass.gradient, rate, k))],
    ]];
  },
};

/** δ = (own slope of the loss + Σ weight · δ of what it feeds) · f′(z), in symbols and in numbers. */
function deltaEquation(network, { pass, weights }, n, ownSymbols, ownNumbers, paired) {
  const { neurons, target } = network;
  const edges = network.outgoing[n];
  const symbols = edges.map((k) => times([weightSign(network, k)], [symbol("δ", neurons[target[k]])]));
  const numbers = edges.map((k) => times(factor(weights[k]), factor(pass.delta[target[k]])));
  const derivative = [functionOf(neurons[n].activation, "′"), "(", symbol("z", neurons[n]), ")"];
  let sides = [
    times(grouped([...ownSymbols, ...symbols]), derivative),
    times(grouped([...ownNumbers, ...numbers]), factor(pass.slope[n])),
  ];
  if (paired) sides = sides.map((side, i) => between(" + ", [paired[i], side]));
  return [[symbol("δ", neurons[n])], ...sides, [numeral(pass.delta[n])]];
}

function weightSign(network, k) {
  return weightOf(network.neurons[network.source[k]], network.neurons[network.target[k]]);
}

/** A neuron's value; a bias neuron's is 1, and its symbol is left out. */
function valueSign(network, n) {
  return network.neurons[n].kind === "bias" ? ["1"] : [symbol("y", network.neurons[n])];
}

function valueNumber(network, pass, n) {
  return network.neurons[n].kind === "bias" ? ["1"] : factor(pass.value[n]);
}

// Signs as plain text, as the library prints them.

const TEXTS = {
  symbol: ({ letter, neuron }) => (neuron.bare ? letter + neuron.name : `${letter}(${neuron.name})`),
  weight: ({ source, target }) => `w(${source.name}→${target.name})`,
  slope: ({ by }) => `∂L/∂${asText(by)}`,
  function: ({ name, prime }) => name + prime,
  number: ({ value }) => number(value),
};

function asText(signs) {
  return signs.map((sign) => (typeof sign === "string" ? sign : TEXTS[sign.sign](sign))).join("");
}

/** Write a step as the library prints it: a title, then the equations with their signs = below each other. */
function stepText(network, step, numbers) {
  const lines = [titleOf(network, step)];
  for (const equation of formulaOf(network, step, numbers)) {
    const [left, ...sides] = equation.filter((side) => !side.unprinted).map(asText);
    const rows = [...sides.slice(0, -2), sides.slice(-2).join(" = ")];
    rows.forEach((row, i) => lines.push(`  ${i ? " ".repeat(left.length) : left} = ${row}`));
  }
  return lines.join("\n");
}

// Signs as MathML.

const OPERATORS = new Set(["ln", "sign", "clip", "max", "huber"]);

const MATHS = {
  symbol: ({ letter, neuron }) => [element("msub", {}, element("mi", {}, letter), nameNode(neuron))],
  weight: ({ source, target }) => [element("msub", {}, element("mi", {}, "w"),
    element("mrow", {}, nameNode(source), element("mo", {}, "→"), nameNode(target)))],
  slope: ({ by }) => [element("mfrac", {},
    element("mrow", {}, element("mi", {}, "∂"), element("mi", {}, "L")),
    element("mrow", {}, element("mi", {}, "∂"), ...asMath(by)))],
  function: ({ name, prime }) => [element("mi", {}, name), ...(prime ? [element("mo", {}, prime)] : [])],
  number: ({ value }) => numberNodes(number(value)),
};

function asMath(signs) {
  return signs.flatMap((sign) => (typeof sign === "string" ? textNodes(sign) : MATHS[sign.sign](sign)));
}

function nameNode(neuron) {
  return element(neuron.bare ? "mn" : "mtext", {}, neuron.name);
}

function numberNodes(text) {
  const [mantissa, exponent] = text.replace(MINUS, "").split("e");
  const nodes = [element("mn", {}, mantissa)];
  if (text.startsWith(MINUS)) nodes.unshift(element("mo", { form: "prefix" }, MINUS));
  if (exponent === undefined) return nodes;
  return [...nodes, element("mo", {}, "·"), element("msup", {}, element("mn", {}, "10"),
    element("mn", {}, text.slice(text.indexOf("e") + 1)))];
}

/** Split the text of a template into words, digits and operators. */
function textNodes(text) {
  return (text.match(/ ?[a-z]+( [a-z]+)* ?|\d+|\)²|[^\s]/gi) ?? []).map((part) => {
    if (part === ")²") return element("msup", {}, mathOperator(")"), element("mn", {}, "2"));
    if (/^\d/.test(part)) return element("mn", {}, part);
    if (/^[a-zδ]$/i.test(part) || OPERATORS.has(part)) return element("mi", {}, part);
    return /[a-z]/i.test(part) ? element("mtext", {}, part.replaceAll(" ", "\u00a0")) : mathOperator(part);
  });
}

function mathOperator(text) {
  return element("mo", "()|".includes(text) ? { stretchy: "false" } : {}, text);
}

/** Write a formula as one table of MathML for each equation: symbols = numbers = result below each other. */
function formulaNodes(formula, most) {
  return formula.map(([left, ...sides]) => element("math", { display: "block", class: "ng-equation" },
    element("mtable", {}, ...sides.flatMap((side, i) => brokenAt(most, side).map((line, j) => element("mtr", {},
      element("mtd", {}, ...(i || j ? [] : asMath(left))),
      element("mtd", {}, ...(j ? [] : [element("mo", {}, "=")])),
      element("mtd", {}, element("mrow", {}, ...asMath(line)))))))));
}

/** Break a long sum into lines of at most so many characters, each after the first with its + in front. */
function brokenAt(most, side) {
  const lines = [[]];
  let used = 0;
  for (const term of splitAtPlus(side)) {
    const length = asText(term).length;
    if (used && used + length > most) lines.push([]);
    used = lines.at(-1).length ? used + length : length;
    lines.at(-1).push(...term);
  }
  return lines;
}

function splitAtPlus(side) {
  const terms = [[]];
  for (const sign of side) {
    if (sign === " + ") terms.push([]);
    terms.at(-1).push(sign);
  }
  return terms;
}

// ── 7 sentences ─────────────────────────────────────────────────────────────────────────────────────
// A sentence is a list of texts, of { name } for a neuron and of { number }.

/** Take a template literal apart, so that names and numbers stay apart from the words. */
function say(words, ...things) {
  return words.flatMap((text, i) => (i < things.length ? [text, things[i]].flat() : [text]));
}

const shownNumber = (value) => ({ number: number(value) });

function listed(parts) {
  const most = 4, shown = parts.slice(0, most);
  const rest = parts.length > most ? [` and ${parts.length - most} more`] : [];
  return [...shown.flatMap((part, i) => {
    if (!i) return [part];
    return [i === parts.length - 1 ? " and " : ", ", part];
  }), ...rest];
}

/** Say in words what a step does. */
function sentenceOf(network, step, numbers) {
  const name = (n) => ({ name: network.neurons[n].name });
  return SENTENCES[step.kind](network, numbers, step.edge ?? step.neuron, name);
}

const SENTENCES = {
  given({ neurons }, { pass, point }, n, name) {
    if (neurons[n].kind === "bias") return say`Bias neuron ${name(n)} always hands on 1.`;
    return say`Input neuron ${name(n)} takes its number from training point ${point + 1}: ${
      shownNumber(pass.value[n])}.`;
  },

  sum(network, { pass }, n, name) {
    const { activation } = network.neurons[n];
    const after = activation === "identity" ? "and hands it on as it is:" : `and hands on ${activation} of it:`;
    return say`Neuron ${name(n)} multiplies each incoming value by the weight of its edge, adds up to ${
      shownNumber(pass.z[n])}, ${after} ${shownNumber(pass.value[n])}.`;
  },

  loss(_, { pass }, n, name) {
    return say`Output neuron ${name(n)} gave ${shownNumber(pass.value[n])}; right would be ${
      shownNumber(pass.target[n])}. How wrong that is, is the loss: ${shownNumber(pass.outputLoss[n])}.`;
  },

  total(_, { pass }) {
    return say`The losses of all outputs add up to the loss of this training point: ${shownNumber(pass.loss)}.`;
  },

  delta(network, { pass }, n, name) {
    const feeds = network.outgoing[n].map((k) => name(network.target[k]));
    const delta = shownNumber(pass.delta[n]);
    const how = pass.delta[n] === 0 ? "would not change" : pass.delta[n] > 0 ? "would rise" : "would fall";
    const meaning = say`its delta, ${delta}: if z of neuron ${name(n)} grew a little, the loss ${how}.`;
    if (!feeds.length && !network.isOutput[n]) return say`Neuron ${name(n)} feeds nothing, which makes 0 ${meaning}`;
    if (network.pair[n] && !feeds.length) {
      return say`Cross entropy and logistic together have a simple slope, output minus target. It is ${meaning}`;
    }
    if (!feeds.length) return say`The slope of the loss times the slope of the neuron’s function is ${meaning}`;
    const own = network.isOutput[n] ? ", and its own share of the loss" : "";
    const edges = feeds.length > 1 ? "these edges" : "this edge";
    return say`Neuron ${name(n)} feeds ${listed(feeds)}. What comes back along ${edges}, delta times weight${
      own}, times the neuron’s slope is ${meaning}`;
  },

  gradient(network, { pass }, k, name) {
    const gradient = pass.gradient[k];
    const meaning = gradient === 0 ? "changing the weight a little would not change the loss"
      : `raising the weight would ${gradient > 0 ? "raise" : "lower"} the loss`;
    return say`The value that enters the edge ${name(network.source[k])} → ${name(network.target[k])
    }, times the delta where it arrives, is the gradient (∇) of its weight: ${meaning}.`;
  },

  update(network, { pass, weights, rate }, k, name) {
    const edge = say`${name(network.source[k])} → ${name(network.target[k])}`;
    if (!network.trainable[k]) return say`The edge ${edge} is frozen: its weight stays ${shownNumber(weights[k])}.`;
    const after = updated(network, weights, pass.gradient, rate, k);
    return say`The weight of ${edge} takes a step against its gradient, from ${
      shownNumber(weights[k])} to ${shownNumber(after)}.`;
  },
};

// ── 8 elements ──────────────────────────────────────────────────────────────────────────────────────
// Text goes in as text nodes, attributes by their names in a fixed list: no label can become markup.

const SVG = "http://www.w3.org/2000/svg", MATHML = "http://www.w3.org/1998/Math/MathML";

const SPACES = new Map([
  ..."svg g path circle line rect text".split(" ").map((tag) => [tag, SVG]),
  ..."math mtable mtr mtd mrow mi mo mn mtext msub msup mfrac".split(" ").map((tag) => [tag, MATHML]),
]);

const ATTRIBUTES = new Set(`aria-hidden aria-label aria-live aria-pressed aria-valuemax aria-valuemin aria-valuenow
  aria-valuetext class colspan cx cy d data-phase display download form height href max min name r readonly role rows
  rowspan scope step stretchy stroke-width tabindex text-anchor title type value viewBox width x x1 x2 y y1 y2
  `.trim().split(/\s+/));

function element(tag, attributes = {}, ...children) {
  const space = SPACES.get(tag);
  const made = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) put(made, name, value);
  made.append(...children);
  return made;
}

/** Set an attribute where it changes; null and false take it away. */
function put(node, name, value) {
  if (!ATTRIBUTES.has(name)) throw new Error(`no attribute ${name} is known`);
  if (value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** Write a text into a node where it changes. */
function write(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

function on(node, events, listener) {
  for (const event of events.split(" ")) node.addEventListener(event, listener);
  return node;
}

const ICONS = {
  first: "M5 4v12M16 4l-9 6l9 6z", back: "M13 4l-8 6l8 6z", play: "M5 3l12 7l-12 7z",
  pause: "M6 4v12M14 4v12", next: "M7 4l8 6l-8 6z", last: "M15 4v12M4 4l9 6l-9 6z",
};

function icon(name) {
  return element("svg", { viewBox: "0 0 20 20", class: "ng-icon", "aria-hidden": "true" },
    element("path", { d: ICONS[name] }));
}

function button(label, action, attributes = {}) {
  return on(element("button", { type: "button", ...attributes }, label), "click", action);
}

function card(title, name, ...children) {
  const attributes = { class: `ng-card ng-card-${name}`, "aria-label": title };
  return element("section", attributes, element("h2", {}, title), ...children);
}

function row(...children) {
  return element("div", { class: "ng-row" }, ...children);
}

/** Make a slider and a box for the same number; `show` moves both, but leaves alone what is being typed. */
function numberControl(label, { write: change, bounds, name }) {
  const slider = element("input", { type: "range", step: "any", "aria-label": label });
  const box = element("input", { type: "number", step: "any", "aria-label": label });
  on(slider, "input", () => change(Number(slider.value)));
  on(box, "input", () => box.value !== "" && Number.isFinite(box.valueAsNumber) && change(box.valueAsNumber));
  const node = element("div", { class: "ng-number" }, name ?? element("span", {}, label), slider, box);
  function show(value, frozen = false) {
    const [low, high] = bounds(value);
    put(slider, "min", low);
    put(slider, "max", high);
    if (Number(slider.value) !== value) slider.value = Number.isFinite(value) ? value : 0;
    put(slider, "aria-valuetext", Number.isFinite(value) ? number(value) : "none");
    if (document.activeElement !== box || box.valueAsNumber !== value) box.value = briefly(value);
    slider.disabled = box.disabled = frozen;
  }
  return { node, show, slider, box };
}

/** A number for a box: six digits, as a keyboard writes them. */
function briefly(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "";
}

// ── 9 charts ────────────────────────────────────────────────────────────────────────────────────────

const CHART = { width: 320, height: 165, left: 46, right: 10, top: 20, bottom: 28 };

/** Choose about three round numbers between two. */
function roundNumbers(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((each) => each * power >= rough) * power;
  const first = Math.ceil(low / unit);
  return [0, 1, 2, 3, 4].map((i) => (first + i) * unit).filter((each) => each <= high);
}

/** Return the least and the greatest finite number, a little apart where they are one. */
function rangeOf(numbers, margin = 0) {
  const finite = numbers.filter(Number.isFinite);
  if (!finite.length) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b)), high = finite.reduce((a, b) => Math.max(a, b));
  const room = (high - low) * margin || (high === low ? Math.abs(high) * 0.1 || 1 : 0);
  return [low - room, high + room];
}

/** Make a chart; `draw` takes lines, dots and the names of the axes. */
function makeChart(label) {
  const { width, height } = CHART;
  const content = element("g");
  const attributes = { class: "ng-chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label };
  const node = element("svg", attributes, content);
  function draw({ lines, dots = [], across, up, xRange, yRange }) {
    const points = [...lines, ...dots].flatMap((each) => each.points ?? [[each.x, each.y]]);
    const place = placing(xRange, yRange ?? rangeOf(points.map(([, y]) => y), 0.06));
    content.replaceChildren(
      ...axes(place, across, up),
      ...lines.map((line) => element("path", { class: `ng-line-${line.name}`, d: pathOf(line.points, place) })),
      ...dots.filter((dot) => Number.isFinite(dot.y)).map((dot) => dotAt(dot, place)),
    );
  }
  return { node, draw };
}

function dotAt({ name, x, y, r = 3 }, place) {
  return element("circle", { class: `ng-dot-${name}`, cx: place.x(x), cy: place.y(y), r });
}

/** Map numbers to places in a chart. */
function placing([xLow, xHigh], [yLow, yHigh]) {
  const { width, height, left, right, top, bottom } = CHART;
  const part = (value, low, high) => within(-0.2, 1.2, (value - low) / (high - low));
  return {
    xLow, xHigh, yLow, yHigh,
    x: (value) => Number((left + part(value, xLow, xHigh) * (width - left - right)).toFixed(2)),
    y: (value) => Number((height - bottom - part(value, yLow, yHigh) * (height - top - bottom)).toFixed(2)),
  };
}

function axes(place, across, up) {
  const { width, height, left, right, top, bottom } = CHART;
  const floor = height - bottom;
  const grid = roundNumbers(place.yLow, place.yHigh).flatMap((y) => [
    element("line", { class: "ng-grid", x1: left, x2: width - right, y1: place.y(y), y2: place.y(y) }),
    element("text", { class: "ng-tick", x: left - 5, y: place.y(y) + 3.5, "text-anchor": "end" }, number(clear(y))),
  ]);
  const ticks = roundNumbers(place.xLow, place.xHigh).map((x) => element("text",
    { class: "ng-tick", x: place.x(x), y: floor + 12, "text-anchor": "middle" }, number(clear(x))));
  return [...grid, ...ticks,
    element("line", { class: "ng-axis", x1: left, x2: width - right, y1: floor, y2: floor }),
    element("text", { class: "ng-axis-name", x: width - right, y: floor + 24, "text-anchor": "end" }, across),
    element("text", { class: "ng-axis-name", x: left, y: 10 }, up)];
}

/** A round number without the noise of its multiplication. */
const clear = (x) => Number(x.toPrecision(12));

function pathOf(points, place) {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  return finite.map(([x, y], i) => `${i ? "L" : "M"}${place.x(x)} ${place.y(y)}`).join("");
}

const CELLS = 50;

/** Make a map of a function of two numbers, as colours between two ends. */
function makeHeatMap(label) {
  const canvas = element("canvas", { width: CELLS, height: CELLS, role: "img", "aria-label": label });
  const over = element("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" });
  const node = element("div", { class: "ng-map" }, canvas, over);
  function draw({ f, xRange, yRange, low, high, points }) {
    const context = canvas.getContext("2d"), image = context.createImageData(CELLS, CELLS);
    const colours = endColours(node);
    const at = ([from, to], share) => from + (to - from) * share;
    for (let row = 0; row < CELLS; row++) {
      for (let column = 0; column < CELLS; column++) {
        const value = f(at(xRange, (column + 0.5) / CELLS), at(yRange, 1 - (row + 0.5) / CELLS));
        image.data.set(mixed(colours, (value - low) / (high - low)), 4 * (row * CELLS + column));
      }
    }
    context.putImageData(image, 0, 0);
    over.replaceChildren(...points.map((point) => mapDot(point, xRange, yRange, colours, low, high)));
  }
  return { node, draw };
}

function mapDot({ x, y, value, current }, xRange, yRange, colours, low, high) {
  const place = ([from, to], number) => (100 * (number - from)) / (to - from);
  const dot = element("circle", { class: current ? "ng-map-dot ng-current" : "ng-map-dot",
    cx: place(xRange, x), cy: 100 - place(yRange, y), r: current ? 3 : 2 });
  const [red, green, blue] = mixed(colours, (value - low) / (high - low));
  if (Number.isFinite(value)) dot.style.fill = `rgb(${red}, ${green}, ${blue})`;
  return dot;
}

/** Read the colours of the map's ends and middle from the style sheet. */
function endColours(node) {
  const style = getComputedStyle(node);
  return ["--ng-low", "--ng-middle", "--ng-high"].map((name) => {
    const digits = style.getPropertyValue(name).trim().slice(1);
    return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16) || 0);
  });
}

/** Mix a colour: 0 is the low end, ½ the middle, 1 the high end. */
function mixed([low, middle, high], share) {
  const part = within(0, 1, Number.isFinite(share) ? share : 0.5);
  const [from, to, along] = part < 0.5 ? [low, middle, 2 * part] : [middle, high, 2 * part - 1];
  return [...from.map((colour, i) => Math.round(colour + (to[i] - colour) * along)), 255];
}

// ── 10 state ────────────────────────────────────────────────────────────────────────────────────────
// `position` counts the steps that are done; the last of them is the current one. A number is known, and
// shown, once its step is done.

const SPEEDS = [0.5, 1, 2, 4, 10]; // steps a second
const POINTS_A_FRAME = [1, 4, 16, 64, 256];
const FRAME = 12; // milliseconds for training between two pictures
const MOST_ON_CURVE = 600, MOST_PAST = 100;

/** Make a run: a start, the weights that came of it, and the loss on the way. */
function makeRun(start, seed = null) {
  return { start, seed, weights: start.slice(), trained: 0, curve: [] };
}

function makeState(data, network) {
  const targets = (row) => network.outputs.map((_, j) => row?.[j] ?? NaN);
  return {
    points: data.points.map(({ inputs, targets: row }) => ({ inputs: [...inputs], targets: targets(row) })),
    runs: [makeRun(Float64Array.from(network.edges, (edge) => edge.weight))],
    shown: 0, point: 0, position: 0, rate: data.rate, speed: 2, playing: "", message: null, past: [],
    edge: Math.max(0, network.trainable.indexOf(true)), output: 0,
  };
}

/** Join the state with what follows from it. Panels read `app`; whoever changes it calls `app.change`. */
function makeApp(data, onChange = () => {}) {
  const network = readNetwork(data);
  const app = {
    data, network, state: makeState(data, network), panels: [], version: 0, isQuiet: false, stopped: false,
    pass: makePass(network), spare: makePass(network),
    change(action) {
      action?.(app.state);
      derive(app);
      for (const panel of app.panels) panel.show();
      if (!app.isQuiet) onChange(app);
    },
  };
  derive(app);
  recordAll(app);
  return app;
}

/** Make a function that does its work only when one of the things it shows has changed. */
function whenChanged(things, work) {
  let before;
  return () => {
    const now = things();
    if (before && now.every((each, i) => Object.is(each, before[i]))) return;
    before = now;
    work();
  };
}

/** Compute what follows from the state. */
function derive(app) {
  const { network, state, pass } = app;
  app.weights = state.runs[state.shown].weights;
  app.current = state.points[state.point];
  run(network, app.weights, app.current, pass);
  app.complete = hasTargets(network, app.current);
  app.steps = stepsOf(app);
  state.position = within(0, app.steps.length, state.position);
  app.step = state.message ? undefined : app.steps[state.position - 1];
  app.numbers = { pass, weights: app.weights, rate: state.rate, point: state.point };
}

/** The steps of the current point, with the place of each neuron's and each edge's step. */
function stepsOf(app) {
  if (app.steps?.complete === app.complete) return app.steps;
  const steps = listSteps(app.network, app.complete);
  const places = { given: new Map(), sum: new Map(), loss: new Map(), total: new Map(), delta: new Map(),
    gradient: new Map(), update: new Map() };
  steps.forEach((step, i) => places[step.kind].set(step.edge ?? step.neuron, i));
  const starts = PHASES.map((phase) => steps.findIndex((step) => step.phase === phase));
  return Object.assign(steps, { complete: app.complete, places, starts });
}

/** Whether the step of this kind for a neuron or an edge is done. */
function isDone(app, kind, which) {
  const place = app.steps.places[kind].get(which);
  return place !== undefined && place < app.state.position;
}

/** The weight that an edge has at this position: a new one once its update is done. */
function shownWeight(app, k) {
  if (!isDone(app, "update", k)) return app.weights[k];
  return updated(app.network, app.weights, app.pass.gradient, app.state.rate, k);
}

function goTo(app, position) {
  app.change((state) => { state.position = position; state.message = null; });
}

/** Take the next step; after the last one the weights are the new ones, and the next point begins. */
function stepForward(app) {
  const { state, steps } = app;
  if (state.position < steps.length) return goTo(app, state.position + 1);
  return app.change(() => {
    const before = snapshot(state);
    if (!app.complete) nextPoint(state);
    else if (!trainOnce(app)) return;
    recordAll(app);
    Object.assign(state, { past: [...state.past.slice(1 - MOST_PAST), before], position: 1, message: null });
  });
}

/** Take the last step back; from a point's first step back comes the point before, while nothing else has changed. */
function stepBack(app) {
  const { state } = app;
  if (state.position > 1 || (state.position && !state.past.length)) return goTo(app, state.position - 1);
  return app.change(() => {
    if (!state.past.length) return;
    restore(state, state.past.pop());
    app.version += 1;
    Object.assign(state, { position: Infinity, message: null });
  });
}

function nextPoint(state) {
  state.point = (state.point + 1) % state.points.length;
}

/** What training changes, and how to have it back. */
function snapshot({ point, runs }) {
  const kept = ({ weights, trained, curve }) => ({ weights: weights.slice(), trained, curve: [...curve] });
  return { point, runs: runs.map(kept) };
}

function restore(state, { point, runs }) {
  state.point = point;
  state.runs.forEach((each, i) => Object.assign(each, runs[i]));
}

/** Change weights or data by hand; then there is no way back to points before. */
function edit(app, action) {
  app.change((state) => {
    action(state);
    recordAll(app);
    Object.assign(state, { past: [], message: null });
    if (app.complete) state.position = Math.min(state.position, app.steps.starts[3]);
  });
}

/** Train every run on the current point and go on to the next one; false where a number would not be finite. */
function trainOnce(app) {
  const { network, state, spare } = app;
  const before = snapshot(state), point = state.points[state.point];
  for (const each of state.runs) {
    if (!trainPoint(network, each.weights, point, state.rate, spare)) {
      restore(state, before);
      Object.assign(state, { playing: "", message: DIVERGED });
      return false;
    }
    each.trained += 1;
  }
  nextPoint(state);
  return true;
}

const DIVERGED = ["A number would no longer be finite, so training stopped and the weights stay as they are. ",
  "Choose a smaller step size, or start again."];

/** Train on many points, one after the other, for a while at most; return whether all went well. */
function trainMany(app, count, milliseconds = Infinity) {
  const end = performance.now() + milliseconds;
  let isGoing = true;
  for (let i = 0; isGoing && i < count && performance.now() < end; i++) isGoing = trainOnce(app);
  recordAll(app);
  app.state.past = [];
  return isGoing;
}

/** After weights or data have changed: put every run's loss on its curve. */
function recordAll(app) {
  app.version += 1;
  for (const each of app.state.runs) record(app, each);
}

/** Put the present loss on a run's curve; of many numbers every second one is dropped. */
function record(app, each) {
  if (!isTrainable(app)) return;
  const loss = meanLoss(app.network, each.weights, app.state.points, app.spare);
  if (each.curve.at(-1)?.[0] === each.trained) each.curve.pop();
  each.curve.push([each.trained, loss]);
  if (each.curve.length > MOST_ON_CURVE) each.curve = each.curve.filter((_, i) => i % 2 === 0);
}

/** Put every run back to its start, the state to the first step. */
function restart(app) {
  for (const each of app.state.runs) Object.assign(each, { weights: each.start.slice(), trained: 0, curve: [] });
  Object.assign(app.state, { point: 0, position: 0, playing: "" });
}

// ── 11 picture ──────────────────────────────────────────────────────────────────────────────────────

const DRAG = 120; // how many pixels of dragging change a number by 1

/** Bring the drawing to life: numbers, lit neurons and edges, and dragging on edges and inputs. */
function makePicture(app, svg) {
  const { network } = app;
  const neurons = network.neurons.map((_, i) => neuronParts(svg, i));
  const edges = network.edges.map((_, k) => edgeParts(svg, k));
  const scale = edges.length ? Number(edges[0].line?.getAttribute("stroke-width")) / lineWidth(app.weights[0], 1) : 1;
  svg.style.width = `min(100%, ${1.3 * svg.getAttribute("width")}px)`;
  svg.style.minWidth = `${0.66 * svg.getAttribute("width")}px`;
  letDrag(app, svg);
  function show() {
    const lit = litBy(app);
    neurons.forEach((parts, i) => showNeuron(app, parts, i, lit.neurons.has(i)));
    edges.forEach((parts, k) => showEdge(app, parts, scale, k, lit.edges.has(k)));
    if (app.step) bringIntoSight(svg.parentNode, svg.querySelector(".ng-neuron.ng-lit"));
  }
  svg.parentNode.append(element("figcaption", { class: "ng-note" }, HINT));
  return { node: svg, show };
}

const HINT = "Blue weights are positive, orange ones negative, dashed edges are frozen. Drag an edge sideways to "
  + "change its weight, an input to change its value; click on a neuron to see its step.";

/** Scroll a picture that is wider than its frame, so that a neuron can be seen. */
function bringIntoSight(frame, neuron) {
  if (!neuron || frame.scrollWidth <= frame.clientWidth) return;
  const outer = frame.getBoundingClientRect(), inner = neuron.getBoundingClientRect(), room = 60;
  if (inner.left < outer.left + room || inner.right > outer.right - room) {
    frame.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }
}

function neuronParts(svg, i) {
  const group = svg.querySelector(`.ng-neuron[data-neuron="${i}"]`);
  const part = (name) => group?.querySelector(name);
  return { group, title: part("title"), value: part(".ng-value"), delta: part(".ng-delta") };
}

/** The parts of an edge; its label has room for `reserved` characters, as in the drawing. */
function edgeParts(svg, k) {
  const group = svg.querySelector(`.ng-edge[data-edge="${k}"]`);
  const text = svg.querySelector(`.ng-weight[data-edge="${k}"]`), label = text?.closest(".ng-label");
  return { group, title: group?.querySelector("title"), line: group?.querySelector(".ng-line"), text, label,
    pill: label?.querySelector(".ng-pill"), reserved: Math.max(7, text?.textContent.length ?? 0) };
}

function litBy({ network, step }) {
  if (!step) return { neurons: new Set(), edges: new Set() };
  return { neurons: new Set(neuronsOf(network, step)), edges: new Set(edgesOf(network, step)) };
}

function showNeuron(app, { group, title, value, delta }, i, lit) {
  if (!group) return;
  const { network, pass } = app, { label, kind, activation } = network.neurons[i];
  const isComputing = Boolean(network.activation[i]);
  const known = isDone(app, isComputing ? "sum" : "given", i);
  const y = known ? number(pass.value[i]) : DASH;
  const d = isDone(app, "delta", i) ? number(pass.delta[i]) : DASH;
  group.classList.toggle("ng-lit", lit);
  write(value, y);
  if (isComputing) write(delta, `δ ${d}`);
  value?.classList.toggle("ng-empty", y === DASH);
  delta?.classList.toggle("ng-empty", d === DASH);
  const z = known && isComputing ? number(pass.z[i]) : DASH;
  write(title, `${label}\n${isComputing ? `${activation}, z ${z}, value ${y}, delta ${d}` : `${kind}, value ${y}`}`);
}

function showEdge(app, parts, scale, k, lit) {
  const { group, title, line, text, label, pill, reserved } = parts;
  const weight = shownWeight(app, k), frozen = !app.network.trainable[k];
  const isKnown = isDone(app, "gradient", k);
  const showsGradient = isKnown && !app.state.message && !isDone(app, "update", k);
  const now = [weight, isKnown && app.pass.gradient[k], showsGradient, lit, k === app.state.edge];
  if (!group || now.every((each, i) => Object.is(each, parts.before?.[i]))) return;
  parts.before = now;
  for (const node of [group, label ?? group]) {
    node.classList.toggle("ng-lit", lit);
    node.classList.toggle("ng-positive", weight > 0);
    node.classList.toggle("ng-negative", weight < 0);
    node.classList.toggle("ng-chosen", k === app.state.edge);
  }
  write(text, showsGradient ? `∇${number(app.pass.gradient[k])}` : number(weight));
  text?.classList.toggle("ng-is-gradient", showsGradient);
  if (pill) pill.style.transform = `scaleX(${(text.textContent.length + 1.3) / (reserved + 1.3)})`;
  if (line) put(line, "stroke-width", lineWidth(weight, scale));
  const gradient = isKnown ? number(app.pass.gradient[k]) : DASH;
  const state = `weight ${number(weight)}${frozen ? ", frozen" : ""}, gradient ${gradient}`;
  write(title, `${labelsOf(app.network, k)}\n${state}`);
}

/** As the drawing has it: larger weights wider, and the largest ones more slowly. */
function lineWidth(weight, scale) {
  return (scale * (0.9 + 1.5 * Math.log1p(Math.min(Math.abs(weight), 20)))).toFixed(2);
}

/** Dragging to the right or up on an edge or an input raises its number; a click chooses it. */
function letDrag(app, svg) {
  let dragged = null;
  on(svg, "pointerdown", (event) => {
    if (event.button !== 0) return;
    const place = event.target.closest("[data-edge], [data-neuron]");
    dragged = place && { ...whatIsAt(app, place), x: event.clientX, y: event.clientY, moved: false };
    if (dragged?.edge !== undefined) app.change((state) => { state.edge = dragged.edge; });
  });
  on(svg, "pointermove", (event) => {
    if (!event.buttons) dragged = null; // it was let go of outside
    if (!dragged?.change) return;
    const by = event.clientX - dragged.x - (event.clientY - dragged.y);
    if (!dragged.moved && Math.abs(by) < 4) return;
    if (!dragged.moved) svg.setPointerCapture(event.pointerId);
    dragged.moved = true;
    dragged.change(Number((dragged.from + by / DRAG).toFixed(3)));
  });
  on(svg, "pointerup pointercancel", (event) => {
    const isClick = event.type === "pointerup" && dragged && !dragged.moved;
    if (isClick && dragged.neuron !== undefined) goToNeuron(app, dragged.neuron);
    dragged = null;
  });
}

function whatIsAt(app, place) {
  const { network } = app;
  if (place.dataset.edge !== undefined) {
    const edge = Number(place.dataset.edge);
    const change = network.trainable[edge] ? (value) => setWeight(app, edge, value) : null;
    return { edge, from: app.weights[edge], change };
  }
  const neuron = Number(place.dataset.neuron), input = network.inputs.indexOf(neuron);
  const change = input >= 0 ? (value) => setInput(app, input, value) : null;
  return { neuron, from: app.current.inputs[input], change };
}

function setWeight(app, edge, value) {
  edit(app, () => { app.weights[edge] = value; });
}

function setInput(app, i, value) {
  edit(app, () => { app.current.inputs[i] = value; });
}

/** Show the step of a neuron: its delta in the backward phase, its value otherwise. */
function goToNeuron(app, neuron) {
  const { places } = app.steps;
  const back = app.step?.phase === "backward" ? places.delta.get(neuron) : undefined;
  goTo(app, 1 + (back ?? places.sum.get(neuron) ?? places.given.get(neuron)));
}

// ── 12 panels ───────────────────────────────────────────────────────────────────────────────────────
// Each makes its elements once and has `show`, which writes the state into them.

function transportPanel(app) {
  const move = (label, name, action) => button("", action, { "aria-label": label, title: label, class: "ng-move" });
  const buttons = {
    first: move("To the start (Home)", "first", () => goTo(app, 0)),
    back: move("Back (←)", "back", () => stepBack(app)),
    play: move("Play (space)", "play", () => togglePlaying(app, "steps")),
    next: move("Next (→)", "next", () => stepForward(app)),
    last: move("To the end (End)", "last", () => goTo(app, app.steps.length)),
  };
  for (const [name, node] of Object.entries(buttons)) node.append(icon(name));
  const bar = scrubBar(app);
  const speed = element("select", { "aria-label": "speed", title: "speed" },
    ...SPEEDS.map((each, i) => element("option", { value: i }, `${each} / s`)));
  on(speed, "change", () => app.change((state) => { state.speed = Number(speed.value); }));
  const count = element("span", { class: "ng-count" });
  const node = element("div", { class: "ng-transport" },
    element("div", { class: "ng-buttons" }, ...Object.values(buttons), speed), bar.node, count);
  function show() {
    const { state, steps } = app, isPlaying = state.playing === "steps";
    bar.show();
    write(count, `${state.position} / ${steps.length}`);
    count.style.minWidth = `${2 * String(steps.length).length + 3}ch`;
    buttons.play.replaceChildren(icon(isPlaying ? "pause" : "play"));
    put(buttons.play, "aria-label", isPlaying ? "Pause (space)" : "Play (space)");
    put(buttons.play, "title", isPlaying ? "Pause (space)" : "Play (space)");
    buttons.back.disabled = state.position === 0 && !state.past.length;
    speed.value = state.speed;
  }
  return { node, show };
}

/** The four phases as a bar to drag along; each fills as its steps are done. */
function scrubBar(app) {
  const marks = PHASES.map((phase) => element("div", { class: "ng-phase", "data-phase": phase },
    element("span", { class: "ng-fill" }), element("span", { class: "ng-phase-name" }, phase)));
  const attributes = { class: "ng-scrub", role: "slider", tabindex: 0, "aria-label": "step", "aria-valuemin": 0 };
  const node = element("div", attributes, ...marks);
  const seek = (event) => goTo(app, positionAt(app, marks, event.clientX));
  on(node, "pointerdown", (event) => { node.setPointerCapture(event.pointerId); seek(event); });
  on(node, "pointermove", (event) => { if (event.buttons) seek(event); });
  function show() {
    const { steps, state } = app;
    marks.forEach((mark, i) => {
      const [from, to] = phaseBounds(steps, i);
      mark.hidden = from === to;
      mark.style.flexGrow = Math.sqrt(to - from);
      mark.style.backgroundSize = `${100 / within(1, 60, to - from)}% 100%`;
      mark.firstChild.style.width = `${100 * within(0, 1, (state.position - from) / (to - from || 1))}%`;
      mark.classList.toggle("ng-current", app.step?.phase === PHASES[i]);
    });
    put(node, "aria-valuemax", steps.length);
    put(node, "aria-valuenow", state.position);
    put(node, "aria-valuetext", `${state.position} of ${steps.length}${app.step ? `, ${app.step.phase}` : ""}`);
  }
  return { node, show };
}

/** The positions before the first and after the last step of a phase. */
function phaseBounds(steps, i) {
  const start = (j) => (j < PHASES.length && steps.starts[j] >= 0 ? steps.starts[j] : steps.length);
  return [start(i), start(i + 1)];
}

function positionAt(app, marks, x) {
  const boxes = marks.map((mark) => mark.getBoundingClientRect());
  const i = Math.max(0, boxes.findLastIndex((box) => box.width && x >= box.left));
  const [from, to] = phaseBounds(app.steps, i);
  return from + Math.round(within(0, 1, (x - boxes[i].left) / boxes[i].width) * (to - from));
}

function stepPanel(app) {
  const title = element("h2"), place = element("span", { class: "ng-note" });
  const loss = element("span", { class: "ng-note" });
  const formula = element("div", { class: "ng-formula" });
  const sentence = element("p", { class: "ng-sentence", "aria-live": "polite" });
  const node = element("section", { class: "ng-card ng-card-step", "aria-label": "the current step" },
    element("div", { class: "ng-step-head" }, title, place, loss), formula, sentence);
  function fill(step) {
    const { network, numbers, state } = app;
    const [what, where] = step ? titleOf(network, step).split("   ") : [state.message ? "Training" : "Ready", ""];
    write(title, what);
    write(place, where ?? "");
    write(loss, `loss of this point: ${isLossKnown(app) ? number(app.pass.loss) : DASH}`);
    sentence.replaceChildren(...nodesOf(step ? sentenceOf(network, step, numbers) : state.message ?? INTRODUCTION));
    const inShort = state.message ? [RULE] : outline(network);
    formula.replaceChildren(...formulaNodes(step ? formulaOf(network, step, numbers) : inShort, roomIn(formula)));
  }
  function show() {
    put(sentence, "aria-live", app.state.playing === "training" ? "off" : "polite");
    reserve(app, node, fill);
    fill(app.step);
  }
  return { node, show };
}

/** About how many characters of a formula fit into a line. */
const roomIn = (node) => Math.max(24, node.clientWidth / 9.5 - 8);

/** Make the panel high enough for the longest step of each kind, so that nothing moves while stepping. */
function reserve(app, node, fill) {
  if (node.reserved === `${node.clientWidth} ${app.complete}`) return;
  node.reserved = `${node.clientWidth} ${app.complete}`;
  node.style.minHeight = "";
  const longest = new Map();
  for (const step of app.steps) {
    const size = step.edge === undefined ? edgesOf(app.network, step).length : 0;
    if (!(size <= longest.get(step.kind)?.size)) longest.set(step.kind, { size, step });
  }
  const heights = [undefined, ...[...longest.values()].map(({ step }) => step)].map((step) => {
    fill(step);
    return node.getBoundingClientRect().height;
  });
  node.style.minHeight = `${Math.ceil(Math.max(...heights))}px`;
}

/** What training does to every weight; and all that happens, in short. */
const RULE = [["new ", "w"], ["w", " − ", ...times(["step size"], [slopeOf("w")])]];
const outline = ({ loss }) => [
  [["z"], ["Σ", "w", "·", "y"]], [["y"], ["f", "(", "z", ")"]], [["L"], filled(loss.text, ["y"], ["t"])],
  [["δ"], [slopeOf("z")]], [[slopeOf("w")], ["y", "·", "δ"]], RULE,
];

/** Whether all steps of the loss are done. */
function isLossKnown({ complete, steps, state }) {
  return complete && state.position >= steps.starts[2];
}

const INTRODUCTION = ["Nothing is computed yet. Press → for the next step, ← for the one before, space to play. ",
  "Every number comes in its turn: forward through the network, the loss, backward, and the update of every weight."];

function nodesOf(sentence) {
  return sentence.map((part) => (part.name !== undefined ? element("bdi", {}, part.name)
    : part.number !== undefined ? element("b", {}, part.number) : String(part)));
}

function pointsPanel(app) {
  const { network } = app;
  const inputs = network.inputs.map((_, i) => dataControl(app, "inputs", i));
  const targets = network.outputs.map((_, j) => dataControl(app, "targets", j));
  const heading = element("h3", {});
  const sliders = (controls) => element("div", { class: "ng-sliders" }, ...controls.map((control) => control.node));
  const list = pointsTable(app);
  const add = button("Add a point", () => edit(app, (state) => {
    state.points.push({ inputs: [...app.current.inputs], targets: [...app.current.targets] });
    state.point = state.points.length - 1;
  }));
  const remove = button("Remove it", () => edit(app, (state) => {
    state.points.splice(state.point, 1);
    state.point = Math.min(state.point, state.points.length - 1);
  }));
  const node = card("Training points", "points", list.node, heading, sliders(inputs),
    element("h3", {}, "Targets"), sliders(targets), row(add, remove));
  function show() {
    const { points, point } = app.state;
    write(heading, `Inputs of point ${point + 1}`);
    for (const control of [...inputs, ...targets]) control.show();
    remove.disabled = points.length === 1;
    list.show();
  }
  return { node, show };
}

/** A slider and a box for one input or target of the current point; `which` is "inputs" or "targets". */
function dataControl(app, which, i) {
  const { network, state } = app, isTarget = which === "targets";
  const { label } = network.neurons[isTarget ? network.outputs[i] : network.inputs[i]];
  const sizes = state.points.map((point) => Math.abs(point[which][i])).filter(Number.isFinite);
  const reach = 1.5 * Math.max(1, ...sizes);
  const around = (value) => [-1, 1].map((sign) => sign * Math.max(reach, Math.abs(value) || 0));
  const change = (value) => edit(app, () => {
    app.current[which][i] = isTarget ? fitted(network.loss, value) : value;
  });
  const control = numberControl(`${isTarget ? "target" : "input"} ${label}`, {
    name: element("span", { title: label }, element("bdi", {}, label)),
    bounds: (value) => (isTarget && network.loss.targets) || around(value), write: change,
  });
  return { node: control.node, show: () => control.show(app.current[which][i]) };
}

let tables = 0; // so that the radio buttons of two players are not one group

/** The table of all points; the current one is marked, and a click chooses another one. */
function pointsTable(app) {
  const { network } = app;
  const name = `ng-point-${++tables}`;
  const groups = [["inputs", network.inputs], ["targets", network.outputs], ["outputs", network.outputs]];
  const above = groups.map(([kind, neurons]) => element("th", { scope: "colgroup", colspan: neurons.length }, kind));
  const names = groups.flatMap(([, neurons]) => neurons.map((n) => element("th", { scope: "col" },
    element("bdi", {}, network.neurons[n].label))));
  const body = element("tbody");
  const node = element("div", { class: "ng-scroll" }, element("table", { class: "ng-points" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col", rowspan: 2 }, "point"), ...above),
      element("tr", {}, ...names)), body));
  const cells = network.inputs.length + 2 * network.outputs.length;
  function makeRow(i) {
    const radio = element("input", { type: "radio", name, value: i });
    on(radio, "change", () => app.change((state) => { state.point = i; state.message = null; state.past = []; }));
    return element("tr", {}, element("th", { scope: "row" }, element("label", {}, radio, ` ${i + 1}`)),
      ...Array.from({ length: cells }, () => element("td", {})));
  }
  const showRows = whenChanged(() => [app.version, app.state.shown],
    () => app.state.points.forEach((each, i) => showRow(app, body.rows[i], each)));
  function show() {
    const { points, point } = app.state;
    while (body.rows.length > points.length) body.lastChild.remove();
    while (body.rows.length < points.length) body.append(makeRow(body.rows.length));
    if (app.state.playing !== "training" || points.length <= 50) showRows();
    body.querySelector(".ng-current")?.classList.remove("ng-current");
    body.rows[point].classList.add("ng-current");
    body.rows[point].querySelector("input").checked = true;
    if (app.state.playing !== "training") keepInSight(node, body.rows[point]);
  }
  return { node, show };
}

function showRow(app, row, point) {
  const { network, spare } = app;
  runForward(network, app.weights, point.inputs, spare);
  const outputs = network.outputs.map((n) => spare.value[n]);
  [...point.inputs, ...point.targets, ...outputs].forEach((value, j) => {
    write(row.cells[j + 1], Number.isNaN(value) ? DASH : number(value));
  });
}

/** Scroll a list, and nothing around it, so that a row can be seen. */
function keepInSight(list, row) {
  const head = list.querySelector("thead").offsetHeight;
  if (row.offsetTop - head < list.scrollTop) list.scrollTop = row.offsetTop - head;
  else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
  }
}

function trainingPanel(app) {
  const rate = numberControl("step size", {
    bounds: (value) => [0, Math.max(1, value)],
    write: (value) => value >= 0 && app.change((state) => { state.rate = value; }),
  });
  const one = button("One point", () => train(app, 1));
  const epoch = button("One epoch", () => train(app, app.state.points.length));
  const play = button("Train", () => togglePlaying(app, "training"), { class: "ng-main" });
  const facts = element("dl", { class: "ng-facts" });
  const chart = makeChart("loss over the training");
  const node = card("Training", "training", row(one, epoch, play), rate.node, facts, chart.node);
  function show() {
    rate.show(app.state.rate);
    for (const each of [one, epoch, play]) each.disabled = !isTrainable(app);
    write(play, app.state.playing === "training" ? "Pause" : "Train");
    showFacts(app, facts);
    drawTraining(app.state.runs, chart);
  }
  return { node, show };
}

/** Draw the mean loss of each run over its updates. */
function drawTraining(runs, chart) {
  const [, high] = rangeOf(runs.flatMap((each) => each.curve.map(([, loss]) => loss)));
  chart.draw({
    lines: runs.map((each, i) => ({ name: "ab"[i], points: each.curve })),
    dots: runs.flatMap((each, i) => each.curve.slice(-1).map(([x, y]) => ({ name: "ab"[i], x, y }))),
    across: "updates", up: "mean loss",
    xRange: [0, Math.max(10, ...runs.map((each) => each.trained))], yRange: [0, 1.08 * high],
  });
}

/** Facts about training: each run's loss over all points, and how much it has been trained. */
function showFacts(app, list) {
  const { runs, points } = app.state;
  const several = runs.length > 1;
  const facts = runs.flatMap((each, i) => [
    [several ? `loss ${"AB"[i]}` : "mean loss", each.curve.length ? number(each.curve.at(-1)[1]) : DASH],
    ...(i ? [] : [["updates", String(each.trained)], ["epochs", number(each.trained / points.length)]]),
  ]);
  const fact = ([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value));
  list.replaceChildren(...facts.map(fact));
}

function train(app, count) {
  app.change((state) => {
    state.playing = "";
    if (trainMany(app, count)) showTrained(app);
  });
}

/** After training, show all numbers of the next point, and in words what was done. */
function showTrained(app) {
  const { state } = app;
  const { trained } = state.runs[state.shown], points = trained === 1 ? "point" : "points";
  state.position = app.steps.starts[3];
  state.message = say`Trained on ${shownNumber(trained)} ${points} so far. The picture shows point ${
    shownNumber(state.point + 1)} with the weights as they are now, up to its gradients.`;
}

function weightPanel(app) {
  const { network } = app;
  const choice = element("select", { "aria-label": "weight" },
    ...network.edges.map((_, k) => element("option", { value: k }, labelsOf(network, k))));
  on(choice, "change", () => app.change((state) => { state.edge = Number(choice.value); }));
  const control = numberControl("weight", {
    bounds: (value) => [-1, 1].map((sign) => sign * reachOf(value)),
    write: (value) => setWeight(app, app.state.edge, value),
  });
  const chart = makeChart("loss of the current point as a function of this weight");
  const note = element("p", { class: "ng-note" });
  const chosen = element("label", { class: "ng-choice" }, "edge ", choice);
  const node = card("One weight", "weight", chosen, control.node, chart.node, note);
  const show = whenChanged(() => [app.version, app.state.shown, app.state.point, app.state.edge], () => {
    const k = app.state.edge;
    if (choice.value !== String(k)) choice.value = k;
    control.show(app.weights[k], !network.trainable[k]);
    drawWeight(app, chart, k);
    write(note, weightNote(app, k));
  });
  return { node, show };
}

function reachOf(value) {
  return Math.max(3, 2 ** Math.ceil(Math.log2(Math.abs(value) || 1)));
}

function weightNote(app, k) {
  if (!app.complete) return "This point has no targets, so it has no loss.";
  const frozen = app.network.trainable[k] ? "" : " The edge is frozen: it keeps its weight.";
  const slope = number(app.pass.gradient[k]);
  return `All other weights stay. The straight line has the slope ${slope}: the gradient.${frozen}`;
}

/** Draw the loss of the current point over one weight, the present place, and the tangent there. */
function drawWeight(app, chart, k) {
  if (!app.complete) return chart.draw({ lines: [], across: "weight", up: "loss", xRange: [-3, 3], yRange: [0, 1] });
  const { network, spare, pass, current } = app;
  const weight = app.weights[k], reach = reachOf(weight);
  const tried = app.weights.slice();
  const curve = Array.from({ length: 81 }, (_, i) => {
    tried[k] = -reach + (2 * reach * i) / 80;
    runForward(network, tried, current.inputs, spare);
    runLoss(network, current.targets, spare);
    return [tried[k], spare.loss];
  });
  const run = reach / 3, slope = pass.gradient[k];
  const [low, high] = rangeOf([...curve.map(([, y]) => y), pass.loss], 0.06);
  const short = Math.min(run, (high - low) / (2 * Math.abs(slope) || Infinity));
  const tangent = [-1, 1].map((sign) => [weight + sign * short, pass.loss + sign * short * slope]);
  return chart.draw({ lines: [{ name: "a", points: curve }, { name: "tangent", points: tangent }],
    dots: [{ name: "a", x: weight, y: pass.loss, r: 4 }], across: "weight", up: "loss of this point",
    xRange: [-reach, reach], yRange: [low, high] });
}

/** For one input its function as a curve, for two a map. */
function functionPanel(app) {
  const { network } = app;
  const count = network.inputs.length;
  const choice = element("select", { "aria-label": "output" },
    ...network.outputs.map((n, j) => element("option", { value: j }, `output ${network.neurons[n].label}`)));
  on(choice, "change", () => app.change((state) => { state.output = Number(choice.value); }));
  const plot = count === 1 ? makeChart("output over input") : makeHeatMap("output over both inputs");
  const note = element("p", { class: "ng-note" });
  const node = card("What it computes", "function", ...(network.outputs.length > 1 ? [choice] : []), plot.node, note);
  const given = (i) => app.state.points.map((point) => point.inputs[i]);
  const ranges = network.inputs.map((_, i) => rangeOf([...given(i), -1, 1], 0.15));
  const show = whenChanged(() => [app.version, app.state.shown, app.state.point, app.state.output], () => {
    if (count === 1) drawFunction(app, plot, ranges[0]);
    else drawMap(app, plot, ranges, note);
  });
  return { node, show };
}

function outputAt(app, inputs) {
  runForward(app.network, app.weights, inputs, app.spare);
  return app.spare.value[app.network.outputs[app.state.output]];
}

function drawFunction(app, chart, range) {
  const { state, network, current } = app;
  const [low, high] = rangeOf([...range, current.inputs[0]]);
  const across = Array.from({ length: 101 }, (_, i) => low + ((high - low) * i) / 100);
  const curve = across.map((x) => [x, outputAt(app, [x])]);
  const dots = state.points.map((point) => ({ name: point === current ? "current" : "target", x: point.inputs[0],
    y: point.targets[state.output], r: point === current ? 5 : 3 })).filter((dot) => Number.isFinite(dot.y));
  const place = { name: "a", x: current.inputs[0], y: outputAt(app, current.inputs), r: 4 };
  const name = (n) => network.neurons[n].label;
  chart.draw({ lines: [{ name: "a", points: curve }], dots: [...dots, place], xRange: [low, high],
    across: `input ${name(network.inputs[0])}`, up: `output ${name(network.outputs[state.output])}` });
}

function drawMap(app, map, ranges, note) {
  const { state, network, current } = app;
  const targets = state.points.map((point) => point.targets[state.output]).filter(Number.isFinite);
  const [low, high] = targets.length ? rangeOf(targets) : [-1, 1];
  const [xRange, yRange] = ranges.map((range, i) => rangeOf([...range, current.inputs[i]]));
  const points = state.points.map((point) => ({ x: point.inputs[0], y: point.inputs[1],
    value: point.targets[state.output], current: point === current }));
  map.draw({ f: (x, y) => outputAt(app, [x, y]), xRange, yRange, low, high, points });
  const name = (i) => network.neurons[network.inputs[i]].label;
  const fromTo = (range) => range.map(number).join(" to ");
  write(note, `Across: input ${name(0)}, ${fromTo(xRange)}. Up: input ${name(1)}, ${fromTo(yRange)}. `
    + `Orange is ${number(low)} or less, blue ${number(high)} or more; dots are targets.`);
}

function startsPanel(app) {
  const seed = element("input", { type: "number", min: 0, max: 4294967295, step: 1, value: 1, "aria-label": "seed" });
  const fresh = () => Math.trunc(within(0, 4294967295, seed.valueAsNumber || 0));
  const draw = () => makeRun(randomWeights(app.network, app.state.runs[0].start, fresh()), fresh());
  const again = button("Same start again", () => edit(app, () => restart(app)));
  const anew = button("New start", () => edit(app, (state) => {
    state.runs[state.shown] = draw();
    restart(app);
  }));
  const compare = button("", () => edit(app, (state) => {
    state.runs = state.runs.length > 1 ? [state.runs[state.shown]] : [state.runs[0], draw()];
    state.shown = 0;
    restart(app);
  }));
  const showRun = (i) => app.change((state) => { state.shown = i; });
  const choices = ["A", "B"].map((label, i) => button(`Show ${label}`, () => showRun(i)));
  const note = element("p", { class: "ng-note" });
  const node = card("Starts", "starts", row(again, ...choices),
    row(element("label", {}, "seed ", seed), anew, compare), note);
  function show() {
    const { runs, shown } = app.state;
    write(compare, runs.length > 1 ? "Stop comparing" : "Compare");
    for (const choice of choices) choice.hidden = runs.length < 2;
    choices.forEach((choice, i) => put(choice, "aria-pressed", String(i === shown)));
    write(note, runs.map((each, i) => `${runs.length > 1 ? `${"AB"[i]}: ` : ""}${startName(each)}`).join(" "));
  }
  return { node, show };
}

function startName({ seed }) {
  if (seed === null) return "It starts from the weights of the network as it was given.";
  return `It starts from random weights, seed ${seed}.`;
}

function filePanel(app) {
  const text = element("textarea", { readonly: true, rows: 6, "aria-label": "the network as JSON" });
  const note = element("p", { class: "ng-note", role: "status" });
  const fill = () => { text.value = fileText(app); };
  const save = button("Download", () => offerFile(fileText(app)));
  const copy = button("Copy", () => { fill(); write(note, copyText(text) ? "Copied." : "Press Ctrl+C to copy."); });
  const summary = element("summary", {}, "Show the text");
  const details = element("details", {}, summary, text);
  const node = card("Weights as a file", "file",
    element("p", { class: "ng-note" }, "The network with the weights as they are now, for neurograph.load."),
    row(save, copy), note, details);
  on(summary, "click", fill);
  function show() {
    if (details.open) fill();
  }
  return app.data.file ? { node, show } : null;
}

/** The library's JSON text with the present weights in their places. */
function fileText({ data, weights }) {
  return data.file.map((part) => (typeof part === "string" ? part : jsonNumber(weights[part]))).join("");
}

/** A number that reads back as the same float: with its sign, where it is −0, and never as an integer. */
function jsonNumber(x) {
  const text = Object.is(x, -0) ? "-0" : String(x);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function offerFile(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = element("a", { href: address, download: "network.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Copy what a text box holds, in a frame, too, where the newer way is closed; it stays selected. */
function copyText(box) {
  box.closest("details").open = true;
  box.select();
  return document.execCommand("copy");
}

// ── 13 start ────────────────────────────────────────────────────────────────────────────────────────

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Start or stop playing: "steps" one after the other, or "training". */
function togglePlaying(app, what) {
  app.change((state) => {
    state.playing = state.playing === what ? "" : what;
    state.message = state.playing === "training" ? state.message : null;
  });
  if (app.state.playing) requestAnimationFrame((now) => play(app, what, now));
}

/** Play one step or some training when it is time, and come again. */
function play(app, what, now, last = -Infinity) {
  const { state } = app;
  if (state.playing !== what || app.stopped) return;
  const pause = what === "steps" ? 1000 / SPEEDS[state.speed] : isStill() ? 500 : 0;
  const isTime = now - last >= pause;
  if (isTime && what === "steps") stepForward(app);
  if (isTime && what === "training") {
    app.change(() => { if (trainMany(app, POINTS_A_FRAME[state.speed], FRAME)) showTrained(app); });
  }
  requestAnimationFrame((next) => play(app, what, next, isTime ? now : last));
}

const KEYS = {
  ArrowRight: stepForward, ArrowLeft: stepBack, " ": (app) => togglePlaying(app, "steps"),
  Home: (app) => goTo(app, 0), End: (app) => goTo(app, app.steps.length),
};

/** Let keys step, unless they mean something to the element that has the focus. */
function listenToKeys(app, place) {
  on(place, "keydown", (event) => {
    const action = KEYS[event.key];
    const taken = event.key === " " ? "input, select, textarea, summary, button" : "input, select, textarea, summary";
    if (!action || event.target.closest?.(taken) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action(app);
  });
}

/** Tell the page around this frame how high it wants to be. */
function reportHeight(root) {
  if (window.parent === window) return;
  const report = () => window.parent.postMessage({ neurograph: "height", height: root.scrollHeight }, "*");
  new ResizeObserver(report).observe(root);
  for (const delay of [0, 300, 3000]) setTimeout(report, delay); // a frame out of sight observes nothing
}

const CHOSEN = new Map([["light", "light"], ["dark", "dark"]]);

/** Follow the page around this frame, where that page has chosen light or dark for itself. */
function followScheme(redraw) {
  if (window.parent === window) return;
  const nodes = document.querySelectorAll(".ng-theme-auto");
  on(window, "message", ({ source, data }) => {
    if (source !== window.parent || data?.neurograph !== "scheme") return;
    const theme = `ng-theme-${CHOSEN.get(data.scheme) ?? "auto"}`;
    for (const { classList } of nodes) {
      classList.remove("ng-theme-auto", "ng-theme-light", "ng-theme-dark");
      classList.add(theme);
    }
    redraw();
  });
}

/**
 * Start a player in an element that holds a drawing.
 *
 * @param {Element} root  the element, with the library's drawing in it
 * @param {object} data  what `explore` says of the network, the points and the loss
 * @param {object} options  `onChange`: called after every change; `keys`: where keys are listened to
 * @returns an object to steer it with: `app`, `setWeights`, `stop`
 */
function start(root, data, { onChange, keys = root } = {}) {
  const app = makeApp(data, onChange);
  const svg = root.querySelector("svg.ng-drawing");
  const make = (...panels) => panels.map((panel) => panel(app)).filter(Boolean);
  const picture = makePicture(app, svg);
  const few = app.network.inputs.length <= 2;
  const below = make(weightPanel, few ? functionPanel : startsPanel), main = make(transportPanel, stepPanel);
  const side = make(trainingPanel, pointsPanel, ...(few ? [startsPanel] : []), filePanel);
  app.panels = [picture, ...main, ...below, ...side];
  const step = main[1];
  const nodes = (panels) => panels.map((panel) => panel.node);
  root.querySelector(".ng-static")?.remove();
  root.append(element("div", { class: "ng-desk" },
    element("div", { class: "ng-stage" }, svg.parentNode, ...nodes(main),
      element("div", { class: "ng-below" }, ...nodes(below))),
    element("div", { class: "ng-side" }, ...nodes(side))));
  root.classList.add("ng-started");
  listenToKeys(app, keys);
  app.change();
  const redraw = () => app.stopped || app.change(() => { app.version += 1; });
  const ended = new AbortController(), resized = new ResizeObserver(() => app.stopped || step.show());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal: ended.signal });
  resized.observe(root);
  if (document.body.classList.contains("ng-page")) followScheme(redraw);
  reportHeight(root);
  return {
    app,
    stop() {
      app.stopped = true;
      ended.abort();
      resized.disconnect();
    },
    setWeights(weights) { // from outside, so nobody there needs to be told
      app.isQuiet = true;
      edit(app, () => app.weights.set(weights));
      app.isQuiet = false;
    },
  };
}

/** Start every player of a page that has its data beside its drawing. */
function startAll() {
  const roots = document.querySelectorAll(".ng-player:not(.ng-started)");
  for (const root of roots) {
    const data = JSON.parse(root.querySelector(".ng-data").textContent);
    const isAlone = roots.length === 1 && document.body.classList.contains("ng-page");
    root.player = start(root, data, { keys: isAlone ? document : root });
  }
}

globalThis.neurographPlayer = {
  start, startAll,
  numerics: { ACTIVATIONS, LOSSES, readNetwork, makePass, run, trainPoint, meanLoss, randomWeights, number },
  steps: { listSteps, stepText },
};
startAll();
})();
