"""synthesize: the letters of a graph's nodes."""

from builders.families.cot2 import synthesize

SYMBOLS = tuple(f"{first}{second}" for first in ("", "A") for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_names_that_are_letters_stay_be_they_all_there_are() -> None:
    assert synthesize.symbols("cot2:0", ("B", "AC")) == ["B", "AC"]
    assert synthesize.symbols("cot2:0", SYMBOLS) == list(SYMBOLS)


def test_other_names_get_letters_by_the_row_and_two_of_them_only_where_one_is_not_enough() -> None:
    few, others = (synthesize.symbols(row, ("rempus", "A", "shumpus")) for row in ("cot2:0", "cot2:1"))
    assert few != others
    assert len(few) == len(set(few)) == 3
    assert {len(name) for name in few} == {1}
    many = synthesize.symbols("cot2:0", tuple(f"x{number}" for number in range(27)))
    assert sorted(many, key=lambda name: (len(name), name)) == [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA"]
