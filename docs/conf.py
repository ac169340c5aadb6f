"""The site: Markdown pages, no JavaScript needed, nothing fetched from elsewhere."""

import importlib.metadata

project = "statecheck"
author = "the maintainers of statecheck"
copyright = "the maintainers of statecheck"  # noqa: A001 - the name that Sphinx reads
release = importlib.metadata.version("statecheck")

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False
"""Two hyphens begin an option here, and are no dash."""

myst_heading_anchors = 3

html_theme = "furo"
html_title = "statecheck"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}
