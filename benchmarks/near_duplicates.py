"""Which near copies are dropped and which prompts that only look alike are kept, beside datatrove's MinHash, on real prompts.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.near_duplicates

Of GSM8K's questions, MedQA's and MedQuAD's, `COPIES` of each set with at least `FEWEST` words are copied with an edit that
keeps the question (case and punctuation, a word more at the end, a polite lead-in, one letter twice) or changes it (a number
in words, an opposite, the rarest word of another question in the place of its own rarest). Then every two different prompts
of a set whose similarity reaches the threshold are counted: none of them is a copy, so each drop is a mistake. Beside ours
stand, on the same pairs, what reaches the threshold (`overlap`), and datatrove's MinHash as it comes (5-grams, 14 bands of 8
hashes): a pair that agrees in a band. Different prompts are tried in pairs that reach the threshold or agree in a band. No
weight is fitted: a set's row is its left-out figure. Intervals are Wilson's, 95 %. Printed are counts, never a prompt. Exit
code 1 unless of the copies that reach the threshold `FOUND` are dropped, and of different prompts at most `MOST_MISTAKEN`.
"""

import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import combinations
from pathlib import Path

from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
from scipy.stats import binomtest  # type: ignore[import-not-found,import-untyped,unused-ignore]

from builders.answers import numerals
from builders.screening import differing
from builders.texts import files, words

THRESHOLD, SHINGLE = 0.8, 3
COPIES, FEWEST, ROWS = 200, 25, 1500
MOST_MISTAKEN, FOUND = 0.01, 0.99
SETS = {
    "GSM8K": ("math/gsm8k/train.jsonl", "question"),
    "MedQA": ("medical/medqa_us/phrases_no_exclude_test.jsonl", "question"),
    "MedQuAD": ("medical/medquad.jsonl", "question"),
}
_OPPOSITE = {"more": "less", "first": "last", "old": "young", "increased": "decreased", "left": "right", "high": "low"}
_COUNT = {"two": "three", "three": "four", "four": "five", "five": "six", "six": "seven", "ten": "twelve"}
_LONGER = re.compile(r"\b[a-z]{6,}\b")
Edit = Callable[[str], str | None]


def _swapped(pairs: dict[str, str]) -> Edit:
    pattern = re.compile(rf"\b({'|'.join(pairs)})\b")

    def edited(text: str) -> str | None:
        changed = pattern.sub(lambda match: pairs[match[1]], text, count=1)
        return changed if changed != text else None

    return edited


def _doubled(text: str) -> str | None:
    found = re.search(r"\b[a-z]{7,}\b", text)
    return f"{text[: found.start() + 3]}{text[found.start() + 2 :]}" if found else None


KEEPING: dict[str, Edit] = {
    "case and punctuation": lambda text: text.upper().replace(", ", "; "),
    "a word more at the end": lambda text: f"{text} today",
    "a polite lead-in": lambda text: f"Please answer this: {text}",
    "one letter twice": _doubled,
}
CHANGING: dict[str, Edit] = {"a number in words": _swapped(_COUNT), "an opposite": _swapped(_OPPOSITE)}


def exchanged(texts: list[str]) -> Edit:
    """Return the edit that puts the rarest word of the next text into the place of a text's own rarest."""
    words_of = {text: _LONGER.findall(text) for text in texts}
    holders = Counter(word for found in words_of.values() for word in set(found))
    following = dict(zip(texts, [*texts[1:], *texts[:1]], strict=True))

    def edited(text: str) -> str | None:
        others = [word for word in words_of[following[text]] if word not in text]
        if not words_of[text] or not others:
            return None
        own, other = (min(found, key=lambda word: holders[word]) for found in (words_of[text], others))
        return re.sub(rf"\b{own}\b", other, text)

    return edited


def alike(first: str, second: str) -> bool:
    """Return whether MinHash would drop the second, were it to miss nothing."""
    return words.jaccard(words.shingles(first, SHINGLE), words.shingles(second, SHINGLE)) >= THRESHOLD


