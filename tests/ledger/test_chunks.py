"""Replies packed together come out as they went in, whatever is merged; what was changed since is told."""

import pytest

from builders.ledger import chunks
from builders.ledger.chunks import DamagedError, Slot


def slots(first: int, count: int, size: int = 3) -> list[Slot]:
    return [Slot(bytes([number]) * 16, number % 2, b"[%d]" % number, b"x" * size) for number in range(first, first + count)]


def test_chunks_that_are_merged_have_the_replies_of_each_in_their_order() -> None:
    one, two = chunks.opened(chunks.packed(7, slots(0, 3))), chunks.opened(chunks.packed(10, slots(3, 2)))
    merged = chunks.opened(chunks.merged([one, two]))
    assert list(merged.slots()) == slots(0, 5)
    assert (merged.first, merged.replies, merged.size) == (7, 5, 5 * (1 + 3 + 3) + 14)
    assert [merged.has(number) for number in (6, 7, 11, 12)] == [False, True, True, False]
    assert (merged.key(11), merged.slot(11)) == (bytes([4]) * 16, slots(4, 1)[0])


@pytest.mark.parametrize("place", range(6))
def test_a_chunk_of_which_anything_has_changed_is_damaged(place: int) -> None:
    chunk = chunks.packed(7, slots(0, 3))
    changed = [chunk.first + 1, 4, chunk.size + 1, bytes(8), bytes(48), chunk.body + b"x"][place]
    with pytest.raises(DamagedError):
        chunks.opened(chunk._replace(**{chunk._fields[place]: changed}))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["own", "reply"])
def test_an_entry_with_a_line_break_in_it_is_not_packed(text: str) -> None:
    [slot] = slots(0, 1)
    with pytest.raises(ValueError, match="a ledger's entry is canonical JSON: no line breaks"):
        chunks.packed(0, [slot._replace(**{text: b"a\nb"})])  # type: ignore[arg-type]
