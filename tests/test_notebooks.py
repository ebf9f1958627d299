"""The tests of notebooks bite: each planted fault turns nbval or a hash red.

The lessons themselves are executed by nbval; see `make test`.
"""

import os
import subprocess
import sys

import pytest

from course_utils.authoring.course import Course
from course_utils.authoring.execute import run_notebook
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.authoring.stale import check_stale, is_current
from tests.authoring.planted import LESSONS, cell_of, edit

COURSE = Course()
NBVAL = ["--nbval-lax", "--nbval-current-env", "--color=no", "-p", "no:cacheprovider"]
LIMITS = ["--nbval-cell-timeout=60", "--nbval-kernel-startup-timeout=120"]


def nbval(folder, package):
    """Run nbval over a folder of notebooks, as `make test` does over the lessons."""
    command = [sys.executable, "-m", "pytest", "-q", *NBVAL, *LIMITS]
    return subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", folder, folder],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(package)},
    )


def planted_copies(course, folder, changes):
    """Write a copy of the first lesson for each change, under the change's name."""
    for name, change in changes.items():
        nb = read_notebook(course.path(LESSONS[0]))
        change(nb)
        (folder / f"{name}.ipynb").write_text(as_text(nb))
    return nbval(folder, course.root)


def stale(course):
    path = course.path(LESSONS[0])
    return [str(finding) for finding in check_stale(read_notebook(path), path.name)]


# --- the course itself -------------------------------------------------------------


@pytest.mark.parametrize("lesson", COURSE.present(), ids=lambda lesson: lesson.name)
def test_the_outputs_of_a_lesson_belong_to_its_code(lesson):
    path = COURSE.path(lesson)
    findings = check_stale(read_notebook(path), path.name)
    assert [str(finding) for finding in findings] == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lesson", COURSE.present(), ids=lambda lesson: lesson.name)
def test_run_all_works_twice_in_one_kernel(lesson):
    path = COURSE.path(lesson)
    result = run_notebook(read_notebook(path), path.name, passes=2)
    assert result.peak_mb <= 2000


# --- planted faults ----------------------------------------------------------------


def change_source(identity, text):
    return lambda nb: cell_of(nb, identity).update(source=text)


def change_output(identity, text):
    return lambda nb: cell_of(nb, identity).outputs[0].update(text=text)


SOUND = {
    "unchanged": lambda nb: None,
    "unmarked": lambda nb: cell_of(nb, "picture").outputs[0].data.update(x="y"),
}
PLANTED = {
    "broken": (
        change_source("equal", "assert scale([1]) == [1]"),
        "Cell 6",
        ["Cell execution caused an exception", "assert scale([1]) == [1]"],
    ),
    "definition": (
        change_source("def-scale", "def scale(values):\n    return values * half"),
        "Cell 4",
        ["name 'half' is not defined"],
    ),
    "output": (
        change_output("try-it", "[2.0, 5.0]\n[3]\n"),
        "Cell 4",
        ["Cell outputs differ", "[2.0, 5.0]"],
    ),
}


def test_nbval_passes_built_notebooks_and_compares_only_marked_cells(
    built_once, tmp_path
):
    run = planted_copies(built_once[0], tmp_path, SOUND)
    assert run.returncode == 0, run.stdout
    assert f"{7 * len(SOUND)} passed" in run.stdout


def test_planted_faults_turn_nbval_red_and_name_the_cell(built_once, tmp_path):
    changes = {name: change for name, (change, _, _) in PLANTED.items()}
    run = planted_copies(built_once[0], tmp_path, changes)
    assert run.returncode == 1, run.stdout
    for name, (_, cell, words) in PLANTED.items():
        assert f"FAILED {name}.ipynb::{cell}" in run.stdout
        assert [word for word in words if word not in run.stdout] == []


def test_code_younger_than_its_outputs_is_found(built):
    assert stale(built) == []
    edit(built, change_source("try-it", "print(scale([1, 3]))"))
    assert stale(built) == [
        "01_scale.ipynb: the outputs are older than the code; run `course build 01` "
        "(stale)"
    ]


def test_code_cells_in_another_order_are_found(built):
    edit(built, lambda nb: nb.cells.append(nb.cells.pop(8)))
    assert "older than the code" in stale(built)[0]


def test_outputs_that_the_build_did_not_write_are_found(built):
    edit(built, change_output("try-it", "[9.0]\n"))
    assert "changed after the build" in stale(built)[0]


def test_outputs_of_no_build_are_found(built):
    edit(built, lambda nb: nb.metadata.pop("course"))
    assert "come from no build" in stale(built)[0]


def test_prose_ids_and_tags_do_not_make_outputs_stale(built):
    edit(built, change_source("look", "Other words."))
    edit(built, lambda nb: cell_of(nb, "equal").metadata.update(tags=["slide"]))
    assert stale(built) == []


def test_a_changed_package_is_news_for_the_build_but_not_stale(built):
    nb = read_notebook(built.path(LESSONS[1]))
    assert is_current(nb, built.package)
    module = built.root / "parts" / "scale.py"
    module.write_text(module.read_text().replace("# Why: a", "# Because a"))
    assert is_current(nb, Course(built.root, LESSONS, "parts").package)
    module.write_text(module.read_text().replace("self.factor)", "self.factor + 1)"))
    assert not is_current(nb, Course(built.root, LESSONS, "parts").package)
    assert check_stale(nb, "02_total.ipynb") == []
