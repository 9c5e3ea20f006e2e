"""Ledgers merged: nothing is lost, the order makes no difference, and what was paid is counted once."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger import costs, merging, shelf
from builders.ledger.committer import Committer, Write
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.ledger.store import Store
from builders.records import canonical, digest
from tests.harness import Workspace, one_line, waited

Numbers = list[int]
PAID = Paid(10, 1, 0.1)


def write(number: int, text: str = "") -> Write:
    about = canonical({"family": "toy", "stage": "judge", "role": f"judge {number % 3}", "model": "m"})
    entry = Entry(about, canonical([number]), canonical({"content": f"reply {text or number}"}))
    return Write(bytes.fromhex(digest(number)[:32]), entry, PAID)


def written(path: Path, *writes: Write, **notes: bytes) -> Path:
    """Put replies into a ledger, and notes whose names have a blank for each underscore."""
    with closing(Committer(path)) as committer:
        committer.commit(writes)
    if notes:
        with Ledger(path) as ledger:
            ledger.note_all({name.replace("_", " ").replace(" ", "/", 1): value for name, value in notes.items()})
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the ledger is to lie that others are merged into."""
    path = tmp_path / "here.sqlite"
    monkeypatch.setenv("BUILDERS_LEDGER", str(path))
    return path


def held(path: Path) -> dict[bytes, Entry]:
    with Ledger(path, read_only=True) as ledger:
        return dict(ledger.entries())


def noted(path: Path) -> dict[str, bytes]:
    with Ledger(path, read_only=True) as ledger:
        return ledger.noted("")


def spent(path: Path) -> dict[str, tuple[int, Paid]]:
    with Ledger(path, read_only=True) as ledger:
        return {about["role"]: (replies, paid) for about, replies, paid in ledger.spent() if replies}


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), min_size=2, max_size=3))
def test_merging_loses_nothing_in_whatever_order_and_however_often(parts: list[Numbers]) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ledgers = [written(folder / f"{place}.sqlite", *map(write, part)) for place, part in enumerate(parts)]
        before = [ledger.read_bytes() for ledger in ledgers]
        results = []
        for number, order in enumerate(itertools.permutations(ledgers)):
            into = folder / f"into-{number}.sqlite"
            patch.setenv("BUILDERS_LEDGER", str(into))
            merging.run(order, keep_first=False)
            once = held(into), noted(into), spent(into)
            for ledger in order:  # one by one, and again
                merging.run([ledger], keep_first=False)
            assert (held(into), noted(into), spent(into)) == once
            results.append(once)
        assert all(result == results[0] for result in results)
        entries, _, paid = results[0]
        assert {key: entry.reply for key, entry in entries.items()} == {
            one.key: one.entry.reply for part in parts for one in map(write, part)
        }
        assert sum(replies for replies, _ in paid.values()) == sum(map(len, parts))
        assert [ledger.read_bytes() for ledger in ledgers] == before


