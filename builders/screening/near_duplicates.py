"""Near-duplicate texts: MinHash LSH (datatrove) finds candidates, their exact Jaccard similarity decides.

`signatures` is a step over the rows of each file; `groups` finds in what it wrote which rows of all files may be alike, and
`marks` compares those. A document that was marked by an earlier rule has an empty text and takes no part.

Digits are kept, where datatrove's own normalisation makes every digit 0. That alone does not keep two problems apart which
differ in one number of many: of 60 n-grams it changes three, which leaves a similarity of 0.9. So `numbers: must_agree` asks
for the same numbers and signs in the same order, too, in digits or in words. Nor does it keep two questions apart that differ
in the one word that matters: `differing` does, and so do reference answers that are not equivalent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupSignature
from datatrove.utils.binaryio import read_tuples_from_file

from builders import contracts, executors
from builders.answers import equivalence, numerals
from builders.params import sections
from builders.records import Record, Rejection
from builders.screening import differing
from builders.shards import ROWS
from builders.tasks import Task
from builders.texts import words


class Beside(NamedTuple):
    """What is compared besides the texts.

    Args:
        of: returns what is beside a row's text, such as its figure; empty where there is nothing.
        agrees: whether two of these may belong to one prompt.
        answer: returns the reference answer of a row; empty where there is none.
    """

    of: Callable[[Record], str]
    agrees: Callable[[str, str], bool]
    answer: Callable[[Record], str] = contracts.nothing


class ComparedRow(NamedTuple):
    """What of a row is compared: its text, n-grams, numbers if they count, what is beside its text, and its answer."""

    text: str
    shingles: frozenset[tuple[str, ...]]
    numbers: tuple[str, ...]
    beside: str
    answer: str


def contradict(first: str, second: str) -> bool:
    """Return whether two reference answers are there and not equivalent."""
    return bool(first and second) and not equivalence.compared(first, second).equivalent


def signatures(scratch: Path, params: sections.NearDuplicates) -> MinhashDedupSignature:
    """Return the step that writes the MinHash signature of every document of a file to `scratch`."""
    return MinhashDedupSignature(str(scratch / "signatures"), _config(params), language=words.Words())


def groups(scratch: Path, params: sections.NearDuplicates, starts: Sequence[int], label: str) -> dict[int, list[int]]:
    """Return, by number of the row, the groups it is in; rows of a group agree in all hashes of one band.

    Args:
        scratch: where `signatures` wrote, of every file.
        params: the section.
        starts: the number of each file's first row.
        label: what a progress line calls it.
    """
    if len(list((scratch / "signatures").glob("bucket_*"))) != params.bands:
        raise FileNotFoundError(scratch / "signatures")  # datatrove would find no duplicates and say nothing
    pairs = scratch / "pairs"
    step = MinhashDedupBuckets(str(scratch / "signatures"), str(pairs), config=_config(params))
    if starts and starts[-1] >= ROWS:
        executors.execute([step], Task(scratch / "bands", label), params.bands)
    else:  # tasks would cost more than the sorting of a small set
        for band in range(params.bands):
            step.run(None, rank=band, world_size=params.bands)
    found: dict[int, list[int]] = defaultdict(list)
    group = 0
    for pairs_file in sorted(pairs.glob("*.dups")):
        with pairs_file.open("rb") as file:
            last = None
            # Rows that agree follow each other as pairs (a, b), (b, c): a pair that does not go on starts a group.
            for first_file, first_row, second_file, second_row in read_tuples_from_file(file, "4I"):
                first, second = starts[first_file] + first_row, starts[second_file] + second_row
                if first != last:
                    group += 1
                    found[first].append(group)
                found[second].append(group)
                last = second
    return dict(found)


class Marks:
    """Finds, row by row in their order, what overlaps from the threshold on with an earlier row that was kept."""

    def __init__(
        self,
        groups: Mapping[int, list[int]],
        text: Callable[[Record], str],
        params: sections.NearDuplicates,
        beside: Beside,
    ) -> None:
        """Take the groups, the function that returns the text to compare, and what else is compared."""
        self.groups, self.text, self.params, self.beside = groups, text, params, beside
        self._kept: dict[int, tuple[str, ComparedRow]] = {}
        self._kept_in: dict[int, list[int]] = defaultdict(list)

    def mark(self, number: int, record: Record) -> Rejection | None:
        """Return why a row that is in a group goes no further; None keeps it, and later ones are compared with it."""
        own = self._comparable(record)
        earlier = sorted({other for group in self.groups[number] for other in self._kept_in[group]})
        if rejection := self._compared(own, (self._kept[other] for other in earlier)):
            return rejection
        self._kept[number] = (record.id, own)
        for group in self.groups[number]:
            self._kept_in[group].append(number)
        return None

    def _comparable(self, record: Record) -> ComparedRow:
        text = self.text(record)
        numbers = words.numbers(numerals.in_digits(text)) if self.params.numbers == "must_agree" else ()
        shingles = words.shingles(text, self.params.shingle_words)
        return ComparedRow(text, shingles, numbers, self.beside.of(record), self.beside.answer(record))

    def _compared(self, own: ComparedRow, earlier: Iterator[tuple[str, ComparedRow]]) -> Rejection | None:
        for other, theirs in earlier:
            if own.numbers != theirs.numbers or not self.beside.agrees(own.beside, theirs.beside):
                continue
            similarity = words.jaccard(own.shingles, theirs.shingles)
            if similarity < self.params.threshold or contradict(own.answer, theirs.answer):
                continue
            if not differing.different(own.text, theirs.text):
                return Rejection("near_duplicate", {"duplicate_of": other, "jaccard": round(similarity, 4)})
        return None


def _config(params: sections.NearDuplicates) -> MinhashConfig:
    return MinhashConfig(
        n_grams=params.shingle_words,
        num_buckets=params.bands,
        hashes_per_bucket=params.hashes_per_band,
        norm_config=words.NORMALISATION,
    )
