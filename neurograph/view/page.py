"""The player as a page: ``explore`` makes it, a ``Page`` saves itself and shows itself in notebooks."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from neurograph.files.atomic import write_bytes
from neurograph.markup import (
    Markup,
    element,
    joined,
    json_block,
    script,
    stylesheet,
)
from neurograph.network.schema import Net
from neurograph.options import bad_option, require_name
from neurograph.view.drawing import live_svg
from neurograph.view.looks import THEMES, palette
from neurograph.view.page_data import Data, player_data

LONGEST_FRAME = 4_000_000  # characters in a notebook
FRAME_HEIGHT = 1400  # pixels, until the page in the frame has said how high it is

WITHOUT_SCRIPTS = (
    "This is the network as it stands, with the weight of every edge. Where scripts may run, this page steps "
    "through it: forward, loss, backward and update, with every number; and it trains it."
)


def explore(
    net: Net,
    X: Any = None,
    Y: Any = None,
    *,
    loss: str = "squared",
    learning_rate: float = 0.1,
    title: str = "A neural network, step by step",
    theme: str = "auto",
) -> Page:
    """Make a page that steps through a network forward and backward, and trains it, number by number.

    The page is one file without any address in it: it works in any browser, from a disk or in a notebook,
    and nothing leaves it. It holds its own arithmetic for the built-in activations and losses.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read: at most 300 neurons and 2,000 edges.
    X : mapping, sequence or array, optional
        The inputs of the training points, as for :func:`neurograph.forward`: shape (points, inputs), at
        most 1,000 points. Without it there is one point, with 0.5 for every input, to be changed there.
    Y : mapping, sequence or array, optional
        The targets, in the same forms, of shape (points, outputs). Without it there is no loss and no
        backward phase until targets are typed in.
    loss : str
        A name of the table :data:`neurograph.LOSSES`.
    learning_rate : float
        The step size to begin with.
    title : str
        What stands above the page.
    theme : str
        ``"light"``, ``"dark"``, or ``"auto"``: as the reader's system has it.

    Returns
    -------
    Page

    Raises
    ------
    InvalidNetworkError
        If the network has errors.
    OptionError
        If the network is too large for a page; if an activation is your own, for a browser cannot run
        it; if the loss is unknown or does not fit the outputs; if the learning rate, the title or the
        theme cannot be.
    DataError
        If X or Y are not finite numbers of the right shape, or there are too many rows.

    Examples
    --------
    >>> import neurograph as ng
    >>> page = ng.explore(ng.example_network(), [[0.5], [1.0]], [[1.0], [0.0]])
    >>> page
    <Page of 9 neurons, 12 edges and 2 training points; .save("page.html") writes it>
    """
    if not isinstance(title, str):
        raise bad_option("title", title, "a text")
    require_name("theme", theme, THEMES, "unknown-theme")
    data = player_data(net, X, Y, loss, learning_rate)
    return Page(live_svg(net, theme=theme), data, title, theme)


class Page:
    """A page for the browser; made by :func:`neurograph.explore`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import neurograph as ng
    >>> page = ng.explore(ng.example_network())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page.save(pathlib.Path(folder, "page.html"))
    >>> page.html[:15]
    '<!doctype html>'
    """

    def __init__(self, picture: Markup, data: Data, title: str, theme: str) -> None:
        self._picture, self._data, self._title, self._theme = picture, data, title, theme

    @cached_property
    def html(self) -> str:
        """The whole page as text: its style, picture, data and script, and a policy that forbids all else."""
        player = element(
            "main",
            {"class": f"ng-player ng-theme-{self._theme}"},
            element("h1", {"class": "ng-title"}, element("bdi", {}, self._title)),
            element("figure", {"class": "ng-figure"}, self._picture),
            element("p", {"class": "ng-static"}, WITHOUT_SCRIPTS),
            json_block(self._data),
        )
        head = element(
            "head",
            {},
            element("meta", {"charset": "utf-8"}),
            element("meta", {"http-equiv": "Content-Security-Policy", "content": _policy()}),
            element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            element("title", {}, self._title),
            stylesheet(player_style()),
        )
        body = element("body", {"class": f"ng-page ng-theme-{self._theme}"}, player, script(player_script()))
        return f"<!doctype html>\n{element('html', {'lang': 'en'}, head, body)}\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file, new or old; its name ends in .html by custom.

        Raises
        ------
        OSError
            If it cannot be written; an old file is then as it was.
        """
        write_bytes(path, self.html.encode())

    def _repr_html_(self) -> str:
        """Show the page in a frame that may run its script and reach nothing else, over the picture.

        Where a viewer takes frames away, the picture stays.
        """
        frame = element(
            "iframe",
            {
                "class": "ng-frame",
                "sandbox": "allow-scripts allow-downloads",
                "title": self._title,
                "height": FRAME_HEIGHT,
                "srcdoc": self.html,
            },
        )
        shown = [self._picture, frame]
        if len(frame) + len(self._picture) > LONGEST_FRAME:
            shown = [element("p", {}, f"{self!r}: too large to be shown in a notebook.")]
        box = element("div", {"class": "ng-notebook"}, *shown)
        return str(joined([stylesheet(FRAME_STYLE), script(FRAME_SCRIPT), box]))

    def __repr__(self) -> str:
        counts = ((len(self._data[what]), noun) for what, noun in _NOUNS)
        neurons, edges, points = (f"{n:,} {noun}{'' if n == 1 else 's'}" for n, noun in counts)
        return f'<Page of {neurons}, {edges} and {points}; .save("page.html") writes it>'


_NOUNS = (("neurons", "neuron"), ("edges", "edge"), ("points", "training point"))

FRAME_STYLE = """\
.ng-notebook { display: grid; justify-items: center; }
.ng-notebook > * { grid-area: 1 / 1; }
.ng-notebook > .ng-frame { width: 100%; border: 0; }"""

# The frame says how high it is, and nothing else that it says is heard; it is told whether the page around it
# has chosen to be light or dark, now and when that changes.
FRAME_SCRIPT = """\
if (!globalThis.neurographFrames) {
  globalThis.neurographFrames = true;
  const frames = () => document.querySelectorAll("iframe.ng-frame");
  const tell = (frame) => {
    const scheme = getComputedStyle(frame).colorScheme;
    frame.contentWindow?.postMessage({ neurograph: "scheme", scheme }, "*");
  };
  addEventListener("message", (event) => {
    const height = Number(event.data?.neurograph === "height" && event.data.height);
    if (!(height > 0 && height < 20000)) return;
    for (const frame of frames()) {
      if (frame.contentWindow !== event.source) continue;
      frame.height = Math.ceil(height);
      tell(frame);
    }
  });
  const watcher = new MutationObserver(() => frames().forEach(tell));
  for (const node of [document.documentElement, document.body]) watcher.observe(node, { attributes: true });
}"""


@cache
def player_script() -> str:
    """Return the player: a script that sets one name, ``neurographPlayer``, and starts the page's players."""
    return _read("player.js")


@cache
def player_style() -> str:
    """Return the player's style sheet, which touches nothing outside ``.ng-page`` and ``.ng-player``."""
    return "\n".join([palette(".ng-page"), palette(".ng-player"), _read("player.css")])


def _read(name: str) -> str:
    return files("neurograph.view").joinpath(name).read_text(encoding="utf-8")


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(player_script().encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
