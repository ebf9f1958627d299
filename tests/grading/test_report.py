"""The class report: says the truth first, loads nothing, and runs nobody's markup."""

import dataclasses
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from course_utils.grading import report
from course_utils.grading.handback import hand_back
from course_utils.grading.page import STYLE, bar
from course_utils.grading.policy import LatePolicy, Override, Person, Rules, Submitted
from course_utils.grading.report import class_report, write_report
from course_utils.grading.results import STATUSES
from tests.grading.made import HOSTILE, result, whole_class
from tests.grading.pages import Page, contrast, palettes


def read(results, rules=None, gaps=lambda level: []):
    return Page(class_report(results, rules, gaps))


def row_of(page, name):
    return next(text for text in page.texts("tr") if text.startswith(name))


def test_the_page_is_self_contained_and_in_order():
    text = class_report(whole_class(), gaps=lambda level: [])
    Page(text).check_frame()
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_the_title_says_how_many_were_graded():
    assert read(whole_class()).texts("h1") == ["Lesson 02 · Attention: 15 of 19 graded"]
    both = [result(), result(number="03", status="died")]
    assert read(both).texts("h1") == ["2 lessons: 1 of 2 submissions graded"]


def test_nothing_at_all_is_a_page_too():
    page = read([])
    page.check_frame()
    assert "no submissions" in page.texts("h1")[0]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_counted_and_explained(status):
    others = [result("ben"), result("cleo", status="unreadable")]
    page = read([result(status=status), *others])
    page.check_frame()
    label = status.replace("_", " ")
    row = row_of(page, label)
    assert len(row) > len(label) + 10
    assert row.endswith("2" if status in ("graded", "unreadable") else "1")


def test_statuses_come_before_anything_about_points():
    page = read(whole_class())
    heads = page.texts("h2")
    assert heads[0] == "First, what happened"
    assert heads[1] == "Who needs a look"


def test_what_is_not_guaranteed_is_said_for_each_level():
    mixed = [result(), dataclasses.replace(result("ben"), sandbox="rlimits")]
    gaps = {"rlimits": ["the network can be reached"], "bubblewrap": []}
    page = read(mixed, gaps=gaps.get)
    assert "Isolation: bubblewrap (1), rlimits (1)" in page.text
    assert "What rlimits does not guarantee" in page.texts("h3")
    assert "the network can be reached" in page.texts("li")
    assert "bubblewrap: no gap is known" in page.text


def test_the_gaps_are_those_that_the_sandbox_names():
    text = class_report([dataclasses.replace(result(), sandbox="rlimits")])
    assert "What rlimits does not guarantee" in Page(text).texts("h3")


def test_nobody_needs_a_look_where_all_is_well():
    assert "Nobody: everything was graded" in read([result(), result("ben")]).text


def test_equal_files_are_named_to_each_other_and_blank_ones_apart():
    page = read(whole_class())
    assert "the same file as milo" in row_of(page, "lena")
    assert "nothing in it was attempted" in row_of(page, "nadia")
    assert "the same file" not in row_of(page, "ada")


def test_one_student_may_hand_in_equal_files_for_two_lessons():
    same = {"fingerprint": "one"}
    page = read([result(**same), result("ben", number="03", **same)])
    assert "the same file" not in page.text


def test_trouble_is_told_with_its_message():
    page = read(whole_class(), Rules(roster={"ada": Person("ada")}))
    assert "timeout: stopped after 60 s" in row_of(page, "petra")
    assert "refused: 02_attention.ipynb is a link" in row_of(page, "rosa")
    assert "not on the roster" in row_of(page, "ben")


def test_the_spread_counts_every_graded_submission_once():
    results = [result("ada"), result("ben", slips={"leaks": "choice-a"})]
    results += [result("cleo", slips=dict.fromkeys(("attention", "bias", "mend")))]
    page = read([*results, result("dan", status="died")])
    assert row_of(page, "all points") == "all points1"
    assert row_of(page, "80 to 99") == "80 to 99 %1"
    assert row_of(page, "20 to 39") == "20 to 39 %1"
    assert row_of(page, "40 to 59") == "40 to 59 %0"
    assert "1 have all of them" in page.text


