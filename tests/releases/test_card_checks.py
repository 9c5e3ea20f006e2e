"""What a card says was checked, and how its rows divide."""

from collections import Counter
from typing import Any

import pytest

from builders.releases import card_checks, tally
from tests.harness import FAMILY

CLEAN: dict[str, Any] = {"decontamination": {}, "overlap": None, "review": None}


def said(place: int, **facts: object) -> str:
    return card_checks.checked({**CLEAN, **facts}, "Reviewed by nobody.").split("\n")[place]


def test_what_was_not_done_is_said() -> None:
    assert card_checks.checked(CLEAN, "Reviewed by nobody.") == (
        "- Contamination: prompts were compared with no evaluation set in this build.\n"
        "- Overlap with the published set: not measured in this build.\n"
        "- Reviewed by nobody."
    )


@pytest.mark.parametrize(("counts", "matches"), [({}, 0), ({"exact": 3}, 3), ({"ngram": 4}, 4), ({"image": 5, "exact": 1}, 6)])
def test_every_match_with_an_evaluation_set_counts(counts: dict[str, int], matches: int) -> None:
    sets = {"one": {"prompts": 70, **counts}, "other": {"prompts": 9, "ngram": 2}}
    assert said(0, decontamination=sets) == (
        f"- Contamination: prompts were compared with `one`, `other`; matches: {matches + 2}, each in "
        "`contamination.jsonl`, none released."
    )


def test_the_overlap_is_the_sum_of_all_subsets() -> None:
    subsets = {"a": {"rows": 1000, "equal": 2, "ngram": 30}, "b": {"rows": 500, "equal": 1, "ngram": 1000}}
    assert said(1, overlap={"set": "theirs", "prompts": 12345, "subsets": subsets}) == (
        "- Overlap with the published set `theirs` (12,345 prompts): of 1,500 rows 3 have a prompt of it, 1,030 more share "
        "words in a row with one; `overlap.json` has it by config."
    )


def test_decisions_of_people_are_counted() -> None:
    assert said(2, review={"kept": {"reviewed": 7, "rows": 90}}) == (
        "- Reviewed by people: 7 of 90 kept rows; DETAILS.md has what they decided."
    )


def test_values_are_counted_by_config_the_most_frequent_first() -> None:
    tally = {"values": {"hard": {"label": {"safe": 1, "unsafe": 1200, "a|b": 1}}, "default": {"kind": {"x": 2}}}}
    assert card_checks.counts(tally).split("\n") == [
        "| config | column | rows |",
        "|---|---|---|",
        r"| `hard` | `label` | unsafe 1,200 · a\|b 1 · safe 1 |",
        "| `default` | `kind` | x 2 |",
    ]


@pytest.mark.usefixtures("toys")
def test_a_column_with_one_value_says_nothing_about_how_rows_divide() -> None:
    values = {"label": {"safe": 3, "unsafe": 1}, "kind": {"x": 4}, tally.SOURCE: {"own": 4}}
    found = card_checks._breakdown(FAMILY, {"values": {"default": values}})  # noqa: SLF001
    assert found == {"label": Counter({"safe": 3, "unsafe": 1}), tally.SOURCE: Counter({"own": 4})}
