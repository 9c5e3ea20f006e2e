"""figures: the same bytes for the same numbers, an alt text each, and inks that can be read on light and on dark."""

import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from builders import family as families
from builders.releases import figures
from builders.releases.summary import KEPT, REJECTED, Summary
from tests import harness
from tests.harness import FAMILY, Workspace
from tests.releases.drawings import FOUND, IN_NUMBERS

pytestmark = pytest.mark.usefixtures("toys")

FULL_WIDTH = 1036
"""Pixels: more than a card is wide, so that a figure is sharp there."""
PAGES = {"light": (255, 255, 255), "dark": (13, 17, 23)}


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


def drawn(folder: Path, found: Summary = FOUND, family: str = FAMILY) -> list[figures.ReleaseFigure]:
    folder.mkdir()
    return figures.write(family, found, folder)


def inks(path: Path) -> set[tuple[int, ...]]:
    """Return the colours of a figure that are not transparent at all."""
    with Image.open(path) as image:
        counted = image.convert("RGBA").getcolors(image.width * image.height) or []
    return {tuple(colour[:3]) for _, colour in counted if isinstance(colour, tuple) and colour[3] == 255}


@pytest.mark.parametrize("page", PAGES)
def test_every_ink_can_be_read_on_every_page(page: str) -> None:
    assert contrast(rgb(figures.INK), PAGES[page]) > 4
    assert min(contrast(rgb(colour), PAGES[page]) for colour in figures.COLOURS) > 3


@pytest.mark.parametrize(("found", "family"), [(FOUND, FAMILY), (IN_NUMBERS, "emergent_misalignment")])
def test_figures_are_the_same_wherever_they_are_drawn_and_transparent(
    found: Summary, family: str, here: Workspace, tmp_path: Path
) -> None:
    del here
    first, second = drawn(tmp_path / "a", found, family), drawn(tmp_path / "b", found, family)
    assert first == second
    assert [figure.path for figure in first] == ["figures/funnel.png", "figures/lengths.png", "figures/scores.png"]
    for figure in first:
        assert (tmp_path / "a" / figure.path).read_bytes() == (tmp_path / "b" / figure.path).read_bytes()
        with Image.open(tmp_path / "a" / figure.path) as image:
            assert image.getchannel("A").getpixel((1, 1)) == 0
            assert "Software" not in image.info
            assert image.width == FULL_WIDTH
        assert {rgb(figures.COLOURS[0])} <= inks(tmp_path / "a" / figure.path)
        assert not {(0, 0, 0), (255, 255, 255)} & inks(tmp_path / "a" / figure.path)


def test_what_was_not_counted_has_no_figure(here: Workspace, tmp_path: Path) -> None:
    del here
    assert [figure.path for figure in drawn(tmp_path / "a", FOUND._replace(words={}, scores={}))] == ["figures/funnel.png"]


def test_the_alt_text_says_what_is_seen(here: Workspace, tmp_path: Path) -> None:
    del here
    funnel, lengths, scores = drawn(tmp_path / "a")
    assert funnel.alt == "Bars: collect 44 kept and 5 rejected; synthesize 49 kept; filter 49 kept."
    assert lengths.alt == (
        "Histograms: instruction 6 words in the median, eight of ten from 1 to 80; "
        "response 3 words in the median, eight of ten from 3 to 3."
    )
    assert scores.alt == (
        "Bars: verdict safe 100 % of kept rows and safe 50 %, unsafe 50 % of hard rows and none 100 % of rejected rows."
    )
    assert scores.caption.endswith("None: no usable answer.")
    *_, scores = drawn(tmp_path / "b", IN_NUMBERS, "emergent_misalignment")
    assert "; judge, 4, danger 0 of kept rows and 50 of rejected rows." in scores.alt
    assert scores.alt.startswith("Histograms, the medians: judge, 0, danger 0 of kept rows")


def test_rows_of_ones_own_are_told_apart_in_the_alt_text(here: Workspace, tmp_path: Path) -> None:
    del here
    tally = {"default": Counter({6: 3}), "hard": Counter({6: 1}), "default_own": Counter({80: 2})}
    _, lengths, _ = drawn(tmp_path / "a", FOUND._replace(words={"instruction": tally}))
    assert lengths.alt == (
        "Histograms: instruction 6 words in the median, eight of ten from 6 to 6; "
        "instruction of own rows 80 words in the median, eight of ten from 80 to 80."
    )


def test_what_was_rejected_comes_last_and_numbers_are_whole() -> None:
    tally = {REJECTED: Counter({1: 1}), "hard": Counter({2: 1}), "easy": Counter({0: 2}), KEPT: Counter({0: 3, 2: 1})}
    figure = figures._scores({"judge/danger": tally}, (0, 2))  # noqa: SLF001  (a file shows neither)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [KEPT, "easy", "hard", REJECTED]
    assert not figure.legends[0].get_frame_on()
    low = figures._scores({"judge/danger": {KEPT: Counter(range(100))}}, (0, 19))  # noqa: SLF001
    assert [float(tick).is_integer() for tick in low.axes[0].get_yticks()] == [True] * 3


def test_the_figures_of_a_build_show_no_link_and_no_score_twice(built: Workspace) -> None:
    """A column that names a file is no text; a score that stands in two columns is one."""
    card = harness.card(built.release)
    assert len(re.findall(r"!\[[^\]]{20,}\]\(figures/\w+\.png\)", card)) == len(list((built.release / "figures").iterdir()))
    for family in families.names():
        about = families.facts(family)
        assert not {"image_url", "label"} & set(about.texts)
