"""Drawings as files and in notebooks: two renderers of pixels agree, and a missing one is told."""

import base64
import io
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from matplotlib import image
from pictures import Svg
from terminal import BROKEN, IRIS, TEXT

import neurograph as ng
from neurograph.view import raster


def pixels(png):
    """The pixels of a PNG as numbers from 0 to 1: shape (height, width, 3)."""
    return image.imread(io.BytesIO(png), format="png")[:, :, :3]


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


@pytest.fixture
def without_cairosvg(monkeypatch):
    monkeypatch.setitem(sys.modules, "cairosvg", None)


@pytest.mark.parametrize("path", [TEXT, IRIS, BROKEN / "cycles.json"], ids=lambda path: path.stem)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_renderers_of_pixels_draw_the_same_picture(monkeypatch, path, theme):
    net = ng.load(path, strict=False)
    drawing = ng.draw(net, theme=theme)
    by_cairo = pixels(drawing.png(scale=1.0))
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    by_matplotlib = pixels(drawing.png(scale=1.0))
    high, wide = (min(pair) for pair in zip(by_cairo.shape[:2], by_matplotlib.shape[:2], strict=True))
    difference = np.abs(by_cairo[:high, :wide] - by_matplotlib[:high, :wide]).max(axis=2)
    assert (difference > 0.3).mean() < 0.03  # letters, which each draws with a font of its own
    assert by_cairo.std() > 0.05


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_a_png_has_as_many_pixels_as_asked_for(scale, monkeypatch):
    drawing = ng.draw(ng.example_network())
    wanted = pytest.approx((drawing.width * scale, drawing.height * scale), abs=1)
    assert size(drawing.png(scale=scale)) == wanted
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    assert size(drawing.png(scale=scale)) == wanted


def test_neurons_have_their_colours_where_they_stand(without_cairosvg):
    net = ng.example_network()
    drawing = ng.draw(net, theme="light")
    svg, shown = Svg(drawing.svg), pixels(drawing.png(scale=2.0))
    left, top, _, _ = map(float, svg.root.get("viewBox").split())
    for i, neuron in enumerate(net):
        x, y = svg.centre(i)
        r, g, b = shown[round(2 * (y - top)) + 24, round(2 * (x - left))]  # below the name
        kind = ng.kind(net, neuron)
        strongest = max(zip((r, g, b), "rgb", strict=True))[1]
        assert strongest == {"input": "g", "bias": "b", "output": "r"}.get(kind, strongest)
        assert not (r == g == b == 1.0)


def test_a_huge_picture_is_drawn_with_fewer_pixels(monkeypatch):
    monkeypatch.setattr(raster, "MOST_PIXELS", 10_000)
    wide, high = size(ng.draw(ng.example_network()).png(scale=4))
    assert wide * high == pytest.approx(10_000, rel=0.05)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), 100, "2"])
def test_a_scale_is_a_sensible_number(scale):
    with pytest.raises(ng.OptionError, match="scale"):
        ng.draw(ng.example_network()).png(scale=scale)


def test_an_svg_file_is_the_svg(tmp_path):
    drawing = ng.draw(ng.example_network())
    drawing.save(tmp_path / "net.svg")
    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == drawing.svg
    drawing.save(str(tmp_path / "net.PNG"))
    assert (tmp_path / "net.PNG").read_bytes() == drawing.png()
    assert sorted(os.listdir(tmp_path)) == ["net.PNG", "net.svg"]


@pytest.mark.parametrize("name", ["net.gif", "net", ".svg", "net.svg.txt"])
def test_an_unknown_ending_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(ng.OptionError, match=r"ends in '\.svg', '\.png'"):
        ng.draw(ng.example_network()).save(tmp_path / name)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("path", [None, 3, "a\0.svg", b"net.svg"])
def test_what_is_no_name_of_a_file_is_refused(path):
    with pytest.raises(ng.OptionError, match="name of a file"):
        ng.draw(ng.example_network()).save(path)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    (tmp_path / "net.svg").mkdir()
    with pytest.raises(IsADirectoryError):
        ng.draw(ng.example_network()).save(tmp_path / "net.svg")
    assert os.listdir(tmp_path) == ["net.svg"]


def test_without_both_renderers_the_command_that_installs_one_is_told(
    without_cairosvg, monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    drawing = ng.draw(ng.example_network())
    with pytest.raises(ng.MissingExtraError, match=r"pip install 'neurograph-sim\[notebook\]'"):
        drawing.save(tmp_path / "net.png")
    assert not os.listdir(tmp_path)
    assert set(drawing._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}


def test_a_notebook_gets_text_svg_and_png():
    drawing = ng.draw(ng.example_network())
    bundle = drawing._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "image/svg+xml", "image/png"}
    assert bundle["text/plain"] == repr(drawing) == "<Drawing of 9 neurons and 12 edges>"
    assert bundle["image/svg+xml"] == drawing.svg
    assert size(base64.b64decode(bundle["image/png"])) == pytest.approx(
        (drawing.width, drawing.height), abs=1
    )


def test_a_drawing_too_large_for_a_notebook_says_so_in_text():
    drawing = ng.draw(ng.mlp([60, 60, 60], seed=0), most_edges=10_000)
    assert len(drawing.svg) > 1_000_000
    bundle = drawing._repr_mimebundle_()
    assert "image/svg+xml" not in bundle
    assert bundle["text/plain"] == "<Drawing of 182 neurons and 7,320 edges>"


def test_at_the_limits_a_drawing_still_fits_a_notebook():
    drawing = ng.draw(ng.mlp([31, 31, 31], seed=0))
    assert not drawing.collapsed
    assert "image/svg+xml" in drawing._repr_mimebundle_()


def test_drawing_an_svg_imports_no_renderer_of_pixels():
    code = (
        "import sys, neurograph as ng; ng.draw(ng.example_network()).svg;"
        "print([name for name in ('matplotlib', 'cairosvg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
