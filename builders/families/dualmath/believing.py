"""What is believed of policy and judge before a solution is looked at: the figures of `raw/dualmath/calibration.json`."""

from functools import lru_cache
from pathlib import Path

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from builders.errors import BuildError
from builders.sources.section import Section

FIFTHS = 5
PARTS = 5
"""How finely a position prior knows where in a solution a step is."""


class Rate(Section):
    """A measured rate.

    Args:
        right: continuations that reached the right answer.
        asked: of how many; 0: nothing was measured.
        mean: the rate that is believed.
        low, high: a 95 % interval.
        concentration: how alike prefixes are: of a beta distribution around the mean; the larger, the more alike.
    """

    right: int
    asked: int
    mean: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    concentration: float = Field(gt=0)


class JudgeAccuracy(Section):
    """How far a judge is believed.

    Args:
        misses: P(it sees no error | the solution is wrong).
        alarms: P(it names a step | the solution is right).
        place: P(it names the first wrong step | it names a step of a wrong solution).
        rows: rows with known error behind this; 0: assumed.
    """

    misses: float = Field(ge=0, le=1)
    alarms: float = Field(ge=0, le=1)
    place: float = Field(ge=0, le=1)
    rows: int = Field(ge=0)


class Beliefs(Section):
    """What a calibration measured, and what had to be assumed.

    Args:
        recovery: of prefixes that hold an error: the highest of the kinds'.
        concentration: how alike the prefixes of one problem without an error are, as in `Rate`.
        slips: share of wrong solutions whose first wrong step comes before the first unrecoverable one.
        notices: how often a continuation recovers from such a step.
        hidden: share of right-answer solutions with a wrong step.
        positions: by fifth of the pass rate, the weights of the first, second, … part of a solution.
        judge: None where there is none.
        judges: source → the same, measured on rows of that source; for all others `judge` holds.
    """

    recovery: Rate
    concentration: float = Field(gt=0)
    slips: float = Field(ge=0, le=1)
    notices: float = Field(ge=0, le=1)
    hidden: float = Field(ge=0, le=1)
    positions: tuple[tuple[float, ...], ...] = Field(min_length=FIFTHS, max_length=FIFTHS)
    judge: JudgeAccuracy | None
    judges: tuple[tuple[str, JudgeAccuracy], ...] = ()

    def of(self, source: str) -> "Beliefs":
        """Return what is believed about solutions of a source."""
        known = dict(self.judges).get(source)
        return self.model_copy(update={"judge": known}) if known else self

    def places(self, steps: int, passed: int, samples: int) -> list[float]:
        """Return the prior weight of each step of a wrong solution."""
        weights = self.positions[fifth(passed, samples)]
        found = [weights[min(PARTS - 1, int((place + 0.5) / steps * PARTS))] for place in range(steps)]
        return [weight / sum(found) for weight in found]


class Calibration(Section):
    """The file.

    Args:
        policy: who was measured.
        rollouts: what the pilot took.
        kinds: kind of error, `inserted` and `own` among them → its recovery rate.
        beliefs: what synthesize and filter read.
    """

    policy: str
    rollouts: int
    kinds: dict[str, Rate]
    beliefs: Beliefs


_FILE: TypeAdapter[Calibration] = TypeAdapter(Calibration)


def fifth(passed: int, samples: int) -> int:
    """Return in which fifth a pass rate is, from 0."""
    return min(FIFTHS - 1, FIFTHS * passed // samples) if samples else 0


@lru_cache(maxsize=4)
def read(file: Path, _changed: int) -> Beliefs:
    """Return what a file makes one believe; read again when it has changed.

    Raises:
        BuildError: it is not there or not as it should be.
    """
    try:
        return _FILE.validate_json(file.read_bytes()).beliefs
    except OSError:
        raise BuildError("there is no calibration", where=file, fix="run python -m builders calibrate dualmath") from None
    except ValidationError:
        raise BuildError("not a calibration", where=file, fix="run python -m builders calibrate dualmath") from None


def write(calibration: Calibration) -> bytes:
    """Return the file's bytes."""
    beliefs = {name: value for name, value in calibration.beliefs.model_dump().items() if name != "judges" or value}
    return orjson.dumps({**calibration.model_dump(), "beliefs": beliefs}, option=orjson.OPT_INDENT_2) + b"\n"
