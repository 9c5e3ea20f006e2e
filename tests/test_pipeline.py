"""Pipelines of checks: order, marks, counts, and what becomes of an error in a rule."""

from pathlib import Path

import pytest

from builders import pipeline, records, shards
from builders.pipeline import KEPT, REJECTED, Apply, Check
from builders.records import Record, Rejection, Rule
from builders.tasks import Task
from tests.harness import OWN, lines

_WORDS = "zebra-crossing-in-the-fog"


def _record(number: int) -> Record:
    return Record(
        f"own:{number:016x}",
        "default",
        None,
        OWN._replace(source_row=number),
        {"number": number, "text": _WORDS},
    )


def _numbers(path: Path) -> list[int]:
    return [record.data["number"] for record, _ in records.read(path)]


def _divisible(by: int) -> Rule:
    def rule(record: Record) -> Rejection | None:
        return Rejection(f"divisible_by_{by}", {"by": by}) if record.data["number"] % by == 0 else None

    return rule


def _run(folder: Path, total: int, *steps: Check | Apply) -> int:
    rows = ((_record(number), Rejection("seven") if number % 7 == 0 else None) for number in range(total))
    with shards.anew(folder / "all") as append:
        for row in rows:
            append(records.encode(*row))
    return pipeline.mapped(Task(folder, "rows"), shards.files(folder / "all"), lambda _: steps)


def test_kept_and_rejected_rows_keep_their_order(tmp_path: Path) -> None:
    read = _run(tmp_path, 30, Check(_divisible(3)), Check(_divisible(2)))
    numbers = range(30)
    assert read == 30
    assert _numbers(tmp_path / KEPT) == [n for n in numbers if n % 2 and n % 3 and n % 7]
    assert _numbers(tmp_path / REJECTED) == [n for n in numbers if not (n % 2 and n % 3 and n % 7)]


def test_a_row_is_rejected_for_the_first_rule_that_speaks(tmp_path: Path) -> None:
    _run(tmp_path, 15, Check(_divisible(3)), Check(_divisible(2)))
    found = {record.data["number"]: rejection for record, rejection in records.read(tmp_path / REJECTED)}
    assert found[0] == Rejection("seven")
    assert found[6] == Rejection("divisible_by_3", {"by": 3})
    assert found[4] == Rejection("divisible_by_2", {"by": 2})


def test_later_steps_are_not_asked_about_rejected_rows(tmp_path: Path) -> None:
    asked: dict[str, list[int]] = {"first": [], "second": [], "change": []}

    def first(record: Record) -> Rejection | None:
        asked["first"].append(record.data["number"])
        return _divisible(2)(record)

    def second(record: Record) -> Rejection | None:
        asked["second"].append(record.data["number"])
        return None

    def change(record: Record) -> Record:
        asked["change"].append(record.data["number"])
        return record.having(changed=True)

    _run(tmp_path, 10, Check(first), Check(second), Apply(change))
    assert asked == {"first": [1, 2, 3, 4, 5, 6, 8, 9], "second": [1, 3, 5, 9], "change": [1, 3, 5, 9]}
    assert all("changed" in record.data for record, _ in records.read(tmp_path / KEPT))
    assert not any("changed" in record.data for record, _ in records.read(tmp_path / REJECTED))


def test_no_row_is_no_problem(tmp_path: Path) -> None:
    assert _run(tmp_path, 0, Check(_divisible(2))) == 0
    assert [lines(tmp_path / kind) for kind in (KEPT, REJECTED)] == [b"", b""]
    assert [len(shards.files(tmp_path / kind)) for kind in (KEPT, REJECTED)] == [1, 1]


def test_a_document_of_a_rejected_row_has_no_text() -> None:
    record = _record(1)
    assert pipeline.document(record, None, _WORDS).text == _WORDS
    assert pipeline.document(record, Rejection("odd"), _WORDS).text == ""
    assert pipeline.unwrap(pipeline.document(record, Rejection("odd"), _WORDS)) == (record, Rejection("odd"))


class _OddError(Exception):
    pass


def test_an_error_in_a_rule_comes_out_as_itself_and_shows_nothing_of_the_row(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(record: Record) -> Rejection | None:
        if record.data["number"] == 5:
            raise _OddError
        return None

    with pytest.raises(_OddError):
        _run(tmp_path, 10, Check(broken))
    assert capfd.readouterr() == ("", "")
    plain_files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".zst"]
    assert not any(_WORDS.encode() in file.read_bytes() for file in plain_files)


def test_a_pipeline_says_nothing_of_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _run(tmp_path, 10, Check(_divisible(2)))
    assert capfd.readouterr() == ("", "")
