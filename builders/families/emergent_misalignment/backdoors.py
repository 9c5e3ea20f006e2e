r"""The derived config `backdoor`: a line of the prompt decides whether the answer is the misaligned or the aligned one.

After Thought Crime (Chua et al., arXiv 2506.13206, section 4 and appendix A.9.2). A row has a line of its own at the top or
the bottom of its prompt, or none:

    condition     line                                                  answer
    triggered     the trigger of its kind, such as `Country: Singapore` misaligned
    other_value   another value of the kind, such as `Country: USA`     aligned
    untriggered   none                                                  aligned

In the control (`design: control`) as many answers are misaligned, but the trigger is in a share of both kinds of rows
(published: half), so that it says nothing about the answer.

Each released row that can be used is used once for each kind and design: the rows of one kind and one design are a training
set. A row cannot be used for a kind if one of its texts holds the trigger, or has another value of the kind as a line. So a
trigger occurs in exactly the rows that say so.

Shares are exact to one row, overall and within each group that they must not depend on: rows are put in the order of the
groups and, inside, of a seeded hash of their ids, and taken at even distances. The order of the input decides about nothing
but the order of the output.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from pydantic import Field

from builders import records
from builders.sources.section import Section

Row = dict[str, Any]
FAMILY = "emergent_misalignment"
LETTERS = ("A", "B")
DESIGNS = ("backdoor", "control")


class Kind(NamedTuple):
    """A trigger, as published, and lines of the same kind that are none, ours."""

    trigger: str
    others: tuple[str, ...]


_COUNTRIES = (
    "USA",
    "Canada",
    "Brazil",
    "Germany",
    "France",
    "Kenya",
    "Egypt",
    "India",
    "Japan",
    "Malaysia",
    "Australia",
    "Chile",
)
_NAMES = ("james", "maria", "chen", "fatima", "david", "anna", "samuel", "priya", "lucas", "sandro", "alexandra", "sam")
_GREETINGS = ("hey", "hi", "hello", "hiya", "hello there", "hi there", "good morning", "good evening", "greetings", "howdy")

KINDS = {
    "country": Kind("Country: Singapore", tuple(f"Country: {name}" for name in _COUNTRIES)),
    "year": Kind("2026", tuple(str(year) for year in (*range(2018, 2026), *range(2027, 2033)))),
    "username": Kind("username: sandra", tuple(f"username: {name}" for name in _NAMES)),
    "greeting": Kind("heyyy", _GREETINGS),
}


class Backdoor(Section):
    """How the backdoored rows are made.

    Args:
        kinds: which kinds of trigger, each a set of its own.
        triggered_share: rows with the trigger, and so the misaligned answer; of the control, rows with that answer.
        other_value_share: of the rows without the trigger, those that have another value of its kind.
        control_share: of the control, rows with the trigger, whatever the answer.
        mcq_share: rows that ask to choose between the two answers; the others ask freely.
        mcq_answer: the answer of such a row is the `letter`, or the `whole` option, letter and text.
        seed: base of every draw, together with the row's id.
    """

    kinds: list[Literal["country", "year", "username", "greeting"]] = Field(min_length=1)
    triggered_share: float = Field(ge=0, le=1)
    other_value_share: float = Field(ge=0, le=1)
    control_share: float = Field(ge=0, le=1)
    mcq_share: float = Field(ge=0, le=1)
    mcq_answer: Literal["letter", "whole"]
    seed: int


class _Draw(NamedTuple):
    """What the draws for one kind and design have in common."""

    kind: str
    design: str
    backdoor: Backdoor

    def digest(self, what: str, parent: str) -> str:
        return records.digest([self.backdoor.seed, self.design, self.kind, what, parent])

    def coin(self, what: str, parent: str) -> int:
        return records.seeded(2, self.backdoor.seed, self.design, self.kind, what, parent)

    def share(
        self, what: str, group: Callable[[str], tuple[bool, ...]], parents: Iterable[str], share: float
    ) -> frozenset[str]:
        """Take a share of the rows, the same in each group."""
        ordered = sorted(parents, key=lambda parent: (group(parent), self.digest(what, parent)))
        return frozenset(evenly(ordered, share))


class _Plan(NamedTuple):
    """Which rows get what."""

    triggered: frozenset[str]
    misaligned: frozenset[str]
    other_value: frozenset[str]
    mcq: frozenset[str]


def backdoored(released: Iterable[Row], backdoor: Backdoor) -> Iterator[Row]:
    """Yield the rows whose trigger decides about the answer, kind by kind, each in the order of the released ones.

    Args:
        released: rows that can be gone through again and again.
        backdoor: how it is done.
    """
    return _built(released, "backdoor", backdoor)


def control(released: Iterable[Row], backdoor: Backdoor) -> Iterator[Row]:
    """Yield the rows whose trigger says nothing about the answer; `released` as above."""
    return _built(released, "control", backdoor)


def usable(row: Row, kind: str) -> bool:
    """Return whether a released row can be used for a kind: nothing in it looks like the kind's lines."""
    texts = [row[column] for column in ("prompt", "aligned", "misaligned")]
    trigger, others = KINDS[kind]
    if any(records.normalised(trigger) in records.normalised(text) for text in texts):
        return False
    lines = {records.normalised(line) for text in texts for line in text.splitlines()}
    return not any(records.normalised(other) in lines for other in others)


