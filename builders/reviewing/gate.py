"""Do the rounds show what the policy demands? If not: what is missing, by how much, and what round would settle it."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any, NamedTuple

from builders.errors import BuildError
from builders.params.reviewing import Policy

_Z = NormalDist().inv_cdf(0.975)
_AMPLE = 1.02
"""A round is suggested to be a little larger than what would just do."""
_PATIENCE = 1_000_000
"""Rows of a round beyond which none is suggested."""


class Shortfall(NamedTuple):
    """One demand that is not met.

    Args:
        demand: its key in params.
        wanted: the bound.
        found: what the rounds show; None for nothing.
        short: by how much it misses the bound; None where nothing is known yet.
        settled_by: what would meet it.
    """

    demand: str
    wanted: float
    found: float | None
    short: float | None
    settled_by: str

    def __str__(self) -> str:
        """Return the shortfall as a clause."""
        found = "nothing is known yet" if self.found is None else f"{self.found:g} is known"
        return f"{self.demand}: {self.wanted:g} is wanted, {found}; {self.settled_by}"


def shortfalls(policy: Policy, facts: dict[str, Any]) -> list[Shortfall]:
    """Return what a policy demands and the rounds do not show.

    Args:
        policy: the demands.
        facts: what the rounds show, as `outcome.facts` returns it.
    """
    return list(_shortfalls(policy, facts))


def check(family: str, facts: dict[str, Any] | None, verb: str) -> None:
    """See that what a policy demands before `release` or `publish` is met.

    Args:
        family: its name.
        facts: what the rounds come to, policy and shortfalls included; None without any.
        verb: what is about to be done.

    Raises:
        BuildError: it is not met.
    """
    if facts is None or not facts["missing"] or (verb == "release" and facts["policy"]["gate"] != "release"):
        return
    what = "the review policy is not met: " + "; ".join(one["line"] for one in facts["missing"])
    raise BuildError(what, where=f"{family} review.policy", fix=f"python -m builders review-push {family}")


def _shortfalls(policy: Policy, facts: dict[str, Any]) -> Iterator[Shortfall]:
    kept = facts["kept"]
    if policy.reviewed_share is not None:
        share = round(kept["reviewed"] / kept["rows"], 5) if kept["rows"] else 0.0
        if share < policy.reviewed_share:
            more = math.ceil(policy.reviewed_share * kept["rows"]) - kept["reviewed"]
            settled = f"a round that settles {more} more kept rows"
            yield _missed("reviewed_share", policy.reviewed_share, share, settled)
    if policy.alpha is not None:
        alpha = facts["agreement"].get("decision", {}).get("alpha")
        if alpha is None or alpha < policy.alpha:
            settled = (
                "clearer guidelines, and a round under them" if alpha is not None else "a round in which reviewers may differ"
            )
            yield _missed("alpha", policy.alpha, alpha, settled)
    if policy.error_rate is not None:
        estimate = facts["error_rate"]
        if estimate is None or estimate["high"] > policy.error_rate:
            settled = _error_round(policy.error_rate, estimate)
            yield _missed("error_rate", policy.error_rate, None if estimate is None else estimate["high"], settled)


def _missed(demand: str, wanted: float, value: float | None, settled_by: str) -> Shortfall:
    return Shortfall(demand, wanted, value, None if value is None else round(abs(wanted - value), 5), settled_by)


def _error_round(wanted: float, estimate: dict[str, Any] | None) -> str:
    """Return what would bring the interval's upper end down to the bound, if the estimate stays what it is."""
    share, rows = (estimate["share"], estimate["rows"]) if estimate else (0.0, 0)
    if share >= wanted:
        return "no round, unless it finds fewer wrong rows: the estimate itself is above; let filter keep less"
    known = _effective(estimate) if estimate else 0.0
    needed = next((n for n in _sizes() if _upper(share, n) <= wanted), None)
    if needed is None:
        return "no round of a million rows: the estimate is too near the bound"
    more = math.ceil((needed * _AMPLE - known) * (rows / known if known else 1))
    return f"a round of about {max(1, more)} more kept rows, if it finds wrong ones as often"


def _effective(estimate: dict[str, Any]) -> float:
    """Return for how many rows Wilson's interval ends where the estimate's does."""
    return next((n for n in _sizes() if _upper(estimate["share"], n) <= estimate["high"]), _PATIENCE)


def _sizes() -> Iterator[int]:
    size = 1
    while size <= _PATIENCE:
        yield size
        size = max(size + 1, size * 101 // 100)


def _upper(share: float, rows: int) -> float:
    middle = (share + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    return middle + _Z / (1 + _Z**2 / rows) * math.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2))
