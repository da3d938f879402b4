"""A training that is stopped goes on from its checkpoint as if nothing had been."""

import os
import random
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from strategies import SMOOTH, random_data, random_graphs
from trainings import BACKENDS, EPOCHS, OPTIMIZERS, copies_of_every_epoch, network, points, same, trained

import neurograph as ng


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_resumed_training_ends_bit_for_bit_like_one_that_never_stopped(name, shuffle, backend, file):
    options = {"optimizer": OPTIMIZERS[name], "shuffle": shuffle, "backend": backend}
    options["batch_size"] = 3 if shuffle else 1
    straight, plain = trained(**options)
    copies, net, history = copies_of_every_epoch(file, **options)
    assert same(net, straight)
    assert history.losses == plain.losses
    assert len(set(plain.losses)) == EPOCHS
    assert not same(net, network())
    ended = file.read_bytes()
    steps = random.Random(name).sample(range(1, EPOCHS), 10)
    for epoch in steps:
        file.write_bytes(copies[epoch])
        again, resumed = ng.resume(file)
        assert same(again, straight)
        assert resumed == plain
        assert file.read_bytes() == ended  # weights, memory, generator, best: all that is in it


def keep_every_checkpoint(folder, net, X, Y, **options):
    """Train, and keep the checkpoint before the first epoch and after each as 0, 1, 2, …"""
    folder.mkdir(parents=True)
    file = folder / "run.checkpoint"

    def keep(history):
        if history.epochs == 1:
            (folder / "0").write_bytes(Path(f"{file}.previous").read_bytes())
        (folder / str(history.epochs)).write_bytes(file.read_bytes())

    history = ng.fit(net, X, Y, checkpoint=file, callbacks=[keep], **options)
    file.unlink()
    Path(f"{file}.previous").unlink()
    return history


def a_network_that_learns(seed):
    """The first of some random networks, with data, whose loss changes from epoch to epoch."""
    for net in random_graphs(seed, 20, activations=SMOOTH, saturating=False, frozen=True):
        X, Y = random_data(np.random.default_rng(seed), net, samples=5)
        losses = ng.fit(net.copy(), X, Y, learning_rate=1e-3, epochs=20, seed=seed).losses
        if len(set(losses)) == 20:
            return net, X, Y
    raise AssertionError(seed)


def steps_lead_to_the_same_bytes(folder, seed, epochs):
    """Train a random network in every way; let another process take every step of it once more."""
    net, X, Y = a_network_that_learns(seed)
    for name in OPTIMIZERS:
        for shuffle in (True, False):
            history = keep_every_checkpoint(
                folder / f"{name} {shuffle}", net.copy(), X, Y, optimizer=OPTIMIZERS[name], shuffle=shuffle,
                epochs=epochs, learning_rate=1e-3, batch_size=1 + seed % 3, seed=seed, backend="numpy",
            )  # fmt: skip
            assert len(set(history.losses)) > epochs / 2
    script = Path(__file__).with_name("resume_steps.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(folder)],
        check=True, text=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": str(seed)},
    )  # fmt: skip
    assert done.stdout.split() == [str(2 * len(OPTIMIZERS) * epochs)]


def test_each_step_of_any_training_leads_another_process_to_the_same_bytes(tmp_path, file):
    """The steps of a training make it up, so that one resumed after any of them ends alike."""
    steps_lead_to_the_same_bytes(tmp_path / "all", seed=100, epochs=5)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_so_does_each_of_two_hundred_steps_of_twenty_networks(seed, tmp_path, file):
    steps_lead_to_the_same_bytes(tmp_path / "all", seed, epochs=200)


@pytest.mark.parametrize("backend", BACKENDS)
def test_so_it_does_with_every_option_there_is(backend, file):
    options = {
        "backend": backend, "dtype": np.float32, "loss": "huber", "optimizer": ng.Adam(beta1=0.8),
        "learning_rate": ng.InverseTimeDecay(0.05, decay=0.1, per="step"), "batch_size": 2,
        "weight_decay": 1e-3, "clip_norm": 0.5, "validation": points(3, seed=5), "patience": 9,
        "seed": np.random.Generator(np.random.MT19937(4)),
    }  # fmt: skip
    copies, net, history = copies_of_every_epoch(file, **options)
    ended = file.read_bytes()
    for epoch in (1, 5, EPOCHS - 1):
        file.write_bytes(copies[epoch])
        again, resumed = ng.resume(file)
        assert same(again, net)
        assert resumed == history
        assert file.read_bytes() == ended


