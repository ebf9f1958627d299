"""The board: what a row holds, who stands on the frontier, and what is refused."""

import dataclasses
import json

import pytest
import torch

from course_utils.card import make_card
from course_utils.contenders import contenders, plainly, with_cache, with_lean_loop
from course_utils.frontier import (
    Board,
    Contender,
    Row,
    bleu_of,
    measure_board,
    read_board,
    unseen_pairs,
)
from course_utils.translator import WEIGHTS, load_translator


def row(name="a", bleu=90.0, size=1000, faster=1.0):
    return Row(name, bleu, 0.9, size, 2.0, faster, faster, faster, 5.0)


def board(*rows):
    return Board(rows, "a machine", 10)


def test_a_row_is_beaten_by_one_that_is_nowhere_worse():
    first, equal = row(), row("b")
    better, other = row("c", size=900), row("d", bleu=80.0, faster=9.0)
    assert better.beats(first)
    assert not first.beats(better)
    assert not first.beats(equal)
    assert not other.beats(first)
    assert board(first, better, other).frontier() == [better, other]


def test_times_within_a_tenth_count_as_equal():
    first, quick, quicker = row(), row("b", faster=1.09), row("c", faster=1.2)
    assert not quick.beats(first)
    assert quicker.beats(first)
    assert row("d", size=900).beats(quick)
    assert not row("d", size=900).beats(quicker)


def test_a_time_whose_middle_half_meets_the_other_counts_as_equal():
    quicker = dataclasses.replace(row("c", faster=1.5), low=0.9, high=1.9)
    assert not quicker.beats(row())
    assert dataclasses.replace(quicker, low=1.4).beats(row())


def test_a_board_comes_back_from_its_file(tmp_path):
    made = board(row(), row("b", size=50, faster=4.0))
    path = made.save(tmp_path / "frontier.json")
    assert read_board(path) == made
    assert json.loads(path.read_text())["rows"][1]["bytes"] == 50


@pytest.mark.parametrize("text", ["", "{}", '{"version": 2, "rows": []}', "[]"])
def test_another_file_is_no_board(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x\.json holds no frontier board"):
        read_board(tmp_path / "x.json")


def test_the_table_and_the_picture_say_the_ratios():
    made = board(row(), row("<b>", size=50, faster=4.0))
    assert "20.0×" in repr(made)
    assert "4.00×" in repr(made)
    assert [made.smaller(one) for one in made.rows] == [1.0, 20.0]
    assert "&lt;b&gt;" in made._repr_html_()
    assert "<b>" not in made._repr_html_()
    [ax] = made.figure().axes
    assert "20.0 times smaller, 4.0 times faster" in ax.get_title("left")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(labels) == ["beaten", "no other beats it"]
    assert "0 kB, 4.0 times as fast, BLEU 90.0" in made.alt()


def test_a_board_needs_contenders_with_names_of_their_own():
    one = Contender("a", (), lambda: str)
    for wrong in ([], [one, one]):
        with pytest.raises(ValueError, match="name at least one"):
            measure_board(wrong)


def test_quality_bytes_and_speed_are_those_of_the_artifact(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(1234))
    pairs = unseen_pairs(8)
    known = {one.source: one.target for one in pairs}

    def slow(text):
        for _ in range(60):
            "".join(sorted(text * 50))
        return known[text]

    made = measure_board(
        [
            Contender("slow", (path, path), lambda: slow),
            Contender("quick, wrong", (path,), lambda: str.upper),
        ],
        pairs,
        rounds=3,
    )
    slow_row, quick = made.rows
    assert (slow_row.bleu, slow_row.exact, slow_row.bytes) == (
        pytest.approx(100.0),
        1.0,
        2468,
    )
    assert quick.bleu < 5
    assert (quick.exact, quick.bytes) == (0.0, 1234)
    assert slow_row.faster == 1.0
    assert quick.faster > 5


def test_the_first_call_of_anything_is_not_weighed():
    pages = []

    def load():
        if not pages:  # a library that is loaded once, and stays
            pages.append(torch.ones(10_000_000))
        return str.upper

    [only] = measure_board([Contender("x", (), load)], unseen_pairs(2), rounds=1).rows
    assert only.peak_mb < 20


def test_the_quality_alone_is_that_of_the_board():
    pairs = unseen_pairs(6, seed=4)
    [only] = measure_board(contenders()[2:3], pairs, rounds=1, timed=1).rows
    assert bleu_of(contenders()[2], [pairs, pairs[:2]])[0] == only.bleu


def test_a_board_is_measured_with_one_thread_whatever_the_notebook_has():
    pairs, seen = unseen_pairs(2), set()

    def translate(text):
        seen.add(torch.get_num_threads())
        return text

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        measure_board([Contender("x", (), lambda: translate)], pairs, rounds=1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == {1}


def test_sentences_of_the_board_are_unseen_and_the_same_each_time():
    assert unseen_pairs(5) == unseen_pairs(5)
    assert len(unseen_pairs()) == 200
    assert unseen_pairs(5, seed=1) != unseen_pairs(5)


# --- the course's contenders -------------------------------------------------------


def test_all_ways_to_run_the_original_write_the_same():
    translator = load_translator("fr")
    texts = [one.source for one in unseen_pairs(12)]
    wanted = [plainly(translator)(text) for text in texts]
    for run in (with_cache, with_lean_loop):
        translate = run(translator)
        assert [translate(text) for text in texts] == wanted


def test_every_contender_weighs_all_its_files_and_translates():
    found = contenders("fr")
    size = sum(
        (WEIGHTS / f"translator.{x}").stat().st_size for x in ("safetensors", "json")
    )
    assert found[0].name == "original"
    assert found[0].bytes == size
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.load()("the teacher reads a book.")


# --- the card ----------------------------------------------------------------------


def test_a_card_shows_what_the_board_has_measured():
    made = board(row(), row("mine", size=50, faster=4.0))
    card = make_card(made, "mine", "we sleep.", "nous dormons.")
    assert card.numbers() == [
        ("0 kB", "20.0× smaller"),
        ("2.0 ms", "a sentence, 4.0× as fast"),
        ("90.0", "BLEU on unseen sentences"),
    ]
    assert "we sleep. → nous dormons." in card.picture().alt
    assert card.as_json()["row"] == dataclasses.asdict(made.rows[1])


def test_a_card_of_nobody_names_who_there_is():
    with pytest.raises(ValueError, match="no row 'x'; it has: a, b"):
        make_card(board(row(), row("b")), "x", "", "")
