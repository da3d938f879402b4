"""A network as the text of programs that place it themselves: Graphviz, Mermaid; each has its escapes."""

from __future__ import annotations

from collections.abc import Iterator

from neurograph.network.schema import BIAS, HIDDEN, INPUT, OUTPUT, Net
from neurograph.view.looks import LIGHT
from neurograph.view.reading import Reading, read
from neurograph.walk.notation import number

_COLOURS = {kind: (LIGHT[kind], LIGHT[f"{kind}-line"]) for kind in (INPUT, BIAS, HIDDEN, OUTPUT)}
_SIGNS = {1: LIGHT["positive"], -1: LIGHT["negative"], 0: LIGHT["neutral"]}


def to_dot(net: Net) -> str:
    """Write a network in the language of Graphviz, its columns as ranks.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, which is only read; one with errors is written, too.

    Returns
    -------
    str

    Raises
    ------
    InvalidNetworkError
        If it is no ``networkx.DiGraph``.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.to_dot(ng.mlp([1, 1], activation="identity", bias=False, seed=0)))
    digraph network {
      rankdir=LR; splines=true; nodesep=0.35; ranksep=1.1;
      node [fontname="Helvetica", style=filled, penwidth=1.5];
      edge [fontname="Helvetica", fontsize=10];
      { rank=same;
        n0 [label="1", shape=box, fillcolor="#dff3e4", color="#1f8a4c"];
      }
      { rank=same;
        n1 [label="2\\nidentity", shape=doublecircle, fillcolor="#fbe3e0", color="#c23b2e"];
      }
      n0 -> n1 [label="0.474", color="#1f6fb4", fontcolor="#1f6fb4"];
    }
    """
    reading = read(net)
    return "\n".join(["digraph network {", *_dot_lines(reading), "}"])


_DOT_SHAPES = {INPUT: "box", BIAS: "hexagon", HIDDEN: "circle", OUTPUT: "doublecircle"}


def _dot_lines(reading: Reading) -> Iterator[str]:
    yield "  rankdir=LR; splines=true; nodesep=0.35; ranksep=1.1;"
    yield '  node [fontname="Helvetica", style=filled, penwidth=1.5];'
    yield '  edge [fontname="Helvetica", fontsize=10];'
    for column in reading.columns:
        yield "  { rank=same;"
        for i in column:
            fill, line = _COLOURS[reading.kinds[i]]
            text = r"\n".join(_dot_text(each) for each in (reading.label(i), reading.functions[i]) if each)
            shape = _DOT_SHAPES[reading.kinds[i]]
            yield f'    n{i} [label="{text}", shape={shape}, fillcolor="{fill}", color="{line}"];'
        yield "  }"
    for k, (source, target) in enumerate(reading.edges):
        colour = _SIGNS[_sign(reading, k)]
        dashed = ", style=dashed" if reading.frozen[k] else ""
        look = f'label="{_weight(reading, k)}", color="{colour}", fontcolor="{colour}"{dashed}'
        yield f"  n{source} -> n{target} [{look}];"


def _dot_text(text: str) -> str:
    r"""Escape a text for a quoted label: quotes, backslashes (\N is the node's name), line ends, entities.

    >>> print(_dot_text('a"\\N&lt;'))
    a\"\\N&amp;lt;
    """
    return "".join(_DOT_ESCAPES.get(c, c) for c in text)


_DOT_ESCAPES = {"&": "&amp;", "\\": r"\\", '"': r"\"", "\n": r"\n", "\r": " ", "\t": " "}


def to_mermaid(net: Net) -> str:
    """Write a network as a Mermaid flow chart, which Markdown pages of many sites show as a picture.

    Parameters
    ----------
    net : networkx.DiGraph
        The network, which is only read; one with errors is written, too.

    Returns
    -------
    str

    Raises
    ------
    InvalidNetworkError
        If it is no ``networkx.DiGraph``.

    Examples
    --------
    >>> import neurograph as ng
    >>> print(ng.to_mermaid(ng.mlp([1, 1], activation="identity", bias=False, seed=0)))
    flowchart LR
      n0["1"]:::input
      n1((("2 identity"))):::output
      n0 -->|"0.474"| n1
      linkStyle 0 stroke:#1f6fb4
      classDef input fill:#dff3e4,stroke:#1f8a4c,color:#1d2530
      classDef bias fill:#e0ecfb,stroke:#2a68b8,color:#1d2530
      classDef hidden fill:#f3f4f6,stroke:#4c5765,color:#1d2530
      classDef output fill:#fbe3e0,stroke:#c23b2e,color:#1d2530
    """
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _mermaid_lines(read(net)))])


_MERMAID_SHAPES = {INPUT: ("[", "]"), BIAS: ("{{", "}}"), HIDDEN: ("((", "))"), OUTPUT: ("(((", ")))")}


def _mermaid_lines(reading: Reading) -> Iterator[str]:
    for i, kind in enumerate(reading.kinds):
        before, after = _MERMAID_SHAPES[kind]
        text = " ".join(_mermaid_text(each) for each in (reading.label(i), reading.functions[i]) if each)
        yield f'n{i}{before}"{text}"{after}:::{kind}'
    for k, (source, target) in enumerate(reading.edges):
        arrow = "-.->" if reading.frozen[k] else "-->"
        yield f'n{source} {arrow}|"{_weight(reading, k)}"| n{target}'
    for k in range(len(reading.edges)):
        yield f"linkStyle {k} stroke:{_SIGNS[_sign(reading, k)]}"
    for kind, (fill, line) in _COLOURS.items():
        yield f"classDef {kind} fill:{fill},stroke:{line},color:{LIGHT['ink']}"


def _mermaid_text(text: str) -> str:
    """Write every sign but letters, digits, spaces and underscores as the code of its character.

    >>> _mermaid_text('"]; a<b')
    '#34;#93;#59; a#60;b'
    """
    return "".join(c if c.isalnum() or c in " _" else f"#{ord(c)};" for c in text)


def _weight(reading: Reading, k: int) -> str:
    weight = reading.weights[k]
    return "?" if weight is None else number(weight)


def _sign(reading: Reading, k: int) -> int:
    weight = reading.weights[k] or 0.0
    return (weight > 0) - (weight < 0)
