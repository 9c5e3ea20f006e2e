"""ledger import: everything arrives or nothing is changed, what is here stays, and a stopped import goes on."""

import hashlib
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from resource import RLIMIT_FSIZE
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger import verbs
from builders.ledger.ledger import GROUP_REPLIES, Entry, Ledger
from builders.records import canonical, digest
from builders.sealed import importing, unsealing
from builders.sealed.form import Failure, SealedReply
from builders.teachers.endpoint import answerer_note, failure_note
from tests.harness import FAMILY, Workspace, know_toys, one_line
from tests.sealed.conftest import TOPICS
from tests.sealed.test_form import ABOUT, ANSWERS, HEADER, OPENING, PART, REPLY, SOURCE, write, write_lines

SEALED = f"{FAMILY}.ledger.zst"
SOURCES = f"raw/{FAMILY}/sources"


def sealed_reply(number: int, text: str = "text") -> SealedReply:
    reply = {"content": f"{text} {number} {digest(number)}", "finish_reason": "stop", "tokens": [3, 2]}
    return SealedReply(digest(number), Entry(canonical({"family": FAMILY}), canonical([number]), canonical(reply)))


def stored(path: Path) -> tuple[dict[str, Entry], dict[str, bytes]]:
    """Return the replies and the notes of a ledger, none where there is none."""
    if not path.exists():
        return {}, {}
    with Ledger(path, read_only=True) as ledger:
        return {key.hex(): entry for key, entry in ledger.entries()}, ledger.noted("")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A checkout as the working directory, whose sources a test restores."""
    made = Workspace.make(tmp_path_factory.mktemp("checkout") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.root)
        know_toys(patch.setattr)
        yield made


@pytest.fixture
def ledger(checkout: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the ledger of the checkout would be; sources are restored afterwards."""
    path = tmp_path / "ledger.sqlite"
    monkeypatch.setenv("BUILDERS_LEDGER", str(path))
    sources = checkout.root / SOURCES
    shutil.copytree(sources, tmp_path / "sources")
    yield path
    shutil.rmtree(sources)
    shutil.copytree(tmp_path / "sources", sources)


@settings(max_examples=20, deadline=None, derandomize=True)  # each starts a process
@given(contents=st.lists(ANSWERS, max_size=20), source=st.none() | st.binary(max_size=50))
def test_all_that_was_sealed_arrives(
    contents: list[SealedReply | Failure], source: bytes | None, checkout: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sealed")
    write(folder / SEALED, contents, {} if source is None else {"new.csv": (source, True)})
    new = checkout.root / SOURCES / "new.csv"
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BUILDERS_LEDGER", str(folder / "ledger.sqlite"))
            importing.run(folder / SEALED)
        replies, notes = stored(folder / "ledger.sqlite")
        firsts = {content.key: content for content in reversed(contents) if isinstance(content, SealedReply)}
        assert replies == {key[:32]: content.entry for key, content in firsts.items()}
        failures = {failure_note(content.key): content.evidence for content in contents if isinstance(content, Failure)}
        assert notes == {**failures, answerer_note(FAMILY, "sample", "teacher"): b'["double","m",null]'}
        assert (new.read_bytes() if new.exists() else None) == source
    finally:
        new.unlink(missing_ok=True)


def test_what_was_imported_was_not_paid_for_here(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / SEALED, [sealed_reply(number) for number in range(5)])
    importing.run(tmp_path / SEALED)
    with Ledger(ledger, read_only=True) as opened:
        assert [(count, paid) for _, count, paid in opened.spent()] == [(0, (0, 0, 0.0))]
    capsys.readouterr()
    verbs.stats()
    out = capsys.readouterr().out
    assert f"{ledger}: 5 replies" in out
    assert "paid for" not in out
    verbs.verify(drop=False)
    assert capsys.readouterr().out == f"{ledger}: all 5 replies are sound\n"


def test_what_is_known_already_stays_and_is_counted(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contents: list[Any] = [sealed_reply(number) for number in range(3)]
    write(tmp_path / "a", contents[:2])
    write(tmp_path / "b", [*contents, Failure(digest("failed"), b'{"error":"HTTP 400"}')])
    for name, count in (("a", "2 replies (2 new) and 0"), ("b", "3 replies (1 new) and 1"), ("b", "3 replies (0 new) and 1")):
        importing.run(tmp_path / name)
        assert f"ledger import {FAMILY}: {count} failures in {ledger}; " in capsys.readouterr().out
    assert len(stored(ledger)[0]) == 3


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([sealed_reply(1), sealed_reply(2)], [sealed_reply(1, "other"), sealed_reply(2)]),
        ([sealed_reply(1)], [Failure(digest(1), b"{}")]),
        ([Failure(digest(1), b'{"error":"HTTP 400"}')], [Failure(digest(1), b'{"error":"HTTP 500"}'), sealed_reply(2)]),
    ],
)
def test_what_was_answered_otherwise_here_is_one_line_and_nothing_is_changed(
    here: list[Any], there: list[Any], ledger: Path, tmp_path: Path
) -> None:
    write(tmp_path / "here", here)
    importing.run(tmp_path / "here")
    before = stored(ledger)
    write(tmp_path / "there", there, {"new.csv": (b"abc", True)})
    with pytest.raises(BuildError, match="1 of the file's requests were answered otherwise here") as caught:
        importing.run(tmp_path / "there")
    assert "nothing was changed; point BUILDERS_LEDGER to a new file and import again" in str(caught.value)
    assert stored(ledger) == before
    assert not (Path(SOURCES) / "new.csv").exists()


