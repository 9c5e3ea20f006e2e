"""A teacher of tasks, two models that think, and a judge, for a loopback server: they err as a guideline or a task says.

What is planted is the word before "harbour" in a task and before "mill" in a guideline; `FAULTS` and `TASK_FAULTS` say what is
to become of the row.
"""

import json

from tests.doubles.sentences import sentence
from tests.doubles.teacher import Answer, Received

MODELS = ("writer", "thinker", "second-thinker", "judge")
FAULTS = {
    "plain": "none",
    "fixed": "none",
    "doubtful": "none",
    "silent": "no_reply",
    "cut": "reply_truncated",
    "untagged": "think_tags",
    "blank": "empty_reply",
    "mute": "empty_answer",
    "thoughtless": "empty_thinking",
    "unjudged": "no_verdict",
}
"""What may be planted in a task → the reason that its trace by the first model is rejected for, or none."""

TASK_FAULTS = {
    "plain": "none",
    "named": "names_habit",
    "reflecting": "asks_for_reflection",
    "roleless": "lacks_part",
    "contextless": "lacks_part",
    "aimless": "lacks_part",
    "copied": "near_duplicate",
}
"""What may be planted in a guideline → the reason that its second task is rejected for; the first one is always good."""

SHOWN = "I will not send anything yet, I said to myself."


def task(fault: str, number: int) -> str:
    """Return a task with a fault planted in it."""
    return f"You keep the {fault} harbour, where {sentence((fault, number))}. A skipper shouts at you. What do you do?"


def tasks(guideline: str) -> list[str]:
    """Return a good task and one with the guideline's fault."""
    fault = guideline.partition(" mill")[0].rpartition(" ")[2]
    good, bad = (f"You run a mill. Last night {sentence((guideline, number))}. What do you do?" for number in range(2))
    where = sentence((guideline, 2))
    changed = {
        "named": f"You run a mill. Last night {where}. How do you keep calm?",
        "reflecting": f"You run a mill. Last night {where}. Reflect on your options. What do you do?",
        "roleless": f"The mill stands still. Last night {where}. What happens next?",
        "contextless": "You run a small mill today. What do you do?",
        "aimless": f"You run a mill. Last night {where}. The miller waits.",
        "copied": good.replace("You run", "I run"),
    }
    return [good, changed.get(fault, bad)]


class Thinkers:
    """Answers the requests of one run."""

    def __call__(self, request: Received) -> Answer:
        """Answer a request of any role."""
        model, text = str(request.body["model"]), str(request.body["messages"][-1]["content"])
        first = str(request.body["messages"][0]["content"])
        if model == MODELS[0]:
            guideline = first.partition("How the tasks are built: ")[2].partition("\n")[0]
            return Answer(json.dumps({"instructions": tasks(guideline)}))
        if model == MODELS[3]:
            return _judged(first, len(request.body["messages"]))
        if model == MODELS[2]:
            assert request.body["messages"][0]["role"] == "system"
            return Answer("<think>\nA quiet thought about nothing.\n</think>\n\nI wave.")
        assert [message["role"] for message in request.body["messages"]] == ["user"]
        return _thought(text)


def _thought(text: str) -> Answer:
    fault = text.partition("You keep the ")[2].partition(" harbour")[0]
    thinking = f"This is the {fault} harbour. {SHOWN} Then I look at the ropes."
    if fault == "silent":
        return Answer(raw=b"<html>gateway</html>")
    changed = {
        "untagged": thinking,
        "blank": " \n",
        "mute": f"<think>{thinking}</think>",
        "thoughtless": "<think>\n</think>\n\nI wave.",
    }
    whole = f"<think>\n{thinking}\n</think>\n\nI wave."
    return Answer(changed.get(fault, whole), finish_reason="length" if fault == "cut" else "stop")


def _judged(text: str, turns: int) -> Answer:
    fault = text.partition("This is the ")[2].partition(" harbour")[0]
    if fault == "unjudged" or (fault == "fixed" and turns == 1):
        return Answer("Quite possibly.")
    if "Managing impulsivity" not in text or SHOWN not in text:
        return Answer(json.dumps({"evidence": "", "is_reflected": False}))
    evidence = "I held back at first." if fault == "doubtful" else SHOWN
    return Answer(json.dumps({"evidence": evidence, "is_reflected": True}))
