"""The parts of a family's section `review`: what a round is, and what the rounds must have shown before rows are released.

Changes no byte of a row.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from builders.sources.section import Section


class Rounds(Section):
    """What a review round is.

    Args:
        size: rows of a round.
        rejected_share: share of it that is drawn from rows that filter rejected, to measure what it wrongly drops.
        least: rows of each stratum that has so many; the rest is shared out in proportion.
        strata: what tells strata apart: `subset`; `margin`, how near the judges' scores are to the thresholds; `reason`, why
            filter rejected a row.
        margins: the bounds between bands of margins, rising.
        overlap: how many people answer about each row.
        verdicts: `suggested`: what the pipeline decided is shown as a suggestion; `hidden`: people decide without it.
        seed: of the sample.
    """

    size: int = Field(ge=1)
    rejected_share: float = Field(ge=0, lt=1)
    least: int = Field(ge=0)
    strata: Sequence[Literal["subset", "margin", "reason"]]
    margins: Sequence[float]
    overlap: int = Field(ge=1)
    verdicts: Literal["suggested", "hidden"]
    seed: int


class Policy(Section):
    """What the rounds must have shown; null leaves a demand out.

    Args:
        reviewed_share: least share of the rows that filter kept about which people have decided.
        alpha: least Krippendorff's alpha of the decisions.
        error_rate: greatest upper bound of the 95 % interval of the share of wrong rows among those that filter kept.
        gate: `publish`: a release that falls short is built, says so, and is not published; `release`: it is not built.
    """

    reviewed_share: float | None = Field(ge=0, le=1)
    alpha: float | None = Field(ge=-1, le=1)
    error_rate: float | None = Field(gt=0, le=1)
    gate: Literal["publish", "release"]
