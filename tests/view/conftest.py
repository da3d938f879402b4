"""What the tests of what is seen share: figures that are closed."""

import sys

import pytest


@pytest.fixture(autouse=True)
def close_figures():
    """Close what was drawn, where something was."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
