"""Who answers about a problem: the models, or the noisy solver in the place of the policy, and each reply once."""

from collections.abc import Awaitable, Callable, Iterable

from builders.asking import works
from builders.families.dualmath import judge, programs, solver, wording
from builders.families.dualmath.locating import POLICY
from builders.families.dualmath.solver import Habits
from builders.records import Record
from builders.teachers.api import Reply, Request
from builders.work import Answer, Ask


class _Once:
    """Asks for each reply once, however many solutions of a problem begin alike."""

    def __init__(self, answered: Callable[[list[Request]], Awaitable[list[Answer]]], ask: Ask) -> None:
        """Ask by a function; what is sampled is noted where it always is."""
        self._answered, self._ask = answered, ask
        self._known: dict[tuple[str, str, int], Answer] = {}

    async def __call__(self, request: Request) -> Answer:
        """Return the reply to a request."""
        return (await self.all([request]))[0]

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return the answers to several requests, in their order."""
        wanted = list(requests)
        names = [(one.role, wording.prompt(one), one.index) for one in wanted]
        new = [one for one, name in zip(wanted, names, strict=True) if name not in self._known]
        for one, answer in zip(new, await self._answered(new), strict=True):
            self._known[one.role, wording.prompt(one), one.index] = answer
        return [self._known[name] for name in names]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Note what was sampled."""
        self._ask.sampled(stage, role, candidates, accepted)


def asking(record: Record, ask: Ask, habits: Habits) -> Ask:
    """Return who answers about a problem: the models, or the noisy solver in the place of the policy."""
    problem = program(record) if works.is_symbolic(record) else None
    if problem is None:

        async def passed_on(requests: list[Request]) -> list[Answer]:
            return await ask.all(requests)

        return _Once(passed_on, ask)

    async def answered(requests: list[Request]) -> list[Answer]:
        return [await ask(one) if one.role == judge.ROLE else _solved(problem, one, habits) for one in requests]

    return _Once(answered, ask)


def _solved(problem: programs.Problem, request: Request, habits: Habits) -> Answer:
    own = habits if request.role == POLICY else habits.model_copy(update={"seed": f"{habits.seed} {request.role}"})
    text = solver.replied(problem, wording.begun(wording.prompt(request)), request.body["seed"], own)
    return Reply(text, "stop", "")


def program(record: Record) -> programs.Problem | None:
    """Return the program of an engine's problem; None where there is none, or none of rational numbers."""
    data = record.data
    return (
        programs.read(data["program"], record.parent or record.id, data["question"], data["answer"])
        if data["program"]
        else None
    )
