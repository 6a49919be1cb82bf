"""Every page of the site in a real browser, at the width of a phone."""

from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "docs" / "_build" / "html"
EXPLORER = SITE / "explorer"
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if EXPLORER not in path.parents and "_static" not in path.parts
) or ["index.html"]  # not built: the fixture `site` says so

pytestmark = pytest.mark.browser

FORMULAS = """async () => {
    const formulas = [...document.querySelectorAll(".math.notranslate")];
    if (formulas.length) await MathJax.startup.promise;
    const drawn = (formula) => formula.querySelector("mjx-container svg") !== null;
    return {
        all: formulas.length,
        missing: formulas.filter((formula) => !drawn(formula)).map((formula) => formula.textContent),
        wrong: [...document.querySelectorAll("[data-mjx-error]")].map((place) => place.dataset.mjxError),
    };
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_and_reads_well_on_a_phone(name, site, phone):
    visit = phone(site + name)
    formulas = visit.page.evaluate(FORMULAS)
    assert (formulas["missing"], formulas["wrong"]) == ([], [])
    assert visit.overflow() <= 0, visit.widest()
    assert visit.problems == []


def test_the_site_has_formulas(site, phone):
    """Without one, the test above would not see that none is drawn."""
    lessons = (name for name in PAGES if name.startswith("lessons/"))
    assert any(phone(site + name).page.evaluate(FORMULAS)["all"] for name in lessons)
