"""What becomes of the replies about one problem, and what params may say."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, get_args

import pytest
import yaml
from pydantic import ValidationError

from builders.families.dualmath import inserted, judge, synthesize
from builders.families.dualmath.locating import Way
from builders.provenance import Provenance
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer
from tests.families.dualmath.solving import FAMILY
from tests.harness import PROJECT, Workspace

_SECTION = yaml.safe_load((PROJECT / "builders" / "families" / FAMILY / "params.yaml").read_text())["sample"]["synthesize"]
_ROLE = _SECTION["roles"]["policy"]
SECTION: dict[str, Any] = {**_SECTION, "roles": {**_SECTION["roles"], "teacher": _ROLE}, "pilot": 0.0, "samples": 4}
PARAMS = synthesize.Params.model_validate(SECTION)
JUDGE = judge.Params.model_validate({"roles": {"judge": _ROLE}})
DATA: dict[str, Any] = {
    "question": "How many cups?",
    "answer": "21",
    "options": [],
    "kind": None,
    "program": None,
    "image": None,
}
SHELF = "There are 4 × 6 = 24 cups.\nSo 24 - 3 = 21.\n#### 21"


def record(subset: str = "bel", **data: object) -> Record:
    return Record("dualmath:0", subset, None, Provenance("own", "MIT", "1"), {**DATA, "solution": SHELF, **data})


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, "k")


class Asked:
    """Answers by a function, and remembers nothing."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        """Answer so."""
        self._answer = answer

    async def __call__(self, request: Request) -> Answer:
        """Return the answer to a request."""
        return self._answer(request)

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return the answers to several."""
        return [self._answer(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Note nothing."""


def worked(row: Record, params: synthesize.Params, answer: Callable[[Request], Answer]) -> list[Outcome]:
    work = synthesize.work(params, JUDGE)
    return asyncio.run(work(row, synthesize.requests(row, params), Asked(answer)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "roles", "works"),
    [("agreement", ("policy",), False), ("agreement", ("policy", "second_policy"), True), ("early", ("policy",), True)],
)
def test_agreement_needs_a_second_policy(way: str, roles: tuple[str, ...], works: bool) -> None:  # noqa: FBT001
    section = {**SECTION, "locating": {**SECTION["locating"], "way": way}, "roles": dict.fromkeys(roles, _ROLE)}
    if works:
        assert synthesize.Params.model_validate(section).locating.way == way
        return
    with pytest.raises(ValidationError, match="way: agreement needs a role second_policy"):
        synthesize.Params.model_validate(section)


@pytest.mark.parametrize("way", [*get_args(Way)])
def test_the_judge_is_asked_only_where_its_verdict_is_used(way: str) -> None:
    roles = {"roles": {**SECTION["roles"], "second_policy": _ROLE}}
    chosen = synthesize.Params.model_validate({**SECTION, **roles, "locating": {**SECTION["locating"], "way": way}})
    assert synthesize.STAGE.judging(chosen) == (way in {"posterior", "verify", "judge"})


def test_a_judge_must_chat() -> None:
    assert judge.Params.model_validate({}).roles == {}
    with pytest.raises(ValidationError, match=r"roles\.judge is asked for JSON in turns: set its api to chat"):
        judge.Params.model_validate({"roles": {"judge": {**_ROLE, "api": "completions"}}})


def test_distinct_solutions_are_labelled_as_many_as_are_wanted() -> None:
    params = PARAMS.model_copy(update={"labelled": synthesize.Labelled(wrong=1, right=1)})
    texts = [f"Step 1: a\nStep 2: {word}\n†Answer: {answer}" for word, answer in (("b", 20), ("b", 20), ("c", 20), ("d", 21))]
    answers: list[Answer] = [*map(reply, texts), NoReplyError({"error": "gone"})]
    answers += [reply("Step 1: a\n†Answer: 21"), reply("Step 1: a\nStep 2: b\n†Answer: 21", "length"), reply("Step 1: a")]
    rows, evidence = synthesize.solutions(record(), answers, params)
    assert evidence == {"samples": 7, "right": 3, "distinct": 6, "not_labelled": 1}
    assert [(row.data["reply"]["index"], row.data["right"], why) for row, why in rows] == [
        (0, False, None),
        (3, True, None),
        (5, True, Rejection("steps_outside", {"index": 5, "length": 21})),
        (6, True, Rejection("reply_truncated", {"index": 6, "length": 31})),
        (7, False, Rejection("no_answer_line", {"index": 7, "length": 9})),
    ]
    first = rows[0][0]
    assert (first.parent, first.data["steps"], first.data["given"]) == ("dualmath:0", ["a", "b"], "20")
    assert (first.data["pass_rate"], first.data["reply"]["request"]) == ({"right": 3, "samples": 7}, "k")
    assert len({row.id for row, _ in rows}) == 5


@pytest.mark.parametrize(("count", "fault"), [(1, "steps_outside"), (2, None), (40, None), (41, "steps_outside")])
def test_a_solution_has_as_many_steps_as_params_say(count: int, fault: str | None) -> None:
    words = ["red", "blue", "wide", "tall", "long", "thin", "deep", "flat"]
    steps = [f"Step {n}: Line {n} is {words[n % 8]} and {words[n // 8]}." for n in range(1, count + 1)]
    [(_, rejection)], _ = synthesize.solutions(record(), [reply("\n".join([*steps, "†Answer: 20"]))], PARAMS)
    assert (rejection.reason if rejection else None) == fault


def test_a_problem_without_any_reply_is_rejected(here: Workspace) -> None:
    del here
    [(row, rejection)] = worked(record(), PARAMS, lambda _: NoReplyError({"error": "gone"}))
    assert row == record()
    assert rejection == Rejection("no_reply", {"replies": [{"index": number, "error": "gone"} for number in range(4)]})


def test_replies_that_did_not_come_are_named_where_a_problem_is_spent(here: Workspace) -> None:
    del here
    silent = NoReplyError({"error": "gone"})
    [(_, spent), (_, fault)] = worked(record(), PARAMS, lambda one: silent if one.index else reply("Step 1: a\n†Answer: 20"))
    wanted = {"samples": 1, "right": 0, "distinct": 1, "not_labelled": 0}
    failed = [{"index": number, "error": "gone"} for number in (1, 2, 3)]
    assert spent == Rejection("spent", {**wanted, "failed": failed})
    assert fault == Rejection("steps_outside", {"index": 0, "length": 21})


def test_a_problem_of_the_pilot_is_put_aside(here: Workspace) -> None:
    del here
    params = PARAMS.model_copy(update={"pilot": 1.0})
    assert synthesize.requests(record(), params) == []
    assert worked(record(), params, lambda _: reply("")) == [(record(), Rejection("pilot"))]
    params = PARAMS.model_copy(update={"pilot": 0.4})
    assert [number for number in range(8) if synthesize.is_pilot(f"dualmath:{number}", params)] == [1, 3, 5]


def _altered(answer: str, *steps: str) -> Reply:
    value = {"fact": "cups", "step": 1, "was": "6", "becomes": "8", "steps": list(steps), "answer": answer}
    return Reply("", "stop", "k", value)


def test_drafts_of_a_teacher_become_rows_each_once(here: Workspace) -> None:
    del here
    drafts: list[Answer] = [
        _altered(" 29 ", " There are 4 × 8 = 32 cups. ", "So 32 - 3 = 29."),
        _altered(" 29 ", " There are 4 × 8 = 32 cups. ", "So 32 - 3 = 29."),
        NoReplyError({"error": "gone"}),
        _altered("21", "There are 4 × 8 = 32 cups.", "So 21."),
    ]
    params = PARAMS.model_copy(update={"inserting": inserted.Inserting(solutions=4, seed=0)})
    found = worked(record("mie"), params, lambda one: drafts[one.index])
    assert found[0] == (record("mie"), Rejection("spent", {"solutions": 2, "failed": [{"index": 2, "error": "gone"}]}))
    rows = [row for row, _ in found[1:]]
    assert [row.data["reply"] for row in rows] == [{"index": 0, "request": "k"}, {"index": 3, "request": "k"}]
    assert (rows[0].data["steps"], rows[0].data["given"]) == (["There are 4 × 8 = 32 cups.", "So 32 - 3 = 29."], "29")
    assert rows[0].data["right_steps"] == ["There are 4 × 6 = 24 cups.", "So 24 - 3 = 21."]
    assert rows[0].data["said"] == {"fact": "cups", "step": 1, "was": "6", "becomes": "8"}
    assert [inserted.unsound(row) for row in rows] == [None, Rejection("answer_unchanged", {"given": "21"})]
    assert inserted.unsound(record("mie")) is None
    made = inserted.columns(rows[0].having(prompt_family="f"))
    assert (made["right"], made["first_error"], made["kept"], made["checked"]) == (False, 1, True, "rules")
    assert [(step["number"], step["role"], step["label"]) for step in made["steps"]] == [
        (1, "introduces", "wrong"),
        (2, "inherits", "wrong"),
    ]
    about = {"quantity": "cups", "was": "6", "becomes": "8"}
    assert made["error"] == {"kind": "misread", "category": "perception", "seen": "figure", **about}
    assert worked(record("mie"), params, lambda _: drafts[2])[0][1] == Rejection(
        "no_reply", {"replies": [{"index": number, "error": "gone"} for number in range(4)]}
    )


def test_a_problem_that_takes_no_error_is_rejected() -> None:
    assert inserted.made(record("mie"), None, PARAMS.inserting) == [(record("mie"), Rejection("no_alteration"))]
    assert inserted.right_steps({"solution": "Step 1: a\nStep 2: b\n†Answer: 3"}) == ["a", "b"]
    assert inserted.right_steps({"solution": ""}) == []


def test_a_verdict_is_noted_or_why_there_is_none(here: Workspace) -> None:
    del here
    one = record(steps=["a", "b"])
    [request] = judge.requests(one, JUDGE)
    assert (request.stage, request.role, request.row, request.index) == ("judge", "judge", "dualmath:0", 0)
    assert request.schema == judge.schema(2)
    assert judge.schema(2) == {
        "type": "object",
        "properties": {
            "first_error": {"type": "integer", "minimum": 0, "maximum": 2},
            "reason": {"type": "string", "minLength": 1, "maxLength": 1000},
        },
        "required": ["first_error", "reason"],
        "additionalProperties": False,
    }
    assert judge.requests(record("mie", steps=["a"]), JUDGE) == judge.requests(one, judge.Params()) == []
    said = Reply("", "stop", "k", {"first_error": 2, "reason": "It is so."})
    lost = NoReplyError({"error": "gone", "keys": ["j", "k"]})
    assert (judge.named(said), judge.named(lost)) == (2, None)
    given: list[list[Answer]] = [[said], [lost], [NoReplyError({"error": "gone"})], []]
    found = [judge.annotated(one, [], answers)[0] for answers in given]
    assert [row.data["verdict"] for row in found] == [
        {"first_error": 2, "reason": "It is so.", "request": "k"},
        {"first_error": None, "reason": None, "request": "k"},
        {"first_error": None, "reason": None, "request": None},
        None,
    ]
    clean = judge.annotated(one, [], [said._replace(value={"first_error": 0, "reason": "All hold."})])[0]
    assert [list(judge.verdicts(row)) for row in (*found, clean)] == [
        *([("error", "yes")], [("error", None)], [("error", None)], []),
        [("error", "no")],
    ]
