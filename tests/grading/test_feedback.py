"""Feedback: concrete and kind, the same in both forms, and nobody else's markup."""

import re
from datetime import UTC, datetime

import mistune
import pytest
from markdown_it import MarkdownIt

from course_utils.checks.messages import SLIPS
from course_utils.checks.spec import load_check
from course_utils.grading.advice import asked, next_step, place, sentence
from course_utils.grading.feedback import (
    feedback_html,
    feedback_markdown,
    write_feedback,
)
from course_utils.grading.policy import LatePolicy, Override, Person, Rules, Submitted
from course_utils.grading.results import STATUSES
from course_utils.grading.safe import (
    card_html,
    clean,
    code_markdown,
    marked_html,
    marked_markdown,
    plain_markdown,
)
from course_utils.grading.wording import NEXT_STEPS, START
from course_utils.syllabus import LESSONS
from tests.grading.made import HOSTILE, result, verdict, whole_class
from tests.grading.pages import Page

EXERCISES = [one for lesson in LESSONS for one in lesson.exercises]
SOME = {"scores": "no-scale", "bias": None}
ADA = Rules(roster={"ada": Person("ada", "Ada <b>Lovelace</b>")})


def rendered(markdown):
    """Return Markdown as two renderers see it, tables and bare addresses included."""
    full = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    plugins = ["strikethrough", "table", "url", "footnotes", "task_lists", "math"]
    return [
        full.render(markdown),
        mistune.html(markdown),
        mistune.create_markdown(plugins=plugins, escape=False)(markdown),
    ]


def test_a_page_greets_and_says_what_is_right():
    page = Page(feedback_html(result(slips=SOME), rules=ADA))
    page.check_frame()
    assert page.texts("h1") == ["Feedback for Ada <b>Lovelace</b>"]
    assert "Hello Ada <b>Lovelace</b>, 3 of 5 exercises are right." in page.text
    assert "8 of 13 points" in page.text


def test_a_failed_exercise_says_all_that_helps():
    page = Page(feedback_html(result(slips=SOME)))
    assert page.texts("h3") == [
        "Score every pair ✗ not yet · 0 of 2 points",
        "A bias for some pairs – not attempted · 0 of 3 points",
    ]
    failed, blank = page.texts("dl")
    for text in (
        "What was asked",
        "Complete the function for all queries at once, and scale the result.",
        "came back float32",
        "divide by √D",
        "section “One more thing: the scale”",
        "Next step",
    ):
        assert text in failed
    assert "Likely slip" not in blank
    assert START["transfer"] in blank


def test_html_and_markdown_say_the_same():
    for made in whole_class():
        page = Page(feedback_html(made))
        words = re.findall(r"\w+", " ".join(page.texts("dd")))
        page = Page(MarkdownIt("commonmark").render(feedback_markdown(made)))
        assert not set(words) - set(re.findall(r"\w+", page.text))


def test_all_right_is_praised_and_asks_for_nothing():
    page = Page(feedback_html(result()))
    assert "all 5 exercises are right. Well done!" in page.text
    assert page.all("dl") == []
    assert "Next step" not in feedback_markdown(result())


def test_nothing_right_is_no_verdict_on_the_person():
    blank = result(
        slips=dict.fromkeys(("scores", "attention", "bias", "mend", "leaks"))
    )
    assert "that can change quickly" in feedback_html(blank)


@pytest.mark.parametrize("status", [one for one in STATUSES if one != "graded"])
def test_a_status_without_points_says_what_to_do(status):
    page = Page(feedback_html(result(status=status)))
    page.check_frame()
    assert "No points yet" in page.text
    assert "hello ada, " in page.text.lower()
    assert len(page.texts("p")[0]) > 60


def test_lateness_and_overrides_stand_beside_the_computed_points():
    due = datetime(2026, 3, 1, tzinfo=UTC)
    rules = Rules(
        late=LatePolicy({"02": due}, percent_a_day=10),
        times={("ada", "02"): Submitted(due.replace(day=2))},
        overrides=(Override("ada", "02", "02-scores", 1, "*half* of it"),),
    )
    for text in (
        Page(feedback_html(result(slips=SOME), rules=rules)).text,
        Page(rendered(feedback_markdown(result(slips=SOME), rules=rules))[0]).text,
    ):
        assert "8.1 of 13 points count; 8 were computed" in text
        assert "1 day late: 90 % count" in text
        assert "override of 02-scores to 1: *half* of it" in text


def test_sections_become_links_where_there_are_notebooks():
    made = result(slips=SOME)
    assert Page(feedback_html(made)).all("a") == []
    link = Page(feedback_html(made, lessons="../notebooks/")).all("a")[0]
    address = "../notebooks/02_attention.ipynb#One-more-thing:-the-scale"
    assert link["attrs"]["href"] == address
    assert link["text"].startswith("Lesson 02 · Attention, section")
    assert f"(<{address}>)" in feedback_markdown(made, lessons="../notebooks")


def test_several_lessons_stand_on_one_page():
    page = Page(feedback_html(result(slips=SOME), result(number="03")))
    page.check_frame()
    assert page.texts("h2") == [
        "Lesson 02 · Attention",
        "Lesson 03 · Multi-head attention",
    ]
    assert "All 5 exercises are right." in page.text


