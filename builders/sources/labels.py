r"""Labels of choices within a text: `(A)`, `a )`, `B.`, `C:`, `[D]`, `(1)`, and where each choice ends.

The labels must follow each other from the first on. Where a text can be divided in two ways, the stricter separator decides
(a new line, then `;` or `|`, then a comma, then white space); where it does not either, there is no reading.
"""

import re
import string
from typing import NamedTuple

LETTERS = string.ascii_uppercase
_NUMBERS = [str(number) for number in range(1, 27)]
_TIGHT = 5
"""The loosest bound: none at all, which brackets alone allow."""
_BOUNDS = {"": 0, "\n": 1, ";": 2, "|": 2, "；": 2, ",": 3, "，": 3}  # noqa: RUF001
_STYLES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\(\s*([A-Z])\s*\)\s*[.:]?",
        r"\(\s*([a-z])\s*\)\s*[.:]?",
        r"\[\s*([A-Z])\s*\]\s*[.:]?",
        r"【\s*([A-Z])\s*】",
        r"(?<![\w(\[])([A-Z])\s*\)",
        r"(?<![\w(\[])([a-z])\s*\)",
        r"(?<![\w(\[.])([A-Z])\s*[.．、](?!\w\.)",  # noqa: RUF001
        r"(?<![\w(\[.])([A-Z])\s*[:：]",  # noqa: RUF001
        r"(?<![\w(\[.])([a-z])\s*[.:](?=\s)",
        r"(?<![\w(\[.])([A-Z])\s+[-–](?=\s)",  # noqa: RUF001
        r"(?:(?<=\n)|(?<![\s\S]))([A-Z])[ \t]+(?=\S)",
        r"\(\s*(\d{1,2})\s*\)",
        r"(?<![\w(\[.,])(\d{1,2})\s*[.)](?=\s)",
    )
)
_SHUT = frozenset(range(4)) | {11}
"""Styles with a bracket on both sides, which need no separator."""
_LAST_WORD = re.compile(r"[,;]\s*(?:or|and)$", re.IGNORECASE)
_BULLET = re.compile(r"\n\s*(?:\$\\bullet\$|[•*·-])$")
_DRESSES = tuple(re.compile(pattern, re.DOTALL) for pattern in (r"[-*•·]\s+(.*)", r'"([^"]*)"', r"'([^']*)'"))
_SEPARATORS = " \t\r\n,;|，；"  # noqa: RUF001
_LONGEST = 20_000
_MOST_STARTS = 40


class _Label(NamedTuple):
    """A label in a text: which one, where it begins and ends, and how strictly it is set apart (0 is strictest)."""

    place: int
    start: int
    end: int
    bound: int


