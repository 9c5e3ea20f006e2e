"""Ways of locating as state machines: each ends, remembers nothing, and finds what can be found."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.families.dualmath import calibrating, locating
from builders.families.dualmath.believing import Beliefs, JudgeAccuracy
from builders.families.dualmath.calibrating import PilotSolution
from builders.families.dualmath.locating import POLICY, SECOND, Case, Locating, Location, Place, Probe, Tally

WAYS = ("every_step", "bisection", "early", "adaptive", "agreement", "confident", "verify", "judge", "posterior")
BASE = Locating(
    way="posterior", rollouts=16, accepted=1, least_pass_rate=0.25, stop=0.9, least_gain=0.01, most=48, request=0.5, keep=0.9
)
JUDGE = JudgeAccuracy(misses=0.05, alarms=0.1, place=0.84, rows=500)


def section(way: str, **changes: object) -> Locating:
    return BASE.model_copy(update={"way": way, **changes})


def beliefs(judge: JudgeAccuracy | None = None, dead: list[tuple[int, int]] | None = None) -> Beliefs:
    seen = [PilotSolution(first, 6, right=False, passed=8, samples=16) for first in range(1, 7)]
    return calibrating.beliefs(calibrating.rate(dead or [(0, 4)] * 300), seen, judge)


def case(steps: int, verdict: int | None = None, *, right: bool = False, passed: int = 8) -> Case:
    return Case(steps, right, passed, 16, (10,) * steps, verdict)


def played(
    one: Case, way: Locating, outcome: Callable[[Place, int], bool], own: Beliefs
) -> tuple[Location, dict[Place, Tally]]:
    """Play a way to its end; continuation `number` of a prefix comes to what `outcome` says."""
    counts: dict[Place, Tally] = {}
    for _ in range(2000):
        found = locating.step(one, counts, way, own)
        if isinstance(found, Location):
            return found, counts
        old = counts.get(found.place, Tally(0, 0))
        came = sum(outcome(found.place, number) for number in range(old.asked, old.asked + found.more))
        counts[found.place] = Tally(old.right + came, old.asked + found.more)
    raise AssertionError(way)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), st.integers(1, 9), st.integers(0, 2**32), st.one_of(st.none(), st.integers(0, 9)), st.booleans())
def test_every_way_ends_within_its_bounds(way: str, steps: int, seed: int, verdict: int | None, right: bool) -> None:  # noqa: FBT001
    named = None if verdict is None else min(verdict, steps)
    found, counts = played(
        case(steps, named, right=right),
        section(way),
        lambda place, number: hash((seed, place, number)) % 3 == 0,
        beliefs(JUDGE if verdict is not None else None),
    )
    assert 0 <= found.first <= steps
    assert all(0 < place.prefix < steps and tally.asked <= 48 for place, tally in counts.items())
    assert not (right and counts)
    if found.posterior:
        assert len(found.posterior) == steps + 1
        assert sum(found.posterior) == pytest.approx(1)


@pytest.mark.parametrize("way", ["every_step", "bisection", "early", "adaptive", "agreement", "confident", "posterior"])
@pytest.mark.parametrize("first", range(1, 7))
def test_where_prefixes_are_dead_or_sure_the_first_error_is_found(way: str, first: int) -> None:
    found, _ = played(case(6), section(way), lambda place, _: place.prefix < first, beliefs())
    assert found.first == first


@pytest.mark.parametrize("way", WAYS)
def test_what_is_asked_depends_on_the_counts_and_nothing_else(way: str) -> None:
    """The same counts, put together in another order, lead to the same next probe."""
    own = beliefs(JUDGE)
    _, counts = played(case(7, 3), section(way), lambda place, number: (place.prefix + number) % 4 == 0, own)
    some = dict(list(counts.items())[: len(counts) // 2])
    turned = dict(reversed(list(some.items())))
    assert locating.step(case(7, 3), some, section(way), own) == locating.step(case(7, 3), turned, section(way), own)


def test_early_stopping_finds_what_bisection_finds_for_fewer() -> None:
    def outcome(place: Place, number: int) -> bool:
        return place.prefix < 4 and number % 5 == 2

    whole, dear = played(case(8), section("bisection"), outcome, beliefs())
    early, cheap = played(case(8), section("early"), outcome, beliefs())
    assert whole.first == early.first == 4
    assert sum(tally.asked for tally in cheap.values()) < sum(tally.asked for tally in dear.values())


def test_a_probe_stops_when_enough_can_no_longer_come() -> None:
    _, counts = played(case(2), section("early", rollouts=8, accepted=3), lambda _, __: False, beliefs())
    assert counts == {Place(POLICY, 1): Tally(0, 6)}


def test_the_adaptive_search_begins_where_errors_are() -> None:
    late = [PilotSolution(6, 6, right=False, passed=8, samples=16)] * 400
    own = calibrating.beliefs(calibrating.rate([(0, 4)] * 300), late, None)
    assert locating.step(case(6), {}, section("adaptive"), own) == Probe(Place(POLICY, 5), 1)
    assert locating.step(case(6), {}, section("early"), own) == Probe(Place(POLICY, 3), 1)


def test_agreement_keeps_what_two_policies_find() -> None:
    same, counts = played(case(6), section("agreement"), lambda place, _: place.prefix < 3, beliefs())
    assert same.kept
    assert {place.role for place in counts} == {POLICY, SECOND}
    differing, _ = played(case(6), section("agreement"), lambda place, _: place.prefix < 3 + (place.role == SECOND), beliefs())
    assert not differing.kept


def test_confident_asks_nothing_about_hard_problems() -> None:
    found, counts = played(case(6, passed=2), section("confident"), lambda _, __: True, beliefs())
    assert (found.kept, counts) == (False, {})


@pytest.mark.parametrize(("dead", "kept"), [(3, True), (2, False), (4, False)])
def test_verify_keeps_what_the_judge_named_rightly(dead: int, kept: bool) -> None:  # noqa: FBT001
    found, _ = played(case(6, 3), section("verify", rollouts=4), lambda place, _: place.prefix < dead, beliefs(JUDGE))
    assert (found.first, found.kept) == (3, kept)


def test_counts_are_decided_about_again_without_a_call() -> None:
    own = beliefs()
    found, counts = played(case(7), section("posterior"), lambda place, number: place.prefix < 3 and number % 2 == 0, own)
    assert locating.settled(case(7), counts, section("posterior"), own) == found
    assert not locating.settled(case(7), counts, section("posterior", keep=0.999), own).kept
    assert not locating.settled(case(7), {}, section("bisection"), own).kept


def test_a_right_answer_is_not_taken_for_checked_without_a_judge() -> None:
    found, counts = played(case(6, right=True), section("posterior"), lambda _, __: True, beliefs())
    assert (found.first, found.kept, counts) == (0, False, {})
    clean, _ = played(case(6, 0, right=True), section("posterior"), lambda _, __: True, beliefs(JUDGE))
    assert (clean.first, clean.kept) == (0, True)
    doubted, _ = played(case(6, 4, right=True), section("posterior"), lambda _, __: True, beliefs(JUDGE))
    assert not doubted.kept
