"""What rows have to do with each other, in whichever file they are: equal ids, equal prompts, other answers, near-duplicates.

While a file is screened, 26 bytes are noted of each of its rows (`Keys`): hashes of its id, and of its prompt with what is
beside it. By these, all rows at once, those are found that may repeat another; only they are read again and compared, in order.
So the result is that of one pass over all rows, and the memory that it takes hardly grows with them.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import pipeline, records, shards
from builders.contracts import Collecting
from builders.params.sections import Collect
from builders.pipeline import KEPT, REJECTED
from builders.records import Outcome, Record, Rejection, Rule
from builders.screening import near_duplicates
from builders.screening.near_duplicates import Beside, Marks
from builders.tasks import Task

_KEY = np.dtype([("named", "?"), ("kept", "?"), ("id", "<u8"), ("text", "<u8", 2)])
_ID_DIGITS = 16
Table = npt.NDArray[Any]
"""One entry of the kind `_KEY` a row."""
Verdicts = dict[int, Rejection]
"""Number of a row → why it goes no further."""


class Keys:
    """Two steps about the rows of one file, before and after the rules: what is noted of each row."""

    def __init__(self, file: Path, family: Collecting[Any]) -> None:
        """Take the file for the notes, and what tells which prompts are equal."""
        self._file, self._family = file, family
        self._named: list[bool] = []
        self.before = _Passing(self._before)
        self.after = _Passing(self._after)

    def _before(self, data: Iterable[Document]) -> Iterator[Document]:
        for doc in data:
            self._named.append(pipeline.unwrap(doc)[1] is None)
            yield doc

    def _after(self, data: Iterable[Document]) -> Iterator[Document]:
        ids, texts, kept = list[int](), list[bytes](), bytearray()
        for doc in data:
            record, rejection = pipeline.unwrap(doc)
            ids.append(int(record.id[-_ID_DIGITS:], 16))
            texts.append(bytes(16) if rejection else _hashed(record, self._family)[:16])
            kept.append(rejection is None)
            yield doc
        table = np.zeros(len(ids), _KEY)
        table["named"], table["kept"], table["id"] = self._named, np.frombuffer(kept, "?"), np.array(ids, "<u8")
        table["text"] = np.frombuffer(b"".join(texts), "<u8").reshape(-1, 2)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        np.save(self._file, table)


class _Passing(PipelineStep):  # type: ignore[misc]
    """Hand on every document, having looked at it."""

    type = "format"

    def __init__(self, look: Callable[[Iterable[Document]], Iterator[Document]]) -> None:
        super().__init__()
        self.look = look

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del rank, world_size
        yield from self.look(data)


def file(folder: Path, rank: int) -> Path:
    """Return the file of the notes about the rows of a file."""
    return folder / "keys" / f"{rank:05d}.npy"


def _hashed(record: Record, family: Collecting[Any]) -> bytes:
    text = f"{records.normalised(record.data[family.prompt])}\n{family.beside(record)}"
    return bytes.fromhex(records.text_digest(text))


class _Screened(NamedTuple):
    """The rows of all files as the rules left them, and the notes about them."""

    folder: Path
    tables: Sequence[Table]
    starts: Sequence[int]

    @classmethod
    def read(cls, folder: Path, files: int) -> "_Screened":
        """Read the notes."""
        tables = [np.load(file(folder, rank)) for rank in range(files)]
        starts = np.cumsum([0, *map(len, tables)]).tolist()
        return cls(folder, tables, starts[:-1])

    def rows(self, wanted: Iterable[int]) -> Iterator[tuple[int, Record, bool]]:
        """Yield rows by their numbers, in order, each with whether it is kept; the others are not decoded."""
        numbers = np.array(sorted(wanted), np.int64)
        for rank, (table, start) in enumerate(zip(self.tables, self.starts, strict=True)):
            own = numbers[(numbers >= start) & (numbers < start + len(table))] - start
            if len(own):
                found = {**self._of(rank, own, kept=True), **self._of(rank, own, kept=False)}
                for place in own.tolist():
                    yield start + place, found[place], bool(table["kept"][place])

    def _of(self, rank: int, own: npt.NDArray[np.int64], *, kept: bool) -> dict[int, Record]:
        """Return rows of a file by their places in it: those that were kept, or the others."""
        table = self.tables[rank]
        places = np.flatnonzero(table["kept"] == kept)
        wanted = np.isin(places, own)
        lines = shards.of(shards.file(self.folder / (KEPT if kept else REJECTED), rank))
        entries = zip(lines, places.tolist(), wanted.tolist(), strict=True)
        return {place: records.decode(line)[0] for line, place, is_wanted in entries if is_wanted}


def decided(task: Task, files: int, family: Collecting[Any], params: Collect) -> list[tuple[Path, int]]:
    """Find out which rows repeat, contradict or resemble others, and reject them in copies of the files where they are.

    Args:
        task: has the rows of each file, kept and rejected.
        files: how many there are.
        family: what the family gives for it.
        params: the section.

    Returns:
        for each file the folder of a task and its number there.
    """
    screened = _Screened.read(task.folder, files)
    verdicts = _equal(screened, family)
    groups = near_duplicates.groups(task.folder, params.near_duplicates, screened.starts, task.label)
    if groups:
        agreeing = family.agreeing(params) if family.agreeing else operator.eq
        beside = Beside(family.beside, agreeing, family.answered)
        marks = Marks(groups, lambda record: str(record.data[family.prompt]), params.near_duplicates, beside)
        for number, record, kept in screened.rows(groups.keys() - verdicts.keys()):
            if kept and (rejection := marks.mark(number, record)):
                verdicts[number] = rejection
    return _rewritten(task, screened, verdicts)


def _equal(screened: _Screened, family: Collecting[Any]) -> Verdicts:
    """Return what becomes of the rows that have an id or a prompt in common with others."""
    table = np.concatenate([np.zeros(0, _KEY), *screened.tables])
    repeated = _repeated(table["id"], table["named"]) | _repeated(table["text"].copy().view("V16")[:, 0], table["kept"])
    conflicts: dict[str, str] = {}
    unique_id, exact_duplicate = _unique_ids(), _exact_duplicates(family, conflicts)
    verdicts: Verdicts = {}
    firsts: dict[str, int] = {}
    for number, record, kept in screened.rows(np.flatnonzero(repeated).tolist()):
        rejection = unique_id(record) or (exact_duplicate(record) if kept else None)
        if rejection:
            verdicts[number] = rejection
        elif kept:
            firsts[record.id] = number
    for first, other in conflicts.items():
        verdicts[firsts[first]] = Rejection("conflicting_answers", {"conflicts_with": other})
    return verdicts


def _repeated(values: Table, among: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which of the values occur more than once among some."""
    found = np.zeros(len(values), bool)
    places = np.flatnonzero(among)
    order = places[np.argsort(values[places], kind="stable")]
    same = values[order[1:]] == values[order[:-1]]
    found[order[1:][same]] = True
    found[order[:-1][same]] = True
    return found


