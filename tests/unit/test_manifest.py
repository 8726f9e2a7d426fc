"""What tells fresh from stale."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.graph import Node
from pipeline.manifest import Manifest, code_version
from pipeline.store import Project, write_text


@pytest.fixture
def there(tmp_path: Path) -> Project:
    return Project(tmp_path, tmp_path / "outputs")


@pytest.fixture
def above(there: Project) -> Node:
    raw = write_text(there.raw / "s" / "a.csv", "a\n1\n")
    return Node(("s", "a"), "s", "record", "about", inputs=(raw,), code=("pipeline.store",))


@pytest.fixture
def below() -> Node:
    return Node(("s", "b"), "s", "family", "about", deps=(("s", "a"),), code=("schemas.vocabulary",))


@pytest.fixture
def manifest(there: Project, above: Node, below: Node) -> Manifest:
    manifest = Manifest(there)
    manifest.record(above, manifest.sources(above), [write_text(there.outputs / "a.txt", "one")], 0.1)
    manifest.record(below, manifest.sources(below), [write_text(there.outputs / "b.txt", "two")], 0.1)
    return manifest


def test_what_was_recorded_is_fresh(manifest: Manifest, above: Node, below: Node) -> None:
    assert manifest.stale([above, below]) == {}


def test_what_never_ran_is_stale(there: Project, above: Node, below: Node) -> None:
    reasons = Manifest(there).stale([above, below])
    assert reasons == {above.key: "never materialised", below.key: "never materialised"}


def test_a_spoilt_entry_counts_as_none(manifest: Manifest, above: Node) -> None:
    manifest.path(above.key).write_text('{"asset": ', encoding="utf-8")
    assert manifest.why_stale(above) == "never materialised"


def test_another_input_and_a_lost_one(manifest: Manifest, above: Node, below: Node) -> None:
    (raw,) = above.inputs
    raw.write_text("a\n2\n", encoding="utf-8")
    assert manifest.stale([above, below]) == {above.key: "input changed", below.key: "s/a is stale"}
    raw.unlink()
    assert manifest.why_stale(above) == "input changed"
    assert manifest.why_stale(replace(above, inputs=())) == "input changed", "an input less"


def test_the_same_content_with_another_time_is_fresh(manifest: Manifest, above: Node) -> None:
    os.utime(above.inputs[0], (5, 5))
    assert manifest.why_stale(above) == ""


def test_another_content_of_the_same_size_is_seen(manifest: Manifest, above: Node) -> None:
    above.inputs[0].write_text("a\n9\n", encoding="utf-8")
    os.utime(above.inputs[0], (5, 5))
    assert manifest.why_stale(above) == "input changed"


def test_what_came_out_otherwise_above_makes_stale_below(
    manifest: Manifest, there: Project, above: Node, below: Node
):
    manifest.record(above, manifest.sources(above), [write_text(there.outputs / "a.txt", "one")], 0.1)
    assert manifest.why_stale(below) == "", "run again, with the same outcome"
    manifest.record(above, manifest.sources(above), [write_text(there.outputs / "a.txt", "other")], 0.1)
    assert manifest.why_stale(below) == "upstream changed"


def test_a_dependency_more_makes_stale(manifest: Manifest, below: Node) -> None:
    assert manifest.why_stale(replace(below, deps=(*below.deps, ("s", "c")))) == "upstream changed"


def test_an_output_that_is_gone_or_changed(manifest: Manifest, there: Project, above: Node) -> None:
    output = there.outputs / "a.txt"
    output.write_text("two", encoding="utf-8")
    assert manifest.why_stale(above) == "output missing or changed"
    output.unlink()
    assert manifest.why_stale(above) == "output missing or changed"


def test_other_code_makes_stale(manifest: Manifest, above: Node) -> None:
    assert manifest.why_stale(replace(above, code=("pipeline.problems",))) == "code changed"


def test_the_content_hash_is_of_names_and_bytes_only(there: Project, above: Node) -> None:
    first = Manifest(there).record(
        above, Manifest(there).sources(above), [write_text(there.outputs / "a.txt", "one")], 0.1
    )
    os.utime(there.outputs / "a.txt", (5, 5))
    assert Manifest(there).record(above, Manifest(there).sources(above), [there.outputs / "a.txt"], 9.9) == first
    assert (
        Manifest(there).record(
            above, Manifest(there).sources(above), [write_text(there.outputs / "other.txt", "one")], 0.1
        )
        != first
    )


def test_a_project_that_moved_is_still_fresh(there: Project, manifest: Manifest, above: Node, tmp_path: Path) -> None:
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    raw = moved / "raw" / "s" / "a.csv"
    assert Manifest(Project(moved, moved / "outputs")).why_stale(replace(above, inputs=(raw,))) == ""
    moved.rename(tmp_path)


def test_the_code_version_reaches_what_is_imported_and_the_lock(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (tmp_path / "requirements.lock").write_text("a==1\n", encoding="utf-8")
    write_text(other / "requirements.lock", "a==2\n")
    modules = ("pipeline.methods.feedback",)
    assert code_version(modules, tmp_path) == code_version(modules, tmp_path)
    assert code_version(modules, tmp_path) != code_version(modules, other), "another lock"
    assert code_version(modules, tmp_path) != code_version(("pipeline.methods.change",), tmp_path)


def test_a_file_edited_while_the_asset_runs_is_not_what_it_was_made_from(there, above):
    manifest = Manifest(there)
    sources = manifest.sources(above)
    above.inputs[0].write_text("edited meanwhile", encoding="utf-8")
    manifest.record(above, sources, [write_text(there.outputs / "a.txt", "one")], 0.1)
    assert manifest.why_stale(above) == "input changed"
