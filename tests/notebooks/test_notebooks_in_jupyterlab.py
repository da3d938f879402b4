"""Notebooks in a real JupyterLab, as somebody who has cloned the repository opens them."""

import os
import shutil

import pytest
from lab import wait_for
from lessons import each
from playing import Player
from terminal import EXAMPLES

LATER = 3600.0  # seconds


@pytest.fixture
def clone(lab):
    """The notebooks with their sources and data, where JupyterLab finds them."""
    folder = lab.folder / "notebooks"
    shutil.copytree(EXAMPLES, lab.folder / "examples", dirs_exist_ok=True)

    def copy(source):
        for path in (source, source.with_suffix(".ipynb")):
            shutil.copy(path, folder)
        return folder / source.name

    return copy


def scheme_of(player):
    return player.root.evaluate("(root) => getComputedStyle(root).colorScheme")


@each(1, 2, 4, group="jupyterlab")
def test_a_notebook_runs_to_its_end_and_its_player_steps(lab, clone, source):
    copied = clone(source)
    notebook = lab.open_file(source.with_suffix(".ipynb").name)
    outputs = notebook.run_all()
    assert sum(bool(output) for output in outputs) > len(outputs) / 2
    frames = notebook.tab.locator("iframe.ng-frame")
    assert frames.count() == source.read_text(encoding="utf-8").count("ng.explore(")
    for theme, scheme in (("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")):
        notebook.choose_theme(theme)
        for i in range(frames.count()):
            player = Player(frames.nth(i).content_frame)
            wait_for(lambda player=player, scheme=scheme: scheme_of(player) == scheme, f"a {scheme} player")
            before = player.position
            player.press("ArrowRight")
            wait_for(lambda player=player, before=before: player.position == before + 1, "the next step")
    notebook.save()
    assert copied.read_text(encoding="utf-8") == source.read_text(encoding="utf-8")
    notebook.close()
    assert not notebook.strange_requests
    assert not notebook.complaints


@pytest.mark.parametrize("later", [-LATER, LATER], ids=["the notebook", "the source"])
@each(1, group="jupyterlab")
def test_a_notebook_opens_whichever_of_the_pair_was_written_last(lab, clone, source, later):
    copied = clone(source)
    moment = copied.stat().st_mtime + later
    os.utime(copied, (moment, moment))
    notebook = lab.open_file(source.with_suffix(".ipynb").name)
    assert notebook.run(1) is not None
    notebook.close()
    assert not notebook.complaints
