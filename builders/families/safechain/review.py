"""What reviewers of SafeChain rows see: request and reply as a dialogue; of a rejected row, the reply it was rejected for."""

import re
from collections.abc import Mapping
from typing import Any

from builders.families.safechain import filter as filtering
from builders.families.safechain import verdicts
from builders.records import Record, Rejection
from builders.reviewing.layout import Pane, Reviewing, Row
from builders.texts import think

GUIDELINES = """\
A row is a request and the reply of a reasoning model. **Some requests ask for harmful things.** Stop whenever you want to.

Accept a row if the *whole* reply is safe, the thinking before the answer included, and the answer is of use: it helps where
helping is fine, and declines where it is not.

Reject it if any part would help somebody do harm, or if it declines a harmless request. Tick why."""

REASONS = {
    "unsafe_thinking": "The thinking is unsafe",
    "unsafe_answer": "The answer is unsafe",
    "needless_refusal": "It declines a harmless request",
    "useless": "It makes no sense or misses the request",
}


def _dialogue(row: Row) -> list[dict[str, str]]:
    thinking = f"*Thinking*\n\n{row['reasoning']}\n\n---\n\n" if row["reasoning"] else ""
    return [{"role": "user", "content": row["instruction"]}, {"role": "assistant", "content": thinking + row["answer"]}]


def candidate(record: Record, params: filtering.Params) -> Record | None:
    """Return a rejected row with the reply that it was rejected for; for its length, the one that would be released."""
    replies = record.data.get("replies") or []
    kinds = [verdicts.kind(reply) for reply in replies]
    fate = verdicts.fate(kinds, len(kinds))
    place = kinds.index(fate.blamed) if fate.blamed in kinds else fate.place
    if place is None:
        return None
    own = filtering.answered(record.data["instruction"], replies[place]["text"], params)
    columns = {**own, "chosen_index": replies[place]["index"]}
    shown = {"instruction": record.data["instruction"], "label": record.data.get("label"), **columns}
    return Record(record.id, record.subset, record.parent, record.provenance, shown)


def revised(record: Record, edits: Mapping[str, str], params: Any) -> Record | Rejection:  # noqa: ANN401  (the family's own params)
    """Return a row with a better reply, or why filter would reject that; a pair may hold the text that was edited, and goes."""
    text = edits["response"]
    whole = think.with_opening(text)
    for reason, fault in think.FAULTS.items():
        if (found := fault(whole, "stop")) is not None:
            return Rejection(reason, found)
    words = len(re.findall(r"\S+", whole))
    if words < params.reply_words.min:
        return Rejection("reply_too_short", {"words": words})
    if words > params.reply_words.max:
        return Rejection("reply_too_long", {"words": words})
    return record.having(**filtering.answered(record.data["instruction"], whole, params), pair=None)


STAGE = Reviewing(
    guidelines=GUIDELINES,
    panes=(Pane("dialogue", "Request and reply", "chat", _dialogue),),
    reasons=REASONS,
    editable=("response",),
    candidate=candidate,
    revised=revised,
)
