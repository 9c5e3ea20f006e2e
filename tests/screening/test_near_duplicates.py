"""Which of the rows that may be alike are near-duplicates: what is compared besides their words."""

import operator
from collections.abc import Sequence
from pathlib import Path

import pytest

from builders.params.sections import NearDuplicates
from builders.provenance import Provenance
from builders.records import Record
from builders.screening import near_duplicates
from builders.screening.near_duplicates import Beside, Marks

TEXT = "A farmer had a basket of apples and gave some to the neighbours who ate them all in one day. How many were left?"
SO = f"{TEXT} So"
"""It has 22 of the 23 n-grams that the two have."""
PARAMS = NearDuplicates(threshold=0.8, shingle_words=3, bands=2, hashes_per_band=2, numbers="must_agree")


def marked(rows: Sequence[tuple[str, str, str]], **changes: object) -> list[tuple[int, float] | None]:
    """Return of each row with a text, an answer and a figure which row it is like and how much; 0 and 2 share no group."""
    marks = Marks(
        {0: [1], 1: [1, 2], 2: [2]},
        lambda record: str(record.data["text"]),
        PARAMS.model_copy(update=changes),
        Beside(lambda record: str(record.data["figure"]), operator.eq, lambda record: str(record.data["answer"])),
    )
    found: list[tuple[int, float] | None] = []
    for number, (text, answer, figure) in enumerate(rows):
        record = Record(
            str(number), "d", None, Provenance("own", "MIT", None), {"text": text, "answer": answer, "figure": figure}
        )
        why = marks.mark(number, record)
        assert why is None or why.reason == "near_duplicate"
        found.append((int(why.evidence["duplicate_of"]), why.evidence["jaccard"]) if why else None)
    return found


@pytest.mark.parametrize(
    ("first", "second", "changes", "found"),
    [
        ((TEXT, "", ""), (TEXT, "", ""), {}, (0, 1.0)),
        ((TEXT, "1", ""), (TEXT, "1.0", ""), {}, (0, 1.0)),
        ((TEXT, "1", ""), (TEXT, "2", ""), {}, None),
        ((TEXT, "1", ""), (TEXT, "", ""), {}, (0, 1.0)),
        ((TEXT, "", "a"), (TEXT, "", "a"), {}, (0, 1.0)),
        ((TEXT, "", "a"), (TEXT, "", "b"), {}, None),
        ((TEXT, "", ""), (f"{TEXT} 7", "", ""), {}, None),
        ((TEXT, "", ""), (f"{TEXT} 7", "", ""), {"numbers": "may_differ"}, (0, 0.9565)),
        ((f"{TEXT} one", "", ""), (f"{TEXT} 1", "", ""), {}, (0, 0.9167)),
        ((TEXT, "", ""), (TEXT.replace("apples", "pears"), "", ""), {}, None),
        ((TEXT, "", ""), (SO, "", ""), {}, (0, 0.9565)),
        ((TEXT, "", ""), (SO, "", ""), {"threshold": 22 / 23}, (0, 0.9565)),
        ((TEXT, "", ""), (SO, "", ""), {"threshold": 0.957}, None),
    ],
)
def test_rows_are_near_duplicates_if_all_that_is_compared_agrees(
    first: tuple[str, str, str], second: tuple[str, str, str], changes: dict[str, object], found: tuple[int, float] | None
) -> None:
    assert marked([first, second], **changes) == [None, found]


def test_only_rows_that_were_kept_and_share_a_group_are_compared() -> None:
    same = (TEXT, "", "")
    assert marked([same, ("x", "", ""), same]) == [None, None, None]
    assert marked([same, same, same]) == [None, (0, 1.0), None]
    assert marked([(TEXT, "1", ""), (TEXT, "2", ""), (TEXT, "2", "")]) == [None, None, (1, 1.0)]


@pytest.mark.parametrize(
    ("first", "second", "contradict"), [("12", "13", True), ("12", "", False), ("", "13", False), ("", "", False)]
)
def test_only_answers_that_are_there_contradict_each_other(first: str, second: str, *, contradict: bool) -> None:
    assert near_duplicates.contradict(first, second) is contradict


@pytest.mark.parametrize("bands", [0, 1, 3])
def test_signatures_of_another_number_of_bands_are_none(tmp_path: Path, bands: int) -> None:
    for band in range(bands):
        (tmp_path / "signatures" / f"bucket_{band:03d}").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="signatures"):
        near_duplicates.groups(tmp_path, PARAMS, [0], "rows")
