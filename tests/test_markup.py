"""The one place where text becomes markup: whatever it is given, it comes out as text."""

import html.parser
import json
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hostile import LABELS
from hypothesis import given
from hypothesis import strategies as st

from neurograph import markup
from neurograph.markup import (
    Markup,
    bars,
    clean,
    curve,
    decimal,
    element,
    figure,
    json_block,
    readable,
    table,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # surrogates and controls, too


def is_xml_character(character):
    """The production Char of XML 1.0."""
    code = ord(character)
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


def as_html(text):
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


@given(ANY_TEXT)
def test_a_text_is_readable_character_by_character(text):
    shown = readable(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        assert after == (before if is_xml_character(before) else "\ufffd")


@given(ANY_TEXT)
def test_any_text_reads_back_from_the_text_and_the_attribute_of_an_element(text):
    made = element("g", {"data-name": text, "aria-label": text}, text)
    found = ET.fromstring(made)
    assert (found.text or "") == found.get("data-name") == found.get("aria-label") == readable(text)
    read = as_html(made)
    assert read.tags == ["g"]
    assert read.text == readable(text)
    assert dict(read.attributes) == {"data-name": readable(text), "aria-label": readable(text)}


@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
def test_a_hostile_label_reads_back_as_its_own_text(label):
    found = ET.fromstring(element("text", {"data-name": label}, element("tspan", {}, label)))
    assert [each.tag for each in found.iter()] == ["text", "tspan"]
    assert (found[0].text or "") == found.get("data-name") == readable(label)


def test_long_texts_are_cut():
    assert readable("x" * 200) == "x" * 200
    assert readable("x" * 100_000) == "x" * 199 + "…"


def test_what_is_no_string_is_written_as_its_repr_and_what_has_none_as_its_type():
    class Silent:
        def __repr__(self):
            raise RuntimeError

    assert clean(("<b>", 1)) == "(&#x27;&lt;b&gt;&#x27;, 1)"
    assert clean(Silent()) == "&lt;Silent&gt;"


def test_a_string_that_answers_as_it_likes_is_still_cleaned():
    class Liar(str):
        __slots__ = ()

        def __str__(self):
            return "<script>"

        def replace(self, *_):
            return "<script>"

    assert clean(Liar("<b>")) == "&lt;b&gt;"
    assert element("text", {}, Liar("<b>")) == "<text>&lt;b&gt;</text>"


# ── elements ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("foreignObject", {}),
        ("use", {}),
        ("a", {}),
        ("style", {}),
        ("script", {}),
        ("image", {}),
        ("animate", {}),
        ("object", {}),
        ("svg onload=x", {}),
        ("g", {"onclick": "x"}),
        ("g", {"href": "#x"}),
        ("g", {"xlink:href": "#x"}),
        ("g", {"data-commandlinker-command": "x"}),
        ("g", {'x="1" onload': "y"}),
        ("g", {"class": 'a" onload="x'}),
        ("g", {"class": ""}),
        ("g", {"id": "n17"}),
        ("g", {"id": "__proto__"}),
        ("path", {"d": "M0 0 url(#x)"}),
        ("path", {"fill": "red;background:url(//evil)"}),
        ("path", {"fill": "url(#gradient)"}),
        ("path", {"fill": "expression(alert(1))"}),
        ("path", {"stroke": "#12345"}),
        ("svg", {"width": "1 onload=x"}),
        ("svg", {"width": "NaN"}),
        ("svg", {"viewBox": "0 0 1 1;"}),
        ("text", {"style": "background:url(//evil)"}),
        ("img", {"src": "http://evil"}),
        ("img", {"src": "javascript:x"}),
        ("iframe", {"sandbox": "allow-scripts allow-same-origin"}),
        ("meta", {"http-equiv": "refresh"}),
    ],
)
def test_what_is_not_in_the_lists_is_refused(tag, attributes):
    with pytest.raises(ValueError, match=r"known|cannot stand"):
        element(tag, attributes)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_number_in_an_attribute_is_finite(number):
    with pytest.raises(ValueError, match="no place"):
        element("rect", {"x": number})


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_number_is_written_as_python_rounds_it(number, digits):
    text = decimal(number, digits)
    assert float(text) == float(f"{number:.{digits}f}")
    assert "e" not in text
    assert text not in ("-0", "-0.0", "-0.00", "-0.000")


