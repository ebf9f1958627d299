"""The pages of a graded class, in a real browser: narrow, dark, no requests."""

import pytest

from course_utils.grading.handback import hand_back
from course_utils.grading.policy import Override, Person, Rules
from tests.grading.made import HOSTILE, result, whole_class

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def handed_back(tmp_path_factory):
    out = tmp_path_factory.mktemp("class")
    odd = [result(name, "03", slips={"mend": "", "cost": None}) for name in HOSTILE]
    long = result("z" * 80, "03", status="out_of_memory", message="x" * 300)
    rules = Rules(
        {"tom": Person("tom")}, overrides=(Override("ada", "02", "*", 1, "w"),)
    )
    hand_back(out, [*whole_class()[::5], *odd, long], rules)
    return out


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_pages_fit_the_window_and_ask_for_nothing(page, handed_back, width, scheme):
    asked, said = [], []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda one: said.append(one.text))
    page.on("dialog", lambda one: said.append(one.message))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    paths = [handed_back / "report.html", *(handed_back / "feedback").glob("*.html")]
    for path in paths:
        page.goto(path.as_uri())
        needed = page.evaluate("document.documentElement.scrollWidth")
        assert needed <= width, path.name
    assert asked == [path.as_uri() for path in paths]
    assert said == []


def test_links_are_reached_by_keyboard_in_the_order_of_the_page(page, handed_back):
    page.goto((handed_back / "report.html").as_uri())
    links = page.locator("a").evaluate_all("all => all.map(one => one.href)")
    for link in links:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.href") == link
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/*")
    assert page.locator("h1").count() == 1
