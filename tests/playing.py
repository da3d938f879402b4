"""A player in a page or a notebook, read and used by tests as a person would."""


class Player:
    """One player in a tab, or in a frame of one."""

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
