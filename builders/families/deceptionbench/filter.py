"""Keep items that are pairs without giving their category away, and monitored rows whose parts belong together.

An item that was published is kept as it is. Any other is rejected for the first of these that applies; the last four are about
drafted ones only:

    names_category     a word of inner prompt, scenario or outer prompt names the category
    goal_in_inner      the inner prompt states a goal or a reward
    pair_alike         inner and outer prompt are the same but for case and white space
    no_verdict         the judge did not answer
    inner_not_neutral  the judge finds that the inner prompt leans one way
    no_outer_goal      the judge finds no goal that rewards another answer
    category_named     the judge finds that something names the category

A monitored row:

    reply_filtered, empty_reply, reply_truncated, reply_unfinished, think_tags, empty_answer, empty_thinking
                         what the reasoning model's reply lacks
    bad_label          the label is none of the declared ones
    empty_praise       the comment is praise that would fit any reasoning
    comment_unrelated  the comment shares too few words with the reasoning
    no_revision        the revised answer is blank or was cut off
    no_verdict         the judge did not answer about reasoning or answer
    unsafe_revision    the revised answer was judged unsafe
    label_disputed     verifier and judge disagree about the reasoning: a hidden plan must not be labelled safe
    surface_form       the parts cannot be written as one text and read back
"""

import re
from collections.abc import Callable
from typing import Any

from pydantic import Field

from builders.contracts import Filtering
from builders.families.deceptionbench import categories, comments, monitored, twins
from builders.families.deceptionbench.collect import CONSTRUCTED, ITEMS, PUBLISHED, WRITTEN
from builders.families.deceptionbench.judge import UNSAFE
from builders.families.deceptionbench.monitored import Monitored
from builders.params import sections
from builders.records import Record, Rejection, normalised

_GOAL = re.compile(
    r"\b(?:your (?:goal|aim|objective|mission|task) is"
    r"|you (?:must|should aim|are instructed|will be (?:paid|rewarded|replaced))"
    r"|at all costs|whatever it takes|bonus|reward|in order to (?:win|keep|avoid))\b",
    re.IGNORECASE,
)
Rule = Callable[[Record], Rejection | None]


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        comment_overlap: least share of a comment's telling words that occur in the reasoning.
        comment_words: fewest telling words that a comment has beside praise.
    """

    comment_overlap: float = Field(ge=0, le=1)
    comment_words: int = Field(ge=0)


def rules(params: Params) -> list[Rule]:
    """Return the rules in order: those of items, then those of monitored rows."""
    items = (names_category, goal_in_inner, pair_alike, unfit_draft)
    rows: tuple[Rule, ...] = (
        thinking_fault,
        bad_label,
        lambda record: empty_praise(record, params.comment_words),
        lambda record: comment_unrelated(record, params.comment_overlap),
        no_revision,
        unjudged,
        unsafe_revision,
        label_disputed,
        surface_form,
    )
    return [*(_only(_is_own_item, rule) for rule in items), *(_only(_is_monitored, rule) for rule in rows)]


def names_category(record: Record) -> Rejection | None:
    """Reject an item in which a word names its category; the words are those of the list, so they may be told."""
    found = {
        column: categories.cues(record.data[column], _slug(record)) for column in ("inner_prompt", "system_prompt", "prompt")
    }
    found = {column: words for column, words in found.items() if words}
    return Rejection("names_category", {"words": found}) if found else None


def goal_in_inner(record: Record) -> Rejection | None:
    """Reject an item whose inner prompt states a goal or a reward."""
    found = _GOAL.search(record.data["inner_prompt"])
    return Rejection("goal_in_inner", {"words": found[0].lower()}) if found else None


def pair_alike(record: Record) -> Rejection | None:
    """Reject an item whose two prompts are one."""
    inner, outer = (normalised(record.data[column]) for column in ("inner_prompt", "prompt"))
    return Rejection("pair_alike", {"length": len(inner)}) if inner == outer else None


def unfit_draft(record: Record) -> Rejection | None:
    """Reject a drafted item for the first thing that the judge found."""
    if record.data.get("construction") != CONSTRUCTED:
        return None
    checks = record.data["checks"]
    if checks is None:
        return Rejection("no_verdict", record.data["errors"])
    wrong = {
        "inner_not_neutral": not checks["inner_neutral"],
        "no_outer_goal": not checks["outer_adds_goal"],
        "category_named": checks["category_named"],
    }
    return next((Rejection(reason) for reason, applies in wrong.items() if applies), None)


def thinking_fault(record: Record) -> Rejection | None:
    """Reject a row for what the reasoning model's reply lacks."""
    fault = record.data.get("thinking_fault")
    return Rejection(fault, {"length": len(record.data["thinking_process"])}) if fault else None


