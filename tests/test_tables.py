"""Tables of measurements line up, and mark their heads."""

from course_utils.tables import html_table, text_table

ROWS = [("", "ms", "faster"), ("<plain>", "12.5", "1.00"), ("lean", "3", "4.17")]


def test_columns_line_up():
    assert text_table(ROWS, "a note").split("\n") == [
        "           ms  faster",
        "<plain>  12.5    1.00",
        "lean        3    4.17",
        "a note",
    ]


def test_heads_are_heads_and_texts_are_escaped():
    html = html_table(ROWS, "a < b")
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 2
    assert "&lt;plain&gt;" in html
    assert "<plain>" not in html
    assert "a &lt; b</caption>" in html
