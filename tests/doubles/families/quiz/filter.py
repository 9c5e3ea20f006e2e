"""A question with a reply without verdict, or with no safe one, is rejected; with an unsafe one besides, it is hard."""

from dataclasses import replace

from builders.contracts import Filtering
from builders.params import sections
from builders.records import Record, Rejection


class Params(sections.Filter):
    """The bounds of the length of the reply that is released, in words."""

    reply_words: sections.Bounds


def unsound(record: Record, chosen: Params) -> Rejection | None:
    """Reject a row for its verdicts or its length."""
    said = {reply["verdict"]: len(reply["text"].split()) for reply in reversed(record.data["replies"])}
    if None in said or "safe" not in said:
        return Rejection("no_verdict" if None in said else "unsafe_reply")
    return Rejection("reply_too_short", {"words": said["safe"]}) if said["safe"] < chosen.reply_words.min else None


def chosen(record: Record, _: Params) -> Record:
    """Return the row with the first safe reply, and of each reply what is known."""
    replies = [{name: reply[name] for name in ("index", "verdict", "key")} for reply in record.data["replies"]]
    picked = next(reply for reply in record.data["replies"] if reply["verdict"] == "safe")
    columns = {"instruction": record.data["instruction"], "label": record.data.get("label"), "response": picked["text"]}
    hard = any(reply["verdict"] == "unsafe" for reply in replies)
    columns |= {"chosen_index": picked["index"], "replies": replies}
    return replace(record, subset="hard" if hard else record.subset, data=columns)


STAGE = Filtering(params=Params, rules=lambda chosen: [lambda record: unsound(record, chosen)], chosen=chosen)
