"""`course build`: what was done is said, what falls short is one."""

import shutil
from pathlib import Path

import pytest

import course_utils
from course_utils.authoring import build as builder
from course_utils.authoring import exercise_build, readme
from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import NotebookError
from course_utils.syllabus import lesson, solution_path

REPORT = builder.Report("02", "02_attention.ipynb")


@pytest.fixture
def asked(monkeypatch):
    """Replace the build by reports; return what it was asked to do."""
    seen = []

    def give(*answers):
        waiting = iter(answers)

        def build(numbers, **options):
            seen.append((*numbers, options))
            answer = next(waiting)
            if isinstance(answer, Exception):
                raise answer
            return [answer]

        monkeypatch.setattr(builder, "build", build)
        return seen

    return give


@pytest.fixture
def _mapped(monkeypatch):
    """Leave the lesson map of the README alone."""
    monkeypatch.setattr(readme, "write", lambda folder: False)


def report(**changes):
    return builder.Report(**(vars(REPORT) | changes))


@pytest.mark.usefixtures("_mapped")
def test_all_lessons_are_built_and_options_handed_on(course, root, asked):
    seen = asked(report(lesson="00"), report())
    called = course("build", "--force", "--no-execute", "--threads", "1")
    assert called.code == 0
    assert [one[0] for one in seen] == ["00", "02"]
    options = seen[0][1]
    assert (options["force"], options["execute"], options["check"]) == (
        True,
        False,
        False,
    )
    assert options["threads"] == 1
    assert options["course"].root == root
    assert "02 02_attention.ipynb: up to date" in called.out


@pytest.mark.usefixtures("_mapped")
def test_one_lesson_by_any_name(course, root, asked):
    done = {"rewritten": ["a", "b"], "executed": True, "written": True}
    seen = asked(report(**done, seconds=12.3, peak_mb=456.0))
    called = course("build", "attention")
    assert [one[0] for one in seen] == ["02"]
    words = "2 cells rewritten, executed in 12.3 s, 456 MB, written"
    assert words in called.out


def test_findings_are_shown_and_fall_short(course, root, asked):
    finding = Finding("stale", "02_attention.ipynb", "older than the code", "try-it")
    seen = asked(report(findings=[finding]))
    called = course("build", "2", "--check")
    assert called.code == 1
    assert seen[0][1]["check"] is True
    assert "02 02_attention.ipynb: checked" in called.out
    assert "02_attention.ipynb[try-it]: older than the code (stale)" in called.out
    assert "1 of the notebooks fall short." in called.err


def test_a_file_that_cannot_be_built_is_a_sentence(course, root, asked):
    asked(NotebookError("02_attention.ipynb: not a notebook"))
    called = course("build", "02")
    assert called.code == 1
    assert "02_attention.ipynb: not a notebook" in called.err


def test_an_unknown_lesson_is_misuse(course, root, asked):
    asked()
    assert course("build", "99").code == 2


def test_the_lesson_map_is_written_unless_only_checked(
    course, root, asked, monkeypatch
):
    asked(report(), report(), report())
    answers = iter([True, False])
    monkeypatch.setattr(readme, "write", lambda folder: next(answers))
    assert "lesson map written" in course("build", "02").out
    assert "lesson map" not in course("build", "02").out
    assert "lesson map" not in course("build", "02", "--check").out


@pytest.mark.parametrize("text", [None, "no marks"])
def test_a_readme_without_a_place_for_the_map(course, root, asked, text):
    asked(report())
    if text:
        (root / "README.md").write_text(text)
    called = course("build", "02")
    assert called.code == 1
    assert called.err.startswith("README.md: ")


def test_the_real_check_reads_the_package(course, root):
    package = Path(course_utils.__file__).parent
    shutil.copytree(
        package, root / "course_utils", ignore=shutil.ignore_patterns("__*")
    )
    called = course("build", "02", "--check")
    assert called.code == 1
    assert "the outputs come from no build" in called.out


@pytest.fixture
def _answered(root):
    """Give lesson 02 a solutions notebook, which no test here reads."""
    path = solution_path(lesson("02"), root)
    path.parent.mkdir()
    path.write_text("{}")


@pytest.mark.usefixtures("_mapped", "_answered")
def test_exercises_are_built_after_the_lessons(course, asked, monkeypatch):
    asked(report(lesson="00"), report(), report(lesson="00"))
    seen, finding = [], Finding("failed", "solutions/x", "it fell", "check-a")

    def build_exercises(numbers, **options):
        seen.append((numbers, options["check"]))
        name = "solutions/02_attention.ipynb"
        return [report(notebook=name, executed=True, seconds=3, findings=[finding])]

    monkeypatch.setattr(exercise_build, "build_exercises", build_exercises)
    called = course("build")
    assert called.code == 1
    assert called.out.endswith(
        "02 solutions/02_attention.ipynb: executed in 3.0 s, 0 MB\n"
        "   solutions/x[check-a]: it fell (failed)\n"
    )
    assert "1 of the notebooks fall short." in called.err
    assert course("build", "00").code == 0
    assert seen == [(["02"], False)]


@pytest.mark.usefixtures("root")
def test_the_learners_edition_is_written_once(course, root, tmp_path_factory):
    (root / "course_utils").mkdir()
    out = tmp_path_factory.mktemp("out") / "edition"
    called = course("build", "--learner", str(out))
    assert called.code == 0
    assert called.out == f"{out}: 2 files, without answers, tests and benchmarks.\n"
    assert "Writing notebooks …" in called.err
    assert (out / "notebooks" / "02_attention.ipynb").is_file()
    again = course("build", "--learner", str(out))
    assert again.code == 2
    assert "edition is not empty: it holds course_utils, exercises, no" in again.err


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("other", ["02", "--check", "--force"])
def test_the_learners_edition_is_not_built_in_part(course, tmp_path, other):
    called = course("build", "--learner", str(tmp_path / "out"), other)
    assert called.code == 2
    assert "--learner stands alone" in called.err
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_a_sentence(course, root):
    (root / "file").touch()
    called = course("build", "--learner", str(root / "file" / "out"))
    assert called.code == 1
    assert "out could not be written: " in called.err
