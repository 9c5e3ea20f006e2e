"""card_rows: rows are shown where they may be, and as they are."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from builders import family as families
from builders.errors import BuildError
from builders.releases import card_rows
from tests.harness import FAMILY, Workspace

pytestmark = pytest.mark.usefixtures("toys")


def test_no_row_of_harmful_requests_is_shown_and_of_harmful_text_only_what_is_named() -> None:
    for family in families.names():
        shown = card_rows.columns_shown(family)
        hazard = families.facts(family).hazard
        assert bool(shown) == (hazard != "harmful-requests")
        if hazard == "harmful-text":
            assert shown == families.facts(family).shown
    assert card_rows.columns_shown("emergent_misalignment") == ("prompt", "aligned")


def test_rows_are_shown_with_their_markup_and_shortened(tmp_path: Path) -> None:
    row = {"id": "x:1", "prompt": "a | b\n# *c* for $5", "aligned": "word " * 200, "misaligned": "hidden"}
    text = card_rows.rows("emergent_misalignment", [row, {**row, "aligned": None}], tmp_path)
    assert text.count("`id`") == 2
    assert text.count("`aligned`") == 1
    assert "| `prompt` | a \\| b<br>\\# \\*c\\* for \\$5 |" in text
    assert "word …" in text
    assert "hidden" not in text
    assert card_rows.rows(FAMILY, [{"id": "x:1", "instruction": "hidden"}], tmp_path) == (
        "None is shown here: a row may hold a harmful request."
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("family", families.names())
def test_that_columns_are_left_out_is_said_where_they_are(family: str, tmp_path: Path) -> None:
    shown = card_rows.rows(family, [{"id": "x:1"}], tmp_path)
    hazard = families.facts(family).hazard
    assert ("The other columns are not shown here." in shown) == (hazard == "harmful-text")


def test_a_picture_of_a_row_is_a_file_beside_the_card_under_its_format(tmp_path: Path) -> None:
    for kind in ("png", "jpeg"):
        file = io.BytesIO()
        Image.new("RGB", (4, 3)).save(file, kind)
        row = {"id": f"mmathcot:{kind}", "image": {"bytes": file.getvalue(), "path": "any/name"}, "instruction": "Look."}
        text = card_rows.rows("mmathcot", [row], tmp_path)
        assert f'| `image` | <img src="pictures/{kind}.{kind}" alt="The image of this row" width="320"> |' in text
        assert (tmp_path / f"pictures/{kind}.{kind}").read_bytes() == file.getvalue()


def test_rows_of_every_subset_and_source_have_their_turn() -> None:
    def rows(subset: str) -> list[dict[str, Any]]:
        sources = {"distill": "aab", "rewrite": "c"}.get(subset, "")
        return [{"id": f"{subset} {place}", "provenance": {"source": name}} for place, name in enumerate(sources)]

    assert [row["id"] for row in card_rows.sample_rows("mmathcot", rows)] == [
        "distill 0",
        "rewrite 0",
        "distill 2",
        "distill 1",
    ]
    assert card_rows.sample_rows(FAMILY, rows) == []


def test_the_first_screen_shows_one_row_and_of_a_family_with_harmful_requests_a_benign_one(tmp_path: Path) -> None:
    rows = [
        {"id": f"safechain:{label}", "instruction": f"A {label} request.", "answer": "word " * 60, "label": label}
        for label in ("vanilla_harmful", "vanilla_benign", "adversarial_benign")
    ]
    text = card_rows.first_row(
        "safechain", ["instruction", "answer"], lambda subset: rows if subset == "default" else [], tmp_path
    )
    assert text.startswith("| a row | |\n|---|---|\n| `instruction` | A vanilla\\_benign request. |\n| `answer` | word word")
    assert text.endswith("word … |")
    assert len(text) < 300
    assert "harmful" not in text
    assert card_rows.first_row("safechain", ["instruction"], lambda _: rows[:1], tmp_path) == ""
    assert card_rows.first_row("mmathcot", [], lambda _: rows, tmp_path) == ""


@pytest.mark.parametrize(
    ("family", "column"), [("emergent_misalignment", "misaligned"), ("safechain", "response"), (FAMILY, "instruction")]
)
def test_the_first_screen_shows_no_column_that_a_card_may_not_show(
    family: str, column: str, here: Workspace, tmp_path: Path
) -> None:
    del here
    with pytest.raises(BuildError, match=f"may not show {column}"):
        card_rows.first_row(family, [column], lambda _: [], tmp_path)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x" * 150, "x" * 150),
        ("x" * 151, "x" * 150 + " …"),
        ("word " + "x" * 146, "word …"),
        ("word  " + "x" * 150, "word …"),
        (7, "7"),
        (0.5, "0.5"),
        ("a|b", r"a\|b"),
    ],
    ids=range(7),
)
def test_a_text_is_cut_between_words_where_it_is_longer_than_is_shown(text: object, cell: str, tmp_path: Path) -> None:
    row = {"id": "mmathcot:1", "instruction": text}
    assert card_rows._shown(row, "instruction", tmp_path, first=True) == cell  # noqa: SLF001


def test_a_cell_without_a_value_that_can_be_shown_is_left_out(tmp_path: Path) -> None:
    row = {"id": "mmathcot:1", "instruction": "Add.", "output": "", "solution": None, "image": {"path": "x"}, "steps": ["a"]}
    for column in ("output", "solution", "image", "steps", "none"):
        assert card_rows._shown(row, column, tmp_path) == ""  # noqa: SLF001
    assert card_rows._shown({**row, "instruction": "x" * 901}, "instruction", tmp_path) == "x" * 900 + " …"  # noqa: SLF001
    assert card_rows._shown({**row, "instruction": "x" * 900}, "instruction", tmp_path) == "x" * 900  # noqa: SLF001
