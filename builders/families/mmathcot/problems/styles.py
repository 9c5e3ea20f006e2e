"""The looks of figures: typeface, colours and weight of line, so that a set of figures is not all from one book."""

from random import Random

from builders.families.mmathcot.problems.drawing import Colour, Style
from builders.families.mmathcot.problems.lettering import Face

FACES: tuple[Face, ...] = ("stix", "stix", "sans", "serif")
INKS: tuple[Colour, ...] = ((0, 0, 0), (0, 0, 0), (20, 30, 70), (45, 30, 25))
ACCENTS: tuple[Colour, ...] = ((178, 24, 43), (33, 92, 168), (0, 112, 84), (150, 60, 140))
PALETTES: tuple[tuple[Colour, ...], ...] = (
    ((118, 164, 214), (240, 164, 98), (134, 190, 134), (220, 120, 120), (180, 156, 208), (230, 205, 110), (140, 205, 205)),
    ((92, 148, 196), (204, 121, 167), (230, 180, 80), (86, 180, 150), (214, 110, 70), (170, 170, 200), (190, 205, 110)),
    ((140, 170, 200), (250, 200, 120), (160, 205, 150), (235, 150, 140), (200, 170, 220), (150, 215, 220), (220, 215, 140)),
)
TINTS: tuple[Colour, ...] = ((224, 236, 248), (252, 236, 214), (226, 242, 224), (240, 230, 246))


def style(seed: int) -> Style:
    """Return one of the looks."""
    chance = Random(f"style {seed}")  # noqa: S311 — looks, not secrets
    return Style(
        face=chance.choice(FACES),
        ink=chance.choice(INKS),
        accent=chance.choice(ACCENTS),
        tint=chance.choice(TINTS),
        palette=chance.choice(PALETTES),
        width=chance.choice((1.3, 1.5, 1.8)),
        size=chance.choice((15.0, 16.0, 17.0)),
    )
