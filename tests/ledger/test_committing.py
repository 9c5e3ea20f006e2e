"""The process that commits: what comes whole is committed and answered, what does not is not; and what fails is said."""

import io
import marshal
import queue
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from builders.ledger import committing
from builders.ledger.process import CLOSE, receive, send
from builders.ledger.store import Entry, Paid, Store

GROUP = (bytes(range(32)), [b"{}"], [0, 0], b"[1]\n{}\n[2]\n[]\n", [(1, 2, 0.5), None])


def committed(path: Path, *messages: Any) -> tuple[object, list[int]]:  # noqa: ANN401
    """Return how it ends with these messages, and its answers before."""
    came, answers = queue.SimpleQueue[Any](), io.BytesIO()
    for message in messages:
        came.put(message)
    end = committing._committed(path, came, answers)  # noqa: SLF001
    answers.seek(0)
    found = []
    while answers.tell() < len(answers.getvalue()):
        found.append(receive(answers))
    return end, found


@pytest.mark.parametrize(("last", "end"), [(CLOSE, "close"), (None, None)])
def test_groups_that_have_come_are_committed_together_and_answered_once(
    last: str | None, end: str | None, tmp_path: Path
) -> None:
    other = (bytes(range(16, 32)) + bytes(range(90, 106)), *GROUP[1:])
    path = tmp_path / "ledger.sqlite"
    assert committed(path, GROUP, other, last) == (end, [2])
    with closing(Store(path, read_only=True)) as store:
        assert list(store.entries()) == [
            (bytes(range(16)), Entry(b"{}", b"[1]", b"{}")),
            (bytes(range(16, 32)), Entry(b"{}", b"[2]", b"[]")),
            (bytes(range(90, 106)), Entry(b"{}", b"[2]", b"[]")),
        ]


def test_what_a_group_cost_is_booked_where_it_is_to_be_counted() -> None:
    found = committing._writes(GROUP)  # noqa: SLF001
    assert [write.paid for write in found] == [Paid(1, 2, 0.5), None]


@pytest.mark.parametrize(
    "group",
    [(GROUP[0][:16], *GROUP[1:]), (*GROUP[:3], b"[1]\n{}\n", GROUP[4]), (*GROUP[:4], [None]), (*GROUP[:2], [0], *GROUP[3:])],
)
def test_a_group_that_is_none_is_a_bug_that_is_told(group: object, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    fix = "python -X dev -m builders shows where it came from, please report it"
    assert committed(path, group, CLOSE) == (("a bug: ValueError", str(path), fix), [])
    with closing(Store(path, read_only=True)) as store:
        assert store.empty()


def test_what_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    end, answers = committed(tmp_path, GROUP, CLOSE)
    assert isinstance(end, tuple)
    what, where, fix = end
    assert (what, where, answers) == ("the ledger fails: Is a directory", str(tmp_path), [])
    assert fix == "see that file and folder are there and can be written, or point BUILDERS_LEDGER elsewhere"


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_message_that_is_cut_off_was_not_sent(cut: int) -> None:
    pipe = io.BytesIO()
    send(pipe, [7, "words"])
    whole = pipe.getvalue()
    assert receive(io.BytesIO(whole + b"more")) == [7, "words"]
    assert whole.endswith(marshal.dumps([7, "words"]))
    with pytest.raises(EOFError):
        receive(io.BytesIO(whole[:-cut]))
    with pytest.raises(EOFError):
        receive(io.BytesIO(whole[: cut - 1]))
