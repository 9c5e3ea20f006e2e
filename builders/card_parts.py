"""What a release writes into its card beside single figures: its pictures, sample rows, and the table of licences."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from builders import families
from builders.figures import Drawn

SHOWN_ROWS = 3
_SHOWN_CHARACTERS = 400
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))
_LARGEST = "10M<n<100M"
_BIBTEX = re.compile(r"^```bibtex\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def pictures(drawn: Sequence[Drawn]) -> str:
    """Return the figures as Markdown, each with its alt text."""
    return "\n\n".join(f"![{figure.alt}]({figure.path})" for figure in drawn)


def columns_shown(family: str) -> tuple[str, ...]:
    """Return the columns that a card may show rows of: none of a family whose prompts are harmful.

    A family with harmful answers names in SHOWN the columns that hold none; one without hazard may do so too.
    """
    about = families.module(family)
    if about.HAZARD == "harmful-requests":
        return ()
    reviewed: tuple[str, ...] = about.REVIEWED if about.HAZARD == "none" else ()
    return tuple(getattr(about, "SHOWN", reviewed))


def rows(family: str, found: Iterable[Mapping[str, Any]]) -> str:
    """Return the first rows as Markdown, long texts shortened, where a card may show any."""
    columns = columns_shown(family)
    if not columns:
        return "None is shown here: a row may hold a harmful request."
    told = []
    for row in islice(found, SHOWN_ROWS):
        lines = [
            f"| `{column}` | {_cell(row[column])} |" for column in columns if isinstance(row.get(column), str | int | float)
        ]
        told.append("\n".join([f"| `id` | `{row['id']}` |", "|---|---|", *lines]))
    left = "" if families.module(family).HAZARD == "none" else "\n\nThe other columns are not shown here."
    return "\n\n".join(told) + left


def _cell(value: object) -> str:
    """Return a value as one cell of a table, its markup shown and not obeyed."""
    text = str(value)
    if len(text) > _SHOWN_CHARACTERS:
        text = text[:_SHOWN_CHARACTERS].rstrip() + " …"
    return _MARKUP.sub(r"\\\1", text).replace("\n", "<br>")


def licences(told: Mapping[str, Any]) -> str:
    """Return which licence each source and each model has, what that means, and what follows for the whole.

    Args:
        told: what `builders.licences.facts` returned.
    """
    names = {"per-row": "each row under its own licence", "unknown": "**nobody may pass it on**"}
    whole = names.get(told["whole"], f"`{told['whole']}`")
    bound = " Of what models wrote, their terms hold too, see the table." if told["bound_by_models"] else ""
    lines = [
        f"The whole: {whole}, since {told['reason']}.{bound}",
        "",
        "| from | licence or terms | what it says |",
        "|---|---|---|",
    ]
    lines += [f"| source `{source['source']}` | {source['license']} | {source['reason']} |" for source in told["sources"]]
    lines += [f"| `{model['role']}` | `{model['model']}` | {model['reason']} |" for model in told["models"]]
    return "\n".join(lines)


def size(count: int) -> str:
    """Return the Hub's word for so many rows."""
    return next((word for limit, word in _SIZES if count < limit), _LARGEST)


def citation(card: str) -> str:
    """Return the BibTeX that a card holds; empty where it holds none."""
    found = _BIBTEX.search(card)
    return found[1].strip() if found else ""
