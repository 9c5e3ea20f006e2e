"""What others rely on by its name is what it is known to be; where it was meant to change: python -m tests.known, or
python -m tests.values.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import known, values
from tests.releases.drawings import described


@pytest.mark.parametrize(
    ("told", "file"),
    [
        (known.options, known.OPTIONS),
        (known.facts, known.FACTS),
        (known.tasks, known.TASKS),
        (known.replies, known.REPLIES),
        (described, known.FIGURES),
        (values.told, values.FILE),
    ],
    ids=["verbs", "families", "tasks", "replies", "figures", "values"],
)
def test_it_is_what_it_is_known_to_be(told: Callable[[], list[str]], file: Path) -> None:
    assert told() == file.read_text(encoding="utf-8").splitlines()
