"""What is printed holds no control character, whoever gave it its name."""

import io
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import terminal
from tests.harness import FAMILY, Workspace, jsonl

NASTY = "a\x1b]0;owned\x07b\x9b2Jc\u202ed\re"


def test_a_plain_stream_takes_control_characters_out_and_the_one_beneath_keeps_them() -> None:
    out, errors = io.StringIO(), io.StringIO()
    with terminal.plain(out, errors):
        print(NASTY)  # noqa: T201
        print(NASTY, file=sys.stderr)  # noqa: T201
        print("\x1b[1mbold", file=terminal.beneath(sys.stdout))
    assert out.getvalue() == "a]0;ownedb2Jcde\n\x1b[1mbold\n"
    assert errors.getvalue() == "a]0;ownedb2Jcde\n"


@given(st.text())
def test_no_control_character_is_left(string: str) -> None:
    kept = terminal.cleaned(string)
    assert not any((ord(letter) < 32 and letter not in "\n\t") or 127 <= ord(letter) < 160 for letter in kept)
    assert len(terminal.line(string).splitlines()) <= 1


@pytest.mark.family(FAMILY)
def test_a_column_s_name_moves_no_cursor(workspace: Workspace) -> None:
    workspace.source("own.jsonl", jsonl({NASTY: "x", "other\x1b[2J": "y"}), columns={"instruction": "nothing"})
    done = workspace.run("collect", FAMILY)
    assert done.returncode == 2
    assert [letter for letter in done.stderr if ord(letter) < 32 and letter != "\n"] == []
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "… (81 characters)"),
        ("x" * 1234, "x" * 80 + "… (1,234 characters)"),
        (7, "7"),
    ],
    ids=["fits", "long", "longer", "number"],
)
def test_a_name_of_eighty_characters_is_shown_whole(value: object, shown: str) -> None:
    assert terminal.name(value) == shown


def test_a_plain_stream_is_what_the_one_beneath_is() -> None:
    with open("/dev/null", "w", encoding="ascii") as out:  # noqa: PTH123
        stream = terminal.Plain(out)
        assert (stream.writable(), stream.isatty(), stream.fileno()) == (True, False, out.fileno())
        assert (stream.encoding, stream.write(NASTY)) == ("ascii", len(NASTY))
        assert terminal.beneath(stream) is terminal.beneath(out) is out  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "kept"), [("1", True), ("99999", True), ("100000", False), ("0", False), ("07", False), ("", False), ("8x", False)]
)
def test_a_size_that_no_terminal_has_is_forgotten(size: str, *, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("COLUMNS", "LINES"):
        monkeypatch.setenv(variable, size)
    terminal.measure()
    assert [os.environ.get(variable) for variable in ("COLUMNS", "LINES")] == [size if kept else None] * 2
