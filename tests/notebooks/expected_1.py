"""What the named cells of notebook 1 must return, by hand, by formula or counted in another way."""

import json
import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import networkx as nx
from executing import ROOT, Result

KINDS = {
    1: "input", 2: "bias", 3: "hidden", 4: "hidden", 5: "bias", 6: "hidden", 7: "hidden", 8: "bias",
    9: "output",
}  # fmt: skip
EDGES = {
    (1, 3), (1, 4), (2, 3), (2, 4), (3, 6), (4, 6), (4, 7), (5, 6), (5, 7), (6, 9), (7, 9), (8, 9),
}  # fmt: skip
BIAS = [neuron for neuron, kind in KINDS.items() if kind == "bias"]


def neurons_and_edges(result: Result) -> None:
    assert result.value == (len(KINDS), len(EDGES)) == (9, 12)


def kinds(result: Result) -> None:
    assert result.value == KINDS


def ends(result: Result) -> None:
    assert result.value == ([1], [9])


def edges_into_bias_neurons(result: Result) -> None:
    assert result.value == {bias: sum(target == bias for _, target in EDGES) for bias in BIAS}


def fed_by_bias(result: Result) -> None:
    assert result.value == {bias: sorted(t for s, t in EDGES if s == bias) for bias in BIAS}
    fed = [target for targets in result.value.values() for target in targets]
    assert sorted(fed) == [neuron for neuron in KINDS if KINDS[neuron] in ("hidden", "output")]


def weight_of_4_to_6(result: Result) -> None:
    edges = json.loads((ROOT / "examples" / "text.json").read_text(encoding="utf-8"))["edges"]
    assert [result.value] == [edge["weight"] for edge in edges if (edge["source"], edge["target"]) == (4, 6)]


def weights_of_six(result: Result) -> None:
    assert {(source, target) for source, target, _ in result.value} == {
        edge for edge in EDGES if edge[1] == 6
    }
    assert all(math.isfinite(weight) and weight for _, _, weight in result.value)


def successors(result: Result) -> None:
    assert result.value == ([6, 7], [6], False)


def ways(result: Result) -> None:
    adjacency = nx.to_numpy_array(_text(), nodelist=sorted(KINDS))
    assert len(result.value) == (adjacency @ adjacency @ adjacency)[0, 8]  # ways of three edges from 1 to 9
    assert all(set(pairwise(way)) <= EDGES for way in result.value)


def umbrella(result: Result) -> None:
    (dark,), (fine,) = result.value
    assert math.isclose(dark, _umbrella(0.9, 0.8), rel_tol=1e-14)
    assert math.isclose(fine, _umbrella(0.1, 0.1), rel_tol=1e-14)
    assert fine < 0.1 < 0.9 < dark


def layers(result: Result) -> None:
    depth = nx.single_source_shortest_path_length(_text(), 1)
    assert result.value == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert all(
        depth[neuron] == i for i, layer in enumerate(result.value) for neuron in layer if neuron in depth
    )


def skip_edge(result: Result) -> None:
    assert result.value == (True, False)


def witness(result: Result) -> None:
    code, neurons, edges = result.value
    assert (code, neurons) == ("not-layered", ("umbrella",))
    ways = list(nx.all_simple_paths(nx.DiGraph(edges), "clouds", "umbrella"))
    assert sorted(map(len, ways)) == [2, 3]


def relays(result: Result) -> None:
    assert result.value == (True, 11 * 11, True)


def no_problems(result: Result) -> None:
    assert result.printed == "no problems: feed-forward, 4 layers\n"


def refused(result: Result) -> None:
    lines = result.printed.splitlines()
    assert lines[0].startswith("3 problems")
    assert [line.split()[0] for line in lines[1:]] == ["unknown-activation", "unfed", "missing-weight"]
    assert all(word in result.printed for word in ("'logistik'", "'logistic'", "'new'", "6 → 9"))


def warnings(result: Result) -> None:
    assert result.value == [("warning", "dead-end"), ("warning", "missing-bias")]


