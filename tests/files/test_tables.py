"""Tables of data: columns go to neurons by name, and every bad cell is named by row, column and line."""

import csv
import io
import random
import struct

import networkx as nx
import numpy as np
import pytest

import neurograph as ng
from neurograph.errors import (
    DataError,
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    NeurographError,
    OptionError,
    UnsafeFileError,
)
from neurograph.files import format_csv, parse_csv, read_csv
from neurograph.files.cells import parse_number


def iris_like():
    """Build a network with two inputs and three outputs, all named."""
    net = ng.mlp([2, 3, 3], seed=0)
    names = dict(zip([*ng.inputs(net), *ng.outputs(net)], ["x1", "x2", "red", "green", "blue"], strict=True))
    return nx.relabel_nodes(net, names)


NET = iris_like()
HEADER = "x1,x2,red,green,blue\n"


def refusal(text, net=NET, error=DataError, **options):
    with pytest.raises(error) as caught:
        parse_csv(text, net, **options)
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))
    return str(caught.value)


def test_columns_are_found_by_name_whatever_their_order():
    X, Y = parse_csv("blue,x2,red,note,x1,green\n1,2,3,a note,4,5\n6,7,8,=cmd(),9,10\n", NET)
    assert X.tolist() == [[4, 2], [9, 7]]
    assert Y.tolist() == [[3, 5, 1], [8, 10, 6]]
    assert (X.dtype, Y.dtype) == (np.float64, np.float64)


def test_integer_keys_are_named_by_their_digits():
    X, Y = parse_csv("9,1\n0.5,0.25\n", ng.example_network())
    assert (X.tolist(), Y.tolist()) == ([[0.25]], [[0.5]])


def test_columns_may_be_chosen_by_name_in_the_order_of_the_neurons():
    text = "a,b,c,d,e\n1,2,3,4,5\n"
    X, Y = parse_csv(text, NET, inputs=["e", "a"], targets=["b", "b", "d"])
    assert (X.tolist(), Y.tolist()) == ([[5, 1]], [[2, 2, 4]])


def test_targets_may_be_left_out():
    X, Y = parse_csv("x1,x2\n1,2\n3,4\n", NET, with_targets=False)
    assert X.tolist() == [[1, 2], [3, 4]]
    assert Y.shape == (2, 0)


def test_one_column_of_class_names_becomes_a_1_for_that_output_and_0_for_the_others():
    X, Y = parse_csv("x1,x2,colour\n1,2,green\n3,4, red \n5,6,green\n", NET, targets=["colour"])
    assert X.shape == (3, 2)
    assert Y.tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    assert Y.dtype == np.float64


def test_a_class_that_is_no_output_is_named_with_the_nearest():
    message = refusal("x1,x2,colour\n1,2,green\n3,4,gren\n5,6,\n", targets=["colour"])
    assert "row 2, column 'colour', line 3 'gren' is no output neuron: did you mean 'green'?" in message
    assert "row 3, column 'colour', line 4 is empty" in message


def test_one_column_for_one_output_is_a_column_of_numbers():
    _, Y = parse_csv("1,label\n0.5,7\n", ng.example_network(), targets=["label"])
    assert Y.tolist() == [[7.0]]


def test_numbers_come_back_bit_for_bit():
    generator = np.random.default_rng(0)
    numbers = [struct.unpack("<d", generator.bytes(8))[0] for _ in range(2000)]
    numbers = [number for number in numbers if np.isfinite(number)] + [-0.0, 5e-324, 1.7976931348623157e308]
    text = format_csv(["1", "9"], [(number, -number) for number in numbers])
    X, Y = parse_csv(text, ng.example_network())
    assert X[:, 0].tobytes() == np.array(numbers).tobytes()
    assert Y[:, 0].tobytes() == (-np.array(numbers)).tobytes()


def test_tables_agree_with_numpy_on_plain_numbers(tmp_path):
    table = np.random.default_rng(1).normal(size=(50, 5))
    np.savetxt(tmp_path / "data.csv", table, delimiter=",", header=HEADER.strip(), comments="", fmt="%.17g")
    X, Y = read_csv(tmp_path / "data.csv", NET)
    assert np.array_equal(np.hstack([X, Y]), table)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_ending_of_lines_blank_lines_quotes_and_spaces_are_read(end):
    text = end.join(['"x1", x2 ,red,green,blue', "", '"1", 2 ,3,+4,5e0', "", '.5,"-6.",7,8,"9"', "", ""])
    X, Y = parse_csv("\ufeff" + text, NET)
    assert X.tolist() == [[1, 2], [0.5, -6]]
    assert Y.tolist() == [[3, 4, 5], [7, 8, 9]]


