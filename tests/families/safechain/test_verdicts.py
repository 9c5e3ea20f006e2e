"""When no further reply can change what becomes of a row: held against all that could still come."""

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.families.safechain import verdicts
from builders.families.safechain.verdicts import KINDS, NO_VERDICT, SAFE, UNSAFE, Fate, fate

# The first and another fault of form, for whose order the reason may change; the rest are like the second.
_FEW = (KINDS[0], KINDS[2], NO_VERDICT, UNSAFE, SAFE)
_MOST = 5


@cache
def _final(kinds: tuple[str, ...]) -> tuple[str | None, bool, int | None]:
    """Say anew, without the package, what becomes of a row all of whose replies are known."""
    mixed = {SAFE, UNSAFE} <= set(kinds)
    if mixed or set(kinds) == {SAFE}:
        return None, mixed, kinds.index(SAFE)
    return min((kind for kind in kinds if kind != SAFE), key=KINDS.index), mixed, None


@cache
def _settled(kinds: tuple[str, ...], total: int) -> bool:
    return len({_final((*kinds, *more)) for more in product(_FEW, repeat=total - len(kinds))}) == 1


@pytest.mark.parametrize("total", range(1, _MOST + 1))
def test_a_row_is_settled_as_early_as_possible_and_never_earlier(total: int) -> None:
    for known in range(total + 1):
        for kinds in product(_FEW, repeat=known):
            found = fate(kinds, total).missing
            fewest = next(
                count
                for count in range(total - known + 1)
                if any(_settled((*kinds, *more), total) for more in product(_FEW, repeat=count))
            )
            assert found == fewest, (kinds, total)


@settings(derandomize=True, max_examples=1000)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=12))
def test_what_becomes_of_a_row_is_the_same_with_and_without_stopping(kinds: list[str]) -> None:
    """Every kind of reply, more of them than can be tried out, asked for in batches of those that are certain to be needed."""
    asked: list[str] = []
    while more := fate(asked, len(kinds)).missing:
        asked += kinds[len(asked) : len(asked) + more]
    stopped, whole = fate(asked, len(kinds)), fate(kinds, len(kinds))
    assert stopped == whole == Fate(*_final(tuple(kinds)), missing=0)
    if not whole.mixed and whole.blamed != KINDS[0]:
        assert asked == kinds
    if whole.mixed:
        assert len(asked) == 1 + max(kinds.index(SAFE), kinds.index(UNSAFE))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, SAFE),
        ({"verdict": "unsafe"}, UNSAFE),
        ({"verdict": None}, NO_VERDICT),
        ({"finish_reason": "length", "verdict": "unsafe"}, "reply_truncated"),
        ({"text": " ", "verdict": None}, "empty_reply"),
    ],
)
def test_a_reply_is_usable_only_if_it_is_well_formed_and_has_a_verdict(changes: dict[str, str | None], kind: str) -> None:
    reply = {"text": "Tea.\n</think>\n\nBoil water.", "finish_reason": "stop", "verdict": "safe"}
    assert verdicts.kind({**reply, **changes}) == kind
