"""Do the work about one row again, with the replies that it got, and note what was asked."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from builders.asking import structured
from builders.asking.asker import Phase
from builders.ledger.ledger import Ledger
from builders.params.roles import Role
from builders.provenance import Answerer
from builders.records import Record
from builders.teachers import api
from builders.teachers.api import Identity, NoReplyError, Reply, Request
from builders.teachers.endpoint import reply_of
from builders.teachers.recorded import RECORDED, RecordedTeacher
from builders.work import Answer


class ReplayedRequest(NamedTuple):
    """A request that was made again.

    Args:
        role: who was asked.
        sample: the request's sample index.
        key: of the request, see `builders.teachers.api.key`.
        body: what was sent, model left out.
        reply: the text that came; None where none is kept under that key.
    """

    role: str
    sample: int
    key: str
    body: dict[str, Any]
    reply: str | None


def replayed(phase: Phase, record: Record, answerers: Mapping[str, Answerer], ledger: Ledger | None) -> list[ReplayedRequest]:
    """Return what is asked about a row, in order, as far as the replies to it are known.

    Args:
        phase: of the stage.
        record: the row as it came into the phase.
        answerers: who answered, by role; nobody else is asked.
        ledger: where replies are; None: there is none.
    """
    ask = _Replay(phase, answerers, ledger)
    asyncio.run(_worked(phase, record, ask))
    return ask.notes


async def _worked(phase: Phase, record: Record, ask: "_Replay") -> None:
    await phase.plan.work(record, phase.plan.asks(record), ask)


class _Replay:
    """Asks where replies were kept, and notes each request."""

    def __init__(self, phase: Phase, answerers: Mapping[str, Answerer], ledger: Ledger | None) -> None:
        self._family, self._roles = phase.job.family, phase.plan.roles
        self._answerers, self._ledger = answerers, ledger
        self.notes: list[ReplayedRequest] = []

    async def __call__(self, request: Request) -> Answer:
        if request.role not in self._answerers:
            return NoReplyError({"error": "nobody has answered"})
        try:
            if request.schema is None:
                return await self._ask(request)
            return await structured.repaired(self._ask, request, self._roles[request.role].repairs)
        except NoReplyError as error:
            return error

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""

    async def _ask(self, request: Request) -> Reply:
        who, role = self._answerers[request.role], self._roles[request.role]
        identity = Identity(who.server, who.model, who.revision)
        key = api.key(api.asker(identity, role), request.index, api.sent(identity, request))
        reply = self._found(identity, role, request, key)
        self.notes.append(ReplayedRequest(request.role, request.index, key, request.body, reply.text if reply else None))
        if reply is None:
            raise NoReplyError({"error": "no reply is kept under this key"})
        return reply

    def _found(self, identity: Identity, role: Role, request: Request, key: str) -> Reply | None:
        if identity.server == RECORDED:
            return RecordedTeacher(self._family, request.role, role).find(request)
        entry = self._ledger.get(key) if self._ledger else None
        return reply_of(entry, key) if entry else None
