"""What a card says of a release as a whole: how its rows divide, what was checked of them, and what they cannot show."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from builders import family as families
from builders import schema
from builders.releases import contamination, markup, overlap
from builders.releases import tally as tallies
from builders.releases.statements import DETAILS, Statements

_TOP_VALUES = 6


def inside(family: str, tally: Mapping[str, Any]) -> str:
    """Return the columns of the first config, and how many rows of all subsets have which label, domain, source and kind."""
    first, *_ = families.configs(family)
    own = [column for column in schema.columns(family, first) if "." not in column.name]
    names = ", ".join(f"`{column.name}`" for column in own)
    parts = [f"Columns of `{first}`: {names}. [{DETAILS}]({DETAILS}) has what each means."]
    lines = [f"| `{column}` | {_values(counter, _TOP_VALUES)} |" for column, counter in _breakdown(family, tally).items()]
    return "\n\n".join([*parts, *(["\n".join(["| rows by | |", "|---|---|", *lines])] if lines else [])])


def _breakdown(family: str, tally: Mapping[str, Any]) -> dict[str, Counter[str]]:
    found = tallies.over(tally["values"], families.subsets(family))
    own = [counter for column, counter in found.items() if column != tallies.SOURCE]
    return {
        column: counter
        for column, counter in found.items()
        if (column == tallies.SOURCE and counter not in own) or (column != tallies.SOURCE and len(counter) > 1)
    }


def counts(tally: Mapping[str, Any]) -> str:
    """Return how many rows of each config have which value, as a table."""
    lines = [
        f"| `{config}` | `{column}` | {_values(Counter(values), tallies.MOST_VALUES + 1)} |"
        for config, columns in tally["values"].items()
        for column, values in columns.items()
    ]
    return "\n".join(["| config | column | rows |", "|---|---|---|", *lines])


def _values(counter: Counter[str], most: int) -> str:
    order = sorted(counter, key=lambda value: (-counter[value], value))
    left = f" · {len(order) - most} more" if len(order) > most else ""
    return " · ".join(f"{markup.cell(value)} {counter[value]:,}" for value in order[:most]) + left


def limits(statements: Statements) -> str:
    """Return what the data cannot show, what is uneven in it, and what sensitive information may be in it, as a list."""
    return "\n".join(
        f"- {statement}" for statement in (*statements.limitations, *statements.biases, *statements.sensitive_information)
    )


def checked(facts: Mapping[str, Any], review: str) -> str:
    """Return what was checked of a release: contamination, overlap, and what people decided.

    Args:
        facts: the manifest as JSON.
        review: what `card_reviews.section` returned.
    """
    findings = (_contamination(facts["decontamination"]), _overlap(facts["overlap"]), _decided(facts, review))
    return "\n".join(f"- {line}" for line in findings)


def _contamination(sets: Mapping[str, Mapping[str, Any]]) -> str:
    if not sets:
        return "Contamination: prompts were compared with no evaluation set in this build."
    hits = sum(counts.get(kind, 0) for counts in sets.values() for kind in ("exact", "ngram", "image"))
    names = ", ".join(f"`{name}`" for name in sets)
    return f"Contamination: prompts were compared with {names}; matches: {hits}, each in `{contamination.FILE}`, none released."


def _overlap(report: Mapping[str, Any] | None) -> str:
    if report is None:
        return "Overlap with the published set: not measured in this build."
    rows, equal, ngram = (sum(counts[name] for counts in report["subsets"].values()) for name in ("rows", "equal", "ngram"))
    return (
        f"Overlap with the published set `{report['set']}` ({report['prompts']:,} prompts): of {rows:,} rows {equal:,} have a "
        f"prompt of it, {ngram:,} more share words in a row with one; `{overlap.FILE}` has it by config."
    )


def _decided(facts: Mapping[str, Any], review: str) -> str:
    if facts["review"] is None:
        return review
    kept = facts["review"]["kept"]
    return f"Reviewed by people: {kept['reviewed']} of {kept['rows']} kept rows; {DETAILS} has what they decided."
