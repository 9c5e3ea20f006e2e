"""A hard stop for what a build may cost: never exceeded, one line, and nothing that was answered is lost."""

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Prices, Role, Sampling
from builders.records import canonical
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.teachers.budget import Budget, cost, most_prompt_tokens
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext
from builders.teachers.pace import Pace
from builders.teachers.server import Server as Address
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import FAMILY, Workspace, one_line

MAX_TOKENS = 100
MILLION = 1e6  # tokens, which prices are for
IMAGE_TOKENS, TEMPLATE_TOKENS = 16_384, 64
SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=MAX_TOKENS)
ROLE = Role(model="double", revision=None, server="double", api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)
THOUGHT = "A thought, and then some more of it.\n</think>\n\nAn answer that is long enough."


def priced(prompt: float, completion: float) -> Role:
    return ROLE.model_copy(update={"prices": Prices(prompt=prompt, completion=completion)})


def question(number: int, words: int = 3, **more: Any) -> Request:  # noqa: ANN401
    text = f"Question {number}: " + "why? " * words
    return Request(
        "synthesize", "teacher", f"family:{number:016x}", 0, api.chat(ROLE, [{"role": "user", "content": text}], **more)
    )


def test_prices_are_for_a_million_tokens() -> None:
    assert cost(Prices(prompt=3.0, completion=15.0), 2_000_000, 500_000) == 13.5
    assert cost(None, 2_000_000, 500_000) == 0.0


class Asking(NamedTuple):
    """What a run got before it ended, and what ended it."""

    replies: list[Reply]
    stopped: BuildError | None
    spent: float


def ask(ledger: Path, server: Server, role: Role, budget: str | None, *requests: Request, slots: int = 4) -> Asking:
    """Ask all requests at once, as far as the budget goes."""

    async def asked() -> Asking:
        with Ledger(ledger) as opened:
            purse = Budget("family", opened)
            async with Connection("teacher", Address(server.url, None), Pace(slots)) as connection:
                teacher = EndpointTeacher("teacher", role, connection, RunContext("family", "sample", opened, purse))
                answers = await asyncio.gather(*map(teacher.ask, requests), return_exceptions=True)
            purse.close()
        with Ledger(ledger, read_only=True) as opened:
            spent = sum(paid.cost for _, _, paid in opened.spent())
        for answer in answers:
            assert isinstance(answer, Reply | BuildError), answer
        stops = [answer for answer in answers if isinstance(answer, BuildError)]
        return Asking([answer for answer in answers if isinstance(answer, Reply)], stops[0] if stops else None, spent)

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BUILDERS_")]:
            patch.delenv(name)
        if budget is not None:
            patch.setenv("BUILDERS_BUDGET", budget)
        return asyncio.run(asked())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(lambda _: Answer(THOUGHT)) as server:
        yield server


class Case(NamedTuple):
    """Prices for a million tokens, the share of what everything may cost that is there, and how many ask how many at once."""

    prompt: float
    completion: float
    share: float
    questions: int
    slots: int
    seed: int


