"""Goes on by one epoch from each of many checkpoints, in a process of its own; run by the tests.

``python resume_steps.py FOLDER``: every folder in it holds the checkpoints 0, 1, 2, … of one training. It
prints how many steps it took, and those after which the checkpoint has not the bytes of the next one.
"""

import os
import sys
from pathlib import Path

import neurograph as ng


def steps(folder):
    """Take each step of one training alone; yield whether it leads to the same bytes."""
    checkpoint = folder / "run.checkpoint"
    for k in range(len(list(folder.iterdir())) - 1):
        checkpoint.write_bytes((folder / str(k)).read_bytes())
        ng.resume(checkpoint, callbacks=[lambda history: True])
        yield checkpoint.read_bytes() == (folder / str(k + 1)).read_bytes()


def main():
    os.fsync = lambda descriptor: None  # no test ends the power
    taken = [
        (f"{folder.name} {k}", same)
        for folder in Path(sys.argv[1]).iterdir()
        for k, same in enumerate(steps(folder))
    ]
    print(len(taken), *[name for name, same in taken if not same])


if __name__ == "__main__":
    main()
