"""What the tests of learning share."""

import faulthandler
import os

import pytest
from trainings import points, trained

WATCHDOG = 120.0  # seconds


@pytest.fixture
def no_hang():
    """End the whole test run with a traceback where a test hangs."""
    faulthandler.dump_traceback_later(WATCHDOG, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where to put a checkpoint. No test ends the power, so none waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    return tmp_path / "run.checkpoint"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The content of a checkpoint with all that there can be in one."""
    file = tmp_path_factory.mktemp("data") / "run.checkpoint"
    trained(file, optimizer="adam", validation=points(3, seed=5), patience=50, epochs=4)
    return file.read_bytes()
