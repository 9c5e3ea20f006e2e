"""Replies written by hand for the sample profile, in `raw/<family>/replies/*.jsonl`.

One object a line: `stage`, `role`, `id` (of the row), `index` (of the sample), `text`, and `finish_reason` where it is
not `stop`. They are found by those four, not by the prompt, so that editing a prompt still finds them.
"""

from pathlib import Path

import orjson
from pydantic import Field, ValidationError

from builders import paths
from builders.errors import BuildError
from builders.params import Role, Section
from builders.teachers import Identity, Reply, Request, key


class Recorded(Section):
    """One line of a replies file."""

    stage: str
    role: str
    id: str
    index: int = Field(ge=0)
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
        self._replies: dict[tuple[str, str, int], Recorded] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            for number, line in enumerate(path.read_bytes().splitlines(), 1):
                self._add(_parsed(line, path, number), f"{path}:{number}")

    def _add(self, reply: Recorded, where: str) -> None:
        if reply.role != self._name:
            return
        place = (reply.stage, reply.id, reply.index)
        if place in self._replies:
            raise BuildError(f"a second {reply.role} reply {reply.index} for {reply.id}", where=where, fix="remove one")
        self._replies[place] = reply

    async def identity(self) -> Identity:
        """Return `recorded` as the server, with the model's name from params, or `hand-written`."""
        return Identity("recorded", self._role.model or "hand-written", self._role.revision)

    async def ask(self, request: Request) -> Reply:
        """Return the recorded reply.

        Raises:
            BuildError: there is none.
        """
        found = self._replies.get((request.stage, request.row, request.index))
        if found is None:
            raise BuildError(
                f"no recorded reply {request.index} of {self._name} for {request.row} in {request.stage}",
                where=self._folder,
                fix="write it, or set teacher: endpoint in params.yaml",
            )
        return Reply(found.text, found.finish_reason, key(await self.identity(), self._role.api, request))


def _parsed(line: bytes, path: Path, number: int) -> Recorded:
    try:
        return Recorded.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        what = f"broken JSON in column {error.colno}"
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    raise BuildError(what, where=f"{path}:{number}", fix="mend that line")
