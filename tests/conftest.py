"""What all tests share: a folder to import from, fixed examples, plots without a screen, one browser."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from neurograph.functions import activations

sys.path.insert(0, str(Path(__file__).parent))
os.environ["MPLBACKEND"] = "agg"

settings.register_profile("neurograph", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("neurograph")


@pytest.fixture(autouse=True)
def close_figures():
    """Close the figures that a test has drawn, if it has drawn any."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(autouse=True)
def table_of_activations():
    """Leave the table of activations as it was, whatever a test or an example registers."""
    before = dict(activations._TABLE)
    yield
    if before != activations._TABLE:
        activations._TABLE.clear()
        activations._TABLE.update(before)


@pytest.fixture(scope="session")
def browser():
    """A real Chromium, one for all tests of a worker: Playwright cannot be started twice."""
    from browser import launched

    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def lab(tmp_path_factory, browser):
    """A real JupyterLab, one for all tests that are in the group of this name."""
    from lab import Lab

    server = Lab(tmp_path_factory.mktemp("lab"), browser)
    yield server
    server.stop()
