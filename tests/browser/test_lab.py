"""Explorers in a real JupyterLab: what a reader sees, hears and may press.

That a picture's source changes proves little, since it may be the wrong picture. So a
test waits for the description that belongs to the final state, then compares pixels,
then waits for the kernel to rest. Two planted faults show that it can fail.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import expect

from course_utils.explorers.attention_microscope import show_attention_microscope

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600), pytest.mark.no_typecheck]

LESSON = Path(__file__).parents[2] / "notebooks" / "02_attention.ipynb"
PATIENCE = 120_000  # milliseconds, for a busy machine
APP = "window.jupyterapp.shell.currentWidget"
CONNECTED = f"() => {APP.replace('.', '?.')}?.sessionContext?.session?.kernel\
?.connectionStatus === 'connected'"
READY = f"""async () => {{ const w = {APP}; await w.context.ready;
    await w.sessionContext.ready; await w.sessionContext.session.kernel.info }}"""
IDLE = f"() => {APP}.sessionContext.session.kernel.status === 'idle'"
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"

PLAIN = """
import dataclasses, sys
assert sys.executable == {python!r}, sys.executable
from course_utils.explorers.attention_microscope import show_attention_microscope
explorer = show_attention_microscope()
first, honest = explorer.picture(), explorer.picture
{fault}
explorer
"""
IGNORES_THE_SLIDER = "explorer.picture = lambda **state: first"
CHANGES_ONLY_WORDS = """
def words_only(**state):
    return dataclasses.replace(first, alt=honest(**state).alt)
explorer.picture = words_only
"""
QUESTION = """
from course_utils.predict import predict
predict("Is 1 < 2?", {"no": "Count again.", "yes": "One comes first."}, answer="yes")
"""


def write_notebook(folder, name, *cells):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    nbformat.write(notebook, folder / name)
    return notebook


def microscope_notebook(folder, name, fault=""):
    cell = PLAIN.format(python=sys.executable, fault=fault.strip())
    return write_notebook(folder, name, cell)


@pytest.fixture
def requests(page):
    """The addresses that the page asks for."""
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def open_notebook(page, lab, name):
    address, _ = lab
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/lab/tree/{name}?token=t&reset")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.wait_for_function(CONNECTED)
    page.evaluate(READY)


def run_all(page):
    page.evaluate(RUN_ALL)


def described(**state):
    """The description of the picture that belongs to a state."""
    return show_attention_microscope().picture(**state).alt


def settled(page, patience=PATIENCE, **state):
    """Wait until words, picture and kernel agree on `state`; return the pixels."""
    image = page.get_by_alt_text(described(**state), exact=True)
    try:
        expect(image).to_be_visible(timeout=patience)
    except AssertionError:
        there = page.locator("img[alt]").evaluate_all("all => all.map(i => i.alt)")
        pytest.fail(f"no picture is {described(**state)!r} among {there}")
    expect(image).to_have_count(1)
    page.wait_for_function(IDLE)
    return hashlib.sha256(image.get_attribute("src").encode()).hexdigest()


def press_slider(page, key):
    """Press a key on the microscope's first slider, "query row"."""
    slider = page.locator(".jp-OutputArea-output").get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    slider.focus()
    page.keyboard.press(key)


def check_slider(page, patience=PATIENCE):
    """Move the query row from 2 to 3 by keyboard; the picture must follow."""
    run_all(page)
    before = settled(page, query=2)
    press_slider(page, "ArrowRight")
    after = settled(page, patience, query=3)
    assert before != after, "the description changed, the picture did not"


def test_keyboard_moves_the_picture_and_its_words(page, lab, requests):
    microscope_notebook(lab[1], "plain.ipynb")
    open_notebook(page, lab, "plain.ipynb")
    check_slider(page)
    outside = [
        url
        for url in requests
        if not url.startswith((lab[0], lab[0].replace("http", "ws"), "data:", "blob:"))
    ]
    assert outside == []


def test_controls_are_named_and_the_state_can_be_copied(page, lab):
    microscope_notebook(lab[1], "named.ipynb")
    open_notebook(page, lab, "named.ipynb")
    run_all(page)
    settled(page, query=2)
    output = page.locator(".jp-OutputArea-output")
    for name in ("query row", "temperature", "scale by √D", "causal mask"):
        expect(output.get_by_text(name, exact=True)).to_be_visible()
    output.get_by_label("causal mask").check()
    settled(page, query=2, causal=True)
    expect(output.locator("[aria-live=polite]")).to_contain_text("“cat” gives")
    expect(output.locator("code")).to_contain_text("state=dict(query=2,")
    expect(output.locator("code")).to_contain_text("causal=True")
    output.get_by_role("button", name="Reset").click()
    settled(page, query=2)


def test_a_slider_that_is_ignored_is_found_out(page, lab):
    microscope_notebook(lab[1], "ignores.ipynb", IGNORES_THE_SLIDER)
    open_notebook(page, lab, "ignores.ipynb")
    with pytest.raises(pytest.fail.Exception, match="no picture is"):
        check_slider(page, patience=6_000)


def test_a_picture_that_does_not_follow_its_words_is_found_out(page, lab):
    microscope_notebook(lab[1], "words.ipynb", CHANGES_ONLY_WORDS)
    open_notebook(page, lab, "words.ipynb")
    with pytest.raises(AssertionError, match="the picture did not"):
        check_slider(page)


def test_without_a_kernel_the_storyboard_is_shown_with_its_words(page, lab):
    notebook = microscope_notebook(lab[1], "saved.ipynb")
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, lab[1] / "saved.ipynb")
    open_notebook(page, lab, "saved.ipynb")
    board = show_attention_microscope().storyboard()
    expect(page.get_by_alt_text(board.alt, exact=True)).to_be_visible()
    expect(page.locator("figcaption")).to_have_text(board.caption)


def test_a_question_replies_to_a_choice(page, lab):
    write_notebook(lab[1], "question.ipynb", QUESTION)
    open_notebook(page, lab, "question.ipynb")
    run_all(page)
    page.get_by_label("no", exact=True).check()
    expect(page.get_by_role("status")).to_have_text("Not quite. Count again.")
    page.get_by_label("yes", exact=True).check()
    expect(page.get_by_role("status")).to_have_text("Right. One comes first.")


@pytest.mark.skipif(not LESSON.exists(), reason="lesson 02 is not in this tree")
def test_lesson_02_runs_and_its_microscope_moves(page, lab, requests):
    shutil.copy(LESSON, lab[1])
    open_notebook(page, lab, LESSON.name)
    page.evaluate("() => window.jupyterapp.commands.execute('editmenu:clear-all')")
    check_slider(page)
    assert all(url.startswith((lab[0], "data:", "blob:")) for url in requests)