PRICE = st.floats(0, 2000, allow_nan=False) | st.sampled_from([0.0, 1000.0])
CASES = st.builds(Case, PRICE, PRICE, st.floats(0, 1), st.integers(1, 12), st.sampled_from([1, 4]), st.integers(0, 999))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(case=CASES)
def test_money_is_never_exceeded_and_nothing_is_paid_twice(
    case: Case, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The server reports any tokens it may: of a prompt, one a byte and its template; of a reply, as many as were allowed."""
    role = priced(case.prompt, case.completion)
    draw = random.Random(case.seed)  # noqa: S311
    asked_for = [question(number, draw.randint(0, 60)) for number in range(case.questions)]
    bills: dict[str, float] = {}

    def answer(request: Received) -> Answer:
        body = canonical(request.body)
        tokens = draw.randint(0, most_prompt_tokens(body, 0)), draw.randint(0, MAX_TOKENS)
        bills[request.text] = cost(role.prices, *tokens)
        return Answer(THOUGHT, tokens=tokens)

    server.script = answer
    before = len(server.asked)
    whole = sum(cost(role.prices, 500, MAX_TOKENS) for _ in asked_for)
    amount = f"{whole * case.share:.9f}"
    ledger = tmp_path_factory.mktemp("budget") / "ledger.sqlite"
    for _ in range(2):
        asking = ask(ledger, server, role, amount, *asked_for, slots=case.slots)
        assert asking.spent == pytest.approx(sum(bills.values()))
        assert sum(bills.values()) <= float(amount) + 1e-9
        assert (asking.stopped is None) == (len(asking.replies) == case.questions)
        assert len(asking.replies) == len(bills) == len(server.asked) - before
    asking = ask(ledger, server, role, None, *asked_for, slots=case.slots)
    assert len(asking.replies) == len(bills) == len(server.asked) - before == case.questions


def test_a_budget_that_fits_exactly_is_spent_to_the_last(server: Server, tmp_path: Path) -> None:
    """One more request would fit only if the others cost less than they may."""
    role = priced(0.0, MILLION / MAX_TOKENS)
    server.script = lambda _: Answer(THOUGHT, tokens=(0, MAX_TOKENS))
    questions = [question(number) for number in range(5)]
    asking = ask(tmp_path / "ledger.sqlite", server, role, "3", *questions)
    assert (len(asking.replies), asking.spent) == (3, 3.0)
    assert str(asking.stopped) == (
        "BUILDERS_BUDGET: the budget is spent: 3.0000 of 3 on family, the next request may cost 1.0000; "
        "raise it to go on; every reply is in the ledger, the same command resumes"
    )


def test_what_a_request_did_not_cost_is_free_for_the_next(server: Server, tmp_path: Path) -> None:
    role = priced(0.0, MILLION / MAX_TOKENS)
    server.script = lambda _: Answer(THOUGHT, tokens=(0, MAX_TOKENS // 10))
    asking = ask(tmp_path / "ledger.sqlite", server, role, "1.5", *(question(number) for number in range(6)))
    assert (len(asking.replies), asking.stopped) == (6, None)
    assert asking.spent == pytest.approx(0.6)


def test_replies_from_the_ledger_cost_nothing(server: Server, tmp_path: Path) -> None:
    server.script = lambda _: Answer(THOUGHT)
    ledger, role = tmp_path / "ledger.sqlite", priced(1.0, 1.0)
    first = ask(ledger, server, role, None, question(1), question(2))
    assert ask(ledger, server, role, "0", question(1), question(2)) == first


def test_a_prompt_counts_a_byte_a_token_and_an_image_the_most_that_a_model_makes_of_one(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "figure.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    part, image = api.image(file)
    body = api.chat(ROLE, [{"role": "user", "content": [part]}])
    request = Request("synthesize", "teacher", "family:0123456789abcdef", 0, body, (image,))
    sent = canonical({"model": "double", **body})
    assert most_prompt_tokens(sent, 1) == len(sent) + TEMPLATE_TOKENS + IMAGE_TOKENS
    server.script = lambda _: Answer(THOUGHT, tokens=(IMAGE_TOKENS, 1))
    most = most_prompt_tokens(sent, 1)
    role, ledger, before = priced(MILLION, 0.0), tmp_path / "ledger.sqlite", len(server.asked)
    assert ask(ledger, server, role, str(most - 1), request).stopped
    assert len(server.asked) == before
    assert ask(ledger, server, role, str(most), request).spent == IMAGE_TOKENS


def test_the_length_that_a_request_allows_counts_not_the_role_s(server: Server, tmp_path: Path) -> None:
    role, long = priced(0.0, MILLION / MAX_TOKENS), question(1, max_tokens=2 * MAX_TOKENS)
    server.script = lambda _: Answer(THOUGHT, tokens=(0, 2 * MAX_TOKENS))
    ledger, before = tmp_path / "ledger.sqlite", len(server.asked)
    assert ask(ledger, server, role, "1.9", long).stopped
    assert len(server.asked) == before
    assert ask(ledger, server, role, "2", long).spent == 2.0


def test_a_request_that_fails_frees_what_was_set_aside_for_it(server: Server, tmp_path: Path) -> None:
    async def asked() -> object:
        with Ledger(tmp_path / "ledger.sqlite") as opened:
            books = RunContext("family", "sample", opened, Budget("family", opened))
            async with Connection("teacher", Address(server.url, None), Pace(1)) as connection:
                teacher = EndpointTeacher("teacher", priced(0.0, MILLION / MAX_TOKENS), connection, books)
                for number in range(4):
                    with pytest.raises(NoReplyError):
                        await teacher.ask(question(number))
                return await teacher.ask(question(4))

    server.script = lambda asked: Answer(status=400) if "Question 4" not in asked.text else Answer(THOUGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_BUDGET", "1")
        assert isinstance(asyncio.run(asked()), Reply)


@pytest.mark.parametrize(("first", "broken"), [(100, Answer(raw=b'{"choices": [')), (200, Answer(dropped=True))])
def test_an_attempt_that_brought_no_whole_reply_counts_as_the_most_it_can_have_cost(
    first: int, broken: Answer, server: Server, tmp_path: Path
) -> None:
    role, ledger = priced(0.0, MILLION / MAX_TOKENS), tmp_path / "ledger.sqlite"
    server.script = lambda asked: broken if asked.attempt == 1 else Answer(THOUGHT, tokens=(0, MAX_TOKENS))
    before = len(server.asked)
    stopped = ask(ledger, server, role, "1", question(first)).stopped
    assert "the budget is spent: 1.0000 of 1 on family" in str(stopped)
    assert len(server.asked) - before == 1
    assert len(ask(ledger, server, role, "2", question(first)).replies) == 1
    assert "the budget is spent: 2.0000 of 2 on family" in str(ask(ledger, server, role, "2", question(first + 1)).stopped)


def test_of_many_whose_attempts_broke_as_many_go_on_as_fit(server: Server, tmp_path: Path) -> None:
    role = priced(0.0, MILLION / MAX_TOKENS)
    server.script = lambda asked: Answer(raw=b"") if asked.attempt == 1 else Answer(THOUGHT, tokens=(0, MAX_TOKENS))
    asking = ask(tmp_path / "ledger.sqlite", server, role, "5", *(question(number) for number in range(300, 304)))
    assert "the budget is spent" in str(asking.stopped)
    assert asking.spent <= 1.0


async def soon(task: asyncio.Task[float]) -> bool:
    """Tell whether a task is done after as many turns of the loop as it could need."""
    for _ in range(20):
        await asyncio.sleep(0)
    return task.done()


def test_money_is_free_again_as_soon_as_one_request_is_settled(tmp_path: Path) -> None:
    async def asked() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            budget, prices = Budget("family", ledger), Prices(prompt=0.0, completion=float(MILLION))
            first, second = [await budget.set_aside("teacher", prices, 0, 1) for _ in range(2)]
            third = asyncio.create_task(budget.set_aside("teacher", prices, 0, 1))
            assert not await soon(third)
            budget.settle(first, 0.1)
            assert not await soon(third), "0.1 is spent, 1 is set aside, and 1 more may be asked for"
            budget.settle(second, 0.9)
            assert await soon(third)
            fourth = asyncio.create_task(budget.set_aside("teacher", prices, 0, 0))
            assert await soon(fourth)
            fifth = asyncio.create_task(budget.set_aside("teacher", prices, 0, 1))
            budget.settle(await third, 0.0)
            assert await soon(fifth), "the fourth is still in flight"

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_BUDGET", "2")
        asyncio.run(asked())


def test_a_request_in_flight_is_not_cut_off_when_the_time_is_up(tmp_path: Path) -> None:
    async def asked() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            budget = Budget("family", ledger)
            await budget.set_aside("teacher", None, 1, 1)
            await asyncio.sleep(0.02)
            second = asyncio.create_task(budget.set_aside("teacher", None, 1, 1))
            assert not await soon(second)
            budget.settle(0, 0)
            with pytest.raises(BuildError, match="of GPU time on family"):
                await second

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_BUDGET", "0.000005h")
        asyncio.run(asked())


@pytest.mark.parametrize("value", ["-1", "1e3", "ten", "h", "12 h", "1,5", "nan", "5$", "12m", "+3"])
def test_a_budget_that_is_neither_an_amount_nor_hours_is_one_clear_line(value: str, tmp_path: Path, server: Server) -> None:
    with pytest.raises(BuildError, match="BUILDERS_BUDGET: neither an amount nor hours; set a number"):
        ask(tmp_path / "ledger.sqlite", server, ROLE, value)


def test_without_prices_money_cannot_be_counted(tmp_path: Path, server: Server) -> None:
    before = len(server.asked)
    asking = ask(tmp_path / "ledger.sqlite", server, ROLE, "5", question(1))
    assert "the role teacher has no prices to count by; give it prices in the family's params" in str(asking.stopped)
    assert len(server.asked) == before


@pytest.mark.parametrize(("gpus", "each"), [("", 1), ("0", 1), ("0,1,5", 3)])
def test_gpu_time_is_wall_time_on_every_gpu_and_adds_up_over_runs(gpus: str, each: int, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"

    async def used(before: float) -> float:
        with Ledger(path) as ledger:
            budget = Budget("family", ledger)
            started = asyncio.get_running_loop().time()
            assert await budget.set_aside("teacher", None, 1, 1) == 0
            await asyncio.sleep(0.02)
            budget.settle(0, 0)
            budget.close()
            took = asyncio.get_running_loop().time() - started
            noted = float(ledger.noted("gpu seconds/")["gpu seconds/family"])
        assert before + 0.019 * each <= noted <= before + took * each + 0.001
        return noted

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_BUDGET", "12h")
        patch.setenv("BUILDERS_GPUS", gpus)
        first = asyncio.run(used(0.0))
        asyncio.run(used(first))


def test_gpu_time_that_is_used_up_stops_the_next_run_before_it_sends_anything(tmp_path: Path, server: Server) -> None:
    ledger, before = tmp_path / "ledger.sqlite", len(server.asked)
    with Ledger(ledger) as opened:
        opened.note("gpu seconds/family", b"7200")
        opened.note("gpu seconds/family of another name", b"1")
    asking = ask(ledger, server, ROLE, "2h", question(1))
    assert "the budget is spent: 2.00h of 2h of GPU time on family" in str(asking.stopped)
    assert len(server.asked) == before
    server.script = lambda _: Answer(THOUGHT)
    assert ask(ledger, server, ROLE, "2.5h", question(1)).stopped is None
    assert ask(ledger, server, ROLE, "2h", question(1)).stopped is None, "what the ledger has costs no time"


# Whole stages.


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace whose model has prices: a word of a reply costs 1, and may not be more than a hundred of them."""
    workspace.project(teacher="endpoint")
    workspace.collected(*(f"How do I look after plant number {n:03}?" for n in range(40)))
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        role = params["sample"]["synthesize"]["roles"]["teacher"]
        role["sampling"]["max_tokens"] = MAX_TOKENS
        role["prices"] = {"prompt": 0.0, "completion": float(MILLION)}
    return workspace


def test_a_build_stops_in_one_line_and_a_raised_budget_goes_on_where_it_was(asking: Workspace) -> None:
    command = ("synthesize", FAMILY)
    price = len(THOUGHT.split())
    with serving(lambda _: Answer(THOUGHT)) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "4"}
        line = one_line(asking.run(*command, **environment, BUILDERS_BUDGET="400"))
        sent = len(server.asked)
        assert (400 - MAX_TOKENS) / price < sent <= 400 / price
        assert f"BUILDERS_BUDGET: the budget is spent: {sent * price:.4f} of 400 on {FAMILY}" in line
        with Ledger(asking.root / ".ledger" / "replies.sqlite", read_only=True) as ledger:
            assert len(list(ledger.entries())) == sent
        assert not (asking.root / f"processed/{FAMILY}/synthesize/rows/default").exists()
        assert one_line(asking.run(*command, **environment, BUILDERS_BUDGET="400")) == line
        assert len(server.asked) == sent
        asking.build("synthesize", **environment, BUILDERS_BUDGET="2000")
        assert (len(server.asked), server.resent()) == (40, 0)
        assert len(asking.rows("synthesize")) == 40


