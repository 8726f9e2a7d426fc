"""The Jupyter kernel in which reports and notebooks run: this Python, in a private folder, the same for everyone.

What is run, and what becomes of the outputs, belongs in ``execute.py`` and ``notebook.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

CELL_TIMEOUT = 600
# Figures that a cell draws itself: sharp enough for print, and the same bytes each time.
MATPLOTLIBRC = "figure.dpi: 200\nsvg.hashsalt: peerscope\n"


def environment(extra: Mapping[str, str], scratch: str) -> dict[str, str]:
    """The kernel's environment: ours, without what would make the output depend on the person who runs it."""
    Path(scratch, "matplotlibrc").write_text(MATPLOTLIBRC, encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    env.update(IPYTHONDIR=scratch, MATPLOTLIBRC=scratch, PYDEVD_DISABLE_FILE_VALIDATION="1", PYTHONHASHSEED="0")
    return {**env, **extra}


def client_for(notebook: NotebookNode, cwd: Path, scratch: Path) -> NotebookClient:
    """A client that runs the notebook in ``cwd`` in a kernel of this Python; ``scratch`` is a private folder."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(cwd)}},
    )
    client.create_kernel_manager()
    manager: Any = client.km
    # This interpreter, whatever `python` or a user's kernel named python3 may be.
    manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager.kernel_cmd += ["--HistoryManager.enabled=False", "--IPKernelApp.log_level=40"]
    if os.name == "posix":
        # Sockets in a private folder: other users of the machine can't listen, and no port is taken.
        manager.transport = "ipc"
        manager.connection_file = str(scratch / "kernel.json")
    return client
