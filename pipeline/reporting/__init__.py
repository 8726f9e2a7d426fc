"""Reports: a `.qmd` is linted, run once, and rendered to HTML, Word, PDF and slides.

Import from the modules: `render.render`, `lint.lint`, `execute.execute`, `engines.engine`. This package reads
files of reports and writes rendered ones; what a report says, and where its numbers come from, is elsewhere.
"""
