"""Images and texts as bits and back, against Python's own binary numbers; networks that look at patches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng
from neurograph.theory import image_bits, image_from_bits, patch_network, text_bits, text_from_bits


def by_format(numbers, bits):
    """The bits of numbers, as Python writes them."""
    return [float(digit) for number in numbers for digit in f"{int(number):0{bits}b}"]


# Images


@pytest.mark.parametrize("bits", [1, 3, 8, 24, 32, 63, 64])
def test_bits_are_those_that_python_writes(bits):
    generator = np.random.default_rng(bits)
    image = generator.integers(0, 2**bits - 1, size=(4, 5), dtype=np.uint64, endpoint=True)
    vector = image_bits(image, bits=bits)
    assert vector.shape == (4 * 5 * bits,)
    assert vector.dtype == np.float64
    assert vector.tolist() == by_format(image.ravel(), bits)
    assert np.array_equal(image_from_bits(vector, 4, 5, bits=bits), image)


def test_a_stack_of_images_is_a_table_of_samples():
    images = np.random.default_rng(1).integers(0, 256, size=(7, 3, 4))
    table = image_bits(images)
    assert table.shape == (7, 3 * 4 * 8)
    assert all(np.array_equal(row, image_bits(image)) for row, image in zip(table, images, strict=True))
    assert np.array_equal(image_from_bits(table, 3, 4), images)


def test_the_text_s_image_has_320000_bits():
    assert image_bits(np.zeros((200, 200), dtype=np.uint8)).shape == (320_000,)
    assert 2 ** len(image_bits(np.zeros((200, 200), dtype=np.uint8))) == ng.theory.image_count(200, 200)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.float32, np.float64, bool])
def test_any_type_of_whole_numbers_will_do(dtype):
    image = np.array([[0, 1], [1, 1]], dtype=dtype)
    assert image_bits(image, bits=2).tolist() == [0, 0, 0, 1, 0, 1, 0, 1]


def test_bits_go_into_a_network():
    net = patch_network(2, 3, bits=8, patch=2, seed=0)
    images = np.random.default_rng(2).integers(0, 256, size=(5, 2, 3))
    assert np.isfinite(ng.forward(net, image_bits(images)).outputs[0]).all()


BAD_IMAGES = [
    ([1, 2, 3], "shape"),
    (5, "shape"),
    (np.zeros((2, 2, 2, 2)), "shape"),
    (np.zeros((0, 4)), "shape"),
    ([[1], [1, 2]], "rows"),
    ([[0.5]], "no integers"),
    ([[np.nan]], "no integers"),
    ([[np.inf]], "no integers"),
    ([[1e300]], "no integers"),
    ([["1"]], "no integers"),
    ([[None]], "no integers"),
    ([[1j]], "no integers"),
    ([[-1]], "from -1 to -1"),
    ([[256]], "from 256 to 256"),
]


@pytest.mark.parametrize(("image", "what"), BAD_IMAGES, ids=lambda value: str(value)[:20])
def test_what_is_no_image_is_refused(image, what):
    with pytest.raises(ng.DataError, match=what) as caught:
        image_bits(image)
    assert caught.value.where == "array"
    assert caught.value.fix


@pytest.mark.parametrize("bits", [0, 65, 8.0, "8", None, True])
def test_a_bad_number_of_bits_is_refused(bits):
    for call in (lambda: image_bits([[1]], bits=bits), lambda: image_from_bits([1.0], 1, 1, bits=bits)):
        with pytest.raises(ng.OptionError, match="bits: "):
            call()


@pytest.mark.parametrize(
    "vector", [[0.0] * 7, [0.5] * 8, [2] * 8, [[[0] * 8]], "00000000", [None] * 8, [[0], [0, 1]]]
)
def test_what_is_no_vector_of_bits_is_refused(vector):
    for call in (lambda: image_from_bits(vector, 1, 1), lambda: text_from_bits(vector)):
        with pytest.raises(ng.DataError, match="vector"):
            call()


# Texts


@given(st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=255), max_size=40))
def test_texts_of_bytes_come_back(text):
    assert text_from_bits(text_bits(text, length=40)) == text
    assert text_bits(text, length=40).tolist() == by_format(
        [*text.encode("latin-1"), *[0] * (40 - len(text))], 8
    )


@given(st.text(max_size=40), st.integers(1, 50))
def test_what_does_not_fit_is_left_out(text, length):
    kept = [c for c in text if 0 < ord(c) < 256][:length]
    vector = text_bits(text, length=length)
    assert vector.shape == (8 * length,)
    assert text_from_bits(vector) == "".join(kept)


def test_a_tweet_has_280_bytes():
    assert text_bits("weird: ☃ 数").shape == (2240,)
    assert text_from_bits(text_bits("weird: ☃ 数!")) == "weird:  !"
    assert 2 ** len(text_bits("")) == ng.theory.text_count()


@pytest.mark.parametrize("text", [None, b"bytes", 5, ["a"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ng.DataError, match="a string"):
        text_bits(text)


@pytest.mark.parametrize("length", [0, -1, 2.0, "5", None])
def test_a_bad_length_is_refused(length):
    with pytest.raises(ng.OptionError, match="length"):
        text_bits("a", length=length)


# Patches


def looked_at(net, height, width, bits):
    """For each hidden neuron, the pixels that it looks at, by the number of the input."""
    for neuron, kind in net.nodes(data="kind"):
        if kind == "hidden":
            seen = sorted(
                {(source - 1) // bits for source in net.pred[neuron] if source <= height * width * bits}
            )
            yield [divmod(pixel, width) for pixel in seen]


@pytest.mark.parametrize(
    ("height", "width", "patch", "stride", "bits"),
    [
        (4, 6, 2, None, 1),
        (5, 7, 3, None, 1),
        (6, 6, 3, 1, 1),
        (8, 5, 4, 2, 3),
        (3, 3, 3, None, 8),
        (1, 9, 1, 2, 2),
    ],
)
def test_every_hidden_neuron_looks_at_one_square_and_all_pixels_are_seen(height, width, patch, stride, bits):
    net = patch_network(height, width, patch=patch, stride=stride, bits=bits, outputs=2, seed=0)
    seen = set()
    patches = list(looked_at(net, height, width, bits))
    for pixels in patches:
        rows, columns = sorted({row for row, _ in pixels}), sorted({column for _, column in pixels})
        assert len(pixels) == patch**2
        assert rows == list(range(rows[0], rows[0] + patch))
        assert columns == list(range(columns[0], columns[0] + patch))
        seen |= set(pixels)
    assert len({tuple(pixels) for pixels in patches}) == len(patches)
    if stride is None or stride <= patch:
        assert len(seen) == height * width
        assert not ng.check(net).findings
    assert net.number_of_edges() == len(patches) * (patch**2 * bits + 1) + 2 * (len(patches) + 1)
    assert len(ng.layers(net)) == 3


def test_a_seed_makes_the_same_weights():
    assert ng.weights(patch_network(4, 4, seed=3)) == ng.weights(patch_network(4, 4, seed=3))
    assert ng.weights(patch_network(4, 4, seed=3)) != ng.weights(patch_network(4, 4, seed=4))


def test_it_needs_far_fewer_edges_than_a_dense_network():
    net = patch_network(40, 40, patch=5, seed=0)
    hidden = sum(kind == "hidden" for _, kind in net.nodes(data="kind"))
    assert net.number_of_edges() < 1600 * hidden / 40


@pytest.mark.parametrize(
    ("arguments", "options", "where"),
    [
        ((0, 5), {}, "height"),
        ((5, 2.0), {}, "width"),
        ((5, 5), {"patch": 0}, "patch"),
        ((5, 5), {"patch": 6}, "patch"),
        ((5, 5), {"stride": 0}, "stride"),
        ((5, 5), {"bits": 0}, "bits"),
        ((5, 5), {"outputs": 0}, "outputs"),
        ((5, 5), {"seed": -1}, "seed"),
        ((5, 5), {"limit": 0}, "limit"),
        ((2000, 2000), {}, "height"),
    ],
)
def test_a_bad_patch_network_is_refused(arguments, options, where):
    with pytest.raises(ng.OptionError) as caught:
        patch_network(*arguments, **options)
    assert caught.value.where == where


def test_too_large_a_patch_network_is_refused_and_the_cost_is_told():
    with pytest.raises(ng.OptionError, match="13 neurons and 12 edges"):
        patch_network(3, 3, limit=11)
    assert patch_network(3, 3, limit=12)


@pytest.mark.parametrize("name", ["activation", "output_activation"])
def test_an_unknown_function_is_refused(name):
    with pytest.raises(ng.InvalidNetworkError, match=name):
        patch_network(3, 3, **{name: "tahn"})
