"""What asking costs: the estimate before the first call, what is shown meanwhile, and the measurements at the end.

Changes no byte of a row.
"""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from builders import atomic, paths
from builders.asking.estimating import estimated, mean_tokens
from builders.jobs import Job
from builders.teachers.api import Request
from builders.teachers.endpoint import Tally
from builders.teachers.staff import Staff


class SampleCount(NamedTuple):
    """How many candidates were asked for about a row, of which so many were accepted."""

    candidates: int
    accepted: int


class Usage:
    """What one run over the rows of a phase asked, and how fast."""

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

    def add(self, reasons: Iterable[str], samples: Iterable[SampleCount]) -> None:
        """Count a row that is done, why rows that came of it were rejected, and the candidates asked for and accepted."""
        self.read += 1
        for reason in reasons:
            self.rejected[reason] += 1
        for sampled in samples:
            self._candidates += sampled.candidates
            self._accepted += sampled.accepted

    def estimate(self, examples: list[list[Request]]) -> str:
        """Return what the whole pool will ask for and cost, judging by its first rows.

        A reply is taken to be as long as the role's earlier ones in the ledger, or else its longest.
        """
        roles = self._staff.roles
        asked = {request.role for requests in examples for request in requests}
        if not asked or not self._staff.live:
            return ""
        means = {name: mean_tokens(self._staff.ledger, self._job.family, name, roles[name]) for name in asked}
        found = estimated(examples, self._rows, roles, means)
        self._expected = found.requests
        label = f"{self._job.label} {self._part}".rstrip()
        return f"{label}: {found}; less what the ledger has"

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
        counted = figures["counted_by_length"]
        cost += f", tokens of {counted} counted by their length, for the server reports none" if counted else ""
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
            "counted_by_length": sum(tally.counted for tally in tallies),
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
        with atomic.whole(paths.metrics(self._job.family, self._job.stage, self._job.pool, self._part)) as file:
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
