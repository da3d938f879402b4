"""What the tests of what is seen share: a real Chromium, figures that are closed."""

import sys

import pytest
from playwright.sync_api import sync_playwright
from terminal import ROOT

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def player_script():
    """The text of the player's script."""
    return (ROOT / "neurograph/view/player.js").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def close_figures():
    """Close what was drawn, where something was."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
