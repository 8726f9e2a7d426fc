"""Pandera checks in plain words, with what to do about each; which cell fails one is found in ``validation.py``."""

from __future__ import annotations

KEY_TWICE = ("the key is used more than once", "Keep one of the rows, or correct the key.")
WORDS = {
    "isin": ("not one of {}", "Use one of these, spelled so."),
    "greater_than_or_equal_to": ("must be {} or more", "Correct the value."),
    "less_than_or_equal_to": ("must be {} or less", "Correct the value."),
    "greater_than": ("must be more than {}", "Correct the value."),
    "not_nullable": ("must not be empty", "Fill it in, or leave the row out."),
    "field_uniqueness": KEY_TWICE,
    "multiple_fields_uniqueness": KEY_TWICE,
}
"""Rule and remedy by the name of a check; ``{}`` stands for what the check allows."""


def words(check: str) -> tuple[str, str]:
    """A Pandera check in plain words, and what to do about it."""
    name, _, inside = check.partition("(")
    rule, remedy = WORDS.get(name, (f"does not hold: {check}", "Correct the row."))
    return rule.format(inside.rstrip(")").strip("[]")), remedy
