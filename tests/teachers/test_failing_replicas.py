"""Which of several servers is left out when it fails, and for how many failures; each says what its next request comes to."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from builders.teachers.connection import Connection
from builders.teachers.faults import BrokenError, BusyError, DoubtfulError, Fault, GoneError, RefusedError, RetryError
from builders.teachers.pace import Pace
from builders.teachers.reading import UnusableError
from builders.teachers.replicas import Replicas
from builders.teachers.server import Server

FAULT = Fault(400, "request")


class Scripted(Connection):
    """A server that is there, and whose requests end as it is told."""

    def __init__(self, number: int, slots: int = 10) -> None:
        super().__init__("teacher", Server(f"http://127.0.0.{number}/v1", None), Pace(slots))
        self.script: list[Exception | None] = []
        self.asked: list[bytes] = []

    async def meet(self) -> None:
        """Take it to be there."""

    async def _look(self) -> None:
        await asyncio.Event().wait()

    async def sent(self, path: str, body: bytes, read: Callable[[bytes], Any], patience: int) -> Any:  # noqa: ANN401, ARG002
        self.pace.gone()
        self.asked.append(body)
        if error := self.script.pop(0) if self.script else None:
            if isinstance(error, GoneError):
                self.presence.leave()
            raise error
        return read(body)


def run(script: Sequence[Exception | None], slots: int = 10, more: Sequence[Exception] = ()) -> tuple[bool, int, int]:
    """Return whether the first of two servers is let out, and how often each was asked; the second one fails as `more` says."""

    async def asked() -> tuple[bool, int, int]:
        one, two = Scripted(1, slots), Scripted(2, slots)
        one.script, two.script = list(script), list(more)
        replicas = Replicas([one, two])
        for _ in range(len(script) + len(more)):
            await asyncio.gather(replicas.post("chat/completions", b"alike", bytes), return_exceptions=True)
        shut = one.pace.shut
        await replicas.__aexit__()
        await one.presence.close()
        return shut, len(one.asked), len(two.asked)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    "between",
    [None, UnusableError("no text"), RefusedError(FAULT), DoubtfulError(FAULT)],
    ids=["reply", "unusable", "refused", "doubtful"],
)
def test_what_a_server_answers_ends_its_row_of_failures(between: Exception | None) -> None:
    failed = RetryError("HTTP 500")
    assert run([failed, failed, between, failed, failed]) == (False, 5, 0)


@pytest.mark.parametrize(
    ("error", "slots", "enough"),
    [
        (RetryError("HTTP 500"), 10, 3),
        (BrokenError("half"), 10, 3),
        (BusyError("HTTP 429", None), 2, 3),
        (BusyError("HTTP 429", None), 5, 5),
        (GoneError("refused"), 10, 1),
    ],
    ids=["fault", "broken", "few slots", "busy", "gone"],
)
def test_a_server_is_left_out_after_so_many_failures_in_a_row(error: Exception, slots: int, enough: int) -> None:
    assert run([error] * (enough - 1), slots) == (False, enough - 1, 0)
    assert run([error] * enough + [None], slots) == (True, enough, 1)


def test_the_last_server_is_not_left_out_for_its_failures(capsys: pytest.CaptureFixture[str]) -> None:
    failed = RetryError("HTTP 500")
    assert run([failed] * 3, more=[failed] * 9) == (True, 3, 9)
    assert capsys.readouterr().err.count("is left out (HTTP 500, 3 times in a row); the others are asked in its place") == 1


def test_where_the_last_server_is_gone_one_that_fails_is_asked_again_a_request_at_a_time() -> None:
    async def asked() -> tuple[bool, bool, float]:
        one, two = Scripted(1), Scripted(2)
        one.script, two.script = [RetryError("HTTP 500")] * 3, [GoneError("refused")]
        replicas = Replicas([one, two])
        for _ in range(4):
            await asyncio.gather(replicas.post("chat/completions", b"alike", bytes), return_exceptions=True)
        found = one.pace.shut, two.pace.shut, one.pace.limit
        await replicas.__aexit__()
        await two.presence.close()
        return found

    assert asyncio.run(asked()) == (False, True, 1.0)


@pytest.mark.parametrize(("ahead", "first"), [(0, 2), (1, 2), (2, 1)])
def test_what_begins_alike_stays_with_a_server_that_is_ahead_by_a_tenth_of_its_slots(ahead: int, first: int) -> None:
    async def asked() -> int:
        one, two = Scripted(1), Scripted(2)
        replicas = Replicas([one, two])
        two.pace.in_flight = 3
        await replicas.post("chat/completions", b"another", bytes)
        one.pace.in_flight, two.pace.in_flight = 3, 0
        await replicas.post("chat/completions", b"alike", bytes)
        one.pace.in_flight, two.pace.in_flight = 0, ahead
        await replicas.post("chat/completions", b"alike and more", bytes)
        return 1 if len(one.asked) == 2 else 2

    assert asyncio.run(asked()) == first
