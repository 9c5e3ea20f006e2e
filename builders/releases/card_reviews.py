"""What a card says about reviews: who decided how much by which rule, how far they agree, and what that says about all rows."""

from collections.abc import Iterator, Mapping
from typing import Any

_NOBODY = "Nobody has reviewed rows of this release."
_RULES = {
    "reject": "one reviewer who rejects a row is enough to reject it",
    "accept": "one reviewer who accepts a row is enough to keep it",
    "majority": "the majority decides",
    "unanimous": "only what all agree on is decided",
    "senior": "a senior reviewer decides where others differ",
}
_QUESTIONS = {
    "error_rate": "wrong rows among those that were kept",
    "false_drop_rate": "good rows among those that were dropped",
}


def section(facts: Mapping[str, Any] | None) -> str:
    """Return the section as Markdown.

    Args:
        facts: what `builders.reviewing.outcome.facts` returned.
    """
    return _NOBODY if facts is None else "\n\n".join(_paragraphs(facts))


def _paragraphs(facts: Mapping[str, Any]) -> Iterator[str]:
    kept, dropped = facts["kept"], facts["rejected"]
    votes = sum(facts["reviewers"].values())
    yield (
        f"Decisions: {votes}, made by {_people(len(facts['reviewers']))}; where they differ, "
        f"{_RULES[facts['rule']['conflicts']]}. "
        f"Decided: {kept['reviewed']} of the {kept['rows']} rows that the filter kept ({kept['accept']} accepted, "
        f"{kept['edited']} of them with a better text; {kept['reject']} rejected; {kept['undecided']} more undecided), and "
        f"{dropped['reviewed']} of the {dropped['rows']} that it rejected and that can be shown. Left out as stale, since the "
        f"row has changed: {facts['stale']['decisions']} decisions."
    )
    if lines := list(_lines(facts)):
        yield "\n".join(["| measured by reviewers | estimate | 95 % interval | rows |", "|---|---:|---:|---:|", *lines])
        yield "Shares are weighted by stratum and corrected for how often reviewers of the same row differ."
    if facts["policy"] and not facts["missing"]:
        yield "The review policy is met."
    if facts["missing"]:
        yield "**The review policy is not met:** " + "; ".join(one["line"] for one in facts["missing"]) + "."


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    for name, worded in _QUESTIONS.items():
        if one := facts[name]:
            yield f"| {worded} | {_percent(one)} | {one['rows']} |"
    for name, one in facts["judge"].items():
        if one:
            yield f"| {name} of keeping | {_percent(one)} | |"
    for question, one in facts["agreement"].items():
        if one["alpha"] is not None:
            interval = f"{one['low']:.2f} to {one['high']:.2f}"
            yield f"| Krippendorff's alpha of `{question}` | {one['alpha']:.2f} | {interval} | {one['rows']} |"


def _percent(one: Mapping[str, float]) -> str:
    """Return a share and its interval as two cells."""
    return f"{100 * one['share']:.1f} % | {100 * one['low']:.1f} % to {100 * one['high']:.1f} %"


def _people(count: int) -> str:
    return "one reviewer" if count == 1 else f"{count} reviewers"
