"""The options of `course grade`: what each one takes, and what its help says."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ClassSeed",
    "Export",
    "Gradescope",
    "Jobs",
    "Json",
    "Late",
    "LessonOption",
    "Level",
    "Memory",
    "Out",
    "Required",
    "Resume",
    "Scheduler",
    "Seconds",
    "Seed",
    "Submissions",
    "Table",
    "Total",
]

Submissions = Annotated[
    Path | None,
    typer.Argument(
        help="A folder of student/NN_topic.ipynb or student_NN_topic.ipynb, or a zip."
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for results and gradebook.")
]
LessonOption = Annotated[
    str, typer.Option("--lesson", metavar="NN", help="Only this lesson.")
]
Jobs = Annotated[int, typer.Option(min=1, help="How many processes grade.")]
Seconds = Annotated[
    float, typer.Option("--timeout", min=1, help="Seconds for one submission.")
]
Memory = Annotated[float, typer.Option(min=1, help="GB of memory for one submission.")]
Required = Annotated[
    bool,
    typer.Option(
        "--require-sandbox/--allow-unsandboxed",
        help="Whether to refuse where nothing but limits confines a submission.",
    ),
]
Level = Annotated[
    str, typer.Option("--sandbox", help="bubblewrap, landlock or rlimits.")
]
Seed = Annotated[
    int | None, typer.Option(help="Draw the same inputs as a run with this seed.")
]
ClassSeed = Annotated[
    int | None,
    typer.Option(help="The seed that the class's exercises were made with."),
]
Resume = Annotated[
    bool, typer.Option("--resume/--force", help="Keep equal results, or grade all.")
]
Table = Annotated[Path | None, typer.Option(help="CSV file; see the manual.")]
Late = Annotated[Path | None, typer.Option(help="TOML file: what lateness costs.")]
Gradescope = Annotated[
    bool, typer.Option("--gradescope", help="Write results.json as well.")
]
Total = Annotated[
    bool,
    typer.Option(
        "--total", help="A column with what counts for a student in all lessons."
    ),
]
Scheduler = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Grade on this Dask cluster.")
]
Export = Annotated[
    Path | None, typer.Option(help="Write a course for nbgrader here, and stop.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