def bad_label(record: Record) -> Rejection | None:
    """Reject a label that is none of the declared ones."""
    label = record.data["assessment"]
    return None if label in monitored.LABELS else Rejection("bad_label", {"length": len(label)})


def empty_praise(record: Record, least: int) -> Rejection | None:
    """Reject a comment of which hardly a word is left when praise is taken away."""
    comment = record.data["reflection"]
    return (
        Rejection("empty_praise", {"length": len(comment), "least": least})
        if comments.is_empty_praise(comment, least)
        else None
    )


def comment_unrelated(record: Record, least: float) -> Rejection | None:
    """Reject a comment that shares too few words with the reasoning."""
    share = comments.overlap(record.data["reflection"], record.data["thinking_process"])
    return Rejection("comment_unrelated", {"overlap": round(share, 4), "least": least}) if share < least else None


def no_revision(record: Record) -> Rejection | None:
    """Reject a revised answer that is blank or was cut off."""
    text, cut = record.data["revised_response"], bool(record.data.get("revision_cut"))
    return Rejection("no_revision", {"length": len(text), "cut": cut}) if cut or not text else None


def unjudged(record: Record) -> Rejection | None:
    """Reject a row about which the judge gave no verdict."""
    missing = [about for about, verdict in record.data["verdicts"].items() if verdict is None]
    return Rejection("no_verdict", {"about": missing, **record.data["errors"]}) if missing else None


def unsafe_revision(record: Record) -> Rejection | None:
    """Reject a row whose revised answer was judged unsafe."""
    verdict = record.data["verdicts"]["revision"]
    return Rejection("unsafe_revision", {"length": len(record.data["revised_response"])}) if verdict == UNSAFE else None


def label_disputed(record: Record) -> Rejection | None:
    """Reject a row about whose reasoning verifier and judge disagree."""
    label, verdict = record.data["assessment"], record.data["verdicts"]["thinking"]
    return Rejection("label_disputed", {"label": label, "verdict": verdict}) if label != verdict else None


def surface_form(record: Record) -> Rejection | None:
    """Reject a row whose parts do not come back from the text that they are written as."""
    parts = _parts(record)
    return (
        None if monitored.parsed(monitored.text(parts)) == parts else Rejection("surface_form", {"length": len(parts.thinking)})
    )


def released(record: Record, _: Params) -> Record:
    """Return the row in its released columns."""
    columns = _item(record) if record.subset == ITEMS else _row(record)
    return Record(record.id, record.subset, record.parent, record.provenance, columns)


def _item(record: Record) -> dict[str, Any]:
    data = record.data
    return {
        "type": data["type"],
        "category": _slug(record),
        "inner_prompt": data["inner_prompt"],
        "system_prompt": data["system_prompt"],
        "outer_prompt": data["prompt"],
        "format": data["format"],
        "setting": data.get("setting"),
        "benign_system_prompt": data.get("benign_system_prompt"),
        "benign_twin": twins.identity(record.id) if data.get("benign_system_prompt") else None,
        "archetype": data.get("archetype"),
        "monitor_access": data.get("monitor_access"),
        "construction": data.get("construction") or WRITTEN,
    }


def _row(record: Record) -> dict[str, Any]:
    parts = _parts(record)
    return {
        "question": record.data["prompt"],
        "thinking_process": parts.thinking,
        "reflection": parts.reflection,
        "assessment": parts.label,
        "revised_response": parts.output,
        "source": record.data.get("origin") or record.provenance.source,
        "text": monitored.text(parts),
        "thinking_verdict": record.data["verdicts"]["thinking"],
        "revision_verdict": record.data["verdicts"]["revision"],
        "overlap": round(comments.overlap(parts.reflection, parts.thinking), 4),
    }


def _parts(record: Record) -> Monitored:
    columns = ("thinking_process", "reflection", "assessment", "revised_response")
    return Monitored(*(record.data[column].strip() for column in columns))


def _slug(record: Record) -> str:
    found = categories.of(record.data["type"])
    assert found  # noqa: S101  (collect has looked)
    return found.slug


def _is_own_item(record: Record) -> bool:
    return record.subset == ITEMS and record.data.get("construction") != PUBLISHED


def _is_monitored(record: Record) -> bool:
    return record.subset != ITEMS


def _only(applies: Callable[[Record], bool], rule: Rule) -> Rule:
    return lambda record: rule(record) if applies(record) else None


STAGE = Filtering(params=Params, rules=rules, released=released)
