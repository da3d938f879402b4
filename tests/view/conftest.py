"""A real Chromium for all tests of what is seen; what a page asks for and complains of is written down."""

import pytest
from browser import FLAGS, Observed, chromium_path
from playwright.sync_api import sync_playwright
from terminal import ROOT


@pytest.fixture(scope="session")
def browser():
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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


class Player:
    """One player in a tab, or in a frame of one, read and used as a person would."""

    def __init__(self, place, root=".ng-player"):
        self.root = place.locator(root)

    def find(self, selector):
        return self.root.locator(selector)

    def press(self, key, times=1):
        """Press a key as somebody who has typed nowhere else last."""
        self.find(".ng-scrub").focus()
        for _ in range(times):
            self.root.page.keyboard.press(key)

    def wait(self, holds):
        """Wait until something holds; not in the page, whose policy forbids to evaluate texts."""
        for _ in range(200):
            if holds():
                return
            self.root.page.wait_for_timeout(50)
        raise AssertionError("waited in vain")

    def click(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def text(self, selector):
        return self.find(selector).first.text_content()

    @property
    def title(self):
        return self.text(".ng-step-head h2")

    @property
    def sentence(self):
        return self.text(".ng-sentence")

    @property
    def formula(self):
        """The lines of the formula, without the spaces, which MathML does not know."""
        return ["".join(line.split()) for line in self.find("mtr").all_text_contents()]

    @property
    def position(self):
        return int(self.find(".ng-scrub").get_attribute("aria-valuenow"))

    @property
    def last(self):
        return int(self.find(".ng-scrub").get_attribute("aria-valuemax"))

    def value(self, i):
        return self.text(f'.ng-neuron[data-neuron="{i}"] .ng-value')

    def delta(self, i):
        return self.text(f'.ng-neuron[data-neuron="{i}"] .ng-delta').removeprefix("δ ")

    def label(self, k):
        return self.text(f'.ng-weight[data-edge="{k}"]')

    def fact(self, term):
        return self.find(f'.ng-facts div:has(dt:text-is("{term}")) dd').text_content()

    def step_to(self, title):
        """Press → until the step of this title is shown."""
        for _ in range(self.last):
            if self.title == title:
                return
            self.press("ArrowRight")
        raise AssertionError(f"there is no step {title!r}")

    def exported(self):
        """The text of the file that the page offers."""
        if not self.find("details[open]").count():
            self.find("summary").click()
        return self.find("textarea").input_value()
