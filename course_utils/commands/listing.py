"""`course list`: the lessons, a reader's progress, and routes through the course."""

from typing import Annotated

import typer

from course_utils.commands.console import fail, nearest, print_json, print_table
from course_utils.commands.places import root
from course_utils.progress import Progress, points_of, read_progress
from course_utils.syllabus import LESSONS, ROUTES, Lesson, Route, lesson

__all__ = ["list_lessons"]


def list_lessons(
    route: Annotated[
        str, typer.Option(help="Only the lessons of this route, with its minutes.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the lessons and how far you are."""
    progress = read_progress(root())
    chosen = _find_route(route) if route else None
    entries = _entries(chosen, progress)
    if as_json:
        print_json({"route": route, "lessons": entries} if chosen else entries)
        return
    title = f"{chosen.title}: {chosen.minutes} minutes" if chosen else "The lessons"
    print_table(
        title,
        ["lesson", "title", "question", "minutes", "points", "progress"],
        [_row(entry) for entry in entries],
        right=("minutes", "points"),
    )
    if chosen and chosen.later:
        typer.echo(chosen.later)
    typer.echo("Open one: course lab 02" + ("" if route else f" · routes: {_names()}"))


def _names() -> str:
    return ", ".join(one.name for one in ROUTES)


def _find_route(name: str) -> Route:
    for one in ROUTES:
        if one.name == name:
            return one
    close = nearest(name, [one.name for one in ROUTES])
    fail(f"There is no route {name!r}{close} Known: {_names()}.")


def _entries(route: Route | None, progress: Progress) -> list[dict]:
    if route is None:
        return [_entry(one, one.minutes, "", progress) for one in LESSONS]
    return [
        _entry(lesson(stop.lesson), stop.minutes, stop.note, progress)
        for stop in route.stops
    ]


def _entry(one: Lesson, minutes: int | None, note: str, progress: Progress) -> dict:
    days = progress.lessons.get(one.number, {})
    return {
        "lesson": one.number,
        "name": one.name,
        "title": one.title,
        "question": one.question,
        "minutes": minutes,
        "core": one.core,
        "extras": list(one.extras),
        "requires": list(one.requires),
        "note": note,
        "opened": days.get("opened"),
        "run": days.get("run"),
        "points": points_of(progress, one),
        "points_possible": one.points,
    }


def _row(entry: dict) -> list[str]:
    title = f"{entry['title']} ({entry['note']})" if entry["note"] else entry["title"]
    done = [f"{what} {entry[what]}" for what in ("opened", "run") if entry[what]]
    minutes = "" if entry["minutes"] is None else str(entry["minutes"])
    points, most = entry["points"], entry["points_possible"]
    got = f"{points:g} of {most}" if most else "–"
    state = ", ".join(done) or "–"
    return [entry["lesson"], title, entry["question"], minutes, got, state]
