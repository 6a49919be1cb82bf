"""The page "Architecture": rooms and who knows whom, read from the imports when the site is built."""

from __future__ import annotations

import importlib
import inspect
import re
from graphlib import TopologicalSorter
from html import escape

import grimp

ROOT = "backaction"
GRAPH = grimp.build_graph(ROOT, exclude_type_checking_imports=True)
PACKAGES = sorted(module for module in GRAPH.modules if GRAPH.find_children(module))
WIDTH, HEIGHT, GAP, RISE = 132, 40, 18, 84
"""Of a box, between boxes, and from row to row, in px."""

Arrows = dict[str, set[str]]


def neighbours(package: str) -> Arrows:
    """Which children of a package import which others, they or what is inside them."""
    children = sorted(GRAPH.find_children(package))
    found: Arrows = {child: set() for child in children}
    for child in children:
        for module in {child} | GRAPH.find_descendants(child):
            for other in GRAPH.find_modules_directly_imported_by(module):
                home = next((c for c in children if other == c or other.startswith(f"{c}.")), child)
                found[child] |= {home} - {child}
    return found


def essential(arrows: Arrows) -> Arrows:
    """The arrows without those that a detour says as well."""
    below: Arrows = {}
    for node in TopologicalSorter(arrows).static_order():
        below[node] = arrows[node].union(*(below[other] for other in arrows[node]))
    return {
        node: {other for other in known if not any(other in below[between] for between in known)}
        for node, known in arrows.items()
    }


def rows(arrows: Arrows) -> list[list[str]]:
    """Boxes by height: each stands above all that it knows; within a row above the middle of what it knows."""
    rank: dict[str, int] = {}
    for node in TopologicalSorter(arrows).static_order():
        rank[node] = 1 + max((rank[other] for other in arrows[node]), default=-1)
    found: list[list[str]] = []
    place: dict[str, float] = {}
    for level in range(max(rank.values()) + 1):
        row = [node for node in arrows if rank[node] == level]
        row.sort(key=lambda node: sum(place[o] for o in arrows[node]) / max(len(arrows[node]), 1))
        place |= {node: i - (len(row) - 1) / 2 for i, node in enumerate(row)}
        found.append(row)
    return found


def drawing(package: str = ROOT) -> str:
    """The children of a package as an SVG; an arrow points at what is imported."""
    arrows = essential(neighbours(package))
    levels = rows(arrows)
    width = max(len(row) for row in levels) * (WIDTH + GAP) + GAP
    height = len(levels) * RISE
    at = {
        node: (width / 2 + (i - (len(row) - 1) / 2) * (WIDTH + GAP), height - (level + 0.5) * RISE)
        for level, row in enumerate(levels)
        for i, node in enumerate(row)
    }
    lines, boxes = [], []
    for node, (x, y) in at.items():
        for other in sorted(arrows[node]):
            (u, v), half = at[other], HEIGHT / 2
            bend = (v - y) / 2
            curve = f"M{x:.0f} {y + half:.0f}C{x:.0f} {y + bend:.0f} {u:.0f} {v - bend:.0f} {u:.0f} {v - half - 5:.0f}"
            lines.append(
                f'<path d="{curve}" fill="none" stroke="currentColor" stroke-opacity=".45" marker-end="url(#tip)"/>'
            )
        name = node.removeprefix(f"{package}.")
        door = escape(sentence(node))
        boxes.append(
            f'<g><title>{door}</title><rect x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{WIDTH}" '
            f'height="{HEIGHT}" rx="6" fill="var(--color-background-primary, white)" stroke="currentColor"/>'
            f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" fill="currentColor" font-size="14">{name}</text>'
            "</g>"
        )
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="currentColor" fill-opacity=".6"/></marker>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'style="max-width:{width:.0f}px;width:100%" aria-label="What imports what in {package}">'
        f"<defs>{tip}</defs>{''.join(lines)}{''.join(boxes)}</svg>"
    )


def sentence(module: str) -> str:
    """The first sentence of a module's docstring."""
    if module.endswith(".__main__"):  # which would run
        return "The command line."
    text = inspect.getdoc(importlib.import_module(module)) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    whole = re.sub(r"\b(al|Phys|Rev|Lett)\. ", "\\1.\xa0", paragraph)  # an abbreviation ends no sentence
    return whole.split(". ")[0].rstrip(".") + "."


def table() -> str:
    """Every room in Markdown: where it lies, what its door says, how many modules are in it."""
    lines = ["| room | modules | its door |", "|---|---|---|"]
    for package in PACKAGES:
        inside = [module for module in GRAPH.find_children(package) if module not in PACKAGES]
        lines.append(f"| `{package}` | {len(inside)} | {sentence(package)} |")
    return "\n".join(lines)
