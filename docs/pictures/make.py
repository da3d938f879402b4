"""Make the pictures of the README and of the how-to pages: `make pictures`. The library itself draws them."""

from __future__ import annotations

import doctest
import os
import re
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from playwright.sync_api import Page, sync_playwright

import neurograph as ng

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from browser import FLAGS, chromium_path  # noqa: E402 - the tests know where Chromium is

POINTS, TARGETS = [[0.5], [-1.0], [1.5], [-2.0]], [[0.7], [0.3], [0.9], [0.1]]


def draw_network() -> None:
    """The text's network on its way back: neuron 4 takes what 6 and 7 hand back."""
    net, so_far = ng.example_network(), ng.forward(ng.example_network(), [0.5])
    for step in ng.backward_steps(net, [0.5], [1.0]):
        so_far.record(step)
        if step.neuron == 4:
            break
    ng.draw(net, so_far, step).save(HERE / "network.png")


def photograph_player() -> None:
    """The page of the same network at the same step, after some training."""
    page = ng.explore(ng.example_network(), POINTS, TARGETS, learning_rate=2.0)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        page.save(file)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        tab.goto(file.as_uri())
        step_to(tab, "delta of neuron 4")
        tab.screenshot(path=HERE / "player.png", full_page=True)
        browser.close()


def step_to(tab: Page, title: str) -> None:
    """Train a little, then press the right arrow until the page speaks of what is wanted."""
    for _ in range(150):
        tab.get_by_role("button", name="One epoch").click()
    tab.keyboard.press("Home")
    for _ in range(100):
        tab.keyboard.press("ArrowRight")
        if title in tab.inner_text("body"):
            return
    raise SystemExit(f"the page never said {title!r}")


PIECE = re.compile(
    r"^```python\n(?P<code>(?s:.*?))^```$|^!\[.*\]\(\.\./pictures/(?P<file>.+)\)$", re.MULTILINE
)


def illustrate(page: Path) -> None:
    """Run the examples of a page; where it shows a picture, save what the example before it has drawn.

    An SVG is the drawing that the page calls `picture`, a PNG the figure that was plotted last.
    """
    names: dict = {}
    for piece in PIECE.finditer(page.read_text(encoding="utf-8")):
        if piece["code"]:
            for example in doctest.DocTestParser().get_examples(piece["code"]):
                exec(compile(example.source, page.name, "exec"), names)
        elif piece["file"].endswith(".svg"):
            names["picture"].save(HERE / piece["file"])
        else:
            plt.gcf().savefig(HERE / piece["file"])
            plt.close("all")


if __name__ == "__main__":
    draw_network()
    photograph_player()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "examples").symlink_to(HERE.parents[1] / "examples")
        os.chdir(folder)  # examples read files, and write some
        for name in ("build", "check", "step", "see"):
            illustrate(HERE.parent / "how-to" / f"{name}.md")
