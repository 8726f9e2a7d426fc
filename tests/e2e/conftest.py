"""What the end-to-end tests share: a browser, and a copy of the project that is run once."""

import os
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pipeline.store import Project
from tests.e2e.browsing import CHROMIUM_ARGUMENTS, find_chromium, missing_browser
from tests.e2e.serving import PEERSCOPE, copy_project, environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOT_TESTED = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> str:
    """Path of Chromium. Where it is missing the test is skipped, and in CI it fails."""
    missing = missing_browser()
    if missing and os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(f"browser tests are mandatory in CI, but {missing}", pytrace=False)
    if missing:
        request.config.stash[NOT_TESTED] = missing
        pytest.skip(f"NOT TESTED IN A BROWSER: {missing}")
    return str(find_chromium())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped browser is told at the end of the run, not only as a letter s."""
    missing = terminalreporter.config.stash.get(NOT_TESTED, "")
    if missing:
        terminalreporter.write_line(f"WARNING: nothing was tested in a browser: {missing}", yellow=True, bold=True)


@pytest.fixture(scope="module")
def browser(chromium: str) -> "Iterator[Browser]":
    """Chromium without a window. It lives for one module only: while it does, no other event loop can run here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the whole project after one ``peerscope run``."""
    project = copy_project(tmp_path_factory.mktemp("evaluated"))
    done = subprocess.run(
        [*PEERSCOPE, "run"],
        env=environment(project),
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"peerscope run ended with {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return project
