"""exporting: what a sealed file holds beside replies: who answered, better texts, and sources."""

import json

import pytest

from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.reviewing import answering
from builders.sealed import exporting
from builders.sealed.sealing import Pen
from builders.teachers.api import Identity
from builders.teachers.endpoint import answerer_note
from tests.harness import FAMILY, Workspace, jsonl
from tests.sealed.test_form import HEADER


def test_what_is_many_files_or_lies_on_the_hub_is_left_out_by_name(here: Workspace) -> None:
    folder = here.root / f"raw/{FAMILY}/sources"
    (folder / "many").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (folder / "many" / name).write_text('{"prompt": "Tell me about tea please", "key": "1", "topic": "x"}\n')
    with here.params() as params:
        [own] = params["sample"]["collect"]["sources"]
        hub = {"hub": "somebody/something", "revision": "0" * 40, "paths": ["rows.jsonl"]}
        params["sample"]["collect"]["sources"] = [own, {**own, "id": "hub", "file": hub}, {**own, "id": "many", "file": "many"}]
    written: list[bytes] = []
    left = exporting._add_sources(FAMILY, loading.load(FAMILY), Pen(written.append, HEADER))  # noqa: SLF001
    assert left == ["somebody/something (on the Hub)", "many (2 files)", "sample_evaluation.jsonl (no licence declared)"]
    named = [line for line in map(json.loads, written) if "source" in line]
    assert [(line["source"], line["license"], line["inside"] is None) for line in named] == [
        ("sample_prompts.jsonl", "CC-BY-4.0", False),
        ("sample_evaluation.jsonl", "no licence declared", True),
    ]


def test_who_answered_is_whom_rows_name_and_else_whom_the_ledger_saw(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_LEDGER", str(here.root / "ledger.sqlite"))
    loaded = loading.load(FAMILY)
    with Ledger(here.root / "ledger.sqlite") as ledger:
        ledger.note(answerer_note(FAMILY, "sample", "judge"), b'["double","m",null]')
        ledger.note(answerer_note(FAMILY, "full", "teacher"), b'["double","n",null]')
    assert exporting._answerers(FAMILY, loaded) == {"judge": Identity("double", "m", None)}  # noqa: SLF001


def test_better_texts_are_sealed_by_their_hash_where_the_ledger_has_them(
    here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_LEDGER", str(here.root / "ledger.sqlite"))
    written: list[bytes] = []
    pen = Pen(written.append, HEADER)
    assert exporting._add_edits(FAMILY, pen) == 0  # noqa: SLF001
    with answering.keeping(FAMILY) as keep:
        kept = keep("A better text.").model_dump()  # type: ignore[union-attr]
    edits = {"response": kept, "label": "tea"}
    gone = {"response": {"sha256": "0" * 64, "length": 3}}
    plain = {"id": f"{FAMILY}:1", "decision": "accept", "sha256": None, "note": None, "round": 1}
    lines = [{**plain, "reviewer": "ada", "edits": edits}, {**plain, "reviewer": "bob", "edits": gone}]
    folder = here.root / f"raw/{FAMILY}/reviews"
    folder.mkdir(exist_ok=True)
    (folder / "round-1.jsonl").write_text(jsonl(*lines))
    assert exporting._add_edits(FAMILY, pen) == 1  # noqa: SLF001
    assert [json.loads(line) for line in written[1:]] == [{"edit": kept["sha256"], "text": "A better text."}]