def test_a_request_that_failed_there_and_is_answered_later_is_answered(ledger: Path, tmp_path: Path) -> None:
    write(tmp_path / "a", [Failure(digest(1), b"{}")])
    write(tmp_path / "b", [sealed_reply(1)])
    importing.run(tmp_path / "a")
    importing.run(tmp_path / "b")
    assert stored(ledger)[0] == {digest(1)[:32]: sealed_reply(1).entry}


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_another_source_of_that_name_is_one_line_and_nothing_is_changed(
    kind: str, *, inside: bool, ledger: Path, tmp_path: Path
) -> None:
    write(tmp_path / SEALED, [sealed_reply(1)], {"new.csv": (b"abc", inside)})
    new = Path(SOURCES) / "new.csv"
    if kind == "file":
        new.write_bytes(b"abd")
    elif kind == "folder":
        new.mkdir()
    else:
        new.symlink_to("nowhere")
    with pytest.raises(BuildError, match=r"new\.csv: it is not the source of that name .*; nothing was changed; move it away"):
        importing.run(tmp_path / SEALED)
    assert not ledger.exists()


def test_the_same_source_is_left_alone(ledger: Path, tmp_path: Path) -> None:
    write(tmp_path / SEALED, [], {"new.csv": (b"abc", True)})
    new = Path(SOURCES) / "new.csv"
    new.write_bytes(b"abc")
    before = new.stat()
    importing.run(tmp_path / SEALED)
    assert (new.stat().st_ino, new.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stored(ledger)[1]


def test_the_line_names_what_is_missing_and_what_to_do(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / SEALED, [sealed_reply(1)], {"new.csv": (b"abc", False)})
    importing.run(tmp_path / SEALED)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    sha256 = hashlib.sha256(b"abc").hexdigest()
    assert f"ledger import {FAMILY}: 1 replies (1 new) and 0 failures in {ledger}; " in out
    assert f"; set teacher: ledger in params.yaml, then run dvc repro release@{FAMILY}; " in out
    assert f"the sha256 of processed/{FAMILY}/release/SHA256SUMS will be {HEADER.release}; " in out
    assert f"; missing, to be put into {SOURCES}: new.csv (licence MIT, sha256 {sha256}); " in out
    assert "; use the checkout that built it, for here card, code, params.collect, " in out


def test_a_release_of_another_profile_says_to_set_it(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / SEALED, {**OPENING, "header": {**HEADER.model_dump(), "profile": "full"}})
    importing.run(tmp_path / SEALED)
    assert (
        f"; set profile: full and teacher: ledger in params.yaml, then run dvc repro release@{FAMILY}; "
        in capsys.readouterr().out
    )
    assert set(stored(ledger)[1]) == {answerer_note(FAMILY, "full", "teacher")}


def test_a_real_export_says_nothing_more_where_all_is_as_it_was(origin: Workspace, elsewhere: Workspace) -> None:
    done = elsewhere.run("ledger", "import", str(origin.root / SEALED))
    release = unsealing.opened(origin.root / SEALED)
    with release as (header, _):
        assert done.stdout == (
            f"ledger import {FAMILY}: {4 * (TOPICS - 1) - 2} replies ({4 * (TOPICS - 1) - 2} new) and 4 failures in "
            f".ledger/replies.sqlite; next run dvc repro release@{FAMILY}; the sha256 of processed/{FAMILY}/release/"
            f"SHA256SUMS will be {header.release}\n"
        )
    source = Path(SOURCES) / "own.jsonl"
    assert (elsewhere.root / source).read_bytes() == (origin.root / source).read_bytes()


def test_a_source_that_does_not_travel_is_asked_for_by_collect(elsewhere: Workspace, tmp_path: Path) -> None:
    write(tmp_path / SEALED, [sealed_reply(1)], {"own.jsonl": (b"{}", False)})
    done = elsewhere.run("ledger", "import", str(tmp_path / SEALED))
    assert f"; missing, to be put into raw/{FAMILY}/sources: own.jsonl (licence MIT, " in done.stdout
    assert f"raw/{FAMILY}/sources/own.jsonl: source own has no file" in one_line(elsewhere.run("collect", FAMILY))


def test_the_line_names_what_collect_takes_from_the_hub(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BUILDERS_LEDGER", raising=False)
    with here.params() as params:
        [source] = params["sample"]["collect"]["sources"]
        source["file"] = {"hub": "somebody/something", "revision": "0" * 40, "paths": ["rows.jsonl"]}
    write(tmp_path / SEALED, [])
    importing.run(tmp_path / SEALED)
    assert "; collect takes somebody/something from the Hub, or from its cache here; " in capsys.readouterr().out


# What is refused.


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_file_that_is_not_as_it_was_sealed_changes_nothing(
    data: st.DataObject, origin: Workspace, checkout: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = (origin.root / SEALED).read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    flipped = bytes([content[place] ^ (1 << data.draw(st.integers(0, 7)))])
    (folder / SEALED).write_bytes(content[:place] + data.draw(st.sampled_from([b"", flipped + content[place + 1 :]])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_LEDGER", str(folder / "ledger.sqlite"))
        with pytest.raises(BuildError, match="the seal is broken"):
            importing.run(folder / SEALED)
    assert [path.name for path in folder.iterdir()] == [SEALED]
    assert not (checkout.root / SOURCES / "own.jsonl").exists()


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([{**OPENING, "header": {**HEADER.model_dump(), "family": "../x"}}], "there is no family '../x' here"),
        ([OPENING, ABOUT, REPLY, SOURCE, {"part": "YWI="}], "sealed, but not what a sealed ledger holds"),
        ([OPENING, ABOUT, REPLY, SOURCE, PART, b"{"], "sealed, but not what a sealed ledger holds"),
    ],
)
def test_a_file_with_a_fault_at_its_end_changes_nothing(lines: list[Any], what: str, ledger: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / SEALED, *lines)
    with pytest.raises(BuildError, match=what):
        importing.run(tmp_path / SEALED)
    assert not ledger.exists()
    assert not (Path(SOURCES) / "own.csv").exists()


def test_a_fault_is_one_line(workspace: Workspace) -> None:
    (workspace.root / "torn").write_bytes(b"torn")
    line = one_line(workspace.run("ledger", "import", "torn"))
    assert line == (
        "error: torn: the seal is broken: the file is torn or was changed, or is not a sealed ledger; "
        "get the file anew from where it came from"
    )
    assert "missing: cannot be read: No such file or directory" in one_line(workspace.run("ledger", "import", "missing"))


# What is stopped.

KILLING = """
import os, signal, sys

def kill(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".new.csv.partial"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
"""


def test_a_killed_import_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    """It is killed behind the replies, before the source is written."""
    contents: list[Any] = [*(sealed_reply(number) for number in range(3 * GROUP_REPLIES)), Failure(digest("failed"), b"{}")]
    write(tmp_path / SEALED, contents, {"new.csv": (b"abc", True)})
    (tmp_path / "sitecustomize.py").write_text(KILLING)
    done = workspace.run("ledger", "import", str(tmp_path / SEALED), PYTHONPATH=str(tmp_path))
    assert done.returncode == -signal.SIGKILL
    path = workspace.root / ".ledger/replies.sqlite"
    assert len(stored(path)[0]) >= 2 * GROUP_REPLIES
    assert not stored(path)[1]
    assert not (workspace.root / SOURCES / "new.csv").exists()
    done = workspace.run("ledger", "import", str(tmp_path / SEALED))
    assert done.returncode == 0, done.stderr
    replies, notes = stored(path)
    assert replies == {content.key[:32]: content.entry for content in contents[:-1]}
    assert len(notes) == 2
    assert (workspace.root / SOURCES / "new.csv").read_bytes() == b"abc"


def test_a_full_disk_is_one_line_and_the_import_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    contents = [sealed_reply(number) for number in range(10 * GROUP_REPLIES)]
    write(tmp_path / SEALED, contents)
    done = workspace.limited(RLIMIT_FSIZE, (400 * 512,) * 2, "ledger", "import", str(tmp_path / SEALED))
    assert "free some space" in one_line(done)
    assert workspace.run("ledger", "import", str(tmp_path / SEALED)).returncode == 0
    assert len(stored(workspace.root / ".ledger/replies.sqlite")[0]) == len(contents)
