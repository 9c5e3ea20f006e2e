"""The heat map of habit profiles: how dark a habit is."""

from pathlib import Path

import numpy as np
from PIL import Image

from builders.families.cogtest import pictures, profiles
from builders.families.cogtest.evidence import Finding
from builders.families.cogtest.habits import SLUGS, THINKING
from builders.families.cogtest.profiles import Observed

LIGHTEST, DARKEST = (247, 251, 255), (8, 48, 107)
"""The ends of matplotlib's Blues."""


def test_a_habit_never_seen_is_as_light_and_one_always_seen_as_dark_as_can_be(tmp_path: Path) -> None:
    rows = [Observed("m", slug, "a task", THINKING, Finding(slug in SLUGS[:4], None, None)) for slug in SLUGS[:8]]
    pictures.draw(profiles.profiles(rows), tmp_path / "map.png")
    pixels = np.asarray(Image.open(tmp_path / "map.png").convert("RGB"))
    light, dark = (int((pixels == colour).all(axis=2).sum()) for colour in (LIGHTEST, DARKEST))
    assert abs(light - dark) < light / 10, "four habits each"
