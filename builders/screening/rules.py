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

import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from builders import contracts, pipeline, tasks
from builders.contracts import Collecting
from builders.errors import BuildError
from builders.jobs import Job
from builders.params.sections import Collect, NearDuplicates
from builders.pipeline import Apply, Check, Decoded
from builders.records import Record, Rejection, Rule
from builders.screening import among, decontamination, near_duplicates
from builders.screening.decontamination import Index
from builders.tasks import Task
from builders.texts import words

_ENGLISH = frozenset(
    "the what which how does who why where when and with from this that these those should would could have has been are is"  # noqa: SIM905
    " for of to it they their there was were by or not you your if than find many much between each following".split()
)
"""Function words of English; two or three of them are words of another language, too, and so one alone says nothing."""
_ENGLISH_WORDS = 3
_ENGLISH_SHARE = 0.25


class Rows(NamedTuple):
    """The rows that are screened.

    Args:
        laid: returns their files, having written them into a folder if they are not there yet.
        decoded: yields the rows of one of them.
        pinned: what decides about them beside params and the family's own files, in a form that can be pickled.
    """

    laid: Callable[[Path], Sequence[Path]]
    decoded: Decoded
    pinned: object


def screen(job: Job, rows: Rows, kept: Path, rejected: Path) -> int:
    """Part rows into two pools by the rules; rows that are rejected already stay so.

    Each file is screened for itself; then it is found out which of its rows repeat, contradict or resemble others of any file
    (`builders.screening.among`).

    Args:
        job: the stage and pool.
        rows: those that are screened.
        kept: the pool of the rows that pass.
        rejected: that of those that do not.

    Returns:
        how many rows there were.
    """
    _prepared.cache_clear()  # evaluation sets may have changed since
    params = job.params.collect
    with tasks.resumed(Task(job.work, job.label), (job, rows.pinned), job.beside) as task:
        files = rows.laid(task.folder)
        signed = partial(_signed, task.folder, params.near_duplicates)
        read = pipeline.mapped(task, files, partial(_steps, job, task.folder), rows.decoded, signed)
        pipeline.placed(among.decided(task, len(files), collecting(job), params), kept, rejected)
    known = _prepared(pickle.dumps(job)).known
    decontamination.remember(job.family, job.stage, job.pool, decontamination.report(known, rejected))
    return read


def collecting(job: Job) -> Collecting[Any]:
    """Return what a family gives for the rows that a stage screens: those of its sources, or those that it spawns."""
    if job.stage != "synthesize":
        return contracts.collecting(job.family)
    spawning = contracts.synthesizing(job.family).spawning
    assert spawning  # noqa: S101  (only families that spawn screen rows there)
    return spawning.collecting


class _Prepared(NamedTuple):
    """The evaluation sets, and the rules that look at one row alone, in order."""

    known: list[Index]
    rules: list[Rule]


@lru_cache(maxsize=1)
def _prepared(pickled: bytes) -> _Prepared:
    """Prepare the rules for a pickled job: once in a process, however many files it screens."""
    job: Job = pickle.loads(pickled)  # noqa: S301  (our own, a moment ago)
    family, params = collecting(job), job.params.collect
    known = decontamination.indexes(job.family, params.decontamination)
    measured = _measured(family)
    rules = [
        _only(family.screened, decontamination.rule(known, family.prompt, params.decontamination.ngram_words)),
        *family.rules(params),
        _only(measured, _length(family.prompt, params)),
        _only(measured, _language(family.prompt, params)),
    ]
    return _Prepared(known, rules)


def _steps(job: Job, folder: Path, rank: int) -> list[PipelineStep]:
    """Return the steps for one file."""
    family, params = collecting(job), job.params.collect
    completed = family.completed
    completing = [Apply(lambda record: completed(record, params))] if completed else []
    keys = among.Keys(among.file(folder, rank), family)
    checks = map(Check, _prepared(pickle.dumps(job)).rules)
    return [keys.before, *completing, *checks, keys.after, _Text(family.prompt, _measured(family))]


def _signed(folder: Path, params: NearDuplicates, _: int) -> list[PipelineStep]:
    return [near_duplicates.signatures(folder, params)]


def _measured(family: Collecting[Any]) -> Callable[[Record], bool]:
    """Return what tells whether a row's length, language and likeness are measured."""
    return lambda record: family.screened(record) and not family.made(record)


def _only(screened: Callable[[Record], bool], rule: Rule) -> Rule:
    """Return the rule for the rows that are screened."""

    def only(record: Record) -> Rejection | None:
        return rule(record) if screened(record) else None

    return only


def _length(prompt: str, params: Collect) -> Rule:
    bounds = params.prompt_words

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


def _language(prompt: str, params: Collect) -> Rule:
    rule = params.language
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


class _Text(PipelineStep):  # type: ignore[misc]
    """Give the rows that are measured their prompt as the text that is compared."""

    type = "format"

    def __init__(self, prompt: str, measured: Callable[[Record], bool]) -> None:
        super().__init__()
        self.prompt, self.measured = prompt, measured

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del rank, world_size
        for doc in data:
            record, rejection = pipeline.unwrap(doc)
            text = record.data[self.prompt] if rejection is None and self.measured(record) else ""
            yield pipeline.document(record, rejection, text)
