"""Chromium: where it is, and visits of pages that may not reach anything else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Path of the first Chromium on PATH."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def missing_browser() -> str:
    """Why nothing can be tested in a browser; empty if it can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "the Python package playwright is not installed"
    return "" if find_chromium() else f"no Chromium on PATH (looked for {', '.join(CHROMIUM_NAMES)})"


@dataclass
class Visit:
    """A browser page that can reach only what begins with ``origin``, and what went wrong on it."""

    page: "Page"
    origin: str
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Refuse other requests, and note failed ones and errors of scripts."""
        self.page.route("**/*", self._route)
        self.page.on("request", self._note_elsewhere)
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _is_own(self, url: str) -> bool:
        return url.startswith((self.origin, "data:", "blob:"))

    def _route(self, route: "Route") -> None:
        if self._is_own(route.request.url):
            route.continue_()
        else:
            route.abort()

    def _note_elsewhere(self, request: "Request") -> None:
        if not self._is_own(request.url):
            self.refused.append(request.url)


@contextmanager
def visit(browser: "Browser", origin: str, width: int = 1400, height: int = 900) -> Iterator[Visit]:
    """A new page in a context of its own: no cookies, no memory of earlier visits."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height})
    try:
        opened = Visit(context.new_page(), origin)
        opened.page.set_default_timeout(20_000)
        opened.listen()
        yield opened
    finally:
        context.close()
