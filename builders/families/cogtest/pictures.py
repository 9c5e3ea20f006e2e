"""A heat map of habit profiles, models by habits, for the card."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from builders.families.cogtest.habits import BY_SLUG, SLUGS
from builders.families.cogtest.profiles import Profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "profiles.png"
_DPI = 110
_DARK = 0.6
"""The share from which on a number is written in white."""


def draw(profiles: Mapping[str, Profile], file: Path) -> None:
    """Write the picture: a line for each model, a column for each habit, its share as colour and number.

    A habit that was not looked for stays blank.
    """
    figure(profiles).savefig(file, format="png", dpi=_DPI, metadata={"Software": None})


def figure(profiles: Mapping[str, Profile]) -> "Figure":
    """Return what is drawn."""
    import numpy as np  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    models = list(profiles)
    shares = np.full((len(models), len(SLUGS)), np.nan)
    for line, model in enumerate(models):
        for column, slug in enumerate(SLUGS):
            seen = profiles[model].get(slug)
            if seen and seen.share.value is not None:
                shares[line, column] = seen.share.value
    found = Figure(figsize=(11, 3.6 + 0.4 * len(models)), layout="constrained")
    FigureCanvasAgg(found)
    panel = found.subplots()
    picture = panel.imshow(shares, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    for (line, column), share in np.ndenumerate(shares):
        if not np.isnan(share):
            colour = "white" if share > _DARK else "black"
            panel.text(column, line, f"{share:.2f}", ha="center", va="center", color=colour, fontsize=8)
    panel.set_yticks(range(len(models)), models)
    panel.set_xticks(range(len(SLUGS)), [BY_SLUG[slug].name for slug in SLUGS], rotation=40, ha="right", fontsize=8)
    found.colorbar(picture, ax=panel, label="share of tasks")
    return found
