"""How Sphinx makes the documentation site: `make docs`. Pages load nothing from elsewhere."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tools"))

import neurograph

project = "neurograph"
author = "The neurograph developers"
copyright = author  # noqa: A001 - the name that Sphinx reads
version = release = neurograph.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "pieces", "tutorials"]
exclude_patterns = ["site", "tools", "pictures", "_static"]
nitpicky = True
nitpick_ignore_regex = [("py:(class|attr)", r".*")]  # types in docstrings are words for people

# Markdown
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https"]

# notebooks, which `make notebooks` has executed
nb_execution_mode = "off"
nb_merge_streams = True

# docstrings
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
add_module_names = False
napoleon_google_docstring = False
napoleon_use_param = False  # types are for reading; links would lead from "inputs" to a function
napoleon_use_rtype = False
napoleon_use_ivar = True

# pages
html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"neurograph {version}"
html_static_path = ["_static"]
html_css_files = ["neurograph.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # a page opened from a disk may not read the others
html_theme_options = {"top_of_page_buttons": []}

# `make linkcheck`
linkcheck_anchors = False
linkcheck_timeout = 20
