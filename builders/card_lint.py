"""What a card must and may not say, looked at before it is released.

Numbers of this build come from fields of the template, never by hand; numbers of a paper, or of a benchmark of ours, stand
on a line with their source: a link, or the command that prints them. A line is a paragraph, an item of a list or a row of a
table, however the file wraps it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from builders.errors import BuildError

SECTIONS = (
    "What is in it",
    "How it was made",
    "Figures",
    "Sample rows",
    "What the paper did not say",
    "Limits and hazards",
    "Licences",
    "Load and rebuild",
    "Citation",
)
_OF_PUBLISH = "Versions"
_UNFILLED = re.compile(r"\{\{|\{%|\{#|\b(?:TODO|TBD|FIXME|XXX)\b|\[More Information Needed\]|\| *None *\||`None`|<{7} |>{7} ")
_NO_ALT = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=\"[^\"]+\")[^>]*>")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FIELD = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
_TARGET = re.compile(r"\]\([^)]*\)")
_STARTS = re.compile(r"\s*(?:[-*+] |\d+\. |\||#|>)")
_SOURCE = re.compile(r"\]\(https?://|python -m benchmarks\.")
_PLACE = re.compile(
    r"\b(?:arXiv|sections?|figures?|tables?|appendix|appendices|chapter|step|version|ISO|SPDX)\s+[\w.]+(?: (?:and|to) [\w.]+)*",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"\d+ % (?:confidence )?interval")
_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,.]*[A-Za-z_])")
_COUNTED = re.compile(
    r"\s*(?:%|percent|rows|requests|prompts|replies|answers|pairs|questions|topics|problems|images|models|tasks|samples)"
)
_YEARS = range(1900, 2100)
_LARGEST_BY_HAND = 100
"""Larger numbers are hardly an order of things or the end of a scale."""


def check(path: Path, template: str, card: str) -> None:
    """See that a card is whole and that its numbers have a source.

    Args:
        path: the template's file, for messages.
        template: what it says.
        card: what became of it, without sample rows.

    Raises:
        BuildError: it is not, or one has none.
    """
    headings = re.findall(r"^## (.*)$", template, re.MULTILINE)
    for section in SECTIONS:
        if not any(heading.startswith(section) for heading in headings):
            raise BuildError(f"the card has no section {section}", where=path, fix="write it")
    if _OF_PUBLISH in headings:
        raise BuildError(f"the card has a section {_OF_PUBLISH}", where=path, fix="leave it to publish, which adds it")
    if found := _NO_ALT.search(card):
        raise BuildError(f"a picture says nothing to who cannot see it: {found[0]}", where=path, fix="write its alt text")
    if found := _UNFILLED.search(card):
        line = card[card.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        raise BuildError(f"a field is not filled: {line.strip()[:80]}", where=path, fix="fill it, or take the line out")
    for number, line, said in by_hand(template):
        what = f"{said} is written by hand: {line[:60].strip()}…"
        fix = "use a field if it is of this build; else name its source on the line (a link, or python -m benchmarks.…)"
        raise BuildError(what, where=f"{path}:{number}", fix=fix)


def by_hand(template: str) -> Iterator[tuple[int, str, str]]:
    """Yield the numbers that have neither field nor source: where their line starts, the line, the number."""
    for number, line in _lines(_FENCED.sub(_same_height, _FIELD.sub("§", _TAG.sub(_same_height, template)))):
        if _SOURCE.search(line):
            continue
        bare = _INTERVAL.sub("", _TARGET.sub("]", _CODE.sub("", line)))
        bare = _PLACE.sub("", bare)
        bare = _STARTS.sub("", bare, count=1) if not bare.lstrip().startswith("|") else bare
        for found in _NUMBER.finditer(bare):
            if _suspicious(found[0], bare[found.end() :]):
                yield number, line, found[0]


def _suspicious(number: str, rest: str) -> bool:
    """Tell whether a number is likely to be a count, a share or a score."""
    if _COUNTED.match(rest) or "," in number or "." in number:
        return True
    return int(number) > _LARGEST_BY_HAND and int(number) not in _YEARS


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text as Markdown has them, each with the number of the first it was wrapped over."""
    start, held = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if held and (not line.strip() or _STARTS.match(line)):
            yield start, held
            held = ""
        if line.strip():
            start, held = (start, f"{held} {line.strip()}") if held else (number, line)
    if held:
        yield start, held


def _same_height(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
