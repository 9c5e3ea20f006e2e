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


def test_counts_that_differ_just_as_chance_would_have_it_are_taken_for_alike() -> None:
    """Of pairs of one prefix a quarter are both right, as of any two: half are right in all."""
    assert calibrating.rate([(3, 4), (1, 4)]).concentration == calibrating.MOST_ALIKE


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


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ([(1, 4), (0, 4), (3, 4), (2, 2), (0, 1)], (0.4, 0.17222, 0.68115, 3.75)),
        ([(1, 1), (0, 1)], (0.5, 0.09453, 0.90547, 10.0)),
        ([(1, 2), (0, 2), (1, 2), (1, 2)], (0.375, 0.13616, 0.69548, 100.0)),
        ([(1, 2), (1, 2)], (0.5, 0.14916, 0.85084, 100.0)),
        ([(2, 2)], (1.0, 0.32306, 1.0, 10.0)),
        ([], (0.0, 0.0, 1.0, 10.0)),
    ],
    ids=["apart", "single", "alike", "even", "all", "none"],
)
def test_a_rate_by_hand(counts: list[tuple[int, int]], wanted: tuple[float, ...]) -> None:
    found = calibrating.rate(counts)
    assert (found.right, found.asked) == (sum(right for right, _ in counts), sum(asked for _, asked in counts))
    assert (found.mean, found.low, found.high, found.concentration) == pytest.approx(wanted, abs=1e-5)


def test_positions_are_smoothed_towards_all_fifths() -> None:
    """Two errors, in parts 1 and 2, and one of each part beside them: 2, 2, 1, 1, 1 of 7 stand for 20 more of a fifth."""
    whole = [2 / 7, 2 / 7, 1 / 7, 1 / 7, 1 / 7]
    found = calibrating.positions(
        [
            PilotSolution(1, 5, right=False, passed=0, samples=4),
            PilotSolution(2, 4, right=False, passed=3, samples=4),
            PilotSolution(0, 4, right=True, passed=4, samples=4),
        ]
    )
    assert found[0] == pytest.approx([(20 * share + (part == 0)) / 21 for part, share in enumerate(whole)])
    assert found[3] == pytest.approx([(20 * share + (part == 1)) / 21 for part, share in enumerate(whole)])
    assert found[1] == found[2] == found[4] == pytest.approx(whole)


def test_a_judge_by_hand() -> None:
    wrong = [PilotSolution(2, 5, right=False, passed=0, samples=4, verdict=verdict) for verdict in (2, 3, 0)]
    clean = [PilotSolution(0, 5, right=True, passed=0, samples=4, verdict=verdict) for verdict in (1, 0, None)]
    found = calibrating.accuracy([*wrong, *clean])
    assert found
    assert (found.misses, found.alarms, found.place, found.rows) == (0.4, 0.5, 0.5, 5)
    assert calibrating.accuracy(clean) is None


def test_what_no_pilot_tells_is_assumed() -> None:
    found = calibrating.beliefs(calibrating.rate([]), [], None)
    assert (found.concentration, found.slips, found.notices, found.hidden) == (10.0, 0.15, 0.42, 0.1)
    assert (found.judge, found.judges, found.of("any")) == (None, (), found)
    assert b"judges" not in believing.write(Calibration(policy="one", rollouts=0, kinds={}, beliefs=found))


@pytest.mark.parametrize(
    ("passed", "samples", "wanted"), [(0, 16, 0), (3, 16, 0), (4, 16, 1), (8, 16, 2), (15, 16, 4), (16, 16, 4), (3, 0, 0)]
)
def test_a_pass_rate_is_in_its_fifth(passed: int, samples: int, wanted: int) -> None:
    assert believing.fifth(passed, samples) == wanted


def test_a_step_weighs_what_its_part_of_the_solution_does() -> None:
    found = calibrating.beliefs(calibrating.rate([]), [], None)
    rising = found.model_copy(update={"positions": ((1.0, 2.0, 3.0, 4.0, 5.0),) * 5})
    assert rising.places(5, 1, 4) == pytest.approx([1 / 15, 2 / 15, 3 / 15, 4 / 15, 5 / 15])
    assert rising.places(2, 1, 4) == pytest.approx([2 / 6, 4 / 6])
    assert rising.places(1, 1, 4) == [1.0]
