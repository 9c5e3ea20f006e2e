"""Questions, topics to make questions from, and the questions of an evaluation.

Example seeds: {"prompt": "How long does an opened bottle of eye drops last?", "topic": "medicines at home"}
and {"prompt": "medicines at home", "kind": "topic"}. Choices that a source has join the question;
where they cannot be read, the row is `unread_choices`.
"""

from collections.abc import Callable
from dataclasses import replace

from builders import records
from builders.contracts import Collecting
from builders.params import sections
from builders.records import Record, Rejection
from builders.sources import choices

PROMPT = "prompt"
COLUMNS = {"prompt": True, "topic": False, "kind": False, "category": False, "system": False, "options": False}
"""Column that a source may fill → whether it must."""

TOPIC = "topic"
EVALUATION = "evaluation"
_KINDS = (None, "question", TOPIC)

Params = sections.Collect


def screened(record: Record) -> bool:
    """Tell whether a row is a question that is to be answered: topics are not, nor are those of an evaluation."""
    return record.data.get("kind") != TOPIC and record.subset != EVALUATION


def beside(record: Record) -> str:
    """Return what tells questions of one text apart: an evaluation asks one again under another system prompt."""
    system = record.data.get("system") if record.subset == EVALUATION else None
    return "" if system is None else records.normalised(str(system))


def completed(record: Record, _: Params) -> Record:
    """Return the row with its choices, if it has any, below the question."""
    data = {name: value for name, value in record.data.items() if name != "options"}
    found = choices.read(record.data.get("options"))
    unread = {"unread": found.unread} if found.unread else {}
    return replace(record, data={**data, PROMPT: choices.joined(data[PROMPT], found.options), **unread})


def rules(_: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed."""
    return [bad_kind, choices.unread_choices]


def bad_kind(record: Record) -> Rejection | None:
    """Reject a row that is neither a question nor a topic."""
    kind = record.data.get("kind")
    return None if kind in _KINDS else Rejection("bad_kind", {"type": type(kind).__name__, "length": len(str(kind))})


STAGE = Collecting(
    params=Params, prompt=PROMPT, columns=COLUMNS, rules=rules, screened=screened, beside=beside, completed=completed
)
