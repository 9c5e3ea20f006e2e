"""What asking costs: the estimate before the first call, what is shown meanwhile, and the measurements at the end.

Changes no byte of a row.
"""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from builders import paths, records
from builders.jobs import Job
from builders.params.sections import Role
from builders.teachers import budget
from builders.teachers.api import Request
from builders.teachers.endpoint import Tally
from builders.teachers.staff import Staff

BYTES_PER_TOKEN = 4


class Sampled(NamedTuple):
    """How many candidates were asked for about a row, of which so many were accepted."""

    candidates: int
    accepted: int


class Usage:
    """What one run over the rows of a leg asked, and how fast."""

    def __init__(self, job: Job, part: str, staff: Staff, rows: int) -> None:
        """Start the clock.

        Args:
            job: the stage and pool.
            part: of the stage, empty where it has one only.
            staff: who is asked.
            rows: how many rows there are to ask about.
        """
        self._job, self._part, self._staff, self._rows = job, part, staff, rows
        self._start = time.monotonic()
        self.read = 0
        self._candidates = self._accepted = 0
        self._expected = 0.0
        self.rejected = Counter[str]()

    def add(self, reasons: Iterable[str], asked: Iterable[Sampled]) -> None:
        """Count a row that is done, why rows that came of it were rejected, and the candidates asked for and accepted."""
        self.read += 1
        self.rejected.update(reasons)
        for sampled in asked:
            self._candidates += sampled.candidates
            self._accepted += sampled.accepted

    def estimate(self, examples: list[list[Request]]) -> str:
        """Return what the whole pool will ask for and cost, judging by its first rows.

        A reply is taken to be as long as the role's earlier ones in the ledger, or else its longest.
        """
        requests = [request for asked in examples for request in asked]
        if not requests or not self._staff.live:
            return ""
        times = self._rows / len(examples)
        self._expected = len(requests) * times
        prompt = sum(len(orjson.dumps(request.body)) for request in requests) / BYTES_PER_TOKEN * times
        completion = money = 0.0
        means = {name: self._mean_tokens(name, self._staff.roles[name]) for name in {request.role for request in requests}}
        known = None not in means.values()
        for request in requests:
            role, mean = self._staff.roles[request.role], means[request.role]
            tokens = role.sampling.max_tokens if mean is None else mean
            completion += tokens * times
            money += budget.cost(role.prices, len(orjson.dumps(request.body)) // BYTES_PER_TOKEN, int(tokens)) * times
        most = "" if known else "at most "
        costs = f", {most}{money:.2f}" if money else ""
        asked = f"about {round(len(requests) * times):,} requests, {_short(prompt)} prompt tokens"
        label = f"{self._job.label} {self._part}".rstrip()
        return f"{label}: {asked}, {most}{_short(completion)} completion tokens{costs}; less what the ledger has"

    def note(self) -> str:
        """Return what is to be shown beside the rows."""
        seconds = max(time.monotonic() - self._start, 1e-3)
        tokens = sum(tally.prompt_tokens + tally.completion_tokens for tally in self._tallies)
        parts = [f"{self.read / seconds:,.0f} rows/s"]
        if self._staff.live:
            parts += [f"{self._staff.in_flight} of {self._staff.slots:.0f} in flight", f"{tokens / seconds:,.0f} tokens/s"]
        if cost := self._cost:
            parts.append(f"cost {cost:.2f} of about {cost * self._times_as_many:.2f}")
        parts += [f"{reason} {count}" for reason, count in self.rejected.most_common(4)]
        return ", ".join(parts)

    def summary(self) -> str:
        """Return what was asked, in a few words; empty where no model is asked."""
        if not self._staff.live:
            return ""
        figures = self.figures()
        failed = f", {figures['failed']} failed" if figures["failed"] else ""
        cost = f", cost {figures['cost']:.4f}" if figures["cost"] else ""
        return (
            f"asked {figures['sent']} ({figures['from_ledger']} more in the ledger{failed}), "
            f"{figures['replies_per_second']:.0f} replies/s, {figures['tokens_per_second']:.0f} tokens/s{cost}"
        )

    def figures(self) -> dict[str, Any]:
        """Return the measurements."""
        seconds = max(time.monotonic() - self._start, 1e-3)
        tallies = self._tallies
        prompt, completion = (sum(getattr(tally, name) for tally in tallies) for name in ("prompt_tokens", "completion_tokens"))
        hits = [pace.load.hits for pace in (connection.pace for connection in self._staff.connections) if pace.load]
        return {
            "rows": self.read,
            "rejected": dict(self.rejected),
            "from_ledger": sum(tally.found for tally in tallies),
            "sent": sum(tally.sent for tally in tallies),
            "attempts": sum(connection.attempts for connection in self._staff.connections),
            "failed": sum(tally.failed for tally in tallies),
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "cost": round(self._cost, 6),
            "seconds": round(seconds, 3),
            "replies_per_second": round(sum(tally.answered for tally in tallies) / seconds, 3),
            "tokens_per_second": round((prompt + completion) / seconds, 3),
            "acceptance_rate": round(self._accepted / self._candidates, 6) if self._candidates else None,
            "prefix_cache_hit_rate": hits[0] if hits else None,
        }

    def save(self) -> None:
        """Write the measurements to a file that `dvc metrics show` reads when it is pointed there."""
        with records.whole(paths.metrics(self._job.family, self._job.stage, self._job.pool, self._part)) as file:
            file.write(orjson.dumps(self.figures(), option=orjson.OPT_INDENT_2) + b"\n")

    @property
    def _tallies(self) -> list[Tally]:
        return list(self._staff.tallies.values())

    @property
    def _times_as_many(self) -> float:
        """How many requests will have been answered in the end, for each that is."""
        answered = sum(tally.answered for tally in self._tallies)
        others = sum(tally.found + tally.failed for tally in self._tallies)
        return max(answered, self._expected - others) / max(answered, 1)

    @property
    def _cost(self) -> float:
        return sum((tally.cost for tally in self._tallies), 0.0)

    def _mean_tokens(self, name: str, role: Role) -> float | None:
        ledger = self._staff.ledger
        replies = tokens = 0
        for about, count, paid in ledger.spent() if ledger else ():
            if (about.get("family"), about.get("role")) == (self._job.family, name) and role.model in {
                None,
                about.get("model"),
            }:
                replies += count
                tokens += paid.completion_tokens
        return tokens / replies if replies else None


def _short(number: float) -> str:
    for unit in ("", "k", "M", "G"):
        if number < 1000:  # noqa: PLR2004
            return f"{number:.0f}{unit}" if not unit else f"{number:.1f}{unit}"
        number /= 1000
    return f"{number:.1f}T"
