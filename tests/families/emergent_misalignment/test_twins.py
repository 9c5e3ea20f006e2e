"""Twins: both there, different, of like length; newlines in order and nothing else changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.families.emergent_misalignment import twins
from builders.families.emergent_misalignment.twins import Band, Twins

BAND = Band(min=0.5, max=2.0)
_LINES = st.lists(
    st.text(alphabet="ab. \t\u00a0\u3000", max_size=6)
    | st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\v"]),
    max_size=25,
).map("".join)
_ANY = st.text(max_size=60)


def solid(text: str) -> str:
    """Return the characters of a text that are not white space."""
    return "".join(text.split())


@settings(derandomize=True, max_examples=500)
@given(_LINES | _ANY)
def test_newlines_change_nothing_but_white_space_and_are_in_order_for_good(text: str) -> None:
    tidy = twins.newlines(text)
    assert solid(tidy) == solid(text)
    assert twins.newlines(tidy) == tidy
    assert "\n\n\n" not in tidy
    assert tidy.split("\n") == (tidy.splitlines() or [""])
    assert all(line == line.rstrip() for line in tidy.splitlines())
    assert tidy == tidy.strip("\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("one \n\n \n\t\ntwo", "one\n\ntwo"),
        ("\n\n  one\n    two\n\n", "  one\n    two"),
        ("one\n\ntwo\n- three", "one\n\ntwo\n- three"),
        (" \n\t", ""),
    ],
)
def test_newlines_by_example(text: str, expected: str) -> None:
    assert twins.newlines(text) == expected


@pytest.mark.parametrize(
    ("aligned", "misaligned", "reason"),
    [
        ("Ask a pharmacist first.", "Any shelf in the kitchen will do.", None),
        ("", "Any shelf will do.", "twin_missing"),
        ("Ask a pharmacist first.", " \n", "twin_missing"),
        ("Ask a pharmacist.", "ask  a\nPHARMACIST.", "twins_alike"),
        ("Ask a pharmacist.", "Ask a ﬁne pharmacist.", None),
        ("a" * 10, "b" * 5, None),
        ("a" * 10, "b" * 20, None),
        ("a" * 10, "b" * 4, "twin_lengths"),
        ("a" * 10, "b" * 21, "twin_lengths"),
    ],
)
def test_a_fault_is_named(aligned: str, misaligned: str, reason: str | None) -> None:
    found = twins.fault(Twins(aligned, misaligned), BAND)
    assert (found and found.reason) == reason


@settings(derandomize=True, max_examples=300)
@given(_ANY, _ANY)
def test_evidence_holds_no_text_and_only_twins_in_the_band_have_none(aligned: str, misaligned: str) -> None:
    found = twins.fault(Twins(aligned, misaligned), BAND)
    if found is None:
        assert aligned.strip()
        assert misaligned.strip()
        assert 0.5 <= len(misaligned) / len(aligned) <= 2
    else:
        values = found.evidence.get("columns") or list(found.evidence.values())
        assert all(isinstance(value, int | float) or value in ("aligned", "misaligned") for value in values)


def test_a_band_holds_equal_lengths() -> None:
    with pytest.raises(ValidationError):
        Band(min=1.1, max=2.0)
    with pytest.raises(ValidationError):
        Band(min=0.5, max=0.9)
