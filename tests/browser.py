"""A real Chromium for tests, and a page in it that writes down whatever a text managed to do."""

import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path():
    """Where Chromium is. On CI a test without it fails, elsewhere it is skipped, and says so."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("this test needs a Chromium: apt-get install chromium")
    return found


@contextmanager
def launched():
    """Start Chromium, and end it."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Observed:
    """A tab in which ``pwned(n)`` is there for every script to call; nothing leaves the machine."""

    def __init__(self, context):
        self.fired, self.requests, self.complaints, self.dialogs = [], [], [], []
        context.expose_function("pwned", lambda number: self.fired.append(number))
        context.route("**/*", self._route)
        self.tab = context.new_page()
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.opened, self.allowed = None, set()

    def _route(self, route):
        url = route.request.url
        if url == self.opened or url in self.allowed or url.startswith("data:image/png"):
            route.continue_()
        else:
            self.requests.append(url)
            route.abort()

    def open(self, path):
        """Open a file and give everything in it time to happen."""
        self.opened = path.as_uri()
        self.tab.goto(self.opened)
        self.tab.mouse.move(200, 120)
        self.tab.wait_for_timeout(150)
        return self.tab

    @property
    def harm(self):
        """All that happened and should not have."""
        return [*self.fired, *self.requests, *self.dialogs]


def contrast(one, other):
    """The contrast of two colours as the accessibility guidelines count it: from 1 to 21."""

    def light(colour):
        channels = [c / 255 for c in colour]
        return sum(
            share * (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4)
            for share, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True)
        )

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
