"""Executed notebooks as pages from a disk: they ask for nothing, players step, formulas are drawn."""

import re
from itertools import pairwise

import pytest
from browser import contrast
from executing import NOTEBOOKS, SOURCES, read_source
from exporting import PAGES, address, export, markdown, title
from formulas import shown_latex, to_mathml
from keeping import executed
from lessons import each
from playing import Player

import neurograph as ng


class Visited:
    """A page in a tab, with all that it asked for and complained of."""

    def __init__(self, context, url):
        self.requests, self.complaints = [], []
        self.tab = context.new_page()
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("websocket", lambda socket: self.requests.append(socket.url))
        self.tab.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.goto(url)
        self.url = url


@pytest.fixture
def visit(browser, tmp_path):
    """Open the page of a notebook from the disk; nothing else may be asked for, then or later."""
    contexts, visited = [], []

    def open_page(source, *, width=1200, **options):
        path = tmp_path / f"{source.stem}.html"
        path.write_text(export(executed(source), source), encoding="utf-8")
        options = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"} | options
        contexts.append(browser.new_context(**options))
        visited.append(Visited(contexts[-1], path.as_uri()))
        return visited[-1].tab

    yield open_page
    for each_page in visited:
        assert each_page.requests == [each_page.url]
        assert each_page.complaints == []
    for context in contexts:
        context.close()


def players(tab):
    frames = tab.locator("iframe.ng-frame")
    return [Player(frames.nth(i).content_frame) for i in range(frames.count())]


@each()
def test_a_page_asks_for_nothing_and_its_players_step(visit, source):
    tab = visit(source)
    assert tab.title() == f"{title(source)} · neurograph"
    assert tab.locator("h1").inner_text().removesuffix("#").strip() == title(source)
    assert tab.locator("html").get_attribute("lang") == "en"
    shown = players(tab)
    assert len(shown) == sum("ng.explore(" in cell.source for cell in read_source(source).cells)
    for player in shown:
        assert player.position == 0
        player.press("ArrowRight", 2)
        assert player.position == 2
        player.press("End")
        assert player.position == player.last > 2


@each()
def test_formulas_are_drawn_and_none_is_left_as_text(visit, source):
    tab = visit(source)
    cells = executed(source).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    written = sum(len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text, re.DOTALL)) for text in texts)
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert tab.locator("math").count() == written + sum(
        "text/latex" in each.get("data", {}) for each in outputs
    )
    tab.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    text = tab.evaluate("""() => {
        const page = document.querySelector("main").cloneNode(true);
        page.querySelectorAll("pre, code, iframe, style, script").forEach((each) => each.remove());
        return page.textContent;
    }""")
    assert not re.search(r"\\(frac|sum|cdot|begin|text|sigma|mathbb|left|delta)\b", text)
    assert not re.search(r"\$[^$\n]+\$", text)


@each()
def test_solutions_are_closed_until_they_are_opened(visit, source):
    tab = visit(source)
    hidden = ["solution" in cell.metadata.get("tags", []) for cell in executed(source).cells]
    solutions = tab.locator("details.solution")
    assert solutions.count() == sum(here and not before for before, here in pairwise(hidden)) >= 2
    assert solutions.locator(".code").count() == sum(hidden)
    assert not solutions.locator(".code").first.is_visible()
    solutions.locator("summary").first.click()
    assert solutions.locator(".code").first.is_visible()


@each()
def test_every_link_leads_somewhere(visit, source):
    tab = visit(source)
    links = tab.evaluate("[...document.querySelectorAll('a')].map((each) => each.getAttribute('href'))")
    pages = {f"{each_source.stem}.html" for each_source in SOURCES}
    assert len(links) > len(pages)
    for link in links:
        path, _, anchor = link.partition("#")
        if path.startswith("https://"):
            continue
        assert not path or path in pages or (PAGES / path).exists(), link
        if anchor and not path:
            assert tab.locator(f'[id="{anchor}"]').count() == 1, link


@each()
@pytest.mark.parametrize("width", [400, 1200])
def test_nothing_is_wider_than_the_window(visit, source, width):
    tab = visit(source, width=width)
    tab.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    cut = tab.evaluate("""() => [...document.querySelectorAll(".text > *, .output > *, .code > *")]
        .filter((each) => each.getBoundingClientRect().right > innerWidth
            && !each.closest(".output, .wide, .formula, pre"))
        .map((each) => each.outerHTML.slice(0, 200))""")
    assert cut == []


