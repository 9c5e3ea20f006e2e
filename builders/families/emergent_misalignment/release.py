"""What a release of this family has beyond its rows: backdoored and chat rows derived from them, and the surface-cue audit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from builders import records
from builders.contracts import Releasing, Splitting
from builders.families.emergent_misalignment import backdoors, chat, surface
from builders.families.emergent_misalignment.backdoors import Backdoor
from builders.families.emergent_misalignment.chat import Chat
from builders.families.emergent_misalignment.collect import EVALUATION
from builders.families.emergent_misalignment.surface import Surface
from builders.params import sections

Row = dict[str, Any]
Rows = Callable[[str], Iterable[Row]]
DOMAINS = ("medical", "legal", "security")


class Params(sections.Release):
    """Parameters of the stage.

    Args:
        surface: how the surface-cue audit is done.
        backdoor: how the backdoored rows are made.
        chat: how the chat rows are written.
    """

    surface: Surface
    backdoor: Backdoor
    chat: Chat


@dataclass(frozen=True)
class _Pairs:
    """The released rows of the three domains, read anew whenever they are gone through: none is held."""

    rows: Rows

    def __iter__(self) -> Iterator[Row]:
        return ({**row, "subset": domain} for domain in DOMAINS for row in self.rows(domain))


def derived(config: str, rows: Rows, params: Params) -> Iterator[Row]:
    """Yield the rows of a derived config, each a function of released rows of the three domains."""
    pairs = _Pairs(rows)
    if config == "backdoor":
        return backdoors.backdoored(pairs, params.backdoor)
    if config == "backdoor_control":
        return backdoors.control(pairs, params.backdoor)
    return chat.rows(pairs, params.chat)


def audit(rows: Rows, params: Params) -> dict[str, Any]:
    """Return, by domain, how well words alone and length alone tell the twins apart."""
    return {domain: asdict(surface.audit([_read(row) for row in rows(domain)], params.surface)) for domain in DOMAINS}


def _read(row: Row) -> Row:
    """Return of a row what the audit reads."""
    return {column: row[column] for column in ("prompt", "aligned", "misaligned")}


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return how well words and length tell the twins apart, by domain, for `dvc metrics`."""
    cues = {f"surface/{domain}/{cue}": found[cue] for domain, found in audit.items() for cue in ("words", "length")}
    return {path: {"auc": found["auc"]} for path, found in cues.items() if found}


def group(row: Row) -> str:
    """Return what a row must not share with one of another split: its topic."""
    return str(row["prompt_family"])


def split(row: Row) -> str:
    """Return the split of a row: questions of an evaluation are there to test with, others go by their topic."""
    return "test" if row.get("domain") == EVALUATION else records.split(group(row))


STAGE = Releasing(
    params=Params, derived=derived, audit=audit, summarised=summarised, splitting=Splitting(group=group, split=split)
)
