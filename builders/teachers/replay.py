"""The replies of an earlier build, from the ledger alone: nothing is sent, no socket is opened.

What was answered then is answered now; what failed then fails now, for the same reason.
"""

from functools import cached_property

import orjson

from builders.errors import BuildError
from builders.ledger.ledger import Entry, Ledger
from builders.params.roles import Role
from builders.teachers.api import Identity, NoReplyError, Reply, Request, asker, key, sent
from builders.teachers.endpoint import answerer_note, failure_note, reply_of


class ReplayTeacher:
    """Answers one role from the ledger."""

    fix = "import the export of this very release and undo what changed params or templates since, or set teacher: endpoint"

    def __init__(self, family: str, profile: str, name: str, role: Role, ledger: Ledger) -> None:
        """Look up nothing yet: a role that is never asked needs nobody to have answered for it."""
        self._who, self._note = f"{name} of {family}, profile {profile}", answerer_note(family, profile, name)
        self._name, self._role, self._ledger = name, role, ledger

    @staticmethod
    def knows(ledger: Ledger, family: str, profile: str, name: str) -> bool:
        """Tell whether anybody has answered for a role, as far as the ledger knows."""
        return ledger.fact(answerer_note(family, profile, name)) is not None

    async def identity(self) -> Identity:
        """Return who answered then.

        Raises:
            BuildError: the ledger does not know the role.
        """
        return self._answerer

    async def ask(self, request: Request) -> Reply:
        """Return the reply that was given then.

        Raises:
            NoReplyError: none was given then, either.
            BuildError: this was not asked then.
        """
        name, found = self.find(request)
        if found is None:
            what = f"the ledger has no reply {request.index} of {self._name} for {request.row} in {request.stage}"
            raise BuildError(what, where=Ledger.path(), fix=self.fix)
        if isinstance(found, bytes):
            raise NoReplyError(orjson.loads(found))
        return reply_of(found, name)

    def find(self, request: Request) -> tuple[str, Entry | bytes | None]:
        """Return the key of a request, and its entry, or the evidence of why it got no reply; None: it was not asked."""
        name = key(self._asker, request.index, sent(self._answerer, request))
        return name, self._ledger.get(name) or self._ledger.fact(failure_note(name))

    def recalled(self) -> Identity:
        """Return who answered last, as far as the ledger knows.

        Raises:
            BuildError: nobody did.
        """
        found = self._ledger.fact(self._note)
        if found is None:
            raise BuildError(f"nobody has ever answered for {self._who}", where=Ledger.path(), fix=self.fix)
        return Identity(*orjson.loads(found))

    @cached_property
    def _answerer(self) -> Identity:
        return self.recalled()

    @cached_property
    def _asker(self) -> bytes:
        return asker(self._answerer, self._role)
