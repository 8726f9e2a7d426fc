"""The closed lists of Quarto features that reports may use; both engines render exactly these.

Adding a name here is a promise that the filters in `templates/` render it in HTML, Word, PDF and slides.
Where and how the lists are checked is in `lint` and `prose`.
"""

from __future__ import annotations

LANGUAGES = frozenset({"python"})

CELL_OPTIONS = frozenset({"label", "fig-cap", "tbl-cap", "fig-alt", "echo", "include", "output", "tags"})

FRONT_MATTER = frozenset(
    {
        *("title", "subtitle", "author", "date", "lang", "abstract", "keywords", "description"),
        *("toc", "toc-depth", "toc-title", "number-sections"),
        *("bibliography", "csl", "link-citations", "nocite", "reference-section-title"),
        *("params", "execute", "format", "jupyter", "slide-level"),
    }
)
FORMATS = frozenset({"html", "docx", "typst", "revealjs"})
FORMAT_OPTIONS = frozenset(
    {
        *("toc", "toc-depth", "toc-title", "number-sections", "slide-level"),
        *("embed-resources", "theme", "css", "reference-doc", "default-image-extension"),
    }
)
EXECUTE_OPTIONS = frozenset({"echo", "include", "output", "enabled", "warning"})
AUTHOR_KEYS = frozenset({"name", "affiliation"})
MOVING_DATES = frozenset({"today", "now", "last-modified"})

CALLOUTS = frozenset({f"callout-{kind}" for kind in ("note", "tip", "warning", "important", "caution")})
CONDITIONAL = frozenset({"content-visible", "content-hidden"})
CONDITIONS = frozenset({"when-format", "unless-format"})
CONDITION_FORMATS = frozenset({"html", "docx", "typst", "pdf", "revealjs"})
DIV_CLASSES = frozenset({*CALLOUTS, "panel-tabset", *CONDITIONAL})
HEADING_CLASSES = frozenset({"unnumbered", "unlisted"})

REFERENCE_PREFIXES = frozenset({"fig", "tbl", "sec"})
# What Quarto also takes for a cross-reference; anything else after @ is a citation.
OTHER_REFERENCE_PREFIXES = frozenset(
    {
        *("thm", "lem", "cor", "prp", "cnj", "def", "exm", "exr", "sol", "rem", "alg", "eq", "lst"),
        *("nte", "tip", "wrn", "imp", "cau", "vid", "dia"),
    }
)
