"""What all tests share: a folder to import from, hypothesis with fixed examples, plots without a screen."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

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
