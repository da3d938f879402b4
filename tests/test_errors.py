"""The exception tree: what every error says, that it says it safely, and that none leaves a part out."""

import ast
import copy
import inspect
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng
from neurograph import errors
from neurograph.errors import did_you_mean, shown, shown_list

CLASSES = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, Exception)]
PARTS = {"code": "a-code", "where": "X", "expected": "1 column", "fix": "leave one out"}
SOURCES = sorted(Path(ng.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_is_a_neurograph_error_with_the_four_parts(error):
    made = error("2 columns", **PARTS)
    assert isinstance(made, ng.NeurographError)
    assert {part: getattr(made, part) for part in PARTS} == PARTS
    assert str(made) == "X: 2 columns; expected 1 column. Fix: leave one out."
    assert error.__doc__


@pytest.mark.parametrize("error", CLASSES)
@pytest.mark.parametrize("missing", PARTS)
def test_no_error_can_be_made_without_one_of_its_parts(error, missing):
    with pytest.raises(TypeError, match=missing):
        error("2 columns", **{part: text for part, text in PARTS.items() if part != missing})


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ng.OptionError, ValueError),
        (ng.InvalidNetworkError, ValueError),
        (ng.DataError, ValueError),
        (ng.FileFormatError, ValueError),
        (ng.MissingExtraError, ImportError),
        (ng.DivergedError, ArithmeticError),
        (ng.CheckpointError, RuntimeError),
        (ng.WorkerError, RuntimeError),
        (ng.NotLayeredError, ng.InvalidNetworkError),
        (ng.WeightError, ng.InvalidNetworkError),
        (ng.UnsafeFileError, ng.FileFormatError),
        (ng.LimitError, ng.FileFormatError),
        (ng.ChecksumError, ng.FileFormatError),
        (ng.VersionError, ng.FileFormatError),
    ],
)
def test_errors_may_be_caught_as_the_kind_of_error_they_are(error, builtin):
    assert issubclass(error, builtin)


