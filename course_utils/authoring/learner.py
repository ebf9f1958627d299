"""Make the learners' edition: the course without answers, tests and benchmarks.

The exercises are made from the solutions, so that no answer can be left in them. In
the README, what stands between `<!-- authors -->` and `<!-- /authors -->` is left out,
and so are the rows of a table about folders that learners do not get.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring.course import Course
from course_utils.authoring.exercise_build import with_solutions
from course_utils.authoring.exercises import learner_version
from course_utils.authoring.notebooks import NotebookError, as_text, read_notebook
from course_utils.checks.spec import load_check
from course_utils.checks.variants import seed_path, seed_text
from course_utils.syllabus import Lesson, exercise_path, solution_path

__all__ = ["FILES", "make_learner_tree"]

FILES = (
    "README.md",
    "pyproject.toml",
    "constraints.txt",
    "Makefile",
    "LICENSE",
    "LICENSE-TEXT",
    ".gitignore",
)
# Hidden files are an editor's or a reader's own: check points, backups, progress.
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
_AUTHORS = re.compile(
    r"^<!-- authors -->\n.*?^<!-- /authors -->\n"
    r"|[ \t]*<!-- authors -->.*?<!-- /authors -->",
    re.DOTALL | re.MULTILINE,
)
YOURS = "**Your class.** {text}\n\n"
_ROW = re.compile(r"\| (`[\w/]+/`(?:, `[\w/]+/`)*) \|.*")


def make_learner_tree(
    course: Course,
    out: Path,
    progress: Callable[[str], None] | None = None,
    class_seed: int | None = None,
) -> int:
    """Write the learners' edition to a new or empty folder; return its files' number.

    `progress` hears the name of each part before it is written. With `class_seed` it is
    the edition of one class: its transfer exercises differ from those of others.

    Raises:
        NotebookError: the folder cannot be used, or the markers of a solutions
            notebook are wrong.
    """
    tell = progress or (lambda part: None)
    _demand_empty(course, out)
    out.mkdir(parents=True, exist_ok=True)
    for folder in ("notebooks", course.package_name):
        tell(folder)
        shutil.copytree(course.root / folder, out / folder, ignore=IGNORED)
    tell("exercises")
    _write_exercises(course, out, class_seed)
    if class_seed is not None:
        path = seed_path(out / course.package_name)
        path.write_text(seed_text(class_seed), encoding="utf-8")
    for name in FILES:
        tell(name)
        if (course.root / name).is_file():
            shutil.copy2(course.root / name, out / name)
    readme = out / "README.md"
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        readme.write_text(_for_learners(text, out), encoding="utf-8")
    return sum(path.is_file() for path in out.rglob("*"))


def _demand_empty(course: Course, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise NotebookError(f"{out} is a file; name a new or an empty folder")
    found = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if found:
        more = ", …" if len(found) > 3 else ""
        raise NotebookError(
            f"{out} is not empty: it holds {', '.join(found[:3])}{more}; "
            "name a new or an empty folder"
        )
    for folder in ("notebooks", course.package_name):
        if out.resolve().is_relative_to((course.root / folder).resolve()):
            raise NotebookError(f"{out} lies in {folder}; name a folder outside it")


def _write_exercises(course: Course, out: Path, class_seed: int | None) -> None:
    (out / "exercises").mkdir()
    for lesson in with_solutions(course):
        solution = read_notebook(solution_path(lesson, course.root))
        exercises = learner_version(solution, lesson)
        if class_seed is not None:
            _say_what_varies(exercises, lesson, class_seed)
        text = as_text(exercises)
        exercise_path(lesson, out).write_text(text, encoding="utf-8")


def _say_what_varies(nb: NotebookNode, lesson: Lesson, class_seed: int) -> None:
    """Tell on the cards, above the hints, what is different for this class."""
    cards = {f"card-{one.name}": load_check(one.id).vary for one in lesson.exercises}
    for cell in nb.cells:
        if vary := cards.get(cell.get("id")):
            goal, hints, rest = cell.source.partition("<details>")
            yours = YOURS.format(text=vary(class_seed).text)
            cell.source = goal + yours + hints + rest


def _for_learners(text: str, tree: Path) -> str:
    """Return a README without what is for authors or about what is not there."""
    kept = []
    for line in _AUTHORS.sub("", text).split("\n"):
        row = _ROW.fullmatch(line)
        folders = re.findall(r"`([\w/]+)/`", row[1]) if row else []
        if not folders or any((tree / folder).is_dir() for folder in folders):
            kept.append(line)
    return "\n".join(kept)
