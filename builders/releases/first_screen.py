"""What a visitor of a card sees first, on one screen: what it is, for whom, how much, its licence, how to load it, a row.

`REPOSITORY` stands where the name of the published repository belongs: nobody knows it before a publish, which fills it in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasets.info import DatasetInfo

from builders import family as families
from builders.releases import tokens
from builders.releases.manifest import Manifest
from builders.releases.statements import Statements

REPOSITORY = "NAMESPACE"
"""What stands for the namespace in a card that is not published."""
SAMPLE_SUFFIX = "-sample"
_LOADED = re.compile(r'(\bload_dataset\(")[^"]*(")')
_RECORDED = "Its replies and verdicts were written by hand to exercise the pipeline; its figures measure nothing."
_SMALL = "It is of the profile for trying things out: few rows, by the models that are named below."
_TOP_REASONS = 3
_REPLACED = "spent"
"""What a row is rejected as whose own rows have taken its place: nothing is wrong with it."""


class Contents(NamedTuple):
    """What the first screen is made of.

    Args:
        statements: what a person says of the data.
        facts: the manifest.
        infos: what is in each config that has rows.
        row: one row, as a table; empty where none may be shown.
    """

    statements: Statements
    facts: Manifest
    infos: Mapping[str, DatasetInfo]
    row: str


def text(shown: Contents) -> str:
    """Return the first screen as Markdown."""
    statements, facts = shown.statements, shown.facts
    title = families.facts(facts.family).title
    parts = [
        f"# {title}",
        statements.what,
        *([f"> **This is a sample build.** {notice(statements, facts)}"] if facts.sample else []),
        f"**For** {statements.for_whom}. **Not for** {statements.not_for}.",
        _configs(statements, facts),
        f"{_tokens(facts)} **Licence:** {licence(facts)}",
        _loading(shown),
        f"**Funnel:** {funnel(facts.stages)}",
        shown.row or "No row is shown here: each may hold a harmful request.",
    ]
    return "\n\n".join(parts)


def notice(statements: Statements, facts: Manifest) -> str:
    """Return what a sample build is."""
    return statements.sample or (_RECORDED if facts.recorded else _SMALL)


def named(card: str, repository: str) -> str:
    """Return a card whose lines that load the dataset name where it was published."""
    return _LOADED.sub(lambda found: f"{found[1]}{repository}{found[2]}", card)


def funnel(stages: Sequence[Mapping[str, Any]]) -> str:
    """Return the counts of all stages in one line: those that changed how many rows there are, and why most went."""
    reasons: dict[str, int] = {}
    parts = [f"{stages[0]['in']:,} read"]
    for stage in stages:
        out = sum(stage["out"].values())
        if out != stage["in"] and stage is not stages[-1]:
            spawned = f" (+{stage['spawned']:,} spawned)" if stage["spawned"] else ""
            parts.append(f"{stage['stage']}{spawned} {out:,}")
        for reason, count in stage["rejected"].items():
            if reason != _REPLACED:
                reasons[reason] = reasons.get(reason, 0) + count
    parts.append(f"released {sum(stages[-1]['out'].values()):,}")
    top = sorted(reasons, key=lambda reason: (-reasons[reason], reason))[:_TOP_REASONS]
    why = f"; most often rejected: {', '.join(f'`{reason}` {reasons[reason]:,}' for reason in top)}" if top else ""
    return " → ".join(parts) + why


def _configs(statements: Statements, facts: Manifest) -> str:
    guarded = bool(facts.hazards)
    lines = [
        f"| config | rows | tokens |{' hazard |' if guarded else ''} what |",
        f"|---|---:|---:|{'---|' if guarded else ''}---|",
    ]
    for config, rows in facts.rows.items():
        counted = facts.tally["tokens"].get(config)
        hazard = f" {(facts.hazards or {})[config]} |" if guarded else ""
        lines.append(f"| `{config}` | {rows} | {f'{counted:,}' if counted else '-'} |{hazard} {statements.configs[config]} |")
    return "\n".join(lines)


def _tokens(facts: Manifest) -> str:
    columns = list(dict.fromkeys(column for texts in facts.tally["texts"].values() for column in texts))
    return f"Tokens of {', '.join(f'`{column}`' for column in columns)} by {tokens.display_name(facts.tally['tokenizer'])}."


def licence(facts: Manifest) -> str:
    """Return the licence of the whole in a line."""
    names = {"per-row": "each row its source's own", "unknown": "**none: nobody may pass it on**"}
    whole = names.get(facts.licences["whole"], f"`{facts.licences['whole']}`")
    bound = ", and the terms of the models that wrote it" if facts.licences["bound_by_models"] else ""
    gated = "; gated: accept the terms on its page first" if facts.hazard != "none" else ""
    return f"{whole}{bound}{gated}."


def repository(family: str, *, sample: bool) -> str:
    """Return the name of a repository that is not published yet."""
    return f"{REPOSITORY}/{family}{SAMPLE_SUFFIX if sample else ''}"


def _loading(shown: Contents) -> str:
    config, info = next(iter(shown.infos.items()), (None, None))
    which = f', "{config}", split="{next(iter(info.splits))}"' if info is not None else ""
    name = repository(shown.facts.family, sample=shown.facts.sample)
    return f'```python\nfrom datasets import load_dataset\nrows = load_dataset("{name}"{which})\n```'
