"""card_reviews and responsible: what card and manifest say of people who looked at rows, and of where rows are from."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.releases import card_reviews, responsible

SHARE = {"share": 0.1234, "low": 0.05, "high": 0.2, "rows": 40}
FACTS: dict[str, Any] = {
    "rule": {"conflicts": "majority"},
    "reviewers": {"ada": 30, "bob": 12},
    "kept": {"rows": 90, "reviewed": 40, "accept": 35, "reject": 5, "undecided": 2, "edited": 3},
    "rejected": {"rows": 20, "reviewed": 7},
    "stale": {"decisions": 4, "rows": ["quiz:1"]},
    "error_rate": None,
    "false_drop_rate": None,
    "judge": {"precision": None, "recall": None},
    "agreement": {"decision": {"alpha": None, "low": None, "high": None, "rows": 3}},
    "policy": None,
    "missing": [],
}
FIRST = (
    "Decisions: 42, made by 2 reviewers; where they differ, the majority decides. Decided: 40 of the 90 rows that the filter "
    "kept (35 accepted, 3 of them with a better text; 5 rejected; 2 more undecided), and 7 of the 20 that it rejected and that "
    "can be shown. Left out as stale, since the row has changed: 4 decisions."
)


def test_where_nobody_reviewed_rows_the_card_says_so() -> None:
    assert card_reviews.section(None) == "Nobody has reviewed rows of this release."


def test_decisions_are_counted_and_without_measures_nothing_is_measured() -> None:
    assert card_reviews.section(FACTS) == FIRST
    one = card_reviews.section({**FACTS, "reviewers": {"ada": 3}})
    assert one.startswith("Decisions: 3, made by one reviewer; where they differ")


@pytest.mark.parametrize(
    ("rule", "worded"),
    [
        ("reject", "one reviewer who rejects a row is enough to reject it"),
        ("accept", "one reviewer who accepts a row is enough to keep it"),
        ("unanimous", "only what all agree on is decided"),
        ("senior", "a senior reviewer decides where others differ"),
    ],
)
def test_the_rule_is_worded(rule: str, worded: str) -> None:
    assert f"where they differ, {worded}. Decided" in card_reviews.section({**FACTS, "rule": {"conflicts": rule}})


def test_each_measure_is_a_line_with_its_interval() -> None:
    alpha = {"alpha": 0.815, "low": 0.7, "high": 0.912, "rows": 12}
    found = card_reviews.section(
        {
            **FACTS,
            "error_rate": SHARE,
            "false_drop_rate": {**SHARE, "share": 0.5, "rows": 7},
            "judge": {"precision": {"share": 0.9, "low": 0.8, "high": 0.95}, "recall": None},
            "agreement": {**FACTS["agreement"], "step": alpha},
        }
    )
    first, table, how = found.split("\n\n")
    assert first == FIRST
    assert table.split("\n") == [
        "| measured by reviewers | estimate | 95 % interval | rows |",
        "|---|---:|---:|---:|",
        "| wrong rows among those that were kept | 12.3 % | 5.0 % to 20.0 % | 40 |",
        "| good rows among those that were dropped | 50.0 % | 5.0 % to 20.0 % | 7 |",
        "| precision of keeping | 90.0 % | 80.0 % to 95.0 % | |",
        "| Krippendorff's alpha of `step` | 0.81 | 0.70 to 0.91 | 12 |",
    ]
    assert how == "Shares are weighted by stratum and corrected for how often reviewers of the same row differ."


def test_whether_the_policy_is_met_is_said_where_there_is_one() -> None:
    assert card_reviews.section({**FACTS, "policy": {"alpha": 0.5}}) == f"{FIRST}\n\nThe review policy is met."
    missing = [{"line": "alpha: 0.5 is wanted"}, {"line": "error_rate: 0.1 is wanted"}]
    assert card_reviews.section({**FACTS, "policy": {"alpha": 0.5}, "missing": missing}) == (
        f"{FIRST}\n\n**The review policy is not met:** alpha: 0.5 is wanted; error_rate: 0.1 is wanted."
    )


def test_what_people_did_is_in_the_manifest() -> None:
    alphas = {"decision": {"alpha": 0.5}, "step": {"alpha": None}, "kind": {"alpha": 0.987}}
    assert responsible._agreement({"agreement": alphas}) == (  # noqa: SLF001
        "Krippendorff's alpha: decision 0.50, kind 0.99"
    )
    unmeasured: list[dict[str, Any] | None] = [None, {"agreement": {}}, {"agreement": {"step": {"alpha": None}}}]
    for review in unmeasured:
        assert responsible._agreement(review) == "Agreement of people was not measured in this build."  # noqa: SLF001
    assert responsible._people(FACTS).startswith("2 reviewers under pseudonyms;")  # noqa: SLF001
    assert responsible._people(None).startswith("0 reviewers under pseudonyms;")  # noqa: SLF001
    assert responsible._per_item({"judge": {}, "teacher": {}}, FACTS) == (  # noqa: SLF001
        "Models in these roles: judge, teacher. People decided about 40 of 90 kept rows."
    )
    assert responsible._per_item({}, None) == (  # noqa: SLF001
        "Models in these roles: none. People decided about 0 of the kept rows."
    )


def test_sources_stages_and_tools_are_told_in_a_line_each() -> None:
    hub, made, hand = ({"id": "a", "license": "MIT", "rows": 3, **more} for more in (
        {"repository": "some/thing", "sha256": "0" * 64}, {"generator": "dice", "seed": 1}, {"sha256": "1" * 64}
    ))  # fmt: skip
    assert [responsible._kind(source) for source in (hub, made, hand)] == [  # noqa: SLF001
        *("Secondary Data Analysis", "Software Collection", "Manual Human Curation")
    ]
    assert [responsible._source(source) for source in (hub, made, hand)] == [  # noqa: SLF001
        "a (some/thing; MIT; 3 rows released)",
        "a (dice; MIT; 3 rows released)",
        f"a (sha256 {'1' * 64}; MIT; 3 rows released)",
    ]
    stage = {"stage": "judge", "in": 9, "spawned": 2, "out": {"a": 5, "b": 1}, "rejected": {"x": 4, "y": 1}}
    assert responsible._stage(stage) == "judge: 9 rows in, 2 spawned, 6 out; rejected: x 4, y 1"  # noqa: SLF001
    assert responsible._stage({**stage, "spawned": 0, "rejected": {}}) == (  # noqa: SLF001
        "judge: 9 rows in, 6 out; rejected: none"
    )
    assert responsible._missing([stage, stage]).startswith(  # noqa: SLF001
        "No row is dropped without a record: 10 were rejected,"
    )
    who = {"server": "double", "model": "m", "revision": None}
    assert responsible._tool("judge", who) == "judge: m, revision not recorded"  # noqa: SLF001
    assert responsible._tool("judge", {**who, "revision": "r1"}) == "judge: m, revision r1"  # noqa: SLF001
    assert [responsible._tool("judge", {**who, "server": name}) for name in ("recorded", "symbolic", "none")] == [  # noqa: SLF001
        "judge: m, written by hand, no model",
        "judge: m, computed by rules, no model",
        "judge: m, decided by a rule, no model",
    ]


@pytest.mark.parametrize("stated", [None, {}, {"dataCollection": ""}])
def test_a_manifest_without_a_field_is_named_by_it(stated: dict[str, responsible.Value] | None) -> None:
    with pytest.raises(BuildError) as caught:
        responsible.metadata(stated, "the manifest of quiz")
    assert str(caught.value) == (
        "the manifest of quiz: the manifest has nothing for rai:dataCollection; state it in the front matter of the card, and "
        "release again"
    )
