"""Every rule that needs only the prompt, before anything is paid for.

Collected prompts are screened by collect, those that synthesize spawns by synthesize. What a family gives for it is its
`Collecting`: only rows that are `screened` are prompts in the sense of the rules, the others pass all but the first, those of
the family, and the last but one; of rows that the family `made`, no length, language or likeness is measured.
Rules and their reasons, in order:

    duplicate_id      an earlier row of this source has the same key, or without keys the same prompt
    contaminated      an evaluation set holds the prompt, or enough words in a row of it
    (the family's)
    prompt_too_short, prompt_too_long   outside the bounds, in words
    language          confidently another language than those allowed
    exact_duplicate   an earlier row has the same prompt but for case and white space, and the same beside it
    conflicting_answers  another row has the same prompt and the same beside it, and an answer that is not equivalent; both go
    near_duplicate    an earlier row's word n-grams overlap from the threshold on, and what is beside the two agrees
"""

import operator
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from builders import paths, pipeline, records
from builders.contracts import Collecting
from builders.errors import BuildError
from builders.jobs import Job
from builders.params.sections import Collect
from builders.pipeline import Apply, Check, Read, Write
from builders.records import Record, Rejection, Rule
from builders.screening import decontamination, near_duplicates
from builders.screening.decontamination import Index
from builders.screening.near_duplicates import Beside
from builders.texts import words
from builders.work import Outcome

_ENGLISH = frozenset(
    "the what which how does who why where when and with from this that these those should would could have has been are is"  # noqa: SIM905
    " for of to it they their there was were by or not you your if than find many much between each following".split()
)
"""Function words of English; two or three of them are words of another language, too, and so one alone says nothing."""
_ENGLISH_WORDS = 3
_ENGLISH_SHARE = 0.25


def screen(  # noqa: PLR0913, PLR0917  (what is screened, by what, and where it goes)
    job: Job, family: Collecting[Any], found: Callable[[], Iterable[Outcome]], known: list[Index], kept: Path, rejected: Path
) -> int:
    """Part the rows into two files by the rules; rows that are rejected already stay so.

    Args:
        job: the stage and pool.
        family: what the family gives for it.
        found: yields the rows.
        known: the evaluation sets.
        kept: the file of the rows that pass.
        rejected: the file of those that do not.

    Returns:
        how many rows there were.
    """
    chosen = job.params.collect
    prompt, completed = family.prompt, family.completed
    conflicts: dict[str, str] = {}
    rules = _rules(family, chosen, known, conflicts)
    completing = [Apply(lambda record: completed(record, chosen))] if completed else []
    with _scratch(job.family) as scratch:
        between = scratch / "found.jsonl"
        first = [Read(found, job.label, None), *completing, *map(Check, rules), _Keep(between, prompt, _measured(family))]
        read = pipeline.rows_read(pipeline.execute([*first, near_duplicates.signatures(scratch, chosen.near_duplicates)]))
        mark = near_duplicates.Mark(
            near_duplicates.groups(scratch, chosen.near_duplicates),
            lambda record: str(record.data[prompt]),
            chosen.near_duplicates,
            Beside(family.beside, family.agreeing(chosen) if family.agreeing else operator.eq, family.answered),
        )
        pipeline.execute([pipeline.over(between, job.label, read), Check(_conflicting(conflicts)), mark, Write(kept, rejected)])
    decontamination.remember(job.family, job.stage, job.pool, decontamination.report(known, rejected))
    return read


def _rules(family: Collecting[Any], chosen: Collect, known: list[Index], conflicts: dict[str, str]) -> list[Rule]:
    """Return all rules but the last, in order."""
    prompt, measured = family.prompt, _measured(family)
    return [
        _unique_ids(),
        _only(family.screened, decontamination.rule(known, prompt, chosen.decontamination.ngram_words)),
        *family.rules(chosen),
        _only(measured, _length(prompt, chosen)),
        _only(measured, _language(prompt, chosen)),
        _exact_duplicates(family, conflicts),
    ]


def _measured(family: Collecting[Any]) -> Callable[[Record], bool]:
    """Return what tells whether a row's length, language and likeness are measured."""
    return lambda record: family.screened(record) and not family.made(record)


def _only(screened: Callable[[Record], bool], rule: Rule) -> Rule:
    """Return the rule for the rows that are screened."""

    def only(record: Record) -> Rejection | None:
        return rule(record) if screened(record) else None

    return only


