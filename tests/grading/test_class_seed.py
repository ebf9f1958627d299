"""The exercises of one class: made, answered, checked and graded by the same seed."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from course_utils.authoring.course import Course
from course_utils.authoring.learner import make_learner_tree
from course_utils.checks.variants import seed_path
from course_utils.cli import app
from course_utils.grading.sandbox import LEVELS, probe
from course_utils.syllabus import LESSONS
from tests.grading.folders import hand_in, notebook

SEED = 2026
OWN = """\
def attention_with_bias(q, k, v, mask=None, bias=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + WEIGHT * bias
    if mask is None:
        return scores.softmax(dim=-1) @ v
    scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    return (scores.softmax(dim=-1) * mask) @ v
"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The learners' edition of the class."""
    out = tmp_path_factory.mktemp("class") / "course"
    make_learner_tree(Course(), out, class_seed=SEED)
    return out


def card(edition, lesson, name):
    text = (edition / "exercises" / f"{lesson}.ipynb").read_text()
    [cell] = [one for one in json.loads(text)["cells"] if one["id"] == f"card-{name}"]
    return "".join(cell["source"])


def test_the_cards_of_transfer_exercises_say_what_is_different(edition):
    for one in LESSONS:
        for exercise in one.exercises:
            text = card(edition, one.name, exercise.name)
            assert text.count("**Your class.** ") == (exercise.kind == "transfer")
            assert text.partition("**Your class.**")[2].count("<details>") in (0, 3)
    assert seed_path(edition / "course_utils").read_text() == '{"class_seed": 2026}\n'


@pytest.fixture(scope="module")
def weight(edition):
    return float(
        card(edition, "02_attention", "bias").partition("counts ")[2].split()[0]
    )


@pytest.fixture(scope="module")
def submissions(weight, tmp_path_factory):
    folder = tmp_path_factory.mktemp("submissions")
    hand_in(folder, "own", notebook(bias=OWN.replace("WEIGHT", str(weight))))
    hand_in(folder, "course")  # the course's solution, last year's say
    return folder


def test_the_edition_checks_by_its_own_seed(edition, submissions):
    for student, (code, says) in {
        "own": (0, ""),
        "course": (1, "another-class"),
    }.items():
        path = submissions / student / "02_attention.ipynb"
        command = [sys.executable, "-m", "course_utils", "check", str(path), "--json"]
        done = subprocess.run(command, cwd=edition, capture_output=True, text=True)
        assert done.returncode == code, done.stderr + done.stdout
        assert says in done.stdout


def test_the_grader_takes_the_same_seed_and_says_what_the_class_was_asked(
    submissions, weight, tmp_path
):
    command = ["grade", str(submissions), "--out", str(tmp_path), "--json"]
    if probe() == LEVELS[-1]:
        command.append("--allow-unsandboxed")
    runner = CliRunner()
    assert runner.invoke(app, [*command, "--class-seed", str(SEED)]).exit_code == 0
    book = (tmp_path / "gradebook.csv").read_text()
    points = {row.split(",")[0]: row.split(",")[2:4] for row in book.splitlines()[1:]}
    assert points == {"own": ["13", "13"], "course": ["10", "13"]}
    [page] = [one for one in tmp_path.rglob("*course*.md")]
    assert f"Your class: The bias counts {weight} times" in page.read_text()
    assert "as the course has it, or an earlier class" in page.read_text()
    # the folder remembers its class, and stays with it
    again = runner.invoke(app, command)
    assert again.exit_code == 0
    assert json.loads(again.stdout)["class_seed"] == SEED
    assert (tmp_path / "gradebook.csv").read_text() == book
    other = runner.invoke(app, [*command, "--class-seed", "2027"])
    assert other.exit_code == 2
    assert "of the class with seed 2026, not 2027" in " ".join(other.output.split())


def test_without_a_seed_the_exercises_are_those_of_the_course(submissions, tmp_path):
    command = ["grade", str(submissions), "--out", str(tmp_path), "--allow-unsandboxed"]
    assert CliRunner().invoke(app, command).exit_code == 0
    book = (tmp_path / "gradebook.csv").read_text()
    points = {row.split(",")[0]: row.split(",")[2:4] for row in book.splitlines()[1:]}
    assert points == {"own": ["10", "13"], "course": ["13", "13"]}


def test_nbgrader_has_no_class_of_its_own(tmp_path):
    out = str(tmp_path / "course")
    done = CliRunner().invoke(
        app, ["grade", "--export-nbgrader", out, "--class-seed", "1"]
    )
    assert done.exit_code == 2
    assert "leave --class-seed out" in " ".join(done.output.split())


def test_a_seed_without_an_edition_is_refused():
    done = CliRunner().invoke(app, ["build", "--class-seed", "2026"])
    assert done.exit_code == 2
    assert "add --learner OUT" in done.output
