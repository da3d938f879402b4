"""The documentation site as the tests build it: all pages of docs/, and one small notebook as a tutorial."""

import os
import shutil
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from terminal import ROOT, environment

import neurograph as ng

NOT_COPIED = shutil.ignore_patterns("site", "notebooks", "__pycache__")
LOADING = {  # what a page loads, and by which attribute
    "audio": "src", "embed": "src", "iframe": "src", "image": "href", "img": "src", "input": "src",
    "link": "href", "object": "data", "script": "src", "source": "src", "track": "src", "use": "href",
    "video": "src",
}  # fmt: skip


def built(tmp_path_factory):
    """The folder of the site, built once for all tests of this process."""
    return _built(tmp_path_factory.getbasetemp() / "checkout")


@cache
def _built(folder):
    """Build the site as `make docs` does, in a copy of docs/ with one tutorial."""
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name != "docs":
            (folder / path.name).symlink_to(path)
    docs = shutil.copytree(ROOT / "docs", folder / "docs", ignore=NOT_COPIED)
    executed = docs / "notebooks" / "executed"
    executed.mkdir(parents=True)
    nbformat.write(small_notebook(), executed / "1_small.ipynb")
    words = ["-E", "-W", "--keep-going", "--quiet", "-b", "html", docs, docs / "site"]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, words)],
        capture_output=True,
        text=True,
        env=environment(**paths),
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return docs / "site"


def small_notebook():
    """An executed notebook with a formula, a player, a step, a picture, a solution and a link."""
    net = ng.example_network()
    step = next(step for step in ng.forward_steps(net, [0.5]) if step.neuron == 6)
    page = ng.explore(net, [[0.5]], [[1.0]])
    drawing = ng.draw(net)._repr_mimebundle_()
    drawing = drawing[0] if isinstance(drawing, tuple) else drawing
    solution = new_code_cell("print(6 * 7)", outputs=[new_output("stream", name="stdout", text="42\n")])
    solution.metadata = {"tags": ["solution"]}
    cells = [
        new_markdown_cell("# 1. A small tutorial\n\nAfter it you know what $z_6 = \\sum_i w_i y_i$ is."),
        new_markdown_cell("## The player\n\nNeeds nothing; see [this one](1_small.ipynb)."),
        shown("ng.explore(net)", {"text/html": page._repr_html_(), "text/plain": "<Page>"}),
        shown("step", {"text/latex": step._repr_latex_(), "text/plain": str(step)}),
        shown("ng.draw(net)", drawing),
        new_markdown_cell("## Exercises\n\nSix times seven?"),
        solution,
    ]
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": python, "language_info": {"name": "python"}})


def shown(source, data):
    """A cell of code that shows something."""
    return new_code_cell(source, outputs=[new_output("execute_result", data, execution_count=1)])


class Read(HTMLParser):
    """What a page links to, what it loads, and which places in it can be linked to."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.links, self.loads, self.anchors, self.style = [], [], set(), ""
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if given.get(LOADING.get(tag)):
            self.loads.append(given[LOADING[tag]])
        self.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        self.style += given.get("style") or ""
        self._in_style = tag == "style"
        if "srcdoc" in given:
            inner = Read(given["srcdoc"])
            self.links += inner.links
            self.loads += inner.loads
            self.style += inner.style

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        if self._in_style:
            self.style += data


@cache
def read(path):
    """Read a page once."""
    return Read(path.read_text(encoding="utf-8"))


def is_outside(address):
    """Whether an address leads out of the site; what a page carries in itself does not."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data", "blob", "about")


def target(page, address):
    """The file and the place in it that an address within the site leads to."""
    parts = urlsplit(address)
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return Path(path), unquote(parts.fragment)
