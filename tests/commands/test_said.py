"""What commands print about a sample that is built."""

from collections.abc import Callable
from pathlib import Path

from tests.commands import said
from tests.harness import FAMILY, Workspace


def test_commands_say_what_they_are_known_to_say(samples: Callable[[str], Workspace], tmp_path: Path) -> None:
    """Where it was meant to change: python -m tests.commands.said."""
    assert said.said(samples(FAMILY).copied(tmp_path / "project")) == said.FILE.read_text(encoding="utf-8")