def dropped(first: str, second: str) -> bool:
    """Return whether the second is dropped: alike, with the same numbers, and asking for nothing else."""
    same = words.numbers(numerals.in_digits(first)) == words.numbers(numerals.in_digits(second))
    return alike(first, second) and same and not differing.different(first, second)


@lru_cache(maxsize=1 << 14)
def _bands(text: str) -> frozenset[tuple[int, ...]]:
    step = _minhash()
    shingles = step.get_shingles(text)
    if not len(shingles):
        return frozenset()
    return frozenset((place, *band) for place, band in enumerate(step.get_signature(shingles)))


@cache
def _minhash() -> MinhashDedupSignature:
    return MinhashDedupSignature("unused", MinhashConfig(), language=words.Words())


def hashed(first: str, second: str) -> bool:
    """Return whether datatrove's MinHash, as it comes, takes the two for one."""
    return bool(_bands(first) & _bands(second))


def agreeing(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of texts that agree in a band."""
    holders: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for text in texts:
        for band in _bands(text):
            holders[band].append(text)
    yield from dict.fromkeys(pair for found in holders.values() for pair in combinations(found, 2))


def candidates(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of different texts that reach the threshold: those that share one of many n-grams are compared."""
    shingles = [words.shingles(text, SHINGLE) for text in texts]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, found in enumerate(shingles):
        for shingle in found:
            holders[shingle].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if len(numbers) <= 30:  # noqa: PLR2004 - what every text has says nothing
            shared.update(combinations(numbers, 2))
    for (one, other), count in shared.items():
        if count >= 2 and words.jaccard(shingles[one], shingles[other]) >= THRESHOLD:  # noqa: PLR2004
            yield texts[one], texts[other]


def rate(part: int, whole: int) -> str:
    """Return a count of how many, with its interval."""
    if not whole:
        return "-"
    interval = binomtest(part, whole).proportion_ci(method="wilson")
    return f"{part} of {whole} ({100 * interval.low:.1f}-{100 * interval.high:.1f} %)"


def main() -> int:
    """Print the table."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set", file=sys.stderr)
        return 2
    print("| set | edit | should be | dropped | overlap | datatrove's MinHash |\n|---|---|---|---|---|---|")
    held = True
    for name, (path, column) in SETS.items():
        texts = list(dict.fromkeys(str(line[column]) for _, line in files.json_lines(Path(data) / path)))[:ROWS]
        long = [text for text in texts if words.count(text) >= FEWEST]
        for should, edits in (("dropped", KEEPING), ("kept", CHANGING | {"another rare word": exchanged(long)})):
            for edit, make in edits.items():
                pairs = [(text, changed) for text in long if (changed := make(text))][:COPIES]
                found = [sum(judge(*pair) for pair in pairs) for judge in JUDGES]
                held &= should == "kept" or found[0] >= FOUND * found[1]
                print(f"| {name} | {edit} | {should} |", " | ".join(rate(count, len(pairs)) for count in found), "|")
        pairs = list(dict.fromkeys([*candidates(texts), *agreeing(texts)]))
        found = [_lost(texts, [pair for pair in pairs if judge(*pair)]) for judge in JUDGES]
        held &= found[0] <= MOST_MISTAKEN * len(texts)
        print(f"| {name} | different prompts | kept |", " | ".join(rate(count, len(texts)) for count in found), "|")
    return 0 if held else 1


def _lost(texts: list[str], pairs: list[tuple[str, str]]) -> int:
    """Return how many prompts go if each is dropped that is like an earlier one that stays."""
    place = {text: number for number, text in enumerate(texts)}
    earlier: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        first, last = sorted(place[text] for text in pair)
        earlier[last].append(first)
    gone: set[int] = set()
    for number in sorted(earlier):
        if any(other not in gone for other in earlier[number]):
            gone.add(number)
    return len(gone)


JUDGES = (dropped, alike, hashed)


if __name__ == "__main__":
    sys.exit(main())
