"""What the player is told: the network, the training points and the file, as plain data for JSON."""

from __future__ import annotations

import io
import json
from typing import Any, TypeAlias

from neurograph.errors import DataError, NeurographError, OptionError, shown, shown_list
from neurograph.files import dumps
from neurograph.functions import LOSSES
from neurograph.functions.activations import BUILT_IN
from neurograph.markup import readable
from neurograph.network.schema import Net, Neuron, as_text
from neurograph.options import require_number
from neurograph.walk.notation import name
from neurograph.walk.passes import check_targets, input_slot, target_slot
from neurograph.walk.route import Route, read_loss, read_route
from neurograph.walk.samples import check_not_empty, check_same_length, read_samples

Data: TypeAlias = dict[str, Any]

MOST_NEURONS, MOST_EDGES, MOST_POINTS = 300, 2_000, 1_000
ONE_POINT = 0.5  # every input of the one point that there is without X


def player_data(net: Net, X: Any, Y: Any, loss: str, learning_rate: float) -> Data:
    """Check everything at the door and write down what the player needs.

    Raises
    ------
    NeurographError
        As :func:`neurograph.view.page.explore` says.
    """
    route = read_route(net)
    _check_size(route)
    _check_functions(route)
    read_loss(loss, route)
    neurons, edges = list(net), list(net.edges)
    place = {neuron: i for i, neuron in enumerate(neurons)}
    return {
        "neurons": [_neuron(route, neuron) for neuron in neurons],
        "edges": [_edge(route, place, edge) for edge in edges],
        "order": [place[neuron] for neuron in route.order],
        "points": _points(route, X, Y, loss),
        "loss": loss,
        "rate": require_number("learning_rate", learning_rate, low=0.0),
        "file": _file(net, {edge: k for k, edge in enumerate(edges)}),
    }


def _check_size(route: Route) -> None:
    for noun, count, most in (
        ("neurons", len(route.order), MOST_NEURONS),
        ("edges", len(route.weight), MOST_EDGES),
    ):
        if count > most:
            raise OptionError(
                f"the network has {count:,} {noun}",
                code="too-large",
                where="net",
                expected=f"at most {most:,} {noun} for a page that shows every number",
                fix="draw(net) shows it with its layers collapsed; explore a smaller network of the kind",
            )


def _check_functions(route: Route) -> None:
    own = sorted({row.name for row in route.activation.values()} - BUILT_IN)
    if own:
        neurons = [neuron for neuron, row in route.activation.items() if row.name in own]
        raise OptionError(
            f"the activation {shown(own[0])} is your own, written in Python, and a browser cannot run it",
            code="not-built-in",
            where=f"neurons {shown_list(neurons)}",
            expected="built-in activations",
            fix="use a built-in one, or step through it in Python with forward_steps and backward_steps",
        )


def _neuron(route: Route, neuron: Neuron) -> Data:
    row = route.activation.get(neuron)
    return {
        "label": readable(as_text(neuron) or shown(neuron)),
        "name": name(neuron),
        "shown": shown(neuron),
        "bare": type(neuron) is int and neuron >= 0,
        "kind": route.kind[neuron],
        "activation": row.name if row else None,
        "place": route.place[neuron],
    }


def _edge(route: Route, place: dict[Neuron, int], edge: tuple[Neuron, Neuron]) -> Data:
    source, target = edge
    return {
        "source": place[source],
        "target": place[target],
        "weight": route.weight[edge],
        "trainable": route.trainable[edge],
    }


def _points(route: Route, X: Any, Y: Any, loss: str) -> list[Data]:
    """Read the training points; where there is no Y, they have no targets."""
    given = [ONE_POINT] * len(route.inputs) if X is None else X
    inputs, _ = read_samples(given, input_slot(route))
    check_not_empty(inputs)
    if len(inputs) > MOST_POINTS:
        raise DataError(
            f"{len(inputs):,} rows",
            code="too-large",
            where="X",
            expected=f"at most {MOST_POINTS:,} training points on a page",
            fix=f"pass some of them, such as X[:{MOST_POINTS}] and Y[:{MOST_POINTS}]",
        )
    if Y is None:
        return [{"inputs": row, "targets": None} for row in inputs.tolist()]
    targets, _ = read_samples(Y, target_slot(route))
    check_same_length(inputs, targets)
    check_targets(targets, LOSSES[loss], route.outputs)
    return [
        {"inputs": row, "targets": target}
        for row, target in zip(inputs.tolist(), targets.tolist(), strict=True)
    ]


def _file(net: Net, number: dict[tuple[Neuron, Neuron], int]) -> list[str | int] | None:
    """Cut the network's JSON text where its weights stand: pieces of text, and between them edge numbers.

    None for a network that cannot be saved, which can be explored all the same.
    """
    try:
        text = dumps(net)
    except NeurographError:
        return None
    by_key = {(str(source), str(target)): k for (source, target), k in number.items()}
    pieces: list[str | int] = [""]
    in_edges = False
    for line in io.StringIO(text, newline="\n"):
        if in_edges and line.startswith("    {"):
            item, start, end = _weight_in(line)
            edge = by_key[str(item["source"]), str(item["target"])]
            pieces[-1] = f"{pieces[-1]}{line[:start]}"
            pieces += [edge, line[end:]]
        else:
            pieces[-1] = f"{pieces[-1]}{line}"
            in_edges = in_edges or line.startswith('  "edges": ')
    return pieces


_decoder = json.JSONDecoder()


def _weight_in(line: str) -> tuple[Data, int, int]:
    """Find where the weight stands in the line of an edge: read member by member, so no text can mislead."""
    item: Data = {}
    at = line.index("{") + 1
    start = end = 0
    while line[at - 1] != "}":
        key, at = _decoder.raw_decode(line, at)
        value, after = _decoder.raw_decode(line, at + len(": "))
        if key == "weight":
            start, end = at + len(": "), after
        item[key] = value
        at = after + len(", ") if line[after] == "," else after + 1
    return item, start, end
