"""figures: the same bytes for the same rows, no text in them, and inks that can be read on light and on dark."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from builders import figures
from tests.harness import Workspace

PAGES = {"light": (255, 255, 255), "dark": (13, 17, 23)}
STAGES = [
    {"stage": "collect", "out": {"default": 44}, "rejected": {"language": 2, "contaminated": 3}},
    {"stage": "filter", "out": {"default": 36, "hard": 3}, "rejected": {}},
]
ROWS: dict[str, list[dict[str, Any]]] = {
    "default": [
        {"instruction": "Say it in six words, please", "label": "x", "response": "So.", "replies": [{"verdict": "safe"}]}
    ],
    "hard": [
        {"instruction": "Another", "label": None, "response": "A b c", "replies": [{"verdict": "safe"}, {"verdict": "unsafe"}]},
    ],
}


def luminance(colour: tuple[int, ...]) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def drawn(folder: Path) -> list[figures.Drawn]:
    folder.mkdir()
    return figures.write("safechain", ROWS.__getitem__, STAGES, folder)


@pytest.mark.parametrize("page", PAGES)
def test_every_ink_can_be_read_on_every_page(page: str) -> None:
    assert contrast(rgb(figures.INK), PAGES[page]) > 4
    assert min(contrast(rgb(colour), PAGES[page]) for colour in figures.COLOURS) > 3


def test_figures_are_the_same_wherever_they_are_drawn_and_transparent(here: Workspace, tmp_path: Path) -> None:
    del here
    first, second = drawn(tmp_path / "a"), drawn(tmp_path / "b")
    assert first == second
    assert [figure.path for figure in first] == ["figures/funnel.png", "figures/lengths.png", "figures/scores.png"]
    for figure in first:
        assert (tmp_path / "a" / figure.path).read_bytes() == (tmp_path / "b" / figure.path).read_bytes()
        with Image.open(tmp_path / "a" / figure.path) as image:
            assert image.getchannel("A").getpixel((1, 1)) == 0
            assert "Software" not in image.info


def test_the_alt_text_says_what_is_seen_and_quotes_nothing(here: Workspace, tmp_path: Path) -> None:
    del here
    funnel, lengths, scores = drawn(tmp_path / "a")
    assert funnel.alt == "Rows by stage. collect 44 kept and 5 rejected; filter 39 kept."
    assert "instruction in default: median 6 words, from 6 to 6" in lengths.alt
    assert "label" not in lengths.alt  # a kind, no text
    assert scores.alt == "What judges said. verdict in default: safe 1; verdict in hard: safe 1, unsafe 1."
