"""The contact sheet is a PNG of all figures, the same each time."""

import io

from PIL import Image

from builders.families.mmathcot.problems import engine, sheet
from builders.families.mmathcot.problems.sheet import CAPTION, GAP, TILE


def test_a_sheet_shows_all_figures_in_rows() -> None:
    shown = [engine.problem("sector", 3, seed, "free") for seed in range(5)]
    content = sheet(shown, columns=3)
    assert Image.open(io.BytesIO(content)).size == (3 * (TILE[0] + GAP) + GAP, 2 * (TILE[1] + CAPTION + GAP) + GAP)
    assert sheet(shown, columns=3) == content
