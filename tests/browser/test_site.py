"""Every page of the site in a real browser, at the width of a phone."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

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


class Links(HTMLParser):
    """The addresses that a page names, and the names that a page has for its places."""

    def __init__(self, path):
        super().__init__()
        self.addresses, self.places = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.addresses |= {found[key] for key in ("href", "src") if found.get(key)}
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}


def test_every_link_within_the_site_leads_somewhere(site):
    pages = {SITE / name: Links(SITE / name) for name in PAGES}
    broken = []
    for path, links in pages.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing = not target.is_file()
            # listings of source point back to the module of a name, which may be documented in its package
            lost = parts.fragment and "_modules" not in path.parts and target in pages
            lost = lost and unquote(parts.fragment) not in pages[target].places
            if missing or lost:
                broken.append(f"{path.relative_to(SITE)}: {address}")
    assert broken == []
