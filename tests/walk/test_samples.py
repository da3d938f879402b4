"""Inputs and targets at the door: every sound form gives the same bits, others are refused by place."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng

X = np.array([[0.5, -1.25, 3.0], [2.0, 0.1, -0.7], [1e-3, 7.0, 0.3], [-4.0, 0.0, 1.5]])
Y = np.array([[0.2, -0.3], [0.1, 0.9], [1.0, 0.0], [-0.5, 0.25]])


def network():
    """Inputs wide, high and deep, one hidden neuron, outputs left and right; every weight another."""
    net = nx.DiGraph()
    for neuron in ("wide", "high", "deep"):
        ng.add_input(net, neuron)
    ng.add_hidden(net, "h", activation="tanh")
    for neuron in ("left", "right"):
        ng.add_output(net, neuron, activation="identity")
    edges = [("wide", "h"), ("high", "h"), ("deep", "h"), ("h", "left"), ("h", "right"), ("wide", "right")]
    for i, (source, target) in enumerate(edges):
        ng.connect(net, source, target, weight=0.3 * i - 0.7)
    return net


class Frame:
    """The little of a data frame that is asked for: named columns, picked by a list of names."""

    def __init__(self, table, columns):
        self.table, self.columns = table, columns

    def __getitem__(self, names):
        return Frame(self.table[:, [self.columns.index(name) for name in names]], list(names))

    def to_numpy(self):
        return self.table


class Lazy:
    """An array of another library: numpy reads it by its own request."""

    def __array__(self, dtype=None, copy=None):
        return np.array(X, dtype=dtype)


def misaligned():
    memory = np.zeros(X.nbytes + 1, dtype=np.uint8)
    view = memory[1:].view(np.float64).reshape(X.shape)
    view[:] = X
    return view


def read_only():
    array = X.copy()
    array.flags.writeable = False
    return array


MANY = {
    "nested lists": X.tolist(),
    "nested tuples": tuple(map(tuple, X.tolist())),
    "objects": X.astype(object),
    "mapping of arrays": {"wide": X[:, 0], "high": X[:, 1], "deep": X[:, 2]},
    "mapping in another order": {"deep": X[:, 2], "wide": X[:, 0], "high": X[:, 1]},
    "mapping of lists": {"wide": X[:, 0].tolist(), "high": X[:, 1].tolist(), "deep": X[:, 2].tolist()},
    "list of columns": [X[:, 0], X[:, 1], X[:, 2]],
    "data frame": Frame(X, ["wide", "high", "deep"]),
    "data frame in another order": Frame(X[:, [2, 0, 1]], ["deep", "wide", "high"]),
    "data frame with a column too many": Frame(np.hstack([X, X]), ["wide", "high", "deep", "a", "b", "c"]),
    "another library's array": Lazy(),
    "Fortran order": np.asfortranarray(X),
    "big-endian": X.astype(">f8"),
    "negative strides": X[::-1, ::-1].copy()[::-1, ::-1],
    "every other column": np.repeat(X, 2, axis=1)[:, ::2],
    "read-only": read_only(),
    "misaligned": misaligned(),
    "long double": X.astype(np.longdouble),
    "matrix": X.view(type("Sub", (np.ndarray,), {})),
}


@pytest.mark.parametrize("form", MANY)
def test_every_form_of_many_samples_gives_the_same_bits(form):
    expected = ng.backward(network(), X, Y)
    found = ng.backward(network(), MANY[form], Y)
    assert (np.array(found.outputs) == np.array(expected.outputs)).all()
    assert found.gradient == expected.gradient
    assert len(set(np.array(expected.outputs).ravel())) == 8


@pytest.mark.parametrize("form", sorted(set(MANY) - {"list of columns"}))  # in training a list is one of rows
def test_training_reads_the_same_forms(form):
    expected, found = network(), network()
    ng.fit(expected, X, Y, epochs=2, seed=0)
    ng.fit(found, MANY[form], Y, epochs=2, seed=0)
    assert ng.weights(found) == ng.weights(expected)


ONE = {
    "mapping": {"wide": 0.5, "high": -1.25, "deep": 3},
    "mapping in another order": {"deep": np.float64(3), "high": Fraction(-5, 4), "wide": np.float16(0.5)},
    "list": [0.5, -1.25, 3],
    "tuple": (0.5, -1.25, 3.0),
    "array": X[0],
    "array of float32": X[0].astype(np.float32),
    "array with a negative stride": X[0][::-1].copy()[::-1],
    "list of 0-d arrays": [np.array(0.5), np.array(-1.25), np.array(3)],
    "fractions": [Fraction(1, 2), Fraction(-5, 4), 3],
}


@pytest.mark.parametrize("form", ONE)
def test_every_form_of_one_sample_gives_the_same_bits(form):
    expected = [float(column[0]) for column in ng.forward(network(), X).outputs]
    found = ng.forward(network(), ONE[form]).outputs
    assert found == expected
    assert {type(number) for number in found} == {float}


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "i1", "i8", "u8", "bool", ">i4"])
def test_numbers_of_another_type_count_as_the_floats_they_are(dtype):
    given = np.abs(X).astype(dtype)
    expected = ng.forward(network(), given.astype(np.float64)).outputs
    assert (np.array(ng.forward(network(), given).outputs) == np.array(expected)).all()
    assert np.any(expected)


def test_one_number_stands_for_all_samples():
    constant = {"wide": X[:, 0], "high": 2.0, "deep": X[:, 2]}
    expected = ng.forward(network(), np.column_stack([X[:, 0], np.full(4, 2.0), X[:, 2]])).outputs
    assert (np.array(ng.forward(network(), constant).outputs) == np.array(expected)).all()


def test_a_square_mapping_of_lists_is_not_turned_on_its_side():
    rows = ng.forward(network(), X[:3]).outputs
    columns = ng.forward(network(), {n: X[:3, i].tolist() for i, n in enumerate(("wide", "high", "deep"))})
    assert (np.array(columns.outputs) == np.array(rows)).all()


def test_targets_come_in_the_same_forms():
    expected = ng.backward(network(), X, Y).gradient
    forms = [
        Y.tolist(),
        {"right": Y[:, 1], "left": Y[:, 0].tolist()},
        Frame(Y[:, ::-1], ["right", "left"]),
        np.asfortranarray(Y),
    ]
    for form in forms:
        assert ng.backward(network(), X, form).gradient == expected


def test_integer_keys_and_a_frame_s_column_names_go_together():
    net = ng.example_network()
    expected = ng.forward(net, [[0.5], [1.5]]).outputs[0]
    assert (
        ng.forward(net, Frame(np.array([[9.0, 0.5], [9.0, 1.5]]), ["0", "1"])).outputs[0] == expected
    ).all()
    assert (ng.forward(net, Frame(np.array([[0.5], [1.5]]), [1])).outputs[0] == expected).all()


def test_no_samples_give_no_outputs_and_no_gradient():
    trace = ng.forward(network(), np.empty((0, 3)))
    assert [len(column) for column in trace.outputs] == [0, 0]
    for refused in (ng.backward, ng.backward_steps, ng.check_gradients, ng.fit):
        with pytest.raises(ng.DataError, match="no rows") as caught:
            refused(network(), np.empty((0, 3)), np.empty((0, 2)))
        assert caught.value.code == "no-rows"


BAD = {  # the argument, the code, what the message says
    "a number": (0.5, "wrong-shape", r"its shape is \(\); .*in the order 'wide', 'high', 'deep'"),
    "3-D": (X[None], "wrong-shape", r"its shape is \(1, 4, 3\)"),
    "too few numbers": ([0.5, 1.0], "wrong-width", "has 2 numbers"),
    "too many columns": (np.ones((4, 5)), "wrong-width", "has 5 columns"),
    "transposed": (X.T, "wrong-width", r"has 4 columns.*did you mean X\.T\?"),
    "no numbers": ([], "wrong-width", "has 0 numbers"),
    "ragged": ([[1.0, 2.0, 3.0], [1.0]], "ragged", "cannot be read as numbers"),
    "ragged columns": ([X[:, 0], X[:3, 1], X[:, 2]], "ragged", r"\(4,\), \(3,\), \(4,\)"),
    "a column that is a table": ([X[:, 0], X, X[:, 2]], "ragged", r"\(4,\), \(4, 3\), \(4,\)"),
    "nan": ([[1, 2, 3], [1, 2, float("nan")]], "not-finite", "X, row 1, column 'deep': nan;"),
    "two infinities": ([[1, -np.inf, 3], [np.inf, 2, 3]], "not-finite", r"row 0.*'high': -inf \(2 such"),
    "nan alone": ([1.0, np.nan, 2.0], "not-finite", "X, neuron 'high': nan"),
    "nan in a mapping": ({"wide": 1, "high": 1, "deep": np.nan}, "not-finite", "X, neuron 'deep': nan"),
    "nan in a column": (
        {"wide": X[:, 0], "high": [0, 0, np.nan, 0], "deep": 1.0}, "not-finite", "row 2, column 'high'",
    ),
    "beyond a double": (np.array([np.longdouble("1e400")] * 3), "not-finite", "neuron 'wide': inf"),
    "a fraction beyond a double": ([Fraction(10**400), 1, 1], "not-finite", "neuron 'wide': inf"),
    "text": ("0.5", "wrong-type", "is text"),
    "texts": (["0.5", "1", "2"], "not-a-number", "neuron 'wide': '0.5' is no number"),
    "one text among numbers": ([[1, 2, 3], [4, "x", 6]], "not-a-number", "row 1, column 'high': 'x' is"),
    "texts of numpy's new type": (
        np.array([["1", "2", "3"]], dtype=np.dtypes.StringDType()), "not-a-number", "row 0, column 'wide'",
    ),
    "None": ([[1, 2, 3], [1, None, 3]], "not-a-number", "X, row 1, column 'high': None is no number"),
    "an object": ([object(), 1, 2], "not-a-number", "neuron 'wide'"),
    "dates": (np.full((1, 3), np.datetime64("2020-01-01")), "not-a-number", "row 0, column 'wide'"),
    "a bad cell of a column": (
        {"wide": [1, 2], "high": [1, 2], "deep": [1, "x"]}, "not-a-number", "row 1, column 'deep'",
    ),
    "complex": (X + 0j, "complex", "has complex numbers"),
    "a complex column": ({"wide": X[:, 0], "high": X[:, 1] + 1j, "deep": 1}, "complex", "neuron 'high'"),
    "integers beyond 2**53": (np.full((1, 3), 2**53 + 1), "too-large", "integers beyond"),
    "the largest integers": (np.full((1, 3), 2**64 - 1, dtype=np.uint64), "too-large", "integers beyond"),
    "a long integer": ([10**400, 1, 2], "too-large", "does not fit a float64"),
    "an odd integer among objects": ([[1, 2**53 + 1, None]], "too-large", "row 0, column 'high'"),
    "masked": (np.ma.masked_array(X, X > 2), "wrong-type", "is a masked array"),
    "a masked column": ([np.ma.masked_array(X[:, 0]), X[:, 1], X[:, 2]], "wrong-type", "is a masked array"),
    "a masked column of a mapping": (
        {"wide": np.ma.masked_array(X[:, 0]), "high": X[:, 1], "deep": 1}, "wrong-type", "neuron 'wide'",
    ),
    "a generator": ((row for row in X), "wrong-type", "iterator"),
    "a set": ({0.5, 1.0, 2.0}, "wrong-type", "a set"),
    "a sparse matrix": (type("S", (), {"toarray": 1, "nnz": 0})(), "wrong-type", r"matrix.*toarray\(\)"),
    "a misspelt name": ({"wide": 1, "hihg": 1, "deep": 1}, "wrong-names", "'high'.*did you mean 'high'"),
    "a name missing": ({"wide": 1, "high": 1}, "wrong-names", "no value for 'deep'"),
    "a name too many": ({"wide": 1, "high": 1, "deep": 1, "h": 1}, "wrong-names", "value for 'h', no input"),
    "a frame without a column": (Frame(X, ["wide", "deep", "hight"]), "wrong-names", "'high'.*'hight'"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_unsound_inputs_are_refused_with_the_place(what):
    given, code, message = BAD[what]
    before = given.tobytes() if isinstance(given, np.ndarray) else repr(given)
    with pytest.raises(ng.DataError, match=message) as caught:
        ng.forward(network(), given)
    assert caught.value.code == code
    assert caught.value.where.startswith("X")
    assert caught.value.fix
    assert before == (given.tobytes() if isinstance(given, np.ndarray) else repr(given))


@pytest.mark.parametrize("what", BAD)
def test_training_refuses_them_too_and_leaves_the_weights_alone(what):
    net = network()
    before = ng.weights(net)
    given = BAD[what][0]
    with pytest.raises(ng.DataError) as caught:
        ng.fit(net, given, Y)
    assert ng.weights(net) == before
    assert caught.value.where.startswith("X")


def test_one_sample_is_no_table_to_train_on():
    with pytest.raises(ng.DataError, match=r"expected the shape \(samples, 3\).*did you mean X\[None, :\]\?"):
        ng.fit(network(), X[0], Y[:1])
    net = ng.example_network()
    with pytest.raises(ng.DataError, match=r"did you mean X\[:, None\]\?"):
        ng.fit(net, [0.1, 0.2, 0.3], [[1], [2], [3]])
    with pytest.raises(ng.DataError, match=r"did you mean X\[:, None\]\?"):
        ng.forward(net, [0.1, 0.2, 0.3])


def test_targets_are_named_as_targets():
    with pytest.raises(ng.DataError, match=r"Y: has 3 columns; expected .*output neuron.*'left', 'right'"):
        ng.backward(network(), X, X)
    with pytest.raises(ng.DataError, match="Y, row 2, column 'right': nan"):
        ng.backward(network(), X, np.where(np.arange(8).reshape(4, 2) == 5, np.nan, Y))
    with pytest.raises(ng.DataError, match="did you mean 'left'"):
        ng.backward(network(), X[0], {"lift": 1.0, "right": 0.0})


def test_as_many_targets_as_samples():
    with pytest.raises(ng.DataError, match="4 samples in X and 3 in Y") as caught:
        ng.backward(network(), X, Y[:3])
    assert caught.value.code == "different-lengths"
    with pytest.raises(ng.DataError, match="4 samples in X and 1 in Y"):
        ng.backward(network(), X, Y[0])


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from([np.float16, np.float32, np.float64]),
    st.booleans(),
)
def test_any_table_gives_the_bits_of_its_plain_copy(rows, dtype, flipped):
    with np.errstate(over="ignore"):
        table = np.clip(np.array(rows), -6e4, 6e4).astype(dtype)
    strange = np.asfortranarray(np.repeat(table, 2, axis=0)[::2])[:, ::-1][:, ::-1]
    strange = strange.astype(strange.dtype.newbyteorder(">")) if flipped else strange
    plain = [[float(cell) for cell in row] for row in table]
    found, expected = (np.array(ng.forward(network(), form).outputs) for form in (strange, plain))
    assert found.tobytes() == expected.tobytes()


def test_a_wide_mapping_is_read_in_no_time():
    net = nx.DiGraph()
    net.add_nodes_from(range(30_000), kind="input")
    net.add_node("out", kind="output", activation="identity")
    net.add_edges_from(((i, "out") for i in range(30_000)), weight=1.0)
    assert ng.forward(net, dict.fromkeys(range(30_000), 1)).outputs == [30_000.0]


class Series:
    """The little of a pandas Series that is asked for: values with names."""

    def __init__(self, values, index):
        self.values, self.index = values, index

    def keys(self):
        return self.index

    def to_numpy(self):
        return np.array(self.values)


def test_a_row_of_a_frame_goes_by_its_names_as_the_frame_does():
    net = network()
    expected = ng.forward(net, [1.0, 2.0, 3.0]).outputs
    assert ng.forward(net, Series([3.0, 1.0, 2.0], ["deep", "wide", "high"])).outputs == expected
    assert ng.forward(net, Series([1.0, 2.0, 3.0], range(3))).outputs == expected
    for row, code in (
        (Series([3.0, 1.0, 2.0], ["deep", "wide", "low"]), "wrong-names"),
        (Series([3.0, 1.0, 2.0, 4.0], range(4)), "wrong-width"),
        ([Series([3.0, 1.0, 2.0], ["deep", "wide", "high"])], "wrong-type"),
    ):
        with pytest.raises(ng.DataError) as caught:
            ng.forward(net, row)
        assert caught.value.code == code


def test_a_column_is_found_by_the_key_itself_before_what_it_is_written_as():
    net = ng.mlp([2, 1], activation="identity", seed=0)
    expected = ng.forward(net, [[1.0, 2.0]]).outputs[0]
    for columns in ([1, 2, "2"], ["2", 1, 2], [1, "x", 2]):
        row = [9.0 if name in ("2", "x") else float(name) for name in columns]
        assert ng.forward(net, Frame(np.array([row]), columns)).outputs[0] == expected


@pytest.mark.parametrize("columns", [[1, 2, 2], ["1", "2", "2"], [1, 1, 2]])
def test_two_columns_for_one_neuron_are_refused(columns):
    net = ng.mlp([2, 1], activation="identity", seed=0)
    with pytest.raises(ng.DataError, match="no column of its own for"):
        ng.forward(net, Frame(np.ones((1, 3)), columns))


def test_one_column_for_two_neurons_that_are_written_alike_is_refused():
    net = nx.DiGraph()
    net.add_nodes_from([1, "1"], kind="input")
    ng.add_output(net, "y", activation="identity")
    ng.connect(net, 1, "y", weight=1.0)
    ng.connect(net, "1", "y", weight=10.0)
    assert ng.forward(net, Frame(np.array([[2.0, 3.0]]), ["1", 1])).outputs[0] == 23.0
    with pytest.raises(ng.DataError, match="written alike"):
        ng.forward(net, Frame(np.array([[2.0]]), ["1"]))


def test_arrays_in_a_list_that_may_be_rows_or_columns_are_refused_where_rows_are_meant():
    net = ng.mlp([2, 2], activation="identity", seed=0)
    square, Y = [np.array([1.0, 2.0]), np.array([3.0, 4.0])], [[0.0, 0.0], [0.0, 0.0]]
    program = ng.compile_network(net)
    for ask in (
        lambda: program.loss(square, Y),
        lambda: ng.fit(net, square, Y),
        lambda: ng.fit(net, Y, square),
    ):
        with pytest.raises(ng.DataError) as caught:
            ask()
        assert caught.value.code == "ambiguous"
    assert program.forward([*square, square[0]]).shape == (3, 2)
    assert program.forward([[1.0, 2.0], [3.0, 4.0]]).shape == (2, 2)
    assert ng.forward(net, square).value[1].tolist() == [1.0, 2.0]  # columns, as its page says
