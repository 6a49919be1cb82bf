"""The site has every public name once, every source that docstrings cite, and no link to a page that is not there."""

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [page for page in DOCS.rglob("*.md") if not {"_build", "_npm", "_explorer"} & set(page.parts)]
SOURCES = [path for folder in ("gaussian", "systems", "entanglement", "src") for path in (ROOT / folder).rglob("*.py")]

PACKAGES = (
    "backaction.gaussian",
    "backaction.gaussian.conventions",
    "backaction.systems",
    "backaction.systems.sensing",
    "backaction.systems.laboratory",
    "backaction.systems.calibration",
    "backaction.entanglement",
    "backaction.differentiable",
    "backaction.experiment",
    "backaction.explore",
    "backaction.sweep",
    "backaction.fock",
    "backaction.figures",
)

NUMBERS = {"Hz", "mHz", "kHz", "MHz", "GHz"}
"""Units, which the page on components names in a sentence."""

JOURNALS = {
    "PRL": "Phys. Rev. Lett.",
    "PRA": "Phys. Rev. A",
    "RMP": "Rev. Mod. Phys.",
}

CITATION = re.compile(
    r"\b(PRL|PRA|RMP|Phys\.\s+Rev\.\s+(?:Lett\.|[A-E])|Rev\.\s+Mod\.\s+Phys\.|Nature|Nature\s+Physics|New\s+J\.\s+Phys\."
    r"|J\.\s+Phys\.\s+B|Commun\.\s+Math\.\s+Phys\.|Contemp\.\s+Phys\.|Numer\.\s+Math\.|Numer\.\s+Algorithms"
    r"|IEEE\s+Trans\.\s+Autom\.\s+Control|SIAM\s+J\.\s+Sci\.\s+Comput\.|Am\.\s+J\.\s+Math\.|J\.\s+Basic\s+Eng\."
    r"|Can\.\s+Metall\.\s+Q\.|Linear\s+Algebra\s+Appl\.)\s+(\d+),\s+(L?\d+)"
)


def documented():
    """Names under the module that stands above them, as often as they are described."""
    found = Counter()
    for page in (DOCS / "reference").glob("*.rst"):
        module = ""
        for line in page.read_text().splitlines():
            if match := re.match(r"\.\. currentmodule:: (\S+)", line):
                module = match.group(1)
            elif match := re.match(r"\.\. auto(?:class|function|data|exception):: (\S+)", line):
                name = match.group(1)
                found[name if name.startswith("backaction.") else f"{module}.{name}"] += 1
    return found


def origin(module, name):
    """Where a function or class is defined; for others the object itself."""
    thing = getattr(importlib.import_module(module), name)
    return getattr(thing, "__module__", None), getattr(thing, "__qualname__", repr(thing))


def test_every_public_name_is_in_the_reference_once():
    found = documented()
    assert found
    assert [name for name, times in found.items() if times > 1] == []
    shown = {origin(*name.rsplit(".", 1)) for name in found}
    missing = [
        f"{package}.{name}"
        for package in PACKAGES
        for name in importlib.import_module(package).__all__
        if name not in NUMBERS and origin(package, name) not in shown
    ]
    assert missing == []


def cited():
    """(journal, volume, first page) of every citation in a docstring or a comment."""
    for path in SOURCES:
        text = re.sub(r"\s+", " ", path.read_text().replace("*", ""))
        for journal, volume, page in CITATION.findall(text):
            yield JOURNALS.get(journal, journal), volume, page, path.name


def test_every_cited_source_is_in_the_bibliography():
    text = (DOCS / "references.bib").read_text()
    entries = re.split(r"\n(?=@)", text)
    known = set()
    for entry in entries:
        fields = dict(re.findall(r"(\w+) = \{(.*)\}", entry))
        known.add((fields.get("journal"), fields.get("volume"), fields.get("pages")))
    sources = list(cited())
    assert len(sources) > 40
    assert [source for source in sources if source[:3] not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_somewhere(page):
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target
