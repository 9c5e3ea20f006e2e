"""Problems by number: nothing comes twice, nobody remembers anything, and every number is somebody's."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import problem_spaces
from builders.errors import BuildError
from builders.families.mmathcot.problems import likeness, rounds, spaces
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.lots import Lot
from builders.problems.quantities import Unfit

CELLS = tuple((kind, depth) for kind, known in sorted(KINDS.items()) for depth in known.depths)


def lot(number: int) -> Lot:
    return Lot(number, random.Random(0))  # noqa: S311


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.text(max_size=5))
def test_a_permutation_takes_each_number_to_another(size: int, key: str) -> None:
    places = range(0, size, max(1, size // 50))
    taken = [spaces.permuted(place, size, key) for place in places]
    assert len(set(taken)) == len(taken)
    assert all(0 <= place < size for place in taken)


def test_a_permutation_depends_on_its_key_and_spreads() -> None:
    one, other = ([spaces.permuted(place, 10**9, key) for place in range(200)] for key in "ab")
    assert len(set(one) & set(other)) < 3
    assert sum(place < 5 * 10**8 for place in one) == pytest.approx(100, abs=40)


def test_every_answer_of_a_lot_has_a_number() -> None:
    found = set()
    for number in range(2 * 3 * 6 * 10):
        asked = lot(number)
        answers = (asked.coin(), asked.choice("abc"), tuple(asked.sample("xyz", 2)), tuple(asked.subset("12345", 2)))
        asked.settle()
        found.add(answers)
    assert len(found) == 2 * 3 * 6 * 10


def test_several_alike_have_a_number_each() -> None:
    found = {tuple(lot(number).multiset("abcd", 3)) for number in range(20)}
    assert len(found) == 20
    assert ("a", "a", "a") in found


@pytest.mark.parametrize(
    ("place", "size", "key", "taken"),
    [
        (0, 1, "a", 0),
        (0, 2, "a", 1),
        (5, 10, "a", 0),
        (3, 1000, "b", 232),
        (12345, 10**9, "c", 220092367),
        (7, 10**30, "d", 802502506539449720074909540421),
        (2**70, 2**80, "e", 339759656038676440400494),
    ],
)
def test_a_permutation_stays_as_it_is(place: int, size: int, key: str, taken: int) -> None:
    assert spaces.permuted(place, size, key) == taken


SOME = (("regular_polygon", 2), ("sector", 3), ("bar_chart", 3), ("bar_chart", 4))


@pytest.mark.parametrize(
    ("row", "seed", "place"),
    [
        (0, 0, ("unknown_sides", 5, 0)),
        (255, 0, ("venn", 4, 0)),
        (256, 0, ("grouped_bars", 5, 1)),
        (511, 3, ("box_plot", 3, 2)),
        (512, 3, ("clock_angle", 4, 5)),
        (70000, 1, ("staircase", 4, 346)),
        (10**9, 2, ("price_table", 8, 48235390)),
    ],
)
def test_a_row_stays_the_problem_that_it_is(row: int, seed: int, place: tuple[str, int, int]) -> None:
    assert rounds.placed(row, seed, CELLS) == place


def test_rounds_share_out_by_weight_what_is_left() -> None:
    three = SOME[:3]
    assert rounds.room(three) == [6, 100, 613378]
    assert rounds.weights(three) == pytest.approx([2.807355, 6.658211, 19.93157], abs=1e-6)
    assert [rounds.placed(row, 0, three)[2] for row in (0, 1, 2, 300, 5000)] == [178, 110, 172, 328, 7715]
    assert list(rounds.spare(5, SOME)) == [("bar_chart", 4, 87886), ("bar_chart", 3, 1226751)]


def test_the_first_rows_are_counted_by_kind_and_depth() -> None:
    assert rounds.counted(6, 0, SOME[:1]) == [6]
    assert sum(rounds.counted(40, 0, SOME)) == 40


def test_a_number_has_one_problem_of_a_listed_space_and_several_tries_in_a_large_one() -> None:
    assert [list(spaces.candidates("sector", 5, number, 1)) for number in (0, 1, 500)] == [[3], [1], [3]]
    assert list(spaces.candidates("bar_chart", 3, 500, 1))[:3] == [36967388, 27810326, 14802078]


def test_a_list_of_numbers_is_packed_as_text() -> None:
    assert spaces.packed([0, 3, 9], 12) == "c-rG+0ssIO01N"


@pytest.mark.parametrize(
    "asked",
    [
        lambda lot: lot.randint(3, 2),
        lambda lot: lot.randrange(5, 5),
        lambda lot: lot.choice(""),
        lambda lot: lot.sample("ab", 3),
        lambda lot: lot.subset("ab", 3),
    ],
)
def test_a_choice_among_too_few_makes_no_problem(asked: Callable[[Lot], object]) -> None:
    with pytest.raises(Unfit, match="to choose from"):
        asked(lot(0))


def test_answers_are_the_digits_of_the_number() -> None:
    asked = lot(1 + 2 * (2 + 3 * (1 + 4 * (5 + 6 * 2))))
    assert [asked.coin(), asked.choice("abc"), asked.randint(7, 10), asked.sample("xyz", 2), asked.randrange(0, 30, 10)] == [
        True,
        "c",
        8,
        ["z", "y"],
        20,
    ]
    asked.settle()
    assert asked.size == 2 * 3 * 4 * 6 * 3
    assert [lot(number).subset("abc", 2) for number in range(3)] == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert [lot(0).sample("ab", 2), lot(0).subset("ab", 2), lot(0).subset("ab", 0), lot(5).coin()] == [
        list("ab"),
        list("ab"),
        [],
        True,
    ]


def test_only_what_makes_no_other_problem_is_looked_at() -> None:
    drawn, looked = Lot(0, "seed"), Lot(0, "seed")
    assert drawn.chance.choice("ab") == looked.look("ab")
    assert (drawn.looked, looked.looked) == (False, True)
    assert Lot(0, "seed").uniform(2, 3) == 2 + random.Random("seed").random()  # noqa: S311


@pytest.mark.parametrize(
    ("value", "flat"),
    [
        ({"AB": [1, 2.5, True]}, ["AB", 3, 1, 1]),
        (["BCB", "CA", "1/2", "red", "red", "blue"], [6, "ABA", "BC", "1/2", 3, 3, 4]),
        ((Fraction(1, 2), Fraction(3)), [2, "1/2", "3"]),
    ],
)
def test_facts_are_compared_by_numbers_and_the_order_of_names(value: object, flat: list[object]) -> None:
    assert list(likeness._flattened(value, {})) == flat  # noqa: SLF001


def test_a_number_beyond_the_space_makes_no_problem() -> None:
    asked = lot(6)
    asked.choice("abc")
    asked.coin()
    with pytest.raises(Unfit, match="beyond"):
        asked.settle()


def test_the_file_knows_every_kind_and_its_size() -> None:
    known = spaces.all_spaces()
    assert set(known) == {f"{kind} {depth}" for kind, depth in CELLS}
    for kind, depth in CELLS[::3]:
        assert known[f"{kind} {depth}"].size == spaces.measured(KINDS[kind], depth), kind


@pytest.mark.parametrize(("kind", "depth"), [("regular_polygon", 3), ("sector", 5), ("roads", 2), ("isosceles_chain", 6)])
def test_the_file_lists_what_counting_finds(kind: str, depth: int) -> None:
    assert json.loads(spaces.FILE.read_bytes())[f"{kind} {depth}"] == problem_spaces.counted(kind, depth)


@pytest.mark.parametrize(("kind", "depth"), CELLS[::2])
def test_no_two_numbers_make_one_problem(kind: str, depth: int) -> None:
    """Turned, mirrored and relabelled copies count as one."""
    space = spaces.space(kind, depth)
    numbers = list(space.listed[:120]) or [spaces.permuted(place, space.size, "try") for place in range(400)]
    cores = [core for number in numbers if (core := problem_spaces.drafted(kind, depth, number))]
    assert cores
    assert len(set(cores)) == len(cores)


def test_a_core_forgets_names_and_units_and_keeps_numbers() -> None:
    def core(number: int, look: int) -> str:
        return likeness.core("stadium", KINDS["stadium"].make(4, Lot(number, random.Random(look))))  # noqa: S311

    fit = [number for number in range(294) if problem_spaces.drafted("stadium", 4, number)]
    assert len({core(fit[0], look) for look in range(8)}) == 1
    assert core(fit[0], 0) != core(fit[1], 0)


def test_each_row_has_a_problem_of_its_own() -> None:
    """The first 20,000 rows: no place twice, none beyond what there is."""
    placed = [rounds.placed(row, 3, CELLS) for row in range(20_000)]
    assert len(set(placed)) == len(placed)
    assert all(place.number < spaces.space(place.kind, place.depth).capacity for place in placed)


def test_rows_follow_from_their_number_alone() -> None:
    rows = [0, 255, 256, 5000, 700_000]
    one = [rounds.placed(row, 1, CELLS) for row in rows]
    rounds._round.cache_clear()  # noqa: SLF001
    assert [rounds.placed(row, 1, CELLS) for row in reversed(rows)] == one[::-1]
    assert [rounds.placed(row, 2, CELLS) for row in rows] != one


def test_kinds_with_more_distinct_problems_have_more_rows_and_small_ones_end() -> None:
    kinds = [rounds.placed(row, 0, CELLS).kind for row in range(8000)]
    assert kinds.count("regular_polygon") <= 22
    assert kinds.count("regular_polygon") < kinds.count("sector") < kinds.count("bar_chart")


def test_a_spare_problem_is_nobody_else_s() -> None:
    cells = (("bar_chart", 3), ("regular_polygon", 2))
    most = rounds.room(cells)[0]
    assert [place.kind for place in rounds.spare(5, cells)] == ["bar_chart"]
    assert {place.number for row in range(50) for place in rounds.spare(row, cells)}.isdisjoint(range(most))


def test_a_row_too_many_is_one_line() -> None:
    with pytest.raises(BuildError, match="more than the 6 distinct problems"):
        rounds.placed(6, 0, (("regular_polygon", 2),))


ASKED_IN_SEVERAL = ("cevian", "cone", "sector", "similar_triangles", "stadium", "sticks", "trapezium")
"""Kinds in which the same could be asked in another number of steps."""


@pytest.mark.parametrize("kind", ASKED_IN_SEVERAL)
def test_no_question_about_a_figure_is_asked_in_two_depths(kind: str) -> None:
    seen: dict[str, int] = {}
    for depth in KINDS[kind].depths:
        for number in spaces.space(kind, depth).listed:
            for look in range(8):
                with suppress(Unfit):
                    draft = KINDS[kind].make(depth, Lot(number, random.Random(look)))  # noqa: S311
                    assert seen.setdefault(likeness.question(kind, draft), depth) == depth
    assert set(seen.values()) == set(KINDS[kind].depths)


def test_a_question_is_left_to_one_of_several_depths() -> None:
    for number in range(9):
        taken = []
        for depth in (2, 3, 4):
            with suppress(Unfit):
                lot(0).leave(depth, (2, 3, 4), number)
                taken.append(depth)
        assert taken == [2 + number % 3]
    lot(0).leave(5, (2, 3, 4), 0)
