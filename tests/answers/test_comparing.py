"""Which rule decides about two answers, and how."""

from pathlib import Path

import pytest

from builders.answers.equivalence import compared

VERDICTS = (Path(__file__).parent.parent / "data" / "verdicts.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", VERDICTS)
def test_each_pair_of_answers_has_its_rule(line: str) -> None:
    mark, rule, pair = line[0], *line[2:].split(": ", 1)
    one, other = pair.split(" ~ ")
    there, back = compared(one, other), compared(other, one)
    assert (there.equivalent, back.equivalent) == {"=": (True, True), "!": (False, False), ">": (True, False)}[mark]
    assert there.route == back.route == rule
    assert (back.given, back.reference) == (there.reference, there.given)