def parted(text: str) -> list[tuple[str, str]] | None:
    """Return label and text of each choice of a text that begins with the first label; None where it cannot be divided."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    for number, style in enumerate(_STYLES):
        found = [label for label in _labels(text, style, shut=number in _SHUT) if label.bound < _TIGHT or number in _SHUT]
        if found and found[0].start == 0 and (chain := _chain(found)):
            names = _NUMBERS if text[chain[0].start : chain[0].end].strip("(). ").isdigit() else LETTERS
            ends = [label.start for label in chain[1:]] + [len(text)]
            return [(names[label.place], _clean(text[label.end : end])) for label, end in zip(chain, ends, strict=True)]
    return None


def starts(text: str) -> list[int]:
    """Return where in the end of a text a first label stands behind white space, later ones first, but not very many."""
    begun = max(len(text) - _LONGEST, 0)
    found = {
        match.start()
        for style in _STYLES
        for match in style.finditer(text, begun)
        if match[1] in {"A", "a", "1"} and match.start() and text[match.start() - 1].isspace()
    }
    return sorted(found, reverse=True)[:_MOST_STARTS]


def unlabelled(text: str) -> list[str]:
    """Return the choices of a text without labels: one a line, or set apart by `;`, `|` or tabs, or single words by commas."""
    for separator in ("\n", ";", "|", "\t"):
        items = [item.strip() for item in text.split(separator)]
        if len(items) > 1:
            return _bared([item for item in items if item]) if separator == "\n" else _bared(items)
    items = re.split(r",\s+" if re.search(r"\d,\d", text) else r",\s*", text)
    return _bared(items) if len(items) > 1 and all(item and not re.search(r"\s", item) for item in items) else []


def _bared(items: list[str]) -> list[str]:
    """Take off the bullets or the quotation marks that all items have."""
    for dress in _DRESSES:
        if all(found := [dress.fullmatch(item) for item in items]):
            return [match[1] for match in found if match]
    return items


def ordered(named: list[tuple[str, str]]) -> tuple[list[str], list[str]] | None:
    """Return the texts in the order of their labels, and the labels where they are numbers.

    Labels that are none (flags, say) are passed over; a label within a text goes, where it is that of the text's place.
    None: labels are there, and are not those from the first on.
    """
    names = [name.strip().strip("().:[]").strip().upper() for name, _ in named]
    texts = [text.strip() for _, text in named]
    if all(len(name) == 1 and name in LETTERS for name in names) and names:
        return _sorted(names, texts)
    if names in (_NUMBERS[: len(names)], ["0", *_NUMBERS][: len(names)]):
        return _own(texts), names
    return _own(texts), []


def _sorted(names: list[str], texts: list[str]) -> tuple[list[str], list[str]] | None:
    if sorted(names) != list(LETTERS[: len(names)]):
        return None
    return _own([text for _, text in sorted(zip(names, texts, strict=True))]), []


def _own(texts: list[str]) -> list[str]:
    """Take the labels off texts that begin with them, having brought the texts into the labels' order.

    Labels without texts are choices that a picture shows, and named by their letters.
    """
    if len(texts) > 1 and not any(texts):
        return list(LETTERS[: len(texts)])
    for style in _STYLES[:10]:
        found = [style.match(text) for text in texts]
        places = [LETTERS.index(match[1].upper()) for match in found if match]
        if len(texts) > 1 and sorted(places) == list(range(len(texts))):
            bare = [text[match.end() :].strip() for text, match in zip(texts, found, strict=True) if match]
            ordered_texts = [text for _, text in sorted(zip(places, bare, strict=True), key=lambda one: one[0])]
            return ordered_texts if any(bare) else list(LETTERS[: len(texts)])
    return [_bare(place, text) for place, text in enumerate(texts)]


def _bare(place: int, text: str) -> str:
    """Take the label of a text's own place off, where not all texts have one."""
    label = next((match for style in _STYLES[:8] if (match := style.match(text))), None)
    own = label and text[label.end() :].strip() and LETTERS.index(label[1].upper()) == place
    return text[label.end() :].strip() if label and own else text


def _labels(text: str, style: re.Pattern[str], *, shut: bool) -> list[_Label]:
    found = []
    for match in style.finditer(text):
        place = int(match[1]) - 1 if match[1].isdecimal() else LETTERS.index(match[1].upper())
        if 0 <= place < len(LETTERS):
            found.append(_Label(place, match.start(), match.end(), _bound(text, match.start(), shut=shut)))
    return found


def _bound(text: str, start: int, *, shut: bool) -> int:
    before = text[:start].rstrip(" \t")
    if not before:
        return 0
    if before[-1] in _BOUNDS:
        return _BOUNDS[before[-1]]
    return 4 if len(before) < start else _TIGHT if shut else _TIGHT + 1


def _chain(labels: list[_Label]) -> list[_Label] | None:
    """Return the labels that can follow each other from the first on, by the strictest separator that finds them all."""
    most = _ends(labels)
    if most < 1:
        return None
    for bound in range(1, _TIGHT + 1):
        strict = [label for label in labels if label.bound <= bound]
        if _ends(strict) == most:
            return _only(strict, most)
    return None


def _ends(labels: list[_Label]) -> int:
    """Return the last place that labels reach, one after the other from the first on."""
    reached = -1
    for label in labels:
        reached += label.place == reached + 1
    return reached


def _only(labels: list[_Label], most: int) -> list[_Label] | None:
    """Return the one way from the label at the text's start to the last; None where there are several."""
    ways = [0] * (most + 1)
    chain: list[_Label] = []
    for label in labels:
        if label.place > most:
            continue
        ways[label.place] += ways[label.place - 1] if label.place else int(label.start == 0)
        if label.place == len(chain):
            chain.append(label)
    return chain if ways[most] == 1 else None


def _clean(item: str) -> str:
    bare = _BULLET.sub("", item.strip()).rstrip(_SEPARATORS)
    return _LAST_WORD.sub("", bare).rstrip(_SEPARATORS).strip()