def broken_files(result: Result) -> None:
    files = sorted((ROOT / "examples" / "broken").glob("*.json"))
    assert list(result.value) == [file.stem for file in files]
    assert all(result.value.values())
    assert set(result.value["cycles"]) == {"cycle", "self-loop"}
    assert set(result.value["weights"]) == {"missing-weight", "weight-not-a-number", "trainable-not-boolean"}


def all_codes(result: Result) -> None:
    assert result.value == ["not-a-digraph", "weight-not-finite"]


def rounds(result: Result) -> None:
    generations = [sorted(generation) for generation in nx.topological_generations(_text())]
    assert [sorted(json.loads(line)) for line in result.printed.splitlines()] == generations


def order(result: Result) -> None:
    assert result.value == sorted(KINDS)


def missing_in_turn(result: Result) -> None:
    assert {n: sorted(missing) for n, missing in result.value.items()} == {
        target: sorted(s for s, t in EDGES if t == target) for target in KINDS
    }


def derived_order(result: Result) -> None:
    assert sorted(result.value) == sorted(KINDS)
    place = {neuron: i for i, neuron in enumerate(result.value)}
    assert all(place[source] < place[target] for source, target in EDGES)


def same_answer(result: Result) -> None:
    (one,), (other,) = result.value
    assert 0.6 < one < 0.61
    assert math.isclose(one, other, rel_tol=1e-14)


def stuck(result: Result) -> None:
    done, waiting = result.value
    assert waiting == sorted({4} | nx.descendants(_text(), 4))
    assert sorted(done + waiting) == sorted(KINDS)


def exercise_smallest(result: Result) -> None:
    assert result.value == 4
    assert "'a' → 'c' (length 1) and 'a' → 'b' → 'c' (length 2)" in result.printed


def exercise_one_bias(result: Result) -> None:
    assert result.value is True
    assert "'one' → 'umbrella' (length 1) and 'one' → 'storm' → 'umbrella' (length 2)" in result.printed


def exercise_orders(result: Result) -> None:
    sources = {neuron: frozenset(s for s, t in EDGES if t == neuron) for neuron in KINDS}

    @cache
    def orders(done: frozenset[int]) -> int:
        """Count the ways to go on: a sum over who may come next."""
        ready = [neuron for neuron in KINDS if neuron not in done and sources[neuron] <= done]
        return sum(orders(done | {neuron}) for neuron in ready) if len(done) < len(KINDS) else 1

    assert result.value == orders(frozenset()) > 1


def _is(expected: object) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert result.value is expected or result.value == expected

    return check


def _text() -> nx.DiGraph:
    return nx.DiGraph(sorted(EDGES))


def _umbrella(clouds: float, wind: float) -> float:
    storm = math.tanh(2.0 * clouds + 1.5 * wind - 2.0)
    return 1.0 / (1.0 + math.exp(-(3.0 * storm + 0.5)))


EXPECTED: dict[str, Callable[[Result], None]] = {
    "neurons-and-edges": neurons_and_edges,
    "kinds": kinds,
    "ends": ends,
    "edges-into-bias-neurons": edges_into_bias_neurons,
    "fed-by-bias": fed_by_bias,
    "weight-of-4-to-6": weight_of_4_to_6,
    "weights-of-six": weights_of_six,
    "successors": successors,
    "ways": ways,
    "umbrella": umbrella,
    "same-graph": _is(True),
    "feed-forward": _is(True),
    "not-feed-forward": _is(False),
    "layers": layers,
    "skip-edge": skip_edge,
    "witness": witness,
    "relays": relays,
    "no-problems": no_problems,
    "refused": refused,
    "warnings": warnings,
    "broken-files": broken_files,
    "all-codes": all_codes,
    "rounds": rounds,
    "order": order,
    "edges-point-forward": _is(True),
    "missing-in-turn": missing_in_turn,
    "derived-order": derived_order,
    "same-answer": same_answer,
    "stuck": stuck,
    "exercise-edges": _is((True, False)),
    "exercise-smallest": exercise_smallest,
    "exercise-mend": no_problems,
    "exercise-one-bias": exercise_one_bias,
    "exercise-orders": exercise_orders,
}
