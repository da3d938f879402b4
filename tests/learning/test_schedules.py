"""Learning rates over the epochs: the closed formulas, and what no schedule may give."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurograph as ng

RATE = st.floats(0.0, 10.0)
EPOCH = st.integers(0, 1000)


@given(RATE, EPOCH)
def test_a_constant_is_constant(rate, epoch):
    assert ng.Constant(rate)(epoch) == rate


@given(RATE, st.floats(0.0, 1.0), st.integers(1, 50), EPOCH)
def test_steps_fall_by_a_factor_every_so_many_epochs(rate, factor, every, epoch):
    falls = sum(1 for e in range(1, epoch + 1) if e % every == 0)
    expected = rate * math.prod([factor] * falls)
    assert ng.StepDecay(rate, factor=factor, every=every)(epoch) == pytest.approx(
        expected, rel=1e-12, abs=1e-300
    )


@given(RATE, st.floats(0.0, 1.0), EPOCH)
def test_an_exponential_decay_multiplies_by_the_factor_in_every_epoch(rate, factor, epoch):
    expected = rate * math.prod([factor] * epoch)
    assert ng.ExponentialDecay(rate, factor=factor)(epoch) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(RATE, st.floats(0.0, 10.0), EPOCH)
def test_an_inverse_decay_falls_as_one_over_time(rate, decay, epoch):
    found = ng.InverseTimeDecay(rate, decay=decay)(epoch)
    assert found * (1 + decay * epoch) == pytest.approx(rate, rel=1e-12, abs=1e-300)


SCHEDULES = [
    ng.Constant(0.3), ng.StepDecay(0.8, every=2), ng.ExponentialDecay(0.5), ng.InverseTimeDecay(0.5),
    lambda epoch: 0.2 / (epoch + 1), lambda epoch: np.float32(0.25), lambda epoch: 0,
]  # fmt: skip


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_training_asks_the_schedule_once_for_every_epoch_from_zero(schedule):
    asked = []

    def watched(epoch):
        asked.append(epoch)
        return schedule(epoch)

    net, by_hand = ng.example_network(), ng.example_network()
    history = ng.fit(net, [[0.5], [0.1]], [[1.0], [0.0]], learning_rate=watched, epochs=5, shuffle=False)
    assert asked == [0, 1, 2, 3, 4]
    assert history.learning_rates == [float(schedule(epoch)) for epoch in range(5)]
    for epoch in range(5):
        rate = float(schedule(epoch))
        ng.fit(by_hand, [[0.5], [0.1]], [[1.0], [0.0]], learning_rate=rate, shuffle=False)
    assert ng.weights(net) == ng.weights(by_hand)


BAD = (-1, math.nan, math.inf, "0.1", True, None, [0.1], 10**400)


@pytest.mark.parametrize("rate", BAD)
@pytest.mark.parametrize("schedule", [ng.Constant, ng.StepDecay, ng.ExponentialDecay, ng.InverseTimeDecay])
def test_a_rate_is_a_finite_number_of_at_least_zero(schedule, rate):
    with pytest.raises(ng.OptionError, match="rate: got"):
        schedule(rate)


@pytest.mark.parametrize("factor", [*BAD, 1.0001, 2])
@pytest.mark.parametrize("schedule", [ng.StepDecay, ng.ExponentialDecay])
def test_a_factor_lies_between_zero_and_one(schedule, factor):
    with pytest.raises(ng.OptionError, match="factor: got"):
        schedule(0.1, factor=factor)


@pytest.mark.parametrize("every", [0, -1, 2.5, "2", True, None])
def test_a_number_of_epochs_is_a_positive_integer(every):
    with pytest.raises(ng.OptionError, match="every: got"):
        ng.StepDecay(0.1, every=every)


@pytest.mark.parametrize("decay", BAD)
def test_a_decay_is_a_finite_number_of_at_least_zero(decay):
    with pytest.raises(ng.OptionError, match="decay: got"):
        ng.InverseTimeDecay(0.1, decay=decay)


@pytest.mark.parametrize("given_rate", BAD)
def test_what_a_schedule_of_the_user_s_gives_is_checked_and_its_epoch_named(given_rate):
    with pytest.raises(ng.OptionError, match="for epoch 1; expected a finite number of at least 0") as caught:
        ng.fit(
            ng.example_network(), [[0.5]], [[1.0]], learning_rate=lambda e: given_rate if e else 0.1, epochs=3
        )
    assert caught.value.code == "bad-schedule"


def test_schedules_are_values():
    assert ng.StepDecay(0.1) == ng.StepDecay(0.1, factor=0.5, every=10)
    assert len({ng.Constant(0.1), ng.Constant(0.1), ng.Constant(0.2)}) == 2
