"""What the ledger stores: replies that it, and a line of a sealed file, can hold, and costs that can be added up.

Changes no byte of a row.
"""

import math

from builders.ledger.store import Entry, Paid

MOST_BYTES = 24 << 20
"""Of a reply: a line of a sealed file, which holds it, may have 32 MB."""
MOST_TOKENS = 10**12
"""Of a request or a reply: sums of fewer than a million of them are exact in SQLite."""


def unfit(entry: Entry, paid: Paid | None) -> str | None:
    """Return what is wrong with a reply or its cost, None if it can be stored."""
    if len(entry.reply) > MOST_BYTES:
        return f"{len(entry.reply)} bytes, more than {MOST_BYTES}"
    if paid is None:
        return None
    if not (0 <= paid.prompt_tokens <= MOST_TOKENS and 0 <= paid.completion_tokens <= MOST_TOKENS):
        return "token counts that no reply has"
    return None if 0 <= paid.cost < math.inf else "a cost that is not an amount"
