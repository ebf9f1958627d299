"""`course bench`: the table is shown, kept, and red when a claim falls short."""

import json

import pytest

SCRIPT = """
def main(json):
    print('{"ratio": 1.1}' if json else "| block | ratio |")
"""
SHORT = """
def main(json):
    print("| block | ratio |")
    assert 0.5 > 0.95, "encoder layer: 0.50 of torch's speed, 0.95 claimed"
"""
MUTE = "def main(json):\n    assert False\n"


@pytest.fixture
def benchmarks(root):
    """A folder with three benchmarks and a file that is none."""
    folder = root / "benchmarks"
    folder.mkdir()
    scripts = {"blocks": SCRIPT, "short": SHORT, "mute": MUTE, "_helper": ""}
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_benchmarks_are_listed(course, benchmarks):
    assert "Benchmarks: blocks, mute, short" in course("bench").out
    assert course("bench", "--json").json == ["blocks", "mute", "short"]


def test_a_course_without_benchmarks(course, root):
    assert course("bench").out == "Benchmarks: none yet\n"


def test_the_table_is_shown_and_kept(course, benchmarks):
    called = course("bench", "blocks")
    assert called.code == 0
    assert called.out == "| block | ratio |\n"
    assert "keep the machine quiet" in called.err
    kept = benchmarks / "results" / "blocks.md"
    assert kept.read_text() == "| block | ratio |\n"
    assert "benchmarks/results/blocks.md" in called.err.replace("\\", "/")


def test_json_prints_only_json(course, benchmarks):
    called = course("bench", "blocks", "--json")
    assert called.json == {"ratio": 1.1}
    kept = benchmarks / "results" / "blocks.json"
    assert json.loads(kept.read_text()) == called.json


@pytest.mark.parametrize(
    ("name", "words"),
    [("short", "0.50 of torch's speed, 0.95 claimed"), ("mute", "does not hold")],
)
def test_a_claim_that_falls_short_is_one(course, benchmarks, name, words):
    called = course("bench", name)
    assert called.code == 1
    assert f"{name} falls short: " in called.err
    assert words in called.err


def test_a_failed_measurement_leaves_the_old_table_alone(course, benchmarks):
    kept = benchmarks / "results" / "mute.md"
    kept.parent.mkdir()
    kept.write_text("| old |")
    assert course("bench", "mute").out == ""
    assert kept.read_text() == "| old |"


def test_the_readme_quotes_the_table(course, benchmarks, root):
    readme = root / "README.md"
    readme.write_text("a\n<!-- blocks -->\nold\n<!-- /blocks -->\nb\n")
    assert course("bench", "blocks").code == 0
    assert "old" in readme.read_text()
    for _ in range(2):
        assert course("bench", "blocks", "--readme").code == 0
        table = "<!-- blocks -->\n| block | ratio |\n<!-- /blocks -->"
        assert readme.read_text() == f"a\n{table}\nb\n"


def test_a_readme_without_a_place_for_the_table(course, benchmarks, root):
    (root / "README.md").write_text("<!-- blocks -->\n")
    called = course("bench", "blocks", "--readme")
    assert called.code == 1
    assert "lacks the marks <!-- blocks --> and <!-- /blocks -->" in called.err
    assert (root / "README.md").read_text() == "<!-- blocks -->\n"


def test_an_unknown_benchmark_is_answered_with_the_nearest(course, benchmarks):
    called = course("bench", "block")
    assert called.code == 2
    assert "no benchmark 'block'; did you mean blocks?" in called.err
