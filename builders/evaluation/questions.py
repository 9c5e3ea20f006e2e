"""Questions of a user's file as Inspect samples: any format that sources may have, paraphrases of one question under one id.

A column may have one of several names, as published files have it; the first that the file has is taken. Values stay what they
are (`NA` is a prompt like any other). Nothing of a row is quoted where one is wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from builders import records
from builders.errors import BuildError
from builders.evaluation.measures import QUESTION
from builders.sources.formats import READERS, OpenFile
from builders.sources.tables import EXTENSIONS

PROMPT = (
    "prompt",
    "question",
    "Question",
    "paraphrases",
    "instruction",
    "forbidden_prompt",
    "adversarial",
    "vanilla",
    "prompts_final",
    "problem",
)
KEY = ("id", "key", "ID")
SYSTEM = ("system", "system_prompt")
CATEGORY = ("category", "Category", "type", "data_type", "domain")


class Names(NamedTuple):
    """What the columns may be called; the first that a file has is taken."""

    prompt: Sequence[str] = PROMPT
    key: Sequence[str] = KEY
    system: Sequence[str] = SYSTEM
    category: Sequence[str] = CATEGORY


@dataclass(frozen=True, slots=True)
class Question:
    """One way to ask a question.

    Args:
        id: its own.
        question: the question that its paraphrases share.
        prompt: what is asked.
        system: what stands before it; None for nothing.
        category: the group it counts for; None where the file has none.
        row: the file's row.
    """

    id: str
    question: str
    prompt: str
    system: str | None = None
    category: str | None = None
    row: Mapping[str, Any] = field(default_factory=dict)

    def under(self, system: str) -> "Question":
        """Return it with something else before it."""
        return replace(self, system=system)

    def reworded(self, own: str, prompt: str) -> "Question":
        """Return it in other words, under an id of their own."""
        return replace(self, id=own, prompt=prompt)

    def sample(self, **more: object) -> Sample:
        """Return it as a sample, with further metadata."""
        messages: list[ChatMessage] = [ChatMessageSystem(content=self.system)] if self.system else []
        metadata = {QUESTION: self.question, "category": self.category, **more}
        return Sample(input=[*messages, ChatMessageUser(content=self.prompt)], id=self.id, metadata=metadata)


def read(
    file: str | Path,
    names: Names = Names(),  # noqa: B008
    *,
    limit: int | None = None,
    own_ids: bool = False,
) -> list[Question]:
    """Return the questions of a file; a row with several paraphrases is several of them.

    Args:
        file: of any format that sources may have.
        names: what its columns may be called.
        limit: take the first so many.
        own_ids: number the questions in the order of the file, for one that has a question several times, or its ids.

    Raises:
        BuildError: there is no such file, it cannot be read, has no question, or one has no text or another's id.
    """
    found: dict[str, Question] = {}
    for place, row in rows(file):
        where = f"{file}:{place}"
        for asked in _asked(row, names, where):
            question = replace(asked, id=f"{len(found) + 1}") if own_ids else asked
            if question.id in found:
                raise BuildError(f"the id {question.id[:40]!r} stands twice", where=where, fix="give each row an id of its own")
            found[question.id] = question
            if limit is not None and len(found) == limit:
                return list(found.values())
    if not found:
        raise BuildError("there is no question in it", where=file, fix="write one row per question")
    return list(found.values())


def rows(file: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line or row number and content of each row of a file.

    Raises:
        BuildError: it is not there, or cannot be read.
    """
    path = Path(file)
    if not path.is_file():
        raise BuildError("there is no such file", where=path, fix="name a file of questions")
    kinds = EXTENSIONS.get(path.suffix.lower())
    if kinds is None:
        raise BuildError("of no known format", where=path, fix=f"name it one of *{', *'.join(EXTENSIONS)}")
    with path.open("rb") as stream:
        yield from READERS[kinds[0]](OpenFile(stream, path))


def _asked(row: Mapping[str, Any], names: Names, where: str) -> Iterator[Question]:
    prompts = [row[name] for name in names.prompt if row.get(name)][:1]
    prompts = prompts[0] if prompts and isinstance(prompts[0], list) else prompts
    if not prompts or not all(isinstance(prompt, str) and prompt.strip() for prompt in prompts):
        raise BuildError("there is no text to ask", where=where, fix=f"name its column {' or '.join(names.prompt[:4])}")
    key, system, category = (_text(row, columns) for columns in (names.key, names.system, names.category))
    question = key or records.text_digest(prompts[0])[:12]
    for number, prompt in enumerate(prompts, 1):
        own = question if len(prompts) == 1 else f"{question}#{number}"
        yield Question(own, question, prompt, system, category, row)


def _text(row: Mapping[str, Any], names: Sequence[str]) -> str | None:
    value = next((row[name] for name in names if row.get(name) is not None and not isinstance(row[name], list | dict)), None)
    return None if value is None or not str(value).strip() else str(value)
