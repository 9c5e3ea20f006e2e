"""Patterns made of phrases, for text that `builders.refusals.sentences` wrote out: words between single blanks."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate

_AT_START = "^ "
_ALWAYS = ("",)
_QUANTIFIERS = "?*+{"


def any_of(phrases: str) -> str:
    """Return a pattern of any of the phrases, which stand on lines of their own or between bars with blanks around.

    Phrases that start with the same letter share it: that is twice as fast.
    """
    by_letter = defaultdict(list)
    for phrase in filter(None, map(str.strip, re.split(r"\n| \| ", phrases))):
        shared = phrase[0].isalpha() and phrase[1:2] not in _QUANTIFIERS
        by_letter[phrase[0] if shared else ""].append(phrase[1:] if shared else phrase)
    return "(?:" + "|".join(_behind(letter, rests) for letter, rests in by_letter.items()) + ")"


def cue(phrases: str, *, at_start: bool = False) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases, whole words only, or only where a sentence starts."""
    return re.compile((_AT_START if at_start else " ") + any_of(phrases) + "(?= )", re.MULTILINE)


def mark(cues: Mapping[str, re.Pattern[str]], needed: Mapping[str, Sequence[str]], sentences: Sequence[str]) -> list[set[str]]:
    """Return the names of the cues that are found in each sentence.

    Args:
        cues: name → pattern, as `cue` returns it.
        needed: name → words of which each match has one, for patterns that most texts do not need to be searched for.
        sentences: one after another.
    """
    text = "\n".join(sentences)
    starts = list(accumulate((len(sentence) + 1 for sentence in sentences[:-1]), initial=0))
    found: list[set[str]] = [set() for _ in sentences]
    for name, pattern in cues.items():
        for word in needed.get(name, _ALWAYS):
            if word in text:
                break
        else:
            continue
        if pattern.pattern.startswith(_AT_START):
            for number, start in enumerate(starts):
                if pattern.match(text, start):
                    found[number].add(name)
        else:
            for match in pattern.finditer(text):
                found[bisect_right(starts, match.start()) - 1].add(name)
    return found


def _behind(letter: str, rests: list[str]) -> str:
    alternatives = "|".join(rests)
    return f"{letter}(?:{alternatives})" if letter else alternatives
