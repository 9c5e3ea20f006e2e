"""Near-duplicate texts: MinHash LSH (datatrove) finds candidates, their exact Jaccard similarity decides.

Used in two passes over the same documents in the same order: `signatures` in the first, `Mark` in the second, and
`groups` between them. A document that was marked by an earlier rule has an empty text and takes no part.

Digits are kept, where datatrove's own normalisation makes every digit 0. That alone does not keep two problems apart which
differ in one number of many: of 60 n-grams it changes three, which leaves a similarity of 0.9. So `numbers: must_agree` asks
for the same numbers and signs in the same order, too, in digits or in words. Nor does it keep two questions apart that differ
in the one word that matters: `differing` does, and so do reference answers that are not equivalent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupSignature
from datatrove.utils.binaryio import read_tuples_from_file

from builders import contracts, pipeline
from builders.answers import equivalence, numerals
from builders.params import sections
from builders.records import Record, Rejection
from builders.screening import differing
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


class Compared(NamedTuple):
    """What of a row is compared: its text, n-grams, numbers if they count, what is beside its text, and its answer."""

    text: str
    shingles: frozenset[tuple[str, ...]]
    numbers: tuple[str, ...]
    beside: str
    answer: str


def contradict(first: str, second: str) -> bool:
    """Return whether two reference answers are there and not equivalent."""
    return bool(first and second) and not equivalence.compared(first, second).equivalent


def signatures(scratch: Path, chosen: sections.NearDuplicates) -> MinhashDedupSignature:
    """Return the step that ends the first pass: it writes every document's MinHash signature to `scratch`."""
    return MinhashDedupSignature(str(scratch / "signatures"), _config(chosen), language=words.Words())


def groups(scratch: Path, chosen: sections.NearDuplicates) -> dict[int, list[int]]:
    """Return, by number of the document, the groups it is in; documents of a group agree in all hashes of one band."""
    if len(list((scratch / "signatures").glob("bucket_*"))) != chosen.bands:
        raise FileNotFoundError(scratch / "signatures")  # datatrove would find no duplicates and say nothing
    pairs = scratch / "pairs"
    step = MinhashDedupBuckets(str(scratch / "signatures"), str(pairs), config=_config(chosen))
    for band in range(chosen.bands):  # an executor's tasks would cost more than the sorting of a small set
        step.run(None, rank=band, world_size=chosen.bands)
    found: dict[int, list[int]] = defaultdict(list)
    group = 0
    for pairs_file in sorted(pairs.glob("*.dups")):
        with pairs_file.open("rb") as file:
            last = None
            # Documents that agree follow each other as pairs (a, b), (b, c): a pair that does not go on starts a group.
            for _, first, _, second in read_tuples_from_file(file, "4I"):
                if first != last:
                    group += 1
                    found[first].append(group)
                found[second].append(group)
                last = second
    return dict(found)


class Mark(PipelineStep):  # type: ignore[misc]
    """Mark a document whose n-grams overlap, from the threshold on, with an earlier one that was kept."""

    name = "near_duplicate"
    type = "filter"

    def __init__(
        self,
        groups: dict[int, list[int]],
        text: Callable[[Record], str],
        chosen: sections.NearDuplicates,
        beside: Beside,
    ) -> None:
        """Take the groups, the function that returns the text to compare, and what else is compared."""
        super().__init__()
        self.groups, self.text, self.chosen, self.beside = groups, text, chosen, beside

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield every document, near-duplicates marked."""
        del rank, world_size
        kept: dict[int, tuple[str, Compared]] = {}
        kept_in: dict[int, list[int]] = defaultdict(list)
        for number, doc in enumerate(data):
            record, rejection = pipeline.unwrap(doc)
            if rejection is None and number in self.groups:
                own = self._comparable(record)
                earlier = sorted({other for group in self.groups[number] for other in kept_in[group]})
                rejection = self._compared(own, (kept[other] for other in earlier))
                if rejection is None:
                    kept[number] = (record.id, own)
                    for group in self.groups[number]:
                        kept_in[group].append(number)
            yield pipeline.document(record, rejection)

    def _comparable(self, record: Record) -> Compared:
        text = self.text(record)
        numbers = words.numbers(numerals.in_digits(text)) if self.chosen.numbers == "must_agree" else ()
        shingles = words.shingles(text, self.chosen.shingle_words)
        return Compared(text, shingles, numbers, self.beside.of(record), self.beside.answer(record))

    def _compared(self, own: Compared, earlier: Iterator[tuple[str, Compared]]) -> Rejection | None:
        for other, theirs in earlier:
            if own.numbers != theirs.numbers or not self.beside.agrees(own.beside, theirs.beside):
                continue
            similarity = words.jaccard(own.shingles, theirs.shingles)
            if similarity < self.chosen.threshold or contradict(own.answer, theirs.answer):
                continue
            if not differing.different(own.text, theirs.text):
                return Rejection("near_duplicate", {"duplicate_of": other, "jaccard": round(similarity, 4)})
        return None


def _config(chosen: sections.NearDuplicates) -> MinhashConfig:
    return MinhashConfig(
        n_grams=chosen.shingle_words,
        num_buckets=chosen.bands,
        hashes_per_bucket=chosen.hashes_per_band,
        norm_config=words.NORMALISATION,
    )
