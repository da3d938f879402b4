"""The documentation site: everything is there, every link leads somewhere, and no page asks for anything."""

import html
import inspect
import re
from urllib.parse import urlsplit

import pytest
from sites import built, is_outside, read, target
from terminal import ROOT

import neurograph as ng
from neurograph import cli

pytestmark = pytest.mark.xdist_group("site")  # one build serves all of them

REFERENCE = ROOT / "docs" / "reference"
KNOWN_HOSTS = {
    "docs.pytorch.org", "github.com", "keepachangelog.com", "neat-python.readthedocs.io", "networkx.org",
    "playground.tensorflow.org", "pre-commit.com", "semver.org",
}  # fmt: skip
URL_IN_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(site):
    return sorted(site.rglob("*.html"))


def groups(package):
    """The names of ``__all__`` by the remark above them, as its file has them."""
    lines = inspect.getsource(package).partition("__all__ = [")[2].partition("]")[0].splitlines()
    found = {}
    for line in filter(str.strip, lines):
        if line.strip().startswith("#"):
            names = found.setdefault(line.strip(" #"), [])
        else:
            names += re.findall(r'"(\w+)"', line)
    return found


def documented(path):
    """The names that a page of the reference documents, in its order."""
    return re.findall(r"^\.\. auto\w+:: (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


# ── everything is there ──────────────────────────────────────────────────────────────────────────


def test_the_site_is_built_without_a_warning(site, pages):
    assert (site / "index.html").is_file()
    assert len(pages) > 40


def test_every_page_of_the_sources_is_a_page_of_the_site(site, pages):
    docs = ROOT / "docs"
    kept = {"site", "notebooks", "tools"}
    sources = [path.relative_to(docs) for path in docs.rglob("*.md")]
    expected = {path.with_suffix(".html") for path in sources if path.parts[0] not in kept}
    assert len(expected) > 40
    assert expected <= {path.relative_to(site) for path in pages}


@pytest.mark.parametrize("package", [ng, ng.theory], ids=["neurograph", "theory"])
def test_every_public_name_has_its_place_in_the_reference(package, site):
    everything = "".join(path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html"))
    missing = [name for name in package.__all__ if f'id="{package.__name__}.{name}"' not in everything]
    assert missing == [name for name in package.__all__ if name == "__version__"]
    assert "neurograph.__version__" in everything
    assert len(package.__all__) > 40


@pytest.mark.parametrize("package", [ng, ng.theory], ids=["neurograph", "theory"])
def test_a_page_of_the_reference_is_a_group_of_the_public_names_in_its_order(package):
    pattern = "theory-*.md" if package is ng.theory else "[!t]*.md"
    found = [documented(path) for path in REFERENCE.glob(pattern)]
    expected = [[name for name in names if name != "__version__"] for names in groups(package).values()]
    assert sorted(filter(None, found)) == sorted(expected)


def test_every_command_and_every_option_is_on_its_page(site):
    text = html.unescape((site / "reference" / "command-line.html").read_text(encoding="utf-8"))
    parser = cli.parser()
    commands = next(action.choices for action in parser._actions if hasattr(action, "add_parser"))
    options = {
        option
        for each in (parser, *commands.values())
        for action in each._actions
        for option in action.option_strings
        if action.help != "==SUPPRESS=="
    }
    assert len(commands) > 8
    assert len(options) > 15
    assert not [name for name in commands if f"usage: neurograph {name}" not in text]
    assert not [option for option in options if option not in text]


def test_every_activation_and_every_code_is_in_its_table(site):
    functions = (site / "reference" / "functions.html").read_text(encoding="utf-8")
    questions = (site / "reference" / "ask.html").read_text(encoding="utf-8")
    for name in (*ng.ACTIVATIONS, *ng.LOSSES):
        assert f">{name}</span>" in functions
    for code in ng.CODES:
        assert f">{code}</span>" in questions


def test_a_tutorial_has_its_title_its_first_sentence_and_a_folded_solution(site):
    index = (site / "tutorials" / "index.html").read_text(encoding="utf-8")
    assert "1. A small tutorial" in index
    assert "After it you know what" in index
    tutorial = (site / "notebooks" / "executed" / "1_small.html").read_text(encoding="utf-8")
    folded = re.findall(r"<details(.*?)>.*?</details>", tutorial, re.DOTALL)
    assert [attributes for attributes in folded if "hide" in attributes and "open" not in attributes]
    assert tutorial.index("<details") < tutorial.index("<span></span>42")


def test_the_performance_page_has_the_results_and_their_picture(site):
    text = (site / "performance" / "index.html").read_text(encoding="utf-8")
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    for heading in re.findall(r"^## (.*)$", results, re.MULTILINE):
        assert f"<h3>{html.escape(heading)}<" in text
    assert "growth.svg" in text


def test_every_formula_became_mathml(site, pages):
    with_formulas = 0
    for page in pages:
        text = page.read_text(encoding="utf-8")
        with_formulas += "<math " in text
        assert "<merror" not in text
        assert not re.search(r'class="(?:math|formula)[^>]*>\s*[^<\s]', text), page
    assert with_formulas > 5


# ── every link leads somewhere ───────────────────────────────────────────────────────────────────


def test_every_link_within_the_site_leads_to_a_page_and_a_place_in_it(pages):
    broken, checked = [], 0
    for page in pages:
        for link in filter(lambda link: not is_outside(link), read(page).links):
            path, place = target(page, link)
            checked += 1
            if not path.is_file() or (place and place not in read(path).anchors):
                broken.append(f"{page.name}: {link}")
    assert not broken
    assert checked > 1000


def test_a_broken_link_would_be_seen(site, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<a id="here" href="#there">a</a><a href="gone.html">b</a>', encoding="utf-8")
    found = [target(page, link) for link in read(page).links]
    assert found == [(page, "there"), (tmp_path / "gone.html", "")]
    assert read(page).anchors == {"here"}


def test_links_out_of_the_site_lead_to_known_hosts_only(pages):
    links = {link for page in pages for link in read(page).links if is_outside(link)}
    hosts = {urlsplit(link).hostname for link in links}
    assert {urlsplit(link).scheme for link in links} == {"https"}
    assert hosts == KNOWN_HOSTS


# ── no page asks for anything ────────────────────────────────────────────────────────────────────


def test_no_page_loads_anything_from_elsewhere(pages):
    loaded = 0
    for page in pages:
        for address in read(page).loads:
            assert not is_outside(address), f"{page.name} loads {address}"
            path, _ = target(page, address)
            assert address.startswith(("data:", "about:")) or path.is_file(), f"{page.name}: {address}"
            loaded += 1
    assert loaded > 100


def test_no_style_loads_anything_from_elsewhere(site, pages):
    sheets = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.css")}
    assert sheets
    for path, text in [*sheets.items(), *((page, read(page).style) for page in pages)]:
        for found in URL_IN_CSS.finditer(text):
            address = found[1] or found[2]
            here = address.startswith(("data:", "#")) or (path.parent / urlsplit(address).path).is_file()
            assert here, f"{path.name} loads {address}"


def test_what_loads_from_elsewhere_would_be_seen(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<img src="//cdn.example/a.png"><link href="https://fonts.example/a.css"><script src="a.js"></script>'
        '<iframe srcdoc="&lt;img src=&quot;http://b.example/b.png&quot;&gt;"></iframe>',
        encoding="utf-8",
    )
    assert [is_outside(address) for address in read(page).loads] == [True, True, False, True]
    assert URL_IN_CSS.search("a { src: url('https://c.example/c.woff') }")[1] == "https://c.example/c.woff"


def test_the_settings_of_the_site_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^SPHINX += .* -E -W ", makefile, re.MULTILINE)
    assert re.search(r"^docs: .*##", makefile, re.MULTILINE)
