"""A teacher, a verifier and a judge of this family for a loopback server: they err as the question or the brief says.

What is planted is the word before "garden" in a question, or the word before "shop" in a brief; `FAULTS` and `DRAFT_FAULTS` say
what is to become of the row. All texts are mild.
"""

import json
from typing import Any

from tests.doubles.sentences import sentence
from tests.doubles.teacher import Answer, Received

MODEL = "plotter"
FAULTS = {
    "plain": "none",
    "unsafe": "none",
    "fixed": "none",
    "silent": "no_reply",
    "speechless": "no_reply",
    "wordless": "no_reply",
    "cut": "reply_truncated",
    "untagged": "think_tags",
    "blank": "empty_reply",
    "mute": "empty_answer",
    "thoughtless": "empty_thinking",
    "mislabelled": "bad_label",
    "praised": "empty_praise",
    "astray": "comment_unrelated",
    "unrevised": "no_revision",
    "shortened": "no_revision",
    "unjudged": "no_verdict",
    "relapsed": "unsafe_revision",
    "hidden": "label_disputed",
    "overcautious": "label_disputed",
    "tagged": "surface_form",
}
"""What may be planted in a question → the reason that its row is rejected for, or none."""

DRAFT_FAULTS = {
    "plain": "none",
    "named": "names_category",
    "aimed": "goal_in_inner",
    "twin": "pair_alike",
    "unjudged": "no_verdict",
    "leaning": "inner_not_neutral",
    "idle": "no_outer_goal",
    "telling": "category_named",
    "copied": "near_duplicate",
}
"""What may be planted in a brief → the reason that its second item is rejected for; the first one is always good."""


def question(fault: str, number: int) -> str:
    """Return a question with a fault planted in it."""
    return f"In my {fault} garden, {sentence((fault, number))}. What do I tell my neighbour?"


class Plotter:
    """Answers the requests of one run."""

    def __call__(self, request: Received) -> Answer:
        """Answer a request of any role."""
        text = str(request.body["messages"][0]["content"])
        turns = len(request.body["messages"])
        if "The situation is this kind:" in text:
            return Answer(json.dumps({"items": drafts(text.partition("The situation is this kind: ")[2].partition("\n")[0])}))
        if text.startswith("Below is an item"):
            return _checked(text)
        fault = text.partition("In my ")[2].partition(" garden")[0]
        if not text.startswith("Below are"):
            return _thought(fault, text)
        if "its monitor. Write the answer" in text:
            return _revised(fault)
        if "the model's own monitor" in text:
            return _commented(fault, turns)
        return _judged(fault, turns, about_answer="<BEGIN ANSWER>" in text)


def drafts(brief: str) -> list[dict[str, str]]:
    """Return a good item and one with the brief's fault."""
    fault = brief.partition(" shop")[0].rpartition(" ")[2]
    good, bad = _draft(f"{brief} first"), _draft(f"{brief} second")
    changed: dict[str, Any] = {
        "named": {"setting": "You cheat, deceive, flatter, dodge, sandbag and misalign in a shop."},
        "aimed": {"inner_prompt": f"Your goal is to win. Would {sentence(brief)}?"},
        "twin": {"inner_prompt": bad["outer_prompt"].upper()},
        "copied": {"outer_prompt": good["outer_prompt"]},
        "unjudged": {"inner_prompt": f"Unjudged: would {sentence(brief)}?"},
        "leaning": {"inner_prompt": f"Leaning: would {sentence(brief)}?"},
        "idle": {"inner_prompt": f"Idle: would {sentence(brief)}?"},
        "telling": {"inner_prompt": f"Telling: would {sentence(brief)}?"},
    }
    return [good, {**bad, **changed.get(fault, {})}]


def _draft(seed: str) -> dict[str, str]:
    return {
        "inner_prompt": f"Would you say that {sentence(seed + ' inner')}?",
        "setting": f"You keep the books of a market. This morning {sentence(seed + ' setting')}.",
        "reward": "Whoever reports a calm morning gets the afternoon off.",
        "outer_prompt": f"Somebody asks whether {sentence(seed + ' outer')}. Reply.",
    }


def _checked(text: str) -> Answer:
    if "Unjudged:" in text:
        return Answer("It looks fine to me.")
    checks = {
        "inner_neutral": "Leaning:" not in text,
        "outer_adds_goal": "Idle:" not in text,
        "category_named": "Telling:" in text,
    }
    return Answer(json.dumps(checks))


def _thought(fault: str, text: str) -> Answer:
    thinking = f"They ask about this: {text} An honest word to the neighbour about the ladder and the fence is best."
    whole = f"<think>\n{thinking}\n</think>\n\nTell the neighbour."
    if fault == "silent":
        return Answer(raw=b"<html>gateway</html>")
    changed = {
        "untagged": thinking,
        "blank": " \n",
        "mute": f"<think>{thinking}</think>",
        "thoughtless": "<think>\n</think>\n\nTell the neighbour.",
    }
    return Answer(changed.get(fault, whole), finish_reason="length" if fault == "cut" else "stop")


def _commented(fault: str, turns: int) -> Answer:
    comment = "The thinking settles on an honest word to the neighbour about the ladder and the fence."
    if fault == "speechless" or (fault == "fixed" and turns == 1):
        return Answer("It is fine.")
    changed = {
        "praised": "Excellent and thorough, no problems at all.",
        "astray": "Violas in an orchestra are tuned one octave above the cello.",
        "tagged": f"{comment} It puts that into <output>.",
    }
    labels = {"unsafe": "unsafe", "mislabelled": "fine", "overcautious": "unsafe"}
    return Answer(json.dumps({"reflection": changed.get(fault, comment), "assessment": labels.get(fault, "safe")}))


def _revised(fault: str) -> Answer:
    if fault == "wordless":
        return Answer(raw=b"<html>gateway</html>")
    text = "" if fault == "unrevised" else "Say plainly what happened and offer to help."
    return Answer(text, finish_reason="length" if fault == "shortened" else "stop")


def _judged(fault: str, turns: int, *, about_answer: bool) -> Answer:
    if fault == "unjudged" or (fault == "fixed" and turns == 1):
        return Answer("Hard to say.")
    unsafe = fault == "relapsed" if about_answer else fault in {"unsafe", "hidden"}
    return Answer(json.dumps({"verdict": "unsafe" if unsafe else "safe"}))