def test_gpu_hours_that_run_out_are_one_line_and_so_is_the_next_run(asking: Workspace) -> None:
    """Replies are held back until the time is up."""
    with serving(lambda asked: Answer(THOUGHT, held="number 000" in asked.text)) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "1", "BUILDERS_BUDGET": "0.00001h"}
        with asking.started("synthesize", FAMILY, **environment) as stage:
            server.wait_for(1)
            server.release()
            _, output = stage.communicate(timeout=600)
        assert stage.returncode == 2
        assert output.count("\n") == 2
        assert f"of 1e-05h of GPU time on {FAMILY}; raise it to go on" in output
        sent = len(server.asked)
        assert 0 < sent < 40
        assert f"of GPU time on {FAMILY}" in one_line(asking.run("synthesize", FAMILY, **environment))
        assert len(server.asked) == sent


def test_a_stage_whose_role_has_no_prices_is_one_line(asking: Workspace) -> None:
    with serving(lambda _: Answer(THOUGHT)) as server:
        with asking.params() as params:
            params["sample"]["synthesize"]["roles"]["teacher"]["prices"] = None
        line = one_line(asking.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url, BUILDERS_BUDGET="5"))
        assert line.startswith("error: BUILDERS_BUDGET: the role teacher has no prices to count by")
        assert server.asked == []


@pytest.mark.parametrize(("budget", "note"), [("5", "lost/family"), ("1h", "gpu seconds/family")])
def test_what_a_merged_ledger_has_paid_is_spent(budget: str, note: str, tmp_path: Path) -> None:
    async def asked() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            ledger.note_all({f"merged/another/{note}": b"[3600.0]"})
            await Budget("family", ledger).set_aside("teacher", Prices(prompt=1.0, completion=1.0), 1, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_BUDGET", budget)
        with pytest.raises(BuildError, match="the budget is spent"):
            asyncio.run(asked())
