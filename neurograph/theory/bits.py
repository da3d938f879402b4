"""Images and texts as vectors of bits, the text's inputs, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurograph.errors import DataError, shown
from neurograph.options import as_array, bad_option, require_count

Bits = NDArray[np.float64]
MOST_BITS = 64
MOST_CHARACTERS = 10_000_000  # 640 MB of bits as floats
_CHARACTER = 8
_LARGEST_EXACT = 2**53


def image_bits(array: Any, *, bits: int = 8) -> Bits:
    """Turn an image into a vector of bits: the text's 200 by 200 grey pixels into 320,000 of them.

    Parameters
    ----------
    array : array of shape (height, width), or (images, height, width)
        The pixels, integers from 0 to 2^bits − 1; of several channels one integer of all their bits.
    bits : int
        The bits of a pixel: 8 for a byte of grey, 32 for four bytes.

    Returns
    -------
    array of shape (height·width·bits,), or (images, height·width·bits)
        Numbers 0 and 1, pixel by pixel and row by row, each pixel's most significant bit first.

    Raises
    ------
    DataError
        If the pixels are no integers of that many bits, or the array has another shape.
    OptionError
        If ``bits`` is no integer from 1 to 64.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.image_bits([[0, 5], [7, 2]], bits=3).tolist()
    [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    """
    count = _read_bits(bits)
    pixels = _read_pixels(array, count)
    spread = pixels[..., None] >> np.arange(count, dtype=np.uint64)[::-1] & np.uint64(1)
    shape = (-1,) if pixels.ndim == 2 else (len(pixels), -1)
    return spread.reshape(shape).astype(np.float64)


def image_from_bits(vector: Any, height: int, width: int, *, bits: int = 8) -> NDArray[np.uint64]:
    """Turn a vector of bits back into an image: the inverse of :func:`image_bits`.

    Parameters
    ----------
    vector : array of shape (height·width·bits,), or (images, height·width·bits)
        Numbers 0 and 1.
    height, width : int
        The size in pixels.
    bits : int
        The bits of a pixel.

    Returns
    -------
    array of shape (height, width), or (images, height, width)
        The pixels, as unsigned integers of 64 bits.

    Raises
    ------
    DataError
        If the vector holds anything but 0 and 1, or another number of them.
    OptionError
        If a size is below 1, or ``bits`` no integer from 1 to 64.

    Examples
    --------
    >>> import neurograph as ng
    >>> vector = ng.theory.image_bits([[0, 5], [7, 2]], bits=3)
    >>> ng.theory.image_from_bits(vector, 2, 2, bits=3).tolist()
    [[0, 5], [7, 2]]
    """
    count, rows, columns = _read_bits(bits), require_count("height", height), require_count("width", width)
    read = _read_vector(vector, rows * columns * count)
    pixels = _joined(read.reshape(*read.shape[:-1], rows * columns, count))
    return pixels.reshape(*read.shape[:-1], rows, columns)


def text_bits(text: str, *, length: int = 280) -> Bits:
    """Turn a text into a vector of bits: the text's tweet, one byte a character.

    Parameters
    ----------
    text : str
        The text. A character that does not fit into a byte is left out ("weird symbols are ignored"): those
        beyond U+00FF, and NUL, which stands for no character. So is what is beyond the length.
    length : int
        The number of characters; a shorter text is filled up with zeros.

    Returns
    -------
    array of shape (8·length,)
        Numbers 0 and 1, character by character, each one's most significant bit first.

    Raises
    ------
    DataError
        If ``text`` is no string.
    OptionError
        If ``length`` is below 1 or above 10,000,000.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.text_bits("A☃b", length=3).astype(int).tolist()
    [0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    """
    count = require_count("length", length)
    if count > MOST_CHARACTERS:
        raise bad_option("length", length, f"an integer of at most {MOST_CHARACTERS:,}")
    if not isinstance(text, str):
        raise _bad_data("text", f"is {shown(text)}", "a string", "pass a string")
    codes = [ord(character) for character in text if 0 < ord(character) < 2**_CHARACTER][:count]
    whole = np.zeros((1, count), dtype=np.uint64)
    whole[0, : len(codes)] = codes
    return image_bits(whole, bits=_CHARACTER)


def text_from_bits(vector: Any) -> str:
    """Turn a vector of bits back into a text: the inverse of :func:`text_bits`, but for what it left out.

    Parameters
    ----------
    vector : array of shape (8·length,)
        Numbers 0 and 1.

    Returns
    -------
    str
        The characters; zeros stand for none.

    Raises
    ------
    DataError
        If the vector holds anything but 0 and 1, or a number of them that is no multiple of 8.

    Examples
    --------
    >>> import neurograph as ng
    >>> ng.theory.text_from_bits(ng.theory.text_bits("A☃b"))
    'Ab'
    """
    read = _read_vector(vector, None)
    if read.ndim != 1 or len(read) % _CHARACTER:
        expected = f"one vector of a multiple of {_CHARACTER} bits"
        raise _bad_data("vector", f"its shape is {read.shape}", expected, "pass what text_bits gave")
    codes = _joined(read.reshape(-1, _CHARACTER)).tolist()
    return "".join(chr(code) for code in codes if code)


def _joined(spread: Bits) -> NDArray[np.uint64]:
    """Join the bits of the last axis, the most significant first, to integers."""
    places = np.uint64(1) << np.arange(spread.shape[-1], dtype=np.uint64)[::-1]
    whole: NDArray[np.uint64] = (spread.astype(np.uint64) * places).sum(axis=-1, dtype=np.uint64)
    return whole


def _read_bits(bits: int) -> int:
    count = require_count("bits", bits)
    if count > MOST_BITS:
        raise bad_option("bits", bits, f"an integer of at most {MOST_BITS}")
    return count


def _read_pixels(array: Any, bits: int) -> NDArray[np.uint64]:
    """Read one image or several, of integers that have so many bits."""
    pixels = _as_array("array", array)
    if pixels.ndim not in (2, 3) or not pixels.size:
        expected = "the shape (height, width), or (images, height, width)"
        raise _bad_data(
            "array", f"its shape is {pixels.shape}", expected, "pass one image, or a stack of images"
        )
    whole = pixels.dtype.kind in "iub" or (
        pixels.dtype.kind == "f" and np.isfinite(pixels).all() and (pixels == np.floor(pixels)).all()
        and np.abs(pixels).max() <= _LARGEST_EXACT
    )  # fmt: skip
    if not whole:
        raise _bad_data("array", "has numbers that are no integers", "integers", "scale and round the pixels")
    low, high = int(pixels.min()), int(pixels.max())
    if low < 0 or high >= 2**bits:
        expected = f"integers from 0 to {2**bits - 1:,}, of {bits} bits"
        raise _bad_data(
            "array", f"its pixels run from {low:,} to {high:,}", expected, "scale them, or give more bits"
        )
    return pixels.astype(np.uint64)


def _read_vector(vector: Any, size: int | None) -> Bits:
    """Read a vector of zeros and ones, or a stack of such vectors."""
    read = _as_array("vector", vector)
    if read.dtype.kind not in "iufb" or not np.isin(read, (0, 1)).all():
        raise _bad_data(
            "vector", "has something else than 0 and 1", "numbers 0 and 1", "round it, as in vector > 0.5"
        )
    if read.ndim not in (1, 2) or (size is not None and read.shape[-1] != size):
        expected = f"the shape ({size},), or (images, {size})"
        raise _bad_data("vector", f"its shape is {read.shape}", expected, "pass what image_bits gave")
    return read.astype(np.float64)


def _as_array(where: str, given: Any) -> NDArray[Any]:
    array = as_array(given)
    if array is None:
        expected = "rows of one length, none of it masked"
        raise _bad_data(where, "it is ragged or masked", expected, "mend the rows, fill what is masked")
    return array


def _bad_data(where: str, what: str, expected: str, fix: str) -> DataError:
    return DataError(what, code="bad-bits", where=where, expected=expected, fix=fix)
