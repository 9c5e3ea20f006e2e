"""Of whatever a server answers, exactly one comes: it is kept, rejected with a reason, asked for again, or the build stops.

The replies are made here from texts that are known, in the forms and words of the field; nothing is shared with the module that
reads them. What is kept is the known text; what was cut off is never kept; what was paid for is not paid for again.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builders.ledger.ledger import Ledger
from builders.teachers import endpoint, reading
from builders.teachers.api import NoReplyError, Reply
from builders.teachers.endpoint import reply_of
from builders.teachers.faults import BrokenError, FaultError
from builders.teachers.reading import UnusableError
from builders.texts import finish, think
from tests.doubles.asking import ask, question
from tests.doubles.teacher import Answer, serving

WHOLE = ("stop", "STOP", "end_turn", "eos", "stop_sequence", None)
CUT = (
    "length",
    "max_tokens",
    "MAX_TOKENS",
    "model_length",
    "content_filter",
    "SAFETY",
    "tool_calls",
    "tool_use",
    "odd",
    3,
    {"a": 1},
)
BROKEN = ("error", "abort", "insufficient_system_resource")
FATES = ("kept", "rejected", "again", "stopped")


class Case(NamedTuple):
    """A body, and what is known of it."""

    body: bytes
    thought: str | None
    answer: str
    ends: str  # whole, cut, broken
    error: int | None


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<>[]◁▷|"), min_size=1, max_size=20).map(str.strip).filter(bool)
THOUGHTS = st.none() | WORDS
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def tagged(thought: str, answer: str, tags: tuple[str, str]) -> str:
    return f"{tags[0]}{thought}{tags[1]}\n{answer}"


def messages(thought: str | None, answer: str) -> list[dict[str, Any]]:
    """Return the forms in which servers of the field send one reply."""
    text = [{"type": "text", "text": answer[:2]}, {"type": "text", "text": answer[2:]}]
    if thought is None:
        return [{"content": answer}, {"content": answer, "reasoning_content": None}, {"content": text}]
    block = tagged(thought, answer, ("<think>", "</think>"))
    details = [{"type": "reasoning.text", "text": thought[:3]}, {"type": "reasoning.text", "text": thought[3:]}]
    return [
        {"content": answer, "reasoning_content": thought},
        {"content": answer, "reasoning": thought, "reasoning_details": details},
        {"content": answer, "reasoning": None, "reasoning_details": details},
        {"content": block},
        {"content": block, "reasoning": thought},
        {"content": block, "reasoning_content": block},
        {"content": answer, "reasoning": f"<think>\n{thought}\n</think>"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": thought}]}, *text]},
        {"content": tagged(thought, answer, ("[THINK]", "[/THINK]"))},
        {"content": tagged(thought, answer, ("<thinking>", "</thinking>"))},
    ]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    thought, answer = draw(THOUGHTS), draw(WORDS)
    assume(thought is None or not answer.startswith(thought))  # which would be one text in two fields
    ends = draw(st.sampled_from(["whole"] * 3 + ["cut", "cut", "broken"]))
    reason = draw(st.sampled_from({"whole": WHOLE, "cut": CUT, "broken": BROKEN}[ends]))
    choice = {"message": draw(st.sampled_from(messages(thought, answer))), "finish_reason": reason}
    error = draw(st.sampled_from([None] * 6 + [400, 402, 403, 429, 502]))
    body: dict[str, Any] = {"choices": [choice], "usage": draw(JUNK), "anything": draw(JUNK)}
    if draw(st.booleans()):
        choice["logprobs"] = draw(JUNK)
    if error:
        (choice if draw(st.booleans()) else body)["error"] = {"code": error, "message": draw(st.text(max_size=9))}
    return Case(json.dumps(body).encode(), thought, answer, ends, error)


def fate(body: bytes) -> tuple[str, str]:
    """Return what becomes of a reply, and its text if it is kept."""
    try:
        message = reading.read(body, "chat")
    except (BrokenError, FaultError) as error:
        kind = "passing" if isinstance(error, BrokenError) else error.fault.kind
        fates = {"busy": "again", "passing": "again", "key": "stopped", "money": "stopped", "model": "stopped"}
        return fates.get(kind, "rejected"), ""
    except UnusableError:
        return "rejected", ""
    kept = endpoint._reply(message, "0" * 64)  # noqa: SLF001  (what the ledger's entry is made into)
    assert json.loads(json.dumps(message)) == message, "it can be stored"
    return ("rejected", "") if finish.fault(kept.finish_reason) else ("kept", kept.text)


@settings(max_examples=400, deadline=None)
@given(case=cases())
def test_exactly_one_thing_becomes_of_a_reply_and_half_a_one_is_never_kept(case: Case) -> None:
    came, text = fate(case.body)
    assert came in FATES
    if case.error:
        wanted = {400: "rejected", 402: "stopped", 403: "stopped", 429: "again", 502: "again"}[case.error]
        assert came in {wanted, "rejected", "stopped"} - ({"rejected"} if wanted == "again" else set())
        return
    assert came == {"whole": "kept", "cut": "rejected", "broken": "again"}[case.ends]
    if came == "kept":
        parts = think.split(text)
        assert (parts.reasoning if parts.well_formed else None) == case.thought
        assert (parts.answer if parts.well_formed else text) == case.answer


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=80)
    | JUNK.map(lambda value: json.dumps(value).encode())
    | JUNK.map(lambda v: json.dumps({"choices": [v]}).encode())
)
def test_nothing_that_a_server_may_send_is_a_bug(body: bytes) -> None:
    assert fate(body)[0] in FATES


@settings(max_examples=300, deadline=None)
@given(case=cases(), counts=st.tuples(st.integers(-1, 9), st.integers(-1, 9), st.none() | st.integers(0, 30)))
def test_the_short_way_says_what_the_long_way_says(case: Case, counts: tuple[int, int, int | None]) -> None:
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    body = {**json.loads(case.body), "usage": dict(zip(names, counts, strict=True))}
    short = reading.plain(body)
    assert short is None or short == reading._read(body, "chat")  # noqa: SLF001  (that it is the same is the point)


@settings(max_examples=3, deadline=None)
@given(drawn=st.lists(cases().filter(lambda case: case.error is None and case.ends != "broken"), min_size=12, max_size=12))
def test_what_was_paid_for_is_never_asked_for_again(drawn: list[Case], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Kept or rejected, in this run and the next."""
    ledger: Path = tmp_path_factory.mktemp("fates") / "ledger.sqlite"
    bodies = {f"number {number}?": case.body for number, case in enumerate(drawn)}
    with serving(lambda asked: Answer(raw=bodies[asked.text])) as server:
        for _ in range(2):
            asking = ask(ledger, server.url, *(question(text) for text in bodies), *(question(text) for text in bodies))
            assert all(isinstance(answer, Reply | NoReplyError) for answer in asking.answers)
        assert (server.resent(), len(server.asked)) == (0, len(drawn))
    with Ledger(ledger, read_only=True) as opened:
        kept = [reply_of(entry, key.hex()) for key, entry in opened.entries()]
    assert len(kept) == len(drawn)
