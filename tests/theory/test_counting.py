"""Counts are exact integers: compared with Python's own arithmetic and with mpmath's logarithms."""

import mpmath
import pytest

import neurograph as ng
from neurograph.theory import (
    Count,
    boolean_function_count,
    configuration_count,
    image_count,
    round_count,
    text_count,
    weights_needed,
)


def decimal_digits(base, exponent):
    """The mantissa and the power of ten of base^exponent, by mpmath with 60 digits."""
    with mpmath.workdps(60):
        logarithm = exponent * mpmath.log10(base)
        power = int(mpmath.floor(logarithm))
        return float(mpmath.mpf(10) ** (logarithm - power)), power


# The text's own numbers


def test_the_small_image_space_is_256_to_the_40000():
    count = image_count(200, 200)
    assert count == 256**40000
    assert count.power_of_ten == 96329
    assert str(count) == "about 3.97·10^96329"


def test_the_large_image_space_has_four_bytes_for_each_of_a_million_pixels():
    count = image_count(1000, 1000, depth=4 * 8)
    assert count == 256**4_000_000
    assert count.power_of_ten == 9_632_959


def test_a_tweet_is_280_bytes():
    assert text_count() == 256**280
    assert text_count(2, depth=1) == 4


def test_a_thousand_neurons_of_a_hundred_configurations_each():
    assert configuration_count(1000, 100) == 10**2000
    assert str(configuration_count(1000, 100)) == "about 1.00·10^2000"
    assert configuration_count(1000, 100) < image_count(200, 200)  # cannot tell even these apart


def test_the_running_example_takes_2_to_the_768_rounds_of_64_bits():
    net = ng.example_network()
    assert round_count(net) == 2 ** (64 * 12)
    assert configuration_count(net, 3) == ng.search_rounds(net, 3) == 3**12
    ng.freeze(net, (4, 6))
    assert round_count(net, bits=8) == 2 ** (8 * 11)


def test_there_are_2_to_the_2_to_the_n_boolean_functions():
    assert [boolean_function_count(n) for n in range(1, 6)] == [4, 16, 256, 65536, 2**32]
    assert boolean_function_count(16).power_of_ten == decimal_digits(2, 2**16)[1]


# The pigeonhole


@pytest.mark.parametrize("values", [2, 3, 10, 100, 2**64])
@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 99, 100, 101, 10**50, 10**50 + 1, 3**200, 3**200 + 1])
def test_the_weights_needed_are_the_least_that_suffice(count, values):
    weights = weights_needed(count, values)
    assert values**weights >= count
    assert weights == 0 or values ** (weights - 1) < count


def test_the_text_s_small_images_need_so_many_weights_of_a_hundred_values():
    weights = weights_needed(image_count(200, 200), 100)
    with mpmath.workdps(30):
        assert weights == int(mpmath.ceil(40000 * mpmath.log(256) / mpmath.log(100))) == 48165


# How a count is written


@pytest.mark.parametrize(("base", "exponent"), [(2, 320_000), (7, 12_345), (10, 2000), (256, 280), (3, 50)])
def test_a_long_count_is_written_with_its_power_of_ten(base, exponent):
    mantissa, power = decimal_digits(base, exponent)
    count = Count(base**exponent)
    assert count.power_of_ten == power
    assert str(count) == f"about {mantissa:.2f}·10^{power}"
    assert count.log10 == pytest.approx(power + float(mpmath.log10(mantissa)), rel=1e-13)


@pytest.mark.parametrize("power", [15, 16, 22, 23, 50, 300, 308, 309, 1000, 4300, 4301, 5000])
def test_the_power_of_ten_is_exact_on_both_sides(power):
    assert Count(10**power).power_of_ten == power
    assert Count(10**power - 1).power_of_ten == power - 1
    assert Count(10**power + 1).power_of_ten == power
    assert str(Count(10**power)) == str(Count(10**power + 1)) == f"about 1.00·10^{power}"


def test_rounding_up_to_the_next_power_of_ten_is_written_so():
    assert str(Count(9_999 * 10**20)) == str(Count(10**24)) == "about 1.00·10^24"
    assert str(Count(9_994 * 10**20)) == "about 9.99·10^23"


def test_a_count_is_an_integer_that_prints_short():
    assert (str(Count(0)), str(Count(531441)), repr(Count(-1200))) == ("0", "531,441", "-1,200")
    assert Count(5) + 1 == 6
    assert type(Count(5) + 1) is int
    assert len(f"{image_count(200, 200)}") < 30
    assert hash(Count(7)) == hash(7)


# Bad input


BAD = {
    "height": lambda: image_count(0, 5),
    "width": lambda: image_count(5, 2.5),
    "depth": lambda: image_count(5, 5, depth=0),
    "length": lambda: text_count(-1),
    "values": lambda: configuration_count(5, 0),
    "weights": lambda: configuration_count("12", 3),
    "bits": lambda: round_count(ng.example_network(), bits=0),
    "n": lambda: boolean_function_count(0),
    "count": lambda: weights_needed(0, 2),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_number_is_refused_with_its_name(name):
    with pytest.raises(ng.OptionError) as caught:
        BAD[name]()
    assert caught.value.where == name
    assert caught.value.fix


def test_one_value_is_too_few_to_tell_anything_apart():
    with pytest.raises(ng.OptionError, match="values"):
        weights_needed(5, 1)
    assert configuration_count(10**9, 1) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: image_count(10**200, 10**200),
        lambda: image_count(10**6, 10**6),
        lambda: boolean_function_count(10**6),
        lambda: configuration_count(10**8, 2**64),
    ],
)
def test_what_is_too_long_to_write_down_is_refused_with_its_logarithm(call):
    with pytest.raises(ng.OptionError, match="too long to be written down") as caught:
        call()
    assert "decimal logarithm" in caught.value.fix


def test_a_network_with_errors_is_refused():
    net = ng.example_network()
    net.edges[4, 6]["weight"] = None
    with pytest.raises(ng.WeightError):
        configuration_count(net, 3)