def test_pages_are_written_for_all_and_for_who_is_missing(tmp_path):
    rules = Rules(roster={"tom": Person("tom", "Tom")})
    paths = write_feedback(tmp_path, [result(), result(number="03")], rules)
    assert [path.name for path in paths] == ["ada.html", "tom.html"]
    assert "There is no notebook of yours".lower() in paths[1].read_text().lower()
    assert paths[0].with_suffix(".md").read_text().startswith("# Feedback for ada\n")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_students_made_is_plain_text_in_both_forms(hostile):
    made = result(hostile, slips={"scores": "", "bias": "own", "mend": "uses-global"})
    for one in made.exercises:
        one.update(returned=hostile, called=hostile, advice=hostile, expected=hostile)
    page = feedback_html(made)
    Page(page).check_frame()
    markdown = feedback_markdown(made)
    for text in (page, markdown):
        assert all(c.isprintable() or c == "\n" for c in text)
        text.encode()
    for html in rendered(markdown):
        found = Page(html)
        tags = {one["tag"] for one in found.elements}
        assert tags <= {"h1", "h2", "h3", "p", "ul", "li", "strong", "em", "code"}
        assert len(found.all("h1")) == 1
        assert len(found.all("h3")) == 3
        assert clean(hostile) in re.sub(r"\s+", " ", found.text)


@pytest.mark.parametrize(
    "text",
    [
        "www.evil.org",
        "https://evil.org",
        "- item",
        "1. item",
        "12) item",
        "+ x",
        "a_b_c",
        "~~gone~~",
        "&lt;b&gt;",
        "$x^2$",
        "[^1]: note",
        "![i](x)",
        "| a | b |",
        "=====",
        "```",
        "    code",
        "\\*",
        "<https://x.y>",
        "#### x",
        "> quote",
        "a\u2028# b",
    ],
)
def test_markdown_shows_any_text_as_it_is(text):
    for html in rendered(f"{plain_markdown(text)}\n"):
        page = Page(html)
        assert {one["tag"] for one in page.elements} == {"p"}
        assert page.text.strip() == clean(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc\r\nd", "a b c d"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x9b31mred", "red"),
        ("a\u202eb\u2066c\u200bd\ufeffe", "abcde"),
        ("e\u0301", "é"),
        ("\ud800x\x00", "x"),
        ("نمی\u200cشد", "نمی\u200cشد"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_clean_text_is_one_visible_line(text, shown):
    assert clean(text) == shown


def test_our_sentences_keep_their_code_and_nothing_else():
    ours = "use `x[...] < 2`, *not* <b>"
    assert marked_html(ours) == ("use <code>x[...] &lt; 2</code>, *not* &lt;b&gt;")
    assert marked_markdown(ours) == r"use `x[...] < 2`, \*not\* &lt;b&gt;"
    assert card_html("`a*b*` is **bold**, *so* <i>") == (
        "<code>a*b*</code> is <strong>bold</strong>, <em>so</em> &lt;i&gt;"
    )
    assert code_markdown("a `b` c") == "`a 'b' c`"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_every_exercise_says_what_it_asks_for(exercise):
    told = asked(exercise)
    assert 1 <= len(told) <= 2
    for text in told:
        assert len(text) > 10
        assert "\n" not in text
        assert "Hint" not in text
        assert not text.endswith(":")


def test_an_exercise_without_its_card_names_what_to_define(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    asked.cache_clear()
    assert asked(EXERCISES[0]) == ("Define `share_right`.",)
    asked.cache_clear()


@pytest.mark.parametrize("slip", ["no-scale", "keys-first"])
def test_a_known_slip_speaks_with_our_words_whatever_was_recorded(slip):
    known = next(one for one in load_check("02-scores").slips if one.name == slip)
    recorded = verdict("02-scores", "failed", slip, advice="<script>")
    assert sentence(recorded) == known.text
    assert (known.section or "loop first") in place(recorded).text


@pytest.mark.parametrize("slip", SLIPS)
def test_a_general_slip_has_a_sentence_for_a_class_without_gaps(slip):
    text = sentence({"exercise": "02-scores", "slip": slip}, of_class=True)
    assert len(text) > 20
    assert "{" not in text
    assert "{" not in sentence({"exercise": "02-scores", "slip": slip})


def test_ready_made_code_is_answered_with_the_exercise_own_reason():
    (reason,) = set(load_check("01-softmax").forbids.values())
    assert sentence({"exercise": "01-softmax", "slip": "forbidden"}) == reason


def test_a_recorded_text_comes_back_plain():
    recorded = verdict("02-scores", "failed", advice="It stops at `os.<b>\x1b[1m`.")
    assert sentence(recorded) == "It stops at 'os.<b>'."


@pytest.mark.parametrize(
    "kind", ["complete", "rebuild", "transfer", "debug", "predict"]
)
def test_every_kind_of_exercise_has_a_next_step_and_a_start(kind):
    one = next(exercise for exercise in EXERCISES if exercise.kind == kind)
    assert next_step(verdict(one.id, "failed")) == NEXT_STEPS[kind]
    assert next_step(verdict(one.id, "not attempted")) == START[kind]


def test_an_exercise_that_nobody_knows_is_shown_by_its_id():
    made = result(slips=SOME)
    made.exercises[0]["exercise"] = "02-<gone>"
    page = Page(feedback_html(made))
    page.check_frame()
    assert page.texts("h3")[0].startswith("02-<gone> ✗ not yet")
