"""statements: every wording of the published files, and ours."""

import pytest

from builders.families.cot2 import statements
from builders.families.cot2.statements import Choice, Statement


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("A in B", Statement("A", "B", holds=True)),
        ("AC not in B", Statement("AC", "B", holds=False)),
        ("Every shumpus is a rempus", Statement("shumpus", "rempus", holds=True)),
        ("Tom is a terpus", Statement("Tom", "terpus", holds=True)),
        ("Each whale is bony", Statement("whale", "bony", holds=True)),
        ("Every Mersenne prime is not composite", Statement("mersenne prime", "composite", holds=False)),
        ("127 is a Mersenne prime", Statement("127", "mersenne prime", holds=True)),
        ("Butterflies are lepidopterans", Statement("butterfly", "lepidopteran", holds=True)),
        ("Arthropods are not bony", Statement("arthropod", "bony", holds=False)),
        ("Wumpuses are luminous", Statement("wumpus", "luminous", holds=True)),
        ("Foxes are mammals", Statement("fox", "mammal", holds=True)),
        ("Finches are not bushes", Statement("finch", "bush", holds=False)),
        ("Classes are glass", Statement("class", "glass", holds=True)),
        ("Cactus are plants", Statement("cactus", "plant", holds=True)),
        ("Every Imp is an Ape", Statement("imp", "ape", holds=True)),
        ("A in B in C", None),
        ("It rains", None),
    ],
)
def test_a_sentence_is_read_in_any_of_its_wordings(sentence: str, expected: Statement | None) -> None:
    assert statements.read(sentence) == expected


def test_questions_and_claims_are_read() -> None:
    assert statements.choice("Is Tom a lempus or scrompus?") == Choice("Tom", "lempus", "scrompus")
    assert statements.choice("A in F or AB?") == Choice("A", "F", "AB")
    assert statements.choice("Is Tom an imp or ape?") == Choice("Tom", "imp", "ape")
    assert statements.choice("Is it so?") is None
    assert statements.claim("True or false: Sally is not bony.") == Statement("Sally", "bony", holds=False)
    assert statements.claim("W in P?") == Statement("W", "P", holds=True)
    assert statements.claim(" W not in AP? ") == Statement("W", "AP", holds=False)
    assert statements.claim("Why?") is None


def test_letters_are_written_as_they_are_read() -> None:
    for statement in (Statement("A", "AB", holds=True), Statement("Z", "B", holds=False)):
        assert statements.read(statements.sentence(statement).removesuffix(".")) == statement
    facts = [Statement("A", "B", holds=True), Statement("B", "C", holds=False)]
    assert " ".join(statements.tokens(facts, ["A", "in", "C", "?"])) == "A in B . B not in C . A in C ?"
    assert statements.sentences("A in B. B not in C. A in C?") == ["A in B", "B not in C", "A in C?"]
    assert statements.sentences("  A in B.   A in C? ") == ["A in B", "A in C?"]
    assert statements.sentences(" ") == []
