"""A process of its own that runs a notebook's answers and makes the calls.

    python -m course_utils.answers.worker TASK OUT

TASK (two files, see `encode`) holds `setup`, `cells` {exercise: source}, `calls`
{exercise: {name: call}} and `seconds`. OUT receives {exercise: {name: outcome}};
OUT.progress names each exercise as it is done.
"""

import contextlib
import linecache
import os
import sys
from pathlib import Path

from course_utils.answers.calls import Outcome
from course_utils.answers.encode import read, write
from course_utils.answers.execute import execute
from course_utils.answers.limits import SlowError, time_limit

__all__ = ["call_answers", "main", "run_cells", "run_source"]

CELL_SECONDS = 10.0


def run_source(source: str, name: str, namespace: dict) -> str:
    """Execute a cell as a notebook would; return what went wrong, or nothing."""
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    plain = "\n".join(
        "pass" if line.startswith(("%", "!")) else line for line in source.splitlines()
    )
    try:
        with time_limit(CELL_SECONDS):
            exec(compile(plain, filename, "exec"), namespace)
    except NotImplementedError:
        return ""
    except SlowError:
        return f"the cell did not end within {CELL_SECONDS:g} s"
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"[:500]
    return ""


def run_cells(task: dict, note=lambda exercise: None) -> dict[str, dict[str, Outcome]]:
    """Execute the answers of a task in order, then make the calls of each exercise."""
    namespace = {"__name__": "__main__"}
    failed = {"": run_source(task["setup"], "setup", namespace)}
    for exercise, source in task["cells"].items():
        failed[exercise] = run_source(source, exercise, namespace)
    found = {}
    for exercise in task["calls"]:
        wrong = failed.get(exercise) or failed[""]
        found[exercise] = call_answers(task, exercise, namespace, wrong)
        note(exercise)
    return found


def call_answers(
    task: dict, exercise: str, namespace: dict, wrong: str = ""
) -> dict[str, Outcome]:
    """Make the calls of one exercise; `wrong` is what its cell has failed with."""
    found = execute(task["calls"][exercise], namespace, task["seconds"])
    for outcome in found.values():
        if outcome.status == "missing" and wrong:
            outcome.status, outcome.error = "error", wrong
    return found


def main(task: str, out: str) -> None:
    """Read the task, run it with nothing on the screen, write the outcomes."""
    import torch

    torch.set_num_threads(1)
    progress = Path(f"{out}.progress").open("a", buffering=1)
    silence = open(os.devnull, "w")
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        found = run_cells(read(Path(task)), lambda name: progress.write(f"{name}\n"))
    write(Path(out), found)


if __name__ == "__main__":
    main(*sys.argv[1:])
