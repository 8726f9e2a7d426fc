"""Each HTML page of the outputs, opened in a browser from the disk, as a person opens it who got it by mail."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from pipeline.store import Project
from tests.e2e.browsing import Visit, visit
from tests.e2e.serving import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

REPORTS = sorted(path.stem for path in (ROOT / "reports").glob("[!_]*.qmd"))
NOTEBOOKS = sorted(f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index", *REPORTS, *NOTEBOOKS]
OWN_PAGES = ["index", *REPORTS]


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, browser: "Browser", evaluated: Project) -> Iterator[Visit]:
    """One page at the width of a laptop."""
    with visit(browser, "file://", width=1280) as visited:
        show(visited, evaluated, request.param)
        yield visited


def show(visited: Visit, project: Project, name: str) -> None:
    visited.page.goto((project.reports / f"{name}.html").as_uri())
    visited.page.wait_for_load_state("networkidle")


def found(visited: Visit, script: str) -> Any:
    """What a JavaScript expression gives on the page."""
    return visited.page.evaluate(script)


def test_nothing_is_fetched_from_elsewhere_and_no_script_fails(opened: Visit) -> None:
    assert opened.refused == []
    assert opened.failed == []
    assert opened.errors == []


def test_it_is_one_file(opened: Visit) -> None:
    """Images, styles and scripts are inside: the page can be sent as it is."""
    outside = (
        "Array.from(document.querySelectorAll('img[src],script[src],link[rel=stylesheet]'), e => e.src || e.href)"
    )
    assert [url for url in found(opened, outside) if not url.startswith("data:")] == []


def test_title_and_language_are_set(opened: Visit) -> None:
    assert opened.page.title().strip()
    assert found(opened, "document.documentElement.lang").startswith("en")
    assert found(opened, "document.querySelector('meta[name=viewport]') !== null")
    assert found(opened, "document.querySelectorAll('h1').length") == 1


def test_headings_do_not_skip_a_level(opened: Visit) -> None:
    levels = found(opened, "Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6'), h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []


def test_images_are_loaded(opened: Visit) -> None:
    assert (
        found(opened, "Array.from(document.images).filter(i => !i.naturalWidth).map(i => i.src.slice(0, 40))") == []
    )


@pytest.mark.parametrize("name", OWN_PAGES)
def test_images_have_a_text(browser: "Browser", evaluated: Project, name: str) -> None:
    with visit(browser, "file://") as visited:
        show(visited, evaluated, name)
        assert without_text(visited) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_images_of_notebooks_have_a_text(browser: "Browser", evaluated: Project, name: str) -> None:
    with visit(browser, "file://") as visited:
        show(visited, evaluated, name)
        assert without_text(visited) == []


def without_text(visited: Visit) -> list[str]:
    """The images of a page that have no alternative text."""
    return list(found(visited, "Array.from(document.images).filter(i => !i.alt.trim()).map(i => i.src.slice(0, 40))"))


def test_every_link_leads_somewhere(opened: Visit) -> None:
    hrefs = found(opened, "Array.from(document.querySelectorAll('a[href]'), a => a.getAttribute('href'))")
    ids = set(found(opened, "Array.from(document.querySelectorAll('[id]'), e => e.id)"))
    page = Path(unquote(urlsplit(opened.page.url).path))
    dead = []
    for href in hrefs:
        if href.startswith("#"):
            dead += [] if unquote(href[1:]) in ids or href in ("#", "#top") else [href]
        elif not urlsplit(href).scheme:
            dead += [] if (page.parent / unquote(urlsplit(href).path)).is_file() else [href]
        elif urlsplit(href).scheme not in ("http", "https", "mailto"):
            dead.append(href)
    assert dead == []


def test_ids_are_unique_and_labels_refer_to_what_exists(opened: Visit) -> None:
    ids = found(opened, "Array.from(document.querySelectorAll('[id]'), e => e.id)")
    assert sorted({name for name in ids if ids.count(name) > 1}) == []
    referred = found(
        opened,
        """['aria-labelledby', 'aria-describedby', 'aria-controls'].flatMap(name =>
            Array.from(document.querySelectorAll('[' + name + ']'), e => e.getAttribute(name)))""",
    )
    assert {name for names in referred for name in names.split()} <= set(ids)


def test_no_markup_is_left_unresolved(opened: Visit) -> None:
    text = opened.page.inner_text("body")
    left = [mark for mark in ("?@", "@fig-", "@tbl-", "@sec-", "`{python}", ":::", "{#", "Traceback") if mark in text]
    assert left == []


@pytest.mark.parametrize("name", sorted({*REPORTS} - {"changes"}))  # a first release has nothing to compare
def test_tables_have_headers_and_a_caption(browser: "Browser", evaluated: Project, name: str) -> None:
    with visit(browser, "file://", width=1280) as visited:
        show(visited, evaluated, name)
        tables = found(
            visited,
            """Array.from(document.querySelectorAll('table'), t => ({
                heads: Array.from(t.querySelectorAll('thead th'), h => h.innerText.trim()),
                widest: Math.max(0, ...Array.from(t.rows, r => r.cells.length)),
                rows: t.querySelectorAll('tbody tr').length,
                caption: (document.getElementById(t.getAttribute('aria-labelledby')) || {}).innerText || '',
            }))""",
        )
    assert tables
    for table in tables:
        assert len(table["heads"]) == table["widest"], table
        assert all(table["heads"]), table
        assert table["rows"], table
        assert re.match(r"Table\s\d+\b", table["caption"]) or table["heads"][0] == "Raw file", table


@pytest.mark.parametrize("name", REPORTS)
def test_tabs_work_by_click_and_by_keyboard(browser: "Browser", evaluated: Project, name: str) -> None:
    with visit(browser, "file://", width=1280) as visited:
        show(visited, evaluated, name)
        tablists = visited.page.get_by_role("tablist")
        written = (ROOT / "reports" / f"{name}.qmd").read_text(encoding="utf-8").count(".panel-tabset")
        assert tablists.count() == written
        for i in range(tablists.count()):
            tabs = tablists.nth(i).get_by_role("tab")
            last = tabs.count() - 1
            assert last >= 1
            assert shown(visited, i) == 0
            tabs.nth(last).click()
            assert shown(visited, i) == last
            for key, then in (("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowRight", 0), ("ArrowLeft", last)):
                visited.page.keyboard.press(key)
                assert shown(visited, i) == then, key
                assert found(visited, "document.activeElement.getAttribute('aria-selected')") == "true"
            visited.page.keyboard.press("Tab")
            assert found(visited, "document.activeElement.getAttribute('role')") != "tab", (
                "Tab leaves the list of tabs"
            )
        assert visited.errors == []


def shown(visited: Visit, tablist: int) -> int:
    """Which tab of a list is selected; its panel, and no other one of the list, is visible."""
    state = visited.page.evaluate(
        """i => Array.from(document.querySelectorAll('[role=tablist]')[i].querySelectorAll('[role=tab]'), tab => ({
            selected: tab.getAttribute('aria-selected') === 'true',
            visible: document.getElementById(tab.getAttribute('aria-controls')).checkVisibility(),
            stop: tab.tabIndex === 0,
        }))""",
        tablist,
    )
    chosen = [at for at, tab in enumerate(state) if tab["selected"]]
    assert len(chosen) == 1
    assert [at for at, tab in enumerate(state) if tab["visible"]] == chosen
    assert [at for at, tab in enumerate(state) if tab["stop"]] == chosen
    return chosen[0]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", OWN_PAGES)
def test_the_page_is_no_wider_than_the_window(browser: "Browser", evaluated: Project, name: str, width: int) -> None:
    with visit(browser, "file://", width=width) as visited:
        show(visited, evaluated, name)
        wide = found(visited, "document.documentElement.scrollWidth")
        assert wide <= found(visited, "document.documentElement.clientWidth")
        beyond = found(
            visited,
            """Array.from(document.querySelectorAll('body *')).filter(e => {
                if (!e.checkVisibility() || e.getBoundingClientRect().right <= innerWidth + 1) return false;
                for (let p = e.parentElement; p; p = p.parentElement)
                    if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return false;
                return true;
            }).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))""",
        )
        assert beyond == [], "what is wider than the window scrolls in a box of its own"


@pytest.mark.parametrize("name", REPORTS)
def test_tables_that_scroll_can_be_reached_by_keyboard(browser: "Browser", evaluated: Project, name: str) -> None:
    with visit(browser, "file://", width=390) as visited:
        show(visited, evaluated, name)
        stuck = found(
            visited,
            """Array.from(document.querySelectorAll('body *')).filter(e =>
                ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1
                && e.tabIndex < 0).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))""",
        )
        assert stuck == []


def test_the_index_leads_to_every_report_in_every_format(browser: "Browser", evaluated: Project) -> None:
    with visit(browser, "file://", width=1280) as visited:
        show(visited, evaluated, "index")
        hrefs = found(visited, "Array.from(document.querySelectorAll('a[href]'), a => a.getAttribute('href'))")
        expected = {f"{name}.{kind}" for name in REPORTS for kind in ("html", "docx", "pdf")}
        assert expected <= set(hrefs)
        for name in REPORTS:
            visited.page.locator(f'a[href="{name}.html"]').first.click()
            visited.page.wait_for_load_state()
            assert visited.page.url.endswith(f"/{name}.html")
            visited.page.go_back()
        assert visited.errors == []
