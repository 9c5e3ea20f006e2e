"""The contact sheet is a PNG of all figures, the same each time."""

import io

from PIL import Image

from builders.families.mmathcot import problems
from builders.families.mmathcot.problems.sheet import CAPTION, GAP, TILE


def test_a_sheet_shows_all_figures_in_rows() -> None:
    shown = [problems.problem("sector", 3, seed, "free") for seed in range(5)]
    content = problems.sheet(shown, columns=3)
    assert Image.open(io.BytesIO(content)).size == (3 * (TILE[0] + GAP) + GAP, 2 * (TILE[1] + CAPTION + GAP) + GAP)
    assert problems.sheet(shown, columns=3) == content
