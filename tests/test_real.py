"""Families on real prompts, on servers that misbehave, and planted leaks of evaluation prompts."""

from itertools import combinations
from pathlib import Path

import pytest

from benchmarks import advice, decontamination, real_input
from builders.screening.differing import different
from builders.texts.words import jaccard, shingles
from tests.doubles.adviser import FAULTS

pytestmark = pytest.mark.real


def test_every_planted_fault_is_rejected_for_its_reason_and_nothing_else_is(real_data: Path, tmp_path: Path) -> None:
    report = real_input.run(tmp_path / "project", real_data)
    assert report.misjudged == []
    assert report.planted == report.rejected
    assert set(report.planted) == {*real_input.PERCENT, "none"}
    assert {duplicate["reason"] for duplicate in report.duplicates} <= {"near_duplicate"}
    assert all(duplicate["evidence"]["jaccard"] >= 0.8 for duplicate in report.duplicates)
    assert report.planted.total() + len(report.duplicates) == 550
    assert report.released == report.planted["none"]


def test_the_near_duplicates_are_those_that_comparing_all_pairs_finds(real_data: Path, tmp_path: Path) -> None:
    """At the stated threshold of 0.8 there are none; at 0.6 XSTest has 11 pairs, one of which asks for the same."""
    workspace = real_input.prepared(tmp_path / "project", real_data)
    with workspace.params() as params:
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 0.6
    workspace.build("collect")
    kept = {row["id"]: shingles(row["data"]["instruction"], 3) for row in workspace.rows("collect")}
    rejected = workspace.rejected("collect")
    assert len(rejected) > 0
    for line in rejected:
        evidence = line["rejection"]["evidence"]
        similarity = jaccard(shingles(line["row"]["data"]["instruction"], 3), kept[evidence["duplicate_of"]])
        assert evidence["jaccard"] == round(similarity, 4)
        assert similarity >= 0.6
    texts = {row["id"]: row["data"]["instruction"] for row in workspace.rows("collect")}
    alike = [(texts[one], texts[other]) for one, other in combinations(kept, 2) if jaccard(kept[one], kept[other]) >= 0.6]
    assert sum(not different(*pair) for pair in alike) == 0


def test_leaks_of_whole_prompts_are_found_and_clean_questions_are_not(real_data: Path, tmp_path: Path) -> None:
    """What n-grams cannot find is held too: a short prompt that was embedded or changed by a word."""
    report = decontamination.run(tmp_path / "project", real_data)
    short, long = decontamination.SHORT, decontamination.LONG
    assert report.planted["copied", short] + report.planted["copied", long] == 450 + 100 + decontamination.LONG_PROMPTS
    for kind in ("copied", "other case and punctuation"):
        assert [report.hits[kind, length] for length in (short, long)] == [
            report.planted[kind, length] for length in (short, long)
        ]
    for kind in ("embedded in other text", "a word more at the end"):
        assert report.hits[kind, long] == report.planted[kind, long]
        assert report.hits[kind, short] == 0
    assert report.hits["5 % of the words replaced", long] > 0.8 * report.planted["5 % of the words replaced", long]
    assert sum(report.hits[kind, length] for kind in decontamination.NEAR_MISSES for length in (short, long)) == 0
    assert [report.mistaken[label] for label, *_ in decontamination.BACKGROUND] == [0, 0]


def test_a_source_that_is_an_evaluation_set_is_contaminated_through_and_through(real_data: Path, tmp_path: Path) -> None:
    workspace = real_input.prepared(tmp_path / "project", real_data)
    with workspace.params() as params:
        collect = params["sample"]["collect"]
        columns = {"key": "id", "prompt": "prompt"}
        collect["decontamination"]["sets"] = [
            {"name": "xstest", "file": "xstest_prompts.csv", "format": "csv", "columns": columns, "each": None, "only": None}
        ]
    workspace.build("collect")
    rejected = workspace.rejected("collect")
    assert {line["rejection"]["reason"] for line in rejected} == {"contaminated"}
    assert {line["row"]["provenance"]["source"] for line in rejected} == {"xstest"}
    assert len(rejected) == 450
    assert {line["rejection"]["evidence"]["kind"] for line in rejected} == {"exact"}
    assert len(workspace.rows("collect")) == 100


def test_advice_on_real_questions_is_rejected_for_the_planted_faults_and_nothing_else(real_data: Path, tmp_path: Path) -> None:
    report = advice.run(tmp_path, real_data, advice.STAGES[:-1])
    assert report.misjudged == []
    assert report.broken == []
    assert set(report.planted) == set(FAULTS)
    for reason in set(FAULTS.values()):
        planned = sum(report.planted[name] for name in FAULTS if FAULTS[name] == reason)
        assert planned > 0
        assert report.rejected[reason] == planned
    assert report.sources["medquad"]["in"] == 250
    assert report.sources["truthfulqa"]["in"] == 64
    assert report.sources["guide"]["in"] == 16
    assert sum(counts["in"] for source, counts in report.sources.items() if source.startswith("excytin")) >= 200
    assert sum(source.startswith("legalbench") for source in report.sources) >= 10


def test_chinese_and_evaluation_questions_are_kept_only_where_params_allow_them(real_data: Path, tmp_path: Path) -> None:
    chinese, evaluated = advice.sides(tmp_path, real_data)
    assert chinese == {"allowed: none": 100, "refused: language": 100, "refused: none": 0}
    assert evaluated == {"allowed: none": 48, "refused: contaminated": 48, "refused: none": 0}
