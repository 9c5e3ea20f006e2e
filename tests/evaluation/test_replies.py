"""Which replies are no evidence: each fault, their order, and what is none."""

import pytest

from builders.evaluation import replies
from builders.evaluation.replies import FAULTS, RawReply

ENGLISH = "You could plant a row of beans and water them in the evening."


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (RawReply(ENGLISH, "stop"), None),
        (RawReply(f"<think>hm</think>{ENGLISH}", "stop"), None),
        (RawReply(f"hm</think>{ENGLISH}", "stop"), None),
        (RawReply(ENGLISH, "stop", 1), "tool_call"),
        (RawReply("", "tool_calls"), "tool_call"),
        (RawReply(ENGLISH, "content_filter"), "filtered"),
        (RawReply(ENGLISH, "max_tokens"), "truncated"),
        (RawReply(ENGLISH, "model_length"), "truncated"),
        (RawReply(ENGLISH, "unknown"), "truncated"),
        (RawReply("  \n", "stop"), "blank"),
        (RawReply("<think>only this", "stop"), "blank"),
        (RawReply("<think>only this</think>\n", "stop"), "blank"),
        (
            RawReply("Podrías plantar una hilera de judías y regarlas por la tarde, antes de que anochezca.", "stop"),
            "other_language",
        ),
        (
            RawReply(
                "Podrías plantar una hilera de judías y regarlas por la tarde, antes de que anochezca en zanzibar.", "stop"
            ),
            "other_language",
        ),
        (RawReply(" ".join(["mumble"] * 20), "stop"), None),
        (RawReply("你可以种一排豆子并且晚上浇水", "stop"), "other_language"),
        (RawReply("Podrías plantar una hilera de judías hoy", "stop"), None),
        (RawReply("Podrías plantar una hilera de judías hoy y regarlas the of por la tarde.", "stop"), None),
        (RawReply("Podrías plantar una hilera de judías hoy y regarlas the por la tarde.", "stop"), "other_language"),
        (RawReply("ab 种豆", "stop"), None),
        (RawReply("a 种豆", "stop"), "other_language"),
        (RawReply("\u024f\u024f", "stop"), None),
        (RawReply("42", "stop"), None),
        (RawReply("```python\nprint(sum(range(10)))\nfor i in (1, 2, 3):\n    print(i)\n```", "stop"), None),
    ],
)
def test_a_reply_has_one_fault_or_none(seen: RawReply, fault: str | None) -> None:
    assert replies.fault(seen) == fault
    assert fault is None or fault in FAULTS


def test_a_reply_in_another_language_is_evidence_where_language_does_not_matter() -> None:
    assert replies.fault(RawReply("你可以种一排豆子并且晚上浇水", "stop"), english=False) is None


def test_the_first_fault_that_applies_is_the_one() -> None:
    assert replies.fault(RawReply("", "max_tokens", 1)) == "tool_call"
    assert replies.fault(RawReply("", "max_tokens")) == "truncated"


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("<think>\na\n</think>\n\nb", "a", "b"),
        ("a</think>b", "a", "b"),
        ("b", "", "b"),
        ("<think>a", "a", ""),
        ("<think>\n\n</think>\n\nb", "", "b"),
    ],
)
def test_thoughts_and_answer_stand_apart(text: str, thoughts: str, answer: str) -> None:
    assert (RawReply(text, "stop").thoughts, RawReply(text, "stop").answer) == (thoughts, answer)
