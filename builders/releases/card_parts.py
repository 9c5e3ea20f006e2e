"""What a release writes into its card beside single figures: tables of columns, pictures, licences."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from builders import family as families
from builders import schema
from builders.releases import markup, summary
from builders.releases.figures import ReleaseFigure
from builders.releases.summary import Summary, Tally
from builders.schema import Column

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))
_LARGEST = "10M<n<100M"
_BIBTEX = re.compile(r"^```bibtex\n(.*?)^```", re.DOTALL | re.MULTILINE)


def columns(family: str) -> str:
    """Return the columns of a family's rows as tables: those of its first config, what lies inside them, other configs'."""
    first, *others = families.configs(family)
    every = schema.columns(family, first)
    own = _outer(every)
    parts = [_columns(own), _folded("What is inside the structs", _columns([column for column in every if column not in own]))]
    alike: dict[tuple[Column, ...], list[str]] = defaultdict(list)
    for config in others:
        alike[_outer(schema.columns(family, config))].append(f"`{config}`")
    alike.pop(own, None)
    parts += [_folded(f"The columns of {' and '.join(configs)}", _columns(found)) for found, configs in alike.items()]
    return "\n\n".join(parts)


def _outer(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(column for column in columns if "." not in column.name)


def _columns(columns: Iterable[Column]) -> str:
    lines = [f"| `{column.name}` | `{column.type}` | {column.description} |" for column in columns]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *lines])


def _folded(title: str, content: str) -> str:
    """Return Markdown of which only the title shows until a reader opens it."""
    summary = re.sub(r"`([^`]*)`", r"<code>\1</code>", title)
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def figures(drawn: Sequence[ReleaseFigure], numbers: Summary) -> str:
    """Return the figures as Markdown, each with its caption, its alt text and, behind a fold, its numbers."""
    tables = {"lengths": _lengths(numbers.words), "scores": _scores(numbers.scores)}
    groups = {group for tally in (*numbers.words.values(), *numbers.scores.values()) for group in tally}
    own = sorted(group for group in groups if group.endswith(summary.OWN))
    parts = [f"Rows of somebody's own sources are apart from all others: `{'`, `'.join(own)}`."] if own else []
    for figure in drawn:
        parts += [f"**{figure.title}.** {figure.caption}", f"![{figure.title}. {figure.alt}]({figure.path})"]
        if table := tables.get(Path(figure.path).stem):
            parts.append(_folded("The numbers", table))
    return "\n\n".join(parts)


_HEADS = " | ".join(f"{percentage} %" if percentage != 50 else "median" for percentage in summary.QUANTILES.values())  # noqa: PLR2004
_RULES = "|---:" * len(summary.QUANTILES)


def _lengths(words: Mapping[str, Tally]) -> str:
    lines = [
        f"| `{column}` | `{subset}` | {counter.total()} | {' | '.join(map(str, summary.quantiles(counter).values()))} |"
        for column, tally in words.items()
        for subset, counter in tally.items()
    ]
    return "\n".join([f"| words of | config | texts | {_HEADS} |", f"|---|---|---:{_RULES}|", *lines])


def _scores(scores: Mapping[str, Tally]) -> str:
    """Return a table of what was said in numbers, by quantiles, and one of what was said in words, by shares."""
    lines: dict[bool, list[str]] = {False: [], True: []}
    for what, tally in scores.items():
        for outcome, counter in tally.items():
            verbal = summary.in_words(counter)
            values = _shares(counter) if verbal else " | ".join(map(str, summary.quantiles(counter).values()))
            lines[verbal].append(f"| {what.replace('/', ', ')} | {outcome} | {counter.total()} | {values} |")
    numbers = [f"| score | rows | scores | {_HEADS} |", f"|---|---|---:{_RULES}|", *lines[False]]
    verdicts = ["| verdict | rows | verdicts | shares |", "|---|---|---:|---|", *lines[True]]
    return "\n\n".join("\n".join(table) for table, rows in ((numbers, lines[False]), (verdicts, lines[True])) if rows)


def _shares(counter: Counter[str]) -> str:
    return ", ".join(f"{markup.cell(word)} {100 * share:.1f} %" for word, share in summary.shares(counter).items())


def licences(facts: Mapping[str, Any]) -> str:
    """Return which licence each source and each model has, what that means, and what follows for the whole.

    Args:
        facts: what `builders.releases.licences.facts` returned.
    """
    names = {"per-row": "each row under its own licence", "unknown": "**nobody may pass it on**"}
    whole = names.get(facts["whole"], f"`{facts['whole']}`")
    bound = " Of what models wrote, their terms hold too, see the table." if facts["bound_by_models"] else ""
    lines = [
        f"The whole: {whole}, since {facts['reason']}.{bound}",
        "",
        "| from | licence or terms | what it says |",
        "|---|---|---|",
    ]
    lines += [f"| source `{source['source']}` | {source['license']} | {source['reason']} |" for source in facts["sources"]]
    lines += [f"| `{model['role']}` | `{model['model']}` | {model['reason']} |" for model in facts["models"]]
    return "\n".join(lines)


def licence_file(facts: Mapping[str, Any]) -> str:
    """Return the file that the Hub is given where the licence of the whole is none that it has a word for.

    Args:
        facts: what `builders.releases.licences.facts` returned.
    """
    return f"# Licences\n\n{licences(facts)}\n\nEach row names its source and the licence of that.\n"


def size(count: int) -> str:
    """Return the Hub's word for so many rows."""
    return next((word for limit, word in _SIZES if count < limit), _LARGEST)


def citation(card: str) -> str:
    """Return the BibTeX that a card holds; empty where it holds none."""
    found = _BIBTEX.search(card)
    return found[1].strip() if found else ""
