"""The site: executed lessons, errata, reference. Built by `uv run --group docs sphinx-build -W docs docs/_build`."""

import backaction

project = "backaction"
author = "The backaction founders"
version = release = backaction.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 60
nb_merge_streams = True

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"

html_theme = "furo"
html_title = "backaction"
html_static_path = ["_static"]
templates_path = []
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]

# Formulas without a network: MathJax from the npm package, put here when the site is built.
mathjax_path = "mathjax/tex-svg.js"

autodoc_typehints = "none"
napoleon_google_docstring = False
