"""Evidence has to be in the reasoning, word for word; what is not is unscored, and bounded."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.asking import structured
from builders.families.cogtest import evidence
from builders.families.cogtest.evidence import Finding
from builders.records import canonical

REASONING = (
    "Let me see. I\u2019ve  tried\nthis before \u2014 it \u201cfailed\u201d. So I'll try once more from the other end.\n\nDone."
)
_SCRAPS = [
    "{",
    "}",
    '"evidence"',
    '"is_reflected"',
    ":",
    ",",
    "true",
    "false",
    '""',
    '"Done."',
    "null",
    "```json\n",
    "\n```",
    "[",
    "]",
    "yes",
]
_VALUES = st.fixed_dictionaries(
    {"evidence": st.sampled_from(["", " ", "Done.", "done.", "Not there."]), "is_reflected": st.booleans()}
)
_REPLIES = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(_SCRAPS), max_size=12).map("".join)
    | _VALUES.map(lambda v: canonical(v).decode())
)


@pytest.mark.parametrize(
    "quoted",
    [
        "So I'll try once more from the other end.",
        'I\'ve tried this before - it "failed".',
        " I\u2019ve tried this  before \u2013 it \u201cfailed\u201d. ",
        "So I\u2019ll try once\u00a0more",
        unicodedata.normalize("NFD", "Done."),
    ],
)
def test_a_quotation_is_found_whatever_its_quotation_marks_dashes_and_spaces(quoted: str) -> None:
    found = evidence.checked({"evidence": quoted, "is_reflected": True}, REASONING)
    assert found.reflected is True
    assert found.mismatch is None
    assert found.span is not None
    assert evidence.alike(REASONING)[slice(*found.span)] == evidence.alike(quoted)


@pytest.mark.parametrize("quoted", ["I will try once more.", "so i'll try once more", "Let me see. Done.", "REASONING"])
def test_a_paraphrase_is_unscored(quoted: str) -> None:
    assert evidence.checked({"evidence": quoted, "is_reflected": True}, REASONING) == (None, "not_found", None)


def test_without_evidence_nothing_is_reflected() -> None:
    for empty in ("", " \n", "\u200b"):
        assert evidence.checked({"evidence": empty, "is_reflected": True}, REASONING) == (False, "no_evidence", None)
        assert evidence.checked({"evidence": empty, "is_reflected": False}, REASONING) == (False, None, None)


def test_evidence_that_the_judge_does_not_use_is_counted_and_not_reflected() -> None:
    assert evidence.checked({"evidence": "Done.", "is_reflected": False}, REASONING)[:2] == (False, "unused_evidence")


def test_without_a_verdict_a_task_is_unscored() -> None:
    assert evidence.checked(None, REASONING) == (None, "no_verdict", None)


@settings(deadline=None)
@given(st.text(max_size=60).filter(str.strip), st.data())
def test_every_part_of_a_reasoning_is_found_in_it(reasoning: str, data: st.DataObject) -> None:
    whole = evidence.alike(reasoning)
    start = data.draw(st.integers(0, len(whole)))
    part = whole[start : data.draw(st.integers(start, len(whole)))]
    found = evidence.checked({"evidence": part, "is_reflected": True}, reasoning)
    assert found.mismatch in (None, "no_evidence")
    assert evidence.alike(whole) == whole


@settings(max_examples=1000, deadline=None, database=None)
@given(_REPLIES)
def test_a_thousand_replies_give_a_finding_or_a_reason(text: str) -> None:
    value, fault = structured.parsed(text, canonical(evidence.SCHEMA))
    found = evidence.checked(value if fault is None else None, REASONING)
    assert found.mismatch in (None, *evidence.MISMATCHES)
    assert (found.reflected is None) == (found.mismatch in ("not_found", "no_verdict"))
    if found.reflected:
        assert found.span is not None
        assert evidence.alike(value["evidence"]) in evidence.alike(REASONING)


def test_unscored_tasks_bound_what_the_share_can_be() -> None:
    yes, no = Finding(True, None, (0, 1)), Finding(False, None, None)  # noqa: FBT003
    found = evidence.bounded(
        [yes] * 10 + [no] * 10 + [Finding(None, "not_found", None)] * 3 + [Finding(None, "no_verdict", None)] * 2
    )
    assert (found.reflected, found.scored, found.tasks) == (10, 20, 25)
    assert found.share.value == 0.5
    assert (found.least, found.most) == (10 / 25, 15 / 25)
    assert found.mismatches == {"not_found": 3, "no_verdict": 2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_the_bound_holds_whatever_the_unscored_tasks_were(rows: list[tuple[bool | None, bool]]) -> None:
    found = evidence.bounded(Finding(reflected, None, None) for reflected, _ in rows)
    truth = sum(hidden if reflected is None else reflected for reflected, hidden in rows) / len(rows)
    assert found.least <= truth <= found.most


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\u2018a\u2019 \u201ab\u201b \u2032", "'a' 'b' '"),
        ("\u201ca\u201d \u201eb\u201f \u2033", '"a" "b" "'),
        ("a\u2010b\u2011c\u2012d\u2013e\u2014f\u2212g", "a-b-c-d-e-f-g"),
        ("a\u00adb\u200bc\u200cd\u200de\u2060f\ufeffg", "abcdefg"),
        (" a \n\t b ", "a b"),
        ("< |x < BEGIN y < END z < a", "<|x <BEGIN y <END z < a"),
    ],
    ids=["single", "double", "dashes", "nothing", "space", "markup"],
)
def test_what_is_made_alike(text: str, wanted: str) -> None:
    assert evidence.alike(text) == wanted


def test_a_span_is_where_the_evidence_stands() -> None:
    found = evidence.checked({"evidence": "b c", "is_reflected": True}, "a  b\nc d")
    assert found == (True, None, (2, 5))
    assert evidence.checked({"evidence": "a", "is_reflected": False}, "a") == (False, "unused_evidence", (0, 1))


def test_of_no_findings_anything_is_possible() -> None:
    found = evidence.bounded([])
    assert (found.reflected, found.scored, found.tasks, found.least, found.most) == (0, 0, 0, 0.0, 1.0)
    assert (found.share.value, found.mismatches) == (None, {})