BAD_CELLS = {
    "": "is empty",
    "   ": "is empty",
    "abc": "is the text 'abc'",
    "nan": "is nan",
    "NaN": "is nan",
    "inf": "is inf",
    "-Infinity": "is -Infinity",
    "1e999": "is 1e999, which does not fit a float64",
    "1_000": "is the text '1_000'",
    "0x10": "is the text '0x10'",
    "1 2": "is the text '1 2'",
    "1,5": "is the text '1,5'",
    "١": "is the text '١'",
    "True": "is the text 'True'",
    "2020-01-01": "is the text",
    "=1+1": "is the formula '=1+1'",
    "=cmd|' /C calc'!A0": "is the formula",
    "\x1b[31m": r"is the text '\x1b[31m'",
    "1j": "is the text '1j'",
}


@pytest.mark.parametrize("cell", BAD_CELLS)
def test_a_cell_that_is_no_finite_number_is_named_by_row_column_and_line(cell):
    rows = format_csv(HEADER.strip().split(","), [[1, 2, 3, 4, 5]] * 16)
    bad = io.StringIO()
    csv.writer(bad, lineterminator="\n").writerow([1, cell, 3, 4, 5])
    message = refusal(rows + bad.getvalue())
    assert "row 17, column 'x2', line 18" in message
    assert BAD_CELLS[cell] in message


@pytest.mark.parametrize("cell", ["1", "-1", "+1", " 1 ", "1.", ".5", "1e5", "1E-5", "-0", "0001", "1e-999"])
def test_what_counts_as_a_number_is_what_python_writes(cell):
    assert parse_number(cell) == float(cell)


def test_all_problems_are_counted_and_the_first_ten_listed():
    text = HEADER + "1,2,3,4,5\n" * 3 + "1,x,3,4,nan\n" * 40 + "1,2\n" + "1,2,3,4,5,6\n"
    lines = refusal(text).splitlines()
    assert lines[0] == "82 problems in the text"
    assert len(lines) == 12
    assert lines[1].startswith("  row 4, column 'x2', line 5 ")
    assert lines[2].startswith("  row 4, column 'blue', line 5 ")
    assert lines[-1].strip() == "… and 72 more"


def test_ragged_rows_are_named():
    message = refusal(HEADER + "1,2,3,4,5\n1,2,3\n1,2,3,4,5,6\n7\n")
    assert "row 2, line 3        has 3 cells, and the header has 5" in message
    assert "row 3, line 4        has 6 cells, and the header has 5" in message
    assert "row 4, line 5        has 1 cell, and the header has 5" in message


def test_the_line_is_that_of_the_file_where_cells_hold_line_breaks():
    message = refusal('x1,x2,red,green,blue,note\n1,2,3,4,5,"a\nb\nc"\n1,x,3,4,5,d\n')
    assert "row 2, column 'x2', line 5" in message


def test_a_missing_column_is_named_with_the_nearest():
    message = refusal("x1,X2,red,gren,blue\n1,2,3,4,5\n")
    assert "header, column 'x2'  is missing: name one of the columns so; there are 'x1', 'X2'" in message
    assert "header, column 'green' is missing: did you mean 'gren'?" in message


def test_two_columns_of_one_name_are_refused():
    assert "2 columns have this name" in refusal("x1,x1,x2,red,green,blue\n1,1,2,3,4,5\n")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_mark_between_the_cells_is_named(mark):
    assert "separate the cells by commas" in refusal(HEADER.replace(",", mark) + mark.join("12345"))


@pytest.mark.parametrize("text", ["", "\n", "\n\r\n", "\ufeff"])
def test_an_empty_file_is_refused(text):
    assert "is empty" in refusal(text)


def test_a_header_without_rows_is_refused():
    assert "no rows" in refusal(HEADER)
    assert "no rows" in refusal(HEADER + "\n\n")


@pytest.mark.parametrize("text", ['x1,"x2\n1,2', 'x1,x2\n1,"2"3\n', 'x1,x2\n1,"2'])
def test_broken_quotes_are_refused_with_the_line(text):
    assert ", line " in refusal(text)


def test_a_huge_cell_is_refused():
    assert "larger than field limit" in refusal(HEADER + "1" * 200_000 + ",2,3,4,5\n")


def test_nul_and_other_encodings_are_refused_with_the_byte():
    assert "byte 22: is NUL" in refusal(HEADER + "1\0,2,3,4,5\n")
    assert "byte 22: is not UTF-8" in refusal((HEADER + "1").encode() + b"\xff,2,3,4,5\n")
    assert "UTF-16" in refusal(HEADER.encode("utf-16"))


