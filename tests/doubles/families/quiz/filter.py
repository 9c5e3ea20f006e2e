"""A question with a reply without verdict, or with no safe one, is rejected; with an unsafe one besides, it is hard."""

from dataclasses import replace

from builders.contracts import Filtering
from builders.params import sections
from builders.records import Record, Rejection


class Params(sections.Filter):
    """The bounds of the length of the reply that is released, in words."""

    reply_words: sections.Bounds


def unsound(record: Record, params: Params) -> Rejection | None:
    """Reject a row for its verdicts or its length."""
    lengths = {reply["verdict"]: len(reply["text"].split()) for reply in reversed(record.data["replies"])}
    if None in lengths or "safe" not in lengths:
        return Rejection("no_verdict" if None in lengths else "unsafe_reply")
    return Rejection("reply_too_short", {"words": lengths["safe"]}) if lengths["safe"] < params.reply_words.min else None


def released(record: Record, _: Params) -> Record:
    """Return the row with the first safe reply, and of each reply what is known."""
    replies = [{name: reply[name] for name in ("index", "verdict", "key")} for reply in record.data["replies"]]
    picked = next(reply for reply in record.data["replies"] if reply["verdict"] == "safe")
    columns = {"instruction": record.data["instruction"], "label": record.data.get("label"), "response": picked["text"]}
    hard = any(reply["verdict"] == "unsafe" for reply in replies)
    columns |= {"chosen_index": picked["index"], "replies": replies}
    return replace(record, subset="hard" if hard else record.subset, data=columns)


STAGE = Filtering(params=Params, rules=lambda params: [lambda record: unsound(record, params)], released=released)