@pytest.mark.parametrize(
    "schedule",
    [
        0.02,
        np.float32(0.02),
        ng.StepDecay(0.02, factor=0.5, every=2),
        ng.ExponentialDecay(np.float32(0.02), factor=0.9),
        ng.InverseTimeDecay(0.02, decay=0.5),
    ],
)
def test_every_schedule_of_the_library_goes_on(schedule, file):
    copies, net, history = copies_of_every_epoch(file, learning_rate=schedule, epochs=6)
    file.write_bytes(copies[3])
    again, resumed = ng.resume(file)
    assert same(again, net)
    assert resumed.learning_rates == history.learning_rates


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_bit_generator_of_numpy_goes_on(bits, file):
    seeds = [np.random.Generator(getattr(np.random, bits)(7)) for _ in range(2)]
    straight, _ = trained(seed=seeds[0], epochs=5)
    copies, _, _ = copies_of_every_epoch(file, seed=seeds[1], epochs=5)
    file.write_bytes(copies[2])
    assert same(ng.resume(file)[0], straight)


def test_the_caller_s_generator_stands_where_it_would_stand_without_a_checkpoint(file):
    seeds = [np.random.default_rng(7) for _ in range(2)]
    trained(seed=seeds[0])
    trained(file, seed=seeds[1])
    assert seeds[0].random() == seeds[1].random()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_another_process_under_another_hash_seed_ends_alike(hash_seed, file):
    copies, _, _ = copies_of_every_epoch(file, optimizer="adam")
    ended = file.read_bytes()
    file.write_bytes(copies[5])
    code = "import sys, neurograph as ng; ng.resume(sys.argv[1])"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(file)], check=True, env=environment)
    assert file.read_bytes() == ended


def test_the_network_of_the_file_is_the_one_that_was_trained(file):
    net, history = trained(file)
    again, resumed = ng.resume(file)
    assert list(again) == list(net)
    assert list(again.edges) == list(net.edges)
    assert same(again, net)
    assert dict(again.nodes(data=True)) == dict(net.nodes(data=True))
    assert resumed == history


def test_a_training_that_is_over_is_read_and_not_written(file):
    trained(file)
    before = file.read_bytes(), file.stat().st_mtime_ns
    ng.resume(file)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_more_epochs_are_as_many_in_all(file):
    trained(file, epochs=4)
    longer, history = ng.resume(file, epochs=9)
    straight, plain = trained(epochs=9)
    assert same(longer, straight)
    assert history == plain
    assert ng.resume(file)[1].epochs == 9  # the plan is a longer one from then on
    assert ng.resume(file, epochs=2)[1].epochs == 9


def test_early_stopping_counts_on_across_the_gap(file):
    options = {"validation": points(5, seed=11), "patience": 2, "epochs": 60, "learning_rate": 0.3}
    straight, plain = trained(**options)
    assert plain.stopped == "stopped early"
    copies, _, _ = copies_of_every_epoch(file, **options)
    for epoch in {1, plain.epochs // 2, plain.epochs - 1, plain.epochs}:
        file.write_bytes(copies[epoch])
        again, history = ng.resume(file)
        assert same(again, straight)
        assert history == plain


def test_a_callback_that_ends_training_ends_it_until_it_is_resumed_without(file):
    _, history = trained(file, callbacks=[lambda history: history.epochs == 3])
    assert (history.epochs, history.stopped) == (3, "stopped by a callback")
    again, resumed = ng.resume(file)
    assert same(again, trained()[0])
    assert (resumed.epochs, resumed.stopped) == (EPOCHS, "finished")


def test_callbacks_given_again_see_the_whole_history(file):
    trained(file, epochs=2)
    seen = []
    ng.resume(file, epochs=4, callbacks=[lambda history: seen.append(history.epochs)])
    assert seen == [3, 4]


def test_resume_writes_into_a_network_that_is_given(file):
    straight, _ = trained()
    copies, _, _ = copies_of_every_epoch(file)
    file.write_bytes(copies[4])
    mine = network()
    mine.nodes[next(iter(mine))]["colour"] = "red"
    returned, _ = ng.resume(file, net=mine)
    assert returned is mine
    assert same(mine, straight)
    assert mine.nodes[next(iter(mine))]["colour"] == "red"


def test_another_backend_goes_on_with_the_same_numbers_up_to_rounding(file):
    copies, net, _ = copies_of_every_epoch(file)
    file.write_bytes(copies[6])
    again, _ = ng.resume(file, backend="walk")
    assert np.allclose(list(ng.weights(again).values()), list(ng.weights(net).values()), rtol=1e-12)


@pytest.mark.parametrize("weight", [Fraction(1, 3), Decimal("0.1"), 1])
def test_the_network_that_was_trained_may_have_frozen_weights_of_any_real_type(file, weight):
    net = ng.example_network()
    net.edges[4, 6].update(weight=weight, trainable=False)
    ng.fit(net, [[0.1]], [[1.0]], checkpoint=file)
    again, history = ng.resume(file, net=net, epochs=2)
    assert again is net
    assert history.epochs == 2
    assert net.edges[4, 6]["weight"] is weight
