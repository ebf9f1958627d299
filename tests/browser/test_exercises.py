"""An exercise notebook in a real JupyterLab: unanswered, wrong, and right."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_lab import APP, IDLE, open_notebook, run_all

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600), pytest.mark.no_typecheck]

EXERCISES = Path(__file__).parents[2] / "exercises" / "02_attention.ipynb"
BEFORE = """
def attention(q, k, v, mask=None):
    weights = (q @ k.T / math.sqrt(q.shape[-1])).softmax(dim=-1)
    if mask is not None:
        weights = weights * mask
    return weights @ v
"""
RIGHT = """
def attention(q, k, v, mask=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    if mask is None:
        return scores.softmax(dim=-1) @ v
    weights = scores.masked_fill(~mask, -1e30).softmax(dim=-1)
    return (weights * mask) @ v
"""
ANSWER = f"""([name, text]) => {{
    const notebook = {APP}.content;
    const place = id => notebook.widgets.findIndex(cell => cell.model.id === id);
    notebook.widgets[place('answer-' + name)].model.sharedModel.setSource(text);
    notebook.activeCellIndex = place('answer-' + name);
}}"""
RUN_CELL = (
    "() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')"
)


@pytest.fixture(scope="module")
def notebook(lab):
    _, root = lab
    shutil.copy(EXERCISES, root / "exercises.ipynb")
    return "exercises.ipynb"


def panel(page, exercise):
    """The verdict on an exercise, as a screen reader finds it."""
    name = f'[role="status"][aria-label^="{exercise}:"]'
    return page.locator(f".jp-OutputArea-output {name}")


def answer(page, name, text):
    """Write an answer into its cell; run it and the check below it."""
    page.evaluate(ANSWER, [name, text.strip()])
    page.evaluate(RUN_CELL)
    page.evaluate(RUN_CELL)
    page.wait_for_function(IDLE)


def test_from_unanswered_to_wrong_to_right(page, lab, notebook, tmp_path):
    open_notebook(page, lab, notebook)
    run_all(page)
    for name in ("scores", "attention", "bias", "mend", "leaks"):
        expect(panel(page, f"02-{name}")).to_contain_text("Not attempted")
    expect(
        page.locator('[data-mime-type="application/vnd.jupyter.stderr"]')
    ).to_have_count(0)

    answer(page, "attention", BEFORE)
    verdict = panel(page, "02-attention")
    expect(verdict).to_contain_text("Not yet.")
    expect(verdict).to_contain_text("The mask comes after the softmax")
    expect(verdict).to_contain_text("The causal mask")
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "wrong.png")

    answer(page, "attention", RIGHT)
    expect(verdict).to_contain_text("Right. 4 of 4 points.")
    expect(verdict).not_to_contain_text("softmax")
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "right.png")
