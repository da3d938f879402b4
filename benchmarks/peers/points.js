// The text's network in synaptic or neataptic, neuron by neuron; biases are the neurons' own there.
//
// Reads a line of JSON for each job: {"library", "steps", "rate", "weights", "x", "t"}; answers with a line:
// the seconds that its steps took, and the weights after them, in the order of neurograph's program.
const path = require('path')
const readline = require('readline')

const peers = path.join(__dirname, '..', '.peers', 'node_modules')
const EDGES = [[1, 3], [2, 3], [1, 4], [2, 4], [3, 6], [4, 6], [5, 6], [4, 7], [5, 7], [6, 9], [7, 9], [8, 9]]
const BIASES = new Set([2, 5, 8])
const COMPUTING = [3, 4, 6, 7, 9]

const LIBRARIES = {
  synaptic: () => {
    const { Neuron } = require(path.join(peers, 'synaptic'))
    return {
      make: () => new Neuron(),
      connect: (source, target, weight) => source.project(target, weight),
      output: (neuron, rate, target) => neuron.propagate(rate, target),
      hidden: (neuron, rate) => neuron.propagate(rate)
    }
  },
  neataptic: () => {
    const { Node } = require(path.join(peers, 'neataptic'))
    return {
      make: kind => new Node(kind),
      connect: (source, target, weight) => source.connect(target, weight)[0],
      output: (neuron, rate, target) => neuron.propagate(rate, 0, true, target),
      hidden: (neuron, rate) => neuron.propagate(rate, 0, true)
    }
  }
}

function run ({ library, steps, rate, weights, x, t }) {
  const { make, connect, output, hidden } = LIBRARIES[library]()
  const neurons = { 1: make('input') }
  for (const j of COMPUTING) neurons[j] = make(j === 9 ? 'output' : 'hidden')
  const connections = EDGES.map(([source, target], e) => {
    if (!BIASES.has(source)) return connect(neurons[source], neurons[target], weights[e])
    neurons[target].bias = weights[e]
    return null
  })
  const [n1, n3, n4, n6, n7, n9] = [1, 3, 4, 6, 7, 9].map(j => neurons[j])
  const start = process.hrtime.bigint()
  for (let i = 0; i < steps; i++) {
    n1.activate(x[i % x.length])
    n3.activate()
    n4.activate()
    n6.activate()
    n7.activate()
    n9.activate()
    output(n9, rate, t[i % t.length])
    hidden(n7, rate)
    hidden(n6, rate)
    hidden(n4, rate)
    hidden(n3, rate)
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const after = EDGES.map(([, target], e) => connections[e] ? connections[e].weight : neurons[target].bias)
  return { seconds, weights: after }
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  console.log(JSON.stringify(run(JSON.parse(line))))
})