def test_the_hardest_exercise_stands_first():
    results = [
        result("ada", slips={"bias": "bias-ignored", "mend": None}),
        result("ben", slips={"bias": "bias-ignored"}),
    ]
    page = read(results)
    rows = [text for text in page.texts("tr") if text.endswith("%")]
    assert rows[0] == "02-bias A bias for some pairs0 %100 %"
    assert rows[1].startswith("02-mend")
    assert rows[1].endswith("50 %50 %")


def test_diagnoses_are_counted_and_have_their_sentence():
    page = read(whole_class())
    cells = [text for text in page.texts("tr") if "choice-a" in text]
    assert cells[0].startswith("4Cell (0, 0) lets the first word look at itself.")
    assert "worth reading these answers" in page.text
    assert "one of {" not in page.text
    assert "{got}" not in page.text


def test_a_recorded_text_never_reaches_the_report():
    told = result(slips={"bias": "of-its-own", "scores": ""})
    page = read([told])
    assert "recorded advice" not in page.text
    assert "of-its-own" in page.text


def test_rare_slips_are_summed():
    slips = ("bias-ignored", "bias-scaled", "bias-after-softmax", "bias-subtracted")
    several = (*slips, "bias-multiplied", "bias-unhides")
    results = [
        result(f"s{place}", slips={"bias": slip}) for place, slip in enumerate(several)
    ]
    assert "22 more kinds of slip" in read(results).text


def test_each_name_leads_to_a_page_that_exists(tmp_path):
    results = [*whole_class(), *(result(name) for name in HOSTILE)]
    roster = {"tomás": Person("tomás", "Tomás")}
    hand_back(tmp_path, results, Rules(roster), total=True, gradescope=True)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    targets = {unquote(one["attrs"]["href"]) for one in page.all("a")}
    assert len(targets) == len(results) + 1
    assert all((tmp_path / target).is_file() for target in targets)
    assert (tmp_path / "gradebook.csv").is_file()


def test_changed_points_are_shown_with_the_computed_ones_and_why():
    due = datetime(2026, 3, 1, tzinfo=UTC)
    late = Submitted(due.replace(day=2))
    rules = Rules(
        late=LatePolicy({"02": due}, percent_a_day=10),
        times={("ada", "02"): late, ("ben", "02"): Submitted(due)},
        overrides=(
            Override("ben", "02", "*", 4, "a word with him"),
            Override("bne", "02", "*", 4, "a word with him"),
        ),
    )
    page = read([result(), result("ben", status="died")], rules)
    changes = page.texts("tr")[-2:]
    assert changes[0] == "ada11.7 of 13 counts, 13 computed1 day late: 90 % count"
    assert "4 of 13 counts, none computed" in changes[1]
    assert "a word with him" in changes[1]
    assert "bne, 02, *" in page.texts("li")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_students_made_is_plain_text(hostile):
    trouble = result(hostile, status="died", message=hostile * 3, fingerprint=hostile)
    named = dataclasses.replace(result(hostile, number="03"), sandbox=hostile[:20])
    text = class_report([trouble, named], gaps=lambda level: [])
    Page(text).check_frame()
    assert "<script" not in text
    assert "<img" not in text
    assert all(c.isprintable() or c == "\n" for c in text)
    text.encode()


def test_a_lesson_that_nobody_knows_does_not_stop_the_report():
    odd = dataclasses.replace(result(status="unreadable"), lesson="")
    read([odd]).check_frame()
    strange = dataclasses.replace(result(), lesson="77", max_points=0)
    read([strange]).check_frame()


def test_the_same_class_gives_the_same_page(tmp_path):
    first = write_report(tmp_path, whole_class()).read_bytes()
    assert write_report(tmp_path, whole_class()[::-1]).read_bytes() == first


def test_a_bar_says_its_value_and_stays_within_its_track():
    assert 'width:100%"' in bar(7.0, "7")
    assert 'width:0%"' in bar(-1.0, "-1")
    assert ">1 of 2<" in bar(0.5, "1 of 2")


@pytest.mark.parametrize("place", [0, 1, 2], ids=["light", "dark", "print"])
def test_colors_can_be_read(place):
    colors = palettes(STYLE)[place]
    for back in ("paper", "tint"):
        for ink in ("ink", "soft", "link", "bad", "good"):
            assert contrast(colors[ink], colors[back]) >= 4.5, (ink, back)
        assert contrast(colors["bar"], colors[back]) >= 3


def test_the_default_gaps_come_from_the_sandbox():
    assert list(report._known_gaps("rlimits"))
