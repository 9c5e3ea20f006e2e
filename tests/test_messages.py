"""What our errors say is what somebody has read: a text that changes shows in tests/data/messages.txt."""

from pathlib import Path

from tests import messages
from tests.harness import PROJECT

CODE = """
def check(name: str) -> None:
    what = f"{name.upper()} is none of ours" if name else "no name"
    if not name:
        raise BuildError(what, where=name, fix="name one, "
            "or leave it out")
    raise errors.PartError("half of it" + name)
"""


def test_every_text_of_an_error_is_seen(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text(CODE)
    assert messages.worded(tmp_path) == [
        "room/a.py: half of it",
        "room/a.py: name one, or leave it out",
        "room/a.py: {name.upper()} is none of ours | no name",
    ]


def test_what_errors_say_was_meant() -> None:
    """Where it was: python -m tests.messages."""
    known = messages.FILE.read_text(encoding="utf-8").splitlines()
    assert messages.worded(PROJECT / "builders") == known
