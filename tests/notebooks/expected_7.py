"""What notebook 7 must return, against the pictures and tweets themselves, counting, and least squares."""

import math
import re
import sys
from collections import Counter
from functools import cache

import numpy as np
from skimage import data
from skimage.color import rgb2gray
from terminal import ROOT

sys.path.insert(0, str(ROOT / "notebooks"))

import tweets

CAT = (255 * rgb2gray(data.cat())).round().astype(int)


@cache
def table():
    """Fetch the tweets; return texts, scores from 0 to 10, and which are learned from and held out."""
    texts, ratings = tweets.read(tweets.fetch())
    order = np.random.default_rng(0).permutation(len(texts))
    return texts, 5 + 1.25 * np.array(ratings), order[:3200], order[3200:]


@cache
def constant_loss():
    _, scores, train, test = table()
    return float(((scores[test] - scores[train].mean()) ** 2).mean())


@cache
def known_words():
    texts, _, train, _ = table()
    counts = Counter(word for i in train for word in words(texts[i]))
    return sorted(word for word, count in counts.items() if count >= 5)


def words(text):
    return set(re.findall(r"[a-z']+|[:;=][-']?[)(dp]", text.lower()))


@cache
def least_squares():
    """Return what each word is worth by the normal equations, a little damped, and the held-out loss."""
    texts, scores, train, test = table()
    columns = [*known_words(), None]
    rows = np.array(
        [[word is None or word in found for word in columns] for found in map(words, texts)], float
    )
    damped = rows[train].T @ rows[train] + 3.0 * np.diag([1.0] * len(columns[:-1]) + [0.0])
    worth = np.linalg.solve(damped, rows[train].T @ scores[train])
    return dict(zip(columns, worth, strict=True)), float(((rows[test] @ worth - scores[test]) ** 2).mean())


def shares(result):
    """Read "name called a cat: 12%" as numbers."""
    return {name: int(share) for name, share in re.findall(r"(\w+) called a cat: +(\d+)%", result.printed)}


def bits(result):
    shade = int(CAT[60, 100])
    assert result.value == [200 * 200 * 8, shade, [float(bit) for bit in f"{shade:08b}"]]


def true(result):
    assert result.value is True


def how_many(result):
    """256^40000, whose logarithm tells its first digits and its power of ten."""
    power, digits = divmod(320_000 * math.log10(2), 1)[0], 10 ** (320_000 * math.log10(2) % 1)
    assert result.value == f"about {digits:.2f}·10^{int(power)}"


def halves(result):
    left, right, is_whole = result.value
    assert is_whole is True
    assert left[1] + right[1] == CAT.shape[1]
    assert left[0] == right[0] == CAT.shape[0]
    assert min(*left, *right) > 200


def constant(result):
    assert result.value == [7 * 2 * 12, 0.5]


def size(result):
    """Inputs, two biases, 400 neurons and an output; each of the 400 sees 800 bits and a bias."""
    assert result.value == [320_000 + 2 + 400 + 1, 400 * (800 + 1) + 400 + 1]


def right_by_bits(result):
    learned, asked = result.value
    assert learned > 0.9
    assert 0.4 < asked < 0.75  # as good as the toss of a coin, or little better


def moved(result):
    first, second = CAT[60:260, 100:300], CAT[61:261, 101:301]
    different = sum(bin(a ^ b).count("1") for a, b in zip(first.flat, second.flat, strict=True))
    assert result.value == different / 320_000 > 0.33


def right_by_shades(result):
    learned, asked = result.value
    assert learned > 0.98
    assert 0.6 < asked < 1


def ten_starts(result):
    assert len(result.value) == 10
    assert len(set(result.value)) > 1
    assert all(0.55 < share < 1 for share in result.value)
    assert 0.7 < sum(result.value) / 10 < 0.97


def by_picture(result):
    found = shares(result)
    names = ["cat", "astronaut", "coffee", "rocket", "brick", "grass", "gravel", "moon"]
    assert list(found) == names
    assert found["cat"] > 60
    assert np.mean([found[name] for name in names[1:]]) < 40


