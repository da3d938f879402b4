"""What the tests of learning share."""

import faulthandler

import pytest

WATCHDOG = 120.0  # seconds


@pytest.fixture
def no_hang():
    """End the whole test run with a traceback where a test hangs."""
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
