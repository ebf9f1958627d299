"""Checks reject wrong answers with the right diagnosis, and accept right ones."""

from collections import Counter
from pathlib import Path

import pytest

from course_utils.answers.execute import execute
from course_utils.authoring.mutants import read_mutants, solution, try_answer
from course_utils.checks.spec import load_check
from course_utils.syllabus import LESSONS

ROOT = Path(__file__).parents[1]
MUTANTS = list(read_mutants(ROOT))
EXERCISES = [one for lesson in LESSONS for one in lesson.exercises]
pytestmark = [pytest.mark.no_typecheck]


def names(kind):
    chosen = [one for one in MUTANTS if one.kind == kind]
    count = Counter()
    ids = []
    for one in chosen:
        count[one.exercise] += 1
        ids.append(f"{one.exercise}-{one.slip or kind}-{count[one.exercise]}")
    return {"argvalues": chosen, "ids": ids}


@pytest.mark.parametrize("mutant", **names("known"))
def test_a_known_slip_is_rejected_by_its_name(mutant):
    verdict = try_answer(ROOT, mutant.exercise, mutant.code)
    assert verdict.status == "failed", verdict.text
    assert verdict.slip == mutant.slip, verdict.text


@pytest.mark.parametrize("mutant", **names("unknown"))
def test_a_slip_that_the_check_does_not_know_is_rejected(mutant):
    verdict = try_answer(ROOT, mutant.exercise, mutant.code)
    assert verdict.status == "failed", verdict.text


@pytest.mark.parametrize("mutant", **names("right"))
def test_a_right_answer_written_another_way_is_accepted(mutant):
    for seed in (0, 1):
        verdict = try_answer(ROOT, mutant.exercise, mutant.code, seed)
        assert verdict.passed, verdict.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_enough_answers_are_kept_for_an_exercise(exercise):
    kinds = Counter(one.kind for one in MUTANTS if one.exercise == exercise.id)
    assert kinds["known"] + kinds["unknown"] >= 6
    assert kinds["known"] >= 3
    assert kinds["unknown"] >= 3
    assert kinds["right"] >= 2


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_the_solution_scores_full_points(exercise):
    code = solution(ROOT, exercise.lesson)[1][exercise.id]
    for seed in (0, 1, 2):
        verdict = try_answer(ROOT, exercise.id, code, seed)
        assert verdict.points == exercise.points, verdict.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_the_right_answer_of_a_check_fails_only_where_an_error_is_asked_for(exercise):
    rules = load_check(exercise.id)
    for outcome in execute(rules.calls(0), rules.answer).values():
        assert outcome.status in ("value", "error")
        assert outcome.status == "value" or outcome.error.startswith("ValueError:")
        assert outcome.changed == []
