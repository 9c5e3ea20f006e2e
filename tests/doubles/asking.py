"""Ask a server through the teacher that a build asks with, without a build.

asking = ask(tmp_path / "ledger.sqlite", server.url, question("why?"))
[answer] = asking.answers    # a Reply, a NoReplyError or a BuildError
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext, Tally
from builders.teachers.pace import Pace
from builders.teachers.server import Server

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=50)
ROLE = Role(model="double", revision=None, server="double", api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)

Answer = Reply | NoReplyError | BuildError


class Asking(NamedTuple):
    """What came of the questions, in their order, and how many were asked and counted."""

    answers: list[Answer]
    tally: Tally

    @property
    def texts(self) -> list[str]:
        """The texts of the replies."""
        return [answer.text for answer in self.answers if isinstance(answer, Reply)]

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """Why others got none."""
        return [answer.evidence for answer in self.answers if isinstance(answer, NoReplyError)]

    @property
    def stops(self) -> list[str]:
        """What stopped the build."""
        return [str(answer) for answer in self.answers if isinstance(answer, BuildError)]


def role(**changes: Any) -> Role:  # noqa: ANN401
    """Return the role with some params otherwise."""
    return Role.model_validate({**ROLE.model_dump(), **changes})


def question(text: str = "why?", role: Role = ROLE, index: int = 0, **more: Any) -> Request:  # noqa: ANN401
    """Return a request."""
    schema = more.pop("schema", None)
    body = api.chat(role, [{"role": "user", "content": text}], schema, **more)
    return Request("synthesize", "teacher", "family:0123456789abcdef", index, body, schema=schema)


def ask(ledger: Path, url: str, *requests: Request, role: Role = ROLE, environment: Mapping[str, str] | None = None) -> Asking:
    """Ask one request after another, so that each may learn from what came before."""

    async def asking() -> Asking:
        with Ledger(ledger) as opened:
            purse = Budget("family", opened)
            books = RunContext("family", "sample", opened, purse)
            async with Connection("teacher", Server.all_of("teacher", role.api)[0], Pace(4)) as connection:
                teacher = EndpointTeacher("teacher", role, connection, books)
                answers = [await _one(teacher, request) for request in requests]
            purse.close()
        return Asking(answers, teacher.tally)

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BUILDERS_")]:
            patch.delenv(name)
        for name, value in {"BUILDERS_TEACHER_URL": url, **(environment or {})}.items():
            patch.setenv(name, value)
        return asyncio.run(asking())


async def _one(teacher: EndpointTeacher, request: Request) -> Answer:
    try:
        return await teacher.ask(request)
    except (NoReplyError, BuildError) as error:
        return error
