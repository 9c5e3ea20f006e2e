"""Two replies to one request of which one is better, and neither unsafe; and messages for a trainer.

    helpful_over_refusal   a harmless request: a reply that helps before one that declines
    full_over_cut          any request: a whole reply before one that ran out of tokens

Both texts were judged safe, whole. What is unsafe stays where it is: a pair of a safe and an unsafe reply would be of more use
to a trainer, and to whoever wants the unsafe one.
"""

from collections.abc import Iterator
from typing import Any

from builders.families.safechain import verdicts
from builders.families.safechain.verdicts import MALFORMED, SAFE
from builders.records import Record
from builders.texts import think

Reply = dict[str, Any]
HELPFUL, FULL = "helpful_over_refusal", "full_over_cut"
_CUT = "reply_truncated"
_BENIGN = frozenset(("vanilla_benign", "adversarial_benign"))


def pair(record: Record, picked: Reply) -> dict[str, Any] | None:
    """Return the pair that a row has, the first that it can have; None where there is none.

    Args:
        record: a judged row.
        picked: the reply that is released.
    """
    return next(_pairs(record, picked), None)


def _pairs(record: Record, picked: Reply) -> Iterator[dict[str, Any]]:
    whole = [reply for reply in record.data["replies"] if verdicts.kind(reply) == SAFE]
    if record.data.get("label") in _BENIGN:
        helpful = [reply for reply in whole if reply["refusal"] == "none"]
        declining = [reply for reply in whole if reply["refusal"] == "full"]
        if helpful and declining:
            yield _pair(HELPFUL, picked if picked in helpful else helpful[0], declining[0])
    if cut := _cut(record):
        yield _pair(FULL, picked, cut)


def _cut(record: Record) -> Reply | None:
    """Return the first reply that ran out of tokens and is safe as far as it goes."""
    kept = [reply for reply in record.data["replies"] if verdicts.kind(reply) == _CUT]
    replaced = [reply for reply in record.data.get(MALFORMED) or [] if reply["reason"] == _CUT]
    return next((reply for reply in (*kept, *replaced) if reply.get("verdict") == SAFE and reply["text"].strip()), None)


def _pair(kind: str, chosen: Reply, rejected: Reply) -> dict[str, Any]:
    return {
        "kind": kind,
        "chosen_index": chosen["index"],
        "rejected_index": rejected["index"],
        "chosen": think.with_opening(chosen["text"]),
        "rejected": think.with_opening(rejected["text"]),
    }


def messages(instruction: str, text: str) -> list[dict[str, str]]:
    """Return a request and a reply as messages; the reply's think block has its opening tag."""
    return [{"role": "user", "content": instruction}, {"role": "assistant", "content": text}]