def _unique_ids() -> Rule:
    seen: dict[str, tuple[Any, ...]] = {}

    def duplicate_id(record: Record) -> Rejection | None:
        if (first := seen.get(record.id)) is not None:
            place = zip(("first_source_file", "first_source_row"), first, strict=True)
            return Rejection("duplicate_id", {name: part for name, part in place if part is not None})
        seen[record.id] = (record.provenance.source_file, record.provenance.source_row)
        return None

    return duplicate_id


def _exact_duplicates(family: Collecting[Any], conflicts: dict[str, str]) -> Rule:
    """Return the rule; the ids of first rows that a later one contradicts are noted, with the later one's."""
    seen: dict[bytes, tuple[str, str]] = {}

    def exact_duplicate(record: Record) -> Rejection | None:
        answer = family.answered(record)
        first, theirs = seen.setdefault(_hashed(record, family), (record.id, answer))
        if first == record.id:
            return None
        if near_duplicates.contradict(answer, theirs):
            conflicts.setdefault(first, record.id)
            return Rejection("conflicting_answers", {"conflicts_with": first})
        return Rejection("exact_duplicate", {"duplicate_of": first})

    return exact_duplicate


def _rewritten(task: Task, screened: _Screened, verdicts: Mapping[int, Rejection]) -> list[tuple[Path, int]]:
    """Write the files anew that hold a row which goes no further."""
    changed: dict[int, dict[int, Rejection]] = {}
    bounds = np.array(screened.starts)
    for number in sorted(verdicts):
        rank = int(np.searchsorted(bounds, number, "right")) - 1
        changed.setdefault(rank, {})[number - screened.starts[rank]] = verdicts[number]
    again = Task(task.folder / "again", task.label, sum(len(screened.tables[rank]) for rank in changed))
    for rank, found in changed.items():
        reasons = {str(place): [why.reason, why.evidence] for place, why in found.items()}
        _verdicts(task.folder, rank).write_bytes(orjson.dumps(reasons))
    pipeline.mapped(again, [file(task.folder, rank) for rank in changed], pipeline.nothing, partial(_overruled, task.folder))
    anew = {rank: number for number, rank in enumerate(changed)}
    return [(again.folder, anew[rank]) if rank in anew else (task.folder, rank) for rank in range(len(screened.tables))]


def _verdicts(folder: Path, rank: int) -> Path:
    return folder / "keys" / f"{rank:05d}.json"


def _overruled(folder: Path, notes: Path) -> Iterator[Outcome]:
    """Yield the rows of a file in their order, those rejected about which there is a verdict."""
    rank = int(notes.stem)
    verdicts = {int(place): Rejection(*why) for place, why in orjson.loads(_verdicts(folder, rank).read_bytes()).items()}
    kept, rejected = (records.of(shards.file(folder / kind, rank)) for kind in (KEPT, REJECTED))
    for place, is_kept in enumerate(np.load(notes)["kept"].tolist()):
        record, rejection = next(kept if is_kept else rejected)
        yield record, verdicts.get(place, rejection)
