"""What a person says of a family's data: the front matter of its card's template, from which card and metadata are written.

A template begins with YAML between two lines of `---`. What follows is Jinja: the card's own sections, then, behind a line
`<!-- DETAILS.md -->`, those of the second file of the release.
"""

from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from builders.errors import BuildError

DETAILS = "DETAILS.md"
_FENCE = "---\n"
_MARK = f"<!-- {DETAILS} -->\n"


def _one_line(text: str) -> str:
    if not text.strip():
        message = "is empty"
        raise ValueError(message)
    return " ".join(text.split())


Text = Annotated[str, AfterValidator(_one_line)]
Texts = Annotated[list[Text], Field(min_length=1)]


class Statements(BaseModel):
    """What a person says of a family's data.

    Args:
        what: what it is, in two or three sentences, the paper that it rebuilds with a link among them.
        for_whom: whom it is for.
        not_for: whom or what it is not for.
        sample: what a sample build is, where that is not the usual.
        configs: config → what its rows are, in a few words.
        row: the columns of the row that the first screen shows, those that such a card may show.
        collection: where the prompts come from, and how they were chosen.
        annotation: what is judged about each row, and how.
        use_cases: what it is good for, and what it was not checked for.
        biases: what is over- and under-represented in it, and why.
        limitations: what it cannot show.
        social_impact: what good and what harm may come of it.
        sensitive_information: which personal or sensitive information may be in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    what: Text
    for_whom: Text
    not_for: Text
    sample: Text | None = None
    configs: dict[str, Text]
    row: list[str] = Field(default_factory=list)
    collection: Text
    annotation: Text
    use_cases: Texts
    biases: Texts
    limitations: Texts
    social_impact: Text
    sensitive_information: Texts


class Template(NamedTuple):
    """A card's template in its parts.

    Args:
        statements: its front matter.
        body: what follows that.
    """

    statements: Statements
    body: str


def read(path: Path) -> Template:
    """Read a card's template.

    Raises:
        BuildError: it has no front matter, or that lacks a statement.
    """
    before, fence, rest = path.read_text(encoding="utf-8").partition(_FENCE)
    matter, end, body = rest.partition(f"\n{_FENCE}")
    if before or not fence or not end:
        raise BuildError("the card has no front matter", where=path, fix="begin it with what the other families' cards state")
    try:
        values = yaml.safe_load(matter)
    except yaml.YAMLError as error:
        raise BuildError(f"the card's front matter is not YAML: {error}", where=path, fix="fix it") from None
    try:
        return Template(Statements.model_validate(values), body)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "front matter"
        raise BuildError(f"the card's {name}: {first['msg']}", where=path, fix="state it in the front matter") from None


def parts(text: str, path: Path) -> tuple[str, str]:
    """Divide a rendered template into the card and the second file.

    Raises:
        BuildError: it has no second file.
    """
    card, mark, details = text.partition(_MARK)
    if not mark or not details.strip():
        raise BuildError(f"the card has no part for {DETAILS}", where=path, fix=f"put the line {_MARK.strip()} before it")
    return card, details.lstrip("\n")