def test_no_table_of_attributes_lets_code_or_addresses_through():
    assert not [name for name in markup._ATTRIBUTES if name.startswith("on") or "href" in name]
    free = {name for name, pattern in markup._ATTRIBUTES.items() if pattern is None}
    assert free <= {
        "srcdoc",
        "content",
        "alt",
        "title",
        "aria-label",
        "data-name",
        "data-label",
        "placeholder",
    }
    assert not markup._TAGS & {
        "script",
        "style",
        "a",
        "use",
        "foreignObject",
        "image",
        "object",
        "embed",
        "base",
    }


@pytest.mark.parametrize("make", [markup.stylesheet, markup.script])
@pytest.mark.parametrize("text", ["</style>", "</script>", "<!--", "a]]>b"])
def test_own_code_cannot_end_its_element(make, text):
    with pytest.raises(ValueError, match="must not hold"):
        make(text)


# ── data ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_data_block_holds_its_data_and_nothing_that_ends_it():
    data = {"labels": list(LABELS), "numbers": [1, -0.25, 1e300]}
    block = json_block(data)
    start, end = '<script type="application/json" class="ng-data">', "</script>"
    assert block.startswith(start)
    assert block.endswith(end)
    inner = block[len(start) : -len(end)]
    assert not set(inner) & set("<>&")
    assert inner.isascii()
    assert json.loads(inner) == data


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_data_block_holds_finite_numbers_only(number):
    with pytest.raises(ValueError, match="JSON"):
        json_block([number])


# ── displays ─────────────────────────────────────────────────────────────────────────────────────


def test_a_display_that_fails_or_floods_leaves_the_plain_text():
    class Thing:
        @markup.display
        def broken(self):
            raise RuntimeError

        @markup.display
        def large(self):
            return Markup("x" * (markup.LONGEST_DISPLAY + 1))

        @markup.display
        def good(self):
            return Markup("<p>x</p>")

    assert Thing().broken() is None
    assert Thing().large() is None
    assert Thing().good() == "<p>x</p>"


def test_a_table_holds_its_texts():
    made = ET.fromstring(table(["a", "<b>"], [["1", "2"], ["<i>", "&"]], numbers=True))
    assert ["".join(cell.itertext()) for cell in made.iter("th")] == ["a", "<b>"]
    assert ["".join(cell.itertext()) for cell in made.iter("td")] == ["1", "2", "<i>", "&"]
    assert [cell.get("style") for cell in made.iter("td")] == ["text-align: left", "text-align: right"] * 2


def test_a_curve_goes_through_its_numbers():
    path = ET.fromstring(curve([4.0, 1.0, math.nan, 0.0], width=300, height=80)).find("{*}path").get("d")
    points = [tuple(map(float, each.split())) for each in path[1:].split("L")]
    assert points == [(0, 0), (100, 60), (300, 80)]


@pytest.mark.parametrize(
    "numbers", [[], [math.nan], [1.0], [2.0, 2.0], [math.inf, 1.0], list(range(100_000))]
)
def test_a_curve_of_anything_is_sound_and_small(numbers):
    made = curve(numbers)
    ET.fromstring(made)
    assert len(made) < 20_000


def test_bars_are_as_high_as_their_counts():
    shapes = ET.fromstring(bars([1, 4, 0], height=80)).findall("{*}rect")
    assert [float(shape.get("height")) for shape in shapes] == [20, 80, 0]
    assert [float(shape.get("y")) + float(shape.get("height")) for shape in shapes] == [80, 80, 80]


def test_a_figure_puts_a_caption_over_its_parts():
    made = ET.fromstring(figure("<caption>", Markup("<hr/>"), "text", None))
    assert [(each.tag, each.text) for each in made] == [("p", "<caption>"), ("hr", None), ("p", "text")]
