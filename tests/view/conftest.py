"""What tests of pages share: tabs that write down what a page asks for and complains of."""

import pytest
from browser import Observed
from terminal import ROOT


@pytest.fixture
def observed(browser):
    """A fresh tab that writes down what a text managed to do."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Observed(context)
    context.close()


@pytest.fixture(scope="session")
def player_script():
    """The text of the player's script."""
    return (ROOT / "neurograph/view/player.js").read_text(encoding="utf-8")


class Watched:
    """A tab of the browser, with all that a page did beyond being shown."""

    def __init__(self, tab):
        self.tab, self.requests, self.complaints = tab, [], []
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))


@pytest.fixture
def visit(browser, tmp_path):
    """Open texts as files in the browser; at the end of the test none may have reached out or complained."""
    contexts, watched = [], []

    def open_file(html, *, name="page.html", width=1280, height=900, **options):
        (tmp_path / name).write_text(html, encoding="utf-8")
        options = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce"} | options
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(10_000)
        watched.append(Watched(contexts[-1].new_page()))
        watched[-1].tab.goto((tmp_path / name).as_uri())
        return watched[-1].tab

    yield open_file
    for context in contexts:
        context.close()
    for each in watched:
        assert each.requests == [url for url in each.requests if url.startswith(tmp_path.as_uri())][:1]
        assert not each.complaints
