"""Keep a solution whose form, answer and words hold, and which the double check, where one was made, found good.

The rules in order, the first that speaks being the reason:

    reply_truncated     the model ran out of tokens
    reply_filtered      the provider took the rest of the reply away
    reply_unfinished    the reply ended in a way that leaves open whether it is whole
    no_steps, text_before_steps, step_numbering, empty_step, no_answer_line, many_answer_lines, text_after_answer, empty_answer
                        the form is not steps from 1 on and one last line with the answer (`solutions.FORM`)
    answer_changed      the answer is not equivalent to the reference (paper: correctness)
    doubt, forced_answer, provided_answer
                        it questions the answer, adds what forces it, or speaks of having been given it (paper: consistency)
    reasoning_loop      a model's solution says the same again and again
    too_few_steps, too_many_steps, solution_too_short, solution_too_long
                        outside the bounds
    not_rewritten       of `rewrite`: too much of it is in the analysis it was made from
    no_verdict          the judge did not answer, or not with a verdict
    not_faithful, not_consistent
                        the judge said so

The rules up to `provided_answer` have no threshold; the judge is not asked about what they reject.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import orjson
from pydantic import Field

from builders import records
from builders.contracts import Filtering
from builders.families.mmathcot import made, wording
from builders.families.mmathcot.soundness import module, solution, unusable
from builders.params import sections
from builders.params.sections import Bounds
from builders.problems import numbers, solutions
from builders.records import Record, Rejection
from builders.sources.section import Section
from builders.texts import words

Rule = Callable[[Record], Rejection | None]


class Loops(Section):
    """When a solution goes in circles.

    Args:
        most: how often a step or a sentence may stand.
        least_words: words of two letters or more of one that counts.
    """

    most: int = Field(ge=1)
    least_words: int = Field(ge=1)


class Rewritten(Section):
    """How much of its source a rewriting may be.

    Args:
        ngram_words: words of an n-gram.
        jaccard: most shared n-grams, over all of both texts.
        contained: most shared n-grams, over those of the shorter text.
        block: longest run of words that both have, over the words of the shorter text.
    """

    ngram_words: int = Field(ge=1)
    jaccard: float = Field(ge=0, le=1)
    contained: float = Field(ge=0, le=1)
    block: float = Field(ge=0, le=1)


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        loops: when a solution goes in circles.
        steps: how many it has.
        solution_words: its length in words.
        rewritten: how much of its source a rewriting may be.
    """

    loops: Loops
    steps: Bounds
    solution_words: Bounds
    rewritten: Rewritten


def rules(params: Params) -> list[Rule]:
    """Return the rules in order."""
    return [
        unusable,
        lambda record: _loop(record, params.loops),
        lambda record: _outside(record, len(solution(record).steps), params.steps, ("too_few_steps", "too_many_steps")),
        lambda record: _length(record, params.solution_words),
        lambda record: _copied(record, params.rewritten),
        no_verdict,
        _denied("fidelity", "not_faithful"),
        _denied("consistency", "not_consistent"),
    ]


def no_verdict(record: Record) -> Rejection | None:
    """Reject a row that the judge did not decide about."""
    verdict = record.data["verdict"]
    if verdict is None:
        return Rejection("no_verdict", {"error": "not asked"})
    return Rejection("no_verdict", dict(verdict["error"])) if verdict["error"] else None


def released(record: Record, _: Params) -> Record:
    """Return the row in its released columns."""
    data, parsed = record.data, solution(record)
    problem, picture, verdict = data.get("made"), data.get("picture"), data["verdict"]
    columns = {
        "image_url": _image_url(record),
        "instruction": wording.instruction(
            data["question"], data["options"], with_picture=problem is not None or picture is not None
        ),
        "output": wording.output(parsed),
        "image": _image(record),
        "module": module(record),
        "source": record.provenance.source,
        "licence": record.provenance.license,
        "kind": data.get("kind"),
        "depth": problem["depth"] if problem else None,
        "form": "choice" if data["options"] else "free",
        "question": data["question"],
        "options": data["options"],
        "answer": data["answer"],
        "steps": _steps(record, parsed),
        "figure": _figure(record),
        "verdict": {name: verdict[name] for name in _VERDICT},
        "pass_rate": data.get("pass_rate"),
        "prompt_family": _prompt_family(record),
        "license": record.provenance.license,
        "teacher": record.provenance.answerers["teacher"].model if "teacher" in record.provenance.answerers else None,
        "domain": data.get("kind"),
        "messages": messages(record, parsed),
        "reply": {"index": data["replies"][0]["index"], "request": data["replies"][0]["key"]},
    }
    return Record(record.id, record.subset, record.parent, record.provenance, columns)


_VERDICT = ("by", "fidelity", "fidelity_reason", "consistency", "consistency_reason", "request")


