"""The ledger: durable before it counts, asked for only once, failures reach those who wait."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.ledger import BACKLOG, GROUP_REPLIES, Entry, Ledger, Paid
from builders.records import canonical, digest

FREE = Paid(0, 0, 0.0)
VALUES = st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=9), lambda values: st.lists(values, max_size=3))
ENTRIES = st.builds(Entry, *[VALUES.map(canonical)] * 3)


def entry(value: object) -> Entry:
    return Entry(canonical({"role": "teacher"}), canonical(["row", value]), canonical({"content": f"reply {value}"}))


async def put_all(path: Path, entries: Mapping[str, Entry], group: int = 10**9) -> None:
    with Ledger(path) as ledger:
        items = list(entries.items())
        for start in range(0, len(items), group):
            await asyncio.gather(*(ledger.put(key, entry, FREE) for key, entry in items[start : start + group]))


def test_an_unknown_key_is_none(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.get(digest("never asked")) is None


@settings(max_examples=15, deadline=None, derandomize=True)
@given(entries=st.dictionaries(st.text().map(digest), ENTRIES, max_size=20))
def test_what_was_put_is_found_when_the_file_is_opened_again(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, Entry]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    asyncio.run(put_all(path, entries))
    with Ledger(path, read_only=True) as ledger:
        assert {key: ledger.get(key) for key in entries} == entries
        assert {key.hex(): entry for key, entry in ledger.entries()} == {key[:32]: entry for key, entry in entries.items()}


def test_more_entries_than_one_group_are_all_stored(tmp_path: Path) -> None:
    entries = {digest(number): entry(number) for number in range(2 * GROUP_REPLIES + 7)}
    asyncio.run(put_all(tmp_path / "ledger.sqlite", entries))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert all(ledger.get(key) == entry for key, entry in entries.items())


@pytest.mark.parametrize("group", [1, 9])
def test_the_first_entry_of_a_key_stays(group: int, tmp_path: Path) -> None:
    async def put() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            puts = [ledger.put(digest("one"), entry(value), Paid(1, 1, 1.0)) for value in range(group)]
            await asyncio.gather(*puts)
            await ledger.put(digest("one"), entry("late"), Paid(1, 1, 1.0))
            assert ledger.get(digest("one")) == entry(0)
            assert len(list(ledger.entries())) == 1
            assert ledger.spent() == [({"role": "teacher"}, 1, Paid(1, 1, 1.0))]

    asyncio.run(put())


def test_of_tasks_that_ask_for_one_key_one_sends_and_the_others_get_its_reply(tmp_path: Path) -> None:
    sent = []

    async def ask(ledger: Ledger, key: str) -> Entry:
        if found := await ledger.claim(key):
            return found
        sent.append(key)
        await asyncio.sleep(0)  # the reply takes its time
        await ledger.put(key, entry(key), FREE)
        return entry(key)

    async def run() -> list[Entry]:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            return await asyncio.gather(*(ask(ledger, digest(number % 5)) for number in range(40)))

    assert asyncio.run(run()) == [entry(digest(number % 5)) for number in range(40)]
    assert sorted(sent) == sorted(map(digest, range(5)))


def test_a_claim_given_back_with_an_error_fails_those_who_wait(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            assert await ledger.claim(digest("one")) is None
            waiting = [asyncio.create_task(ledger.claim(digest("one"))) for _ in range(2)]
            await asyncio.sleep(0)
            ledger.release(digest("one"), ValueError("no reply"))
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert [str(result) for result in results] == ["no reply"] * 2
            assert await ledger.claim(digest("one")) is None

    asyncio.run(run())


@pytest.mark.parametrize("error", [None, asyncio.CancelledError()])
def test_a_claim_given_back_goes_to_the_next_who_waits(error: BaseException | None, tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            assert await ledger.claim(digest("one")) is None
            first, second = [asyncio.create_task(ledger.claim(digest("one"))) for _ in range(2)]
            await asyncio.sleep(0)
            ledger.release(digest("one"), error)
            assert await first is None
            assert not second.done()
            await ledger.put(digest("one"), entry(1), FREE)
            assert await second == entry(1)

    asyncio.run(run())


def test_a_reply_stored_by_one_who_did_not_claim_it_comes_first(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            assert await ledger.claim(digest("one")) is None
            waiting = asyncio.create_task(ledger.claim(digest("one")))
            await ledger.put(digest("one"), entry("imported"), FREE)
            assert await waiting == entry("imported")
            await ledger.put(digest("one"), entry("late"), FREE)
            assert [found for _, found in ledger.entries()] == [entry("imported")]

    asyncio.run(run())


def test_a_claim_cannot_be_given_back_once_its_reply_is_put(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            assert await ledger.claim(digest("one")) is None
            done = ledger.put(digest("one"), entry(1), FREE)
            ledger.release(digest("one"), None)
            assert await ledger.claim(digest("one")) == entry(1)
            await done

    asyncio.run(run())


def test_two_ledgers_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as one, Ledger(tmp_path / "ledger.sqlite") as two:
            assert await one.claim(digest("one")) is None
            waiting = asyncio.create_task(two.claim(digest("one")))
            await asyncio.sleep(0)
            assert not waiting.done()
            await one.put(digest("one"), entry(1), FREE)
            assert await waiting == entry(1)

    asyncio.run(run())


def test_a_key_answered_while_the_ledger_is_open_is_not_sent_again(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            for number in range(4):  # one after another: those put last come after the others were learned
                assert await ledger.claim(digest(number)) is None
                await ledger.put(digest(number), entry(number), FREE)
            assert [await ledger.claim(digest(number)) for number in range(4)] == [entry(number) for number in range(4)]
            with Ledger(tmp_path / "ledger.sqlite") as other:
                await other.put(digest("other"), entry("other"), FREE)
            assert await ledger.claim(digest("other")) == entry("other")

    asyncio.run(run())


def test_there_is_room_for_so_many_replies_that_are_not_on_disk(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            puts = [ledger.put(digest(number), entry(number), FREE) for number in range(BACKLOG - 1)]
            with pytest.raises(StopIteration):
                ledger.claim(digest("there is room")).send(None)  # returns without waiting
            puts.append(ledger.put(digest("last"), entry("last"), FREE))
            entering = ledger.claim(digest("there is none"))
            assert asyncio.isfuture(entering.send(None))  # waits
            entering.close()
            assert await ledger.claim(digest("there is none")) is None
            assert any(put.done() for put in puts)

    asyncio.run(run())


def test_notes_are_found_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.note("role/teacher", b"one")
        ledger.note("role/judge_%", b"two")
        ledger.note("role/judge_%", b"three")
        ledger.note("rule/a", b"four")
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
        assert ledger.noted("role/") == {"role/judge_%": b"three", "role/teacher": b"one"}
        assert ledger.noted("role/judge_%") == {"role/judge_%": b"three"}
        assert ledger.noted("none") == {}


def test_what_was_paid_is_summed_by_what_requests_share(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            for start in (0, 15):
                puts = []
                for number in range(start, start + 15):
                    about = canonical({"role": "judge" if number % 3 else "teacher"})
                    puts.append(ledger.put(digest(number), Entry(about, b"[]", b"{}"), Paid(number, 2, 0.5)))
                await asyncio.gather(*puts)

    asyncio.run(run())
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.spent() == [
            ({"role": "judge"}, 20, Paid(300, 40, 10.0)),
            ({"role": "teacher"}, 10, Paid(135, 20, 5.0)),
        ]


@pytest.mark.parametrize(
    ("paid", "what"), [(Paid(-1, 0, 0.0), "token counts that no reply has"), (Paid(0, 0, -1.0), "a cost that is not an amount")]
)
def test_what_cannot_be_stored_is_not_queued(paid: Paid, what: str, tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            with pytest.raises(ValueError, match=f"^{what}$"):
                ledger.put(digest("one"), entry(1), paid)
            assert await ledger.claim(digest("one")) is None

    asyncio.run(run())
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
        assert list(ledger.entries()) == []


def test_what_an_ended_loop_has_put_is_stored_with_what_the_next_one_puts(tmp_path: Path) -> None:
    async def put(ledger: Ledger, number: int) -> None:
        ledger.put(digest(number), entry(number), FREE)

    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for number in range(3):
            asyncio.run(put(ledger, number))
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
        assert [ledger.get(digest(number)) for number in range(3)] == [entry(number) for number in range(3)]


def test_a_reply_that_is_damaged_is_an_error_whoever_asks_and_its_claim_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    asyncio.run(put_all(path, {digest("one"): entry(1)}))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE chunks SET checksum = zeroblob(8)")
        connection.commit()

    async def run() -> None:
        with Ledger(path) as ledger:
            for _ in range(2):
                async with asyncio.timeout(60):
                    with pytest.raises(BuildError, match="chunk 0 is damaged, with 1 replies"):
                        await ledger.claim(digest("one"))

    asyncio.run(run())