@pytest.mark.parametrize("error", CLASSES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_pickling_with_all_it_carries(error, protocol):
    made = error("2 columns", **PARTS)
    made.more = {"neuron": 3}
    again = pickle.loads(pickle.dumps(made, protocol))
    assert type(again) is error
    assert str(again) == str(made)
    assert vars(again) == vars(made) == {**PARTS, "more": {"neuron": 3}}


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_can_be_copied(error):
    made = error("2 columns", **PARTS)
    for again in (copy.copy(made), copy.deepcopy(made)):
        assert (type(again), str(again), vars(again)) == (error, str(made), vars(made))


def test_the_error_of_layers_survives_with_its_witness():
    net = ng.example_network()
    net.add_edge(3, 9, weight=1.0)
    with pytest.raises(ng.NotLayeredError) as caught:
        ng.layers(net)
    assert pickle.loads(pickle.dumps(caught.value)).witness == caught.value.witness


# Every place that raises.


def calls(tree):
    """Yield every call of a name or attribute, with that name and its keywords."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            yield node, name, {keyword.arg for keyword in node.keywords}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_error_is_made_with_code_where_expected_and_fix(path):
    names = {error.__name__ for error in CLASSES}
    short = [
        f"line {node.lineno}: {name} without {sorted(set(PARTS) - keywords)}"
        for node, name, keywords in calls(ast.parse(path.read_text("utf-8")))
        if name in names and not (set(PARTS) <= keywords or None in keywords)
    ]
    assert short == []


BUILTIN_ERRORS = {
    "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "Exception", "ArithmeticError",
    "ImportError", "ModuleNotFoundError", "LookupError", "FloatingPointError", "OverflowError", "MemoryError",
}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_place_raises_a_bare_builtin_error(path):
    """OSError may be raised: what a file system says needs no translation."""
    tree = ast.parse(path.read_text("utf-8"))
    raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    names = {(name, node.lineno) for node in raised for _, name, _ in calls(node.exc)}
    names |= {(node.exc.id, node.lineno) for node in raised if isinstance(node.exc, ast.Name)}
    assert {(name, line) for name, line in names if name in BUILTIN_ERRORS} == set()


def test_the_audit_sees_raise_sites():
    made = [
        name
        for path in SOURCES
        for _, name, keywords in calls(ast.parse(path.read_text("utf-8")))
        if set(PARTS) <= keywords
    ]
    assert len(made) > 20


# What may stand in a message.


UNSAFE = [
    "\x00", "\x07", "\x1b[31m", "\x1b]0;title\x07", "\r", "\n", "\t", "\x7f", "\x85", "\x9b",
    "\u202a", "\u202e", "\u2066", "\u2069", "\u200f", "\u2028", "\u2029", "\ufeff", "\ud800", "\ue000",
]  # fmt: skip


@pytest.mark.parametrize("text", UNSAFE, ids=ascii)
def test_control_characters_and_direction_overrides_are_shown_escaped(text):
    written = shown(f"a{text}b")
    assert written.isprintable()
    assert "\\" in written
    assert written.startswith("'a")
    assert written.endswith("b'")


def test_what_a_repr_itself_writes_is_escaped_too():
    class Rude:
        def __repr__(self):
            return "\x1b[2J\u202eok\n"

    assert shown(Rude()) == r"\x1b[2J\u202eok\n"


@given(st.one_of(st.text(), st.binary(), st.integers(), st.floats(), st.lists(st.text()), st.none()))
def test_anything_is_shown_on_one_printable_line_of_at_most_eighty_characters(thing):
    written = shown(thing)
    assert written.isprintable()
    assert written
    assert len(written) <= 80
    if len(repr(thing)) <= 80 and repr(thing).isprintable():
        assert written == repr(thing)


@pytest.mark.parametrize("length", [77, 78, 79, 80, 81, 1000, 10**6])
def test_what_is_longer_than_eighty_characters_is_cut_with_an_ellipsis(length):
    written = shown("x" * length)
    assert len(written) == min(80, length + 2)
    assert written.endswith("…") == (length + 2 > 80)


@pytest.mark.parametrize("problem", [ValueError, RecursionError, MemoryError, RuntimeError])
def test_an_object_that_cannot_be_written_is_shown_by_its_type(problem):
    class Silent:
        def __repr__(self):
            raise problem

    assert shown(Silent()) == "<Silent>"


def test_a_number_too_long_to_write_is_shown_by_its_type():
    assert shown(10**5000) == "<int>"


def test_a_list_is_shown_to_a_limit_and_counted():
    assert shown_list([]) == ""
    assert shown_list([1, "a"]) == "1, 'a'"
    assert shown_list(range(10)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert shown_list(iter(range(11))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (11 in all)"


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("relux", ["relu", "tanh"], "did you mean 'relu'?"),
        (12, [1, 123, 7], "did you mean 123?"),
        ("hiden", ("hidden",), "did you mean 'hidden'?"),
        ("relu", [], ""),
        ("zzz", ["relu", "tanh"], ""),
        (None, ["None"], ""),
        (["relu"], ["relu"], ""),
    ],
)
def test_the_nearest_name_is_suggested_and_only_where_one_is_near(name, known, said):
    assert did_you_mean(name, known) == said


def test_nothing_is_suggested_for_what_is_too_long_to_compare():
    assert did_you_mean(10**5000, ["1"]) == ""
    assert did_you_mean("a" * 10**6, ["a" * 20]) == ""


def test_a_suggestion_looks_at_a_bounded_number_of_names():
    looked_at = []
    did_you_mean("n5", (looked_at.append(i) or f"n{i}" for i in range(10**6)))
    assert len(looked_at) <= 1000


@given(st.text())
def test_a_message_built_from_hostile_keys_stays_on_one_line(text):
    error = ng.NeurographError(
        f"{shown(text)} is unknown",
        code="x",
        where=shown(text),
        expected="y",
        fix=did_you_mean(text, [text]) or "z",
    )
    assert str(error).isprintable()
