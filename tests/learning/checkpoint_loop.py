"""Trains in a tight loop of checkpoints, is killed at random times, and goes on; run by the tests.

``python checkpoint_loop.py FOLDER KILLS SEED`` forks a trainer for every kill, so that the library is
imported once. It prints, as JSON, what was announced, what was found after each kill, and what lay around.
"""

import json
import os
import random
import signal
import sys
import time
import warnings
from pathlib import Path

import neurograph as ng
from neurograph.learning.checkpoints import read_newest

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]
OPTIONS = {"optimizer": ng.Adam(), "learning_rate": 0.01, "seed": 0, "backend": "numpy", "epochs": 10**9}


def network():
    return ng.mlp([2, 3, 1], output_activation="logistic", seed=0)


def train(file, pipe):
    """Train until killed; say after every epoch that its checkpoint was written."""

    def announce(history):
        os.write(pipe, history.epochs.to_bytes(8, "little"))

    if file.exists():
        ng.resume(file, callbacks=[announce])
    else:
        ng.fit(network(), X, Y, **OPTIONS, checkpoint=file, callbacks=[announce])


def kill_once(file, dice):
    """Start a trainer, kill it at a random time, and return the last epoch that it announced."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            train(file, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as stream:
        announced = stream.read(8) if dice.random() < 0.9 else b""  # nearly always, let it get going
        time.sleep(dice.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        announced += stream.read()
    os.waitpid(child, 0)
    whole = len(announced) // 8 * 8
    return int.from_bytes(announced[whole - 8 : whole], "little") if whole else 0


def main():
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    file, dice = folder / "run.checkpoint", random.Random(seed)
    rows = []
    for _ in range(kills):
        announced = kill_once(file, dice)
        if not file.exists() and not rows:  # killed before its first checkpoint
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # falling back to the checkpoint before is one
            saved, _ = read_newest(file)
        rows.append([announced, saved.state.history.epochs])
    litter = [entry for entry in folder.iterdir() if entry.name.endswith(".tmp")]
    for entry in litter:
        os.utime(entry, (time.time() - 7200,) * 2)
    (folder / "unrelated.tmp").write_bytes(b"mine")
    epochs = rows[-1][1] + 3
    net, history = ng.resume(file, epochs=epochs)
    fresh = network()
    straight = ng.fit(fresh, X, Y, **OPTIONS | {"epochs": epochs})
    print(
        json.dumps(
            {
                "rows": rows,
                "litter": len(litter),
                "left": sorted(entry.name for entry in folder.iterdir()),
                "same_losses": history.losses == straight.losses,
                "same_weights": ng.weights(net) == ng.weights(fresh),
            }
        )
    )


if __name__ == "__main__":
    main()
