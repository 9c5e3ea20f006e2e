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


def test_a_prefix_is_asked_about_until_enough_came_or_no_longer_can() -> None:
    early = section("early", rollouts=3, accepted=2)
    for counts, wanted in (
        ({}, Probe(Place(POLICY, 1), 1)),
        ({Place(POLICY, 1): Tally(1, 2)}, Probe(Place(POLICY, 1), 1)),
        ({Place(POLICY, 1): Tally(2, 2)}, Location(2, (), kept=True)),
        ({Place(POLICY, 1): Tally(0, 2)}, Location(1, (), kept=True)),
        ({Place(POLICY, 1): Tally(1, 3)}, Location(1, (), kept=True)),
        ({Place(POLICY, 1): Tally(2, 3)}, Location(2, (), kept=True)),
    ):
        assert locating.step(case(2), counts, early, beliefs()) == wanted
    at_once = section("bisection", rollouts=3, accepted=2)
    assert locating.step(case(2), {Place(POLICY, 1): Tally(2, 2)}, at_once, beliefs()) == Probe(Place(POLICY, 1), 1)
    assert locating.step(case(2), {}, at_once, beliefs()) == Probe(Place(POLICY, 1), 3)


def test_every_step_is_asked_about_and_the_first_with_too_few_is_wrong() -> None:
    way, two = section("every_step", rollouts=4, accepted=2), {Place(POLICY, 1): Tally(2, 4)}
    assert locating.step(case(3), {Place(POLICY, 1): Tally(2, 3)}, way, beliefs()) == Probe(Place(POLICY, 1), 1)
    assert locating.step(case(3), two, way, beliefs()) == Probe(Place(POLICY, 2), 4)
    for right, first in ((1, 2), (2, 3)):
        counts = {**two, Place(POLICY, 2): Tally(right, 4)}
        assert locating.step(case(3), counts, way, beliefs()) == Location(first, (), kept=True)


@pytest.mark.parametrize(("passed", "asked"), [(3, False), (4, True), (5, True)])
def test_confident_asks_from_its_pass_rate_on(passed: int, asked: bool) -> None:  # noqa: FBT001
    found = locating.step(case(2, passed=passed), {}, section("confident"), beliefs())
    assert found == (Probe(Place(POLICY, 1), 1) if asked else Location(2, (), kept=False))


def test_verify_looks_before_and_behind_what_the_judge_named() -> None:
    way, own = section("verify", rollouts=4), beliefs(JUDGE)
    dead, alive = Tally(0, 4), Tally(1, 1)
    for one, counts, wanted in (
        (case(3), {}, Location(3, (), kept=False)),
        (case(3, 0), {}, Location(3, (), kept=False)),
        (case(3, 1), {}, Probe(Place(POLICY, 1), 1)),
        (case(3, 1), {Place(POLICY, 1): dead}, Location(1, (), kept=True)),
        (case(3, 2), {}, Probe(Place(POLICY, 1), 1)),
        (case(3, 2), {Place(POLICY, 1): alive}, Probe(Place(POLICY, 2), 1)),
        (case(3, 2), {Place(POLICY, 1): dead}, Location(2, (), kept=False)),
        (case(3, 3), {Place(POLICY, 2): alive}, Location(3, (), kept=True)),
        (case(3, 3), {Place(POLICY, 2): dead}, Location(3, (), kept=False)),
    ):
        assert locating.step(one, counts, way, own) == wanted


@pytest.mark.parametrize(
    ("right", "verdict", "first", "kept"),
    [
        (False, None, 4, False),
        (True, None, 0, False),
        (True, 0, 0, True),
        (True, 2, 2, True),
        (False, 2, 2, True),
        (False, 0, 4, False),
    ],
)
def test_a_judge_alone_is_believed_unless_it_passes_a_wrong_answer(
    right: bool,  # noqa: FBT001
    verdict: int | None,
    first: int,
    kept: bool,  # noqa: FBT001
) -> None:
    assert locating.step(case(4, verdict, right=right), {}, section("judge"), beliefs(JUDGE)) == Location(first, (), kept=kept)


def test_the_adaptive_search_halves_what_is_likely() -> None:
    own = beliefs().model_copy(update={"positions": ((4.0, 1.0, 1.0, 1.0, 1.0),) * 5})
    way = section("adaptive", rollouts=1)
    assert locating.step(case(5), {}, way, own) == Probe(Place(POLICY, 1), 1)
    assert locating.step(case(5), {Place(POLICY, 1): Tally(1, 1)}, way, own) == Probe(Place(POLICY, 3), 1)
    late = own.model_copy(update={"positions": ((1.0, 1.0, 1.0, 1.0, 9.0),) * 5})
    assert locating.step(case(5), {}, way, late) == Probe(Place(POLICY, 4), 1)
    assert locating.step(case(5), {Place(POLICY, 4): Tally(0, 1)}, way, late) == Probe(Place(POLICY, 2), 1)


def test_the_posterior_stops_where_it_is_sure_enough_or_has_spent_enough() -> None:
    counts = {Place(POLICY, 1): Tally(2, 2), Place(POLICY, 2): Tally(0, 6)}
    found = locating.settled(case(3), counts, BASE, beliefs())
    surest = max(found.posterior)
    assert (found.first, found.kept) == (2, True)
    assert found.posterior == pytest.approx((0.0, 0.0771, 0.9219, 0.001), abs=1e-4)
    for changes, stops in (
        ({"stop": surest}, True),
        ({"stop": 1.0, "most": 8}, True),
        ({"stop": 1.0, "most": 9, "least_gain": 0.0}, False),
        ({"stop": 1.0, "most": 9, "least_gain": 1.0}, True),
    ):
        one = locating.step(case(3), counts, section("posterior", **changes), beliefs())
        assert (one == found) is stops
    assert locating.settled(case(3), counts, section("posterior", keep=surest), beliefs()).kept
    assert not locating.settled(case(3), counts, section("posterior", keep=min(1.0, surest + 1e-6)), beliefs()).kept


@pytest.mark.parametrize(
    ("lengths", "request_", "prefix"),
    [
        ((10, 10, 10, 10), 0.5, 3),
        ((10, 10, 10, 10), 5.0, 2),
        ((1, 1, 1, 400), 0.0, 2),
        ((1, 400, 1, 1), 0.0, 3),
        ((1, 400, 1, 1), 0.1, 2),
        ((1, 1, 400, 1), 5.0, 3),
        ((1, 1, 400, 1), 50.0, 2),
    ],
)
def test_long_rests_are_dear(lengths: tuple[int, ...], request_: float, prefix: int) -> None:
    own = beliefs().model_copy(update={"positions": ((6.0, 1.0, 1.0, 1.0, 1.0),) * 5})
    one = case(4)._replace(lengths=lengths)
    assert locating.step(one, {}, section("posterior", request=request_), own) == Probe(Place(POLICY, prefix), 1)
