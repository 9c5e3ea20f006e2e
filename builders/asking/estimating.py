"""What asking will take before anything is asked: requests, tokens and money, judging by some of the rows.

Changes no byte of a row.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from builders.ledger.ledger import Ledger
from builders.params.roles import Role
from builders.teachers import budget
from builders.teachers.api import Request

BYTES_PER_TOKEN = 4
SOME_TOKENS = 4096
"""What a reply is taken to have where neither params nor the ledger say."""


class Estimate(NamedTuple):
    """What the requests about some rows take.

    Args:
        requests: how many.
        prompt_tokens: what is sent.
        completion_tokens: what is answered.
        cost: in the currency of the prices.
        most: whether replies are taken to be as long as they may be, since no earlier ones say how long they are.
    """

    requests: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    cost: float = 0.0
    most: bool = False

    def plus(self, other: "Estimate") -> "Estimate":
        """Return what both take."""
        return Estimate(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
            self.most or other.most,
        )

    def __str__(self) -> str:
        """Return the estimate in a few words."""
        most = "at most " if self.most else ""
        costs = f", {most}{self.cost:.2f}" if self.cost else ""
        asked = f"about {round(self.requests):,} requests, {short(self.prompt_tokens)} prompt tokens"
        return f"{asked}, {most}{short(self.completion_tokens)} completion tokens{costs}"


def estimated(
    examples: Sequence[Sequence[Request]], rows: float, roles: Mapping[str, Role], means: Mapping[str, float | None]
) -> Estimate:
    """Return what the requests about so many rows take.

    Args:
        examples: the requests about some of them.
        rows: how many there are.
        roles: who is asked.
        means: how long earlier replies of each role were, in tokens; None where there are none.
    """
    times = rows / max(len(examples), 1)
    total = Estimate()
    for request in (request for asked in examples for request in asked):
        total = total.plus(_repeated(request, times, roles[request.role], means.get(request.role)))
    return total


def _repeated(request: Request, times: float, role: Role, mean: float | None) -> Estimate:
    """Return what a request takes that is sent so many times."""
    longest = 0 if role.api == "embeddings" else role.sampling.max_tokens or SOME_TOKENS
    tokens = float(longest) if mean is None else mean
    prompt = len(orjson.dumps(request.body)) / BYTES_PER_TOKEN
    money = budget.cost(role.prices, int(prompt), int(tokens))
    return Estimate(times, prompt * times, tokens * times, money * times, mean is None)


def mean_tokens(ledger: Ledger | None, family: str, name: str, role: Role) -> float | None:
    """Return how long the replies of a role to a family's requests were, in tokens; None where the ledger has none."""
    replies = tokens = 0
    for about, count, paid in ledger.spent() if ledger else ():
        if (about.get("family"), about.get("role")) == (family, name) and role.model in {None, about.get("model")}:
            replies += count
            tokens += paid.completion_tokens
    return tokens / replies if replies else None


def short(number: float) -> str:
    """Return a number with three digits or so and a unit."""
    for unit in ("", "k", "M", "G"):
        if number < 1000:  # noqa: PLR2004
            return f"{number:.0f}{unit}" if not unit else f"{number:.1f}{unit}"
        number /= 1000
    return f"{number:.1f}T"
