"""Words by which a new study is guessed from names: other names of columns, other words for answers, ids from names.

What is made of the guesses belongs in ``mapping.py``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any

import yaml

from schemas.study import RESERVED

FILL_IN = "FILL IN"
"""What only the person can say who sets up the study."""

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "session": ("contact", "appointment", "encounter", "visit"),
    "client": ("participant", "pid", "patient", "consumer", "service user", "person", "member"),
    "respondent": (
        "participant",
        "pid",
        "client",
        "patient",
        "person",
        "pseudonym",
        "response",
        "record",
        "staff member",
    ),
    "subject": ("client", "patient", "rated client", "about"),
    "service": ("agency", "site", "clinic", "programme", "program", "team", "location", "organisation"),
    "worker": ("staff", "peer", "peer worker", "practitioner", "clinician", "therapist", "provider", "employee"),
    "date": ("session date", "contact date", "day", "appointment date", "visit date"),
    "minutes": ("duration", "length", "time spent", "hours", "mins"),
    "mode": ("modality", "contact type", "delivery", "medium", "contact mode", "how"),
    "activity": ("main activity", "type of activity", "session type", "what"),
    "attended": ("attend", "attendance", "present", "status", "outcome", "no show", "showed"),
    "group_session": ("group", "session", "group contact"),
    "participants": ("attendees", "number of participants", "group size", "people"),
    "role": ("position", "job title", "post"),
    "start": ("start date", "started", "hired", "first day"),
    "end": ("end date", "ended", "left", "last day"),
    "end_reason": ("reason", "reason for leaving", "why left"),
    "fte": ("full time equivalent", "hours fraction"),
    "posts": ("headcount", "filled posts", "positions"),
    "sessions": ("number of sessions", "contacts", "visits"),
}
"""Names that exports give to a record's columns."""

OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "in person": ("face to face", "f2f", "onsite", "home visit", "office", "at the clinic"),
    "telephone": ("phone", "phone call", "call", "mobile"),
    "video": ("zoom", "teams", "telehealth", "online", "video call", "videoconference"),
    "text": ("sms", "email", "e mail", "chat", "message", "text message"),
    "conversation": ("talk", "talking", "one to one", "counselling", "support conversation"),
    "walk": ("walking", "outing on foot"),
    "fitness": ("gym", "exercise", "sport", "yoga"),
    "community resource": ("community", "community visit", "outing"),
    "finding resources": ("resources", "navigation", "advocacy", "referral"),
    "true": ("attended", "present", "showed", "kept", "completed", "arrived", "y", "t"),
    "false": ("absent", "no show", "dna", "did not attend", "missed", "cancelled", "canceled", "n", "f"),
}
"""Words that exports write for a record's allowed values."""

_SPECIAL = {
    "dont-know": r"\b(don ?t|do not|did not|didn ?t) know\b|^d ?k$",
    "prefer-not-to-say": r"\b(prefer(s|red)?|rather) not\b",
    "not-applicable": r"\bnot applicable\b|\b(does not|doesn ?t|did not) apply\b|^n ?a$",
}
"""Answers off a scale, by the ids that instruments give them, as exports word them."""

_NOTHING = (
    r"\b(no|not) (answer|answered|response|reply|stated|given|completed)\b|\bmissing\b|\brefused?\b|\brefusal\b"
    r"|\bprefer(s|red)? not\b|\brather not\b|\bdeclined\b|\bskipped\b|\bunanswered\b|\bblank\b"
)
"""Words of somebody, or of a program, that no answer was given."""

_SUFFIXES = {"id", "number", "no", "nr", "num", "tag", "code", "key", "name"}
PERSONAL = {
    "name",
    "firstname",
    "lastname",
    "surname",
    "email",
    "mail",
    "phone",
    "dob",
    "birth",
    "birthday",
    "address",
}
"""Words in the names of columns that say who someone is."""


def tokens(text: str) -> list[str]:
    """The words of a name, in lower case: ``ClientID_2`` is client, id, 2."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z]+|\d+", _plain_letters(parted).lower())


def likeness(text: str, word: str) -> float:
    """How near a column's name or question is to a word, from 0 to 1; 1 is the same but for case and signs."""
    whole, wanted = tokens(text), tokens(word)
    if not whole or not wanted:
        return 0.0
    if whole == wanted:
        return 1.0
    core, meant = _core(whole), _core(wanted)
    if core == meant:
        return 0.95
    if set(meant) <= set(core):
        return 0.6 + 0.3 * len(meant) / len(core) + 0.05 * (core[-len(meant) :] == meant)
    ratio = SequenceMatcher(None, " ".join(core), " ".join(meant)).ratio()
    return 0.9 * ratio if ratio >= 0.8 else 0.0


def _core(words: Sequence[str]) -> list[str]:
    """Without the words that stand behind many names: id, number, name."""
    return [word for word in words if word not in _SUFFIXES] or list(words)


def overlap(text: str, label: str) -> float:
    """How much of a label's words a question holds, from 0 to 1; words are compared by their first five letters."""
    wanted = {word[:5] for word in tokens(label) if len(word) > 2}
    found = {word[:5] for word in tokens(text)}
    return len(wanted & found) / len(wanted) if len(wanted) > 1 else 0.0


def nearest_word(cell: str, allowed: Collection[str]) -> str:
    """The allowed value that a cell seems to mean; ``FILL IN`` where none is near."""
    said = " ".join(tokens(cell))
    by_word = {" ".join(tokens(word)): value for value in allowed for word in (value, *OTHER_WORDS.get(value, ()))}
    close = get_close_matches(said, list(by_word), n=1, cutoff=0.8)
    return by_word[close[0]] if close else FILL_IN


def special_of(word: str) -> str:
    """Id that instruments give to such an answer off the scale (``dont-know``); empty where it seems none."""
    said = " ".join(tokens(word))
    return next((name for name, pattern in _SPECIAL.items() if re.search(pattern, said)), "")


def says_nothing(word: str) -> bool:
    """Does a word say that no answer was given: no answer, missing, refused?"""
    return bool(re.search(_NOTHING, " ".join(tokens(word))))


def ids_of(names: Sequence[str]) -> dict[str, str]:
    """An id for each name: small letters, digits and dashes; no two alike, none of them reserved."""
    taken: dict[str, str] = {}
    for name in names:
        base = "-".join(re.findall(r"[a-z0-9]+", _plain_letters(name).lower()))[:40].strip("-") or "service"
        base = f"{base}-service" if base in RESERVED else base
        found, number = base, 1
        while found in taken.values():
            number += 1
            found = f"{base}-{number}"
        taken[name] = found
    return taken


def _plain_letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def scalar(value: Any) -> str:
    """A value as YAML writes it inside brackets; quoted only where it would be read as something else."""
    text = str(value)
    try:
        same = yaml.safe_load(f"[{text}]") == [value] and yaml.safe_load(f"{{{text}: 1}}") == {value: 1}
    except yaml.YAMLError:
        same = False
    return text if same and "#" not in text else json.dumps(text, ensure_ascii=False)


def flow(mapping: dict[str, Any]) -> str:
    """A mapping in one line: ``{id: north, name: North Clinic}``."""
    return "{" + ", ".join(f"{scalar(key)}: {_value(value)}" for key, value in mapping.items()) + "}"


def listed(values: Sequence[Any]) -> str:
    """A list in one line: ``[who-5, k10]``."""
    return "[" + ", ".join(_value(value) for value in values) + "]"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return flow(value)
    return listed(value) if isinstance(value, (list, tuple)) else scalar(value)