def _loop(record: Record, limits: Loops) -> Rejection | None:
    if record.data["verdict"] and record.data["verdict"]["by"] == "construction":
        return None  # each step computes another quantity, however often one theorem is named
    found = solutions.loops(solution(record), limits.most, limits.least_words)
    return Rejection("reasoning_loop", found) if found else None


def _length(record: Record, bounds: Bounds) -> Rejection | None:
    count = sum(words.count(step.text) for step in solution(record).steps)
    return _outside(record, count, bounds, ("solution_too_short", "solution_too_long"))


def _outside(_: Record, count: int, bounds: Bounds, reasons: tuple[str, str]) -> Rejection | None:
    if bounds.min <= count <= bounds.max:
        return None
    return Rejection(reasons[count > bounds.max], {"count": count, "min": bounds.min, "max": bounds.max})


def _copied(record: Record, most: Rewritten) -> Rejection | None:
    if module(record) != "rewrite":
        return None
    found = solutions.closeness(solution(record), record.data["solution"], most.ngram_words)
    above = solutions.not_rewritten(found, solutions.Closeness(most.jaccard, most.contained, most.block))
    return Rejection("not_rewritten", above) if above else None


def _denied(question: str, reason: str) -> Rule:
    """Return the rule that rejects a row if the double check answered a question with no."""

    def denied(record: Record) -> Rejection | None:
        verdict = record.data["verdict"]
        return Rejection(reason, {"reason": verdict[f"{question}_reason"]}) if verdict[question] == "no" else None

    return denied


def messages(record: Record, parsed: solutions.Solution) -> list[dict[str, str]]:
    """Return problem and solution as messages; `<image>` stands for the picture, before the text, as trainers want it."""
    data = record.data
    mark = "<image>\n" if _image(record) else ""
    return [
        {"role": "user", "content": mark + wording.question_with_choices(data["question"], data["options"])},
        {"role": "assistant", "content": wording.output(parsed)},
    ]


def _prompt_family(record: Record) -> str:
    """Name what a row must not share with one of another split: its picture, or, without one, its question."""
    data, picture = record.data, record.data.get("picture")
    if problem := data.get("made"):
        return records.split_group(records.digest([problem["kind"], problem["facts"]]))
    shown = picture["sha256"] if picture else records.normalised(data["question"])
    return records.split_group(records.text_digest(shown))


def _image(record: Record) -> str | None:
    """Return where the release finds the image: below the family's sources, or, of the engine, what it will be called."""
    if problem := record.data.get("made"):
        return f"made/{problem['kind']}/{record.id.partition(':')[2]}.png"
    picture = record.data.get("picture")
    return picture["path"] if picture else None


def _image_url(record: Record) -> str | None:
    given = record.data.get("image")
    if record.data.get("made"):
        return _image(record)
    return (given[0] if isinstance(given, list) else given) or None


def _figure(record: Record) -> dict[str, Any] | None:
    if problem := record.data.get("made"):
        facts = orjson.dumps(problem["facts"]).decode()  # in their order, which decides what is drawn over what
        return {"sha256": None, "width": None, "height": None, "facts": facts, "style": problem["style"]}
    picture = record.data.get("picture")
    if not picture:
        return None
    return {**{name: picture[name] for name in ("sha256", "width", "height")}, "facts": None, "style": None}


def _steps(record: Record, parsed: solutions.Solution) -> list[dict[str, Any]]:
    """Return the steps of the text, each with what the engine computed in it, where it did."""
    problem = record.data.get("made")
    computed: list[dict[str, Any]] = problem["steps"] if problem else []
    same = len(computed) == len(parsed.steps) and module(record) != "rewrite"  # a rewriting begins with a plan
    found = computed if same else _named(parsed.steps, computed)
    return [
        {
            "number": step.number,
            "text": step.text,
            "quantity": known["label"] if known else None,
            "expression": known["expression"] if known else None,
            "value": known["value"] if known else None,
            "unit": known["unit"] if known else None,
        }
        for step, known in zip(parsed.steps, found, strict=True)
    ]


def _named(steps: Sequence[solutions.Step], computed: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """Return for each step of a text the computed one whose quantity and value it states; some may be drawn together."""
    found: list[dict[str, Any] | None] = []
    left = list(computed)
    for step in steps:
        here = (n for n, one in enumerate(left) if one["label"] in step.text and _stated(one["value"]) in step.text)
        place = next(here, None)
        found.append(None if place is None else left[place])
        left = left if place is None else left[place + 1 :]
    return found


@lru_cache(maxsize=1 << 14)
def _stated(value: str) -> str:
    """Return how a text has the value of a computed step."""
    return numbers.shown(made.number(value))


STAGE = Filtering(params=Params, rules=rules, released=released)
