"""The page as text: nothing from elsewhere, a strict policy, and no name that is not there."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

PAGE = files("backaction.explore") / "page"
FILES = sorted(entry.name for entry in PAGE.iterdir() if entry.is_file())
SCRIPTS = [name for name in FILES if name.endswith(".js")]
VOID = {"meta", "link", "input", "br"}


def text(name):
    return (PAGE / name).read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Elements of the page: identifiers, what labels point to, and whether tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.targets, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.attributes += [(tag, *pair) for pair in attrs]
        self.ids += [given["id"]] if "id" in given else []
        self.targets += [
            given[key].removeprefix("#") for key in ("for", "aria-labelledby", "data-copy") if key in given
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def outline():
    found = Outline()
    found.feed(text("index.html"))
    assert found.open == []
    return found


@pytest.mark.parametrize("name", FILES)
def test_nothing_comes_from_elsewhere(name):
    addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+[^\s'\"]*", text(name), re.IGNORECASE)
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # the name of a language, never fetched


def test_the_policy_allows_the_page_itself_and_no_more(outline):
    [policy] = [value for _, key, value in outline.attributes if key == "content" and "default-src" in value]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["connect-src"] == rules["style-src"] == rules["worker-src"] == "'self'"


def test_the_policy_is_kept(outline):
    """No inline script or style: the policy would refuse it, and the page would be broken only in a browser."""
    assert not [entry for entry in outline.attributes if entry[1] == "style" or entry[1].startswith("on")]
    assert "<style" not in text("index.html")
    assert re.findall(r"<script(?![^>]* src=)", text("index.html")) == []
    assert not [
        name for name in SCRIPTS if re.search(r'setAttribute\("style"|innerHTML|eval\(|new Function', text(name))
    ]


def test_every_address_is_relative(outline):
    addresses = [value for _, key, value in outline.attributes if key in ("src", "href")]
    assert not [address for address in addresses if address.startswith("/")]
    for address in addresses:
        assert address.startswith(("#", "data:")) or address in FILES


def test_identifiers_are_unique_and_every_one_that_is_asked_for_is_there(outline):
    assert len(set(outline.ids)) == len(outline.ids)
    asked = {name for script in SCRIPTS for name in re.findall(r'by\("([a-z-]+)"\)', text(script))}
    assert asked | set(outline.targets) <= set(outline.ids)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_module_that_is_imported_is_there(name):
    for imported in re.findall(r'from "\./([a-z.]+)"', text(name)):
        names = re.search(rf'import {{([^}}]*)}} from "\./{imported}"', text(name))[1]
        for one in names.split(","):
            assert re.search(rf"export (async )?function {one.strip()}\b", text(imported)), one


def test_every_control_of_the_page_has_a_name(outline):
    labelled = set(outline.targets)
    fields = re.findall(r"<(?:select|textarea)[^>]*id=\"([a-z]+)\"", text("index.html"))
    assert set(fields) <= labelled
