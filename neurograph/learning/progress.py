"""A progress display: tqdm's where it is installed, one plain line otherwise."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from neurograph.walk.notation import number

_INTERVAL = 0.1  # seconds between two drawings


class Progress:
    """Shows how many epochs, restarts or rounds are done and the loss so far; silent unless ``shown``."""

    def __init__(self, epochs: int, *, shown: bool, noun: str = "epoch") -> None:
        self.epochs, self.shown, self.noun = epochs, shown and sys.stderr is not None, noun
        self._bar = _tqdm(epochs, noun) if self.shown else None
        self._last, self._done = 0.0, 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self.shown and sys.stderr.isatty():
            print(file=sys.stderr)

    def advance(self, done: int, loss: float) -> None:
        """Say that ``done`` of them are over, and the last loss, or the lowest so far."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {number(loss)}", refresh=False)
            self._bar.update(done - self._bar.n)
        elif self.shown:
            self._draw_line(done, loss)

    def _draw_line(self, done: int, loss: float) -> None:
        """Draw over the line on a terminal; elsewhere print a line at each tenth."""
        text = f"{self.noun} {done}/{self.epochs}   loss {number(loss)}"
        if sys.stderr.isatty():
            now = time.monotonic()
            if now - self._last > _INTERVAL or done == self.epochs:
                self._last = now
                filled = 24 * done // self.epochs
                print(f"\r{'█' * filled}{'░' * (24 - filled)} {text}   ", end="", file=sys.stderr, flush=True)
        elif done * 10 // self.epochs > self._done * 10 // self.epochs:
            print(text, file=sys.stderr, flush=True)
        self._done = done


def _tqdm(epochs: int, noun: str) -> Any:
    """Return a tqdm bar, or None where tqdm is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=epochs, unit=noun)
