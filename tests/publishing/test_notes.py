"""notes, verifying and blobs: what a publish lays beside a release, and how what lies at a destination is compared."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub.hf_api import RepoFile

from builders.errors import BuildError
from builders.publishing import blobs, notes, verifying
from builders.publishing.contents import Contents

NOTE = {
    "family": "quiz",
    "sample": True,
    "version": "1.2.0",
    "code": "c" * 40,
    "code_date": "2026-01-01",
    "dvc_lock": "d" * 64,
    "release": "e" * 64,
    "contents": {"default": {"rows": 2, "columns": {"id": "f" * 64}}},
    "changelog": [
        {"version": "1.2.0", "code": "c" * 7, "changes": ["rows"]},
        {"version": "1.1.0", "code": "a" * 64, "changes": []},
    ],
}


def test_a_note_is_read_as_it_was_written() -> None:
    found = notes.parsed(json.dumps(NOTE).encode(), "there")
    assert (found.family, found.sample, found.version, found.hazard) == ("quiz", True, "1.2.0", None)
    assert found.contents["default"] == Contents(2, {"id": "f" * 64})
    assert [entry.version for entry in found.changelog] == ["1.2.0", "1.1.0"]


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "1.2"},
        {"code": "c" * 6},
        {"code": "c" * 65},
        {"code": "C" * 40},
        {"changelog": [{"version": "one", "code": "c" * 7, "changes": []}]},
        {"changelog": [{"version": "1.0.0", "code": "main", "changes": []}]},
        {"contents": None},
    ],
    ids=str,
)
def test_a_note_that_no_publish_wrote_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BuildError) as caught:
        notes.parsed(json.dumps({**NOTE, **changes}).encode(), "there")
    assert str(caught.value) == "there: PUBLISHED.json there is not ours; restore it, or publish to another namespace"


def test_sums_are_read_by_path(tmp_path: Path) -> None:
    assert notes.sums(f"{'a' * 64}  x.json\n{'b' * 64}  default/a  b.parquet\n") == {
        "x.json": "a" * 64,
        "default/a  b.parquet": "b" * 64,
    }
    (tmp_path / "SHA256SUMS").write_text("a  x\n")
    found = notes.all_sums(tmp_path)
    assert (found["x"], found["SHA256SUMS"][:8], len(found)) == ("a", "d4003a2e", 2)


def test_a_card_is_compared_without_its_versions() -> None:
    card = "# A\n\n## Versions of ours\n\nText.\n"
    assert notes.plain(card) == card
    assert notes.plain(f"{card}\n## Versions\n\n| v1.0.0 |\n") == card


def test_a_file_that_cannot_be_linked_is_copied(tmp_path: Path) -> None:
    source, there, new = (tmp_path / name for name in ("source", "there", "new"))
    source.write_text("text")
    there.write_text("other")
    assert notes._linked(str(source), str(new)) == str(new)  # noqa: SLF001
    assert new.stat().st_ino == source.stat().st_ino
    assert notes._linked(str(source), str(there)) == str(there)  # noqa: SLF001
    assert there.read_text() == "text"
    assert there.stat().st_ino != source.stat().st_ino


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (Contents(2, {"a": "x", "b": "y"}), []),
        (Contents(3, {"a": "z"}), ["hard has 3 rows, not 2"]),
        (Contents(2, {"a": "x"}), ["column b of hard differs"]),
        (Contents(2, {"a": "x", "b": "z", "c": "y"}), ["column b of hard differs", "column c of hard differs"]),
    ],
    ids=range(4),
)
def test_what_was_read_back_differs_in_rows_or_columns(found: Contents, wrong: list[str]) -> None:
    assert verifying._differences("hard", Contents(2, {"b": "y", "a": "x"}), found) == wrong  # noqa: SLF001


def test_a_file_of_the_hub_is_known_by_its_hash_or_by_gits_name(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hello\n")
    small = RepoFile(path="a", size=6, oid="ce013625030ba8dba906f756967f9e9ca394464a")  # type: ignore[no-untyped-call]
    lfs = {"size": 6, "oid": "5" * 64, "pointerSize": 1}
    large = RepoFile(path="a", size=6, oid="0" * 40, lfs=lfs)  # type: ignore[no-untyped-call]
    assert [blobs.blob(file) for file in (None, small, large)] == [None, "ce013625030ba8dba906f756967f9e9ca394464a", "5" * 64]
    assert blobs.holds(small, path, "5" * 64)
    assert blobs.holds(large, path, "5" * 64)
    assert not blobs.holds(None, path, "5" * 64)
    assert not blobs.holds(large, path, "6" * 64)
    path.write_bytes(b"hello")
    assert not blobs.holds(small, path, "5" * 64)


def test_the_versions_of_a_card_say_how_to_load_this_one_and_what_changed_in_each() -> None:
    changelog = [
        {"version": "1.2.0", "code": "c" * 40, "changes": ["rows added", "a|b"]},
        {"version": "1.1.0", "code": "a" * 64, "changes": []},
    ]
    published = notes.parsed(json.dumps({**NOTE, "changelog": changelog}).encode(), "there")
    assert notes._versions(published, "load_dataset('x')") == (  # noqa: SLF001
        "\n```python\nload_dataset('x')\n```\n\n"
        "| version | code | what changed |\n|---|---|---|\n"
        "| v1.2.0 | `cccccccccc` | rows added; a\u00a6b |\n"
        "| v1.1.0 | `aaaaaaaaaa` |  |\n"
        "\n`PUBLISHED.json` has a hash of each column, of `dvc.lock` and of the release before this section was added.\n"
    )


def test_how_many_batches_there_will_be_is_shown_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    totals: list[tuple[str, int | None]] = []

    def tracked(items: Iterable[Any], label: str, total: int | None) -> Iterable[Any]:
        totals.append((label, total))
        return items

    monkeypatch.setattr(verifying, "tracked", tracked)
    for split, rows in {"train": 1001, "test": 1}.items():
        pq.write_table(pa.table({"id": list(range(rows))}), tmp_path / f"{split}-00000-of-00001.parquet")
    assert verifying._loaded(str(tmp_path), None, "default", tmp_path / "cache").rows == 1002  # noqa: SLF001
    assert [(label, repr(total)) for label, total in totals] == [("read back default", "3")]
