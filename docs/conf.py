"""The site: executed lessons, errata, reference, and the explorer. Built by `docs/build`."""

import re
import tempfile
import uuid
from typing import Any, cast

import jupyter_client
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode
from traitlets import CaselessStrEnum

import backaction

SOCKETS = tempfile.TemporaryDirectory()


class Kernels(jupyter_client.AsyncKernelManager):
    """Talk through sockets in files: of two kernels that start side by side, both may choose the same port."""

    transport = CaselessStrEnum(["tcp", "ipc"], default_value="ipc", config=True)

    def _ip_default(self) -> str:
        return f"{SOCKETS.name}/{uuid.uuid4().hex}"


jupyter_client.AsyncKernelManager = Kernels  # where the executor of the pages looks for it

project = "backaction"
author = copyright = "The backaction founders"
version = release = backaction.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinxcontrib.bibtex",
]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 180  # s a cell; a whole lesson takes less than 20, but machines may be loaded
nb_merge_streams = True

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"

html_theme = "furo"
html_title = "backaction"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_extra_path = ["_explorer"]  # made by browser.py
templates_path = []
exclude_patterns = ["_build", "_explorer", "_npm", "**/.ipynb_checkpoints"]

# Formulas without a network: MathJax from the npm package, put here when the site is built.
mathjax_path = "mathjax/tex-svg.js"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_default_options = {"no-value": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
maximum_signature_line_length = 90

# In docstrings, a name in single backticks links to what it names.
default_role = "py:obj"
PACKAGES = (
    "backaction.gaussian",
    "backaction.gaussian.conventions",
    "backaction.gaussian.paths",
    "backaction.systems",
    "backaction.systems.sensing",
    "backaction.systems.laboratory",
    "backaction.systems.laboratory.components",
    "backaction.systems.calibration",
    "backaction.systems.component",
    "backaction.systems.grammar",
    "backaction.systems.thermal",
    "backaction.systems.cavities",
    "backaction.entanglement",
    "backaction.entanglement.verdicts",
    "backaction.experiment",
    "backaction.settings",
    "backaction.evaluate",
    "backaction.report",
    "backaction.sweep",
    "backaction.fock",
    "backaction.figures",
)


def link_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Find what a docstring calls by its bare name where the reference documents it, in whatever package that is."""
    if node.get("refdomain") != "py":
        return None
    objects = cast(PythonDomain, env.get_domain("py")).objects
    target = node["reftarget"]
    name = target.rpartition(".")[2] if target.startswith("backaction.") else target
    for package in PACKAGES:
        found = objects.get(f"{package}.{name}")
        if found:
            return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, content)
    return None


COLON = "\ue000"
"""Stands for a colon, from the private use area, while napoleon looks at an attribute: it would take for a type what
stands before."""


def keep_colons(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Hide the colons in the first line of an attribute, a property or a constant; `keep_bars` brings them back."""
    if what in {"attribute", "data", "property"} and lines:
        lines[0] = lines[0].replace(":", COLON)


def keep_bars(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Escape the bars of absolute values, |Ω|, which reStructuredText would take for substitutions."""
    example = False
    for i, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example:
            parts = line.replace(COLON, ":").split("`")
            lines[i] = "`".join(part if inside % 2 else part.replace("|", r"\|") for inside, part in enumerate(parts))


def do_not_guess(app: Sphinx, doctree: nodes.document) -> None:
    """Look a docstring's types up as they stand: many classes have an attribute `modes`, and none of them is meant."""
    for node in doctree.findall(pending_xref):
        node.attributes.pop("refspecific", None)


def mend_backlinks(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Lead viewcode's links back to names that the reference has under their module, not under its package.

    It remembers one of the two for each module: that of the first name it met.
    """
    if not page.startswith("_modules/") or "body" not in context:
        return
    objects = cast(PythonDomain, app.env.get_domain("py")).objects
    module = page.removeprefix("_modules/").replace("/", ".")

    def mended(link: re.Match[str]) -> str:
        name = link.group(1)
        others = (".".join([module, *name.split(".")[-parts:]]) for parts in (1, 2))  # NAME, or CLASS.METHOD
        right = name if name in objects else next((other for other in others if other in objects), name)
        return f'#{right}"'

    context["body"] = re.sub(r'#(backaction\.[\w.]+)"', mended, context["body"])


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("doctree-read", do_not_guess)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", keep_bars, priority=600)  # after it
    app.connect("missing-reference", link_public_name)
    app.connect("html-page-context", mend_backlinks)
