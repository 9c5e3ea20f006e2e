"""What a card must and may not say, looked at before it is released.

Numbers of this build come from fields of the template, never by hand; numbers of a paper, or of a benchmark of ours, stand
on a line with their source: a link, or the command that prints them. A line is a paragraph, an item of a list or a row of a
table, however the file wraps it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from builders.errors import BuildError
from builders.releases.statements import DETAILS

SECTIONS = ("What is in it", "How it was made", "Limits and hazards", "Licences", "Citation")
DETAILS_SECTIONS = (
    "Columns",
    "How it was made",
    "Figures",
    "Sample rows",
    "What people decided",
    "What the paper did not say",
    "Licences",
    "Rebuild",
)
MOST_WORDS = 1200
"""Words of a card, its front matter included, as `wc -w` counts them."""
_OF_PUBLISH = "Versions"
_UNFILLED = re.compile(
    r"\{\{|\{%|\{#|(?i:\b(?:todo|tbd|tba|fixme|lorem ipsum)\b)|\bXXX*\b|\?\?\?|<{7} |>{7} |\]\(\s*\)|<(?i:your|fill|insert)\b"
    r"|(?i:\[(?:more information|citation) needed\])|\bNone\b(?= *(?:[|`%),.;]|rows|words|tokens))|\b(?:nan|inf)\b"
)
_NO_ALT = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt=\"[^\"]+\")[^>]*>")
_FENCED = re.compile(r"^```(?:python|bibtex|console|json|yaml)\n.*?^```", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```.*$", re.MULTILINE)
_ANY_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SET = re.compile(r"\{%-?\s*set\s+\w+\s*=\s*([\d.\"'][^%]*)%\}")
_FIELD = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_CODE = re.compile(r"`(?![\d.,% ]+`)[^`]*`")
_TARGET = re.compile(r"\]\([^)]*\)")
_MARKUP = re.compile(r"</?\w+[^>]*>|&\w+;|[*`]")
_STARTS = re.compile(r"\s*(?:[-*+] |\d+\. |\||#|>|[a-z_]+:(?: |$))")
_SOURCE = re.compile(r"\]\(https?://|python -m benchmarks\.")
_COUNTED = re.compile(
    r"\s*(?:%|percent|rows|requests|prompts|replies|answers|pairs|questions|topics|problems|images|models|tasks|samples)"
)
_PLACES = (
    r"arXiv|sections?|figures?|tables?|appendix|appendices|chapter|step|version|ISO|SPDX|Python|GPT|Claude|Gemini|Llama|Qwen"
)
_PLACE = re.compile(
    rf"\b(?:{_PLACES})\s+(?=[A-Z]?[\d.]+|[A-Z]\b)[\w.]+(?: (?:and|to) [\d.]+)?(?!{_COUNTED.pattern})", re.IGNORECASE
)
_SCALE = re.compile(r"\b(?:from|between) [01] (?:to|and) (?:1|5|10|100)\b|(?<![:\w] )\b(?:0|1|50|100):(?= )")
_INTERVAL = re.compile(r"\d+ % (?:confidence )?interval")
_YEAR = re.compile(rf"(?:\bal\.,?|\b(?:in|of|since)|\() ?(?:19|20)\d\d\b(?!{_COUNTED.pattern})")
_NUMBER = re.compile(r"(?<![\w.,/-])(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)[kKM]?(?![\w,.]*[A-Za-z_])")
_IN_WORDS = re.compile(
    r"\b(?:half|third|quarter|fifth|tenth) of (?:the |all |these )?(?:rows|requests|prompts|replies|answers|problems)\b"
    r"|\b(?:two|three|four)[ -](?:thirds|quarters|fifths|tenths)\b"
    r"|\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen)(?:-\w+)? (?:\w+ )?"
    r"(?:rows|requests|prompts|replies|answers|pairs|questions|problems|images)\b",
    re.IGNORECASE,
)


class RenderedCard(NamedTuple):
    """What became of a template, without sample rows, whose text is nobody's to fix.

    Args:
        readme: the card, without the front matter that the Hub reads.
        details: the second file.
    """

    readme: str
    details: str


def check(path: Path, template: str, rendered: RenderedCard) -> None:
    """See that a card and its details are whole and that their numbers have a source.

    Args:
        path: the template's file, for messages.
        template: what it says.
        rendered: what became of it.

    Raises:
        BuildError: they are not, or one has none.
    """
    _check_sections(path, rendered.readme, SECTIONS)
    _check_sections(path, rendered.details, DETAILS_SECTIONS)
    for text in rendered:
        if found := _NO_ALT.search(text):
            raise BuildError(f"a picture says nothing to who cannot see it: {found[0]}", where=path, fix="write its alt text")
        if found := _UNFILLED.search(text):
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
            raise BuildError(f"a field is not filled: {line.strip()[:80]}", where=path, fix="fill it, or take the line out")
    for number, line, item in by_hand(template):
        what = f"{item} is written by hand: {line[:60].strip()}…"
        fix = "use a field if it is of this build; else name its source on the line (a link, or python -m benchmarks.…)"
        raise BuildError(what, where=f"{path}:{number}", fix=fix)


def check_length(path: Path, readme: str) -> None:
    """See that a card is no longer than a visitor reads.

    Raises:
        BuildError: it is.
    """
    if (count := len(readme.split())) > MOST_WORDS:
        fix = f"move what only few look for into {DETAILS}: it has room"
        raise BuildError(f"the card has {count} words, more than {MOST_WORDS}", where=path, fix=fix)


def _check_sections(path: Path, card: str, sections: Sequence[str]) -> None:
    parts = re.split(r"^## (.*)$", _ANY_FENCED.sub("code", card), flags=re.MULTILINE)
    found = list(zip(parts[1::2], parts[2::2], strict=True))
    for section in sections:
        bodies = [body for heading, body in found if heading.startswith(section)]
        if not bodies:
            raise BuildError(f"the card has no section {section}", where=path, fix="write it")
        if not "".join(bodies).strip():
            raise BuildError(f"the card's section {section} is empty", where=path, fix="write it")
    if any(heading == _OF_PUBLISH for heading, _ in found):
        raise BuildError(f"the card has a section {_OF_PUBLISH}", where=path, fix="leave it to publish, which adds it")


def by_hand(template: str) -> Iterator[tuple[int, str, str]]:
    """Yield the numbers that have neither field nor source: where their line starts, the line, the number."""
    text = _TAG.sub(_same_height, _SET.sub(lambda found: found[1] + _same_height(found), template))
    text = _FENCE.sub("", _FENCED.sub(_same_height, _FIELD.sub(_written, text)))
    for number, line in _lines(text):
        if _SOURCE.search(line):
            continue
        left = bare(line)
        for found in (*_NUMBER.finditer(left), *_IN_WORDS.finditer(left)):
            yield number, line, found[0]


def lines(template: str) -> Iterator[tuple[int, str]]:
    """Yield what a person wrote, paragraph by paragraph, without blocks of code: where it starts, and the text in one line."""
    yield from _lines(_FENCED.sub(_same_height, template))


def bare(line: str) -> str:
    """Return a line without code, markup, and the numbers that are nobody's figures: places, years, scales, intervals."""
    left = _MARKUP.sub(" ", _TARGET.sub("]", _CODE.sub("code", line)))
    left = _STARTS.sub("", left, count=1) if not left.lstrip().startswith("|") else left
    for allowed in (_INTERVAL, _SCALE, _YEAR, _PLACE):
        left = allowed.sub("", left)
    return left


def _written(field: re.Match[str]) -> str:
    """Return what of a field was written by hand: its texts, and a number that stands alone."""
    left = _TEXT.sub("", field[1])
    texts = " ".join(text[1:-1] for text in _TEXT.findall(field[1]))
    return f"{texts if re.search('[A-Za-z]', left) else f'{left} {texts}'} §" + _same_height(field)


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


def _same_height(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
