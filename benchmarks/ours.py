"""Ours: the real asset functions for sessions, doses and support on a study folder of any size.

    python ours.py PROJECT

Nothing but the assets themselves: no Dagster run, no manifest. ``peerscope run`` on the same project is measured
beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

LABELS = ("study", "sessions", "doses", "support")


def main() -> None:
    """Make the records and the estimates of the one study of a project."""
    from pipeline.assets import estimates, records
    from pipeline.graph import plan
    from pipeline.store import Project

    root = Path(sys.argv[1]).resolve()
    project = Project(root, root / "outputs")
    makers = {"study": records.study_file, "record": records.record, "family": estimates.family}
    for node in plan(project):
        if node.key[-1] in LABELS and node.kind in makers:
            makers[node.kind](node, project)


if __name__ == "__main__":
    main()
