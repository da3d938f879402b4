"""A network as a TikZ picture, for papers: what a drawing shows, as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from neurograph.markup import decimal
from neurograph.network.schema import BIAS, HIDDEN, INPUT, OUTPUT, Net
from neurograph.view.composing import set_labels, set_out
from neurograph.view.looks import LIGHT
from neurograph.view.marking import Lit
from neurograph.view.neurons import neuron, place_of_name
from neurograph.view.reading import read
from neurograph.view.routing import Route, routes
from neurograph.view.scene import Scene
from neurograph.walk.notation import LATEX


def to_tikz(net: Net) -> str:
    """Write a network as a TikZ picture, everything where :func:`neurograph.draw` puts it.

    Its preamble needs ``\\usetikzlibrary{arrows.meta, shapes.geometric}``. Names with letters that
    pdfLaTeX does not know need LuaLaTeX or XeLaTeX.

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
    >>> lines = ng.to_tikz(ng.example_network()).splitlines()
    >>> lines[0]
    '\\\\begin{tikzpicture}['
    >>> [line.partition("{6}; ")[2] for line in lines if "(n5)" in line][0]
    '\\\\node[under] at (n5.south) {logistic};'
    """
    scene = set_out(read(net), None, Lit())
    styles = _styles(scene.placement.sizes.radius)
    return "\n".join([r"\begin{tikzpicture}[", *styles, "]", *_lines(scene), r"\end{tikzpicture}"])


_SHAPES = {
    INPUT: ("rectangle, rounded corners=2pt", 1.76),
    BIAS: ("regular polygon, regular polygon sides=6", 2.0),
    HIDDEN: ("circle", 2.0),
    OUTPUT: ("circle, double, double distance=0.6pt", 2.0),
}  # how wide each is, in radii
_PIXELS = 48.0  # of a drawing to one centimetre
_BREAK = r"{} \\ {}"


def _styles(radius: float) -> Iterator[str]:
    yield "  >={Stealth}, thick, every node/.style={inner sep=0pt},"
    yield "  weight/.style={fill=white, inner sep=1.5pt, font=\\scriptsize},"
    yield "  under/.style={below=2pt, align=center, font=\\scriptsize},"
    for kind, (shape, wide) in _SHAPES.items():
        size = f"minimum size={_centimetres(wide * radius)}cm"
        colours = f"draw={_colour(f'{kind}-line')}, fill={_colour(kind)}"
        yield f"  {kind}/.style={{{shape}, {size}, {colours}}},"
    for name in ("positive", "negative", "neutral"):
        yield f"  {name}/.style={{->, draw={_colour(name)}}},"


def _colour(name: str) -> str:
    red, green, blue = (int(LIGHT[name][i : i + 2], 16) for i in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _lines(scene: Scene) -> Iterator[str]:
    reading, placement = scene.reading, scene.placement
    ways = routes(reading, placement)
    labels = set_labels(scene, ways, [neuron(scene, i) for i in range(len(reading.neurons))])
    for i in range(len(reading.neurons)):
        yield f"  {_neuron(scene, i)}"
    for k, way in enumerate(ways):
        weight, dashed = reading.weights[k], ", dashed" if reading.frozen[k] else ""
        sign = "neutral" if not weight else "positive" if weight > 0 else "negative"
        number = "?" if weight is None else LATEX.number(weight)
        at = (
            f" \\node[weight] at {_point(labels[k].x, labels[k].y)} {{${number}$}};"
            if k in labels
            else f" % {number}"
        )
        yield f"  \\draw[{sign}{dashed}] {_way(way)};{at}"


def _neuron(scene: Scene, i: int) -> str:
    """Write a neuron with its name inside, beside or below it, and its function below."""
    reading, sizes = scene.reading, scene.placement.sizes
    name, side = _text(reading.label(i)), place_of_name(reading, i, sizes)
    at = _point(scene.placement.x[i], scene.placement.y[i])
    line = f"\\node[{reading.kinds[i]}] (n{i}) at {at} {{{name if side == 'inside' else ''}}};"
    if side in ("left", "right"):
        line += f" \\node[{side}=3pt] at (n{i}.{'west' if side == 'left' else 'east'}) {{{name}}};"
    below = [name] if side == "below" else []
    below += [_text(reading.functions[i])] if reading.functions[i] else []
    return line + (f" \\node[under] at (n{i}.south) {{{_BREAK.join(below)}}};" if below else "")


def _way(way: Route) -> str:
    """Write the way of an edge, up to the tip of its arrow."""
    parts = [_point(*way.line[0][1][0])]
    for i, (letter, points) in enumerate(way.line[1:], start=2):
        places = [_point(*point) for point in points]
        places[-1] = _point(*way.arrow[0][1][0]) if i == len(way.line) else places[-1]
        parts += (
            ["--", *places]
            if letter == "L"
            else ["..", "controls", places[0], "and", places[1], "..", places[2]]
        )
    return " ".join(parts)


def _point(x: float, y: float) -> str:
    return f"({_centimetres(x)}, {_centimetres(-y)})"


def _centimetres(pixels: float) -> str:
    return decimal(pixels / _PIXELS, 2)


_ESCAPES = {c: rf"\{c}" for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}", "-": "-{}", "`": "`{}", "'": "'{}",
    ",": ",{}", "?": "?{}", "!": "!{}", "\n": " ", "\r": " ", "\t": " ",
}  # fmt: skip


def _text(text: str) -> str:
    r"""Escape a text for LaTeX: every sign that means something, and those that join to others.

    >>> print(_text("50 % of x_1"))
    50 \% of x\_1
    """
    return "".join(_ESCAPES.get(c, c) for c in text)
