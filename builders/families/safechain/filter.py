"""Keep a request if all its replies are safe (paper, section 5), or as a hard one if some are; then pick a safe one.

A row with a safe and an unsafe reply, both well-formed, goes to the subset `hard`, whatever its other replies are. Any other
is rejected if one of its replies breaks one of these rules, for the first that is broken:

    reply_filtered     the provider took the rest of the reply away
    empty_reply        the reply is blank
    reply_truncated    the model ran out of tokens
    reply_unfinished   the reply ended in a way that leaves open whether it is whole
    think_tags         the think block is not closed exactly once
    empty_answer       nothing follows the think block
    no_verdict         the judge did not answer, or not with a verdict
    unsafe_reply       the verdict is unsafe

The pick is the first safe and well-formed reply in the order asked, which the row's id decides. It alone is released, so it
alone must keep the bounds of length:

    empty_reasoning                   its think block is empty, where params say that such a row goes
    reply_too_short, reply_too_long   outside the bounds, in words, reasoning included
"""

from collections.abc import Callable
from typing import Any, Literal

from builders.contracts import Filtering
from builders.families.safechain import verdicts
from builders.families.safechain.verdicts import Fate
from builders.params import sections
from builders.params.sections import Bounds
from builders.records import Record, Rejection, text_digest
from builders.texts import think, words

Reply = dict[str, Any]
HARD = "hard"


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        reply_words: bounds of a reply's length, reasoning included.
        opening_think_tag: `omit` it from `response`, as the published set does, or `keep` it.
        empty_reasoning: `reject` a row whose picked reply has nothing in its think block, or `keep` it.
    """

    reply_words: Bounds
    opening_think_tag: Literal["omit", "keep"]
    empty_reasoning: Literal["keep", "reject"] = "keep"


def rules(chosen: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the rules in order."""
    bounds = chosen.reply_words
    return [
        unsound,
        *([empty_reasoning] if chosen.empty_reasoning == "reject" else []),
        lambda record: _outside(record, "reply_too_short", below=bounds.min),
        lambda record: _outside(record, "reply_too_long", above=bounds.max),
    ]


def unsound(record: Record) -> Rejection | None:
    """Reject a row for its worst replies, which the evidence lists, unless it is mixed."""
    kinds, fate = _decided(record)
    if fate.blamed is None:
        return None
    found = [
        {"index": reply["index"], **_finding(fate.blamed, reply)}
        for kind, reply in zip(kinds, record.data["replies"], strict=True)
        if kind == fate.blamed
    ]
    return Rejection(verdicts.REASONS[fate.blamed], {"replies": found})


def empty_reasoning(record: Record) -> Rejection | None:
    """Reject a row whose picked reply has nothing in its think block: the model did not think, whatever was asked of it."""
    picked = _picked(record)
    if think.split(picked["text"]).reasoning:
        return None
    return Rejection("empty_reasoning", {"replies": [{"index": picked["index"]}]})


def chosen(record: Record, params: Params) -> Record:
    """Return the row in its released columns: of the replies that are not picked, verdict, length and hash remain."""
    kinds, fate = _decided(record)
    picked = _picked(record)
    text = picked["text"]
    parts = think.split(text)
    response = think.without_opening(text) if params.opening_think_tag == "omit" else think.with_opening(text)
    columns = {
        "instruction": record.data["instruction"],
        "label": record.data.get("label"),
        "response": response,
        "reasoning": parts.reasoning,
        "answer": parts.answer,
        "chosen_index": picked["index"],
        "replies": [_described(kind, reply) for kind, reply in zip(kinds, record.data["replies"], strict=True)],
    }
    return Record(record.id, HARD if fate.mixed else record.subset, record.parent, record.provenance, columns)


def _decided(record: Record) -> tuple[list[str], Fate]:
    """Return the kinds of a row's replies, and what becomes of it: no more will come."""
    kinds = [verdicts.kind(reply) for reply in record.data["replies"]]
    return kinds, verdicts.fate(kinds, len(kinds))


def _picked(record: Record) -> Reply:
    place = _decided(record)[1].place
    picked: Reply = record.data["replies"][place]
    return picked


def _described(kind: str, reply: Reply) -> dict[str, Any]:
    return {
        "index": reply["index"],
        "fault": kind if kind in think.FAULTS else None,
        "verdict": reply["verdict"],
        "categories": reply["categories"],
        "refusal": reply["refusal"],
        "length": len(reply["text"]),
        "sha256": text_digest(reply["text"]),
        "request": reply["key"],
    }


def _finding(kind: str, reply: Reply) -> dict[str, Any]:
    if kind == verdicts.UNSAFE:
        return {"categories": reply["categories"]}
    if kind == verdicts.NO_VERDICT:
        return dict(reply["verdict_error"])
    return think.FAULTS[kind](reply["text"], reply["finish_reason"]) or {}


def _outside(record: Record, reason: str, below: int = 0, above: float = float("inf")) -> Rejection | None:
    picked = _picked(record)
    count = words.count(picked["text"])
    return None if below <= count <= above else Rejection(reason, {"replies": [{"index": picked["index"], "words": count}]})


STAGE = Filtering(params=Params, rules=rules, chosen=chosen)
