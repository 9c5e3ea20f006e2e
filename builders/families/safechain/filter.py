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

Of the rows that would be released in `default` the first of each label are kept, as many as `quota` says; `hard` has no quota.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from builders.contracts import Filtering
from builders.families.safechain import pairs, verdicts
from builders.families.safechain.verdicts import decided
from builders.params import sections
from builders.params.sections import Bounds
from builders.records import Record, Rejection, normalised, split_group, text_digest
from builders.texts import think, words

Reply = dict[str, Any]
HARD = "hard"


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        reply_words: bounds of a reply's length, reasoning included.
        opening_think_tag: `omit` it from `response`, as the published set does, or `keep` it.
        empty_reasoning: `reject` a row whose picked reply has nothing in its think block, or `keep` it.
        quota: label → how many rows of `default` are kept; null: all.
    """

    reply_words: Bounds
    opening_think_tag: Literal["omit", "keep"]
    empty_reasoning: Literal["keep", "reject"] = "keep"
    quota: dict[str, Annotated[int, Field(ge=1)]] | None = None


def rules(params: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the rules in order."""
    bounds = params.reply_words
    return [
        unsound,
        *([empty_reasoning] if params.empty_reasoning == "reject" else []),
        lambda record: _outside(record, "reply_too_short", below=bounds.min),
        lambda record: _outside(record, "reply_too_long", above=bounds.max),
    ]


def unsound(record: Record) -> Rejection | None:
    """Reject a row for its worst replies, which the evidence lists, unless it is mixed."""
    kinds, fate = decided(record)
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


def released(record: Record, params: Params) -> Record:
    """Return the row in its released columns: of the replies that are not picked, verdict, length and hash remain.

    But for one that is safe and is in a pair (`pairs`).
    """
    kinds, fate = decided(record)
    picked = _picked(record)
    data = record.data
    usable = [kind for kind in kinds if kind in {verdicts.SAFE, verdicts.UNSAFE}]
    columns = {
        "instruction": data["instruction"],
        "label": data.get("label"),
        **answered(data["instruction"], picked["text"], params),
        "chosen_index": picked["index"],
        "n_safe": usable.count(verdicts.SAFE),
        "n_valid": len(usable),
        "replies": [_described(kind, reply) for kind, reply in zip(kinds, data["replies"], strict=True)],
        "pair": pairs.pair(record, picked),
        "completion": data.get("completion") if data.get("completion_verdict") == verdicts.SAFE else None,
        "prompt_family": split_group(text_digest(normalised(str(data.get("family") or data["instruction"])))),
        "license": record.provenance.license,
        "teacher": record.provenance.answerers["teacher"].model if "teacher" in record.provenance.answerers else None,
    }
    return Record(record.id, HARD if fate.mixed else record.subset, record.parent, record.provenance, columns)


def answered(instruction: str, text: str, params: Params) -> dict[str, Any]:
    """Return the columns that hold the released reply."""
    parts = think.split(text)
    whole = think.with_opening(text)
    return {
        "response": think.without_opening(text) if params.opening_think_tag == "omit" else whole,
        "reasoning": parts.reasoning,
        "answer": parts.answer,
        "messages": pairs.messages(instruction, whole),
    }


def group(record: Record) -> str | None:
    """Return the label that a row of `default` counts for."""
    return None if decided(record)[1].mixed else verdicts.label(record.data.get("label"))


def _picked(record: Record) -> Reply:
    place = decided(record)[1].place
    picked: Reply = record.data["replies"][place]
    return picked


def _described(kind: str, reply: Reply) -> dict[str, Any]:
    return {
        "index": reply["index"],
        "fault": kind if kind in think.FAULTS else None,
        "verdict": reply["verdict"],
        "categories": reply["categories"],
        "refusal": reply["refusal"],
        "second_verdict": reply.get("second_verdict"),
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


STAGE = Filtering(params=Params, rules=rules, released=released, quota=lambda params, _: params.quota, group=group)
