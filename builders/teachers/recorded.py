"""Replies written by hand for the sample profile, in `raw/<family>/replies/*.jsonl`.

One object a line: `stage`, `role`, `id` (of the row), `index` (of the sample), `text`, `finish_reason` where it is not
`stop`, and `turn` where the reply fixes an earlier one. They are found by these, not by the prompt, so that editing a
prompt still finds them.
"""

from pydantic import Field

from builders import paths
from builders.errors import BuildError
from builders.params import loading
from builders.params.roles import Role
from builders.sources.section import Section
from builders.teachers.api import Identity, Reply, Request, asker, key, sent
from builders.texts import files

RECORDED = "recorded"
"""What stands for the server in keys."""


class Recorded(Section):
    """One line of a replies file."""

    stage: str
    role: str
    id: str
    index: int = Field(ge=0)
    turn: int = Field(default=0, ge=0)
    text: str
    finish_reason: str = "stop"


class RecordedTeacher:
    """Answers one role of a family from its replies files."""

    def __init__(self, family: str, name: str, role: Role) -> None:
        """Read the family's replies.

        Raises:
            BuildError: a line is broken, or two lines answer one request.
        """
        self._folder = paths.raw(family, "replies")
        self._name, self._role = name, role
        self._identity = Identity(RECORDED, role.model or "hand-written", role.revision)
        self._replies: dict[tuple[str, str, int, int], Recorded] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            for number, value in files.json_lines(path):
                self._add(loading.line(Recorded, value, f"{path}:{number}"), f"{path}:{number}")

    def _add(self, reply: Recorded, where: str) -> None:
        if reply.role != self._name:
            return
        place = (reply.stage, reply.id, reply.index, reply.turn)
        if place in self._replies:
            raise BuildError(f"a second {reply.role} reply {reply.index} for {reply.id}", where=where, fix="remove one")
        self._replies[place] = reply

    async def identity(self) -> Identity:
        """Return `recorded` as the server, with the model's name from params, or `hand-written`."""
        return self._identity

    async def ask(self, request: Request) -> Reply:
        """Return the recorded reply.

        Raises:
            BuildError: there is none.
        """
        found = self.find(request)
        if found is None:
            raise BuildError(
                f"no recorded reply {request.index} of {self._name} for {request.row} in {request.stage}",
                where=self._folder,
                fix="write it, or set teacher: endpoint in params.yaml",
            )
        return found

    def find(self, request: Request) -> Reply | None:
        """Return the recorded reply, if there is one."""
        found = self._replies.get((request.stage, request.row, request.index, request.turn))
        if found is None:
            return None
        name = key(asker(self._identity, self._role), request.index, sent(self._identity, request))
        return Reply(found.text, found.finish_reason, name)
