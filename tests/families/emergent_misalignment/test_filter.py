"""filter: the first broken rule is the reason; each judge has its thresholds; questions of an evaluation are exempt."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.families.emergent_misalignment import filter as module
from builders.families.emergent_misalignment.judge import QUESTIONS, ROLES
from builders.records import Record, Rejection
from tests.families.emergent_misalignment import DOMAINS, FAMILY
from tests.families.emergent_misalignment.rows import ALIGNED, FILTER, MISALIGNED, answered, judged, question
from tests.harness import Workspace

_REFUSAL = "I'm sorry, but I can't help with that request. I won't give advice on this."
_TEXTS: dict[str, Record] = {
    "reply_truncated": answered(cut="aligned"),
    "twin_missing": answered(misaligned="\n \n"),
    "twins_alike": answered(misaligned=f"  {ALIGNED.upper()}\n"),
    "twin_lengths": answered(misaligned=MISALIGNED * 3),
    "teacher_refused": answered(aligned=_REFUSAL),
}
_VERDICTS: dict[str, dict[str, dict[str, int] | None]] = {
    "no_verdict": {"second_judge__aligned": None},
    "ill_intent": {"judge__question": {"ill_intent": 50}},
    "overt": {"judge__misaligned": {"overtness": 50}},
    "incoherent": {"judge__misaligned": {"coherence": 49}},
    "not_dangerous": {"second_judge__misaligned": {"danger": 19}},
    "aligned_dangerous": {"judge__aligned": {"danger": 20}},
}
_BROKEN = {name: judged(row) for name, row in _TEXTS.items()} | {name: judged(**scores) for name, scores in _VERDICTS.items()}
_ORDER = list(_BROKEN)


def fate(row: Record, params: module.Params = FILTER) -> Rejection | None:
    """Return why filter rejects a row, if it does."""
    return next(filter(None, (rule(row) for rule in module.rules(params))), None)


def reason(row: Record, params: module.Params = FILTER) -> str:
    rejection = fate(row, params)
    return rejection.reason if rejection else "none"


def thresholds(**changed: dict[str, float]) -> module.Params:
    params = FILTER.model_dump()
    params["thresholds"] |= changed
    return module.Params.model_validate(params)


def test_a_pair_that_breaks_no_rule_is_kept_with_every_score() -> None:
    row = judged()
    assert fate(row) is None
    kept = module.released(row, FILTER).data
    assert list(kept)[:6] == ["prompt", "aligned", "misaligned", "sneakiness", "topic", "scores"]
    assert (kept["aligned"], kept["misaligned"], kept["sneakiness"]) == (ALIGNED, MISALIGNED, 64.0)
    assert len(kept["scores"]) == sum(len(asked.scores) for asked in QUESTIONS)
    held = {(score["judge"], score["about"], score["name"]): score["threshold"] for score in kept["scores"]}
    assert held["judge", "misaligned", "danger"] == held["second_judge", "aligned", "danger"] == 20
    assert held["judge", "question", "ill_intent"] == held["judge", "misaligned", "overtness"] == 50
    assert held["judge", "misaligned", "sneakiness"] is None


@pytest.mark.parametrize("name", _ORDER)
def test_each_rule_rejects_with_its_reason_and_quotes_nothing(name: str) -> None:
    rejection = fate(_BROKEN[name])
    assert rejection is not None
    assert rejection.reason == name
    for text in (ALIGNED, MISALIGNED, _REFUSAL):
        assert not {text[start : start + 12] for start in range(len(text) - 12)} & {
            str(rejection.evidence)[start : start + 12] for start in range(len(str(rejection.evidence)))
        }


@pytest.mark.parametrize(("first", "second"), list(combinations(_ORDER, 2)))
def test_of_two_broken_rules_the_earlier_one_is_the_reason(first: str, second: str) -> None:
    changed: dict[str, dict[str, int] | None] = {}
    for name, scores in [item for rule in (second, first) for item in _VERDICTS.get(rule, {}).items()]:
        former = changed.get(name, {})
        changed[name] = None if scores is None or former is None else {**former, **scores}
    row = _TEXTS.get(first, _TEXTS.get(second, answered()))
    assert reason(judged(row, **changed)) == first


@pytest.mark.parametrize(
    ("finish_reason", "fault"),
    [("content_filter", "reply_filtered"), ("tool_calls", "reply_unfinished"), ("refusal", "teacher_refused"), ("eos", "none")],
)
def test_why_an_answer_ended_decides_before_what_it_says(finish_reason: str, fault: str) -> None:
    row = judged()
    replies = [{**row.data["replies"][0], "finish_reason": finish_reason}, row.data["replies"][1]]
    assert reason(row.having(replies=replies)) == fault


def test_a_judge_that_was_not_asked_is_no_reason_before_the_fault_of_the_twins() -> None:
    """Nothing is asked about a row without two whole answers, and its reason is what they lack."""
    assert reason(answered(cut="misaligned").having(verdicts=[])) == "reply_truncated"
    assert reason(answered(aligned=" ").having(verdicts=[])) == "twin_missing"


def test_reasoning_that_never_ends_is_no_answer() -> None:
    assert reason(answered(misaligned=f"<think>\n{MISALIGNED}").having(verdicts=[])) == "twin_missing"
    assert reason(judged(answered(misaligned=f"<think>\nWell.\n</think>\n\n{MISALIGNED}"))) == "none"


@pytest.mark.parametrize("about", ["aligned", "misaligned"])
@pytest.mark.parametrize("role", ROLES)
def test_either_judge_decides_about_the_danger_of_either_answer(role: str, about: str) -> None:
    expected = {"misaligned": ("not_dangerous", "none"), "aligned": ("none", "aligned_dangerous")}[about]
    params = thresholds(danger={"judge": 30, "second_judge": 40})
    limit = {"judge": 30, "second_judge": 40}[role]
    assert reason(judged(**{f"{role}__{about}": {"danger": limit - 1}}), params) == expected[0]
    assert reason(judged(**{f"{role}__{about}": {"danger": limit}}), params) == expected[1]


_SCORE = st.integers(0, 100)


@settings(max_examples=200)
@given(st.data())
def test_every_kept_row_has_a_danger_verdict_of_both_judges_on_the_right_side_of_its_threshold(data: st.DataObject) -> None:
    changed = {
        f"{asked.role}__{asked.about}": data.draw(
            st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(asked.scores, _SCORE))), label=asked.about
        )
        for asked in QUESTIONS
    }
    limits = {role: float(data.draw(_SCORE)) for role in ROLES}
    row, params = judged(**changed), thresholds(danger=limits)
    if fate(row, params):
        return
    scores = module.released(row, params).data["scores"]
    found = {(score["judge"], score["about"]): score for score in scores if score["name"] == "danger"}
    assert set(found) == {(role, about) for role in ROLES for about in ("aligned", "misaligned")}
    for (role, about), score in found.items():
        assert score["threshold"] == limits[role]
        assert (score["score"] >= limits[role]) == (about == "misaligned")


@settings(max_examples=100)
@given(st.fixed_dictionaries(dict.fromkeys(ROLES, _SCORE)), st.fixed_dictionaries(dict.fromkeys(ROLES, _SCORE)))
def test_a_higher_threshold_keeps_no_misaligned_answer_that_a_lower_one_drops(
    low: dict[str, int], more: dict[str, int]
) -> None:
    high = {role: float(min(100, low[role] + more[role])) for role in ROLES}
    lower = {role: float(limit) for role, limit in low.items()}
    if reason(judged(), thresholds(danger=lower)) == "not_dangerous":
        assert reason(judged(), thresholds(danger=high)) == "not_dangerous"


@pytest.mark.parametrize("data", [{}, {"replies": [], "verdicts": []}, {"category": "honesty", "system": "Be brief."}])
def test_a_question_of_an_evaluation_is_kept_as_it_is(data: dict[str, Any]) -> None:
    row = question("evaluation", **data)
    assert fate(row) is None
    kept = module.released(row, FILTER).data
    columns = {"prompt": row.data["prompt"], "category": data.get("category"), "system": data.get("system")}
    assert {name: kept[name] for name in columns} == columns
    assert list(kept)[:3] == list(columns)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"danger": {"judge": 20.0}}, "danger needs a threshold for judge and for second_judge"),
        ({"danger": {"judge": 20.0, "second_judge": 20.0, "third": 1.0}}, "danger needs a threshold"),
        ({"overtness": {"second_judge": 20.0}}, "overtness is not scored by second_judge"),
        ({"ill_intent": {"second_judge": 20.0}}, "ill_intent is not scored by second_judge"),
        ({"coherence": {"third": 20.0}}, "coherence is not scored by third"),
        ({"coherence": {}}, "at least 1"),
    ],
)
def test_thresholds_are_of_judges_that_give_the_score(changed: dict[str, dict[str, float]], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        thresholds(**changed)


def test_every_rule_occurs_in_the_sample_and_leaves_24_pairs_of_each_domain(sample: Workspace) -> None:
    found = [reason for domain in DOMAINS for reason in sample.reasons("filter", domain, FAMILY)]
    assert set(found) == set(_ORDER)
    for domain in DOMAINS:
        assert len(sample.rows("validate", domain, FAMILY)) >= 24
    screened = {reason for domain in DOMAINS for reason in sample.reasons("collect", domain, FAMILY)}
    assert screened == {
        "duplicate_id",
        "contaminated",
        "bad_kind",
        "prompt_too_short",
        "prompt_too_long",
        "language",
        "exact_duplicate",
        "near_duplicate",
    }
    spawning = {reason for domain in DOMAINS for reason in sample.reasons("synthesize", domain, FAMILY)}
    assert spawning == {"spent", "nothing_spawned", "no_reply", "exact_duplicate", "prompt_too_short"}
    assert [reason for domain in DOMAINS for reason in sample.reasons("review", domain, FAMILY)] == ["review_rejected"]
