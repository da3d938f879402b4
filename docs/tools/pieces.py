"""Pieces of pages that the library makes when the site is built: a picture, a player, tables, help."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.util.docutils import SphinxDirective

import neurograph as ng
from neurograph import cli

WIDTH = 88  # letters that a page is wide
PLAYER_TITLE = "The text's network, step by step"
POINTS, TARGETS = [[0.5], [-1.0], [1.5], [-2.0]], [[0.7], [0.3], [0.9], [0.1]]


def setup(app: Any) -> dict[str, bool]:
    """Register the pieces with Sphinx."""
    for name, piece in PIECES.items():
        app.add_directive(name, piece)
    app.connect("include-read", point_into_the_site)
    app.connect("doctree-read", name_tables)
    app.connect("doctree-read", trim_blocks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def point_into_the_site(app: Any, path: Path, page: str, text: list[str]) -> None:
    """Let the links of an included file lead to the pages that include their targets."""
    for name, target in PAGES.items():
        text[0] = text[0].replace(f"]({name})", f"]({target})")


def name_tables(app: Any, page: nodes.document) -> None:
    """Give every table a class that says what its first column holds, and long names places to break."""
    for table in page.findall(nodes.table):
        for head in table.findall(nodes.thead):
            table["classes"].append(nodes.make_id(f"by {next(head.findall(nodes.entry)).astext()}"))
        if "by-chapter" in table["classes"]:
            for literal in table.findall(nodes.literal):
                literal[:] = _breakable(literal.astext())


def trim_blocks(app: Any, page: nodes.document) -> None:
    """Drop the blank line that ends the last example of a block."""
    for block in page.findall(nodes.literal_block):
        if block.rawsource == block.astext():
            block.rawsource = block.rawsource.rstrip()
            block[:] = [nodes.Text(block.rawsource)]


class Picture(SphinxDirective):
    """The text's network on its way back through the fourth neuron, light and dark."""

    def run(self) -> list[Node]:
        net, so_far = ng.example_network(), ng.forward(ng.example_network(), [0.5])
        for step in ng.backward_steps(net, [0.5], [1.0]):
            so_far.record(step)
            if step.neuron == 4:
                break
        return [
            _html(f'<div class="picture only-{theme}">{ng.draw(net, so_far, step, theme=theme).svg}</div>')
            for theme in ("light", "dark")
        ]


class Player(SphinxDirective):
    """The player of the same network, in a frame that sizes itself."""

    def run(self) -> list[Node]:
        page = ng.explore(ng.example_network(), POINTS, TARGETS, learning_rate=2.0, title=PLAYER_TITLE)
        return [_html(page._repr_html_())]


class Rows(SphinxDirective):
    """A table of the library, row by row: activations, losses or codes."""

    required_arguments = 1

    def run(self) -> list[Node]:
        return self.parse_text_to_nodes("\n".join(TABLES[self.arguments[0]]()))


def activations() -> list[str]:
    """Every activation with its formula, its derivative and its range, as a table in Markdown."""
    rows = [
        f"| `{name}` | {_formula(row.latex)} | {_formula(row.derivative_latex)} | {row.range} |"
        for name, row in ng.ACTIVATIONS.items()
    ]
    return ["| name | f(z) | f′(z) | values |", "|---|---|---|---|", *rows]


def losses() -> list[str]:
    """Every loss with its formula and its derivative by the output."""
    rows = [
        f"| `{name}` | {_formula(row.latex)} | {_formula(row.derivative_latex)} |"
        for name, row in ng.LOSSES.items()
    ]
    return ["| name | L(y, t) | ∂L/∂y |", "|---|---|---|", *rows]


def codes() -> list[str]:
    """Every code of a finding, whether it is an error or a warning, and what it says."""
    rows = [f"| `{code}` | {how} | {MEANINGS[code]} |" for code, how in ng.CODES.items()]
    return ["| code | severity | what it says |", "|---|---|---|", *rows]


class Commands(SphinxDirective):
    """What every command of the command line says of itself, from its parser."""

    def run(self) -> list[Node]:
        os.environ["COLUMNS"] = str(WIDTH)
        top = cli.parser()
        found: list[Node] = [_literal(top.format_help())]
        for name, parser in _commands(top):
            section = nodes.section(ids=[f"neurograph-{name}"], names=[f"neurograph {name}"])
            section += [nodes.title(text=f"neurograph {name}"), _literal(parser.format_help())]
            found.append(section)
        return found


def _commands(top: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    actions = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    return list(next(actions).choices.items())


def _breakable(name: str) -> list[Node]:
    """Let a long name end its line after a sign that joins words, a call before a dot."""
    parts = re.split(r"(?<=[/:_(])(?=[^:])" if "::" in name else r"(?<=[_(])|(?=\.[a-z])", name)
    return [node for part in parts for node in (nodes.Text(part), _html("<wbr>"))][:-1]


def _formula(latex: str) -> str:
    """Write a formula so that it can stand in a table: a bar would end the cell."""
    return "$" + latex.replace("|", r"\vert ") + "$"


def _html(markup: str) -> Node:
    return nodes.raw("", markup, format="html")


def _literal(text: str) -> Node:
    return nodes.literal_block(text, text, language="text")


MEANINGS = {
    "not-a-digraph": "it is no `networkx.DiGraph`, or a multigraph",
    "no-input": "no neuron is an input",
    "no-output": "no neuron is an output",
    "cycle": "edges lead round in a circle: there is no order in which to compute",
    "self-loop": "a neuron feeds itself",
    "missing-kind": "a node does not say what kind of neuron it is",
    "unknown-kind": "its kind is none of the four",
    "missing-activation": "a hidden or output neuron has no function",
    "unknown-activation": "its function is not in the table of activations",
    "input-has-incoming": "an edge leads into an input",
    "bias-has-incoming": "an edge leads into a bias neuron, whose value is always 1",
    "source-has-activation": "an input or a bias neuron has a function, and would not apply it",
    "unfed": "no edge leads into a hidden or output neuron",
    "missing-weight": "an edge has no weight",
    "weight-not-a-number": "a weight is something else than a number",
    "weight-not-finite": "a weight is infinite, or not a number (NaN)",
    "trainable-not-boolean": "an edge's `trainable` is neither True nor False",
    "not-layered": "the neurons do not divide into layers; two chains of edges prove it",
    "dead-end": "neurons from which no output is reached: they change nothing",
    "unreachable": "neurons that no input reaches: their values are constant",
    "missing-bias": "neurons that no bias neuron feeds: their weighted sums have no constant part",
    "extra-bias": "a layer has more than one bias neuron",
    "late-input": "an input stands behind the first layer, since what it feeds stands later still",
    "early-output": "an output stands before the last layer",
    "output-feeds-on": "an output feeds other neurons, too",
    "mixed-activations": "the neurons of a layer apply different functions",
    "not-differentiable": "a function such as sign, with the derivative 0: nothing that feeds it can learn",
}
PAGES = {"README.md": "/performance/measuring.md"}
TABLES = {"activations": activations, "losses": losses, "codes": codes}
PIECES = {"picture": Picture, "player": Player, "rows": Rows, "commands": Commands}
