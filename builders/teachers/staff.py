"""Who answers in one run of a stage: a teacher for each role, and what they share: ledger, budget, connections.

A role is met when it is first needed: where nothing is asked, nobody has to be there, no server and no earlier reply.

Changes no byte of a row.
"""

from contextlib import AsyncExitStack
from typing import Self

from builders import paths
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.params.roles import Role
from builders.progress import now_and_then, say
from builders.teachers import launching, stops
from builders.teachers.api import VLLM, Teacher
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext, Tally
from builders.teachers.pace import MOST, Pace
from builders.teachers.recorded import RecordedTeacher
from builders.teachers.replay import ReplayTeacher
from builders.teachers.replicas import Replicas
from builders.teachers.server import Server, concurrency, connections
from builders.teachers.vllm import Engine, running

_NOT_YET = Server("http://127.0.0.1", None)


SAMPLE = "sample"
"""The profile whose replies are in git."""


class Staff:
    """The teachers of a stage's roles; use as an async context manager.

    Attributes:
        tallies: what was asked, by role.
    """

    falls_back = True
    """Whether `ledger` means the recorded replies where a sample build was made of nothing else."""

    def __init__(self, family: str, profile: str, kind: str, roles: dict[str, Role]) -> None:
        """Call nobody yet.

        Args:
            family: whose rows are asked about.
            profile: the profile that is built.
            kind: `teacher` in params.yaml.
            roles: the roles' params by name.
        """
        self.family, self.profile, self.kind, self.roles = family, profile, kind, roles
        self.budget: Budget | None = None
        self.ledger: Ledger | None = None
        self.connections: list[Connection] = []
        self._books: RunContext
        self.tallies: dict[str, Tally] = {}
        self._teachers: dict[str, Teacher] = {}
        self._servers: dict[Server, Connection] = {}
        self._replicas: dict[tuple[Server, ...], Replicas] = {}
        self._stack = AsyncExitStack()

    @property
    def live(self) -> bool:
        """Whether models are asked, and paid, in this run."""
        return self.kind in {"endpoint", VLLM}

    async def __aenter__(self) -> Self:
        """Open the ledger, if models are to be asked."""
        try:
            if self.live:
                ledger = self.ledger = self._stack.enter_context(Ledger.here())
                purse = self.budget = Budget(self.family, ledger)
                self._stack.callback(purse.close)
                self._books = RunContext(self.family, self.profile, ledger, purse)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        await self._stack.aclose()

    def call(self) -> None:
        """Call everybody before the first request, so that nothing is paid for where somebody is missing."""
        for role in self.roles:
            self.teacher(role)

    def teacher(self, role: str) -> Teacher:
        """Return who answers for a role; to be called in the event loop.

        Raises:
            BuildError: params, the environment or the ledger do not say who that is.
        """
        if role not in self._teachers:
            teacher = self._teachers[role] = self._called(role, self.roles[role])
            if isinstance(teacher, EndpointTeacher):
                self.tallies[role] = teacher.tally
        return self._teachers[role]

    @property
    def in_flight(self) -> int:
        """How many requests servers have at this moment."""
        return sum(connection.pace.in_flight for connection in self.connections)

    @property
    def slots(self) -> float:
        """How many requests servers may have, those that are left out aside."""
        return sum(connection.pace.limit for connection in self.connections if not connection.pace.shut) or 1.0

    def _called(self, name: str, role: Role) -> Teacher:
        if self.kind == "recorded":
            return RecordedTeacher(self.family, name, role)
        if self.kind == "ledger":
            return self._replaying(name, role)
        return EndpointTeacher(name, role, self._connection(name, role), self._books, VLLM if self.kind == VLLM else None)

    def _replaying(self, name: str, role: Role) -> Teacher:
        """Return the ledger's replies; in a sample build that no model ever answered for, the recorded ones it was made of."""
        lenient = self.falls_back and self.profile == SAMPLE
        if self.ledger is None and (shelf.stocked() or not lenient):
            self.ledger = self._stack.enter_context(Ledger.here(read_only=True))
        if self.ledger is None or (lenient and not ReplayTeacher.knows(self.ledger, self.family, SAMPLE, name)):
            return RecordedTeacher(self.family, name, role)
        return ReplayTeacher(self.family, self.profile, name, role, self.ledger)

    def _connection(self, name: str, role: Role) -> Connection | Replicas:
        """Return the connection to a role's servers, the same one for roles that have the same servers."""
        if self.kind == VLLM and not Server.named(name):
            return self._engines(name, role)
        servers = Server.all_of(name, role.api)
        members = [self._to(name, server) for server in servers]
        if len(members) == 1:
            return members[0]
        if not role.server and self.kind != VLLM:
            raise stops.without_label(name, servers[0])
        if servers not in self._replicas:
            self._replicas[servers] = self._joined(members)
        return self._replicas[servers]

    def _engines(self, name: str, role: Role) -> Connection | Replicas:
        """Return the connection to a vLLM of our own, or to as many as there are GPUs for."""
        groups = launching.groups(name)
        if len(groups) == 1:
            return self._to_engine(name, Engine(name, role, paths.log(self.family, name), now_and_then(say)))
        logs = [paths.log(self.family, f"{name}-{number}") for number in range(1, 1 + len(groups))]
        engines = [Engine(name, role, log, now_and_then(say), share) for log, share in zip(logs, groups, strict=True)]
        return self._joined([self._to_engine(name, engine) for engine in engines])

    def _to_engine(self, name: str, engine: Engine) -> Connection:
        return self._opened(Connection(name, _NOT_YET, self._pace(), engine, lambda: self._started(engine)))

    def _joined(self, members: list[Connection]) -> Replicas:
        """Return servers that answer in each other's place."""
        replicas = Replicas(members)
        self._stack.push_async_exit(replicas)
        return replicas

    def _to(self, name: str, server: Server) -> Connection:
        """Return the connection to a server, the same one for all roles."""
        if server not in self._servers:
            start = (lambda: _found(server)) if self.kind == VLLM else None
            self._servers[server] = self._opened(Connection(name, server, self._pace(), start=start))
        return self._servers[server]

    def _pace(self) -> Pace:
        named = [Server.named(name) or (name, "") for name in self.roles]
        servers = sum(urls.count(",") + 1 for _, urls in named)  # at most: what is not an address is told when it is needed
        most = connections(servers, MOST)
        return Pace(concurrency(most), most=most)

    def _opened(self, connection: Connection) -> Connection:
        connection.open()
        self._stack.push_async_exit(connection)
        self.connections.append(connection)
        return connection

    async def _started(self, engine: Engine) -> Server:
        await self._stack.enter_async_context(engine)
        return Server(engine.url, None)


async def _found(server: Server) -> Server:
    """Return the server, having seen that it is vLLM."""
    await running(server.url)
    return server