@contextmanager
def _scratch(family: str) -> Iterator[Path]:
    """Give an empty folder beside the stages' own: prompts of hazard families lie nowhere else, not even for a while."""
    folder = (paths.processed(family) / ".screening.scratch").absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unique_ids() -> Rule:
    seen: dict[str, tuple[Any, ...]] = {}

    def duplicate_id(record: Record) -> Rejection | None:
        if (first := seen.get(record.id)) is not None:
            place = zip(("first_source_file", "first_source_row"), first, strict=True)
            return Rejection("duplicate_id", {name: part for name, part in place if part is not None})
        seen[record.id] = (record.provenance.source_file, record.provenance.source_row)
        return None

    return duplicate_id


def _length(prompt: str, chosen: Collect) -> Rule:
    bounds = chosen.prompt_words

    def length(record: Record) -> Rejection | None:
        count = words.count(record.data[prompt])
        if count < bounds.min:
            return Rejection("prompt_too_short", {"words": count, "min": bounds.min})
        if count > bounds.max:
            return Rejection("prompt_too_long", {"words": count, "max": bounds.max})
        return None

    return length


@cache
def language_model() -> LanguageIdentifier:
    """Return the model, which takes half a second to read: once, however many subsets a family has."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _language(prompt: str, chosen: Collect) -> Rule:
    rule = chosen.language
    identifier = language_model()
    if unknown := [code for code in rule.allowed if code not in identifier.labels]:
        fix = "write ISO 639-1 codes such as en"
        raise BuildError(f"unknown language {unknown[0]!r}", where="collect.language.allowed", fix=fix)

    def language(record: Record) -> Rejection | None:
        text = record.data[prompt]
        ranked = dict(identifier.rank(text))
        code = max(ranked, key=ranked.__getitem__)
        # A text may be 70 % Chinese and 30 % Wu, and yet be no English: those two need not be told apart.
        confidence = float(ranked[code] / (ranked[code] + sum(ranked[allowed] for allowed in rule.allowed)))
        count = words.count(text)
        if code in rule.allowed or confidence <= rule.min_confidence or count < rule.min_words:
            return None
        if "en" in rule.allowed and _is_english(text):
            return None
        return Rejection("language", {"language": code, "confidence": round(confidence, 3), "words": count})

    return language


def _is_english(text: str) -> bool:
    """Return whether words that only English has hold a text together, whatever Latin or Greek terms it is about."""
    found = [word for word in words.simplified(text) if word in _ENGLISH]
    return len(set(found)) >= _ENGLISH_WORDS and len(found) >= _ENGLISH_SHARE * words.count(text)


def _exact_duplicates(family: Collecting[Any], conflicts: dict[str, str]) -> Rule:
    """Return the rule; the ids of first rows that a later one contradicts are noted, with the later one's."""
    seen: dict[bytes, tuple[str, str]] = {}

    def exact_duplicate(record: Record) -> Rejection | None:
        text = f"{records.normalised(record.data[family.prompt])}\n{family.beside(record)}"
        answer = family.answered(record)
        first, theirs = seen.setdefault(bytes.fromhex(records.text_digest(text)), (record.id, answer))
        if first == record.id:
            return None
        if near_duplicates.contradict(answer, theirs):
            conflicts.setdefault(first, record.id)
            return Rejection("conflicting_answers", {"conflicts_with": first})
        return Rejection("exact_duplicate", {"duplicate_of": first})

    return exact_duplicate


def _conflicting(conflicts: Mapping[str, str]) -> Rule:
    """Return the rule for the first of two rows that contradict each other, which only a second look can find."""

    def conflicting(record: Record) -> Rejection | None:
        other = conflicts.get(record.id)
        return None if other is None else Rejection("conflicting_answers", {"conflicts_with": other})

    return conflicting


class _Keep(PipelineStep):  # type: ignore[misc]
    """Write every document, marked or not, to one file and pass it on, with its prompt as text if it is screened."""

    type = "writer"

    def __init__(self, path: Path, prompt: str, screened: Callable[[Record], bool]) -> None:
        super().__init__()
        self.path, self.prompt, self.screened = path, prompt, screened

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del rank, world_size
        with self.path.open("wb") as file:
            for doc in data:
                record, rejection = pipeline.unwrap(doc)
                file.write(records.encode(record, rejection))
                text = record.data[self.prompt] if rejection is None and self.screened(record) else ""
                yield pipeline.document(record, rejection, text)