def test_pickles_archives_and_large_files_are_refused(tmp_path):
    refusal(b"\x80\x04K\x01.", error=UnsafeFileError)
    refusal(b"PK\x03\x04", error=UnsafeFileError)
    (tmp_path / "data.csv").write_text(HEADER + "1,2,3,4,5\n" * 10)
    with pytest.raises(LimitError, match="most_bytes"):
        read_csv(tmp_path / "data.csv", NET, most_bytes=100)
    with pytest.raises(FileFormatError, match="directory"):
        read_csv(tmp_path, NET)
    with pytest.raises(FileNotFoundError, match=r"absent\.csv"):
        read_csv(tmp_path / "absent.csv", NET)


def test_a_table_that_begins_like_a_text_pickle_is_only_a_table():
    text = "cx\n1\n2.5\n"
    assert parse_csv(text, ng.example_network(), inputs=["cx"], with_targets=False)[0].tolist() == [
        [1],
        [2.5],
    ]


@pytest.mark.parametrize("names", ["x1", ["x1"], ["x1", 2], ["x1", "x2", "x3"], 5, {"x1", "x2"}])
def test_the_names_of_columns_are_a_list_of_the_right_length(names):
    assert "2 names of columns, for 'x1', 'x2'" in refusal(HEADER, error=OptionError, inputs=names)
    with pytest.raises(OptionError, match="targets"):
        parse_csv(HEADER, NET, targets="red")


def test_what_is_no_network_is_refused():
    with pytest.raises(InvalidNetworkError):
        parse_csv(HEADER, None)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-x", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    rows = list(csv.reader(io.StringIO(format_csv([text], [[text]]), newline="")))
    assert rows == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize(
    "value", [-1, -0.5, "-1", "+2.5", "plain", "", "a=b", 0.1, np.float32(0.1), np.int64(-3)]
)
def test_other_cells_are_written_as_they_are(value):
    expected = str(value.item() if isinstance(value, np.generic) else value)
    assert list(csv.reader(io.StringIO(format_csv(["x", "y"], [[value, None]]))))[1] == [expected, ""]


def test_any_text_comes_back_from_a_table_in_one_piece():
    dice = random.Random(4)
    for _ in range(300):
        rows = [
            ["a" + "".join(dice.choice("ab, \"'\r\n;é") for _ in range(dice.randrange(6))) for _ in "xy"]
            for _ in "12"
        ]
        assert list(csv.reader(io.StringIO(format_csv(["x", "y"], rows), newline="")))[1:] == rows
    assert format_csv([], [[None], []]) == '""\n' * 3


def test_of_damaged_tables_none_does_harm_and_what_is_read_is_finite():
    dice = random.Random(3)
    base = (HEADER + "".join(f"{n},{n / 7},-1e3,+.5,0\n" for n in range(6))).encode()
    pieces = [b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"nan", b"=1", b"_", b"1e999", b"", b"x", b"'", b";"]
    read = 0
    for _ in range(1500):
        data = base
        for _ in range(dice.choice([1, 1, 2, 4])):
            at = dice.randrange(len(data))
            data = data[:at] + dice.choice(pieces) + data[at + dice.choice([0, 1, 2, 9]) :]
        try:
            X, Y = parse_csv(data, NET)
        except NeurographError:
            continue
        read += 1
        assert np.isfinite(X).all()
        assert np.isfinite(Y).all()
        assert X.shape[1:] + Y.shape[1:] == (2, 3)
        assert len(X) == len(Y) > 0
    assert 0 < read < 1500


def test_a_column_that_nobody_asks_for_may_stand_there_twice():
    net = ng.mlp([1, 1], seed=0)
    X, Y = parse_csv("a,1,a,3\n1,2,3,4\n", net)
    assert (X.tolist(), Y.tolist()) == ([[2.0]], [[4.0]])


@pytest.mark.parametrize("cell", ["9007199254740993", "-9007199254740993 ", "9" * 5000])
def test_an_integer_that_no_float_is_is_refused_as_in_x(cell):
    with pytest.raises(ng.DataError, match="float64"):
        parse_csv(f"1,3\n{cell},0\n", ng.mlp([1, 1], seed=0))


@pytest.mark.parametrize("cell", ["9007199254740992", "-9007199254740994", "9007199254740993.5", "1e30"])
def test_large_numbers_that_are_no_other_integer_are_read(cell):
    X, _ = parse_csv(f"1,3\n{cell},0\n", ng.mlp([1, 1], seed=0))
    assert X.tolist() == [[float(cell)]]
