"""Write the README's lesson map from what the lessons measured.

A cell tagged `headline` prints the one line that a lesson has measured. The map quotes
it, so no number in the README is typed.
"""

from pathlib import Path

from course_utils.authoring.notebooks import read_notebook
from course_utils.files import replace_text
from course_utils.syllabus import LESSONS

__all__ = ["fill", "headline", "lesson_map", "render", "write"]


def headline(path: Path) -> str:
    """Return the first line that the lesson's headline cell printed, or nothing."""
    for cell in read_notebook(path).cells:
        if "headline" in cell.metadata.get("tags", []):
            texts = [out.text for out in cell.outputs if out.output_type == "stream"]
            return "".join(texts).strip().splitlines()[0] if texts else ""
    return ""


def lesson_map(notebooks: Path) -> str:
    """Return the table of all lessons: number, question, what it measured."""
    rows = ["| | Lesson | Question | Measured when the lesson was built |", "|-|-|-|-|"]
    for lesson in LESSONS:
        name = f"{lesson.number}_{lesson.topic}.ipynb"
        link = f"[{lesson.title}](notebooks/{name})"
        measured = headline(notebooks / name)
        rows.append(f"| {lesson.number} | {link} | {lesson.question} | {measured} |")
    return "\n".join(rows)


def fill(text: str, name: str, content: str) -> str:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: the text has no such pair of marks.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the text lacks the marks {start} and {end}; add both lines")
    return f"{before}{start}\n{content.strip()}\n{end}{after}"


def render(root: Path) -> str:
    """Return the README of the course at `root` with its lesson map up to date."""
    text = (root / "README.md").read_text(encoding="utf-8")
    return fill(text, "lessons", lesson_map(root / "notebooks"))


def write(root: Path) -> bool:
    """Bring the README up to date; return whether anything changed."""
    path, new = root / "README.md", render(root)
    if path.read_text(encoding="utf-8") == new:
        return False
    replace_text(path, new)
    return True
