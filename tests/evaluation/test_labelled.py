"""Replies that people have labelled: rows as samples, and how far a scorer agrees with them on dev and on test."""

from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.evaluation import labelled
from tests.evaluation.running import lines

LABELS = {"bad": ("1", "true"), "good": ("0", "false")}


def read(file: str, **more: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  (of `samples`)
    samples = [sample.metadata or {} for sample in labelled.samples(file, LABELS, "label", **more)]
    return [(about["people"], about["given_reply"], about["labelled_split"]) for about in samples]


@pytest.mark.parametrize("column", ["completion", "reply", "response", "answer"])
def test_a_row_has_its_label_in_our_word_its_reply_and_a_split_by_its_question(column: str, tmp_path: Path) -> None:
    rows = [{"prompt": "How?", column: f"So {label}.", "label": label} for label in (1, "TRUE ", "bad", 0, "False", "Good")]
    found = read(lines(tmp_path / "a.jsonl", *rows))
    assert [people for people, _, _ in found] == ["bad", "bad", "bad", "good", "good", "good"]
    assert [reply for _, reply, _ in found] == [f"So {row['label']}." for row in rows]
    assert len({split for _, _, split in found}) == 1


def test_questions_are_parted_into_dev_and_test(tmp_path: Path) -> None:
    rows = [{"prompt": f"How much is {number}?", "reply": "So.", "label": 1} for number in range(1, 6)]
    found = [split for _, _, split in read(lines(tmp_path / "a.jsonl", *rows))]
    assert found == ["test", "dev", "dev", "test", "test"]


def test_rows_that_are_not_asked_about_are_passed_over(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"prompt": "How?", "kind": "a"}, {"prompt": "Why?", "reply": "So.", "label": 0, "kind": "b"}]
    assert [people for people, _, _ in read(lines(tmp_path / "a.jsonl", *rows), is_asked=lambda row: row["kind"] == "b")] == [
        "good"
    ]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"reply": 7}, "row 2: no reply; name its column completion or reply or response or answer"),
        ({}, "row 2: no reply"),
        ({"reply": "private words", "label": "private"}, "row 2: the column label holds no label; write one of bad, good"),
        ({"reply": "private words", "label": None}, "row 2: the column label holds no label"),
    ],
)
def test_a_row_without_a_reply_or_a_label_is_one_line_that_quotes_nothing(
    row: dict[str, Any], what: str, tmp_path: Path
) -> None:
    file = lines(tmp_path / "a.jsonl", {"prompt": "How?", "reply": "So.", "label": 1}, {"prompt": "How?", "label": 1, **row})
    with pytest.raises(BuildError, match=what) as raised:
        read(file)
    assert "private" not in str(raised.value)


def test_agreement_is_measured_on_dev_and_on_test_apart() -> None:
    from inspect_ai.scorer import SampleScore, Score

    def scored(judge: str, people: str, split: str) -> SampleScore:
        about = {"people": people, "labelled_split": split}
        return SampleScore(score=Score(value=judge), sample_id="a", sample_metadata=about)

    given = [("bad", "bad"), ("bad", "good"), ("good", "good"), ("good", "good"), ("blank", "bad"), ("blank", "good")]
    scores = [scored(judge, people, "test") for judge, people in given] + [scored("filtered", "good", "dev")]
    measured: Any = labelled.agrees(["bad"], ["good"])
    found = measured([*scores, SampleScore(score=Score(value="bad"), sample_id="b")])
    assert {name: value for name, value in found.items() if not name.endswith(("_low", "_high"))} == {
        "dev/no_verdict": 1.0,
        "dev/agrees_n": 0.0,
        "dev/agrees_on_fail_n": 0.0,
        "dev/agrees_on_pass_n": 0.0,
        "dev/agrees_excluded_filtered": 1.0,
        "test/no_verdict": 2.0,
        "test/agrees": 0.75,
        "test/agrees_n": 4.0,
        "test/agrees_on_fail": 1.0,
        "test/agrees_on_fail_n": 1.0,
        "test/agrees_on_pass": pytest.approx(2 / 3),
        "test/agrees_on_pass_n": 3.0,
        "test/agrees_excluded_blank": 2.0,
        "test/f1": pytest.approx(2 / 3),
        "test/correlation": pytest.approx(3**-0.5),
    }
    assert (round(found["test/agrees_low"], 3), round(found["test/agrees_high"], 3)) == (0.301, 0.954)
