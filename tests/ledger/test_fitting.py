"""What cannot be stored is not stored: a reply too large for a line of a sealed file, a cost that adds up to nothing."""

import math

import pytest

from builders.ledger.fitting import MOST_BYTES, MOST_TOKENS, unfit
from builders.ledger.store import Entry, Paid


@pytest.mark.parametrize(
    ("paid", "fits"),
    [
        (None, True),
        (Paid(0, 0, 0.0), True),
        (Paid(MOST_TOKENS, MOST_TOKENS, 1e12), True),
        (Paid(MOST_TOKENS + 1, 0, 0.0), False),
        (Paid(0, MOST_TOKENS + 1, 0.0), False),
        (Paid(-1, 0, 0.0), False),
        (Paid(0, -1, 0.0), False),
        (Paid(0, 0, math.inf), False),
        (Paid(0, 0, math.nan), False),
        (Paid(0, 0, -0.5), False),
    ],
)
def test_a_cost_is_one_that_can_be_added_up(paid: Paid | None, fits: bool) -> None:  # noqa: FBT001
    assert (unfit(Entry(b"{}", b"[]", b"{}"), paid) is None) == fits


def test_a_reply_has_room_in_a_line_of_a_sealed_file() -> None:
    assert unfit(Entry(b"{}", b"[]", bytes(MOST_BYTES)), None) is None
    assert unfit(Entry(b"{}", b"[]", bytes(MOST_BYTES + 1)), None) == f"{MOST_BYTES + 1} bytes, more than {MOST_BYTES}"