def test_what_comes_over_another_ledger_too_is_counted_once(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written(tmp_path / "first.sqlite", write(0), write(3), lost_toy=b"1.5", **{"gpu seconds_toy": b"60.0"})
    second = written(tmp_path / "second.sqlite", write(1), lost_toy=b"0.25")
    monkeypatch.setenv("BUILDERS_LEDGER", str(second))
    merging.run([first], keep_first=False)
    monkeypatch.setenv("BUILDERS_LEDGER", str(here))
    merging.run([second, first], keep_first=False)
    merging.run([first, second], keep_first=False)
    assert spent(here) == {"judge 0": (2, Paid(20, 2, 0.2)), "judge 1": (1, PAID)}
    with Ledger(here, read_only=True) as ledger:
        assert ledger.brought("lost/toy") == 1.75
        assert ledger.fact("lost/toy") is None
    written(first, write(6))  # it goes on
    merging.run([first], keep_first=False)
    assert spent(here)["judge 0"][0] == 3
    monkeypatch.setenv("BUILDERS_LEDGER", str(first))
    merging.run([here], keep_first=False)
    assert spent(first) == spent(here)  # what it paid itself does not come back to it


def test_what_is_noted_of_replies_and_answerers_comes_too(here: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.sqlite", failure_0123=b"{}", answerer_toy=b"[]")
    merging.run([other], keep_first=False)
    assert noted(here) == {"failure/0123": b"{}", "answerer/toy": b"[]"}


@pytest.mark.parametrize("there", [True, False], ids=["here", "in another of them"])
def test_ledgers_that_differ_are_one_line_and_nothing_is_changed(there: bool, here: Path, tmp_path: Path) -> None:  # noqa: FBT001
    first = written(here if there else tmp_path / "first.sqlite", write(0), failure_x=b"1")
    other = written(tmp_path / "other.sqlite", write(0, "something else"), write(1), failure_x=b"2")
    others = [other] if there else [first, other]
    with pytest.raises(BuildError) as raised:
        merging.run(others, keep_first=False)
    assert str(raised.value) == (
        f"{here}: the ledgers differ about reply {digest(0)[:32]} and 1 more; nothing was merged; "
        "--keep-first takes what is here, then what the ledgers have in the order in which they are named"
    )
    assert len(held(here)) == there
    merging.run(others, keep_first=True)
    assert {entry.reply for entry in held(here).values()} == {write(0).entry.reply, write(1).entry.reply}
    assert noted(here)["failure/x"] == b"1"


def test_of_one_difference_no_more_are_told(here: Path, tmp_path: Path) -> None:
    others = [written(tmp_path / f"{text}.sqlite", write(0, text)) for text in ("one", "two")]
    with pytest.raises(BuildError) as raised:
        merging.run(others, keep_first=False)
    assert str(raised.value).startswith(f"{here}: the ledgers differ about reply {digest(0)[:32]}; nothing was merged; ")


def test_a_damaged_ledger_is_one_line_and_nothing_is_changed(here: Path, tmp_path: Path) -> None:
    sound = written(tmp_path / "sound.sqlite", write(1))
    damaged = written(tmp_path / "damaged.sqlite", write(0))
    with closing(Store(damaged)) as store:
        store.connection.execute("UPDATE chunks SET checksum = x'00'")
    with pytest.raises(BuildError, match="is damaged, with 1 replies"):
        merging.run([sound, damaged], keep_first=False)
    assert held(here) == {}


def test_the_ledger_itself_and_one_that_is_not_there_are_one_line(here: Path, tmp_path: Path) -> None:
    written(here, write(0))
    with pytest.raises(BuildError, match="this is the ledger that others are merged into"):
        merging.run([here], keep_first=False)
    with pytest.raises(BuildError, match="no ledger here"):
        merging.run([tmp_path / "none.sqlite"], keep_first=False)


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A ledger whose process was killed: the last replies lie in its log."""
    source, path = tmp_path / "source.sqlite", tmp_path / "killed.sqlite"
    with closing(Committer(source)) as committer:
        committer.commit([write(0)])
        for name in (source.name, f"{source.name}-wal"):
            shutil.copyfile(source.with_name(name), path.with_name(name.replace("source", "killed")))
    return path


def test_a_ledger_whose_process_was_killed_is_merged_as_it_is(here: Path, killed: Path) -> None:
    before = {file.name: file.read_bytes() for file in killed.parent.glob("killed*")}
    assert len(before) == 2
    merging.run([killed], keep_first=False)
    assert len(held(here)) == 1
    assert {file.name: file.read_bytes() for file in killed.parent.glob("killed*")} == before


def test_a_ledger_from_before_they_had_names_is_counted_once_too(here: Path, tmp_path: Path) -> None:
    early = written(tmp_path / "early.sqlite", write(0))
    with closing(Store(early)) as store:
        store.connection.execute("DROP TABLE identity")
    for _ in range(2):
        merging.run([early], keep_first=False)
    assert spent(here) == {"judge 0": (1, PAID)}


def test_of_two_copies_that_both_went_on_every_reply_comes_and_the_dearer_counts(here: Path, tmp_path: Path) -> None:
    written(here, write(0))
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(here, copy)
    written(copy, write(3), write(6))
    written(here, write(9))
    for _ in range(2):
        merging.run([copy], keep_first=False)
    assert len(held(here)) == 4
    assert spent(here)["judge 0"][0] == 3


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A shared ledger in a folder that nobody can write to."""
    folder = tmp_path / "shared"
    folder.mkdir()
    path = written(folder / "replies.sqlite", write(0), answerer_toy=b"[]", lost_toy=b"1.0")
    for leftover in folder.glob("replies.sqlite.*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    monkeypatch.setenv("BUILDERS_LEDGER_SHARED", str(path))
    before = path.read_bytes()
    yield path
    assert {file: file.read_bytes() for file in folder.iterdir()} == {path: before}


@pytest.mark.usefixtures("shared")
def test_what_a_shared_ledger_has_is_not_asked_again_nor_copied(here: Path) -> None:
    async def claimed(ledger: Ledger) -> list[Entry | None]:
        return [await ledger.claim(write(number).key.hex()) for number in range(2)]

    with Ledger.here() as ledger:
        assert waited(claimed(ledger)) == [write(0).entry, None]
        ledger.release(write(1).key.hex(), None)
        assert waited(claimed(ledger)) == [write(0).entry, None]
        assert ledger.get(write(0).key.hex()) == write(0).entry
        assert ledger.fact("answerer/toy") == b"[]"
        assert (ledger.fact("lost/toy"), ledger.brought("lost/toy")) == (None, 1.0)
        assert [(replies, paid) for _, replies, paid in ledger.spent()] == [(1, PAID)]
    assert held(here) == {}


def test_a_shared_ledger_that_was_merged_is_counted_once(shared: Path, here: Path) -> None:
    merging.run([shared], keep_first=False)
    with Ledger.here(read_only=True) as ledger:
        assert [(replies, paid) for _, replies, paid in ledger.spent()] == [(1, PAID)]
        assert ledger.brought("lost/toy") == 1.0
    assert len(held(here)) == 1


@pytest.mark.usefixtures("here", "shared")
def test_a_shared_ledger_is_read_where_there_is_no_other() -> None:
    assert shelf.stocked()
    with Ledger.here(read_only=True) as ledger:
        assert ledger.get(write(0).key.hex()) == write(0).entry


@pytest.mark.usefixtures("here")
def test_a_shared_ledger_that_was_not_closed_is_one_line(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_LEDGER_SHARED", str(killed))
    with pytest.raises(BuildError, match="the ledger was not closed"):
        Ledger.here()


def test_the_sums_of_a_ledger_only_grow(tmp_path: Path) -> None:
    """Of two states of one ledger the later counts, whichever comes first."""
    early, late = tmp_path / "early.sqlite", tmp_path / "late.sqlite"
    written(late, write(0))
    shutil.copyfile(late, early)
    written(late, write(3))
    with closing(Store(early)) as one, closing(Store(late)) as two:
        orders: list[Callable[[], object]] = [lambda: costs.sums([one, two]), lambda: costs.sums([two, one])]
        first, second = (order() for order in orders)
        assert first == second == costs.sums([two])


def test_the_command_merges_and_tells_of_a_difference_in_one_line(tmp_path: Path, workspace: Workspace) -> None:
    one, other = written(tmp_path / "one.sqlite", write(0), write(1)), written(tmp_path / "other.sqlite", write(0, "else"))
    into = str(tmp_path / "into.sqlite")
    done = workspace.run("ledger", "merge", str(one), BUILDERS_LEDGER=into)
    assert (done.returncode, done.stdout) == (0, f"{into}: 2 replies read, 2 of them new\n")
    done = workspace.run("ledger", "merge", str(other), BUILDERS_LEDGER=into)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the ledgers differ about reply" in one_line(done)
    done = workspace.run("ledger", "merge", "--keep-first", str(other), BUILDERS_LEDGER=into)
    assert done.stdout == f"{into}: 1 replies read, 0 of them new, 1 that differ left out\n"