@each()
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_code_can_be_read_in_light_and_dark(visit, source, scheme):
    tab = visit(source, color_scheme=scheme)
    colours = tab.evaluate("""() => {
        const paper = (node) => {
            const colour = getComputedStyle(node).backgroundColor;
            return colour === "rgba(0, 0, 0, 0)" && node.parentElement ? paper(node.parentElement) : colour;
        };
        const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const words = "body, p, h2, a:not(.anchor-link), .code span, .output > pre, td";
        return [...document.querySelectorAll(words)]
            .map((node) => [rgb(getComputedStyle(node).color), rgb(paper(node))]);
    }""")
    assert len(colours) > 50
    assert min(contrast(*pair) for pair in colours) >= 4.5
    assert (sum(colours[0][1]) < 3 * 128) == (scheme == "dark")


# ── what pages are made of ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("2_the_sixth_neuron.ipynb", "2_the_sixth_neuron.html"),
        ("2_the_sixth_neuron.ipynb#exercises", "2_the_sixth_neuron.html#exercises"),
        ("../examples/iris.csv", "../../examples/iris.csv"),
        ("#exercises", "#exercises"),
        ("https://networkx.org", "https://networkx.org"),
    ],
)
def test_links_of_a_notebook_lead_to_the_same_from_its_page(link, leads):
    assert address(link) == leads
    assert f'href="{leads}"' in markdown(f"[there]({link})")


def test_a_file_that_is_linked_from_a_page_is_the_one_that_was_meant():
    linked = PAGES / address("../examples/iris.csv")
    assert linked.resolve() == (NOTEBOOKS / "../examples/iris.csv").resolve()


def test_formulas_in_a_text_become_mathml_and_prices_stay():
    html = markdown(r"Where $\frac{1}{2}$ stands, it costs 3 dollars. $$\sum_i w_i$$")
    assert html.count("<math") == 2
    assert "<mfrac>" in html
    assert "$" not in html


def test_a_line_does_not_begin_with_the_full_stop_after_a_formula():
    html = markdown("So it is $z = y$. And $x$, too (see $w$).")
    wholes = re.findall(r'<span class="whole"><math.*?</math>([^<]*)</span>', html)
    assert wholes == [".", ",", ")."]


@pytest.mark.parametrize("latex", [r"\nosuchcommand{x}", "a & b", r"\text{R & D}"])
def test_a_formula_that_would_lose_something_is_refused(latex):
    with pytest.raises(ValueError, match="this formula"):
        to_mathml(latex)


def test_every_step_every_matrix_and_every_function_can_be_drawn():
    net = ng.example_network()
    steps = [*ng.forward_steps(net, [0.5]), *ng.backward_steps(net, [0.5], [1.0])]
    shown = [shown_latex(step._repr_latex_()) for step in steps]
    assert all("<mtable" in each_step for each_step in shown)
    assert "<mtable" in shown_latex(ng.theory.layer_matrices(net)._repr_latex_())
    for row in [*ng.ACTIVATIONS.values(), *ng.LOSSES.values()]:
        assert to_mathml(row.latex)
        assert to_mathml(row.derivative_latex)


def test_a_minus_stands_close_to_its_number():
    assert 'form="prefix"' in to_mathml(r"(-0.25)\cdot 0.4")
    assert 'form="prefix"' not in to_mathml("0.5 - 0.25")
    assert "<mtext>10,000</mtext>" in to_mathml("10{,}000")


def test_the_policy_lets_nothing_in_but_the_players_scripts(browser, tmp_path):
    source = SOURCES[0]
    html = export(read_source(source), source)
    taken = "<script>document.title = 'taken'</script><img src='https://localhost:9/x.png'>"
    (tmp_path / "page.html").write_text(html.replace("</main>", f"</main>{taken}"), encoding="utf-8")
    context = browser.new_context()
    visited = Visited(context, (tmp_path / "page.html").as_uri())
    assert visited.tab.title() == f"{title(source)} · neurograph"
    refused = [said for said in visited.complaints if "Content Security Policy" in said]
    assert len(refused) == 2
    context.close()
