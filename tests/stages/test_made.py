"""Sources that a family makes itself, and answers that it gives itself: a family laid down for the test, built whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from builders import records
from tests.harness import TOYS, Workspace, one_line

FAMILY = "sums"
_PACKAGE = {
    "__init__": """
        from builders.family import Family

        FAMILY = Family(
            title="Sums",
            subsets=("default",),
            reviewed=("prompt", "answer"),
            texts=("prompt", "answer"),
            tasks=("text-generation",),
            tags=("sums",),
        )
        """,
    "collect": """
        import random

        from builders.contracts import Collecting
        from builders.params.sections import Collect


        def generated(file):
            for number in range(file.rows):
                draw = random.Random(f"{file.seed} {number}")
                first, second = (draw.randrange(file.settings["below"]) for _ in range(2))
                yield {"number": number, "first": first, "second": second}


        STAGE = Collecting(
            params=Collect,
            prompt="prompt",
            columns={"prompt": True, "first": False, "second": False},
            rules=lambda _: [],
            generated=generated,
        )
        """,
    "synthesize": """
        from builders.asking.works import merged
        from builders.contracts import Synthesizing
        from builders.work import gathered
        from builders.params.sections import Synthesize
        from builders.teachers import api
        from builders.teachers.api import Request


        def requests(record, chosen):
            body = api.chat(chosen.roles["teacher"], [{"role": "user", "content": record.data["prompt"]}])
            return [Request("synthesize", "teacher", record.id, 0, body)]


        def symbolic(record, _):
            return [str(record.data["first"] + record.data["second"])]


        STAGE = Synthesizing(params=Synthesize, openings=requests, work=lambda _, __: gathered(merged), symbolic=symbolic)
        """,
    "filter": """
        from dataclasses import replace

        from builders.contracts import Filtering
        from builders.params.sections import Filter


        def released(record, _):
            return replace(record, data={"prompt": record.data["prompt"], "answer": record.data["replies"][0]["text"]})


        STAGE = Filtering(params=Filter, rules=lambda _: [], released=released)
        """,
}
_ROLE = {"model": "m", "revision": None, "server": None, "api": "chat", "engine": None, "prices": None, "repairs": 0}
_SOURCE: dict[str, Any] = {
    "id": "made",
    "file": {"generator": "sums", "rows": 12, "seed": 3, "settings": {"below": 1000}},
    "format": "generated",
    "license": "CC-BY-4.0",
    "subset": "default",
    "columns": {
        "key": "number",
        "prompt": {"template": "What do {{ first }} and {{ second }} make together, please?"},
        "first": "first",
        "second": "second",
    },
    "each": None,
    "only": None,
    "constants": {},
    "values": {},
    "limit": None,
    "answers": "symbolic",
}
_SHAPES = {
    "threshold": 1.0,
    "shingle_words": 3,
    "bands": 2,
    "hashes_per_band": 2,
    "numbers": "may_differ",
}


def _params(*sources: dict[str, Any]) -> dict[str, Any]:
    role = {**_ROLE, "sampling": {"temperature": 0.0, "top_p": 1.0, "max_tokens": 16}}
    stages = {
        "collect": {
            "sources": list(sources),
            "decontamination": {"ngram_words": 13, "sets": []},
            "prompt_words": {"min": 1, "max": 50},
            "language": {"allowed": ["en"], "min_confidence": 1.0, "min_words": 50},
            "near_duplicates": _SHAPES,
        },
        "synthesize": {"roles": {"teacher": role}, "seed": 0, "candidates": None},
        "judge": {"roles": {"judge": role}},
        "filter": {},
        "review": {"conflicts": "reject"},
        "validate": {},
        "release": {"rows_per_shard": 100},
    }
    return {"sample": stages, "full": stages}


def _schema() -> dict[str, Any]:
    described = {"type": "string", "description": "Text."}
    answerer = {
        "type": ["object", "null"],
        "description": "Who answered.",
        "properties": dict.fromkeys(("server", "model"), described),
    }
    traced = {
        "type": "object",
        "description": "Where it came from.",
        "properties": {"source": described, "license": described, "teacher": answerer},
    }
    columns = {
        **dict.fromkeys(("id", "prompt", "answer"), described),
        "provenance": traced,
        "canary": {"const": "tracewright:sums:canary:0", "description": "Mark."},
    }
    default = {"type": "object", "description": "Sums.", "required": list(columns), "properties": columns}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {"default": default}}


@pytest.fixture
def sums(workspace: Workspace) -> Workspace:
    """A workspace with a family that makes its rows and answers them."""
    root = workspace.root
    package = root / "builders" / "families" / FAMILY
    package.mkdir()
    for name, text in _PACKAGE.items():
        lines = text.strip("\n").splitlines()
        (package / f"{name}.py").write_text("\n".join(line[8:] for line in lines) + "\n")
    for folder in ("prompts/synthesize", "prompts/judge"):
        (package / folder).mkdir(parents=True)
    for kind in ("sources", "replies", "reviews"):
        (root / "raw" / FAMILY / kind).mkdir(parents=True)
    declare(workspace, _SOURCE)
    (root / f"schemas/{FAMILY}.schema.json").write_text(json.dumps(_schema()))
    (root / f"cards/{FAMILY}.md").write_text(_CARD)
    return workspace


def declare(workspace: Workspace, *sources: dict[str, Any]) -> None:
    (workspace.root / "builders" / "families" / FAMILY / "params.yaml").write_text(json.dumps(_params(*sources)))


_CARD = (TOYS / "toy" / "toy.md").read_text().replace("  long: long ones\n", "").replace("toy", "sums").replace("Toy", "Sums")

_BUILD = """
import sys
from builders.__main__ import main
for stage in sys.argv[1:]:
    if main([stage, "sums"]):
        sys.exit(2)
