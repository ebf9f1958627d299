"""Do the checks reject wrong answers, say why, and accept right ones?

Counts the answers kept by hand in tests/mutants, then changes each solution by
machine, one place at a time. A changed solution that passes is called equivalent only
if it agrees with the solution on 1,000 inputs; every other survivor is listed.
"""

import json as json_format
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import Progress

from course_utils.answers.calls import Outcome
from course_utils.answers.execute import execute
from course_utils.answers.worker import run_source
from course_utils.authoring.mutants import read_mutants, solution, try_answer
from course_utils.checks.compare import alike
from course_utils.checks.judge import judge
from course_utils.checks.spec import load_check
from course_utils.syllabus import LESSONS, Exercise

ROOT = Path(__file__).parents[1]
STRESS = 1_000  # inputs on which an equivalent answer must agree
EXERCISES = [one for lesson in LESSONS for one in lesson.exercises]


def by_hand() -> dict[str, int]:
    """Return how many of the kept answers were judged as they must be."""
    count: Counter = Counter()
    for one in read_mutants(ROOT):
        verdict = try_answer(ROOT, one.exercise, one.code)
        count[one.kind] += 1
        count[f"{one.kind} {verdict.status}"] += 1
        count["diagnosed"] += one.kind == "known" and verdict.slip == one.slip
    return {
        "exercises": len(EXERCISES),
        "mutants": count["known"],
        "killed": count["known failed"],
        "diagnosed": count["diagnosed"],
        "unknown_mutants": count["unknown"],
        "unknown_killed": count["unknown failed"],
        "variants": count["right"],
        "variants_accepted": count["right passed"],
    }


def namespace_of(exercise: Exercise, code: str) -> dict:
    """Return what a notebook holds after the earlier solutions and `code`."""
    setup, answers = solution(ROOT, exercise.lesson)
    namespace: dict = {"__name__": "__main__"}
    run_source(setup, "setup", namespace)
    for name, source in answers.items():
        if name == exercise.id:
            break
        run_source(source, name, namespace)
    run_source(code, exercise.id, namespace)
    return namespace


def is_equivalent(exercise: Exercise, right: str, changed: str) -> bool:
    """Say whether two answers agree on at least 1,000 inputs."""
    rules = load_check(exercise.id)
    ours, theirs = namespace_of(exercise, right), namespace_of(exercise, changed)
    tried, seed = 0, 0
    while tried < STRESS:
        calls = rules.calls(1_000 + seed)
        a, b = (execute(calls, names, 1.0) for names in (ours, theirs))
        if len(a) != len(b) or not all(map(_alike, a.values(), b.values())):
            return False
        tried, seed = tried + len(calls), seed + 1
    return True


def _alike(one: Outcome, other: Outcome) -> bool:
    return alike(one, other)


def by_machine(exercise: Exercise) -> dict:
    """Return what became of the mechanical changes of one solution."""
    from benchmarks._mutation import mutations

    right = solution(ROOT, exercise.lesson)[1][exercise.id]
    found = {"mutants": 0, "killed": 0, "equivalent": 0, "survivors": []}
    for what, code in mutations(right):
        found["mutants"] += 1
        if any(not try_answer(ROOT, exercise.id, code, seed).passed for seed in (0, 1)):
            found["killed"] += 1
        elif is_equivalent(exercise, right, code):
            found["equivalent"] += 1
        else:
            found["survivors"].append(f"{exercise.id}, {what}")
    return found


def one_thread() -> None:
    """Keep the processes out of each other's way."""
    torch.set_num_threads(1)


def all_by_machine() -> dict:
    """Return the mechanical kill rate over all exercises, and who survived."""
    chosen = [one for one in EXERCISES if one.kind != "predict"]
    bars = Progress(console=Console(stderr=True))
    with ProcessPoolExecutor(initializer=one_thread) as pool, bars:
        bar = bars.add_task("changed by machine", total=len(chosen))
        parts = []
        for part in pool.map(by_machine, chosen):
            parts.append(part)
            bars.advance(bar)
    total = {
        name: sum(part[name] for part in parts)
        for name in ("mutants", "killed", "equivalent")
    }
    counted = total["mutants"] - total["equivalent"]
    survivors = [line for part in parts for line in part["survivors"]]
    rate = total["killed"] / max(counted, 1)
    return total | {"kill_rate": round(rate, 4), "survivors": survivors}


def seconds() -> dict[str, float]:
    """Return how long the check of each solution takes."""
    found = {}
    for one in EXERCISES:
        code = solution(ROOT, one.lesson)[1][one.id]
        names, rules = namespace_of(one, code), load_check(one.id)
        started = time.perf_counter()
        calls = rules.calls(0)
        judge(rules, one, calls, execute(calls, names))
        found[one.id] = round(time.perf_counter() - started, 3)
    return found


def lines(report: dict) -> Iterator[str]:
    """Yield the table in Markdown."""
    machine, times = report["mechanical"], sorted(report["seconds"].values())
    yield "| answers | number | judged as they must be |"
    yield "|-|-:|-:|"
    yield f"| wrong, known to the check | {report['mutants']} | {report['killed']} |"
    yield f"| … and diagnosed | {report['mutants']} | {report['diagnosed']} |"
    yield (
        f"| wrong, unknown to it | {report['unknown_mutants']} "
        f"| {report['unknown_killed']} |"
    )
    yield (
        f"| right, written another way | {report['variants']} "
        f"| {report['variants_accepted']} |"
    )
    yield (
        f"| changed by machine, {machine['equivalent']} equivalent ones aside "
        f"| {machine['mutants'] - machine['equivalent']} | {machine['killed']} |"
    )
    yield ""
    yield (
        f"{report['exercises']} exercises. A check takes {statistics.median(times):.2f}"
        f" s (median), at most {times[-1]:.2f} s."
    )
    for line in machine["survivors"]:
        yield f"- survivor: {line}"


def main(json: bool = False) -> dict:
    """Count, print the table, and raise AssertionError where the checks fall short."""
    report = by_hand() | {"mechanical": all_by_machine(), "seconds": seconds()}
    print(json_format.dumps(report, indent=1) if json else "\n".join(lines(report)))
    assert report["killed"] == report["mutants"], "a known wrong answer passes"
    assert report["unknown_killed"] == report["unknown_mutants"], "a wrong one passes"
    assert report["diagnosed"] >= 0.95 * report["mutants"], "diagnoses are wrong"
    assert report["variants_accepted"] == report["variants"], "a right one fails"
    rate = report["mechanical"]["kill_rate"]
    assert rate >= 0.95, f"only {rate:.1%} of the mechanical changes are noticed"
    return report


if __name__ == "__main__":
    main()
