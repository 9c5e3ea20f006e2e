"""Sealed files that were made to harm: they cost little time and memory, and write no file that a build takes for its own."""

import resource
import time
from pathlib import Path

import pytest
import zstandard

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.ledger.store import Entry
from builders.records import canonical, digest
from builders.sealed import importing, unsealing
from builders.sealed.form import Failure, SealedReply
from builders.teachers.endpoint import failure_note
from tests.harness import FAMILY, Workspace
from tests.sealed.test_form import ABOUT, OPENING, REPLY, SOURCE, write, write_frames, write_lines

LONG = b'{"about":0,"body":"' + b"x" * (200 << 20) + b'"}\n'


def refused(path: Path) -> str:
    with pytest.raises(BuildError) as caught, unsealing.opened(path) as (_, contents):
        list(contents())
    return str(caught.value)


@pytest.mark.parametrize("lines", [[LONG], [b'{"about":0,"body":[]}\n' * 3_000_000], [b'{"about":0,"body":7}\n'] * 400_000])
def test_a_small_file_that_stands_for_a_large_one_is_refused_soon(lines: list[bytes], tmp_path: Path) -> None:
    write_lines(tmp_path / "x.zst", OPENING, b"".join(lines))
    assert (tmp_path / "x.zst").stat().st_size < 100_000
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert "sealed, but not what a sealed ledger holds" in refused(tmp_path / "x.zst")
    assert time.process_time() - start < 8
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_many_replies_that_are_alike_are_read(tmp_path: Path) -> None:
    reply = canonical(REPLY["said"])
    contents = [SealedReply(digest(number), Entry(b"{}", canonical([number]), reply)) for number in range(20_000)]
    write(tmp_path / "x.zst", contents)
    with unsealing.opened(tmp_path / "x.zst") as (_, found):
        assert sum(1 for _ in found()) == len(contents)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_file_may_hold_as_much_as_there_is_room_for_and_no_byte_more(
    missing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [canonical(value) + b"\n" for value in (OPENING, ABOUT)]
    write_lines(tmp_path / "x.zst", *lines)
    monkeypatch.setattr(unsealing, "_MOST_TIMES", 0)
    monkeypatch.setattr(unsealing, "_ROOM_BYTES", sum(map(len, lines)) - missing)
    with unsealing.opened(tmp_path / "x.zst") as (_, contents):
        if missing:
            with pytest.raises(BuildError, match="sealed, but not what a sealed ledger holds"):
                list(contents())
        else:
            assert list(contents()) == []


@pytest.mark.parametrize("line", [b'{"about":0,"body":' + b"[" * 900 + b"]" * 900 + b"}\n", b"[" * 5000 + b"\n", b"\xff\n"])
def test_a_line_that_is_too_deep_or_no_text_is_one_line(line: bytes, tmp_path: Path) -> None:
    write_lines(tmp_path / "x.zst", OPENING, ABOUT, line)
    assert "sealed, but not" in refused(tmp_path / "x.zst")


@pytest.mark.parametrize("name", [".bashrc", "../x", "a/b", "", ".", "x\n", "\x1b[2J", "x\0", "x" * 201, "é" * 101, "\u202ex"])
def test_a_source_is_named_like_a_file_of_sources(name: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "x.zst", OPENING, {**SOURCE, "source": name, "inside": None})
    assert "sealed, but not" in refused(tmp_path / "x.zst")


def test_no_file_becomes_a_source_of_params_that_are_others(here: Workspace) -> None:
    """Whose rows would be built, and paid for, by who has never seen them."""
    here.source("own.csv", "prompt\nhello\n")
    (here.root / "raw" / FAMILY / "sources" / "own.csv").unlink()
    write(here.root / "x.ledger.zst", [], {"own.csv": (b"prompt\nanother\n", True)})
    (here.root / "own.csv").unlink()
    with pytest.raises(BuildError, match="the sealed file would become a source of the params here"):
        importing.run(here.root / "x.ledger.zst")
    assert not (here.root / "raw" / FAMILY / "sources" / "own.csv").exists()


def test_the_source_that_is_here_already_may_be_one_of_other_params(
    here: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BUILDERS_LEDGER", raising=False)
    here.source("own.csv", "prompt\nhello\n")
    failures = [Failure(digest(number), b"{}") for number in range(1001)]
    write(here.root / "x.ledger.zst", failures, {"own.csv": (b"prompt\nhello\n", True)})
    importing.run(here.root / "x.ledger.zst")
    assert f"ledger import {FAMILY}: 0 replies (0 new) and 1001 failures in " in capsys.readouterr().out
    with Ledger.here(read_only=True) as ledger:
        assert len(ledger.noted("")) == 1002
        assert {ledger.fact(failure_note(one.key)) for one in failures} == {b"{}"}


def test_frames_that_are_no_zstd_are_one_line(tmp_path: Path) -> None:
    write_frames(tmp_path / "x.zst", b"no frame" + zstandard.compress(b"{}"))
    assert "sealed, but not with zstd" in refused(tmp_path / "x.zst")
