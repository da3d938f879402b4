"""What results show of themselves in a notebook; the plain text stays as it was."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from terminal import BROKEN

import neurograph as ng
from neurograph.walk.notation import number

X, Y = [[0.0], [0.5], [1.0]], [[0.0], [1.0], [0.2]]


def shown(thing):
    text = thing._repr_html_()
    assert text is not None
    return ET.fromstring(f"<div>{text}</div>")


def rows(root):
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def test_a_trace_shows_its_numbers_in_two_tables():
    trace = ng.backward(ng.example_network(), [0.5], [1.0])
    found = rows(shown(trace))
    assert ["6", number(trace.z[6]), number(trace.value[6]), number(trace.delta[6])] in found
    assert ["1", "—", "0.5", "—"] in found
    assert ["4 → 6", number(trace.gradient[4, 6])] in found
    assert len(found) == 1 + 9 + 1 + 12
    assert f"loss {number(trace.loss)}" in "".join(shown(trace).itertext())


def test_a_long_trace_says_what_it_leaves_out():
    trace = ng.backward(ng.mlp([40, 30, 1], seed=0), np.ones(40), [1.0])
    text = "".join(shown(trace).itertext())
    assert f"… and {len(trace.value) - 50} more neurons" in text
    assert f"… and {len(trace.gradient) - 50} more edges" in text
    assert len(rows(shown(trace))) == 102


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_report_shows_every_finding_with_its_fix(path):
    report = ng.check(ng.load(path, strict=False))
    found = rows(shown(report))[1:]
    assert found == [[f.severity, f.code, f.message, f.fix] for f in report.findings]


def test_a_report_without_findings_is_one_line():
    assert "".join(shown(ng.check(ng.example_network())).itertext()) == "no problems: feed-forward, 4 layers"


def test_a_history_shows_its_losses_as_a_curve():
    history = ng.fit(ng.example_network(), X, Y, epochs=50)
    (path,) = shown(history).iter("{http://www.w3.org/2000/svg}path")
    points = [tuple(map(float, place.split())) for place in path.get("d")[1:].split("L")]
    assert len(points) == 50
    low, high = min(history.losses), max(history.losses)
    heights = [60 * (high - loss) / (high - low) for loss in history.losses]
    assert [y for _, y in points] == pytest.approx(heights, abs=0.06)
    assert "50 epochs, loss" in "".join(shown(history).itertext())


def test_a_history_with_validation_shows_two_curves():
    history = ng.History([3.0, 2.0, 1.0], [0.1] * 3, validation_losses=[4.0, 3.0, 3.5])
    assert len(list(shown(history).iter("{http://www.w3.org/2000/svg}path"))) == 2
    assert "validation loss 3.5" in "".join(shown(history).itertext())


def test_an_empty_history_is_one_line():
    assert "".join(shown(ng.History(stopped="interrupted")).itertext()) == "no epoch interrupted"


def test_restarts_show_the_distribution_of_their_losses():
    runs = ng.restarts(ng.example_network(), X, Y, n=60, epochs=20)
    bars = list(shown(runs).iter("{http://www.w3.org/2000/svg}rect"))
    counts = np.histogram(runs.losses, 24)[0]
    heights = [float(bar.get("height")) for bar in bars]
    assert heights == pytest.approx((60 * counts / counts.max()).tolist(), abs=0.01)
    assert f"best loss {number(runs.best_loss)}" in "".join(shown(runs).itertext())


def test_restarts_that_all_end_alike_are_shown_too():
    runs = ng.restarts(ng.example_network(), X, Y, n=3, epochs=1, learning_rate=0.0, scale=1e-12)
    assert len(list(shown(runs).iter("{http://www.w3.org/2000/svg}rect"))) == 1


def test_a_program_shows_its_equations():
    program = ng.compile_network(ng.example_network(), backend="numpy")
    text = "".join(shown(program).itertext())
    assert str(program) in text
    assert text.startswith("Program of 9 neurons and 12 edges")


def test_a_display_that_goes_wrong_leaves_the_text():
    history = ng.History([1.0, "no number"], [0.1, 0.1])
    assert history._repr_html_() is None
    trace = ng.Trace(value={1: object()})
    assert trace._repr_html_() is None


def test_the_plain_texts_are_what_they_were():
    assert str(ng.History([0.4, 0.2, 0.1], [0.1] * 3)) == "3 epochs, loss 0.4 → 0.1  █▃▁"
    assert str(ng.History(stopped="interrupted")) == "no epoch interrupted"
    assert str(ng.check(ng.example_network())) == "no problems: feed-forward, 4 layers"


def test_no_display_fixes_the_colour_of_its_text():
    net = ng.example_network()
    for thing in (ng.backward(net, [0.5], [1.0]), ng.check(net), ng.fit(net, X, Y), ng.compile_network(net)):
        text = thing._repr_html_()
        assert "#" not in text
        assert "color" not in text.replace("currentColor", "")
