"""`course train`: recipes by name, a sentence when training stops."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from course_utils.checkpoints import CheckpointError


@pytest.fixture
def calls(monkeypatch):
    """Put two recipes in place; return what they were called with."""
    seen = []

    def translator(out=Path("weights"), resume=False):
        """Train the translator, en→fr and en→zh.

        More about it.
        """
        seen.append((out, resume))
        return {"metrics": {"exact": 0.97}}

    def fails(error):
        raise error

    module = ModuleType("course_utils.recipes")
    module.RECIPES = {
        "translator": translator,
        "diverges": lambda: fails(ValueError("the loss is nan at step 3")),
        "full-disk": lambda: fails(CheckpointError("cannot write; free some space")),
        "stopped": lambda: fails(KeyboardInterrupt()),
    }
    monkeypatch.setitem(sys.modules, "course_utils.recipes", module)
    return seen


def test_recipes_are_listed_with_their_first_line(course, calls):
    for arguments in (["train"], ["train", "--list"]):
        called = course(*arguments)
        assert called.code == 0
        assert "Train the translator, en→fr and en→zh." in called.out
        assert "More about it" not in called.out
        assert "course train translator" in called.out
    assert calls == []


def test_only_what_is_asked_for_is_handed_on(course, calls, tmp_path):
    called = course("train", "translator")
    assert called.code == 0
    assert called.json == {"exact": 0.97}
    course("train", "translator", "--out", str(tmp_path), "--resume")
    assert calls == [(Path("weights"), False), (tmp_path, True)]


def test_an_unknown_recipe_is_answered_with_the_nearest(course, calls):
    called = course("train", "translater")
    assert called.code == 2
    assert "no recipe 'translater'; did you mean translator?" in called.err
    assert "diverges" in called.err


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("diverges", "Training diverges stopped: the loss is nan at step 3"),
        ("full-disk", "Training full-disk stopped: cannot write; free some space"),
        ("stopped", "Stopped. Go on with: course train stopped --resume"),
    ],
)
def test_a_training_that_stops_says_why(course, calls, recipe, words):
    called = course("train", recipe)
    assert called.code == 1
    assert words in called.err


def test_a_stopped_training_goes_on_in_its_folder(course, monkeypatch, calls, tmp_path):
    def stopped(out):
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules["course_utils.recipes"].RECIPES, "away", stopped)
    called = course("train", "away", "--out", str(tmp_path))
    assert called.code == 1
    assert f'course train away --out "{tmp_path}" --resume' in called.err


def test_a_folder_that_takes_no_files_is_refused_before_training(
    course, calls, tmp_path
):
    (tmp_path / "file").write_text("")
    called = course("train", "translator", "--out", str(tmp_path / "file"))
    assert called.code == 2
    assert f"Nothing can be written to {tmp_path / 'file'}: File exists" in called.err
    assert calls == []
