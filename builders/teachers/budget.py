"""A hard stop for what a build may cost: `BUILDERS_BUDGET`, in the currency of the roles' prices, or in GPU hours.

What the ledger has spent on the family counts, in earlier runs too: a build that was stopped is stopped again at once
until the budget is raised. Money is set aside before a request is sent, as much as it can cost at most, so the budget
is never exceeded; no request is cut off, and what was answered is in the ledger. What counts is the tokens that servers
report; where one reports none, each byte that was sent and came is a token, the most that it can be. An attempt that a
server took but that brought no whole reply (a body that breaks off or makes no sense, a connection that breaks, no reply
in time) counts as the most it can have cost, for nobody knows what is charged for it; one that was refused counts for
nothing.

Changes no byte of a row.
"""

import asyncio
import os
import re
import time
from collections import deque

from builders.errors import BuildError
from builders.ledger import costs
from builders.ledger.ledger import Ledger
from builders.params.roles import Prices

VARIABLE = "BUILDERS_BUDGET"
MILLION = 1_000_000
TEMPLATE_TOKENS = 64
IMAGE_TOKENS = 16_384  # Qwen2.5-VL's limit for one image, 12,845,056 pixels (its preprocessor_config.json); others take fewer
_SAVED_SECONDS = 10.0
_FIX = "raise it to go on; every reply is in the ledger, the same command resumes"


def cost(prices: Prices | None, prompt_tokens: int, completion_tokens: int) -> float:
    """Return what tokens cost."""
    return 0.0 if prices is None else (prompt_tokens * prices.prompt + completion_tokens * prices.completion) / MILLION


def most_prompt_tokens(body: bytes, images: int) -> int:
    """Return the most tokens that a request can have: a token is a byte at least, images are in the body by hash."""
    return len(body) + TEMPLATE_TOKENS + images * IMAGE_TOKENS


class Budget:
    """What one family may still cost. Without `BUILDERS_BUDGET`, anything."""

    def __init__(self, family: str, ledger: Ledger) -> None:
        """Read the budget from the environment, and from the ledger what is spent of it.

        Raises:
            BuildError: the variable is neither a number nor hours.
        """
        self._family, self._ledger = family, ledger
        self.money, hours = _read(os.environ.get(VARIABLE))
        self._gpu_seconds = None if hours is None else hours * 3600
        self.spent = sum(paid.cost for about, _, paid in ledger.spent() if about.get("family") == family)
        self._set_aside = 0.0
        self._in_flight = 0
        self._stuck = 0  # of those in flight: lost an attempt, and the next does not fit
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._lost_note = f"{costs.LOST}{family}"
        self._lost = float(ledger.fact(self._lost_note) or b"0")
        self.spent += self._lost + ledger.brought(self._lost_note)
        self._note = f"{costs.GPU_SECONDS}{family}"
        self._used_seconds = float(ledger.fact(self._note) or b"0")
        self._used_elsewhere = ledger.brought(self._note)
        self._gpus = len([gpu for gpu in os.environ.get("BUILDERS_GPUS", "").split(",") if gpu]) or 1
        self._counted = self._saved = 0.0

    async def set_aside(self, role: str, prices: Prices | None, prompt_tokens: int, max_tokens: int | None) -> float:
        """Wait until a request fits into the budget, and return what it can cost at most.

        Args:
            role: who is asked, for the error.
            prices: of the role.
            prompt_tokens: most tokens of the request.
            max_tokens: most tokens of the reply; None where the request does not say.

        Raises:
            BuildError: the budget is spent.
        """
        if self._gpu_seconds is not None:
            await self._in_time(self._gpu_seconds)
        most = (
            0.0 if self.money is None else await self._in_money(self.money, self._most(role, prices, prompt_tokens, max_tokens))
        )
        self._in_flight += 1
        return most

    async def _in_time(self, gpu_seconds: float) -> None:
        self._count()
        if (used_seconds := self._used_seconds + self._used_elsewhere) >= gpu_seconds:
            await self._landed()
            used = f"{used_seconds / 3600:.2f}h of {gpu_seconds / 3600:g}h of GPU time"
            raise BuildError(f"the budget is spent: {used} on {self._family}", where=VARIABLE, fix=_FIX)

    async def _in_money(self, money: float, most: float) -> float:
        """Wait until so much is left, and set it aside."""
        while self.spent + self._set_aside + most > money:
            if not self._in_flight:
                raise self._over(money, most)
            await self._settled()
        self._set_aside += most
        return most

    def _most(self, role: str, prices: Prices | None, prompt_tokens: int, max_tokens: int | None) -> float:
        """Return the most that a request can cost."""
        if prices is None:
            fix = "give it prices in the family's params, or set the budget in GPU time, such as 12h"
            raise BuildError(f"the role {role} has no prices to count by", where=VARIABLE, fix=fix)
        if max_tokens is None:
            fix = "give it sampling.max_tokens, or set the budget in GPU time, such as 12h"
            raise BuildError(f"a reply of the role {role} may have any length, and cost anything", where=VARIABLE, fix=fix)
        return cost(prices, prompt_tokens, max_tokens)

    async def lose(self, set_aside: float) -> None:
        """Book an attempt that may have been charged for, and wait until another one fits into the budget.

        Args:
            set_aside: for the request, for each of its attempts.

        Raises:
            BuildError: the budget is spent.
        """
        if self.money is None:
            return
        self.spent += set_aside
        self._lost += set_aside
        self._ledger.note(self._lost_note, b"%r" % self._lost)
        self._stuck += 1
        try:
            while self.spent + self._set_aside > self.money:
                if self._stuck == self._in_flight:
                    raise self._over(self.money, set_aside)
                await self._settled()
        finally:
            self._stuck -= 1

    def settle(self, set_aside: float, paid: float) -> None:
        """Book what a request did cost, and free what was set aside for it."""
        self._in_flight -= 1
        self._set_aside = max(0.0, self._set_aside - set_aside) if self._in_flight else 0.0
        self.spent += paid
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def close(self) -> None:
        """Note the GPU time of this run."""
        if self._gpu_seconds is not None and self._counted:
            self._count(save=True)

    def _count(self, *, save: bool = False) -> None:
        now = time.monotonic()
        self._used_seconds += (now - (self._counted or now)) * self._gpus
        self._counted = now
        if save or now - self._saved > _SAVED_SECONDS:
            self._saved = now
            self._ledger.note(self._note, b"%.3f" % self._used_seconds)

    def _over(self, money: float, most: float) -> BuildError:
        what = f"the budget is spent: {self.spent:.4f} of {money:g} on {self._family}, the next request may cost {most:.4f}"
        return BuildError(what, where=VARIABLE, fix=_FIX)

    async def _landed(self) -> None:
        while self._in_flight:
            await self._settled()

    async def _settled(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting


def _read(text: str | None) -> tuple[float | None, float | None]:
    """Return money and GPU hours, of which one at most is set."""
    if not text:
        return None, None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(h?)", text.strip())
    if not found:
        fix = "set a number in the prices' currency, such as 25, or GPU hours, such as 12h"
        raise BuildError("neither an amount nor hours", where=VARIABLE, fix=fix)
    amount = float(found[1])
    return (None, amount) if found[2] else (amount, None)
