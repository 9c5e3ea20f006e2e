"""What a pilot's counts come to, and the file that holds it."""

from pathlib import Path
from random import Random

import pytest

from builders.errors import BuildError
from builders.families.dualmath import believing, calibrating
from builders.families.dualmath.believing import FIFTHS, PARTS, Calibration
from builders.families.dualmath.calibrating import PilotSolution


@pytest.mark.parametrize("truth", [0.0, 0.02, 0.1, 0.3])
def test_a_rate_is_within_its_interval(truth: float) -> None:
    hits = 0
    for number in range(100):
        chance = Random(number)  # noqa: S311  (a simulation)
        counts = [(sum(chance.random() < truth for _ in range(4)), 4) for _ in range(250)]
        found = calibrating.rate(counts)
        hits += found.low <= truth <= found.high
    assert hits >= 90


def test_counts_that_differ_by_prefix_are_seen_to() -> None:
    apart = calibrating.rate([(4, 4)] * 20 + [(0, 4)] * 180)
    alike = calibrating.rate([(1, 4)] * 40 + [(0, 4)] * 160)
    assert apart.concentration == calibrating.LEAST_ALIKE
    assert alike.concentration == calibrating.MOST_ALIKE
    assert calibrating.rate([(0, 4)] * 9).concentration == calibrating.ALIKE
    wide, narrow = calibrating.rate([(4, 4)] * 5 + [(0, 4)] * 45), calibrating.rate([(1, 4)] * 20 + [(0, 4)] * 30)
    assert wide.mean == narrow.mean
    assert wide.high - wide.low > narrow.high - narrow.low


def test_the_higher_of_own_and_inserted_counts() -> None:
    kinds = {"own": [(1, 10)] * 10, "slip": [(3, 10)] * 10, "misread": [(2, 10)] * 10}
    rates, believed = calibrating.recovery(kinds, {"inserted": ("slip", "misread"), "own": ("own",)})
    assert (rates["inserted"].mean, rates["own"].mean, believed.mean) == (0.25, 0.1, 0.25)
    assert calibrating.recovery({}, {"own": ("own",)})[1].high == 1.0


def test_positions_are_weights_by_fifth() -> None:
    found = calibrating.positions(
        [PilotSolution(1, 5, right=False, passed=2, samples=16)] * 200
        + [PilotSolution(5, 5, right=False, passed=15, samples=16)] * 200
    )
    assert [len(row) for row in found] == [PARTS] * FIFTHS
    assert all(sum(row) == pytest.approx(1) for row in found)
    assert found[0][0] > 0.8
    assert found[0][4] < 0.2
    assert found[4][4] > 0.8


def test_a_judge_is_as_right_as_it_was_seen_to_be() -> None:
    seen = [
        *[PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=2)] * 70,
        *[PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=3)] * 20,
        *[PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=0)] * 10,
        *[PilotSolution(0, 5, right=True, passed=0, samples=16, verdict=0)] * 45,
        *[PilotSolution(0, 5, right=True, passed=0, samples=16, verdict=1)] * 5,
    ]
    found = calibrating.accuracy(seen)
    assert found
    assert (found.misses, found.alarms, found.place) == pytest.approx((0.1, 0.1, 0.78), abs=0.02)
    assert calibrating.accuracy([PilotSolution(2, 5, right=False, passed=0, samples=16)]) is None


def test_the_file_is_read_back(tmp_path: Path) -> None:
    own = calibrating.beliefs(calibrating.rate([(1, 4)] * 9), [], None)
    made = Calibration(policy="one", rollouts=36, kinds={"own": own.recovery}, beliefs=own)
    file = tmp_path / "calibration.json"
    file.write_bytes(believing.write(made))
    assert believing.read(file, 0) == own


@pytest.mark.parametrize("content", [None, b"{}", b"nonsense"])
def test_a_missing_or_broken_file_is_one_line(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BuildError, match="run python -m builders calibrate dualmath"):
        believing.read(file, 1)


def test_a_judge_is_believed_by_source_where_enough_was_judged() -> None:
    """A source with its own figures has them; one with too few rows, and any other, has those of all."""
    good = [PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=2, source="good")] * calibrating.LEAST_JUDGED
    bad = [PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=4, source="bad")] * calibrating.LEAST_JUDGED
    few = [PilotSolution(2, 5, right=False, passed=0, samples=16, verdict=4, source="few")] * (calibrating.LEAST_JUDGED - 1)
    seen = [*good, *bad, *few]
    found = calibrating.beliefs(calibrating.rate([(1, 10)]), seen, calibrating.accuracy(seen), calibrating.by_source(seen))
    judges = {source: found.of(source).judge for source in ("good", "bad", "few", "other")}
    assert judges["good"]
    assert judges["bad"]
    assert judges["good"].place > 0.95
    assert judges["bad"].place < 0.05
    assert judges["few"] == judges["other"] == found.judge
    assert hash(found)
