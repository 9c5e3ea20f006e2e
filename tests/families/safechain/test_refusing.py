"""`refusal: judge`: a model says what refuses, structured; where it does not, the rule does."""

import pytest
from pydantic import ValidationError

from builders.families.safechain import judge, refusing
from builders.families.safechain.judge import Params
from builders.params.roles import Role, Sampling
from builders.provenance import Answerer
from builders.records import Record
from builders.teachers.api import NoReplyError, Reply
from tests.harness import OWN, Workspace

SOFT = "That sounds hard. Talking to somebody you trust may help you more than I could."
ROLE = Role(
    model="m",
    revision=None,
    server=None,
    api="chat",
    engine=None,
    sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=100),
    prices=None,
    repairs=1,
)


def row(*texts: str) -> Record:
    replies = [
        {"index": index, "text": text, "finish_reason": "stop", "key": f"{index:064x}"} for index, text in enumerate(texts)
    ]
    return Record(
        "safechain:0123456789abcdef", "default", None, OWN, {"instruction": "Tell me how.", "label": None, "replies": replies}
    )


def params(**changes: object) -> Params:
    section = {"roles": {"judge": ROLE, refusing.ROLE: ROLE}, "verdict": "structured", "refusal": "judge", **changes}
    return Params.model_validate(section)


def reply(kind: str) -> Reply:
    return Reply("", "stop", "f" * 64, value={"refusal": kind})


def safe() -> Reply:
    return Reply("", "stop", "e" * 64, value={"verdict": "safe", "categories": []})


def test_each_reply_is_asked_about_twice_and_the_second_question_is_structured(here: Workspace) -> None:
    del here
    asked = judge.requests(row("<think>\nlong\n</think>\n\nFirst.", "Second."), params())
    assert [request.role for request in asked] == ["judge", "judge", "refusal_judge", "refusal_judge"]
    assert [request.index for request in asked] == [0, 1, 0, 1]
    assert asked[2].schema == refusing.SCHEMA
    prompt = asked[2].body["messages"][0]["content"]
    assert "First." in prompt
    assert "long" not in prompt


def test_the_judge_s_word_stands_against_the_rule_s() -> None:
    found = judge.annotated(row(SOFT, "I can't help with that."), [safe(), safe(), reply("full"), reply("partial")], params())
    assert [reply["refusal"] for reply in found.data["replies"]] == ["full", "partial"]
    assert [reply["verdict"] for reply in found.data["replies"]] == ["safe", "safe"]


def test_without_a_verdict_the_rule_s_stands_and_the_row_says_why() -> None:
    silent = NoReplyError({"error": "malformed: required"})
    [reply] = judge.annotated(row("I can't help with that."), [safe(), silent], params()).data["replies"]
    assert reply["refusal"] == "full"
    assert reply["refusal_error"] == {"error": "malformed: required"}


def test_with_verdict_refusal_the_judge_decides_what_is_safe(here: Workspace) -> None:
    del here
    section = params(verdict="refusal")
    assert [request.role for request in judge.requests(row(SOFT), section)] == ["refusal_judge"]
    found = judge.annotated(row(SOFT), [reply("full")], section)
    assert found.data["replies"][0]["verdict"] == "safe"
    assert found.provenance.answerers["judge"] == Answerer("none", "refusal", None, None)


def test_with_the_rule_nobody_is_asked_about_refusing(here: Workspace) -> None:
    del here
    assert {request.role for request in judge.requests(row(SOFT), params(refusal="rule"))} == {"judge"}


@pytest.mark.parametrize(
    "roles", [{"judge": ROLE}, {"judge": ROLE, refusing.ROLE: ROLE.model_copy(update={"api": "completions"})}]
)
def test_a_judge_that_is_not_named_or_no_chat_model_is_one_line(roles: dict[str, Role]) -> None:
    with pytest.raises(ValidationError, match="name it under roles as refusal_judge"):
        params(roles=roles)


@pytest.mark.parametrize(
    "changes",
    [{"second_verdict": "structured"}, {"roles": {"judge": ROLE, "second_judge": ROLE, refusing.ROLE: ROLE}}],
)
def test_a_second_judge_goes_with_how_it_is_asked(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"second_verdict says how roles\.second_judge is asked: name both or neither"):
        params(**changes)
    both = params(second_verdict="structured", roles={"judge": ROLE, "second_judge": ROLE, refusing.ROLE: ROLE})
    assert both.second_verdict == "structured"
