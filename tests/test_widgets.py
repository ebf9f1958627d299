"""Explorers without a browser: state, four-part bundle, storyboard, live shell."""

import base64
import io
import re

import pytest
from PIL import Image

from course_utils.widgets import VIEW, Choice, Explorer, Slider, Switch, TextBox

ALT = "A line of dots along one axis, as many as the product of two numbers."


def compute(times, factor, double, word):
    if word == "bad":
        raise ValueError("the word 'bad' is not known; try 'good'")
    return {"count": times * factor * (2 if double else 1), "word": word}


def draw(fig, data):
    ax = fig.subplots()
    ax.plot(range(data["count"]), [0] * data["count"], "o")
    ax.set(xlabel="number", title="Dots multiply")
    return f"{data['count']} dots for {data['word']}."


@pytest.fixture
def explorer():
    controls = {
        "times": Slider(1, 9, 3, label="how often"),
        "factor": Choice([1, 2, 5], 2),
        "double": Switch(False),
        "word": TextBox("good", ("other",)),
    }
    return Explorer(compute, draw, controls, ALT)


def test_state_starts_at_the_defaults_and_reads_as_python(explorer):
    assert explorer.state == explorer.defaults
    line = explorer.state_line()
    assert line == "state=dict(times=3, factor=2, double=False, word='good')"
    assert eval(line.removeprefix("state=")) == explorer.state


def test_given_state_is_used_and_checked(explorer):
    again = Explorer(
        compute, draw, explorer.controls, ALT, state={"times": 9, "double": True}
    )
    assert again.data()["count"] == 36
    with pytest.raises(ValueError, match="no 'speed'; there are times, factor"):
        Explorer(compute, draw, explorer.controls, ALT, state={"speed": 1})
    with pytest.raises(ValueError, match="times=10 does not fit Slider"):
        explorer.data(times=10)


def test_short_description_is_refused(explorer):
    with pytest.raises(ValueError, match="shorter than 40"):
        Explorer(compute, draw, explorer.controls, "dots")


def test_bundle_has_four_parts(explorer):
    parts, metadata = explorer._repr_mimebundle_()
    assert set(parts) == {VIEW, "text/html", "image/png", "text/plain"}
    png = base64.b64decode(parts["image/png"])
    assert 2_000 < len(png) < 60_000
    assert parts["text/html"].startswith(
        '<figure style="margin:0"><img alt="A line of dots'
    )
    assert (
        "1. 2 dots for good. 2. 6 dots for good. 3. 18 dots for good."
        in (parts["text/html"])
    )
    assert len(metadata["image/png"]["alt"]) >= 40


def test_static_mode_leaves_the_widget_out(explorer, monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    parts, _ = explorer._repr_mimebundle_()
    assert set(parts) == {"text/html", "image/png", "text/plain"}


def test_storyboard_is_three_pictures_high(explorer):
    one = Image.open(io.BytesIO(explorer.picture().png)).size
    board = Image.open(io.BytesIO(explorer.storyboard().png)).size
    assert board[0] / one[0] == pytest.approx(108 / 144, rel=0.02)
    assert board[1] > 2.5 * one[1] * 108 / 144


def test_storyboard_can_be_chosen(explorer):
    own = [{"factor": 1}, {"factor": 5}]
    chosen = Explorer(compute, draw, explorer.controls, ALT, storyboard=own)
    assert [state["factor"] for state in chosen.states()] == [1, 5]
    assert "2. 15 dots" in chosen.storyboard().caption


def parts_of(explorer):
    box = explorer.widget
    rows, image, caption, line = box.children
    return rows.children, image, caption, line


def test_moving_a_control_redraws_description_caption_and_state(explorer):
    (times, *_), image, caption, line = parts_of(explorer)
    before = image.value
    times.value = 5
    alt = re.search(r'alt="([^"]*)"', image.value).group(1)
    assert alt == f"{ALT} 10 dots for good."
    assert image.value.split("base64,")[1] != before.split("base64,")[1]
    assert 'aria-live="polite"' in caption.value
    assert "10 dots for good." in caption.value
    assert "times=5" in line.value
    assert explorer.state["times"] == 5


def test_reset_returns_to_the_defaults_with_one_drawing(explorer):
    fields, image, _, _ = parts_of(explorer)
    start = image.value
    fields[0].value, fields[1].value = 9, 5
    changes = []
    image.observe(changes.append, "value")
    fields[-1].click()
    assert image.value == start
    assert len(changes) == 1
    assert explorer.state == explorer.defaults


def test_impossible_input_is_said_and_the_picture_stays(explorer):
    (*_, word, _), image, caption, _ = parts_of(explorer)
    before = image.value
    word.value = "bad"
    assert image.value == before
    assert 'role="alert"' in caption.value
    assert "is not known; try &#x27;good&#x27;" in caption.value
    assert explorer.state["word"] == "good"


def test_controls_are_labeled_and_report_once(explorer):
    fields, *_ = parts_of(explorer)
    labels = ["how often", "factor", "double", "word", "Reset"]
    assert [field.description for field in fields] == labels
    assert all(field.style.description_width == "initial" for field in fields[:-1])
    assert fields[0].continuous_update is False
    assert fields[3].continuous_update is False


def test_text_is_escaped_on_its_way_to_the_page(explorer):
    (*_, word, _), image, caption, line = parts_of(explorer)
    word.value = "<script>"
    assert "<script>" not in image.value + caption.value + line.value
    assert "&lt;script&gt;" in caption.value


def test_float_sliders_keep_their_fractions():
    field = Slider(0.1, 4.0, 1.0, 0.1).widget("temperature")
    field.value = 0.7
    assert field.value == pytest.approx(0.7)
    assert type(field).__name__ == "FloatSlider"


def test_samples_cover_the_ends():
    assert Slider(0, 9, 4).samples() == [0, 4, 9]
    assert Choice(list(range(20)), 7).samples() == [0, 7, 19]
    assert Switch(True).samples() == [True, False]
    assert TextBox("a", ("b",)).samples() == ["a", "b"]
