"""validate: what is released has the schema's form, and a row that has not is named without being quoted."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from builders import paths, records, schema, shards
from builders.errors import BuildError
from builders.jobs import Counts, counts
from builders.provenance import Reviewed
from builders.records import Record
from builders.stages import validate
from builders.stages.running import run
from tests.harness import FAMILY, Workspace, laid, lines

_WORDS = "a wistaria in the fog"
Spoil = Callable[[Record], Record]


@pytest.fixture
def reviewed(here: Workspace, built: Workspace) -> Workspace:
    """A copy in which everything up to review is done."""
    for stage in paths.STAGES[:5]:
        source = built.root / f"processed/{FAMILY}" / stage
        shutil.copytree(source, here.root / f"processed/{FAMILY}" / stage)
    return here


def _spoil(workspace: Workspace, spoil: Spoil, *numbers: int) -> list[Record]:
    """Change some of the reviewed rows and return all of them."""
    path = workspace.root / paths.rows(FAMILY, "review", "default")
    rows = [record for record, _ in records.read(path)]
    rows = [spoil(record) if number in numbers else record for number, record in enumerate(rows)]
    laid(path, rows)
    return rows


def _with_reply(**changes: object) -> Spoil:
    def spoil(record: Record) -> Record:
        first, *others = record.data["replies"]
        return record.having(replies=[{**first, **changes}, *others])

    return spoil


def _without(column: str) -> Spoil:
    def spoil(record: Record) -> Record:
        left = {name: value for name, value in record.data.items() if name != column}
        return Record(record.id, record.subset, record.parent, record.provenance, left)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "column", "rule", "value"),
    [
        (_with_reply(verdict=_WORDS), "$.replies[0].verdict", "enum", _WORDS),
        (lambda row: row.having(response=None), "$.response", "type", None),
        (lambda row: row.having(response=""), "$.response", "minLength", ""),
        (lambda row: row.having(chosen_index="0"), "$.chosen_index", "type", "0"),
        (lambda row: row.having(chosen_index=-1), "$.chosen_index", "minimum", -1),
        (lambda row: row.having(replies=[]), "$.replies", "minItems", []),
        (_with_reply(key=_WORDS), "$.replies[0].key", "pattern", _WORDS),
        (lambda row: replace(row, provenance=row.provenance._replace(license="")), "$.provenance.license", "minLength", ""),
    ],
)
def test_a_row_that_breaks_the_schema_is_rejected_with_the_place_and_the_hash_of_the_value(
    reviewed: Workspace, spoil: Spoil, column: str, rule: str, value: object
) -> None:
    rows = _spoil(reviewed, spoil, 1, 4)
    run("validate", FAMILY)
    rejected = reviewed.rejected("validate")
    assert [line["row"]["id"] for line in rejected] == [rows[1].id, rows[4].id]
    assert [row["id"] for row in reviewed.rows("validate")] == [
        row.id for number, row in enumerate(rows) if number not in {1, 4}
    ]
    for line in rejected:
        assert line["rejection"]["reason"] == "schema"
        evidence = line["rejection"]["evidence"]
        assert (evidence["column"], evidence["rule"]) == (column, rule)
        assert evidence["sha256"] == records.digest(value)
        assert evidence["bytes"] == len(records.canonical(value))
        assert _WORDS not in str(line["rejection"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: row.having(**{_WORDS: _WORDS}),
        _without("response"),
        _without("replies"),
        _with_reply(**{_WORDS: _WORDS}),
        lambda row: row.having(replies=_WORDS),
        lambda row: row.having(instruction=[_WORDS]),
        lambda row: row.reviewed(Reviewed(_WORDS, 1)),
    ],
    ids=["extra", "missing", "missing list", "extra inside", "wrong type", "list", "review"],
)
def test_no_rejection_quotes_the_row(reviewed: Workspace, spoil: Spoil) -> None:
    text = _spoil(reviewed, spoil, 0)[0].data["instruction"]
    run("validate", FAMILY)
    (line,) = reviewed.rejected("validate")
    assert line["rejection"]["reason"] == "schema"
    assert line["rejection"]["evidence"]["column"].startswith("$")
    assert len(line["rejection"]["evidence"]["sha256"]) == 64
    found = str(line["rejection"])
    assert _WORDS not in found
    assert str(text) not in found


@pytest.mark.parametrize(
    "spoil",
    [_with_reply(key="0" * 64 + "\n"), lambda row: replace(row, id=row.id + "\n")],
    ids=["key", "id"],
)
def test_a_value_that_only_one_of_the_two_validators_minds_is_rejected_too(reviewed: Workspace, spoil: Spoil) -> None:
    """Python's `$` also matches in front of a last line break, Rust's does not."""
    record = _spoil(reviewed, spoil, 0)[0]
    found = validate.rule(FAMILY)(validate.row(FAMILY, record))
    assert found is not None
    assert found.reason == "schema"
    assert record.data["instruction"] not in str(found)


def test_a_valid_row_has_the_columns_of_the_schema_in_their_order(reviewed: Workspace) -> None:
    run("validate", FAMILY)
    rows = reviewed.rows("validate")
    assert rows
    assert reviewed.rejected("validate") == []
    columns = list(schema.config(FAMILY, "default")["$defs"]["default"]["properties"])
    assert all(list(row["data"]) == columns for row in rows)
    before = reviewed.rows("review")
    for row, source in zip(rows, before, strict=True):
        data: dict[str, Any] = row["data"]
        traced = source["provenance"]
        assert data["id"] == row["id"] == source["id"]
        assert {name: data[name] for name in source["data"]} == source["data"]
        assert data["canary"] == schema.canary(FAMILY, "default")
        assert data["provenance"] == {
            "source": traced["source"],
            "source_key": traced["source_key"],
            "license": traced["license"],
            "parent": None,
            "teacher": traced["teacher"],
            "judge": traced["judge"],
            "sampling": None,
            "review": traced.get("review"),
        }


def test_validate_gives_the_rows_that_were_released(reviewed: Workspace, built: Workspace) -> None:
    run("validate", FAMILY)
    file = paths.rows(FAMILY, "validate", "default")
    assert lines(reviewed.root / file) == lines(built.root / file)
    total = len(reviewed.rows("review"))
    out_of = Counter(row["subset"] for row in reviewed.rows("review"))
    read, out = (shards.digest(paths.rows(FAMILY, stage, "default")) for stage in ("review", "validate"))
    assert counts(FAMILY, "validate") == {"default": Counts(total, 0, dict(out_of), {}, read, out)}


@pytest.mark.parametrize(
    ("spoil", "config"),
    [
        (_with_reply(verdict="unsafe"), "default"),
        (_with_reply(verdict=None), "default"),
        (lambda row: row.having(replies=[{**reply, "verdict": "safe"} for reply in row.data["replies"]]), "hard"),
        (lambda row: row.having(replies=[{**reply, "verdict": "unsafe"} for reply in row.data["replies"]]), "hard"),
    ],
)
def test_the_schema_holds_what_tells_the_configs_apart(reviewed: Workspace, spoil: Spoil, config: str) -> None:
    rows = records.read(reviewed.root / paths.rows(FAMILY, "review", "default"))
    row = next(record for record, _ in rows if record.subset == config)
    check = validate.rule(FAMILY)
    assert check(validate.row(FAMILY, row)) is None
    rejection = check(validate.row(FAMILY, spoil(row)))
    assert rejection is not None
    assert (rejection.reason, rejection.evidence["column"]) == ("schema", "$.replies")


def test_a_hard_row_may_have_a_reply_without_verdict(reviewed: Workspace) -> None:
    rows = records.read(reviewed.root / paths.rows(FAMILY, "review", "default"))
    row = next(record for record, _ in rows if record.subset == "hard")
    replies = [*row.data["replies"], {**row.data["replies"][0], "index": 3, "verdict": None}]
    assert validate.rule(FAMILY)(validate.row(FAMILY, row.having(replies=replies))) is None


def test_a_row_for_a_config_that_the_schema_lacks_is_a_build_error(reviewed: Workspace) -> None:
    _spoil(reviewed, lambda row: Record(row.id, "absent", row.parent, row.provenance, row.data), 0)
    with pytest.raises(BuildError, match=r"no \$defs/absent") as caught:
        run("validate", FAMILY)
    assert caught.value.where == str(paths.schema(FAMILY))
    assert counts(FAMILY, "validate") == {}
