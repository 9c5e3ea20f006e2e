"""Numbers in words: "fifty-seven thousand five hundred", "two and a half", "three twelfths", with what they count.

A text is read as one number or not at all: "three and five" are two, "twenty-third" is a place in a row.
"""

import re
from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple

LONGEST = 24
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
)
_SMALL = {word: number for number, word in enumerate(_ONES.split())}
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * number for number, word in enumerate(_DECADES.split(), 2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_HUNDRED = "hundred"
_GROUPS = {"score": 20, "gross": 144}
"""Words for so many things, which unlike a dozen are no unit."""
_PLACES = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth"
    " eighteenth nineteenth"
)
_PARTS = {
    **{word: number for number, word in enumerate(_PLACES.split(), 3)},
    **{f"{word[:-1]}ieth": number for word, number in _TENS.items()},
    "half": 2,
    "quarter": 4,
    "hundredth": 100,
    "thousandth": 1000,
    "millionth": 10**6,
}
_JOINED = frozenset((*_SMALL, *_TENS, *_SCALES, _HUNDRED, *_PARTS, *(f"{part}s" for part in _PARTS), "a", "and"))
NAMES = frozenset((*_SMALL, *_TENS, *_SCALES, _HUNDRED))
"""Words that are a number."""
_VALUES = {**_SMALL, **_TENS, _HUNDRED: 100, **_SCALES}
_NAMED = re.compile(rf"\b(?:{'|'.join(_VALUES)})\b", re.IGNORECASE)
_SIGNS = frozenset(("minus", "negative"))


class Numeral(NamedTuple):
    """A number and the words behind it."""

    number: Fraction
    rest: tuple[str, ...]


def numeral(text: str) -> Numeral | None:
    """Read a number in words at the beginning of a text; None if there is none, or if another follows it."""
    words = _words(text)
    sign = -1 if words[:1] and words[0] in _SIGNS else 1
    words = words[sign < 0 :]
    if not words or len(words) > LONGEST:
        return None
    found = _half(words) or _mixed(words)
    if found is None or (found.rest and (found.rest[0] in NAMES or found.rest[0] in _PARTS or found.rest[0] in ("and", "or"))):
        return None
    return found._replace(number=sign * found.number)


def in_digits(text: str) -> str:
    """Return a text with each small number in words written as digits: "two boxes of twelve" as "2 boxes of 12"."""
    return _NAMED.sub(lambda match: str(_VALUES[match[0].lower()]), text)


def _words(text: str) -> list[str]:
    """Split a text into words; hyphens split only what are numerals on both sides: not "three-pointers"."""
    found: list[str] = []
    for token in re.sub(r"(?<=[a-z]),(?=\s)", "", text.lower()).split():
        parts = token.split("-")
        found += parts if all(part in _JOINED for part in parts) else [token]
    return found


def _half(words: list[str]) -> Numeral | None:
    """Read "half" or "a third" alone, and "half a dozen" with what it counts."""
    if words[:2] == ["half", "a"] and words[2:3] == ["dozen"]:
        return Numeral(Fraction(1, 2), tuple(words[2:]))
    bare = words[1:] if words[0] == "a" else words
    if len(bare) == 1 and (bare[0] == "half" or (bare != words and bare[0] in _PARTS)):
        return Numeral(Fraction(1, _PARTS[bare[0]]), ())
    return None


