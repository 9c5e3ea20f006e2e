"""The ledger as a whole: what it cost, what is damaged in it, and that damage never passes for a reply."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger import costs, verbs
from builders.ledger.committer import Committer, Write
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.ledger.store import Store
from builders.records import canonical, digest

GROUPS, REPLIES = 6, 40


def write(number: int) -> Write:
    about = {"family": "toy", "stage": "judge", "role": f"judge {number % 2}", "model": "m", "seed": number % 4}
    entry = Entry(canonical(about), canonical([number]), canonical({"content": f"reply {digest(number)}"}))
    return Write(bytes.fromhex(digest(number)[:32]), entry, Paid(10, 1, 0.25))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of a few chunks, closed."""
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    with closing(Committer(path)) as committer:
        for group in range(GROUPS):
            committer.commit([write(number) for number in range(group * REPLIES, (group + 1) * REPLIES)])
    return path


@pytest.fixture
def ledger(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that the verbs find."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(sound, path)
    monkeypatch.setenv("BUILDERS_LEDGER", str(path))
    return path


def execute(path: Path, command: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(command, values)
        connection.commit()


def found(path: Path) -> Iterator[int]:
    """Yield the numbers of the replies that are found; what is found must be what was stored."""
    with Ledger(path, read_only=True) as ledger:
        for number in range(GROUPS * REPLIES):
            if entry := ledger.get(digest(number)):
                assert entry == write(number).entry
                yield number


def test_stats_tell_size_and_cost(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs.stats()
    output = capsys.readouterr().out
    size = ledger.stat().st_size
    assert f"{ledger}: 240 replies, {size:,} bytes, {size / 240:.0f} bytes a reply" in output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if "judge" in line]
    assert rows == [["toy", "judge", f"judge {number}", "m", "120", "1,200", "120", "30.00"] for number in range(2)]


@pytest.mark.parametrize("verb", [verbs.stats, lambda: verbs.verify(drop=True)])
def test_without_a_ledger_there_is_one_line(verb: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_LEDGER", str(tmp_path / "none.sqlite"))
    with pytest.raises(BuildError, match="no ledger here"):
        verb()  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


def test_a_sound_ledger_is_called_sound(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs.verify(drop=False)
    assert capsys.readouterr().out == f"{ledger}: all 240 replies are sound\n"


@pytest.mark.parametrize("column", ["body", "keys", "checksum"])
def test_a_damaged_chunk_is_named_and_only_its_replies_are_dropped(
    column: str, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(ledger, f"UPDATE chunks SET {column} = zeroblob(length({column})) WHERE first = 80")  # noqa: S608
    with pytest.raises(BuildError, match="damaged"), Ledger(ledger, read_only=True) as opened:
        opened.get(digest(100))
    with pytest.raises(BuildError, match=r"damaged: chunk 80 with 40 replies; .* ledger verify --drop removes it"):
        verbs.verify(drop=False)
    verbs.verify(drop=True)
    assert "damaged: chunk 80 with 40 replies; fixed, 40 replies will be asked for again" in capsys.readouterr().out
    assert list(found(ledger)) == [*range(80), *range(120, 240)]
    verbs.verify(drop=False)
    assert "all 200 replies are sound" in capsys.readouterr().out


def test_a_chunk_that_claims_more_replies_than_it_has_takes_no_other_with_it(ledger: Path) -> None:
    execute(ledger, "UPDATE chunks SET replies = 100 WHERE first = 80")
    verbs.verify(drop=True)
    assert list(found(ledger)) == [*range(80), *range(120, 240)]
    verbs.verify(drop=False)


def test_of_many_damaged_chunks_the_first_are_named(ledger: Path) -> None:
    with closing(Committer(ledger)) as committer:
        for number in range(240, 250):
            committer.commit([write(number)])
    execute(ledger, "UPDATE chunks SET checksum = x'00'")
    with pytest.raises(BuildError, match="chunk 241 with 1 replies; 8 other chunks with 8 replies"):
        verbs.verify(drop=False)


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ("DELETE FROM places WHERE number = 100", 1),
        ("UPDATE places SET name = name + 1 WHERE number = 100", 2),
        ("UPDATE places SET number = 240 + number WHERE number = 100", 2),
        ("UPDATE places SET number = (number + 1) % 240", 480),
    ],
)
def test_a_damaged_index_is_found_and_made_anew(
    command: str, places: int, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(ledger, command)
    with pytest.raises(BuildError, match=f"damaged: the index, in {places} places"):
        verbs.verify(drop=False)
    verbs.verify(drop=True)
    assert "fixed, 0 replies will be asked for again" in capsys.readouterr().out
    assert list(found(ledger)) == list(range(240))


def test_an_index_that_names_another_reply_is_an_error_not_a_reply(ledger: Path) -> None:
    execute(ledger, "UPDATE places SET number = (number + 1) % 240")
    with (
        Ledger(ledger, read_only=True) as opened,
        pytest.raises(BuildError, match=r"the index names reply \d+ for the key of another"),
    ):
        opened.get(digest(100))


def test_what_requests_share_is_checked_and_its_replies_stay(ledger: Path) -> None:
    execute(ledger, "UPDATE abouts SET body = ? WHERE id = 1", b"{}")
    with Ledger(ledger, read_only=True) as opened, pytest.raises(BuildError, match="about 1 is damaged"):
        opened.get(digest(0))
    with pytest.raises(BuildError, match="damaged: about 1, which replies share"):
        verbs.verify(drop=False)
    verbs.verify(drop=True)
    with Ledger(ledger, read_only=True) as opened:
        assert opened.get(digest(0)) == write(0).entry._replace(about=b'{"lost":1}')


@pytest.mark.parametrize("body", [b"{}", b"no JSON", b"", "a text"])
def test_stats_name_what_is_damaged(body: object, ledger: Path) -> None:
    execute(ledger, "UPDATE abouts SET body = ? WHERE id = 2", body)
    with pytest.raises(BuildError, match="about 2 is damaged, which replies share"):
        verbs.stats()


def test_a_model_is_called_what_it_is_in_stats(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = canonical({"family": "toy", "stage": "judge", "role": "judge", "model": "[red]m[/nope]\x1b[2J"})
    execute(ledger, "UPDATE abouts SET body = ?, sha256 = ? WHERE id = 1", about, hashlib.sha256(about).digest())
    verbs.stats()
    output = capsys.readouterr().out
    assert "[red]m[/nope][2J" in output
    assert "\x1b" not in output


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_damaged_byte_makes_a_wrong_reply_or_passes_verify(
    data: st.DataObject, sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "ledger.sqlite"
    content = bytearray(sound.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_LEDGER", str(path))
        try:
            verbs.verify(drop=False)
            passed = True
        except BuildError:
            passed = False
        count = 0
        try:
            with Ledger(path, read_only=True) as opened:
                for number in range(GROUPS * REPLIES):
                    try:
                        entry = opened.get(digest(number))
                    except BuildError:
                        continue
                    assert entry in {None, write(number).entry}
                    count += entry is not None
        except BuildError:
            pass
    assert count == GROUPS * REPLIES or not passed


def test_stats_of_a_ledger_without_replies_tell_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(Committer(path)):
        pass
    monkeypatch.setenv("BUILDERS_LEDGER", str(path))
    verbs.stats()
    assert capsys.readouterr().out == f"{path}: 0 replies, {path.stat().st_size:,} bytes\n"


@pytest.mark.parametrize("number", [240, 999])
def test_an_index_that_names_a_reply_in_no_chunk_is_an_error(number: int, ledger: Path) -> None:
    execute(ledger, "INSERT INTO places VALUES (?, ?)", int(digest("none")[:12], 16), number)
    with Ledger(ledger, read_only=True) as opened, pytest.raises(BuildError) as caught:
        opened.get(digest("none"))
    assert caught.value.what == f"the index names reply {number}, which is in no chunk"
    execute(ledger, "DELETE FROM chunks")
    with Ledger(ledger, read_only=True) as opened, pytest.raises(BuildError, match="which is in no chunk"):
        opened.get(digest(0))


def test_a_reply_whose_shared_part_is_gone_is_an_error(ledger: Path) -> None:
    execute(ledger, "DELETE FROM abouts WHERE id = 1")
    with Ledger(ledger, read_only=True) as opened, pytest.raises(BuildError, match="about 1 is damaged, which replies share"):
        [opened.get(digest(number)) for number in range(4)]


def test_a_ledger_without_a_name_is_named_by_its_first_key_if_it_has_one(ledger: Path, tmp_path: Path) -> None:
    with closing(Store(ledger)) as store, closing(Store(tmp_path / "empty.sqlite")) as empty:
        for each in (store, empty):
            assert len(costs.identity(each)) == 32
            each.connection.execute("DROP TABLE identity")
        assert costs.identity(store) == f"from-{digest(0)[:32]}"
        assert costs.identity(empty) == ""


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (verbs.Damage([], [], 3), "damaged: the index, in 3 places"),
        (verbs.Damage([], [7], None), "damaged: about 7, which replies share; the index"),
        (verbs.Damage([verbs._Span(4, 2)], [], 0), "damaged: chunk 4 with 2 replies"),  # noqa: SLF001
    ],
    ids=["index", "unread", "chunk"],
)
def test_damage_is_said_in_one_line(damage: verbs.Damage, line: str) -> None:
    assert str(damage) == line
