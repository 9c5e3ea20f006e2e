"""Which near copies are dropped and which prompts that only look alike are kept, beside datatrove's MinHash, on real prompts.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.near_duplicates

Of GSM8K's questions, MedQA's and MedQuAD's, `COPIES` of each set with at least `FEWEST` words are copied with an edit that
keeps the question (case and punctuation, a word more at the end, a polite lead-in, one letter twice) or changes it (a number
in words, an opposite). Then every two different prompts of a set whose similarity reaches the threshold are counted: none of
them is a copy, so each drop is a mistake. MinHash alone drops whatever reaches the threshold. No weight is fitted: a set's
row is its left-out figure. Intervals are Wilson's, 95 %. Printed are counts, never a prompt.
"""

import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from scipy.stats import binomtest  # type: ignore[import-not-found,import-untyped,unused-ignore]

from builders.answers import numerals
from builders.screening import differing
from builders.texts import files, words

THRESHOLD, SHINGLE = 0.8, 3
COPIES, FEWEST, ROWS = 200, 25, 1500
SETS = {
    "GSM8K": ("math/gsm8k/train.jsonl", "question"),
    "MedQA": ("medical/medqa_us/phrases_no_exclude_test.jsonl", "question"),
    "MedQuAD": ("medical/medquad.jsonl", "question"),
}
_OPPOSITE = {"more": "less", "first": "last", "old": "young", "increased": "decreased", "left": "right", "high": "low"}
_COUNT = {"two": "three", "three": "four", "four": "five", "five": "six", "six": "seven", "ten": "twelve"}
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


def alike(first: str, second: str) -> bool:
    """Return whether MinHash would drop the second, were it to miss nothing."""
    return words.jaccard(words.shingles(first, SHINGLE), words.shingles(second, SHINGLE)) >= THRESHOLD


def dropped(first: str, second: str) -> bool:
    """Return whether the second is dropped: alike, with the same numbers, and asking for nothing else."""
    same = words.numbers(numerals.in_digits(first)) == words.numbers(numerals.in_digits(second))
    return alike(first, second) and same and not differing.different(first, second)


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
    print("| set | edit | should be | dropped | MinHash |\n|---|---|---|---|---|")
    for name, (path, column) in SETS.items():
        texts = list(dict.fromkeys(str(line[column]) for _, line in files.json_lines(Path(data) / path)))[:ROWS]
        long = [text for text in texts if words.count(text) >= FEWEST]
        for should, edits in (("dropped", KEEPING), ("kept", CHANGING)):
            for edit, make in edits.items():
                pairs = [(text, changed) for text in long if (changed := make(text))][:COPIES]
                found = [sum(judge(*pair) for pair in pairs) for judge in (dropped, alike)]
                print(f"| {name} | {edit} | {should} |", " | ".join(rate(count, len(pairs)) for count in found), "|")
        pairs = list(candidates(texts))
        found = [sum(judge(*pair) for pair in pairs) for judge in (dropped, alike)]
        print(f"| {name} | different prompts | kept |", " | ".join(rate(count, len(texts)) for count in found), "|")
    return 0


if __name__ == "__main__":
    sys.exit(main())
