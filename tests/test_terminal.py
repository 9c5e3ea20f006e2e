"""What is printed holds no control character, whoever gave it its name."""

import io
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