def _mixed(words: list[str]) -> Numeral | None:
    """Read a whole number, and what belongs to it: decimal places, a fraction, or both a number and a fraction."""
    whole = _whole(words)
    if whole is None:
        return None
    number, used = whole
    rest = words[used:]
    if rest[:1] == ["point"] and len(rest) > 1 and _SMALL.get(rest[1], 10) < 10:  # noqa: PLR2004
        return _decimal(number, rest[1:])
    part = _part(number, rest)
    if part:
        return Numeral(Fraction(number, part[0]), tuple(rest[part[1] :]))
    if rest[:1] == ["and"] and len(rest) > 2:  # noqa: PLR2004 - "and a half"
        count, counted = (1, 1) if rest[1] == "a" else _below_hundred(rest[1:]) or (0, 0)
        part = _part(count, rest[1 + counted :]) if counted else None
        if part and count < part[0]:
            return Numeral(number + Fraction(count, part[0]), tuple(rest[1 + counted + part[1] :]))
    if rest and rest[0] in _GROUPS:
        return Numeral(Fraction(number * _GROUPS[rest[0]]), tuple(rest[1:]))
    return Numeral(Fraction(number), tuple(rest))


def _decimal(whole: int, words: list[str]) -> Numeral:
    digits = ""
    for word in words:
        if _SMALL.get(word, 10) >= 10:  # noqa: PLR2004
            break
        digits += str(_SMALL[word])
    return Numeral(whole + Fraction(int(digits), 10 ** len(digits)), tuple(words[len(digits) :]))


def _part(count: int, words: list[str]) -> tuple[int, int] | None:
    """Return the parts that words such as "twelfths" or "twenty-fifth" name, and how many words do; one part is no plural."""
    tens = _TENS.get(words[0], 0) if words else 0
    named = words[bool(tens)] if len(words) > bool(tens) else ""
    singular = "half" if named == "halves" else named.removesuffix("s")
    size = _PARTS.get(singular)
    if size is None or (named == singular) != (count == 1) or (tens and size >= 10):  # noqa: PLR2004
        return None
    return tens + size, 1 + bool(tens)


def _whole(words: list[str]) -> tuple[int, int] | None:
    """Read a whole number from the left; return it and how many words it has."""
    total, used, below = 0, 0, 10**15
    while (group := _group(words[used:])) is not None:
        number, length = group
        scale = _SCALES.get(words[used + length], 1) if used + length < len(words) else 1
        if scale >= below or (used and number == 0):
            break
        total, used, below = total + number * scale, used + length + (scale > 1), scale
        if scale == 1:
            break
        used += used + 1 < len(words) and words[used] == "and" and _follows(words[used + 1 :], ())
    return (total, used) if used else None


def _follows(words: list[str], scales: Collection[str]) -> bool:
    """Return whether an "and" belongs to the number before it: what follows is the rest of that number, and no part of one."""
    group = _below_hundred(words)
    if group is None or _part(group[0], words[group[1] :]):
        return False
    following = words[group[1] : group[1] + 1]
    return not following or following[0] in scales or (following[0] not in NAMES and following[0] != "and")


def _group(words: list[str]) -> tuple[int, int] | None:
    """Read a number below ten thousand without a thousand: "twelve hundred", "one hundred and five", "a hundred"."""
    if words[:1] == ["a"]:
        found: tuple[int, int] | None = (
            (1, 1) if len(words) > 1 and words[1] in (_HUNDRED, "dozen", *_GROUPS, *_SCALES) else None
        )
    else:
        found = _below_hundred(words)
    if found is None or words[found[1] : found[1] + 1] != [_HUNDRED] or not found[0]:
        return found
    number, used = found[0] * 100, found[1] + 1
    joined = words[used : used + 1] == ["and"] and _follows(words[used + 1 :], _SCALES)
    rest = _below_hundred(words[used + joined :])
    if rest and rest[0] and not _part(rest[0], words[used + joined + rest[1] :]):
        return number + rest[0], used + joined + rest[1]
    return number, used


def _below_hundred(words: list[str]) -> tuple[int, int] | None:
    if not words:
        return None
    if words[0] in _SMALL:
        return _SMALL[words[0]], 1
    if words[0] not in _TENS:
        return None
    ones = _SMALL.get(words[1], 0) if len(words) > 1 else 0
    return (_TENS[words[0]] + ones, 2) if 0 < ones < 10 else (_TENS[words[0]], 1)  # noqa: PLR2004
