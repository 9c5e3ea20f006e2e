"""Names from outside in a card: they are shown, and mean nothing to Markdown, to HTML or to the template."""

from hypothesis import given
from hypothesis import strategies as st

from builders.releases import markup


def test_a_cell_is_one_line_of_plain_text() -> None:
    assert markup.cell("a\r\nb\rc\nd\u2028e") == "a<br>b<br>c<br>d<br>e"
    assert markup.cell("<b>|`*_[x](y)#&") == r"\<b\>\|\`\*\_\[x\](y)\#\&"
    assert markup.cell("a\x1b[2Jb\x9bc") == r"a\[2Jbc"


@given(st.text())
def test_a_name_ends_no_code_no_cell_and_no_line(text: str) -> None:
    found = markup.name(text)
    assert not set(found) & set("`<>|\r\n\x1b\x9b\u2028")
    assert len(found.splitlines()) <= 1
    assert "](" not in found
    assert "{{" not in found


def test_names_are_found_wherever_they_stand_and_reasons_are_ours() -> None:
    facts = {"a`b": [{"model": "<i>", "reason": "see `x` and <y>", "rows": 3}], "none": None}
    assert markup.names(facts) == {"a'b": [{"model": "\u2039i\u203a", "reason": "see `x` and <y>", "rows": 3}], "none": None}


def test_a_line_keeps_names_between_backticks_and_no_other_markup() -> None:
    assert markup.line("`a`: 3 rows; files: `b`") == "`a`: 3 rows; files: `b`"
    assert markup.line("`a|b` <i> `c") == "'a¦b' \u2039i\u203a 'c"


def test_a_name_is_cut_where_it_is_longer_than_is_shown() -> None:
    assert markup.name("x" * 200) == "x" * 200
    assert markup.name("x" * 201) == "x" * 200 + "…"
    assert markup.name("a\nb{{c}}{%d%}{#e") == "a b{ {c}}{ %d%}{ #e"


def test_a_tuple_of_names_stays_one() -> None:
    assert markup.names(("a`", ["b|"], 3)) == ("a'", ["b¦"], 3)
