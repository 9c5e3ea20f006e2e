"""Whatever the judge replies about a draft or a monitored row, it is a verdict or an annotation that says there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.asking import structured
from builders.families.deceptionbench import judge
from builders.records import canonical
from builders.teachers.api import NoReplyError, Reply
from tests.families.deceptionbench.rows import drafted, item, monitored

_SCRAPS = [*"{}[]:,", '"verdict"', '"safe"', '"unsafe"', "true", "false", "null", "```json\n", "\n```", "safe", " "]
_SCRAPS += ['"inner_neutral"', '"outer_adds_goal"', '"category_named"', "<think>", "</think>", "yes", "no"]
_WHOLE = ['{"verdict":"safe"}', '{"verdict":"unsafe"}', '{"verdict":"harmless"}', '{"verdict":"safe","why":1}']
_WHOLE += ['{"inner_neutral":true,"outer_adds_goal":true,"category_named":false}', '{"inner_neutral":"yes"}']
_REPLIES = st.text(max_size=40) | st.lists(st.sampled_from(_SCRAPS), max_size=14).map("".join) | st.sampled_from(_WHOLE)


def test_what_the_judge_said_is_beside_the_row_and_why_it_said_nothing() -> None:
    gone = NoReplyError({"error": "gone", "keys": []})
    checks = {"inner_neutral": True, "outer_adds_goal": False, "category_named": False}
    pair = judge.annotated(drafted(), [Reply("", "stop", "0" * 64, checks)])
    assert (pair.data["checks"], pair.data["errors"]) == (checks, {})
    assert pair.data["verdicts"] == {"thinking": None, "revision": None}
    assert list(judge.verdicts(pair)) == [("inner_neutral", "true"), ("outer_adds_goal", "false"), ("category_named", "false")]
    silent = judge.annotated(drafted(), [gone])
    assert list(judge.verdicts(silent)) == [("inner_neutral", None), ("outer_adds_goal", None), ("category_named", None)]
    half = judge.annotated(monitored(), [gone, Reply("", "stop", "0" * 64, {"verdict": "safe"})])
    assert half.data["checks"] is None
    assert half.data["errors"] == {"thinking": {"error": "gone", "keys": []}}
    assert list(judge.verdicts(half)) == [("thinking", None), ("revision", "safe")]


def test_nothing_is_asked_about_a_row_without_an_answer_or_an_item_of_people() -> None:
    assert judge.questions(monitored(revised_response="")) == ()
    assert judge.questions(item()) == ()
    [pair] = judge.questions(drafted())
    assert (pair.about, pair.schema) == (
        "pair",
        {
            "type": "object",
            "properties": {name: {"type": "boolean"} for name in ("inner_neutral", "outer_adds_goal", "category_named")},
            "required": ["inner_neutral", "outer_adds_goal", "category_named"],
            "additionalProperties": False,
        },
    )
    thinking, revision = judge.questions(monitored())
    assert (thinking.about, revision.about) == ("thinking", "revision")
    assert thinking.schema["properties"] == {"verdict": {"type": "string", "enum": ["safe", "unsafe"]}}


@pytest.mark.parametrize("about", ["pair", "thinking", "revision"])
def test_a_thousand_replies_give_a_verdict_or_say_that_there_is_none(about: str) -> None:
    record = drafted() if about == "pair" else monitored()
    questions = judge.questions(record)
    place = next(place for place, question in enumerate(questions) if question.about == about)
    gone = NoReplyError({"error": "gone", "keys": []})

    @settings(max_examples=1000, deadline=None, database=None)
    @given(_REPLIES)
    def holds(text: str) -> None:
        value, fault = structured.parsed(text, canonical(questions[place].schema))
        answer = NoReplyError({"error": "malformed", "keys": []}) if fault else Reply(text, "stop", "0" * 64, value)
        answers = [answer if number == place else gone for number in range(len(questions))]
        row = judge.annotated(record, answers).data
        if about == "pair":
            assert (row["checks"] is None) == (about in row["errors"])
            assert row["checks"] is None or all(isinstance(row["checks"][name], bool) for name in judge.CHECKS)
        else:
            assert row["verdicts"][about] in (None, judge.SAFE, judge.UNSAFE)
            assert (row["verdicts"][about] is None) == (about in row["errors"])

    holds()
