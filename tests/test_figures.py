"""The figure helpers: one style, a required description, honest cells."""

import base64
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from course_utils import figures, plots

ALT = "A bar chart of milliseconds by method: ours needs a third of the naive time."


@pytest.fixture
def bar_picture():
    fig = figures.figure()
    ax = fig.subplots()
    figures.bars(ax, {"naive": 3.2, "ours": 1.1}, "ms", {"naive": "baseline"})
    return figures.show(fig, ALT, "Ours needs a third of the time.")


def test_show_has_html_png_and_text(bar_picture):
    parts, metadata = bar_picture._repr_mimebundle_()
    assert set(parts) == {"text/html", "image/png", "text/plain"}
    assert parts["text/html"].startswith(f'<figure style="margin:0"><img alt="{ALT}"')
    assert (
        "<figcaption>Ours needs a third of the time.</figcaption>" in parts["text/html"]
    )
    assert metadata["image/png"]["alt"] == ALT
    assert parts["text/plain"] == f"{ALT}\nOurs needs a third of the time."


def test_png_is_small_and_shows_something(bar_picture):
    image = Image.open(io.BytesIO(bar_picture.png))
    assert image.mode == "P"
    assert image.size == (864, 432)
    assert 2_000 < len(bar_picture.png) < 15_000
    assert len(image.convert("RGB").getcolors(100_000)) > 10
    assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_same_figure_same_bytes():
    def draw():
        fig = figures.figure()
        figures.lines(fig.subplots(), [1, 2, 3], {"ours": [3, 2, 1]})
        return figures.png_bytes(fig)

    assert draw() == draw()


@pytest.mark.parametrize("alt", ["", "a picture", "too short" + " " * 60])
def test_description_is_required(alt):
    with pytest.raises(ValueError, match="fewer than 40; say the kind of chart"):
        figures.show(figures.figure(), alt)


def test_description_is_escaped():
    alt = 'A chart of "losses" <img> & more, forty characters long at least'
    html = figures.show(figures.figure(), alt).to_html()
    assert "&quot;losses&quot; &lt;img&gt; &amp; more" in html


def test_save_writes_the_png(bar_picture, tmp_path):
    bar_picture.save(tmp_path / "bars.png")
    assert (tmp_path / "bars.png").read_bytes() == bar_picture.png
    assert base64.b64encode(bar_picture.png).decode() in bar_picture.to_html()


def test_import_changes_neither_style_nor_backend():
    code = (
        "import matplotlib; before = matplotlib.rcParams.copy(); import sys\n"
        "import course_utils.figures\n"
        "assert matplotlib.rcParams.copy() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False)
    assert done.returncode == 0


def test_style_sets_readable_text_and_no_backend():
    backend = matplotlib.rcParams.copy().get("backend")
    figures.use_style()
    sizes = [value for key, value in figures._STYLE.items() if key.endswith("size")]
    assert min(matplotlib.rcParams[key] for key in figures._TEXT_SIZES) >= 10
    assert len(sizes) >= 5
    assert matplotlib.rcParams.copy().get("backend") == backend


@pytest.mark.parametrize("name", figures.COLOR_MAPS[:2])
def test_maps_grow_steadily_brighter(name):
    shades = matplotlib.colormaps[name](np.linspace(0, 1, 32))
    brightness = [plots._brightness(shade) for shade in shades]
    assert (np.diff(brightness) > 0).all()


def _contrast(color):
    rgb = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05)


@pytest.mark.parametrize("role", plots.TEXT_COLORS)
def test_label_colors_can_be_read_on_white(role):
    assert _contrast(plots.TEXT_COLORS[role]) > 3


def test_heatmap_prints_values_and_hatches_hidden_cells():
    ax = figures.figure().subplots()
    matrix = torch.arange(15.0).view(3, 5)
    masked = torch.ones(3, 5).triu(1) > 0
    figures.heatmap(ax, matrix, "abc", "vwxyz", masked, digits=0)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["0", "5", "6", "10", "11", "12"]
    (hidden,) = ax.collections
    assert len(hidden.get_paths()) == int(masked.sum())
    assert hidden.get_hatch()
    assert [t.get_text() for t in ax.get_yticklabels()] == list("abc")


def test_heatmap_without_values_or_mask():
    ax = figures.figure().subplots()
    figures.heatmap(ax, np.eye(4), values=False)
    assert not ax.texts
    assert not ax.collections
    assert ax.images[0].get_array().shape == (4, 4, 4)


def test_heatmap_survives_constant_hidden_and_signed_data():
    for options in ({}, {"signed": True}, {"masked": np.ones((2, 3))}):
        ax = figures.figure().subplots()
        figures.heatmap(ax, np.zeros((2, 3)), **options)
        assert np.isfinite(ax.images[0].get_array()).all()


def test_zero_is_white_on_a_signed_map_whatever_the_range():
    ax = figures.figure().subplots()
    figures.heatmap(ax, [[-1.0, 0.0, 4.0]], signed=True)
    assert ax.images[0].get_array()[0, 1].min() > 0.95
    assert [text.get_text() for text in ax.texts] == ["-1.00", "0.00", "4.00"]


def test_infinite_scores_are_hidden_not_drawn():
    ax = figures.figure().subplots()
    figures.heatmap(ax, [[1.0, -np.inf]])
    assert [text.get_text() for text in ax.texts] == ["1.00"]


def test_chinese_is_drawn_only_where_a_font_has_it(monkeypatch):
    families = ["DejaVu Sans"]
    monkeypatch.setitem(matplotlib.rcParams, "font.family", families)
    assert plots.drawable("猫", "#0") == "#0"
    assert plots.drawable("élève", "#0") == "élève"
    monkeypatch.setitem(matplotlib.rcParams, "font.family", [*families, "SimHei"])
    assert plots.drawable("猫", "#0") == "猫"


def test_strips_share_their_axes():
    ax = figures.figure().subplots()
    figures.strip(ax, torch.tensor([1.0, 2, 3]), "abc", "scores", masked=[0, 0, 1])
    figures.strip(ax, [5, 6], name="output", row=1, width=3, digits=0)
    assert [text.get_text() for text in ax.texts] == ["1.00", "2.00", "5", "6"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["scores", "output"]
    assert ax.images[1].get_extent()[:2] == [-0.5, 2.5]


def test_bars_carry_their_values_and_roles():
    ax = figures.figure().subplots()
    figures.bars(ax, {"a": 1234.5, "b": 2}, "ms", {"b": "warning"}, digits=1)
    assert [text.get_text().strip() for text in ax.texts] == ["1,234.5 ms", "2.0 ms"]
    assert ax.patches[1].get_hatch() == "//"


def test_lines_are_told_apart_without_color_and_labeled_at_their_ends():
    ax = figures.figure().subplots()
    series = {"ours": [1, 2], "torch": [1, 2.01], "naive": [4, 3], "bad": [5, 5]}
    figures.lines(ax, [0, 1], series)
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 4
    assert len({line.get_marker() for line in ax.get_lines()}) == 4
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert min(np.diff(heights)) > 0.05
    assert ax.get_legend() is None


def test_many_lines_get_a_legend():
    ax = figures.figure().subplots()
    figures.lines(ax, [1, 2], {f"run {i}": [i, i] for i in range(5)})
    assert len(ax.get_legend().get_texts()) == 5
