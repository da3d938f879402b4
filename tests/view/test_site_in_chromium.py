"""The documentation site as a reader has it: opened from a disk, light and dark, wide and narrow."""

import pytest
from sites import built

pytestmark = pytest.mark.xdist_group("site")

PLAYER_HAS_ITS_HEIGHT = "document.querySelector('iframe.ng-frame').height > 600"
TROUBLE = ("error", "warning", "assert")
PAGES = [
    "index.html",
    "notebooks/executed/1_small.html",
    "reference/functions.html",
    "reference/learn.html",
    "sentences.html",
    "comparison.html",
    "performance/index.html",
    "explanation/engine.html",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


@pytest.fixture
def tab(browser, site):
    """A tab that may read the site and nothing else; at the end nothing may have asked or complained."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    asked, complaints = [], []

    def answer(route):
        if route.request.url.startswith(site.as_uri()):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route(lambda url: not url.startswith("data:"), answer)
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: message.type in TROUBLE and complaints.append(message.text))
    yield tab
    context.close()
    assert (asked, complaints) == ([], [])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_from_a_disk_and_fits_every_width(tab, site, page, width, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto((site / page).as_uri())
    assert tab.locator("h1").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("page", PAGES[:2])
def test_a_player_steps(tab, site, page):
    tab.goto((site / page).as_uri())
    player = tab.frame_locator("iframe.ng-frame").first
    player.get_by_role("button", name="Next (→)").click()
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    assert "0.577" in player.locator("body").inner_text()  # the sixth neuron's value


def test_a_frame_is_as_high_as_its_player(tab, site):
    tab.goto((site / "index.html").as_uri())
    frame = tab.locator("iframe.ng-frame")
    tab.wait_for_function(PLAYER_HAS_ITS_HEIGHT)
    inner = frame.element_handle().content_frame().evaluate("document.documentElement.scrollHeight")
    assert inner <= frame.bounding_box()["height"] + 1


def test_the_search_finds_from_a_disk(tab, site):
    tab.goto((site / "index.html").as_uri())
    tab.get_by_role("textbox", name="Search").fill("add_relays")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li a")
    titles = tab.locator("#search-results li a").all_inner_texts()
    assert any("add_relays" in title for title in titles)
    tab.locator("#search-results li a", has_text="neurograph.add_relays").first.click()
    assert tab.url.endswith("reference/edit.html#neurograph.add_relays")


def test_a_solution_is_folded_until_it_is_opened(tab, site):
    tab.goto((site / "notebooks/executed/1_small.html").as_uri())
    solution = tab.locator("details.hide").get_by_text("42")
    assert not solution.is_visible()
    tab.locator("details.hide summary", has_text="Show a solution").press("Enter")
    assert solution.is_visible()


def test_the_theme_can_be_chosen(tab, site):
    tab.emulate_media(color_scheme="light")
    tab.goto((site / "index.html").as_uri())
    colours = set()
    for _ in range(3):
        colours.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        tab.locator(".theme-toggle:visible").first.click()
    assert len(colours) == 2
