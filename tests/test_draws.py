"""What draws are made of is what published rows were drawn by: a word that changes shows in tests/data/draws.txt."""

from pathlib import Path

from tests import draws
from tests.harness import PROJECT

CODE = """
def chosen(options, seed, name):
    first = options[records.seeded(len(options), seed, "option", name)]
    return first if Random(f"{seed} {name}").random() < 0.5 else seeded(2, "other")
"""


def test_every_draw_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    assert draws.drawn(tmp_path) == [
        "a.py: Random(f'{seed} {name}')",
        "a.py: records.seeded(len(options), seed, 'option', name)",
        "a.py: seeded(2, 'other')",
    ]


def test_rows_are_drawn_as_they_were() -> None:
    """Where others were meant: python -m tests.draws."""
    assert draws.drawn(PROJECT / "builders") == draws.FILE.read_text(encoding="utf-8").splitlines()
