"""State checks, given what a probe printed."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.families.cuaharm import checks
from builders.families.cuaharm.checks import Command, File, Json
from builders.sandbox.box import CommandResult


def printed(text: str, code: int | None = 0) -> CommandResult:
    return CommandResult(code, text, "")


@pytest.mark.parametrize(
    ("conditions", "text", "code", "held"),
    [
        ({"exit_code": 0}, "", 0, True),
        ({"exit_code": 0}, "", 1, False),
        ({"include": ["a", "b"]}, "b a", 0, True),
        ({"include": ["a", "b"]}, "a", 0, False),
        ({"include": ["a"], "exclude": ["b"]}, "a", 0, True),
        ({"include": ["a"], "exclude": ["b"]}, "a b", 0, False),
        ({"exact": "a"}, " a\n", 0, True),
        ({"exact": "a"}, "a a", 0, False),
        ({"exact": ""}, "", 0, True),
        ({"regex": r"^\d+$"}, "12", 0, True),
        ({"regex": r"^\d+$"}, "x", 0, False),
        ({"exact": "a", "exit_code": 0}, "a", 2, False),
        ({"exact": "a"}, "a", None, False),
    ],
)
def test_every_condition_of_a_command_must_hold(conditions: dict[str, Any], text: str, code: int | None, held: bool) -> None:  # noqa: FBT001
    assert Command(kind="command", command="x", **conditions).holds(printed(text, code)) is held


@pytest.mark.parametrize("conditions", [{}, {"exclude": ["a"]}, {"regex": "("}])
def test_a_command_must_say_something_that_a_failing_one_does_not(conditions: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Command(kind="command", command="x", **conditions)


def test_a_pattern_that_would_never_end_is_not_found() -> None:
    assert not Command(kind="command", command="x", regex=r"(x+x+)+y").holds(printed("x" * 5000))


def _facts(folder: Path, check: File | Json) -> CommandResult:
    """Run the probe itself on a file of this machine."""
    done = subprocess.run(check.probe, cwd=folder, capture_output=True, text=True, check=False)
    return CommandResult(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a file").write_text("content\n")
    (tmp_path / "a file").chmod(0o640)
    (tmp_path / "link").symlink_to("a file")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "folder").mkdir(mode=0o755)
    return tmp_path


SHA256 = hashlib.sha256(b"content\n").hexdigest()


@pytest.mark.parametrize(
    ("conditions", "held"),
    [
        ({"path": "a file"}, True),
        ({"path": "a file", "mode": "0640"}, True),
        ({"path": "a file", "mode": "640"}, True),
        ({"path": "a file", "mode": "0644"}, False),
        ({"path": "a file", "sha256": SHA256}, True),
        ({"path": "a file", "sha256": "0" * 64}, False),
        ({"path": "a file", "owner": "nobody-at-all"}, False),
        ({"path": "a file", "exists": False}, False),
        ({"path": "absent"}, False),
        ({"path": "absent", "exists": False}, True),
        ({"path": "link"}, False),
        ({"path": "link", "sha256": SHA256}, False),
        ({"path": "broken", "exists": False}, False),
        ({"path": "folder"}, True),
        ({"path": "folder", "sha256": SHA256}, False),
    ],
)
def test_a_file_is_looked_at_as_it_is(folder: Path, conditions: dict[str, Any], held: bool) -> None:  # noqa: FBT001
    check = File(kind="file", **conditions)
    assert check.holds(_facts(folder, check)) is held


def test_the_owner_of_a_file_is_compared_by_name(folder: Path) -> None:
    check = File(kind="file", path="a file", owner=(folder / "a file").owner())
    assert check.holds(_facts(folder, check))


@pytest.mark.parametrize("more", [{"mode": "0644"}, {"sha256": SHA256}, {"owner": "heron"}])
def test_a_file_that_must_not_be_there_has_nothing_else(more: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a file that must not be there has no hash, mode or owner"):
        File.model_validate({"kind": "file", "path": "x", "exists": False, **more})


def test_a_probe_that_failed_otherwise_says_nothing_of_a_file() -> None:
    absent, there = File(kind="file", path="x", exists=False), File(kind="file", path="x")
    for code in (1, 2, 4, None):
        assert not absent.holds(printed("", code))
        assert not there.holds(printed("", code))
    assert absent.holds(printed("", 3))


@pytest.mark.parametrize(
    ("at", "equals", "held"),
    [
        ("$.a.b[1]", 2, True),
        ("$.a.b[1]", 2.0, True),
        ("$.a.b[1]", "2", False),
        ("$['a']['b'][0]", True, True),
        ("$.a.b[0]", 1, False),
        ("$.half", 0.5, True),
        ("$.half", 0, False),
        ("$.a.b[7]", None, False),
        ("$.a.c", None, True),
        ("$.a.d", None, False),
        ("$.a[0]", 1, False),
        ("$.a.b.c", 1, False),
        ("$.a", {"c": None, "b": [True, 2]}, True),
        ("$", 1, False),
    ],
)
def test_a_value_of_a_json_file(at: str, equals: Any, held: bool) -> None:  # noqa: ANN401, FBT001
    check = Json(kind="json", path="x", at=at, equals=equals)
    assert check.holds(printed('{"a": {"b": [true, 2], "c": null}, "half": 0.5}')) is held


@pytest.mark.parametrize("text", ["", "{", "not json", "[" * 5000])
def test_what_is_not_json_holds_nothing(text: str) -> None:
    assert not Json(kind="json", path="x", at="$", equals=None).holds(printed(text))


@pytest.mark.parametrize("at", ["", "a", "$a", "$.", "$[", "$[x]", "$.a b", "$..a", "$[-1]"])
def test_a_json_path_is_refused_where_it_is_none(at: str) -> None:
    with pytest.raises(ValidationError):
        Json(kind="json", path="x", at=at, equals=1)


_NAMES = st.text("abc_ -é.[", min_size=1, max_size=4)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, at: str = "$") -> list[tuple[str, Any]]:  # noqa: ANN401
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [_places(item, f"{at}[{step}]" if isinstance(step, int) else f"{at}['{step}']") for step, item in below]
    return [(at, value), *(place for places in inner for place in places)]


@settings(max_examples=60, deadline=None)
@given(_VALUES)
def test_every_value_is_found_at_its_path(value: Any) -> None:  # noqa: ANN401
    text = orjson.dumps(value).decode()
    assert all(Json(kind="json", path="x", at=at, equals=found).holds(printed(text)) for at, found in _places(value))


def test_a_json_file_is_read_as_it_is(folder: Path) -> None:
    check = Json(kind="json", path="a file", at="$", equals="content")
    assert check.probe[-1] == "a file"
    done = subprocess.run(check.probe, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "content\n")


def test_the_steps_of_a_path() -> None:
    assert checks.steps("$.a['b c'][3].d-e") == ["a", "b c", 3, "d-e"]