"""
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


def build(workspace: Workspace, *stages: str) -> str:
    """Run stages in one process with nobody to ask."""
    done = workspace.run_code(_BUILD, *stages)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rows_that_are_made_are_answered_without_anyone_being_asked(sums: Workspace) -> None:
    """There is no recorded reply: whoever asked would stop."""
    lines = build(sums, *STAGES)
    assert "collect sums/default: in 12, out 12, rejected 0" in lines
    assert "release sums: default 12 rows" in lines
    for row in sums.rows("validate", family=FAMILY):
        _, _, _, first, _, second, *_ = [word.strip(",") for word in f"x {row['data']['prompt']}".split()]
        assert row["data"]["answer"] == str(int(first) + int(second))
        assert row["data"]["provenance"]["teacher"]["server"] == "symbolic"
        assert row["provenance"]["answers"] == "symbolic"
    rows = sums.rows("collect", family=FAMILY)
    assert [row["id"] for row in rows] == [records.row_id(FAMILY, "made", str(number)) for number in range(12)]
    facts = json.loads((sums.root / f"processed/{FAMILY}/release/manifest.json").read_text())
    assert facts["answered_by"] == {
        "symbolic": {"server": "symbolic", "model": "symbolic", "revision": None, "prompts_sha256": None}
    }
    assert facts["recorded"] is False
    assert facts["sources"] == [{"id": "made", "license": "CC-BY-4.0", "generator": "sums", "seed": 3, "rows": 12}]
    assert "made by `sums`, seed 3" in (sums.root / f"processed/{FAMILY}/release/DETAILS.md").read_text()
    assert not (sums.root / ".ledger").exists()


def test_more_rows_hold_the_fewer_ones_and_another_seed_makes_others(sums: Workspace) -> None:
    def prompts(**changed: Any) -> list[str]:  # noqa: ANN401
        declare(sums, {**_SOURCE, "file": {**_SOURCE["file"], **changed}})
        build(sums, "collect")
        return [row["data"]["prompt"] for row in sums.rows("collect", family=FAMILY)]

    few, many, others = prompts(rows=5), prompts(rows=9), prompts(rows=5, seed=4)
    assert many[:5] == few
    assert set(others).isdisjoint(few)


def test_rows_of_a_file_are_asked_for_beside_rows_that_are_made(sums: Workspace) -> None:
    file = sums.root / "raw" / FAMILY / "sources" / "own.csv"
    file.write_text("first,second\n1,2\n")
    own = {**_SOURCE, "id": "own", "file": file.name, "format": "csv", "answers": None}
    own["columns"] = {name: column for name, column in _SOURCE["columns"].items() if name != "key"}
    declare(sums, _SOURCE, own)
    build(sums, "collect")
    identity = sums.rows("collect", family=FAMILY)[-1]["id"]
    reply = {"stage": "synthesize", "role": "teacher", "id": identity, "index": 0, "text": "three"}
    Path(sums.root / "raw" / FAMILY / "replies" / "own.jsonl").write_text(json.dumps(reply) + "\n")
    lines = build(sums, "synthesize", "judge", "filter")
    assert "synthesize sums/default: in 13, out 13, rejected 0" in lines
    rows = sums.rows("filter", family=FAMILY)
    assert rows[-1]["data"]["answer"] == "three"
    assert rows[-1]["provenance"]["teacher"]["server"] == "recorded"
    assert {row["provenance"]["teacher"]["server"] for row in rows[:-1]} == {"symbolic"}


def test_a_limit_and_a_missing_generator(sums: Workspace) -> None:
    declare(sums, {**_SOURCE, "limit": 4})
    assert "in 4, out 4" in build(sums, "collect")
    package = sums.root / "builders" / "families" / FAMILY / "collect.py"
    package.write_text(package.read_text().replace("    generated=generated,\n", ""))
    assert "source made: sums has no generator" in one_line(sums.run("collect", FAMILY))
