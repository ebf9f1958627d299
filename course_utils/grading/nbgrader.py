"""Write a course for nbgrader: every lesson is an assignment made from its solutions.

    export_course(root, Path("physics"))    # then: cd physics; nbgrader generate_…

nbgrader itself takes out the answers, hands out, collects, and runs the checks.
"""

from collections.abc import Iterable
from pathlib import Path

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import with_solutions
from course_utils.authoring.notebooks import as_text, read_notebook
from course_utils.authoring.outputs import clear_outputs
from course_utils.syllabus import LESSONS, Lesson, solution_path

__all__ = ["export_course"]

CONFIG = '''\
"""How nbgrader runs this course; read by every nbgrader command in this folder."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A check takes note of what it has found; here, aside from anybody's own progress.
os.environ.setdefault("COURSE_ROOT", str(HERE / "checks"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.root = str(HERE)
c.CourseDirectory.course_id = "transformers"
c.Execute.timeout = 120  # seconds for one cell
'''

README = """\
# The course for nbgrader

Made by `course grade --export-nbgrader` from the solutions; {lessons} assignments,
{points} points. **Do not publish this folder**: `source/` holds the answers.

Activate the environment that holds both the course and nbgrader (it starts `alembic`
by name). Then, in this folder, for each assignment:

    nbgrader generate_assignment {example}
    nbgrader release_assignment {example}
    nbgrader autograde {example}
    nbgrader generate_feedback {example}
    nbgrader export

Instead of releasing, you may hand out `release/` yourself, and put what comes back into
`submitted/STUDENT/{example}/`. The last command writes `grades.csv`.

Students need the course package as well: the cells below each answer check it.
A blank notebook gets 0 points, the solutions all of them.

nbgrader runs what students hand in as you, without a sandbox, beside the right
answers. For people whom you do not know, use `course grade`, which reads the same
notebooks and gives the same points.
"""


def export_course(root: Path, out: Path, lessons: Iterable[Lesson] = LESSONS) -> int:
    """Write source/, nbgrader_config.py and a README; return how many assignments.

    Raises:
        ValueError: `root` has no solutions, or `out` is not a new or empty folder.
        OSError: the folder cannot be written to.
    """
    found = with_solutions(Course(root, tuple(lessons)))
    if not found:
        raise ValueError(f"{root} has no solutions/ to make assignments from")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is not empty; name a new or an empty folder")
    for lesson in found:
        _write_assignment(lesson, root, out / "source" / lesson.name)
    (out / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    points = sum(lesson.points for lesson in found)
    facts = {"lessons": len(found), "points": points, "example": found[-1].name}
    (out / "README.md").write_text(README.format(**facts), encoding="utf-8")
    return len(found)


def _write_assignment(lesson: Lesson, root: Path, folder: Path) -> None:
    nb = read_notebook(solution_path(lesson, root))
    clear_outputs(nb)
    nb.metadata.pop("course", None)
    folder.mkdir(parents=True)
    (folder / f"{lesson.name}.ipynb").write_text(as_text(nb), encoding="utf-8")