def strangers(result):
    found = shares(result)
    assert set(found) == {"camera", "coins", "clock", "retina"}
    assert max(found.values()) > 10  # and none of them is a cat


def all_tweets(result):
    count, longest, lowest, highest = result.value
    assert count == 4200
    assert longest <= 280
    assert -4 <= lowest < -3
    assert 3 < highest <= 4


def scores(result):
    assert result.printed.splitlines()[0].startswith(f"{5 + 1.25 * 2.726315789:5.2f}  Somehow I was blessed")


def knowing_nothing(result):
    """The loss of the mean is the variance of what is held out, and how far the two means lie apart."""
    _, found, train, test = table()
    mean, loss = result.value
    assert math.isclose(mean, math.fsum(found[train]) / 3200, rel_tol=1e-12)
    assert math.isclose(
        loss, found[test].var() + (found[test].mean() - found[train].mean()) ** 2, rel_tol=1e-9
    )


def text_bits(result):
    assert result.value == [(4200, 280 * 8), table()[0][7]]


def by_letters(result):
    best, last, learned = result.value
    assert 0.85 * constant_loss() < best < 1.02 * constant_loss()
    assert best < last
    assert learned < 0.85 * best


def one_space(result):
    change, distance = result.value
    assert 0 < distance < change


def vocabulary(result):
    assert result.value == len(known_words()) > 800


def by_words(result):
    learned, held_out = result.value
    _, by_least_squares = least_squares()
    assert 0 < learned < held_out < 0.5 * constant_loss()
    assert abs(held_out - by_least_squares) < 0.2


def best_words(result):
    worth, _ = least_squares()
    assert result.value[0] == "love"
    assert len(result.value) == 16
    assert all(worth[word] > 0.5 for word in result.value)


def worst_words(result):
    worth, _ = least_squares()
    assert {"hate", ":(", "sad"} <= set(result.value)
    assert all(worth[word] < -0.5 for word in result.value)


def empty(result):
    score, weight = result.value
    assert math.isclose(score, weight, rel_tol=1e-12)
    assert abs(score - least_squares()[0][None]) < 0.5


def three_words(result):
    part, whole = result.value
    assert math.isclose(part, whole, rel_tol=1e-9)
    assert 0 < part < 4


def not_good(result):
    """An edge a word: what "not" changes is the same number beside any word."""
    good, not_good, bad, not_bad = result.value
    assert math.isclose(not_good - good, not_bad - bad, rel_tol=1e-9)
    assert not_bad < bad < good


def first_bit(result):
    learned, asked = result.value
    assert learned > 0.9
    assert 0.35 < asked < 0.75


def idle_inputs(result):
    """The first bit of no character of ASCII is set, and no character lies beyond the longest tweet."""
    longest = max(map(len, table()[0]))
    assert 8 * (280 - longest) + longest <= result.value < 2240


def exchanged(result):
    assert 0.6 < result.value < 1


def hidden_words(result):
    best, learned = result.value
    assert 0 < learned < best < 0.5 * constant_loss()


EXPECTED = {
    "bits": bits,
    "back-again": true,
    "how-many": how_many,
    "halves": halves,
    "constant": constant,
    "size": size,
    "same-bits": true,
    "right-by-bits": right_by_bits,
    "moved": moved,
    "right-by-shades": right_by_shades,
    "ten-starts": ten_starts,
    "by-picture": by_picture,
    "strangers": strangers,
    "tweets": all_tweets,
    "scores": scores,
    "knowing-nothing": knowing_nothing,
    "text-bits": text_bits,
    "by-letters": by_letters,
    "one-space": one_space,
    "vocabulary": vocabulary,
    "by-words": by_words,
    "best-words": best_words,
    "worst-words": worst_words,
    "empty": empty,
    "three-words": three_words,
    "not-good": not_good,
    "first-bit": first_bit,
    "idle-inputs": idle_inputs,
    "exchanged": exchanged,
    "hidden-words": hidden_words,
}
