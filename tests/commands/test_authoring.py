"""`course build`: what was done is said, what falls short is one."""

import shutil
from pathlib import Path

import pytest

import course_utils
from course_utils.authoring import build as builder
from course_utils.authoring import readme
from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import NotebookError

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
    assert "1 of the lessons fall short." in called.err


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
