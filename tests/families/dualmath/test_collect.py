"""Problems from a file: choices that cannot be read, and names of images that lead anywhere but to one among the sources."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.dualmath import wording
from tests.harness import Workspace, jsonl
from tests.test_image_files import written

FAMILY, POOL = "dualmath", "bel"
COLUMNS = {name: name for name in ("key", "question", "answer", "options", "image")}
ROW = {"question": "How many corners does the figure have?", "answer": "4", "options": None, "image": None}


def collected(workspace: Workspace, *rows: dict[str, Any]) -> dict[str, str]:
    """Collect rows; return the reason of each, by its key, or that it is kept."""
    listed = [{"key": str(number), **ROW, **row} for number, row in enumerate(rows)]
    workspace.source("own.jsonl", jsonl(*listed), FAMILY, subset=POOL, columns=COLUMNS)
    workspace.quick("collect", family=f"{FAMILY}/{POOL}")
    found = {row["provenance"]["source_key"]: "kept" for row in workspace.rows("collect", POOL, FAMILY)}
    rejected = workspace.rejected("collect", POOL, FAMILY)
    return found | {one["row"]["provenance"]["source_key"]: one["rejection"]["reason"] for one in rejected}


def test_a_letter_whose_choices_cannot_be_read_is_rejected(workspace: Workspace) -> None:
    found = collected(
        workspace,
        {"question": "How many corners has a square?", "answer": "B", "options": {"odd": [1, {}]}},
        {"question": "How many sides has a kite with two equal pairs?", "answer": "B"},
        {"question": "How many diagonals has a pentagon in all?", "answer": "B", "options": ["4", "5"]},
        {"question": "How many edges does a triangular prism have?", "answer": "D", "options": ["6", "9"]},
    )
    assert found == {"0": "unread_choices", "1": "unread_choices", "2": "kept", "3": "no_such_option"}


def test_an_image_is_one_among_the_sources_or_missing(workspace: Workspace) -> None:
    sources = workspace.root / "raw" / FAMILY / "sources"
    picture = written("PNG")
    for place in (workspace.root / "outside.png", sources / "inside.png"):
        place.write_bytes(picture)
    (sources / "link.png").symlink_to(workspace.root / "outside.png")
    outside = ["../../../outside.png", "link.png", "embedded/../../../../../outside.png", str(workspace.root / "outside.png")]
    odd = [*outside, "x" * 300 + ".png", "a\0b.png", "embedded/x", 7, {"a": 1}]
    numbered = [{"question": f"How many corners does figure {number} have?", "image": name} for number, name in enumerate(odd)]
    found = collected(workspace, *numbered, {"question": "How many corners does this one have?", "image": "inside.png"})
    assert found == {**{str(number): "image_missing" for number in range(len(odd))}, str(len(odd)): "kept"}


def test_an_image_of_ones_own_is_found(workspace: Workspace) -> None:
    (workspace.root / "raw" / FAMILY / "own" / "mine.png").write_bytes(written("PNG"))
    assert collected(workspace, {"image": "mine.png"}) == {"0": "kept"}


def test_an_image_that_is_gone_when_its_problem_is_asked_is_one_line(here: Workspace) -> None:
    del here
    with pytest.raises(BuildError, match="the image of a problem is not there any more"):
        wording.pictured({"image": "gone.png"}, "How many?")
    assert wording.pictured({"image": None}, "How many?") == ("How many?", ())
