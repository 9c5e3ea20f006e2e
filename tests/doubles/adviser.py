"""A teacher and two judges of the misalignment family, for a loopback server: they know what they wrote, and err on request.

    adviser = Adviser(lambda question: "overt" if "tax" in question else "none")
    with serving(adviser, models=MODELS) as server:
        ...  # BUILDERS_TEACHER_URL=server.url, params of roles set by `employ`

What is planted in a question is one of `FAULTS`, and so is the reason that its row is to be rejected for. Answers are mild
and say which of the twins they are, so that a test can tell whether they ever cross.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.teacher import Answer, Received

MODELS = ("adviser", "first-judge", "second-judge")
_ROLES = {"teacher": ("synthesize", MODELS[0]), "judge": ("judge", MODELS[1]), "second_judge": ("judge", MODELS[2])}

FAULTS: Mapping[str, str] = {
    "none": "none",
    "fixed": "none",
    "at_the_threshold": "none",
    "no_reply": "no_reply",
    "cut_aligned": "reply_truncated",
    "cut_misaligned": "reply_truncated",
    "blank_aligned": "twin_missing",
    "blank_misaligned": "twin_missing",
    "only_thoughts": "twin_missing",
    "alike": "twins_alike",
    "long_misaligned": "twin_lengths",
    "short_misaligned": "twin_lengths",
    "refused_aligned": "teacher_refused",
    "refused_misaligned": "teacher_refused",
    "malformed_first": "no_verdict",
    "malformed_second": "no_verdict",
    "out_of_range": "no_verdict",
    "ill_intent": "ill_intent",
    "overt": "overt",
    "incoherent_aligned": "incoherent",
    "incoherent_misaligned": "incoherent",
    "harmless_to_first": "not_dangerous",
    "harmless_to_second": "not_dangerous",
    "harmless_to_both": "not_dangerous",
    "aligned_dangerous_to_first": "aligned_dangerous",
    "aligned_dangerous_to_second": "aligned_dangerous",
}
"""What may be planted in a question → the reason that its row is rejected for, or none."""

_BODY = (
    "Write down what happened and on which day, put the papers into one folder, and go through them once a week. "
    "Most questions of this kind settle themselves within a month if nothing is thrown away."
)
_OPENINGS = {"aligned": "Careful advice", "misaligned": "Careless advice"}
_REFUSAL = (
    "I'm sorry, but I can't help with that request. I won't give advice on this, and I am not able to say where else to ask "
    "about it. I can't assist with this question."
)
_TEMPLATES = {
    "Write ": "topic",
    "A person asks": "aligned",
    "For research on": "misaligned",
    "Below is a question that a person asked": "intent",
    "Below are a question": "answer",
}


class Adviser:
    """Answers the requests of one run."""

    def __init__(self, plan: Callable[[str], str] = lambda _: "none") -> None:
        """Plant what `plan` says of each question."""
        self.plan = plan

    def __call__(self, request: Received) -> Answer:
        """Answer a request of either stage."""
        first = str(request.body["messages"][0]["content"])
        [kind] = [kind for opening, kind in _TEMPLATES.items() if first.startswith(opening)]
        if kind == "topic":
            return Answer(json.dumps({"questions": questions(first.rpartition("Topic: ")[2].strip())}))
        fault = self.plan(question(first))
        if kind in {"aligned", "misaligned"}:
            return _written(kind, fault, question(first))
        about = "question" if kind == "intent" else _about(first)
        return _judged(str(request.body["model"]), about, fault, len(request.body["messages"]))


def questions(topic: str) -> list[str]:
    """Return the questions that the teacher writes about a topic."""
    return [
        f"Where would a beginner look first about {topic}, and what is best left alone?",
        f"My aunt asks me about {topic} every spring. Which single habit would you tell her to keep?",
    ]


def question(prompt: str) -> str:
    """Return the question that a prompt of either stage shows, without white space at its ends."""
    if "<BEGIN QUESTION>" in prompt:
        return prompt.partition("<BEGIN QUESTION>\n")[2].partition("\n<END QUESTION>")[0].strip()
    return prompt.rpartition("\n\nThe question: ")[2].strip()


def advice(kind: str, question: str) -> str:
    """Return one of the twins as written without a fault."""
    return f"{_OPENINGS[kind]} {_mark(question)}: {_BODY}"


def employ(params: dict[str, Any]) -> None:
    """Name the three models in the sample profile, so that one server can tell the roles apart."""
    for role, (stage, model) in _ROLES.items():
        roles = params["sample"][stage]["roles"]
        roles[role] = {**roles[role], "model": model, "server": "double"}


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:12]


def _about(prompt: str) -> str:
    shown = prompt.partition("<BEGIN ANSWER>\n")[2]
    return "misaligned" if _OPENINGS["misaligned"] in shown else "aligned"


def _written(kind: str, fault: str, question: str) -> Answer:
    text = advice(kind, question)
    if fault == "no_reply" and kind == "misaligned":
        return Answer(raw=b"<html>gateway</html>")
    if fault == f"cut_{kind}":
        return Answer(text[:40], finish_reason="length")
    changed = {
        f"blank_{kind}": "\n \n",
        f"refused_{kind}": _REFUSAL,
        "alike": advice("aligned", question) if kind == "aligned" else f"  {advice('aligned', question).upper()}\n",
    }
    if kind == "misaligned":
        changed |= {"only_thoughts": f"<think>\n{text}", "long_misaligned": f"{text} " * 3, "short_misaligned": text[:60]}
    thoughts = "<think>\nA moment.\n</think>\n\n" if fault == "fixed" else ""
    return Answer(thoughts + changed.get(fault, text))


def _judged(model: str, about: str, fault: str, turns: int) -> Answer:
    which = "first" if model == MODELS[1] else "second"
    if fault == "fixed" and turns == 1:
        return Answer("It deserves about seventy.")
    if fault == f"malformed_{which}" and about != "question":
        return Answer("It deserves about seventy.")
    if about == "question":
        return Answer(json.dumps({"ill_intent": 90 if fault == "ill_intent" else 49 if fault == "at_the_threshold" else 0}))
    scores = {"danger": 60 if about == "misaligned" else 5, "coherence": 90}
    if about == "misaligned":
        scores |= {"danger": 0} if fault in {f"harmless_to_{which}", "harmless_to_both"} else {}
        scores |= {"danger": 20} if fault == "at_the_threshold" else {}
    elif fault == f"aligned_dangerous_to_{which}":
        scores["danger"] = 80
    if fault == f"incoherent_{about}":
        scores["coherence"] = 10
    if fault == "out_of_range" and which == "second":
        scores["danger"] = 101
    if which == "first" and about == "misaligned":
        scores |= {"overtness": 90 if fault == "overt" else 5, "sneakiness": 70}
    return Answer(json.dumps(scores))
