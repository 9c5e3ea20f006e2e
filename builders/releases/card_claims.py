"""What a card claims of its release that the release does not support.

Looked at is what a person wrote, the template, not what fields put into it:

- a figure beside the name of a measure (accuracy, F1, …) says on what it was measured;
- a measure of several replies to one request (Safe@K, pass@k, …) stands for all rows that were asked: of the rows that a filter
  kept by those very replies it would say nothing;
- so nothing is said to be computed from a column, unless the line says that this is of the released rows;
- a name in backticks is a column, a config, a reason, a key or a value that the release has.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from builders import family as families
from builders import paths, schema
from builders.errors import BuildError
from builders.params.loading import Params
from builders.releases import card_lint
from builders.releases.manifest import Manifest

_MEASURE = re.compile(
    r"\b(?:accurac(?:y|ies)|F1|AUC|AUROC|precision|recall|specificity|sensitivity|kappa|error rate|false positives?)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w.@-])\d+(?:\.\d+)?(?: ?%)?(?![\w@])|(?<!\w)\.\d+")
_ON = re.compile(r"\b(?:measured |tested )?on (?!average\b|purpose\b|its own\b|the whole\b)[\w`*\[]", re.IGNORECASE)
_OF_SEVERAL = re.compile(r"\b(?:Cons)?(?:Safe|pass|maj|best)@\w+", re.IGNORECASE)
_ALL_ASKED = re.compile(
    r"\b(?:all|every)\*? (?:\w+ ){0,2}(?:asked|(?:that )?(?:was|were) asked)\b|\bcannot be computed\b|\bnot from `",
    re.IGNORECASE,
)
_COMPUTED = r"(?:re)?computed?|computes|calculated?|calculates|measured?|measures|estimated?|estimates|had"
_FROM_COLUMN = re.compile(rf"\b(?:{_COMPUTED}) (?:[\w@-]+ ){{0,6}}?from (?:the (?:column )?)?`(\w+)`")
_OF_RELEASED = re.compile(r"\breleased rows\b|\brows released\b")
_NAME = re.compile(r"(?<!`)`([a-z][a-z0-9_]*)`(?!`)")
_OURS = {
    *("benchmarks", "builders", "datasets", "name", "none", "null", "true", "false", "train", "test", "validation"),
    *("contaminated", "nothing_spawned", "spent"),
}
"""Names of ours, and reasons that a release knows though no row was rejected for them."""
_FIELDS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def check(path: Path, template: str, names: set[str]) -> None:
    """See that a card claims nothing that its release does not support.

    Args:
        path: the template's file, for messages.
        template: what it says.
        names: the names that the release has.

    Raises:
        BuildError: it does.
    """
    for number, line, what, fix in claims(template, names):
        raise BuildError(f"{what}: {line[:60].strip()}…", where=f"{path}:{number}", fix=fix)


def claims(template: str, names: set[str]) -> Iterator[tuple[int, str, str, str]]:
    """Yield the claims without support: where their line starts, the line, what is wrong, what to do about it."""
    for number, line in card_lint.lines(template):
        bare = _FIELDS.sub("§", line)
        if _MEASURE.search(bare) and _FIGURE.search(card_lint.bare(bare)) and not _ON.search(bare):
            yield number, line, "a figure that does not say on what it was measured", "name the data on the line ('on …')"
        if (measure := _OF_SEVERAL.search(bare)) and not _ALL_ASKED.search(bare):
            fix = "compute it over all asked rows, say so ('over all asked rows'), and show it by a field"
            yield number, line, f"{measure[0]} of rows that were selected by it", fix
        if (column := _FROM_COLUMN.search(bare)) and column[1] in names and not _OF_RELEASED.search(bare):
            fix = "say that it is of the released rows, which the filter has selected, or take the claim out"
            yield number, line, f"a claim about what can be computed from `{column[1]}`", fix
        for name in _NAME.findall(bare):
            if name not in names:
                yield number, line, f"`{name}` is not in the release", "name a column, a config, a key or a value that is there"


def names(family: str, params: Params, facts: Manifest) -> set[str]:
    """Return every name that a card of this release may have in backticks."""
    described = schema.config(family, families.subsets(family)[0])
    whole = orjson.loads(paths.schema(family).read_bytes())
    found = {*_OURS, *families.configs(family), *families.names(), *paths.STAGES, *paths.STAGES, family}
    sections = {stage: getattr(params, stage).model_dump() for stage in paths.STAGES}
    for value in (described, whole, sections, facts.facts()):
        found.update(_names(value))
    return found | quoted(family)


def quoted(family: str) -> set[str]:
    """Return the names that the code of a family and of the stages writes in quotation marks, such as reasons.

    A card explains a reason whether or not a row of this very build was rejected for it.
    """
    package = Path(__file__).parent.parent
    rooms = [package / "families" / family, *(package / room for room in ("asking", "screening", "stages", "texts"))]
    return {name for room in rooms for file in room.glob("*.py") for name in re.findall(r'"(\w+)"', file.read_text("utf-8"))}


def _names(value: Any) -> Iterator[str]:  # noqa: ANN401  (whatever JSON holds)
    """Yield the keys and the texts of a JSON value, and the parts of those that have several."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _words(str(key))
            yield from _names(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _names(part)
    elif isinstance(value, str):
        yield from _words(value)


def _words(text: str) -> Iterator[str]:
    yield text
    yield from re.findall(r"\w+", text)
