"""Notes that every report carries: the status of its data, and how to make it again.

Findings and numbers are the report's own.
"""

from __future__ import annotations

import json

from pipeline.reporting.formats import Markdown
from pipeline.store import Project

_STATUS = {
    "demonstration": (
        "warning",
        "Demonstration data: fictional",
        "{title} does not exist. Its data were invented to show what a complete evaluation looks like. "
        "Nothing in this report is evidence about peer support.",
    ),
    "reconstructed": (
        "important",
        "Reconstructed data",
        "The source prints percentages, means and numbers of people, not the answers themselves. The rows behind "
        "this report were rebuilt so that they match the printed figures, and they hold nothing else. A number "
        "is printed as a result only if it came out the same in all the independent sets of rows that were tried, "
        "each as close as possible to the stated numbers of people; what did not is marked *not identified*.",
    ),
    "observed": ("note", "Observed data", "The data of this report were collected by the evaluation itself."),
}


def data_status_note(statuses: set[str], title: str, set_aside: str = "") -> Markdown:
    """A callout on the status of the data: the most cautious status that is present, and what was set aside."""
    status = next(one for one in _STATUS if one in statuses or one == "observed")
    kind, head, text = _STATUS[status]
    aside = f"\n\n{set_aside} No number in this report rests on these rows." if set_aside else ""
    return Markdown(f'::: {{.callout-{kind} title="{head}"}}\n{text.format(title=title)}{aside}\n:::')


def reproduce_note(project: Project, study: str) -> Markdown:
    """Commands, versions, and checksums of a study's raw files."""
    entries = [
        json.loads(p.read_text(encoding="utf-8")) for p in sorted((project.outputs / "manifest").glob("*.json"))
    ]
    prefix = f"raw/{study}/"
    raw = {name: stamp[0] for e in entries for name, stamp in e["inputs"].items() if name.startswith(prefix)}
    lines = [f"| `{name.removeprefix(prefix)}` | `{checksum[:16]}` |" for name, checksum in sorted(raw.items())]
    audited = project.released(study, "claims.csv").is_file()
    lines_of_code = ["make run", *([f".venv/bin/peerscope claims {study}"] if audited else [])]
    commands = "\n".join(["```", *lines_of_code, "```"])
    table = "\n".join(["| Raw file | SHA-256 (first 16) |", "|:---|:---|", *lines])
    coded = project.released(study, "segments.csv").is_file()
    counts = " numbers of passages are counted from `segments.csv` and `codings.csv` beside it;" if coded else ""
    text = (
        "Every estimate above is a row of `outputs/release/estimates.csv` with its method, its n and an id;"
        f"{counts} the versions of all packages are fixed in `requirements.lock`. From the repository:\n\n"
        f"{commands}\n\nThe raw files that this report was made from:\n\n{table}\n{_aside(project, study)}"
    )
    return Markdown(text)


def _aside(project: Project, study: str) -> str:
    """Where those who work with the raw files find the rows that were set aside."""
    if not project.released(study, "set_aside.csv").is_file():
        return ""
    return (
        "\nRows that are not valid are set aside; where there are any, each is named, with what is wrong, in "
        f"`outputs/restricted/{study}/quarantine/problems.csv`, which is not for handing out.\n"
    )