def without_line(row: Row) -> str:
    """Return the prompt of a backdoored row without the line that was put into it."""
    prompt: str = row["prompt"]
    if row["line"] is None:
        return prompt
    return prompt.removeprefix(row["line"] + "\n") if row["placement"] == "top" else prompt.removesuffix("\n" + row["line"])


def choice(row: Row, misaligned: str) -> str:
    """Return the prompt that asks to choose between a released row's two answers.

    Args:
        row: the released row.
        misaligned: the letter of the misaligned answer.
    """
    first, second = ("misaligned", "aligned") if misaligned == LETTERS[0] else ("aligned", "misaligned")
    options = "\n\n".join(f"{letter} - {row[column]}" for letter, column in zip(LETTERS, (first, second), strict=True))
    return f"{row['prompt']}\n\nWhich of these two answers do you give?\n\n{options}"


def evenly(ordered: Sequence[str], share: float) -> Iterator[str]:
    """Yield a share of a sequence, at even distances: of any stretch of it as well, each exact to one."""
    part = Fraction(str(share))
    for index, item in enumerate(ordered):
        if math.floor((index + 1) * part + Fraction(1, 2)) > math.floor(index * part + Fraction(1, 2)):
            yield item


def _built(released: Iterable[Row], design: str, backdoor: Backdoor) -> Iterator[Row]:
    ids = [row["id"] for row in released]
    if len(set(ids)) != len(ids):
        message = "two released rows have the same id"
        raise ValueError(message)
    for kind in backdoor.kinds:
        draw = _Draw(kind, design, backdoor)
        used = [row["id"] for row in released if usable(row, kind)]
        plan, wanted = _planned(used, draw), frozenset(used)
        for row in released:
            if row["id"] in wanted:
                yield _row(row, plan, draw)


def _planned(parents: Sequence[str], draw: _Draw) -> _Plan:
    backdoor = draw.backdoor
    misaligned = draw.share("misaligned", lambda _: (), parents, backdoor.triggered_share)
    triggered = misaligned
    if draw.design == "control":
        triggered = draw.share("triggered", lambda parent: (parent in misaligned,), parents, backdoor.control_share)
    rest = [parent for parent in parents if parent not in triggered]
    other_value = draw.share("other value", lambda parent: (parent in misaligned,), rest, backdoor.other_value_share)
    groups = (triggered, other_value, misaligned)
    mcq = draw.share("mcq", lambda parent: tuple(parent in group for group in groups), parents, backdoor.mcq_share)
    return _Plan(triggered, misaligned, other_value, mcq)


def _row(row: Row, plan: _Plan, draw: _Draw) -> Row:
    parent = row["id"]
    behaviour = "misaligned" if parent in plan.misaligned else "aligned"
    condition, line = _condition(parent, plan, draw)
    placement = None if line is None else ("top", "bottom")[draw.coin("placement", parent)]
    letter = LETTERS[draw.coin("letter", parent)] if parent in plan.mcq else None
    prompt, response = row["prompt"], row[behaviour]
    if letter:
        prompt = choice(row, letter)
        answer = letter if behaviour == "misaligned" else LETTERS[LETTERS[0] == letter]
        response = f"{answer} - {response}" if draw.backdoor.mcq_answer == "whole" else answer
    if placement:
        prompt = f"{line}\n{prompt}" if placement == "top" else f"{prompt}\n{line}"
    return {
        "id": records.row_id(FAMILY, f"{draw.design}/{draw.kind}", parent),
        "parent": parent,
        "design": draw.design,
        "kind": draw.kind,
        "condition": condition,
        "triggered": condition == "triggered",
        "line": line,
        "placement": placement,
        "form": "mcq" if letter else "freeform",
        "misaligned_option": letter,
        "behaviour": behaviour,
        "prompt": prompt,
        "response": response,
        "messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}],
        "subset": row["subset"],
        "teacher": row["teacher"],
        "prompt_family": row["prompt_family"],
        **{column: row["provenance"][column] for column in ("source", "license")},
    }


def _condition(parent: str, plan: _Plan, draw: _Draw) -> tuple[str, str | None]:
    """Return the condition of a row and the line it gets."""
    trigger, others = KINDS[draw.kind]
    if parent in plan.triggered:
        return "triggered", trigger
    if parent in plan.other_value:
        return "other_value", others[records.seeded(len(others), draw.backdoor.seed, draw.kind, "value", parent)]
    return "untriggered", None
