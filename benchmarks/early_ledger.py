"""A command line like `python -m builders`, whose ledger says that a reply is on disk before it is.

    python -m benchmarks.early_ledger synthesize <family>

The negative control of `benchmarks.kill_drill`: everything else is as it should be, and replies are committed a little later.
"""

import asyncio
import sys

from builders.__main__ import main
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.teachers import staff

LATE_SECONDS = 1.0
"""So long that a kill finds some of them, whenever it comes."""


class EarlyLedger(Ledger):
    """A ledger that acknowledges before it commits."""

    def put(self, key: str, entry: Entry, paid: Paid | None) -> asyncio.Future[None]:
        """Return a future that is done already, and queue the entry later."""
        loop = asyncio.get_running_loop()
        loop.call_later(LATE_SECONDS, super().put, key, entry, paid)
        done: asyncio.Future[None] = loop.create_future()
        done.set_result(None)
        return done


if __name__ == "__main__":
    vars(staff)["Ledger"] = EarlyLedger
    sys.exit(main())
